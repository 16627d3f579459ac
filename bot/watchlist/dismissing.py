"""What people say is not the watch item that it looks like: said once, held back from then on, and undone."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from typing import Final

from bot.access import Action
from bot.errors import UserError
from bot.matching import NOWHERE, Found, Matcher, Standing
from bot.models import Dismissal, Hit, Notice, ThingKind, WatchItem
from bot.storage.archive import notices
from bot.storage.custody import audit
from bot.storage.database import Connection, Database
from bot.storage.watching import dismissals, dismissed_news, hits, watchlist
from bot.storage.watching.hits import StoredHit
from bot.watchlist.told import named

LOOKED_AT: Final = 500
"""Hits of an item, the newest, whose organisations are looked for when they were not when the hits were found."""

_NAME_CHARACTERS = 200
_MARK_DIGITS = 12


@dataclass(frozen=True, slots=True)
class Told:
    """Hold a dismissal as it stands once it was said or undone, with its item.

    `notices` counts, once said, the notices that it says are not the item, and once undone, those that it had held
    back and that the digest tells now. `is_changed` is False where somebody else had said or undone it; `is_left` tells
    that the hit on which it was said stands elsewhere too, and is still one.
    """

    dismissal: Dismissal
    item: WatchItem
    is_changed: bool
    notices: int
    is_left: bool = False


def mark_of(key: str) -> str:
    """Return the key of an organisation in a few digits, as a button carries it."""
    return sha256(key.encode()).hexdigest()[:_MARK_DIGITS]


async def look_at(database: Database, guild_id: int, hit_row: int) -> tuple[StoredHit, WatchItem]:
    """Return a newsroom's hit, with the organisations in which it stands, and its item.

    Those of a hit that was found before they were looked for are found now, and those of the item's other hits.
    Raises UserError where the item is not on the watchlist.
    """
    async with database.read() as connection:
        stored, item = await _hit_and_item(connection, guild_id, hit_row)
        if stored.organisations is not None:
            return stored, item
        others = await hits.unread(connection, guild_id, item.id or 0, LOOKED_AT)
        unread = [stored, *(one for one in others if one.row != hit_row)]
        texts = [await notices.get(connection, one.notice_id, one.revision) for one in unread]
    found = await asyncio.to_thread(_standings, item, unread, texts)
    async with database.tx("watch.look_at") as connection:
        for one, standings in zip(unread, found, strict=True):
            await hits.place(connection, guild_id, one.row, standings)
        return await _hit_and_item(connection, guild_id, hit_row)


async def dismiss(database: Database, guild_id: int, hit_row: int, mark: str | None, by: int, now: datetime) -> Told:
    """Say that the organisation of a `mark`, without one the series of notices of a hit, is not the item of that hit.

    What Discord does not have yet of it is taken back, what it has is shown anew. Raises UserError where the item is
    not on the watchlist, or the hit does not stand in that organisation.
    """
    async with database.tx("watch.dismiss") as connection:
        stored, item = await _hit_and_item(connection, guild_id, hit_row)
        notice = await notices.get(connection, stored.notice_id, stored.revision)
        key, name = None, notice.title.strip() or notice.id
        if mark is not None:
            key, name = _organisation(stored, mark)
        item_id, notice_row = item.id or 0, stored.notice_id
        name = name[:_NAME_CHARACTERS]
        added = await dismissals.add(connection, guild_id, item_id, notice_row, key, name, by, now)
        said = added or await dismissals.that_stands(connection, guild_id, item_id, notice_row, key)
        if said is None:
            raise LookupError(f"no dismissal of hit {hit_row}")
        if added is not None:
            await dismissed_news.take_back(connection, added)
            await dismissed_news.show_anew(connection, added, now)
            await _note(connection, added, item, by, now, is_undone=False)
        left = await hits.find(connection, guild_id, hit_row)
        is_left = left is not None and left.dismissed is None
        return Told(said, item, added is not None, await dismissals.covered(connection, said), is_left)


async def undo(database: Database, guild_id: int, dismissal_id: int, by: int, now: datetime) -> Told:
    """Take a dismissal back: what it held back waits for the digest, the messages show their hits again.

    Raises UserError where the newsroom has no such dismissal.
    """
    async with database.tx("watch.undo_dismissal") as connection:
        is_changed = await dismissals.undo(connection, guild_id, dismissal_id, by, now)
        said = await dismissals.find(connection, guild_id, dismissal_id)
        item = await watchlist.find(connection, guild_id, said.item_id) if said is not None else None
        if said is None or item is None:
            raise UserError("watch-gone")
        if is_changed:
            await dismissed_news.show_anew(connection, said, now)
            await _note(connection, said, item, by, now, is_undone=True)
        return Told(said, item, is_changed, await dismissed_news.returned(connection, said))


async def _note(
    connection: Connection, said: Dismissal, item: WatchItem, by: int, now: datetime, *, is_undone: bool
) -> None:
    detail = {
        **named(item),
        "dismissal": said.id,
        "what": said.kind.value,
        "called": said.name,
        "undone": is_undone,
    }
    thing = (ThingKind.ITEM, said.item_id)
    await audit.note(connection, item.guild_id, by, Action.WATCH_DISMISS, now, thing=thing, detail=detail)


async def _hit_and_item(connection: Connection, guild_id: int, hit_row: int) -> tuple[StoredHit, WatchItem]:
    stored = await hits.find(connection, guild_id, hit_row)
    item = await watchlist.find(connection, guild_id, stored.hit.item or 0) if stored is not None else None
    if stored is None or item is None or item.removed_at is not None:
        raise UserError("watch-gone")
    return stored, item


def _organisation(stored: StoredHit, mark: str) -> tuple[str, str]:
    """Return the key and the name of the organisation of a mark in which a hit stands, dismissed already or not."""
    known = stored.organisations or {}
    found = next(((key, name) for key, name in known.items() if mark_of(key) == mark), None)
    if found is None:
        raise UserError("dismissal-outdated")
    return found


def _standings(item: WatchItem, unread: Sequence[StoredHit], texts: Sequence[Notice]) -> list[Sequence[Standing]]:
    """Return where hits stand; in no organisation where the item, edited since, matches otherwise."""
    try:
        matcher = Matcher([replace(item, sources=())])
    except UserError:
        matcher = Matcher([])
    return [_standing(matcher, stored.hit, notice) for stored, notice in zip(unread, texts, strict=True)]


def _standing(matcher: Matcher, hit: Hit, notice: Notice) -> Sequence[Standing]:
    def is_there(found: Found) -> bool:
        return any((one.hit.field, one.hit.start) == (hit.field, hit.start) for one in found.standings)

    found = next(filter(is_there, matcher.find_apart(notice)), None)
    return found.standings if found is not None else [Standing(NOWHERE, "", hit)]
