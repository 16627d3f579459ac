"""*Take it* under an announcement: which item, who has it, and how it is given back, by whom."""

from __future__ import annotations

import asyncio
import dataclasses
from pathlib import Path

import pytest

from bot.loopback import Member, Message, Platform
from bot.loopback.channels import PUBLIC_THREAD
from bot.loopback.replies import text_of
from bot.models import ItemKind, Notice, NoticeKind, WatchItem
from bot.storage.watching import takes, watchlist
from bot.storage.watching.takes import StoredTake
from tests.cogs.house import House, Room, settings_of, shown

TAKE, GIVE_BACK = "Je prends", "Rendre"


@pytest.fixture
async def item(house: House, room: Room) -> WatchItem:
    return await house.follow(room, kind=ItemKind.KEYWORD, name="caméra-piéton")


@pytest.fixture
def other(room: Room) -> Member:
    return room.guild.add_member("Zoé", roles=[room.reporter_role])


async def standing(house: House, room: Room, notice_row: int = 1) -> list[StoredTake]:
    async with house.app.database.read() as connection:
        return await takes.standing(connection, room.guild.id, notice_row)


async def taken(room: Room, message: Message, by: Member | None = None) -> Message:
    """Take what a message tells of, and return it once it shows that."""
    await (by or room.reporter).click(message, label=TAKE)
    return await shown(room.desk, "Pris par", str((by or room.reporter).id))


def labels(message: Message) -> list[str]:
    return [button["label"] for row in message.components for button in row["components"]]


async def test_taken_at_once_the_message_names_who_has_it_and_calls_nobody(
    house: House, room: Room, item: WatchItem
) -> None:
    message = await house.announce(room, [item])
    assert labels(message) == ["Noter comme fait", TAKE, "Ce n\u2019est pas ça", "Mettre en sourdine"]
    reply = await room.reporter.click(message, label=TAKE)
    assert reply.ephemeral
    assert "C\u2019est à vous" in reply.text
    assert reply.buttons == ["Rendre\u00a0: caméra-piéton"]
    seen = await shown(room.desk, f"Pris par** <@{room.reporter.id}>")
    assert seen.id == message.id
    assert labels(seen)[1] == GIVE_BACK
    assert not seen.content


async def test_who_presses_a_taken_one_reads_who_has_it_and_since_when(
    house: House, room: Room, item: WatchItem, other: Member
) -> None:
    message = await house.announce(room, [item])
    custom_id = _take_id(message)
    await taken(room, message)
    reply = await other.click(_with_button(message, custom_id), custom_id=custom_id)
    assert f"<@{room.reporter.id}> a **caméra-piéton**, depuis le" in reply.text
    assert reply.buttons == []
    assert len(await standing(house, room)) == 1


async def test_pressed_twice_by_the_same_person_it_is_taken_once_and_kept(
    house: House, room: Room, item: WatchItem
) -> None:
    message = await house.announce(room, [item])
    replies = await asyncio.gather(*(room.reporter.click(message, custom_id=_take_id(message)) for _ in range(2)))
    assert sorted("déjà" in reply.text for reply in replies) == [False, True]
    assert len(await standing(house, room)) == 1


async def test_two_people_who_press_at_once_it_is_the_first_ones(
    house: House, room: Room, item: WatchItem, other: Member
) -> None:
    message = await house.announce(room, [item])
    replies = await asyncio.gather(*(one.click(message, custom_id=_take_id(message)) for one in (room.reporter, other)))
    assert sorted("C\u2019est à vous" in reply.text for reply in replies) == [False, True]
    assert len(await standing(house, room)) == 1


async def test_another_reporter_cannot_give_it_back_and_reads_whom_to_ask(
    house: House, room: Room, item: WatchItem, other: Member
) -> None:
    message = await house.announce(room, [item])
    seen = await taken(room, message)
    reply = await other.click(seen, label=GIVE_BACK)
    assert "demandez-lui, ou demandez à la rédaction en chef" in reply.text
    assert f"<@{room.reporter.id}> l\u2019a, depuis le" in reply.text
    assert len(await standing(house, room)) == 1


@pytest.mark.parametrize("who", ["reporter", "editor"])
async def test_the_one_who_has_it_and_an_editor_give_it_back(
    house: House, room: Room, item: WatchItem, who: str
) -> None:
    message = await house.announce(room, [item])
    before = text_of(message)
    seen = await taken(room, message)
    person: Member = getattr(room, who)
    reply = await person.click(seen, label=GIVE_BACK)
    assert "C\u2019est rendu" in reply.text
    free = await room.desk.wait_for(lambda one: text_of(one) == before)
    assert labels(free)[1] == TAKE
    late = f"give-{_take_id(free).replace('take', 'back')}"
    assert "rien à rendre" in (await person.click(_with_button(free, late), custom_id=late)).text
    assert await standing(house, room) == []


async def test_an_editor_gives_back_in_the_reply_that_says_who_has_it(
    house: House, room: Room, item: WatchItem
) -> None:
    message = await house.announce(room, [item])
    custom_id = _take_id(message)
    await taken(room, message)
    old = _with_button(message, custom_id)
    reply, again = [await room.editor.click(old, custom_id=custom_id) for _ in range(2)]
    given = await room.editor.click(reply, label="Rendre\u00a0: caméra-piéton")
    assert "C\u2019est rendu\u00a0: **caméra-piéton**" in given.text
    assert given.buttons == []
    assert "déjà rendu" in (await room.editor.click(again, label="Rendre\u00a0: caméra-piéton")).text


async def test_with_several_items_it_first_asks_which_with_all_of_them_first(
    house: House, room: Room, item: WatchItem, other: Member
) -> None:
    drone = await house.follow(room, kind=ItemKind.KEYWORD, name="drone")
    message = await house.announce(room, [item, drone])
    asked = await room.reporter.click(message, label=TAKE)
    select = asked.components[0]["components"][0]
    assert [option["label"] for option in select["options"]] == ["Tous ces éléments", "caméra-piéton", "drone"]
    await room.reporter.select(asked, select["custom_id"], ["drone"])
    seen = await shown(room.desk, "Pris par", "drone")
    assert labels(seen)[1] == TAKE
    reply = await other.click(seen, label=TAKE)
    assert "C\u2019est à vous\u00a0: **caméra-piéton**" in reply.text
    assert f"<@{room.reporter.id}> a **drone**" in reply.text
    seen = await shown(room.desk, str(other.id), str(room.reporter.id))
    assert labels(seen)[1] == GIVE_BACK


async def test_all_of_them_are_taken_and_some_given_back(house: House, room: Room, item: WatchItem) -> None:
    drone = await house.follow(room, kind=ItemKind.KEYWORD, name="drone")
    message = await house.announce(room, [item, drone])
    asked = await room.reporter.click(message, label=TAKE)
    await room.reporter.select(asked, asked.components[0]["components"][0]["custom_id"], ["Tous ces éléments"])
    seen = await shown(room.desk, "Pris par", "caméra-piéton et drone")
    asked = await room.reporter.click(seen, label=GIVE_BACK)
    select = asked.components[0]["components"][0]
    assert [option["label"] for option in select["options"]] == ["Tout", "caméra-piéton", "drone"]
    reply = await room.reporter.select(asked, select["custom_id"], ["drone"])
    assert "C\u2019est rendu\u00a0: **drone**" in reply.text
    [left] = await standing(house, room)
    assert left.item_name == "caméra-piéton"


async def test_an_editor_who_gives_back_reads_whose_each_is(
    house: House, room: Room, item: WatchItem, other: Member
) -> None:
    message = await house.announce(room, [item, await house.follow(room, kind=ItemKind.KEYWORD, name="lapi")])
    asked = await room.reporter.click(message, label=TAKE)
    await room.reporter.select(asked, asked.components[0]["components"][0]["custom_id"], ["lapi"])
    await other.click(await shown(room.desk, "Pris par", "lapi"), label=TAKE)
    listed = await room.editor.click(await shown(room.desk, str(other.id), str(room.reporter.id)), label=GIVE_BACK)
    assert f"<@{room.reporter.id}> a **lapi**, depuis le" in listed.text
    assert f"<@{other.id}> a **caméra-piéton**, depuis le" in listed.text
    assert listed.text.endswith("Que rendez-vous\u202f?")


async def test_the_award_says_who_has_the_tender_and_what_no_item_names_is_taken_itself(
    house: House, room: Room, item: WatchItem, other: Member
) -> None:
    tender = Notice(id="26-1", source="boamp", title="Caméras", text="", kind=NoticeKind.TENDER, procedure="p")
    message = await house.announce(room, [item], notice=tender)
    await taken(room, message)
    award = Notice(id="26-2", source="boamp", title="Attribution", text="", kind=NoticeKind.AWARD, procedure="p")
    seen = await house.announce(room, [], notice=award, follows=house.announced)
    assert f"Pris par** <@{room.reporter.id}>" in text_of(seen)
    alone = Notice(id="26-3", source="boamp", title="Autre marché", text="", procedure="q")
    nobodys = await house.announce(room, [], notice=alone)
    reply = await other.click(nobodys, label=TAKE)
    assert reply.buttons == [GIVE_BACK]
    [took] = await standing(house, room, 3)
    assert took.take.item_id is None


async def test_what_is_taken_is_told_by_the_item_and_by_why(house: House, room: Room, item: WatchItem) -> None:
    message = await house.announce(room, [item])
    before = (await room.reporter.slash("watch show", room.desk, item="1")).text
    assert "Pris" not in before
    await taken(room, message)
    by = f"par <@{room.reporter.id}>"
    told = (await room.editor.slash("watch show", room.desk, item="1")).text
    assert f"Pris en ce moment\u00a0:\n- **Caméras-piétons** · pris {by} depuis le" in told
    why = (await room.editor.slash("why", room.desk, notice="boamp:26-1")).text
    assert f"Pris {by} pour **caméra-piéton** depuis le" in why
    entries = (await room.editor.slash("audit list", room.desk)).text
    assert f"<@{room.reporter.id}> a pris un avis · avis boamp:26-1" in entries
    await room.editor.click(message, label=GIVE_BACK)
    assert (await room.reporter.slash("watch show", room.desk, item="1")).text == before


async def test_each_step_works_after_a_restart_before_anything_is_sent(platform: Platform, tmp_path: Path) -> None:
    house = House(platform, settings_of(tmp_path))
    async with house.running():
        room = await house.newsroom(house.guild())
        items = [await house.follow(room, kind=ItemKind.KEYWORD, name=name) for name in ("axon", "drone")]
        message = await house.announce(room, items)
    code = _take_id(message).partition(":")[2]
    async with House(platform, settings_of(tmp_path)).running(delivers=False):
        asked = await room.reporter.click(message, label=TAKE)
    async with House(platform, settings_of(tmp_path)).running(delivers=False):
        await room.reporter.select(asked, f"take-which:{code}", ["Tous ces éléments"])
    house = House(platform, settings_of(tmp_path))
    async with house.running():
        seen = await shown(room.desk, "Pris par")
        await house.noted(1)
    async with House(platform, settings_of(tmp_path)).running(delivers=False):
        asked = await room.editor.click(seen, label=GIVE_BACK)
    async with House(platform, settings_of(tmp_path)).running(delivers=False) as house:
        reply = await room.editor.select(asked, f"give-back-which:{code}", ["Tout"])
        assert "axon et drone" in reply.text
        assert await standing(house, room) == []


async def test_it_works_in_a_thread_and_on_a_message_whose_item_was_removed(
    house: House, room: Room, item: WatchItem
) -> None:
    message = await house.announce(room, [item])
    thread = room.guild.add_channel("fil", kind=PUBLIC_THREAD, parent=room.desk)
    await room.reporter.click(dataclasses.replace(message, channel_id=thread.id), label=TAKE)
    seen = await shown(room.desk, "Pris par", str(room.reporter.id))
    async with house.app.database.tx("test") as connection:
        await watchlist.remove(connection, room.guild.id, item.id or 0, 7, house.clock.now())
    assert "C\u2019est rendu" in (await room.reporter.click(seen, label=GIVE_BACK)).text


async def test_nobody_without_a_role_and_no_other_newsroom_takes_or_gives_back(
    house: House, room: Room, item: WatchItem
) -> None:
    message = await house.announce(room, [item])
    assert "rôle de la rédaction" in (await room.stranger.click(message, label=TAKE)).text
    seen = await taken(room, message)
    theirs = await house.newsroom(house.guild("L\u2019Autre"))
    own = await house.follow(theirs, kind=ItemKind.KEYWORD, name="drone")
    copied = await house.announce(theirs, [own], notice_id="26-9")
    code = str(seen.embeds[0]["footer"]["text"]).rsplit(maxsplit=1)[-1]
    for custom_id in (f"take:{code}", f"give-back:{code}", "give-take-back:1"):
        reply = await theirs.editor.click(_with_button(copied, custom_id), custom_id=custom_id)
        assert "n\u2019est pas de cette rédaction" in reply.text, custom_id
    room.reporter.roles.clear()
    assert "rôle de la rédaction" in (await room.reporter.click(seen, label=GIVE_BACK)).text
    assert len(await standing(house, room)) == 1


def _take_id(message: Message) -> str:
    """Return the custom_id of the button that takes."""
    custom_id: str = message.components[0]["components"][1]["custom_id"]
    return custom_id


def _with_button(message: Message, custom_id: str) -> Message:
    """Return a message with that button in the place of the one that it has, as somebody still sees it."""
    message.components[0]["components"][1]["custom_id"] = custom_id
    return message
