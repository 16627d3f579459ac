"""Compounds of keywords: what may be joined, where a word may be parted, and their plurals (matching.md section 2)."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from functools import lru_cache

from bot.matching.text.typed import Word
from bot.matching.words.inflection import forms
from bot.matching.words.ordinary_words import ordinary_words

LONGEST_COMPOUND = 40
_LEAST_PART = 4
_LEAST_TAIL = 3
_SHORT_PART = 2
_MOST_BOUNDARIES = 3
_BOUNDARY = re.compile(r"(?<=[a-z])(?=[0-9])|(?<=[0-9])(?=[a-z])")
_HYPHENS = frozenset("-\u2010\u2011")
_FIRST_PARTS = frozenset(
    """
    aero agro anti audio auto bio centre co crypto cyber demi e eco electro ex extra geo hydro hyper infra inter intra
    macro mega meta micro mi mini mono multi nano neo neuro non para photo pluri poly post pre pro pseudo psycho quasi
    radio re retro semi smart socio super tele thermo trans turbo ultra uni video web crowd data
    """.split()  # noqa: SIM905  # many words read best as a text
)
"""First parts of compounds: none is a word that stands before any other in a sentence, as `sur` and `entre` do."""
_WEAK_PARTS = frozenset("co e ex mi non pre pro re uni".split())  # noqa: SIM905  # reads best as a text
"""First parts that many plain words begin with (`prestation`)."""
_STRONG_PARTS = tuple(sorted(_FIRST_PARTS - _WEAK_PARTS))
_SHORT_LAST_PARTS = frozenset({"fi", "up"})
"""Last parts of two letters in which hardly any other word ends."""
_SMALL_WORDS = frozenset(
    """
    a au aux avec ce ces cet cette chez comme contre d dans de depuis des donc du elle en entre est et etre hors il ils
    j je l la le les leur leurs lui m ma mais mal me mes mon n ne ni nos notre nous on ont ou par pas peu plus pour qu
    que qui s sa sans se sera ses si son sont sous sur t ta tant te tes ton tous tout tres tu un une vers vos votre vous
    y bien bon bonne main apres avant avoir at by for from in into of off on or out over the to under up with no not
    an as be do go he if is it my so us we
    """.split()  # noqa: SIM905  # many words read best as a text
)
"""Words that stand before any other, so that a space after them says nothing."""


def is_hyphened(word: Word) -> bool:
    """Return whether a hyphen binds a typed word to the one before it."""
    return word.gap.strip() in _HYPHENS


def joins(first: str, second: Word, *, pair: bool) -> bool:
    """Return whether two words typed side by side may be written as one.

    A hyphen or a first part says that they are one, so do a letter and a digit that meet (`LBD 40`); two words apart
    may be, unless the first is a small one. `pair` says that they are all that was typed.
    """
    gap = second.gap.strip()
    if is_hyphened(second) or (first in _FIRST_PARTS and not gap):
        return True
    if gap or first in _SMALL_WORDS:
        return False
    if _is_code(first, second.folded):
        return True
    if not pair:
        return False
    if len(first) >= _LEAST_PART and len(second.folded) >= _LEAST_TAIL:
        return True
    return second.folded in _SHORT_LAST_PARTS and len(first) >= _SHORT_PART


def last_part_forms(first: str, second: str) -> tuple[str, ...]:
    """Return the forms that a short last part of a compound has by the compound as one word (`start-ups`)."""
    if len(second) > _LEAST_TAIL or len(first) + len(second) < _LEAST_PART:
        return ()
    return tuple(form[len(first) :] for form in forms(first + second)[1:] if form.startswith(first) and form != first)


@lru_cache(maxsize=8192)
def inflected(word: str) -> tuple[str, ...]:
    """Return the plural and the singular that a compound typed as one word has by its last part (`cyberlois`)."""
    return tuple(_inflected(word)) if word.startswith(_STRONG_PARTS) else ()


def _inflected(word: str) -> Iterator[str]:
    is_known = word in ordinary_words() and (word[-1] != "s" or word[:-1] in ordinary_words())
    for cut in range(_LEAST_TAIL, len(word) - _LEAST_TAIL + 1):
        head, tail = word[:cut], word[cut:]
        if head in _STRONG_PARTS and (not is_known or tail in ordinary_words()):
            yield from (head + form for form in forms(tail, short=True)[1:])


@lru_cache(maxsize=8192)
def splits(word: str) -> tuple[tuple[str, ...], ...]:
    """Return how a word may be parted by spaces: after a first part, between the two words of a new compound.

    Where letters and digits meet too (`LBD40`). A word that the dictionary knows is one word (`entreprise`,
    `maintenant`), unless a first part says that it is a compound (`géolocalisation`). A hyphen needs no split: a notice
    is read without its hyphens too.
    """
    if len(word) > LONGEST_COMPOUND:
        return ()
    if not word.isalpha():
        return tuple(dict.fromkeys(_code_splits(word)))
    is_known = word in ordinary_words()
    cuts = [(word[:cut], word[cut:]) for cut in range(1, len(word) - _LEAST_TAIL + 1) if _is_word(word[cut:])]
    found = [(head, tail) for head, tail in cuts if head in _FIRST_PARTS and max(len(head), len(tail)) >= _LEAST_PART]
    if is_known:
        found = [(head, tail) for head, tail in found if head not in _WEAK_PARTS and len(tail) > _LEAST_PART]
    elif not found:
        found = [
            (head, tail)
            for head, tail in cuts
            if len(head) >= _LEAST_PART and head not in _SMALL_WORDS and _is_word(head)
        ]
    if word[-_SHORT_PART:] in _SHORT_LAST_PARTS and _may_stand_before(word[:-_SHORT_PART], is_known=is_known):
        found.append((word[:-_SHORT_PART], word[-_SHORT_PART:]))
    return tuple(found)


def _may_stand_before(head: str, *, is_known: bool) -> bool:
    """Return whether letters are the first part of a compound with a short last one.

    Two letters that are no word are (`wi`); so is a word, if the dictionary does not know the whole.
    """
    if head in _SMALL_WORDS:
        return False
    return len(head) == _SHORT_PART or (not is_known and len(head) >= _LEAST_PART and _is_word(head))


def _is_code(first: str, second: str) -> bool:
    """Return whether two words are a name and its number: a letter meets a digit, or a letter with digits follows."""
    if not (first.isascii() and second.isascii()):
        return False
    meets = first[-1].isalpha() != second[0].isalpha()
    return meets or (first.isalpha() and len(first) >= _LEAST_TAIL and _CODE.fullmatch(second) is not None)


_CODE = re.compile(r"[a-z][0-9]+")


def _code_splits(word: str) -> Iterator[tuple[str, ...]]:
    """Yield how a word of letters and digits may be parted."""
    cuts = [match.start() for match in _BOUNDARY.finditer(word)]
    if not cuts or len(cuts) > _MOST_BOUNDARIES or not word.isalnum():
        return
    for parts in (
        *((word[:cut], word[cut:]) for cut in cuts),
        *((word[: cut - 1], word[cut - 1 :]) for cut in cuts if word[: cut - 1] in ordinary_words()),
        tuple(word[low:top] for low, top in itertools.pairwise((0, *cuts, len(word)))),
    ):
        if not _LONE_LETTER.search(f" {' '.join(parts)} "):
            yield parts


_LONE_LETTER = re.compile("(?<![0-9]{2}) [a-z] (?![0-9]{2})")
"""A letter beside no more than one digit: `F 4` and `5 G` are other things, `F 16` is not."""


def _is_word(word: str) -> bool:
    """Return whether a part of a compound is a word of its own, singular or plural."""
    return any(form in ordinary_words() for form in forms(word))
