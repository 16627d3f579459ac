"""What of a person's name proves little: an initial, a family name alone; always weak (matching.md section 4.6)."""

from __future__ import annotations

from dataclasses import replace

from bot.matching.codes import Rule
from bot.matching.officials.given_names import given_names, men, women
from bot.matching.officials.joints import PLAIN, Joint, glued, is_capitalised, is_in_capitals, joint
from bot.matching.officials.name_orders import FamilyFound, proper_before
from bot.matching.officials.person_names import CIVILITIES, LOOSE_PARTICLES, PARTICLES, TITLES
from bot.matching.terms import Place, Reading
from bot.matching.words.ordinary_words import ordinary_words
from bot.models import Tier

_WORDS_OF_A_LETTER = frozenset("adeilmoy")
"""Letters that are words, titles or elided particles: as initials they need their full stop."""
_TITLES_OF_MEN = frozenset("m mr monsieur messieurs herr sr senor senhor signor don sir lord".split())  # noqa: SIM905  # reads best as a text
_TITLES_OF_WOMEN = frozenset(
    "mme mmes mlle mrs ms madame mesdames mademoiselle frau sra senora senhora signora dona lady dame".split()  # noqa: SIM905  # reads best as a text
)
_NAMED_AFTER = frozenset(
    """
    rue avenue av boulevard bd bld place pl allee allees quai impasse chemin cours route square passage hopital lycee
    college ecole gymnase stade street road via calle strasse rua
    """.split()  # noqa: SIM905  # many words read best as a text
)
_MOST_INITIALS = 3
_FIELD = "|"


def with_initial(found: FamilyFound) -> Place | None:
    """Return the place of *P. Corvoy*, *J.-P. Corvoy*, *Corvoy P.* round the family name found."""
    return _initial_before(found) or _initial_after(found)


def alone(found: FamilyFound) -> Place | None:
    """Return the place of the family name alone: after a title, or with nothing beside it where a name stands.

    Never of one that is an ordinary word or a common given name. `Place.people_only` tells the second case.
    """
    reading, name, first, end = found.reading, found.name, found.first, found.end
    if found.compound or not is_capitalised(reading, first) or _says_little(found) or _someone_else_after(reading, end):
        return None
    before = first
    while before > 0 and reading.words[before - 1] in PARTICLES and joint(reading, before) in PLAIN:
        before -= 1
    particles = (*reading.words[before:first], *filter(None, [found.elided]))
    if _binding(particles) != _binding(name.particles) or not {*particles} <= {*name.particles}:
        return None
    place = Place(found.start, reading.ends[end - 1], Tier.WEAK, Rule.FAMILY_NAME)
    if before == 0 or reading.words[before - 1] == _FIELD:
        return replace(place, people_only=True) if joint(reading, end) is not Joint.LINE else None
    return place if _is_titled(reading, before, particles, name.given[0]) else None


def _is_titled(reading: Reading, index: int, particles: tuple[str, ...], given: str) -> bool:
    """Return whether a title before word `index` makes it a person's name, and may be that of this one."""
    title = reading.words[index - 1]
    if title not in TITLES or joint(reading, index) not in {Joint.SPACE, Joint.DOT}:
        return False
    if index > 1 and joint(reading, index - 1) in {Joint.HYPHEN, Joint.DOT} and _is_initial(reading, index - 2):
        # "H.-M. Corvoy": an initial, not Monsieur
        return False
    # "le maire de Tourvane" holds a place, "rue du Docteur Corvoy" a street
    of_a_place = title not in CIVILITIES and bool(particles) and particles[0] in LOOSE_PARTICLES
    return not (of_a_place or _is_street(reading, index - 1) or _is_for_the_other(reading, index - 1, given))


def _initial_before(found: FamilyFound) -> Place | None:
    reading, given = found.reading, found.name.given
    index = found.first
    while index > 0 and len(reading.words[index - 1]) > 1 and reading.words[index - 1] in PARTICLES:
        if joint(reading, index) not in PLAIN:
            return None
        index -= 1
    if found.compound or not index:
        return None
    if len(reading.words[index - 1]) > 1:
        start = index - 1 if _stands_for(reading, index, given) else index
    else:
        start = _first_initial(reading, index, given)
    return None if start == index or glued(reading, start) else _weak(reading, start, found.end)


def _stands_for(reading: Reading, index: int, given: tuple[str, ...]) -> bool:
    """Return whether the word before `index` is the name of which the initial was typed, or JP for Jean-Paul."""
    word = reading.words[index - 1]
    if joint(reading, index) not in PLAIN:
        return False
    if len(given) > 1:
        return word == "".join(part[0] for part in given) and reading.written(index - 1).isupper()
    return given[0] == word[0] and is_capitalised(reading, index - 1) and word not in TITLES


def _first_initial(reading: Reading, index: int, given: tuple[str, ...]) -> int:
    """Return where the initials of a given name begin that stand before word `index`; `index` itself without them."""
    start = index
    while start > max(0, index - _MOST_INITIALS) and _is_initial(reading, start - 1):
        link = joint(reading, start)
        if link not in {Joint.DOT, Joint.HYPHEN, Joint.SPACE} or (start == index and link is Joint.HYPHEN):
            break
        start -= 1
    titled = start < index and reading.words[start] == "m" and joint(reading, start + 1) is Joint.DOT
    if titled and not (len(given) > 1 and index - start > 1 and given[0][0] == "m"):
        # Monsieur, whatever follows
        start += 1
    if start == index:
        return index
    letters = reading.words[start:index]
    hyphened = any(joint(reading, place) is Joint.HYPHEN for place in range(start + 1, index))
    bare = joint(reading, index) is not Joint.DOT and letters[-1] in _WORDS_OF_A_LETTER
    return start if _same_initials(letters, given, hyphened=hyphened) and not bare else index


def _initial_after(found: FamilyFound) -> Place | None:
    reading, end = found.reading, found.end
    if found.compound or joint(reading, end) not in {Joint.SPACE, Joint.COMMA} or not _is_initial(reading, end):
        return None
    last = end + 1
    while last < min(end + _MOST_INITIALS, len(reading.words)) and joint(reading, last) in {Joint.DOT, Joint.HYPHEN}:
        if not _is_initial(reading, last):
            break
        last += 1
    hyphened = any(joint(reading, place) is Joint.HYPHEN for place in range(end + 1, last))
    if not _same_initials(reading.words[end:last], found.name.given, hyphened=hyphened) or glued(reading, last):
        return None
    if proper_before(reading, found.first) is not None or _is_of_the_next(found, last):
        return None
    return _weak(reading, found.first, last)


def _is_of_the_next(found: FamilyFound, last: int) -> bool:
    """Return whether the initials before word `last` are no part of this name: those of the next, or a lone letter."""
    reading = found.reading
    capitals = is_in_capitals(reading, found.first, found.end)
    if not reading.clean.startswith(".", reading.ends[last - 1]):
        return not capitals or reading.words[last - 1] in _WORDS_OF_A_LETTER
    follows = joint(reading, last) in {Joint.SPACE, Joint.DOT} and is_capitalised(reading, last)
    return follows and not capitals and reading.words[last] not in ordinary_words()


def _is_initial(reading: Reading, index: int) -> bool:
    return len(reading.words[index]) == 1 and reading.written(index).isupper()


def _same_initials(letters: list[str], given: tuple[str, ...], *, hyphened: bool) -> bool:
    """Return whether initials may stand for a given name: all of them, or the first of it and of a middle name."""
    initials = [part[0] for part in given]
    if len(given) > 1:
        return letters == initials or (letters == initials[:1] and not hyphened)
    return letters[0] == initials[0] and not hyphened and len(letters) < _MOST_INITIALS


def _says_little(found: FamilyFound) -> bool:
    """Return whether the family name is an ordinary word or a common given name."""
    family = found.name.family
    if len(family) > 1 or found.name.head or _binding(found.name.particles):
        return False
    return family[0] in given_names() or family[0] in ordinary_words()


def _binding(particles: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(one for one in particles if one not in LOOSE_PARTICLES)


def _someone_else_after(reading: Reading, end: int) -> bool:
    """Return whether what follows makes it the name of somebody else: *M. Corvoy Luc*, *M. Corvoy (Luc)*."""
    link = joint(reading, end)
    if end >= len(reading.words) or not is_capitalised(reading, end):
        return False
    if link is Joint.SPACE:
        return reading.words[end] not in TITLES
    if link is Joint.COMMA and joint(reading, end + 1) is Joint.SPACE and is_capitalised(reading, end + 1):
        # "M. Corvoy, Luc Martin": the next is a person of his own
        return False
    return link in {Joint.COMMA, Joint.OPEN} and (
        reading.words[end] in given_names() or reading.words[end] in CIVILITIES
    )


def _is_street(reading: Reading, index: int) -> bool:
    """Return whether the title at `index` is part of the name of a street or a building: *rue du Docteur Corvoy*."""
    if reading.words[index] in _TITLES_OF_MEN | _TITLES_OF_WOMEN:
        return False
    return not _NAMED_AFTER.isdisjoint(reading.words[max(0, index - 3) : index])


def _is_for_the_other(reading: Reading, index: int, given: str) -> bool:
    """Return whether the title is a woman's and the given name a man's, or the reverse; *M. et Mme* is for both."""
    title = reading.words[index]
    if index > 1 and reading.words[index - 2] in TITLES and reading.words[index - 1] in {"et", "and", "ou"}:
        return False
    return (title in _TITLES_OF_WOMEN and given in men()) or (title in _TITLES_OF_MEN and given in women())


def _weak(reading: Reading, first: int, end: int) -> Place:
    return Place(reading.starts[first], reading.ends[end - 1], Tier.WEAK, Rule.INITIAL)
