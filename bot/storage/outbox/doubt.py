"""Rows of which nobody knows whether Discord has them: how far they were looked for, and which wait to be."""

from __future__ import annotations

from datetime import datetime

from bot.storage._values import to_text
from bot.storage.database import Connection
from bot.storage.outbox.sending import UNREADABLE


async def history_from(connection: Connection, guild_id: int, announcement_id: int) -> int:
    """Return the snowflake after which the message of a row in doubt stands, if it stands at all."""
    row = await connection.one(
        "SELECT history_from FROM announcement WHERE guild_id = ? AND id = ?", guild_id, announcement_id
    )
    return int(row["history_from"] or 0) if row else 0


async def looked(connection: Connection, guild_id: int, announcement_id: int, reached: int) -> None:
    """Note how far the history was read for a row in doubt: its message does not stand before that snowflake."""
    await connection.run(
        "UPDATE announcement SET history_from = ? WHERE guild_id = ? AND id = ? AND history_from < ?",
        reached,
        guild_id,
        announcement_id,
        reached,
    )


async def retry_set_aside(
    connection: Connection, guild_id: int, now: datetime, channel_id: int | None = None, *, is_any: bool = False
) -> int:
    """Take up as rows in doubt what waits for a channel's history to be readable, or any row; return how many."""
    return await connection.run(
        f"""
        UPDATE announcement SET next_try_at = ?,
            state = CASE WHEN first_try_at IS NULL THEN 'pending' ELSE 'sending' END
        WHERE guild_id = ? AND {"state = 'set_aside'" if is_any else UNREADABLE} AND (? IS NULL OR channel_id = ?)
        """,
        to_text(now),
        guild_id,
        channel_id,
        channel_id,
    )


async def blocked_channels(connection: Connection, guild_id: int) -> list[int]:
    """Return a newsroom's channels that are parked or hold rows that wait for their history to be readable."""
    rows = await connection.all(
        f"""
        SELECT channel_id FROM channel WHERE guild_id = ?1 AND parked_reason IS NOT NULL
        UNION SELECT channel_id FROM announcement WHERE guild_id = ?1 AND {UNREADABLE}
        """,
        guild_id,
    )
    return [row["channel_id"] for row in rows]
