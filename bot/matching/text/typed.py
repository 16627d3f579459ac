"""The words of what a person typed: a name, a phrase, with what stood between them."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple

from bot.matching.text.characters import UNSPACED
from bot.matching.text.folding import ELIDED, fold

_WORD = re.compile(rf"[{UNSPACED}]|[^\s'\-|{UNSPACED}]+")
_PLAIN_WORD = re.compile(r"[^\s'\-|]+")
_LETTERS_BY_SPACES = 3
CONNECTORS = ("et", "and", "und", "y", "e")
"""The words equal to `&` between two words of a company's name."""
CONNECTOR = "&"


class Word(NamedTuple):
    """Hold a typed word: folded, as written, what stands before it, and whether it is an elided article."""

    folded: str
    written: str
    gap: str
    elided: bool = False

    @property
    def capitals(self) -> bool:
        """Return whether the word is written wholly in capitals (digits allowed)."""
        return self.written.upper() == self.written and self.written.lower() != self.written


def read_words(text: str) -> list[Word]:
    """Return the words of a typed text, dotted or spaced letters joined (`S.A.S.` is one word)."""
    return list(_words(text))


@lru_cache(maxsize=64)
def _words(text: str) -> tuple[Word, ...]:
    """Return the words of a text that the readings of one name ask for one after the other."""
    folded = fold(text)
    words: list[Word] = []
    end = 0
    for match in (_PLAIN_WORD if folded.flat.isascii() else _WORD).finditer(folded.flat):
        elided = match[0] in ELIDED and folded.flat.startswith("'", match.end())
        words.append(
            Word(match[0], folded.clean[match.start() : match.end()], folded.clean[end : match.start()], elided)
        )
        end = match.end()
    return tuple(_join_letters(words))


def clean_form(text: str) -> str:
    """Return a text cleaned and composed, case and accents kept, spaces and hyphens made plain."""
    folded = fold(unicodedata.normalize("NFC", text))
    signs = {" ": " ", "-": "-", "'": "'"}
    marked = "".join(
        signs.get(flat, clean) if flat in "-'" or clean.isspace() else clean
        for clean, flat in zip(folded.clean, folded.flat, strict=True)
    )
    return " ".join(unicodedata.normalize("NFKC", marked).split())


def _join_letters(words: list[Word]) -> list[Word]:
    if all(len(word.folded) > 1 for word in words):
        return words
    joined: list[Word] = []
    place = 0
    while place < len(words):
        top = place
        while top < len(words) and _is_letter(words[top]) and (top == place or _joins(words[top].gap)):
            top += 1
        run = words[place:top]
        dotted = any("." in word.gap for word in run[1:])
        if len(run) >= _LETTERS_BY_SPACES or (len(run) > 1 and dotted):
            letters = "".join(word.folded for word in run)
            joined.append(run[0]._replace(folded=letters, written="".join(word.written for word in run)))
            place = top
        else:
            joined.append(words[place])
            place += 1
    return joined


def _is_letter(word: Word) -> bool:
    return len(word.folded) == 1 and word.folded.isalpha() and not word.elided


def _joins(gap: str) -> bool:
    return gap in {".", " ", ". "}
