"""The one automaton over the live watch items of all newsrooms, and what an item would have found."""

from __future__ import annotations

import asyncio
import functools
import logging
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from bot.errors import UserError
from bot.matching import Caution, Matcher, NearMiss, Reason, Rule, check, folded_words, understood
from bot.models import Hit, Notice, Tier, WatchItem
from bot.storage import notices, watchlist
from bot.storage.database import Database
from bot.storage.vocabulary import is_regular
from bot.watchlist.missing import ItemMissed, Known, missed_by, words_of

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

    `days` counts the days on which the notices read were published, `by_item` the notices that each item matched, and
    `by_tier` those of each best tier. Of a name that is also an ordinary word, `doubtful` counts the matched notices
    where the capital proves nothing, `ordinary` those not matched where it is only the word. `held` counts the notices
    where one item stands and its own conditions hold it back, by reason.
    """

    read: int
    matched: int
    examples: tuple[Finding, ...]
    days: int = 0
    by_item: Mapping[int | None, int] = field(default_factory=dict)
    by_tier: Mapping[Tier, int] = field(default_factory=dict)
    doubtful: int = 0
    ordinary: int = 0
    held: Mapping[Reason, int] = field(default_factory=dict)

    @property
    def is_noisy(self) -> bool:
        """Return whether this would be too much to read: more than 20 notices a week, or more than 1 in 20."""
        weeks = max(self.days / PUBLICATION_DAYS_A_WEEK, 1.0)
        return self.matched > NOISY_A_WEEK * weeks or self.matched > max(self.read * NOISY_SHARE, NOISY_LEAST)


@dataclass(frozen=True, slots=True)
class Verdict:
    """Hold what items find in a text, and which of them stand in it and are held back, with the reason.

    `missed` says of others why what stands of them is not enough.
    """

    hits: tuple[Hit, ...]
    near_misses: tuple[NearMiss, ...]
    missed: tuple[ItemMissed, ...] = ()


async def try_text(items: Sequence[WatchItem], text: str, language: str = "fr", known: Known | None = None) -> Verdict:
    """Run items over a text of no source, so that their sources do not matter, off the event loop.

    Parts of queries are named with the operators of `language`; `known` is that of `Watchlist`. Raises QueryError where
    an item cannot be looked for.
    """
    bare = [replace(item, sources=()) for item in items]
    return await asyncio.to_thread(_judge, bare, Notice(id="-", text=text), language, known)


class Watchlist:
    """Keep the automaton in step with the stored items."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.known: Known = functools.partial(is_regular, database.path)
        """Tell of a folded word whether the stored notices use it regularly; not for the event loop."""
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
                if self._live is None:
                    version, changed = await watchlist.live(connection)
                else:
                    version, changed = await watchlist.changed_since(connection, self._live.version)
            items = _as_changed(self._live.items if self._live else {}, changed)
            before = self._live.matcher if self._live else Matcher((), self.known)
            matcher = await asyncio.to_thread(_compile, list(items.values()), before)
            self._live = LiveWatchlist(version, items, matcher)
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
        matcher = await asyncio.to_thread(Matcher, items, self.known)
        if len(items) != 1:
            return await self.try_out(matcher, now - TRIED, examples)
        (item,) = items
        words = await asyncio.to_thread(_ordinary_words, item)
        is_bound = bool(item.any_of or item.none_of or item.sources)
        return await self.try_out(matcher, now - TRIED, examples, words, counts_held=is_bound)

    async def try_out(
        self,
        matcher: Matcher,
        since: datetime,
        examples: int,
        ordinary: frozenset[str] = frozenset(),
        *,
        counts_held: bool = False,
    ) -> Trial:
        """Run a matcher over the notices seen since a moment, a page at a time, off the event loop.

        `ordinary` are words that are counted where they stand and nothing matches; with `counts_held` so is what
        conditions hold back.
        """
        read = matched = after = doubtful = plain = 0
        by_tier: Counter[Tier] = Counter()
        held: Counter[Reason] = Counter()
        found: list[Finding] = []
        days: set[date] = set()
        by_item: Counter[int | None] = Counter()
        while True:
            async with self._database.read() as connection:
                page = await notices.seen_since(connection, since, after, PAGE)
            if not page:
                return Trial(
                    read,
                    matched,
                    tuple(reversed(found)),
                    len(days),
                    by_item=dict(by_item),
                    by_tier=dict(by_tier),
                    doubtful=doubtful,
                    ordinary=plain,
                    held=dict(held),
                )
            findings = await asyncio.to_thread(_find, matcher, page)
            held_here = await asyncio.to_thread(_reasons, matcher, page) if counts_held else {}
            held.update(held_here.values())
            if ordinary:
                settled = {id(finding.notice) for finding in findings} | held_here.keys()
                plain += await asyncio.to_thread(_only_words, page, settled, ordinary)
            by_tier.update(min((hit.tier for hit in one.hits), key=lambda tier: tier.rank) for one in findings)
            doubtful += sum(all(hit.rule == Rule.ORDINARY_WORD for hit in one.hits) for one in findings)
            read += len(page)
            matched += len(findings)
            days |= {_day(stored.notice) for stored in page}
            by_item.update(hit.item for finding in findings for hit in finding.hits)
            found = [*found, *findings][-examples:]
            after = page[-1].row


def _as_changed(items: Mapping[int, WatchItem], changed: Sequence[WatchItem]) -> dict[int, WatchItem]:
    """Return live items by id, in its order, with some of them changed, added or removed."""
    found = dict(items)
    for item in changed:
        if item.id is None:
            continue
        if item.removed_at is None:
            found[item.id] = item
        else:
            found.pop(item.id, None)
    return dict(sorted(found.items())) if any(item.id not in items for item in changed) else found


def _find(matcher: Matcher, page: Sequence[notices.Stored]) -> list[Finding]:
    findings = ((stored.notice, matcher.find(stored.notice)) for stored in page)
    return [Finding(notice, tuple(hits)) for notice, hits in findings if hits]


def _reasons(matcher: Matcher, page: Sequence[notices.Stored]) -> dict[int, Reason]:
    """Return why an item is held back, by the identity of the notice."""
    return {id(stored.notice): miss.reason for stored in page for miss in matcher.near_misses(stored.notice)[:1]}


def _ordinary_words(item: WatchItem) -> frozenset[str]:
    """Return the names of an item that are ordinary words, folded, where nothing else supports them."""
    understanding = understood(item)
    doubted = {one.text for one in understanding.warnings if one.caution is Caution.ORDINARY_WORD}
    names = (folded_words(reading.canonical) for reading in understanding.readings if reading.text in doubted)
    return frozenset(words[0] for words in names if len(words) == 1)


def _only_words(page: Sequence[notices.Stored], settled: Collection[int], ordinary: frozenset[str]) -> int:
    """Count the notices where an ordinary word stands, without those where the item matches or is held back."""
    return sum(not ordinary.isdisjoint(words_of(stored.notice)) for stored in page if id(stored.notice) not in settled)


def _compile(items: Sequence[WatchItem], before: Matcher) -> Matcher:
    """Compile what changed of the items, without those that cannot be looked for: one of them must not stop the others.

    Entry refuses such an item; it can only stand there from a version that read queries otherwise.
    """
    try:
        return before.changed(items)
    except UserError:
        return before.changed([item for item in items if _is_sound(item)])


def _is_sound(item: WatchItem) -> bool:
    try:
        check(item)
    except UserError as error:
        # The item itself is the newsroom's own and stays out of the log.
        log.warning("watch item %s of newsroom %d is left out: %s", item.id, item.guild_id, error.text)
        return False
    return True


def _judge(items: Sequence[WatchItem], notice: Notice, language: str, known: Known | None) -> Verdict:
    matcher = Matcher(items, known)
    hits, near = tuple(matcher.find(notice)), tuple(matcher.near_misses(notice))
    settled = {hit.item for hit in hits} | {miss.item for miss in near}
    others = [item for item in items if item.id not in settled]
    missed = missed_by(others, notice, language, known, all_of_them=len(items) == 1)
    return Verdict(hits, near, tuple(missed))


def _day(notice: Notice) -> date:
    published = notice.published
    if isinstance(published, datetime):
        return published.date()
    return published or date.min
