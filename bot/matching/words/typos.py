"""One edit in a long word of a name: the words near it, and a name so misspelt (matching.md section 3.7)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Final

from rapidfuzz.distance import OSA

from bot.matching.codes import Rule
from bot.matching.officials.given_names import given_names
from bot.matching.terms import LEAST_MISSPELT, Check, Place, Reading, Term
from bot.matching.text.folding import folded_words
from bot.matching.words.inflection import forms
from bot.matching.words.ordinary_words import ordinary_words, proper_names
from bot.models import Tier, WatchItem

MOST_TRIED: Final = 200
"""How many misspelt words are looked at for one term in one notice."""

_PLURAL = "s"
"""The letter that makes a plural: Valmarin and Valmarins are two names."""
_OF_A_GENDER = frozenset("aeio")
"""Final letters that tell given names of two genders or languages apart: Guillermo and Guillerma are two people."""
_MOST_REMEMBERED = 50_000
_LONGEST_REMEMBERED = 48
"""Bytes of the longest word remembered; a longer one is rare in a text, or no word at all, and looked up again."""
_MOST_ANSWERS = 5_000
_NOTICES_ANSWERED = 100
"""How many notices an answer about stored notices serves before it is asked again."""
_KEPT = 4
_LEAST_LEFT = LEAST_MISSPELT - 1
_NOT_ASCII = bytes(range(0x80, 0x100))
_REACH = 12
_BESIDE = 6
_FULL = frozenset({Tier.EXACT, Tier.VARIANT})


class Neighbours:
    """Find which of many words are one edit away: a letter more, less or another, or two neighbours swapped.

    Of a word cut in halves one edit leaves a half untouched, save where it swaps the letters on either side of the
    cut: each word is kept under both halves, and such swaps apart.
    """

    __slots__ = ("_beginnings", "_endings", "_heads", "_is_plain", "_longest", "_swapped", "_tails")

    def __init__(self, words: Iterable[str]) -> None:
        """Take the words, of which those of fewer than eight letters are left out."""
        kept = sorted({word for word in words if len(word) >= LEAST_MISSPELT})
        self._longest = max(map(len, kept), default=-1)
        self._heads: dict[str, str] = {}
        self._tails: dict[str, str] = {}
        self._swapped: dict[str, str] = {}
        for word in kept:
            half = len(word) // 2
            for halves, key in (
                (self._heads, word[:half]),
                (self._tails, word[half:]),
                (self._swapped, f"{word[: half - 1]}{word[half]}{word[half - 1]}{word[half + 1 :]}"),
            ):
                others = halves.get(key)
                halves[key] = word if others is None else f"{others} {word}"
        self._is_plain = all(word.isascii() for word in kept)
        self._beginnings = frozenset(word.encode()[:_KEPT] for word in kept)
        self._endings = frozenset(word.encode()[-_KEPT:] for word in kept)

    def readable(self, words: Sequence[bytes]) -> Sequence[bytes]:
        """Return words without those in other letters than any of its own, which are many in other scripts."""
        together = b" ".join(words)
        if not self._is_plain or together.isascii():
            return words
        plain = together.translate(None, _NOT_ASCII).split(b" ")
        return [word for word, left in zip(words, plain, strict=False) if len(left) >= _LEAST_LEFT]

    def possible(self, words: Iterable[bytes]) -> list[bytes]:
        """Return those of many words that may have a neighbour: quick, and all that have one are among them.

        One edit leaves four bytes at the beginning or at the end, save a swap in the middle of eight.
        """
        beginnings, endings = self._beginnings, self._endings
        return [
            word
            for word in words
            if word[:_KEPT] in beginnings
            or word[-_KEPT:] in endings
            or (len(word) == LEAST_MISSPELT and word.decode() in self._swapped)
        ]

    def of(self, word: str) -> tuple[str, ...]:
        """Return the words one edit away from a word, itself left out, in alphabetical order."""
        length = len(word)
        if not LEAST_MISSPELT - 1 <= length <= self._longest + 1:
            return ()
        half = length // 2
        odd = length % 2
        found: set[str] = set()
        # half of a word of as many letters, of one less and of one more
        for halves, key in (
            (self._heads, word[: half - 1 + odd]),
            (self._heads, word[: half + odd]),
            (self._tails, word[-half:]),
            (self._tails, word[-half - 1 :]),
            (self._swapped, word),
        ):
            kept = halves.get(key)
            if kept is not None:
                found.update(kept.split(" "))
        return tuple(sorted(one for one in found if OSA.distance(word, one, score_cutoff=1) == 1))


class Misspellings:
    """Find the words of notices that may be a misspelt word of a name, each distinct word looked up once."""

    def __init__(self) -> None:
        """Begin with no word; `add` gives them, `seal` ends it."""
        self._numbers: dict[str, tuple[int, ...]] = {}
        self._neighbours = Neighbours(())
        self._plain: set[bytes] = set()
        self._near: dict[bytes, tuple[str, ...]] = {}

    def add(self, number: int, misspellable: Iterable[tuple[str, str]]) -> None:
        """Add the long words of the term of this number, each with another word of its name, empty where it has none.

        Without that other word near it the misspelt one is nobody's: a thousand firms are called Technologies.
        """
        for word, beside in misspellable:
            key = f"{word} {beside}"
            self._numbers[key] = (*self._numbers.get(key, ()), number)

    def seal(self) -> None:
        """Make the index of the words added."""
        self._neighbours = Neighbours(key.partition(" ")[0] for key in self._numbers)

    def near(self, words: Sequence[bytes]) -> dict[bytes, tuple[str, ...]]:
        """Return which of the folded words that a name may hold may be misspelt, with the words of names meant."""
        if not self._numbers or self._plain.issuperset(words):
            return {}
        # the smaller set on the left: a difference looks up each of its words
        fresh = set(self._neighbours.readable(words)) - self._plain
        found: dict[bytes, tuple[str, ...]] = {}
        for word in self._neighbours.possible(fresh):
            meant = self._near.get(word)
            if meant is None:
                text = word.decode()
                meant = tuple(one for one in self._neighbours.of(text) if not _is_another(text, one))
            if meant:
                found[word] = meant
        self._remember({word for word in fresh if len(word) <= _LONGEST_REMEMBERED}, found)
        return found

    def find(self, scanned: bytes, near: Mapping[bytes, tuple[str, ...]]) -> dict[int, list[tuple[int, str]]]:
        """Return for each term that may stand misspelt in a notice the (rank of the word, word meant).

        `scanned` is every folded word of the notice between single spaces, `near` what `near` returned of them.
        """
        words = scanned.split()
        found: dict[int, list[tuple[int, str]]] = {}
        for index, word in enumerate(words):
            for meant in near.get(word, ()):
                for number in self._terms_round(words, index, meant):
                    places = found.setdefault(number, [])
                    if len(places) < MOST_TRIED:
                        places.append((index, meant))
        return found

    def _terms_round(self, words: Sequence[bytes], index: int, meant: str) -> Iterator[int]:
        """Yield the numbers of the terms with this word of which another one stands near."""
        round_it = {beside.decode() for beside in words[max(0, index - _BESIDE) : index + _BESIDE + 1]}
        for beside in ("", *round_it):
            yield from self._numbers.get(f"{meant} {beside}", ())

    def _remember(self, fresh: set[bytes], near: Mapping[bytes, tuple[str, ...]]) -> None:
        if len(self._plain) + len(self._near) + len(fresh) > _MOST_REMEMBERED:
            # new ones: another thread may be reading the old
            self._plain, self._near = set(), {}
        if len(fresh) <= _MOST_REMEMBERED:
            self._plain.update(fresh.difference(near))
            self._near.update((word, meant) for word, meant in near.items() if word in fresh)


class Spellings:
    """Tell whether a word near that of a name is a name of its own: of another watch item, or of stored notices."""

    def __init__(self, items: Sequence[WatchItem], known: Callable[[str], bool] | None) -> None:
        """Take all items, and what tells of a folded word whether stored notices use it regularly."""
        self._items = items
        self._known = known
        self._words: dict[int, frozenset[str]] = {}
        self._answers: dict[str, bool] = {}
        self._notices = 0

    def begin(self) -> None:
        """Begin another notice: stored notices are asked once about each of its words, and of many in a row."""
        self._notices += 1
        if self._notices >= _NOTICES_ANSWERED:
            self._forget()

    def is_name(self, word: str, guild_id: int) -> bool:
        """Return whether an item of this newsroom has the word in a name or alias, or stored notices use it."""
        words = self._words.get(guild_id)
        if words is None:
            items = (item for item in self._items if item.guild_id == guild_id)
            names = " | ".join(name for item in items for name in (item.name, *item.aliases))
            words = self._words[guild_id] = frozenset(
                one for one in folded_words(names) if len(one) >= LEAST_MISSPELT - 1
            )
        return word in words or self._is_stored(word)

    def _is_stored(self, word: str) -> bool:
        if self._known is None:
            return False
        answer = self._answers.get(word)
        if answer is None:
            if len(self._answers) >= _MOST_ANSWERS:
                self._forget()
            answer = self._answers[word] = self._known(word)
        return answer

    def _forget(self) -> None:
        # a new one: another thread may be reading the old
        self._answers = {}
        self._notices = 0


def misspelt(term: Term, reading: Reading, index: int, meant: str) -> Place | None:
    """Return the place of a name of which the word at `index` stands for the word `meant`; always weak.

    The rest of the name must stand round it by the term's own rules, in full: no initial, no doubtful capital.
    """
    low, top = max(0, index - _REACH), min(len(reading.words), index + _REACH + 1)
    words = [*reading.words[low:index], meant, *reading.words[index + 1 : top]]
    window = Reading(reading.folded, words, reading.starts[low:top], reading.ends[low:top])
    at = reading.starts[index]
    for pattern in term.patterns:
        wanted = pattern.words.split(" ")
        count = len(wanted)
        if pattern.check is Check.LETTERS or wanted[0] not in words:
            continue
        for first in range(len(words) - count + 1):
            if words[first : first + count] != wanted:
                continue
            place = term.verify(window, first, count, pattern)
            if place and place.tier in _FULL and place.proven and not place.plain and place.start <= at < place.end:
                return Place(place.start, place.end, Tier.WEAK, Rule.ONE_EDIT, misspelt=reading.words[index])
    return None


def _is_another(word: str, meant: str) -> bool:
    """Return whether a word near that of a name is a word of its own: ordinary, a known name, an inflected form."""
    if word in ordinary_words() or word in given_names() or word in proper_names():
        return True
    if word[:-1] == meant[:-1] and {word[-1], meant[-1]} <= _OF_A_GENDER and meant in given_names():
        return True
    longer, shorter = (word, meant) if len(word) > len(meant) else (meant, word)
    if longer == shorter + _PLURAL:
        return True
    return word in forms(meant) or meant in forms(word)
