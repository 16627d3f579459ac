"""The words of `/watch test` and of what a new item would have found: how much, which examples, why not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from bot.locales import Texts
from bot.markup import plain
from bot.models import WatchItem
from bot.watchlist.live import TRIED, Trial, Verdict
from cogs._items import LIST_UNITS, finding_lines, hit_lines, item_name

EXAMPLES = 3
"""Stored notices shown of those that match."""
SHOWN_VERDICTS = 8
SHOWN_COUNTS = 10

Names = Mapping[int | None, str]


def names_of(items: Sequence[WatchItem]) -> dict[int | None, str]:
    """Return the names of items by id, to be put into texts."""
    return {item.id: item_name(item) for item in items}


def trial_lines(texts: Texts, trial: Trial, names: Names | None = None) -> Iterator[str]:
    """Yield what items would have found among the stored notices; `names` where it must be said which."""
    if not trial.read:
        yield texts("trial-nothing-stored")
        return
    of = texts.number(trial.read)
    yield texts.plural("trial-matched", trial.matched, of=of, days=TRIED.days)
    if names is not None:
        most = sorted(trial.by_item.items(), key=lambda entry: -entry[1])
        for item_id, count in most[:SHOWN_COUNTS]:
            yield texts.plural("trial-item", count, name=names.get(item_id, ""))
        if len(most) > SHOWN_COUNTS:
            yield texts.plural("and-others", len(most) - SHOWN_COUNTS)
    for finding in trial.examples:
        yield ""
        yield from finding_lines(texts, finding, dict(names or {}))
    if trial.is_noisy and names is None:
        yield ""
        yield texts("trial-noisy")


def verdict_lines(texts: Texts, verdict: Verdict, names: Names) -> Iterator[str]:
    """Yield what items find in a text, else why those that stand in it are held back."""
    for hit in verdict.hits[:SHOWN_VERDICTS]:
        yield from hit_lines(texts, hit, names.get(hit.item, ""))
    for miss in verdict.near_misses[:SHOWN_VERDICTS]:
        reason = texts.word("reason", miss.reason)
        yield texts("test-near-miss", name=names.get(miss.item, ""), matched=plain(miss.matched, LIST_UNITS))
        asked = plain(miss.operand, LIST_UNITS)
        yield f"> {texts('test-reason', reason=reason, asked=asked)}"
    left = max(len(verdict.hits) - SHOWN_VERDICTS, 0) + max(len(verdict.near_misses) - SHOWN_VERDICTS, 0)
    if left:
        yield texts.plural("and-others", left)
    if not verdict.hits and not verdict.near_misses:
        yield texts("test-nothing")


def shown_query(query: str) -> str:
    """Return a query as the name of what is tried."""
    return plain(query, LIST_UNITS // 2)
