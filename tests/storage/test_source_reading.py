"""What is stored of the reading of sources: their state, who holds them back, how far their history is read."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from datetime import date, timedelta

import pytest

from bot.models import Backfill, SourceState
from bot.storage.database import Database
from bot.storage.reading import backfills, source_pauses, sources
from tests.factories import GUILD, START, add_newsroom

THERE = 3001
SINCE, UNTIL = date(2026, 1, 1), date(2026, 11, 1)


async def _start(database: Database, source: str = "boamp") -> Backfill:
    async with database.tx("test.start") as connection:
        return await backfills.start(connection, source, SINCE, UNTIL, guild_id=GUILD, started_by=7, now=START)


async def _open(database: Database, source: str = "boamp") -> Backfill | None:
    async with database.read() as connection:
        return await backfills.find_open(connection, source)


async def test_a_state_comes_back_as_it_was(database: Database) -> None:
    state = SourceState(
        source="boamp",
        succeeded_at=START,
        degraded_since=START,
        told="source_degraded",
        told_since=START,
        unknown_fields=("a", "b"),
        cursor={"etag": '"é"', "pages": [1, 2], "at": None},
        dumps=3,
    )
    async with database.tx("test.state") as connection:
        await sources.save(connection, replace(state, dumps=2))
        await sources.save(connection, state)
        assert (await sources.find(connection, "boamp"), await sources.every(connection)) == (state, [state])


async def test_a_newsroom_holds_back_sources_of_its_own(database: Database) -> None:
    for guild_id, channel in ((GUILD, 2001), (THERE, 4001)):
        await add_newsroom(database, guild_id, channel=channel, operations=None)
    async with database.tx("test.pause") as connection:
        later = START + timedelta(hours=1)
        done = [
            await source_pauses.pause(connection, GUILD, "boamp", by=7, now=START),
            await source_pauses.pause(connection, GUILD, "boamp", by=8, now=later),
            await source_pauses.pause(connection, THERE, "ted", by=7, now=later),
        ]
        assert done == [True, False, True]
        assert await source_pauses.of_newsroom(connection, GUILD) == {"boamp": START}
        assert await source_pauses.pausing(connection, "boamp") == {GUILD}


async def test_resuming_a_source_leaves_those_of_others_held_back(database: Database) -> None:
    for guild_id, channel in ((GUILD, 2001), (THERE, 4001)):
        await add_newsroom(database, guild_id, channel=channel, operations=None)
    async with database.tx("test.pause") as connection:
        for guild_id in (GUILD, THERE):
            await source_pauses.pause(connection, guild_id, "boamp", by=7, now=START)
        done = [await source_pauses.resume(connection, GUILD, "boamp") for _ in range(2)]
        assert (done, await source_pauses.pausing(connection, "boamp")) == ([True, False], {THERE})


async def test_a_history_is_found_as_far_as_it_was_read(database: Database) -> None:
    await add_newsroom(database)
    begun = await _start(database)
    advanced = replace(begun, reached=date(2026, 2, 5), notices=900, new=850, error="status 500")
    async with database.tx("test.save") as connection:
        await backfills.save(connection, advanced)
    assert await _open(database) == advanced


async def test_only_one_history_of_a_source_is_read_at_a_time(database: Database) -> None:
    await add_newsroom(database)
    await _start(database)
    await _start(database, "ted")
    with pytest.raises(sqlite3.IntegrityError, match=r"backfill\.source"):
        await _start(database)


async def test_a_history_that_ended_stays_as_it_was_and_leaves_room_for_another(database: Database) -> None:
    await add_newsroom(database)
    begun = await _start(database)
    async with database.tx("test.end") as connection:
        await backfills.save(connection, replace(begun, reached=UNTIL, ended_at=START))
        await backfills.save(connection, replace(begun, notices=9))
        ended = await connection.one("SELECT reached, notices FROM backfill WHERE id = ?", begun.id)
    assert (await _open(database), tuple(ended or ())) == (None, (UNTIL.isoformat(), 0))
    assert (await _start(database)).id != begun.id
