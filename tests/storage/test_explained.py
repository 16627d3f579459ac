"""What explains a notice is read by its indexes, however much a newsroom has had, and of that newsroom alone."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.storage.database import Connection, Database
from bot.storage.outbox import circumstances, explained
from bot.storage.watching import hits
from tests.empty_database import place_empty_database
from tests.factories import GUILD, START, SettableClock, add_newsroom, add_notice, make_notice


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    opened = await Database.open(place_empty_database(tmp_path / "vigie.sqlite3"), SettableClock())
    yield opened
    await opened.close()


async def test_a_notices_hits_and_messages_are_not_looked_for_among_all_of_the_newsrooms(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps: list[str] = []
    plain = Connection.all

    async def plan(self: Connection, sql: str, *values: object) -> list[object]:
        steps.extend(row["detail"] for row in await plain(self, f"EXPLAIN QUERY PLAN {sql}", *values))
        return []

    monkeypatch.setattr(Connection, "all", plan)
    async with database.read() as connection:
        await hits.of_notice(connection, 1, 1)
        await explained.tellings(connection, 1, 1)
        await explained.recent(connection, 1, 25)
    looked = [step for step in steps if step.startswith(("SEARCH hit ", "SCAN hit", "SCAN announcement"))]
    assert looked
    assert all("(notice_id=?" in step or "(rowid=?)" in step for step in looked)


async def test_what_bears_on_a_notice_is_not_looked_for_among_all_of_the_newsrooms(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    await add_newsroom(database)
    async with database.tx("test.notice") as connection:
        row = await add_notice(connection, make_notice())
    steps: list[str] = []
    plain = Connection.all

    async def plan(self: Connection, sql: str, *values: object) -> list[sqlite3.Row]:
        steps.extend(row["detail"] for row in await plain(self, f"EXPLAIN QUERY PLAN {sql}", *values))
        return await plain(self, sql, *values)

    monkeypatch.setattr(Connection, "all", plan)
    async with database.read() as connection:
        await circumstances.gather(connection, GUILD, row, [1], [1], START)
        await explained.rows_among(connection, ["26-1"], ["gazette"])
    assert steps
    assert not [
        step for step in steps if step.startswith(("SCAN hit", "SCAN announcement", "SCAN notice", "SCAN told"))
    ]
    hits_read = [step for step in steps if step.startswith("SEARCH hit ")]
    assert all("(notice_id=?" in step or "rowid=?" in step for step in hits_read)


async def test_a_notice_that_is_not_stored_has_no_explanation(database: Database) -> None:
    async with database.read() as connection:
        with pytest.raises(LookupError):
            await explained.seen(connection, 7)
