"""Companies: a name whatever its legal form, connectors, hyphens and apostrophes (matching.md sections 3 and 6)."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass

from bot.matching.codes import Rule
from bot.matching.folding import APOSTROPHES
from bot.matching.legal_forms import CompanyName, is_form, ordinary_words, read_company
from bot.matching.phrases import ACRONYM_LETTERS, LONGEST_SPACED, add_letters_apart
from bot.matching.terms import Check, Pattern, Place, Reading, in_capitals, letters_apart
from bot.matching.typed import CONNECTOR, CONNECTORS, Word
from bot.models import Tier

_APOSTROPHE_GAP = re.compile(rf"[{re.escape(APOSTROPHES)}]")
_LEAST_JOINED = 8
_MOST_CONNECTORS = 2
_MOST_FREE_GAPS = 2
_OPENS = re.compile(r"[.!?:;\u2026\n|\u2022\u00ab\u201c\"]|(?:^|\s)[-\u2013\u2014*]\s")


@dataclass(frozen=True, slots=True)
class Company:
    """Look for a company's name as whole words; never inflected.

    `cased` wants capitals (a name of at most three capitals); `ordinary` wants a capital that proves something.
    """

    text: str
    name: CompanyName
    patterns: tuple[Pattern, ...]
    cased: bool
    ordinary: bool

    def __hash__(self) -> int:
        return hash(self.text)

    @property
    def joined_rule(self) -> Rule:
        """Return the rule of a place where a hyphen of the text was dropped."""
        return Rule.JOINED_NAME

    def verify(self, reading: Reading, first: int, count: int, pattern: Pattern) -> Place | None:
        """Return the place of a candidate, or None when case, capitals or the gap before it say otherwise."""
        start: int | None = reading.starts[first]
        rule = pattern.rule
        counts = not self.cased or in_capitals(reading, first, count)
        if pattern.check is Check.LETTERS:
            counts = counts and letters_apart(reading, first, count)
            rule = Rule.ACRONYM if "." in reading.gap(first + 1) else Rule.LETTERS_APART
        elif pattern.check is Check.CONNECTOR:
            counts = counts and self._capitals_round(reading, first, count)
        elif pattern.check is Check.ELISION:
            start = _elision_before(reading, first, pattern.detail)
        if self.ordinary:
            counts = counts and reading.written(first)[:1].isupper()
        if start is None or not counts:
            return None
        proven = not self.ordinary or _capital_proves(reading, first, count)
        return Place(start, reading.ends[first + count - 1], pattern.tier, rule, proven=proven)

    @staticmethod
    def _capitals_round(reading: Reading, first: int, count: int) -> bool:
        return all(
            not reading.written(index)[:1].islower() or reading.words[index] in CONNECTORS
            for index in range(first, first + count)
        )


def company(text: str) -> Company:
    """Return the term for a company's name or alias."""
    name = read_company(text)
    core = [word for word in name.core if word.folded != CONNECTOR]
    cased = len(core) == 1 and len(core[0].folded) <= ACRONYM_LETTERS and core[0].capitals
    ordinary = name.kept is None and len(core) == 1 and core[0].folded in ordinary_words()
    found: dict[str, Pattern] = {}
    _add(found, name.words, Tier.EXACT, Rule.SAME_WORDS)
    dropped = bool(name.form)
    _add(found, name.core, Tier.VARIANT if dropped else Tier.EXACT, Rule.LEGAL_FORM if dropped else Rule.SAME_WORDS)
    if name.kept:
        _add(found, (*name.core[1:], name.core[0]), Tier.VARIANT, Rule.LEGAL_FORM)
        letters = " ".join(name.core[0].folded)
        spaced = " ".join((letters, *(word.folded for word in core[1:])))
        found.setdefault(spaced, Pattern(spaced, Tier.VARIANT, Rule.LEGAL_FORM))
    plain = tuple(word.folded for word in core if not word.elided)
    add_letters_apart(found, tuple(word.folded for word in core))
    joined = "".join(word.folded for word in core)
    if len(core) > 1 and _LEAST_JOINED <= len(joined) <= LONGEST_SPACED:
        found.setdefault(joined, Pattern(joined, Tier.VARIANT, Rule.JOINED_NAME))
    if 1 < len(plain) <= _MOST_FREE_GAPS + 1:
        _add_free_connectors(found, name.core)
    return Company(text, name, tuple(found.values()), cased, ordinary)


def _add(found: dict[str, Pattern], words: tuple[Word, ...], tier: Tier, rule: Rule) -> None:
    """Add the spellings of a name: elided articles kept, connectors as any other or as nothing."""
    kept = [word for word in words if word.folded != CONNECTOR]
    if not kept:
        return
    head = "".join(word.folded for word in itertools.takewhile(lambda word: word.elided, kept))
    skipped = " ".join(word.folded for word in kept if not word.elided)
    if head and skipped:
        found.setdefault(skipped, Pattern(skipped, tier, rule, Check.ELISION, detail=head))
    elif skipped:
        found.setdefault(skipped, Pattern(skipped, tier, rule))
    for spelling in _apostrophes(kept, skip=bool(head)):
        found.setdefault(spelling, Pattern(spelling, tier, rule))
    connectors = [place for place, word in enumerate(words) if word.folded == CONNECTOR][:_MOST_CONNECTORS]
    for chosen in itertools.product(CONNECTORS, repeat=len(connectors)):
        if not connectors:
            break
        signs = dict(zip(connectors, chosen, strict=True))
        variant = " ".join(
            signs.get(place, word.folded)
            for place, word in enumerate(words)
            if not word.elided and (word.folded != CONNECTOR or place in signs)
        )
        found.setdefault(variant, Pattern(variant, tier, rule))


def _apostrophes(words: list[Word], *, skip: bool) -> Iterator[str]:
    """Yield the spellings of a name with its apostrophes as spaces and as nothing.

    `skip` leaves out a name that begins with an article apart: the pattern without the article finds it.
    """
    if any(word.elided for word in words):
        for joint in ("",) if skip else (" ", ""):
            yield "".join(word.folded + (joint if word.elided else " ") for word in words).strip()
    if any(_APOSTROPHE_GAP.fullmatch(word.gap) for word in words[1:]):
        yield "".join(
            ("" if place == 0 or _APOSTROPHE_GAP.fullmatch(word.gap) else " ") + word.folded
            for place, word in enumerate(words)
        )


def _add_free_connectors(found: dict[str, Pattern], core: tuple[Word, ...]) -> None:
    """Add a connector in each gap of a short name typed without one, where it stands between capitals."""
    words = [word.folded for word in core if not word.elided]
    if CONNECTOR in words:
        return
    for place in range(1, len(words)):
        for connector in CONNECTORS:
            variant = " ".join((*words[:place], connector, *words[place:]))
            found.setdefault(variant, Pattern(variant, Tier.VARIANT, Rule.CONNECTOR, Check.CONNECTOR))


def _elision_before(reading: Reading, first: int, head: str) -> int | None:
    """Return where the elided article of a name begins before word `first`, as `l'`, `l` or `L `; None without it."""
    start = reading.starts[first]
    before = reading.clean[max(0, start - 12) : start]
    match = re.search(rf"(?<![^\W_])({re.escape(head)})\W{{1,2}}$", before, re.IGNORECASE)
    return start - len(before) + match.start(1) if match else None


def _capital_proves(reading: Reading, first: int, count: int) -> bool:
    """Return whether a capital says that an ordinary word is a name here (matching.md section 6.1).

    It does not where it opens a sentence or where its neighbours are in capitals too; a legal form beside it does.
    """
    after = first + count
    if is_form(reading.words[after : after + 6]) and reading.gap(after).strip(" ,(-") == "":
        return True
    if first and is_form([reading.words[first - 1]]) and reading.gap(first).isspace():
        return True
    if not first or _OPENS.search(reading.gap(first)) or reading.words[first - 1] == "|":
        return False
    if not in_capitals(reading, first, count):
        return True
    neighbours = [
        reading.written(index)
        for index in (first - 2, first - 1, after, after + 1)
        if 0 <= index < len(reading.words) and len(reading.words[index]) > 1
    ]
    return not neighbours or not all(word == word.upper() for word in neighbours if word.lower() != word.upper())
