"""The hits on one notice as they are stored: whose they are, where they would go, and why some are held."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from bot.matching import Found, Matcher
from bot.models import Held, Hit, InDigest, Newsroom, Notice, WatchItem
from bot.pipeline.holding import in_digest, why_held
from bot.pipeline.revision import material_changes
from bot.pipeline.twins import NO_TWINS, ByTwins, may_have_twins
from bot.sources import Source
from bot.storage.database import Connection
from bot.storage.outbox.announcements import Place, in_order
from bot.storage.watching import dismissals, hits
from bot.storage.watching.dismissals import PassedOver
from bot.storage.watching.routes import channels_of
from bot.watchlist.live import LiveWatchlist

NOTHING_DISMISSED: Final = PassedOver()


@dataclass(frozen=True, slots=True)
class Rooms:
    """Hold the newsrooms by their id, and which of them hold back the source that is read.

    `gathered` are the channels of the open dossiers that items are in, by item (`routes.of_dossiers`).
    """

    by_id: Mapping[int, Newsroom]
    paused: Collection[int] = ()
    gathered: Mapping[int, tuple[int, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Earlier:
    """Hold what became of the hits on a notice, and on its twins, before what is stored now.

    `was_held` is `hits.earlier`; `stays` says of which items the hits stay held as they were, `written_off` of which
    nothing so far is told to anybody, because it was dismissed. `shown` are the items that a message that will tell of
    the notice shows already, by place.
    """

    was_held: Mapping[int, Held | None] = field(default_factory=dict)
    stays: Mapping[int, Held] = field(default_factory=dict)
    written_off: Collection[int] = ()
    by_twins: ByTwins = NO_TWINS
    shown: Mapping[Place, Collection[int]] = field(default_factory=dict)


NO_EARLIER: Final = Earlier()
NOWHERE: Final[Mapping[int, Collection[Place]]] = {}


@dataclass(frozen=True, slots=True)
class Verdict:
    """Hold why a hit is held in a place, None where it is news there, by what came `earlier`."""

    place: Place | None
    earlier: Earlier
    held: Held | None

    @property
    def rank(self) -> tuple[bool, bool, bool]:
        """Return how little a place makes of the hit: least where the hit is news by itself."""
        return self.held is not None, self.held is not Held.COMPANION, bool(self.earlier.was_held)


@dataclass(frozen=True, slots=True)
class Kept:
    """Hold the hits that messages show, by place our ids of them by item: `news`, and those that only go `along`."""

    news: Mapping[Place, Mapping[int, int]]
    along: Mapping[Place, Mapping[int, int]]

    def at(self, place: Place) -> list[int]:
        """Return our ids of the hits that a message in a place shows."""
        return [*self.news.get(place, {}).values(), *self.along.get(place, {}).values()]


@dataclass(frozen=True, slots=True)
class OnNotice:
    """Hold the hits on one notice with the items and newsrooms they belong to, and those on its stored revision.

    `left` are those of items that stood in the stored revision alone: what was taken out of a register is its news.
    """

    live: LiveWatchlist
    rooms: Rooms
    hits: Sequence[Found]
    stood: Sequence[Hit]
    left: Sequence[Found] = ()

    def pairs(self) -> list[tuple[WatchItem, Found]]:
        """Return the hits, each with its item: those that left last."""
        found = (*self.hits, *self.left)
        return [(self.live.items[one.hit.item], one) for one in found if one.hit.item is not None]

    def guilds(self) -> set[int]:
        """Return the newsrooms that have hits."""
        return {item.guild_id for item, _ in self.pairs()}

    def places_of(self, item: WatchItem) -> list[Place]:
        """Return where the hits of an item are announced, none where it has no channel."""
        gathered = self.rooms.gathered.get(item.id or 0, ())
        of_newsroom = self.rooms.by_id[item.guild_id].announcements_channel
        return [Place(item.guild_id, channel) for channel in channels_of(item.channel_id, gathered, of_newsroom)]

    async def keep(
        self,
        connection: Connection,
        row: int,
        revision: int,
        now: datetime,
        *,
        is_baseline: bool,
        is_late: bool = False,
        earlier_at: Callable[[Place | None], Earlier] = lambda _: NO_EARLIER,
        told_at: Mapping[int, Collection[Place]] = NOWHERE,
    ) -> Kept:
        """Store every hit on a revision; return those that messages show.

        `earlier_at` says what counts as told before in a place: nothing where the revision is news. `told_at` says
        where messages tell of the notice already for an item: its hits belong there, wherever they are announced since.
        """
        news: defaultdict[Place, dict[int, int]] = defaultdict(dict)
        along: defaultdict[Place, dict[int, int]] = defaultdict(dict)
        dismissed = await self._dismissed(connection, row)
        left_ones = {id(one) for one in self.left}
        for item, one in self.pairs():
            if item.id is None:
                continue
            places = in_order(told_at.get(item.id) or self.places_of(item))
            over = dismissed.get(item.id, NOTHING_DISMISSED)
            left = None if over.is_series else one.without(over.organisations)
            why = why_held(
                item,
                left,
                now,
                is_late=is_late,
                has_channel=bool(places),
                is_paused=item.guild_id in self.rooms.paused,
            )
            verdicts = [
                Verdict(place, of_place, Held.BASELINE if is_baseline else _held_at(place, item.id, why, of_place))
                for place, of_place in ((place, earlier_at(place)) for place in places or (None,))
            ]
            # A hit is stored once: it is news where one place has it so.
            foremost = min(verdicts, key=lambda verdict: verdict.rank)
            held, earlier = foremost.held, foremost.earlier
            hit_row = await hits.add(
                connection,
                item.guild_id,
                one.hit,
                notice_row=row,
                revision=revision,
                stood_in=revision - 1 if id(one) in left_ones else None,
                held=held,
                in_digest=_in_digest(item, held, earlier, is_left=left is not None),
                now=now,
                standings=one.standings,
            )
            for verdict in verdicts:
                if verdict.place is not None and verdict.held in {None, Held.COMPANION}:
                    (news if verdict.held is None else along)[verdict.place][item.id] = hit_row
        return Kept(news, along)

    async def _dismissed(self, connection: Connection, row: int) -> dict[int, PassedOver]:
        """Return what was dismissed for the items that hit, on this notice, by item."""
        over: dict[int, PassedOver] = {}
        for guild_id in self.guilds():
            items = [item.id for item, _ in self.pairs() if item.guild_id == guild_id and item.id is not None]
            over |= await dismissals.passed_over(connection, guild_id, items, row)
        return over


@dataclass(frozen=True, slots=True)
class Matched:
    """Hold the hits on notices, by the notice's id.

    `stood` are those on the stored revision where what changed may not be news everywhere, `left` those that stand in
    the stored revision of a register's entry alone, where what changed is news.
    """

    hits: Mapping[str, Sequence[Found]]
    stood: Mapping[str, Sequence[Hit]]
    left: Mapping[str, Sequence[Found]]


def hits_of(matcher: Matcher, fresh: Iterable[Notice], before: Mapping[str, Notice], source: Source) -> Matched:
    """Return the hits on notices of a source, and those on their stored revisions as far as they count."""
    found: dict[str, Sequence[Found]] = {}
    stood: dict[str, Sequence[Hit]] = {}
    left: dict[str, Sequence[Found]] = {}
    for notice in fresh:
        found[notice.id] = here = matcher.find_apart(notice)
        if (stored := before.get(notice.id)) is None:
            continue
        is_news = bool(material_changes(stored, notice, source.material))
        if may_have_twins(notice) or not is_news:
            stood[notice.id] = matcher.find(stored)
        if source.is_register and is_news:
            stays = {one.hit.item for one in here}
            left[notice.id] = [one for one in matcher.find_apart(stored) if one.hit.item not in stays]
    return Matched(found, stood, left)


def _held_at(place: Place | None, item: int, why: Held | None, earlier: Earlier) -> Held | None:
    """Say why a hit of an item is held in a place, where `why` says so for all places."""
    if why in {None, Held.LATE} and place is not None and item in earlier.shown.get(place, ()):
        return Held.COMPANION
    return earlier.stays.get(item) if why is None else why


def _in_digest(item: WatchItem, held: Held | None, earlier: Earlier, *, is_left: bool) -> InDigest:
    """Say whether the digest owes a hit a line; one that is left of what was written off so far is new."""
    if item.id is None or (is_left and item.id in earlier.written_off):
        return in_digest(item, held, {})
    if item.id in earlier.was_held:
        return in_digest(item, held, earlier.was_held)
    return in_digest(item, held, earlier.by_twins.tell(item.id, held))
