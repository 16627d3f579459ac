"""What would make a noisy watch item hit less: tried on the notices that it hit before it is said. Pure."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import lru_cache
from itertools import islice
from typing import Final

from bot.errors import QueryError
from bot.matching import Found, Matcher, Rule, folded_words
from bot.matching.companies.organisations import organisation_key
from bot.models import Hit, ItemKind, Notice, WatchItem

LEAST_KEPT: Final = 3
"""From fewer notices that nobody dismissed nothing is learnt of what is meant."""
LEAST_DISMISSED: Final = 5
LEAST_WITHOUT: Final = 10
"""From fewer notices that nobody dismissed nothing is learnt of the words that what is meant never uses."""
KEEPS_PERCENT: Final = 95
MOST_NAMES: Final = 6
MOST_WORDS: Final = 5
MOST_ASKED: Final = 30
"""Of how many words it is asked whether they are common."""
MOST_NUMBERS: Final = 2

_WORD = re.compile(r"[^\W_]+(?:['’&.-][^\W_]+)*")  # noqa: RUF001  # as notices write them
_BESIDE = 2
"""Words of a longer name on either side of the match."""
_AROUND = 80
_LEAST_LETTERS = 4
_APART = re.compile(r"[.,;:!?()\n\r/]")

_JOINTS: Final = frozenset(
    "a au aux avec ce ces chez d dans de des du en et l la le les leur leurs ou par pour s sa sans se ses".split()  # noqa: SIM905  # reads best as a text
    + "son sous sur un une vers and by for from her his in its of the to with y".split()  # noqa: SIM905
)
"""Words with which no name begins or ends."""


class Narrowing(StrEnum):
    """How an item can be made narrower, the way first that tells people most."""

    NAME = "name"
    NAME_OR_NUMBER = "name_or_number"
    NUMBER = "number"
    WITHOUT = "without"
    EXACT = "exact"
    SOURCE = "source"


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """Hold a way to narrow an item, and what it did to the notices on which it was tried.

    `value` is the name, the word or the source; `number` an identifier to add. It would still hit `kept` of the
    `of_kept` notices that nobody dismissed, and no longer `dropped` of the `of_dropped` that somebody did.
    """

    way: Narrowing
    value: str = ""
    number: str = ""
    kept: int
    of_kept: int
    dropped: int
    of_dropped: int


@dataclass(frozen=True, slots=True)
class _Candidate:
    way: Narrowing
    item: WatchItem
    value: str = ""
    number: str = ""


def still_hit(item: WatchItem, notices: Iterable[Notice]) -> list[tuple[Notice, Found]]:
    """Return those notices that an item, as it is now, still hits, each with where it stands."""
    matcher = Matcher([item])
    found = ((notice, matcher.find_apart(notice)) for notice in notices)
    return [(notice, hits[0]) for notice, hits in found if hits]


def suggest(
    item: WatchItem,
    kept: Sequence[tuple[Notice, Found]],
    dismissed: Sequence[tuple[Notice, Found]],
    sources: Iterable[str] = (),
    is_common: Callable[[str], bool] = lambda _: False,
) -> Suggestion | None:
    """Return what keeps nearly all of the notices that nobody dismissed and drops most of the others, None for nothing.

    Both are those of `still_hit`; `sources` are all there are. Of a folded word `is_common` says whether notices use it
    whatever they are about: leaving that out would leave out what comes tomorrow.

    What drops most comes first, a longer name before a word to leave out where they drop about the same.
    """
    if len(kept) < LEAST_KEPT or len(dismissed) < LEAST_DISMISSED:
        return None
    candidates = _numbered(_candidates(item, kept, dismissed, sources, is_common))
    if not candidates:
        return None
    matcher = Matcher([candidate.item for candidate in candidates.values()])
    keeps, leaves = _announced(matcher, kept), _announced(matcher, dismissed)
    tried = [
        Suggestion(
            way=candidate.way,
            value=candidate.value,
            number=candidate.number,
            kept=keeps[number],
            of_kept=len(kept),
            dropped=len(dismissed) - leaves[number],
            of_dropped=len(dismissed),
        )
        for number, candidate in candidates.items()
    ]
    good = [one for one in tried if one.kept * 100 >= one.of_kept * KEEPS_PERCENT and one.dropped * 2 > one.of_dropped]
    ways = list(Narrowing)
    return min(good, key=lambda one: (-round(10 * one.dropped / one.of_dropped), ways.index(one.way)), default=None)


def _numbered(candidates: Iterable[_Candidate]) -> dict[int, _Candidate]:
    """Return the candidates that can be matched, each with an id of its own."""
    numbered: dict[int, _Candidate] = {}
    for candidate in candidates:
        item = replace(candidate.item, id=len(numbered) + 1)
        try:
            Matcher([item])
        except QueryError:
            continue
        numbered[len(numbered) + 1] = replace(candidate, item=item)
    return numbered


def _announced(matcher: Matcher, tried: Iterable[tuple[Notice, Found]]) -> Counter[int | None]:
    """Count for each item of a matcher the notices that it hits, unless their number is another company's."""
    counted: Counter[int | None] = Counter()
    for notice, _ in tried:
        counted.update(hit.item for hit in matcher.find(notice) if hit.rule != Rule.OTHER_SIREN)
    return counted


def _candidates(
    item: WatchItem,
    kept: Sequence[tuple[Notice, Found]],
    dismissed: Sequence[tuple[Notice, Found]],
    sources: Iterable[str],
    is_common: Callable[[str], bool],
) -> Iterator[_Candidate]:
    names = [*_longer_names(item, kept, dismissed)]
    numbers = [*_numbers(item, kept, dismissed)]
    for name, renamed in names:
        yield _Candidate(Narrowing.NAME, renamed, name)
        for number in numbers:
            numbered = replace(renamed, identifiers=(*item.identifiers, number))
            yield _Candidate(Narrowing.NAME_OR_NUMBER, numbered, name, number)
    for number in numbers:
        yield _Candidate(Narrowing.NUMBER, replace(item, identifiers=(*item.identifiers, number)), number=number)
    for word in _strange_words(item, kept, dismissed, is_common):
        yield _Candidate(Narrowing.WITHOUT, replace(item, none_of=(*item.none_of, word)), word)
    if item.kind is ItemKind.KEYWORD and _WORD.fullmatch(item.name):
        yield _Candidate(Narrowing.EXACT, replace(item, name=f"={item.name}"), f"={item.name}")
    wrong = {notice.source for notice, _ in dismissed}
    if len(wrong) == 1:
        (source,) = wrong
        others = {*(item.sources or sources), *(notice.source for notice, _ in kept)} - wrong
        if others:
            yield _Candidate(Narrowing.SOURCE, replace(item, sources=tuple(sorted(others))), source)


# --- a longer name ---


def _longer_names(
    item: WatchItem, kept: Sequence[tuple[Notice, Found]], dismissed: Sequence[tuple[Notice, Found]]
) -> Iterator[tuple[str, WatchItem]]:
    """Yield longer names of what nobody dismissed, the most frequent first, each with the item so named."""
    terms = Counter(found.hit.term for _, found in dismissed)
    term = terms.most_common(1)[0][0]
    spelled: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for notice, found in kept:
        longer = _in_names(found) if item.kind is not ItemKind.KEYWORD else _in_text(notice, found.hit)
        for key, name in {organisation_key(name): name for name in longer}.items():
            spelled[key][name] += 1
    own = {"", organisation_key(term), organisation_key(item.name)}
    ranked = sorted(
        ((sum(names.values()), -len(key.split()), key) for key, names in spelled.items() if key not in own),
        reverse=True,
    )
    for _, _, key in ranked[:MOST_NAMES]:
        names = spelled[key]
        name = max(names, key=lambda name: (not name.isupper(), names[name]))
        written = f'"{name}"' if item.kind is ItemKind.KEYWORD else name
        if _is_same(term, item.name):
            yield name, replace(item, name=written)
        elif any(_is_same(term, alias) for alias in item.aliases):
            others = tuple(alias for alias in item.aliases if not _is_same(term, alias))
            yield name, replace(item, aliases=(*others, written))


def _in_names(found: Found) -> Iterator[str]:
    """Yield a match with the words beside it in the names of the organisations in which it stands."""
    for standing in found.standings:
        if standing.name:
            yield from _stretches(standing.name, standing.hit.matched)


def _stretches(name: str, matched: str) -> Iterator[str]:
    """Yield the parts of a name that hold the matched words and some beside them."""
    words = [match.span() for match in _WORD.finditer(name)]
    wanted = _folded(matched)
    for first in range(len(words)):
        for last in range(first, len(words)):
            if _folded(name[words[first][0] : words[last][1]]) == wanted:
                for low in range(max(first - _BESIDE, 0), first + 1):
                    for top in range(last, min(last + _BESIDE, len(words) - 1) + 1):
                        edges = {_folded(name[slice(*words[edge])]) for edge in {low, top} - {first, last}}
                        if edges and edges.isdisjoint(_JOINTS):
                            yield name[words[low][0] : words[top][1]]
                return


def _in_text(notice: Notice, hit: Hit) -> Iterator[str]:
    """Yield a match with the words beside it in the same clause."""
    text = {"title": notice.title, "text": notice.text, "buyer": notice.buyer}.get(hit.field)
    if text is None:
        return
    before = _APART.split(text[max(hit.start - _AROUND, 0) : hit.start])[-1]
    behind = _APART.split(text[hit.end : hit.end + _AROUND])[0]
    clause = f"{before}{hit.matched}{behind}"
    yield from (" ".join(stretch.split()) for stretch in _stretches(clause, hit.matched))


# --- numbers and words ---


def _numbers(
    item: WatchItem, kept: Sequence[tuple[Notice, Found]], dismissed: Sequence[tuple[Notice, Found]]
) -> list[str]:
    """Return identifiers that most notices carry that nobody dismissed, and none of the others."""
    if item.kind is not ItemKind.COMPANY:
        return []
    wrong = {number for notice, _ in dismissed for number in notice.identifiers}
    counted = Counter(number for notice, _ in kept for number in {*notice.identifiers} - wrong - {*item.identifiers})
    return [number for number, times in counted.most_common(MOST_NUMBERS) if times * 2 > len(kept)]


def _strange_words(
    item: WatchItem,
    kept: Sequence[tuple[Notice, Found]],
    dismissed: Sequence[tuple[Notice, Found]],
    is_common: Callable[[str], bool],
) -> list[str]:
    """Return words of most of the notices that somebody dismissed which stand in none of the others, no common ones."""
    if len(kept) < LEAST_WITHOUT:
        return []
    usual: set[str] = {*_folded(item.name).split()}
    for notice, _ in kept:
        usual.update(_words_of(notice))
    times: Counter[str] = Counter()
    written: dict[str, str] = {}
    for notice, found in dismissed:
        words = _words_of(notice)
        strange = words.keys() - usual - {*_folded(found.hit.matched).split()}
        times.update(strange)
        written |= {word: words[word] for word in strange}
    often = [word for word, number in times.most_common(MOST_ASKED) if number * 2 > len(dismissed)]
    return [*islice((written[word] for word in often if not is_common(word)), MOST_WORDS)]


def _words_of(notice: Notice) -> Mapping[str, str]:
    """Return the words of a notice that can be asked for, folded, each as it is written there."""
    texts = (notice.title, notice.text, notice.buyer or "", *notice.suppliers)
    return {
        _folded(word): word.lower()
        for text in texts
        for word in re.findall(r"[^\W\d_]+", text)
        if len(word) >= _LEAST_LETTERS
    }


def _is_same(one: str, other: str) -> bool:
    return _folded(one) == _folded(other)


@lru_cache(maxsize=16_384)
def _folded(text: str) -> str:
    return " ".join(folded_words(text))
