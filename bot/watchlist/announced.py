"""What an announcement is about, for the buttons under it: its notice, and the live items that it was made for."""

from __future__ import annotations

from bot.models import Announcement, WatchItem
from bot.storage.database import Connection
from bot.storage.outbox import announcements
from bot.storage.watching import hits, watchlist
from bot.storage.watching.hits import StoredHit


async def telling(connection: Connection, announcement: Announcement) -> Announcement | None:
    """Return an announcement of a notice, else the one that it follows, as a reminder does; None where none is."""
    told: Announcement | None = announcement
    while told is not None and told.notice_id is None:
        told = await _followed(connection, told)
    return told


async def notice_of(connection: Connection, announcement: Announcement) -> int | None:
    """Return our row of the notice that an announcement is about; None where it is about none."""
    told = await telling(connection, announcement)
    return told.notice_id if told is not None else None


async def live_hits(connection: Connection, announcement: Announcement) -> list[tuple[StoredHit, WatchItem]]:
    """Return the hits that an announcement shows, else those of the one that it continues, of items that are live."""
    found = await _hits(connection, announcement)
    items = [await watchlist.find(connection, announcement.guild_id, stored.hit.item or 0) for stored in found]
    pairs = zip(found, items, strict=True)
    return [(stored, item) for stored, item in pairs if item is not None and item.removed_at is None]


async def unnamed(connection: Connection, announcement: Announcement) -> int | None:
    """Return our row of the notice of an announcement that no item brought, nor the one that it continues; else None.

    It is there because somebody follows, or followed, its procedure by hand.
    """
    if await _hits(connection, announcement):
        return None
    return await notice_of(connection, announcement)


async def _hits(connection: Connection, announcement: Announcement) -> list[StoredHit]:
    shown: Announcement | None = announcement
    while shown is not None:
        found = await hits.of_announcement(connection, shown.guild_id, shown.id, shown.due_revision)
        if found:
            return found
        shown = await _followed(connection, shown)
    return []


async def _followed(connection: Connection, announcement: Announcement) -> Announcement | None:
    if announcement.follows is None:
        return None
    return await announcements.get(connection, announcement.guild_id, announcement.follows)
