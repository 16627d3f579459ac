"""Cleaning and folding of text, one character to one character, so that offsets lead back to the original.

`fold` makes two aligned layers: `clean` (entities decoded, tags and invisible characters removed, ligatures spelled
out; case and accents kept) and `flat` (folded, `-` for any hyphen, `'` for any apostrophe, `|` between fields, a space
for everything else that is no letter or digit). Position i of one is position i of the other.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterable

from bot.matching.text.characters import (
    APOSTROPHES,
    FIELD_BREAK,
    HYPHENS,
    UNSPACED,
    Table,
    expand_character,
    fold_character,
    is_unspaced,
)
from bot.matching.text.markup import pieces, plain

__all__ = ["APOSTROPHES", "ELIDED", "FIELD_BREAK", "HYPHENS", "Folded", "fold", "fold_character", "folded_words"]

ELIDED = ("l", "d", "j", "m", "t", "s", "n", "c", "qu", "jusqu", "lorsqu", "puisqu")

WORD = re.compile(r"[^ ]+")
UNSPACED_WORD = re.compile(rf"[{UNSPACED}]|[^ {UNSPACED}]+")

_FOLDS = Table(lambda character: folded if len(folded := fold_character(character)) == 1 else " ")
_EXPANSIONS = Table(expand_character)
_ELIDED = frozenset(ELIDED)
_ELISIONS = tuple(before + word for before in " -" for word in ELIDED)
_ELIDED_AFTER_LETTER = re.compile(rf"(?<=[{UNSPACED}])(?:{'|'.join(ELIDED)})$")
_LOOSE = re.compile(rf"-(?:(?=[ {UNSPACED}-])|(?<=[ {UNSPACED}-]-))")
_FEW = 12


def _even(codec: str) -> tuple[bytes, bytes]:
    """Return the fold of a code page for the characters that fold one to one, and those characters."""
    signs = [bytes([code]).decode(codec, "replace") for code in range(256)]
    folds = [fold_character(sign) if expand_character(sign) == sign else "" for sign in signs]
    table = bytes(ord(one) if len(one) == 1 and one.isascii() else 0x20 for one in folds)
    return table, bytes(code for code, one in enumerate(folds) if len(one) == 1 and one.isascii())


_PAGES = tuple((codec, *_even(codec)) for codec in ("latin-1", "cp1252", "cp1250", "iso8859-16", "cp1257"))


class _Way:
    """Lead from positions of a text in which stretches were replaced back to positions of the text before."""

    __slots__ = ("_ends", "_lows", "_places", "_tops")

    def __init__(self, replaced: Iterable[tuple[int, int, int]]) -> None:
        """Take each stretch in order: from, to, and the length of what stands there now."""
        self._places: list[int] = []
        self._ends: list[int] = []
        self._lows: list[int] = []
        self._tops: list[int] = []
        shift = 0
        for low, top, length in replaced:
            self._places.append(low + shift)
            self._ends.append(low + shift + length)
            self._lows.append(low)
            self._tops.append(top)
            shift += length - (top - low)

    def start(self, position: int) -> int:
        at = bisect_right(self._places, position) - 1
        if at < 0:
            return position
        return self._lows[at] if position < self._ends[at] else self._tops[at] + position - self._ends[at]

    def end(self, position: int) -> int:
        at = bisect_right(self._places, position - 1) - 1
        if at < 0:
            return position
        return self._tops[at] if position <= self._ends[at] else self._tops[at] + position - self._ends[at]


class Folded:
    """Hold a text with its two aligned layers and the way back to it."""

    __slots__ = ("_expanded", "_ways", "clean", "flat", "plain", "source")

    def __init__(self, source: str, plain: str, clean: str, flat: str, expanded: Iterable[str]) -> None:
        """Take the text, and the characters of `plain` of which some may be several in `clean`."""
        self.source = source
        self.plain = plain
        self.clean = clean
        self.flat = flat
        self._expanded = expanded
        self._ways: list[_Way] | None = None

    def blanked(self) -> str:
        """Return `flat` with elided articles and apostrophes blanked and hyphens kept, still aligned."""
        if "'" not in self.flat:
            return self.flat
        parts = self.flat.split("'")
        for place, part in enumerate(parts[:-1]):
            if part.endswith(_ELISIONS) or part in _ELIDED:
                cut = max(part.rfind(" "), part.rfind("-")) + 1
            elif not part.isascii() and (elided := _ELIDED_AFTER_LETTER.search(part)):
                cut = elided.start()
            else:
                continue
            parts[place] = part[:cut] + " " * (len(part) - cut)
        return " ".join(parts)

    def hyphened(self) -> str:
        """Return `blanked` with hyphens inside words only, still aligned."""
        text = self.blanked()
        return _LOOSE.sub(" ", text) if "-" in text else text

    def words(self) -> re.Pattern[str]:
        """Return the expression that finds the words of `blanked`, a letter each in scripts without spaces."""
        return UNSPACED_WORD if is_unspaced(self.flat) else WORD

    def start(self, position: int) -> int:
        """Return where the character at `position` of the layers begins in the source."""
        for way in self._back():
            position = way.start(position)
        return position

    def end(self, position: int) -> int:
        """Return where the character before `position` of the layers ends in the source, its accents included."""
        ways = self._back()
        for way in ways:
            position = way.end(position)
        while ways and position < len(self.source) and unicodedata.combining(self.source[position]):
            position += 1
        return position

    def _back(self) -> list[_Way]:
        if self._ways is None:
            self._ways = []
            if self.clean is not self.plain:
                self._ways.append(_Way(_expanded(self.plain, self._expanded)))
            if self.plain is not self.source:
                self._ways.append(_Way((low, top, len(text)) for low, top, text in pieces(self.source)))
        return self._ways


def fold(source: str, without_markup: str | None = None) -> Folded:
    """Return the text with its clean and its folded layer; never raises, whatever the text holds.

    `without_markup` is what `bot.matching.text.markup.plain` made of it, where that is known.
    """
    text = plain(source) if without_markup is None else without_markup
    if text == source:
        text = source
    for codec, table, even in _PAGES:
        try:
            signs = text.encode(codec)
        except UnicodeEncodeError:
            continue
        clean = text
        uneven = [bytes([code]).decode(codec) for code in set(signs.translate(None, even))]
        if any(expand_character(sign) == sign for sign in uneven):
            continue  # a caron that stands alone folds to a letter that is not of ASCII
        for sign in uneven:
            clean = clean.replace(sign, expand_character(sign))
        return Folded(source, text, clean, _flat(clean, codec, table, signs if clean is text else None), uneven)
    clean = text.translate(_EXPANSIONS)
    return Folded(source, text, text if clean == text else clean, clean.translate(_FOLDS), text)


def _flat(clean: str, codec: str, table: bytes, signs: bytes | None) -> str:
    try:
        return (signs or clean.encode(codec)).translate(table).decode("ascii")
    except UnicodeEncodeError:  # a fraction is spelled with a sign that no code page has
        return clean.translate(_FOLDS)


def _expanded(text: str, signs: Iterable[str]) -> Iterable[tuple[int, int, int]]:
    """Return each character of a text, one of `signs`, that was replaced in its clean layer, and by how many."""
    lengths = {sign: len(one) for sign in set(signs) if (one := _EXPANSIONS[ord(sign)]) != sign}
    if len(lengths) > _FEW:
        return [(place, place + 1, lengths[sign]) for place, sign in enumerate(text) if sign in lengths]
    found = []
    for sign, length in lengths.items():
        place = text.find(sign)
        while place >= 0:
            found.append((place, place + 1, length))
            place = text.find(sign, place + 1)
    return sorted(found)


def folded_words(text: str) -> list[str]:
    """Return the words of a text as the matcher sees them: folded, hyphens split, elided articles skipped."""
    folded = fold(f" {text.replace(FIELD_BREAK, ' ')}")
    return folded.words().findall(folded.blanked().replace("-", " "))
