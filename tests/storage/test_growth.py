"""What is asked at each ring and for each message looks only at what is open or new, however much there was before."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Awaitable, Callable
from datetime import time
from typing import Any

from bot.models import Announcement, Digest, DigestHit, Every, Held, ItemKind, Tier
from bot.storage.archive import retention
from bot.storage.database import Connection, Database
from bot.storage.digesting import digest_hits, digests
from bot.storage.outbox import announcements, doubt, follow_ups, quieting, rerouting, sending, shown, threads
from bot.storage.reading import registers
from bot.storage.watching import hits, takes
from tests.factories import CHANNEL, GUILD, START, add_item, add_newsroom, make_notice, owe_notice


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
        await sending.waiting(plans, START)  # type: ignore[arg-type]  # it asks as a connection does
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


async def test_who_has_a_notice_and_which_messages_show_it_is_found_by_the_notice(database: Database) -> None:
    steps = await _steps(database, lambda connection: takes.standing(connection, GUILD, 1))
    steps += await _steps(database, lambda connection: takes.shown_by(connection, GUILD, [1]))
    assert {step for step in steps if {*step.split()[1:2]} & {"take", "announcement", "reminds"}} == {
        "SEARCH take USING INDEX take_notice (notice_id=?)",
        "SEARCH announcement USING COVERING INDEX announcement_notice (notice_id=?)",
        "SEARCH reminds USING INDEX announcement_follows (guild_id=? AND follows=?)",
    }


async def test_what_falls_due_of_procedures_is_found_by_indexes(database: Database) -> None:
    day = START.date()
    near = await _steps(database, lambda connection: follow_ups.near(connection, GUILD, day, day, START))
    closed = await _steps(database, lambda connection: follow_ups.closed(connection, GUILD, day, day, START, ()))
    old = await _steps(
        database, lambda connection: follow_ups.closed_of(connection, GUILD, range(9), day, START, ("gazette",))
    )
    sent = await _steps(database, lambda connection: follow_ups.answered_late(connection, GUILD))
    assert [step for step in (*near, *closed, *old, *sent) if re.match(r"SCAN (announcement|notice|hit)", step)] == []
    for steps in (near, closed):
        assert "SEARCH notice_revision USING INDEX notice_deadline (deadline>? AND deadline<?)" in steps
    assert "SEARCH announcement USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)" in old
    assert "SEARCH announcement USING INDEX announcement_follow_up (guild_id=? AND kind=?)" in sent
    (looked_up,) = [step for step in old if step.startswith("SEARCH notice_revision ")]
    assert "COVERING INDEX notice_says" in looked_up


async def test_what_is_held_and_what_was_set_aside_is_found_by_indexes(database: Database) -> None:
    steps = await _steps(database, lambda connection: quieting.judge(connection, GUILD, START))
    steps += await _steps(database, lambda connection: quieting.hold_polled(connection, GUILD, START, "gazette"))
    steps += await _steps(database, lambda connection: quieting.hold(connection, GUILD, 1, START))
    steps += await _steps(database, lambda connection: quieting.held(connection, START))
    steps += await _steps(database, lambda connection: doubt.blocked_channels(connection, GUILD))
    steps += await _steps(database, lambda connection: doubt.retry_set_aside(connection, GUILD, START))
    steps += await _steps(database, lambda connection: doubt.retry_set_aside(connection, GUILD, START, is_any=True))
    assert {step for step in steps if step.split()[1:2] == ["announcement"]} == {
        "SCAN announcement USING INDEX announcement_due",
        "SEARCH announcement USING INTEGER PRIMARY KEY (rowid=?)",
        "SEARCH announcement USING INDEX announcement_held (held_until=?)",
        "SEARCH announcement USING INDEX announcement_held (held_until>?)",
        "SEARCH announcement USING INDEX announcement_polled (polled>?)",
        "SEARCH announcement USING INDEX announcement_set_aside (guild_id=?)",
    }


async def test_where_a_message_goes_is_found_from_what_it_continues(database: Database) -> None:
    row = await announcement_of(database)
    async with database.read() as connection:
        plans = Plans(connection)
        for asked in (threads.first_in_channel, threads.last_in_thread):
            await asked(plans, row)  # type: ignore[arg-type]  # it asks as a connection does
        await threads.is_used(plans, row, 7)  # type: ignore[arg-type]
        await shown.by_message(plans, GUILD, CHANNEL, 7)  # type: ignore[arg-type]
    assert not any(
        "USING INDEX sqlite_autoindex" in step or step.startswith("SCAN announcement") for step in plans.steps
    )
    assert any("announcement_follows" in step for step in plans.steps)


async def announcement_of(database: Database) -> Announcement:
    await add_newsroom(database)
    owed = await owe_notice(database, await add_item(database), make_notice())
    async with database.read() as connection:
        return await announcements.get(connection, GUILD, owed)


async def test_what_waits_for_a_lost_channel_is_found_among_what_is_open(database: Database) -> None:
    async with database.read() as connection:
        plans = Plans(connection)
        await rerouting.is_stranded(plans, GUILD)  # type: ignore[arg-type]  # it asks as a connection does
    assert [step for step in plans.steps if step.split()[1] == "announcement"] == [
        "SEARCH announcement USING INDEX announcement_due (channel_id=?)"
    ]
