"""The card of a notice: what was published, and why it is announced; and the short one that Discord cannot refuse."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.cards._beside import CompanionNotice, TwinNotice, companion_fields, entry_name, register_news, twin_lines
from bot.cards._desk import ShownTake, desk_buttons, followed_lines, taken_lines
from bot.cards._known import KNOWN_ROOMS, NO_ROOM, known_fields
from bot.cards._lobby import RENAMED, Told, lobby_lines, lobby_title
from bot.cards._lobby_entries import is_filing, is_lobby_entry
from bot.cards._notice import (
    NAME_UNITS,
    Change,
    Label,
    change_line,
    heading_of,
    labelled,
    names_of,
    parties,
    party_of,
    published_line,
    register_of,
)
from bot.cards._particulars import PARTICULAR, Particular
from bot.cards.card import Accent, Card, CardKind, Field, Line, Span, Style
from bot.cards.embed import render
from bot.cards.lines import PLACE, around, member
from bot.locales import Texts
from bot.markup import host_of, plain, safe_url
from bot.models import (
    NOTHING_KNOWN,
    Dismissal,
    DismissalKind,
    Follow,
    Hit,
    ItemKind,
    Known,
    Notice,
    NoticeKind,
)

SHOWN_HITS = 5
_TITLE_UNITS = 220
SHORT_TITLE_UNITS = 80
_NEWS_UNITS = 160
_LABEL_UNITS = 80
_SNIPPET_UNITS = 300
_MATCHED_UNITS = 150
_NUMBER_CHARS = 24
_OFFLINE_REF = "line:"


class Event(StrEnum):
    """What happened to a notice or its procedure; `new` takes its words from the kind of the notice."""

    NEW = "new"
    TENDER = "tender"
    REVISED = "revised"
    CHANGE = "change"
    AWARD = "award"
    CANCELLATION = "cancellation"


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


@dataclass(frozen=True, slots=True, kw_only=True)
class AnnouncementContent:
    """Hold what an announcement of a notice says.

    `hits` are those that this channel is told of, best first, those that were dismissed since last; none for a
    procedure that was announced before. `changes` are those since the revision that was announced. `follows` is the
    code of the procedure's earlier announcement. `twins` are the same notice in other sources, `companions` the entries
    that accompany it, those first that brought an item of their own; `is_first` says that nothing was told of the
    notice before. `known` is what is known already of the items.
    `stood` are what a notice of a procedure changes of what the ones before said, as far as they name it.
    `takes` are who has it; `is_taken` where nothing is left to take. `follow` tells that its procedure is followed by
    hand there, `asked_by` who asked for this very message in that way.
    """

    notice: Notice
    code: str
    source_label: str
    event: Event = Event.NEW
    hits: tuple[ShownHit, ...] = ()
    changes: tuple[Change, ...] = ()
    stood: tuple[Change, ...] = ()
    follows: str | None = None
    twins: tuple[TwinNotice, ...] = ()
    companions: tuple[CompanionNotice, ...] = ()
    is_first: bool = True
    known: Known = NOTHING_KNOWN
    takes: tuple[ShownTake, ...] = ()
    is_taken: bool = False
    follow: Follow | None = None
    asked_by: int | None = None

    @property
    def is_written_off(self) -> bool:
        """Return whether people said of every item that it is not what the notice is about."""
        return bool(self.hits) and all(shown.dismissed is not None for shown in self.hits)


_EVENTS = {
    NoticeKind.TENDER: Event.TENDER,
    NoticeKind.CHANGE: Event.CHANGE,
    NoticeKind.AWARD: Event.AWARD,
    NoticeKind.CANCELLATION: Event.CANCELLATION,
}
ACCENTS = {
    Event.NEW: Accent.NEWS,
    Event.TENDER: Accent.NEWS,
    Event.REVISED: Accent.CHANGE,
    Event.CHANGE: Accent.CHANGE,
    Event.AWARD: Accent.AWARD,
    Event.CANCELLATION: Accent.TROUBLE,
}
_SAID_BY_PUBLISHERS = {Event.TENDER, Event.AWARD}
_SAID_BY_TITLE = {Event.TENDER, Event.CHANGE, Event.AWARD, Event.CANCELLATION}
"""The events whose words before the title say what kind of notice it is."""
_REGISTERS = frozenset({NoticeKind.REGISTRATION, NoticeKind.REGISTER_CHANGE})
_ELEMENT = re.compile(r"(?P<name>[a-z_]+)(?:\[(?P<index>\d+)\])?")


def announcement_card(texts: Texts, content: AnnouncementContent, now: datetime) -> Card:
    """Return the card that announces a notice, at most `SHOWN_HITS` items told in full and the others counted.

    Less is told of what is known already, and then fewer items in full, where their texts are too long for one message.
    DESIGN.md section 3, reliability.md 6.1.
    """
    event = _event(content)
    news, companions = sentences_of(texts, content)
    title = title_of(texts, content, event, _TITLE_UNITS, news)
    most = min(SHOWN_HITS, len(content.hits))
    rooms = KNOWN_ROOMS if content.known.items else ()
    for shown, room in (*((most, room) for room in rooms), *((less, NO_ROOM) for less in range(most, -1, -1))):
        card = Card(
            kind=CardKind.ANNOUNCEMENT,
            title=title,
            url=content.notice.url,
            accent=Accent.NEUTRAL if content.is_written_off else ACCENTS[event],
            body=tuple(_body(texts, content, now, title if news else "")),
            fields=(
                *change_fields(texts, content, news),
                *companion_fields(texts, companions, content.notice.url),
                *_hit_fields(texts, content, shown),
                *known_fields(texts, content.known, now, room, is_alone=len(content.hits) == 1),
            ),
            footer=footer_of(texts, content),
            buttons=desk_buttons(
                texts, content.code, is_taken=content.is_taken, follow=None if content.hits else content.follow
            ),
        )
        if not render(card).is_cut:
            break
    return card


def fallback_card(texts: Texts, content: AnnouncementContent) -> Card:
    """Return the short card for a notice whose full one Discord refused: title, link, reference."""
    taken = taken_lines(texts, content.takes)
    url = safe_url(content.notice.url)
    if url:
        body: tuple[Line, ...] = ((Span(texts("card-fallback")),), (Span(host_of(url), url=url),))
    else:
        body = ((Span(texts("card-fallback-no-link", code=content.code)),),)
    return Card(
        kind=CardKind.FALLBACK,
        title=title_of(texts, content, _event(content), SHORT_TITLE_UNITS, sentences_of(texts, content)[0]),
        body=(*written_off_lines(texts, content), *taken, *body, *twin_lines(texts, content.twins)),
        footer=footer_of(texts, content),
    )


def _event(content: AnnouncementContent) -> Event:
    kind = content.notice.kind
    return _EVENTS.get(kind, Event.NEW) if content.event is Event.NEW and kind else content.event


def title_of(texts: Texts, content: AnnouncementContent, event: Event, units: int, news: list[Told]) -> str:
    """Return what happened and what it is about; of the news of a lobby register, the strongest."""
    if news and is_lobby_entry(content.notice):
        strongest = min((one.news for one in news), key=lambda one: one.rank)
        return lobby_title(texts, content.notice, strongest, max(units, _NEWS_UNITS))
    title = plain(content.notice.title, units)
    if not title:
        return texts("card-untitled", id=plain(content.notice.id, _LABEL_UNITS))
    prefixed = texts.word("card-prefix", event, title=title)
    first, *_ = prefixed.casefold().split(maxsplit=1)
    # Some publishers begin their titles with what happened: "Avis de concours : …".
    is_said = event in _SAID_BY_PUBLISHERS and re.match(rf"{re.escape(first)}\b", title.casefold())
    return title if is_said else prefixed


def footer_of(texts: Texts, content: AnnouncementContent) -> str:
    """Return where a notice stands and the code of the message."""
    source = plain(content.source_label, _LABEL_UNITS)
    number = plain(content.notice.id, NAME_UNITS)
    if len(number) > _NUMBER_CHARS or ":" in number:  # of our own making, or nothing that one would type
        return texts("card-footer-source", source=source, code=content.code)
    return texts("card-footer", source=source, id=number, code=content.code)


def written_off_lines(texts: Texts, content: AnnouncementContent) -> Iterator[Line]:
    """Yield that people said of every item that it is not what the notice is about, where they did."""
    if content.is_written_off:
        names = names_of(texts, tuple(shown.item for shown in content.hits))
        yield (Span(texts("card-written-off", items=names), Style.STRONG),)


def _body(texts: Texts, content: AnnouncementContent, now: datetime, sentence: str) -> Iterator[Line]:
    """Yield what a notice says; `sentence` is a title that says what happened in an entry and to whom, else empty."""
    yield from written_off_lines(texts, content)
    yield from taken_lines(texts, content.takes)
    notice = content.notice
    kind = _kind(texts, content)
    is_said = _event(content) in _SAID_BY_TITLE or (sentence and kind != texts("card-unregistered"))
    if kind and not is_said:
        yield (Span(kind, Style.QUIET),)
    yield from followed_lines(texts, content.follow)
    if content.asked_by is not None and content.follow is None:
        yield tuple(around(texts("card-followed-no-longer", member=PLACE), member(content.asked_by), Style.QUIET))
    if content.follows:
        yield (Span(texts("card-follows", code=content.follows), Style.STRONG),)
        if not content.hits and content.follow is None:  # who follows it stands above
            yield (Span(texts("card-follows-why-notice" if content.changes else "card-follows-why"), Style.QUIET),)
    told = {change.field for change in (*content.changes, *content.stood)}  # a field below says what they were and are
    named = {Label.BUYER: (notice.buyer or "",), Label.SUPPLIERS: notice.suppliers}
    told |= {field for field, names in named.items() if sentence and all(plain(name) in sentence for name in names)}
    yield from (line for field, line in parties(texts, notice) if field not in told)
    if notice.deadline is not None:
        days = texts.days_left(notice.deadline, now)
        yield labelled(texts, Label.DEADLINE, texts("card-deadline", when=notice.deadline, days=days))
    yield from published_line(texts, notice)
    yield from twin_lines(texts, content.twins)


def _kind(texts: Texts, content: AnnouncementContent) -> str:
    """Return what a notice is, in words; of an entry of a register, what happened to it."""
    kind = content.notice.kind
    if kind is NoticeKind.REGISTRATION:
        changed = {change.field: change.after for change in content.changes}
        if changed.get(f"{PARTICULAR}{Particular.REMOVED}") is not None:
            return texts("card-unregistered")
        if content.event is Event.REVISED:
            kind = NoticeKind.REGISTER_CHANGE
    return texts.word("kind", kind) if kind else ""


def sentences_of(texts: Texts, content: AnnouncementContent) -> tuple[list[Told], list[CompanionNotice]]:
    """Return what is told as sentences, in order, and the companions of which none tells."""
    named = {
        shown.hit.matched for shown in content.hits if shown.hit.kind is ItemKind.OFFICIAL and shown.beside is None
    }
    # A filing is new, and yet says otherwise than the one before it.
    is_new = content.is_first and (not content.changes or is_filing(content.notice))
    return register_news(texts, content.notice, content.changes, content.companions, is_new=is_new, named=named)


def change_fields(
    texts: Texts, content: AnnouncementContent, news: list[Told], now: datetime | None = None
) -> Iterator[Field]:
    """Yield what changed: the fields of the notice, then what its register alone tells; see `change_line`."""
    changes = (*content.changes, *content.stood)
    elsewhere = RENAMED if is_lobby_entry(content.notice) else ()
    fields = [
        change_line(texts, content.notice, one, now)
        for one in changes
        if not one.field.startswith(PARTICULAR) and one.field not in elsewhere
    ]
    if fields or news:
        yield Field(texts("card-changes"), (*fields, *lobby_lines(texts, news, content.notice.url)))


def _hit_fields(texts: Texts, content: AnnouncementContent, shown: int) -> Iterator[Field]:
    for told in content.hits[:shown]:
        yield Field(_item_label(texts, told), tuple(_hit_lines(texts, content.notice, told)))
    left = content.hits[shown:]
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


def _hit_lines(texts: Texts, notice: Notice, told: ShownHit) -> Iterator[Line]:
    hit = told.hit
    if told.beside is not None:
        yield (Span(texts("card-hit-beside", entry=entry_name(texts, told.beside)), Style.QUIET),)
    if told.is_former:
        yield (Span(texts("card-hit-former"), Style.QUIET),)
    matched = plain(hit.matched, _MATCHED_UNITS)
    snippet = plain(hit.snippet, _SNIPPET_UNITS)
    where = Span(heading_of(texts, _place(texts, notice, hit.field)), Style.PLAIN)
    if told.dismissed is not None:
        yield (where, Span(matched if snippet == "" else snippet, Style.STRUCK))
        yield (Span(_dismissed(texts, told.dismissed), Style.QUIET),)
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


def _dismissed(texts: Texts, dismissal: Dismissal) -> str:
    if dismissal.kind is DismissalKind.SERIES:
        return texts("card-dismissed-series")
    return texts("card-dismissed-organisation", name=plain(dismissal.name, NAME_UNITS))


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
