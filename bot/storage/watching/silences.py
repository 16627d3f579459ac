"""Watch items that nothing has hit for long, and when they were listed for review."""

from __future__ import annotations

from datetime import datetime

from bot.clock import MOST_AHEAD
from bot.models import SilentItem
from bot.storage._values import to_text
from bot.storage.database import Connection


async def silent(connection: Connection, guild_id: int, since: datetime, now: datetime, limit: int) -> list[SilentItem]:
    """Return live items that are neither muted nor younger than `since`, without a hit of any kind from then on.

    One that was listed before comes back only after a hit. What was noted while the clock was wrong does not count.
    Oldest first, so many at most.
    """
    rows = await connection.all(
        """
        SELECT id, name, added_by FROM watch_item
        WHERE guild_id = ?1 AND removed_at IS NULL AND (muted_until IS NULL OR muted_until <= ?3)
            AND (added_at <= ?2 OR added_at > ?5)
            AND NOT EXISTS (SELECT 1 FROM hit
                WHERE hit.guild_id = ?1 AND hit.item_id = watch_item.id AND hit.found_at > ?2 AND hit.found_at <= ?5)
            AND (silence_told_at IS NULL OR silence_told_at > ?5 OR EXISTS (SELECT 1 FROM hit
                WHERE hit.guild_id = ?1 AND hit.item_id = watch_item.id AND hit.found_at > silence_told_at))
        ORDER BY id LIMIT ?4
        """,
        guild_id,
        to_text(since),
        to_text(now),
        limit,
        to_text(now + MOST_AHEAD),
    )
    return [SilentItem(row["id"], row["name"], row["added_by"]) for row in rows]
