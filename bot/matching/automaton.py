"""One Aho-Corasick automaton over the patterns of every term, and what it found in a document."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import repeat

from ahocorasick_rs import BytesAhoCorasick, MatchKind

from bot.matching.codes import Rule
from bot.matching.companies.company import Company
from bot.matching.officials.official import Official
from bot.matching.terms import Check, Pattern, Place, Reading, Term
from bot.matching.text.document import Document
from bot.matching.text.scanning import Scan, pattern_key
from bot.models import Tier

MOST_VERIFIED = 210
"""How many places of one pattern are verified in one notice; those after them are taken to be like them."""
_FULL, _PART = 4, 1
"""What a place counts for in that: in full where no later one can be better."""
_PATTERN_BITS = 12
_PATTERNS = (1 << _PATTERN_BITS) - 1
_SLACK = 16


Candidates = tuple[int, Sequence[int]]
"""Where a pattern of a term stands: the rank of the pattern in the term, and positions in the bytes scanned."""


class Automaton:
    """Find the patterns of numbered terms in a document, in one pass whatever their number."""

    def __init__(self, patterns: Iterable[Sequence[Pattern]]) -> None:
        """Compile the patterns of every term, which are named by their rank from here on."""
        entries: dict[bytes, int] = {}
        shared: dict[bytes, list[int]] = {}
        self.reach = 0
        for number, ones in enumerate(patterns):
            for rank, pattern in enumerate(ones):
                key = pattern_key(pattern.words, prefix=pattern.prefix)
                posting = number << _PATTERN_BITS | rank
                if entries.setdefault(key, posting) != posting:
                    shared.setdefault(key, []).append(posting)
                if pattern.check is not Check.LETTERS and len(key) > self.reach:
                    self.reach = len(key)
        self.reach += _SLACK
        keys = list(entries)
        self._postings = array("Q", entries.values())
        ranks = {key: rank for rank, key in enumerate(keys) if key in shared} if shared else {}
        self._shared = {ranks[key]: array("Q", postings) for key, postings in shared.items()}
        self._automaton = BytesAhoCorasick(keys, matchkind=MatchKind.Standard)

    def scan(self, scan: Scan) -> Mapping[int, list[Candidates]]:
        """Return the candidates of each term that stands in a document, those of a pattern in order."""
        starts: defaultdict[int, list[int]] = defaultdict(list)
        for entry, start, _ in self._automaton.find_matches_as_indexes(scan.text, overlapping=True):
            starts[entry].append(start)
        found: dict[int, list[Candidates]] = {}
        for entry, positions in starts.items():
            for posting in (self._postings[entry], *self._shared.get(entry, ())):
                found.setdefault(posting >> _PATTERN_BITS, []).append((posting & _PATTERNS, positions))
        return found


def places(term: Term, found: Sequence[Candidates], document: Document, most: int = MOST_VERIFIED) -> list[Place]:
    """Return where a term stands, once for each stretch of text: the best tier, then the longest.

    After `most` places of one pattern the further ones are counted with the first that is left, each stretch once
    whatever patterns stand there, and not looked at.
    """
    verified: list[Place] = []
    free: dict[tuple[int, bool], int] = {}
    looked_at: dict[tuple[int, bool], int] = {}
    further = covered = 0
    scan = document.scan
    if isinstance(term, Official):
        judge = document.family_places
        found = [(rank, judge.possible(term.names, term.patterns[rank], positions)) for rank, positions in found]
    ordered = _in_order(found, term.patterns, most)
    for at, (start, rank) in enumerate(ordered):
        joined = start >= len(scan.main)
        key = rank, joined
        # the same pattern over its own last place (a run of one word) can only be dropped as an overlap
        if start < free.get(key, 0):
            continue
        pattern = term.patterns[rank]
        if looked_at.get(key, 0) >= most * _FULL:
            if len(found) == 1 and " " not in pattern.words:
                further += max(bisect_left(found[0][1], len(scan.main)) - at, 0)
                break
            free[key] = start + len(pattern.words) + 1
            if not joined and start >= covered:
                further += 1
                covered = free[key]
            continue
        place = _verified(term, pattern, scan.word_at(start), document, joined=joined)
        if place:
            verified.append(place)
            free[key] = start + len(pattern.words) + 1
            if not joined:
                covered = max(covered, free[key])
            best = place.tier is pattern.tier and place.proven and not place.plain and not place.people_only
            looked_at[key] = looked_at.get(key, 0) + (_FULL if best else _PART)
    kept = without_overlaps(verified)
    if further:
        kept[0] = replace(kept[0], more=further)
    return kept


def _in_order(found: Sequence[Candidates], patterns: Sequence[Pattern], most: int) -> Iterable[tuple[int, int]]:
    """Return the (position, rank of the pattern) of all candidates of a term, in order.

    Of more than `most` the longest of those that begin together comes first, so that it is counted for all of them.
    """
    if len(found) == 1:
        ((rank, positions),) = found
        return zip(positions, repeat(rank))
    ordered = [(start, rank) for rank, positions in found for start in positions]
    if len(ordered) <= most:
        return sorted(ordered)
    return sorted(ordered, key=lambda one: (one[0], -len(patterns[one[1]].words), one[1]))


def _verified(term: Term, pattern: Pattern, first: int, document: Document, *, joined: bool) -> Place | None:
    """Return the place of a candidate in the reading that holds the words of its pattern."""
    count = pattern.words.count(" ") + 1
    reading = document.joined if joined else document.main
    transliterated = False
    if not (document.scan.is_plain and pattern.words.isascii()) and not _stands(reading, first, count, pattern):
        reading = document.joined_transliterated if joined else document.main_transliterated
        transliterated = True
        if not _is_name(term) or not _stands(reading, first, count, pattern):
            return None
    if first + count > len(reading.words):
        return None
    place = term.verify(reading, first, count, pattern)
    if place and transliterated:
        return demoted(place)
    if place and joined and place.tier is Tier.EXACT:
        return _joined(place, reading, rule=term.joined_rule)
    return place


def _is_name(term: Term) -> bool:
    """Return whether a term counts where a notice writes it in other letters: a keyword does not (matching.md 7)."""
    return isinstance(term, Official) or (isinstance(term, Company) and not term.cased)


def _stands(reading: Reading, first: int, count: int, pattern: Pattern) -> bool:
    """Return whether the words of a pattern stand in a reading as they are."""
    words = " ".join(reading.words[first : first + count])
    return words.startswith(pattern.words) if pattern.prefix else words == pattern.words


def demoted(place: Place) -> Place:
    """Return a place that was reached by transliteration: a variant at best."""
    return place if place.tier is Tier.WEAK else replace(place, tier=Tier.VARIANT, rule=Rule.TRANSLITERATION)


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
