"""The one automaton over the live watch items of all newsrooms, and what an item would have found."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from bot.errors import UserError
from bot.matching import Matcher, NearMiss, check
from bot.models import Hit, Notice, WatchItem
from bot.storage import notices, watchlist
from bot.storage.database import Database

log = logging.getLogger(__name__)

PAGE = 500
TRIED = timedelta(days=90)
"""How far back an item is tried on the stored notices."""

PUBLICATION_DAYS_A_WEEK = 5
NOISY_A_WEEK = 20
NOISY_SHARE = 0.05
NOISY_LEAST = 5
"""Fewer notices than this are never too many, however few were read."""


@dataclass(frozen=True, slots=True)
class LiveWatchlist:
    """Hold the live items by id and their automaton, as of one version of the watchlists."""

    version: int
    items: Mapping[int, WatchItem] = field(repr=False)
    matcher: Matcher = field(repr=False)


@dataclass(frozen=True, slots=True)
class Finding:
    """Hold a stored notice and its hits."""

    notice: Notice
    hits: tuple[Hit, ...]


@dataclass(frozen=True, slots=True)
class Trial:
    """Hold what items would have found: how many stored notices were read and matched, and the newest examples.

    `days` counts the days on which the notices read were published, `by_item` the notices that each item matched.
    """

    read: int
    matched: int
    examples: tuple[Finding, ...]
    days: int = 0
    by_item: Mapping[int | None, int] = field(default_factory=dict)

    @property
    def is_noisy(self) -> bool:
        """Return whether this would be too much to read: more than 20 notices a week, or more than 1 in 20."""
        weeks = max(self.days / PUBLICATION_DAYS_A_WEEK, 1.0)
        return self.matched > NOISY_A_WEEK * weeks or self.matched > max(self.read * NOISY_SHARE, NOISY_LEAST)


@dataclass(frozen=True, slots=True)
class Verdict:
    """Hold what items find in a text, and which of them stand in it and are held back, with the reason."""

    hits: tuple[Hit, ...]
    near_misses: tuple[NearMiss, ...]


async def try_text(items: Sequence[WatchItem], text: str) -> Verdict:
    """Run items over a text of no source, so that their sources do not matter, off the event loop.

    Raises QueryError where an item cannot be looked for.
    """
    return await asyncio.to_thread(_judge, [replace(item, sources=()) for item in items], Notice(id="-", text=text))


class Watchlist:
    """Keep the automaton in step with the stored items."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._live: LiveWatchlist | None = None
        self._own: dict[int, tuple[int, Sequence[WatchItem]]] = {}
        self._building = asyncio.Lock()

    async def live(self) -> LiveWatchlist:
        """Return the automaton over the items as they now stand, built anew when they changed."""
        async with self._building:
            async with self._database.read() as connection:
                version = await watchlist.version_of(connection)
                if self._live is not None and self._live.version == version:
                    return self._live
                version, items = await watchlist.live(connection)
            matcher = await asyncio.to_thread(_compile, items)
            self._live = LiveWatchlist(version, {item.id: item for item in items if item.id is not None}, matcher)
            return self._live

    async def items_of(self, guild_id: int) -> Sequence[WatchItem]:
        """Return a newsroom's live items by name, read again only when a watchlist changed."""
        async with self._database.read() as connection:
            version = await watchlist.version_of(connection)
            known = self._own.get(guild_id)
            if known is None or known[0] != version:
                known = self._own[guild_id] = version, tuple(await watchlist.every(connection, guild_id))
            return known[1]

    async def try_items(self, items: Sequence[WatchItem], now: datetime, examples: int) -> Trial:
        """Run items over the notices seen in the last 90 days; raises QueryError where one cannot be looked for."""
        matcher = await asyncio.to_thread(Matcher, items)
        return await self.try_out(matcher, now - TRIED, examples)

    async def try_out(self, matcher: Matcher, since: datetime, examples: int) -> Trial:
        """Run a matcher over the notices seen since a moment, a page at a time, off the event loop."""
        read = matched = after = 0
        found: list[Finding] = []
        days: set[date] = set()
        by_item: Counter[int | None] = Counter()
        while True:
            async with self._database.read() as connection:
                page = await notices.seen_since(connection, since, after, PAGE)
            if not page:
                return Trial(read, matched, tuple(reversed(found)), len(days), dict(by_item))
            findings = await asyncio.to_thread(_find, matcher, page)
            read += len(page)
            matched += len(findings)
            days |= {_day(stored.notice) for stored in page}
            by_item.update(hit.item for finding in findings for hit in finding.hits)
            found = [*found, *findings][-examples:]
            after = page[-1].row


def _find(matcher: Matcher, page: Sequence[notices.Stored]) -> list[Finding]:
    findings = ((stored.notice, matcher.find(stored.notice)) for stored in page)
    return [Finding(notice, tuple(hits)) for notice, hits in findings if hits]


def _compile(items: Sequence[WatchItem]) -> Matcher:
    """Compile the items, without those that cannot be looked for: one of them must not stop the others.

    Entry refuses such an item; it can only stand there from a version that read queries otherwise.
    """
    try:
        return Matcher(items)
    except UserError:
        return Matcher([item for item in items if _is_sound(item)])


def _is_sound(item: WatchItem) -> bool:
    try:
        check(item)
    except UserError as error:
        # The item itself is the newsroom's own and stays out of the log.
        log.warning("watch item %s of newsroom %d is left out: %s", item.id, item.guild_id, error.text)
        return False
    return True


def _judge(items: Sequence[WatchItem], notice: Notice) -> Verdict:
    matcher = Matcher(items)
    return Verdict(tuple(matcher.find(notice)), tuple(matcher.near_misses(notice)))


def _day(notice: Notice) -> date:
    published = notice.published
    if isinstance(published, datetime):
        return published.date()
    return published or date.min
