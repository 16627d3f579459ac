"""The words of `/watch test` and of what a new item would have found: how much, which examples, why not."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice

from bot.locales import Texts
from bot.markup import plain, utf16_len
from bot.matching import Missed, NearMiss, Reason, doubt_of, folded_words
from bot.models import Hit, ItemKind, Tier, WatchItem
from bot.watchlist.lists import join_queries
from bot.watchlist.trying import NOISY_LEAST, TRIED, Trial, Verdict
from cogs._items import LIST_UNITS, finding_lines, hit_lines, item_name, separator

EXAMPLES = 3
"""Stored notices shown of those that match."""
SHOWN_VERDICTS = 8
SHOWN_COUNTS = 10
SHOWN_MISSED = 5
SHOWN_CONTEXT = 3
MISSED_UNITS = 120

_SIMPLE = re.compile(r"[\w' \u2019-]{3,30}")

Names = Mapping[int | None, str]


def names_of(items: Sequence[WatchItem]) -> dict[int | None, str]:
    """Return the names of items by id, to be put into texts."""
    return {item.id: item_name(item) for item in items}


def trial_lines(
    texts: Texts,
    trial: Trial,
    names: Names | None = None,
    item: WatchItem | None = None,
    context: Sequence[str] = (),
) -> Iterator[str]:
    """Yield what items would have found among the stored notices; `names` where it must be said which.

    Where that is too much, or mostly an ordinary word, it says how to write a word of context for `item`: `context` are
    words that the newsroom follows itself.
    """
    if not trial.stored:
        yield texts("trial-nothing-stored")
        return
    yield from _matched_lines(texts, trial)
    if names is None and (len(trial.by_tier) > 1 or Tier.WEAK in trial.by_tier):
        yield texts("trial-tiers", tiers=", ".join(_tiers(texts, trial)))
    if trial.ordinary:
        yield texts.plural("trial-ordinary", trial.ordinary)
    for reason, count in trial.held.items():
        yield texts.plural("trial-held", count, reason=texts.word("reason", reason))
    if names is not None:
        most = sorted(trial.by_item.items(), key=lambda entry: -entry[1])
        for item_id, count in most[:SHOWN_COUNTS]:
            yield texts.plural("trial-item", count, name=names.get(item_id, ""))
        if len(most) > SHOWN_COUNTS:
            yield texts.plural("and-others", len(most) - SHOWN_COUNTS)
    for finding in trial.examples:
        yield ""
        yield from finding_lines(texts, finding, dict(names or {}))
    if names is None:
        yield from _noise_lines(texts, trial, item, context)


def _matched_lines(texts: Texts, trial: Trial) -> Iterator[str]:
    """Yield how many notices matched of how many stored, and of which of them that is told."""
    of = texts.number(trial.stored)
    yield texts.plural("trial-matched", trial.matched, of=of, days=TRIED.days)
    if trial.left_out:
        yield texts("trial-newest-only", n=texts.number(trial.looked_through))


def context_words(items: Iterable[WatchItem], tried: WatchItem | None = None) -> list[str]:
    """Return words that a newsroom follows itself, short enough to be an example of context for the item tried.

    None of that item's own words: where it stands they do.
    """
    own = {word for name in (tried.name, *tried.aliases) for word in folded_words(name)} if tried is not None else set()
    simple = (item.name for item in items if item.kind is ItemKind.KEYWORD and _SIMPLE.fullmatch(item.name))
    return list(islice((name for name in simple if own.isdisjoint(folded_words(name))), SHOWN_CONTEXT))


def _tiers(texts: Texts, trial: Trial) -> list[str]:
    """Return how many notices matched by each tier, the surest first."""
    ranked = sorted(trial.by_tier.items(), key=lambda entry: entry[0].rank)
    return [texts("trial-tier", tier=texts.word("tier", tier), n=texts.number(count)) for tier, count in ranked]


def _noise_lines(texts: Texts, trial: Trial, item: WatchItem | None, context: Sequence[str]) -> Iterator[str]:
    """Yield that there is too much, or that most of it is an ordinary word, and how to write a word of context."""
    is_word = trial.doubtful * 2 > trial.matched >= NOISY_LEAST
    if not (trial.is_noisy or is_word):
        return
    yield ""
    yield texts.plural("trial-doubtful", trial.doubtful) if is_word else texts("trial-noisy")
    if item is None or item.id is None:
        return
    more = [word for word in context if word not in item.any_of] or [texts("trial-context")]
    words = separator(texts).join([join_queries(item.any_of), *more] if item.any_of else more)
    if utf16_len(words) <= LIST_UNITS:  # cut it would be no example to copy
        yield texts.through(_in_code)("trial-how", id=item.id, words=words)


def _in_code(text: str) -> str:
    """Return what stands between backticks as it was typed: there nothing is escaped."""
    return plain(text).replace("`", "'")


def verdict_lines(texts: Texts, verdict: Verdict, items: Sequence[WatchItem]) -> Iterator[str]:
    """Yield what items find in a text, else why those that stand in it are held back."""
    by_id, names = {item.id: item for item in items}, names_of(items)
    for hit in verdict.hits[:SHOWN_VERDICTS]:
        yield from hit_lines(texts, hit, names.get(hit.item, ""))
        yield from doubt_lines(texts, hit)
    for miss in verdict.near_misses[:SHOWN_VERDICTS]:
        yield texts("test-near-miss", name=names.get(miss.item, ""), matched=plain(miss.matched, LIST_UNITS))
        yield f"> {miss_reason(texts, miss, by_id[miss.item])}"
    for item, reasons in verdict.missed[:SHOWN_MISSED]:
        yield texts("test-missed", name=item_name(item))
        yield from missed_lines(texts, reasons)
    left = max(len(verdict.hits) - SHOWN_VERDICTS, 0) + max(len(verdict.near_misses) - SHOWN_VERDICTS, 0)
    if left:
        yield texts.plural("and-others", left)
    if not (verdict.hits or verdict.near_misses or verdict.missed):
        yield texts("test-nothing")


def miss_reason(texts: Texts, miss: NearMiss, item: WatchItem) -> str:
    """Return which condition holds an item back: one of its own, or a part that its query excludes."""
    asked = plain(miss.operand, LIST_UNITS)
    if miss.reason is Reason.NONE_OF_PRESENT and miss.operand not in item.none_of:
        return texts("miss-excluded-part", asked=asked)
    reason = texts.word("reason", miss.reason)
    return texts("test-reason", reason=reason, asked=asked) if asked else reason


def doubt_lines(texts: Texts, hit: Hit) -> Iterator[str]:
    """Yield why a hit is only weak; nothing for any other."""
    if hit.tier is Tier.WEAK:
        yield f"> {texts('weak-why', doubt=texts.word('doubt', doubt_of(hit.rule)))}"


def missed_lines(texts: Texts, reasons: Sequence[Missed]) -> Iterator[str]:
    """Yield why an item does not match where something of it stands."""
    for missed in reasons:
        matched, asked = plain(missed.matched, MISSED_UNITS), plain(missed.asked, LIST_UNITS)
        values = {"matched": matched, "asked": asked, "distance": missed.distance}
        yield f"> {texts.word('obstacle', missed.obstacle, **values)}"


def shown_query(query: str) -> str:
    """Return a query as the name of what is tried."""
    return plain(query, LIST_UNITS // 2)
