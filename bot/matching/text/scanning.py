"""The fast fold: a text as the bytes that the automaton reads, words between single spaces (matching.md section 12).

It holds the same words in the same order as the layers of `folding`, whose offsets it does not keep; Greek and Cyrillic
letters are transliterated, so that one pass finds a name in its own script and in plain letters.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from bot.matching.text.folding import ELIDED
from bot.matching.text.scripts import GUARDS, NEEDLESS, SILENT, ScriptScan, scan_character, scan_text

_UNGUARDED = bytes.maketrans("".join(GUARDS.values()).encode(), "".join(GUARDS).encode())
_ELIDED = frozenset(word.encode() for word in ELIDED)
_APART = b"\x0b"
"""Stands for a sign that parts words, until they are told apart; a space stands for itself."""
_SHORT_ELISIONS = frozenset(before + word for before in (b" ", _APART, b"-", b"") for word in _ELIDED if len(word) == 1)
_LONG_ELISIONS = tuple(before + word for before in (b" ", _APART, b"-") for word in sorted(_ELIDED) if len(word) > 1)
_LOOSE = re.compile(rb"-(?:(?=[ \x0b-])|(?<=[ \x0b-]-))")
_SPACES = re.compile(rb"  +")
_SPACED = bytes.maketrans(_APART, b" ")
_ONES_FOR_SPACES = bytes(code == ord(" ") for code in range(256))
_PIECE = 48
_WINDOW = 4_096
_BLOCK = 512
_LONG_WORD = 7
"""A word of fewer letters is no misspelling of one of eight."""
_LONG = re.compile(rb" ([^ ]{%d,})" % _LONG_WORD)
_LOOSE_WORD = re.compile(rb"[^ \x0b'-]{%d,}" % _LONG_WORD)


@dataclass(frozen=True, slots=True)
class _Page:
    """Hold how the bytes of a code page fold: one to one, dropped, or to several, by way of a byte of its own."""

    codec: str
    table: bytes
    dropped: bytes
    several: tuple[tuple[bytes, bytes], ...]
    cases: bytes
    capitalised_word: re.Pattern[bytes]
    is_latin: bool

    def fold(self, signs: bytes) -> bytes:
        """Return the folded bytes of a text in this code page."""
        return self.spell(signs.translate(self.table, self.dropped))

    def spell(self, folded: bytes) -> bytes:
        """Return folded bytes with the signs that fold to several spelled out."""
        if not folded.isascii():
            for sign, letters in self.several:
                folded = folded.replace(sign, letters)
        return folded

    def capitalised(self, signs: bytes) -> list[bytes]:
        """Return the long words of a text in this code page that begin with a capital, folded."""
        words = b" ".join(self.capitalised_word.findall(signs.translate(self.cases, self.dropped))).lower()
        return self.spell(words).translate(_UNGUARDED, SILENT.encode()).split()


@cache
def _page(codec: str, *, is_latin: bool = True) -> _Page:
    table = bytearray(_APART * 256)
    cases = bytearray(b" " * 256)
    capitals = bytearray()
    dropped = bytearray()
    several: list[tuple[bytes, bytes]] = []
    for code in range(256):
        try:
            sign = bytes([code]).decode(codec)
        except UnicodeDecodeError:
            continue
        scanned = scan_character(sign).encode()
        if not scanned:
            dropped.append(code)
        elif scanned == b" " and code != ord(" "):
            continue
        elif len(scanned) == 1:
            table[code] = scanned[0]
            letter = scanned.translate(_UNGUARDED)
            cases[code] = (letter.upper() if sign.isupper() else letter)[0] if sign.isalnum() else 0x20
        else:
            table[code] = cases[code] = 0x80 + len(several)
            several.append((bytes([table[code]]), scanned))
            if sign.isupper():
                capitals += bytes([table[code]])
    # a letter may be spelled with two, and one in transliteration with four
    least = _LONG_WORD - 2 if is_latin else 2
    capitalised = re.compile(rb"[A-Z%b][A-Za-z0-9\x01\x80-\xff]{%d,}" % (bytes(capitals), least))
    return _Page(codec, bytes(table), bytes(dropped), tuple(several), bytes(cases), capitalised, is_latin)


_FIRST = (_page("latin-1"), _page("cp1252"))
_OTHERS = ("cp1250", "iso8859-16", "cp1254", "cp1257", "iso8859-3")


class Scan:
    """Hold the bytes to scan: every word between single spaces, then the passages with hyphened words read joined.

    `text` holds the passages after the words; `is_plain` says that its words are those of the layers.
    """

    __slots__ = ("_hyphened", "_hyphened_words", "_lows", "_parts", "_starts", "_words", "is_plain", "main", "text")

    def __init__(self, text: str, reach: int) -> None:
        """Fold a text without markup that begins and ends with a space; `reach` is the longest pattern in bytes."""
        self._parts = parts = _parts(text)
        signs, page = parts[0]
        if len(parts) == 1 and page:
            self.is_plain = page.is_latin
            folded = page.fold(signs)
        else:
            self.is_plain = all(page is not None and page.is_latin for _, page in parts)
            folded = b"".join([page.fold(signs) if page else signs for signs, page in parts])
        if b"'" in folded:
            folded = _without_elisions(folded)
        if b"-" in folded:
            folded = _LOOSE.sub(_APART, folded)
        folded = _with_single_spaces(folded)
        if not self.is_plain:
            folded = folded.translate(_UNGUARDED, SILENT.encode())
        self._hyphened = folded
        self.main = self.text = folded
        self._starts: list[int] = []
        self._lows: list[int] = []
        if b"-" in folded:
            self.main = folded.replace(b"-", b" ")
            self._add_passages(folded, reach)
        self._words, self._hyphened_words = _Words(self.main), _Words(folded)

    def words(self) -> list[str]:
        """Return the words with hyphens read as spaces."""
        return self.main[1:-1].decode().split(" ")

    def joined_words(self) -> list[str]:
        """Return the words with hyphens read as nothing."""
        return self._hyphened[1:-1].replace(b"-", b"").decode().split(" ")

    def long_words(self) -> list[bytes]:
        """Return the words that may be one letter away from a word of eight."""
        return _LONG.findall(self.main)

    def capitalised_words(self) -> list[bytes]:
        """Return those that begin with a capital, and all those of passages where case is not told."""
        found: list[bytes] = []
        for signs, page in self._parts:
            if page:
                found += page.capitalised(signs)
            else:
                found += _LOOSE_WORD.findall(signs.translate(_UNGUARDED, SILENT.encode()))
        return found

    def word_at(self, position: int) -> int:
        """Return the rank of the word that begins right after a position, in the reading of its passage."""
        if position < len(self.main):
            return self._words.before(position)
        passage = bisect_right(self._starts, position) - 1
        return self._hyphened_words.before(self._lows[passage]) + self.text.count(b" ", self._starts[passage], position)

    def _add_passages(self, hyphened: bytes, reach: int) -> None:
        parts = [self.main]
        length = len(self.main)
        for low, top in _passages(hyphened, reach):
            part = hyphened[low:top].replace(b"-", b"")
            parts.append(part)
            self._starts.append(length + 1)
            self._lows.append(low)
            length += 1 + len(part)
        self.text = b"|".join(parts)


class _Words:
    """Count the words that begin before a position of folded bytes, a block counted the first time it is passed."""

    __slots__ = ("_seen", "_text")

    def __init__(self, text: bytes) -> None:
        self._text = text
        self._seen = [0]

    def before(self, position: int) -> int:
        block = position // _BLOCK
        while len(self._seen) <= block:
            at = len(self._seen) * _BLOCK
            self._seen.append(self._seen[-1] + self._text.count(b" ", at - _BLOCK, at))
        return self._seen[block] + self._text.count(b" ", block * _BLOCK, position)


_Part = tuple[bytes, _Page | None]
"""A piece of a text in the bytes of the code page that holds it, or folded where none does."""


def _parts(text: str) -> list[_Part]:
    """Return a text in the first code page that holds it, in pieces of several where none holds it all."""
    for page in _FIRST:
        try:
            return [(text.encode(page.codec), page)]
        except UnicodeEncodeError as error:
            fault = error.start
    for page in _pages_with(text[fault]):
        try:
            return [(text.encode(page.codec), page)]
        except UnicodeEncodeError:
            continue
    return list(_pieces(text))


def _pieces(text: str) -> Iterator[_Part]:
    """Yield the pieces of a text in several scripts, each as long as one code page holds it, cut where words end."""
    at, size, script = 0, _PIECE, ScriptScan()
    pages: tuple[_Page, ...] = _FIRST[1:]
    while at < len(text):
        window = text[at : at + _WINDOW]
        best, length, fault = None, 0, 0
        for page in pages:
            try:
                window.encode(page.codec)
            except UnicodeEncodeError as error:
                reached = window.rfind(" ", 0, error.start) + 1
                if reached > length:
                    best, length, fault = page, reached, error.start
            else:
                best, length = page, len(window)
                break
        if best is None or length < min(_PIECE, len(window)):
            length = window.find(" ", size) + 1 or len(window)
            size = min(2 * size, _WINDOW - _PIECE)
            yield script.scanned(window[:length]), None
        else:
            size = _PIECE
            yield window[:length].encode(best.codec), best
        at += length
        pages = (*_FIRST[1:], *_pages_with(window[fault])) if fault else _FIRST[1:]


def _pages_with(character: str) -> tuple[_Page, ...]:
    """Return the code pages worth a try for a text with a character that Western ones do not hold."""
    if "\u0370" <= character < "\u0400":
        return (_page("cp1253", is_latin=False),)
    if "\u0400" <= character < "\u0460" or character == "\u2116":
        return (_page("cp1251", is_latin=False),)
    return tuple(map(_page, _OTHERS)) if "\u0100" <= character < "\u0250" else ()


def _without_elisions(folded: bytes) -> bytes:
    parts = folded.split(b"'")
    for place, part in enumerate(parts[:-1]):
        end = part[-2:]
        if end in _SHORT_ELISIONS:
            parts[place] = part[:-1]
        elif end == b"qu" and (part in _ELIDED or part.endswith(_LONG_ELISIONS)):
            parts[place] = part[: -len("qu")].removesuffix(b"jus").removesuffix(b"lors").removesuffix(b"puis")
    return _APART.join(parts)


def _with_single_spaces(folded: bytes) -> bytes:
    """Return folded bytes with what parts words made one space; all bytes are looked at side by side in one number."""
    folded = folded.translate(_SPACED)
    if b"  " not in folded:
        return folded
    spaces = int.from_bytes(folded.translate(_ONES_FOR_SPACES), "little")
    doubled = (spaces & spaces << 8) * (0x20 ^ NEEDLESS[0])
    return (int.from_bytes(folded, "little") ^ doubled).to_bytes(len(folded), "little").translate(None, NEEDLESS)


def _passages(hyphened: bytes, reach: int) -> list[tuple[int, int]]:
    """Return the passages round hyphened words that a pattern over one of them may reach, from space to space.

    Where they would touch, all is one passage.
    """
    if hyphened.count(b"-") * 2 * reach > len(hyphened):
        return [(0, len(hyphened))]
    passages: list[tuple[int, int]] = []
    place = hyphened.find(b"-")
    while place >= 0:
        left, right = hyphened.rfind(b" ", 0, place), hyphened.find(b" ", place)
        place = hyphened.find(b"-", right)
        if hyphened[left:right].replace(b"-", b"").strip().isdigit():
            continue
        low = max(hyphened.rfind(b" ", 0, max(left - reach, 0) + 1), 0)
        top = hyphened.find(b" ", right + reach) + 1 or len(hyphened)
        if passages and low < passages[-1][1]:
            passages[-1] = (passages[-1][0], top)
        else:
            passages.append((low, top))
    return passages


def pattern_key(words: str, *, prefix: bool) -> bytes:
    """Return the bytes that the automaton looks for to find the words of a pattern, whichever their script."""
    scanned = words if words.isascii() else scan_text(words)
    key = f" {scanned}" if prefix else f" {scanned} "
    return _SPACES.sub(b" ", key.encode("utf-8", "replace")).translate(_UNGUARDED, SILENT.encode())
