"""Why a notice is announced, as its card says it: the watch items that it hits, and by which words where."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from bot.cards._beside import CompanionNotice, TwinNotice, entry_name
from bot.cards._notice import NAME_UNITS, Label, heading_of, names_of, party_of, register_of
from bot.cards.card import Field, Line, Span, Style
from bot.locales import Texts
from bot.markup import plain
from bot.models import Dismissal, DismissalKind, Hit, ItemKind, Notice

_LABEL_UNITS: Final = 80
_SNIPPET_UNITS: Final = 300
_MATCHED_UNITS: Final = 150
_OFFLINE_REF: Final = "line:"
_ELEMENT: Final = re.compile(r"(?P<name>[a-z_]+)(?:\[(?P<index>\d+)\])?")


class Place(StrEnum):
    """Where in a notice words matched."""

    TITLE = "title"
    TEXT = "text"
    BUYER = "buyer"
    CLIENT = "client"
    SUPPLIERS = "suppliers"
    WINNERS = "winners"
    ORGANISATIONS = "organisations"
    PEOPLE = "people"
    IDENTIFIERS = "identifiers"
    CPV = "cpv"


@dataclass(frozen=True, slots=True)
class ShownHit:
    """Hold a hit with the name and kind of its watch item as a card shows them, and by what it was dismissed.

    `beside` is the further notice in which it stands, where that is not the one that the card is about; `is_former`
    says that its words stand in the revision before alone.
    """

    item: str
    kind: ItemKind
    hit: Hit
    dismissed: Dismissal | None = None
    beside: TwinNotice | CompanionNotice | None = None
    is_former: bool = False


def hit_fields(
    texts: Texts, notice: Notice, hits: Sequence[ShownHit], shown: int, *, is_written_off: bool
) -> Iterator[Field]:
    """Yield why a notice is announced: so many of its hits in full, the others named and counted.

    `is_written_off` says that the card tells above that all of them were dismissed.
    """
    for told in hits[:shown]:
        lines = tuple(_hit_lines(texts, notice, told, is_written_off=is_written_off))
        yield Field(_item_label(texts, told), lines)
    left = hits[shown:]
    if left:
        names = names_of(texts, tuple(told.item for told in left))
        yield Field(texts.plural("card-hits-more", len(left)), ((Span(names),),))


def _item_label(texts: Texts, told: ShownHit) -> str:
    item = plain(told.item, NAME_UNITS)
    kind = texts.word("item-kind", told.kind)
    ref = plain(told.hit.ref or "", _LABEL_UNITS)
    if ref and not ref.startswith(_OFFLINE_REF):
        return texts("card-hit-item-ref", item=item, kind=kind, ref=ref)
    return texts("card-hit-item", item=item, kind=kind)


def _hit_lines(texts: Texts, notice: Notice, told: ShownHit, *, is_written_off: bool) -> Iterator[Line]:
    hit = told.hit
    if told.beside is not None:
        yield (Span(texts("card-hit-beside", entry=entry_name(texts, told.beside)), Style.QUIET),)
    if told.is_former:
        yield (Span(texts("card-hit-former"), Style.QUIET),)
    matched = plain(hit.matched, _MATCHED_UNITS)
    snippet = plain(hit.snippet, _SNIPPET_UNITS)
    where = Span(heading_of(texts, _place(texts, notice, hit.field)), Style.PLAIN)
    if told.dismissed is not None:
        yield (where, Span(matched, Style.STRUCK))
        yield from _dismissed(texts, told.dismissed, is_written_off=is_written_off)
        return
    register = register_of(texts, hit)
    if register is not None:
        yield (where, Span(f"{register} "), Span(matched, Style.MARK))
    elif snippet in {"", matched} or matched not in snippet or hit.field == Label.TITLE:  # the title stands above
        yield (where, Span(matched, Style.MARK))
    else:
        yield (where, *_marked(texts("card-hit-snippet", snippet=snippet), matched))
    tier, rule = texts.word("tier", hit.tier), texts.word("rule", hit.rule)
    reason = [tier if rule.casefold() == tier.casefold() else texts("card-hit-reason", tier=tier, rule=rule)]
    term = plain(hit.term, _LABEL_UNITS)
    if term.casefold() not in {plain(told.item).casefold(), matched.casefold()}:
        reason.append(texts("card-hit-asked", term=term))
    if hit.count > 1:
        reason.append(texts.plural("card-hit-count", hit.count))
    yield (Span(" · ".join(reason), Style.QUIET),)


def _dismissed(texts: Texts, dismissal: Dismissal, *, is_written_off: bool) -> Iterator[Line]:
    """Yield by what a hit was dismissed; where the card says above that it was, only what that does not."""
    name = plain(dismissal.name, NAME_UNITS)
    if dismissal.kind is not DismissalKind.SERIES:
        told = texts("card-dismissed-name" if is_written_off else "card-dismissed-organisation", name=name)
        yield (Span(told, Style.QUIET),)
    elif not is_written_off:
        yield (Span(texts("card-dismissed-series"), Style.QUIET),)


def _place(texts: Texts, notice: Notice, field: str) -> str:
    element = _ELEMENT.fullmatch(field)
    if element is None:
        return plain(field, _LABEL_UNITS)
    return texts.word("place", party_of(notice.kind, element["name"]), n=int(element["index"] or 0) + 1)


def _marked(text: str, words: str) -> Iterator[Span]:
    """Yield a text with the words marked where they stand alone, else where they first occur."""
    alone = re.search(rf"(?<!\w){re.escape(words)}(?!\w)", text)
    start = alone.start() if alone else text.index(words)
    end = start + len(words)
    yield from (Span(text[:start]), Span(text[start:end], Style.MARK), Span(text[end:]))
