"""What the exports of facts and of tips have in common: their thread, and what hangs on the things of a stretch."""

from __future__ import annotations

import asyncio
import functools
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from threading import Event
from typing import Any, Final, TypeVar
from zoneinfo import ZoneInfo

from bot.access import Viewer
from bot.csv_cells import quotable
from bot.dates import stored
from bot.export.files import days
from bot.models import FactFilter, ThingKind, TipFilter, message_url
from bot.storage.custody import exporting
from bot.storage.custody.exporting import Stretch

T = TypeVar("T")

STRETCH_IDS: Final = 200
"""How many ids are read and written at once: what hangs on them stays in the processor's cache."""


class StoppedError(Exception):
    """End the thread of an export that nobody waits for any more."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Hold, by the id of a thing, the cells that tell its dossiers, its watch items and its first card."""

    dossiers: dict[int, str]
    items: dict[int, str]
    messages: dict[int, str]


async def in_thread(work: Callable[[Event], T]) -> T:
    """Return what some work returns that is done in a thread; it is told to stop, and waited for, if this is cancelled.

    `work` is given the event that says so, and raises StoppedError then.
    """
    stop = Event()
    task = asyncio.ensure_future(asyncio.to_thread(work, stop))
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        stop.set()
        while not task.done():
            try:
                await asyncio.wait([task])
            except asyncio.CancelledError:
                continue
        task.exception()  # known: the work was stopped
        raise


def stretches(connection: sqlite3.Connection, guild_id: int, kind: ThingKind, stop: Event) -> Iterator[Stretch]:
    """Yield the stretches of ids in which a newsroom's facts or tips are, until there is no other or `stop` is set."""
    after = 0
    while stretch := exporting.stretch_after(connection, guild_id, kind, after, STRETCH_IDS):
        if stop.is_set():
            raise StoppedError
        yield stretch
        after = stretch.last


def surroundings(connection: sqlite3.Connection, guild_id: int, kind: ThingKind, stretch: Stretch) -> Surroundings:
    """Return what hangs on the facts or tips of a stretch."""
    return Surroundings(
        _joined(exporting.dossier_names(connection, guild_id, kind, stretch)),
        _joined(exporting.item_names(connection, guild_id, kind, stretch)),
        {
            thing: message_url(guild_id, channel, message)
            for thing, channel, message in exporting.messages(connection, guild_id, kind, stretch)
        },
    )


def told_filters(
    connection: sqlite3.Connection, viewer: Viewer, wanted: FactFilter | TipFilter, zone: ZoneInfo
) -> dict[str, Any]:
    """Return what was asked for as the manifest tells it, with the names that things then had."""

    def named(table: str, row_id: int | None) -> dict[str, Any] | None:
        if row_id is None:
            return None
        return {"id": row_id, "name": exporting.name_of(connection, viewer.guild_id, table, row_id)}

    return {
        "status": wanted.status,
        "item": named("watch_item", wanted.item_id),
        "dossier": named("dossier", wanted.dossier_id),
        **days(wanted.since, wanted.until, zone),
        "sensitive_tips": "all" if viewer.sees_all else "own" if viewer.user_id else "none",
    }


@functools.lru_cache(maxsize=4096)
def precision(kept: str | None) -> str:
    """Return the code of how precise a kept date is (`bot.dates`), nothing for None."""
    return "" if kept is None else stored(kept, "").precision.value


def _joined(named: Iterable[tuple[int, str]]) -> dict[int, str]:
    """Return the names of each thing as the text of a cell, separated by `; `."""
    names: dict[int, str] = {}
    for thing, name in named:
        names[thing] = f"{names[thing]}; {name}" if thing in names else name
    return {thing: quotable(joined) for thing, joined in names.items()}
