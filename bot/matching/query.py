"""The query language of a keyword: text -> expression, refused with the place (DESIGN.md section 8).

An expression is a tree of `Operand`, `All`, `Some`, `Without` and `Near`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from bot.errors import QueryError
from bot.matching.codes import QueryFault
from bot.matching.phrases import LEAST_LETTERS, Phrase, beginning, exact_form, is_acronym, phrase
from bot.matching.typed import Word, read_words

DEEPEST = 50
LONGEST = 8000
FARTHEST = 99

_OPERATORS: dict[str, Literal["and", "or", "not"]] = {
    "AND": "and", "ET": "and", "OR": "or", "OU": "or", "NOT": "not", "SAUF": "not",
}  # fmt: skip
_QUOTES = '"\u201c\u201d\u201e\u00ab\u00bb'
_CHUNK = re.compile(rf"[^\s(){_QUOTES}]+")
_BARE = re.compile(r"\w(?:[^\s()=~?|*/]*[\w.])?\*?")
_NEAR = re.compile(r"NEAR(?:/(.*))?", re.DOTALL)
_FOREIGN = re.compile(r"[^|]*(?P<bar>\|)|&&|[+\-~!](?=\w)|.*(?P<fuzzy>~)\d*$|.*\w(?P<joker>\?)\w", re.DOTALL)
"""Signs of other query languages: they would change the meaning, so they are never read as punctuation."""


@dataclass(frozen=True, slots=True)
class Operand:
    """Hold words to look for."""

    phrase: Phrase


@dataclass(frozen=True, slots=True)
class All:
    """Want every part, anywhere in the notice."""

    parts: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Some:
    """Want at least one part."""

    parts: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Without:
    """Want the part nowhere in the notice."""

    part: Expression


@dataclass(frozen=True, slots=True)
class Near:
    """Want both parts in one field, at most `distance` words apart, in either order."""

    left: Expression
    right: Expression
    distance: int


Expression = Operand | All | Some | Without | Near


@dataclass(frozen=True, slots=True)
class _Token:
    kind: Literal["and", "or", "not", "near", "(", ")", "phrase"]
    place: int
    text: str
    quoted: bool = False
    distance: int = 0


def parse(query: str) -> Expression:
    """Return the expression of a query; raises QueryError, and nothing else, for a wrong one."""
    if len(query) > LONGEST:
        raise QueryError(query, LONGEST, QueryFault.TOO_LONG, most=LONGEST)
    tokens = _merge(_tokens(query))
    if not tokens:
        raise QueryError(query, 0, QueryFault.EMPTY)
    expression = _Parser(query, tokens).parse()
    if not _positive(expression):
        negation = next((token.place for token in tokens if token.kind == "not"), 0)
        raise QueryError(query, negation, QueryFault.ONLY_NEGATIVE)
    return expression


def operands(expression: Expression) -> Iterator[Phrase]:
    """Yield every operand of an expression, in the order typed."""
    match expression:
        case Operand(found):
            yield found
        case All(parts) | Some(parts):
            for part in parts:
                yield from operands(part)
        case Without(part):
            yield from operands(part)
        case Near(left, right):
            yield from operands(left)
            yield from operands(right)


def canonical(expression: Expression, language: str = "fr", *, inside: bool = False) -> str:
    """Return the query as it was understood, operators in French (`fr`) or English, phrases quoted."""
    words = ("ET", "OU", "SAUF") if language == "fr" else ("AND", "OR", "NOT")
    match expression:
        case Operand(found):
            return found.text
        case Without(part):
            return f"{words[2]} {canonical(part, language, inside=True)}"
        case Near(left, right, distance):
            text = f"{canonical(left, language, inside=True)} NEAR/{distance} {canonical(right, language, inside=True)}"
        case All(parts):
            text = canonical(parts[0], language, inside=True)
            for part in parts[1:]:
                joint = " " if isinstance(part, Without) else f" {words[0]} "
                text += joint + canonical(part, language, inside=True)
        case Some(parts):
            text = f" {words[1]} ".join(canonical(part, language, inside=True) for part in parts)
    return f"({text})" if inside else text


def _tokens(query: str) -> Iterator[_Token]:
    place = 0
    while place < len(query):
        sign = query[place]
        if sign.isspace():
            place += 1
        elif sign in "()":
            yield _Token("(" if sign == "(" else ")", place, sign)
            place += 1
        elif sign in _QUOTES:
            top = _closing(query, place)
            yield _Token("phrase", place, query[place + 1 : top], quoted=True)
            place = top + 1
        else:
            chunk = _CHUNK.match(query, place)
            text = chunk[0] if chunk else sign
            yield _chunk(query, place, text)
            place += len(text)


def _closing(query: str, place: int) -> int:
    for top in range(place + 1, len(query)):
        if query[top] in _QUOTES:
            return top
    raise QueryError(query, place, QueryFault.UNBALANCED_QUOTE)


def _chunk(query: str, place: int, text: str) -> _Token:
    """Return the token of a run of signs without space, parenthesis or quote."""
    operator = _OPERATORS.get(text)
    if operator:
        return _Token(operator, place, text)
    near = _NEAR.fullmatch(text)
    if near:
        digits = near[1] or ""
        if (
            not (digits.isascii() and digits.isdigit())
            or not 1 <= int(digits[:4]) <= FARTHEST
            or len(digits) > len("99")
        ):
            raise QueryError(query, place, QueryFault.NEAR_DISTANCE, least=1, most=FARTHEST)
        return _Token("near", place, text, distance=int(digits))
    if text.startswith("re:/"):
        raise QueryError(query, place, QueryFault.NOT_SUPPORTED, sign="re:")
    foreign = _FOREIGN.match(text)
    if foreign:
        name = foreign.lastgroup
        at = foreign.start(name) if name else 0
        raise QueryError(query, place + at, QueryFault.NOT_SUPPORTED, sign=text[at])
    return _Token("phrase", place, text)


def _merge(tokens: Iterator[_Token]) -> list[_Token]:
    """Return the tokens with plain words side by side made one phrase."""
    merged: list[_Token] = []
    for token in tokens:
        last = merged[-1] if merged else None
        if last and token.kind == last.kind == "phrase" and not token.quoted and not last.quoted:
            blank = " " * (token.place - last.place - len(last.text))
            merged[-1] = _Token("phrase", last.place, last.text + blank + token.text)
        else:
            merged.append(token)
    return merged


class _Parser:
    """Read tokens by recursive descent: OR over AND over NOT over NEAR over operands."""

    def __init__(self, query: str, tokens: list[_Token]) -> None:
        self.query = query
        self.tokens = tokens
        self.next = 0
        self.depth = 0

    def parse(self) -> Expression:
        expression = self._some()
        token = self._peek()
        if token:
            fault = QueryFault.UNBALANCED_PARENTHESIS if token.kind == ")" else QueryFault.MISSING_OPERATOR
            raise self._fault(token.place, fault)
        return expression

    def _peek(self) -> _Token | None:
        return self.tokens[self.next] if self.next < len(self.tokens) else None

    def _take(self, *kinds: str) -> _Token | None:
        token = self._peek()
        if token and token.kind in kinds:
            self.next += 1
            return token
        return None

    def _fault(self, place: int, fault: QueryFault, **values: object) -> QueryError:
        return QueryError(self.query, place, fault, **values)

    def _some(self) -> Expression:
        parts = [self._all()]
        while self._take("or"):
            parts.append(self._all())
        return parts[0] if len(parts) == 1 else Some(tuple(parts))

    def _all(self) -> Expression:
        parts = [self._without()]
        while True:
            token = self._peek()
            if token and token.kind == "and":
                self.next += 1
            elif not token or token.kind != "not":
                break
            parts.append(self._without())
        return parts[0] if len(parts) == 1 else All(tuple(parts))

    def _without(self) -> Expression:
        negative = False
        while self._take("not"):
            negative = not negative
        part = self._near()
        return Without(part) if negative else part

    def _near(self) -> Expression:
        place = self._place()
        left = self._operand()
        while token := self._take("near"):
            right_place = self._place()
            right = self._operand()
            for side, at in ((left, place), (right, right_place)):
                if not _placed(side):
                    raise self._fault(at, QueryFault.NEAR_OPERAND)
            left = Near(left, right, token.distance)
        return left

    def _place(self) -> int:
        token = self._peek()
        return token.place if token else len(self.query)

    def _operand(self) -> Expression:
        opening = self._take("(")
        if opening:
            self.depth += 1
            if self.depth > DEEPEST:
                raise self._fault(opening.place, QueryFault.TOO_DEEP, most=DEEPEST)
            expression = self._some()
            token = self._peek()
            if token and token.kind != ")":
                raise self._fault(token.place, QueryFault.MISSING_OPERATOR)
            if not token:
                raise self._fault(opening.place, QueryFault.UNBALANCED_PARENTHESIS)
            self.next += 1
            self.depth -= 1
            return expression
        found = self._take("phrase")
        if found:
            return Operand(self._phrase(found))
        token = self._peek()
        if token and token.kind == ")" and not self.depth:
            raise self._fault(token.place, QueryFault.UNBALANCED_PARENTHESIS)
        before = self.tokens[self.next - 1].text if self.next else ""
        raise self._fault(self._place(), QueryFault.MISSING_OPERAND, operator=token.text if token else before)

    def _phrase(self, token: _Token) -> Phrase:
        """Return the term of a phrase: plain, an exact form (`=word`) or a beginning (`word*`)."""
        text, place = token.text, token.place + token.quoted
        exact = not token.quoted and text.startswith("=")
        body, place = (text[1:], place + 1) if exact else (text, place)
        star = body.rstrip().endswith("*") and not exact
        inner = body.rstrip()[:-1] if star else body
        for sign in "*" if token.quoted else "*=":
            self._refuse_sign(inner, place, sign)
        if exact and any(sign.isspace() for sign in inner.strip()):
            raise self._fault(token.place, QueryFault.NOT_SUPPORTED, sign="=")
        words = read_words(inner)
        if not words:
            if star and inner.strip():
                raise self._fault(token.place, QueryFault.PREFIX_TOO_SHORT, word="", least=3)
            raise self._fault(token.place, QueryFault.EMPTY_PHRASE if token.quoted else QueryFault.EMPTY)
        shown = _shown(inner, words, star="*" if star else "")
        if star:
            if len(words[-1].folded) < LEAST_LETTERS or not inner[-1:].isalnum():
                values: dict[str, object] = {"word": words[-1].written, "least": LEAST_LETTERS}
                raise self._fault(token.place, QueryFault.PREFIX_TOO_SHORT, **values)
            return beginning(shown, words)
        if exact:
            return exact_form(f"={inner}", words)
        self._refuse_short(token, words)
        return phrase(shown, words)

    def _refuse_sign(self, text: str, place: int, sign: str) -> None:
        for match in re.finditer(re.escape(sign), text):
            at = match.start()
            beside = text[at - 1 : at] + text[at + 1 : at + 2]
            if sign == "*" or (beside[-1:].isalnum() and (at == 0 or text[at - 1].isspace())):
                raise self._fault(place + at, QueryFault.NOT_SUPPORTED, sign=sign)

    def _refuse_short(self, token: _Token, words: list[Word]) -> None:
        kept = [word for word in words if not word.elided] or words
        if len(kept) > 1 or len(kept[0].folded) >= LEAST_LETTERS or is_acronym(kept):
            return
        folded = kept[0].folded
        if any(sign.upper() != sign.lower() or sign.isdigit() for sign in folded):
            raise self._fault(token.place, QueryFault.TOO_SHORT, word=kept[0].written, least=LEAST_LETTERS)


def _shown(text: str, words: list[Word], *, star: str) -> str:
    """Return a phrase as it can be typed again: quoted, save one word that means the same without quotes."""
    plain = " ".join(text.split()) + star
    bare = len(words) == 1 and plain not in _OPERATORS and not _NEAR.fullmatch(plain) and _BARE.fullmatch(plain)
    return plain if bare else f'"{plain}"'


def _placed(expression: Expression) -> bool:
    """Return whether an expression has places of its own that NEAR can measure from."""
    if isinstance(expression, Some):
        return all(_placed(part) for part in expression.parts)
    return isinstance(expression, Operand | Near)


def _positive(expression: Expression) -> bool:
    """Return whether an expression cannot hold in a notice where none of its words stand."""
    match expression:
        case All(parts):
            return any(_positive(part) for part in parts)
        case Some(parts):
            return all(_positive(part) for part in parts)
        case _:
            return not isinstance(expression, Without)
