from __future__ import annotations

import asyncio

import pytest

from bot.loopback import PersonCannot, Platform
from bot.models import AnnouncementState
from bot.setting_up import ChannelPermission
from bot.storage import announcements, newsrooms
from cogs._sender import NEEDED
from tests.cogs.house import House, Room


async def test_the_first_setup_makes_a_newsroom_with_the_configured_defaults(house: House) -> None:
    room = house.guild()
    await room.administrator.slash("setup", room.desk)
    newsroom = await house.newsroom_row(room)
    assert newsroom is not None
    assert (newsroom.language, newsroom.timezone) == ("fr", "Europe/Paris")


async def test_setup_keeps_what_is_not_given(house: House, room: Room) -> None:
    before = await house.newsroom_row(room)
    await room.administrator.slash("setup", room.desk, language="en")
    after = await house.newsroom_row(room)
    assert before is not None
    assert after is not None
    assert after.language == "en"
    assert after.announcements_channel == before.announcements_channel == room.desk.id
    assert (after.reporter_role, after.editor_role) == (room.reporter_role.id, room.editor_role.id)


async def test_setup_shows_the_settings_in_private(room: Room) -> None:
    reply = await room.administrator.slash("setup", room.desk)
    assert reply.ephemeral
    for shown in (f"<#{room.desk.id}>", f"<#{room.operations.id}>", f"<@&{room.reporter_role.id}>", "Europe/Paris"):
        assert shown in reply.text


async def test_setup_says_what_is_missing(house: House) -> None:
    room = house.guild()
    reply = await room.administrator.slash("setup", room.desk)
    for command in ("/réglages annonces", "/réglages technique", "/réglages reporter"):
        assert command in reply.text


async def test_setup_has_nothing_left_to_say_once_all_is_there(room: Room) -> None:
    reply = await room.administrator.slash("setup", room.desk)
    assert "Il reste à faire" not in reply.text


async def test_setup_says_that_discord_is_no_place_for_the_identity_of_a_source(room: Room) -> None:
    reply = await room.administrator.slash("setup", room.desk)
    assert "l\u2019identité d\u2019une source" in reply.text


async def test_a_reply_is_in_the_language_of_the_person(room: Room) -> None:
    reply = await room.administrator.slash("setup", room.desk, locale="en-GB")
    assert "Settings of the newsroom" in reply.text


async def test_a_reply_is_in_the_newsrooms_language_for_a_person_of_another_one(room: Room) -> None:
    await room.administrator.slash("setup", room.desk, language="en")
    reply = await room.administrator.slash("setup", room.desk, locale="de")
    assert "Settings of the newsroom" in reply.text


@pytest.mark.parametrize("permission", ChannelPermission)
async def test_each_permission_that_the_bot_lacks_is_named(house: House, permission: ChannelPermission) -> None:
    room = house.guild()
    elsewhere = room.guild.add_channel("ailleurs")
    room.desk.deny_bot(permission.value)
    reply = await room.administrator.slash("setup", elsewhere, announcements=room.desk)
    words = {
        "view_channel": "Voir le salon",
        "send_messages": "Envoyer des messages",
        "embed_links": "Intégrer des liens",
        "read_message_history": "Voir les anciens messages",
    }
    assert words[permission.value] in reply.text
    newsroom = await house.newsroom_row(room)
    assert newsroom is not None
    assert newsroom.announcements_channel == room.desk.id


async def test_the_channel_of_the_command_is_judged_by_what_the_interaction_says(house: House) -> None:
    room = house.guild()
    room.desk.deny_bot("embed_links")
    reply = await room.administrator.slash("setup", room.desk, announcements=room.desk)
    assert "Intégrer des liens" in reply.text


async def test_a_channel_that_is_gone_is_named(room: Room) -> None:
    elsewhere = room.guild.add_channel("ailleurs")
    gone = room.desk.id
    room.desk.delete()
    reply = await room.administrator.slash("setup", elsewhere)
    assert f"<#{gone}> n\u2019existe plus" in reply.text


def test_what_setup_looks_for_is_what_the_sender_needs() -> None:
    assert all(getattr(NEEDED, permission) for permission in ChannelPermission)
    assert sum(1 for _, is_needed in NEEDED if is_needed) == len(ChannelPermission)


async def test_a_news_channel_can_be_chosen_and_a_forum_cannot(house: House) -> None:
    room = house.guild()
    news, forum = room.guild.add_channel("dépêches", kind=5), room.guild.add_channel("forum", kind=15)
    await room.administrator.slash("setup", room.desk, announcements=news)
    newsroom = await house.newsroom_row(room)
    assert newsroom is not None
    assert newsroom.announcements_channel == news.id
    with pytest.raises(PersonCannot):
        await room.administrator.slash("setup", room.desk, announcements=forum)


async def test_everyone_is_refused_as_a_role(house: House) -> None:
    room = house.guild()
    reply = await room.administrator.slash("setup", room.desk, reporter=room.guild.everyone)
    assert "tout le serveur" in reply.text
    assert await house.newsroom_row(room) is None


async def test_time_zones_are_proposed_by_city(room: Room) -> None:
    proposed = await room.administrator.autocomplete("setup", option="timezone", typed="new york", channel=room.desk)
    assert [choice.value for choice in proposed] == ["America/New_York"]


async def test_time_zones_are_never_proposed_more_than_25_at_a_time(room: Room) -> None:
    proposed = await room.administrator.autocomplete("setup", option="timezone", typed="america", channel=room.desk)
    assert len(proposed) == 25


async def test_a_typed_time_zone_is_read_whatever_its_case(house: House, room: Room) -> None:
    await room.administrator.slash("setup", room.desk, timezone="europe/BRUSSELS")
    newsroom = await house.newsroom_row(room)
    assert newsroom is not None
    assert newsroom.timezone == "Europe/Brussels"


async def test_an_unknown_time_zone_is_refused_and_changes_nothing(house: House, room: Room) -> None:
    reply = await room.administrator.slash("setup", room.desk, timezone="Mars/Olympus", language="en")
    assert "Mars/Olympus" in reply.text
    newsroom = await house.newsroom_row(room)
    assert newsroom is not None
    assert (newsroom.timezone, newsroom.language) == ("Europe/Paris", "fr")


async def test_what_the_former_channel_does_not_have_goes_to_the_new_one(house: House, room: Room) -> None:
    room.desk.deny_bot("send_messages")
    item = await house.follow(room, kind="keyword", name="caméra-piéton")
    with pytest.raises(TimeoutError):
        await _announced_within(house, room, item, timeout=0.3)
    elsewhere = room.guild.add_channel("ailleurs")
    await room.administrator.slash("setup", elsewhere, announcements=elsewhere)
    message = await elsewhere.wait_for(lambda message: "Caméras-piétons" in str(message.embeds))
    assert message is not None


async def test_a_parked_channel_that_is_given_again_is_tried_again(
    house: House, room: Room, platform: Platform
) -> None:
    del platform
    room.desk.deny_bot("send_messages")
    item = await house.follow(room, kind="keyword", name="caméra-piéton")
    with pytest.raises(TimeoutError):
        await _announced_within(house, room, item, timeout=0.3)
    async with house.app.database.read() as connection:
        assert room.desk.id in await newsrooms.parked(connection, room.guild.id)
    room.desk.overwrites = []  # without an event: only the command can tell
    await room.administrator.slash("setup", room.desk, announcements=room.desk)
    await room.desk.wait_for(lambda message: "Caméras-piétons" in str(message.embeds))
    async with house.app.database.read() as connection:
        announcement = await announcements.get(connection, room.guild.id, house.announced)
    assert announcement.state in {AnnouncementState.SENT, AnnouncementState.SENDING}


async def _announced_within(house: House, room: Room, item: object, timeout: float) -> None:  # noqa: ASYNC109
    async with asyncio.timeout(timeout):
        await house.announce(room, [item])  # type: ignore[list-item]
