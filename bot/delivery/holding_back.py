"""What falls due in quiet hours though it was not held before waits for their end; what is held wrongly is let go."""

from __future__ import annotations

from datetime import datetime

from bot.models import Announcement, AnnouncementState
from bot.quiet import quiet_end, waits
from bot.storage import newsrooms
from bot.storage.database import Connection, Database
from bot.storage.outbox import quieting


async def held_back(database: Database, row: Announcement, now: datetime) -> bool:
    """Hold a row that is due till the end of the quiet hours that it would disturb; return whether it is held.

    That is one that was owed before they began and could not be sent till then. What may stand in its channel already
    is never held: it is settled.
    """
    if row.state is not AnnouncementState.PENDING or row.is_withdrawn or not waits(row.kind, row.details):
        return False
    async with database.read() as connection:
        until = await _end(connection, row.guild_id, now)
    if until is None:
        return False
    async with database.tx("delivery.held") as connection:
        await quieting.hold(connection, row.guild_id, row.id, until)
    return True


async def judge_held(database: Database, now: datetime) -> bool:
    """Hold what is held till the end of the quiet hours that it is now, or let it go; return whether that was needed.

    A clock that was wrong for a while held it for hours that it is not, or will not be over at that moment.
    """
    async with database.read() as connection:
        wrongly = [
            guild_id
            for guild_id, until in await quieting.held(connection, now)
            if until != await _end(connection, guild_id, now)
        ]
    for guild_id in dict.fromkeys(wrongly):
        async with database.tx("delivery.judged") as connection:
            await quieting.judge(connection, guild_id, await _end(connection, guild_id, now))
    return bool(wrongly)


async def _end(connection: Connection, guild_id: int, now: datetime) -> datetime | None:
    newsroom = await newsrooms.find(connection, guild_id)
    return quiet_end(newsroom, now) if newsroom is not None else None
