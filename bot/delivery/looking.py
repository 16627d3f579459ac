"""A row in doubt looked for in its channel's history, part by part."""

from __future__ import annotations

import asyncio

from bot.delivery.port import Sender, UnreadYetError
from bot.models import Announcement
from bot.storage.database import Database
from bot.storage.outbox import doubt
from bot.storage.outbox.announcements import Place


async def look(database: Database, row: Announcement, place: Place, sender: Sender, timeout_s: float) -> int | None:
    """Return the message that shows a row, None where it is not in its channel.

    How far the history was read is kept, so that no part is read twice. Raises DeliveryError as the port says, and
    TimeoutError for a part that takes longer than `timeout_s`.
    """
    async with database.read() as connection:
        after = await doubt.history_from(connection, row.guild_id, row.id)
    while True:
        try:
            async with asyncio.timeout(timeout_s):
                return await sender.find(place, row.code, after)
        except UnreadYetError as part:
            after = part.reached
            async with database.tx("delivery.looked") as connection:
                await doubt.looked(connection, row.guild_id, row.id, after)
