"""What letters prove of a person whose name is made of ordinary words (matching.md sections 4 and 6).

*Un mur de pierre blanc cassé* names no Pierre Blanc, and *le marchand Paul* no Paul Marchand.
"""

from __future__ import annotations

from dataclasses import replace

from bot.matching.officials.joints import PLAIN, Joint, is_in_capitals, joint
from bot.matching.officials.name_orders import FamilyFound, given_at
from bot.matching.officials.person_names import CIVILITIES, PARTICLES, TITLES
from bot.matching.terms import Place, Reading
from bot.matching.text.folding import FIELD_BREAK
from bot.matching.words.ordinary_words import ordinary_words

_LINE = 200
_LEAST_WORD = 3


def as_lettered(found: FamilyFound, place: Place) -> Place:
    """Return the place of a name, or what small letters leave of it: a part that is an ordinary word proves nothing.

    Of a name with such a part in small letters nothing is left outside name fields (`Place.plain`), save where the
    other part is nobody's word and in small letters too: with a family name of that kind it stands as it is, with such
    a given name side by side in a line without any capital it is doubtful, and so is any after a civility, and a name
    all of ordinary words among other capitals.
    """
    reading, family = found.reading, range(found.first, found.end)
    given = _given(found, place)
    small_family, small_given = _is_small(reading, family), bool(given) and _is_small(reading, given)
    if not small_family and not small_given:
        capitals = len(given) > 0 and reading.written(found.first).isupper()
        return replace(place, proven=False) if capitals and _is_among_capitals(found, given) else place
    plain_family, plain_given = (
        small_family and _is_ordinary(reading, family),
        small_given and _is_ordinary(reading, given),
    )
    if not plain_family and not (plain_given and not small_family):
        return place
    side_by_side = small_given and not plain_given and len(given) + len(family) == _width(reading, place)
    doubtful = (side_by_side and _line_is_small(reading, place)) or _has_civility(reading, place)
    return replace(place, proven=False) if doubtful else replace(place, plain=True)


def _given(found: FamilyFound, place: Place) -> range:
    """Return the words of a place that are the given name; none where only its initial stands there."""
    reading = found.reading
    for index in range(reading.index(place.start), reading.index(place.end)):
        if not found.first <= index < found.end:
            size = given_at(reading, index, found.name)
            if size:
                return range(index, index + size)
    return range(0)


def _has_civility(reading: Reading, place: Place) -> bool:
    """Return whether a civility stands right before a place: *M. paul marchand*; *me* is a pronoun too."""
    first = reading.index(place.start)
    before = reading.words[first - 1] if first else ""
    return before in CIVILITIES and before != "me" and joint(reading, first) in {Joint.SPACE, Joint.DOT}


def _width(reading: Reading, place: Place) -> int:
    return reading.index(place.end) - reading.index(place.start)


def _is_small(reading: Reading, part: range) -> bool:
    """Return whether no word of a part of a name begins with a capital, particles aside."""
    return not any(reading.written(index)[:1].isupper() for index in part if reading.words[index] not in PARTICLES)


def _is_ordinary(reading: Reading, part: range) -> bool:
    """Return whether every word of a part of a name is an ordinary one, particles and single letters aside."""
    words = [word for word in reading.words[part.start : part.stop] if word not in PARTICLES]
    return any(len(word) >= _LEAST_WORD for word in words) and all(
        len(word) < _LEAST_WORD or word in ordinary_words() for word in words
    )


def _is_among_capitals(found: FamilyFound, given: range) -> bool:
    """Return whether a name all of ordinary words stands beside another word in capitals, no title before it."""
    reading, family = found.reading, range(found.first, found.end)
    first, end = min(given.start, family.start), max(given.stop, family.stop)
    if not all(is_in_capitals(reading, part.start, part.stop) for part in (given, family)):
        return False
    if first and reading.words[first - 1] in TITLES:
        return False
    beside = [index for index, at in ((first - 1, first), (end, end)) if joint(reading, at) in PLAIN]
    if not any(is_in_capitals(reading, index, index + 1) and reading.words[index].isalpha() for index in beside):
        return False
    return _is_ordinary(reading, family) and _is_ordinary(reading, given)


def _line_is_small(reading: Reading, place: Place) -> bool:
    """Return whether the line round a place holds no capital, as in an address or a scan."""
    clean = reading.clean
    low, top = max(0, place.start - _LINE), min(len(clean), place.end + _LINE)
    before, after = clean[low : place.start], clean[place.end : top]
    for sign in ("\n", FIELD_BREAK):
        before, after = before.rpartition(sign)[2], after.partition(sign)[0]
    return not any(one.isupper() for one in before + after)
