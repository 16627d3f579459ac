from __future__ import annotations

import asyncio
import random
import sqlite3
import subprocess
import sys
from collections import Counter
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from bot.errors import DatabaseRefusedError
from bot.storage.database import Connection, Database
from tests.factories import GUILD, SettableClock, add_newsroom

CANCELLATIONS = 2_000
PROJECT = Path(__file__).parents[2]

ADD = "INSERT INTO command_sync (application_id, scope, sha256, synced_at) VALUES (?, ?, 'x', 'x')"


async def _add_pair(database: Database, number: int) -> None:
    async with database.tx("test.pair") as connection:
        await connection.run(ADD, number, 1)
        await connection.run(ADD, number, 2)


async def _halves(database: Database) -> Counter[int]:
    async with database.read() as connection:
        return Counter(row["application_id"] for row in await connection.all("SELECT application_id FROM command_sync"))


def _in_the_middle_of(database: Database, statement: str) -> tuple[asyncio.Event, asyncio.Event]:
    """Make a statement of the writer wait, so that a test can act while it is under way."""
    begun, go_on = asyncio.Event(), asyncio.Event()
    execute: Callable[..., Awaitable[Any]] = database._writer.execute

    async def wait_and_execute(sql: str) -> Any:
        begun.set()
        await go_on.wait()
        return await execute(sql)

    def waiting(sql: str, *values: Any) -> Awaitable[Any]:
        return wait_and_execute(sql) if sql == statement else execute(sql, *values)

    database._writer.execute = waiting  # type: ignore[method-assign, assignment]
    return begun, go_on


async def test_random_cancellations_leave_nothing_half_written_nothing_open_and_the_lock_free(
    database: Database,
) -> None:
    chance = random.Random(20261116)  # noqa: S311  # repeatable
    cancelled = 0
    for number in range(1, CANCELLATIONS + 1):
        task = asyncio.create_task(_add_pair(database, number))
        for _ in range(chance.randrange(1, 3)):
            asyncio.get_running_loop().call_later(chance.uniform(0, 0.0015), task.cancel)
        await asyncio.wait([task])
        cancelled += task.cancelled()
        assert not database._writer.in_transaction
        assert not database._write_lock.locked()
    assert cancelled > CANCELLATIONS / 10
    assert set((await _halves(database)).values()) <= {2}


async def test_a_task_that_reads_does_not_see_what_another_has_not_committed(database: Database) -> None:
    async with database.tx("test.half") as connection:
        await connection.run(ADD, 1, 1)
        assert await _halves(database) == {}


async def test_a_task_that_writes_waits_until_another_has_committed(database: Database) -> None:
    async with database.tx("test.first") as connection:
        second = asyncio.create_task(_add_pair(database, 2))
        await asyncio.wait([second], timeout=0.05)
        await connection.run(ADD, 1, 1)
        assert not second.done()
    await second
    assert await _halves(database) == {1: 1, 2: 2}


async def test_an_exception_rolls_everything_back(database: Database) -> None:
    async def fail() -> None:
        async with database.tx("test.error") as connection:
            await connection.run(ADD, 1, 1)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    assert await _halves(database) == {}


async def test_a_commit_that_is_cancelled_while_under_way_is_whole(database: Database) -> None:
    begun, go_on = _in_the_middle_of(database, "COMMIT")
    task = asyncio.create_task(_add_pair(database, 1))
    await begun.wait()
    task.cancel()
    go_on.set()
    await asyncio.wait([task])
    assert (task.cancelled(), await _halves(database)) == (True, {1: 2})


async def test_a_begin_that_is_cancelled_while_under_way_leaves_nothing_open(database: Database) -> None:
    begun, go_on = _in_the_middle_of(database, "BEGIN IMMEDIATE")
    task = asyncio.create_task(_add_pair(database, 1))
    await begun.wait()
    task.cancel()
    go_on.set()
    await asyncio.wait([task])
    assert (database._writer.in_transaction, await _halves(database)) == (False, {})


async def _break_a_reference(database: Database) -> None:
    async with database.tx("test.orphan") as connection:
        await connection.run("PRAGMA defer_foreign_keys = ON")
        await connection.run("INSERT INTO channel (guild_id, channel_id, floor_id) VALUES (404, 1, 0)")


async def test_a_commit_that_fails_leaves_nothing_open(database: Database) -> None:
    with pytest.raises(sqlite3.IntegrityError):
        await _break_a_reference(database)
    assert not database._writer.in_transaction


async def test_a_commit_that_fails_while_it_is_cancelled_leaves_nothing_open(database: Database) -> None:
    begun, go_on = _in_the_middle_of(database, "COMMIT")
    task = asyncio.create_task(_break_a_reference(database))
    await begun.wait()
    task.cancel()
    go_on.set()
    await asyncio.wait([task])
    assert (task.cancelled(), database._writer.in_transaction) == (True, False)


async def test_a_reader_cannot_write(database: Database) -> None:
    async with database.read() as connection:
        with pytest.raises(sqlite3.OperationalError, match="readonly"):
            await connection.run(ADD, 1, 1)


async def test_a_reader_sees_one_state_for_the_whole_block(database: Database) -> None:
    async with database.read() as connection:
        before = await connection.all("SELECT * FROM command_sync")
        await _add_pair(database, 1)
        assert await connection.all("SELECT * FROM command_sync") == before


async def test_a_reader_that_was_cancelled_is_given_back(database: Database) -> None:
    async def read_and_wait() -> None:
        async with database.read() as connection:
            await connection.all("SELECT 1")
            await asyncio.Event().wait()

    tasks = [asyncio.create_task(read_and_wait()) for _ in range(3)]
    await asyncio.sleep(0)
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)
    assert database._readers.qsize() == 3


async def test_foreign_keys_are_on_for_the_one_that_writes(database: Database) -> None:
    with pytest.raises(sqlite3.IntegrityError, match="FOREIGN KEY"):
        async with database.tx("test.orphan") as connection:
            await connection.run("INSERT INTO channel (guild_id, channel_id, floor_id) VALUES (404, 1, 0)")


@pytest.mark.parametrize(("pragma", "value"), [("journal_mode", "wal"), ("synchronous", 2), ("secure_delete", 1)])
async def test_what_was_committed_survives_and_what_was_deleted_does_not(
    database: Database, pragma: str, value: object
) -> None:
    async with database.tx("test.pragma") as connection:
        row = await connection.one(f"PRAGMA {pragma}")
    assert row is not None
    assert row[0] == value


async def test_a_second_open_in_this_process_is_refused(database: Database) -> None:
    with pytest.raises(DatabaseRefusedError) as refused:
        await Database.open(database.path, SettableClock())
    assert refused.value.text == "database-in-use"


HOLD = """
import asyncio, pathlib, sys
from bot.clock import SystemClock
from bot.storage.database import Database

async def main():
    database = await Database.open(pathlib.Path(sys.argv[1]), SystemClock())
    print("open", flush=True)
    await asyncio.to_thread(sys.stdin.readline)
    await database.close()

asyncio.run(main())
"""


async def test_an_open_of_a_file_that_another_process_holds_is_refused_with_its_number(tmp_path: Path) -> None:
    path = tmp_path / "vigie.sqlite3"
    with subprocess.Popen(  # noqa: ASYNC220  # started before anything else runs
        [sys.executable, "-c", HOLD, str(path)], cwd=PROJECT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        assert await asyncio.to_thread(other.stdout.readline) == "open\n"
        with pytest.raises(DatabaseRefusedError) as refused:
            await Database.open(path, SettableClock())
        other.communicate("\n", timeout=30)
    assert f"pid {other.pid} " in refused.value.values["owner"]


def test_a_process_that_closes_its_database_can_exit(tmp_path: Path) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", HOLD, str(tmp_path / "vigie.sqlite3")],
        cwd=PROJECT, input="\n", capture_output=True, text=True, timeout=30, check=False,
    )  # fmt: skip
    assert (ended.returncode, ended.stderr) == (0, "")


async def test_a_closed_database_can_be_opened_again(tmp_path: Path) -> None:
    path = tmp_path / "vigie.sqlite3"
    first = await Database.open(path, SettableClock())
    await add_newsroom(first)
    await first.close()
    second = await Database.open(path, SettableClock())
    async with second.read() as connection:
        rows = await connection.all("SELECT guild_id FROM newsroom")
    await second.close()
    assert [row["guild_id"] for row in rows] == [GUILD]


async def test_a_close_that_is_cancelled_still_closes_everything(tmp_path: Path) -> None:
    path = tmp_path / "vigie.sqlite3"
    database = await Database.open(path, SettableClock())
    async with database.read(), database.read():
        pass
    closing = asyncio.create_task(database.close())
    await asyncio.sleep(0)
    closing.cancel()
    await asyncio.wait([closing])
    again = await Database.open(path, SettableClock())
    await again.close()
    connections = (database._writer, *database._open_readers)
    assert [connection._connection for connection in connections] == [None] * 3


async def test_a_close_waits_for_a_reader_that_is_just_being_opened(tmp_path: Path) -> None:
    database = await Database.open(tmp_path / "vigie.sqlite3", SettableClock())

    async def read() -> None:
        async with database.read():
            pass

    reading = asyncio.create_task(read())
    while not database._opening.locked():
        await asyncio.sleep(0)
    reading.cancel()
    await database.close()
    await asyncio.wait([reading])
    assert [reader._connection for reader in database._open_readers] == [None]


async def test_an_open_that_is_refused_lets_the_file_go(tmp_path: Path) -> None:
    path = tmp_path / "vigie.sqlite3"
    with sqlite3.connect(path) as other:
        other.execute("CREATE TABLE recipe (id INTEGER PRIMARY KEY)")
    other.close()
    for _ in range(2):
        with pytest.raises(DatabaseRefusedError) as refused:
            await Database.open(path, SettableClock())
        assert refused.value.text == "database-foreign"


async def test_a_statement_in_flight_when_its_task_is_cancelled_is_rolled_back(database: Database) -> None:
    begun = asyncio.Event()

    async def write_slowly() -> None:
        async with database.tx("test.slow") as connection:
            begun.set()
            await connection.run(
                "INSERT INTO command_sync"
                " WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300000)"
                " SELECT i, 1, 'x', 'x' FROM n"
            )

    task = asyncio.create_task(write_slowly())
    await begun.wait()
    await asyncio.sleep(0.01)
    task.cancel()
    await asyncio.wait([task])
    assert (task.cancelled(), await _halves(database)) == (True, {})


def test_a_connection_offers_no_commit_of_its_own() -> None:
    assert not {"commit", "rollback", "executescript"} & set(dir(Connection))
