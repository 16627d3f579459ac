"""What people do with the sources of their newsroom: hold back its hits of one, and announce them again."""

from __future__ import annotations

from datetime import datetime

from bot.access import Action
from bot.storage.custody import audit
from bot.storage.database import Database
from bot.storage.reading import source_pauses


async def pause(database: Database, guild_id: int, source: str, by: int, now: datetime) -> bool:
    """Hold back a newsroom's hits of a source from now on; return whether they were not held back already."""
    async with database.tx("source.pause") as connection:
        is_new = await source_pauses.pause(connection, guild_id, source, by=by, now=now)
        if is_new:
            await audit.note(connection, guild_id, by, Action.SOURCE_PAUSE, now, subject=f"source:{source}")
        return is_new


async def resume(database: Database, guild_id: int, source: str, by: int, now: datetime) -> bool:
    """Hold a newsroom's hits of a source back no longer; return whether they were held back."""
    async with database.tx("source.resume") as connection:
        paused_at = (await source_pauses.of_newsroom(connection, guild_id)).get(source)
        if paused_at is None:
            return False
        await source_pauses.resume(connection, guild_id, source)
        detail = {"paused_at": paused_at.isoformat()}
        await audit.note(connection, guild_id, by, Action.SOURCE_RESUME, now, subject=f"source:{source}", detail=detail)
        return True
