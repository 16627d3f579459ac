"""What a newsroom knows already of the items of a notice: facts and how sure they are, open tips, earlier news."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from bot.cards.card import Field, Line, Span, Style
from bot.cards.lines import PLACE, around, capital, fields, member, without_year
from bot.locales import Texts
from bot.markup import plain, safe_url
from bot.models import EarlierHits, FactStatus, Known, KnownFact, KnownItem, KnownTip
from bot.models.known import COUNTED, HITS_COUNTED

_ITEM_UNITS: Final = 80
_BULLET: Final = "• "
_BETWEEN: Final = " · "


@dataclass(frozen=True, slots=True)
class KnownRoom:
    """Say how much is told of what is known: items, facts of each and units of a claim, tips that are named.

    `alone` is how many facts are told where something is known of one item only.
    """

    items: int
    alone: int
    facts: int
    claim: int
    tips: int


KNOWN_ROOMS: Final = (
    KnownRoom(items=3, alone=3, facts=2, claim=120, tips=3),
    KnownRoom(items=3, alone=2, facts=1, claim=80, tips=2),
    KnownRoom(items=2, alone=1, facts=1, claim=60, tips=0),
)
"""How much is told, from much to little."""
NO_ROOM: Final = KnownRoom(items=0, alone=0, facts=0, claim=0, tips=0)


def known_fields(
    texts: Texts, known: Known, now: datetime, room: KnownRoom, *, is_alone: bool, is_taken: bool = False
) -> Iterator[Field]:
    """Yield a field for each item with facts or tips, and one for all of which only earlier news are known.

    Items are named unless the notice hits one alone; who added that is told unless somebody has the notice already.
    """
    told = known.items[: room.items]
    left = known.items_left + len(known.items) - len(told)
    facts = room.alone if len(known.items) + known.items_left == 1 else room.facts
    parts = [
        (
            texts("card-known") if is_alone else texts("card-known-item", item=plain(item.item, _ITEM_UNITS)),
            list(_lines(texts, item, facts, now, room, tells_who_added=is_alone and not is_taken)),
        )
        for item in told
        if is_alone or item.facts or item.tips
    ]
    announced = [
        (
            Span(_BULLET),
            Span(texts("card-label", label=plain(item.item, _ITEM_UNITS))),
            *_earlier(texts, item.earlier, now, is_short=True),
        )
        for item in told
        if not (is_alone or item.facts or item.tips) and item.earlier is not None
    ]
    if announced:
        parts.append((texts("card-known-earlier" if parts else "card-known"), announced))
    for place, (label, lines) in enumerate(parts, 1):
        if left and place == len(parts):
            lines.append((Span(texts.plural("card-known-items-left", left), Style.QUIET),))
        yield from fields(texts, label, lines)


def _lines(
    texts: Texts, item: KnownItem, most: int, now: datetime, room: KnownRoom, *, tells_who_added: bool
) -> Iterator[Line]:
    facts = item.facts[:most]
    for fact in facts:
        yield _fact(texts, fact, room)
    left = item.facts_left + len(item.facts) - len(facts)
    if left:
        is_counted = item.facts_left < COUNTED
        more = texts.plural("card-known-facts-left" if is_counted else "card-known-facts-left-at-least", left)
        yield (Span(more, Style.QUIET),)
    if item.tips:
        yield _tips(texts, item, room)
    if item.earlier is not None and not item.facts and not item.tips and tells_who_added:
        added = around(texts("card-known-who-item", member=PLACE), member(item.added_by), Style.QUIET)
        yield (*_earlier(texts, item.earlier, now), Span(_BETWEEN, Style.QUIET), *added)
        return
    if item.earlier is not None:
        yield _earlier(texts, item.earlier, now)
    yield from _who(texts, item, tells_who_added=tells_who_added)


def _fact(texts: Texts, fact: KnownFact, room: KnownRoom) -> Line:
    is_retracted = fact.status is FactStatus.RETRACTED
    status = capital(texts.word("fact-status", fact.status))
    claim = Span(plain(fact.claim, room.claim), Style.STRUCK if is_retracted else Style.PLAIN)
    url = safe_url(fact.message_url)
    shown = texts("card-known-fact" if url is not None else "card-known-fact-shown", id=fact.fact_id)
    between = Span(_BETWEEN, Style.QUIET)
    return (Span(_BULLET), Span(status, Style.STRONG), between, claim, between, Span(shown, Style.QUIET, url=url))


def _tips(texts: Texts, item: KnownItem, room: KnownRoom) -> Line:
    """Return the open tips: those that may be named here with how far they are and whose they are, others counted."""
    total = len(item.tips)
    count = texts.plural("card-known-tips" if total < COUNTED else "card-known-tips-at-least", total)
    named = [tip for tip in item.tips if tip.is_named][: room.tips]
    if not named:
        return (Span(count),)
    line = [Span(texts("card-label", label=count), Style.STRONG)]
    for place, tip in enumerate(named):
        line += [Span(", ")] if place else []
        line += _tip(texts, tip)
    if total > len(named):
        line.append(Span(texts("card-known-and-more", more=texts.plural("and-others", total - len(named)))))
    return tuple(line)


def _tip(texts: Texts, tip: KnownTip) -> Iterator[Span]:
    status = texts.word("tip-status", tip.status)
    if tip.owner is None:
        yield Span(texts("card-known-tip-unowned", id=tip.tip_id, status=status))
    else:
        yield from around(texts("card-known-tip", id=tip.tip_id, status=status, owner=PLACE), member(tip.owner))


def _earlier(texts: Texts, earlier: EarlierHits, now: datetime, *, is_short: bool = False) -> Line:
    """Return how many announcements there were, and the last; since when unless it is to be short."""
    day = without_year(texts, texts.date(earlier.last_at), earlier.last_at, now)
    last = Span(texts.plural("card-known-hits-last", earlier.count, day=day), url=safe_url(earlier.message_url))
    is_counted = earlier.count < HITS_COUNTED
    if is_short:
        said = texts.plural(
            "card-known-hits-of-item" if is_counted else "card-known-hits-of-item-at-least", earlier.count, last=PLACE
        )
    else:
        month, this_month = texts.month(earlier.first_at), texts.month(now)
        said = texts.plural(
            "card-known-hits" if is_counted else "card-known-hits-at-least", earlier.count, month=month, last=PLACE
        )
        if is_counted and month == this_month:
            said = texts.plural("card-known-hits-before", earlier.count, last=PLACE)
    return tuple(around(said, last))


def _who(texts: Texts, item: KnownItem, *, tells_who_added: bool) -> Iterator[Line]:
    """Yield who logged the last fact, and who added the item, where there is something to tell."""
    logged_by = item.facts[0].logged_by if item.facts else None
    added = texts("card-known-who-item", member=PLACE)
    logged = texts("card-known-who-fact", member=PLACE)
    if not tells_who_added:
        if logged_by is not None:
            yield tuple(around(logged, member(logged_by), Style.QUIET))
    elif logged_by == item.added_by:
        yield tuple(around(texts("card-known-who-both", member=PLACE), member(item.added_by), Style.QUIET))
    elif logged_by is None:
        yield tuple(around(capital(added), member(item.added_by), Style.QUIET))
    else:
        yield (
            *around(logged, member(logged_by), Style.QUIET),
            Span(_BETWEEN, Style.QUIET),
            *around(added, member(item.added_by), Style.QUIET),
        )
