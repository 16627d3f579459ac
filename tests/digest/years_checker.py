"""What must have happened in simulated years of digests, judged by what people did and what stands in the channels.

It never asks the bot, and reads neither its database nor its slots: the local times are worked out here. Of the bot it
takes only how the nonce of a digest's message is derived, to tell which digest a message is of.
"""

from __future__ import annotations

import functools
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import count
from zoneinfo import ZoneInfo

from bot.models import AnnouncementKind, Every, Held
from bot.reference import AnnouncementKey, reference
from tests.factories import GUILD

DAY = timedelta(days=1)
_WEEKDAYS = [every for every in Every if every not in {Every.DAILY, Every.WEEKDAYS}]
WRONG = timedelta(hours=12)
GOES_ON = timedelta(days=31)
"""A clock that is further off than this is wrong: what its digests may cost is said at `Checker._is_excused`."""

Lines = Counter[str]
"""How often a message names each notice."""


@dataclass(frozen=True, slots=True)
class HitCame:
    notice: str
    item: int
    held: Held | None


@dataclass(frozen=True, slots=True)
class Scheduled:
    """`now` is what the bot's clock said; a digest that is not of the dossier is of its channel."""

    digest: int
    channel: int
    is_of_dossier: bool
    every: Every
    at: time
    now: datetime


@dataclass(frozen=True, slots=True)
class Removed:
    """`now` is what the bot's clock said."""

    digest: int
    now: datetime


@dataclass(frozen=True, slots=True)
class AskedFor:
    """Say that a digest was wanted at once; `asked` tells one wish from another, `now` is what the bot's clock said."""

    digest: int
    asked: int
    now: datetime


@dataclass(frozen=True, slots=True)
class ItemMoved:
    """`channel` is None for that of the newsroom."""

    item: int
    channel: int | None


@dataclass(frozen=True, slots=True)
class Gathered:
    """Say that an item is in the dossier from now on."""

    item: int


@dataclass(frozen=True, slots=True)
class AnnouncedIn:
    channel: int


@dataclass(frozen=True, slots=True)
class Zoned:
    zone: str


@dataclass(frozen=True, slots=True)
class Posted:
    nonce: str
    channel: int
    lines: Lines


@dataclass(frozen=True, slots=True)
class Rang:
    """Say that the bot was rung when its clock said `now`, which was `off` the truth, and what was posted then.

    `is_open` says that all that was owed could be sent.
    """

    now: datetime
    off: timedelta
    is_open: bool
    posts: tuple[Posted, ...]


Setting = Scheduled | Removed | ItemMoved | Gathered | AnnouncedIn | Zoned
Entry = HitCame | Setting | AskedFor | Rang


@functools.cache
def moment_of(day: date, at: time, zone: str) -> datetime:
    """Return the moment of a local time: the first of two; one that the clocks skip with the offset from before."""
    shown = datetime.combine(day, at)

    def read(near: datetime) -> datetime:
        """Return the moment under the offset that the zone has near a moment."""
        offset = near.replace(tzinfo=UTC).astimezone(ZoneInfo(zone)).utcoffset()
        assert offset is not None
        return (shown - offset).replace(tzinfo=UTC)

    before, after = read(shown - DAY), read(shown + DAY)
    showing = [moment for moment in (before, after) if moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None) == shown]
    return min(showing, default=before)


def is_on(every: Every, day: date) -> bool:
    if every is Every.WEEKDAYS:
        return day.isoweekday() <= 5
    return every is Every.DAILY or _WEEKDAYS[day.weekday()] is every


def slots_from(every: Every, at: time, zone: str, now: datetime, step: int) -> Iterator[tuple[date, datetime]]:
    """Yield the local dates of a digest with their moments, before (-1) or after (1) a moment."""
    for number in count(-2):
        day = now.date() + step * number * DAY
        if is_on(every, day) and (moment_of(day, at, zone) > now) == (step > 0):
            yield day, moment_of(day, at, zone)


@dataclass
class _Digest:
    told: Scheduled
    made: set[date] = field(default_factory=set)
    reached: date = date.min
    wrong: list[tuple[date, datetime]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Hit:
    number: int
    came: HitCame


class Checker:
    """Read a journal from its beginning; `faults` says what is wrong, `days` of which dates each digest was made."""

    def __init__(self, installation: str, zone: str, channel: int, *, is_silent: bool) -> None:
        self.faults: list[str] = []
        self.days: defaultdict[tuple[int, Every, time], list[date]] = defaultdict(list)
        self._installation = installation
        self._zone = zone
        self._channel = channel
        self._is_silent = is_silent
        self._digests: dict[int, _Digest] = {}
        self._began: dict[tuple[int, bool], int] = {}
        self._made_at: dict[tuple[int, bool], datetime] = {}
        self._ended: dict[tuple[int, bool], tuple[int, datetime]] = {}
        self._items: dict[int, int | None] = {}
        self._dossier: set[int] = set()
        self._untold: dict[int, _Hit] = {}
        self._of_dossiers: dict[int, _Hit] = {}
        self._told_in: defaultdict[int, set[int]] = defaultdict(set)
        self._posted: dict[str, tuple[int, Posted]] = {}
        self._open: list[int] = []
        self._number = 0

    def read(self, journal: Sequence[Entry]) -> list[str]:
        """Return what is wrong in a journal; nothing where each digest was made as it had to be."""
        rings = [entry for entry in journal if isinstance(entry, Rang)]
        self._note_posts(rings)
        ring = 0
        for number, entry in enumerate(journal):
            self._number = number
            match entry:
                case Rang():
                    for digest in self._digests.values():
                        self._ring(digest, ring, entry)
                    ring += 1
                case AskedFor():
                    self._asked(entry, ring)
                case HitCame():
                    if entry.held not in {Held.BASELINE, Held.MUTED, Held.PAUSED, Held.COMPANION}:
                        self._untold[number] = self._of_dossiers[number] = _Hit(number, entry)
                case _:
                    self._set(entry)
        self.faults += [
            f"ring {at} ({rings[at].now:%F %T}): a message in {one.channel} that nothing called for: {dict(one.lines)}"
            for at, one in self._posted.values()
        ]
        return self.faults

    def _set(self, entry: Setting) -> None:
        """Note what people set otherwise."""
        match entry:
            case Scheduled():
                self._digests[entry.digest] = _Digest(entry)
                began, ended = self._ended.pop(_group(entry), (0, datetime.min.replace(tzinfo=UTC)))
                goes_on = ended >= entry.now - GOES_ON
                self._began.setdefault(_group(entry), began if goes_on else self._number)
            case Removed():
                gone = self._digests.pop(entry.digest).told
                if not any(_group(one.told) == _group(gone) for one in self._digests.values()):
                    self._ended[_group(gone)] = (self._began.pop(_group(gone)), entry.now)
            case ItemMoved():
                self._items[entry.item] = entry.channel
            case Gathered():
                self._dossier.add(entry.item)
            case AnnouncedIn():
                self._channel = entry.channel
            case Zoned():
                self._zone = entry.zone

    def _note_posts(self, rings: Sequence[Rang]) -> None:
        """Note when each message was posted, and from each ring on which is the first after which nothing was owed."""
        for number, ring in enumerate(rings):
            for one in ring.posts:
                if one.nonce in self._posted:
                    self.faults.append(f"ring {number} ({ring.now:%F %T}): posted twice: {dict(one.lines)}")
                self._posted.setdefault(one.nonce, (number, one))
        following = len(rings)
        for number in range(len(rings) - 1, -1, -1):
            following = number if rings[number].is_open else following
            self._open.append(following)
        self._open.reverse()

    def _ring(self, digest: _Digest, number: int, ring: Rang) -> None:
        """Judge what a ring had to make of a digest: one for its newest date, where that is later than all before.

        So each date either got its own, or was passed over with others by the first ring after a sleep or an outage.
        What fell due before it was scheduled never was its own.
        """
        told = digest.told
        day, due = next(slots_from(told.every, told.at, self._zone, ring.now, -1))
        is_wrong = abs(ring.off) > WRONG
        if day in digest.made or (not is_wrong and (due <= told.now or day < digest.reached)):
            return
        owed, posts = self._owed(told), self._take(told, str(day), number)
        where = f"ring {number} ({ring.now:%F %T}): digest {told.digest} ({told.every} {told.at:%H:%M}) of {day}"
        made_at = self._made_at.get(_group(told))
        is_told = not owed and made_at is not None and due <= made_at <= ring.now
        if is_told and posts:
            self.faults.append(f"{where} repeats what its channel was told at {made_at}")
        if not posts and not is_told and not self._is_quiet(owed):
            if not is_wrong and not self._is_excused(digest, day, ring.now):
                self.faults.append(f"{where} is missing")
                digest.made.add(day)
            return
        if is_wrong:
            digest.wrong.append((day, ring.now))
            if not posts:
                return
        else:
            digest.reached = day
        digest.made.add(day)
        self.days[told.digest, told.every, told.at].append(day)
        self._made_at[_group(told)] = ring.now
        self._compare(told, owed, posts, where)

    def _asked(self, asked: AskedFor, at_ring: int) -> None:
        """Judge what was made of a digest that somebody wanted at once: exactly one, whatever its slots are."""
        told = self._digests[asked.digest].told
        owed, posts = self._owed(told), self._take(told, f"now:{asked.asked}", at_ring)
        where = f"digest {told.digest} asked for before ring {at_ring}"
        if not posts and not self._is_quiet(owed):
            self.faults.append(f"{where} is missing")
            return
        self._made_at[_group(told)] = asked.now
        self._compare(told, owed, posts, where)

    def _compare(self, told: Scheduled, owed: Sequence[_Hit], posts: Sequence[Posted], where: str) -> None:
        """Say where the messages of a digest do not tell just what it owed, and take that as told."""
        wanted, said = _lines(owed), sum((one.lines for one in posts), Lines())
        if said != wanted:
            self.faults.append(f"{where} lacks {dict(wanted - said)}, and should not tell {dict(said - wanted)}")
        if posts and self._is_quiet(owed):
            self.faults.append(f"{where} says something on a quiet day")
        for hit in owed:
            self._told_in[told.channel].add(hit.number)
            if self._channel_of(hit) == told.channel:
                self._untold.pop(hit.number, None)
        if told.is_of_dossier:
            self._began[_group(told)] = self._number
            self._forget()

    def _is_quiet(self, owed: Sequence[_Hit]) -> bool:
        return self._is_silent and not owed

    def _is_excused(self, digest: _Digest, day: date, now: datetime) -> bool:
        """Return whether a digest of a day may be missing because a clock that was wrong made one before.

        What a clock more than 12 hours ahead made stays made: when that day really comes there is no second digest of
        it, and from 12 hours before the moment that the clock showed then no earlier day is made up for either. Nothing
        that is to be told is lost by it: the next digest tells it. Nothing else is excused.
        """
        return any(
            day == wrong_day or (day < wrong_day and now >= wrong_now - WRONG) for wrong_day, wrong_now in digest.wrong
        )

    def _take(self, told: Scheduled, subject: str, from_ring: int) -> list[Posted]:
        """Return the messages of a digest that was made at a ring, posted by the first after which nothing was owed.

        They are called for. One may stand before that ring: the process was killed as Discord took it, then Discord was
        away.
        """
        found: list[Posted] = []
        for part in count(1):
            key = AnnouncementKey(
                guild_id=GUILD,
                channel_id=told.channel,
                kind=AnnouncementKind.DIGEST,
                subject=f"{told.digest}:{subject}:{part}",
            )
            nonce = reference(self._installation, key).nonce
            if not from_ring <= self._posted.get(nonce, (-1, None))[0] <= self._open[from_ring]:
                return found
            found.append(self._posted.pop(nonce)[1])
        raise AssertionError

    def _owed(self, told: Scheduled) -> list[_Hit]:
        """Return the hits that a digest has to tell now.

        Of a channel: of the items that are announced there now, what no digest of theirs told, nor any in this channel;
        what was announced at once only if it came since the channel has a digest. Of a dossier: what its items brought
        since its last digest here, and what is held for this channel from before, but nothing told in this channel.
        """
        began, told_here = self._began[_group(told)], self._told_in[told.channel]
        if told.is_of_dossier:
            return [
                hit
                for number, hit in (self._of_dossiers | self._untold).items()
                if (number > began or (number in self._untold and self._is_held_for(hit, told.channel)))
                and hit.came.item in self._dossier
                and number not in told_here
            ]
        return [
            hit
            for number, hit in self._untold.items()
            if self._channel_of(hit) == told.channel
            and (hit.came.held is not None or number > began)
            and number not in told_here
        ]

    def _forget(self) -> None:
        """Drop what every dossier's digest is past; one that is scheduled later begins then."""
        ended = {group: began for group, (began, _) in self._ended.items()}
        oldest = min(
            (began for (_, is_dossier), began in (ended | self._began).items() if is_dossier), default=self._number
        )
        self._of_dossiers = {number: hit for number, hit in self._of_dossiers.items() if number > oldest}

    def _is_held_for(self, hit: _Hit, channel: int) -> bool:
        return hit.came.held is not None and self._channel_of(hit) == channel

    def _channel_of(self, hit: _Hit) -> int:
        return self._items.get(hit.came.item) or self._channel


def _group(told: Scheduled) -> tuple[int, bool]:
    """Return what the digests that tell the same things in one channel share."""
    return told.channel, told.is_of_dossier


def _lines(hits: Sequence[_Hit]) -> Lines:
    """Return how often each notice is named for some hits: once for each item, however often it was revised."""
    return Lines(notice for notice, _ in {(hit.came.notice, hit.came.item) for hit in hits})
