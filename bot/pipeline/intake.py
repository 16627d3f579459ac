"""What a batch of parsed notices makes of the database: revisions, hits, and the announcements they owe."""

from __future__ import annotations

import asyncio
import dataclasses
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from bot.cards import Change
from bot.matching import Found, Matcher
from bot.models import (
    Announcement,
    AnnouncementKind,
    AnnouncementState,
    Held,
    Hit,
    Newsroom,
    Notice,
    WatchItem,
)
from bot.pipeline.brake import Brake
from bot.pipeline.holding import comes_late, in_digest, staying, why_held
from bot.pipeline.revision import material_changes
from bot.pipeline.spool import Entry
from bot.reference import AnnouncementKey
from bot.sources import Source
from bot.storage import announcements, dismissals, following, hits, newsrooms, notices, storms, watchlist
from bot.storage.announcements import Place
from bot.storage.database import Connection, Database
from bot.storage.dismissals import PassedOver
from bot.watchlist.live import LiveWatchlist, Watchlist


@dataclass(frozen=True, slots=True)
class Taken:
    """Count what a batch added: notices never seen, notices changed, announcements owed."""

    new: int = 0
    changed: int = 0
    owed: int = 0


@dataclass(frozen=True, slots=True)
class Prepared:
    """Hold a batch with what is known of it and its hits, all found before the write lock is taken.

    `stood` are the hits on the stored revision of those notices of which nothing material changed.
    """

    live: LiveWatchlist
    entries: Sequence[Entry]
    known: Mapping[str, notices.Known]
    hits: Mapping[str, Sequence[Found]]
    stood: Mapping[str, Sequence[Hit]]


NOTHING_DISMISSED = PassedOver()


@dataclass(frozen=True, slots=True)
class _Earlier:
    """Hold what became of the hits on a notice before a revision that changes nothing material.

    `was_held` is `hits.earlier`; `stays` says of which items the hits stay held as they were, `written_off` of which
    nothing so far is told to anybody, because it was dismissed.
    """

    was_held: Mapping[int, Held | None] = field(default_factory=dict)
    stays: Mapping[int, Held] = field(default_factory=dict)
    written_off: Collection[int] = ()


NO_EARLIER = _Earlier()


class Intake:
    """Take the notices of one poll into the database, batch by batch."""

    def __init__(
        self, database: Database, watchlist: Watchlist, source: Source, *, started: datetime, is_baseline: bool
    ) -> None:
        self._database = database
        self._watchlist = watchlist
        self._source = source
        self._started = started
        self._brake = Brake(source.name, started)
        self.is_baseline = is_baseline

    async def prepare(self, entries: Sequence[Entry]) -> Prepared:
        """Find out which notices are new or changed, and match those, off the event loop."""
        live = await self._watchlist.live()
        async with self._database.read() as connection:
            known = await notices.known(connection, self._source.name, [entry.notice.id for entry in entries])
            fresh = [entry.notice for entry in entries if self._is_fresh(entry, known.get(entry.notice.id))]
            before = {
                notice.id: await notices.get(connection, one.row, one.revision)
                for notice in fresh
                if (one := known.get(notice.id)) is not None
            }
        found, stood = await asyncio.to_thread(_hits_of, live.matcher, fresh, before)
        return Prepared(live, entries, known, found, stood)

    async def is_current(self, connection: Connection, prepared: Prepared) -> bool:
        """Return whether the watchlists still are those that the batch was matched against."""
        return await watchlist.version_of(connection) == prepared.live.version

    async def store(self, connection: Connection, prepared: Prepared, now: datetime) -> Taken:
        """Store what is new or changed with its hits and owed announcements, inside the caller's transaction.

        The announcements are kept back until `announcements.release`; the storm brake has judged them so far.
        """
        taken = Taken()
        rooms = {newsroom.guild_id: newsroom for newsroom in await newsrooms.every(connection)}
        for entry in prepared.entries:
            notice = await self._with_procedure(connection, entry.notice)
            known = prepared.known.get(notice.id)
            hits_before = prepared.stood.get(notice.id, ())
            found = _OnNotice(prepared.live, rooms, prepared.hits.get(notice.id, ()), hits_before)
            if known is None:
                owed = await self._add(connection, notice, entry.content_sha256, found, now)
                taken = replace(taken, new=taken.new + 1, owed=taken.owed + owed)
            elif known.content_version != self._source.revision_hash_version:
                version = self._source.revision_hash_version
                await notices.rehash(connection, known.row, entry.content_sha256, version)
            elif known.content_sha256 != entry.content_sha256:
                owed = await self._revise(connection, known, notice, entry.content_sha256, found, now)
                taken = replace(taken, changed=taken.changed + 1, owed=taken.owed + owed)
        if taken.owed:
            taken = replace(taken, owed=taken.owed + await self._brake.pull(connection, rooms, now))
        return taken

    def _is_fresh(self, entry: Entry, known: notices.Known | None) -> bool:
        return known is None or (
            known.content_version == self._source.revision_hash_version and known.content_sha256 != entry.content_sha256
        )

    async def _with_procedure(self, connection: Connection, notice: Notice) -> Notice:
        """Give a notice that names its parent only by the source's id the parent's own procedure."""
        prefix = f"{notice.source}:"
        if notice.procedure is None or not notice.procedure.startswith(prefix):
            return notice
        parent = await notices.procedure_of(connection, notice.source, notice.procedure.removeprefix(prefix))
        return replace(notice, procedure=parent) if parent else notice

    async def _add(
        self, connection: Connection, notice: Notice, content_sha256: str, found: _OnNotice, now: datetime
    ) -> int:
        row = await notices.add(
            connection,
            notice,
            content_sha256,
            self._source.revision_hash_version,
            now=now,
            is_baseline=self.is_baseline,
        )
        await _adopt(connection, notice)
        is_late = not self.is_baseline and comes_late(notice, self._source.zone, now)
        shown = await self._store_hits(connection, row, 1, found, now, is_late=is_late)
        if self.is_baseline:
            return 0
        followed = await _followed(connection, notice.procedure, now)
        owed = 0
        for place in _in_order({*shown, *followed}):
            announcement = await self._owe(
                connection,
                place,
                row,
                notice,
                follows=followed.get(place),
                hit_rows=shown.get(place, {}).values(),
                now=now,
            )
            if announcement is not None:
                first = followed.get(place, announcement)
                owed += 1 + await self._owe_siblings(connection, place, row, notice, first, now)
        return owed

    async def _owe_siblings(
        self, connection: Connection, place: Place, row: int, notice: Notice, first: int, now: datetime
    ) -> int:
        """Let the notices of a procedure that this very poll read before its first announced one follow it there."""
        if notice.procedure is None:
            return 0
        read_before = await notices.of_procedure(connection, notice.procedure, since=self._started, before_row=row)
        owed = [
            await self._owe(connection, place, sibling.row, sibling.notice, follows=first, hit_rows=(), now=now)
            for sibling in read_before
            if not await storms.tells_of(connection, place, self._source.name, sibling.row)
        ]
        return sum(1 for announcement in owed if announcement is not None)

    async def _revise(
        self,
        connection: Connection,
        known: notices.Known,
        notice: Notice,
        content_sha256: str,
        found: _OnNotice,
        now: datetime,
    ) -> int:
        """Store the next revision: earlier messages come to show it, and what is material is announced again."""
        before = await notices.get(connection, known.row, known.revision)
        after = replace(notice, revision=known.revision + 1)
        changes = material_changes(before, after)
        earlier = await announcements.of_notice(connection, known.row)
        first = {_place(announcement): announcement.id for announcement in reversed(earlier)}
        by_notice = await following.places_of_notice(connection, known.row, now)
        by_procedure = await _followed(connection, after.procedure, now)
        followed = {place: row for place, row in first.items() if place in by_notice or place in by_procedure}
        was_held: dict[int, Held | None] = {}
        written_off: set[int] = set()
        for guild_id in found.guilds():
            was_held |= await hits.earlier(connection, guild_id, known.row)
            written_off |= await dismissals.written_off(connection, guild_id, known.row)
        await notices.revise(connection, known.row, after, content_sha256, self._source.revision_hash_version, now=now)
        await _adopt(connection, after)
        shown = await self._store_hits(
            connection,
            known.row,
            after.revision,
            found,
            now,
            earlier=NO_EARLIER
            if changes
            else _Earlier(was_held, staying(was_held, found.stood, written_off), written_off),
        )
        for announcement in earlier:
            place = _place(announcement)
            if announcement.state is AnnouncementState.PENDING and announcement.details.get("changes"):
                base = await notices.get(connection, known.row, announcement.revision - 1)
                await announcements.restate(connection, announcement.id, _details(material_changes(base, after)))
            for hit_row in shown.get(place, {}).values():
                await announcements.link(connection, place.guild_id, announcement.id, hit_row)
            await announcements.owe_edit(connection, announcement.id, after.revision, now)
        announced = {item for item, held in was_held.items() if held is None} - written_off
        again = {place for place, found_here in shown.items() if found_here.keys() - announced}
        if changes:
            again |= followed.keys()
        owed = [
            await self._owe(
                connection,
                place,
                known.row,
                after,
                follows=followed.get(place),
                hit_rows=shown.get(place, {}).values(),
                changes=changes,
                now=now,
            )
            for place in _in_order(again)
            if not _shows_soon(earlier, place)
        ]
        return sum(1 for announcement in owed if announcement is not None)

    async def _store_hits(
        self,
        connection: Connection,
        row: int,
        revision: int,
        found: _OnNotice,
        now: datetime,
        *,
        is_late: bool = False,
        earlier: _Earlier = NO_EARLIER,
    ) -> dict[Place, dict[int, int]]:
        """Store every hit; return those to announce, by place: our ids of the hits by item."""
        shown: defaultdict[Place, dict[int, int]] = defaultdict(dict)
        dismissed = await found.dismissed(connection, row)
        for item, one in found.pairs():
            place = found.place_of(item)
            over = dismissed.get(item.id or 0, NOTHING_DISMISSED)
            left = None if over.is_series else one.without(over.organisations)
            held = why_held(item, left, now, is_late=is_late, has_channel=place is not None)
            if self.is_baseline:
                held = Held.BASELINE
            elif held is None and item.id is not None:
                held = earlier.stays.get(item.id)
            is_new = left is not None and item.id in earlier.written_off
            hit_row = await hits.add(
                connection,
                item.guild_id,
                one.hit,
                notice_row=row,
                revision=revision,
                held=held,
                in_digest=in_digest(item, held, {} if is_new else earlier.was_held),
                now=now,
                standings=one.standings,
            )
            if held is None and place is not None and item.id is not None:
                shown[place][item.id] = hit_row
        return dict(shown)

    async def _owe(
        self,
        connection: Connection,
        place: Place,
        row: int,
        notice: Notice,
        *,
        follows: int | None,
        hit_rows: Iterable[int],
        changes: Sequence[Change] = (),
        now: datetime,
    ) -> int | None:
        """Owe a place an announcement of a notice that shows these hits; return its id, None when it was owed already.

        It is kept back until the poll ends.
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
            details=_details(changes),
            polled=self._source.name,
        )
        if announcement is not None:
            for hit_row in hit_rows:
                await announcements.link(connection, place.guild_id, announcement, hit_row)
        return announcement


@dataclass(frozen=True, slots=True)
class _OnNotice:
    """Hold the hits on one notice with the items and newsrooms they belong to, and those on its stored revision."""

    live: LiveWatchlist
    rooms: Mapping[int, Newsroom]
    hits: Sequence[Found]
    stood: Sequence[Hit]

    def pairs(self) -> list[tuple[WatchItem, Found]]:
        return [(self.live.items[one.hit.item], one) for one in self.hits if one.hit.item is not None]

    def guilds(self) -> set[int]:
        return {item.guild_id for item, _ in self.pairs()}

    async def dismissed(self, connection: Connection, row: int) -> dict[int, PassedOver]:
        """Return what was dismissed for the items that hit, on this notice, by item."""
        over: dict[int, PassedOver] = {}
        for guild_id in self.guilds():
            items = [item.id for item, _ in self.pairs() if item.guild_id == guild_id and item.id is not None]
            over |= await dismissals.passed_over(connection, guild_id, items, row)
        return over

    def place_of(self, item: WatchItem) -> Place | None:
        channel = item.channel_id or self.rooms[item.guild_id].announcements_channel
        return Place(item.guild_id, channel) if channel else None


def _hits_of(
    matcher: Matcher, fresh: Iterable[Notice], before: Mapping[str, Notice]
) -> tuple[dict[str, Sequence[Found]], dict[str, Sequence[Hit]]]:
    """Return the hits on notices, and those on their stored revision where nothing material changed."""
    found: dict[str, Sequence[Found]] = {}
    stood: dict[str, Sequence[Hit]] = {}
    for notice in fresh:
        found[notice.id] = matcher.find_apart(notice)
        stored = before.get(notice.id)
        if stored is not None and not material_changes(stored, notice):
            stood[notice.id] = matcher.find(stored)
    return found, stood


def _in_order(places: Iterable[Place]) -> list[Place]:
    return sorted(places, key=lambda place: (place.guild_id, place.channel_id))


async def _followed(connection: Connection, procedure: str | None, now: datetime) -> dict[Place, int]:
    return await following.places_of_procedure(connection, procedure, now) if procedure else {}


async def _adopt(connection: Connection, notice: Notice) -> None:
    """Give the notices that named this one only by the source's id its own procedure."""
    orphan = f"{notice.source}:{notice.id}"
    if notice.procedure and notice.procedure != orphan:
        await notices.adopt(connection, orphan, notice.procedure)


def _place(announcement: Announcement) -> Place:
    return Place(announcement.guild_id, announcement.channel_id)


def _details(changes: Sequence[Change]) -> dict[str, Any]:
    return {"changes": [dataclasses.asdict(change) for change in changes]}


def _shows_soon(earlier: Sequence[Announcement], place: Place) -> bool:
    """Return whether a message not yet sent there will show the newest revision anyway."""
    return any(
        announcement.state is AnnouncementState.PENDING and _place(announcement) == place for announcement in earlier
    )
