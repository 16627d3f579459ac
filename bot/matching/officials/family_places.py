"""At which places of a family name somebody who bears it may be named: told once for all officials of that name.

Every official is looked for by the family name, and judging one of its places is dear. Where it stands often, those
without a given name, an initial or a title within reach are left out, one of which all of section 4 of matching.md
asks for; none that could count is.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Final

from bot.matching.officials.person_names import PARTICLES, TITLES, PersonName
from bot.matching.terms import Check, Pattern

if TYPE_CHECKING:
    from bot.matching.text.document import Document

REACH: Final = 12
"""How many words away from the family name a given name is looked for."""
_LEAST = 8
"""Places of a family name of which each is simply judged."""
_MOST_INITIALS = 3
_FIELD = "|"
_ALONE = ""


class FamilyPlaces:
    """Leave out the places of family names in one document where none of a person's names can stand."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._ranks: dict[bool, Mapping[str, Sequence[int]]] = {}
        self._known: dict[tuple[str, bool], _Stretch] = {}

    def possible(self, names: Iterable[PersonName], pattern: Pattern, positions: Sequence[int]) -> Sequence[int]:
        """Return the positions, ascending, at which a person of one of these names may stand."""
        if len(positions) < _LEAST or pattern.check is Check.LETTERS:
            return positions
        near: set[str] = set()
        scant = {_ALONE}
        for name in names:
            given = name.given
            if not given or len(given) == 1 == len(given[0]):
                # any word with this letter may be the name meant
                return positions
            near |= {given[0], "".join(given), "".join(part[0] for part in given)}
            scant.add(given[0][0])
        cut = bisect_right(positions, len(self._document.scan.main) - 1)
        found: list[Sequence[int]] = []
        for joined, own in ((False, positions[:cut]), (True, positions[cut:])):
            if own:
                found += self._stretch(pattern.words, own, joined=joined).possible(near, scant)
        return found[0] if len(found) == 1 else sorted({position for part in found for position in part})

    def _stretch(self, words: str, positions: Sequence[int], *, joined: bool) -> _Stretch:
        stretch = self._known.get((words, joined))
        if stretch is None:
            readings = self._readings(joined=joined)
            if joined not in self._ranks:
                self._ranks[joined] = _ranks(readings)
            firsts = list(map(self._document.scan.word_at, positions))
            stretch = _Stretch(positions, firsts, words.count(" ") + 1, readings, self._ranks[joined])
            self._known[words, joined] = stretch
        return stretch

    def _readings(self, *, joined: bool) -> list[list[str]]:
        """Return the words as written, and where they differ those in plain letters, in the same order."""
        document = self._document
        if document.scan.is_plain:
            return [document.joined.words if joined else document.main.words]
        if joined:
            return [document.joined.words, document.joined_transliterated.words]
        return [document.main.words, document.main_transliterated.words]


class _Stretch:
    """Hold the places of one family name, and what stands round each that may be part of a person's name."""

    def __init__(
        self,
        positions: Sequence[int],
        firsts: Sequence[int],
        count: int,
        readings: Sequence[list[str]],
        ranks: Mapping[str, Sequence[int]],
    ) -> None:
        """Take the places, the rank of the first word of each, and the ranks of every word."""
        self._positions = positions
        self._firsts = firsts
        self._count = count
        self._ranks = ranks
        self._scant: defaultdict[str, list[int]] = defaultdict(list)
        for position, first in zip(positions, firsts, strict=True):
            for sign in {sign for words in readings for sign in _scant(words, first, first + count)}:
                self._scant[sign].append(position)

    def possible(self, near: Iterable[str], scant: Iterable[str]) -> list[Sequence[int]]:
        """Return the positions with one of the words `near` within reach, and with one of the signs right beside."""
        found: list[Sequence[int]] = [self._scant[sign] for sign in scant if sign in self._scant]
        for word in near:
            done = 0
            for rank in self._ranks.get(word, ()):
                low = bisect_right(self._firsts, rank - self._count - REACH, done)
                done = bisect_right(self._firsts, rank + REACH, low)
                found.append(self._positions[low:done])
        return [part for part in found if part]


def _scant(words: Sequence[str], first: int, end: int) -> Iterable[str]:
    """Yield the letters that may be initials beside a family name, and `_ALONE` where it may stand for a person."""
    before = first
    while before and len(words[before - 1]) > 1 and words[before - 1] in PARTICLES:
        before -= 1
    if before and len(words[before - 1]) == 1:
        yield from (word for word in words[max(0, before - _MOST_INITIALS) : before] if len(word) == 1)
    while before and words[before - 1] in PARTICLES:
        before -= 1
    if not before or words[before - 1] == _FIELD or words[before - 1] in TITLES:
        yield _ALONE
    if end < len(words) and len(words[end]) == 1:
        yield words[end]


def _ranks(readings: Sequence[list[str]]) -> Mapping[str, Sequence[int]]:
    """Return where each word stands, in any of the readings."""
    found: defaultdict[str, list[int]] = defaultdict(list)
    for rank, word in enumerate(readings[0]):
        found[word].append(rank)
    for rank, (word, written) in enumerate(zip(readings[-1], readings[0], strict=False)) if len(readings) > 1 else ():
        if word != written:
            found[word].append(rank)
    return {word: sorted(ranks) for word, ranks in found.items()} if len(readings) > 1 else found
