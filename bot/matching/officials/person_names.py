"""A person's name as somebody types it, read into given name, particles and family name (matching.md section 4)."""

from __future__ import annotations

import itertools
import re
import unicodedata
from dataclasses import dataclass, replace

from bot.matching.officials.given_names import given_names
from bot.matching.text.folding import APOSTROPHES
from bot.matching.text.typed import Word, read_words

CIVILITIES = frozenset(
    """
    m mm mme mmes mlle mlles mr mrs ms mx monsieur messieurs madame mesdames mademoiselle me maitre dr docteur pr prof
    professeur herr frau sr sra dhr mevr
    """.split()  # noqa: SIM905  # many words read best as a text
)
TITLES = CIVILITIES | frozenset(
    """
    sir lord lady dame senor senora senhor senhora don dona donna signor signora dott dottor onorevole mgr monseigneur
    depute deputee eurodepute eurodeputee senateur senatrice ministre president presidente maire prefet prefete
    general generale colonel amiral directeur directrice secretaire commissaire ambassadeur ambassadrice conseiller
    conseillere juge procureur procureure rapporteur rapporteure chancelier chanceliere recteur rectrice gouverneur
    administrateur administratrice inspecteur inspectrice avocat avocate notaire chef cheffe adjoint adjointe
    pdg ceo chairman chairwoman minister mayor senator governor commissioner ambassador professor councillor judge
    ministro ministra alcalde alcaldesa
    """.split()  # noqa: SIM905  # many words read best as a text
)
PARTICLES = frozenset(
    """
    de d du des la le les l lo von van vom zu zum zur der den vander vanden vande ter ten tot di da do dos das del dell
    della delle dei degli dal dalla el al bin ben ibn bint af av
    """.split()  # noqa: SIM905  # many words read best as a text
)
LOOSE_PARTICLES = frozenset({"de", "d", "du", "des", "von", "zu"})
"""Particles that a family name drops where it stands alone: *M. Tourvane* may be Anne de Tourvane, *M. Pen* nobody."""
MARRIED = frozenset({"nee", "epouse", "veuve", "born", "geborene"})
"""Words between a married name and the name at birth."""
MARRIED_SHORT = frozenset({"ne", "ep", "vve", "geb"})
"""The same where they are written in small letters."""

_LINKS = frozenset({"y", "e", "i"})
_DEVOTIONS = frozenset(
    """
    amor angeles anjos ascension asuncion carmen ceu conceicao concepcion consuelo coro cruz dolores dores esperanza
    fatima gloria graca gracia gracas guadalupe jesus lourdes luz lurdes mar mercedes milagros montserrat nieves paz
    pilar piedad pino prado purificacion remedios rocio rosario sagrario salud santos sol soledad valle
    """.split()  # noqa: SIM905  # many words read best as a text
)
"""What follows the particle of a given name: *María del Mar*, *Maria de Lurdes*, *José de Jesús*."""
_DEVOTED = frozenset({"maria", "ana", "jose", "juan", "rosa"})
_OF_A_CLAN = frozenset({"\u00d3", "N\u00ed", "U\u00ed", "Nic", "\u00f3"})
"""Irish words before a family name that are part of it."""
_ARTICLES = frozenset({"le", "la", "l", "les", "the"})
_NO_GIVEN = frozenset({"le", "la", "les", "de", "du", "des", "d", "l", "van", "von", "della", "dos", "das"})
_INITIALS = re.compile("[^aeiouy]{2}")
_AS_LETTERS = {
    "\u00e4": "ae", "\u00f6": "oe", "\u00fc": "ue", "\u00f8": "oe", "\u00e5": "aa",
    "\u00c4": "AE", "\u00d6": "OE", "\u00dc": "UE", "\u00d8": "OE", "\u00c5": "AA",
}  # fmt: skip
_UMLAUTS = re.compile(f"[{''.join(_AS_LETTERS)}]")
_LETTERS = re.compile(r"(?i:(?<![qg])ue(?=[a-z])|oe(?=[a-z])|ae(?=[a-z]))")
_WORD = re.compile(r"\w+")
_MOST_READINGS = 3
_SEVERAL = 3


@dataclass(frozen=True, slots=True)
class PersonName:
    """Hold an official's name in its parts, folded; a one-word name has no `given`.

    `family` is without the particles before it. `head` is an elided syllable that belongs to it (the N of N'Diaye).
    `birth` says that it is the second of two family names, the one that stands after *née* or *épouse*; `respelled`
    that it is Müller for a typed Mueller, or the reverse.
    """

    given: tuple[str, ...]
    family: tuple[str, ...]
    particles: tuple[str, ...] = ()
    family_first: bool = False
    written_given: str = ""
    written_family: str = ""
    head: str = ""
    birth: bool = False
    respelled: bool = False


def read_person(name: str) -> tuple[PersonName, ...]:
    """Return how an official's name may be read, likeliest first; a one-word name has no given name.

    A comma, a parenthesis or capitals say which part is the family name. Without a sign the family name begins at the
    first particle, else at the last word, or, of three words or more, after the given names known as such. Titles and
    functions are left out; *née* and *épouse* part two family names of one person.
    """
    name = unicodedata.normalize("NFC", name)
    names = _read_married(read_words(name))
    respelled = _respelled(name)
    if respelled == name:
        return names
    return (*names, *(replace(one, respelled=True) for one in _read_married(read_words(respelled))[:1]))


def _read_married(words: list[Word]) -> tuple[PersonName, ...]:
    place = _married_at(words)
    if place:
        first = _read(words[:place])
        second = words[place + 1 :]
        given = first[0].given
        if given and second and len(second) <= _SEVERAL:
            other = _named([], second, family_first=False, like=first[0])
            return (*first[: _MOST_READINGS - 1], replace(other, birth=True))
        words = words[:place]
    return _read(words)


def _respelled(name: str) -> str:
    """Return a name with its umlauts as two letters, or, without umlauts, with such letters as umlauts."""
    if _UMLAUTS.search(name):
        return _UMLAUTS.sub(lambda match: _AS_LETTERS[match[0]], name)
    if not _LETTERS.search(name):
        return name
    known = given_names()
    return _WORD.sub(
        lambda word: word[0] if word[0].casefold() in known else _LETTERS.sub(lambda one: one[0][0], word[0]), name
    )


def _read(words: list[Word]) -> tuple[PersonName, ...]:
    words, comma = _without_functions(words)
    if comma:
        return (_named(words[comma:], words[:comma], family_first=True),)
    marked = _by_capitals(words)
    if marked:
        return (marked,)
    if len(words) == 1:
        return (PersonName((), (words[0].folded,), (), written_family=words[0].written),)
    if words[0].folded in PARTICLES:
        return _led_by_particle(words)
    if len(words) >= _SEVERAL and words[0].elided:
        return (_named(words[2:], words[:2], family_first=True),)
    names = [_named(words[:cut], words[cut:], family_first=False) for cut in _cuts(words)]
    known = given_names()
    last = len(words) - 1
    while last > 1 and "-" in words[last].gap:
        last -= 1
    doubtful = words[0].folded not in known and not any(_belongs(word) for word in words)
    if doubtful and words[last].folded in known:
        # registers print in capitals, and the family name first
        rank = 0 if all(word.capitals for word in words) else len(names)
        names.insert(rank, _named(words[last:], words[:last], family_first=True))
    elif doubtful and len(words) >= _SEVERAL:
        names.append(_named(words[1:], words[:1], family_first=True))
    return tuple(names[:_MOST_READINGS])


def _married_at(words: list[Word]) -> int:
    """Return where *née* or *épouse* stands between two names; 0 without it."""
    for place, word in enumerate(words[:-1]):
        short = word.folded in MARRIED_SHORT and place > 1 and not word.written[:1].isupper()
        if place and (word.folded in MARRIED or short) and not word.elided:
            return place
    return 0


def _without_functions(words: list[Word]) -> tuple[list[Word], int]:
    """Return the words of the name, titles and functions left out, and where a comma or parenthesis parts it."""
    start = 0
    while start < len(words) - 1:
        article = words[start].folded in _ARTICLES and words[start + 1].folded in TITLES
        if not article and (words[start].folded not in TITLES or words[start].elided):
            break
        start += 1
    kept = words[start:]
    cut = next((place for place, word in enumerate(kept) if place and ("," in word.gap or "(" in word.gap)), 0)
    if not cut:
        return kept, 0
    before = [word for word in kept[:cut] if word.folded not in PARTICLES]
    after = [word for word in kept[cut:] if word.folded not in CIVILITIES or word.elided]
    end = next((place for place, word in enumerate(after) if place and set(",();:") & set(word.gap)), len(after))
    after = after[:end]
    function = not after or after[0].folded in TITLES or after[0].folded in _ARTICLES
    lower = bool(after) and after[0].written[:1].islower() and any(word.written[:1].isupper() for word in before)
    if function or (lower and after[0].folded not in PARTICLES) or ("(" in kept[cut].gap and len(before) > 1):
        return kept[:cut], 0
    return [*kept[:cut], *after], cut


def _by_capitals(words: list[Word]) -> PersonName | None:
    """Return the name whose family name is told by capitals; None where they tell nothing."""
    capitals = [len(word.folded) > 1 and word.capitals for word in words]
    if not all(capitals) and _INITIALS.fullmatch(words[0].folded):
        capitals[0] = False
    for place in range(len(words) - 2, -1, -1):
        capitals[place] = capitals[place] or (capitals[place + 1] and _after_apostrophe(words[place + 1]))
    if not any(capitals) or all(capitals):
        return None
    low = capitals.index(True)
    top = len(capitals) - capitals[::-1].index(True)
    if low and top < len(words):
        return None
    inner = all(capitals[place] or words[place].folded in PARTICLES for place in range(low, top))
    rest = words[top:] if low == 0 else words[:low]
    given, before = _without_particles_at_end(rest) if low else (rest, [])
    if not inner or not given:
        return None
    known = given_names()
    named = all(word.folded in known for word in words[low:top])
    if named and not before and not any(word.folded in known for word in rest):
        # a register that prints the given name in capitals
        return _named(words[low:top], rest, family_first=low > 0)
    return _named(given, [*before, *words[low:top]], family_first=low == 0)


def _led_by_particle(words: list[Word]) -> tuple[PersonName, ...]:
    """Return the readings of *Le Pen Marine*, *Ben Ali Zine*, *Al Corvoy*, *de Gaulle*."""
    count = len(list(itertools.takewhile(lambda word: word.folded in PARTICLES, words[:-1])))
    rest = words[count + 1 :]
    if not rest:
        if words[0].folded in _NO_GIVEN or count > 1:
            whole = tuple(word.folded for word in words)
            return (PersonName((), whole, (), written_family=_written(words)),)
        return (_named(words[:1], words[1:], family_first=False),)
    cut = len(words) - 1
    while cut > count + 1 and ("-" in words[cut].gap or words[cut - 1].folded in given_names()):
        cut -= 1
    first = _named(words[cut:], words[:cut], family_first=True)
    if words[0].folded in _NO_GIVEN or words[-1].folded in given_names():
        return (first,)
    return (_named(words[:1], words[1:], family_first=False), first)


def _cuts(words: list[Word]) -> list[int]:
    """Return where the family name of a name typed given name first may begin, likeliest first."""
    last = len(words) - 1
    for place in range(1, last):
        if words[place].folded in _LINKS and place > 1:
            return [place - 1]
    for place in range(1, last):
        if words[place].written in _OF_A_CLAN:
            return [place, place + 1]
        if words[place].folded in PARTICLES:
            devoted = _devoted(words)
            if devoted:
                return [devoted, place]
            follows = next((at for at in range(place, last) if words[at].folded not in PARTICLES), last)
            return [place] if follows == last else [place, last]
    while last > 1 and ("-" in words[last].gap or _after_apostrophe(words[last])):
        last -= 1
    known = given_names()
    cut = 1
    while cut < last and (words[cut].folded in known or "-" in words[cut].gap or len(words[cut].folded) == 1):
        cut += 1
    return list(dict.fromkeys((cut, last)))


def _devoted(words: list[Word]) -> int:
    """Return where a given name such as *María del Mar* ends with a family name after it; 0 where there is none."""
    if words[0].folded not in _DEVOTED:
        return 0
    place = 1
    while place < len(words) and (words[place].folded in PARTICLES or words[place].folded in {"los", "las"}):
        place += 1
    return place + 1 if 1 < place < len(words) - 1 and words[place].folded in _DEVOTIONS else 0


def _after_apostrophe(word: Word) -> bool:
    return len(word.gap) == 1 and word.gap in APOSTROPHES


def _named(given: list[Word], family: list[Word], *, family_first: bool, like: PersonName | None = None) -> PersonName:
    """Return the name of these two parts: particles taken off the family name, initials off the given one.

    `like` is a name of the same person, whose given name is taken.
    """
    particles = list(itertools.takewhile(lambda word: word.folded in PARTICLES, family[:-1]))
    loose = family[len(particles) :]
    full = [word for word in given if len(word.folded) > 1 and not word.elided] or list(given)
    while len(full) > 1 and full[-1].folded in PARTICLES:
        particles.insert(0, full.pop())
    if not loose or not (full or like):
        whole = [*given, *family]
        return PersonName((), tuple(word.folded for word in whole), (), written_family=_written(whole))
    head = loose[0].folded if loose[0].elided and len(loose) > 1 else ""
    return PersonName(
        like.given if like else tuple(word.folded for word in full),
        tuple(word.folded for word in loose if not word.elided) or (loose[0].folded,),
        tuple(word.folded for word in particles),
        family_first,
        like.written_given if like else _written(full),
        _written([*particles, *loose]),
        head,
    )


def _belongs(word: Word) -> bool:
    """Return whether a word is a particle or hangs on the one before by an apostrophe."""
    return word.folded in PARTICLES or _after_apostrophe(word)


def _without_particles_at_end(words: list[Word]) -> tuple[list[Word], list[Word]]:
    cut = len(words)
    while cut > 1 and words[cut - 1].folded in PARTICLES:
        cut -= 1
    return words[:cut], words[cut:]


def _written(words: list[Word]) -> str:
    return "".join(
        (" " if word.gap.isspace() or not word.gap else word.gap) * (place > 0) + word.written
        for place, word in enumerate(words)
    )
