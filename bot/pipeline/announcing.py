"""The messages that a poll makes of what it took in: owed, shown anew, and restated or taken back while they wait."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from bot.cards import Change
from bot.models import Announcement, AnnouncementKind, AnnouncementState, Held, Notice
from bot.pipeline.revision import material_changes, says_already
from bot.reference import AnnouncementKey
from bot.storage.archive import notices
from bot.storage.database import Connection
from bot.storage.outbox import announcements, companions, revoking
from bot.storage.outbox.announcements import Place
from bot.storage.watching import dismissals, hits

COMPARED: Final = "compared"
"""The detail that names the revision with which a message compares its notice, where it is not the one before."""


@dataclass(frozen=True, slots=True)
class ToldOfTwins:
    """Hold what messages told of the twins of a notice, by place, the latest first: each with the notice it told."""

    told: Mapping[Place, Sequence[tuple[Announcement, Notice]]] = field(default_factory=dict)

    def news(self, place: Place | None, changes: Sequence[Change], after: Notice) -> list[Change]:
        """Return those changes of a notice, which made it `after`, that no message on a twin told in a place."""
        there = self.told.get(place, ()) if place is not None else ()
        return [change for change in changes if not _is_told(there, change, after)]


async def owe(
    connection: Connection,
    place: Place,
    row: int,
    notice: Notice,
    *,
    follows: int | None,
    hit_rows: Iterable[int],
    now: datetime,
    details: dict[str, Any] | None = None,
) -> int | None:
    """Owe a place an announcement of a notice that shows these hits; return its id, None when it was owed already.

    It is kept back until the poll of the notice's source ends. `details` are those of `details_of`.
    """
    key = AnnouncementKey(
        guild_id=place.guild_id,
        channel_id=place.channel_id,
        kind=AnnouncementKind.NOTICE,
        subject=f"{notice.source}:{notice.id}",
        revision=notice.revision,
    )
    announcement = await announcements.owe(
        connection,
        key,
        now=now,
        thing_id=row,
        follows=follows,
        details=details or details_of(()),
        polled=notice.source,
    )
    if announcement is not None:
        await link(connection, announcement, place, hit_rows)
    return announcement


def details_of(changes: Sequence[Change], compared: int | None = None) -> dict[str, Any]:
    """Return what a message on changes keeps; `compared` is the revision that later ones are compared with.

    Without it that is the one before its own.
    """
    details: dict[str, Any] = {"changes": [dataclasses.asdict(change) for change in changes]}
    return details if compared is None else {**details, COMPARED: compared}


async def told_of_twins(connection: Connection, telling: Iterable[Announcement], twins: Collection[int]) -> ToldOfTwins:
    """Return what of the announcements `telling` of a notice told of its twins: neither silence nor edits are told."""
    told: dict[Place, list[tuple[Announcement, Notice]]] = {}
    for announcement in sorted(telling, key=lambda one: one.id, reverse=True):
        if announcement.notice_id is not None and announcement.notice_id in twins:
            revision = await revoking.revision_told(connection, announcement)
            notice = await notices.get(connection, announcement.notice_id, revision)
            told.setdefault(place_of(announcement), []).append((announcement, notice))
    return ToldOfTwins(told)


async def told_at(connection: Connection, telling: Iterable[Announcement]) -> dict[int, set[Place]]:
    """Return where those of the announcements `telling` of a notice tell of it for each item that they show."""
    found: dict[int, set[Place]] = {}
    for announcement in telling:
        for item in await companions.items_shown(connection, announcement.guild_id, announcement.id):
            found.setdefault(item, set()).add(place_of(announcement))
    return found


async def link(connection: Connection, announcement_id: int, place: Place, hit_rows: Iterable[int]) -> None:
    """Make a message show hits."""
    for hit_row in hit_rows:
        await announcements.link(connection, place.guild_id, announcement_id, hit_row)


async def remake(connection: Connection, telling: Iterable[Announcement], now: datetime) -> None:
    """Make messages show what else they tell of as it now stands, in silence."""
    for announcement in telling:
        await announcements.remake(connection, announcement.guild_id, [announcement.id], now)


async def restate(
    connection: Connection,
    announcement: Announcement,
    after: Notice,
    material: Collection[str],
    *,
    telling: Iterable[Announcement],
    of_twins: ToldOfTwins,
) -> int:
    """Make a message on a change that was not sent yet say what changed till `after`; one with nothing to say goes.

    That is one of which the change was undone since and that brings no hit that was held before, or that no other
    message there, of those that are `telling` of the notice, tells. Return how many others, of those that the poll of
    the notice's source owes, go with it.
    """
    row = announcement.notice_id or 0
    compared = announcement.details.get(COMPARED)
    if announcement.state is not AnnouncementState.PENDING or announcement.revision == 1:
        return 0
    base = await notices.get(connection, row, compared or announcement.revision - 1)
    place = place_of(announcement)
    changes = of_twins.news(place, material_changes(base, after, material), after)
    is_alone = not await companions.of_announcement(connection, place.guild_id, announcement.id)
    if not changes and is_alone and (gone := await take_back(connection, announcement, telling)) is not None:
        return gone.count(after.source)
    await announcements.restate(connection, announcement.id, {**announcement.details, **details_of(changes)})
    return 0


async def take_back(
    connection: Connection, announcement: Announcement, telling: Iterable[Announcement]
) -> list[str | None] | None:
    """Take back a message not sent yet on a revision of which nothing is left to tell.

    Return what `revoking.withdraw` says went with it, None where it stays.

    It stays where it shows a hit that neither an earlier revision brought nor another message there, of those that are
    `telling` of the notice, tells.
    """
    place = place_of(announcement)
    was_held = await hits.earlier(connection, place.guild_id, announcement.notice_id or 0, before=announcement.revision)
    others = [other.id for other in telling if place_of(other) == place and other.id != announcement.id]
    if await _is_left(connection, announcement, was_held, others):
        return None
    return await revoking.withdraw(connection, announcement, was_held)


def place_of(announcement: Announcement) -> Place:
    """Return where an announcement stands."""
    return Place(announcement.guild_id, announcement.channel_id)


def shows_soon(earlier: Iterable[Announcement], place: Place) -> bool:
    """Return whether a message not yet sent to a place will show what is new anyway."""
    return any(
        announcement.state is AnnouncementState.PENDING and place_of(announcement) == place for announcement in earlier
    )


def _is_told(there: Iterable[tuple[Announcement, Notice]], change: Change, after: Notice) -> bool:
    """Return whether the latest message that speaks of a field says what a change made of it: a first one of all."""
    for announcement, twin in there:
        changed = [one["field"] for one in announcement.details.get("changes", ())]
        if not changed or change.field in changed:
            return says_already(twin, change, after)
    return False


async def _is_left(
    connection: Connection, announcement: Announcement, was_held: Mapping[int, Held | None], others: Iterable[int]
) -> bool:
    """Return whether a message shows a hit that neither the others tell nor an earlier revision brought."""
    guild_id = announcement.guild_id
    shown = await companions.items_shown(connection, guild_id, announcement.id)
    told = await revoking.told_by(connection, guild_id, others)
    over = await dismissals.written_off(connection, guild_id, announcement.notice_id or 0)
    before = {item for item, held in was_held.items() if held is not Held.WEAK} - over
    return bool(shown - told - before)
