"""Where a notice or its procedure was announced and is still followed, so that what comes after is announced there too.

A notice is told of by its own announcements, by those of its twins, and by those that it accompanies.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from bot.models import Announcement
from bot.storage._dismissed import DISMISSED_BY
from bot.storage._values import to_text
from bot.storage.archive.twins import OF_GROUP
from bot.storage.database import Connection
from bot.storage.outbox.announcements import COLUMNS, Place, read_row
from bot.storage.watching.follows import FOLLOWED

TELLING: Final = f"""
    SELECT id FROM announcement WHERE notice_id IN ({OF_GROUP})
    UNION SELECT announcement_id FROM announcement_companion WHERE notice_id = ?1
"""
"""Our ids of the announcements, in all newsrooms, that tell of a notice."""

IS_FOLLOWED: Final = f"""
    (EXISTS (
        SELECT 1 FROM announcement_hit
        JOIN hit ON hit.id = announcement_hit.hit_id
        JOIN watch_item ON watch_item.guild_id = hit.guild_id AND watch_item.id = hit.item_id
        WHERE announcement_hit.announcement_id = announcement.id AND watch_item.removed_at IS NULL
            AND coalesce(watch_item.muted_until, '') <= {{now}} AND {DISMISSED_BY} IS NULL AND {{brought}}
    ) OR {FOLLOWED})
"""
"""Whether what a message tells of is still followed where it stands: by an item that it shows, or by hand.

The items count whose hits `brought` holds for: they are neither removed nor muted `now`, nor did anybody say that the
notice is not about them.
"""

_PROCEDURE: Final = "announcement.notice_id IN (SELECT notice.id FROM notice WHERE notice.procedure = ?1)"
_NOTICE: Final = f"announcement.id IN ({TELLING})"


async def telling_of(connection: Connection, notice_row: int) -> list[Announcement]:
    """Return every announcement that tells of a notice, in all newsrooms, oldest first."""
    rows = await connection.all(
        f"SELECT {COLUMNS} FROM announcement WHERE announcement.id IN ({TELLING}) ORDER BY announcement.id", notice_row
    )
    return [read_row(row) for row in rows]


async def places_of_procedure(connection: Connection, procedure: str, now: datetime) -> dict[Place, int]:
    """Return where a procedure was announced and is still followed, with the first announcement there.

    Followed means that at least one of the items that brought it there is neither removed nor muted, and nobody said
    that it was not the item; or that somebody follows the procedure there.
    """
    return await _followed(connection, _PROCEDURE, "1", procedure, now)


async def places_of_notice(connection: Connection, notice_row: int, now: datetime) -> dict[Place, int]:
    """Return where a notice was announced and is still followed, with the first announcement that tells of it there.

    Of a message that tells of several entries only the items count that this one brought.
    """
    brought = f"(hit.notice_id = ?1 OR announcement.notice_id IN ({OF_GROUP}))"
    return await _followed(connection, _NOTICE, brought, notice_row, now)


async def _followed(connection: Connection, which: str, brought: str, value: object, now: datetime) -> dict[Place, int]:
    rows = await connection.all(
        f"""
        SELECT announcement.guild_id, announcement.channel_id, min(announcement.id) AS first
        FROM announcement
        WHERE {which}
        GROUP BY announcement.guild_id, announcement.channel_id
        HAVING max({IS_FOLLOWED.format(now="?2", brought=brought)})
        """,
        value,
        to_text(now),
    )
    return {Place(row["guild_id"], row["channel_id"]): row["first"] for row in rows}
