"""Why an item that a person expects does not match a notice: read on demand, never while notices are matched.

Each answer is proven before it is given: the notice is changed in the one point concerned (a capital, the order of two
words, a missing word) and the matcher must then find the item there. What cannot be proven is not said.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import Final

from bot.errors import QueryError
from bot.matching.asked import compile_item
from bot.matching.codes import Doubt, Obstacle, Rule
from bot.matching.companies.company import Company
from bot.matching.explaining.obstacles import (
    Field,
    Guess,
    Missed,
    fields_of,
    of_company,
    of_numbers,
    of_person,
    of_phrase,
)
from bot.matching.matcher import Matcher
from bot.matching.officials.official import Official
from bot.matching.query.expressions import All, Expression, Near, Operand, Some, Without, canonical
from bot.matching.words.phrases import Phrase
from bot.models import ItemKind, Notice, WatchItem

MOST_TOLD: Final = 4

_DOUBTS: Final[dict[str, Doubt]] = {
    Rule.INITIAL: Doubt.INITIAL,
    Rule.COMPOUND_FAMILY: Doubt.COMPOUND_FAMILY,
    Rule.ORDINARY_WORD: Doubt.ORDINARY_WORD,
    Rule.FAMILY_NAME: Doubt.FAMILY_NAME,
    Rule.ONE_EDIT: Doubt.ONE_LETTER,
    Rule.SEVERAL_GIVEN: Doubt.SEVERAL_GIVEN,
    Rule.NAME_ORDER: Doubt.IN_PARENTHESES,
    Rule.OTHER_SIREN: Doubt.OTHER_COMPANY,
}
_MOST_TRIED = 60
_WINDOW = 600
_FARTHEST = 99
_APART = frozenset({Obstacle.TOO_FAR, Obstacle.OUT_OF_REACH})
"""Where both sides of NEAR stand."""


def why_not(
    item: WatchItem, notice: Notice, language: str = "fr", known: Callable[[str], bool] | None = None
) -> list[Missed]:
    """Return why an item does not match a notice that has something of it, nearest first, at most `MOST_TOLD`.

    Nothing where it matches, where its words are held back by its own conditions (`Matcher.near_misses` says so), or
    where nothing of it stands there. Parts of a query are named with the operators of `language`; `known` is as in
    `Matcher`. Raises QueryError for an item that cannot be looked for.
    """
    bare = replace(item, any_of=(), none_of=(), sources=())
    matcher = Matcher([bare], known)
    if matcher.find(notice) or Matcher([item], known).near_misses(notice):
        return []
    fields = fields_of(notice)
    found: list[Missed] = []
    for name in compile_item(bare).names:
        alone = replace(bare, name=name.text, aliases=(), identifiers=())
        wanted = name.wanted
        if isinstance(wanted, Official):
            found += _proven(alone, known, of_person(name.text, fields))
        elif isinstance(wanted, Company):
            found += _proven(alone, known, of_company(wanted, fields, name.text))
        elif isinstance(wanted, Phrase):
            found += _proven(alone, known, of_phrase(wanted, fields, name.text))
        else:
            found += _Query(notice, fields, language, known).missed(wanted, alone)
    found += _proven(bare, known, of_numbers(item, fields))
    return list(dict.fromkeys(found))[:MOST_TOLD]


def doubt_of(rule: str) -> Doubt:
    """Return why a hit that was reached by a rule is only weak."""
    return _DOUBTS.get(rule, Doubt.UNSURE)


def _proven(item: WatchItem, known: Callable[[str], bool] | None, guesses: Iterable[Guess]) -> Iterator[Missed]:
    """Yield what is so: written as it should be at that place, the item would match."""
    told: list[Missed] = []
    for tried, guess in enumerate(guesses):
        missed = guess.missed
        if tried >= _MOST_TRIED or len(told) >= MOST_TOLD:
            return
        if not any(_says_enough(one, missed) for one in told) and _would_match(item, known, guess):
            told.append(missed)
            yield missed


def _says_enough(told: Missed, missed: Missed) -> bool:
    """Return whether a reason was told of this place already, or the same one of the same words elsewhere."""
    same = told.obstacle is missed.obstacle and told.matched.casefold() == missed.matched.casefold()
    return same or (told.field == missed.field and told.start < missed.end and missed.start < told.end)


def _would_match(item: WatchItem, known: Callable[[str], bool] | None, guess: Guess) -> bool:
    missed = guess.missed
    before = guess.text[max(0, missed.start - _WINDOW) : missed.start]
    after = guess.text[missed.end : missed.end + _WINDOW]
    changed = f"{before}{guess.instead}{after}"
    hits = Matcher([item], known).find(_notice_of(missed.field, changed))
    return any(hit.start < len(before) + len(guess.instead) and hit.end > len(before) for hit in hits)


def _notice_of(field: str, text: str) -> Notice:
    """Return a notice with one field, of the same kind."""
    match field.partition("[")[0]:
        case "suppliers":
            return Notice(id="-", suppliers=(text,))
        case "people":
            return Notice(id="-", people=(text,))
        case "buyer":
            return Notice(id="-", buyer=text)
        case "title":
            return Notice(id="-", title=text)
    return Notice(id="-", text=text)


@dataclass(frozen=True, slots=True)
class _Query:
    """Look for the operands of a query that fail in a notice."""

    notice: Notice
    fields: Sequence[Field]
    language: str
    known: Callable[[str], bool] | None

    def missed(self, wanted: Expression, item: WatchItem) -> list[Missed]:
        """Return which operands fail, with what stands of the others; `item` asks for the expression alone."""
        match wanted:
            case Operand(phrase) if isinstance(phrase, Phrase):
                return list(_proven(item, self.known, of_phrase(phrase, self.fields, item.name)))
            case All(parts):
                wanting = [part for part in parts if not isinstance(part, Without)]
                excluding = [part.part for part in parts if isinstance(part, Without)]
                return self._of_all(wanting, item) or self._excluded(wanting, excluding, item)
            case Near(left, right, distance):
                return self._of_near(left, right, distance, item)
            case Some(parts):
                return [missed for part in parts for missed in self.missed(part, _asking(item, part))]
        return []

    def _excluded(self, wanting: Sequence[Expression], parts: Sequence[Expression], item: WatchItem) -> list[Missed]:
        """Return which parts stand that a query excludes, beside what it wants, which stands too."""
        standing = self._place(_asking(item, All(tuple(wanting)) if len(wanting) > 1 else wanting[0]))
        if standing is None:
            return []
        return [
            replace(standing, obstacle=Obstacle.OPERAND_EXCLUDED, term=item.name, asked=canonical(part, self.language))
            for part in parts
            if self._place(_asking(item, part)) is not None
        ]

    def _of_all(self, parts: Sequence[Expression], item: WatchItem) -> list[Missed]:
        places = [self._place(_asking(item, part)) for part in parts]
        standing = next((place for place in places if place is not None), None)
        if standing is None:
            return self._of_none(parts, item)
        found: list[Missed] = []
        for part, place in zip(parts, places, strict=True):
            if place is None:
                asked = canonical(part, self.language)
                found.append(replace(standing, obstacle=Obstacle.OPERAND_MISSING, term=item.name, asked=asked))
                found += self.missed(part, _asking(item, part))
        return found

    def _of_none(self, parts: Sequence[Expression], item: WatchItem) -> list[Missed]:
        """Return what comes near each of the parts, of which none stands."""
        near = {part: self.missed(part, _asking(item, part)) for part in parts}
        told = list(chain(*near.values()))
        apart = next((missed for missed in told if missed.obstacle in _APART), None)
        if apart is None:
            return told
        lacking = [canonical(part, self.language) for part in parts if not near[part]]
        missing = replace(apart, obstacle=Obstacle.OPERAND_MISSING, term=item.name, distance=0)
        return [*told, *(replace(missing, asked=asked) for asked in lacking)]

    def _of_near(self, left: Expression, right: Expression, most: int, item: WatchItem) -> list[Missed]:
        first = self._place(_asking(item, left))
        if first is None or self._place(_asking(item, right)) is None:
            return self._of_all((left, right), item)
        low, top = most + 1, _FARTHEST + 1
        while low < top:
            middle = (low + top) // 2
            if self._place(_asking(item, Near(left, right, middle))) is None:
                low = middle + 1
            else:
                top = middle
        near = self._place(_asking(item, Near(left, right, low))) if low <= _FARTHEST else None
        asked = canonical(right, self.language)
        if near is None:
            return [replace(first, obstacle=Obstacle.OUT_OF_REACH, term=item.name, asked=asked, distance=_FARTHEST)]
        return [replace(near, obstacle=Obstacle.TOO_FAR, term=item.name, asked=asked, distance=low)]

    def _place(self, item: WatchItem) -> Missed | None:
        """Return where an item matches, as the place of something missed beside it; None where it does not."""
        try:
            hits = Matcher([item], self.known).find(self.notice)
        except QueryError:
            return None
        if not hits:
            return None
        hit = hits[0]
        return Missed(Obstacle.OPERAND_MISSING, item.name, hit.field, hit.start, hit.end, hit.matched, "")


def _asking(item: WatchItem, part: Expression) -> WatchItem:
    """Return an item that asks for a part of a query alone."""
    return replace(item, kind=ItemKind.KEYWORD, name=canonical(part, "en"), aliases=(), identifiers=())
