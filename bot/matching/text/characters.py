"""What each character becomes when text is folded, transliterated or spelled out (matching.md sections 1 and 7)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

from anyascii import anyascii

HYPHENS = "-\u2010\u2011\u2012\u2013\ufe63\uff0d"
APOSTROPHES = "'\u2019\u02bc\u2018\u2032\u00b4`\u201b\uff07\u02b9"
FIELD_BREAK = "\x1f"
"""Stands between the fields of a notice; becomes `|`, which no word holds."""

_LETTERS = {
    "\u0153": "oe", "\u00e6": "ae", "\u00f8": "o", "\u0142": "l", "\u0111": "d", "\u00f0": "d", "\u00fe": "th",
    "\u0131": "i", "\u0192": "f", "\u0127": "h", "\u02c6": " ", "\u00b5": "u",
}  # fmt: skip
_CAPITALS = {"\u0152": "OE", "\u00c6": "AE", "\u00de": "TH", "\u1e9e": "SS"}
_DROPPED = "\u00ae\u2122\u00a9\u115f\u1160\u3164\uffa0"
_FIXED = {
    **_LETTERS,
    **dict.fromkeys(HYPHENS, "-"),
    **dict.fromkeys(APOSTROPHES, "'"),
    **dict.fromkeys(_DROPPED, ""),
    FIELD_BREAK: "|",
    "\u0439": "\u0439",
    "\u0419": "\u0439",
}
"""What does not follow from the decomposition; the short i of Cyrillic is a letter, not an i with an accent."""
_MARKS = frozenset({"Mn", "Me"})
_UNSEEN = _MARKS | {"Cf"}
_NOBODYS = frozenset({"Cn", "Co"})
_SYLLABLES = range(0xAC00, 0xD7A4)
_SURROGATES = range(0xD800, 0xE000)
_BASIC_PLANE = 0x10000

UNSPACED = (
    "\u0e00-\u0e4e\u0e80-\u0ece\u1780-\u17d3\u3005\u3007\u3040-\u309f\u30a0-\u30fa\u30fc-\u30ff\u31f0-\u31ff"
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
)
"""The letters of Thai, Lao, Khmer, Chinese and Japanese as the inside of a regex class: each is a word of its own."""
TRANSLITERATED = "\u0370-\u03ff\u0400-\u052f\u1c80-\u1c88\u1f00-\u1fff"
"""The letters of Greek and Cyrillic as the inside of a regex class."""

_UNSPACED = re.compile(f"[{UNSPACED}]")
_TRANSLITERATED = re.compile(f"[{TRANSLITERATED}]")
_MOST_KNOWN = 250_000


def fold_character(character: str) -> str:
    """Return what a character is when folded: nothing, one character or several (matching.md section 1)."""
    if character in _FIXED:
        return _FIXED[character]
    if ord(character) in _SURROGATES:
        return " "
    if ord(character) in _SYLLABLES:
        return character
    category = unicodedata.category(character)
    if category in _UNSEEN:
        return ""
    if category in _NOBODYS:
        return " "
    folded = ""
    for part in unicodedata.normalize("NFKD", _without_marks(character).casefold()):
        if part in _FIXED:
            folded += _FIXED[part]
        elif unicodedata.category(part) not in _MARKS:
            folded += part if part.isalnum() or unicodedata.category(part) == "Mc" else " "
    return folded if folded.strip() else " "


def folds_to_itself(text: str) -> bool:
    """Return whether every letter and digit of a text certainly folds to itself."""
    return text.casefold() == text and unicodedata.is_normalized("NFKD", text) and _FIXED.keys().isdisjoint(text)


def expand_character(character: str) -> str:
    """Return characters that fold one to one, together to what `character` folds to, case kept where there is one."""
    folded = fold_character(character)
    if len(folded) == 1 and ord(character) < _BASIC_PLANE:
        return character
    if character in _CAPITALS:
        return _CAPITALS[character]
    expanded = _without_marks(character)
    return expanded if [fold_character(part) for part in expanded] == list(folded) else folded


def transliterated_character(character: str) -> str | None:
    """Return the plain letters of a Greek or Cyrillic letter, apostrophes dropped; None for any other character."""
    if not _TRANSLITERATED.fullmatch(character) or not fold_character(character).isalnum():
        return None
    return "".join(letter for letter in anyascii(character).lower() if letter.isalnum())


def transliterated(text: str) -> str:
    """Return a text with its Greek and Cyrillic letters made plain, capitals kept; the same text where it has none."""
    return _TRANSLITERATED.sub(lambda found: anyascii(found[0]).replace("'", ""), text)


def is_transliterated(text: str) -> bool:
    """Return whether a text holds Greek or Cyrillic letters."""
    return not text.isascii() and _TRANSLITERATED.search(text) is not None


def is_unspaced(text: str) -> bool:
    """Return whether a text holds letters of a script that puts no spaces between words."""
    return not text.isascii() and _UNSPACED.search(text) is not None


class Table(dict[int, str]):
    """Fill itself with what each character met becomes, for `str.translate`."""

    def __init__(self, becomes: Callable[[str], str]) -> None:
        super().__init__()
        self._becomes = becomes

    def __missing__(self, code: int) -> str:
        if len(self) > _MOST_KNOWN:
            self.clear()
        found = self[code] = self._becomes(chr(code))
        return found


def _without_marks(character: str) -> str:
    return "".join(
        part for part in unicodedata.normalize("NFKD", character) if unicodedata.category(part) not in _MARKS
    )
