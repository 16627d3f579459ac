"""What is looked for of a company's name: its spellings, each with what finding it means (matching.md section 3)."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from bot.matching.codes import Rule
from bot.matching.companies.form_spellings import equal_spellings, leading_form, may_lead
from bot.matching.companies.legal_forms import JOINTS, LEADING, CompanyName
from bot.matching.officials.given_names import given_names
from bot.matching.terms import Check, Pattern
from bot.matching.text.folding import APOSTROPHES
from bot.matching.text.typed import CONNECTOR, CONNECTORS, Word
from bot.matching.words.ordinary_words import ordinary_words
from bot.matching.words.phrases import LONGEST_SPACED, add_letters_apart
from bot.matching.words.place_names import PLACES
from bot.models import Tier

_APOSTROPHE_GAPS = frozenset(APOSTROPHES)
_LEAST_JOINED = 8
_LEAST_PART = 4
_LONGEST_FIRST_PART = 6
_MOST_FREE_GAPS = 2
_MOST_HEAD = 3
_COMMON_WORDS = 2
_LONGEST_SPACED_FORM = 5
_LEAST_TELLING = 5
_PAIR = 2
_COMMON_FIRST_WORDS = PLACES | frozenset("european african sainte".split())  # noqa: SIM905  # reads best as a text
"""Words that notices are full of, and that no list of ordinary words has."""
_FIRST_PARTS = tuple(
    """
    aero agro audio auto cyber electro euro geo hydro info inter mecano medi metallo micro multi nano petro pharma photo
    poly techni techno tele thermo trans turbo
    """.split()  # noqa: SIM905  # many words read best as a text
)
"""First parts of compounds that the names of firms are made with."""
_KEY = 3
_FIRST_KEYS = frozenset(part[:_KEY] for part in _FIRST_PARTS)
_LEAST_CUT = 3
_SAINTS = {"saint": "st", "sainte": "ste", "st": "saint", "ste": "sainte"}


def patterns_of(text: str, name: CompanyName, core: list[Word]) -> dict[str, Pattern]:
    """Return the patterns of a typed name by their words; `core` is what is left of it, connectors left out."""
    found: dict[str, Pattern] = {}
    bare = len(name.core) == len(name.words)
    _add(found, name.words, Tier.EXACT, Rule.SAME_WORDS, equal=bare or len(core) == len(name.core))
    if not bare:
        _add(found, name.core, Tier.VARIANT, Rule.LEGAL_FORM)
    if any(word.written not in text for word in name.words):
        _add(found, _apart(text, name.words), Tier.EXACT, Rule.SAME_WORDS, equal=False)
        _add(found, _apart(text, name.core), Tier.VARIANT, Rule.LEGAL_FORM, equal=False)
    if name.kept:
        _add_kept(found, core)
    if len(core) > 1 and may_lead(core[0].folded):
        _add_form_spellings(found, name.core)
    add_letters_apart(found, tuple([word.folded for word in core]))
    if len(core) > 1:
        _add_joined(found, core)
        _add_acronym(found, core)
        _add_saints(found, name.core)
        if not name.kept:
            _add_one_joined(found, core)
            if not core[0].elided:
                _add_inside(found, name.core)
    if not name.kept:
        _add_parted(found, core)
    return found


def _apart(text: str, words: tuple[Word, ...]) -> tuple[Word, ...]:
    """Return the words with the letters that were typed apart (*J.C. Halvoris*) apart again, as a notice has them."""
    return tuple(
        word if word.written in text or not word.folded.isalpha() else word._replace(folded=" ".join(word.folded))
        for word in words
    )


def _add(found: dict[str, Pattern], words: tuple[Word, ...], tier: Tier, rule: Rule, *, equal: bool = True) -> None:
    """Add the spellings of a name: connectors as nothing, as typed and, if `equal`, as any other."""
    kept = [word for word in words if word.folded != CONNECTOR]
    if not kept:
        return
    if len(kept) == len(words) and not any(word.elided or word.gap in _APOSTROPHE_GAPS for word in words):
        spelling = " ".join([word.folded for word in words])
        found.setdefault(spelling, Pattern(spelling, tier, rule))
        return
    head = "".join([word.folded for word in itertools.takewhile(_is_elided, kept)]) if kept[0].elided else ""
    skipped = " ".join([word.folded for word in kept if not word.elided])
    if head and skipped:
        found.setdefault(skipped, Pattern(skipped, tier, rule, Check.ELISION, detail=head))
    elif skipped:
        found.setdefault(skipped, Pattern(skipped, tier, rule))
    for spelling in _apostrophes(kept, skip=bool(head)):
        found.setdefault(spelling, Pattern(spelling, tier, rule))
    for variant in _connected(words, equal=equal):
        found.setdefault(variant, Pattern(variant, tier, rule))


def _is_elided(word: Word) -> bool:
    return word.elided


def _connected(words: tuple[Word, ...], *, equal: bool) -> Iterator[str]:
    """Yield a name with its connectors as typed, then, if `equal`, as each of their equals: all, or only the last."""
    places = [place for place, word in enumerate(words) if word.folded == CONNECTOR]
    if not places:
        return
    typed = {place: words[place].written.casefold() for place in places}
    ways = [{place: word for place, word in typed.items() if word in CONNECTORS}]
    for connector in CONNECTORS if equal else ():
        ways += [dict.fromkeys(places, connector), dict.fromkeys(places[-1:], connector)]
    for way in ways:
        yield " ".join(
            way.get(place, word.folded)
            for place, word in enumerate(words)
            if not word.elided and (word.folded != CONNECTOR or place in way)
        )


def _apostrophes(words: list[Word], *, skip: bool) -> Iterator[str]:
    """Yield the spellings of a name with its apostrophes as spaces and as nothing.

    `skip` leaves out a name that begins with an article apart: the pattern without the article finds it.
    """
    if any(word.elided for word in words):
        for joint in ("",) if skip else (" ", ""):
            yield "".join(word.folded + (joint if word.elided else " ") for word in words).strip()
    if any(word.gap in _APOSTROPHE_GAPS for word in words[1:]):
        yield "".join(
            ("" if place == 0 or word.gap in _APOSTROPHE_GAPS else " ") + word.folded
            for place, word in enumerate(words)
        )


def _add_kept(found: dict[str, Pattern], core: list[Word]) -> None:
    """Add a kept form behind the name, and both with its letters set apart (*Horizon SA*, *S.A. Horizon*)."""
    form, own = core[0].folded, " ".join(word.folded for word in core[1:])
    spellings = [f"{own} {form}"]
    if form not in LEADING and len(form) <= _LONGEST_SPACED_FORM:
        letters = " ".join(form)
        spellings += [f"{letters} {own}", f"{own} {letters}"]
    for spelling in spellings:
        found.setdefault(spelling, Pattern(spelling, Tier.VARIANT, Rule.LEGAL_FORM))


def _add_joined(found: dict[str, Pattern], core: list[Word]) -> None:
    """Add a name of eight letters or more as one word that is no ordinary one, and one without its hyphens."""
    joined = "".join([word.folded for word in core])
    if _LEAST_JOINED <= len(joined) <= LONGEST_SPACED and joined not in ordinary_words():
        found.setdefault(joined, Pattern(joined, Tier.VARIANT, Rule.JOINED_NAME))
    if len(core) > _COMMON_WORDS and "-" in [word.gap for word in core]:
        dropped = "".join(f"{'' if word.gap == '-' else ' '}{word.folded}" for word in core).strip()
        if max(map(len, dropped.split())) >= _LEAST_JOINED:
            found.setdefault(dropped, Pattern(dropped, Tier.VARIANT, Rule.JOINED_NAME))


def _add_acronym(found: dict[str, Pattern], core: list[Word]) -> None:
    """Add a name with the letters of its first acronym set apart (*A.B.C. Halvoris*), unless all of it is capitals."""
    if all(word.capitals for word in core):
        return
    for place, word in enumerate(core):
        if 1 < len(word.folded) < _LEAST_TELLING and word.capitals and word.folded.isalpha():
            letters = [one.folded if at != place else " ".join(one.folded) for at, one in enumerate(core)]
            spelling = " ".join(letters)
            found.setdefault(spelling, Pattern(spelling, Tier.VARIANT, Rule.ACRONYM))
            return


def _add_form_spellings(found: dict[str, Pattern], core: tuple[Word, ...]) -> None:
    """Add a name that keeps its form in front with each equal spelling of it, and behind it unless *du* ties it."""
    count = leading_form(core)
    if not count or core[count].gap == "-" or (core[0].folded == "ste" and core[count].folded in given_names()):
        return
    own = core[count:]
    plain = [word for word in own if not word.elided]
    names = dict.fromkeys(
        " ".join([word.written.casefold() if word.folded == CONNECTOR else word.folded for word in words])
        for words in ([word for word in plain if word.folded != CONNECTOR], plain, own)
    )
    tied = own[0].elided or own[0].folded in JOINTS
    for form in equal_spellings("".join([word.folded for word in core[:count]])):
        for name in names:
            if "&" in name:
                continue
            for spelling in (f"{form} {name}",) if tied else (f"{form} {name}", f"{name} {form}"):
                found.setdefault(spelling, Pattern(spelling, Tier.VARIANT, Rule.LEGAL_FORM))


def _add_saints(found: dict[str, Pattern], core: tuple[Word, ...]) -> None:
    """Add a name with its Saint as St, or its St as Saint where a name of one follows (*ST BREVIN ENERGIE*)."""
    if _SAINTS.keys().isdisjoint([word.folded for word in core[:-1]]):
        return
    words = [
        word._replace(folded=_SAINTS[word.folded])
        if word.folded in _SAINTS and _is_saint(word.folded, after.folded, opens=not place)
        else word
        for place, (word, after) in enumerate(itertools.pairwise(core))
    ]
    if words != list(core[:-1]):
        respelled = (*words, core[-1])
        _add(found, respelled, Tier.VARIANT, Rule.ABBREVIATION, equal=False)
        if may_lead(core[0].folded):
            _add_form_spellings(found, respelled)


def _is_saint(word: str, after: str, *, opens: bool) -> bool:
    if word not in {"st", "ste"}:
        return True
    if after in given_names():
        return True
    return not (opens and word == "ste") and len(after) >= _LEAST_PART and after not in ordinary_words()


def _add_one_joined(found: dict[str, Pattern], core: list[Word]) -> None:
    """Add a long name with two of its words as one: a first part of a compound or a short brand, and the next.

    *Hydro Mécanique Corvane* is also *Hydromécanique Corvane*.
    """
    words = [word.folded for word in core]
    if len(words) <= _PAIR:
        return
    for place, first in enumerate(words[:-1]):
        brand = not place and _LEAST_PART <= len(first) <= _LONGEST_FIRST_PART and _is_brand(first)
        if not brand and first not in _FIRST_PARTS:
            continue
        after = core[place + 1]
        letters = first + after.folded
        if after.elided or not after.gap.isspace() or len(after.folded) < _LEAST_PART or after.folded in JOINTS:
            continue
        if len(letters) >= _LEAST_JOINED and letters.isalpha():
            spelling = " ".join([*words[:place], letters, *words[place + 2 :]])
            found.setdefault(spelling, Pattern(spelling, Tier.VARIANT, Rule.JOINED_NAME))
            return


def _add_parted(found: dict[str, Pattern], core: list[Word]) -> None:
    """Add a name with its first compound in two words: at a capital inside it, or behind a first part."""
    for place, word in enumerate(core):
        folded, written = word.folded, word.written
        if len(folded) < _LEAST_JOINED:
            continue
        rest = written[1:]
        if folded[:_KEY] not in _FIRST_KEYS and (rest.islower() or rest.isupper()):
            continue
        cut = _cut(word, alone=len(core) == 1)
        if cut:
            words = [one.folded for one in core]
            spelling = " ".join([*words[:place], word.folded[:cut], word.folded[cut:], *words[place + 1 :]])
            found.setdefault(spelling, Pattern(spelling, Tier.VARIANT, Rule.JOINED_NAME))
            return


def _cut(word: Word, *, alone: bool) -> int:
    """Return where a word may be parted, 0 for nowhere: at a capital never into two ordinary words."""
    folded, written = word.folded, word.written
    if len(folded) != len(written) or not folded.isalpha():
        return 0
    if written[1:] != written[1:].lower() and not written[1:].isupper():
        cuts = [at for at in range(1, len(written)) if written[at].isupper() and written[at - 1].islower()]
        if len(cuts) != 1 or not _LEAST_CUT <= cuts[0] <= len(written) - _LEAST_CUT:
            return 0
        return 0 if folded[: cuts[0]] in ordinary_words() and folded[cuts[0] :] in ordinary_words() else cuts[0]
    if alone or folded[:_KEY] not in _FIRST_KEYS:
        return 0
    part = next((part for part in _FIRST_PARTS if folded.startswith(part)), "")
    tail = folded[len(part) :]
    known = folded in ordinary_words()
    fits = tail in ordinary_words() and len(tail) > _LEAST_PART if known else len(tail) >= _LEAST_PART
    return len(part) if part and fits else 0


def _add_inside(found: dict[str, Pattern], core: tuple[Word, ...]) -> None:
    """Add what a name typed without connectors may hold: connectors between capitals, a form behind one of its words.

    One pattern finds them all by the first word that tells; of a short name that has none but its last the connectors
    before it are written out.
    """
    words = [word.folded for word in core if not word.elided]
    if len(words) < _PAIR or CONNECTOR in words:
        return
    place = 0
    while place < _MOST_HEAD and place < len(words) - 1 and not _is_rare(words[place]):
        place += 1
    if place < _MOST_HEAD and place < len(words) - 1:
        trigger, detail = words[place], "|".join((" ".join(words[:place]), " ".join(words[place + 1 :])))
        found.setdefault(trigger, Pattern(trigger, Tier.VARIANT, Rule.LEGAL_FORM, Check.GOES_ON, detail=detail))
    elif len(words) <= _MOST_FREE_GAPS + 1 and JOINTS.isdisjoint(words):
        head = " ".join(words[:-1])
        for connector in CONNECTORS:
            variant = f"{head} {connector} {words[-1]}"
            found.setdefault(variant, Pattern(variant, Tier.VARIANT, Rule.CONNECTOR))


def _is_rare(word: str) -> bool:
    """Return whether a word is rare enough to be looked at wherever it stands."""
    return len(word) >= _LEAST_TELLING and _is_brand(word)


def _is_brand(word: str) -> bool:
    """Return whether a word is no ordinary one, no given name and no place."""
    return (
        word.isalpha()
        and word not in _COMMON_FIRST_WORDS
        and word not in ordinary_words()
        and word not in given_names()
    )
