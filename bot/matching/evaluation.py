"""What holds in one notice: terms verified where the automaton found them, expressions over their places."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from bot.matching.asked import Asked, Condition, Name
from bot.matching.automaton import places, without_overlaps
from bot.matching.codes import Rule
from bot.matching.companies import Company
from bot.matching.document import Document
from bot.matching.officials import Official
from bot.matching.phrases import Phrase
from bot.matching.query import All, Expression, Near, Operand, Some, Without, canonical
from bot.matching.register import NumberFound
from bot.matching.terms import Pattern, Place, Term
from bot.models import Tier

_NAME_FIELDS = ("buyer", "suppliers", "people")
"""Fields that hold a name and nothing else: there a capital needs no proof."""


@dataclass(frozen=True, slots=True)
class Spot:
    """Hold one place of an item: the field's rank, the span in its original text, and how it was reached."""

    field: int
    start: int
    end: int
    tier: Tier
    rule: Rule
    term: str


class Evaluation:
    """Verify terms and expressions in one document, each term once however many items ask for it."""

    def __init__(
        self,
        document: Document,
        raw: Mapping[int, list[tuple[int, int, Pattern]]],
        numbers: Mapping[Term, int],
    ) -> None:
        """Take what the automaton found, and the rank of each term."""
        self.document = document
        self._raw = raw
        self._numbers = numbers
        self._known: dict[int, list[Place]] = {}

    def spots(self, asked: Asked, numbers: Iterable[NumberFound]) -> list[Spot]:
        """Return the places of an item, conditions aside: its numbers first, then its names in their order."""
        found = [Spot(one.field, one.start, one.end, Tier.IDENTIFIER, one.rule, one.typed) for one in numbers]
        named: list[Place] = []
        for name in asked.names:
            named += self._named(name, supported=bool(asked.any_of) and self.present(asked.any_of) is not None)
        for place in without_overlaps(named):
            field, start, end = self.document.span(place.start, place.end)
            found.append(Spot(field, start, end, place.tier, place.rule, place.term))
        return found

    def present(self, conditions: Iterable[Condition]) -> Condition | None:
        """Return the first condition that holds in the notice."""
        return next((one for one in conditions if self._evaluate(one.expression)[0]), None)

    def excluded_by_query(self, asked: Asked) -> tuple[Spot, str] | None:
        """Return where an item's query would match but for what it excludes, and what that is."""
        for name in asked.names:
            wanted = name.wanted
            if not isinstance(wanted, All):
                continue
            excluding = [part for part in wanted.parts if isinstance(part, Without)]
            others = tuple(part for part in wanted.parts if not isinstance(part, Without))
            present = next((part for part in excluding if self._evaluate(part.part)[0]), None)
            holds, found = self._evaluate(All(others))
            if present and holds and found:
                place = found[0]
                field, start, end = self.document.span(place.start, place.end)
                tier = Tier.ALIAS if name.alias else place.tier
                return Spot(field, start, end, tier, place.rule, place.term), canonical(present.part)
        return None

    def _named(self, name: Name, *, supported: bool) -> list[Place]:
        """Return the places of one name, with the tier that an alias or a doubtful capital leaves them."""
        wanted = name.wanted
        if isinstance(wanted, Company | Official | Phrase):
            found = self._places(wanted)
        else:
            holds, found = self._evaluate(wanted)
            if not holds:
                return []
        whole = not isinstance(wanted, All | Some | Near | Without)
        named = []
        for place in found:
            tier, rule = place.tier, place.rule
            if not place.proven and not supported and not self._in_name_field(place):
                tier, rule = Tier.WEAK, Rule.ORDINARY_WORD
            elif name.alias and tier is not Tier.WEAK:
                tier = Tier.ALIAS
            named.append(Place(place.start, place.end, tier, rule, term=name.text if whole else place.term))
        return named

    def _in_name_field(self, place: Place) -> bool:
        return self.document.fields[self.document.field_at(place.start)][0].startswith(_NAME_FIELDS)

    def _places(self, term: Term) -> list[Place]:
        """Return where a term stands in the fields that hold words."""
        number = self._numbers[term]
        known = self._known.get(number)
        if known is None:
            raw = self._raw.get(number)
            known = places(term, raw, self.document) if raw else []
            if known and self.document.has_codes:
                known = [one for one in known if not self.document.is_code(self.document.field_at(one.start))]
            self._known[number] = known
        return known

    def _evaluate(self, expression: Expression) -> tuple[bool, list[Place]]:
        """Return whether an expression holds, and the places of its first positive operand."""
        match expression:
            case Operand(phrase):
                found = self._places(phrase)
                return bool(found), [Place(one.start, one.end, one.tier, one.rule, term=phrase.text) for one in found]
            case Without(part):
                return not self._evaluate(part)[0], []
            case Near(left, right, distance):
                found = self._near(self._evaluate(left)[1], self._evaluate(right)[1], distance)
                return bool(found), found
            case All(parts):
                first: list[Place] = []
                for part in parts:
                    holds, found = self._evaluate(part)
                    if not holds:
                        return False, []
                    first = first or found
                return True, first
            case Some(parts):
                outcomes = [self._evaluate(part) for part in parts]
                together = [place for holds, found in outcomes if holds for place in found]
                return any(holds for holds, _ in outcomes), without_overlaps(together)

    def _near(self, left: list[Place], right: list[Place], distance: int) -> list[Place]:
        """Return the places of `left` with one of `right` at most `distance` words away in the same field."""
        reading = self.document.main
        starts = [place.start for place in right]
        kept = []
        for place in left:
            at = bisect_right(starts, place.start)
            for other in right[max(0, at - 2) : at + 2]:
                if other.start >= place.end:
                    apart = reading.index(other.start) - reading.index(place.end) + 1
                elif other.end <= place.start:
                    apart = reading.index(place.start) - reading.index(other.end) + 1
                else:
                    continue
                if apart <= distance and self.document.field_at(place.start) == self.document.field_at(other.start):
                    kept.append(place)
                    break
        return kept
