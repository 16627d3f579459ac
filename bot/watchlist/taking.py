"""Who looks into a notice: taken for an item, or for itself where no item names it; given back by them or an editor."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.access import Action
from bot.cards import ShownTake
from bot.errors import UserError
from bot.models import Announcement, WatchItem
from bot.storage.archive import notices
from bot.storage.custody import audit
from bot.storage.database import Connection, Database
from bot.storage.outbox import announcements
from bot.storage.watching import takes
from bot.storage.watching.takes import StoredTake
from bot.watchlist.announced import live_hits, notice_of


@dataclass(frozen=True, slots=True)
class Offer:
    """Hold what there is to take under an announcement: its notice for each of its live `items`, else for itself.

    Those of which people said that the notice is not about them are left out, unless that is all of them.
    `standing` is what was taken of its series and not given back.
    """

    notice_row: int
    items: tuple[WatchItem, ...]
    standing: tuple[StoredTake, ...]

    @property
    def free(self) -> tuple[WatchItem | None, ...]:
        """Return the items for which nobody has it; None for the notice itself, which stands for all of them."""
        taken = {stored.take.item_id for stored in self.standing}
        if None in taken:
            return ()
        return tuple(item for item in self.items if item.id not in taken) if self.items else (None,)


@dataclass(frozen=True, slots=True)
class Taking:
    """Hold what was `taken` just now, and all that stands of the series, what others have too."""

    taken: tuple[StoredTake, ...]
    standing: tuple[StoredTake, ...]


async def offer(connection: Connection, guild_id: int, code: str) -> Offer:
    """Return what there is to take under a newsroom's announcement.

    Raises UserError where it is of another newsroom, or tells of no notice.
    """
    announcement = await announcements.by_code(connection, guild_id, code)
    row = await notice_of(connection, announcement) if announcement is not None else None
    if announcement is None or row is None:
        raise UserError("mute-elsewhere")
    return await _offer(connection, announcement, row, await takes.standing(connection, guild_id, row))


async def take(
    database: Database, guild_id: int, code: str, item_ids: Collection[int] | None, by: int, now: datetime
) -> Taking:
    """Take an announcement's notice for these of its items, or for all (None); what somebody has stays theirs.

    Its cards show who has it. Raises UserError where it is of another newsroom.
    """
    async with database.tx("notice.take") as connection:
        before = await offer(connection, guild_id, code)
        wanted = [item for item in before.free if item_ids is None or (item is not None and item.id in item_ids)]
        row = before.notice_row
        ids = [item.id if item is not None else None for item in wanted]
        added = [await takes.add(connection, guild_id, row, item_id, by, now) for item_id in ids]
        standing = await takes.standing(connection, guild_id, row)
        taken = tuple(stored for stored in standing if stored.take.id in added)
        if taken:
            await _note(connection, guild_id, by, Action.NOTICE_TAKE, now, taken)
            await _show(connection, guild_id, row, now)
        return Taking(taken, tuple(standing))


async def give_back(
    database: Database, guild_id: int, take_ids: Iterable[int], by: int, now: datetime
) -> tuple[StoredTake, ...]:
    """Give takes of a newsroom back; return those that stood until then. The cards show them no longer."""
    async with database.tx("notice.release") as connection:
        ended: list[StoredTake] = []
        for take_id in take_ids:
            stored = await takes.find(connection, guild_id, take_id)
            if stored is not None and await takes.end(connection, guild_id, take_id, by, now):
                ended.append(stored)
        for row in sorted({stored.take.notice_id for stored in ended}):
            of_notice = [stored for stored in ended if stored.take.notice_id == row]
            await _note(connection, guild_id, by, Action.NOTICE_RELEASE, now, of_notice)
            await _show(connection, guild_id, row, now)
        return tuple(ended)


async def shown_on(connection: Connection, announcement: Announcement) -> tuple[tuple[ShownTake, ...], bool]:
    """Return what the card of an announcement shows of who has its notice, and whether nothing is left to take."""
    row = await notice_of(connection, announcement)
    standing = await takes.standing(connection, announcement.guild_id, row) if row is not None else []
    if row is None or not standing:
        return (), False
    offered = await _offer(connection, announcement, row, standing)
    # A card names the items alone that its channel is told of: others may be those of a dossier with its own.
    only = offered.items[0].id if len(offered.items) == 1 else None
    told = await takes.items_told(connection, announcement.guild_id, announcement.channel_id, row)
    here = {None, *told}
    shown = tuple(
        ShownTake(
            one.item_name if one.take.item_id in told - {only} else None,
            one.take.taken_by,
            one.take.taken_at,
            is_elsewhere=one.take.item_id not in here,
        )
        for one in standing
    )
    return shown, not offered.free


async def _offer(
    connection: Connection, announcement: Announcement, row: int, standing: Collection[StoredTake]
) -> Offer:
    found = await live_hits(connection, announcement)
    about = [item for stored, item in found if stored.dismissed is None] or [item for _, item in found]
    return Offer(row, tuple(about), tuple(standing))


async def _show(connection: Connection, guild_id: int, row: int, now: datetime) -> None:
    """Make the cards of the series of a notice show anew who has it."""
    series = await takes.series_of(connection, row)
    await announcements.remake(connection, guild_id, await takes.shown_by(connection, guild_id, series), now)


async def _note(
    connection: Connection, guild_id: int, by: int, action: Action, now: datetime, changed: Collection[StoredTake]
) -> None:
    row = next(iter(changed)).take.notice_id
    notice = (await notices.latest(connection, [row]))[row]
    detail: dict[str, Any] = {
        "notice": f"{notice.source}:{notice.id}",
        "items": [stored.item_name for stored in changed if stored.item_name is not None],
        "taken_by": sorted({stored.take.taken_by for stored in changed}),
    }
    await audit.note(connection, guild_id, by, action, now, subject=f"notice:{row}", detail=detail)
