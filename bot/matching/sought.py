"""What a text must hold for a watch item to be found in it, as words that an index of folded words can look up."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator, Sequence

from bot.matching.asked import Name, Wanted, compile_item
from bot.matching.companies.company import Company
from bot.matching.identifiers.identifier import branch, recognised
from bot.matching.identifiers.schemes import Scheme
from bot.matching.officials.official import Official
from bot.matching.query.expressions import All, Near, Operand, Some, Without
from bot.matching.terms import Check, Term
from bot.matching.text.folding import folded_words
from bot.matching.words.phrases import Phrase
from bot.matching.words.spelled import Spelling, number_spellings
from bot.models import WatchItem

Needed = tuple[tuple[Spelling, ...], ...]
"""What one text must hold: all of these, each in any of its spellings."""

_LEAST_HYPHENED = 3
_MOST_HYPHENED = 150
"""Spellings of one term with a hyphen inside a word: those of its first patterns, which are the likeliest."""
_RUN = re.compile(r"[0-9]+|[^0-9]+")
_EVEN_GROUPS = (1, 2, 3, 4)
_FEW_SIGNS = 10
_CUTS_OF_FEW, _CUTS_OF_MORE = 3, 2
"""How many spaces a number of few signs, or of more, may have anywhere: those with more stand in even groups."""
_COURT_LETTERS = "abcd"
"""What a French court of commerce writes before a SIREN."""


def sought(items: Iterable[WatchItem]) -> tuple[Needed, ...] | None:
    """Return what a text must hold one of for one of the items to hit, or to be held back by its conditions.

    None where every text must be read: a regular expression, a word with a star in front. What stands in a text only
    misspelt, in letters of another script than the item's, or as a word with several hyphens is not among it.
    Raises QueryError for an item that cannot be looked for.
    """
    found: dict[Needed, None] = {}
    for item in items:
        found.update((((_number(typed)),), None) for typed in item.identifiers)
        for name in compile_item(item).names:
            needed = _of_name(name)
            if needed is None:
                return None
            found.update(dict.fromkeys(needed))
    return tuple(needed for needed in found if all(needed))


def _of_name(name: Name) -> list[Needed] | None:
    needed = _alternatives(name.wanted)
    if needed is None or name.transliterated is None:
        return needed
    also = _alternatives(name.transliterated)
    return None if also is None else needed + also


def _alternatives(wanted: Wanted) -> list[Needed] | None:
    """Return what one of must stand wherever a name or a query does; None where it has no words to look for."""
    if isinstance(wanted, Some):
        parts = [_alternatives(part) for part in wanted.parts]
        known = [part for part in parts if part is not None]
        return [one for part in known for one in part] if len(known) == len(parts) else None
    clauses = _clauses(wanted)
    return [tuple(clauses)] if clauses else None


def _clauses(wanted: Wanted) -> list[tuple[Spelling, ...]]:
    """Return what must all stand wherever a name or a query does, each in any spelling; of some parts the rarest."""
    match wanted:
        case Operand(term):
            return _of_term(term)
        case Without():
            return []
        case Near(left, right):
            return _clauses(left) + _clauses(right)
        case All(parts):
            return [clause for part in parts for clause in _clauses(part)]
        case Some(parts):
            each = [_clauses(part) for part in parts]
            together = (spelling for clauses in each if clauses for spelling in min(clauses, key=_frequency))
            return [tuple(dict.fromkeys(together))] if all(each) else []
        case Company() | Official() | Phrase():
            return _of_term(wanted)


def _frequency(clause: Sequence[Spelling]) -> float:
    """Return how often one of these may stand in a text, roughly: longer ones are rarer."""
    return sum(1 / sum(map(len, spelling.words)) ** 2 for spelling in clause)


def _of_term(term: Term) -> list[tuple[Spelling, ...]]:
    """Return the spellings of a term as a list of one; of none for a term that has no words to look for."""
    found: dict[Spelling, None] = {}
    hyphened: dict[Spelling, None] = {}
    for pattern in term.patterns:
        words = tuple(word for word in pattern.words.split() if any(map(str.isalnum, word)))
        if not words:
            return []
        found[Spelling(words, goes_on=pattern.prefix)] = None
        if pattern.check not in {Check.LETTERS, Check.SPLIT} and len(hyphened) < _MOST_HYPHENED:
            hyphened.update((Spelling(parted, goes_on=pattern.prefix), None) for parted in _hyphened(words))
    return [tuple(found | hyphened)] if found else []


def _hyphened(words: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """Yield words with one of them in two, as the index has a word that a hyphen or the end of a line parts."""
    for place, word in enumerate(words):
        if len(word) >= _LEAST_HYPHENED:
            for cut in range(1, len(word)):
                yield *words[:place], word[:cut], word[cut:], *words[place + 1 :]


def _number(typed: str) -> tuple[Spelling, ...]:
    """Return how a legal number may stand in a text or among a notice's identifiers: as typed, together, in groups."""
    number = recognised(typed)
    body = number.body.lower()
    if not any(map(str.isalnum, body)):
        return ()
    if number.scheme == Scheme.CPV and number.is_formed:
        return (Spelling((branch(body),), goes_on=True),)
    found = dict.fromkeys(number_spellings(body) if body.isdecimal() else ())
    as_typed = tuple(folded_words(typed.rpartition(":")[2]))
    if as_typed:
        found[Spelling(as_typed)] = None
    country = number.kind.prefix.lower() if number.kind is not None else ""
    for signs in dict.fromkeys((body, body.lstrip("0"))):
        for groups in _grouped(signs):
            is_whole = len(groups) == 1
            found[Spelling(groups, goes_on=is_whole)] = None
            if country:
                found[Spelling((country + groups[0], *groups[1:]), goes_on=is_whole)] = None
    before = [name for name in number.kind.names if name.isalnum()] if number.kind is not None else []
    if number.scheme == Scheme.SIREN:
        before += _COURT_LETTERS
    found.update((Spelling((name + body,)), None) for name in before)
    if number.scheme == Scheme.GERMAN_REGISTER:
        letters, *rest = _RUN.findall(body)
        found[Spelling((letters, "nr", *rest))] = None
    return tuple(found)


def _grouped(signs: str) -> Iterator[tuple[str, ...]]:
    """Yield the signs of a number together and in the groups that people write."""
    if not signs:
        return
    for count in range((_CUTS_OF_FEW if len(signs) <= _FEW_SIGNS else _CUTS_OF_MORE) + 1):
        for cuts in itertools.combinations(range(1, len(signs)), count):
            yield tuple(signs[low:top] for low, top in itertools.pairwise((0, *cuts, len(signs))))
    yield tuple(_RUN.findall(signs))
    for size in _EVEN_GROUPS:
        for first in {size, len(signs) % size or size}:
            yield signs[:first], *(signs[at : at + size] for at in range(first, len(signs), size))
    letters, *rest = _RUN.findall(signs)
    if len(rest) == 1 and not letters[0].isdigit():
        for groups in _grouped(rest[0]):
            yield letters, *groups
            yield letters + groups[0], *groups[1:]
