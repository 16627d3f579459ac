"""Cleaning and folding of text, one character to one character, so that offsets lead back to the original.

`fold` makes two aligned layers: `clean` (entities decoded, tags and invisible characters removed, ligatures spelled
out; case and accents kept) and `flat` (folded, `-` for any hyphen, `'` for any apostrophe, `|` between fields, a space
for everything else that is no letter or digit). Position i of one is position i of the other.
"""

from __future__ import annotations

import html
import re
import unicodedata
from bisect import bisect_right

HYPHENS = "-\u2010\u2011\u2012\u2013\ufe63\uff0d"
APOSTROPHES = "'\u2019\u02bc\u2018\u2032\u00b4`\u201b\uff07\u02b9"
FIELD_BREAK = "\x1f"
"""Stands between the fields of a notice; becomes `|`, which no word holds."""

ELIDED = ("l", "d", "j", "m", "t", "s", "n", "c", "qu", "jusqu", "lorsqu", "puisqu")

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
}
_MARKS = frozenset({"Mn", "Me"})
_UNSEEN = _MARKS | {"Cf"}
_SYLLABLES = range(0xAC00, 0xD7A4)
_SURROGATES = range(0xD800, 0xE000)
_MIXED_BLOCKS = (range(0x3400), range(0xA000, 0xAC00), range(0xD7A4, 0xD800), range(0xF900, 0x10000))
"""The blocks of the basic plane where a character may fold to none or several; the others fold one to one."""

_INLINE_TAGS = (
    "a|abbr|acronym|b|bdi|bdo|big|cite|code|del|dfn|em|font|i|ins|kbd|mark|q|s|samp|small|span|strike|strong|sub|sup|"
    "tt|u|var|wbr"
)
_BLOCK_TAGS = (
    "address|article|aside|blockquote|body|br|button|caption|center|col|colgroup|dd|details|div|dl|dt|fieldset|figure|"
    "figcaption|footer|form|h[1-6]|head|header|hr|html|img|input|label|legend|li|link|main|meta|nav|ol|option|p|pre|"
    "script|section|select|style|summary|table|tbody|td|textarea|tfoot|th|thead|title|tr|ul"
)


def fold_character(character: str) -> str:
    """Return what a character becomes in `flat`: nothing, one character or several (matching.md section 1)."""
    if character in _FIXED:
        return _FIXED[character]
    if ord(character) in _SURROGATES:
        return " "
    if ord(character) in _SYLLABLES:
        return character
    if unicodedata.category(character) in _UNSEEN:
        return ""
    folded = ""
    for part in unicodedata.normalize("NFKD", _without_marks(character).casefold()):
        if part in _FIXED:
            folded += _FIXED[part]
        elif unicodedata.category(part) not in _MARKS:
            folded += part if part.isalnum() or unicodedata.category(part) == "Mc" else " "
    return folded if folded.strip() else " "


def _without_marks(character: str) -> str:
    return "".join(
        part for part in unicodedata.normalize("NFKD", character) if unicodedata.category(part) not in _MARKS
    )


class _Table(dict[int, str]):
    """Fill itself with the fold of each character met; only characters that fold one to one are ever asked."""

    def __missing__(self, code: int) -> str:
        folded = fold_character(chr(code))
        self[code] = folded if len(folded) == 1 else " "
        return self[code]


def _uneven() -> str:
    """Return the characters of the mixed blocks that do not fold to exactly one, as the inside of a regex class."""
    ranges: list[list[int]] = []
    for block in _MIXED_BLOCKS:
        for code in block:
            if len(fold_character(chr(code))) == 1:
                continue
            if ranges and ranges[-1][1] == code - 1:
                ranges[-1][1] = code
            else:
                ranges.append([code, code])
    return "".join(f"\\u{low:04x}-\\u{high:04x}" for low, high in ranges)


def _code_page() -> bytes:
    folded = (fold_character(bytes([code]).decode("cp1252", "replace")) for code in range(256))
    return bytes(ord(one) if len(one) == 1 and one.isascii() else 0x20 for one in folded)


_TABLE = _Table()
_CODE_PAGE = _code_page()
_UNEVEN = _uneven() + "\\U00010000-\\U0010ffff"
_TAG = (
    rf"/?(?P<name{{0}}>(?i:{_INLINE_TAGS}|{_BLOCK_TAGS}))"
    r"(?:[\s/](?:[^<>&\x1f]|&(?!lt;|gt;))*)?(?:>|&gt;)"
)
# It begins with one class of characters so that the search runs over ordinary text at the speed of that class.
_SPECIAL = re.compile(
    rf"[<&\-\u2010\u2011{_UNEVEN}]"
    rf"(?:(?<=<){_TAG.format(1)}"
    r"|(?<=<)!--[^<>\x1f]*-->"
    rf"|(?<=&)lt;{_TAG.format(2)}"
    r"|(?<=&)(?:amp;){0,3}(?P<entity>\#[0-9]{1,7}|\#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});"
    r"|(?<=\w[\-\u2010\u2011\xad])[ \t]*\r?\n[ \t]*(?=\w)"
    rf"|(?<=[{_UNEVEN}]))"
)
_INLINE = re.compile(_INLINE_TAGS)
_ELISIONS = tuple((f" {word}'", " " * (len(word) + 2)) for word in ELIDED)
_expansions: dict[str, str] = {}


def _expand_character(character: str) -> str:
    """Return characters that fold one to one, together to what `character` folds to, case kept where there is one."""
    known = _expansions.get(character)
    if known is not None:
        return known
    folded = fold_character(character)
    if len(folded) == 1 and ord(character) < 0x10000:  # noqa: PLR2004  # the basic plane, which the table knows
        expanded = character
    elif character in _CAPITALS:
        expanded = _CAPITALS[character]
    else:
        expanded = _without_marks(character)
        if [fold_character(part) for part in expanded] != list(folded):
            expanded = folded
    _expansions[character] = expanded
    return expanded


def _expand(match: re.Match[str]) -> str:
    whole = match[0]
    tag = match["name1"] or match["name2"]
    if tag:
        if _INLINE.fullmatch(tag.lower()):
            return ""
        return "\n" if tag.lower() == "br" else "\n\n"
    if match["entity"]:
        decoded = html.unescape(f"&{match['entity']};")
        return whole if decoded.startswith("&") and len(decoded) > 1 else "".join(map(_expand_character, decoded))
    if whole[0] == "<":
        return ""
    if whole[-1] in "\n \t":
        return "" if whole[0] == "\xad" else "-"
    return _expand_character(whole[0]) if len(whole) == 1 else "-"


class Folded:
    """Hold a text with its two aligned layers and the way back to it."""

    __slots__ = ("_lows", "_marks", "_replaced", "_tops", "clean", "flat", "source")

    def __init__(self, source: str, clean: str, flat: str) -> None:
        self.source = source
        self.clean = clean
        self.flat = flat
        self._marks: list[int] | None = None
        self._lows: list[int] = []
        self._tops: list[int] = []
        self._replaced: list[bool] = []

    def blanked(self) -> str:
        """Return `flat` with elided articles and apostrophes blanked and hyphens kept, still aligned."""
        text = self.flat
        if "'" not in text:
            return text
        for elision, blank in _ELISIONS:
            text = text.replace(elision, blank)
        return text.replace("'", " ")

    def start(self, position: int) -> int:
        """Return where the character at `position` of the layers begins in the source."""
        if self.clean is self.source:
            return position
        piece = self._piece(position)
        return self._lows[piece] if self._replaced[piece] else self._lows[piece] + position - self._starts()[piece]

    def end(self, position: int) -> int:
        """Return where the character before `position` of the layers ends in the source, its accents included."""
        if self.clean is self.source:
            return position
        piece = self._piece(position - 1)
        end = self._tops[piece] if self._replaced[piece] else self._lows[piece] + position - self._starts()[piece]
        while end < len(self.source) and unicodedata.combining(self.source[end]):
            end += 1
        return end

    def _piece(self, position: int) -> int:
        return bisect_right(self._starts(), position) - 1

    def _starts(self) -> list[int]:
        """Return where each piece (a literal run, or what replaces a special) begins in the layers."""
        if self._marks is not None:
            return self._marks
        self._marks = []
        place = read = 0
        for match in _SPECIAL.finditer(self.source):
            if match.start() > read:
                self._add(place, read, match.start(), replaced=False)
                place += match.start() - read
            read = match.end()
            length = len(_expand(match))
            if length:
                self._add(place, match.start(), read, replaced=True)
                place += length
        if read < len(self.source):
            self._add(place, read, len(self.source), replaced=False)
        return self._marks

    def _add(self, place: int, low: int, top: int, *, replaced: bool) -> None:
        if self._marks is not None:
            self._marks.append(place)
        self._lows.append(low)
        self._tops.append(top)
        self._replaced.append(replaced)


def fold(source: str) -> Folded:
    """Return the text with its clean and its folded layer; never raises, whatever the text holds."""
    clean = _SPECIAL.sub(_expand, source)
    if clean == source:
        clean = source
    try:
        flat = clean.encode("cp1252").translate(_CODE_PAGE).decode("ascii")
    except UnicodeEncodeError:
        flat = clean.translate(_TABLE)
    return Folded(source, clean, flat)


def folded_words(text: str) -> list[str]:
    """Return the words of a text as the matcher sees them: folded, hyphens split, elided articles skipped."""
    return fold(f" {text.replace(FIELD_BREAK, ' ')}").blanked().replace("-", " ").split()
