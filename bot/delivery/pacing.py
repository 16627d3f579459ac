"""At most so many requests in so many seconds: the limit of a whole bot at Discord, which no header tells."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Final

REQUESTS: Final = ((40, 1.0),)
"""What is asked of Discord in all, but for answers to interactions.

It allows 50 a second; those of a second and a quarter may arrive within one.
"""

ROWS: Final = ((36, 1.0), (4, 0.1))
"""Rows of the outbox that are taken up: what commands ask has room beside them, and no burst holds the event loop."""

Limits = tuple[tuple[int, float], ...]


class Pace:
    """Say when the next one may go, given when the last ones went: at most `number` in any `seconds`, for each limit.

    Moments are seconds of a clock that never goes back.
    """

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._taken: deque[float] = deque(maxlen=max(number for number, _ in limits))

    def wait(self, now: float) -> float:
        """Return the seconds until the next one may go, 0 where it may go now."""
        return max(
            (
                self._taken[-number] + seconds - now
                for number, seconds in self._limits
                if number <= len(self._taken) and self._taken[-number] + seconds > now
            ),
            default=0.0,
        )

    def take(self, now: float) -> None:
        """Note that one goes now."""
        self._taken.append(now)

    def give_back(self, taken: float) -> None:
        """Forget one that was taken at that moment and did not go."""
        if taken in self._taken:
            self._taken.remove(taken)


class Pacer:
    """Let those who ask go at a pace, in their order; who is cancelled while waiting takes nothing."""

    def __init__(
        self,
        limits: Limits,
        *,
        now: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        self._pace = Pace(limits)
        self._now = now
        self._sleep = sleep
        self._first = asyncio.Lock()

    async def turn(self) -> float:
        """Return when one may go, with the moment, which `give_back` takes where nothing went after all."""
        async with self._first:
            while (left := self._pace.wait(self._now())) > 0:
                await self._sleep(left)
            taken = self._now()
            self._pace.take(taken)
            return taken

    def give_back(self, taken: float) -> None:
        """Let somebody else go in the place of one that had its turn and did nothing."""
        self._pace.give_back(taken)
