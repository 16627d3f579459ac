"""Who looks into a notice: taken once, for each item or for itself, kept through its procedure, and given back."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.errors import UserError
from bot.models import AnnouncementKind, AuditEntry, Notice, NoticeKind, Take, WatchItem
from bot.reference import AnnouncementKey
from bot.storage.custody import audit
from bot.storage.database import Database
from bot.storage.outbox import announcements
from bot.storage.watching import dismissals, takes, watchlist
from bot.watchlist.taking import Taking, give_back, offer, shown_on, take
from tests.empty_database import place_empty_database
from tests.factories import (
    CHANNEL,
    GUILD,
    OPERATIONS,
    START,
    SettableClock,
    add_hit,
    add_item,
    add_newsroom,
    add_notice,
    make_item,
    make_notice,
)

ZOE, OLGA = 71, 72
LATER = START + timedelta(hours=1)
TENDER = make_notice("26-1", procedure="p")
AWARD = make_notice("26-2", kind=NoticeKind.AWARD, procedure="p")


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    opened = await Database.open(place_empty_database(tmp_path / "vigie.sqlite3"), SettableClock())
    await add_newsroom(opened)
    await add_newsroom(opened, 20, channel=CHANNEL, operations=None)
    yield opened
    await opened.close()


async def announced(
    database: Database,
    notice: Notice = TENDER,
    items: Sequence[WatchItem] = (),
    *,
    channel: int = CHANNEL,
    follows: str | None = None,
    row: int | None = None,
) -> str:
    """Owe an announcement of a notice, stored before as `row` or now, with hits of items; return its code."""
    async with database.tx("test.announce") as connection:
        stored = row if row is not None else await add_notice(connection, notice)
        subject = f"{notice.source}:{notice.id}"
        key = AnnouncementKey(guild_id=GUILD, channel_id=channel, kind=AnnouncementKind.NOTICE, subject=subject)
        before = await announcements.by_code(connection, GUILD, follows) if follows is not None else None
        owed = await announcements.owe(
            connection, key, now=START, thing_id=stored, follows=before.id if before is not None else None
        )
        assert owed is not None
        for item in items:
            await announcements.link(connection, GUILD, owed, await add_hit(connection, item, notice, stored))
        return (await announcements.get(connection, GUILD, owed)).code


async def told(database: Database, code: str) -> tuple[list[tuple[str | None, int]], bool, int]:
    """Return what the card of an announcement says of who has it, whether all is taken, and how often it was remade."""
    async with database.read() as connection:
        announcement = await announcements.by_code(connection, GUILD, code)
        assert announcement is not None
        shown, is_taken = await shown_on(connection, announcement)
    return [(one.item, one.taken_by) for one in shown], is_taken, announcement.remade


async def is_elsewhere(database: Database, code: str) -> list[bool]:
    """Return of each take that a card shows whether it is for an item of another channel alone."""
    async with database.read() as connection:
        announcement = await announcements.by_code(connection, GUILD, code)
        assert announcement is not None
        return [one.is_elsewhere for one in (await shown_on(connection, announcement))[0]]


async def free(database: Database, code: str) -> list[str | None]:
    async with database.read() as connection:
        offered = await offer(connection, GUILD, code)
    return [item.name if item is not None else None for item in offered.free]


async def entries(database: Database) -> list[AuditEntry]:
    async with database.read() as connection:
        return (await audit.listed(connection, GUILD))[::-1]


def names(taking: Taking) -> list[str | None]:
    return [stored.item_name for stored in taking.taken]


async def test_the_notice_is_taken_for_the_item_and_the_card_is_made_anew(database: Database) -> None:
    item = await add_item(database)
    code = await announced(database, items=[item])
    taking = await take(database, GUILD, code, None, ZOE, LATER)
    assert [stored.take for stored in taking.taken] == [
        Take(id=1, guild_id=GUILD, notice_id=1, item_id=item.id, taken_by=ZOE, taken_at=LATER)
    ]
    assert await told(database, code) == ([(None, ZOE)], True, 1)


async def test_what_somebody_has_stays_theirs_and_nothing_is_made_anew(database: Database) -> None:
    code = await announced(database, items=[await add_item(database)])
    first = await take(database, GUILD, code, None, ZOE, LATER)
    for person in (ZOE, OLGA):
        again = await take(database, GUILD, code, None, person, LATER + timedelta(hours=1))
        assert again == Taking(taken=(), standing=first.taken)
    assert await told(database, code) == ([(None, ZOE)], True, 1)
    assert len(await entries(database)) == 1


async def test_of_several_items_one_is_taken_and_the_others_stay_free(database: Database) -> None:
    items = [await add_item(database, make_item(name)) for name in ("axon", "drone")]
    code = await announced(database, items=items)
    await take(database, GUILD, code, [items[1].id or 0], ZOE, LATER)
    assert await free(database, code) == ["axon"]
    assert await told(database, code) == ([("drone", ZOE)], False, 1)
    assert names(await take(database, GUILD, code, None, OLGA, LATER)) == ["axon"]
    assert await told(database, code) == ([("drone", ZOE), ("axon", OLGA)], True, 2)


async def test_an_item_that_the_notice_is_not_about_is_offered_only_where_no_other_is(database: Database) -> None:
    items = [await add_item(database, make_item(name)) for name in ("axon", "drone")]
    code = await announced(database, items=items)
    for item, left in zip(items, (["drone"], ["axon", "drone"]), strict=True):
        async with database.tx("test.dismiss") as connection:
            await dismissals.add(connection, GUILD, item.id or 0, 1, None, "Acquisition", OLGA, LATER)
        assert sorted(map(str, await free(database, code))) == left


async def test_what_no_item_names_is_taken_itself(database: Database) -> None:
    code = await announced(database)
    assert await free(database, code) == [None]
    assert names(await take(database, GUILD, code, None, ZOE, LATER)) == [None]
    assert await told(database, code) == ([(None, ZOE)], True, 1)
    assert await free(database, code) == []


async def test_who_took_a_notice_itself_has_it_for_the_items_that_its_award_brings(database: Database) -> None:
    await take(database, GUILD, await announced(database), None, ZOE, LATER)
    award = await announced(database, AWARD, [await add_item(database)])
    assert await free(database, award) == []


async def test_an_award_says_who_has_its_tender_in_every_channel(database: Database) -> None:
    item = await add_item(database)
    tender = await announced(database, items=[item])
    await take(database, GUILD, tender, None, ZOE, LATER)
    award = await announced(database, AWARD, follows=tender)
    elsewhere = await announced(database, AWARD, [item], channel=OPERATIONS, row=2)
    for code in (award, elsewhere):
        assert await told(database, code) == ([(None, ZOE)], True, 0)
    await give_back(database, GUILD, [1], ZOE, LATER)
    for code in (tender, award, elsewhere):
        shown, is_taken, remade = await told(database, code)
        assert (shown, is_taken, remade > 0) == ([], False, True)


async def test_a_card_without_hits_is_taken_for_the_items_of_the_one_that_it_continues(database: Database) -> None:
    item = await add_item(database)
    tender = await announced(database, items=[item])
    award = await announced(database, AWARD, follows=tender)
    assert names(await take(database, GUILD, award, None, ZOE, LATER)) == [item.name]
    assert await free(database, tender) == []


async def test_a_reminder_of_a_notice_shows_who_has_it_and_is_taken_as_its_notice_is(database: Database) -> None:
    item = await add_item(database)
    tender = await announced(database, items=[item])
    async with database.tx("test.remind") as connection:
        first = await announcements.by_code(connection, GUILD, tender)
        key = AnnouncementKey(
            guild_id=GUILD, channel_id=CHANNEL, kind=AnnouncementKind.DEADLINE, subject="1:2026-12-10"
        )
        owed = await announcements.owe(connection, key, now=START, follows=first.id if first is not None else None)
        reminder = (await announcements.get(connection, GUILD, owed or 0)).code
    assert names(await take(database, GUILD, reminder, None, ZOE, LATER)) == [item.name]
    for code in (tender, reminder):
        assert await told(database, code) == ([(None, ZOE)], True, 1)


async def test_the_twin_of_a_taken_notice_is_taken(database: Database) -> None:
    item = await add_item(database)
    await take(database, GUILD, await announced(database, items=[item]), None, ZOE, LATER)
    twin = await announced(database, replace(TENDER, id="T-1", procedure=None), [item], channel=OPERATIONS)
    assert (await told(database, twin))[0] == []
    async with database.tx("test.pair") as connection:
        await connection.run("UPDATE notice SET same_as = 1 WHERE id = 2")
    assert (await told(database, twin))[0] == [(None, ZOE)]


async def test_the_item_is_named_where_it_is_not_the_only_one_of_the_card(database: Database) -> None:
    items = [await add_item(database, make_item(name)) for name in ("axon", "drone")]
    await take(database, GUILD, await announced(database, items=items[:1]), None, ZOE, LATER)
    award = await announced(database, AWARD, items[1:])
    assert await told(database, award) == ([("axon", ZOE)], False, 0)


async def test_a_notice_of_no_procedure_stands_for_itself_alone(database: Database) -> None:
    item = await add_item(database)
    first = await announced(database, replace(TENDER, procedure=None), [item])
    other = await announced(database, replace(AWARD, procedure=None), [item])
    await take(database, GUILD, first, None, ZOE, LATER)
    assert await told(database, other) == ([], False, 0)


async def test_a_take_for_an_item_that_was_removed_stands_and_can_be_given_back(database: Database) -> None:
    item = await add_item(database)
    code = await announced(database, items=[item])
    await take(database, GUILD, code, None, ZOE, LATER)
    async with database.tx("test.remove") as connection:
        await watchlist.remove(connection, GUILD, item.id or 0, ZOE, LATER)
    assert (await told(database, code))[0] == [(item.name, ZOE)]
    assert [one.item_name for one in await give_back(database, GUILD, [1], ZOE, LATER)] == [item.name]
    assert await told(database, code) == ([], False, 2)


async def test_given_back_it_is_free_and_a_second_time_nothing_happens(database: Database) -> None:
    code = await announced(database, items=[await add_item(database)])
    await take(database, GUILD, code, None, ZOE, LATER)
    [ended] = await give_back(database, GUILD, [1], OLGA, LATER)
    assert ended.take.taken_by == ZOE
    assert await give_back(database, GUILD, [1], OLGA, LATER) == ()
    assert await told(database, code) == ([], False, 2)
    assert names(await take(database, GUILD, code, None, OLGA, LATER)) == ["caméra-piéton"]


async def test_the_audit_log_tells_who_took_what_and_who_gave_it_back(database: Database) -> None:
    code = await announced(database, items=[await add_item(database)])
    await take(database, GUILD, code, None, ZOE, LATER)
    await give_back(database, GUILD, [1], OLGA, LATER)
    told = {"notice": "gazette:26-1", "items": ["caméra-piéton"], "taken_by": [ZOE]}
    assert [(one.action, one.made_by, one.subject, one.detail) for one in await entries(database)] == [
        ("notice take", str(ZOE), "notice:1", told),
        ("notice release", str(OLGA), "notice:1", told),
    ]


async def test_another_newsrooms_code_and_take_are_nothing_here(database: Database) -> None:
    code = await announced(database, items=[await add_item(database)])
    await take(database, GUILD, code, None, ZOE, LATER)
    with pytest.raises(UserError) as refused:
        await take(database, 20, code, None, OLGA, LATER)
    assert refused.value.text == "mute-elsewhere"
    assert await give_back(database, 20, [1], OLGA, LATER) == ()
    async with database.read() as connection:
        assert await takes.standing(connection, 20, 1) == []
        assert await takes.find(connection, 20, 1) is None
        assert len(await takes.standing(connection, GUILD, 1)) == 1


async def test_a_card_names_no_item_that_its_channel_was_not_told_of(database: Database) -> None:
    secret, public = [await add_item(database, make_item(name)) for name in ("axon", "drone")]
    own = await announced(database, items=[secret], channel=OPERATIONS)
    shared = await announced(database, items=[public], row=1)
    await take(database, GUILD, own, None, ZOE, LATER)
    assert (await told(database, shared))[0] == [(None, ZOE)]
    assert (await told(database, own))[0] == [(None, ZOE)]
    assert [await is_elsewhere(database, code) for code in (shared, own)] == [[True], [False]]


async def test_a_card_names_the_item_of_another_message_of_its_channel(database: Database) -> None:
    first, second = [await add_item(database, make_item(name)) for name in ("axon", "drone")]
    await announced(database, TENDER, [first])
    award = await announced(database, AWARD, [second])
    await take(database, GUILD, award, None, ZOE, LATER)
    code = await announced(database, replace(AWARD, id="26-3"), [first])
    assert ("drone", ZOE) in (await told(database, code))[0]
