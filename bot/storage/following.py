"""Where a procedure was announced and is still followed, so that what comes after is announced there too."""

from __future__ import annotations

from datetime import datetime

from bot.storage._dismissed import DISMISSED_BY
from bot.storage._values import to_text
from bot.storage.announcements import Place
from bot.storage.database import Connection


async def places_of_procedure(connection: Connection, procedure: str, now: datetime) -> dict[Place, int]:
    """Return where a procedure was announced and is still followed, with the first announcement there.

    Followed means that at least one of the items that brought it there is neither removed nor muted, and nobody said
    that it was not the item.
    """
    return await _followed(connection, "notice.procedure = ?", procedure, now)


async def places_of_notice(connection: Connection, notice_row: int, now: datetime) -> dict[Place, int]:
    """Return where a notice was announced and is still followed, with the first announcement there."""
    return await _followed(connection, "notice.id = ?", notice_row, now)


async def _followed(connection: Connection, which: str, value: object, now: datetime) -> dict[Place, int]:
    rows = await connection.all(
        f"""
        SELECT announcement.guild_id, announcement.channel_id, min(announcement.id) AS first
        FROM announcement JOIN notice ON notice.id = announcement.notice_id
        WHERE {which}
        GROUP BY announcement.guild_id, announcement.channel_id
        HAVING max(EXISTS (
            SELECT 1 FROM announcement_hit
            JOIN hit ON hit.id = announcement_hit.hit_id
            JOIN watch_item ON watch_item.guild_id = hit.guild_id AND watch_item.id = hit.item_id
            WHERE announcement_hit.announcement_id = announcement.id AND watch_item.removed_at IS NULL
                AND coalesce(watch_item.muted_until, '') <= ? AND {DISMISSED_BY} IS NULL
        ))
        """,
        value,
        to_text(now),
    )
    return {Place(row["guild_id"], row["channel_id"]): row["first"] for row in rows}
