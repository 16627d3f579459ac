"""Names of married people round a family name found: *Anne Lanthier née Corvoy* (matching.md section 4)."""

from __future__ import annotations

from bot.matching.codes import Rule
from bot.matching.officials.joints import INSIDE, Joint, glued, joint
from bot.matching.officials.name_orders import FamilyFound, given_at
from bot.matching.officials.person_names import MARRIED, MARRIED_SHORT, PARTICLES
from bot.matching.terms import Place, Reading
from bot.models import Tier

_MOST_MARRIED = 4
_AFTER_MARRIED = frozenset({Joint.SPACE, Joint.COMMA, Joint.CLOSE})


def married(found: FamilyFound) -> Place | None:
    """Return the place of *Anne Lanthier née Corvoy*, *Corvoy née Lanthier, Anne* and the like; a variant."""
    sign = found.first - 1
    while sign > 1 and found.reading.words[sign] in PARTICLES:
        sign -= 1
    if _is_married(found.reading, sign):
        return _born(found, sign)
    return _wed(found) if _is_married(found.reading, found.end) else None


def _born(found: FamilyFound, sign: int) -> Place | None:
    """Return the place of *Anne Lanthier née Corvoy* and *Lanthier née Corvoy (,) Anne*, `sign` the word *née*."""
    reading, name = found.reading, found.name
    size = given_at(reading, found.end, name)
    if size and joint(reading, found.end) in _AFTER_MARRIED:
        return Place(found.start, reading.ends[found.end + size - 1], Tier.VARIANT, Rule.MARRIED_NAME)
    for start in range(sign - 1, max(-1, sign - 1 - _MOST_MARRIED - len(name.given)), -1):
        size = given_at(reading, start, name)
        if size and start + size < sign and not glued(reading, start):
            return Place(reading.starts[start], reading.ends[found.end - 1], Tier.VARIANT, Rule.MARRIED_NAME)
        if joint(reading, start) not in INSIDE:
            break
    return None


def _wed(found: FamilyFound) -> Place | None:
    """Return the place of *Corvoy née Lanthier (,) Anne*."""
    reading, name = found.reading, found.name
    for start in range(found.end + 2, found.end + 2 + _MOST_MARRIED):
        link = joint(reading, start)
        size = given_at(reading, start, name)
        if size and link in _AFTER_MARRIED and not glued(reading, start + size):
            return Place(found.start, reading.ends[start + size - 1], Tier.VARIANT, Rule.MARRIED_NAME)
        if link not in INSIDE:
            break
    return None


def _is_married(reading: Reading, index: int) -> bool:
    if not 0 < index < len(reading.words) - 1:
        return False
    word = reading.words[index]
    return word in MARRIED or (word in MARRIED_SHORT and reading.written(index).islower())
