"""What a newsroom's items brought in four weeks: found by the index of hits, judged as any dismissal is."""

from __future__ import annotations

import random
import sqlite3
from datetime import timedelta
from typing import Any

import pytest

from bot.models import Held, WatchItem
from bot.storage._dismissed import DISMISSED_BY
from bot.storage.database import Connection, Database
from bot.storage.watching import dismissals, noise
from tests.factories import GUILD, START, add_hit, add_item, add_newsroom, add_notice, make_hit, make_item, make_notice

ORGANISATIONS = ("", "axis conseil", "axis nord")


class Asked:
    """Ask a connection how it would find what is asked, instead of finding it."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.steps: list[str] = []

    async def all(self, sql: str, *values: Any) -> list[sqlite3.Row]:
        self.steps += [row["detail"] for row in await self._connection.all(f"EXPLAIN QUERY PLAN {sql}", *values)]
        return []


async def test_what_items_brought_is_found_in_the_index_of_hits_by_time(database: Database) -> None:
    """However many hits there are of older days: those of four weeks alone are read."""
    async with database.read() as connection:
        asked = Asked(connection)
        await noise.candidates(asked, GUILD, START)  # type: ignore[arg-type]  # it asks as a connection does
        await noise.brought(asked, GUILD, 1, START)  # type: ignore[arg-type]  # it asks as a connection does
    of_hits = [step for step in asked.steps if step.split()[1] == "hit"]
    assert of_hits == [
        *2 * ["SEARCH hit USING COVERING INDEX hit_item (guild_id=? AND item_id=? AND found_at>? AND found_at<?)"],
        "SEARCH hit USING INDEX hit_item (guild_id=? AND item_id=? AND found_at>? AND found_at<?)",
    ]


async def _bring(connection: Connection, item: WatchItem, picks: random.Random, number: int) -> int:
    """Store a hit on a notice of some procedure, in some organisations; return our id of the notice."""
    procedure = picks.choice([None, "one", "two", f"own {number}"])
    notice = make_notice(f"26-{number}", procedure=procedure)
    row = await add_notice(connection, notice)
    stands = ", ".join(f'"{key}": {{"name": "x"}}' for key in picks.sample(ORGANISATIONS, picks.randint(0, 2)))
    hit = make_hit(item, notice)
    await connection.run(
        """
        INSERT INTO hit (guild_id, item_id, notice_id, revision, tier, term, rule, field, start, "end", matched,
            snippet, count, organisations, held, digest, found_at)
        VALUES (?, ?, ?, 1, 'exact', 'x', 'phrase', 'title', 0, 1, 'x', 'x', 1, ?, ?, 'due', ?)
        """,
        GUILD,
        hit.item,
        row,
        picks.choice([None, f"{{{stands}}}"]),
        picks.choice([None, Held.DIGEST, Held.WEAK]),
        START.isoformat(timespec="microseconds"),
    )
    return row


async def test_what_is_dismissed_is_so_as_for_any_other_list(database: Database) -> None:
    await add_newsroom(database)
    for seed in range(4):
        picks = random.Random(seed)  # noqa: S311  # a corpus, no secret
        item = await add_item(database, make_item(f"Axis {seed}"))
        async with database.tx("test.random") as connection:
            rows = [await _bring(connection, item, picks, 100 * seed + number) for number in range(40)]
            for row in picks.sample(rows, 4):
                key = picks.choice([None, *ORGANISATIONS[1:]])
                await dismissals.add(connection, GUILD, item.id or 0, row, key, "x", 7, START)
            await connection.run("UPDATE dismissal SET undone_by = 7, undone_at = made_at WHERE id % 5 = 0")
            found = await noise.brought(connection, GUILD, item.id or 0, START + timedelta(days=1))
            wrong = await connection.all(
                f"SELECT notice_id FROM hit WHERE guild_id = ? AND item_id = ? AND {DISMISSED_BY} IS NOT NULL",  # noqa: S608  # a condition of ours
                GUILD,
                item.id,
            )
        assert {one.notice_id for one in found.newest_dismissed} == {row["notice_id"] for row in wrong}
        assert (found.dismissed, found.notices) == (len(wrong), len(rows))


async def test_the_newest_alone_are_brought_and_all_are_counted(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(noise, "TRIED", 2)
    await add_newsroom(database)
    item = await add_item(database)
    async with database.tx("test.many") as connection:
        for number in range(8):
            notice = make_notice(f"26-{number}", procedure=None)
            row = await add_notice(connection, notice)
            await add_hit(connection, item, notice, row)
            if number < 5:
                await dismissals.add(connection, GUILD, item.id or 0, row, None, "x", 7, START)
        found = await noise.brought(connection, GUILD, item.id or 0, START + timedelta(days=1))
    assert (found.kept, found.dismissed, found.of_week, found.used) == (3, 5, 8, 0)
    assert [one.notice_id for one in found.newest_kept] == [8, 7]
    assert [one.notice_id for one in found.newest_dismissed] == [5, 4]
