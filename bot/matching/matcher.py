"""The matcher: all items of all newsrooms compiled once, one pass over each notice (matching.md section 15)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from bot.matching.asked import Asked, compile_item, terms_of
from bot.matching.automaton import Automaton
from bot.matching.codes import Reason
from bot.matching.document import Document, snippet
from bot.matching.evaluation import Evaluation, Spot
from bot.matching.query import operands
from bot.matching.register import NumberFound, Register
from bot.matching.terms import Term
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

    def __init__(self, items: Iterable[WatchItem]) -> None:
        """Compile the items, all of them live: the caller leaves removed and muted ones out."""
        self._items = list(items)
        self._asked = [compile_item(item) for item in self._items]
        self._terms: list[Term] = []
        self._numbers: dict[Term, int] = {}
        self._wanting: list[list[int]] = []
        self._register = Register()
        for place, (item, asked) in enumerate(zip(self._items, self._asked, strict=True)):
            wanting = {self._number(term) for name in asked.names for term in terms_of(name.wanted)}
            for number in sorted(wanting):
                self._wanting[number].append(place)
            for condition in (*asked.any_of, *asked.none_of):
                for term in operands(condition.expression):
                    self._number(term)
            for identifier in item.identifiers:
                self._register.add(place, identifier)
        self._automaton = Automaton(self._terms)

    def find(self, notice: Notice) -> list[Hit]:
        """Return one hit for each item that matches, in the order of the items: the first place of the best tier.

        Positions are code points in the original text of the field (DESIGN.md section 7). Never raises.
        """
        hits = []
        for item, asked, numbers, evaluation in self._candidates(notice):
            if item.sources and notice.source not in item.sources:
                continue
            spots = evaluation.spots(asked, numbers)
            if not spots or evaluation.present(asked.none_of):
                continue
            if asked.any_of and not evaluation.present(asked.any_of):
                spots = [spot for spot in spots if spot.tier is Tier.IDENTIFIER]
            if spots:
                hits.append(_hit(item, notice, evaluation.document, spots))
        return hits

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
        document = Document(notice, self._automaton.context)
        raw = self._automaton.scan(document)
        numbers = self._register.find(document)
        places = set(numbers)
        for number in raw:
            places.update(self._wanting[number])
        if not places:
            return
        evaluation = Evaluation(document, raw, self._numbers)
        for place in sorted(places):
            yield self._items[place], self._asked[place], numbers.get(place, []), evaluation

    def _number(self, term: Term) -> int:
        number = self._numbers.get(term)
        if number is None:
            number = self._numbers[term] = len(self._terms)
            self._terms.append(term)
            self._wanting.append([])
        return number


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
        count=len(spots),
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
