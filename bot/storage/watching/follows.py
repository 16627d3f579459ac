"""Which procedures people follow by hand: what is published of them is announced in a channel, item or not.

A follow names one notice and stands for its whole series: its twins, and all notices of its procedure.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from bot.models import Follow
from bot.storage._values import to_moment, to_text
from bot.storage.archive.twins import OF_SERIES
from bot.storage.database import Connection

FOLLOWED: Final = """
    EXISTS (
        SELECT 1 FROM procedure_follow CROSS JOIN notice AS named ON named.id = procedure_follow.notice_id
        CROSS JOIN notice AS told ON told.id = announcement.notice_id
        WHERE procedure_follow.guild_id = announcement.guild_id
            AND procedure_follow.channel_id = announcement.channel_id AND procedure_follow.ended_at IS NULL
            AND (named.id = told.id OR named.procedure = told.procedure)
    )
"""
"""Whether somebody follows the procedure of a notice where it was announced, as SQL on a row of `announcement`."""

_COLUMNS: Final = "id, guild_id, notice_id, channel_id, followed_by, followed_at, ended_by, ended_at"


@dataclass(frozen=True, slots=True)
class FollowedNotice:
    """Hold a follow with the newest title and link of the notice that it names."""

    follow: Follow
    title: str
    url: str | None


async def add(
    connection: Connection, guild_id: int, notice_row: int, channel_id: int, by: int, now: datetime
) -> Follow:
    """Note that somebody follows the procedure of a notice in a channel; it must not be followed already."""
    rows = await connection.all(
        f"""
        INSERT INTO procedure_follow (guild_id, notice_id, channel_id, followed_by, followed_at) VALUES (?, ?, ?, ?, ?)
        RETURNING {_COLUMNS}
        """,
        guild_id,
        notice_row,
        channel_id,
        by,
        to_text(now),
    )
    return _follow(rows[0])


async def standing(
    connection: Connection, guild_id: int, notice_row: int, channel_id: int | None = None
) -> Follow | None:
    """Return the follow of a newsroom's that stands for the series of a notice, the first one, in a channel or any."""
    row = await connection.one(
        f"""
        SELECT {_COLUMNS} FROM procedure_follow
        WHERE +guild_id = ?2 AND ended_at IS NULL AND notice_id IN ({OF_SERIES})
            AND (?3 IS NULL OR channel_id = ?3)
        ORDER BY id LIMIT 1
        """,
        notice_row,
        guild_id,
        channel_id,
    )
    return _follow(row) if row else None


async def find(connection: Connection, guild_id: int, follow_id: int) -> Follow | None:
    """Return a newsroom's follow, ended or not."""
    row = await connection.one(
        f"SELECT {_COLUMNS} FROM procedure_follow WHERE guild_id = ? AND id = ?", guild_id, follow_id
    )
    return _follow(row) if row else None


async def end(connection: Connection, guild_id: int, follow_id: int, by: int, now: datetime) -> bool:
    """Note that a procedure is followed no longer; return whether it still was."""
    return bool(
        await connection.run(
            """
            UPDATE procedure_follow SET ended_by = ?, ended_at = ? WHERE guild_id = ? AND id = ? AND ended_at IS NULL
            """,
            by,
            to_text(now),
            guild_id,
            follow_id,
        )
    )


async def move(connection: Connection, guild_id: int, old: int, new: int) -> None:
    """Follow in another channel what was followed in one of which no message there tells any more: its card moved.

    Where a card stands its procedure is followed for good; what comes of it is led on (`outbox.rerouting`).
    """
    await connection.run(
        """
        UPDATE procedure_follow SET channel_id = ?1
        WHERE guild_id = ?2 AND channel_id = ?3 AND ended_at IS NULL AND NOT EXISTS (
            SELECT 1 FROM notice AS named JOIN notice AS told ON told.id = named.id OR told.procedure = named.procedure
            JOIN announcement ON announcement.notice_id = told.id
            WHERE named.id = procedure_follow.notice_id AND announcement.guild_id = ?2
                AND announcement.channel_id = ?3)
        """,
        new,
        guild_id,
        old,
    )


async def count(connection: Connection, guild_id: int) -> int:
    """Return how many procedures a newsroom's people follow by hand."""
    row = await connection.one(
        "SELECT count(*) FROM procedure_follow WHERE guild_id = ? AND ended_at IS NULL", guild_id
    )
    return int(row[0]) if row else 0


async def listed(connection: Connection, guild_id: int, limit: int) -> list[FollowedNotice]:
    """Return the procedures that a newsroom's people follow by hand, the latest followed first."""
    rows = await connection.all(
        """
        SELECT procedure_follow.*, says.title, says.url
        FROM procedure_follow JOIN notice ON notice.id = procedure_follow.notice_id
        JOIN notice_revision AS says ON says.notice_id = notice.id AND says.revision = notice.revision
        WHERE procedure_follow.guild_id = ? AND ended_at IS NULL ORDER BY procedure_follow.id DESC LIMIT ?
        """,
        guild_id,
        limit,
    )
    return [FollowedNotice(_follow(row), row["title"], row["url"]) for row in rows]


def _follow(row: sqlite3.Row) -> Follow:
    return Follow(
        id=row["id"],
        guild_id=row["guild_id"],
        notice_id=row["notice_id"],
        channel_id=row["channel_id"],
        followed_by=row["followed_by"],
        followed_at=to_moment(row["followed_at"]),
        ended_by=row["ended_by"],
        ended_at=to_moment(row["ended_at"]),
    )
