"""Where a notice comes near what an item asks, and what may stand in the way there: guesses, to be proven.

For `bot.matching.explaining.why_not`, which alone tells a person, and only what it has proven.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from rapidfuzz.distance import OSA

from bot.matching.codes import Obstacle
from bot.matching.companies.brands import brand_of
from bot.matching.companies.company import Company
from bot.matching.identifiers.identifier import read_identifier
from bot.matching.officials.person_names import read_person
from bot.matching.terms import LEAST_MISSPELT
from bot.matching.text.document import name_fields, running_fields
from bot.matching.text.folding import FIELD_BREAK, fold
from bot.matching.text.typed import CONNECTOR, read_words
from bot.matching.words.inflection import forms
from bot.matching.words.phrases import Phrase
from bot.models import Notice, WatchItem

_WIDEST = 40
_LEAST_INSIDE = 3
_LEAST_STEM = 5
_STEM_SHARE = 0.6
_LEAST_EDITED = 4
_LEAST_DIGITS = 8
_WORD = re.compile(r"\S+")
_CURRENCY = re.compile(r"\s{0,2}(?:(?:€|\$|£|euros?\b|eur\b|k€|m€)(?:\s?(?:HT|TTC)\b)?|(?:HT|TTC)\b)", re.IGNORECASE)
_GROUPED = "., \u00a0\u202f"
"""What groups digits."""
_MORE_DIGITS = re.compile(rf"(?:[{_GROUPED}]?\d)++")
_WIDEST_NUMBER = 60
_PART_JOINTS = frozenset("-")
"""What stands between the parts of a given name."""
_NAME_JOINTS = frozenset(" \u00a0-")
"""What stands between a given and a family name."""
_SMALL = frozenset("de du des d la le les l et and of the a au aux en in sur pour for".split())  # noqa: SIM905  # reads best as a text


@dataclass(frozen=True, slots=True)
class Missed:
    """Hold why a name, alias, number or query of an item does not match, and where the notice comes near it.

    `field[start:end] == matched` as in a Hit; `asked` is what was looked for there. `distance` counts words or letters
    where the obstacle is one: how far apart two sides of NEAR stand, at least.
    """

    obstacle: Obstacle
    term: str
    field: str
    start: int
    end: int
    matched: str
    asked: str
    distance: int = 0


@dataclass(frozen=True, slots=True)
class Read:
    """Hold a word of a field: folded, and where it stands in the original text."""

    folded: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Field:
    """Hold a field of a notice as it stands there, with its words."""

    name: str
    text: str
    words: list[Read]

    def slice(self, first: int, last: int) -> tuple[int, int]:
        """Return where two words and all between them stand in the text."""
        return self.words[first].start, self.words[last].end


@dataclass(frozen=True, slots=True)
class Guess:
    """Hold an obstacle not yet proven: written as `instead`, the place of the field's text would match."""

    missed: Missed
    instead: str
    text: str


def fields_of(notice: Notice) -> list[Field]:
    """Return the fields of a notice in which words are looked for."""
    return [Field(name, text, _read(text)) for name, text in (*running_fields(notice), *name_fields(notice))]


def _read(text: str) -> list[Read]:
    folded = fold(f" {text.replace(FIELD_BREAK, ' ')}")
    found = _WORD.finditer(folded.blanked().replace("-", " "))
    return [Read(word[0], folded.start(word.start()) - 1, folded.end(word.end()) - 1) for word in found]


def _guess(
    obstacle: Obstacle,
    term: str,
    field: Field,
    span: tuple[int, int],
    instead: str,
    asked: str = "",
    distance: int = 0,
) -> Guess:
    start, end = span
    matched = field.text[start:end]
    return Guess(
        Missed(obstacle, term, field.name, start, end, matched, asked or instead, distance), instead, field.text
    )


@dataclass(frozen=True, slots=True)
class _Asked:
    """Hold the words of a name or a phrase: folded, and as they were written; `brand` is a name's first, if a brand."""

    text: str
    words: list[str]
    written: str
    cased: bool = False
    is_keyword: bool = False
    form: str = ""
    brand: str = ""


def of_phrase(phrase: Phrase, fields: Sequence[Field], term: str) -> Iterator[Guess]:
    """Yield what may keep a word or a phrase from being found; nothing for one that is only begun."""
    typed = phrase.text.strip().strip('"\u201c\u201d\u00ab\u00bb').removeprefix("=")
    if "*" in typed or typed.startswith("re:"):
        return
    words = [word for word in read_words(typed) if not word.elided]
    asked = _Asked(phrase.text, [word.folded for word in words], typed, phrase.cased, is_keyword=True, form=phrase.form)
    yield from _of_words(asked, fields, term)


def _of_words(asked: _Asked, fields: Sequence[Field], term: str) -> Iterator[Guess]:
    """Yield guesses of every kind, those that come nearest first."""
    if not asked.words:
        return
    if asked.is_keyword:
        fields = [_in_one_number(field, asked.words) for field in fields]
    yield from _in_each(_written_otherwise, asked, fields, term)
    yield from _in_each(_one_letter_off, asked, fields, term)
    if len(asked.words) > 1:
        scattered = list(_in_each(_scattered, asked, fields, term))
        yield from sorted(scattered, key=lambda guess: guess.missed.distance)
        lacking = [] if scattered else list(_in_each(_without_small_words, asked, fields, term))
        yield from lacking
        if not (scattered or lacking):
            yield from _in_each(_incomplete, asked, fields, term)
    yield from _in_each(_inside, asked, fields, term)
    if asked.is_keyword and len(asked.words) == 1:
        yield from _in_each(_other_ending, asked, fields, term)


def _in_each(
    look: Callable[[_Asked, Field, str], Iterator[Guess]], asked: _Asked, fields: Sequence[Field], term: str
) -> Iterator[Guess]:
    for field in fields:
        yield from look(asked, field, term)


def _in_one_number(field: Field, words: Sequence[str]) -> Field:
    """Return a field where these words stand as asked, in the singular or the plural."""
    asked = {form: word for word in words for form in forms(word)}
    return replace(field, words=[replace(read, folded=asked.get(read.folded, read.folded)) for read in field.words])


def _written_otherwise(asked: _Asked, field: Field, term: str) -> Iterator[Guess]:
    """Yield the places of all words in order: what is wrong there is case, or the exact form."""
    width = len(asked.words)
    for at in range(len(field.words) - width + 1):
        if [word.folded for word in field.words[at : at + width]] != asked.words:
            continue
        span = field.slice(at, at + width - 1)
        if asked.form:
            yield _guess(Obstacle.OTHER_FORM, term, field, span, asked.form)
        elif asked.cased:
            yield _guess(Obstacle.NOT_CAPITALS, term, field, span, asked.written.upper(), asked.written)
        else:
            capitals = field.text[slice(*span)].title()
            yield _guess(Obstacle.SMALL_LETTERS, term, field, span, capitals, asked.written)


def _one_letter_off(asked: _Asked, field: Field, term: str) -> Iterator[Guess]:
    """Yield the words that are one edit from a word asked."""
    for wanted in asked.words:
        if len(wanted) < _LEAST_EDITED or wanted.isdigit():
            continue
        for word in field.words:
            if (
                abs(len(word.folded) - len(wanted)) <= 1
                and word.folded not in asked.words
                and OSA.distance(word.folded, wanted, score_cutoff=1) == 1
            ):
                span, instead = (word.start, word.end), _cased_as(asked, wanted)
                small = field.text[slice(*span)]
                if not asked.is_keyword and small[:1].islower():
                    yield _guess(Obstacle.LETTER_OF_SMALL_WORD, term, field, span, small.title(), instead, 1)
                yield _guess(_of_edit(asked, wanted), term, field, span, instead, instead, 1)


def _of_edit(asked: _Asked, wanted: str) -> Obstacle:
    if asked.is_keyword:
        return Obstacle.LETTER_OF_KEYWORD
    return Obstacle.LETTER_OF_SHORT_NAME if len(wanted) < LEAST_MISSPELT else Obstacle.LETTER_OF_OTHER_WORD


def _cased_as(asked: _Asked, wanted: str) -> str:
    """Return a word asked as it was written in the name."""
    written = next((word.written for word in read_words(asked.written) if word.folded == wanted), wanted)
    return written if asked.is_keyword else written[:1].upper() + written[1:]


def _scattered(asked: _Asked, field: Field, term: str) -> Iterator[Guess]:
    """Yield the narrowest stretch of a field that holds every word asked, small ones too: reordered or apart."""
    stretch = _narrowest(field, asked.words)
    if stretch is None:
        return
    low, top = stretch
    there = [word.folded for word in field.words[low : top + 1]]
    if Counter(asked.words) - Counter(there):
        return
    obstacle = Obstacle.APART if _in_order(asked.words, there) else Obstacle.OTHER_ORDER
    others = len(there) - len(asked.words)
    yield _guess(obstacle, term, field, field.slice(low, top), asked.written, asked.written, others)


def _without_small_words(asked: _Asked, field: Field, term: str) -> Iterator[Guess]:
    """Yield the stretch of a field that holds the words asked in their order but for a small one: `plan relance`."""
    wanted = [word for word in asked.words if word not in _SMALL]
    stretch = _narrowest(field, wanted) if wanted else None
    if stretch is None:
        return
    low, top = stretch
    there = [word.folded for word in field.words[low : top + 1]]
    if len(there) <= len(asked.words) and _in_order(wanted, there):
        yield from _lacking(asked, field, term, (low, top))


def _narrowest(field: Field, wanted: Sequence[str]) -> tuple[int, int] | None:
    """Return the first and last word of the narrowest stretch that holds all of these; None where there is none."""
    best: tuple[int, int] | None = None
    last: dict[str, int] = {}
    for at, word in enumerate(field.words):
        if word.folded not in wanted:
            continue
        last[word.folded] = at
        if len(last) == len(set(wanted)):
            low = min(last.values())
            if best is None or at - low < best[1] - best[0]:
                best = low, at
    return best if best is not None and best[1] - best[0] <= _WIDEST else None


def _in_order(wanted: Sequence[str], words: Sequence[str]) -> bool:
    left = iter(words)
    return all(word in left for word in wanted)


def _lacking(asked: _Asked, field: Field, term: str, stretch: tuple[int, int]) -> Iterator[Guess]:
    """Yield a stretch of a field that has some of the words asked, with those that it lacks."""
    low, top = stretch
    stands = [word.folded for word in field.words[low : top + 1]]
    missing = " ".join(word.written for word in read_words(asked.written) if word.folded not in stands)
    if not missing:
        return
    if asked.is_keyword:
        obstacle = Obstacle.PHRASE_INCOMPLETE
    else:
        obstacle = Obstacle.BRAND_ALONE if stands == [asked.brand] else Obstacle.WORDS_MISSING
    yield _guess(obstacle, term, field, field.slice(low, top), asked.written, missing)


def _incomplete(asked: _Asked, field: Field, term: str) -> Iterator[Guess]:
    """Yield the longest run of the words asked that stands without the others: the bare brand of a long name."""
    best: tuple[int, int, int] | None = None
    for at in range(len(field.words)):
        for first in range(len(asked.words)):
            width = 0
            while (
                at + width < len(field.words)
                and first + width < len(asked.words)
                and field.words[at + width].folded == asked.words[first + width]
            ):
                width += 1
            if width and any(word not in _SMALL for word in asked.words[first : first + width]):
                weight = sum(len(word) for word in asked.words[first : first + width])
                if (first == 0 or width > 1) and (best is None or weight > best[0]):
                    best = weight, at, width
    if best is not None:
        _, at, width = best
        yield from _lacking(asked, field, term, (at, at + width - 1))


def _inside(asked: _Asked, field: Field, term: str) -> Iterator[Guess]:
    """Yield the longer words that contain the letters asked."""
    together = "".join(asked.words)
    if len(together) < _LEAST_INSIDE or len(asked.words) > 1:
        return
    written = asked.written.upper() if asked.cased else _cased_as(asked, asked.words[0])
    for word in field.words:
        if together in word.folded and word.folded != together:
            yield _guess(Obstacle.INSIDE_WORD, term, field, (word.start, word.end), written, asked.written)


def _other_ending(asked: _Asked, field: Field, term: str) -> Iterator[Guess]:
    """Yield the words that begin as the keyword does and end otherwise."""
    (wanted,) = asked.words
    for word in field.words:
        shared = next(
            (place for place, (one, other) in enumerate(zip(wanted, word.folded, strict=False)) if one != other),
            min(len(wanted), len(word.folded)),
        )
        if shared >= _LEAST_STEM and shared >= _STEM_SHARE * max(len(wanted), len(word.folded)):
            yield _guess(
                Obstacle.OTHER_ENDING, term, field, (word.start, word.end), asked.written, wanted[:shared], shared
            )


def of_company(wanted: Company, fields: Sequence[Field], term: str) -> Iterator[Guess]:
    """Yield what may keep a company from being found."""
    words = [word for word in wanted.name.core if word.folded != CONNECTOR and not word.elided]
    written = " ".join(word.written for word in words)
    brand = brand_of(wanted.name)
    folded_brand = next((word.folded for word in words if word.written == brand), "")
    asked = _Asked(term, [word.folded for word in words], written, wanted.cased, brand=folded_brand)
    yield from _of_words(asked, fields, term)


def of_person(text: str, fields: Sequence[Field]) -> Iterator[Guess]:
    """Yield what may keep an official from being found."""
    for name in read_person(text):
        whole = f"{name.written_given} {name.written_family}"
        asked = _Asked(text, [*name.given, *name.family], whole)
        for field in fields:
            yield from _one_letter_off(asked, field, text)
        for field in fields:
            families = list(_runs(field, name.family))
            givens = list(_runs(field, name.given))
            for low, top in families:
                at = bisect_left(givens, (low, top))
                near = min(givens[max(0, at - 1) : at + 1], key=lambda run: abs(run[0] - low), default=None)
                if near is None or abs(near[0] - low) > _WIDEST or near[1] + 1 == low:
                    yield _alone(text, field, (low, top), whole, name.written_given)
                else:
                    span = field.slice(min(low, near[0]), max(top, near[1]))
                    yield _guess(Obstacle.NOT_ONE_NAME, text, field, span, whole)


def _alone(text: str, field: Field, run: tuple[int, int], whole: str, given: str) -> Guess:
    """Return the place of a family name without the given one, with the name that stands before it if one does."""
    low, top = run
    first = low
    joints = _NAME_JOINTS
    while first and field.text[field.words[first - 1].end : field.words[first].start] in joints:
        first, joints = first - 1, _PART_JOINTS
    start, end = field.words[first].start, field.words[top].end
    written = field.text[start : field.words[low].start]
    if first < low and written[:1].isupper() and len(written.strip()) > 1:
        return _guess(Obstacle.OTHER_GIVEN_NAME, text, field, (start, end), whole, given)
    return _guess(Obstacle.FAMILY_NAME_ALONE, text, field, field.slice(low, top), whole, given)


def _runs(field: Field, words: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Yield the first and last word of each place where these words stand side by side."""
    width = len(words)
    for at in range(len(field.words) - width + 1):
        if tuple(word.folded for word in field.words[at : at + width]) == tuple(words):
            yield at, at + width - 1


def of_numbers(item: WatchItem, fields: Sequence[Field]) -> Iterator[Guess]:
    """Yield the places where the digits of an identifier stand inside a longer number, or are an amount."""
    for typed in item.identifiers:
        digits = read_identifier(typed).value
        if len(digits) < _LEAST_DIGITS or not digits.isdigit():
            continue
        standing = re.compile(f"[{_GROUPED}]?".join(digits))
        for field in fields:
            for start, end in _numbers_round(standing, field.text):
                if amount := _CURRENCY.match(field.text, end):
                    span = start, amount.end()
                    yield _guess(Obstacle.AMOUNT, typed, field, span, f"\n{digits}\n", digits)
                elif re.sub(r"\D", "", field.text[start:end]) != digits:
                    yield _guess(Obstacle.PART_OF_NUMBER, typed, field, (start, end), f"\n{digits}\n", digits)


def _numbers_round(standing: re.Pattern[str], text: str) -> Iterator[tuple[int, int]]:
    """Yield where each number that holds these digits stands, as far as it is looked at on either side."""
    end = 0
    while found := standing.search(text, end):
        start, floor = found.start(), max(end, found.start() - _WIDEST_NUMBER)
        while start > floor and (text[start - 1].isdecimal() or text[start - 1] in _GROUPED):
            start -= 1
        while text[start] in _GROUPED:
            start += 1
        end = found.end()
        if more := _MORE_DIGITS.match(text, end, end + _WIDEST_NUMBER):
            end = more.end()
        yield start, end
