"""Officials: given and family name that belong to one name, in either order (matching.md section 4)."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from bot.matching.codes import Rule
from bot.matching.officials.family_places import REACH
from bot.matching.officials.married_names import married
from bot.matching.officials.name_orders import FamilyFound, family_first, given_first
from bot.matching.officials.person_letters import as_lettered
from bot.matching.officials.person_names import PARTICLES, PersonName, read_person
from bot.matching.officials.scant_names import alone, with_initial
from bot.matching.officials.spaced_names import as_words
from bot.matching.terms import Check, Pattern, Place, Reading, letters_apart, misspellable
from bot.matching.words.phrases import LONGEST_SPACED
from bot.models import Tier

_LEAST_SPACED = 3
_INNER_CAPITAL = re.compile(r"(?:Mc|Mac|O|Fitz|De|Di|Du|La|Le|Van)(?=[A-Z])")
_SAINTS = {"saint": "st", "sainte": "ste", "st": "saint", "ste": "sainte"}
_GLUED = {"vanden": "van den", "vander": "van der", "vande": "van de"}


@dataclass(frozen=True, slots=True)
class Official:
    """Look for a person: given and family name that belong to one name, in either order."""

    text: str
    names: tuple[PersonName, ...]
    patterns: tuple[Pattern, ...]

    def __hash__(self) -> int:
        return hash(self.text)

    @property
    def joined_rule(self) -> Rule:
        """Return the rule of a place where a hyphen of the text was dropped."""
        return Rule.JOINED_NAME

    @property
    def misspellable(self) -> tuple[tuple[str, str], ...]:
        """Return the words in which one edit is forgiven, each with another of the name (matching.md section 4.8).

        Of a word of the family name it is one of the given name, and the reverse: nothing between them is sure.
        """
        found: dict[tuple[str, str], None] = {}
        for name in self.names:
            for part, other in ((name.family, name.given), (name.given, name.family)):
                found.update(((word, max(other, key=len)), None) for word, _ in misspellable(part))
        return tuple(found)

    def verify(self, reading: Reading, first: int, count: int, pattern: Pattern) -> Place | None:
        """Return the place of the whole name round a family name found, the best reading of it, or None."""
        best: Place | None = None
        spaced = pattern.check is Check.LETTERS
        if spaced and not letters_apart(reading, first, count):
            return None
        for name in self.names:
            if " ".join(name.family) != pattern.detail:
                continue
            if spaced:
                around, at = as_words(reading, first, name)
                place = _best(FamilyFound(around, name, at, at + len(name.family)), pattern)
            else:
                place = _best(FamilyFound(reading, name, first, first + count), pattern)
            if place and (best is None or _worth(place) < _worth(best)):
                best = place
        if best and best.tier is Tier.EXACT and pattern.rule is not Rule.SAME_WORDS:
            return replace(best, tier=Tier.VARIANT, rule=pattern.rule)
        return best


def official(text: str) -> Official:
    """Return the term for an official of at least two words."""
    names = read_person(text)
    found: dict[str, Pattern] = {}
    for name in names:
        _add_family(found, name)
    return Official(text, names, tuple(found.values()))


def _best(found: FamilyFound, pattern: Pattern) -> Place | None:
    """Return the best place of the name in full round a family name found, else of what of it proves little."""
    if not found.is_whole(pattern):
        return None
    best: Place | None = None
    given = found.name.given
    near = found.reading.words[max(0, found.first - REACH) : found.end + REACH]
    if given[0] in near or (len(given) > 1 and "".join(given) in near):
        for way in (given_first, family_first, married):
            place = way(found)
            place = as_lettered(found, place) if place else None
            if place and place.tier is Tier.EXACT and not place.plain:
                return place
            if place and (best is None or _worth(place) < _worth(best)):
                best = place
    if best:
        return best
    initial = with_initial(found)
    return as_lettered(found, initial) if initial else alone(found)


def _worth(place: Place) -> tuple[bool, int]:
    """Return what tells the better of two places, the lower the better: one that counts anywhere, then the tier."""
    return place.plain, place.tier.rank


def _add_family(found: dict[str, Pattern], name: PersonName) -> None:
    """Add the spellings of a family name: without its particles, they glued to it, hyphens dropped, Saint as St."""
    words = name.family
    detail = " ".join(words)

    def add(spelling: str, rule: Rule, check: Check = Check.NONE) -> None:
        found.setdefault(spelling, Pattern(spelling, Tier.VARIANT, rule, check, detail=detail))

    check = Check.ELISION if name.head else Check.NONE
    found.setdefault(detail, Pattern(detail, Tier.EXACT, Rule.SAME_WORDS, check, detail=detail))
    joined = "".join(words)
    if name.head:
        add(name.head + joined, Rule.JOINED_NAME)
    if name.particles:
        add("".join(name.particles) + joined, Rule.PARTICLE)
        add(name.particles[-1] + joined, Rule.PARTICLE)
    if _LEAST_SPACED <= len(joined) <= LONGEST_SPACED and joined.isalpha():
        add(" ".join(joined), Rule.LETTERS_APART, Check.LETTERS)
    if len(words) > 1:
        add(joined, Rule.JOINED_NAME)
        loose = " ".join(word for word in words if word not in PARTICLES)
        if loose != detail and " " in loose:
            add(loose, Rule.PARTICLE)
        if words[0] in _SAINTS:
            add(" ".join((_SAINTS[words[0]], *words[1:])), Rule.ABBREVIATION)
    else:
        inner = _INNER_CAPITAL.match(name.written_family)
        glued = next((glued for glued in _GLUED if joined.startswith(glued) and len(joined) > len(glued) + 2), "")
        if inner:
            add(f"{joined[: inner.end()]} {joined[inner.end() :]}", Rule.JOINED_NAME)
        elif glued:
            add(f"{_GLUED[glued]} {joined[len(glued) :]}", Rule.PARTICLE)
