"""Companies: a name whatever its legal form, connectors, hyphens and apostrophes (matching.md sections 3 and 6)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.matching.codes import Rule
from bot.matching.companies.capitals import capital_proves, form_behind, form_beside
from bot.matching.companies.legal_forms import JOINTS, CompanyName, is_common, is_form, read_company
from bot.matching.companies.patterns import patterns_of
from bot.matching.terms import Check, Pattern, Place, Reading, in_capitals, letters_apart, misspellable
from bot.matching.text.typed import CONNECTOR, CONNECTORS
from bot.matching.words.ordinary_words import ordinary_words
from bot.matching.words.phrases import ACRONYM_LETTERS

_COMMON_WORDS = 2
_SIGNS = frozenset({"&", "+", "-", ".", "/"})
_LONGEST_FORM = 5


@dataclass(frozen=True, slots=True)
class Company:
    """Look for a company's name as whole words; never inflected.

    `cased` wants capitals (a name of at most three capitals). `ordinary` is the only word of a name, articles aside,
    when it is an ordinary one: it wants a capital that proves something. `common` is a name of two ordinary words,
    which small letters do not prove.
    """

    text: str
    name: CompanyName
    patterns: tuple[Pattern, ...]
    cased: bool
    ordinary: str = ""
    common: bool = False

    def __hash__(self) -> int:
        return hash(self.text)

    @property
    def joined_rule(self) -> Rule:
        """Return the rule of a place where a hyphen of the text was dropped."""
        return Rule.JOINED_NAME

    @property
    def misspellable(self) -> tuple[tuple[str, str], ...]:
        """Return the words in which one edit is forgiven, each with another of the name (matching.md section 3.7)."""
        words = [word.folded for word in self.name.core if not word.elided and word.folded != CONNECTOR]
        return tuple(misspellable(words))

    def verify(self, reading: Reading, first: int, count: int, pattern: Pattern) -> Place | None:
        """Return the place of a candidate, or None when case, capitals or the gap before it say otherwise."""
        start: int | None = reading.starts[first]
        rule = pattern.rule
        if pattern.check is Check.GOES_ON:
            first, count, rule = _goes_on(reading, first, pattern.detail)
            if not count:
                return None
            start = reading.starts[first]
        counts = not self.cased or in_capitals(reading, first, count)
        if pattern.check is Check.LETTERS:
            counts = counts and (letters_apart(reading, first, count) or _dotted_beside_form(reading, first, count))
            rule = Rule.ACRONYM if "." in reading.gap(first + 1) else Rule.LETTERS_APART
        elif rule is Rule.CONNECTOR:
            counts = counts and _capitals_round(reading, first, count)
        elif pattern.check is Check.ELISION:
            start = _elision_before(reading, first, pattern.detail)
        elif self.cased and count > 1:
            counts = counts and _held_by_signs(reading, first, count)
        if start is None or not counts:
            return None
        proven, plain = True, False
        if self.ordinary:
            proven, plain = self._stands_as_a_name(reading, first, count)
        elif self.common and count > 1:
            proven = _two_words_prove(reading, first, count)
        return Place(start, reading.ends[first + count - 1], pattern.tier, rule, proven=proven, plain=plain)

    def _stands_as_a_name(self, reading: Reading, first: int, count: int) -> tuple[bool, bool]:
        """Return whether an ordinary word is proven to be a name, and whether it is in small letters."""
        after = first + count
        word = next((index for index in range(first, after) if reading.words[index] == self.ordinary), first)
        if not reading.written(word)[:1].isupper():
            proven = form_beside(reading, word, after)
            return proven, not proven
        return capital_proves(reading, word, after), False


def company(text: str) -> Company:
    """Return the term for a company's name or alias."""
    name = read_company(text)
    core = [word for word in name.core if word.folded != CONNECTOR]
    cased = sum([len(word.folded) for word in core]) <= ACRONYM_LETTERS and all(word.capitals for word in core)
    own = [word.folded for word in core if word.folded not in JOINTS] if name.kept is None else []
    ordinary = own[0] if len(own) == 1 and own[0] in ordinary_words() else ""
    common = len(own) == _COMMON_WORDS and is_common(core)
    return Company(text, name, tuple(patterns_of(text, name, core).values()), cased, ordinary, common)


def _goes_on(reading: Reading, at: int, detail: str) -> tuple[int, int, Rule]:
    """Return where a name begins that has connectors or one form among its words, and how many words it takes.

    `at` is the word that tells, `detail` the words of the name before it and behind it. No words if it has neither.
    """
    before, _, behind = detail.partition("|")
    first, after = at, at + 1
    connectors, forms = 0, 0
    for word in reversed(before.split()):
        if first > 1 and reading.words[first - 1] != word and reading.words[first - 1] in CONNECTORS:
            connectors += 1
            first -= 1
        first -= 1
        if first < 0 or reading.words[first] != word:
            return at, 0, Rule.CONNECTOR
    for word in behind.split(" "):
        here = reading.words[after : after + 1]
        if here and here[0] != word:
            if here[0] in CONNECTORS:
                connectors += 1
                after += 1
            elif not forms:
                forms = form_behind(reading, first, after)
                after += forms
        if reading.words[after : after + 1] != [word]:
            return at, 0, Rule.CONNECTOR
        after += 1
    return first, after - first if connectors or forms else 0, Rule.LEGAL_FORM if forms else Rule.CONNECTOR


def _dotted_beside_form(reading: Reading, first: int, count: int) -> bool:
    """Return whether dotted letters are a name beside a dotted form, a space between the two (*S.A. V.D.O.*)."""
    after = first + count
    if any(reading.gap(index) != "." for index in range(first + 1, after)):
        return False
    low, top = first, after
    while low and first - low < _LONGEST_FORM and _is_letter_of_form(reading, low - 1, low, edge=low == first):
        low -= 1
    while top < len(reading.words) and top - after < _LONGEST_FORM:
        if not _is_letter_of_form(reading, top, top, edge=top == after):
            break
        top += 1
    sides = (reading.words[low:first], reading.words[after:top])
    return any(sides) and all(is_form(side) == len(side) for side in sides if side) and _is_apart(reading, first, after)


def _is_letter_of_form(reading: Reading, word: int, gap: int, *, edge: bool) -> bool:
    between = reading.gap(gap)
    return len(reading.words[word]) == 1 and (not between.strip(" .") and " " in between if edge else between == ".")


def _is_apart(reading: Reading, first: int, after: int) -> bool:
    """Return whether no further letter touches dotted letters."""
    for word, gap in ((first - 1, first), (after, after)):
        if 0 <= word < len(reading.words) and len(reading.words[word]) == 1 and reading.gap(gap) == ".":
            return False
    return True


def _held_by_signs(reading: Reading, first: int, count: int) -> bool:
    """Return whether a sign stands in every gap of a short name of several words (*H&M*, not *A, B*)."""
    return all(reading.gap(index).strip() in _SIGNS for index in range(first + 1, first + count))


def _capitals_round(reading: Reading, first: int, count: int) -> bool:
    return all(
        not reading.written(index)[:1].islower() or reading.words[index] in CONNECTORS
        for index in range(first, first + count)
    )


def _two_words_prove(reading: Reading, first: int, count: int) -> bool:
    """Return whether a name of two ordinary words is written as one: with a capital that does not open a sentence."""
    own = [index for index in range(first, first + count) if reading.words[index] not in JOINTS]
    capitals = [index for index in own if reading.written(index)[:1].isupper()]
    if capitals == own[:1]:
        return capital_proves(reading, capitals[0], first + count)
    return bool(capitals) or form_beside(reading, first, first + count)


def _elision_before(reading: Reading, first: int, head: str) -> int | None:
    """Return where the elided article of a name begins before word `first`, as `l'`, `l` or `L `; None without it."""
    start = reading.starts[first]
    before = reading.clean[max(0, start - 12) : start]
    match = re.search(rf"(?<![^\W_])({re.escape(head)})\W{{1,2}}$", before, re.IGNORECASE)
    return start - len(before) + match.start(1) if match else None
