"""After a restore: what a channel and its threads got since the backup is read once, before anything is sent there."""

from __future__ import annotations

import asyncio

from bot.delivery.port import Seen, Sender, Standing, ThreadClosedError
from bot.storage import members, newsrooms
from bot.storage.database import Database
from bot.storage.outbox import sightings
from bot.storage.outbox.announcements import Place
from bot.storage.outbox.sightings import Unknown


async def sent_meanwhile(
    database: Database, place: Place, sender: Sender, code: str, timeout_s: float
) -> Standing | None:
    """Return the message of a channel that shows a code though this database, restored, does not know of it.

    The history of the channel and of its threads is read first where it was not yet, part by part: of the channel each
    part is kept. Raises DeliveryError as the port says, and TimeoutError for a part that takes longer than `timeout_s`.
    """
    are_threads_read = False
    while True:
        async with database.read() as connection:
            unknown = await sightings.unknown(connection, place)
            if unknown is None:
                found = await sightings.find(connection, place, code)
                return Standing(found.message_id, found.thread_id) if found is not None else None
            is_private = await members.is_private(connection, place.guild_id, place.channel_id)
            is_forum = await newsrooms.is_forum(connection, place.guild_id, place.channel_id)
        if not are_threads_read and not is_private:
            await _read_threads(database, place, sender, unknown, timeout_s)
            are_threads_read = True
        seen = Seen({}, unknown.before)
        if not is_forum:  # which has posts only
            async with asyncio.timeout(timeout_s):
                seen = await sender.seen(place, unknown.after, unknown.before)
        async with database.tx("delivery.sighted") as connection:
            await sightings.note(connection, place, seen.codes, seen.reached)


async def _read_threads(database: Database, place: Place, sender: Sender, unknown: Unknown, timeout_s: float) -> None:
    """Note what stands in the threads of a channel, or is a post of a forum, since the backup."""
    async with asyncio.timeout(timeout_s):
        threads = await sender.threads(place, unknown.after)
    for thread in threads:
        after = unknown.after
        while after < unknown.before:
            try:
                async with asyncio.timeout(timeout_s):
                    seen = await sender.seen(place, after, unknown.before, thread=thread)
            except ThreadClosedError:
                break
            async with database.tx("delivery.sighted_in_thread") as connection:
                await sightings.note(connection, place, seen.codes, None, thread_id=thread)
            after = seen.reached
