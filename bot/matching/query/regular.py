r"""Regular expressions that people type, for google-re2: read with their faults and made to know every letter.

google-re2 runs in linear time, but its `\b`, `\w` and `\d` know ASCII only (github.com/google/re2/wiki/Syntax). Classes
are translated. An edge `\b` cannot be, so a text is given a mark at every edge of a word: `\b` becomes that mark, and
everything else may have one before it.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import re2

from bot.matching.codes import QueryFault
from bot.matching.text.folding import APOSTROPHES, HYPHENS

MOST_FOUND = 1000
"""How many places of one expression are looked at in one text."""
MOST_MEMORY = 1 << 20
"""Bytes that one compiled expression may take; also what bounds the time to compile it."""
_BLOCK = 8192
"""Bytes looked at in one piece, so that an expression that reads to the end of the text stays linear."""

_EDGE, _INNER = "\U0010ffff", "\U0010fffe"
_MARKS = re.compile(f"[{_EDGE}{_INNER}]")
_WORD = re.compile(r"\w+")

_PIECE = re.compile(
    r"""(?P<quoted>\\Q.*?(?:\\E|\Z))
    |(?P<group>\\[pP](?:\{\^?\w*\}|\w))
    |(?P<edge>\\[bB])
    |(?P<limit>\\[Az]|\^|\$)
    |(?P<code>\\x\{[0-9A-Fa-f]*\}|\\x[0-9A-Fa-f]{2}|\\[0-7]{1,3})
    |(?P<escaped>\\.|\\\Z)
    |(?P<bracket>\[\^?\]?(?:\[:\^?\w+:\]|\\.|[^\]\\])*\])
    |(?P<repeat>(?:[*+?]|\{\d+(?:,\d*)?\})\??)
    |(?P<open>\((?:\?(?:P?<\w+>|[A-Za-z\-]*[:)]))?)
    |(?P<close>\))
    |(?P<bar>\|)
    |(?P<any>\.)
    |(?P<sign>.)""",
    re.DOTALL | re.VERBOSE,
)
_INSIDE = re.compile(r"\[:\^?\w+:\]|\\[pP](?:\{\^?\w*\}|\w)|\\x\{[0-9A-Fa-f]*\}|\\.|.", re.DOTALL)
_NOT_WORDS = r"\pM\pP\pS\pZ\p{Cc}\p{Cf}\p{Co}"
_CLASSES = {
    r"\w": r"\pL\pN_",
    r"\d": r"\p{Nd}",
    r"\W": r"\pM\p{Pd}\p{Ps}\p{Pe}\p{Pi}\p{Pf}\p{Po}\pS\pZ\p{Cc}\p{Cf}\p{Co}",
    r"\D": rf"\pL\p{{Nl}}\p{{No}}{_NOT_WORDS}",
    r"\S": r"\pL\pN\pM\pP\pS\p{Cf}\p{Co}",
    "[:alpha:]": r"\pL",
    "[:alnum:]": r"\pL\pN",
    "[:word:]": r"\pL\pN_",
    "[:digit:]": r"\p{Nd}",
    "[:upper:]": r"\p{Lu}",
    "[:lower:]": r"\p{Ll}",
}
"""Classes as a list of Unicode categories: none holds the marks, which are unassigned."""
_SIGNS = {**dict.fromkeys(APOSTROPHES, "'"), **dict.fromkeys(HYPHENS[1:], r"\-")}
_LIGATURES = {"œ": "oe", "Œ": "OE", "æ": "ae", "Æ": "AE", "ß": "ss", "þ": "th", "Þ": "TH", "ﬁ": "fi", "ﬂ": "fl"}
"""Letters that the clean layer of a text spells as two."""
_FAULTS = {
    "missing )": QueryFault.EXPRESSION_PARENTHESIS,
    "unexpected )": QueryFault.EXPRESSION_PARENTHESIS,
    "missing ]": QueryFault.EXPRESSION_BRACKET,
    "invalid repetition size": QueryFault.EXPRESSION_REPEAT_SIZE,
    "no argument for repetition operator": QueryFault.EXPRESSION_REPEAT,
    "bad repetition operator": QueryFault.EXPRESSION_REPEAT,
    "invalid perl operator": QueryFault.EXPRESSION_GROUP,
    "invalid escape sequence": QueryFault.EXPRESSION_ESCAPE,
    "invalid character class range": QueryFault.EXPRESSION_RANGE,
    "pattern too large - compile failed": QueryFault.EXPRESSION_TOO_LARGE,
}
_SHOWN = 20


class ExpressionError(ValueError):
    """Refuse an expression: `text` says what is wrong, `place` where, counted from its first character."""

    def __init__(self, text: QueryFault, place: int, **values: Any) -> None:
        super().__init__(text)
        self.text = text
        self.place = place
        self.values = values


@dataclass(frozen=True, slots=True, eq=False)
class Searcher:
    """Find an expression in cleaned text; `marked` when it asks for edges of words, `inner` when for what is none."""

    compiled: Any
    marked: bool
    inner: bool

    def find(self, text: Searched) -> Iterator[tuple[int, int]]:
        """Yield where the expression stands in a text, in order, at most `MOST_FOUND` times.

        What is longer than 4,000 bytes may be found cut short.
        """
        if not self.marked:
            yield from _search(self.compiled, text.encoded, len(text.text))
            return
        marked = text.marked(inner=self.inner)
        for low, top in _search(self.compiled, marked.encoded, marked.length):
            yield low - bisect_left(marked.places, low), top - bisect_left(marked.places, top)


@lru_cache(maxsize=2048)
def read_expression(body: str, *, ignore_case: bool) -> Searcher:
    """Return what finds an expression; raises ExpressionError for one that is wrong or that empty text satisfies."""
    for place, sign in enumerate(body):
        if not sign.isprintable() and not sign.isspace() and unicodedata.category(sign) in {"Cs", "Cc"}:
            raise ExpressionError(QueryFault.EXPRESSION, place)
    _compile(body, body, ignore_case=ignore_case)
    pieces = list(_PIECE.finditer(unicodedata.normalize("NFC", body)))
    raw_byte = next((piece for piece in pieces if piece[0] == r"\C"), None)
    if raw_byte:
        raise ExpressionError(QueryFault.EXPRESSION_ESCAPE, raw_byte.start(), sign=r"\C")
    edges = {piece["edge"] for piece in pieces if piece["edge"]}
    bare = "".join("(?:)" if piece["edge"] or piece["limit"] else piece[0] for piece in pieces)
    if _compile(bare, body, ignore_case=ignore_case).fullmatch(""):
        raise ExpressionError(QueryFault.EXPRESSION_FINDS_NOTHING, 0)
    translated = "".join(_translated(pieces, marked=bool(edges)))
    return Searcher(_compile(translated, body, ignore_case=ignore_case), bool(edges), r"\B" in edges)


def clean_signs(text: str) -> str:
    """Return a text with every apostrophe `'` and every hyphen `-`, as an expression is read; its length stays."""
    return text if text.isascii() else text.translate(_PLAIN_SIGNS)


_PLAIN_SIGNS = {**dict.fromkeys(map(ord, APOSTROPHES), "'"), **dict.fromkeys(map(ord, HYPHENS), "-")}


def _compile(pattern: str, body: str, *, ignore_case: bool) -> Any:
    options = re2.Options()
    options.log_errors = False
    options.never_capture = True
    options.max_mem = MOST_MEMORY
    options.case_sensitive = not ignore_case
    try:
        return re2.compile(pattern, options)
    except re2.error as error:
        said = error.args[0] if error.args else b""
        said = said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
        raise _fault(body, *said.partition(": ")[::2]) from None


def _fault(body: str, kind: str, sign: str) -> ExpressionError:
    """Return the error of what google-re2 said, with the place, which it does not say."""
    fault = _FAULTS.get(kind, QueryFault.EXPRESSION)
    pieces = list(_PIECE.finditer(body))
    if kind == "invalid escape sequence" and sign[1:2].isdigit():
        fault = QueryFault.EXPRESSION_GROUP
    if fault is QueryFault.EXPRESSION_PARENTHESIS:
        return ExpressionError(fault, _unpaired(pieces))
    if fault is QueryFault.EXPRESSION_BRACKET:
        return ExpressionError(fault, max(0, len(body) - len(sign)))
    if fault is QueryFault.EXPRESSION_TOO_LARGE:
        return ExpressionError(fault, 0)
    starts = [piece.start() for piece in pieces if body.startswith(sign, piece.start())]
    if kind == "no argument for repetition operator":
        starts = [place for place in starts if _has_nothing_before(pieces, place)] or starts
    place = starts[0] if starts else max(0, body.find(sign))
    values = {} if fault is QueryFault.EXPRESSION else {"sign": sign[:_SHOWN]}
    return ExpressionError(fault, place, **values)


def _unpaired(pieces: list[re.Match[str]]) -> int:
    """Return where the first parenthesis that closes nothing stands, else the last that nothing closes."""
    opened: list[int] = []
    for piece in pieces:
        if piece["open"] and not piece[0].endswith(")"):
            opened.append(piece.start())
        elif piece["close"] and not opened:
            return piece.start()
        elif piece["close"]:
            opened.pop()
    return opened[-1] if opened else 0


def _has_nothing_before(pieces: list[re.Match[str]], place: int) -> bool:
    before = [piece for piece in pieces if piece.end() <= place]
    return not before or bool(before[-1]["open"] or before[-1]["bar"])


def _translated(pieces: list[re.Match[str]], *, marked: bool) -> Iterator[str]:
    """Yield each piece as google-re2 gets it; `marked` for a text with marks."""
    edge_before = ""
    opened: list[str] = []
    for piece in pieces:
        text = piece[0]
        if piece["edge"]:
            # two edges in one place ask for one mark
            yield "" if edge_before == text else (_EDGE if text == r"\b" else _INNER)
            edge_before = text
        elif piece["limit"]:
            yield f"{_optional()}{text}" if marked and text in {"$", r"\z"} else text
        elif piece["open"]:
            if not text.endswith(")"):
                opened.append(edge_before)
            yield text
        elif piece["bar"]:
            edge_before = opened[-1] if opened else ""
            yield text
        elif piece["repeat"] or piece["close"]:
            if piece["close"] and opened:
                opened.pop()
            edge_before = ""
            yield text
        else:
            edge_before = ""
            yield from _atoms(piece, marked=marked)


def _optional() -> str:
    return f"[{_EDGE}{_INNER}]?"


def _atoms(piece: re.Match[str], *, marked: bool) -> Iterator[str]:
    text = piece[0]
    if piece["quoted"]:
        atoms = [_literal(sign) for sign in text[2:].removesuffix("\\E")]
    elif piece["bracket"]:
        atoms = [_bracket(text, marked=marked)]
    elif piece["any"]:
        atoms = [f"[^\n{_EDGE}{_INNER}]" if marked else text]
    elif piece["group"] and marked and (text[1] == "P") != ("^" in text):
        atoms = [f"[^\\p{text[2:].replace('^', '')}{_EDGE}{_INNER}]"]
    elif text in _CLASSES:
        atoms = [f"[{_CLASSES[text]}]"]
    elif piece["sign"]:
        atoms = [_literal(text)]
    else:
        atoms = [text]
    for atom in atoms:
        yield f"(?:{_optional()}{atom})" if marked else atom


def _literal(sign: str) -> str:
    if sign in _LIGATURES:
        return f"(?:{_LIGATURES[sign]})"
    return _SIGNS.get(sign) or (" " if sign.isspace() else re2.escape(sign))


def _bracket(text: str, *, marked: bool) -> str:
    """Return a class in brackets with its inner classes translated; one that excludes excludes the marks too."""
    negative = text.startswith("[^")
    body = text[1 + negative : -1]
    inside = "".join(_CLASSES.get(one, _SIGNS.get(one, one)) for one in _INSIDE.findall(body))
    marks = _EDGE + _INNER if negative and marked else ""
    bracket = f"[{'^' * negative}{inside}{marks}]"
    ligatures = [] if negative else [two for one, two in _LIGATURES.items() if one in body]
    return f"(?:{'|'.join([*ligatures, bracket])})" if ligatures else bracket


@dataclass(frozen=True, slots=True)
class _Marked:
    """Hold a text with marks in UTF-8, its length in characters, and where its marks are."""

    encoded: bytes
    length: int
    places: list[int]


class Searched:
    """Hold a cleaned text as expressions look at it, made once however many ask."""

    __slots__ = ("_encoded", "_marked", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self._encoded: bytes | None = None
        self._marked: dict[bool, _Marked] = {}

    @property
    def encoded(self) -> bytes:
        """Return the text in UTF-8."""
        if self._encoded is None:
            self._encoded = _encoded(self.text)
        return self._encoded

    def marked(self, *, inner: bool) -> _Marked:
        """Return the text with marks at the edges of its words, and everywhere else when `inner`."""
        marked = self._marked.get(inner)
        if marked is None:
            text, places = _mark(self.text, inner=inner)
            marked = self._marked[inner] = _Marked(_encoded(text), len(text), places)
        return marked


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "replace")


def _mark(text: str, *, inner: bool) -> tuple[str, list[int]]:
    """Return a text with a mark at each edge of a word, and one everywhere else when `inner`; and where they are."""
    text = _MARKS.sub(" ", text)
    edges = [edge for match in _WORD.finditer(text) for edge in match.span()]
    if inner:
        known = set(edges)
        marked = "".join(
            (_EDGE if place in known else _INNER) + text[place : place + 1] for place in range(len(text) + 1)
        )
        return marked, list(range(0, len(marked), 2))
    marked = _EDGE.join(text[low:top] for low, top in zip([0, *edges], [*edges, len(text)], strict=True))
    return marked, [edge + before for before, edge in enumerate(edges)]


def _search(compiled: Any, data: bytes, length: int) -> Iterator[tuple[int, int]]:
    """Yield the spans found in a text of `length` characters, looking at one block of bytes after another."""
    plain = len(data) == length
    characters = bytes_read = found = position = 0
    while position < len(data):
        top = _whole(data, position + _BLOCK)
        half = len(data) if top == len(data) else _whole(data, position + _BLOCK // 2)
        last = position
        for match in compiled.finditer(data, position, top):
            low, high = match.span()
            if low >= half:
                break
            last = high
            if low == high:
                continue
            if plain:
                yield low, high
            else:
                start, end = _counted(data, characters, bytes_read, low, high)
                characters, bytes_read = end, high
                yield start, end
            found += 1
            if found == MOST_FOUND:
                return
        position = max(half, last)


def _counted(data: bytes, characters: int, read: int, low: int, high: int) -> tuple[int, int]:
    """Return a span of bytes in characters, from how many `characters` the bytes up to `read` are."""
    start = characters + len(data[read:low].decode())
    return start, start + len(data[low:high].decode())


def _whole(data: bytes, place: int) -> int:
    """Return the first place from `place` on where a character begins, or the end."""
    while place < len(data) and data[place] & 0xC0 == 0x80:  # noqa: PLR2004  # bytes that continue a character
        place += 1
    return min(place, len(data))
