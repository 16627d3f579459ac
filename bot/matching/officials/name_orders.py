"""The two orders of a person's name round a family name found: *Paul Corvoy* and *CORVOY Paul* (section 4)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from bot.matching.codes import Rule
from bot.matching.officials.given_names import given_names, men, women
from bot.matching.officials.joints import INSIDE, PLAIN, Joint, glued, is_capitalised, is_in_capitals, joint
from bot.matching.officials.person_names import CIVILITIES, MARRIED, PARTICLES, TITLES, PersonName
from bot.matching.terms import Check, Pattern, Place, Reading
from bot.matching.text.folding import APOSTROPHES, HYPHENS
from bot.models import Tier

_MOST_PARTICLES = 4
_LONGEST_HEAD = 10
_ABBREVIATED = frozenset({"st", "ste"})
_MOST_HYPHENED = 2
_MOST_WORDS_AFTER = 4
_NO_NAME = frozenset("et and ou or und y e avec with par by pour for en a au aux the in of".split())  # noqa: SIM905  # reads best as a text
_BOTH = frozenset({"marie", "maria", "joseph", "jose"})
"""Given names that men and women bear as a second one."""
_AND = frozenset({"et", "and", "ou", "or", "und", "y"})
_SEVERAL_TITLES = frozenset({"mm", "mmes", "mlles", "messieurs", "mesdames"})
_HYPHENS = frozenset(HYPHENS)
_ELIDED = re.compile(rf"(?<!\w)([dDlL])[{re.escape(APOSTROPHES)}]\s?$")
_HEAD = re.compile(rf"(?<!\w)(\w{{1,7}})[{re.escape(APOSTROPHES)}\s]\s?$")


@dataclass(frozen=True, slots=True)
class FamilyFound:
    """Hold where the family name of a person stands: words from `first` to before `end` of a reading."""

    reading: Reading
    name: PersonName
    first: int
    end: int

    def is_whole(self, pattern: Pattern) -> bool:
        """Return whether its words make one name, and its elided syllable stands before them (N'Diaye)."""
        reading, first = self.reading, self.first
        for index in range(first + 1, self.end):
            link = joint(reading, index)
            if link not in INSIDE and not (link is Joint.DOT and reading.words[index - 1] in _ABBREVIATED):
                return False
        if pattern.check is not Check.ELISION:
            return True
        match = _HEAD.search(reading.clean, max(0, reading.starts[first] - _LONGEST_HEAD), reading.starts[first])
        return match is not None and match[1].casefold() == self.name.head

    @property
    def compound(self) -> bool:
        """Return whether a hyphen binds it to another family name; *al-Corvoy* is none."""
        return _before_hyphened(self) != self.first or joint(self.reading, self.end) is Joint.HYPHEN

    @property
    def elided(self) -> str:
        """Return the elided particle right before it (`d` or `l`), or nothing."""
        return elided_before(self.reading, self.first)

    @property
    def start(self) -> int:
        """Return where it begins in the clean layer, with those of its own particles that stand right before it."""
        reading, first = self.reading, self.first
        while first > 0 and _is_own_particle(self, first - 1):
            first -= 1
        start = reading.starts[first]
        heads = {*self.name.particles, self.name.head} - {""}
        match = _HEAD.search(reading.clean, max(0, start - _LONGEST_HEAD), start) if heads else None
        return match.start() if match and match[1].casefold() in heads else start


@dataclass(frozen=True, slots=True)
class _Reach:
    """Hold how far the way from one part of a name to the other has come: the word, and what was met.

    `particles` were counted; a `middle` name, a `comma`, a line end and `second`, a middle name before the comma, stood
    between; `dotted` tells that only a full stop joins the word.
    """

    index: int
    particles: int = 0
    middle: bool = False
    comma: bool = False
    line: bool = False
    second: bool = False
    dotted: bool = False


def given_first(found: FamilyFound) -> Place | None:
    """Return the place of *Paul (H.) (de) Corvoy* that ends with the family name found."""
    reading, name = found.reading, found.name
    typed_initial = len(name.given[-1]) == 1
    for reach in _back(found):
        start = reach.index - given_before(reading, reach.index, name)
        if (reach.dotted and not typed_initial) or start == reach.index:
            continue
        if glued(reading, start) or _is_of_the_other_order(found, start):
            return None
        if reach.comma and not _is_family_first_as_typed(found, start):
            return None
        several = _another_given_before(reading, start)
        tier, rule = _worth(found, reach, swapped=name.family_first or reach.comma, several=several)
        if tier is Tier.EXACT and _is_one_word(reading, start, name):
            tier, rule = Tier.VARIANT, Rule.JOINED_NAME
        return Place(reading.starts[start], reading.ends[found.end - 1], tier, rule)
    return None


def family_first(found: FamilyFound) -> Place | None:
    """Return the place of *CORVOY (de) (,) (M.) Paul* that begins with the family name found."""
    reading, name = found.reading, found.name
    if joint(reading, found.end) is Joint.OPEN:
        return _in_parentheses(found)
    for reach in _forth(found):
        end = reach.index + given_at(reading, reach.index, name)
        if end == reach.index or glued(reading, end) or glued(reading, reach.index):
            continue
        bound = reach.particles or elided_before(reading, reach.index)
        if bound and not reach.comma and not name.particles:
            # "un marchand de Paul": no name has its particle there
            return None
        style = is_in_capitals(reading, found.first, found.end) and not is_in_capitals(reading, reach.index, end)
        apart = reach.line or (reach.middle and not reach.comma)
        if (apart and not style) or not _belongs_here(found, reach, end, style=style):
            return None
        particles = reach.particles + _own_particles_before(found)
        second = reach.second or (style and reach.middle and is_in_capitals(reading, found.end, found.end + 1))
        met = replace(reach, particles=particles, second=second)
        tier, rule = _worth(found, met, swapped=not name.family_first, several=False)
        if tier is Tier.EXACT and _is_one_word(reading, reach.index, name):
            tier, rule = Tier.VARIANT, Rule.JOINED_NAME
        return Place(found.start, reading.ends[end - 1], tier, rule)
    return None


def _back(found: FamilyFound) -> Iterator[_Reach]:
    """Yield where the given name may end before the family name: at once, past particles, a middle name, a comma."""
    reading, words = found.reading, found.reading.words
    index, particles, middle = _before_hyphened(found), 0, False
    while index > 0:
        link = joint(reading, index)
        word = words[index - 1]
        dotted = link is Joint.DOT and len(word) == 1
        if link is Joint.COMMA and not middle:
            yield _Reach(index, particles, comma=True)
            return
        if link not in PLAIN and not dotted and not (link is Joint.HYPHEN and word in PARTICLES):
            return
        yield _Reach(index, particles, middle, dotted=dotted)
        if (word in PARTICLES or word in found.name.particles) and not dotted and particles < _MOST_PARTICLES:
            particles += 1
        elif not middle and _may_be_middle(reading, index - 1, found.name):
            middle = True
        else:
            return
        index -= 1


def _forth(found: FamilyFound) -> Iterator[_Reach]:
    """Yield where the given name may begin after the family name: at once, past a comma, particles, a civility."""
    reading, words = found.reading, found.reading.words
    reach = _Reach(_after_hyphened(found))
    while reach.index < len(words):
        link = joint(reading, reach.index)
        if link is Joint.COMMA and not reach.comma:
            reach = replace(reach, comma=True, second=reach.middle)
        elif link is Joint.LINE and not reach.line:
            reach = replace(reach, line=True)
        elif link is not Joint.SPACE and not (link is Joint.DOT and reach.dotted):
            return
        yield reach
        word = words[reach.index]
        particle = word in PARTICLES and reach.particles < _MOST_PARTICLES
        middle = not particle and word not in CIVILITIES
        if middle and (reach.middle or not _may_be_middle(reading, reach.index, found.name)):
            return
        dotted = len(word) == 1 or word in CIVILITIES
        reach = replace(
            reach,
            index=reach.index + 1,
            particles=reach.particles + particle,
            middle=reach.middle or middle,
            dotted=dotted,
        )


def elided_before(reading: Reading, index: int) -> str:
    """Return the elided particle right before the word at `index` (`d` or `l`), or nothing."""
    start = reading.starts[index]
    match = _ELIDED.search(reading.clean, max(0, start - 4), start)
    return match[1].casefold() if match else ""


def proper_before(reading: Reading, first: int) -> int | None:
    """Return which word before `first`, particles skipped, belongs to the same run of capitalised names, if any."""
    index = first
    while index > 0 and reading.words[index - 1] in PARTICLES and joint(reading, index) is Joint.SPACE:
        index -= 1
    link = joint(reading, index)
    word = reading.words[index - 1] if index else ""
    if link is Joint.DOT and len(word) == 1 and reading.written(index - 1).isupper() and word != "m":
        return index - 1
    named = link is Joint.SPACE and word not in TITLES and is_capitalised(reading, index - 1)
    return index - 1 if named else None


def _before_hyphened(found: FamilyFound) -> int:
    """Return the first word of the hyphened family name that the family name found ends."""
    index = found.first
    while index > max(0, found.first - _MOST_HYPHENED) and joint(found.reading, index) is Joint.HYPHEN:
        if found.reading.words[index - 1] in PARTICLES:
            break
        index -= 1
    return index


def _after_hyphened(found: FamilyFound) -> int:
    """Return the word after the hyphened family name that the family name found begins."""
    index = found.end
    while index < found.end + _MOST_HYPHENED and joint(found.reading, index) is Joint.HYPHEN:
        index += 1
    return index


def given_at(reading: Reading, start: int, name: PersonName) -> int:
    """Return how many words from word `start` are the given name, its parts side by side or as one word; else 0."""
    given, words = name.given, reading.words
    if not 0 <= start < len(words):
        return 0
    if words[start] != given[0]:
        return int(len(given) > 1 and words[start] == "".join(given))
    size = len(given)
    if size == 1:
        return 1
    links = INSIDE | {Joint.DOT} if len(given[0]) == 1 else INSIDE
    whole = tuple(words[start : start + size]) == given
    return size if whole and all(joint(reading, index) in links for index in range(start + 1, start + size)) else 0


def given_before(reading: Reading, end: int, name: PersonName) -> int:
    """Return how many words before word `end` are the given name; else 0."""
    size = len(name.given)
    if given_at(reading, end - size, name) == size:
        return size
    return int(size > 1 and given_at(reading, end - 1, name) == 1)


def _is_one_word(reading: Reading, start: int, name: PersonName) -> bool:
    """Return whether a given name of several words is written as one; a hyphen in it only hides in this reading."""
    written = reading.written(start)
    return len(name.given) > 1 and reading.words[start] != name.given[0] and _HYPHENS.isdisjoint(written)


def _is_family_first_as_typed(found: FamilyFound, start: int) -> bool:
    """Return whether *Li, Wenjuan* is the person typed as *Li Wenjuan*: family name first, as typed, and nobody else.

    Not of a common given name (*Paul, Corvoy*), nor of two words of a list (*Arvoy, Corvoy et Tarvel*).
    """
    reading, end = found.reading, found.end
    if reading.words[start] in given_names() or found.name.family_first or found.compound:
        return False
    if not is_capitalised(reading, start) or not is_capitalised(reading, found.first):
        return False
    listed = joint(reading, start) is Joint.COMMA or proper_before(reading, start) is not None
    goes_on = end < len(reading.words) and (
        (joint(reading, end) in {Joint.COMMA, Joint.SPACE} and is_capitalised(reading, end))
        or (joint(reading, end) is Joint.SPACE and reading.words[end] in _AND)
    )
    several = start > 0 and reading.words[start - 1] in _SEVERAL_TITLES
    return not listed and not goes_on and not several


def _is_of_the_other_order(found: FamilyFound, start: int) -> bool:
    """Return whether the given name ends one name and the family name begins the next, in a list of people.

    The list has the family names first: *MARTIN Paul CORVOY Anne*, or one name a line, with or without commas.
    """
    reading, end = found.reading, found.end
    if start < 1 or end >= len(reading.words):
        return False
    named = is_capitalised(reading, start - 1) and reading.words[start - 1] not in TITLES
    if not named or not is_capitalised(reading, end):
        return False
    before, after, given = joint(reading, start), joint(reading, end), reading.words[end] in given_names()
    line = any(joint(reading, index) is Joint.LINE for index in range(start + 1, found.first + 1))
    styled = is_in_capitals(reading, start - 1, start) and is_in_capitals(reading, found.first, end)
    styled = styled and not reading.written(start).isupper() and not reading.written(end).isupper()
    if line and before is after and (before is Joint.COMMA or (before is Joint.SPACE and (given or styled))):
        return True
    if not line and Joint.LINE in {before, after}:
        # a line of its own
        return False
    return styled and given and before in PLAIN and after in PLAIN


def _another_given_before(reading: Reading, start: int) -> bool:
    """Return whether another given name stands right before: *Jean Paul Corvoy* may be Jean-Paul."""
    if joint(reading, start) is not Joint.SPACE or not is_capitalised(reading, start - 1):
        return False
    return reading.words[start - 1] in given_names()


def _may_be_middle(reading: Reading, index: int, name: PersonName) -> bool:
    word = reading.words[index]
    if not is_capitalised(reading, index) or (len(word) > 1 and (word in _NO_NAME or word in TITLES)):
        return False
    if glued(reading, index) or glued(reading, index + 1) or word in MARRIED:
        return False
    # a woman's name after a man's is another person's: "Paul Anne Corvoy"
    first = name.given[0]
    clash = (first in men() and word in women()) or (first in women() and word in men())
    return not clash or word in _BOTH


def _belongs_here(found: FamilyFound, reach: _Reach, end: int, *, style: bool) -> bool:
    """Return whether family and given name are one person's, and not those of two people named one after the other.

    `end` is the word after the given name; `style` tells that only the family name is in capitals.
    """
    reading = found.reading
    before = proper_before(reading, _before_hyphened(found))
    named = _name_goes_on(reading, end)
    if before is not None:
        known = reading.words[before] in given_names() or len(reading.words[before]) == 1
        apart = reach.index != found.end and not reach.comma
        return not known and not named and not apart and (style or not reach.comma)
    if not reach.comma or not named or (style and is_in_capitals(reading, end, end + 1)):
        return True
    # "commune d'Arvoy, Paul Martin": only where a name begins the next one may be a middle name
    first = found.first - _own_particles_before(found)
    titled = first > 0 and reading.words[first - 1] in TITLES
    return (
        not titled
        and joint(reading, first) not in PLAIN
        and (reading.words[end] in given_names() or len(reading.words[end]) == 1)
    )


def _name_goes_on(reading: Reading, index: int) -> bool:
    """Return whether the word at `index`, particles skipped, goes on with a name begun before it."""
    while index + 1 < len(reading.words) and reading.words[index] in PARTICLES and joint(reading, index) is Joint.SPACE:
        index += 1
    named = joint(reading, index) is Joint.SPACE and is_capitalised(reading, index)
    return named and reading.words[index] not in TITLES and reading.words[index] not in PARTICLES


def _in_parentheses(found: FamilyFound) -> Place | None:
    """Return the place of *M. Corvoy (Paul)*, as the French official journal lists people; weak without a civility."""
    reading, name = found.reading, found.name
    first = found.first
    while first > 1 and reading.words[first - 1] in PARTICLES and joint(reading, first) is Joint.SPACE:
        first -= 1
    civil = first > 0 and reading.words[first - 1] in CIVILITIES and joint(reading, first) in {Joint.SPACE, Joint.DOT}
    end = last = found.end + given_at(reading, found.end, name)
    if end == found.end or found.compound:
        return None
    if not civil:
        named = is_capitalised(reading, found.first) and is_capitalised(reading, found.end)
        if not named or proper_before(reading, found.first) is not None:
            return None
    while civil and last < end + _MOST_WORDS_AFTER and joint(reading, last) in {Joint.COMMA, Joint.SPACE}:
        last += 1
    if not reading.clean.startswith(")", reading.ends[last - 1]):
        return None
    return Place(found.start, reading.ends[end - 1], Tier.VARIANT if civil else Tier.WEAK, Rule.NAME_ORDER)


def _own_particles_before(found: FamilyFound) -> int:
    """Return how many of its own particles stand right before the family name found."""
    first = found.first
    while first > 0 and _is_own_particle(found, first - 1):
        first -= 1
    return found.first - first


def _is_own_particle(found: FamilyFound, index: int) -> bool:
    link = joint(found.reading, index + 1)
    return found.reading.words[index] in found.name.particles and link in {Joint.SPACE, Joint.HYPHEN}


def _worth(found: FamilyFound, reach: _Reach, *, swapped: bool, several: bool) -> tuple[Tier, Rule]:
    """Return the tier and the rule of a name, the least sure of what was met on the way."""
    if found.compound or reach.second:
        return Tier.WEAK, Rule.COMPOUND_FAMILY
    if several:
        return Tier.WEAK, Rule.SEVERAL_GIVEN
    if found.name.respelled:
        return Tier.VARIANT, Rule.TRANSLITERATION
    if found.name.birth:
        return Tier.VARIANT, Rule.MARRIED_NAME
    particles = reach.particles + bool(found.elided) == len(found.name.particles)
    met = ((reach.middle, Rule.MIDDLE_NAME), (swapped, Rule.NAME_ORDER), (not particles, Rule.PARTICLE))
    rule = next((rule for is_met, rule in met if is_met), None)
    return (Tier.VARIANT, rule) if rule else (Tier.EXACT, Rule.SAME_WORDS)
