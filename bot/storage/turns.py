"""Who goes first where there is room for a few at a time: what a person waits for before what nobody watches."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_gives_way: ContextVar[bool] = ContextVar("gives_way", default=False)


@contextmanager
def giving_way() -> Iterator[None]:
    """Let what this task does in the block, and the tasks that it makes there, wait behind what does not give way."""
    before = _gives_way.set(True)
    try:
        yield
    finally:
        _gives_way.reset(before)


class Turns:
    """Let so many be inside at a time, those that give way after all others, each of both in its order."""

    def __init__(self, number: int = 1) -> None:
        self._free = number
        self._people: deque[asyncio.Future[None]] = deque()
        self._chores: deque[asyncio.Future[None]] = deque()

    def locked(self) -> bool:
        """Return whether nobody could go in now."""
        return self._free == 0

    async def __aenter__(self) -> None:
        """Wait for a turn."""
        if self._free:
            self._free -= 1
            return
        turn = asyncio.get_running_loop().create_future()
        waiting = self._chores if _gives_way.get() else self._people
        waiting.append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if turn.cancelled():
                waiting.remove(turn)
            else:
                self._leave()
            raise

    async def __aexit__(self, *_: object) -> None:
        """Hand the turn on."""
        self._leave()

    def _leave(self) -> None:
        for waiting in (self._people, self._chores):
            for turn in waiting:
                if not turn.done():
                    waiting.remove(turn)
                    turn.set_result(None)
                    return
        self._free += 1
