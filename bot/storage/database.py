"""One connection that writes behind a lock, a few that only read, and the file that keeps a second bot out."""

from __future__ import annotations

import asyncio
import fcntl
import os
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Iterable, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any, TypeVar

import aiosqlite

from bot import crash
from bot.clock import Clock
from bot.errors import DatabaseRefusedError
from bot.storage.migrations import Migration, available, migrate, pending
from bot.storage.turns import Turns

T = TypeVar("T")

READERS = 3
BUSY_TIMEOUT_MS = 5_000
OLDEST_SQLITE = (3, 37, 0)
_PRAGMAS = f"""
PRAGMA busy_timeout = {BUSY_TIMEOUT_MS};
PRAGMA journal_mode = WAL;
PRAGMA synchronous = FULL;
PRAGMA foreign_keys = ON;
PRAGMA secure_delete = ON;
"""


class Connection:
    """Run statements on one connection; what storage modules are handed, inside `tx()` or `read()`."""

    def __init__(self, connection: aiosqlite.Connection) -> None:
        self._connection = connection

    async def all(self, sql: str, *values: Any) -> list[sqlite3.Row]:
        """Return every row of a statement."""
        return list(await self._connection.execute_fetchall(sql, values))

    async def one(self, sql: str, *values: Any) -> sqlite3.Row | None:
        """Return the first row of a statement, or None."""
        rows = await self.all(sql, *values)
        return rows[0] if rows else None

    async def run(self, sql: str, *values: Any) -> int:
        """Carry out a statement and return how many rows it changed."""
        return (await self._connection.execute(sql, values)).rowcount

    async def many(self, sql: str, rows: Iterable[Sequence[Any]]) -> None:
        """Carry out a statement once for each row of values."""
        await self._connection.executemany(sql, rows)


class Database:
    """Give transactions and readers over one SQLite file; made by `Database.open`."""

    def __init__(self, path: Path, lock_file: int | None, writer: aiosqlite.Connection) -> None:
        self.path = path
        self._lock_file = lock_file
        self._writer = writer
        self._write_lock = Turns()
        self._reading = Turns(READERS)
        self._readers: asyncio.Queue[aiosqlite.Connection] = asyncio.Queue()
        self._open_readers: list[aiosqlite.Connection] = []
        self._opening = asyncio.Lock()
        self._is_closed = False
        self.owes_empty_log = False
        """Whether the write-ahead log was to be emptied, and a reader held it."""

    @classmethod
    async def open(cls, path: Path, clock: Clock) -> Database:
        """Lock the file against a second bot, migrate it and open it.

        Raises DatabaseRefusedError when another process has it, or when its migrations are newer or altered.
        """
        if sqlite3.sqlite_version_info < OLDEST_SQLITE:
            raise DatabaseRefusedError("database-sqlite-too-old", found=sqlite3.sqlite_version)
        lock_file = await asyncio.to_thread(_lock, path)
        try:
            await _whole(asyncio.to_thread(migrate, path, clock.now()))
            writer = await _connect(path)
            database = cls(path, lock_file, writer)
        except BaseException:
            os.close(lock_file)
            raise
        try:
            # What was erased before the process was killed still stands in the log.
            await database.empty_log()
        except BaseException:
            await database.close()
            raise
        return database

    @classmethod
    @asynccontextmanager
    async def join(cls, path: Path) -> AsyncIterator[Database]:
        """Hold a database that a bot may have open, to note something in it beside that bot: without its lock.

        Raises DatabaseRefusedError where its schema is not this program's, which only the one who holds the lock may
        change.
        """
        todo = await asyncio.to_thread(_missing, path)
        if todo:
            raise DatabaseRefusedError("cli-database-behind", path=str(path))
        database = cls(path, None, await _connect(path))
        try:
            yield database
        finally:
            await database.close()

    async def close(self) -> None:
        """Close every connection and let the file go, to the end though this task is cancelled meanwhile."""
        await _whole(self._close())

    @asynccontextmanager
    async def tx(self, label: str) -> AsyncIterator[Connection]:
        """Hold the one write transaction: committed at the end of the block, rolled back by any exception.

        A cancellation never leaves it half done: BEGIN, COMMIT and ROLLBACK run to their end before it is passed on.
        `label` names the transaction for the crash tests. No network is awaited inside.
        """
        async with self._write_lock:
            try:
                await _whole(self._writer.execute("BEGIN IMMEDIATE"))
                yield Connection(self._writer)
                crash.point(f"{label}: before commit")
            except BaseException:
                await _whole(self._roll_back())
                raise
            try:
                await _whole(self._writer.execute("COMMIT"))
            except BaseException:
                # A COMMIT that fails while this task is cancelled raises the cancellation and leaves all open.
                await _whole(self._roll_back())
                raise
            crash.point(f"{label}: after commit")

    @asynccontextmanager
    async def read(self) -> AsyncIterator[Connection]:
        """Hold a connection that can only read, seeing one state of the database for the whole block."""
        async with self._reading:
            if self._readers.empty() and len(self._open_readers) < READERS:
                await _whole(self._open_reader())
            reader = await self._readers.get()
            try:
                await _whole(reader.execute("BEGIN"))
                yield Connection(reader)
            finally:
                try:
                    await _whole(_end(reader))
                finally:
                    self._readers.put_nowait(reader)

    async def empty_log(self) -> bool:
        """Bring all that is committed into the database file and leave nothing in its write-ahead log.

        Return False, at once, where a reader or another writer keeps that from being done.
        """
        async with self._write_lock:
            self.owes_empty_log = not await _whole(_emptied(self._writer))
        return not self.owes_empty_log

    async def _open_reader(self) -> None:
        async with self._opening:
            if self._is_closed:
                raise ValueError("the database is closed")
            reader = await _connect(self.path)
            self._open_readers.append(reader)
            await reader.execute("PRAGMA query_only = ON")
        self._readers.put_nowait(reader)

    async def _roll_back(self) -> None:
        await _end(self._writer)

    async def _close(self) -> None:
        async with self._opening:
            # A reader that is just being opened would stay open.
            self._is_closed = True
        async with AsyncExitStack() as stack:
            if self._lock_file is not None:
                stack.callback(os.close, self._lock_file)
            for connection in (self._writer, *self._open_readers):
                stack.push_async_callback(connection.close)


async def _connect(path: Path) -> aiosqlite.Connection:
    connection = await aiosqlite.connect(path, isolation_level=None)
    try:
        connection.row_factory = sqlite3.Row
        await connection.executescript(_PRAGMAS)
    except BaseException:
        await _whole(connection.close())
        raise
    return connection


async def _emptied(connection: aiosqlite.Connection) -> bool:
    await connection.execute("PRAGMA busy_timeout = 0")
    try:
        async with connection.execute("PRAGMA wal_checkpoint(TRUNCATE)") as cursor:
            row = await cursor.fetchone()
    finally:
        await connection.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
    return row is not None and not row["busy"]


async def _end(connection: aiosqlite.Connection) -> None:
    """Roll back whatever is open, once the statements already queued by a cancelled task have ended."""
    await connection.rollback()


async def _whole(work: Awaitable[T]) -> T:
    """Carry work to its end though this task is cancelled meanwhile, then pass the cancellation on."""
    task = asyncio.ensure_future(work)
    cancelled: asyncio.CancelledError | None = None
    while not task.done():
        try:
            await asyncio.wait([task])
        except asyncio.CancelledError as error:
            cancelled = error
    if cancelled is not None:
        if not task.cancelled():
            task.exception()
        raise cancelled
    return task.result()


def _missing(path: Path) -> tuple[Migration, ...]:
    connection = sqlite3.connect(path, isolation_level=None)
    try:
        return pending(connection, available())
    finally:
        connection.close()


@contextmanager
def alone(path: Path) -> Iterator[None]:
    """Keep every bot out of a database for the block, whether or not it exists.

    Raises DatabaseRefusedError when another process has it.
    """
    descriptor = _lock(path)
    try:
        yield
    finally:
        os.close(descriptor)


def _lock(path: Path) -> int:
    """Take the lock beside the database, and write who holds it."""
    lock_path = path.with_name(f"{path.name}.lock")
    descriptor = os.open(lock_path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        owner = os.pread(descriptor, 200, 0).decode(errors="replace").strip()
        os.close(descriptor)
        raise DatabaseRefusedError("database-in-use", path=str(path), owner=owner or "?") from None
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, f"pid {os.getpid()} on {os.uname().nodename}\n".encode(), 0)
    return descriptor
