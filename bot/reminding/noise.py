"""The weekly note on watch items that bring more noise than news, each with what would make it quieter."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from functools import partial
from typing import Any, Final

from bot.cards import OperationsKind
from bot.models import AnnouncementKind, Newsroom, Notice, WatchItem
from bot.quiet import quiet_end
from bot.reference import AnnouncementKey
from bot.sources import label_of, sources
from bot.storage.archive import notices
from bot.storage.archive.vocabulary import is_common
from bot.storage.database import Connection, Database
from bot.storage.outbox import announcements
from bot.storage.watching import noise as noisy_items
from bot.storage.watching import watchlist, weekly
from bot.storage.watching.noise import WEEK, Brought, Revision
from bot.storage.watching.weekly import WeeklyNote
from bot.watchlist.narrowing import Narrowing, Suggestion, still_hit, suggest

LISTED: Final = 10
"""How many items one note names; the others wait for that of the next week."""


async def tell_noisy(database: Database, newsroom: Newsroom, now: datetime) -> None:
    """Owe a newsroom the note on its noisiest items, once a week; in its operations channel, else where hits are told.

    An item that was made narrower since it was noisy is not named, nor is one again before four weeks have passed.
    """
    guild_id = newsroom.guild_id
    channel_id = newsroom.operations_channel or newsroom.announcements_channel
    if channel_id is None:
        return
    async with database.read() as connection:
        if await weekly.is_told_since(connection, guild_id, WeeklyNote.NOISY, now - WEEK, now):
            return
        brought = [
            await noisy_items.brought(connection, guild_id, item_id, now)
            for item_id in await noisy_items.candidates(connection, guild_id, now)
        ]
    noisy = [one for one in brought if one.is_mostly_wrong or one.is_flood]
    told: list[dict[str, Any]] = []
    for one in sorted(noisy, key=lambda one: (-one.dismissed, -one.of_week, one.item_id)):
        if len(told) == LISTED:
            break
        said = await _said(database, guild_id, one)
        if said is not None:
            told.append(said)
    if not told:
        return
    key = AnnouncementKey(
        guild_id=guild_id,
        channel_id=channel_id,
        kind=AnnouncementKind.OPERATIONS,
        subject=f"{OperationsKind.ITEMS_NOISY}:{now.isoformat()}",
    )
    details = {"event": OperationsKind.ITEMS_NOISY, "items": told}
    async with database.tx("reminding.noisy") as connection:
        if await weekly.is_told_since(connection, guild_id, WeeklyNote.NOISY, now - WEEK, now):
            return
        await announcements.owe(connection, key, now=now, details=details, held_until=quiet_end(newsroom, now))
        await weekly.note(connection, guild_id, WeeklyNote.NOISY, [item["id"] for item in told], now)


async def _said(database: Database, guild_id: int, brought: Brought) -> dict[str, Any] | None:
    """Return what the note says of an item, None where it is narrower by now, or is gone."""
    async with database.read() as connection:
        item = await watchlist.find(connection, guild_id, brought.item_id)
        kept = await _notices(connection, brought.newest_kept)
        dismissed = await _notices(connection, brought.newest_dismissed)
    if item is None:
        return None
    is_noisy, suggestion = await asyncio.to_thread(
        _judged, item, kept, dismissed, partial(is_common, database.path), is_flood=brought.is_flood
    )
    if not is_noisy:
        return None
    if suggestion is not None and suggestion.way is Narrowing.SOURCE:
        suggestion = replace(suggestion, value=label_of(suggestion.value))
    return {
        "id": item.id,
        "name": item.name,
        "notices": brought.notices,
        "dismissed": brought.dismissed if brought.is_mostly_wrong else None,
        "of_week": brought.of_week,
        "used": brought.used,
        "priority": item.priority,
        "suggestion": asdict(suggestion) if suggestion else None,
    }


async def _notices(connection: Connection, revisions: Sequence[Revision]) -> list[Notice]:
    return [await notices.get(connection, one.notice_id, one.revision) for one in revisions]


def _judged(
    item: WatchItem,
    kept: Sequence[Notice],
    dismissed: Sequence[Notice],
    is_common: Callable[[str], bool],
    *,
    is_flood: bool,
) -> tuple[bool, Suggestion | None]:
    """Return whether an item, as it is now, is still noisy, and what would make it narrower."""
    right, wrong = still_hit(item, kept), still_hit(item, dismissed)
    is_noisy = is_flood or len(wrong) > len(right)
    return is_noisy, suggest(item, right, wrong, sources(), is_common) if is_noisy else None
