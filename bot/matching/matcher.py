"""The matcher: all items of all newsrooms compiled once, one pass over each notice (matching.md section 15)."""

from __future__ import annotations

import functools
import operator
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from bot.matching.asked import Asked
from bot.matching.codes import Reason
from bot.matching.companies.organisations import Found, apart
from bot.matching.evaluation import Evaluation, Spot
from bot.matching.identifiers.other_company import doubted
from bot.matching.identifiers.register import NumberFound
from bot.matching.portions import Portion, regrouped
from bot.matching.segment import Segment
from bot.matching.text.document import Document, snippet
from bot.matching.words.typos import Spellings
from bot.models import Hit, ItemKind, Notice, Tier, WatchItem


@dataclass(frozen=True, slots=True)
class NearMiss:
    """Hold an item that stands in a notice and was held back, with the reason and the condition concerned.

    `term`, `field`, `start`, `end` and `matched` are the item's own place, as in a Hit. `operand` is the condition: the
    excluding query that is present, the `any_of` queries of which none is, or the sources allowed, joined by `; `.
    """

    item: int | None
    ref: str | None
    kind: ItemKind
    reason: Reason
    term: str
    field: str
    start: int
    end: int
    matched: str
    operand: str


class Matcher:
    """Find watch items in notices.

    Raises QueryError for an item with a wrong query. Items with the same name share their work, whosever they are.
    """

    def __init__(self, items: Iterable[WatchItem], known: Callable[[str], bool] | None = None) -> None:
        """Compile the items, all of them live: the caller leaves removed and muted ones out.

        `known` tells of a folded word whether the stored notices use it regularly, so that it misspells no name; it is
        asked in whatever thread `find` runs, rarely.
        """
        self._items = list(items)
        self._known = known
        self._spellings = Spellings(self._items, known)
        self._portions = [Portion(Segment(self._items), range(len(self._items)))]

    def changed(self, items: Iterable[WatchItem]) -> Matcher:
        """Return a matcher of other items that finds what `Matcher(items)` would, and compiles only what is new.

        An item of this matcher counts as the same where it is the same object, or equal. Raises QueryError as `Matcher`
        does, and leaves this matcher as it is.
        """
        items = list(items)
        portions = regrouped(self._portions, items)
        if portions is None:
            return Matcher(items, self._known)
        matcher = Matcher((), self._known)
        matcher._items = items  # the same class
        matcher._spellings = Spellings(items, self._known)
        matcher._portions = portions
        return matcher

    def find(self, notice: Notice) -> list[Hit]:
        """Return one hit for each item that matches, in the order of the items: the first place of the best tier.

        Positions are code points in the original text of the field (DESIGN.md section 7). Never raises.
        """
        return [_hit(item, notice, document, spots) for item, document, spots in self._found(notice)]

    def find_apart(self, notice: Notice) -> list[Found]:
        """Return the hits of `find`, each with the organisations in whose names its places stand."""
        return [
            apart(spots, document.fields, functools.partial(_hit, item, notice, document))
            for item, document, spots in self._found(notice)
        ]

    def _found(self, notice: Notice) -> Iterator[tuple[WatchItem, Document, list[Spot]]]:
        """Yield each item that matches with all its places, in the order of the items."""
        for item, asked, numbers, evaluation in self._candidates(notice):
            if item.sources and notice.source not in item.sources:
                continue
            spots = evaluation.spots(asked, numbers)
            if not spots or evaluation.present(asked.none_of):
                continue
            if asked.any_of and not evaluation.present(asked.any_of):
                spots = [spot for spot in spots if spot.tier is Tier.IDENTIFIER]
            if spots:
                yield item, evaluation.document, doubted(item, notice, spots)

    def near_misses(self, notice: Notice) -> list[NearMiss]:
        """Return each item that stands in the notice and is held back by its conditions, with the reason."""
        misses = []
        for item, asked, numbers, evaluation in self._candidates(notice):
            spots = evaluation.spots(asked, numbers)
            excluded = evaluation.excluded_by_query(asked) if not spots else None
            if excluded:
                misses.append(_miss(item, evaluation.document, excluded[0], Reason.NONE_OF_PRESENT, excluded[1]))
            if not spots:
                continue
            none_of = evaluation.present(asked.none_of)
            any_of = not asked.any_of or evaluation.present(asked.any_of)
            identified = any(spot.tier is Tier.IDENTIFIER for spot in spots)
            spot = _best(spots)
            if item.sources and notice.source not in item.sources:
                miss = _miss(item, evaluation.document, spot, Reason.SOURCE_EXCLUDED, "; ".join(item.sources))
            elif none_of:
                miss = _miss(item, evaluation.document, spot, Reason.NONE_OF_PRESENT, none_of.text)
            elif not any_of and not identified:
                miss = _miss(item, evaluation.document, spot, Reason.ANY_OF_MISSING, "; ".join(item.any_of))
            else:
                continue
            misses.append(miss)
        return misses

    def _candidates(self, notice: Notice) -> Iterator[tuple[WatchItem, Asked, list[NumberFound], Evaluation]]:
        """Yield the items of which a word or a number stands in the notice, in their order."""
        document = Document(notice, max(portion.segment.reach for portion in self._portions))
        self._spellings.begin()
        found = [
            candidate
            for portion in self._portions
            for candidate in portion.segment.candidates(document, portion.ranks, self._spellings)
        ]
        found.sort(key=operator.itemgetter(0))
        for _, item, asked, numbers, evaluation in found:
            yield item, asked, numbers, evaluation


def _best(spots: list[Spot]) -> Spot:
    return min(spots, key=lambda spot: spot.tier.rank)


def _hit(item: WatchItem, notice: Notice, document: Document, spots: list[Spot]) -> Hit:
    spot = _best(spots)
    name, text = document.fields[spot.field]
    return Hit(
        notice=notice.id,
        item=item.id,
        ref=item.ref,
        kind=item.kind,
        tier=spot.tier,
        term=spot.term,
        rule=spot.rule.value,
        field=name,
        start=spot.start,
        end=spot.end,
        matched=text[spot.start : spot.end],
        snippet=snippet(text, spot.start, spot.end),
        count=sum(1 + spot.more for spot in spots),
    )


def _miss(item: WatchItem, document: Document, spot: Spot, reason: Reason, operand: str) -> NearMiss:
    name, text = document.fields[spot.field]
    return NearMiss(
        item=item.id,
        ref=item.ref,
        kind=item.kind,
        reason=reason,
        term=spot.term,
        field=name,
        start=spot.start,
        end=spot.end,
        matched=text[spot.start : spot.end],
        operand=operand,
    )
