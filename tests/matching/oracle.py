"""A second matcher, written from the rules alone: simple, slow, and sharing nothing with the engine but the models.

It reads the original text by itself and knows plurals and legal forms only by the tables below. Where the rules leave
room, or a rule is not its business (letters set apart, one edit, middle names), it says that it does not know:
`Verdict.known` is false, and nothing is to be compared. It never speaks of weak hits.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

from bot.models import ItemKind, Notice, Tier, WatchItem

PLURALS = {
    "portique": "portiques",
    "porte": "portes",
    "port": "ports",
    "portail": "portails",
    "drone": "drones",
    "police": "polices",
    "vidéo": "vidéos",
    "caméra": "caméras",
    "piéton": "piétons",
    "canal": "canaux",
    "travail": "travaux",
    "bureau": "bureaux",
    "marché": "marchés",
    "public": "publics",
    "agency": "agencies",
    "switch": "switches",
    "surveillance": "surveillances",
    "vidéosurveillance": "vidéosurveillances",
    "télépilotage": "télépilotages",
}
"""Every word that has a plural among those that the oracle is asked about."""

LEGAL_FORMS = {"sas", "sarl", "gmbh", "ltd", "sa"}
CONNECTORS = {"et", "and", "und"}
ELIDED = {"l", "d", "j", "m", "t", "s", "n", "c", "qu", "jusqu", "lorsqu", "puisqu"}

_APOSTROPHES = frozenset("'\u2019\u02bc\u2018\u2032\u00b4`")
_REMOVED = frozenset("\u00ad\u200b\u200c\u200d\ufeff\u2060®™©")
_LETTERS = {"œ": "oe", "æ": "ae", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i"}  # noqa: RUF001  # letters
_UNIT = re.compile(r"<[^<>]*>|&(?:#[0-9]{1,6}|#x[0-9a-f]{1,5}|[a-zA-Z]{2,8});|.", re.DOTALL)
_PARTS = re.compile(r"[.,;:()?!«»|]")
_LINE_END_HYPHEN = re.compile(r"[-\u2010][ \t]*\n\s*")
_HYPHENS = frozenset("-\u2010\u2011")
_INLINE_TAG = re.compile(r"</?(?:b|i|em|strong|span|a)\b", re.IGNORECASE)
_SHORT_ACRONYM, _JOINED_NAME, _COMPOUND_PART = 3, 8, 4
_QUERY = re.compile(r" (ET|OU|SAUF|NEAR/[0-9]+) ")


@dataclass(frozen=True, slots=True)
class Word:
    """Hold a word of a field: folded, as it is written, where it stands, and what stands before it."""

    folded: str
    written: str
    start: int
    end: int
    gap: str


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Hold where a term stands; the first of the best tier sorts first. `doubtful` is for what the rules leave open."""

    rank: int
    field: int
    start: int
    end: int
    doubtful: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    """Hold what an item finds: the place to show, None for no hit that announces; not `known`, nothing is said.

    `shown_is_known` is false where only the hit itself is certain, not the place that stands for it.
    """

    known: bool
    place: Place | None = None
    shown_is_known: bool = True


def field_names(notice: Notice) -> list[tuple[str, str]]:
    """Return the fields that are searched, in their order, a list's elements each for itself."""
    fields = [("title", notice.title), ("text", notice.text), ("buyer", notice.buyer or "")]
    fields += [(f"suppliers[{number}]", value) for number, value in enumerate(notice.suppliers)]
    return fields + [(f"people[{number}]", value) for number, value in enumerate(notice.people)]


def fold(text: str) -> str:
    """Return letters without case, accents and ligatures (matching.md section 1)."""
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold())
    return "".join(_LETTERS.get(sign, sign) for sign in plain if not unicodedata.combining(sign))


def _units(text: str) -> Iterator[tuple[str, int, int]]:
    """Yield the signs of a text once it is cleaned, each with the slice of the original that it stands for."""
    for match in _UNIT.finditer(text):
        unit = match[0]
        if unit.startswith("<") and len(unit) > 1:
            if not _INLINE_TAG.match(unit):
                yield "\n" if unit.startswith("<br") else "|", *match.span()
            continue
        for sign in html.unescape(unit) if unit.startswith("&") else unit:
            if sign not in _REMOVED:
                yield sign, *match.span()


def words_of(text: str, *, joined: bool) -> list[Word]:
    """Return the words of a field without elided articles; `joined` reads words cut at a line end as one."""
    found: list[list[tuple[str, int, int]]] = []
    gaps = [""]
    for sign, start, end in _units(text):
        if unicodedata.combining(sign) and found and not gaps[-1]:
            before, began, _ = found[-1][-1]
            found[-1][-1] = (before + sign, began, end)
        elif any(plain.isalnum() for plain in unicodedata.normalize("NFKC", sign)):
            if gaps[-1] or not found:
                found.append([])
                gaps.append("")
            found[-1].append((sign, start, end))
        else:
            gaps[-1] += sign
    if joined:
        for place in range(len(found) - 1, 0, -1):
            if _LINE_END_HYPHEN.fullmatch(gaps[place]):
                found[place - 1] += found.pop(place)
                del gaps[place]
    words = []
    for signs, gap, after in zip(found, gaps, gaps[1:], strict=False):
        written = unicodedata.normalize("NFKC", "".join(sign for sign, *_ in signs))
        if fold(written) not in ELIDED or after[:1] not in _APOSTROPHES:
            words.append(Word(fold(written), written, signs[0][1], signs[-1][2], gap))
    return words


class Oracle:
    """Say what items find in one notice."""

    def __init__(self, notice: Notice) -> None:
        """Read the notice."""
        self._readings = [
            (number, words)
            for number, (_, text) in enumerate(field_names(notice))
            for words in (words_of(text, joined=False), words_of(text, joined=True))
        ]
        self._cut = any(_LINE_END_HYPHEN.search(text) for _, text in field_names(notice))

    def verdict(self, item: WatchItem) -> Verdict:
        """Return what an item finds by its names and its aliases, under its conditions."""
        named = [self._named(item.kind, name) for name in (item.name, *item.aliases)]
        conditions = [self._query(query) for query in (*item.any_of, *item.none_of)]
        if not all(one.known for one in (*named, *conditions)):
            return Verdict(known=False)
        present = [condition.place is not None for condition in conditions]
        wanted, excluded = present[: len(item.any_of)], present[len(item.any_of) :]
        if any(excluded) or (wanted and not any(wanted)):
            return Verdict(known=True)
        places = [one.place for one in named[:1] if one.place]
        places += [replace(one.place, rank=Tier.ALIAS.rank) for one in named[1:] if one.place]
        # an alias is one tier however it stands: a plural before its exact words is the first place of it
        exact = any(one.place and one.place.rank == Tier.EXACT.rank for one in named[1:])
        certain = all(one.shown_is_known for one in named) and not exact
        return Verdict(known=True, place=min(places, default=None), shown_is_known=certain)

    def _named(self, kind: ItemKind, name: str) -> Verdict:
        if kind is ItemKind.COMPANY:
            return _first(self._company(name))
        return self._official(name) if kind is ItemKind.OFFICIAL else self._query(name)

    def _query(self, query: str) -> Verdict:
        """Judge `A ET B SAUF C`, `A OU B`, `A NEAR/3 B` or one operand."""
        operands = _QUERY.split(query)
        places = [list(self._operand(operand)) for operand in operands[::2]]
        if any(place.doubtful for found in places for place in found):
            return Verdict(known=False)
        operators = operands[1::2]
        if operators and operators[0].startswith("NEAR"):
            if self._cut:
                return Verdict(known=False)
            is_near = self._near(operands[0], operands[2], int(operators[0].removeprefix("NEAR/")))
            return Verdict(known=True, place=min(places[0]) if is_near else None, shown_is_known=False)
        if "OU" in operators:
            return _first(place for found in places for place in found)
        for operator, found in zip(operators, places[1:], strict=True):
            if (operator == "SAUF") == bool(found):
                return Verdict(known=True)
        return _first(places[0])

    def _near(self, one: str, other: str, most: int) -> bool:
        """Say whether two words stand at most so many words apart in one field."""
        for _, words in self._readings[::2]:
            places = [
                {place for place, word in enumerate(words) if _same_word(fold(wanted), word.folded)}
                for wanted in (one, other)
            ]
            if any(0 < abs(first - second) <= most for first in places[0] for second in places[1]):
                return True
        return False

    def _operand(self, operand: str) -> Iterator[Place]:
        if operand.startswith("="):
            yield from self._sequence([lambda word: word.written == operand[1:]], Tier.EXACT)
        elif operand.endswith("*"):
            yield from self._beginning(fold(operand[:-1]))
        elif len(operand) <= _SHORT_ACRONYM and operand.isupper():
            yield from self._sequence([lambda word: word.written == operand], Tier.EXACT)
        else:
            wanted = [word.folded for word in words_of(operand.strip('"'), joined=False)]
            yield from self._sequence([_is(word) for word in wanted], Tier.EXACT)
            yield from self._sequence([_is_inflected(word) for word in wanted], Tier.VARIANT)
            yield from self._joined(wanted)

    def _sequence(self, tests: list[Callable[[Word], bool]], tier: Tier, *, doubtful: bool = False) -> Iterator[Place]:
        """Yield every place where words side by side pass the tests, one each."""
        for field, words in self._readings:
            for first in range(len(words) - len(tests) + 1):
                run = words[first : first + len(tests)]
                if all(test(word) for test, word in zip(tests, run, strict=True)):
                    parted = any(_PARTS.search(word.gap) for word in run[1:])
                    yield Place(tier.rank, field, run[0].start, run[-1].end, doubtful or parted)

    def _beginning(self, prefix: str) -> Iterator[Place]:
        """Yield every place of a word that begins so; a word before a hyphen may be read on."""
        for field, words in self._readings:
            for place, word in enumerate(words):
                after = "".join(one.folded for one in words[place + 1 : place + 3])
                hyphened = place + 1 < len(words) and words[place + 1].gap[:1] in _HYPHENS
                if (word.folded + after * hyphened).startswith(prefix):
                    yield Place(Tier.VARIANT.rank, field, word.start, word.end, hyphened)

    def _joined(self, wanted: list[str]) -> Iterator[Place]:
        """Yield every place where the same letters are cut into words otherwise: a compound, joined or split."""
        letters = "".join(wanted)
        for field, words in self._readings:
            for first in range(len(words)):
                for last in range(first, min(first + 4, len(words))):
                    run = words[first : last + 1]
                    if len(run) == len(wanted) or not _same_word(letters, "".join(word.folded for word in run)):
                        continue
                    certain = (
                        {len(run), len(wanted)} == {1, 2}
                        and letters == "".join(word.folded for word in run)
                        and all(len(part) >= _COMPOUND_PART for part in (*wanted, *(word.folded for word in run)))
                        and all(word.gap in {" ", "-", "\u00a0", "\u2011"} for word in run[1:])
                    )
                    yield Place(Tier.VARIANT.rank, field, run[0].start, run[-1].end, not certain)

    def _company(self, name: str) -> Iterator[Place]:
        """Yield every place of a company's name, its legal form dropped, connectors counting for nothing."""
        typed = [word.folded for word in words_of(name, joined=False)]
        core = [word for word in typed if word not in LEGAL_FORMS]
        name_words = [word for word in core if word not in CONNECTORS]
        tier = Tier.EXACT if core == typed else Tier.VARIANT
        for field, words in self._readings:
            # a form between the words of a name counts for nothing either
            kept = [word for word in words if word.folded not in CONNECTORS | (LEGAL_FORMS - set(name_words))]
            for first in range(len(kept) - len(name_words) + 1):
                run = kept[first : first + len(name_words)]
                if [word.folded for word in run] != name_words:
                    continue
                inside = words[words.index(run[0]) : words.index(run[-1]) + 1]
                written = [word.folded for word in inside]
                doubtful = any(_PARTS.search(word.gap) for word in inside[1:]) or len(inside) > len(run)
                around = words[max(0, words.index(run[0]) - 1) : words.index(run[-1]) + 2]
                if tier is Tier.VARIANT and any(word.folded in LEGAL_FORMS for word in around):
                    doubtful = True  # with its form the name is exact; the place may run over it
                yield Place(tier.rank, field, run[0].start, run[-1].end, doubtful or written != name_words)
            letters = "".join(name_words)
            for word in words:
                if len(name_words) > 1 and word.folded == letters and len(letters) >= _JOINED_NAME:
                    yield Place(Tier.VARIANT.rank, field, word.start, word.end)
            for first in range(len(words) - 1):
                if "".join(word.folded for word in words[first : first + 2]) == letters and len(name_words) == 1:
                    yield Place(Tier.VARIANT.rank, field, words[first].start, words[first + 1].end, doubtful=True)

    def _official(self, name: str) -> Verdict:
        """Judge a given and a family name: certain side by side among small words, or where one of them is nowhere."""
        given, family = (fold(part) for part in name.split())
        standing = {word.folded for _, words in self._readings for word in words}
        if family not in standing or given not in standing:
            return Verdict(known=True)
        places = []
        for field, words in self._readings:
            for first, (one, other) in enumerate(pairwise(words)):
                pair = (one.folded, other.folded)
                if set(pair) != {given, family} or given == family:
                    continue
                outside = [words[first - 1]] if first else []
                outside += words[first + 2 : first + 3]
                alone = all(word.written.islower() for word in outside)
                hyphened = any(set(word.gap) & _HYPHENS for word in words[first : first + 3])
                titled = one.written[:1].isupper() and other.written[:1].isupper()
                if alone and not hyphened and titled and other.gap == " ":
                    tier = Tier.EXACT if pair == (given, family) else Tier.VARIANT
                    places.append(Place(tier.rank, field, one.start, other.end))
        exact = [place for place in places if place.rank == Tier.EXACT.rank]
        # Another, doubtful place may come before the first certain one.
        return Verdict(known=True, place=min(exact or places), shown_is_known=False) if places else Verdict(known=False)


def _first(places: Iterable[Place]) -> Verdict:
    found = list(places)
    if any(place.doubtful for place in found):
        return Verdict(known=False)
    return Verdict(known=True, place=min(found, default=None))


def _is(wanted: str) -> Callable[[Word], bool]:
    return lambda word: word.folded == wanted


def _is_inflected(wanted: str) -> Callable[[Word], bool]:
    return lambda word: _same_word(wanted, word.folded)


_FOLDED_PLURALS = {fold(one): fold(many) for one, many in PLURALS.items()}


def _same_word(one: str, other: str) -> bool:
    return one == other or _FOLDED_PLURALS.get(one) == other or _FOLDED_PLURALS.get(other) == one
