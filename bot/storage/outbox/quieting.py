"""What waits for the end of a newsroom's quiet hours: held, let go, and counted by channel."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from bot.quiet import WAITING_EVENTS, WAITING_KINDS
from bot.storage._values import to_moment, to_text
from bot.storage.database import Connection

WAITING: Final = f"""
    (kind IN ({", ".join(f"'{kind}'" for kind in sorted(WAITING_KINDS))}) OR (kind = 'operations'
        AND json_extract(details, '$.event') IN ({", ".join(f"'{event}'" for event in sorted(WAITING_EVENTS))})))
"""
"""Whether a row is of those that wait for the end of quiet hours, as `bot.quiet.waits` says."""
# The index of what is open is used for its own condition only, and where the sign keeps SQLite from another one.
_OPEN: Final = "state IN ('pending', 'sending') AND state = 'pending' AND NOT is_withdrawn AND +guild_id = ?"


async def judge(connection: Connection, guild_id: int, until: datetime | None) -> int:
    """Hold till a moment what a newsroom is owed and has not been tried, or (None) let it go; return how many rows.

    What a poll under way owes is judged when that ends.
    """
    return await connection.run(
        f"""
        UPDATE announcement SET held_until = ?
        WHERE {_OPEN} AND polled IS NULL AND {WAITING} AND held_until IS NOT ?
        """,
        to_text(until),
        guild_id,
        to_text(until),
    )


async def held(connection: Connection, now: datetime) -> list[tuple[int, datetime]]:
    """Return till when anything is held at a moment, by newsroom."""
    rows = await connection.all(
        "SELECT DISTINCT guild_id, held_until FROM announcement WHERE held_until > ? AND state = 'pending'",
        to_text(now),
    )
    return [(row["guild_id"], to_moment(row["held_until"])) for row in rows]


async def hold_polled(connection: Connection, guild_id: int, until: datetime, source: str | None = None) -> list[int]:
    """Hold till a moment what the poll of a source, under way, owes a newsroom; without a source what any poll does.

    Return the channels for which announcements of notices or storms are held till then, by this poll or before it.
    """
    await connection.run(
        f"""
        UPDATE announcement SET held_until = ?
        WHERE {_OPEN} AND polled IS NOT NULL AND (? IS NULL OR polled = ?) AND {WAITING}
        """,
        to_text(until),
        guild_id,
        source,
        source,
    )
    rows = await connection.all(
        f"""
        SELECT DISTINCT channel_id FROM announcement
        WHERE {_OPEN} AND held_until = ? AND kind IN ('notice', 'storm')
        """,
        guild_id,
        to_text(until),
    )
    return sorted(row["channel_id"] for row in rows)


async def hold(connection: Connection, guild_id: int, announcement_id: int, until: datetime) -> None:
    """Hold a row till a moment, unless it was tried meanwhile."""
    await connection.run(
        f"UPDATE announcement SET held_until = ? WHERE {_OPEN} AND id = ?", to_text(until), guild_id, announcement_id
    )
