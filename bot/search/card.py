"""A page of results as a card: how many of each kind, and of each find its words with those looked for marked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from bot.cards import Card, CardKind, Field, Line, Span, Style, kind_in_words, render
from bot.cards.embed import ALL_UNITS
from bot.locales import Texts
from bot.markup import plain, safe_url, site_of, utf16_len
from bot.models import Fact, Tip
from bot.search.excerpt import Excerpt, excerpt
from bot.search.finding import FINDS_A_PAGE, MOST_PAGES, Find, FindKind, FoundFact, FoundNotice, FoundTip, Results
from bot.search.query import Term
from bot.sources import label_of

_NAME_UNITS = 60


class Part(StrEnum):
    """What part of a find a passage is taken from."""

    TEXT = "text"
    BUYER = "buyer"
    SUPPLIER = "supplier"
    PERSON = "person"
    IDENTIFIER = "identifier"
    CPV = "cpv"
    CITED = "cited"
    QUOTE = "quote"
    ORIGIN = "origin"
    NOTE = "note"


Passage = tuple[Part, str]


@dataclass(frozen=True, slots=True)
class Room:
    """Say how many characters of each text are shown."""

    head: int
    passage: int


_ROOMS: Final = (Room(240, 240), Room(160, 160), Room(100, 100), Room(60, 60))


def results_card(texts: Texts, results: Results) -> Card:
    """Return the card of a page of results; it leaves room for the query, which stands above it.

    Texts are shortened until every find of the page is there.
    """
    for room in _ROOMS:
        card = Card(
            kind=CardKind.SEARCH,
            title=_title(texts, results),
            body=tuple(_about(texts, results)),
            fields=tuple(_field(texts, find, results.asked.query.terms, room) for find in results.finds),
            footer=texts("search-page", page=results.page + 1, pages=results.pages) if results.pages > 1 else "",
        )
        rendered = render(card)
        if not rendered.is_cut and rendered.units() + utf16_len(results.asked.query.text) <= ALL_UNITS:
            break
    return card


def _title(texts: Texts, results: Results) -> str:
    shown = (FindKind.NOTICE, FindKind.FACT, FindKind.TIP)
    counts = [texts.word("search-count", kind, n=results.counts[kind]) for kind in shown if results.counts.get(kind)]
    return texts.list_of(counts) if counts else texts("search-nothing")


def _about(texts: Texts, results: Results) -> Iterator[Line]:
    first, last = results.asked.first_day, results.asked.last_day
    if first and last:
        yield (Span(texts("search-between", first=texts.day_long(first), last=texts.day_long(last))),)
    elif first:
        yield (Span(texts("search-since", first=texts.day_long(first))),)
    elif last:
        yield (Span(texts("search-until", last=texts.day_long(last))),)
    if not results.total:
        yield (Span(texts("search-nothing-hint")),)
    if results.is_too_much:
        yield (Span(texts("search-too-much", most=MOST_PAGES * FINDS_A_PAGE)),)
    if results.unindexed:
        yield (Span(texts.plural("search-unindexed", results.unindexed), Style.QUIET),)


def _field(texts: Texts, find: Find, terms: Sequence[Term], room: Room) -> Field:
    match find:
        case FoundNotice():
            return _notice_field(texts, find, terms, room)
        case FoundFact():
            return _fact_field(texts, find, terms, room)
        case FoundTip():
            return _tip_field(texts, find, terms, room)


def _notice_field(texts: Texts, find: FoundNotice, terms: Sequence[Term], room: Room) -> Field:
    notice = find.notice
    kind = texts("search-notice")
    if notice.kind is not None:
        kind = kind_in_words(texts, notice.kind, names_suppliers=bool(notice.suppliers))
    label = [kind, plain(notice.id, _NAME_UNITS), plain(label_of(notice.source), _NAME_UNITS)]
    if notice.published is not None:
        label.append(texts.date(notice.published))
    passages = [(Part.TEXT, notice.text), (Part.BUYER, notice.buyer or "")]
    passages += [(Part.SUPPLIER, name) for name in notice.suppliers]
    passages += [(Part.PERSON, name) for name in notice.people]
    passages += [(Part.IDENTIFIER, code) for code in notice.identifiers]
    passages += [(Part.CPV, code) for code in notice.cpv]
    url = safe_url(notice.url)
    link = Span(site_of(url), url=url) if url else None
    return Field(" · ".join(label), tuple(_lines(texts, notice.title, passages, terms, room, link)))


def _fact_field(texts: Texts, find: FoundFact, terms: Sequence[Term], room: Room) -> Field:
    fact = find.fact
    label = [texts("search-fact", id=fact.id), texts.word("fact-status", fact.status)]
    label += _embargo(texts, fact)
    label.append(texts.date(fact.logged_at))
    passages = [
        (part, text)
        for citation in find.citations
        for part, text in (
            (Part.QUOTE, citation.quote),
            (Part.CITED, citation.title),
            (Part.ORIGIN, citation.origin),
        )
        if text
    ]
    link = _card_link(texts, find.message_url)
    return Field(" · ".join(label), tuple(_lines(texts, fact.claim.text, passages, terms, room, link)))


def _tip_field(texts: Texts, find: FoundTip, terms: Sequence[Term], room: Room) -> Field:
    tip = find.tip
    label = [texts("search-tip", id=tip.id), texts.word("tip-status", tip.status)]
    if tip.is_sensitive:
        label.append(texts("search-sensitive"))
    label += _embargo(texts, tip)
    label.append(texts.date(tip.logged_at))
    passages = [(Part.ORIGIN, tip.origin or ""), *((Part.NOTE, note) for note in find.notes)]
    link = _card_link(texts, find.message_url)
    return Field(" · ".join(label), tuple(_lines(texts, tip.text, passages, terms, room, link)))


def _embargo(texts: Texts, thing: Fact | Tip) -> Iterator[str]:
    """Yield that a find is under embargo."""
    if thing.embargo_until is not None:
        yield texts("search-embargo")


def _card_link(texts: Texts, url: str | None) -> Span | None:
    return Span(texts("search-posted"), url=url) if url else None


def _lines(
    texts: Texts, head: str, passages: Sequence[Passage], terms: Sequence[Term], room: Room, link: Span | None
) -> Iterator[Line]:
    """Yield what a find says, the passage that shows most of what this does not, and where it leads."""
    shown = excerpt(head, terms, room.head)
    if shown.line:
        yield shown.line
    best = _best(passages, terms, room, shown.terms)
    if best is not None:
        part, passage = best
        heading = "" if part is Part.TEXT else texts("card-label", label=texts.word("search-part", part))
        yield (Span(heading, Style.QUOTE), *passage.line)
    if link is not None:
        yield (link,)


def _best(
    passages: Sequence[Passage], terms: Sequence[Term], room: Room, already: frozenset[int]
) -> tuple[Part, Excerpt] | None:
    """Return the passage that shows most terms not shown already, then most terms, then the first; None without any.

    Where none was shown at all, the beginning of the first passage tells at least what the find is about.
    """
    found = [(part, excerpt(text, terms, room.passage)) for part, text in passages if text.strip()]
    telling = [(part, passage) for part, passage in found if passage.terms]
    if telling:
        return max(telling, key=lambda entry: (len(entry[1].terms - already), len(entry[1].terms)))
    return found[0] if found and not already else None
