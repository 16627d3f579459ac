"""What a person typed into a search: words, phrases, beginnings of words; never the syntax of a database."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from bot.errors import UserError
from bot.markup import inert, utf16_len
from bot.matching import Spelling, beginnings, number_spellings, spellings

MOST_UNITS: Final = 200
"""How long a query may be, in UTF-16 units: it is shown above its results, and read there again for the next page."""

LEAST_LETTERS: Final = 3
"""How many letters stand at least before a `*`."""

Term = tuple[Spelling, ...]

_PHRASE = re.compile(r'"([^"]*)"|«([^»]*)»|“([^”]*)”|„([^“”]*)[“”]')
_NUMBER = re.compile(
    r"(?<!\S)(?:\d{9}(?: ?\d{5})?|\d{3}(?P<gap>[ .])\d{3}(?P=gap)\d{3}(?:(?P=gap)\d{5})?)(?!\S)", re.ASCII
)
_WORDS = re.compile(r"[^\s,;:/\\()\[\]{}|!?…\u2039\u203a«»“”„\"+=<>]+")
_NEEDLESS = frozenset({"AND", "ET"})
"""What joins words in the language of keywords: here all words are wanted anyway."""


@dataclass(frozen=True, slots=True)
class Query:
    """Hold what is searched for: the text as it is shown, and its terms, of which a find has all.

    A term is the spellings of a word or phrase; a find has one of them.
    """

    text: str
    terms: tuple[Term, ...]


def read_query(typed: str) -> Query:
    """Return what a person searches for; reading `text` again gives the same.

    Each word may be in the singular or the plural, with or without its accents; words joined by a hyphen or an
    apostrophe stand side by side, and so do those in quotation marks; `*` ends the beginning of a word. All are wanted.
    Raises UserError, whatever was typed, where it is too long or holds nothing to look for.
    """
    text = inert(typed)
    units = utf16_len(text)
    if units > MOST_UNITS:
        raise UserError("search-too-long", most=MOST_UNITS, found=units)
    terms = tuple(dict.fromkeys(_terms(text)))
    if not terms:
        raise UserError("search-empty")
    return Query(text, terms)


def _terms(text: str) -> Iterator[Term]:
    place = 0
    for match in _PHRASE.finditer(text):
        yield from _loose_terms(text[place : match.start()])
        yield from _term(next(part for part in match.groups() if part is not None).strip())
        place = match.end()
    yield from _loose_terms(text[place:])


def _loose_terms(text: str) -> Iterator[Term]:
    """Yield the terms of a text without phrases; a legal number in groups of digits is one."""
    place = 0
    for match in _NUMBER.finditer(text):
        yield from _word_terms(text[place : match.start()])
        yield number_spellings("".join(filter(str.isdigit, match[0])))
        place = match.end()
    yield from _word_terms(text[place:])


def _word_terms(text: str) -> Iterator[Term]:
    for word in _WORDS.findall(text):
        if word not in _NEEDLESS:
            yield from _term(word)


def _term(text: str) -> Iterator[Term]:
    words = text.rstrip("*")
    if words == text:
        found = spellings(words)
    else:
        found = beginnings(words)
        if found and len(found[0].words[-1]) < LEAST_LETTERS:
            raise UserError("search-beginning-short", least=LEAST_LETTERS, typed=text)
    if found:
        yield found
