"""A row in doubt looked for in its channel's history, in its thread, or among the posts of its forum, part by part."""

from __future__ import annotations

import asyncio

from bot.delivery.port import Sender, Standing, ThreadClosedError, UnreadYetError
from bot.models import Announcement
from bot.storage import newsrooms
from bot.storage.database import Database
from bot.storage.outbox import doubt
from bot.storage.outbox.announcements import Place


async def look(
    database: Database, row: Announcement, place: Place, sender: Sender, timeout_s: float
) -> Standing | None:
    """Return the message that shows a row, None where it is not in its channel or its thread.

    How far the history was read is kept, so that no part is read twice. Raises DeliveryError as the port says, and
    TimeoutError for a part that takes longer than `timeout_s`.
    """
    async with database.read() as connection:
        after = await doubt.history_from(connection, row.guild_id, row.id)
        is_post = row.thread_id is None and await newsrooms.is_forum(connection, row.guild_id, row.channel_id)
    while True:
        try:
            async with asyncio.timeout(timeout_s):
                if is_post:
                    found = await sender.find_post(place, row.code, after)
                    return Standing(found, found) if found is not None else None
                found = await sender.find(place, row.code, after, thread=row.thread_id)
                return Standing(found, row.thread_id) if found is not None else None
        except ThreadClosedError:
            # A thread that was never opened, or was deleted with all that stood in it.
            return None
        except UnreadYetError as part:
            after = part.reached
            async with database.tx("delivery.looked") as connection:
                await doubt.looked(connection, row.guild_id, row.id, after)
