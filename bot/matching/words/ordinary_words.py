"""Known words: ordinary ones of French and English, which name no company as they stand, and common proper names.

The first are for matching.md section 6, the second for section 3.7.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files

_KEY = 3
_LEAST_PLURAL = 5
_NOTHING_MORE = "."
_LISTS = ("words_fr.txt", "words_en.txt")
_NAME_LISTS = ("names_fr.txt", "names_en.txt", "names_more.txt")


class KnownWords:
    """Tell whether a folded word is among many; words of fewer than three letters are not looked at.

    Words are kept as one string for each three first letters: 130,000 words of their own would take ten times as much.
    """

    __slots__ = ("_by_beginning",)

    def __init__(self, by_beginning: dict[str, str]) -> None:
        """Take for each beginning the rests of its words, between single spaces."""
        self._by_beginning = by_beginning

    def __contains__(self, word: object) -> bool:
        """Return whether a folded word, or the singular of its plural in -s, is one of them."""
        if not isinstance(word, str):
            return False
        return self._holds(word) or (len(word) >= _LEAST_PLURAL and word[-1] == "s" and self._holds(word[:-1]))

    def _holds(self, word: str) -> bool:
        rests = self._by_beginning.get(word[:_KEY])
        return rests is not None and f" {word[_KEY:] or _NOTHING_MORE} " in rests


@cache
def ordinary_words() -> KnownWords:
    """Return the ordinary words, read once."""
    return _read(_LISTS)


@cache
def proper_names() -> KnownWords:
    """Return common proper names of seven letters or more, read once: places, family and given names, firms.

    Those that are ordinary words or common given names (`bot.matching.officials.given_names`) are not among them.
    """
    return _read(_NAME_LISTS)


def _read(lists: tuple[str, ...]) -> KnownWords:
    by_beginning: dict[str, str] = {}
    for name in lists:
        for line in files("bot.matching.words").joinpath(name).read_text("utf-8").splitlines():
            if line and line[0] != "#":
                beginning = line[:_KEY]
                by_beginning[beginning] = f"{by_beginning.get(beginning, '')}{line[_KEY:]} "
    return KnownWords(by_beginning)
