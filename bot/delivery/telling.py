"""A word to the operations channel on a message that is in trouble."""

from __future__ import annotations

from datetime import datetime

from bot.cards import OperationsKind
from bot.models import Announcement, AnnouncementKind
from bot.reference import AnnouncementKey
from bot.storage import members, newsrooms
from bot.storage.database import Connection
from bot.storage.outbox import announcements


async def tell(
    connection: Connection, row: Announcement, kind: OperationsKind, about: str, now: datetime, reason: str = ""
) -> None:
    """Owe the newsroom's operations channel a word on a row, once for `about`, unless that channel is the trouble.

    That a person takes no private messages is nobody else's business.
    """
    if await members.is_private(connection, row.guild_id, row.channel_id):
        return
    newsroom = await newsrooms.find(connection, row.guild_id)
    channel = newsroom.operations_channel if newsroom else None
    if channel is None or channel == row.channel_id:
        return
    key = AnnouncementKey(
        guild_id=row.guild_id, channel_id=channel, kind=AnnouncementKind.OPERATIONS, subject=f"{kind}:{about}"
    )
    details = {"event": kind, "channel": str(row.channel_id), "code": row.code, "reason": reason}
    await announcements.owe(connection, key, now=now, details=details)
