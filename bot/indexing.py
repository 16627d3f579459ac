"""The background work that makes stored notices be found: woken after each poll, it indexes what is not indexed yet."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from itertools import accumulate
from typing import Final

from bot.errors import log_reference
from bot.storage.archive import full_text
from bot.storage.archive.full_text import IndexedWords, Unindexed
from bot.storage.database import Database

log = logging.getLogger(__name__)

BATCH: Final = 10
BATCH_CHARS: Final = 40_000
"""A batch is what fits into both: it holds the write lock for a few milliseconds, and at most 50."""

RETRY_S: Final = 60.0
"""How long it waits after an error, unless it is woken before."""


REST: Final = 4
"""How many times as long as a batch took it rests after it while it gives way."""


class Indexer:
    """Keep the full text of notices in step with what is stored; made once, it works until `run` is cancelled.

    While it `gives_way`, it takes a fifth of the time: what is being stored or sent comes first.
    """

    def __init__(
        self, database: Database, retry_s: float = RETRY_S, *, gives_way: Callable[[], bool] = lambda: False
    ) -> None:
        self._database = database
        self._retry_s = retry_s
        self._gives_way = gives_way
        self._wanted = asyncio.Event()
        self._wanted.set()

    def wake(self) -> None:
        """Say that notices may have been stored."""
        self._wanted.set()

    async def run(self) -> None:
        """Index whatever is not indexed, now and each time that it is woken, until cancelled."""
        while True:
            await self._wanted.wait()
            self._wanted.clear()
            try:
                await self.catch_up()
            except Exception as error:  # noqa: BLE001  # the job edge: logged whole, tried again later
                log_reference(log, error)
                await self._wait_to_retry()

    async def catch_up(self) -> int:
        """Index every notice of which the latest revision is not; return how many were.

        A notice whose words cannot be folded is logged and left out until the next time.
        """
        async with self._database.tx("index.prepare") as connection:
            await full_text.merge_by_batch(connection)
        done = after = 0
        loop = asyncio.get_running_loop()
        while True:
            began = loop.time()
            async with self._database.read() as connection:
                found = await full_text.unindexed(connection, BATCH, after_row=after)
            if not found:
                return done
            batch = _fitting(found)
            words = await asyncio.to_thread(_folded, batch)
            async with self._database.tx("index.notices") as connection:
                await full_text.index_notices(connection, words)
            done += len(words)
            after = batch[-1].row
            if self._gives_way():
                await asyncio.sleep(REST * (loop.time() - began))

    async def _wait_to_retry(self) -> None:
        try:
            await asyncio.wait_for(self._wanted.wait(), self._retry_s)
        except TimeoutError:
            self._wanted.set()


def _fitting(found: Sequence[Unindexed]) -> Sequence[Unindexed]:
    """Return as many of the first notices as a batch may hold, at least one."""
    sizes = accumulate(notice.chars for notice in found)
    return found[: max(sum(size <= BATCH_CHARS for size in sizes), 1)]


def _folded(batch: Sequence[Unindexed]) -> list[IndexedWords]:
    words: list[IndexedWords] = []
    for notice in batch:
        try:
            words.append(full_text.fold_notice(notice))
        except Exception as error:  # noqa: BLE001  # the job edge: one notice never keeps the others from being found
            log_reference(log, error)
    return words
