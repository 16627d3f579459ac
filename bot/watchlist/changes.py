"""What people change in a newsroom's watchlist: each change is one transaction, each clash a sentence."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

from bot.access import Action
from bot.errors import UserError
from bot.markup import plain
from bot.models import ThingKind, WatchItem
from bot.storage import newsrooms
from bot.storage.custody import audit
from bot.storage.database import Connection, Database
from bot.storage.log import dossiers, drafts
from bot.storage.watching import dossier_items, watchlist
from bot.watchlist.entry import ITEMS, name_key
from bot.watchlist.told import asked_of, named

UNTIL_FURTHER_NOTICE = datetime(9999, 12, 31, tzinfo=UTC)
"""How long an item stays mute when nobody says until when."""

_NAME_UNITS = 100


class Span(StrEnum):
    """How long an item is muted by a button."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    OPEN = "open"

    def end(self, now: datetime) -> datetime:
        """Return when a mute that begins now ends, to the second."""
        days = {Span.DAY: 1, Span.WEEK: 7, Span.MONTH: 30}.get(self)
        if days is None:
            return UNTIL_FURTHER_NOTICE
        return now.replace(microsecond=0) + timedelta(days=days)


@dataclass(frozen=True, slots=True)
class Muting:
    """Hold an item as it stands after a mute was asked for, and whether that changed it."""

    item: WatchItem
    is_changed: bool


async def add(
    database: Database,
    item: WatchItem,
    floor_id: int,
    now: datetime,
    dossier_ids: Collection[int] = (),
    *,
    draft: int | None = None,
) -> WatchItem:
    """Store a new item in these dossiers and return it with its id.

    The history of its channel will be read from the snowflake `floor_id`; `draft` is the question that this answers,
    once. Raises UserError when the newsroom has nowhere to announce it, is full, or has an item of that name or ref,
    for a dossier that is not open, and for a question that was answered.
    """
    key = await asyncio.to_thread(name_key, item)
    try:
        async with database.tx("watch.add") as connection:
            await answer(connection, item.guild_id, item.added_by, draft)
            await use_channel(connection, item, floor_id)
            await refuse(connection, item, key)
            await refuse_closed(connection, item.guild_id, dossier_ids)
            added = await watchlist.add(connection, item, key, now)
            if dossier_ids:
                wanted = {added.id or 0: dossier_ids}
                await dossier_items.settle(connection, item.guild_id, wanted, item.added_by, now)
            told = {**asked_of(added), "dossiers": sorted(dossier_ids)}
            await note(connection, added, item.added_by, Action.WATCH_ADD, now, told)
            return added
    except sqlite3.IntegrityError:
        await explain(database, item, key)
        raise


async def remove(database: Database, item: WatchItem, by: int, now: datetime) -> bool:
    """Take an item off the watchlist, its history kept; return whether it still stood there."""
    async with database.tx("watch.remove") as connection:
        is_removed = await watchlist.remove(connection, item.guild_id, item.id or 0, by, now)
        if is_removed:
            await note(connection, item, by, Action.WATCH_REMOVE, now, named(item))
        return is_removed


async def restore(database: Database, item: WatchItem, by: int, now: datetime) -> bool:
    """Put a removed item back; return whether it was still removed.

    Raises UserError when the newsroom is full, or follows an item of that name or ref by now.
    """
    key = await asyncio.to_thread(name_key, item)
    try:
        async with database.tx("watch.restore") as connection:
            await refuse(connection, item, key)
            is_restored = await watchlist.restore(connection, item.guild_id, item.id or 0)
            if is_restored:
                await note(connection, item, by, Action.WATCH_RESTORE, now, named(item))
            return is_restored
    except sqlite3.IntegrityError:
        await explain(database, item, key)
        raise


async def mute(
    database: Database,
    guild_id: int,
    item_id: int,
    *,
    seen: datetime | None,
    until: datetime | None,
    by: int,
    now: datetime,
) -> Muting:
    """Mute a live item until a moment (None: no longer), unless its mute is no more what the person had seen.

    Both moments are compared to the second. Raises UserError when the item is not on the watchlist.
    """
    async with database.tx("watch.mute") as connection:
        item = await watchlist.find(connection, guild_id, item_id)
        if item is None or item.removed_at is not None:
            raise UserError("watch-gone")
        is_changed = stamp(item.muted_until) == stamp(seen) and stamp(seen) != stamp(until)
        if is_changed:
            await watchlist.mute(connection, guild_id, item_id, until)
            action = Action.WATCH_UNMUTE if until is None else Action.WATCH_MUTE
            span = {"before": _told(item.muted_until), "until": _told(until)}
            await note(connection, item, by, action, now, {**named(item), **span})
            item = await watchlist.find(connection, guild_id, item_id) or item
        return Muting(item, is_changed)


def stamp(moment: datetime | None) -> int:
    """Return a moment in seconds, 0 for none, as a button carries it."""
    return int(moment.timestamp()) if moment is not None else 0


def moment_of(seconds: int) -> datetime | None:
    """Return the moment that a button carries."""
    return datetime.fromtimestamp(seconds, UTC) if seconds else None


def muted_now(item: WatchItem, now: datetime) -> datetime | None:
    """Return until when an item is muted at this moment, None when it is not."""
    return item.muted_until if item.muted_until is not None and item.muted_until > now else None


async def note(
    connection: Connection, item: WatchItem, by: int, action: Action, now: datetime, detail: Mapping[str, Any]
) -> None:
    """Append to the audit log that a person changed a watch item, in the transaction of the change."""
    await audit.note(connection, item.guild_id, by, action, now, thing=(ThingKind.ITEM, item.id or 0), detail=detail)


async def answer(connection: Connection, guild_id: int, person: int, draft: int | None) -> None:
    """Let go of the question that a change answers, if any; raises UserError where that was done before."""
    if draft is not None and not await drafts.consume(connection, guild_id, person, draft):
        raise UserError("numbers-decided")


async def use_channel(connection: Connection, item: WatchItem, floor_id: int) -> None:
    """Note where an item is announced; raises UserError when that is nowhere."""
    newsroom = await newsrooms.find(connection, item.guild_id)
    if newsroom is None or (item.channel_id is None and newsroom.announcements_channel is None):
        raise UserError("watch-no-channel")
    if item.channel_id is not None:
        await newsrooms.use_channel(connection, item.guild_id, item.channel_id, floor_id)


async def refuse_closed(connection: Connection, guild_id: int, dossier_ids: Collection[int]) -> None:
    """Raise UserError when one of these dossiers is not an open one of the newsroom."""
    for dossier_id in dossier_ids:
        dossier = await dossiers.find(connection, guild_id, dossier_id)
        if dossier is None:
            raise UserError("dossier-unknown", typed=str(dossier_id))
        if dossier.closed_at is not None:
            raise UserError("dossier-closed", name=dossier.name)


async def refuse(connection: Connection, item: WatchItem, key: str) -> None:
    """Raise UserError when another live item stands in the way of one more, or there are too many."""
    await refuse_clash(connection, item, key)
    if await watchlist.count(connection, item.guild_id) >= ITEMS:
        raise UserError("watch-full", most=ITEMS)


async def refuse_clash(connection: Connection, item: WatchItem, key: str) -> None:
    """Raise UserError when another live item has the name or the ref of an item."""
    clash = await watchlist.clash(connection, item.guild_id, item, key)
    if clash is not None:
        raise clash_error(clash.item, clash.same)


async def explain(database: Database, item: WatchItem, key: str) -> None:
    """Say in words what the schema refused, where an item that stands in the way explains it."""
    async with database.read() as connection:
        clash = await watchlist.clash(connection, item.guild_id, item, key)
    if clash is not None:
        raise clash_error(clash.item, clash.same) from None


def _told(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment is not None else None


def clash_error(standing: WatchItem, same: str) -> UserError:
    """Return the refusal of an item whose `name` or `ref` another one has."""
    text = plain(standing.name, _NAME_UNITS)
    if same == "name":
        return UserError("watch-same-name", name=text, id=standing.id)
    return UserError("watch-same-ref", name=text, id=standing.id, ref=standing.ref)
