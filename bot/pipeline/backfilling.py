"""The job that reads the histories of a source: at once when asked, and patient with its publisher."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Final

from bot.errors import log_reference
from bot.pipeline.backfill import Backfiller
from bot.sources import PoliteClient, Source

log = logging.getLogger(__name__)

WAITS_S: Final = (10.0, 60.0, 600.0)
"""How long to wait before a window that failed is tried again; after the last one the history is given up."""


class Backfilling:
    """Read the histories of one source that newsrooms ask for, and what the last end of the process broke off.

    `on_read` is called whenever one advanced or was given up. `sleep` waits so many seconds.
    """

    def __init__(
        self,
        backfiller: Backfiller,
        source: Source,
        client: PoliteClient,
        on_read: Callable[[], None],
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._backfiller = backfiller
        self._source = source
        self._client = client
        self._on_read = on_read
        self._sleep = sleep
        self._bell = asyncio.Event()

    def ring(self) -> None:
        """Say that a history may have been asked for."""
        self._bell.set()

    async def run(self) -> None:
        """Read until cancelled."""
        while True:
            self._bell.clear()
            try:
                await self._read()
            except Exception as error:  # noqa: BLE001  # the job edge: logged whole, tried again later
                log_reference(log, error)
                await self._sleep(WAITS_S[-1])
            else:
                await self._bell.wait()

    async def _read(self) -> None:
        """Read what is left; a window that fails is tried again a few times, ever later.

        A pause that the publisher asks for is waited out and is no try.
        """
        waits = iter(WAITS_S)
        while (left := await self._backfiller.find_left(self._source.name)) is not None:
            await self._wait_out_pause()
            async for done in self._backfiller.run(self._source, self._client, left):
                left = done
                self._on_read()
                if done.error is None:
                    waits = iter(WAITS_S)
                    await self._wait_out_pause()
            if left.error is None:
                continue
            # A publisher that asks for a second each time is not asked every second.
            wait_s = WAITS_S[0] if await self._backfiller.pause_left(self._source.name) else next(waits, None)
            if wait_s is None:
                await self._backfiller.give_up(left)
                self._on_read()
                return
            await self._sleep(wait_s)

    async def _wait_out_pause(self) -> None:
        while pause := await self._backfiller.pause_left(self._source.name):
            await self._sleep(pause.total_seconds())
