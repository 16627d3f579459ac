"""What was read, stored in short transactions, so that whoever else wants to write gets a turn between them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from typing import Final

from bot.clock import Clock
from bot.pipeline.intake import Intake, Prepared, Taken
from bot.pipeline.letting_go import let_go
from bot.pipeline.registers import Batch
from bot.sources import Source
from bot.storage.database import Connection, Database

LOCK_S: Final = 0.05
"""How long a transaction may hold the write lock."""
AIM_S: Final = 0.6 * LOCK_S
"""How long transactions are made to hold it: what the next one holds may be heavier than what the last one did."""
FEWEST: Final = 5
"""How many notices the first transaction of a read stores: nobody knows yet how heavy they are."""
GROWTH: Final = 2
"""How many times as many notices as the last transaction the next one stores at most."""
TOLD_EVERY: Final = 1_000
"""How many notices are stored before somebody is told that there are new ones; the last ones are told with the poll."""

Close = Callable[[Connection, Taken], Awaitable[None]]
"""What is noted in the transaction that stores the last of a read, with what the whole read added."""


class Storing:
    """Store one read of a source; `dump` is the number of a register's dump, None where there is none to compare.

    `stored` is called every thousand notices or so while the read is long.
    """

    def __init__(
        self,
        database: Database,
        clock: Clock,
        source: Source,
        intake: Intake,
        dump: int | None,
        stored: Callable[[], None] | None = None,
    ) -> None:
        self._database = database
        self._clock = clock
        self._source = source
        self._intake = intake
        self._dump = dump
        self._stored = stored
        self._untold = 0
        self._most = FEWEST
        self._taken = Taken()
        self._is_begun = False

    async def store(self, batches: AsyncIterator[Batch], close: Close) -> Taken:
        """Store all batches, and call `close` in the last transaction; return what they added.

        Of notices of which nothing changed no transaction is made. An error leaves what was stored before it.
        """
        batch: Batch | None = await anext(batches, Batch())
        while batch is not None:
            part, rest = self._parted(batch)
            following = rest if rest is not None else await anext(batches, None)
            await self._store(part, close if following is None else None)
            batch = following
        return self._taken

    async def _store(self, batch: Batch, close: Close | None) -> None:
        is_stored = False
        while not is_stored:
            prepared = await self._intake.prepare(batch.entries)
            if close is None and self._is_known(batch, prepared):
                return
            loop = asyncio.get_running_loop()
            async with self._database.tx("poll.batch") as connection:
                began = loop.time()
                if await self._intake.is_current(connection, prepared):
                    taken = await self._write(connection, batch, prepared)
                    if close is not None:
                        await close(connection, taken)
                    is_stored = True
        self._taken, self._is_begun = taken, True
        self._judge(len(batch.entries), loop.time() - began)
        self._tell(len(batch.entries))

    async def _write(self, connection: Connection, batch: Batch, prepared: Prepared) -> Taken:
        if not self._is_begun:
            # What a poll that broke off left is no part of this one's storm.
            await let_go(connection, self._clock.now(), self._source.name)
        taken = await self._intake.store(connection, prepared, self._clock.now())
        if self._dump is not None:
            await batch.store_entities(connection, self._source.name, self._dump)
        so_far = self._taken
        return Taken(
            new=so_far.new + taken.new,
            changed=so_far.changed + taken.changed,
            owed=so_far.owed + taken.owed,
            joined=so_far.joined + taken.joined,
        )

    def _tell(self, count: int) -> None:
        """Call `stored` once it is worth it: what is stored of a long read can then be found before its end."""
        self._untold += count
        if self._stored is not None and self._untold >= TOLD_EVERY:
            self._untold = 0
            self._stored()

    def _judge(self, count: int, held_s: float) -> None:
        """Let the next transaction store as many notices as fit, by what one with so many of them took."""
        if count:
            fits = int(count * AIM_S / max(held_s, AIM_S / 1_000))
            self._most = max(min(fits, GROWTH * max(count, self._most)), 1)

    def _parted(self, batch: Batch) -> tuple[Batch, Batch | None]:
        """Return as much of a batch as fits into a transaction, judged by the last one, and the rest of it."""
        if len(batch.entries) <= self._most:
            return batch, None
        return Batch(batch.entries[: self._most]), replace(batch, entries=batch.entries[self._most :])

    def _is_known(self, batch: Batch, prepared: Prepared) -> bool:
        """Return whether everything of a batch is stored already as it is."""
        version = self._source.revision_hash_version
        return not (batch.entities or batch.missing or batch.gone or prepared.matched.hits) and all(
            known.content_version == version for known in prepared.known.values()
        )
