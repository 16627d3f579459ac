"""What an operator sees of a database from outside: read only, beside a running bot, without taking its lock."""

from __future__ import annotations

import contextlib
import fcntl
import os
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import aiosqlite

from bot.errors import DatabaseRefusedError
from bot.models import Notice
from bot.storage._files import read_only
from bot.storage._values import to_moment, to_text
from bot.storage.archive import notices
from bot.storage.database import BUSY_TIMEOUT_MS, Connection
from bot.storage.migrations import Migration, available, pending

SOUND = "ok"
_HOLDER_BYTES = 200


@dataclass(frozen=True, slots=True)
class Examination:
    """Hold what a database file is: how many migrations it has, which it lacks, its size, what is damaged if asked."""

    applied: int
    pending: tuple[Migration, ...]
    size_bytes: int
    damage: str | None = None


@dataclass(frozen=True, slots=True)
class Outbox:
    """Count the announcements of all newsrooms by how far they have come; `oldest_at` is the oldest not yet settled.

    `owed` was never tried or certainly failed; `held` of it waits for the end of quiet hours, the last `held_until`:
    what is held is none of the oldest. `in_doubt` may or may not have arrived, `edits` are messages that show an older
    revision than they should, `withdrawals` are to be taken out of their channels, `set_aside` waits for a person.
    """

    owed: int
    in_doubt: int
    edits: int
    withdrawals: int
    set_aside: int
    sent: int
    oldest_at: datetime | None
    held: int = 0
    held_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Holdings:
    """Count what a database holds."""

    newsrooms: int
    items: int
    notices: int
    hits: int


@dataclass(frozen=True, slots=True)
class ParkedChannel:
    """Name a channel that refuses us, why, and since when."""

    guild_id: int
    channel_id: int
    reason: str
    since: datetime


@dataclass(frozen=True, slots=True)
class LastDigest:
    """Name a digest that was made: where, when, and in how many messages; none of them on a quiet day kept silent."""

    guild_id: int
    channel_id: int
    made_at: datetime
    messages: int


def size_bytes(path: Path) -> int:
    """Return how much room a database takes, with its write-ahead log."""
    parts = (path, path.with_name(f"{path.name}-wal"))
    return sum(part.stat().st_size for part in parts if part.exists())


def holder(path: Path) -> str | None:
    """Return who holds a database (`pid 12 on host`), None when nobody does."""
    try:
        descriptor = os.open(path.with_name(f"{path.name}.lock"), os.O_RDONLY)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)  # given back at once, with the descriptor
    except BlockingIOError:
        return os.pread(descriptor, _HOLDER_BYTES, 0).decode(errors="replace").strip() or "?"
    finally:
        os.close(descriptor)
    return None


def examine(path: Path, *, is_thorough: bool = False) -> Examination:
    """Examine a database file, which must exist; `is_thorough` reads all of it for damage and rows without parents.

    Does file work: call it in a thread. Raises DatabaseRefusedError when it is none of ours, newer or altered.
    """
    with _reading(path) as connection:
        todo = pending(connection, available())
        damage = _damage(connection) if is_thorough else None
        return Examination(len(available()) - len(todo), todo, size_bytes(path), damage)


@asynccontextmanager
async def looking(path: Path) -> AsyncIterator[Connection]:
    """Hold a connection that can only read a database, whoever works on it meanwhile."""
    connection = await aiosqlite.connect(read_only(path), uri=True, isolation_level=None)
    try:
        connection.row_factory = sqlite3.Row
        await connection.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
        yield Connection(connection)
    finally:
        await connection.close()


async def outbox(connection: Connection, now: datetime) -> Outbox:
    """Return how much is owed, held, doubtful, set aside and sent, in all newsrooms."""
    held = "(state = 'pending' AND NOT is_withdrawn AND coalesce(held_until, '') > ?1)"
    row = await connection.one(
        f"""
        SELECT count(*) FILTER (WHERE state = 'pending' AND NOT is_withdrawn) AS owed,
            count(*) FILTER (WHERE state = 'sending' AND NOT is_withdrawn) AS in_doubt,
            count(*) FILTER (
                WHERE state = 'sent' AND message_id IS NOT NULL AND shown_revision < due_revision AND NOT is_withdrawn
            ) AS edits,
            count(*) FILTER (WHERE is_withdrawn AND state <> 'withdrawn') AS withdrawals,
            count(*) FILTER (WHERE state = 'set_aside') AS set_aside,
            count(*) FILTER (WHERE state = 'sent' AND NOT is_withdrawn) AS sent,
            min(created_at) FILTER (
                WHERE state IN ('pending', 'sending') AND NOT is_withdrawn AND NOT {held}
            ) AS oldest,
            count(*) FILTER (WHERE {held}) AS held, max(held_until) FILTER (WHERE {held}) AS held_until
        FROM announcement
        """,
        to_text(now),
    )
    if row is None:
        return Outbox(0, 0, 0, 0, 0, 0, None)
    counts = (row["owed"], row["in_doubt"], row["edits"], row["withdrawals"], row["set_aside"], row["sent"])
    return Outbox(*counts, to_moment(row["oldest"]), row["held"], to_moment(row["held_until"]))


async def holdings(connection: Connection) -> Holdings:
    """Return how many newsrooms, live watch items, notices and hits there are."""
    row = await connection.one(
        """
        SELECT (SELECT count(*) FROM newsroom) AS newsrooms,
            (SELECT count(*) FROM watch_item WHERE removed_at IS NULL) AS items,
            (SELECT count(*) FROM notice) AS notices, (SELECT count(*) FROM hit) AS hits
        """
    )
    return Holdings(row["newsrooms"], row["items"], row["notices"], row["hits"]) if row else Holdings(0, 0, 0, 0)


async def parked_channels(connection: Connection) -> list[ParkedChannel]:
    """Return the parked channels of all newsrooms, for the operator; not those of people who take no messages."""
    rows = await connection.all(
        """
        SELECT guild_id, channel_id, parked_reason, parked_at FROM channel
        WHERE parked_reason IS NOT NULL AND person IS NULL ORDER BY parked_at
        """
    )
    return [
        ParkedChannel(row["guild_id"], row["channel_id"], row["parked_reason"], to_moment(row["parked_at"]))
        for row in rows
    ]


async def last_digest(connection: Connection) -> LastDigest | None:
    """Return the digest that was made last in any newsroom, at its time or because a person asked."""
    row = await connection.one(
        """
        SELECT guild_id, channel_id, made_at, messages FROM (
            SELECT guild_id, digest_id, made_at, messages FROM digest_slot
            UNION SELECT guild_id, digest_id, max(created_at), count(*) FROM announcement WHERE kind = 'digest'
                GROUP BY guild_id, digest_id, rtrim(subject, '0123456789')
        ) JOIN digest USING (guild_id) WHERE digest.id = digest_id ORDER BY made_at DESC, messages DESC LIMIT 1
        """
    )
    return LastDigest(row["guild_id"], row["channel_id"], to_moment(row["made_at"]), row["messages"]) if row else None


async def used_channels(connection: Connection) -> dict[int, list[int]]:
    """Return, by guild, the channels that newsrooms, their live items, open dossiers and digests now send to."""
    rows = await connection.all(
        """
        SELECT guild_id, announcements_channel AS channel_id FROM newsroom
        UNION SELECT guild_id, operations_channel FROM newsroom
        UNION SELECT guild_id, log_channel FROM newsroom
        UNION SELECT guild_id, channel_id FROM watch_item WHERE removed_at IS NULL
        UNION SELECT guild_id, channel_id FROM dossier WHERE closed_at IS NULL
        UNION SELECT guild_id, channel_id FROM digest WHERE removed_at IS NULL
        ORDER BY guild_id, channel_id
        """
    )
    found: dict[int, list[int]] = {}
    for row in rows:
        found.setdefault(row["guild_id"], [])
        if row["channel_id"] is not None:
            found[row["guild_id"]].append(row["channel_id"])
    return found


async def threaded_channels(connection: Connection) -> frozenset[int]:
    """Return the channels in which newsrooms want what continues a procedure to stand in a thread."""
    rows = await connection.all(
        """
        SELECT announcements_channel AS channel_id FROM newsroom WHERE threads AND announcements_channel IS NOT NULL
        UNION SELECT channel_id FROM watch_item JOIN newsroom USING (guild_id)
            WHERE threads AND removed_at IS NULL AND channel_id IS NOT NULL
        UNION SELECT channel_id FROM dossier JOIN newsroom USING (guild_id)
            WHERE threads AND closed_at IS NULL AND channel_id IS NOT NULL
        """
    )
    return frozenset(row["channel_id"] for row in rows)


async def last_revision(connection: Connection) -> int:
    """Return a mark behind everything that is stored, for `revisions_after`."""
    row = await connection.one("SELECT coalesce(max(rowid), 0) AS mark FROM notice_revision")
    return int(row["mark"]) if row else 0


async def revisions_after(connection: Connection, mark: int) -> AsyncIterator[Notice]:
    """Yield the notice revisions stored after a mark, in the order they were stored."""
    rows = await connection.all("SELECT notice_id, revision FROM notice_revision WHERE rowid > ? ORDER BY rowid", mark)
    for row in rows:
        yield await notices.get(connection, row["notice_id"], row["revision"])


@contextmanager
def _reading(path: Path) -> Iterator[sqlite3.Connection]:
    with contextlib.closing(
        sqlite3.connect(read_only(path), uri=True, isolation_level=None, timeout=BUSY_TIMEOUT_MS / 1000)
    ) as connection:
        try:
            yield connection
        except sqlite3.DatabaseError as error:
            if error.sqlite_errorcode == sqlite3.SQLITE_NOTADB:
                raise DatabaseRefusedError("database-foreign") from error
            raise


def _damage(connection: sqlite3.Connection) -> str | None:
    """Return the first thing that is wrong inside a database, None when it is sound."""
    try:
        found = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
    except sqlite3.DatabaseError as error:
        if error.sqlite_errorcode != sqlite3.SQLITE_CORRUPT:
            raise
        return str(error)
    if found != SOUND:
        return str(found)
    orphan = connection.execute("PRAGMA foreign_key_check").fetchone()
    return f"{orphan[0]}: {orphan[2]}" if orphan is not None else None
