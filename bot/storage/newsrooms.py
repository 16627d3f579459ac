"""Newsrooms and the channels where they are told something."""

from __future__ import annotations

import sqlite3
from datetime import datetime

from bot.models import Newsroom, QuietDays
from bot.storage._values import to_text
from bot.storage.database import Connection

_COLUMNS = """
    guild_id, language, timezone, announcements_channel, operations_channel, log_channel, reporter_role, editor_role,
    storm, quiet_days, second_source, retention_days, threads, deadline_days, award_days, quiet_from, quiet_until
"""


async def find(connection: Connection, guild_id: int) -> Newsroom | None:
    """Return a guild's newsroom, or None before its first `/setup`."""
    row = await connection.one(f"SELECT {_COLUMNS} FROM newsroom WHERE guild_id = ?", guild_id)
    return _newsroom(row) if row else None


async def every(connection: Connection) -> list[Newsroom]:
    """Return all newsrooms of this bot, for its own schedule; never shown to one of them."""
    return [_newsroom(row) for row in await connection.all(f"SELECT {_COLUMNS} FROM newsroom ORDER BY guild_id")]


async def save(connection: Connection, newsroom: Newsroom) -> None:
    """Store a newsroom's settings, new or changed."""
    await connection.run(
        f"""
        INSERT INTO newsroom ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT (guild_id) DO UPDATE SET
            language = excluded.language, timezone = excluded.timezone,
            announcements_channel = excluded.announcements_channel, operations_channel = excluded.operations_channel,
            log_channel = excluded.log_channel, reporter_role = excluded.reporter_role,
            editor_role = excluded.editor_role, storm = excluded.storm, quiet_days = excluded.quiet_days,
            second_source = excluded.second_source, retention_days = excluded.retention_days,
            threads = excluded.threads, deadline_days = excluded.deadline_days, award_days = excluded.award_days,
            quiet_from = excluded.quiet_from, quiet_until = excluded.quiet_until
        """,
        newsroom.guild_id,
        newsroom.language,
        newsroom.timezone,
        newsroom.announcements_channel,
        newsroom.operations_channel,
        newsroom.log_channel,
        newsroom.reporter_role,
        newsroom.editor_role,
        newsroom.storm,
        newsroom.quiet_days,
        newsroom.second_source,
        newsroom.retention_days,
        newsroom.threads,
        newsroom.deadline_days,
        newsroom.award_days,
        newsroom.quiet_from,
        newsroom.quiet_until,
    )


async def use_channel(
    connection: Connection, guild_id: int, channel_id: int, floor_id: int, *, is_forum: bool = False
) -> None:
    """Note that announcements may go to a channel, from the snowflake `floor_id` on; the first floor stays.

    What is once known as a forum is one for good: Discord makes no other channel of it.
    """
    await connection.run(
        """
        INSERT INTO channel (guild_id, channel_id, floor_id, is_forum) VALUES (?, ?, ?, ?)
        ON CONFLICT (guild_id, channel_id) DO UPDATE SET is_forum = max(is_forum, excluded.is_forum)
        """,
        guild_id,
        channel_id,
        floor_id,
        is_forum,
    )


async def is_forum(connection: Connection, guild_id: int, channel_id: int) -> bool:
    """Return whether a channel is known as a forum, which takes no messages of its own."""
    row = await connection.one(
        "SELECT is_forum FROM channel WHERE guild_id = ? AND channel_id = ?", guild_id, channel_id
    )
    return bool(row and row["is_forum"])


async def forums(connection: Connection, guild_id: int) -> set[int]:
    """Return those channels of a newsroom that are forums."""
    rows = await connection.all("SELECT channel_id FROM channel WHERE guild_id = ? AND is_forum", guild_id)
    return {row["channel_id"] for row in rows}


async def note_forum(connection: Connection, guild_id: int, channel_id: int) -> None:
    """Note that a channel turned out to be a forum."""
    await connection.run("UPDATE channel SET is_forum = 1 WHERE guild_id = ? AND channel_id = ?", guild_id, channel_id)


async def park(connection: Connection, guild_id: int, channel_id: int, reason: str, now: datetime) -> bool:
    """Stop sending to a channel that is `deleted` or `forbidden`; return whether this is news."""
    return bool(
        await connection.run(
            "UPDATE channel SET parked_reason = ?, parked_at = ?"
            " WHERE guild_id = ? AND channel_id = ? AND parked_reason IS NULL",
            reason,
            to_text(now),
            guild_id,
            channel_id,
        )
    )


async def unpark(connection: Connection, guild_id: int, channel_id: int | None = None) -> int:
    """Try a parked channel again, or all of a guild; return how many were parked."""
    return await connection.run(
        "UPDATE channel SET parked_reason = NULL, parked_at = NULL"
        " WHERE guild_id = ? AND parked_reason IS NOT NULL AND (? IS NULL OR channel_id = ?)",
        guild_id,
        channel_id,
        channel_id,
    )


async def parked(connection: Connection, guild_id: int) -> dict[int, str]:
    """Return the parked channels of a guild with the reason."""
    rows = await connection.all(
        "SELECT channel_id, parked_reason FROM channel WHERE guild_id = ? AND parked_reason IS NOT NULL", guild_id
    )
    return {row["channel_id"]: row["parked_reason"] for row in rows}


def _newsroom(row: sqlite3.Row) -> Newsroom:
    values = dict(row)
    return Newsroom(
        **values
        | {
            "quiet_days": QuietDays(values["quiet_days"]),
            "second_source": bool(values["second_source"]),
            "threads": bool(values["threads"]),
        }
    )
