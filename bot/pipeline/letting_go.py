"""What a poll owed is let go at its end: at once, or at the end of the quiet hours that it ends in.

Whether it waits is decided then, not when it was found: a poll that begins before quiet hours and ends in them is held.
"""

from __future__ import annotations

from datetime import datetime

from bot.pipeline.brake import pull_at_night
from bot.quiet import quiet_end
from bot.storage import newsrooms
from bot.storage.database import Connection
from bot.storage.outbox import announcements, quieting, rerouting
from bot.storage.outbox.announcements import Place


async def let_go(connection: Connection, now: datetime, source: str | None = None) -> None:
    """Let go of what a source's poll owed; without a source of what any poll did, that the process's end broke off.

    What is owed to channels that are gone goes first to where it leads now. What is new in one channel over a whole
    night is braked as that of one poll is.
    """
    for newsroom in await newsrooms.every(connection):
        await rerouting.lead_on(connection, newsroom.guild_id, now, source)
        until = quiet_end(newsroom, now)
        if until is None:
            continue
        for channel_id in await quieting.hold_polled(connection, newsroom.guild_id, until, source):
            await pull_at_night(connection, Place(newsroom.guild_id, channel_id), newsroom.storm, until, now)
    await announcements.release(connection, source)
