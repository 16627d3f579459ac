"""What every compiled term has: patterns for the automaton, and the check of a candidate in its surroundings."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import NamedTuple, Protocol

from bot.matching.codes import Rule
from bot.matching.text.folding import APOSTROPHES, ELIDED, Folded
from bot.models import Tier

_ELISION = re.compile(rf"(?i:[\-\u2010\u2011]?\b(?:{'|'.join(ELIDED)}))[{re.escape(APOSTROPHES)}]")


LEAST_MISSPELT = 8
"""Letters of the shortest word of a name in which one edit is forgiven."""


def misspellable(words: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield each word of a name in which one edit is forgiven, with the longest other one near it, if it has one."""
    for place, word in enumerate(words):
        if len(word) >= LEAST_MISSPELT and word.isalpha():
            near = words[max(0, place - _NEAR) : place + _NEAR + 1]
            yield word, max((other for other in near if other != word), key=len, default="")


_NEAR = 3


class Check(Enum):
    """Name what must be true of the words found before a pattern counts."""

    NONE = auto()
    LETTERS = auto()
    SPLIT = auto()
    ELISION = auto()
    GOES_ON = auto()


class Pattern(NamedTuple):
    """Hold words that the automaton looks for, side by side, and what finding them means.

    `prefix` lets the last word go on. `detail` is what the check needs.
    """

    words: str
    tier: Tier
    rule: Rule
    check: Check = Check.NONE
    prefix: bool = False
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """Hold where a term stands, in positions of the document's layers.

    `proven` is False for a doubtful capital, `people_only` for what counts in a field of people alone, `plain` for an
    ordinary word in small letters, which counts only as the whole of a name field, `term` is what was asked,
    `misspelt` the word of the text that is one edit away from one of the name's. `more` counts the places after it that
    were taken to be as those before them (`bot.matching.automaton`).
    """

    start: int
    end: int
    tier: Tier
    rule: Rule
    proven: bool = True
    term: str = ""
    people_only: bool = False
    misspelt: str = ""
    plain: bool = False
    more: int = 0


@dataclass(frozen=True, slots=True)
class Reading:
    """Hold the words of a document and where they stand in its clean layer.

    A document is read twice: hyphens as spaces, and hyphens as nothing.
    """

    folded: Folded
    words: list[str]
    starts: Sequence[int]
    ends: Sequence[int]

    @property
    def clean(self) -> str:
        """Return the clean layer of the document."""
        return self.folded.clean

    def gap(self, index: int) -> str:
        """Return what stands between the word at `index` and the one before, without elided articles."""
        between = self.clean[self.ends[index - 1] if index else 0 : self.starts[index]]
        return _ELISION.sub("", between) if len(between) > 1 else between

    def written(self, index: int) -> str:
        """Return a word as it is written, case and accents kept."""
        return self.clean[self.starts[index] : self.ends[index]]

    def original(self, start: int, end: int) -> str:
        """Return the original text of a span of the layers."""
        return self.folded.source[self.folded.start(start) : self.folded.end(end)]

    def index(self, position: int) -> int:
        """Return which word begins at or after a position of the clean layer."""
        return bisect_left(self.starts, position)


class Term(Protocol):
    """Look for one thing that an item asks: words, a company, an official or a number."""

    @property
    def text(self) -> str:
        """Return what the item asked, as typed."""

    @property
    def patterns(self) -> tuple[Pattern, ...]:
        """Return what the automaton looks for."""

    @property
    def joined_rule(self) -> Rule:
        """Return the rule of a place where a hyphen of the text was dropped."""

    def verify(self, reading: Reading, first: int, count: int, pattern: Pattern) -> Place | None:
        """Return the place of a candidate, `count` words from word `first`, or None when it does not count."""


def letters_apart(reading: Reading, first: int, count: int) -> bool:
    """Return whether these one-letter words are set apart on purpose: only dots, spaces or hyphens between them.

    Short runs must be whole: a letter more on either side makes another word. Two letters need a dot.
    """
    if count <= _SHORT_RUN:
        for index, gap in ((first - 1, first), (first + count, first + count)):
            if not 0 <= index < len(reading.words):
                continue
            word = reading.words[index]
            if len(word) == 1 and word.isalpha() and not reading.gap(gap).strip(" ."):
                return False
    gaps = [reading.gap(index) for index in range(first + 1, first + count)]
    if any(gap.strip(_BETWEEN_LETTERS) or len(gap) > _WIDEST_GAP for gap in gaps):
        return False
    return count > _PAIR or any("." in gap for gap in gaps)


_BETWEEN_LETTERS = f" .-\u00a0\u2009\u202f{APOSTROPHES}"
_WIDEST_GAP = 4
_SHORT_RUN = 4
_PAIR = 2


def only_joined(reading: Reading, first: int, count: int) -> bool:
    """Return whether the words are parts of one: a space, a line end or a hyphen between them, nothing else."""
    gaps = (reading.gap(index) for index in range(first + 1, first + count))
    return all(gap.isspace() or gap.strip() in {"-", "\u2010", "\u2011"} for gap in gaps)


def end_of_word(reading: Reading, index: int, letters: int) -> int:
    """Return where a word ends of which the first letters were asked: at the first hyphen behind them, if it has one.

    A hyphen that cuts a word at the end of a line ends none.
    """
    end, seen = reading.ends[index], 0
    for place in range(reading.starts[index], end):
        if reading.folded.flat[place] != "-":
            seen += 1
        elif seen >= letters and "\n" not in reading.original(place, place + 1):
            return place
    return end


def in_capitals(reading: Reading, first: int, count: int) -> bool:
    """Return whether the words are written wholly in capitals."""
    written = reading.clean[reading.starts[first] : reading.ends[first + count - 1]]
    return written == written.upper() and written != written.lower()
