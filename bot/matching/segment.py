"""Watch items compiled together: one automaton over what they ask, and which of them a document may concern.

What an item asks is compiled to put its patterns into the automaton and then let go; it is compiled again where a
notice has a candidate of it. Ten thousand items so keep little more than their patterns.
"""

from __future__ import annotations

import functools
from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from bot.matching.asked import Asked, Wanted, compile_item, terms_of
from bot.matching.automaton import Automaton
from bot.matching.companies.company import Company
from bot.matching.evaluation import Evaluation
from bot.matching.identifiers.register import NumberFound, Register
from bot.matching.officials.official import Official
from bot.matching.query.expressions import operands, triggers
from bot.matching.terms import Pattern, Place, Term
from bot.matching.text.document import Document
from bot.matching.words.phrases import Phrase
from bot.matching.words.typos import Misspellings, Spellings
from bot.models import ItemKind, WatchItem

_NOBODY = 0xFFFFFFFF
_MOST_COMPILED = 512
"""How many items stay compiled besides those that are tried on every notice."""


@dataclass(frozen=True, slots=True)
class Compiled:
    """Hold what an item asks, and the number of each of its terms by the identity of the term."""

    asked: Asked
    numbers: Mapping[int, int]


class Segment:
    """Hold items compiled together; raises QueryError for an item with a wrong query."""

    def __init__(self, items: Sequence[WatchItem]) -> None:
        self.items = items
        self.register = Register()
        self._own = array("I")
        self._own_from = array("I", [0])
        self._wanting = array("I")
        self._also_wanting: dict[int, array[int]] = {}
        self._always: list[int] = []
        self._compiled_always: dict[int, Compiled] = {}
        self._compiled: dict[int, Compiled] = {}
        self._misspellings = Misspellings()
        self._automaton = Automaton(self._patterns())
        self._misspellings.seal()

    @property
    def reach(self) -> int:
        """Return the length of the longest pattern in bytes."""
        return self._automaton.reach

    def _patterns(self) -> Iterator[Sequence[Pattern]]:
        """Yield the patterns of each term in the order of its number, each term once however many items ask it."""
        numbers: dict[object, int] = {}
        for rank, item in enumerate(self.items):
            asked = compile_item(item)
            for key, term in _terms(item, asked):
                if key not in numbers:
                    numbers[key] = len(self._wanting)
                    self._wanting.append(_NOBODY)
                    if isinstance(term, Company | Official):
                        self._misspellings.add(numbers[key], term.misspellable)
                    yield term.patterns
                self._own.append(numbers[key])
            self._own_from.append(len(self._own))
            wanted_by: set[int] = set()
            for name in asked.names:
                for wanted in (name.wanted, name.transliterated):
                    terms = _triggers(wanted) if wanted is not None else ()
                    if terms is None:
                        self._always.append(rank)
                    else:
                        wanted_by |= {numbers[_key(item.kind, term)] for term in terms}
            self._want(wanted_by, rank)
            if self._always and self._always[-1] == rank:
                self._compiled_always[rank] = self._numbered(rank, asked)
            for identifier in item.identifiers:
                self.register.add(rank, identifier)

    def _want(self, numbers: Iterable[int], rank: int) -> None:
        for number in numbers:
            if self._wanting[number] == _NOBODY:
                self._wanting[number] = rank
            else:
                self._also_wanting.setdefault(number, array("I")).append(rank)

    def candidates(
        self, document: Document, ranks: Sequence[int], spellings: Spellings
    ) -> Iterator[tuple[int, WatchItem, Asked, list[NumberFound], Evaluation]]:
        """Yield each item of which a word or a number stands in a document, with its rank and with what judges it.

        `ranks` are the ranks of the items among those of the matcher, -1 for one that is not looked for any more.
        """
        raw = self._automaton.scan(document.scan)
        numbers = self.register.find(document)
        near = self._misspellings.near(document.words_in_names)
        misspelt = self._misspellings.find(document.scan.main, near) if near else {}
        own = {*numbers, *self._always}
        for number in (*raw, *misspelt):
            if self._wanting[number] != _NOBODY:
                own.add(self._wanting[number])
                own.update(self._also_wanting.get(number, ()))
        known: dict[tuple[int, bool], list[Place]] = {}
        for one in own:
            if ranks[one] < 0:
                continue
            item = self.items[one]
            compiled = self._compile(one)
            is_name = functools.partial(spellings.is_name, guild_id=item.guild_id)
            evaluation = Evaluation(document, raw, compiled.numbers, known, misspelt, is_name)
            yield ranks[one], item, compiled.asked, numbers.get(one, []), evaluation

    def _compile(self, rank: int) -> Compiled:
        compiled = self._compiled_always.get(rank) or self._compiled.get(rank)
        if compiled is None:
            compiled = self._numbered(rank, compile_item(self.items[rank]))
            if len(self._compiled) >= _MOST_COMPILED:
                for oldest in list(self._compiled)[: _MOST_COMPILED // 2]:
                    self._compiled.pop(oldest, None)  # another thread may have dropped it
            self._compiled[rank] = compiled
        return compiled

    def _numbered(self, rank: int, asked: Asked) -> Compiled:
        """Return what an item asks with the numbers of its terms, which are those they were given at first."""
        terms = (id(term) for _, term in _terms(self.items[rank], asked))
        own = self._own[self._own_from[rank] : self._own_from[rank + 1]]
        return Compiled(asked, dict(zip(terms, own, strict=True)))


def _terms(item: WatchItem, asked: Asked) -> Iterator[tuple[object, Term]]:
    """Yield every term that an item asks, always in the same order, with what tells terms of the same kind apart."""
    for name in asked.names:
        for wanted in (name.wanted, name.transliterated):
            for term in terms_of(wanted) if wanted is not None else ():
                yield _key(item.kind, term), term
    for condition in (*asked.any_of, *asked.none_of):
        for term in operands(condition.expression):
            yield _key(ItemKind.KEYWORD, term), term


def _key(kind: ItemKind, term: Term) -> object:
    return kind, type(term), term.text


def _triggers(wanted: Wanted) -> Sequence[Term] | None:
    """Return the terms of which at least one stands wherever a name does; None when every notice must be tried."""
    if isinstance(wanted, Company | Official | Phrase):
        return (wanted,)
    found = triggers(wanted)
    return None if found is None else tuple(found)
