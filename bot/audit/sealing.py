"""What a newsroom's log held before there was an audit log: sealed once, thing by thing, when the bot starts."""

from __future__ import annotations

import logging
from typing import Final

from bot.clock import Clock
from bot.models import ThingKind
from bot.storage.custody import audit
from bot.storage.database import Database

log = logging.getLogger(__name__)

BATCH: Final = 50
"""How many tips or facts are sealed in one transaction: it holds the write lock for about 20 ms."""


async def seal_former(database: Database, clock: Clock) -> int:
    """Seal the tips and facts that were logged before the audit log; return how many there were.

    Each gets an entry of its own, made by `vigie`, action `seal`; a last one says how many they were, and from then on
    nothing that lacks a seal gets one. What was broken off goes on where it stopped.
    """
    async with database.read() as connection:
        waiting = await audit.waiting_to_be_sealed(connection)
        unsealed = sum([await audit.count_unsealed(connection, guild_id) for guild_id in waiting])
    if unsealed:
        log.info("sealing %d tips and facts that were logged before the audit log; the bot connects then", unsealed)
    number = 0
    for guild_id in waiting:
        counts = {kind: await _seal_all(database, clock, guild_id, kind) for kind in (ThingKind.TIP, ThingKind.FACT)}
        number += sum(counts.values())
        async with database.tx("audit.sealed") as connection:
            sealed = await audit.count_sealed(connection, guild_id)
            if sealed:
                detail = {"entries": sealed}
                await audit.note(connection, guild_id, audit.VIGIE, audit.SEALING, clock.now(), detail=detail)
    if number:
        log.info("sealed %d tips and facts", number)
    return number


async def _seal_all(database: Database, clock: Clock, guild_id: int, kind: ThingKind) -> int:
    """Seal a newsroom's tips or facts batch by batch; return how many."""
    number, after = 0, 0
    while True:
        async with database.tx("audit.seal") as connection:
            ids = await audit.unsealed_things(connection, guild_id, kind, after, BATCH)
            await audit.seal_things(connection, guild_id, kind, ids, clock.now())
        if not ids:
            return number
        number, after = number + len(ids), ids[-1]
