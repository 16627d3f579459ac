"""Entries of one organisation that one poll of a full register finds new: one message for each place."""

from __future__ import annotations

from bot.models import Notice
from bot.sources import Source
from bot.storage.database import Connection
from bot.storage.outbox import companions
from bot.storage.outbox.announcements import Place
from bot.storage.outbox.companions import Gathering


async def gathering(connection: Connection, source: Source, notice: Notice) -> dict[Place, Gathering]:
    """Return the messages that a new entry of a register accompanies, by channel: those that its first entries owe.

    Only what the poll under way owes gathers: what was sent is not made longer.
    """
    if not source.is_register or notice.procedure is None:
        return {}
    return await companions.gathering(connection, source.name, notice.procedure)
