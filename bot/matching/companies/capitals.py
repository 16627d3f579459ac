"""Whether an ordinary word stands somewhere as the name of a company (matching.md section 6)."""

from __future__ import annotations

import re

from bot.matching.companies.legal_forms import JOINTS, LEADING, is_form, leads
from bot.matching.terms import Reading, in_capitals
from bot.matching.words.ordinary_words import ordinary_words

_SENTENCE_END = re.compile(r"[.!?:\u2026](?=[\s\u00bb\u201d\")]|$)|[\n|\u2022]|(?:^|\s)[-\u2013\u2014*]\s")
_OPENING = re.compile(r"[(\[\u00ab\u201c\u201e\"]\s?$")
_CLOSING = re.compile(r"^\s?[)\]\u00bb\u201d\u201c\",]")
_NAME_BREAK = re.compile(r"[/,;:()|\u2022\n]|\s[-\u2013]\s")
_MOST_ROLES = 12
_AROUND = 8
_HEADLINE = 4
_LONG_WORD = 4
_FORM_WORDS = 8
_SHORT_FORM = 3
_VERBS = frozenset("se as ou es me no ad co".split())  # noqa: SIM905  # reads best as a text
"""Forms of two letters that follow a noun as words of a sentence."""
_NO_WORDS = frozenset("oy ky nv bv ag".split())  # noqa: SIM905  # reads best as a text
"""Forms of two letters that are a word in no language, so that a first capital tells them."""
_GERMAN = frozenset(
    "der die das und fur von mit auf dem den zur zum ist werden wird eine einer einem einen im".split()  # noqa: SIM905  # reads best as a text
)
_LEAST_GERMAN = 3
_PLACES = frozenset(
    """
    ville mairie commune communes canton prefecture arrondissement departement pays region agglomeration
    metropole communaute gare hopital lycee college tribunal route avenue rue city town county mayor
    """.split()  # noqa: SIM905  # many words read best as a text
)
_OF = frozenset("de d of".split())  # noqa: SIM905  # reads best as a text
_ROLES = frozenset(
    """
    mandataire titulaire attributaire cotraitant fournisseur prestataire candidat entreprise groupement
    agence cabinet lot the la le les et and & supplier contractor winner
    """.split()  # noqa: SIM905  # many words read best as a text
)


def capital_proves(reading: Reading, word: int, after: int) -> bool:
    """Return whether the capital of an ordinary word, whose name ends before word `after`, says that it is a name.

    It does not where it opens a sentence, a list entry or a quotation, where everything round it is in capitals or
    begins with one, in German, where every noun has one, and after *ville de*. A legal form beside it does.
    """
    if form_beside(reading, word, after):
        return True
    if not word or _opens(reading, word, after) or _of_a_place(reading, word):
        return False
    around = [
        reading.written(index)
        for index in (word - 2, word - 1, after, after + 1)
        if 0 <= index < len(reading.words) and len(reading.words[index]) > 1
    ]
    cased = [one for one in around if one.lower() != one.upper()]
    if in_capitals(reading, word, after - word) and cased and all(one == one.upper() for one in cased):
        return False
    return not _german(reading, word, after) and not _headline(reading, word, after)


def form_beside(reading: Reading, word: int, after: int) -> bool:
    """Return whether a legal form written as one stands right behind or in front of a name.

    In small letters only a form of three letters or more that is no word counts (*horizon sarl*); among capitals the
    forms that are words do not (*LE TOTAL SE MONTE*).
    """
    if form_behind(reading, word, after):
        return True
    before = word - 1
    while before >= 0 and reading.words[before] in JOINTS and not reading.gap(before + 1).strip():
        before -= 1
    if before < 0 or reading.gap(before + 1).strip(" \u00ab\u201c\"'"):
        return False
    form = reading.words[before]
    return form not in LEADING and leads(form) and _written_as_form(reading, word, before, 1)


def form_behind(reading: Reading, word: int, after: int) -> int:
    """Return how many words make a legal form, written as one, right behind a name that ends before word `after`."""
    count = is_form(reading.words[after : after + _FORM_WORDS])
    beside = count and not reading.gap(after).strip(" ,(-\u2013")
    return count if beside and _written_as_form(reading, word, after, count) else 0


def leads_name(reading: Reading, first: int) -> bool:
    """Return whether a name that begins at word `first` begins the name of its field, forms and roles apart.

    For fields that hold names: *ORANGE SA* and *Mandataire : Orange* do, *CENTRE D'ACTION SOCIALE* does not.
    """
    for at in range(first, max(first - _MOST_ROLES, 0), -1):
        before = reading.words[at - 1]
        if before == "|" or _NAME_BREAK.search(reading.gap(at)):
            return True
        if before not in _ROLES and before not in LEADING and not is_form([before]) and not before.isdigit():
            return False
    return first <= _MOST_ROLES


def is_whole_name(reading: Reading, first: int, after: int) -> bool:
    """Return whether nothing but a legal form stands beside a name in its field."""
    last = after + is_form(reading.words[after : after + _FORM_WORDS])
    return leads_name(reading, first) and (last >= len(reading.words) or reading.words[last] == "|")


def _written_as_form(reading: Reading, word: int, start: int, count: int) -> bool:
    """Return whether a form beside the name that begins at `word` is written as one, and not as a word."""
    letters = "".join(reading.words[start : start + count])
    written = reading.clean[reading.starts[start] : reading.ends[start + count - 1]]
    if len(letters) >= _SHORT_FORM and letters not in ordinary_words():
        return True
    inner = not written.isupper() and written[1:] != written[1:].lower()
    if count == 1 and (inner or (letters in _NO_WORDS and written[0].isupper())):
        return True
    if letters not in _VERBS or "." in written:
        return written.isupper() or "." in written or "/" in written
    beyond = start + count if start > word else start - 1
    among_capitals = 0 <= beyond < len(reading.words) and in_capitals(reading, beyond, 1)
    return written.isupper() and not (among_capitals and in_capitals(reading, word, 1))


def _opens(reading: Reading, word: int, after: int) -> bool:
    """Return whether a word opens a sentence, a list entry, a field or a quotation that goes on behind it."""
    gap, before = reading.gap(word), reading.words[word - 1]
    if before == "|" or (gap[:1] == ")" and (len(before) == 1 or before.isdigit())):
        return True
    if _SENTENCE_END.search(gap):
        return gap.strip() != ":" or before not in _ROLES
    if not _OPENING.search(gap):
        return False
    return after < len(reading.words) and not _CLOSING.search(reading.gap(after))


def _of_a_place(reading: Reading, word: int) -> bool:
    """Return whether the word names a place: *ville d'Orange*, *mairie de Nice*."""
    before = reading.clean[max(0, reading.starts[word] - 2) : reading.starts[word]]
    elided = len(before) > 1 and before[0] in "dD" and not before[1].isalnum()
    place = word - 1 if elided else word - 2
    if place < 0 or not (elided or reading.words[word - 1] in _OF):
        return False
    return reading.words[place] in _PLACES


def _german(reading: Reading, word: int, after: int) -> bool:
    around = reading.words[max(0, word - _AROUND) : after + _AROUND]
    return sum(one in _GERMAN for one in around) >= _LEAST_GERMAN


def _headline(reading: Reading, word: int, after: int) -> bool:
    """Return whether all longer words round a name begin with a capital, so that one more says nothing."""
    low, top = max(0, word - _AROUND), min(len(reading.words), after + _AROUND)
    longer = [
        reading.written(index)
        for index in (*range(low, word), *range(after, top))
        if len(reading.words[index]) >= _LONG_WORD and reading.words[index].isalpha()
    ]
    return len(longer) >= _HEADLINE and all(one[0].isupper() for one in longer)
