"""Editing a watch item: only what is given changes, and the answer can say from what to what."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from bot.access import Action
from bot.errors import UserError
from bot.models import Dossier, ItemKind, Newsroom, Priority, ThingKind, WatchItem
from bot.storage import newsrooms
from bot.storage.custody import audit
from bot.storage.database import Connection, Database
from bot.storage.log import dossiers
from bot.storage.watching import dossier_items, watchlist
from bot.watchlist import changes, lists
from bot.watchlist.entry import entered, name_key
from bot.watchlist.told import asked_of, named

CLEAR: Final = "-"
"""What empties a field that may be empty."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Edits:
    """Hold what is to change of an item, None for what stays; lists are separated by `;`.

    A lone `-` empties `aliases`, `identifiers`, `any_of`, `none_of`, `sources`, `ref` and `note`. `dossier_ids` are all
    that the item shall be in; `more_aliases` and `more_identifiers` join those that it has.
    """

    name: str | None = None
    aliases: str | None = None
    identifiers: str | None = None
    any_of: str | None = None
    none_of: str | None = None
    sources: str | None = None
    channel_id: int | None = None
    priority: Priority | None = None
    ref: str | None = None
    note: str | None = None
    dossier_ids: Collection[int] | None = None
    more_aliases: tuple[str, ...] = ()
    more_identifiers: tuple[str, ...] = ()


class ItemField(StrEnum):
    """What can be edited of an item."""

    NAME = "name"
    ALIASES = "aliases"
    IDENTIFIERS = "identifiers"
    ANY_OF = "any_of"
    NONE_OF = "none_of"
    SOURCES = "sources"
    CHANNEL = "channel"
    DOSSIERS = "dossiers"
    PRIORITY = "priority"
    REF = "ref"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Said:
    """Hold an item as it stood at one time, with its dossiers."""

    item: WatchItem
    dossiers: Sequence[Dossier]

    def of(self, name: ItemField) -> str | int | Sequence[str] | None:
        """Return what a field held."""
        match name:
            case ItemField.CHANNEL:
                return self.item.channel_id
            case ItemField.DOSSIERS:
                return [dossier.name for dossier in self.dossiers]
            case _:
                value: str | Sequence[str] | None = getattr(self.item, name)
                return value


@dataclass(frozen=True, slots=True)
class Edited:
    """Hold an item before and after."""

    before: Said
    after: Said

    @property
    def fields(self) -> list[ItemField]:
        """Return what is otherwise than it was."""
        return [name for name in ItemField if self.before.of(name) != self.after.of(name)]


async def edit(
    database: Database,
    item: WatchItem,
    edits: Edits,
    *,
    by: int,
    floor_id: int,
    known_sources: Collection[str],
    now: datetime,
    draft: int | None = None,
) -> Edited:
    """Change what is given of an item as it now stands.

    The newsroom's own channel as its channel means that it has none of its own; the history of any other will be read
    from the snowflake `floor_id`. `draft` is the question that this answers, once. Raises UserError and QueryError as
    `read_entry` and `changes.add` do, and when the item is gone.
    """
    while True:
        # What an item asks is judged before the write lock is taken, and off the loop: it may be much.
        before, after = await _judged(database, item, edits, known_sources)
        key = await asyncio.to_thread(name_key, after)
        edited = await _store(database, before, after, key, edits, by=by, floor_id=floor_id, now=now, draft=draft)
        if edited is not None:
            return edited


async def wanted_item(database: Database, item: WatchItem, edits: Edits, known_sources: Collection[str]) -> WatchItem:
    """Return an item as an edit would store it, and store nothing; raises as `edit` does for what was typed."""
    return (await _judged(database, item, edits, known_sources))[1]


async def _judged(
    database: Database, item: WatchItem, edits: Edits, known_sources: Collection[str]
) -> tuple[WatchItem, WatchItem]:
    """Return an item as it stands and as an edit wants it."""
    async with database.read() as connection:
        before = await _standing(connection, item)
        newsroom = await newsrooms.find(connection, item.guild_id)
    return before, await asyncio.to_thread(entered, _edited(before, edits, newsroom), known_sources)


async def _store(  # noqa: PLR0913  # what an edit is made of
    database: Database,
    before: WatchItem,
    after: WatchItem,
    key: str,
    edits: Edits,
    *,
    by: int,
    floor_id: int,
    now: datetime,
    draft: int | None,
) -> Edited | None:
    """Store an edited item under its `name_key`, or return None where it is no longer the one that was read."""
    try:
        async with database.tx("watch.edit") as connection:
            if await _standing(connection, before) != before:
                return None
            await changes.answer(connection, before.guild_id, by, draft)
            held = await dossiers.of_thing(connection, before.guild_id, ThingKind.ITEM, before.id or 0)
            if after != before:
                await changes.use_channel(connection, after, floor_id)
                await changes.refuse_clash(connection, after, key)
                await watchlist.update(connection, after, key)
            wanted = edits.dossier_ids
            if wanted is not None and set(wanted) != {dossier.id for dossier in held}:
                await changes.refuse_closed(connection, after.guild_id, set(wanted) - {dossier.id for dossier in held})
                await dossier_items.settle(connection, after.guild_id, {after.id or 0: wanted}, by, now)
            gathered = await dossiers.of_thing(connection, after.guild_id, ThingKind.ITEM, after.id or 0)
            edited = Edited(Said(before, held), Said(after, gathered))
            if edited.fields:
                changed = audit.difference(_told(edited.before), _told(edited.after))
                await changes.note(connection, after, by, Action.WATCH_EDIT, now, {**named(before), "changed": changed})
            return edited
    except sqlite3.IntegrityError:
        await changes.explain(database, after, key)
        raise


def _told(said: Said) -> dict[str, Any]:
    return {**asked_of(said.item), "dossiers": sorted(dossier.id for dossier in said.dossiers)}


async def _standing(connection: Connection, item: WatchItem) -> WatchItem:
    found = await watchlist.find(connection, item.guild_id, item.id or 0)
    if found is None or found.removed_at is not None:
        raise UserError("watch-gone")
    return found


def _edited(item: WatchItem, edits: Edits, newsroom: Newsroom | None) -> WatchItem:
    """Return an item with what is given in place of what it had, as it was typed."""
    names = lists.split_queries if item.kind is ItemKind.KEYWORD else lists.split_list
    if edits.channel_id is None:
        channel_id = item.channel_id
    else:
        is_common = newsroom is not None and newsroom.announcements_channel == edits.channel_id
        channel_id = None if is_common else edits.channel_id
    return replace(
        item,
        name=item.name if edits.name is None else edits.name,
        aliases=(*(item.aliases if edits.aliases is None else names(_cleared(edits.aliases))), *edits.more_aliases),
        identifiers=(*_list(item.identifiers, edits.identifiers), *edits.more_identifiers),
        any_of=_queries(item.any_of, edits.any_of),
        none_of=_queries(item.none_of, edits.none_of),
        sources=_list(item.sources, edits.sources),
        channel_id=channel_id,
        priority=edits.priority or item.priority,
        ref=item.ref if edits.ref is None else _cleared(edits.ref),
        note=item.note if edits.note is None else _cleared(edits.note),
    )


def _list(before: tuple[str, ...], typed: str | None) -> tuple[str, ...]:
    return before if typed is None else tuple(lists.split_list(_cleared(typed)))


def _queries(before: tuple[str, ...], typed: str | None) -> tuple[str, ...]:
    return before if typed is None else tuple(lists.split_queries(_cleared(typed)))


def _cleared(typed: str) -> str:
    return "" if typed.strip() == CLEAR else typed
