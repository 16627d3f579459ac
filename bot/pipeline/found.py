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
from bot.storage.database import Connection
from bot.storage.outbox.announcements import Place
from bot.storage.watching import dismissals, hits
from bot.storage.watching.dismissals import PassedOver
from bot.watchlist.live import LiveWatchlist

NOTHING_DISMISSED: Final = PassedOver()


@dataclass(frozen=True, slots=True)
class Rooms:
    """Hold the newsrooms by their id, and which of them hold back the source that is read."""

    by_id: Mapping[int, Newsroom]
    paused: Collection[int] = ()


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
    """Hold the hits on one notice with the items and newsrooms they belong to, and those on its stored revision."""

    live: LiveWatchlist
    rooms: Rooms
    hits: Sequence[Found]
    stood: Sequence[Hit]

    def pairs(self) -> list[tuple[WatchItem, Found]]:
        """Return the hits, each with its item."""
        return [(self.live.items[one.hit.item], one) for one in self.hits if one.hit.item is not None]

    def guilds(self) -> set[int]:
        """Return the newsrooms that have hits."""
        return {item.guild_id for item, _ in self.pairs()}

    def place_of(self, item: WatchItem) -> Place | None:
        """Return where the hits of an item are announced."""
        channel = item.channel_id or self.rooms.by_id[item.guild_id].announcements_channel
        return Place(item.guild_id, channel) if channel else None

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
    ) -> Kept:
        """Store every hit on a revision; return those that messages show.

        `earlier_at` says what counts as told before in a place: nothing where the revision is news.
        """
        news: defaultdict[Place, dict[int, int]] = defaultdict(dict)
        along: defaultdict[Place, dict[int, int]] = defaultdict(dict)
        dismissed = await self._dismissed(connection, row)
        for item, one in self.pairs():
            if item.id is None:
                continue
            place = self.place_of(item)
            earlier = earlier_at(place)
            over = dismissed.get(item.id, NOTHING_DISMISSED)
            left = None if over.is_series else one.without(over.organisations)
            held = why_held(
                item,
                left,
                now,
                is_late=is_late,
                has_channel=place is not None,
                is_paused=item.guild_id in self.rooms.paused,
            )
            if is_baseline:
                held = Held.BASELINE
            elif held in {None, Held.LATE} and place is not None and item.id in earlier.shown.get(place, ()):
                held = Held.COMPANION
            elif held is None:
                held = earlier.stays.get(item.id)
            hit_row = await hits.add(
                connection,
                item.guild_id,
                one.hit,
                notice_row=row,
                revision=revision,
                held=held,
                in_digest=_in_digest(item, held, earlier, is_left=left is not None),
                now=now,
                standings=one.standings,
            )
            if place is not None and held in {None, Held.COMPANION}:
                (news if held is None else along)[place][item.id] = hit_row
        return Kept(news, along)

    async def _dismissed(self, connection: Connection, row: int) -> dict[int, PassedOver]:
        """Return what was dismissed for the items that hit, on this notice, by item."""
        over: dict[int, PassedOver] = {}
        for guild_id in self.guilds():
            items = [item.id for item, _ in self.pairs() if item.guild_id == guild_id and item.id is not None]
            over |= await dismissals.passed_over(connection, guild_id, items, row)
        return over


def hits_of(
    matcher: Matcher, fresh: Iterable[Notice], before: Mapping[str, Notice], material: Collection[str]
) -> tuple[dict[str, Sequence[Found]], dict[str, Sequence[Hit]]]:
    """Return the hits on notices, and those on their stored revision where what changed may not be news everywhere."""
    found: dict[str, Sequence[Found]] = {}
    stood: dict[str, Sequence[Hit]] = {}
    for notice in fresh:
        found[notice.id] = matcher.find_apart(notice)
        stored = before.get(notice.id)
        if stored is not None and (may_have_twins(notice) or not material_changes(stored, notice, material)):
            stood[notice.id] = matcher.find(stored)
    return found, stood


def _in_digest(item: WatchItem, held: Held | None, earlier: Earlier, *, is_left: bool) -> InDigest:
    """Say whether the digest owes a hit a line; one that is left of what was written off so far is new."""
    if item.id is None or (is_left and item.id in earlier.written_off):
        return in_digest(item, held, {})
    if item.id in earlier.was_held:
        return in_digest(item, held, earlier.was_held)
    return in_digest(item, held, earlier.by_twins.tell(item.id, held))
