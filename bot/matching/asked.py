"""What a watch item asks for, compiled: its name and aliases, its conditions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bot.errors import QueryError
from bot.matching.codes import QueryFault
from bot.matching.companies import Company, company
from bot.matching.officials import Official, official, read_person
from bot.matching.phrases import LEAST_LETTERS, Phrase, is_acronym, phrase
from bot.matching.query import Expression, operands, parse
from bot.matching.typed import read_words
from bot.models import ItemKind, WatchItem

Wanted = Expression | Company | Official | Phrase


@dataclass(frozen=True, slots=True)
class Name:
    """Hold a name, alias or query of an item: as typed, compiled, and whether it is an alias."""

    text: str
    wanted: Wanted
    alias: bool = False


@dataclass(frozen=True, slots=True)
class Condition:
    """Hold one query of `any_of` or `none_of`: as typed, and its expression."""

    text: str
    expression: Expression


@dataclass(frozen=True, slots=True)
class Asked:
    """Hold what an item asks for."""

    names: tuple[Name, ...]
    any_of: tuple[Condition, ...]
    none_of: tuple[Condition, ...]


def compile_item(item: WatchItem) -> Asked:
    """Return what an item asks for; raises QueryError for a name, alias or query that cannot be looked for."""
    return Asked(
        (
            Name(item.name, _wanted(item.kind, item.name)),
            *(Name(alias, _wanted(item.kind, alias), alias=True) for alias in item.aliases),
        ),
        tuple(Condition(query, parse(query)) for query in item.any_of),
        tuple(Condition(query, parse(query)) for query in item.none_of),
    )


def check(item: WatchItem) -> None:
    """Check an item where it is typed; raises QueryError with the query and the place of the fault."""
    compile_item(item)


def terms_of(wanted: Wanted) -> Iterator[Company | Official | Phrase]:
    """Yield the terms of a name or of a query."""
    if isinstance(wanted, Company | Official | Phrase):
        yield wanted
    else:
        yield from operands(wanted)


def _wanted(kind: ItemKind, text: str) -> Wanted:
    """Return the compiled form of a name by the rules of its kind."""
    if kind is ItemKind.KEYWORD:
        return parse(text)
    if len(text) > LONGEST_NAME:
        raise QueryError(text, LONGEST_NAME, QueryFault.TOO_LONG, most=LONGEST_NAME)
    words = read_words(text)
    if not words:
        raise QueryError(text, 0, QueryFault.EMPTY)
    folded = "".join(word.folded for word in words)
    if len(folded) < LEAST_LETTERS and not is_acronym(words) and (folded.isdigit() or folded.upper() != folded):
        raise QueryError(text, 0, QueryFault.TOO_SHORT, word=text.strip(), least=LEAST_LETTERS)
    if kind is ItemKind.COMPANY:
        return company(text)
    # one word is no name of a person: it is looked for as it stands, without plural
    return official(text) if read_person(text)[0].given else phrase(text, words, inflect=False)


LONGEST_NAME = 1000
