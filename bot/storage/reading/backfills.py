"""The history of sources being read in windows: asked by whom, how far, with what."""

from __future__ import annotations

import sqlite3
from datetime import date, datetime

from bot.models import Backfill
from bot.storage._values import to_moment, to_text
from bot.storage.database import Connection

_COLUMNS = "id, guild_id, source, since, until, reached, started_at, started_by, ended_at, error, notices, new_notices"


async def start(
    connection: Connection,
    source: str,
    since: date,
    until: date,
    *,
    guild_id: int | None = None,
    started_by: int | None = None,
    now: datetime,
) -> Backfill:
    """Note that a source's history is to be read from a day up to another, which is not included, and return that.

    The command line asks for no newsroom. Raises sqlite3.IntegrityError where one of the source is open.
    """
    rows = await connection.all(
        f"""
        INSERT INTO backfill (guild_id, source, since, until, reached, started_at, started_by)
        VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING {_COLUMNS}
        """,
        guild_id,
        source,
        since.isoformat(),
        until.isoformat(),
        since.isoformat(),
        to_text(now),
        started_by,
    )
    return _backfill(rows[0])


async def find_open(connection: Connection, source: str) -> Backfill | None:
    """Return the backfill of a source that is under way or was broken off."""
    row = await connection.one(f"SELECT {_COLUMNS} FROM backfill WHERE source = ? AND ended_at IS NULL", source)
    return _backfill(row) if row else None


async def save(connection: Connection, backfill: Backfill) -> None:
    """Store how far an open backfill is and for whom, what it brought, why it stopped and whether it has ended."""
    await connection.run(
        """
        UPDATE backfill
        SET guild_id = ?, started_by = ?, reached = ?, ended_at = ?, error = ?, notices = ?, new_notices = ?
        WHERE id = ? AND ended_at IS NULL
        """,
        backfill.guild_id,
        backfill.started_by,
        backfill.reached.isoformat(),
        to_text(backfill.ended_at),
        backfill.error,
        backfill.notices,
        backfill.new,
        backfill.id,
    )


def _backfill(row: sqlite3.Row) -> Backfill:
    return Backfill(
        id=row["id"],
        guild_id=row["guild_id"],
        source=row["source"],
        since=date.fromisoformat(row["since"]),
        until=date.fromisoformat(row["until"]),
        reached=date.fromisoformat(row["reached"]),
        started_at=to_moment(row["started_at"]),
        started_by=row["started_by"],
        ended_at=to_moment(row["ended_at"]),
        error=row["error"],
        notices=row["notices"],
        new=row["new_notices"],
    )
