"""What a poll under way owes each channel, and what becomes of it in a storm."""

from __future__ import annotations

import pytest

from bot.models import AnnouncementKind, Held, WatchItem
from bot.reference import AnnouncementKey
from bot.storage.database import Connection, Database
from bot.storage.outbox import announcements, sending, storms
from bot.storage.outbox.announcements import Place
from bot.storage.outbox.storms import Crowd
from bot.storage.watching import hits
from tests.factories import (
    CHANNEL,
    GUILD,
    START,
    add_hit,
    add_item,
    add_newsroom,
    add_notice,
    make_item,
    make_notice,
    place_of,
)

SECOND_CHANNEL = 2003
THERE = Place(3001, 4001)
SOURCE = "gazette"


@pytest.fixture
async def item(database: Database) -> WatchItem:
    await add_newsroom(database, more=[SECOND_CHANNEL])
    return await add_item(database)


async def owe(
    connection: Connection,
    item: WatchItem,
    name: str,
    *,
    is_hit: bool = True,
    place: Place | None = None,
    polled: str | None = SOURCE,
    follows: int | None = None,
) -> int:
    """Owe a channel the announcement of a new notice as a poll under way does, and return our id of it."""
    place = place or place_of()
    row = await add_notice(connection, make_notice(name))
    key = AnnouncementKey(
        guild_id=place.guild_id,
        channel_id=place.channel_id,
        kind=AnnouncementKind.NOTICE,
        subject=f"{SOURCE}:{name}",
    )
    owed = await announcements.owe(connection, key, now=START, thing_id=row, follows=follows, polled=polled)
    assert owed is not None
    if is_hit:
        await announcements.link(
            connection, place.guild_id, owed, await add_hit(connection, item, make_notice(name), row)
        )
    return owed


async def owe_storm(connection: Connection, place: Place | None = None, polled: str | None = SOURCE) -> int:
    place = place or place_of()
    key = AnnouncementKey(
        guild_id=place.guild_id, channel_id=place.channel_id, kind=AnnouncementKind.STORM, subject="storm:gazette:now"
    )
    owed = await announcements.owe(connection, key, now=START, details={"source": SOURCE}, polled=polled)
    assert owed is not None
    return owed


async def standing(connection: Connection) -> list[int]:
    """Return our ids of all announcements."""
    return [row["id"] for row in await connection.all("SELECT id FROM announcement ORDER BY id")]


async def test_hits_and_storms_of_a_poll_are_counted_by_channel(database: Database, item: WatchItem) -> None:
    await add_newsroom(database, THERE.guild_id, channel=THERE.channel_id, operations=None)
    there = await add_item(database, make_item(guild_id=THERE.guild_id))
    second = place_of(SECOND_CHANNEL)
    async with database.tx("test.crowds") as connection:
        for name in ("26-1", "26-2"):
            await owe(connection, item, name)
        await owe(connection, item, "26-3", is_hit=False)
        await owe(connection, item, "26-4", polled=None)
        await owe(connection, item, "26-5", polled="bulletin")
        await owe(connection, item, "26-6", place=second)
        storm = await owe_storm(connection, second)
        await owe(connection, there, "26-7", place=THERE)
        assert await storms.crowds(connection, SOURCE) == {
            place_of(): Crowd(2, None),
            second: Crowd(1, storm),
            THERE: Crowd(1, None),
        }


async def test_what_a_storm_stands_for_is_no_longer_counted(database: Database, item: WatchItem) -> None:
    async with database.tx("test.fold") as connection:
        await owe(connection, item, "26-1")
        storm = await owe_storm(connection)
        await storms.fold(connection, place_of(), SOURCE, storm)
        assert await storms.crowds(connection, SOURCE) == {place_of(): Crowd(0, storm)}


async def test_only_what_this_poll_owes_this_channel_is_taken_back(database: Database, item: WatchItem) -> None:
    await add_newsroom(database, THERE.guild_id, channel=THERE.channel_id, operations=None)
    there = await add_item(database, make_item(guild_id=THERE.guild_id))
    async with database.tx("test.fold") as connection:
        taken = await owe(connection, item, "26-1")
        others = [
            await owe(connection, item, "26-2", place=place_of(SECOND_CHANNEL)),
            await owe(connection, item, "26-3", polled=None),
            await owe(connection, item, "26-4", polled="bulletin"),
            await owe(connection, there, "26-5", place=THERE),
        ]
        storm = await owe_storm(connection)
        assert await storms.fold(connection, place_of(), SOURCE, storm) == 1
        assert await standing(connection) == sorted([*others, storm])
        assert taken not in await standing(connection)
        held = [(hit.hit.notice, hit.held) for hit in await hits.of_item(connection, GUILD, item.id or 0, 9)]
    assert held == [("26-4", None), ("26-3", None), ("26-2", None), ("26-1", Held.STORM)]


async def test_what_only_continued_it_goes_with_it_however_far(database: Database, item: WatchItem) -> None:
    async with database.tx("test.fold") as connection:
        earlier = await owe(connection, item, "26-0", polled=None)
        first = await owe(connection, item, "26-1")
        child = await owe(connection, item, "26-2", is_hit=False, follows=first)
        await owe(connection, item, "26-3", is_hit=False, follows=child)
        kept = await owe(connection, item, "26-4", is_hit=False, follows=earlier)
        storm = await owe_storm(connection)
        assert await storms.fold(connection, place_of(), SOURCE, storm) == 3
        assert await standing(connection) == [earlier, kept, storm]


async def test_what_another_poll_let_continue_it_and_was_sent_stands_alone(database: Database, item: WatchItem) -> None:
    async with database.tx("test.fold") as connection:
        first = await owe(connection, item, "26-1")
        sent = await owe(connection, item, "26-2", is_hit=False, polled=None, follows=first)
        waiting = await owe(connection, item, "26-3", is_hit=False, polled=None, follows=first)
        with_hit = await owe(connection, item, "26-4", polled="bulletin", follows=first)
        await sending.begin(connection, place_of(), sent, START)
        await sending.sent(connection, sent, message_id=77, shown={}, revision=1, now=START)
        storm = await owe_storm(connection)
        assert await storms.fold(connection, place_of(), SOURCE, storm) == 1
        assert await standing(connection) == [sent, with_hit, storm]
        assert waiting not in await standing(connection)
        follows = [(await announcements.get(connection, GUILD, owed)).follows for owed in (sent, with_hit)]
    assert follows == [None, None]


async def test_a_hit_that_is_no_news_is_neither_counted_nor_held(database: Database, item: WatchItem) -> None:
    async with database.tx("test.fold") as connection:
        await owe(connection, item, "26-1")
        await owe(connection, item, "26-2")
        await connection.run("UPDATE hit SET digest = 'none' WHERE id = 2")
        storm = await owe_storm(connection)
        assert (await storms.crowds(connection, SOURCE))[place_of()].hits == 1
        await storms.fold(connection, place_of(), SOURCE, storm)
        rows = await connection.all("SELECT hit_id FROM announcement_hit")
        held = [hit.held for hit in await hits.of_item(connection, GUILD, item.id or 0, 9)]
    assert ([row["hit_id"] for row in rows], held) == ([1], [None, Held.STORM])


async def test_a_hit_that_a_digest_told_meanwhile_stays_told(database: Database, item: WatchItem) -> None:
    async with database.tx("test.fold") as connection:
        await owe(connection, item, "26-1")
        await connection.run("UPDATE hit SET digest = 'told'")
        await storms.fold(connection, place_of(), SOURCE, await owe_storm(connection))
        rows = await connection.all("SELECT held, digest FROM hit")
    assert [tuple(row) for row in rows] == [("storm", "told")]


async def test_a_storm_tells_of_its_notices_in_its_channel_while_the_poll_lasts(
    database: Database, item: WatchItem
) -> None:
    async with database.tx("test.tells") as connection:
        await owe(connection, item, "26-1")
        await owe(connection, item, "26-2", place=place_of(SECOND_CHANNEL))
        await storms.fold(connection, place_of(), SOURCE, await owe_storm(connection))

        async def tells(place: Place, source: str, notice_row: int) -> bool:
            return await storms.tells_of(connection, place, source, notice_row)

        asked = [(place_of(), SOURCE, 1), (place_of(), SOURCE, 2), (place_of(SECOND_CHANNEL), SOURCE, 1)]
        asked += [(place_of(), "bulletin", 1), (Place(THERE.guild_id, CHANNEL), SOURCE, 1)]
        assert [await tells(*one) for one in asked] == [True, False, False, False, False]
        await announcements.release(connection, SOURCE)
        assert not await tells(*asked[0])


@pytest.mark.parametrize(("source", "left"), [(SOURCE, ["bulletin"]), ("bulletin", [SOURCE]), (None, [])])
async def test_what_a_poll_owed_is_let_go_by_source_or_all_of_it(
    database: Database, item: WatchItem, source: str | None, left: list[str]
) -> None:
    async with database.tx("test.release") as connection:
        await owe(connection, item, "26-1")
        await owe(connection, item, "26-2", polled="bulletin")
        await announcements.release(connection, source)
        rows = await connection.all("SELECT polled FROM announcement WHERE polled IS NOT NULL")
    assert [row["polled"] for row in rows] == left


async def test_a_storm_moves_with_the_announcements_channel(database: Database, item: WatchItem) -> None:
    async with database.tx("test.reroute") as connection:
        await owe(connection, item, "26-1")
        storm = await owe_storm(connection)
        await storms.fold(connection, place_of(), SOURCE, storm)
        await announcements.reroute(connection, GUILD, CHANNEL, SECOND_CHANNEL)
        assert (await announcements.get(connection, GUILD, storm)).channel_id == SECOND_CHANNEL


async def test_a_storm_of_an_item_with_that_channel_of_its_own_stays(database: Database, item: WatchItem) -> None:
    own = await add_item(database, make_item("drone", channel_id=CHANNEL))
    async with database.tx("test.reroute") as connection:
        await owe(connection, item, "26-1")
        await owe(connection, own, "26-2")
        storm = await owe_storm(connection)
        await storms.fold(connection, place_of(), SOURCE, storm)
        await announcements.reroute(connection, GUILD, CHANNEL, SECOND_CHANNEL)
        assert (await announcements.get(connection, GUILD, storm)).channel_id == CHANNEL


async def test_a_storm_that_was_sent_does_not_move(database: Database, item: WatchItem) -> None:
    async with database.tx("test.reroute") as connection:
        await owe(connection, item, "26-1")
        storm = await owe_storm(connection)
        await storms.fold(connection, place_of(), SOURCE, storm)
        await announcements.release(connection)
        assert await sending.begin(connection, place_of(), storm, START)
        await announcements.reroute(connection, GUILD, CHANNEL, SECOND_CHANNEL)
        assert (await announcements.get(connection, GUILD, storm)).channel_id == CHANNEL
