"""Work that Vigie does by itself every so often: rung by the schedule, one run at a time, its errors logged."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import timedelta

from bot.errors import log_reference

log = logging.getLogger(__name__)


class Chore:
    """Do some work whenever it is rung; what is rung meanwhile is done once more afterwards."""

    def __init__(self, name: str, every: timedelta, work: Callable[[], Awaitable[object]]) -> None:
        self.name = name
        self.every = every
        self._work = work
        self._bell = asyncio.Event()

    def ring(self) -> None:
        """Do the work now."""
        self._bell.set()

    async def run(self) -> None:
        """Do the work each time the bell rings, until cancelled; an error is logged whole, and rung again."""
        while True:
            await self._bell.wait()
            self._bell.clear()
            try:
                await self._work()
            except Exception as error:  # noqa: BLE001  # the job edge: logged whole, rung again
                log_reference(log, error)
