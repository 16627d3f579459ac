"""How a typed word or phrase may be spelled, and where it stands in a text: what a search needs of matching."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.matching.identifiers.check_digits import vat_key
from bot.matching.terms import Check, Pattern
from bot.matching.text.folding import FIELD_BREAK, Folded, fold
from bot.matching.text.typed import read_words
from bot.matching.words.phrases import beginning, phrase

_SPELLED_OUT = 6
_SIREN_DIGITS, _SIRET_DIGITS = 9, 14


@dataclass(frozen=True, slots=True)
class Spelling:
    """Hold folded words that stand side by side; with `goes_on` the last one is only the beginning of a word."""

    words: tuple[str, ...]
    goes_on: bool = False


@dataclass(frozen=True, slots=True)
class Stand:
    """Hold where a term stands in a text, as a slice of it; `term` counts the terms that were looked for."""

    start: int
    end: int
    term: int


def spellings(typed: str) -> tuple[Spelling, ...]:
    """Return how matching finds a typed word or phrase, as typed first; nothing where no word was typed.

    Singular and plural, compounds joined and split, an acronym with dots. A search is more lenient than a match: it
    does not look at case, nor at what parts the halves of a compound (matching.md section 2).
    """
    words = read_words(typed)
    if not words:
        return ()
    letters = sum(len(word.folded) for word in words)
    is_acronym = letters <= _SPELLED_OUT and ("." in typed or all(word.capitals for word in words))
    patterns = phrase(typed, words).patterns
    return _distinct([pattern for pattern in patterns if is_acronym or pattern.check is not Check.LETTERS])


def beginnings(typed: str) -> tuple[Spelling, ...]:
    """Return how a phrase is found of which the last word was only begun; nothing where no word was typed."""
    words = read_words(typed)
    return _distinct(beginning(typed, words).patterns) if words else ()


def number_spellings(digits: str) -> tuple[Spelling, ...]:
    """Return how a SIREN (9 digits) or a SIRET (14) is written: together or in groups; a SIREN in those it is part of.

    Nothing for another count of digits (matching.md section 5).
    """
    groups = tuple(digits[start : start + 3] for start in range(0, _SIREN_DIGITS, 3))
    if len(digits) == _SIREN_DIGITS:
        vat = f"fr{vat_key(digits)}{digits}"
        return Spelling((digits,), goes_on=True), Spelling(groups), Spelling((vat,))
    if len(digits) == _SIRET_DIGITS:
        siren, establishment = digits[:_SIREN_DIGITS], digits[_SIREN_DIGITS:]
        return Spelling((digits,)), Spelling((*groups, establishment)), Spelling((siren, establishment))
    return ()


def stands(text: str, terms: Sequence[Sequence[Spelling]]) -> list[Stand]:
    """Return the places of a text where one of the terms stands in any of its spellings, in order, none in another.

    Of those that begin at one word the longest is taken.
    """
    folded = fold(f" {text.replace(FIELD_BREAK, ' ')}")
    matches = list(folded.words().finditer(folded.blanked().replace("-", " ")))
    words = [match[0] for match in matches]
    whole, begun = _by_first_word(terms)
    found: list[Stand] = []
    place = 0
    while place < len(words):
        best, term = 0, 0
        for number, spelling in (*whole.get(words[place], ()), *begun):
            if len(spelling.words) > best and _stands_at(words, place, spelling):
                best, term = len(spelling.words), number
        if best:
            stand = _stand(folded, matches[place], matches[place + best - 1], term)
            if not found or stand.start >= found[-1].end:  # one sign may be two words, as a fraction is
                found.append(stand)
        place += best or 1
    return found


def _distinct(patterns: Sequence[Pattern]) -> tuple[Spelling, ...]:
    return tuple(dict.fromkeys(Spelling(tuple(pattern.words.split()), goes_on=pattern.prefix) for pattern in patterns))


_Numbered = tuple[int, Spelling]


def _by_first_word(terms: Sequence[Sequence[Spelling]]) -> tuple[dict[str, list[_Numbered]], list[_Numbered]]:
    """Return the spellings of all terms by their first word, and those of which even that is only a beginning."""
    whole: defaultdict[str, list[_Numbered]] = defaultdict(list)
    begun: list[_Numbered] = []
    for number, spelling in _numbered(terms):
        if spelling.goes_on and len(spelling.words) == 1:
            begun.append((number, spelling))
        else:
            whole[spelling.words[0]].append((number, spelling))
    return dict(whole), begun


def _numbered(terms: Sequence[Sequence[Spelling]]) -> Iterator[_Numbered]:
    for number, term in enumerate(terms):
        for spelling in term:
            yield number, spelling


def _stands_at(words: Sequence[str], place: int, spelling: Spelling) -> bool:
    count = len(spelling.words)
    here = tuple(words[place : place + count])
    if not spelling.goes_on:
        return here == spelling.words
    return len(here) == count and here[:-1] == spelling.words[:-1] and here[-1].startswith(spelling.words[-1])


def _stand(folded: Folded, first: re.Match[str], last: re.Match[str], term: int) -> Stand:
    """Return a place in the text itself, before which `fold` was given a space."""
    return Stand(folded.start(first.start()) - 1, folded.end(last.end()) - 1, term)
