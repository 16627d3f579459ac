"""How much two names are alike: a typed name beside those already there, at entry and import (matching.md section 14).

Never for a running text: that is the matcher's, which decides by rules. Here a figure ranks what a person is asked.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from string import ascii_lowercase
from typing import Final

from anyascii import anyascii
from rapidfuzz import fuzz, process
from rapidfuzz.distance import OSA

from bot.matching.companies.legal_forms import read_company
from bot.matching.officials.person_names import PARTICLES, TITLES
from bot.matching.text.folding import APOSTROPHES
from bot.matching.text.typed import CONNECTOR, CONNECTORS, Word, read_words
from bot.models import ItemKind

LIKE: Final = 0.70
"""From here on two names are worth showing to a person as perhaps the same."""

_SMALL_WORDS = frozenset("the of de d la le les l des du au aux a in for pour sauf or ou not".split()) | {*CONNECTORS}  # noqa: SIM905  # reads best as a text
_SON_OF = frozenset({"bin", "ben", "ibn"})
_ROMAN = re.compile(r"(?=[ivx])x{0,3}(?:ix|iv|v?i{0,3})")
_LOGOGRAMS = re.compile("[\u3400-\u9fff\uac00-\ud7a3]")
_APOSTROPHE = re.compile(rf"[{re.escape(APOSTROPHES)}]")
_LAST_LATIN = "\u024f"
_SOUNDS = (
    ("sch", "s"), ("ph", "f"), ("ou", "u"), ("oo", "u"), ("ck", "k"), ("kh", "h"), ("sh", "s"), ("ts", "s"),
    ("q", "k"), ("c", "k"), ("w", "v"), ("y", "i"), ("j", "i"), ("z", "s"), ("o", "u"),
)  # fmt: skip
"""What transliterations and ears confuse: Wladimir and Vladimir, Qaddafi and Kadhafi, Youssef and Jusuf."""
_DOUBLED = re.compile(r"(.)\1+")
_INNER_H = re.compile(r"(?<=[^\W_])h")
_NO_WORD = re.compile(r"[\W_]+")

_MOST_EDITS = 2
_LETTERS_AN_EDIT = 3
_INITIAL = 0.85
_OTHER_NUMBER = 0.8
_ACRONYM = 0.8
_LEAST_PAIRED = 0.45
_LEAST_JOINED = 4
_JOINED_ALIKE = 0.85
_MOST_JOINED = 3
_LEAST_ACRONYM = 3
_SOLE = 0.3
_OTHER_SON = 0.5
_EXTRA = {ItemKind.OFFICIAL: 0.85, ItemKind.COMPANY: 0.55, ItemKind.KEYWORD: 0.5}
"""What a word says that only one of two names has: of a person it is a middle name, of a company another company."""

_CHUNK = 1_000
_KEPT = 100
_LEAST_RAW = 50.0
_KNOWN = 5_000
_BEGINNING = 4
_CROWD = 25
_MANY = 200
_KEPT_OF_SOUND = 20


@dataclass(frozen=True, slots=True)
class Alike:
    """Hold which of several names is like another one, and how much."""

    index: int
    likeness: float


def likeness(kind: ItemKind, first: str, second: str) -> float:
    """Return how much two names of one kind are alike, from 0 to 1; `LIKE` is enough to ask a person.

    1 is the same words, whatever their order, case, accents and script, without legal forms, titles and particles.
    Below, it is the mean of how alike the paired words are (by edits per letter) and how alike the least of them is:
    one word replaced makes another name, however long the rest. A word that only one name has counts little against a
    person, more against a company.
    """
    return _likeness(kind, _words(kind, first, second), _words(kind, second, first), _is_son(first) and _is_son(second))


def alike(kind: ItemKind, name: str, others: Sequence[str], most: int = 5) -> list[Alike]:
    """Return which of the other names are like a name, best first; one in 10,000 takes some 50 ms: not on the loop."""
    asked = _plain(name)
    kept: list[tuple[float, int]] = []
    for start in range(0, len(others), _CHUNK):  # a call holds the interpreter: short ones let the event loop go on
        found = process.extract(
            asked,
            [_plain(other) for other in others[start : start + _CHUNK]],
            scorer=fuzz.WRatio,
            score_cutoff=_LEAST_RAW,
            limit=_KEPT,
        )
        kept += [(score, start + place) for _, score, place in found]
    kept = sorted(kept, key=lambda entry: (-entry[0], entry[1]))[:_KEPT]
    return _judged(kind, name, others, [place for _, place in kept], most)


class Names:
    """Hold names of one kind, roughly folded once, to be looked through again and again."""

    def __init__(self, kind: ItemKind, names: Sequence[str]) -> None:
        """Fold the names: 60,000 of them take a third of a second, not for the event loop."""
        self._kind, self._names = kind, names
        self._plain = [_plain(name) for name in names]
        self._lines = list(_sounded(self._plain))
        self._by_beginning: dict[str, list[int]] = defaultdict(list)
        self._by_sound: dict[str, int] = {}  # no list for each: so many would keep the garbage collector busy
        for place, line in enumerate(self._lines):
            self._by_sound.setdefault(line.replace(" ", ""), place)
            for beginning in {word[:_BEGINNING] for word in line.split()}:
                self._by_beginning[beginning].append(place)

    def alike(self, name: str, most: int = 5) -> list[Alike]:
        """Return which names are like one, best first: of those with a word that begins with the same sounds.

        A beginning that very many names have does not count; a name that sounds the same as a whole always does.
        """
        (line,) = _sounded([_plain(name)])
        sounding = self._by_sound.get(line.replace(" ", ""))
        places = set() if sounding is None else {sounding}
        for beginning in {word[:_BEGINNING] for word in line.split()}:
            sharing = self._by_beginning.get(beginning, ())
            places.update(sharing if len(sharing) <= _MANY else ())
        near = {place: self._plain[place] for place in places}
        found = process.extract(_plain(name), near, scorer=fuzz.WRatio, score_cutoff=_LEAST_RAW, limit=_KEPT_OF_SOUND)
        return _judged(self._kind, name, self._names, [place for _, _, place in found], most)

    def same(self, name: str) -> bool:
        """Return whether one of the names is this one, but for case, accents, legal form and the order of words."""
        (line,) = _sounded([" ".join(_words(self._kind, name, ""))])
        words = line.split()
        return any(
            likeness(self._kind, name, self._names[place]) == 1.0
            for place, letters in enumerate(self._letters())
            if all(word in letters for word in words)
        )

    def holding(self, name: str) -> list[int]:
        """Return the places of the longer names that hold a name, as `holds` tells."""
        (line,) = _sounded([" ".join(_words(self._kind, name, ""))])
        words = line.split()
        near = (place for place, letters in enumerate(self._letters()) if all(word in letters for word in words))
        return [place for place in near if holds(self._kind, self._names[place], name)]

    def held(self, name: str) -> list[int]:
        """Return the places of the shorter names that a name holds, as `holds` tells."""
        (line,) = _sounded([_plain(name)])
        letters = line.replace(" ", "")
        near = (
            place
            for place, words in enumerate(map(str.split, self._lines))
            if sum(word in letters for word in words) * 2 >= len(words)
        )
        return [place for place in near if holds(self._kind, name, self._names[place])]

    def _letters(self) -> Iterator[str]:
        return (line.replace(" ", "") for line in self._lines)


def _judged(kind: ItemKind, name: str, others: Sequence[str], places: Iterable[int], most: int) -> list[Alike]:
    judged = [Alike(place, likeness(kind, name, others[place])) for place in places]
    return sorted((one for one in judged if one.likeness >= LIKE), key=lambda one: (-one.likeness, one.index))[:most]


def alike_pairs(kind: ItemKind, names: Sequence[str], fresh: Collection[int]) -> list[tuple[int, int, float]]:
    """Return the pairs of names that are alike, best first, of which at least one is fresh; both by their places.

    Only names with a word that sounds the same at its beginning are compared, unless very many names have that word:
    2,000 names take about a second, not for the event loop.
    """
    blocks: dict[str, list[int]] = defaultdict(list)
    for place, name in enumerate(names):
        for beginning in {_sound(word)[:_BEGINNING] for word in _words(kind, name, "")}:
            blocks[beginning].append(place)
    candidates = {
        (one, other)
        for places in blocks.values()
        if len(places) <= _CROWD
        for at, one in enumerate(places)
        for other in places[at + 1 :]
        if one in fresh or other in fresh
    }
    judged = ((one, other, likeness(kind, names[one], names[other])) for one, other in sorted(candidates))
    return sorted((pair for pair in judged if pair[2] >= LIKE), key=lambda pair: (-pair[2], pair[:2]))


def holds(kind: ItemKind, longer: str, shorter: str) -> bool:
    """Return whether a name has all words of a shorter one side by side and more: a brand in a corporate name."""
    words, wanted = _words(kind, longer, shorter), _words(kind, shorter, longer)
    width = len(wanted)
    return 0 < width < len(words) and any(words[at : at + width] == wanted for at in range(len(words) - width + 1))


def _plain(text: str) -> str:
    """Return a name in small Latin letters, as far as that goes letter by letter."""
    return (text if text.isascii() else anyascii(text)).casefold()


def _words(kind: ItemKind, name: str, other: str) -> tuple[str, ...]:
    """Return the words of a name that count, folded; transliterated, save where both names are logograms.

    Of logograms each sign is a syllable: those that sound alike are other names.
    """
    both = not name.isascii() and bool(_LOGOGRAMS.search(name) and _LOGOGRAMS.search(other))
    return _read(kind, name, both)


@lru_cache(maxsize=_KNOWN)
def _read(kind: ItemKind, name: str, is_kept: bool) -> tuple[str, ...]:  # noqa: FBT001  # whether its script stays
    """Return the words of a name that count, folded, and transliterated unless its script is kept."""
    text = anyascii(name) if not is_kept and any(sign > _LAST_LATIN for sign in name) else name
    if kind is ItemKind.COMPANY:
        words = _joined_at_apostrophes([word for word in read_company(text).core if word.folded != CONNECTOR])
        return tuple(word for word in words if word not in _SMALL_WORDS) or tuple(words)
    words = _joined_at_apostrophes(read_words(text))
    loose = TITLES | PARTICLES if kind is ItemKind.OFFICIAL else _SMALL_WORDS
    return tuple(word for word in words if word not in loose) or tuple(words)


def _joined_at_apostrophes(words: Sequence[Word]) -> list[str]:
    """Return folded words without elided articles; what an apostrophe parts inside a name is one word."""
    joined: list[str] = []
    for place, word in enumerate(words):
        if joined and not words[place - 1].elided and _APOSTROPHE.fullmatch(word.gap):
            joined[-1] += word.folded
        elif not word.elided:
            joined.append(word.folded)
    return joined or [word.folded for word in words]


def _is_son(name: str) -> bool:
    """Return whether a name says whose son the person is: there the order of names counts."""
    return not _SON_OF.isdisjoint(name.casefold().split()[1:-1])


def _likeness(kind: ItemKind, first: Sequence[str], second: Sequence[str], are_sons: bool) -> float:  # noqa: FBT001  # a fact about the two names
    if first == second or "".join(first) == "".join(second):
        return 1.0 if first else 0.0
    if kind is ItemKind.COMPANY and (_is_acronym(first, second) or _is_acronym(second, first)):
        return _ACRONYM
    first, second = _with_joints(kind, first, second), _with_joints(kind, second, first)
    pairs = _paired(kind, first, second)
    if kind is ItemKind.OFFICIAL and len(pairs) == 1 and max(len(first), len(second)) > 1:
        return _SOLE
    if are_sons and kind is ItemKind.OFFICIAL and len(pairs) == len(first) == len(second) and (0, 0) not in pairs:
        return _OTHER_SON
    return _weighed(kind, first, second, pairs) if pairs else 0.0


def _weighed(kind: ItemKind, first: Sequence[str], second: Sequence[str], pairs: dict[tuple[int, int], float]) -> float:
    """Return the mean over all words, by their letters, and the least of them, in equal parts."""
    weighed = [(value, (len(first[one]) + len(second[other])) / 2) for (one, other), value in pairs.items()]
    left = [word for place, word in enumerate(first) if place not in {one for one, _ in pairs}]
    right = [word for place, word in enumerate(second) if place not in {other for _, other in pairs}]
    replaced = min(len(left), len(right))
    weighed += [(0.0, (len(one) + len(other)) / 2) for one, other in zip(left, right, strict=False)]
    weighed += [(_EXTRA[kind], len(word)) for word in (*left[replaced:], *right[replaced:])]
    mean = sum(value * weight for value, weight in weighed) / sum(weight for _, weight in weighed)
    return (mean + min(value for value, _ in weighed)) / 2


def _is_acronym(short: Sequence[str], long: Sequence[str]) -> bool:
    return len(short) == 1 and len(long) >= _LEAST_ACRONYM and short[0] == "".join(word[0] for word in long)


def _with_joints(kind: ItemKind, words: Sequence[str], others: Sequence[str]) -> Sequence[str]:
    """Return words with those joined that the other name writes as one, or as the initials of a given name."""
    joined: list[str] = []
    place = 0
    while place < len(words):
        width = next((count for count in range(_MOST_JOINED, 1, -1) if _is_one(kind, words, place, count, others)), 0)
        if width:
            together = "".join(words[place : place + width])
            initials = "".join(word[0] for word in words[place : place + width])
            joined.append(initials if initials in others and kind is ItemKind.OFFICIAL else together)
        else:
            joined.append(words[place])
        place += width or 1
    return joined


def _is_one(kind: ItemKind, words: Sequence[str], place: int, count: int, others: Sequence[str]) -> bool:
    part = words[place : place + count]
    if len(part) < count:
        return False
    if kind is ItemKind.OFFICIAL and count < len(words) and "".join(word[0] for word in part) in others:
        return True
    together = "".join(part)
    if len(together) < _LEAST_JOINED:
        return False
    best = max((_word_likeness(kind, together, other) for other in others), default=0.0)
    return best >= _JOINED_ALIKE and best > max(_word_likeness(kind, word, other) for word in part for other in others)


def _paired(kind: ItemKind, first: Sequence[str], second: Sequence[str]) -> dict[tuple[int, int], float]:
    """Return which words of two names go together and how alike they are: the most alike first, each word once."""
    found = [
        (_word_likeness(kind, word, other), len(word) + len(other), -one, -two)
        for one, word in enumerate(first)
        for two, other in enumerate(second)
    ]
    pairs: dict[tuple[int, int], float] = {}
    taken: tuple[set[int], set[int]] = (set(), set())
    for value, _, one, two in sorted(found, reverse=True):
        if value >= _LEAST_PAIRED and -one not in taken[0] and -two not in taken[1]:
            pairs[-one, -two] = value
            taken[0].add(-one)
            taken[1].add(-two)
    return pairs


def _word_likeness(kind: ItemKind, one: str, other: str) -> float:
    """Return how alike two words are: 1 less the edits a letter, what sounds the same being half an edit.

    More than one edit for three letters, or two in all, make another word, unless it sounds the same but for one. A
    number is like another number of a series of companies, and like nothing else; an initial is like the words that
    begin with it.
    """
    if one == other:
        return 1.0
    if kind is not ItemKind.OFFICIAL and (_is_number(one) or _is_number(other)):
        return _OTHER_NUMBER if _is_number(one) and _is_number(other) else 0.0
    if _LOGOGRAMS.search(one + other):
        return 0.0
    if len(one) == 1 or len(other) == 1:
        return _INITIAL if one[0] == other[0] else 0.0
    edits = OSA.distance(one, other)
    heard = OSA.distance(_sound(one), _sound(other))
    if edits > min(_MOST_EDITS, max(len(one), len(other)) // _LETTERS_AN_EDIT) and heard > 1:
        return 0.0
    return max(0.0, 1 - min(edits, (edits + heard) / 2) / (max(len(one), len(other)) + 1))


def _is_number(word: str) -> bool:
    return word.isdigit() or bool(_ROMAN.fullmatch(word))


def _sounded(names: Sequence[str]) -> Iterator[str]:
    """Yield plain names as their words roughly sound, one space between: many in one stroke."""
    for start in range(0, len(names), _CHUNK // 4):
        text = "\n".join(" ".join(_NO_WORD.split(name)) for name in names[start : start + _CHUNK // 4])
        for spelling, sound in _SOUNDS:
            text = text.replace(spelling, sound)
        text = _INNER_H.sub("", text)
        for letter in ascii_lowercase:
            text = text.replace(letter * 2, letter)
        yield from text.split("\n")


@lru_cache(maxsize=_KNOWN)
def _sound(word: str) -> str:
    """Return how a word roughly sounds in any spelling: letters that are confused made one, doubled ones single."""
    for spelling, sound in _SOUNDS:
        word = word.replace(spelling, sound)
    return _DOUBLED.sub(r"\1", word[:1] + word[1:].replace("h", ""))
