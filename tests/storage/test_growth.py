"""What is asked at each ring and for each message looks only at what is open or new, however much there was before."""

from __future__ import annotations

import sqlite3
from collections.abc import Awaitable, Callable
from datetime import time
from typing import Any

from bot.models import Digest, DigestHit, Every, Held, ItemKind, Tier
from bot.storage.archive import retention
from bot.storage.database import Connection, Database
from bot.storage.digesting import digest_hits, digests
from bot.storage.outbox import sending
from bot.storage.reading import registers
from bot.storage.watching import hits
from tests.factories import CHANNEL, GUILD, START, add_newsroom


class Plans:
    """Ask a connection how it would find what is asked, instead of finding it."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.steps: list[str] = []

    async def all(self, sql: str, *values: Any) -> list[sqlite3.Row]:
        self.steps += [row["detail"] for row in await self._connection.all(f"EXPLAIN QUERY PLAN {sql}", *values)]
        return []

    async def one(self, sql: str, *values: Any) -> sqlite3.Row | None:
        await self.all(sql, *values)
        return None

    async def run(self, sql: str, *values: Any) -> int:
        await self.all(sql, *values)
        return 0


async def _digest(database: Database) -> Digest:
    await add_newsroom(database)
    async with database.tx("test.digest") as connection:
        return await digests.add(connection, GUILD, CHANNEL, None, Every.DAILY, time(8, 30), 7, START)


async def test_what_is_waiting_is_found_by_the_indexes_of_what_is_open(database: Database) -> None:
    async with database.read() as connection:
        plans = Plans(connection)
        await sending.waiting(plans)  # type: ignore[arg-type]  # it asks as a connection does
    scans = {step for step in plans.steps if step.startswith("SCAN announcement")}
    assert scans == {
        "SCAN announcement USING INDEX announcement_due",
        "SCAN announcement USING INDEX announcement_edit",
        "SCAN announcement USING INDEX announcement_withdrawal",
    }


async def test_hits_that_are_told_are_found_by_their_ids(database: Database) -> None:
    digest = await _digest(database)
    hit = DigestHit(
        rows=(5, 6),
        item_id=1,
        item="x",
        item_kind=ItemKind.KEYWORD,
        item_ref=None,
        notice_id=1,
        source="gazette",
        source_id="26-1",
        kind=None,
        title="x",
        buyer=None,
        url=None,
        published=None,
        tier=Tier.EXACT,
        rule="phrase",
        matched="x",
        held=Held.WEAK,
        is_change=False,
        message_url=None,
    )
    async with database.read() as connection:
        plans = Plans(connection)
        await digest_hits.mark_told(plans, digest, [hit])  # type: ignore[arg-type]  # it asks as a connection does
    of_hits = [step for step in plans.steps if " hit " in step]
    assert of_hits
    assert all("id=?" in step.replace("guild_id=?", "") for step in of_hits), of_hits


async def _steps(database: Database, ask: Callable[[Connection], Awaitable[object]]) -> list[str]:
    async with database.read() as connection:
        plans = Plans(connection)
        await ask(plans)  # type: ignore[arg-type]  # it asks as a connection does
    return plans.steps


async def test_what_became_of_the_hits_on_a_notice_is_found_by_the_notice(database: Database) -> None:
    steps = await _steps(database, lambda connection: hits.earlier(connection, GUILD, 1))
    assert [step for step in steps if step.split()[:2] in (["SEARCH", "hit"], ["SCAN", "hit"])] == [
        "SEARCH hit USING INDEX sqlite_autoindex_hit_2 (notice_id=?)"
    ]


async def test_old_texts_are_found_among_those_that_are_left(database: Database) -> None:
    steps = await _steps(database, lambda connection: retention.old_unused(connection, START, retention.Place(), 25))
    assert steps[0].startswith("SEARCH notice USING INDEX notice_text (")
    assert [step for step in steps if step.startswith("SCAN")] == []


async def test_what_a_register_lacked_is_found_among_what_is_missing(database: Database) -> None:
    [step, *_] = await _steps(database, lambda connection: registers.doubted(connection, "register"))
    assert "register_entity_missing" in step
