"""What may be added to a watch item, or is there already: offered to the person who typed it, never taken silently.

Names and numbers come from what stored notices print, and only where it is certain which number is whose.
"""

from __future__ import annotations

import asyncio
import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from bot.markup import plain
from bot.matching import (
    Caution,
    Matcher,
    Names,
    Spelling,
    alike,
    alike_pairs,
    folded_words,
    likeness,
    number_spellings,
    read_identifier,
    understood,
)
from bot.models import ItemKind, Notice, WatchItem
from bot.storage.archive.organisations import Printed, count_with, printed_with
from bot.storage.database import Database
from bot.watchlist.entry import ALIASES, IDENTIFIERS
from bot.watchlist.numbers import sirens

MOST_NEIGHBOURS: Final = 3
MOST_ALIASES: Final = 5
MOST_NUMBERS: Final = 3
NOTICES: Final = 200
"""How many notices are read for one number or one name, the newest."""
COUNTERPARTS: Final = 3
"""Of how many other organisations a name must stand beside a number to be its owner's without any other sign."""

_NO_DIGITS = re.compile(r"\D")
_SAME = 1.0


class Resemblance(StrEnum):
    """How an item resembles another one: the same number, nearly the same name, or one name inside the other.

    A shorter name that holds only under conditions of its own is `MAYBE_WIDER`.
    """

    NUMBER = "number"
    NAME = "name"
    WIDER = "wider"
    MAYBE_WIDER = "maybe_wider"
    NARROWER = "narrower"


@dataclass(frozen=True, slots=True)
class Neighbour:
    """Hold another live item of the newsroom that resembles one; `shared` is the number or the name concerned."""

    item: WatchItem
    resemblance: Resemblance
    shared: str


@dataclass(frozen=True, slots=True)
class Offer:
    """Hold a name or a number that stored notices print for an item: in how many of them, and in which one last.

    Of the short name of a long one, `notices` are those that have its words, and there is no `example`.
    """

    text: str
    notices: int = 0
    example: str = ""


@dataclass(frozen=True, slots=True)
class Suggestions:
    """Hold what is offered for an item."""

    neighbours: tuple[Neighbour, ...] = ()
    aliases: tuple[Offer, ...] = ()
    numbers: tuple[Offer, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.neighbours or self.aliases or self.numbers)


async def suggest(database: Database, item: WatchItem, others: Sequence[WatchItem]) -> Suggestions:
    """Return what is offered for an item that was just entered among the other live items of its newsroom."""
    others = [other for other in others if other.id != item.id]
    known = await asyncio.to_thread(_Known, item.kind, others)
    neighbours = await asyncio.to_thread(_neighbours, item, others, known)
    if item.kind is not ItemKind.COMPANY:
        return Suggestions(tuple(neighbours))
    roots = sirens(item.identifiers)
    name, brand = await asyncio.to_thread(lambda: (_spelled(item), _brand(item, known)))
    by_number: list[Printed] = []
    by_name: list[Printed] = []
    async with database.read() as connection:
        for root in sorted(roots):
            by_number += await printed_with(connection, number_spellings(root), NOTICES)
        if not roots and len(item.identifiers) < IDENTIFIERS:
            by_name = await printed_with(connection, name, NOTICES)
        short = Offer(brand, await count_with(connection, [Spelling(tuple(folded_words(brand)))])) if brand else None
    aliases, numbers = await asyncio.to_thread(_offers, item, roots, by_number, by_name, known)
    if len(item.aliases) >= ALIASES:
        aliases = []
    elif short is not None and not any(likeness(item.kind, short.text, one.text) == _SAME for one in aliases):
        aliases = [*aliases[: MOST_ALIASES - 1], short]
    return Suggestions(tuple(neighbours), tuple(aliases), tuple(numbers))


def resembling(items: Sequence[WatchItem], since: datetime) -> list[tuple[WatchItem, WatchItem]]:
    """Return the pairs of items of one kind with names alike, most alike first, of which one was added since a moment.

    What was added later stands first. It takes a while: not for the event loop.
    """
    found: list[tuple[float, WatchItem, WatchItem]] = []
    for kind in ItemKind:
        same = sorted((item for item in items if item.kind is kind), key=lambda item: item.id or 0)
        fresh = {place for place, item in enumerate(same) if item.added_at is not None and item.added_at >= since}
        pairs = alike_pairs(kind, [item.name for item in same], fresh)
        found += [(value, same[other], same[one]) for one, other, value in pairs]
    return [(one, other) for _, one, other in sorted(found, key=lambda pair: (-pair[0], pair[1].id or 0))]


class _Known:
    """Hold the names of the other live items of one kind, folded once."""

    def __init__(self, kind: ItemKind, others: Iterable[WatchItem]) -> None:
        self.items = [other for other in others if other.kind is kind]
        self.names = Names(kind, [other.name for other in self.items])
        self._aliased = [alias for other in self.items for alias in other.aliases]
        self._owners = [other for other in self.items for _ in other.aliases]
        self._aliases = Names(kind, self._aliased)

    def alike(self, name: str) -> Iterator[tuple[str, WatchItem]]:
        """Yield the names and aliases that are like one, each with its item."""
        for close in self.names.alike(name):
            yield self.items[close.index].name, self.items[close.index]
        for close in self._aliases.alike(name):
            yield self._aliased[close.index], self._owners[close.index]

    def has(self, name: str) -> bool:
        """Return whether another item has this name already."""
        return self.names.same(name)


def _neighbours(item: WatchItem, others: Sequence[WatchItem], known: _Known) -> list[Neighbour]:
    """Return the items that resemble one: those of its number first, then those of nearly its name."""
    found: dict[int | None, Neighbour] = {}
    roots = sirens(item.identifiers)
    for other in others if roots else ():
        shared = roots & sirens(typed for typed in other.identifiers if _may_hold(typed, roots))
        if shared:
            found[other.id] = Neighbour(other, Resemblance.NUMBER, min(shared))
    if item.kind is ItemKind.COMPANY:
        for place in known.names.holding(item.name):
            other = known.items[place]
            found.setdefault(other.id, Neighbour(other, Resemblance.NARROWER, other.name))
        for place in known.names.held(item.name):
            other = known.items[place]
            found.setdefault(other.id, Neighbour(other, _width(other, item), other.name))
    closest = alike(item.kind, item.name, [other.name for other in known.items])
    near = [(known.items[close.index].name, known.items[close.index]) for close in closest]
    near += [pair for own in (item.name, *item.aliases) for pair in known.alike(own)]
    for name, other in near:
        found.setdefault(other.id, Neighbour(other, Resemblance.NAME, name))
    ranked = sorted(found.values(), key=lambda one: list(Resemblance).index(one.resemblance))
    return ranked[:MOST_NEIGHBOURS]


def _width(other: WatchItem, item: WatchItem) -> Resemblance:
    """Return whether an item of a shorter name finds a longer one whatever else the notice says."""
    is_bound = other.any_of or other.none_of or other.sources
    return Resemblance.WIDER if not is_bound and _is_found(Matcher([other]), item.name) else Resemblance.MAYBE_WIDER


def _may_hold(typed: str, roots: Iterable[str]) -> bool:
    digits = _NO_DIGITS.sub("", typed)
    return any(root in digits for root in roots)


def _spelled(item: WatchItem) -> list[Spelling]:
    """Return the words of a company's name as full text finds them."""
    words = tuple(folded_words(understood(item).readings[0].canonical))
    return [Spelling(words)] if words else []


def _offers(
    item: WatchItem,
    roots: Collection[str],
    by_number: Sequence[Printed],
    by_name: Sequence[Printed],
    known: _Known,
) -> tuple[list[Offer], list[Offer]]:
    """Return the aliases and the numbers to offer, those that most notices print first."""
    own = Matcher([WatchItem(guild_id=item.guild_id, kind=item.kind, name=item.name, aliases=item.aliases)])
    aliases: dict[str, list[Printed]] = defaultdict(list)
    for root in roots:
        for name, notices in names_of(root, by_number).items():
            aliases[name] += notices
    found = _offered(aliases, MOST_ALIASES, lambda name: not (_is_found(own, name) or known.has(name)))
    numbers: dict[str, list[Printed]] = defaultdict(list)
    named = [one for one in by_name if any(likeness(item.kind, item.name, name) == _SAME for name in one.names)]
    for root in {root for one in named for root in sirens(one.identifiers) if read_identifier(root).valid}:
        for name, notices in names_of(root, named).items():
            if likeness(item.kind, item.name, name) == _SAME:
                numbers[root] += notices
    return found, _offered(numbers, MOST_NUMBERS, lambda _: True)


def names_of(root: str, notices: Iterable[Printed]) -> Mapping[str, list[Printed]]:
    """Return the names under which notices certainly print the owner of a number, each with its notices.

    It is certain where a notice names one organisation and holds one number; or where at least three notices name the
    same organisation and hold the number, each beside another one that the others do not name.
    """
    carrying = [one for one in notices if root in sirens(one.identifiers)]
    found: dict[str, list[Printed]] = defaultdict(list)
    for one in carrying:
        if len(one.names) == 1 and len(sirens(one.identifiers)) == 1:
            found[one.names[0]].append(one)
    beside: dict[str, list[tuple[Printed, str]]] = defaultdict(list)
    for one in carrying:
        if len(one.names) == 2:  # noqa: PLR2004  # a buyer and its only supplier
            first, second = one.names
            beside[first].append((one, second))
            beside[second].append((one, first))
    for name, pairs in beside.items():
        others = {" ".join(folded_words(other)) for _, other in pairs}
        if len(others) >= COUNTERPARTS:
            found[name] += [one for one, _ in pairs]
    return found


def _offered(found: Mapping[str, Sequence[Printed]], most: int, wanted: Callable[[str], bool]) -> list[Offer]:
    """Return what is printed as offers: names that differ only by case or form are one, as most notices write it."""
    ranked = sorted(found.items(), key=lambda entry: (-len(entry[1]), entry[0]))
    offers: dict[str, Offer] = {}
    for text, notices in ((plain(text), notices) for text, notices in ranked):
        key = " ".join(folded_words(text))
        if key in offers:
            known = offers[key]
            offers[key] = Offer(known.text, known.notices + len(notices), known.example)
        elif key and len(offers) < most and wanted(text):
            newest = notices[0]
            offers[key] = Offer(text, len(notices), f"{newest.source}:{newest.source_id}")
    return list(offers.values())


def _is_found(matcher: Matcher, name: str) -> bool:
    """Return whether a matcher finds a name by its own words: then its item needs no alias."""
    return bool(matcher.find(Notice(id="-", suppliers=(name,))))


def _brand(item: WatchItem, known: _Known) -> str | None:
    """Return the bare brand that a long company name does not find (matching.md section 3.4), where there is one.

    Nothing where it is another item already.
    """
    warned = understood(item).warnings
    brand = next((one.expected for one in warned if one.caution is Caution.BARE_BRAND and one.expected), None)
    return None if brand is None or known.has(brand) else brand
