"""Digesters as one would write them without thinking of sleep, restarts and clocks; the checker must find them out."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from bot.clock import Clock
from bot.composing import texts_of
from bot.digest import Digester
from bot.models import Digest, DigestHit, Slot
from bot.slots import last_due, next_due
from bot.storage import newsrooms
from bot.storage._values import to_text
from bot.storage.database import Connection
from bot.storage.digesting import digest_hits, digests

_GRACE = timedelta(seconds=1)
_DAY = timedelta(days=1)


class FromMemory(Digester):
    """Know the next run as a scheduler's memory does: from the start on, and left out when a moment too late."""

    def __init__(self, *values: Any) -> None:
        super().__init__(*values)
        self._next: dict[int, Slot] = {}

    async def make_due(self) -> int:
        now = self._clock.now()
        due = []
        async with self._database.read() as connection:
            for digest in await digests.of_all(connection):
                slot = self._next.get(digest.id)
                if slot is None or slot.due_at <= now:
                    self._next[digest.id] = await _slot(connection, digest, now, is_next=True)
                if slot is not None and slot.due_at <= now <= slot.due_at + _GRACE:
                    due.append((digest, slot))
        return await _make(self, due)


class EachMissed(Digester):
    """Make up for the day before as well as for the newest, one digest each."""

    async def make_due(self) -> int:
        now = self._clock.now()
        due = []
        async with self._database.read() as connection:
            for digest in await digests.of_all(connection):
                newest = await _slot(connection, digest, now)
                before = await _slot(connection, digest, newest.due_at - _DAY)
                due += [(digest, slot) for slot in (before, newest) if slot.due_at > digest.added_at]
        return await _make(self, due)


def tell_the_last_day(patch: pytest.MonkeyPatch, clock: Clock) -> None:
    """Make digests tell what was found within 24 hours, instead of what was not told yet."""

    async def untold(connection: Connection, digest: Digest, upto: int) -> list[DigestHit]:
        rows = await connection.all(
            f"SELECT {digest_hits._COLUMNS} {digest_hits._FROM} WHERE hit.guild_id = ?1 AND hit.digest <> 'none'"
            f" AND {digest_hits._OWN} AND hit.id <= ?3 AND hit.found_at > ?4",
            digest.guild_id,
            digest.channel_id,
            upto,
            to_text(clock.now() - _DAY),
        )
        return digest_hits._by_item(digest_hits._lines(rows))

    async def mark_told(*_: object) -> bool:
        return True

    patch.setattr(digest_hits, "untold", untold)
    patch.setattr(digest_hits, "mark_told", mark_told)


async def _slot(connection: Connection, digest: Digest, now: datetime, *, is_next: bool = False) -> Slot:
    newsroom = await newsrooms.find(connection, digest.guild_id)
    assert newsroom is not None
    return (next_due if is_next else last_due)(digest.every, digest.at, texts_of(newsroom).zone, now)


async def _make(digester: Digester, due: list[tuple[Digest, Slot]]) -> int:
    return sum(
        [await digester._make(digest, slot, f"{digest.id}:{slot.local_date}") is not None for digest, slot in due]
    )
