"""Operands of a keyword: words and phrases, beginnings of words, exact forms (matching.md section 2)."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

from bot.matching.codes import Rule
from bot.matching.inflection import forms
from bot.matching.terms import Check, Pattern, Place, Reading, in_capitals, letters_apart, only_joined
from bot.matching.typed import Word, clean_form
from bot.models import Tier

ACRONYM_LETTERS = 3
LEAST_LETTERS = 3
LONGEST_SPACED = 40
_MOST_PRODUCT = 24
_MOST_JOINS = 6
_LEAST_PART = 3
_LEAST_SPLIT = 4
_FIRST_PARTS = frozenset(
    """
    aero agro anti audio auto avant bio centre chef co contre crypto cyber demi e eco electro ex extra geo hydro hyper
    infra inter intra macro mega meta micro mi mini mono multi nano neo neuro non para photo pluri poly porte post pre
    pro pseudo psycho quasi radio re retro semi smart socio sous super tele thermo trans turbo ultra uni video web
    crowd data
    """.split()  # noqa: SIM905  # many words read best as a text
)
"""First parts of compounds short or common enough that the rest may stand apart with a plain space."""
_PREPOSITIONS = frozenset("entre dans avec pour vers chez leur leurs cette comme avoir etre".split())  # noqa: SIM905  # reads best as a text
"""Words that stand before any noun, so that a space after them says nothing."""


@dataclass(frozen=True, slots=True)
class Phrase:
    """Look for words side by side, each in the singular or the plural when `inflect`.

    `cased` wants capitals (an acronym); `form` wants the text exactly as typed; `prefix` lets the last word go on.
    """

    text: str
    patterns: tuple[Pattern, ...]
    cased: bool = False
    form: str = ""

    def __hash__(self) -> int:
        return hash(self.text)

    @property
    def joined_rule(self) -> Rule:
        """Return the rule of a place where a hyphen of the text was dropped."""
        return Rule.COMPOUND

    def verify(self, reading: Reading, first: int, count: int, pattern: Pattern) -> Place | None:
        """Return the place of a candidate, or None when its case, form or gaps are not those asked."""
        start, end = reading.starts[first], reading.ends[first + count - 1]
        if self.form and clean_form(reading.original(start, end)) != self.form:
            return None
        if self.cased and not in_capitals(reading, first, count):
            return None
        if pattern.check is Check.SPLIT and not only_joined(reading, first, count):
            return None
        rule = pattern.rule
        if pattern.check is Check.LETTERS:
            if not letters_apart(reading, first, count):
                return None
            rule = Rule.ACRONYM if "." in reading.gap(first + 1) else Rule.LETTERS_APART
        return Place(start, end, pattern.tier, rule)


def is_acronym(words: list[Word]) -> bool:
    """Return whether the words are one acronym of at most three capitals, which is case-sensitive."""
    return len(words) == 1 and len(words[0].folded) <= ACRONYM_LETTERS and words[0].capitals


def phrase(text: str, words: list[Word], *, inflect: bool = True) -> Phrase:
    """Return the term for words typed side by side; elided articles among them are skipped."""
    kept = [word for word in words if not word.elided] or words
    cased = is_acronym(kept)
    base = tuple(word.folded for word in kept)
    found = {" ".join(base): Pattern(" ".join(base), Tier.EXACT, Rule.SAME_WORDS)}
    if inflect:
        _add_plurals(found, base)
        _add_compounds(found, base)
    add_letters_apart(found, base)
    return Phrase(text, tuple(found.values()), cased=cased)


def exact_form(text: str, words: list[Word]) -> Phrase:
    """Return the term for a word or phrase wanted exactly as typed: case, accents and number."""
    kept = [word for word in words if not word.elided] or words
    pattern = Pattern(" ".join(word.folded for word in kept), Tier.EXACT, Rule.EXACT_FORM)
    first = text.find(kept[0].written)
    return Phrase(text, (pattern,), form=clean_form(text[first:] if first > 0 else text))


def beginning(text: str, words: list[Word]) -> Phrase:
    """Return the term for a phrase whose last word only begins so."""
    kept = [word for word in words if not word.elided] or words
    base = [word.folded for word in kept]
    found = {
        " ".join((*head, base[-1])): Pattern(
            " ".join((*head, base[-1])),
            Tier.VARIANT,
            Rule.PREFIX,
            prefix=True,
        )
        for head in _alternatives(base[:-1])
    }
    return Phrase(text, tuple(found.values()))


def add_letters_apart(found: dict[str, Pattern], words: tuple[str, ...]) -> None:
    """Add the pattern of the same words with every letter set apart (`V A L M A R I N`)."""
    letters = "".join(words)
    if 1 < len(letters) <= LONGEST_SPACED and letters.isalpha():
        spaced = " ".join(letters)
        found.setdefault(spaced, Pattern(spaced, Tier.VARIANT, Rule.LETTERS_APART, Check.LETTERS))


def _add_plurals(found: dict[str, Pattern], base: tuple[str, ...]) -> None:
    for words in _alternatives(base):
        variant = " ".join(words)
        found.setdefault(variant, Pattern(variant, Tier.VARIANT, Rule.PLURAL))


def _alternatives(base: tuple[str, ...] | list[str]) -> list[tuple[str, ...]]:
    """Return the phrase with each word in each of its forms; beyond the cap, one word or all words changed."""
    choices = [forms(word) for word in base]
    product = 1
    for choice in choices:
        product *= len(choice)
        if product > _MOST_PRODUCT:
            whole = tuple(base)
            single = [
                (*whole[:place], form, *whole[place + 1 :])
                for place, choice in enumerate(choices)
                for form in choice[1:]
            ][: _MOST_PRODUCT * 4]
            return [
                whole,
                tuple(choice[-1] for choice in choices),
                tuple(choice[min(1, len(choice) - 1)] for choice in choices),
                *single,
            ]
    return list(itertools.product(*choices))


def _add_compounds(found: dict[str, Pattern], base: tuple[str, ...]) -> None:
    """Add the joined form of neighbouring words, and the split forms of long ones."""
    for place in range(min(len(base) - 1, _MOST_JOINS)):
        first, second = base[place], base[place + 1]
        if len(base) > _PAIR_OF_WORDS and first not in _FIRST_PARTS and not _worth_joining(first, second):
            continue
        if len(first) + len(second) > LONGEST_SPACED:
            continue
        for head in forms(first):
            for tail in forms(second):
                _add_changed(found, base, place, 2, (head + tail,))
    for place, word in enumerate(base[:_MOST_JOINS]):
        for head, tail in _splits(word):
            for form in forms(tail):
                _add_changed(found, base, place, 1, (head, form))


_PAIR_OF_WORDS = 2


def _worth_joining(first: str, second: str) -> bool:
    return len(first) > _LEAST_PART and len(second) > _LEAST_PART


def _splits(word: str) -> list[tuple[str, str]]:
    if len(word) > LONGEST_SPACED or not word.isalpha():
        return []
    return [
        (word[:cut], word[cut:])
        for cut in range(1, len(word) - _LEAST_PART + 1)
        if (cut >= _LEAST_SPLIT and len(word) - cut >= _LEAST_SPLIT and word[:cut] not in _PREPOSITIONS)
        or (word[:cut] in _FIRST_PARTS and len(word) - cut > _LEAST_PART)
    ]


def _add_changed(
    found: dict[str, Pattern], base: tuple[str, ...], place: int, width: int, change: tuple[str, ...]
) -> None:
    """Add the phrase with `width` words replaced, the others as typed and all in another number."""
    before, after = base[:place], base[place + width :]
    for number in (0, -1):
        words = (*(forms(word)[number] for word in before), *change, *(forms(word)[number] for word in after))
        variant = " ".join(words)
        check = Check.SPLIT if width == 1 else Check.NONE
        found.setdefault(variant, Pattern(variant, Tier.VARIANT, Rule.COMPOUND, check))
