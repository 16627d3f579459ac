"""Officials: given and family name in either order, particles, titles and middle names (matching.md section 4)."""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass, replace

from bot.matching.codes import Rule
from bot.matching.phrases import LONGEST_SPACED
from bot.matching.terms import Check, Pattern, Place, Reading, letters_apart
from bot.matching.typed import Word, read_words
from bot.models import Tier

TITLES = frozenset(
    """
    m mm mme mmes mlle mr mrs ms monsieur messieurs madame mesdames mademoiselle me maitre dr docteur pr prof professeur
    sir lord lady dame herr frau senor senora don donna signor signora
    depute deputee senateur senatrice ministre president presidente maire prefet prefete general colonel directeur
    directrice secretaire commissaire ambassadeur ambassadrice conseiller conseillere juge procureur procureure
    """.split()  # noqa: SIM905  # many words read best as a text
)
_CIVILITIES = frozenset("m mm mme mlle mr mrs ms monsieur madame mademoiselle me maitre dr docteur pr prof".split())  # noqa: SIM905  # reads best as a text
PARTICLES = frozenset(
    "de d du des la le les l von van der den zu di da do dos del della el al bin ben ibn ter ten".split()  # noqa: SIM905  # reads best as a text
)
_NOT_A_NAME = frozenset("et and ou or und y e avec with par by pour for en a au aux the in of".split())  # noqa: SIM905  # reads best as a text
_MOST_PARTICLES = 3
_REACH = 12
_FAMILY_FIRST_WORDS = 3
_NAME_GAP = re.compile(r"[ \t\u00a0\u2009\u202f]*\r?\n?[ \t\u00a0\u2009\u202f]*")
_HYPHEN_GAP = re.compile(r"\s?[-\u2010\u2011]\s?")
_COMMA_GAP = re.compile(r"\s?,[ \t\u00a0\u202f]*")
_DOT_GAP = re.compile(r"\.[ \t\u00a0\u202f]*")
_BRACKET_GAP = re.compile(r"[ \t\u00a0\u202f]*")


@dataclass(frozen=True, slots=True)
class PersonName:
    """Hold an official's name in its parts, folded; a one-word name has no `given`."""

    given: tuple[str, ...]
    family: tuple[str, ...]
    particles: tuple[str, ...] = ()
    family_first: bool = False
    written_given: str = ""
    written_family: str = ""


@dataclass(frozen=True, slots=True)
class _Step:
    """Hold how two words of a name were joined on the way from one part to the other."""

    index: int
    particles: int = 0
    middle: bool = False
    comma: bool = False


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

    def verify(self, reading: Reading, first: int, count: int, pattern: Pattern) -> Place | None:
        """Return the place of the whole name round a family name found, the best reading of it, or None."""
        if pattern.check is Check.LETTERS:
            if not letters_apart(reading, first, count):
                return None
            return Place(reading.starts[first], reading.ends[first + count - 1], Tier.VARIANT, Rule.LETTERS_APART)
        best: Place | None = None
        around = reading.words[max(0, first - _REACH) : first + count + _REACH]
        for name in self.names:
            if name.family != tuple(pattern.detail.split()):
                continue
            if name.given[0] not in around and name.given[0][0] not in around:
                continue
            for place in (_given_first(reading, name, first, count), _family_first(reading, name, first, count)):
                if place and (best is None or place.tier.rank < best.tier.rank):
                    best = place
        if best and best.tier is Tier.EXACT and pattern.rule is not Rule.SAME_WORDS:
            return replace(best, tier=Tier.VARIANT, rule=pattern.rule)
        return best


def read_person(name: str) -> tuple[PersonName, ...]:
    """Return how an official's name may be read, likeliest first; a one-word name has no given name.

    A comma or capitals say which part is the family name; without a sign the last word is it, and of three words or
    more the first may be it too.
    """
    words = [word for word in read_words(name) if word.folded not in _CIVILITIES or "'" in word.gap]
    if not words:
        words = read_words(name)
    comma = next((place for place, word in enumerate(words) if place and "," in word.gap), 0)
    capitals = [_all_capitals(word) for word in words]
    if comma:
        return _named(words[comma:], words[:comma], family_first=True)
    if any(capitals) and not all(capitals):
        low = capitals.index(True)
        top = len(capitals) - capitals[::-1].index(True)
        if all(capitals[low:top]) and (low == 0 or top == len(words)):
            rest = words[top:] if low == 0 else words[:low]
            given, before = _without_particles_at_end(rest) if low else (rest, [])
            if given:
                return _named(given, [*before, *words[low:top]], family_first=low == 0)
    if len(words) == 1:
        return (PersonName((), (words[0].folded,), (), written_family=words[0].written),)
    cut = _family_start(words)
    names = _named(words[:cut], words[cut:], family_first=False)
    if len(words) >= _FAMILY_FIRST_WORDS and not any(word.folded in PARTICLES for word in words):
        names += _named(words[1:], words[:1], family_first=True)
    return names


def official(text: str) -> Official:
    """Return the term for an official of at least two words."""
    names = read_person(text)
    found: dict[str, Pattern] = {}
    for name in names:
        family = " ".join(name.family)
        found.setdefault(family, Pattern(family, Tier.EXACT, Rule.SAME_WORDS, detail=family))
        if name.particles:
            for glue in {"".join(name.particles), name.particles[-1]}:
                found.setdefault(glue + family, Pattern(glue + family, Tier.EXACT, Rule.PARTICLE, detail=family))
        if len(name.family) > 1:
            joined = "".join(name.family)
            found.setdefault(joined, Pattern(joined, Tier.VARIANT, Rule.JOINED_NAME, detail=family))
        for order in ((*name.given, *name.family), (*name.family, *name.given)):
            letters = "".join(order)
            if letters.isalpha() and len(letters) <= LONGEST_SPACED:
                spaced = " ".join(letters)
                found.setdefault(spaced, Pattern(spaced, Tier.VARIANT, Rule.LETTERS_APART, Check.LETTERS))
    return Official(text, names, tuple(found.values()))


def _named(given: list[Word], family: list[Word], *, family_first: bool) -> tuple[PersonName, ...]:
    """Return the name of these two parts: particles taken off the family name, initials off the given one."""
    loose = list(family)
    particles = list(itertools.takewhile(lambda word: word.folded in PARTICLES, loose[:-1]))
    loose = loose[len(particles) :]
    full = [word for word in given if len(word.folded) > 1] or list(given)
    trailing = [word for word in full if word.folded in PARTICLES]
    full = [word for word in full if word.folded not in PARTICLES] or full
    if not full or not loose:
        whole = [*given, *family]
        return (PersonName((), tuple(word.folded for word in whole), (), written_family=_written(whole)),)
    return (
        PersonName(
            tuple(word.folded for word in full),
            tuple(word.folded for word in loose if word.folded not in PARTICLES)
            or tuple(word.folded for word in loose),
            tuple(word.folded for word in (*trailing, *particles)),
            family_first,
            _written(full),
            _written([*trailing, *particles, *loose]),
        ),
    )


def _written(words: list[Word]) -> str:
    return "".join(
        (" " if word.gap.isspace() or not word.gap else word.gap) * (place > 0) + word.written
        for place, word in enumerate(words)
    )


def _all_capitals(word: Word) -> bool:
    return len(word.folded) > 1 and word.capitals


def _without_particles_at_end(words: list[Word]) -> tuple[list[Word], list[Word]]:
    cut = len(words)
    while cut > 1 and words[cut - 1].folded in PARTICLES:
        cut -= 1
    return words[:cut], words[cut:]


def _family_start(words: list[Word]) -> int:
    """Return where the family name begins: at the first particle, else at the words hyphened to the last one."""
    for place in range(1, len(words) - 1):
        if words[place].folded in PARTICLES:
            return place
    cut = len(words) - 1
    while cut > 1 and "-" in words[cut].gap:
        cut -= 1
    return cut


# The two orders ---------------------------------------------------------------------------------------------------


def _given_first(reading: Reading, name: PersonName, first: int, count: int) -> Place | None:
    """Return the place of *Paul (H.) (de) Corvoy* that ends with the family name found."""
    compound = _hyphened(reading, first) or _hyphened(reading, first + count)
    steps = _back(reading, first)
    for step in steps:
        start = step.index - len(name.given)
        if start >= 0 and _is(reading, start, name.given) and not _hyphened(reading, start):
            return _placed(reading, name, (start, first + count), step, compound=compound, swapped=name.family_first)
    initial = _initial_before(reading, name, first)
    if initial is not None and not compound:
        return Place(reading.starts[initial], reading.ends[first + count - 1], Tier.WEAK, Rule.INITIAL)
    return None


def _back(reading: Reading, first: int) -> list[_Step]:
    """Return where the given name may end before word `first`: at once, past particles, past one middle name."""
    steps: list[_Step] = []
    index, particles, middle = first, 0, False
    while index > 0:
        gap = reading.gap(index)
        initial = len(reading.words[index - 1]) == 1
        if _HYPHEN_GAP.fullmatch(gap) and index == first:
            # a compound family name: its other half stands before the hyphen
            index -= 1
            continue
        if not (_NAME_GAP.fullmatch(gap) or (initial and _DOT_GAP.fullmatch(gap))):
            break
        if not (initial and _DOT_GAP.fullmatch(gap)):
            steps.append(_Step(index, particles, middle))
        word = reading.words[index - 1]
        if word in PARTICLES and particles < _MOST_PARTICLES:
            particles += 1
        elif not middle and _may_be_middle(reading, index - 1):
            middle = True
        else:
            break
        index -= 1
    return steps


def _family_first(reading: Reading, name: PersonName, first: int, count: int) -> Place | None:
    """Return the place of *CORVOY (de) (,) (M.) Paul* that begins with the family name found."""
    compound = _hyphened(reading, first) or _hyphened(reading, first + count)
    for step in _forth(reading, first + count):
        end = step.index + len(name.given)
        if end > len(reading.words) or not _is(reading, step.index, name.given) or _hyphened(reading, end):
            continue
        if _other_person(reading, first, step.index, end, comma=step.comma):
            continue
        if step.middle and not _capitals_then_small(reading, first, step.index):
            continue
        return _placed(reading, name, (first, end), step, compound=compound, swapped=not name.family_first)
    return None


def _forth(reading: Reading, index: int) -> list[_Step]:
    """Return where the given name may begin after the family name: at once, past a comma, particles, a title."""
    steps: list[_Step] = []
    particles, middle, comma, dotted = 0, False, False, False
    while index < len(reading.words):
        gap = reading.gap(index)
        if _COMMA_GAP.fullmatch(gap) and not comma:
            comma = True
        elif _HYPHEN_GAP.fullmatch(gap) and not steps:
            index += 1
            continue
        elif "\n" in gap or not (_BRACKET_GAP.fullmatch(gap) or (dotted and _DOT_GAP.fullmatch(gap))):
            break
        steps.append(_Step(index, particles, middle, comma))
        word = reading.words[index]
        dotted = len(word) == 1 or word in _CIVILITIES
        if word in _CIVILITIES:
            pass
        elif word in PARTICLES and particles < _MOST_PARTICLES:
            particles += 1
        elif not middle and _may_be_middle(reading, index):
            middle = True
        else:
            break
        index += 1
    return steps


def _placed(
    reading: Reading, name: PersonName, span: tuple[int, int], step: _Step, *, compound: bool, swapped: bool
) -> Place:
    tier, rule = Tier.EXACT, Rule.SAME_WORDS
    if compound:
        tier, rule = Tier.WEAK, Rule.COMPOUND_FAMILY
    elif step.middle:
        tier, rule = Tier.VARIANT, Rule.MIDDLE_NAME
    elif swapped:
        tier, rule = Tier.VARIANT, Rule.NAME_ORDER
    elif step.particles != len([one for one in name.particles if one not in {"d", "l"}]):
        tier, rule = Tier.VARIANT, Rule.PARTICLE
    return Place(reading.starts[span[0]], reading.ends[span[1] - 1], tier, rule)


def _is(reading: Reading, start: int, words: tuple[str, ...]) -> bool:
    """Return whether the given name stands at word `start`, its parts joined by spaces or hyphens."""
    if tuple(reading.words[start : start + len(words)]) != words:
        return False
    gaps = (reading.gap(index) for index in range(start + 1, start + len(words)))
    return all(_NAME_GAP.fullmatch(gap) or _HYPHEN_GAP.fullmatch(gap) for gap in gaps)


def _hyphened(reading: Reading, index: int) -> bool:
    """Return whether a hyphen alone stands between the word at `index` and the one before."""
    return 0 < index < len(reading.words) and bool(re.fullmatch(r"[-\u2010\u2011]", reading.gap(index)))


def _may_be_middle(reading: Reading, index: int) -> bool:
    word, written = reading.words[index], reading.written(index)
    named = written[:1].isupper() and word not in _NOT_A_NAME and word not in TITLES and word.isalpha()
    return named and not _hyphened(reading, index) and not _hyphened(reading, index + 1)


def _initial_before(reading: Reading, name: PersonName, first: int) -> int | None:
    """Return which word is the initial of the given name right before the family name, if any."""
    index = first
    while index > 0 and reading.words[index - 1] in PARTICLES and len(reading.words[index - 1]) > 1:
        index -= 1
    if not index or reading.words[index - 1] != name.given[0][0] or _hyphened(reading, index - 1):
        return None
    gap = reading.gap(index)
    dotted = bool(_DOT_GAP.fullmatch(gap))
    if not reading.written(index - 1).isupper() or not dotted:
        return None
    # "M. Corvoy" is a title, not an initial
    return None if reading.words[index - 1] == "m" else index - 1


def _other_person(reading: Reading, first: int, given: int, end: int, *, comma: bool) -> bool:
    """Return whether the family name found belongs to a name before it and the given name to one after it."""
    before = (
        first > 0
        and _NAME_GAP.fullmatch(reading.gap(first))
        and reading.written(first - 1)[:1].isupper()
        and reading.words[first - 1] not in TITLES
        and reading.words[first - 1] not in PARTICLES
        and reading.words[first - 1].isalpha()
    )
    if not before:
        return False
    after = (
        end < len(reading.words)
        and _NAME_GAP.fullmatch(reading.gap(end))
        and (reading.written(end)[:1].isupper() or reading.words[end] in PARTICLES)
    )
    # "Luc Corvoy, Paul Martin" and "Luc Corvoy Paul Martin" are two people
    return comma or bool(after) or given != first + 1


def _capitals_then_small(reading: Reading, first: int, given: int) -> bool:
    return reading.written(first).isupper() and not reading.written(given).isupper()
