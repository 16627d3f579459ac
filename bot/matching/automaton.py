"""One Aho-Corasick automaton over the patterns of every term, and what it found in a document."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from ahocorasick_rs import AhoCorasick, MatchKind

from bot.matching.codes import Rule
from bot.matching.terms import Check, Pattern, Place, Reading, Term
from bot.models import Tier

if TYPE_CHECKING:
    from bot.matching.document import Document


MOST_CANDIDATES = 100_000
"""How many places of one term are looked at in one notice; the count of a hit stops there."""


class Automaton:
    """Find the patterns of numbered terms in a document, in one pass whatever their number."""

    def __init__(self, terms: Iterable[Term]) -> None:
        """Compile the patterns of every term, which are named by their rank from here on."""
        entries: dict[str, list[tuple[int, int, Pattern]]] = {}
        self.context = 0
        for number, term in enumerate(terms):
            for pattern in term.patterns:
                count = pattern.words.count(" ") + 1
                if pattern.check is not Check.LETTERS:
                    self.context = max(self.context, count - 1)
                key = f" {pattern.words}" if pattern.prefix else f" {pattern.words} "
                entries.setdefault(key, []).append((number, count, pattern))
        self._entries = list(entries.values())
        self._automaton = AhoCorasick(list(entries), matchkind=MatchKind.Standard)

    def scan(self, document: Document) -> Mapping[int, list[tuple[int, int, Pattern]]]:
        """Return for each term that stands in the document the (position, words, pattern) found, in order."""
        found: dict[int, list[tuple[int, int, Pattern]]] = {}
        for entry, start, _ in self._automaton.find_matches_as_indexes(document.scan, overlapping=True):
            for number, count, pattern in self._entries[entry]:
                places = found.setdefault(number, [])
                if len(places) < MOST_CANDIDATES:
                    places.append((start, count, pattern))
        return found


def places(term: Term, raw: Iterable[tuple[int, int, Pattern]], document: Document) -> list[Place]:
    """Return where a term stands, once for each stretch of text: the best tier, then the longest."""
    verified: list[Place] = []
    ends: dict[Pattern, int] = {}
    for position, count, pattern in raw:
        # the same pattern over its own last place (a run of one word) can only be dropped as an overlap
        if position < ends.get(pattern, 0):
            continue
        reading, first = document.word_at(position)
        if first + count > len(reading.words):
            continue
        place = term.verify(reading, first, count, pattern)
        if place and place.tier is Tier.EXACT and reading is not document.main:
            place = _joined(place, reading, rule=term.joined_rule)
        if place:
            verified.append(place)
            ends[pattern] = position + len(pattern.words)
    return without_overlaps(verified)


def _joined(place: Place, reading: Reading, rule: Rule) -> Place:
    """Return a place found with hyphens dropped: a variant, unless they only cut words at a line end."""
    original = reading.original(place.start, place.end)
    return place if "\n" in original else replace(place, tier=Tier.VARIANT, rule=rule)


def without_overlaps(found: list[Place]) -> list[Place]:
    """Return places in their order, keeping of those that overlap the best tier, then the longest."""
    found.sort(key=lambda place: (place.start, place.end))
    kept: list[Place] = []
    for place in found:
        if kept and place.start < kept[-1].end:
            last = kept[-1]
            if (place.tier.rank, last.end - last.start) < (last.tier.rank, place.end - place.start):
                kept[-1] = place
        else:
            kept.append(place)
    return kept
