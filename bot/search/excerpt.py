"""The part of a text that shows why it was found, with the words that were looked for marked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

from bot.cards import Line, Span, Style
from bot.markup import ELLIPSIS
from bot.matching import Stand, stands
from bot.search.query import Term

READ_CHARS: Final = 100_000
"""How much of a text is looked through for the words; beyond it what was found is shown without them."""

_BEFORE = 40
_STEPS = 25
_PARTING = frozenset({"", " ", "\u00a0", "-", "\u2010", "\u2011"})


@dataclass(frozen=True, slots=True)
class Excerpt:
    """Hold a part of a text in spans, and which terms it shows, counted as in the query."""

    line: Line
    terms: frozenset[int] = field(default_factory=frozenset)


def excerpt(text: str, terms: Sequence[Term], chars: int) -> Excerpt:
    """Return at most some `chars` characters of a text, in spans: its beginning, or where most of the terms stand.

    An ellipsis stands where something was left out. The text is the original one; it is cleaned when shown.
    """
    found = stands(text[:READ_CHARS], terms)
    start, shown = _window(found, chars)
    end = max(start + chars, shown[-1].end if shown else 0)
    start, end = _at_words(text, start, end, shown)
    line = tuple(_spans(text, start, end, shown))
    return Excerpt(line, frozenset(stand.term for stand in shown))


def _window(found: Sequence[Stand], chars: int) -> tuple[int, list[Stand]]:
    """Return where the part begins that shows most terms, the first of such, and the places in it."""
    best = (0, [stand for stand in found if stand.end <= chars])
    most = len({stand.term for stand in best[1]})
    for place, first in enumerate(found):
        start = max(first.start - _BEFORE, 0)
        shown = [first]
        for stand in found[place + 1 :]:
            if stand.end > start + chars:
                break
            shown.append(stand)
        terms = len({stand.term for stand in shown})
        if terms > most:
            best, most = (start, shown), terms
    return best


def _at_words(text: str, start: int, end: int, shown: Sequence[Stand]) -> tuple[int, int]:
    """Return the bounds moved inwards to where words end, never over what is to be shown."""
    first = shown[0].start if shown else end
    last = shown[-1].end if shown else start
    if start:
        start = next((at for at in range(start, min(start + _STEPS, first)) if text[at - 1].isspace()), start)
    if end < len(text):
        end = next((at for at in range(end, max(end - _STEPS, last), -1) if text[at].isspace()), end)
    return start, min(end, len(text))


def _spans(text: str, start: int, end: int, shown: Sequence[Stand]) -> Iterator[Span]:
    if start:
        yield Span(ELLIPSIS)
    bounds = [start, *(bound for run in _runs(text, shown) for bound in run), end]
    for number, (low, top) in enumerate(pairwise(bounds)):
        if low < top:
            yield Span(text[low:top], Style.MARK if number % 2 else Style.PLAIN)
    if text[end:].strip():
        yield Span(ELLIPSIS)


def _runs(text: str, shown: Sequence[Stand]) -> Iterator[tuple[int, int]]:
    """Yield where marked runs begin and end: words that a space or a hyphen parts are one."""
    runs: list[tuple[int, int]] = []
    for stand in shown:
        if runs and text[runs[-1][1] : stand.start] in _PARTING:
            runs[-1] = (runs[-1][0], stand.end)
        else:
            runs.append((stand.start, stand.end))
    yield from runs
