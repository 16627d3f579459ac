"""What was dismissed for an item, what that holds back, and what becomes of the outbox."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.matching import Standing
from bot.models import AnnouncementState, Dismissal, Held, InDigest, Precision, Tier, WatchItem
from bot.reference import AnnouncementKey
from bot.storage.archive import notices
from bot.storage.database import Connection, Database
from bot.storage.digesting import digest_hits
from bot.storage.outbox import announcements, sending
from bot.storage.outbox.announcements import AnnouncementKind
from bot.storage.watching import dismissals, dismissed_news, hits
from bot.storage.watching.hits import HitFilter
from tests.factories import (
    CHANNEL,
    GUILD,
    START,
    add_hit,
    add_item,
    add_newsroom,
    add_notice,
    make_hit,
    make_item,
    make_notice,
    owed_to_digest,
    place_of,
)

THERE, THERE_CHANNEL = 3001, 4001
COPCO, SUD = "atlas copco", "atlas sud"


@pytest.fixture
async def item(database: Database) -> WatchItem:
    await add_newsroom(database)
    return await add_item(database, make_item("Atlas"))


async def hit_in(
    connection: Connection,
    item: WatchItem,
    keys: Sequence[str],
    notice_id: str = "26-1",
    *,
    held: Held | None = None,
    **said: Any,
) -> int:
    """Store a notice with a hit that stands in these organisations, the best one first; return our id of the hit."""
    notice = make_notice(notice_id, **said)
    found = make_hit(item, notice)
    standings = [Standing(key, key.title(), replace(found, start=n, end=n + 3)) for n, key in enumerate(keys)]
    row = await add_notice(connection, notice)
    return await hits.add(
        connection, item.guild_id, found, notice_row=row, revision=1, held=held, in_digest=owed_to_digest(held),
        now=START, standings=standings,
    )  # fmt: skip


async def dismissed(
    connection: Connection, item: WatchItem, key: str | None, notice_row: int = 1, by: int = 7
) -> Dismissal | None:
    return await dismissals.add(connection, item.guild_id, item.id or 0, notice_row, key, "Atlas Copco", by, START)


async def is_dismissed(connection: Connection, row: int, guild_id: int = GUILD) -> bool:
    stored = await hits.find(connection, guild_id, row)
    assert stored is not None
    return stored.dismissed is not None


@pytest.mark.parametrize(
    ("keys", "said", "expected"),
    [
        ([COPCO], [COPCO], True),
        ([COPCO], [SUD], False),
        ([COPCO, SUD], [COPCO], False),
        ([COPCO, SUD], [COPCO, SUD], True),
        ([COPCO, ""], [COPCO], False),
        ([""], [COPCO], False),
    ],
)
async def test_a_hit_is_dismissed_once_every_organisation_that_it_stands_in_is(
    database: Database, item: WatchItem, keys: list[str], said: list[str], *, expected: bool
) -> None:
    async with database.tx("test.say") as connection:
        row = await hit_in(connection, item, keys)
        for key in said:
            await dismissed(connection, item, key)
        assert await is_dismissed(connection, row) is expected


async def test_a_hit_of_before_of_which_nobody_knows_where_it_stands_is_not_dismissed_by_a_name(
    database: Database, item: WatchItem
) -> None:
    async with database.tx("test.say") as connection:
        notice = make_notice()
        row = await add_hit(connection, item, notice, await add_notice(connection, notice))
        await dismissed(connection, item, COPCO)
        assert not await is_dismissed(connection, row)


async def test_a_series_is_the_procedure_of_its_notice_whenever_that_became_known(
    database: Database, item: WatchItem
) -> None:
    async with database.tx("test.say") as connection:
        orphan = await hit_in(connection, item, [""], "26-1", procedure="gazette:26-0")
        await dismissed(connection, item, None)
        parent = await hit_in(connection, item, [""], "26-0", procedure="p-7")
        other = await hit_in(connection, item, [""], "26-9", procedure="p-9")
        before = [await is_dismissed(connection, row) for row in (orphan, parent, other)]
        await notices.adopt(connection, "gazette:26-0", "p-7")
        after = [await is_dismissed(connection, row) for row in (orphan, parent, other)]
    assert (before, after) == ([True, False, False], [True, True, False])


async def test_a_notice_without_procedure_is_a_series_of_its_own(database: Database, item: WatchItem) -> None:
    async with database.tx("test.say") as connection:
        rows = [await hit_in(connection, item, [""], f"26-{n}", procedure=None) for n in (1, 2)]
        await dismissed(connection, item, None)
        assert [await is_dismissed(connection, row) for row in rows] == [True, False]


async def test_what_is_dismissed_for_one_item_or_newsroom_is_not_for_another(
    database: Database, item: WatchItem
) -> None:
    await add_newsroom(database, THERE, channel=THERE_CHANNEL)
    second = await add_item(database, make_item("Drone"))
    there = await add_item(database, make_item("Atlas", guild_id=THERE))
    async with database.tx("test.say") as connection:
        mine = await hit_in(connection, item, [COPCO])
        said = await dismissed(connection, item, COPCO)
        assert said is not None
        notice, rows = make_notice(), []
        for other in (second, there):
            found = make_hit(other, notice)
            standings = [Standing(COPCO, "Atlas Copco", found)]
            rows.append(
                await hits.add(
                    connection, other.guild_id, found, notice_row=1, revision=1, held=None, in_digest=InDigest.DUE,
                    now=START, standings=standings,
                )
            )  # fmt: skip
        assert await is_dismissed(connection, mine)
        assert not await is_dismissed(connection, rows[0])
        assert not await is_dismissed(connection, rows[1], THERE)
        assert await dismissals.find(connection, THERE, said.id) is None
        assert not await dismissals.undo(connection, THERE, said.id, 7, START)
        assert await dismissals.listed(connection, THERE, item.id or 0, 10) == []
        assert await dismissals.passed_over(connection, THERE, [item.id or 0], 1) == {}


@pytest.mark.parametrize("key", [COPCO, None])
async def test_the_same_is_dismissed_once_whoever_says_it_at_once(
    database: Database, item: WatchItem, key: str | None
) -> None:
    async with database.tx("test.hit") as connection:
        await hit_in(connection, item, [COPCO], "26-1", procedure="p-7")
        await hit_in(connection, item, [COPCO], "26-2", procedure="p-7")

    async def say(by: int) -> Dismissal | None:
        async with database.tx("test.say") as connection:
            return await dismissed(connection, item, key, notice_row=by, by=by)

    said = await asyncio.gather(*(say(by) for by in (1, 2)))
    async with database.read() as connection:
        [standing] = await dismissals.listed(connection, GUILD, item.id or 0, 10)
        found = await dismissals.that_stands(connection, GUILD, item.id or 0, 2, key)
    assert [one for one in said if one is not None] == [standing.dismissal] == [found]


async def test_what_was_undone_stays_with_who_undid_it_and_can_be_said_again(
    database: Database, item: WatchItem
) -> None:
    async with database.tx("test.say") as connection:
        row = await hit_in(connection, item, [COPCO])
        first = await dismissed(connection, item, COPCO)
        assert first is not None
        assert await dismissals.undo(connection, GUILD, first.id, 8, START + timedelta(hours=1))
        assert not await dismissals.undo(connection, GUILD, first.id, 9, START)
        assert not await is_dismissed(connection, row)
        undone = await dismissals.find(connection, GUILD, first.id)
        assert undone == replace(first, undone_by=8, undone_at=START + timedelta(hours=1))
        assert await dismissed(connection, item, COPCO) is not None
        assert await is_dismissed(connection, row)


async def test_a_hit_is_shown_at_its_best_place_that_was_not_dismissed(database: Database, item: WatchItem) -> None:
    async with database.tx("test.say") as connection:
        row = await hit_in(connection, item, [COPCO, SUD, ""])
        starts = []
        for key in (COPCO, SUD):
            await dismissed(connection, item, key)
            stored = await hits.find(connection, GUILD, row)
            assert stored is not None
            starts.append(stored.hit.start)
        assert starts == [1, 2]


async def test_what_each_dismissal_held_back_is_counted_by_notices(database: Database, item: WatchItem) -> None:
    async with database.tx("test.say") as connection:
        await hit_in(connection, item, [COPCO], "26-1")
        await dismissed(connection, item, COPCO, notice_row=1)
        await hit_in(connection, item, [COPCO], "26-2", held=Held.DISMISSED)
        await hit_in(connection, item, [COPCO], "26-3", held=Held.DISMISSED)
        await hit_in(connection, item, [""], "26-4")
        said = await dismissed(connection, item, None, notice_row=4)
        assert said is not None
        listed = await dismissals.listed(connection, GUILD, item.id or 0, 10)
        assert [(one.dismissal.kind.value, one.held) for one in listed] == [("series", 0), ("organisation", 2)]
        assert await dismissals.covered(connection, listed[1].dismissal) == 3
        assert await dismissals.count(connection, GUILD, item.id or 0) == 2
        assert len(await dismissals.listed(connection, GUILD, item.id or 0, 1, 1)) == 1


async def test_precision_counts_notices_that_people_saw(database: Database, item: WatchItem) -> None:
    async with database.tx("test.say") as connection:
        for number, (key, held) in enumerate(
            [
                ("", None),
                (COPCO, None),
                (COPCO, Held.DISMISSED),
                ("", Held.WEAK),
                (COPCO, Held.BASELINE),
                ("", Held.MUTED),
            ]
        ):
            await hit_in(connection, item, [key], f"26-{number}", held=held)
        await dismissed(connection, item, COPCO)
        precision = await dismissals.precision(connection, GUILD, item.id or 0)
    assert (precision.notices, precision.dismissed, precision.right, precision.percent) == (4, 2, 2, 50)


def test_a_share_that_is_not_whole_is_never_rounded_to_all() -> None:
    assert Precision(notices=1000, dismissed=1).percent == 99


async def test_an_item_is_written_off_on_a_notice_when_all_its_hits_there_are(
    database: Database, item: WatchItem
) -> None:
    other = await add_item(database, make_item("Drone"))
    async with database.tx("test.say") as connection:
        await hit_in(connection, item, [COPCO])
        await add_hit(connection, other, make_notice(), 1)
        await dismissed(connection, item, COPCO)
        assert await dismissals.written_off(connection, GUILD, 1) == {item.id}


async def owe(connection: Connection, row: int, notice_row: int = 1, *, follows: int | None = None) -> int:
    """Owe the usual channel the announcement of a notice, showing a hit where one is given."""
    key = AnnouncementKey(
        guild_id=GUILD, channel_id=CHANNEL, kind=AnnouncementKind.NOTICE, subject=f"gazette:{notice_row}:{row}"
    )
    owed = await announcements.owe(connection, key, now=START, thing_id=notice_row, follows=follows)
    assert owed is not None
    if row:
        await announcements.link(connection, GUILD, owed, row)
    return owed


async def left(connection: Connection) -> list[int]:
    rows = await connection.all("SELECT id FROM announcement ORDER BY id")
    return [row["id"] for row in rows]


async def test_an_unsent_announcement_of_nothing_but_dismissed_hits_is_taken_back_with_what_follows_it(
    database: Database, item: WatchItem
) -> None:
    other = await add_item(database, make_item("Drone"))
    async with database.tx("test.say") as connection:
        alone = await hit_in(connection, item, [COPCO], "26-1", procedure="p-7")
        shared = await hit_in(connection, item, [COPCO], "26-2", procedure="p-8")
        first = await owe(connection, alone, 1)
        second = await owe(connection, shared, 2)
        await announcements.link(connection, GUILD, second, await add_hit(connection, other, make_notice("26-2"), 2))
        await add_notice(connection, make_notice("26-3", procedure="p-7"))
        await owe(connection, 0, 3, follows=first)
        await add_notice(connection, make_notice("26-4", procedure="p-8"))
        fourth = await owe(connection, 0, 4, follows=second)
        said = await dismissed(connection, item, COPCO)
        assert said is not None
        assert await dismissed_news.take_back(connection, said) == 2
        assert await left(connection) == [second, fourth]
        stored = await hits.find(connection, GUILD, alone)
        assert stored is not None
        assert stored.held is Held.DISMISSED
        assert await dismissals.undo(connection, GUILD, said.id, 7, START)
        assert await dismissed_news.returned(connection, said) == 1


async def test_what_discord_has_or_may_have_is_not_taken_back_but_made_anew(
    database: Database, item: WatchItem
) -> None:
    async with database.tx("test.say") as connection:
        row = await hit_in(connection, item, [COPCO])
        owed = await owe(connection, row)
        await sending.begin(connection, place_of(), owed, START)
        said = await dismissed(connection, item, COPCO)
        assert said is not None
        assert await dismissed_news.take_back(connection, said) == 0
        await sending.sent(connection, owed, message_id=77, shown={}, revision=1, now=START)
        assert await sending.next_due(connection, place_of(), START) is None
        await dismissed_news.show_anew(connection, said, START)
        due = await sending.next_due(connection, place_of(), START)
        assert due is not None
        assert (due.id, due.state, due.due_revision) == (owed, AnnouncementState.SENT, 1)
        await sending.edited(connection, owed, {}, 1, due.remade)
        assert await sending.next_due(connection, place_of(), START) is None


async def test_a_card_made_before_it_was_to_be_made_anew_settles_nothing(database: Database, item: WatchItem) -> None:
    async with database.tx("test.say") as connection:
        owed = await owe(connection, await hit_in(connection, item, [COPCO]))
        await announcements.remake(connection, GUILD, [owed], START)
        assert not await sending.begin(connection, place_of(), owed, START, shows=1, remade=0)
        assert await sending.begin(connection, place_of(), owed, START, shows=1, remade=1)
        await announcements.remake(connection, GUILD, [owed], START)
        await sending.sent(connection, owed, message_id=77, shown={}, revision=1, now=START, remade=1)
        for remade in (1, 2):
            due = await sending.next_due(connection, place_of(), START)
            assert due is not None
            await sending.edited(connection, owed, {}, 1, remade)
        assert await sending.next_due(connection, place_of(), START) is None


async def test_of_many_old_messages_the_newest_and_those_of_the_notice_are_edited(
    database: Database, item: WatchItem, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dismissed_news, "MOST_EDITS", 3)
    async with database.tx("test.say") as connection:
        for number in range(1, 6):
            await owe(connection, await hit_in(connection, item, [COPCO], f"26-{number}"), number)
        said = await dismissed(connection, item, COPCO, notice_row=1)
        assert said is not None
        await dismissed_news.show_anew(connection, said, START)
        rows = await connection.all("SELECT id FROM announcement WHERE remade ORDER BY id")
    assert [row["id"] for row in rows] == [1, 4, 5]


async def test_a_storm_neither_counts_nor_shows_what_was_dismissed(database: Database, item: WatchItem) -> None:
    async with database.tx("test.say") as connection:
        rows = [
            await hit_in(connection, item, [key], f"26-{n}", held=Held.STORM)
            for n, key in enumerate((COPCO, "", COPCO))
        ]
        key = AnnouncementKey(
            guild_id=GUILD, channel_id=CHANNEL, kind=AnnouncementKind.STORM, subject="storm:gazette:1"
        )
        storm = await announcements.owe(connection, key, now=START, details={"source": "gazette"})
        assert storm is not None
        for row in rows:
            await announcements.link(connection, GUILD, storm, row)
        said = await dismissed(connection, item, COPCO)
        assert said is not None
        await dismissed_news.take_back(connection, said)
        assert await digest_hits.count(connection, GUILD, storm) == 1
        assert [hit.source_id for hit in await digest_hits.strongest(connection, GUILD, storm, 3)] == ["26-1"]
        await dismissed(connection, item, None, notice_row=2)
        assert await dismissed_news.take_back(connection, said) == 1
        assert await left(connection) == []


async def test_the_file_says_by_what_each_hit_was_dismissed(database: Database, item: WatchItem) -> None:
    async with database.tx("test.say") as connection:
        await hit_in(connection, item, [COPCO], "26-1")
        await hit_in(connection, item, [""], "26-2")
        await dismissed(connection, item, COPCO)
        listed = await hits.listed(connection, GUILD, HitFilter(item_id=item.id), 10)
    assert [one.stored.dismissed and one.stored.dismissed.name for one in listed] == [None, "Atlas Copco"]
    assert [one.stored.hit.tier for one in listed] == [Tier.EXACT, Tier.EXACT]
