"""What holds in one notice: terms verified where the automaton found them, expressions over their places."""

from __future__ import annotations

import sys
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from bot.matching.asked import Asked, Condition, Name, Wanted
from bot.matching.automaton import MOST_VERIFIED, Candidates, demoted, places, without_overlaps
from bot.matching.codes import Rule
from bot.matching.companies.capitals import is_whole_name, leads_name
from bot.matching.companies.company import Company
from bot.matching.identifiers.register import NumberFound
from bot.matching.officials.official import Official
from bot.matching.query.expressions import All, Expression, Near, Operand, Some, Without, canonical
from bot.matching.query.sweeps import Regular, Wildcard
from bot.matching.terms import Place, Term
from bot.matching.text.document import NAME_FIELDS, Document
from bot.matching.words.phrases import Phrase
from bot.matching.words.typos import misspelt
from bot.models import Tier

_ENOUGH_PAIRS = 100
"""Places of NEAR that are looked at one by one in any case."""


@dataclass(frozen=True, slots=True)
class Spot:
    """Hold one place of an item: the field's rank, the span in its original text, and how it was reached."""

    field: int
    start: int
    end: int
    tier: Tier
    rule: Rule
    term: str
    more: int = 0


class Evaluation:
    """Verify terms and expressions in one document, each term once however many items ask for it."""

    def __init__(
        self,
        document: Document,
        raw: Mapping[int, list[Candidates]],
        numbers: Mapping[int, int],
        known: dict[tuple[int, bool], list[Place]],
        misspelt: Mapping[int, list[tuple[int, str]]],
        is_name: Callable[[str], bool],
    ) -> None:
        """Take what the automaton found, the number of each term by its identity, and the places known by number.

        `misspelt` are the (rank, word meant) of words that may be misspelt, by number of the term that they belong to,
        `is_name` tells whether such a word is a name of its own.
        """
        self.document = document
        self._raw = raw
        self._numbers = numbers
        self._known = known
        self._misspelt = misspelt
        self._is_other_name = is_name

    def spots(self, asked: Asked, numbers: Iterable[NumberFound]) -> list[Spot]:
        """Return the places of an item, conditions aside: its numbers first, then its names in their order."""
        found = [Spot(one.field, one.start, one.end, Tier.IDENTIFIER, one.rule, one.typed) for one in numbers]
        named: list[Place] = []
        for name in asked.names:
            named += self._named(name, supported=bool(asked.any_of) and self.present(asked.any_of) is not None)
        for place in without_overlaps(named):
            field, start, end = self.document.span(place.start, place.end)
            found.append(Spot(field, start, end, place.tier, place.rule, place.term, place.more))
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
        found = self._standing(wanted)
        if name.transliterated is not None:
            found = without_overlaps([*found, *map(demoted, self._standing(name.transliterated))])
        whole = not isinstance(wanted, All | Some | Near | Without)
        named = []
        for place in found:
            if place.people_only and not self._in_people(place):
                continue
            if place.misspelt and self._is_other_name(place.misspelt):
                continue
            if place.plain and not (self._is_name(place, whole=True) or self._is_person(wanted, place)):
                continue
            tier, rule = place.tier, place.rule
            if not place.proven and not supported and not self._is_name(place, whole=place.plain):
                tier, rule = Tier.WEAK, Rule.ORDINARY_WORD
            elif name.alias and tier is not Tier.WEAK:
                tier = Tier.ALIAS
            term = name.text if whole else place.term
            named.append(Place(place.start, place.end, tier, rule, term=term, more=place.more))
        return named

    def _standing(self, wanted: Wanted) -> list[Place]:
        """Return the places of a term or of a query that holds."""
        if isinstance(wanted, Company | Official | Phrase):
            return self._places(wanted)
        holds, found = self._evaluate(wanted)
        return found if holds else []

    def _is_name(self, place: Place, *, whole: bool) -> bool:
        """Return whether an ordinary word begins the name that a field of names holds, or is the whole of it."""
        if not self.document.fields[self.document.field_at(place.start)][0].startswith(NAME_FIELDS):
            return False
        reading = self.document.main
        first, after = reading.index(place.start), reading.index(place.end)
        return is_whole_name(reading, first, after) if whole else leads_name(reading, first)

    def _is_person(self, wanted: Wanted, place: Place) -> bool:
        return isinstance(wanted, Official) and self._in_people(place)

    def _in_people(self, place: Place) -> bool:
        return self.document.fields[self.document.field_at(place.start)][0].startswith("people")

    def _places(self, term: Term, *, whole: bool = False) -> list[Place]:
        """Return where a term stands in the fields that hold words: with `whole` every place, however many."""
        number = self._numbers[id(term)]
        known = self._known.get((number, whole))
        if known is None:
            if isinstance(term, Wildcard | Regular) and not term.patterns:
                known = term.sweep(self.document)
            else:
                raw = self._raw.get(number)
                known = places(term, raw, self.document, sys.maxsize if whole else MOST_VERIFIED) if raw else []
            if number in self._misspelt:
                known = without_overlaps([*known, *self._misspellings(term, self._misspelt[number])])
            if known and self.document.has_codes:
                known = [one for one in known if not self.document.is_code(self.document.field_at(one.start))]
            self._known[number, whole] = known
        return known

    def _misspellings(self, term: Term, tried: Iterable[tuple[int, str]]) -> Iterator[Place]:
        """Yield where a name stands with one of its words misspelt: in running text only with a capital."""
        document = self.document
        reading = document.main if document.scan.is_plain else document.main_transliterated
        for index, meant in tried:
            place = misspelt(term, reading, index, meant)
            if place and (reading.written(index)[:1].isupper() or document.holds_names_at(place.start)):
                yield place

    def _evaluate(self, expression: Expression, *, whole: bool = False) -> tuple[bool, list[Place]]:
        """Return whether an expression holds, and the places of its first positive operand, all if `whole`."""
        match expression:
            case Operand(phrase):
                found = self._places(phrase, whole=whole)
                return bool(found), [replace(one, term=phrase.text) for one in found]
            case Without(part):
                return not self._evaluate(part)[0], []
            case Near():
                found = self._near(expression)
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
                outcomes = [self._evaluate(part, whole=whole) for part in parts]
                together = [place for holds, found in outcomes if holds for place in found]
                return any(holds for holds, _ in outcomes), without_overlaps(together)

    def _near(self, wanted: Near) -> list[Place]:
        """Return the places of one side with one of the other at most so many words away in the same field.

        Once many are kept the further ones are counted with the first where what the automaton found is near enough.
        """
        left, right = self._evaluate(wanted.left)[1], self._evaluate(wanted.right)[1]
        if not any(place.more for place in (*left, *right)):
            return self._pairs(left, right, wanted.distance)
        kept = self._pairs(left, right, wanted.distance)
        if len(kept) >= _ENOUGH_PAIRS:
            lefts, rights = self._word_spans(wanted.left), self._word_spans(wanted.right)
            if lefts and rights:
                last = self._words(kept[-1])
                near = self._near_ones(lefts[bisect_right(lefts, last) :], rights, wanted.distance)
                return [replace(kept[0], more=len(near)), *(replace(place, more=0) for place in kept[1:])]
        left, right = self._evaluate(wanted.left, whole=True)[1], self._evaluate(wanted.right, whole=True)[1]
        return self._pairs(left, right, wanted.distance)

    def _pairs(self, left: list[Place], right: list[Place], distance: int) -> list[Place]:
        """Return the places of `left` that are near one of `right`."""
        near = self._near_ones([*map(self._words, left)], [*map(self._words, right)], distance)
        return [left[at] for at in near]

    def _words(self, place: Place) -> tuple[int, int]:
        """Return the rank of the first word of a place, and of the first after it."""
        first = max(self.document.words_before(place.start + 1) - 1, 0)  # a sweep may begin inside a word
        return first, self.document.words_before(place.end)

    def _word_spans(self, side: Expression) -> list[tuple[int, int]]:
        """Return where the words of an operand stand as the automaton found them; nothing where it alone cannot."""
        if not isinstance(side, Operand) or (number := self._numbers[id(side.term)]) in self._misspelt:
            return []
        scan, patterns = self.document.scan, side.term.patterns
        spans = set()
        for rank, positions in self._raw.get(number, ()):
            width = patterns[rank].words.count(" ") + 1
            for position in positions[: bisect_left(positions, len(scan.main))]:
                first = scan.word_at(position)
                spans.add((first, first + width))
        return sorted(spans)

    def _near_ones(self, left: list[tuple[int, int]], right: list[tuple[int, int]], distance: int) -> list[int]:
        """Return which of `left` have one of `right` at most `distance` words away, both as ranks of words."""
        firsts = [first for first, _ in right]
        starts = self.document.main.starts
        near = []
        for rank, (first, after) in enumerate(left):
            at = bisect_left(firsts, first)
            for low, top in right[max(0, at - 2) : at + 2]:
                apart = low - after if low >= after else first - top
                if 0 <= apart < distance and self.document.field_at(starts[first]) == self.document.field_at(
                    starts[low]
                ):
                    near.append(rank)
                    break
        return near
