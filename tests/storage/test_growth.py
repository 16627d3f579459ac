"""What is asked at each ring and for each message looks only at what is open or new, however much there was before."""

from __future__ import annotations

import sqlite3
from datetime import time
from typing import Any

from bot.models import Digest, DigestHit, Every, Held, ItemKind, Tier
from bot.storage import announcements, digest_hits, digests
from bot.storage.database import Connection, Database
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
        await announcements.waiting(plans)  # type: ignore[arg-type]  # it asks as a connection does
    scans = {step for step in plans.steps if step.startswith("SCAN announcement")}
    assert scans == {
        "SCAN announcement USING INDEX announcement_due",
        "SCAN announcement USING INDEX announcement_edit",
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
