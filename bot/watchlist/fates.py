"""What became of each hit on a notice and of each message that tells of it: a code for each way, and what fills it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from bot.models import Announcement, AnnouncementKind, AnnouncementState, Held, NoticeKind, Priority
from bot.sources import label_of
from bot.storage.database import Database
from bot.storage.outbox import circumstances
from bot.storage.outbox.circumstances import Circumstances, ItemNow, NextDigest
from bot.storage.outbox.explained import Telling
from bot.storage.outbox.storms import AT_NIGHT
from bot.storage.watching.hits import StoredHit
from bot.watchlist.changes import UNTIL_FURTHER_NOTICE
from bot.watchlist.explaining import Explanation

_FOR_DIGEST = frozenset({Held.WEAK, Held.DIGEST, Held.LATE})
_SERIES = frozenset({NoticeKind.TENDER, NoticeKind.AWARD, NoticeKind.CHANGE, NoticeKind.CANCELLATION})
"""The kinds of notices that are announced where their procedure was, item or not."""
_DELETED = "deleted"
_BESIDE = "beside"
"""The detail of a message that tells what changed of the notices that accompany it."""
_SINCE = frozenset({Held.MUTED, Held.PAUSED, Held.DISMISSED})
"""What holds back a change of a notice that was announced before."""


class Fate(StrEnum):
    """What became of a hit when it was found: it was announced, or why it was not."""

    ANNOUNCED = "announced"
    FIRST_READING = "first_reading"
    ADDED_LATER = "added_later"
    CHANGED_LATER = "changed_later"
    WEAK = "weak"
    KEPT = "kept"
    WAS_KEPT = "was_kept"
    NO_CHANNEL = "no_channel"
    LATE = "late"
    MUTED = "muted"
    MUTED_OPEN = "muted_open"
    WAS_MUTED = "was_muted"
    DISMISSED = "dismissed"
    UNDONE = "undone"
    STORM = "storm"
    STORM_AT_NIGHT = "storm_at_night"
    COMPANION = "companion"
    TWIN = "twin"
    PAUSED = "paused"
    WAS_PAUSED = "was_paused"


class DigestFate(StrEnum):
    """What the digests have to do with a hit that was not announced at once."""

    TOLD = "told"
    WAITS = "waits"
    NO_DIGEST = "no_digest"
    SHARED = "shared"


class MessageFate(StrEnum):
    """How far a message has come, or what keeps it."""

    POLL_RUNS = "poll_runs"
    QUIET = "quiet"
    CHANNEL_DELETED = "channel_deleted"
    CHANNEL_FORBIDDEN = "channel_forbidden"
    RESTORED = "restored"
    RETRIED = "retried"
    DUE = "due"
    IN_DOUBT = "in_doubt"
    SENT = "sent"
    SENT_PLAIN = "sent_plain"
    DELETED = "deleted"
    SET_ASIDE = "set_aside"
    TO_BE_WITHDRAWN = "to_be_withdrawn"
    WITHDRAWN = "withdrawn"


class Route(StrEnum):
    """Why a message goes to its channel, and not to another."""

    ITEM = "item"
    DOSSIER = "dossier"
    NEWSROOM = "newsroom"
    MOVED = "moved"
    FOLLOWED = "followed"
    PROCEDURE = "procedure"
    DIGEST = "digest"
    DEADLINE = "deadline"
    NO_AWARD = "no_award"


class ContinuationFate(StrEnum):
    """Why a notice is not announced where its procedure was."""

    NOT_FOLLOWED = "not_followed"
    WAS_NOT_FOLLOWED = "was_not_followed"
    PAUSED = "paused"
    BEFORE = "before"


class RevisionFate(StrEnum):
    """What the channels were told of the newest version of a notice."""

    ANSWERED = "answered"
    ANNOUNCED = "announced"
    SHOWN = "shown"
    SILENT = "silent"
    SILENT_TWIN = "silent_twin"
    HELD = "held"


@dataclass(frozen=True, slots=True)
class HitFate:
    """Hold what became of a hit, what fills the sentence, and the message that it names, if it names one."""

    fate: Fate
    values: Mapping[str, object] = field(default_factory=dict)
    message: Announcement | None = None


@dataclass(frozen=True, slots=True)
class HitInDigest:
    """Hold what the digests have to do with a hit: the one that told it, or that in which it comes next."""

    fate: DigestFate
    message: Announcement | None = None
    comes: NextDigest | None = None


@dataclass(frozen=True, slots=True)
class Routed:
    """Hold why a message goes to its channel, with the names of the items and of the dossier that lead there."""

    route: Route
    items: tuple[str, ...] = ()
    dossier: str = ""
    person: int | None = None
    message: Announcement | None = None


@dataclass(frozen=True, slots=True)
class Fates:
    """Say what became of the hits and the messages of an explanation, as things stood at a moment."""

    explanation: Explanation
    now: datetime
    around: Circumstances

    def of_hit(self, stored: StoredHit) -> HitFate:
        """Return what became of a hit."""
        if stored.held is None:
            return HitFate(Fate.ANNOUNCED)
        explained: Mapping[Held, Callable[[StoredHit], HitFate]] = {
            Held.BASELINE: self._baseline,
            Held.WEAK: lambda _: HitFate(Fate.WEAK),
            Held.DIGEST: self._kept,
            Held.LATE: self._late,
            Held.MUTED: self._muted,
            Held.DISMISSED: self._dismissed,
            Held.STORM: self._storm,
            Held.COMPANION: self._companion,
            Held.PAUSED: self._paused,
        }
        return explained[stored.held](stored)

    def in_digest(self, stored: StoredHit) -> HitInDigest | None:
        """Return where a digest told a hit that was held, or is to; None where none has to do with it."""
        told = self._telling(stored, AnnouncementKind.DIGEST)
        if told is not None:
            return HitInDigest(DigestFate.TOLD, told)
        if stored.held is None or stored.dismissed is not None:
            return None
        if stored.hit.item not in self.around.due:
            return HitInDigest(DigestFate.SHARED) if stored.held in _FOR_DIGEST else None
        comes = self._next_digest(self._item(stored))
        return HitInDigest(DigestFate.NO_DIGEST if comes is None else DigestFate.WAITS, comes=comes)

    def of_message(self, row: Announcement) -> MessageFate:
        """Return how far a message has come, or what keeps it."""
        return message_fate(row, self.around, self.now)

    def routes_of(self, telling: Telling) -> list[Routed]:
        """Return why a message goes to its channel: by each way in which items lead there, else by which other."""
        row = telling.announcement
        if row.kind is AnnouncementKind.DIGEST:
            return [Routed(Route.DIGEST)]
        if row.kind in {AnnouncementKind.DEADLINE, AnnouncementKind.NO_AWARD}:
            is_deadline = row.kind is AnnouncementKind.DEADLINE
            return [
                Routed(
                    Route.DEADLINE if is_deadline else Route.NO_AWARD,
                    message=self.around.followed.get(row.follows or 0),
                )
            ]
        ways: dict[tuple[Route, str], list[str]] = {}
        for item in telling.named or telling.items:
            now_item = self.around.items.get(item)
            if now_item is not None:
                ways.setdefault(self._way(now_item, row.channel_id), []).append(now_item.item.name)
        if ways:
            return [Routed(route, tuple(names), dossier) for (route, dossier), names in ways.items()]
        if (person := row.details.get("followed_by")) is not None:
            return [Routed(Route.FOLLOWED, person=person)]
        return [Routed(Route.PROCEDURE, message=self.around.followed.get(row.follows or 0))]

    def of_revision(self) -> RevisionFate | None:
        """Return what was told of the newest version; None of a first one, or where nothing was told before."""
        seen = self.explanation.seen
        revision = seen.revision
        rows = [telling.announcement for telling in self.explanation.tellings]
        own = [row for row in rows if row.kind is AnnouncementKind.NOTICE]
        if revision == 1 or not own:
            return None
        if any(_answers(row, seen.row, revision) for row in own):
            return RevisionFate.ANSWERED
        same = {seen.row, *(twin.row for twin in self.explanation.twins)}
        own = [row for row in own if row.notice_id in same]
        if not own:
            return None
        if all(row.state is AnnouncementState.PENDING or row.revision == revision for row in own):
            is_first = any(row.revision == revision and row.follows is None for row in own)
            return RevisionFate.ANNOUNCED if is_first else RevisionFate.SHOWN
        if any(stored.revision == revision and stored.held in _SINCE for stored in self.explanation.hits):
            return RevisionFate.HELD
        return RevisionFate.SILENT_TWIN if self.explanation.twins else RevisionFate.SILENT

    def untold(self) -> list[tuple[ContinuationFate, Announcement]]:
        """Return in which channels the notice is not announced though its procedure was, and why not."""
        seen = self.explanation.seen
        if self.explanation.notice.kind not in _SERIES or seen.is_baseline:
            return []
        told = {telling.announcement.channel_id for telling in self.explanation.tellings}
        return [(self._untold(row), row) for row in self.around.series if row.channel_id not in told]

    def _untold(self, first: Announcement) -> ContinuationFate:
        if first.created_at > self.explanation.seen.seen_at:
            return ContinuationFate.BEFORE
        if self.around.pause is not None:
            return ContinuationFate.PAUSED
        is_followed = first.channel_id in self.around.series_followed
        return ContinuationFate.WAS_NOT_FOLLOWED if is_followed else ContinuationFate.NOT_FOLLOWED

    def _item(self, stored: StoredHit) -> ItemNow | None:
        return self.around.items.get(stored.hit.item or 0)

    def _late(self, stored: StoredHit) -> HitFate:
        published = self.explanation.notice.published or stored.found_at
        return HitFate(Fate.LATE, {"published": published, "read": stored.found_at})

    def _baseline(self, stored: StoredHit) -> HitFate:
        now_item = self._item(stored)
        seen = self.explanation.seen
        added = now_item.item.added_at if now_item is not None else None
        if seen.is_baseline and stored.revision == 1:
            return HitFate(Fate.FIRST_READING)
        if added is not None and added > seen.seen_at:
            return HitFate(Fate.ADDED_LATER, {"added": added})
        return HitFate(Fate.CHANGED_LATER)

    def _kept(self, stored: StoredHit) -> HitFate:
        now_item = self._item(stored)
        if now_item is not None and now_item.item.priority is Priority.DIGEST:
            return HitFate(Fate.KEPT, {"item": now_item.item.id})
        if now_item is not None and not now_item.channels(self.around.newsroom):
            return HitFate(Fate.NO_CHANNEL)
        return HitFate(Fate.WAS_KEPT)

    def _muted(self, stored: StoredHit) -> HitFate:
        now_item = self._item(stored)
        until = now_item.item.muted_until if now_item is not None else None
        if now_item is None or until is None or until <= self.now:
            return HitFate(Fate.WAS_MUTED)
        values = {"until": until, "item": now_item.item.id}
        return HitFate(Fate.MUTED_OPEN if until >= UNTIL_FURTHER_NOTICE else Fate.MUTED, values)

    def _dismissed(self, stored: StoredHit) -> HitFate:
        undone = self.around.undone.get(stored.row)
        if stored.dismissed is None and undone is not None:
            return HitFate(Fate.UNDONE, {"person": undone.undone_by, "when": undone.undone_at})
        return HitFate(Fate.DISMISSED)

    def _storm(self, stored: StoredHit) -> HitFate:
        storm = self._telling(stored, AnnouncementKind.STORM)
        is_of_night = storm is not None and storm.subject.startswith(AT_NIGHT)
        most = {"most": self.around.newsroom.storm}
        return HitFate(Fate.STORM_AT_NIGHT if is_of_night else Fate.STORM, most, storm)

    def _companion(self, stored: StoredHit) -> HitFate:
        named = self._telling(stored, AnnouncementKind.NOTICE)
        twin = next((one for one in self.explanation.twins if named and one.row == named.notice_id), None)
        if twin is not None:
            return HitFate(Fate.TWIN, {"source": label_of(twin.source)}, named)
        return HitFate(Fate.COMPANION, message=named or self.explanation.message)

    def _paused(self, _: StoredHit) -> HitFate:
        source, pause = label_of(self.explanation.seen.source), self.around.pause
        if pause is None:
            return HitFate(Fate.WAS_PAUSED, {"source": source})
        values = {"source": source, "person": pause.paused_by, "when": pause.paused_at}
        return HitFate(Fate.PAUSED, {**values, "name": self.explanation.seen.source})

    def _telling(self, stored: StoredHit, kind: AnnouncementKind) -> Announcement | None:
        """Return the first message of a kind that tells of the item of a hit."""
        rows = (one for one in self.explanation.tellings if stored.hit.item in one.items)
        return next((one.announcement for one in rows if one.announcement.kind is kind), None)

    def _next_digest(self, now_item: ItemNow | None) -> NextDigest | None:
        """Return the digest that comes next of those that tell what an item found."""
        if now_item is None:
            return None
        channels = now_item.channels(self.around.newsroom)
        inside = {dossier.dossier_id for dossier in now_item.dossiers}
        return next(
            (
                one
                for one in self.around.digests
                if (
                    one.digest.channel_id in channels
                    if one.digest.dossier_id is None
                    else one.digest.dossier_id in inside
                )
            ),
            None,
        )

    def _way(self, now_item: ItemNow, channel_id: int) -> tuple[Route, str]:
        """Return by which way an item leads to a channel, with the name of the dossier where it is one's."""
        if now_item.item.channel_id is not None:
            return (Route.ITEM if now_item.item.channel_id == channel_id else Route.MOVED), ""
        for dossier in now_item.dossiers:
            if dossier.channel_id == channel_id:
                return Route.DOSSIER, dossier.name
        is_newsrooms = not now_item.dossiers and self.around.newsroom.announcements_channel == channel_id
        return (Route.NEWSROOM if is_newsrooms else Route.MOVED), ""


def _answers(row: Announcement, notice_row: int, revision: int) -> bool:
    """Return whether a message tells what a revision of a notice changed: its own, or one that it accompanies."""
    if row.notice_id == notice_row:
        return row.revision == revision and row.follows is not None
    beside = row.details.get(_BESIDE, {}).get(str(notice_row))
    return beside is not None and beside["compared"] == revision - 1


def message_fate(row: Announcement, around: Circumstances, now: datetime) -> MessageFate:
    """Return how far a message of a newsroom has come, or what keeps it."""
    if row.is_withdrawn:
        gone = row.state is AnnouncementState.WITHDRAWN
        return MessageFate.WITHDRAWN if gone else MessageFate.TO_BE_WITHDRAWN
    if row.state is AnnouncementState.SENT:
        sent = MessageFate.SENT_PLAIN if row.is_plain else MessageFate.SENT
        return MessageFate.DELETED if row.message_id is None else sent
    if row.state is AnnouncementState.SET_ASIDE:
        return MessageFate.SET_ASIDE
    parked = around.parked.get(row.channel_id)
    if parked is not None:
        return MessageFate.CHANNEL_DELETED if parked == _DELETED else MessageFate.CHANNEL_FORBIDDEN
    return MessageFate.IN_DOUBT if row.state is AnnouncementState.SENDING else _waiting(row, around, now)


def _waiting(row: Announcement, around: Circumstances, now: datetime) -> MessageFate:
    if row.id in around.unread:
        return MessageFate.RESTORED
    if row.polled is not None:
        return MessageFate.POLL_RUNS
    if row.held_until is not None and row.held_until > now:
        return MessageFate.QUIET
    return MessageFate.RETRIED if row.tries and row.next_try_at > now else MessageFate.DUE


async def circumstances_of(database: Database, guild_id: int, told: Collection[int]) -> Circumstances:
    """Return what bears on messages of a newsroom that show no notice; `told` are our ids of them."""
    async with database.read() as connection:
        return await circumstances.of_messages(connection, guild_id, told)


async def fates_of(database: Database, guild_id: int, explanation: Explanation, now: datetime) -> Fates:
    """Return what became of the hits and the messages of an explanation in a newsroom, as things stand at a moment."""
    async with database.read() as connection:
        around = await circumstances.gather(
            connection,
            guild_id,
            explanation.seen.row,
            _items_of(explanation.hits, explanation.tellings),
            [telling.announcement.id for telling in explanation.tellings],
            now,
        )
    return Fates(explanation, now, around)


def _items_of(hits: Sequence[StoredHit], tellings: Sequence[Telling]) -> Iterable[int]:
    yield from (stored.hit.item for stored in hits if stored.hit.item is not None)
    for telling in tellings:
        yield from telling.items
        yield from telling.named
