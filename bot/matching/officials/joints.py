"""What stands between two words, as far as a name is concerned (matching.md section 4.5)."""

from __future__ import annotations

from enum import Enum, auto
from functools import lru_cache

from bot.matching.terms import Reading
from bot.matching.text.folding import APOSTROPHES, HYPHENS


class Joint(Enum):
    """Name what joins or parts two words; OTHER is any other sign and a blank line."""

    SPACE = auto()
    LINE = auto()
    HYPHEN = auto()
    APOSTROPHE = auto()
    DOT = auto()
    COMMA = auto()
    OPEN = auto()
    CLOSE = auto()
    OTHER = auto()


PLAIN = frozenset({Joint.SPACE, Joint.LINE})
INSIDE = frozenset({Joint.SPACE, Joint.LINE, Joint.HYPHEN, Joint.APOSTROPHE})
GLUED = frozenset({Joint.HYPHEN, Joint.APOSTROPHE})

_SIGNS = {".": Joint.DOT, ",": Joint.COMMA, "(": Joint.OPEN, ")": Joint.CLOSE}
_DOTTED_HYPHENS = frozenset(f".{hyphen}" for hyphen in HYPHENS)


def joint(reading: Reading, index: int) -> Joint:
    """Return what stands between the word at `index` and the one before; OTHER before the first and after the last."""
    return _joint(reading.gap(index)) if 0 < index < len(reading.words) else Joint.OTHER


def glued(reading: Reading, index: int) -> bool:
    """Return whether a hyphen or an apostrophe binds the word at `index` to the one before."""
    return joint(reading, index) in GLUED


def is_capitalised(reading: Reading, index: int) -> bool:
    """Return whether a word of letters begins with a capital."""
    return reading.written(index)[:1].isupper() and reading.words[index].isalpha()


def is_in_capitals(reading: Reading, first: int, end: int) -> bool:
    """Return whether the words from `first` to before `end` are written wholly in capitals, two letters at least."""
    return all(reading.written(index).isupper() for index in range(first, end)) and len(reading.words[first]) > 1


@lru_cache(maxsize=4096)
def _joint(gap: str) -> Joint:
    sign = gap.strip()
    if not sign:
        lines = gap.count("\n")
        return Joint.OTHER if lines > 1 else Joint.LINE if lines else Joint.SPACE
    if sign in HYPHENS:
        return Joint.HYPHEN if sign == gap else Joint.OTHER
    if sign in _DOTTED_HYPHENS:
        return Joint.HYPHEN
    if sign in APOSTROPHES:
        return Joint.APOSTROPHE if sign == gap else Joint.OTHER
    return _SIGNS.get(sign, Joint.OTHER)
