"""What falls due in quiet hours though it was not held before: it waits for their end."""

from __future__ import annotations

from datetime import datetime

from bot.models import Announcement, AnnouncementState
from bot.quiet import quiet_end, waits
from bot.storage import newsrooms
from bot.storage.database import Database
from bot.storage.outbox import quieting


async def held_back(database: Database, row: Announcement, now: datetime) -> bool:
    """Hold a row that is due till the end of the quiet hours that it would disturb; return whether it is held.

    That is one that was owed before they began and could not be sent till then. What may stand in its channel already
    is never held: it is settled.
    """
    if row.state is not AnnouncementState.PENDING or row.is_withdrawn or not waits(row.kind, row.details):
        return False
    async with database.read() as connection:
        newsroom = await newsrooms.find(connection, row.guild_id)
    until = quiet_end(newsroom, now) if newsroom is not None else None
    if until is None:
        return False
    async with database.tx("delivery.held") as connection:
        await quieting.hold(connection, row.guild_id, row.id, until)
    return True
