from __future__ import annotations

from types import SimpleNamespace

import discord
import pytest

from bot.cards import Card, CardKind
from bot.delivery import (
    DeliveryError,
    IsForumError,
    MessageGoneError,
    RefusedError,
    ThreadClosedError,
    ThreadForbiddenError,
    ThreadsFullError,
    TooManyRequestsError,
    UnreachableError,
    UnreadYetError,
)
from bot.loopback import Channel
from bot.storage.outbox.announcements import Place
from cogs._endings import WRONG_KIND_OF_CHANNEL
from cogs._sender import DiscordSender
from tests.cogs.house import House, Room


async def test_what_is_sent_while_the_client_leaves_is_in_doubt(house: House, room: Room) -> None:
    sender = DiscordSender(house.client)
    await house.client.close()
    with pytest.raises(DeliveryError) as ended:
        await sender.send(Place(room.guild.id, room.desk.id), Card(kind=CardKind.OPERATIONS, title="x"), "n" * 25)
    assert type(ended.value) is DeliveryError


async def test_a_runtime_error_of_ours_is_not_taken_for_a_closed_session(
    house: House, room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object, **__: object) -> None:
        raise RuntimeError("ours")

    monkeypatch.setattr("discord.abc.Messageable.send", broken)
    with pytest.raises(RuntimeError, match="ours"):
        await DiscordSender(house.client).send(
            Place(room.guild.id, room.desk.id), Card(kind=CardKind.OPERATIONS, title="x"), "n" * 25
        )


async def test_a_private_channel_where_nothing_stands_is_read_as_empty(house: House, room: Room) -> None:
    sender = DiscordSender(house.client)
    channel_id = await sender.open_private(room.reporter.id)
    assert await sender.find(Place(room.guild.id, channel_id), "A7K3-92QF", 0) is None


async def test_what_stands_in_a_private_channel_is_found_by_its_code(house: House, room: Room) -> None:
    sender = DiscordSender(house.client)
    place = Place(room.guild.id, await sender.open_private(room.reporter.id))
    sent = await sender.send(place, Card(kind=CardKind.REMINDER, title="x", footer="réf. A7K3-92QF"), "n" * 25)
    assert await sender.find(place, "A7K3-92QF", 0) == sent


async def test_closed_messages_are_a_channel_that_is_forbidden(house: House, room: Room) -> None:
    sender = DiscordSender(house.client)
    place = Place(room.guild.id, await sender.open_private(room.reporter.id))
    room.reporter.refuse_private()
    with pytest.raises(UnreachableError, match="forbidden"):
        await sender.send(place, Card(kind=CardKind.REMINDER, title="x"), "n" * 25)


async def test_what_somebody_is_in_a_guild_is_asked_of_discord(house: House, room: Room) -> None:
    sender = DiscordSender(house.client)
    editor = await sender.membership(room.guild.id, room.editor.id)
    assert editor is not None
    assert (room.editor_role.id in editor.role_ids, editor.is_administrator) == (True, False)
    room.guild.remove_member(room.editor)
    assert await sender.membership(room.guild.id, room.editor.id) is None


async def test_a_guild_that_is_gone_says_nothing_of_its_members(house: House, room: Room) -> None:
    house.platform.uninstall(room.guild)
    with pytest.raises(UnreachableError):
        await DiscordSender(house.client).membership(room.guild.id, room.editor.id)


CODE = "A7K3-92QF"
CARD = Card(kind=CardKind.OPERATIONS, title="Caméras", footer=f"réf. {CODE}")
NONCE = "n" * 25
CREATION = "/channels/{channel_id}/threads"


@pytest.fixture
def forum(room: Room) -> Channel:
    return room.guild.add_channel("dossiers", kind=15)


def in_(channel: Channel) -> Place:
    return Place(channel.guild.id if channel.guild else 0, channel.id)


async def test_a_post_is_made_with_its_name_and_its_card(house: House, forum: Channel) -> None:
    post = await DiscordSender(house.client).create_post(in_(forum), "Marché · Caméras", CARD)
    (thread,) = forum.threads
    assert (thread.id, thread.name, thread.last().id) == (post, "Marché · Caméras", post)
    assert thread.last().embeds[0]["title"] == "Caméras"


@pytest.mark.parametrize(
    "kind", ["500_after", "502_html_after", "504_after", "524_after", "503_after", "close_after", "cut_after"]
)
async def test_a_post_whose_answer_is_lost_is_asked_for_once_only(
    house: House, forum: Channel, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def at_once(_: float) -> None: ...

    house.platform.faults.once(kind=kind, method="POST", path=CREATION)
    monkeypatch.setattr("discord.http.asyncio.sleep", at_once)
    sender = DiscordSender(house.client)
    with pytest.raises(DeliveryError) as ended:
        await sender.create_post(in_(forum), "x", CARD)
    assert type(ended.value) is DeliveryError
    assert await sender.find_post(in_(forum), CODE, 0) == forum.threads[0].id
    assert len(forum.threads) == 1


async def test_a_post_is_found_once_it_was_archived_and_among_others(house: House, forum: Channel) -> None:
    sender = DiscordSender(house.client)
    post = await sender.create_post(in_(forum), "x", CARD)
    later = await sender.create_post(
        in_(forum), "y", Card(kind=CardKind.OPERATIONS, title="y", footer="réf. ZZZZ-ZZZZ")
    )
    forum.threads[0].archive()
    assert await sender.find_post(in_(forum), CODE, 0) == post
    assert await sender.find_post(in_(forum), CODE, post) is None
    assert await sender.find_post(in_(forum), "ZZZZ-ZZZZ", 0) == later


async def test_a_post_of_somebody_else_is_not_ours_whatever_it_says(house: House, forum: Channel) -> None:
    sender = DiscordSender(house.client)
    await sender.create_post(in_(forum), "x", CARD)
    forum.threads[0].owner_id = 7
    assert await sender.find_post(in_(forum), CODE, 0) is None


async def test_many_posts_are_looked_through_part_by_part(
    house: House, forum: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cogs._sender.POSTS_A_LOOK", 2)
    sender = DiscordSender(house.client)
    posts = [await sender.create_post(in_(forum), "x", Card(kind=CardKind.OPERATIONS, title="x")) for _ in range(3)]
    wanted = await sender.create_post(in_(forum), "x", CARD)
    with pytest.raises(UnreadYetError) as part:
        await sender.find_post(in_(forum), CODE, 0)
    assert part.value.reached == posts[1]
    assert await sender.find_post(in_(forum), CODE, part.value.reached) == wanted


async def test_posts_that_may_not_be_read_are_not_taken_for_missing(house: House, forum: Channel) -> None:
    sender = DiscordSender(house.client)
    await sender.create_post(in_(forum), "x", CARD)
    forum.deny_bot("read_message_history")
    with pytest.raises(UnreachableError, match="forbidden"):
        await sender.find_post(in_(forum), CODE, 0)


async def test_a_thread_is_opened_once_however_often_it_is_asked_for(house: House, room: Room) -> None:
    sender = DiscordSender(house.client)
    first = await sender.send(in_(room.desk), CARD, NONCE)
    await sender.open_thread(in_(room.desk), first, "x")
    await sender.open_thread(in_(room.desk), first, "y")
    assert [(thread.id, thread.name) for thread in room.desk.threads] == [(first, "x")]


async def test_a_message_of_a_thread_is_sent_found_edited_and_deleted_there(house: House, room: Room) -> None:
    sender, place = DiscordSender(house.client), in_(room.desk)
    thread = await sender.send(place, Card(kind=CardKind.OPERATIONS, title="x"), NONCE)
    await sender.open_thread(place, thread, "x")
    sent = await sender.send(place, CARD, "m" * 25, thread=thread)
    assert await sender.find(place, CODE, 0, thread=thread) == sent
    assert await sender.find(place, CODE, 0) is None
    assert (await sender.seen(place, 0, 1 << 62, thread=thread)).codes == {CODE: sent}
    assert await sender.threads(place, thread) == [thread]
    assert await sender.threads(place, sent) == []
    (opened,) = room.desk.threads
    opened.archive()
    await sender.edit(place, sent, Card(kind=CardKind.OPERATIONS, title="y"), thread=thread)
    assert opened.last().embeds[0]["title"] == "y"
    await sender.delete(place, sent, thread=thread)
    assert opened.messages == []


@pytest.mark.parametrize("what", ["deleted", "locked", "archived and locked"])
async def test_a_thread_that_is_closed_says_so_and_its_channel_is_none_the_worse(
    house: House, room: Room, what: str
) -> None:
    sender, place = DiscordSender(house.client), in_(room.desk)
    thread = await sender.send(place, CARD, NONCE)
    await sender.open_thread(place, thread, "x")
    sent = await sender.send(place, CARD, "m" * 25, thread=thread)
    (opened,) = room.desk.threads
    if what == "deleted":
        opened.delete()
    elif what == "locked":
        opened.lock()
    else:
        opened.archive(lock=True)
    with pytest.raises(ThreadClosedError):
        await sender.send(place, CARD, "o" * 25, thread=thread)
    if what != "locked":
        with pytest.raises(MessageGoneError if what == "deleted" else RefusedError):
            await sender.edit(place, sent, CARD, thread=thread)
    if what == "deleted":
        with pytest.raises(ThreadClosedError):
            await sender.find(place, CODE, 0, thread=thread)


async def test_a_message_that_is_gone_gets_no_thread(house: House, room: Room) -> None:
    with pytest.raises(ThreadClosedError):
        await DiscordSender(house.client).open_thread(in_(room.desk), 7, "x")


async def test_threads_that_are_forbidden_are_no_forbidden_channel(house: House, room: Room) -> None:
    sender, place = DiscordSender(house.client), in_(room.desk)
    thread = await sender.send(place, CARD, NONCE)
    room.desk.deny_bot("create_public_threads", "send_messages_in_threads")
    with pytest.raises(ThreadForbiddenError):
        await sender.open_thread(place, thread, "x")
    room.desk.allow_bot("create_public_threads")
    await sender.open_thread(place, thread, "x")
    with pytest.raises(ThreadForbiddenError):
        await sender.send(place, CARD, "m" * 25, thread=thread)


async def test_a_forum_where_posts_are_forbidden_or_want_a_tag_says_so(house: House, forum: Channel) -> None:
    forum.flags = 1 << 4
    with pytest.raises(ThreadForbiddenError):
        await DiscordSender(house.client).create_post(in_(forum), "x", CARD)
    forum.deny_bot("send_messages")
    with pytest.raises(ThreadForbiddenError):
        await DiscordSender(house.client).create_post(in_(forum), "x", CARD)


async def test_a_forum_is_found_out_by_what_it_does_not_take(house: House, forum: Channel) -> None:
    sender = DiscordSender(house.client)
    with pytest.raises(IsForumError):
        await sender.send(in_(forum), CARD, NONCE)
    assert await sender.find(in_(forum), CODE, 0) is None


async def test_a_post_that_has_to_wait_was_not_made_and_says_for_how_long(house: House, forum: Channel) -> None:
    house.platform.faults.once(kind="429_user", method="POST", path=CREATION, seconds=7)
    with pytest.raises(TooManyRequestsError) as ended:
        await DiscordSender(house.client).create_post(in_(forum), "x", CARD)
    assert (ended.value.retry_after_s, forum.threads) == (7, [])


async def test_a_post_is_made_once_the_whole_bot_has_waited(house: House, forum: Channel) -> None:
    house.platform.faults.once(kind="429_global", method="POST", path=CREATION, seconds=0.01)
    await DiscordSender(house.client).create_post(in_(forum), "x", CARD)
    assert len(forum.threads) == 1


async def test_a_server_with_too_many_open_threads_says_so_whatever_is_asked(house: House, forum: Channel) -> None:
    sender = DiscordSender(house.client)
    post = await sender.create_post(in_(forum), "x", CARD)
    forum.threads[0].archive()
    house.platform.most_threads = 0
    with pytest.raises(ThreadsFullError):
        await sender.create_post(in_(forum), "x", CARD)
    with pytest.raises(ThreadsFullError):
        await sender.send(in_(forum), CARD, NONCE, thread=post)
    with pytest.raises(ThreadsFullError):
        await sender.edit(in_(forum), post, CARD, thread=post)
    with pytest.raises(ThreadsFullError):
        await sender.delete(in_(forum), post, thread=post)


async def test_a_thread_beyond_the_most_is_not_opened(house: House, room: Room) -> None:
    sender = DiscordSender(house.client)
    message = await sender.send(in_(room.desk), CARD, NONCE)
    house.platform.most_threads = 0
    with pytest.raises(ThreadsFullError):
        await sender.open_thread(in_(room.desk), message, "x")


async def test_a_message_of_an_archived_thread_is_deleted(house: House, room: Room) -> None:
    sender, place = DiscordSender(house.client), in_(room.desk)
    thread = await sender.send(place, CARD, NONCE)
    await sender.open_thread(place, thread, "x")
    sent = await sender.send(place, CARD, "m" * 25, thread=thread)
    (opened,) = room.desk.threads
    opened.archive()
    await sender.delete(place, sent, thread=thread)
    assert opened.messages == []


async def test_a_channel_that_says_that_it_is_a_forum_holds_no_message_that_is_looked_for(
    house: House, forum: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refused(*_: object) -> None:
        answer = SimpleNamespace(status=400, reason="Bad Request")
        raise discord.HTTPException(answer, {"code": WRONG_KIND_OF_CHANNEL, "message": "x"})  # type: ignore[arg-type]

    monkeypatch.setattr(DiscordSender, "_search", refused)
    assert await DiscordSender(house.client).find(in_(forum), CODE, 0) is None
