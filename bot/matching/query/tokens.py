"""The tokens of a query: operators, parentheses, phrases and regular expressions, each with its place."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from bot.errors import QueryError
from bot.matching.codes import QueryFault

FARTHEST = 99
"""The most words that NEAR may ask for."""
OPERATORS: dict[str, Literal["and", "or", "not"]] = {
    "AND": "and", "ET": "and", "OR": "or", "OU": "or", "NOT": "not", "SAUF": "not",
}  # fmt: skip
QUOTES = '"\u201c\u201d\u201e\u00ab\u00bb'
"""The signs that open and close a phrase, each of them either."""

_CHUNK = re.compile(rf"[^\s(){QUOTES}]+")
_BARE = re.compile(r"\*?\w(?:[^\s()=~?|*/]*[\w.])?\*?")
_NEAR = re.compile(r"NEAR(?:/(.*))?", re.DOTALL)
_NEAR_SMALL = re.compile(r"near/\d+", re.IGNORECASE)
_EXPRESSION = re.compile(r"re:/((?:\\.|[^/\\])*+)(/?)([^\s()]*)", re.DOTALL)
_FOREIGN = re.compile(r"[^|]*(?P<bar>\|)|&&|[+\-~!](?=\w)|.*(?P<fuzzy>~)\d*$|.*\w(?P<joker>\?)\w", re.DOTALL)
"""Signs of other query languages: they would change the meaning, so they are never read as punctuation."""

Kind = Literal["and", "or", "not", "near", "(", ")", "words", "quoted", "exact", "expression"]


@dataclass(frozen=True, slots=True)
class Token:
    """Hold one token: `place` is its first sign in the query, `text` starts at `inner`.

    `words` are plain words side by side, `quoted` those of a phrase, `exact` those after `=`, quoted or one word,
    `expression` the body of a regular one. `typed` is the token as typed.
    """

    kind: Kind
    place: int
    text: str
    inner: int
    typed: str = ""
    distance: int = 0
    ignore_case: bool = False

    @property
    def is_operand(self) -> bool:
        """Return whether the token is something to look for."""
        return self.kind in {"words", "quoted", "exact", "expression"}


def tokens(query: str) -> list[Token]:
    """Return the tokens of a query, plain words side by side as one; raises QueryError with the place."""
    merged: list[Token] = []
    for token in _tokens(query):
        last = merged[-1] if merged else None
        if last and token.kind == last.kind == "words":
            text = query[last.place : token.place + len(token.text)]
            merged[-1] = Token("words", last.place, text, last.place, text)
        else:
            merged.append(token)
    return merged


def bare(text: str) -> bool:
    """Return whether a text means the same words without quotation marks."""
    return bool(text not in OPERATORS and not _NEAR.fullmatch(text) and _BARE.fullmatch(text))


def _tokens(query: str) -> Iterator[Token]:
    place = 0
    while place < len(query):
        sign = query[place]
        if sign.isspace():
            place += 1
            continue
        if sign == "(":
            token = Token("(", place, sign, place, sign)
        elif sign == ")":
            token = Token(")", place, sign, place, sign)
        elif sign in QUOTES:
            token = _quoted(query, place, place)
        elif sign == "=" and query[place + 1 : place + 2] and query[place + 1] in QUOTES:
            token = _quoted(query, place, place + 1)
        elif query.startswith("re:/", place):
            token = _expression(query, place)
        else:
            chunk = _CHUNK.match(query, place)
            token = _chunk(query, place, chunk[0] if chunk else sign)
        yield token
        place += len(token.typed)


def _quoted(query: str, place: int, opening: int) -> Token:
    """Return a phrase that opens at `opening`, after a sign `=` or not."""
    for top in range(opening + 1, len(query)):
        if query[top] in QUOTES:
            kind: Kind = "quoted" if opening == place else "exact"
            return Token(kind, place, query[opening + 1 : top], opening + 1, query[place : top + 1])
    raise QueryError(query, opening, QueryFault.UNBALANCED_QUOTE)


def _expression(query: str, place: int) -> Token:
    match = _EXPRESSION.match(query, place)
    if not match or not match[2]:
        raise QueryError(query, place, QueryFault.EXPRESSION_OPEN)
    if not match[1]:
        raise QueryError(query, match.end(1), QueryFault.EXPRESSION_EMPTY)
    if match[3] not in {"", "i"}:
        odd = next((at for at, sign in enumerate(match[3]) if at or sign != "i"), 0)
        raise QueryError(query, match.start(3) + odd, QueryFault.EXPRESSION_FLAG, sign=match[3][odd])
    return Token("expression", place, match[1], match.start(1), match[0], ignore_case=bool(match[3]))


def _chunk(query: str, place: int, text: str) -> Token:
    """Return the token of a run of signs without space, parenthesis or quote."""
    operator = OPERATORS.get(text)
    if operator:
        return Token(operator, place, text, place, text)
    near = _NEAR.fullmatch(text)
    if near:
        digits = near[1] or ""
        is_number = digits.isascii() and digits.isdigit() and len(digits) <= len(str(FARTHEST))
        if not is_number or not 1 <= int(digits) <= FARTHEST:
            raise QueryError(query, place, QueryFault.NEAR_DISTANCE, least=1, most=FARTHEST)
        return Token("near", place, text, place, text, distance=int(digits))
    if _NEAR_SMALL.fullmatch(text):
        raise QueryError(query, place, QueryFault.NEAR_SMALL)
    foreign = _FOREIGN.match(text)
    if foreign:
        name = foreign.lastgroup
        at = foreign.start(name) if name else 0
        raise QueryError(query, place + at, QueryFault.NOT_SUPPORTED, sign=text[at])
    if text.startswith("="):
        return Token("exact", place, text[1:], place + 1, text)
    return Token("words", place, text, place, text)
