"""Where a message stands that continues others: in the thread of the first of them, or in their post of a forum."""

from __future__ import annotations

from typing import Final

from bot.models import Announcement
from bot.storage.database import Connection
from bot.storage.outbox.announcements import COLUMNS, read_row

# Up the chain of what a row follows, as far as that is of its channel, and down again to all that follows the first.
# The sign keeps SQLite to the index of what follows: a channel has had many announcements.
_FAMILY: Final = """
    WITH RECURSIVE before (id, follows) AS (
        SELECT id, follows FROM announcement WHERE guild_id = ?1 AND id = ?2
        UNION SELECT earlier.id, earlier.follows FROM before
            JOIN announcement AS earlier ON earlier.guild_id = ?1 AND earlier.id = before.follows
            WHERE earlier.channel_id = ?3
    ), family (id) AS (
        SELECT min(id) FROM before
        UNION SELECT later.id FROM family
            JOIN announcement AS later ON later.guild_id = ?1 AND later.follows = family.id
            WHERE +later.channel_id = ?3
    )
"""


async def first_in_channel(connection: Connection, row: Announcement) -> Announcement | None:
    """Return the first of those messages that a row continues which stands in its channel itself, in no thread."""
    return await _one(connection, row, "thread_id IS NULL", "announcement.id")


async def last_in_thread(connection: Connection, row: Announcement) -> Announcement | None:
    """Return the last of those messages that a row continues which stands in a thread, or is a post of a forum."""
    return await _one(connection, row, "thread_id IS NOT NULL", "announcement.id DESC")


async def is_used(connection: Connection, row: Announcement, thread_id: int) -> bool:
    """Return whether another message of ours was sent into a thread: it was opened, whether or not it is there now."""
    found = await connection.one(
        """
        SELECT 1 FROM announcement WHERE guild_id = ? AND thread_id = ? AND message_id IS NOT NULL AND id <> ?
        """,
        row.guild_id,
        thread_id,
        row.id,
    )
    return found is not None


async def last_used(connection: Connection, guild_id: int, channel_id: int) -> int:
    """Return our id of the last announcement of a channel that was sent into a thread, 0 where there is none."""
    found = await connection.one(
        """
        SELECT max(id) AS id FROM announcement
        WHERE guild_id = ? AND channel_id = ? AND thread_id IS NOT NULL AND message_id IS NOT NULL
        """,
        guild_id,
        channel_id,
    )
    return int(found["id"] or 0) if found else 0


async def _one(connection: Connection, row: Announcement, condition: str, order: str) -> Announcement | None:
    found = await connection.one(
        f"""
        {_FAMILY}
        SELECT {COLUMNS} FROM family CROSS JOIN announcement ON announcement.guild_id = ?1
            AND announcement.id = family.id
        WHERE announcement.id <> ?2 AND state = 'sent' AND message_id IS NOT NULL AND NOT is_withdrawn AND {condition}
        ORDER BY {order} LIMIT 1
        """,
        row.guild_id,
        row.id,
        row.channel_id,
    )
    return read_row(found) if found else None
