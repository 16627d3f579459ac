"""Operands of a keyword: words and phrases, beginnings of words, exact forms (matching.md section 2)."""

from __future__ import annotations

import itertools
import math
import re
from dataclasses import dataclass

from bot.matching.codes import Rule
from bot.matching.terms import (
    Check,
    Pattern,
    Place,
    Reading,
    end_of_word,
    in_capitals,
    letters_apart,
    only_joined,
)
from bot.matching.text.folding import APOSTROPHES
from bot.matching.text.typed import Word, clean_form
from bot.matching.words.compounds import inflected, is_hyphened, joins, last_part_forms, splits
from bot.matching.words.inflection import forms, forms_in_phrase
from bot.models import Tier

ACRONYM_LETTERS = 3
LEAST_LETTERS = 3
LONGEST_SPACED = 40
_APOSTROPHE = re.compile(rf"[{re.escape(APOSTROPHES)}]")
_MOST_PRODUCT = 24
_MOST_JOINS = 6


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
        if pattern.prefix:
            end = end_of_word(reading, first + count - 1, len(pattern.words.rpartition(" ")[2]))
        if self.form and clean_form(reading.original(start, end)) != self.form:
            return None
        if self.cased and not in_capitals(reading, first, count):
            return None
        if pattern.check is Check.SPLIT and not (
            only_joined(reading, first, count) and _has_capital_letters(reading, first, count)
        ):
            return None
        rule = pattern.rule
        if pattern.check is Check.LETTERS:
            if not letters_apart(reading, first, count):
                return None
            rule = Rule.ACRONYM if "." in reading.gap(first + 1) else Rule.LETTERS_APART
        return Place(start, end, pattern.tier, rule)


def _has_capital_letters(reading: Reading, first: int, count: int) -> bool:
    """Return whether the letters that stand alone are capitals: `F 16`, but not `à 400 m`."""
    lone = (index for index in range(first, first + count) if len(reading.words[index]) == 1)
    return not any(reading.written(index).islower() for index in lone)


def is_acronym(words: list[Word]) -> bool:
    """Return whether the words are one acronym of at most three capitals, which is case-sensitive."""
    return len(words) == 1 and len(words[0].folded) <= ACRONYM_LETTERS and words[0].capitals


def phrase(text: str, words: list[Word], *, inflect: bool = True) -> Phrase:
    """Return the term for words typed side by side; elided articles among them are skipped."""
    kept = [word for word in words if not word.elided] or words
    cased = is_acronym(kept)
    base = tuple(word.folded for word in kept)
    found = {" ".join(base): Pattern(" ".join(base), Tier.EXACT, Rule.SAME_WORDS)}
    cut = {id(word) for word, after in itertools.pairwise(words) if _APOSTROPHE.fullmatch(after.gap)}
    choices = [(word.folded,) if id(word) in cut else _forms(word, alone=len(kept) == 1) for word in kept]
    for place, (word, after) in enumerate(itertools.pairwise(kept), start=1):
        if is_hyphened(after):
            choices[place] = tuple(dict.fromkeys((*choices[place], *last_part_forms(word.folded, after.folded))))
    if inflect and not cased:
        for chosen in _alternatives(choices):
            variant = " ".join(chosen)
            found.setdefault(variant, Pattern(variant, Tier.VARIANT, Rule.PLURAL))
        numbers = _numbers(choices)
        _add_compounds(found, kept, choices, numbers)
        _add_apostrophes(found, words, numbers)
        for numbered in (base, numbers[-1]):
            add_letters_apart(found, numbered)
        for numbered in numbers[:2] if len(words) > len(kept) else ():
            add_letters_apart(found, _with_elided(words, numbered))
    else:
        for parts in splits(base[0]) if len(base) == 1 and not base[0].isalpha() else ():
            spaced = " ".join(parts)
            found.setdefault(spaced, Pattern(spaced, Tier.VARIANT, Rule.COMPOUND, Check.SPLIT))
        add_letters_apart(found, base)
    return Phrase(text, tuple(found.values()), cased=cased)


def exact_form(text: str, typed: str, words: list[Word]) -> Phrase:
    """Return the term for words wanted exactly as typed: case, accents and number."""
    kept = [word for word in words if not word.elided] or words
    pattern = Pattern(" ".join(word.folded for word in kept), Tier.EXACT, Rule.EXACT_FORM)
    first, last = typed.find(kept[0].written), typed.rfind(kept[-1].written)
    low, top = max(0, first), last + len(kept[-1].written) if last >= 0 else len(typed)
    return Phrase(text, (pattern,), form=clean_form(typed[low:top]))


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
        for head in _alternatives([_forms(word) for word in kept[:-1]])
    }
    return Phrase(text, tuple(found.values()))


def add_letters_apart(found: dict[str, Pattern], words: tuple[str, ...]) -> None:
    """Add the pattern of the same words with every letter set apart (`V A L M A R I N`)."""
    letters = "".join(words)
    if 1 < len(letters) <= LONGEST_SPACED and letters.isalpha():
        spaced = " ".join(letters)
        found.setdefault(spaced, Pattern(spaced, Tier.VARIANT, Rule.LETTERS_APART, Check.LETTERS))


def _add_apostrophes(found: dict[str, Pattern], words: list[Word], numbers: list[tuple[str, ...]]) -> None:
    """Add the phrase with spaces for its apostrophes (`APPEL D OFFRES`) and with nothing (`AUJOURDHUI`)."""
    inside = words[next((place for place, word in enumerate(words) if not word.elided), 0) :]
    joined = [_APOSTROPHE.fullmatch(word.gap) is not None for word in inside[1:]]
    if not any(joined):
        return
    for place, numbered in enumerate(numbers):
        tier, rule = (Tier.VARIANT, Rule.PLURAL) if place else (Tier.EXACT, Rule.SAME_WORDS)
        for joint in (" ", ""):
            spelled = _with_elided(inside, numbered)
            gaps = [joint if is_joined else " " for is_joined in joined]
            written = "".join(itertools.chain.from_iterable(zip(spelled, [*gaps, ""], strict=True)))
            found.setdefault(written, Pattern(written, tier, rule))


def _with_elided(words: list[Word], numbered: tuple[str, ...]) -> tuple[str, ...]:
    """Return the words of a phrase in some numbers, elided articles among them."""
    rest = iter(numbered)
    return tuple(word.folded if word.elided else next(rest) for word in words)


def _numbers(choices: list[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """Return a phrase as typed, with its first word in the other number, and all in the plural or the singular."""
    typed, plural, singular = (tuple(pick(choice) for choice in choices) for pick in (_typed, _longest, _shortest))
    other = plural if plural[0] != typed[0] else singular
    return list(dict.fromkeys((typed, (other[0], *typed[1:]), plural if plural != typed else singular)))


def _typed(choice: tuple[str, ...]) -> str:
    return choice[0]


def _longest(choice: tuple[str, ...]) -> str:
    return max(choice, key=len)


def _shortest(choice: tuple[str, ...]) -> str:
    return min(choice, key=len)


def _forms(word: Word, *, alone: bool = False) -> tuple[str, ...]:
    """Return a typed word and its other numbers; `alone` is False for one whose neighbours tell its sense."""
    own = forms(word.folded, french=not word.written.isascii(), short=word.written.islower())
    beside = () if alone else forms_in_phrase(word.folded)
    return tuple(dict.fromkeys((*own, *beside, *inflected(word.folded))))


def _alternatives(choices: list[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """Return the phrase with each word in each of its forms; of too many, those where fewest words changed."""
    if math.prod(map(len, choices)) <= _MOST_PRODUCT:
        return list(itertools.product(*choices))
    base = tuple(choice[0] for choice in choices)
    found = dict.fromkeys((base, tuple(map(_longest, choices)), tuple(map(_shortest, choices))))
    changes = [(place, form) for place, choice in enumerate(choices) for form in choice[1:]]
    for changed in itertools.chain(((change,) for change in changes), itertools.combinations(changes, 2)):
        words = list(base)
        for place, form in changed:
            words[place] = form
        found[tuple(words)] = None
        if len(found) >= _MOST_PRODUCT:
            break
    return list(found)


def _add_compounds(
    found: dict[str, Pattern], words: list[Word], choices: list[tuple[str, ...]], numbers: list[tuple[str, ...]]
) -> None:
    """Add the joined form of neighbouring words, and the split form of a word that is a compound."""
    base = tuple(word.folded for word in words)
    for place in range(min(len(base) - 1, _MOST_JOINS)):
        first, second = base[place], base[place + 1]
        if len(first) + len(second) > LONGEST_SPACED:
            continue
        if joins(first, words[place + 1], pair=len(base) == _PAIR):
            for head in dict.fromkeys((first, min(choices[place], key=len))):
                for tail in choices[place + 1]:
                    _add_changed(found, numbers, place, 2, (head + tail,))
    for place, word in enumerate(base[:_MOST_JOINS]):
        for *before, tail in splits(word):
            for form in forms(tail):
                _add_changed(found, numbers, place, 1, (*before, form))


_PAIR = 2


def _add_changed(
    found: dict[str, Pattern], numbers: list[tuple[str, ...]], place: int, width: int, change: tuple[str, ...]
) -> None:
    """Add the phrase with `width` words replaced, the others in the numbers likeliest together."""
    for numbered in numbers if width < len(numbers[0]) else numbers[:1]:
        variant = " ".join((*numbered[:place], *change, *numbered[place + width :]))
        check = Check.SPLIT if width == 1 else Check.NONE
        found.setdefault(variant, Pattern(variant, Tier.VARIANT, Rule.COMPOUND, check))
