"""Operands that the automaton alone cannot find: words with a star in front, and regular expressions.

What has no words to look for is a sweep: it has no patterns and is tried on every notice (matching.md section 15.2).
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import accumulate
from typing import TYPE_CHECKING, Literal
from weakref import WeakKeyDictionary

from bot.matching.automaton import without_overlaps
from bot.matching.codes import Rule
from bot.matching.query.regular import Searched, Searcher, clean_signs, read_expression
from bot.matching.terms import Pattern, Place, Reading, end_of_word
from bot.matching.text.folding import FIELD_BREAK, Folded, fold
from bot.matching.words.inflection import forms
from bot.models import Tier

if TYPE_CHECKING:
    from bot.matching.text.document import Document

Kind = Literal["whole", "begins", "ends", "inside"]

_LEAST_ANCHOR = 4
_TOKEN = re.compile(r"\S+")
_COMBINING = re.compile("[\u0300-\u036f]")
_CUT_SIGNS = re.compile(r"[-\u2010\u2011][ \t]*\r?\n")


@dataclass(frozen=True, slots=True)
class Part:
    """Hold one word of a phrase with stars, in every form that counts, and where its star lets it go on."""

    kind: Kind
    forms: tuple[str, ...]

    def fits(self, word: str) -> bool:
        """Return whether a folded word of a text is this one."""
        match self.kind:
            case "whole":
                return word in self.forms
            case "begins":
                return word.startswith(self.forms)
            case "ends":
                return word.endswith(self.forms)
            case "inside":
                return self.forms[0] in word

    @property
    def is_anchor(self) -> bool:
        """Return whether the automaton can look for this word, and finds it seldom enough."""
        return self.kind in {"whole", "begins"} and len(self.forms[0]) >= _LEAST_ANCHOR


@dataclass(frozen=True, slots=True)
class Wildcard:
    """Look for words side by side, some of which may begin or go on as they like (`*surveillance urbain*`).

    `anchor` is the rank of the word that is looked for first, `needles` are what a text that has it must hold.
    """

    text: str
    parts: tuple[Part, ...]
    patterns: tuple[Pattern, ...]
    anchor: int
    rule: Rule
    needles: tuple[str, ...]

    def __hash__(self) -> int:
        return hash(self.text)

    @property
    def cased(self) -> bool:
        """Return False: no word with a star is an acronym."""
        return False

    @property
    def joined_rule(self) -> Rule:
        """Return the rule of a place where a hyphen of the text was dropped."""
        return self.rule

    def verify(self, reading: Reading, first: int, count: int, pattern: Pattern) -> Place | None:  # noqa: ARG002  # one word
        """Return the place of the whole phrase round the word found, or None when its neighbours are others."""
        return self._place(reading, first - self.anchor)

    def sweep(self, document: Document) -> list[Place]:
        """Return where the words stand in a document, one place a stretch of text."""
        places: list[Place] = []
        for reading, text in _swept(document).readings:
            for needle in self.needles:
                if needle in text:
                    places += self._places(reading)
                    break
        return without_overlaps(places) if places else places

    def _places(self, reading: Reading) -> Iterator[Place]:
        part = self.parts[self.anchor]
        for index, word in enumerate(reading.words):
            if part.fits(word) and (place := self._place(reading, index - self.anchor)):
                yield place

    def _place(self, reading: Reading, first: int) -> Place | None:
        last = first + len(self.parts) - 1
        if first < 0 or last >= len(reading.words):
            return None
        if not all(part.fits(reading.words[first + place]) for place, part in enumerate(self.parts)):
            return None
        ended = self.parts[-1]
        end = end_of_word(reading, last, len(ended.forms[0])) if ended.kind == "begins" else reading.ends[last]
        return Place(reading.starts[first], end, Tier.VARIANT, self.rule)


@dataclass(frozen=True, slots=True)
class Regular:
    """Look for a regular expression in the cleaned text of each field."""

    text: str
    searcher: Searcher = field(compare=False, repr=False)

    def __hash__(self) -> int:
        return hash(self.text)

    @property
    def patterns(self) -> tuple[Pattern, ...]:
        """Return nothing: an expression is tried on every notice."""
        return ()

    @property
    def cased(self) -> bool:
        """Return False: an expression is no acronym."""
        return False

    @property
    def joined_rule(self) -> Rule:
        """Return the rule of every place of an expression."""
        return Rule.EXPRESSION

    def verify(self, reading: Reading, first: int, count: int, pattern: Pattern) -> Place | None:  # noqa: ARG002  # no pattern
        """Return None: there is no pattern to verify."""
        return None

    def sweep(self, document: Document) -> list[Place]:
        """Return where the expression stands in a document, spaces at its ends left out."""
        places = []
        for text in _swept(document).texts():
            for low, top in self.searcher.find(text.searched):
                span = text.span(low, top)
                if span:
                    places.append(Place(*span, Tier.EXACT, Rule.EXPRESSION))
        return without_overlaps(places)


Sweep = Wildcard | Regular


def wildcard(text: str, words: list[tuple[Kind, str]]) -> Wildcard:
    """Return the term for folded words with stars; those without are found in the singular and the plural."""
    parts = tuple(Part(kind, forms(word) if kind in {"whole", "ends"} else (word,)) for kind, word in words)
    anchors = [place for place, part in enumerate(parts) if part.is_anchor]
    anchor = max(anchors or range(len(parts)), key=lambda place: len(parts[place].forms[0]))
    kinds = {part.kind for part in parts}
    rule = Rule.INSIDE if "inside" in kinds else Rule.ENDING if "ends" in kinds else Rule.PREFIX
    begins = parts[anchor].kind == "begins"
    looked_for = parts[anchor].forms if anchors else ()
    patterns = tuple(Pattern(form, Tier.VARIANT, rule, prefix=begins) for form in looked_for)
    needles = tuple(f"{form} " if parts[anchor].kind == "ends" else form for form in parts[anchor].forms)
    return Wildcard(text, parts, patterns, anchor, rule, needles)


def regular(text: str, body: str, *, ignore_case: bool) -> Regular:
    """Return the term for an expression; raises ExpressionError for a wrong one."""
    return Regular(text, read_expression(body, ignore_case=ignore_case))


class _Cleaned:
    """Hold one field as expressions read it, one space between words, with the way back to the layers."""

    def __init__(self, clean: str, pieces: list[tuple[int, int, bool]]) -> None:
        """Take the clean layer and its pieces: start, end, whether a space follows."""
        self.text = "".join(clean[low:top] + " " * spaced for low, top, spaced in pieces)[:-1]
        self.searched = Searched(self.text)
        self._places = [low for low, _, _ in pieces]
        self._starts = list(accumulate((top - low + spaced for low, top, spaced in pieces), initial=0))[:-1]

    def span(self, low: int, top: int) -> tuple[int, int] | None:
        """Return a span of the text in the layers, without the spaces at its ends; None where nothing else is."""
        while low < top and self.text[low] == " ":
            low += 1
        while low < top and self.text[top - 1] == " ":
            top -= 1
        if low == top:
            return None
        first, last = bisect_right(self._starts, low) - 1, bisect_right(self._starts, top - 1) - 1
        return self._places[first] + low - self._starts[first], self._places[last] + top - self._starts[last]


class _Swept:
    """Hold what every sweep of one document shares."""

    def __init__(self, document: Document) -> None:
        self._folded = document.main.folded
        self._texts: list[_Cleaned] | None = None
        self.readings = [(document.main, f"{' '.join(document.main.words)} ")]
        if "-" in self._folded.flat:
            self.readings.append((document.joined, f"{' '.join(document.joined.words)} "))

    def texts(self) -> list[_Cleaned]:
        """Return the fields; twice where a word was cut at the end of a line, with its hyphen and joined."""
        if self._texts is None:
            self._texts = list(self._read())
        return self._texts

    def _read(self) -> Iterator[_Cleaned]:
        clean = clean_signs(_composed(self._folded))
        cuts = _cuts(self._folded, clean)
        start = 0
        for text in clean.split(FIELD_BREAK):
            words = [(start + match.start(), start + match.end()) for match in _TOKEN.finditer(text)]
            if words:
                yield _Cleaned(clean, [(low, top, True) for low, top in words])
                if any(words[0][0] <= cut < words[-1][1] for cut in cuts):
                    yield _Cleaned(clean, [piece for low, top in words for piece in _joined(low, top, cuts)])
            start += len(text) + len(FIELD_BREAK)


_known: WeakKeyDictionary[Document, _Swept] = WeakKeyDictionary()


def _swept(document: Document) -> _Swept:
    swept = _known.get(document)
    if swept is None:
        swept = _known[document] = _Swept(document)
    return swept


def _composed(folded: Folded) -> str:
    """Return the clean layer with the accents that the text writes as characters of their own."""
    if not _COMBINING.search(folded.source):
        return folded.clean
    composed = fold(unicodedata.normalize("NFC", folded.source))
    # an accent of its own folds to nothing, so that one sign stays one sign; where it does not, accents are lost
    return composed.clean if composed.flat == folded.flat else folded.clean


def _cuts(folded: Folded, clean: str) -> list[int]:
    """Return which hyphens of the clean layer end a line."""
    if not _CUT_SIGNS.search(folded.source):
        return []
    hyphens = (match.start() for match in re.finditer("-", clean))
    return [place for place in hyphens if "\n" in folded.source[folded.start(place) : folded.end(place + 1)]]


def _joined(low: int, top: int, cuts: list[int]) -> Iterator[tuple[int, int, bool]]:
    """Yield the pieces of a word without the hyphens that end a line."""
    for cut in cuts[bisect_left(cuts, low) : bisect_left(cuts, top)]:
        if cut > low:
            yield low, cut, False
        low = cut + 1
    if low < top:
        yield low, top, True
