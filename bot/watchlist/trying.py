"""What watch items would have found: on the stored notices, full text first, and on a text (DESIGN.md section 4)."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Final

from bot.matching import Caution, Matcher, NearMiss, Needed, Reason, Rule, folded_words, sought, understood
from bot.models import Hit, Notice, Tier, WatchItem
from bot.storage.archive import notices, trial
from bot.storage.database import Connection, Database
from bot.watchlist.missing import ItemMissed, Known, missed_by, words_of

TRIED: Final = timedelta(days=90)
"""How far back an item is tried on the stored notices."""
PAGE: Final = 50
"""Notices read at once: a few milliseconds of the event loop."""
NEWEST: Final = 2_000
"""The newest notices are read whatever they hold: there a misspelt name is found too."""
CANDIDATES: Final = 3_000
"""How many older ones that hold what is needed are read, the newest of them."""
SWEPT: Final = 5_000
"""How many are read for items that no words tell of, as a regular expression, or that are too many."""
MOST_SPELLINGS: Final = 50_000
"""Spellings that are looked for, those of a thousand items: a few seconds."""
_SAMPLED: Final = 500
"""Notices, spread evenly, that besides those read tell on how many days anything was published."""

PUBLICATION_DAYS_A_WEEK = 5
NOISY_A_WEEK = 20
NOISY_SHARE = 0.05
NOISY_LEAST = 5
"""Fewer notices than this are never too many, however few were read."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Hold a stored notice and its hits."""

    notice: Notice
    hits: tuple[Hit, ...]


@dataclass(frozen=True, slots=True)
class Trial:
    """Hold what items would have found: how many notices are stored and how many matched, and the newest examples.

    Of those `stored`, `left_out` older ones were not looked through, because too many would have had to be read.
    `days` counts the days on which the others were published, as far as those read and a sample of the rest tell;
    `by_item` the notices that each item matched, `by_tier` those of each best tier. Of a name that is
    also an ordinary word, `doubtful` counts the matched notices where the capital proves nothing, `ordinary` those not
    matched where it is only the word. `held` counts the notices where one item stands and its own conditions hold it
    back, by reason.
    """

    stored: int
    matched: int
    examples: tuple[Finding, ...]
    days: int = 0
    left_out: int = 0
    by_item: Mapping[int | None, int] = field(default_factory=dict)
    by_tier: Mapping[Tier, int] = field(default_factory=dict)
    doubtful: int = 0
    ordinary: int = 0
    held: Mapping[Reason, int] = field(default_factory=dict)

    @property
    def looked_through(self) -> int:
        """Return how many of the stored notices the counts are of: the newest."""
        return self.stored - self.left_out

    @property
    def is_noisy(self) -> bool:
        """Return whether this would be too much to read: more than 20 notices a week, or more than 1 in 20."""
        weeks = max(self.days / PUBLICATION_DAYS_A_WEEK, 1.0)
        return self.matched > NOISY_A_WEEK * weeks or self.matched > max(self.looked_through * NOISY_SHARE, NOISY_LEAST)


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

    Parts of queries are named with the operators of `language`; `known` is that of `bot.watchlist.live.Watchlist`.
    Raises QueryError where an item cannot be looked for.
    """
    bare = [replace(item, sources=()) for item in items]
    return await asyncio.to_thread(_judge, bare, Notice(id="-", text=text), language, known)


async def try_stored(
    database: Database, items: Sequence[WatchItem], now: datetime, examples: int, known: Known | None = None
) -> Trial:
    """Run items over the notices first seen in the last 90 days; raises QueryError where one cannot be looked for.

    The newest are read whole; of the older ones those are that hold words of an item (`bot.matching.sought`, which says
    what is missed there), or are not indexed yet. `known` is that of `try_text`. Nothing takes long on the event loop.
    """
    asked = await asyncio.to_thread(_Asked, items, known)
    async with database.read() as connection:
        reach = await _reach(connection, now - TRIED, asked.needed)
        days = await trial.days_of(connection, now - TRIED, reach.sample)
    tally = _Tally(examples)
    for start in range(0, len(reach.rows), PAGE):
        rows = reach.rows[start : start + PAGE]
        async with database.read() as connection:
            found = await notices.latest(connection, rows)
        await asyncio.to_thread(tally.add, asked, [found[row] for row in rows if row in found])
    return Trial(
        reach.stored,
        tally.matched,
        tuple(tally.examples),
        len(days | tally.days),
        reach.left_out,
        by_item=dict(tally.by_item),
        by_tier=dict(tally.by_tier),
        doubtful=tally.doubtful,
        ordinary=tally.ordinary,
        held=dict(tally.held),
    )


@dataclass(frozen=True, slots=True)
class _Reach:
    """Hold which notices are read, the newest first, and of how many stored; some older ones may be left out.

    `sample` are rows spread evenly over what is looked through, where not all of it is read.
    """

    rows: Sequence[int]
    stored: int
    left_out: int = 0
    sample: Sequence[int] = ()


async def _reach(connection: Connection, since: datetime, needed: Sequence[Needed] | None) -> _Reach:
    stored = await trial.stored_since(connection, since)
    rows = await trial.newest(connection, since, SWEPT if needed is None else NEWEST)
    if len(rows) == stored.count:
        return _Reach(sorted(rows, reverse=True), stored.count)
    is_cut = needed is None
    if needed is not None:
        most = len(rows) + CANDIDATES + 1
        read = set(rows)
        candidates = {
            *await trial.holding(connection, since, needed, most),
            *await trial.unindexed(connection, since, most),
        }
        older = sorted(candidates - read, reverse=True)
        is_cut = len(older) > CANDIDATES
        rows = [*rows, *older[:CANDIDATES]]
    rows.sort(reverse=True)
    reached = await trial.stored_since(connection, since, rows[-1]) if is_cut else stored
    sample = range(reached.first, reached.last, max((reached.last - reached.first) // _SAMPLED, 1))
    return _Reach(rows, stored.count, stored.count - reached.count, sample)


class _Asked:
    """Hold the items tried: their matcher, what they need, and what is counted of one that is tried alone."""

    def __init__(self, items: Sequence[WatchItem], known: Known | None) -> None:
        self.matcher = Matcher(items, known)
        needed = sought(items)
        is_too_much = needed is not None and sum(len(clause) for one in needed for clause in one) > MOST_SPELLINGS
        self.needed = None if is_too_much else needed
        self.ordinary: frozenset[str] = frozenset()
        self.is_bound = False
        if len(items) == 1:
            (item,) = items
            self.ordinary = _ordinary_words(item)
            self.is_bound = bool(item.any_of or item.none_of or item.sources)


class _Tally:
    """Count what is found in notices that are read the newest first."""

    def __init__(self, most_examples: int) -> None:
        self._most_examples = most_examples
        self.examples: list[Finding] = []
        self.days: set[date] = set()
        self.matched = self.doubtful = self.ordinary = 0
        self.by_item: Counter[int | None] = Counter()
        self.by_tier: Counter[Tier] = Counter()
        self.held: Counter[Reason] = Counter()

    def add(self, asked: _Asked, page: Sequence[Notice]) -> None:
        """Count what is found in some notices."""
        for notice in page:
            self.days.add(_day(notice))
            hits = asked.matcher.find(notice)
            misses = asked.matcher.near_misses(notice)[:1] if asked.is_bound else ()
            self.held.update(miss.reason for miss in misses)
            if hits:
                self._add_hits(notice, hits)
            elif asked.ordinary and not misses and not asked.ordinary.isdisjoint(words_of(notice)):
                self.ordinary += 1

    def _add_hits(self, notice: Notice, hits: Collection[Hit]) -> None:
        self.matched += 1
        self.by_item.update(hit.item for hit in hits)
        self.by_tier[min((hit.tier for hit in hits), key=lambda tier: tier.rank)] += 1
        self.doubtful += all(hit.rule == Rule.ORDINARY_WORD for hit in hits)
        if len(self.examples) < self._most_examples:
            self.examples.append(Finding(notice, tuple(hits)))


def _day(notice: Notice) -> date:
    """Return the day on which a notice was published, the first of all for one that does not say it."""
    published = notice.published
    if isinstance(published, datetime):
        return published.date()
    return published or date.min


def _ordinary_words(item: WatchItem) -> frozenset[str]:
    """Return the names of an item that are ordinary words, folded, where nothing else supports them."""
    understanding = understood(item)
    doubted = {one.text for one in understanding.warnings if one.caution is Caution.ORDINARY_WORD}
    names = (folded_words(reading.canonical) for reading in understanding.readings if reading.text in doubted)
    return frozenset(words[0] for words in names if len(words) == 1)


def _judge(items: Sequence[WatchItem], notice: Notice, language: str, known: Known | None) -> Verdict:
    matcher = Matcher(items, known)
    hits, near = tuple(matcher.find(notice)), tuple(matcher.near_misses(notice))
    settled = {hit.item for hit in hits} | {miss.item for miss in near}
    others = [item for item in items if item.id not in settled]
    missed = missed_by(others, notice, language, known, all_of_them=len(items) == 1)
    return Verdict(hits, near, tuple(missed))
