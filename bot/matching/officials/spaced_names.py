"""A person's name with its letters set apart (`P A U L  C O R V O Y`), read as words (matching.md section 7)."""

from __future__ import annotations

from itertools import accumulate, pairwise

from bot.matching.officials.person_names import PersonName
from bot.matching.terms import Reading

_REACH = 12


def as_words(reading: Reading, first: int, name: PersonName) -> tuple[Reading, int]:
    """Return the words round a family name spelled letter by letter from word `first`, it and the given name as words.

    Returns also the rank of its first word there.
    """
    family = _spans(first, name.family)
    letters = sum(map(len, name.given))
    before = _spans(first - letters, name.given)
    after = _spans(family[-1][1], name.given)
    merged = [*family]
    for spans in (before, after):
        if spans[0][0] >= 0 and tuple(_joined(reading, span) for span in spans) == name.given:
            merged += [span for span in spans if span[1] - span[0] > 1]
    low = max(0, min(merged)[0] - _REACH)
    top = min(len(reading.words), max(merged)[1] + _REACH)
    inner = {index for start, end in merged for index in range(start + 1, end)}
    edges = [index for index in range(low, top) if index not in inner]
    spans = list(pairwise([*edges, top]))
    words = [_joined(reading, span) for span in spans]
    starts, ends = [reading.starts[start] for start, _ in spans], [reading.ends[end - 1] for _, end in spans]
    return Reading(reading.folded, words, starts, ends), edges.index(first)


def _spans(first: int, parts: tuple[str, ...]) -> list[tuple[int, int]]:
    """Return where each part of a name stands that is spelled from word `first`."""
    return list(pairwise(accumulate(map(len, parts), initial=first)))


def _joined(reading: Reading, span: tuple[int, int]) -> str:
    return "".join(reading.words[span[0] : span[1]])
