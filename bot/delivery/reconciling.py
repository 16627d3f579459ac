"""After a restore: what a channel got since the backup is read once, before anything is sent there."""

from __future__ import annotations

import asyncio

from bot.delivery.port import Sender
from bot.storage.database import Database
from bot.storage.outbox import sightings
from bot.storage.outbox.announcements import Place


async def sent_meanwhile(database: Database, place: Place, sender: Sender, code: str, timeout_s: float) -> int | None:
    """Return the message of a channel that shows a code though this database, restored, does not know of it.

    The channel's history is read first where it was not yet, part by part, each part kept. Raises DeliveryError as the
    port says, and TimeoutError for a part that takes longer than `timeout_s`.
    """
    while True:
        async with database.read() as connection:
            unknown = await sightings.unknown(connection, place)
            if unknown is None:
                return await sightings.find(connection, place, code)
        async with asyncio.timeout(timeout_s):
            seen = await sender.seen(place, unknown.after, unknown.before)
        async with database.tx("delivery.sighted") as connection:
            await sightings.note(connection, place, seen.codes, seen.reached)
