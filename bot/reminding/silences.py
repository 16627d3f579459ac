"""Watch items that nothing has hit for half a year, listed for review in the operations channel."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from bot.cards import OperationsKind
from bot.models import AnnouncementKind, Newsroom
from bot.quiet import quiet_end
from bot.reference import AnnouncementKey
from bot.storage.database import Database
from bot.storage.outbox import announcements
from bot.storage.watching import silences as silent_items
from bot.storage.watching import weekly
from bot.storage.watching.weekly import WeeklyNote

SILENT: Final = timedelta(days=180)
WEEK: Final = timedelta(days=7)
LISTED: Final = 20
"""How many items one message names; the others wait for that of the next week."""


async def list_silent(database: Database, newsroom: Newsroom, now: datetime) -> None:
    """Owe the operations channel the items that have been silent for long and were not listed since, once a week."""
    guild_id, channel_id = newsroom.guild_id, newsroom.operations_channel
    if channel_id is None:
        return
    async with database.read() as connection:
        if await weekly.is_told_since(connection, guild_id, WeeklyNote.SILENT, now - WEEK, now):
            return
        items = await silent_items.silent(connection, guild_id, now - SILENT, now, LISTED)
    if not items:
        return
    key = AnnouncementKey(
        guild_id=guild_id,
        channel_id=channel_id,
        kind=AnnouncementKind.OPERATIONS,
        subject=f"{OperationsKind.ITEMS_SILENT}:{now.isoformat()}",
    )
    details = {
        "event": OperationsKind.ITEMS_SILENT,
        "items": [{"id": item.item_id, "name": item.name} for item in items],
    }
    async with database.tx("reminding.silent") as connection:
        if await weekly.is_told_since(connection, guild_id, WeeklyNote.SILENT, now - WEEK, now):
            return
        await announcements.owe(connection, key, now=now, details=details, held_until=quiet_end(newsroom, now))
        await weekly.note(connection, guild_id, WeeklyNote.SILENT, [item.item_id for item in items], now)
