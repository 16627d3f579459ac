"""A notice as the matcher reads it: its fields in one text, folded once, with the way back to each field."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from itertools import accumulate
from typing import Any, Generic, TypeVar, overload

from bot.matching.officials.family_places import FamilyPlaces
from bot.matching.terms import Reading
from bot.matching.text.characters import UNSPACED
from bot.matching.text.folding import FIELD_BREAK, WORD, Folded, fold
from bot.matching.text.markup import plain
from bot.matching.text.scanning import Scan
from bot.models import Notice

NAME_FIELDS = ("buyer", "suppliers", "people")
"""Fields that hold a name and nothing else: there a name needs no capital to prove it."""
_Value = TypeVar("_Value")
_AROUND = 60
_STRETCH = 256
_BREAK = f" {FIELD_BREAK} "
_SPACE = re.compile(" ")
_SPACE_OR_LETTER = re.compile(f"[ {UNSPACED}]")
"""Where a word ends for certain, among them those of scripts without spaces: each letter is a word of its own."""


class _once(Generic[_Value]):  # noqa: N801  # used as a decorator
    """Make a value the first time it is asked, as `functools.cached_property` does, whose lock costs more than most."""

    def __init__(self, make: Callable[[Any], _Value]) -> None:
        self._make = make
        self._name = make.__name__

    @overload
    def __get__(self, owner: None, kind: type) -> _once[_Value]: ...
    @overload
    def __get__(self, owner: object, kind: type) -> _Value: ...
    def __get__(self, owner: object | None, kind: type) -> _once[_Value] | _Value:
        if owner is None:
            return self
        value = owner.__dict__[self._name] = self._make(owner)
        return value


def running_fields(notice: Notice) -> list[tuple[str, str]]:
    """Return the names and the texts of the fields of a notice that hold running text, empty ones left out."""
    return [(name, text) for name, text in (("title", notice.title), ("text", notice.text)) if text]


def name_fields(notice: Notice) -> list[tuple[str, str]]:
    """Return the names and the texts of the fields of a notice that hold a name each, empty ones left out."""
    named = [("buyer", notice.buyer)] if notice.buyer else []
    for name, texts in (("suppliers", notice.suppliers), ("people", notice.people)):
        named += [(f"{name}[{place}]", text) for place, text in enumerate(texts) if text]
    return named


class Document:
    """Hold the text of a notice: folded at once, and what a candidate needs only when asked."""

    def __init__(self, notice: Notice, reach: int) -> None:
        """Fold the notice; `reach` is the length of the longest pattern in bytes."""
        running, named = running_fields(notice), name_fields(notice)
        coded = []
        for name, texts in (("identifiers", notice.identifiers), ("cpv", notice.cpv)):
            coded += [(f"{name}[{place}]", text) for place, text in enumerate(texts) if text]
        self.fields = [*running, *named, *coded]
        self._running = len(running)
        self._worded = len(running) + len(named)
        source = _BREAK.join([text for _, text in self.fields])
        if source.count(FIELD_BREAK) >= len(self.fields):
            # a break inside a field would glue itself to a word; positions stay, one sign for one sign
            source = _BREAK.join([text.replace(FIELD_BREAK, " ") for _, text in self.fields])
        self._source = f" {source} "
        self._plain = plain(self._source)
        self.scan = Scan(self._plain, reach)

    @_once
    def words_in_names(self) -> list[bytes]:
        """Return the long folded words that a name may hold: with a capital, or where a name needs none."""
        if self._worded == self._running == 1:
            return self.scan.long_words()
        words = self.scan.capitalised_words()
        if self._running < self._worded:
            words += self.scan.main.split(b" | ", self._running)[-1].split()
        return words

    @_once
    def folded(self) -> Folded:
        """Return the layers of the text, and the way from them to its fields."""
        return fold(self._source, self._plain)

    @_once
    def bases(self) -> list[int]:
        """Return where each field begins in the source of the layers."""
        return list(accumulate((len(text) + len(_BREAK) for _, text in self.fields), initial=1))[:-1]

    @_once
    def main(self) -> Reading:
        """Return the words with hyphens read as spaces."""
        stretches = self._stretches
        words = self.scan.words() if self.scan.is_plain else stretches.words()
        return Reading(self.folded, words, _Edge(stretches, 0, len(words)), _Edge(stretches, 1, len(words)))

    @_once
    def joined(self) -> Reading:
        """Return the words with hyphens read as nothing."""
        stretches = _Stretches(self._hyphened, self.folded.words())
        if self.scan.is_plain:
            words = self.scan.joined_words()
        else:
            words = [word.replace("-", "") for word in stretches.words()]
        return Reading(self.folded, words, _Edge(stretches, 0, len(words)), _Edge(stretches, 1, len(words)))

    @_once
    def main_transliterated(self) -> Reading:
        """Return the words with hyphens read as spaces, Greek and Cyrillic ones in plain letters."""
        return Reading(self.folded, self.scan.words(), self.main.starts, self.main.ends)

    @_once
    def joined_transliterated(self) -> Reading:
        """Return the words with hyphens read as nothing, Greek and Cyrillic ones in plain letters."""
        return Reading(self.folded, self.scan.joined_words(), self.joined.starts, self.joined.ends)

    @_once
    def family_places(self) -> FamilyPlaces:
        """Return what tells at which places of a family name a person may be named."""
        return FamilyPlaces(self)

    @_once
    def _stretches(self) -> _Stretches:
        """Return where the words of `main` stand."""
        return _Stretches(self._hyphened.replace("-", " "), self.folded.words())

    def words_before(self, position: int) -> int:
        """Return how many words of `main` begin before a position of the layers."""
        return self._stretches.before(position)

    @_once
    def _hyphened(self) -> str:
        """Return the aligned text with hyphens inside words only."""
        return self.folded.hyphened()

    def field_at(self, start: int) -> int:
        """Return which field holds a position of the layers."""
        return bisect_right(self.bases, self.folded.start(start)) - 1

    def holds_names_at(self, start: int) -> bool:
        """Return whether a name can stand at a position whatever its case: in a field of names, in a bare text."""
        field = self.fields[self.field_at(start)][0]
        return field.startswith(NAME_FIELDS) or (field == "text" and self._worded == 1)

    @property
    def has_codes(self) -> bool:
        """Return whether the notice has fields of codes."""
        return self._worded < len(self.fields)

    def is_code(self, field: int) -> bool:
        """Return whether a field holds codes, where words are not looked for."""
        return field >= self._worded

    def span(self, start: int, end: int) -> tuple[int, int, int]:
        """Return the field of a span of the layers, and where it starts and ends in that field's original text."""
        low = self.folded.start(start)
        field = bisect_right(self.bases, low) - 1
        base = self.bases[field]
        return field, low - base, self.folded.end(end) - base


class _Stretches:
    """Find where each word of an aligned text stands, a stretch of it at a time."""

    def __init__(self, text: str, word: re.Pattern[str]) -> None:
        self._text = text
        self._word = word
        self._cut = _SPACE if word is WORD else _SPACE_OR_LETTER
        self._cuts = [0]
        self._firsts = [0]
        self._spans: dict[int, list[tuple[int, int]]] = {}

    def words(self) -> list[str]:
        """Return every word."""
        return self._word.findall(self._text)

    def span(self, index: int) -> tuple[int, int]:
        """Return where a word starts and ends."""
        while index >= self._firsts[-1] and self._cuts[-1] < len(self._text):
            self._go_on()
        stretch = bisect_right(self._firsts, index) - 1
        return self._in(stretch)[index - self._firsts[stretch]]

    def before(self, position: int) -> int:
        """Return how many words begin before a position."""
        while position >= self._cuts[-1] and self._cuts[-1] < len(self._text):
            self._go_on()
        if position >= self._cuts[-1]:
            return self._firsts[-1]
        stretch = bisect_right(self._cuts, position) - 1
        return self._firsts[stretch] + bisect_left(self._in(stretch), (position, 0))

    def _go_on(self) -> None:
        at = self._cuts[-1]
        cut = self._cut.search(self._text, at + _STRETCH)
        self._cuts.append(cut.start() if cut else len(self._text))
        words = (
            self._text[at : self._cuts[-1]].split()
            if self._word is WORD
            else self._word.findall(self._text, at, self._cuts[-1])
        )
        self._firsts.append(self._firsts[-1] + len(words))

    def _in(self, stretch: int) -> list[tuple[int, int]]:
        spans = self._spans.get(stretch)
        if spans is None:
            found = self._word.finditer(self._text, self._cuts[stretch], self._cuts[stretch + 1])
            spans = self._spans[stretch] = [match.span() for match in found]
        return spans


class _Edge(Sequence[int]):
    """Hold where each word starts, or where it ends, found when asked."""

    __slots__ = ("_length", "_side", "_stretches")

    def __init__(self, stretches: _Stretches, side: int, length: int) -> None:
        self._stretches = stretches
        self._side = side
        self._length = length

    def __len__(self) -> int:
        return self._length

    @overload
    def __getitem__(self, index: int) -> int: ...
    @overload
    def __getitem__(self, index: slice) -> list[int]: ...
    def __getitem__(self, index: int | slice) -> int | list[int]:
        if isinstance(index, slice):
            return [self[place] for place in range(*index.indices(self._length))]
        if index < 0:
            index += self._length
        if not 0 <= index < self._length:
            raise IndexError(index)
        return self._stretches.span(index)[self._side]


def snippet(text: str, start: int, end: int) -> str:
    """Return about 60 characters on either side of a match, cut at words, each run of spaces made one."""
    low, top = max(0, start - _AROUND), min(len(text), end + _AROUND)
    if low and not text[low - 1].isspace():
        cut = next((place for place in range(low, start) if text[place].isspace()), low)
        low = cut
    if top < len(text) and not text[top].isspace():
        cut = next((place for place in range(top - 1, end - 1, -1) if text[place].isspace()), top)
        top = cut
    return " ".join(text[low:top].split())
