"""A notice as the matcher reads it: its fields in one text, folded once, with the way back to each field."""

from __future__ import annotations

import re
from bisect import bisect_right
from itertools import accumulate

from bot.matching.folding import FIELD_BREAK, fold
from bot.matching.terms import Reading
from bot.models import Notice

_AROUND = 60
_TOKEN = re.compile(r"\S+")
_LOOSE = re.compile(r"-(?:(?=[ -])|(?<=[ -]-))")
_BREAK = f" {FIELD_BREAK} "


class Document:
    """Hold the text of a notice folded, the string to scan, and its words with their places.

    `scan` is every word between single spaces, fields parted by `|`, followed by the passages that hold a hyphened word
    read joined; `context` is how many words the longest pattern needs on either side of it.
    """

    def __init__(self, notice: Notice, context: int) -> None:
        """Fold the notice; readings and places are made only when asked."""
        self.fields = [("title", notice.title), ("text", notice.text), ("buyer", notice.buyer or "")]
        self.fields += [(f"suppliers[{place}]", text) for place, text in enumerate(notice.suppliers)]
        self.fields += [(f"people[{place}]", text) for place, text in enumerate(notice.people)]
        self.fields = [field for field in self.fields if field[1]]
        self._worded = len(self.fields)
        self.fields += [(f"identifiers[{place}]", text) for place, text in enumerate(notice.identifiers) if text]
        self.fields += [(f"cpv[{place}]", text) for place, text in enumerate(notice.cpv) if text]
        texts = [text for _, text in self.fields]
        # a break inside a field would glue itself to a word; positions stay, one sign for one sign
        self.folded = fold(f" {_BREAK.join(text.replace(FIELD_BREAK, ' ') for text in texts)} ")
        self.bases = list(accumulate((len(text) + len(_BREAK) for text in texts), initial=1))[:-1]
        self._blanked = _without_loose_hyphens(self.folded.blanked())
        self._words = self._blanked.replace("-", " ").split()
        self._windows = self._hyphened(context) if "-" in self._blanked else []
        parts = [f" {' '.join(self._words)} ", *(f" {' '.join(words)} " for _, words in self._windows)]
        self.scan = "|".join(parts)
        self._main: Reading | None = None
        self._joined: Reading | None = None
        self._scan_words: list[int] | None = None
        self._where: list[tuple[bool, int]] = []

    def _hyphened(self, context: int) -> list[tuple[int, list[str]]]:
        """Return the passages round hyphened words, hyphens dropped: (first word, words)."""
        words = self._blanked.split()
        windows: list[list[int]] = []
        for place, word in enumerate(words):
            if "-" not in word or word.replace("-", "").isdigit():
                continue
            low, top = max(0, place - context), min(len(words), place + context + 1)
            if windows and low <= windows[-1][1]:
                windows[-1][1] = top
            else:
                windows.append([low, top])
        return [(low, " ".join(words[low:top]).replace("-", "").split(" ")) for low, top in windows]

    @property
    def main(self) -> Reading:
        """Return the words with hyphens read as spaces."""
        if self._main is None:
            spans = [match.span() for match in _TOKEN.finditer(self._blanked.replace("-", " "))]
            starts, ends = [start for start, _ in spans], [end for _, end in spans]
            self._main = Reading(self.folded, self._words, starts, ends)
        return self._main

    @property
    def joined(self) -> Reading:
        """Return the words with hyphens read as nothing."""
        if self._joined is None:
            spans = [match.span() for match in _TOKEN.finditer(self._blanked)]
            words = self._blanked.replace("-", "").split()
            starts, ends = [start for start, _ in spans], [end for _, end in spans]
            self._joined = Reading(self.folded, words, starts, ends)
        return self._joined

    def word_at(self, position: int) -> tuple[Reading, int]:
        """Return the reading and the word that begins right after a position of `scan`."""
        if self._scan_words is None:
            self._scan_words = []
            base = 1
            for joined, first, words in ((False, 0, self._words), *((True, low, top) for low, top in self._windows)):
                lengths = accumulate((len(word) + 1 for word in words), initial=base)
                starts = list(lengths)
                base = starts.pop() + 2 if words else base + 3
                self._scan_words += starts
                self._where += [(joined, first + place) for place in range(len(words))]
        entry = bisect_right(self._scan_words, position + 1) - 1
        joined, word = self._where[entry]
        return (self.joined if joined else self.main), word

    def field_at(self, start: int) -> int:
        """Return which field holds a position of the layers."""
        return bisect_right(self.bases, self.folded.start(start)) - 1

    @property
    def has_codes(self) -> bool:
        """Return whether the notice has fields of codes."""
        return self._worded < len(self.fields)

    def is_code(self, field: int) -> bool:
        """Return whether a field holds codes, where words are not looked for."""
        return field >= self._worded

    def span(self, start: int, end: int) -> tuple[int, int, int]:
        """Return the field of a span of the layers, and where it starts and ends in that field's original text."""
        field = self.field_at(start)
        base = self.bases[field]
        return field, self.folded.start(start) - base, self.folded.end(end) - base


def _without_loose_hyphens(text: str) -> str:
    """Return an aligned text where hyphens stand inside words only."""
    return _LOOSE.sub(" ", text) if "-" in text else text


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
