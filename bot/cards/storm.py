"""The card of a storm: the one message for more new hits than a channel should be told one by one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from bot.cards._digest_lines import LABEL_UNITS, ROOMS, hit_lines, when_near
from bot.cards.card import Accent, Card, CardKind, Line, Span, Style
from bot.cards.lines import footer
from bot.locales import Texts
from bot.markup import plain
from bot.models import DigestHit, Held

SHOWN_HITS: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class StormContent:
    """Hold what a card says of a storm: where it came from (None: a night's), how many new hits, the first of them.

    `strongest` are in the order in which they are told, three at most. `next_digest` is when all of them will be told,
    None where no digest of this channel is scheduled.
    """

    source_label: str | None
    count: int
    strongest: tuple[DigestHit, ...]
    next_digest: datetime | None


def storm_card(texts: Texts, content: StormContent, code: str | None) -> Card:
    """Return the card that stands for many announcements: how many, the strongest three, when all are told."""
    room = ROOMS[0]  # three entries fit, however long their texts are
    shown = content.strongest[:SHOWN_HITS]
    body: list[Line] = [(Span(_why(texts, content, len(shown)), Style.QUIET),), ()]
    for hit in shown:
        # What came at once is of one day: the lines say what tells the hits apart.
        undated = hit if hit.held is Held.LATE else replace(hit, published=None)
        body += hit_lines(texts, undated, plain(hit.item, room.text), None, room)
    body += [(), *((Span(line),) for line in _rest(texts, content, len(shown)))]
    body.append((Span(texts("card-storm-narrow"), Style.QUIET),))
    return Card(
        kind=CardKind.STORM,
        title=_title(texts, content),
        accent=Accent.DOUBT,
        body=tuple(body),
        footer=footer(texts, 1, code),
    )


def storm_fallback_card(texts: Texts, content: StormContent, code: str | None) -> Card:
    """Return the short card for a storm whose full one Discord refused: how many hits, and where they are found."""
    lines = [texts("card-storm-refused"), *_rest(texts, content, 0)]
    if content.next_digest is not None:
        lines.append(texts("card-digest-find-hits"))
    return Card(
        kind=CardKind.FALLBACK,
        title=_title(texts, content),
        accent=Accent.DOUBT,
        body=tuple((Span(line),) for line in lines),
        footer=footer(texts, 1, code),
    )


def _title(texts: Texts, content: StormContent) -> str:
    if content.source_label is None:
        return texts.plural("card-storm-quiet-title", content.count)
    return texts.plural("card-storm-title", content.count, source=plain(content.source_label, LABEL_UNITS))


def _why(texts: Texts, content: StormContent, shown: int) -> str:
    count = texts.number(content.count)
    if content.source_label is None:
        return texts.plural("card-storm-quiet-why", shown) if shown else texts("card-storm-quiet-why-alone")
    return texts.plural("card-storm-why", shown, count=count) if shown else texts("card-storm-why-alone", count=count)


def _rest(texts: Texts, content: StormContent, shown: int) -> Iterator[str]:
    """Yield when all hits are told again, or where those that are not shown are read."""
    left = content.count - shown
    if content.next_digest is not None:
        when = when_near(texts, content.next_digest, content.next_digest)
        yield texts.plural("card-storm-all", content.count, when=when)
    elif left > 0:
        yield texts.plural("card-storm-left" if shown else "card-storm-all-left", left)
        yield texts("card-storm-unscheduled")
