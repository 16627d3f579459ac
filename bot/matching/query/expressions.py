"""The query language of a keyword: text -> expression, refused with the place (DESIGN.md section 8).

An expression is a tree of `Operand`, `All`, `Some`, `Without` and `Near`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from bot.errors import QueryError
from bot.matching.codes import QueryFault
from bot.matching.query.operands import read_operand
from bot.matching.query.sweeps import Sweep, Wildcard
from bot.matching.query.tokens import QUOTES, Token, tokens
from bot.matching.words.phrases import Phrase

DEEPEST = 50
LONGEST = 8000
MOST_NEAR = 10
"""How many operands NEAR may join one after the other."""


@dataclass(frozen=True, slots=True)
class Operand:
    """Hold words or an expression to look for."""

    term: Phrase | Sweep


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


def parse(query: str) -> Expression:
    """Return the expression of a query; raises QueryError, and nothing else, for a wrong one."""
    if len(query) > LONGEST:
        raise QueryError(query, LONGEST, QueryFault.TOO_LONG, most=LONGEST)
    read = tokens(query)
    if not read:
        raise QueryError(query, 0, QueryFault.EMPTY)
    parser = _Parser(query, read)
    expression = parser.parse()
    if _depth(expression) > DEEPEST:
        raise QueryError(query, parser.deepest, QueryFault.TOO_DEEP, most=DEEPEST)
    if not _positive(expression):
        negation = next((token.place for token in read if token.kind == "not"), 0)
        raise QueryError(query, negation, QueryFault.ONLY_NEGATIVE)
    return expression


def operands(expression: Expression) -> Iterator[Phrase | Sweep]:
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


def triggers(expression: Expression) -> frozenset[Phrase | Sweep] | None:
    """Return the fewest and rarest terms of which at least one stands wherever an expression holds.

    None when there are none to look for, so that every notice must be tried: a sweep, or what only excludes.
    """
    match expression:
        case Operand(term):
            return frozenset((term,)) if term.patterns else None
        case Without():
            return None
        case Some(parts):
            sets = [triggers(part) for part in parts]
            known = [one for one in sets if one is not None]
            return frozenset().union(*known) if len(known) == len(sets) else None
        case All(parts):
            sets = [triggers(part) for part in parts]
        case Near(left, right):
            sets = [triggers(left), triggers(right)]
    return min((one for one in sets if one is not None), key=_cost, default=None)


def _cost(terms: frozenset[Phrase | Sweep]) -> float:
    """Return how often one of these terms may stand in a text, roughly: words of more letters are rarer."""
    return sum(1 / min(len(pattern.words) for pattern in term.patterns) ** 2 for term in terms)


def canonical(expression: Expression, language: str = "fr", *, inside: bool = False) -> str:
    """Return the query as it was understood, operators in French (`fr`) or English, phrases quoted."""
    words = ("ET", "OU", "SAUF") if language == "fr" else ("AND", "OR", "NOT")
    match expression:
        case Operand(found):
            return found.text
        case Without(part):
            return f"{words[2]} {canonical(part, language, inside=True)}"
        case Near(left, right, distance):
            before = canonical(left, language, inside=not isinstance(left, Near))
            text = f"{before} NEAR/{distance} {canonical(right, language, inside=True)}"
        case All(parts):
            text = canonical(parts[0], language, inside=True)
            for part in parts[1:]:
                joint = " " if isinstance(part, Without) else f" {words[0]} "
                text += joint + canonical(part, language, inside=True)
        case Some(parts):
            text = f" {words[1]} ".join(canonical(part, language, inside=True) for part in parts)
    return f"({text})" if inside else text


def capitals_quoted(query: str) -> str | None:
    """Return the phrase that a query typed wholly in capitals may have meant; None where its operators are no doubt."""
    read = tokens(query)
    words = [token for token in read if token.is_operand]
    if len(words) == len(read) or any(token.kind in {"exact", "expression"} or "*" in token.text for token in words):
        return None
    typed = " ".join(token.text for token in words)
    if typed != typed.upper() or typed == typed.lower():
        return None
    said = " ".join(token.text for token in read if token.kind not in {"(", ")"})
    return f'"{" ".join(said.split())}"'


def substrings(expression: Expression) -> Iterator[str]:
    """Yield the operands that find letters in the middle of any word (`*part*`)."""
    for term in operands(expression):
        if isinstance(term, Wildcard) and any(part.kind == "inside" for part in term.parts):
            yield term.text


def _depth(expression: Expression, *, inside: bool = False) -> int:
    """Return how many parentheses stand inside one another in the canonical text."""
    match expression:
        case Operand():
            return 0
        case Without(part):
            return _depth(part, inside=True)
        case Near(left, right):
            deepest = max(_depth(left, inside=not isinstance(left, Near)), _depth(right, inside=True))
        case All(parts) | Some(parts):
            deepest = max(_depth(part, inside=True) for part in parts)
    return deepest + inside


class _Parser:
    """Read tokens by recursive descent: OR over AND over NOT over NEAR over operands."""

    def __init__(self, query: str, tokens: list[Token]) -> None:
        self.query = query
        self.tokens = tokens
        self.next = 0
        self.depth = 0
        self.deepest = 0
        self._most = 0

    def parse(self) -> Expression:
        expression = self._some()
        token = self._peek()
        if token and token.kind == ")":
            raise self._fault(token.place, QueryFault.UNBALANCED_PARENTHESIS)
        if token:
            raise self._missing_operator(token)
        return expression

    def _peek(self) -> Token | None:
        return self.tokens[self.next] if self.next < len(self.tokens) else None

    def _take(self, *kinds: str) -> Token | None:
        token = self._peek()
        if token and token.kind in kinds:
            self.next += 1
            return token
        return None

    def _fault(self, place: int, fault: QueryFault, **values: Any) -> QueryError:
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
        joined = 1
        while token := self._take("near"):
            joined += 1
            if joined > MOST_NEAR:
                raise self._fault(token.place, QueryFault.NEAR_CHAIN, most=MOST_NEAR)
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
            if self.depth > self._most:
                self._most, self.deepest = self.depth, opening.place
            if self.depth > DEEPEST:
                raise self._fault(opening.place, QueryFault.TOO_DEEP, most=DEEPEST)
            expression = self._some()
            token = self._peek()
            if token and token.kind != ")":
                raise self._missing_operator(token)
            if not token:
                raise self._fault(opening.place, QueryFault.UNBALANCED_PARENTHESIS)
            self.next += 1
            self.depth -= 1
            return expression
        token = self._peek()
        if token and token.is_operand:
            self.next += 1
            return Operand(read_operand(self.query, token))
        raise self._missing_operand(token)

    def _missing_operand(self, token: Token | None) -> QueryError:
        """Return the error of a place where something to look for should stand, before `token` or at the end."""
        before = self.tokens[self.next - 1] if self.next else None
        if token and token.kind == ")" and not self.depth:
            return self._fault(token.place, QueryFault.UNBALANCED_PARENTHESIS)
        if before and before.kind == "(":
            if token and token.kind == ")":
                return self._fault(token.place, QueryFault.EMPTY_PARENTHESES)
            if not token:
                return self._fault(before.place, QueryFault.UNBALANCED_PARENTHESIS)
        elif before and token and token.kind != ")":
            return self._fault(token.place, QueryFault.OPERATORS, first=before.text, second=token.text)
        elif before:
            return self._fault(self._place(), QueryFault.MISSING_AFTER, operator=before.text)
        return self._fault(self._place(), QueryFault.MISSING_BEFORE, operator=token.text if token else "")

    def _missing_operator(self, token: Token) -> QueryError:
        """Return the error of two operands side by side; `=` before or after plain words holds for one of them."""
        before = self.tokens[self.next - 1]
        for exact, words in ((before, token), (token, before)):
            if exact.kind == "exact" and words.kind == "words" and self.query[exact.inner - 1] not in QUOTES:
                return self._fault(exact.place, QueryFault.EQUALS_PHRASE)
        return self._fault(token.place, QueryFault.MISSING_OPERATOR)


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
