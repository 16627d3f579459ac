"""A message taken out of its channel, or certainly never in it."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Final

from bot.delivery.looking import look
from bot.delivery.port import MessageGoneError, Sender, Standing
from bot.delivery.reconciling import sent_meanwhile
from bot.models import Announcement, AnnouncementState
from bot.storage.database import Database
from bot.storage.outbox import withdrawals
from bot.storage.outbox.announcements import Place

LOOKS: Final = 10
"""How often a try in doubt is looked for before it counts as failed: over some minutes, for it may land late."""


async def take_out(database: Database, row: Announcement, place: Place, sender: Sender, timeout_s: float) -> bool:
    """Delete a message where it stands; return whether it certainly does not stand in its channel any more.

    False means that a try in doubt was not found and may still land: it is to be looked for again. Raises DeliveryError
    as the port says, and TimeoutError for a request that takes longer than `timeout_s`.
    """
    standing = await _standing(database, row, place, sender, timeout_s)
    if standing is not None:
        with contextlib.suppress(MessageGoneError):
            async with asyncio.timeout(timeout_s):
                await sender.delete(place, standing.message_id, thread=standing.thread)
    elif row.state is AnnouncementState.SENDING and row.tries < LOOKS:
        return False
    async with database.tx("delivery.withdrawn") as connection:
        await withdrawals.settle(connection, row.guild_id, row.id)
    return True


async def _standing(
    database: Database, row: Announcement, place: Place, sender: Sender, timeout_s: float
) -> Standing | None:
    """Return the message to be deleted; None where there is none that we know of."""
    match row.state:
        case AnnouncementState.SENDING:
            found = await look(database, row, place, sender, timeout_s)
            return found or await sent_meanwhile(database, place, sender, row.code, timeout_s)
        case AnnouncementState.PENDING:
            return await sent_meanwhile(database, place, sender, row.code, timeout_s)
        case _:
            return Standing(row.message_id, row.thread_id) if row.message_id is not None else None
