"""What each character is for the automaton, and text of several scripts as the bytes that it reads.

A text that no code page holds is read with a code page made for its letters where they are few, else each by itself.
"""

from __future__ import annotations

import codecs
import re
import sys

from bot.matching.text.characters import fold_character, folds_to_itself, is_unspaced, transliterated_character

SILENT = "\x01"
"""Stands for a letter that is nothing in transliteration, until the words are told apart."""
GUARDS = {letter: chr(2 + place) for place, letter in enumerate("ldjmtsncq")}
"""Stand for transliterated letters that would pass for an elided article, until the words are told apart."""
NEEDLESS = b"\x1d"
"""Stands for what is dropped from folded bytes at once, such as a space after another; nothing folds to it."""


def scan_character(character: str) -> str:
    """Return what a character is for the automaton: its fold, transliterated, or a word of its own."""
    plain = transliterated_character(character)
    if plain is not None:
        return GUARDS.get(plain, plain) or SILENT
    scanned = ""
    for part in fold_character(character):
        plain = transliterated_character(part)
        if plain is not None:
            scanned += GUARDS.get(plain, plain) or SILENT
        else:
            scanned += f" {part} " if is_unspaced(part) else part
    return scanned


class _Planes:
    """Fold any text, a block of characters looked up the first time one of them is met.

    A list is half as dear to look up as a dictionary that fills itself.
    """

    def __init__(self) -> None:
        self._scanned: list[str] = []

    def fold(self, text: str) -> str:
        """Return the folded text."""
        folded = text.translate(self._scanned or self._begun())
        if _UNMET in folded:
            for block in {ord(character) >> 8 for character in set(text)}:
                if self._scanned[block << 8] == _UNMET:
                    self._learn(block << 8, (block + 1) << 8)
            folded = text.translate(self._scanned)
        return folded

    def _begun(self) -> list[str]:
        scanned = [_UNMET] * _BEYOND + [" "] * (sys.maxunicode + 1 - _BEYOND)
        for low, top in _TAGS:
            scanned[low:top] = [""] * (top - low)
        self._scanned = scanned
        return scanned

    def _learn(self, low: int, top: int) -> None:
        block = "".join(map(chr, range(low, top)))
        if folds_to_itself(block):
            scanned = [_scanned_letter(one) if one.isalnum() else scan_character(one) for one in block]
        else:
            scanned = [scan_character(one) for one in block]
        self._scanned[low:top] = scanned


def _scanned_letter(character: str) -> str:
    return f" {character} " if is_unspaced(character) else character


_BEYOND = 0x40000
"""From here on characters fold to a space, or to nothing."""
_TAGS = ((0xE0001, 0xE0002), (0xE0020, 0xE0080), (0xE0100, 0xE01F0))
"""Those that fold to nothing, from and to."""
_UNMET = "\U0010fffe"
"""Stands for what a character folds to while no character of its block was met; nothing folds to it."""
_PLANES = _Planes()


def scan_text(text: str) -> str:
    """Return what `scan_character` makes of each character of a text, whatever their scripts."""
    return _PLANES.fold(text)


class _Letters:
    """Hold up to 255 characters of any scripts as a code page, and the bytes that each is scanned as, side by side."""

    def __init__(self, characters: set[str]) -> None:
        """Take the characters; raises ValueError where they are too many, or one of them is spelled too long."""
        high = sorted(filter(_BEYOND_BASIC.match, characters))
        basic = sorted(characters.difference(high, "\0"))
        if len(high) + len(basic) >= _MOST_LETTERS:
            raise ValueError(len(high) + len(basic))
        self.characters = characters
        self._stand_ins = {one: chr(_PRIVATE + place) for place, one in enumerate(high)}
        self._map = codecs.charmap_build("".join(("\0", *basic, *self._stand_ins.values())).ljust(256, "\ufffe"))
        scanned = [scan_character(one).encode("utf-8", "replace") for one in ("\0", *basic, *high)]
        width = max(map(len, scanned))
        if width > _LONGEST_SPELLED:
            raise ValueError(width)
        signs = [one.ljust(width, NEEDLESS) for one in scanned]
        self._tables = [bytes(sign[place] for sign in signs).ljust(256) for place in range(width)]

    def scanned(self, text: str) -> bytes | None:
        """Return the bytes of `scan_text`, None for a text with other characters."""
        try:
            if _BEYOND_BASIC.search(text):
                text = _BEYOND_BASIC.sub(self._stand_in, text)
            signs, _ = codecs.charmap_encode(text, "strict", self._map)
        except (KeyError, UnicodeEncodeError):
            return None
        width = len(self._tables)
        slots = bytearray(len(signs) * width)
        for place, table in enumerate(self._tables):
            slots[place::width] = signs.translate(table)
        return bytes(slots.translate(None, NEEDLESS))

    def _stand_in(self, found: re.Match[str]) -> str:
        return self._stand_ins[found[0]]


_MOST_LETTERS = 256
_LONGEST_SPELLED = 8
_PRIVATE = 0xE000
_BEYOND_BASIC = re.compile("[\ue000-\ue0ff\U00010000-\U0010ffff]")
"""What a code page made by `codecs.charmap_build` cannot hold, and the signs that stand for it there."""
_WORTH_LEARNING = 2_048
"""From so many characters on, a code page made for their letters costs less than it saves."""
_MOST_LEARNT = 4
"""How many code pages are made for one text: one whose letters keep changing is not worth more."""


class ScriptScan:
    """Scan the pieces of a text that mix scripts, by the letters met last where they are few."""

    _last = _Letters(set())

    def __init__(self) -> None:
        self._may_learn = _MOST_LEARNT

    def scanned(self, piece: str) -> bytes:
        """Return the bytes of `scan_text`."""
        letters = ScriptScan._last
        scanned = letters.scanned(piece)
        if scanned is None and self._may_learn and len(piece) >= _WORTH_LEARNING:
            self._may_learn -= 1
            met = set(piece)
            together = letters.characters | met
            try:
                ScriptScan._last = letters = _Letters(together if len(together) < _MOST_LETTERS else met)
            except ValueError:
                self._may_learn = 0
            else:
                scanned = letters.scanned(piece)
        return scan_text(piece).encode("utf-8", "replace") if scanned is None else scanned
