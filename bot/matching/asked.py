"""What a watch item asks for, compiled: its name and aliases, its conditions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bot.errors import QueryError
from bot.matching.codes import QueryFault
from bot.matching.companies.company import Company, company
from bot.matching.officials.official import Official, official
from bot.matching.query.expressions import Expression, operands, parse
from bot.matching.query.sweeps import Sweep
from bot.matching.text.characters import is_transliterated, transliterated
from bot.matching.text.typed import read_words
from bot.matching.words.phrases import LEAST_LETTERS, Phrase, is_acronym, phrase
from bot.models import ItemKind, WatchItem

Wanted = Expression | Company | Official | Phrase


@dataclass(frozen=True, slots=True)
class Name:
    """Hold a name, alias or query of an item: as typed, compiled, and whether it is an alias.

    `transliterated` is the same in plain letters, where it was typed in Greek or Cyrillic ones.
    """

    text: str
    wanted: Wanted
    alias: bool = False
    transliterated: Wanted | None = None


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
            Name(item.name, _wanted(item.kind, item.name), transliterated=_transliterated(item.kind, item.name)),
            *(
                Name(alias, _wanted(item.kind, alias), alias=True, transliterated=_transliterated(item.kind, alias))
                for alias in item.aliases
            ),
        ),
        tuple(Condition(query, parse(query)) for query in item.any_of),
        tuple(Condition(query, parse(query)) for query in item.none_of),
    )


def check(item: WatchItem) -> None:
    """Check an item where it is typed; raises QueryError with the query and the place of the fault."""
    compile_item(item)


def terms_of(wanted: Wanted) -> Iterator[Company | Official | Phrase | Sweep]:
    """Yield the terms of a name or of a query."""
    if isinstance(wanted, Company | Official | Phrase):
        yield wanted
    else:
        yield from operands(wanted)


def _transliterated(kind: ItemKind, text: str) -> Wanted | None:
    """Return a name typed in Greek or Cyrillic letters in plain ones, None for any other; a keyword is no name."""
    if kind is ItemKind.KEYWORD or not is_transliterated(text):
        return None
    try:
        return _wanted(kind, transliterated(text))
    except QueryError:  # too short once its silent letters are gone
        return None


def _wanted(kind: ItemKind, text: str) -> Wanted:
    """Return the compiled form of a name by the rules of its kind."""
    if kind is ItemKind.KEYWORD:
        return parse(text)
    if len(text) > LONGEST_NAME:
        raise QueryError(text, LONGEST_NAME, QueryFault.TOO_LONG, most=LONGEST_NAME)
    words = read_words(text)
    if not words:
        raise QueryError(text, 0, QueryFault.EMPTY)
    if len(words) > MOST_WORDS:
        raise QueryError(text, 0, QueryFault.TOO_MANY_WORDS, most=MOST_WORDS)
    folded = "".join(word.folded for word in words)
    capitals = all(word.capitals for word in words) if kind is ItemKind.COMPANY else is_acronym(words)
    if len(folded) < LEAST_LETTERS and not capitals and (folded.isdigit() or folded.upper() != folded):
        raise QueryError(text, 0, QueryFault.TOO_SHORT, word=text.strip(), least=LEAST_LETTERS)
    if kind is ItemKind.COMPANY:
        return company(text)
    person = official(text)
    # one word is no name of a person: it is looked for as it stands, without plural
    return person if person.names[0].given else phrase(text, words, inflect=False)


LONGEST_NAME = 1000
MOST_WORDS = 60
"""Words of a name; a Chinese character counts as one."""
