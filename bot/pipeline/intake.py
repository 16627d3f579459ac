"""What a batch of parsed notices makes of the database: revisions, hits, and the announcements they owe."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum, auto
from typing import Final

from bot.cards import Change
from bot.models import Held, Notice
from bot.pipeline.alone import alone
from bot.pipeline.announcing import (
    details_of,
    link,
    owe,
    place_of,
    remake,
    restate,
    shows_soon,
    told_at,
    told_of_twins,
)
from bot.pipeline.brake import Brake
from bot.pipeline.companions import accompany, gathering, restate_beside
from bot.pipeline.found import NO_EARLIER, Earlier, Matched, OnNotice, Rooms, hits_of
from bot.pipeline.holding import comes_late, staying
from bot.pipeline.registers import REMOVED
from bot.pipeline.revision import material_changes
from bot.pipeline.series import since_the_last
from bot.pipeline.twins import PROCUREMENT, became, in_order_of_publication, join, rows_of
from bot.sources import Source
from bot.storage import newsrooms
from bot.storage.archive import notices
from bot.storage.database import Connection, Database
from bot.storage.outbox import announcements, companions, following, later, storms
from bot.storage.outbox.announcements import Place, in_order
from bot.storage.reading import source_pauses
from bot.storage.reading.spool import Entry
from bot.storage.watching import dismissals, hits, routes, watchlist
from bot.watchlist.live import LiveWatchlist, Watchlist

REDUCED: Final = "reduced:"
"""What stands before the checksum of a notice of which no whole answer was ever read."""


class _Reading(Enum):
    """Say what a notice that was read is to what is stored of it.

    Made whole from a reduced one, or read otherwise by newer rules, it did not change.
    """

    NEW = auto()
    SAME = auto()
    WHOLE = auto()
    OTHERWISE = auto()
    CHANGED = auto()


_FRESH: Final = frozenset({_Reading.NEW, _Reading.WHOLE, _Reading.CHANGED})
"""What is matched against the watchlists."""


@dataclass(frozen=True, slots=True)
class Taken:
    """Count what a batch added: notices never seen, notices changed, announcements owed, and hits that joined those."""

    new: int = 0
    changed: int = 0
    owed: int = 0
    joined: int = 0


@dataclass(frozen=True, slots=True)
class Prepared:
    """Hold a batch with what is known of it and its hits, all found before the write lock is taken.

    `matched` are also the hits on the stored revisions as far as they count.
    """

    live: LiveWatchlist
    entries: Sequence[Entry]
    known: Mapping[str, notices.Known]
    matched: Matched

    def on(self, notice: Notice, rooms: Rooms) -> OnNotice:
        """Return the hits on a notice of the batch."""
        matched = self.matched
        left = matched.left.get(notice.id, ())
        return OnNotice(self.live, rooms, matched.hits.get(notice.id, ()), matched.stood.get(notice.id, ()), left)


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
            fresh = [entry.notice for entry in entries if self._reading(entry, known.get(entry.notice.id)) in _FRESH]
            before = {
                notice.id: await _stored(connection, one, notice)
                for notice in fresh
                if (one := known.get(notice.id)) is not None
            }
        matched = await asyncio.to_thread(hits_of, live.matcher, fresh, before, self._source)
        return Prepared(live, entries, known, matched)

    async def is_current(self, connection: Connection, prepared: Prepared) -> bool:
        """Return whether the watchlists still are those that the batch was matched against."""
        return await watchlist.version_of(connection) == prepared.live.version

    async def store(self, connection: Connection, prepared: Prepared, now: datetime) -> Taken:
        """Store what is new or changed with its hits and owed announcements, inside the caller's transaction.

        The announcements are kept back until `announcements.release`; the storm brake has judged them so far.
        """
        rooms = Rooms(
            {newsroom.guild_id: newsroom for newsroom in await newsrooms.every(connection)},
            await source_pauses.pausing(connection, self._source.name),
            await routes.of_dossiers(connection, _items_hit(prepared)),
        )
        stored = await self._add_alone(connection, prepared, now)
        taken = Taken(new=len(stored))
        for place in in_order_of_publication([entry.notice for entry in prepared.entries]):
            entry = prepared.entries[place]
            if entry.notice.id in stored:
                continue
            notice = await self._with_procedure(connection, entry.notice)
            known = prepared.known.get(notice.id)
            found = prepared.on(notice, rooms)
            reading = self._reading(entry, known)
            if known is None:
                is_baseline = self.is_baseline or entry.is_silent
                told = await self._add(connection, notice, _sha256_of(entry), found, now, is_baseline=is_baseline)
                taken = replace(
                    taken, new=taken.new + 1, owed=taken.owed + told.owed, joined=taken.joined + told.joined
                )
            elif reading is _Reading.OTHERWISE:
                version = self._source.revision_hash_version
                await notices.reread(connection, known, notice, entry.content_sha256, version)
                await _adopt(connection, notice)
            elif reading in _FRESH:
                owed = await self._revise(connection, known, notice, entry.content_sha256, found, now)
                changed = taken.changed + (reading is _Reading.CHANGED)
                taken = replace(taken, changed=changed, owed=taken.owed + owed)
        if taken.owed or taken.joined or taken.changed:
            pulled = await self._brake.pull(connection, rooms.by_id, now)
            taken = replace(taken, owed=taken.owed + pulled)
        return taken

    async def _add_alone(self, connection: Connection, prepared: Prepared, now: datetime) -> Collection[str]:
        """Store at once the notices that concern nobody and belong to nothing; return their ids."""
        with_more = {*prepared.known, *(notice for notice, found in prepared.matched.hits.items() if found)}
        entries = await alone(connection, prepared.entries, with_more)
        added = [(entry.notice, _sha256_of(entry), self.is_baseline or entry.is_silent) for entry in entries]
        await notices.add_all(connection, added, self._source.revision_hash_version, now=now)
        return {entry.notice.id for entry in entries}

    def _reading(self, entry: Entry, known: notices.Known | None) -> _Reading:
        """Say what a notice that was read is to what is stored of it."""
        if known is None:
            return _Reading.NEW
        if entry.is_reduced or entry.is_silent:
            # What the publisher left out this time is no change of the notice, nor what is read without being news.
            return _Reading.SAME
        if known.content_sha256.startswith(REDUCED):
            return _Reading.WHOLE
        is_end = entry.is_removal or known.content_sha256.startswith(REMOVED)
        if known.content_version != self._source.revision_hash_version and not is_end:
            return _Reading.OTHERWISE
        return _Reading.SAME if known.content_sha256 == entry.content_sha256 else _Reading.CHANGED

    async def _with_procedure(self, connection: Connection, notice: Notice) -> Notice:
        """Give a notice that names its parent only by the source's id the parent's own procedure."""
        prefix = f"{notice.source}:"
        if notice.procedure is None or not notice.procedure.startswith(prefix):
            return notice
        parent = await notices.procedure_of(connection, notice.source, notice.procedure.removeprefix(prefix))
        return replace(notice, procedure=parent) if parent else notice

    async def _add(
        self,
        connection: Connection,
        notice: Notice,
        content_sha256: str,
        found: OnNotice,
        now: datetime,
        *,
        is_baseline: bool,
    ) -> Taken:
        """Store a notice never seen; it joins the message of its twin or its entity, or is owed one of its own.

        One of a baseline is owed none.
        """
        row = await notices.add(
            connection,
            notice,
            content_sha256,
            self._source.revision_hash_version,
            now=now,
            is_baseline=is_baseline,
        )
        await _adopt(connection, notice)
        if notice.kind in later.TOLD:
            await later.remake_earlier(connection, row, now)
        is_late = not is_baseline and comes_late(notice, self._source, now)
        followed = {} if is_baseline else await self._followed(connection, notice, found.rooms, now)
        twins = await join(connection, row, notice)
        telling = await following.telling_of(connection, row) if twins else []
        standing = {**followed, **await following.places_of_notice(connection, row, now)} if telling else {}
        joins = {announcement.id: place for announcement in telling if (place := place_of(announcement)) in standing}
        # What only this one says is told by a message of its own where those that it joins were sent.
        told = {place for place in joins.values() if not shows_soon(telling, place)}
        gathered = await gathering(connection, self._source, notice) if found.hits and not is_baseline else {}
        shown: dict[Place, Collection[int]] = {place: one.items for place, one in gathered.items()}
        for announcement_id, place in joins.items():
            items = await companions.items_shown(connection, place.guild_id, announcement_id)
            shown[place] = {*items, *shown.get(place, ())}
        earlier = Earlier(by_twins=await became(connection, found.guilds(), twins), shown=shown)
        kept = await found.keep(
            connection,
            row,
            1,
            now,
            is_baseline=is_baseline,
            is_late=is_late,
            earlier_at=lambda _: earlier,
            told_at=await told_at(connection, telling),
        )
        for announcement_id, place in joins.items():
            await link(connection, announcement_id, place, kept.at(place))
        await remake(connection, telling, now)
        if is_baseline:
            return Taken()
        accompanied = [place for place in gathered if kept.at(place)]
        for place in accompanied:
            await accompany(connection, place, gathered[place].announcement, row, kept.at(place))
        details = details_of(await since_the_last(connection, self._source, row, notice))
        owed = 0
        own = {*kept.news, *followed} - {*joins.values(), *accompanied}
        for place in in_order(own | (told & kept.news.keys())):
            follows = standing.get(place, followed.get(place))
            announcement = await owe(
                connection, place, row, notice, follows=follows, hit_rows=kept.at(place), now=now, details=details
            )
            if announcement is not None:
                first = follows or announcement
                owed += 1 + await self._owe_siblings(connection, place, row, notice, first, now)
        return Taken(owed=owed, joined=len(accompanied))

    async def _owe_siblings(
        self, connection: Connection, place: Place, row: int, notice: Notice, first: int, now: datetime
    ) -> int:
        """Let the notices of a procedure that this very poll read before its first announced one follow it there.

        Not those of which a message there, that of their twin, tells already.
        """
        if notice.procedure is None or notice.kind not in PROCUREMENT:
            return 0
        owed = 0
        for sibling in await notices.of_procedure(connection, notice.procedure, since=self._started, before_row=row):
            if sibling.notice.kind not in PROCUREMENT or await storms.tells_of(
                connection, place, self._source.name, sibling.row
            ):
                continue
            if all(place_of(told) != place for told in await following.telling_of(connection, sibling.row)):
                announcement = await owe(
                    connection, place, sibling.row, sibling.notice, follows=first, hit_rows=(), now=now
                )
                owed += announcement is not None
        return owed

    async def _followed(self, connection: Connection, notice: Notice, rooms: Rooms, now: datetime) -> dict[Place, int]:
        """Return where what comes of the procedure of a notice is announced, item or not: that of a tender alone.

        Not where the source is held back.
        """
        if self.is_baseline or notice.procedure is None or notice.kind not in PROCUREMENT:
            return {}
        places = await following.places_of_procedure(connection, notice.procedure, now)
        return {place: first for place, first in places.items() if place.guild_id not in rooms.paused}

    async def _revise(
        self,
        connection: Connection,
        known: notices.Known,
        notice: Notice,
        content_sha256: str,
        found: OnNotice,
        now: datetime,
    ) -> int:
        """Store the next revision: earlier messages come to show it, and what is material is announced again.

        A change that a twin of the notice told in a place is told there no second time. What a first whole answer adds
        to a reduced one is no change.
        """
        row = known.row
        before = await notices.get(connection, row, known.revision)
        after = replace(notice, revision=known.revision + 1)
        is_whole_now = known.content_sha256.startswith(REDUCED)
        changes = () if is_whole_now else material_changes(before, after, self._source.material)
        telling = await following.telling_of(connection, row)
        own = [announcement for announcement in telling if announcement.notice_id == row]
        twins = await rows_of(connection, row, after)
        by_twins = await told_of_twins(connection, telling, twins)

        def news_at(place: Place | None) -> Sequence[Change]:
            return by_twins.news(place, changes, after)

        found = found if changes else replace(found, left=())
        earlier = await self._earlier(connection, row, found, twins)
        gathered = {} if self.is_baseline else await gathering(connection, self._source, after)
        untold = replace(NO_EARLIER, shown={place: one.items for place, one in gathered.items()})
        first = {place_of(announcement): announcement.id for announcement in reversed(telling)}
        standing = {
            **await following.places_of_notice(connection, row, now),
            **await self._followed(connection, after, found.rooms, now),
        }
        followed = {place: told for place, told in first.items() if place in standing}
        told, stormed = await told_at(connection, telling), await storms.places_of_notice(connection, row)
        await notices.revise(connection, row, after, content_sha256, self._source.revision_hash_version, now=now)
        await _adopt(connection, after)
        if after.kind in later.TOLD:
            await later.remake_earlier(connection, row, now)
        kept = await found.keep(
            connection,
            row,
            after.revision,
            now,
            is_baseline=self.is_baseline or (is_whole_now and known.is_baseline),
            earlier_at=lambda place: untold if news_at(place) else earlier,
            told_at={item: places | stormed.get(item, set()) for item, places in told.items()},
        )
        for announcement in telling:
            await link(connection, announcement.id, place_of(announcement), kept.at(place_of(announcement)))
        announced = {item for item, held in earlier.was_held.items() if held is None} - {*earlier.written_off}
        again = {place for place, found_here in kept.news.items() if found_here.keys() - announced}
        # Where a storm stands for a hit that another channel was told of by a message, the change is the first one.
        again |= {
            place
            for place, here in kept.news.items()
            if news_at(place) and any(place in stormed.get(item, ()) for item in here)
        }
        again |= {place for place in gathered if kept.at(place) and news_at(place)}
        again |= {place for place in followed if news_at(place) and place.guild_id not in found.rooms.paused}
        # What accompanies a message not sent yet is told by it as it now stands.
        soon = telling if self._source.is_register else own
        owed = 0
        due = () if self.is_baseline else in_order(place for place in again if not shows_soon(soon, place))
        for place in due:
            news, hit_rows = news_at(place), kept.at(place)
            if place in gathered:
                message = gathered[place].announcement
                await accompany(connection, place, message, row, hit_rows, changes=news, compared=known.revision)
                continue
            details = details_of(news, after.revision if is_whole_now else None)
            follows = followed.get(place)
            message_id = await owe(
                connection, place, row, after, follows=follows, hit_rows=hit_rows, now=now, details=details
            )
            owed += message_id is not None
        # Last: what a message that goes had to tell may be told in another channel from now on.
        for announcement in own:
            owed -= await restate(
                connection, announcement, after, self._source.material, telling=telling, of_twins=by_twins
            )
            await announcements.owe_edit(connection, announcement.id, after.revision, now)
        await restate_beside(connection, telling, row, after, self._source.material)
        await remake(connection, (announcement for announcement in telling if announcement.notice_id != row), now)
        return owed

    async def _earlier(self, connection: Connection, row: int, found: OnNotice, twins: Sequence[int]) -> Earlier:
        """Return what became of the hits on a notice, and on its twins, before its next revision."""
        was_held: dict[int, Held | None] = {}
        written_off: set[int] = set()
        for guild_id in found.guilds():
            was_held |= await hits.earlier(connection, guild_id, row)
            written_off |= await dismissals.written_off(connection, guild_id, row)
        by_twins = await became(connection, found.guilds(), twins)
        was_held |= dict.fromkeys(by_twins.announced)
        return Earlier(was_held, staying(was_held, found.stood, written_off), written_off, by_twins)


def _items_hit(prepared: Prepared) -> set[int]:
    """Return the items that a batch hits."""
    matched = (*prepared.matched.hits.values(), *prepared.matched.left.values())
    return {one.hit.item for found in matched for one in found if one.hit.item is not None}


def _sha256_of(entry: Entry) -> str:
    return f"{REDUCED}{entry.content_sha256}" if entry.is_reduced else entry.content_sha256


async def _stored(connection: Connection, known: notices.Known, read: Notice) -> Notice:
    """Return the stored revision of a notice that was read again; a text that is stored no longer was like the new one.

    Otherwise a correction years later would find in it what nobody watched then.
    """
    stored = await notices.get(connection, known.row, known.revision)
    return replace(stored, text=read.text) if known.is_text_dropped else stored


async def _adopt(connection: Connection, notice: Notice) -> None:
    """Give the notices that named this one only by the source's id its own procedure."""
    orphan = f"{notice.source}:{notice.id}"
    if notice.procedure and notice.procedure != orphan:
        await notices.adopt(connection, orphan, notice.procedure)
