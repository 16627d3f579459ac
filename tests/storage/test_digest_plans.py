from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import time, timedelta

import pytest

from bot.models import Digest, Dismissal, Every, ThingKind, Watermark
from bot.storage.database import Connection, Database
from bot.storage.digesting import digest_hits, digest_news, digests
from bot.storage.outbox import shown, storms
from bot.storage.outbox.announcements import Place
from bot.storage.watching import dismissals, dismissed_news, hits
from tests.factories import CHANNEL, GUILD, START

PART_OF_A_QUERY = re.compile(r"CONSTANT|near|concerned|listed|taken_back|json_each|stands|\(subquery-\d+\)")
"""What a plan may read whole: rows that the query itself has found before, and the ids that it was asked for."""
ONLY_GROWING = {
    "hit",
    "dismissal",
    "fact_change",
    "fact",
    "announcement",
    "later",
    "announcement_hit",
    "digest_fact",
    "inside",
    "shows",
    "tells",
    "told",
}
DIGESTS = {
    "channel": Digest(
        id=1,
        guild_id=GUILD,
        channel_id=CHANNEL,
        dossier_id=None,
        every=Every.DAILY,
        at=time(8),
        added_by=7,
        added_at=START,
        removed_at=None,
        first_hit=3,
        seen=Watermark(5, 5, 5),
        told_at=None,
    )
}
DIGESTS["dossier"] = Digest(
    **{name: getattr(DIGESTS["channel"], name) for name in Digest.__slots__} | {"dossier_id": 1}
)


@asynccontextmanager
async def planned(database: Database) -> AsyncIterator[tuple[Connection, list[str]]]:
    """Give a connection that finds nothing, and the steps of the plans of what it is asked."""
    steps: list[str] = []
    plain = Connection.all

    async def plan(self: Connection, sql: str, *values: object) -> list[object]:
        steps.extend(row["detail"] for row in await plain(self, f"EXPLAIN QUERY PLAN {sql}", *values))
        return []

    async def plan_of_change(self: Connection, sql: str, *values: object) -> int:
        return len(await plan(self, sql, *values))

    with pytest.MonkeyPatch.context() as patch:
        async with database.read() as connection:
            patch.setattr(Connection, "all", plan)
            patch.setattr(Connection, "run", plan_of_change)
            yield connection, steps


def faults(steps: list[str]) -> list[str]:
    """Return the steps that read a whole table, or all that a newsroom ever had of one that only grows."""
    wrong = []
    for step in steps:
        found = re.match(r"(SCAN|SEARCH) (\S+)(.*)", step)
        if found is None:
            continue
        verb, table, how = found.groups()
        is_part = PART_OF_A_QUERY.fullmatch(table) is not None or table == "installation"  # one row
        # An index without a condition is walked from its end; for the greatest id no index is named.
        is_endless = table in ONLY_GROWING and how.endswith("(guild_id=?)")
        is_walked = table in ONLY_GROWING and "INDEX" in how and not how.endswith(")")
        if (verb == "SCAN" and not is_part) or is_endless or is_walked or ("AUTOMATIC" in how and not is_part):
            wrong.append(step)
    return wrong


@pytest.mark.parametrize("of", DIGESTS)
async def test_gathering_a_digest_reads_what_is_new_and_not_all_there_ever_was(database: Database, of: str) -> None:
    """By the newsroom alone the deadlines of 100 000 hits take half a second, the facts of 50 000 changes as long."""
    digest = DIGESTS[of]
    async with planned(database) as (connection, steps):
        await digests.newest(connection)
        await digest_hits.untold(connection, digest, 9)
        await digest_hits.waiting(connection, digest)
        await digest_news.deadlines(connection, digest, START)
        await digest_news.facts(connection, digest, 9)
        await digest_news.tips(connection, digest, 20)
        await digest_news.notices_read(connection, 5, 9)
    assert faults(steps) == []


async def test_composing_a_message_reads_what_it_tells(database: Database) -> None:
    async with planned(database) as (connection, steps):
        await digest_hits.told(connection, GUILD, [])
        await digest_news.deadlines_told(connection, GUILD, [])
        await digest_news.facts_told(connection, GUILD, 1)
        await digest_news.tips_told(connection, GUILD, 1)
        await digest_hits.strongest(connection, GUILD, 1, 3)
        await digest_hits.count(connection, GUILD, 1)
    assert faults(steps) == []


@pytest.mark.parametrize(
    ("of", "searches"),
    [
        ("channel", ["hit USING INDEX hit_due (guild_id=? AND id<?)"]),
        (
            "dossier",
            [
                "hit USING COVERING INDEX sqlite_autoindex_hit_1 (guild_id=? AND id>? AND id<?)",
                "hit USING INDEX hit_due (guild_id=? AND id<?)",
            ],
        ),
    ],
)
async def test_hits_that_were_told_are_not_read_again(database: Database, of: str, searches: list[str]) -> None:
    """Of a dossier are read the ids of those since its last digest, and of those that were held before it."""
    async with planned(database) as (connection, steps):
        await digest_hits.untold(connection, DIGESTS[of], 9)
    assert [f"SEARCH {search}" for search in searches if f"SEARCH {search}" not in steps] == []


@pytest.mark.parametrize("of", DIGESTS)
async def test_deadlines_are_found_by_their_day_and_facts_by_their_changes(database: Database, of: str) -> None:
    async with planned(database) as (connection, steps):
        await digest_news.deadlines(connection, DIGESTS[of], START + timedelta(days=1))
        await digest_news.facts(connection, DIGESTS[of], 9)
    assert "SEARCH notice_revision USING INDEX notice_deadline (deadline>? AND deadline<?)" in steps
    assert "SEARCH fact_change USING INDEX fact_change_guild (guild_id=? AND id>? AND id<?)" in steps


async def test_a_storm_takes_back_what_a_poll_owes_and_reads_nothing_else(database: Database) -> None:
    """Without an index of what they follow, 50 of 50 000 announcements take seconds to take back."""
    async with planned(database) as (connection, steps):
        await storms.fold(connection, Place(GUILD, CHANNEL), "gazette", 1)
    assert any("announcement_follows" in step for step in steps)
    assert faults(steps) == []


async def test_a_dismissal_reads_the_hits_of_its_item_and_what_is_unsent(database: Database) -> None:
    said = Dismissal(
        id=1, guild_id=GUILD, item_id=1, notice_id=1, organisation_key="x", name="X", made_by=7, made_at=START
    )  # fmt: skip
    async with planned(database) as (connection, steps):
        await dismissed_news.take_back(connection, said)
        await dismissed_news.show_anew(connection, said, START)
        await dismissed_news.returned(connection, said)
        await dismissals.covered(connection, said)
        await dismissals.listed(connection, GUILD, 1, 10)
        await dismissals.passed_over(connection, GUILD, [1], 1)
        await dismissals.written_off(connection, GUILD, 1)
        await dismissals.precision(connection, GUILD, 1)
        await hits.find(connection, GUILD, 1)
        await hits.unread(connection, GUILD, 1, 10)
    assert set(faults(steps)) == {"SCAN announcement USING INDEX announcement_due"}


async def test_what_is_withdrawn_is_looked_for_by_what_refers_to_it(database: Database) -> None:
    """SQLite plans a deletion with the search for what still refers to the row, by the columns of each reference."""
    async with planned(database) as (connection, steps):
        await shown.drop(connection, GUILD, 1)
        await shown.withdraw(connection, GUILD, ThingKind.TIP, 1)
    assert any("announcement_follows" in step for step in steps)
    assert faults(steps) == []
