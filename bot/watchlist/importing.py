"""Importing a watchlist: all of it or nothing, in one transaction, every bad line named."""

from __future__ import annotations

import asyncio
import io
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from bot.access import Action
from bot.errors import UserError
from bot.storage import newsrooms
from bot.storage.custody import audit
from bot.storage.database import Connection, Database
from bot.storage.log import dossiers
from bot.storage.watching import dossier_items, watchlist
from bot.watchlist import csv_file
from bot.watchlist.csv_file import BadLine
from bot.watchlist.entry import ITEMS
from bot.watchlist.numbers import WrongNumber
from bot.watchlist.planning import Importer, Plan, Standing, plan

LARGEST_BYTES: Final = 2_000_000
"""How large a file may be."""

MOST_TOLD: Final = 500
"""Of how many changed items the audit log tells what each field was; of more, which fields changed."""

_ATTEMPTS: Final = 5


@dataclass(frozen=True, slots=True)
class Imported:
    """Count what an import did; with any bad line it did nothing. Wrong numbers were stored as they are."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    bad_lines: tuple[BadLine, ...] = ()
    wrong_numbers: tuple[WrongNumber, ...] = ()


async def import_watchlist(database: Database, content: bytes, importer: Importer, now: datetime) -> Imported:
    """Add the items of a file that are new and change those that differ, or do nothing where a line is bad.

    Nothing is removed. All is read, judged and written out off the event loop and before the transaction, which holds
    the write lock for a few statements. Raises UserError where the header is wrong, the items would be too many, or
    others change the watchlist all the while.
    """
    read = await asyncio.to_thread(csv_file.read, io.BytesIO(content))
    if len(read.entries) > ITEMS:
        raise UserError("import-too-many", found=len(read.entries), most=ITEMS)
    for _ in range(_ATTEMPTS):
        async with database.read() as connection:
            standing = await _standing(connection, importer.guild_id)
            items = await watchlist.with_keys(connection, importer.guild_id)
        planned = await asyncio.to_thread(plan, read, importer, standing, items)
        if planned.bad_lines:
            return Imported(bad_lines=tuple(planned.bad_lines))
        if len(items) + len(planned.added) > ITEMS:
            raise UserError("watch-full", most=ITEMS)
        if not planned.added and not planned.changed:
            return Imported(unchanged=planned.unchanged)
        rows = await asyncio.to_thread(_rows, planned)
        async with database.tx("watch.import") as connection:
            if await _standing(connection, importer.guild_id) == standing:
                await _store(connection, importer, planned, rows, now)
                return Imported(
                    len(planned.added),
                    len(planned.changed),
                    planned.unchanged,
                    wrong_numbers=tuple(planned.wrong_numbers),
                )
    raise UserError("import-busy")


@dataclass(frozen=True, slots=True)
class _Rows:
    """Hold the new and the changed items as the storage takes them."""

    added: str
    changed: str


def _rows(planned: Plan) -> _Rows:
    return _Rows(
        watchlist.rows_of((row.item, row.key) for row in planned.added),
        watchlist.rows_of((row.item, row.key) for row in planned.changed),
    )


async def _standing(connection: Connection, guild_id: int) -> Standing:
    newsroom = await newsrooms.find(connection, guild_id)
    return Standing(
        version=await watchlist.version_of(connection),
        announces=newsroom is not None and newsroom.announcements_channel is not None,
        dossiers=await dossiers.every(connection, guild_id),
        gathered=await dossier_items.gathered(connection, guild_id),
    )


async def _store(connection: Connection, importer: Importer, planned: Plan, rows: _Rows, now: datetime) -> None:
    """Carry a plan out; changed items go first, for a new one may take a name that one of them gave up."""
    guild_id = importer.guild_id
    stored = [*planned.added, *planned.changed]
    for channel_id in sorted({row.item.channel_id for row in stored if row.item.channel_id is not None}):
        is_forum = channel_id in importer.forums
        await newsrooms.use_channel(connection, guild_id, channel_id, importer.floor_id, is_forum=is_forum)
    if planned.changed:
        await watchlist.update_all(connection, guild_id, rows.changed)
    ids = await watchlist.add_all(connection, guild_id, rows.added, importer.user_id, now) if planned.added else {}
    is_told = len(planned.changed) <= MOST_TOLD
    detail = {
        "added": sorted(ids.values()),
        "changed": {str(row.item.id): row.differences if is_told else list(row.differences) for row in planned.changed},
        "unchanged": planned.unchanged,
    }
    wanted = {row.item.id or 0: row.dossier_ids for row in planned.changed if row.dossier_ids is not None}
    wanted |= {ids[row.item.kind, row.key]: row.dossier_ids for row in planned.added if row.dossier_ids}
    if wanted:
        await dossier_items.settle(connection, guild_id, wanted, importer.user_id, now)
    await audit.note(connection, guild_id, importer.user_id, Action.WATCH_IMPORT, now, detail=detail)
