"""The card of a notice: what was published, and why it is announced; and the short one that Discord cannot refuse."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.cards._beside import CompanionNotice, TwinNotice, companion_fields, register_news, twin_lines
from bot.cards._desk import ShownTake, desk_buttons, followed_lines, taken_lines
from bot.cards._hits import ShownHit, hit_fields
from bot.cards._known import KNOWN_ROOMS, NO_ROOM, known_fields
from bot.cards._later import ChangedSince, Earlier, LaterNotice, follows_line, later_lines, since_lines
from bot.cards._lobby import RENAMED, Told, lobby_lines, lobby_title
from bot.cards._lobby_entries import is_filing, is_lobby_entry
from bot.cards._notice import (
    Change,
    Label,
    change_line,
    kind_in_words,
    labelled,
    names_of,
    parties,
    published_line,
    source_footer,
)
from bot.cards._particulars import PARTICULAR, Particular
from bot.cards.card import Accent, Card, CardKind, Field, Line, Span, Style
from bot.cards.embed import render
from bot.cards.lines import PLACE, around, member
from bot.locales import Texts
from bot.markup import plain, safe_url, site_of
from bot.models import (
    NOTHING_KNOWN,
    Follow,
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


class Event(StrEnum):
    """What happened to a notice or its procedure; `new` takes its words from the kind of the notice.

    A `change` is one of the contract, which names the suppliers; a `corrigendum` is one of the call.
    """

    NEW = "new"
    TENDER = "tender"
    REVISED = "revised"
    CHANGE = "change"
    CORRIGENDUM = "corrigendum"
    AWARD = "award"
    CANCELLATION = "cancellation"
    APPOINTMENT = "appointment"


@dataclass(frozen=True, slots=True, kw_only=True)
class AnnouncementContent:
    """Hold what an announcement of a notice says.

    `hits` are those that this channel is told of, best first, those that were dismissed since last; none for a
    procedure that was announced before. `changes` are those since the revision that was announced. `follows` is the
    procedure's earlier announcement. `twins` are the same notice in other sources, `companions` the entries
    that accompany it, those first that brought an item of their own; `is_first` says that nothing was told of the
    notice before. `known` is what is known already of the items.
    `stood` are what a notice of a procedure changes of what the ones before said, as far as they name it.
    `takes` are who has it; `is_taken` where nothing is left to take. `follow` tells that its procedure is followed by
    hand there, `asked_by` who asked for this very message in that way; `unnamed` is our row of the notice where no item
    ever named it there. `later` is what came of the procedure after the notice; `since` is what changed of a register's
    entries after the message told of them as they are told here.
    """

    notice: Notice
    code: str
    source_label: str
    event: Event = Event.NEW
    hits: tuple[ShownHit, ...] = ()
    changes: tuple[Change, ...] = ()
    stood: tuple[Change, ...] = ()
    follows: Earlier | None = None
    twins: tuple[TwinNotice, ...] = ()
    companions: tuple[CompanionNotice, ...] = ()
    is_first: bool = True
    known: Known = NOTHING_KNOWN
    takes: tuple[ShownTake, ...] = ()
    is_taken: bool = False
    follow: Follow | None = None
    asked_by: int | None = None
    unnamed: int | None = None
    later: tuple[LaterNotice, ...] = ()
    since: tuple[ChangedSince, ...] = ()

    @property
    def is_written_off(self) -> bool:
        """Return whether people said of every item that it is not what the notice is about."""
        return bool(self.hits) and all(shown.dismissed is not None for shown in self.hits)


_EVENTS = {
    NoticeKind.TENDER: Event.TENDER,
    NoticeKind.CHANGE: Event.CHANGE,
    NoticeKind.AWARD: Event.AWARD,
    NoticeKind.CANCELLATION: Event.CANCELLATION,
    NoticeKind.APPOINTMENT: Event.APPOINTMENT,
}
ACCENTS = {
    Event.NEW: Accent.NEWS,
    Event.TENDER: Accent.NEWS,
    Event.REVISED: Accent.CHANGE,
    Event.CHANGE: Accent.CHANGE,
    Event.CORRIGENDUM: Accent.CHANGE,
    Event.AWARD: Accent.AWARD,
    Event.CANCELLATION: Accent.TROUBLE,
    Event.APPOINTMENT: Accent.NEWS,
}
_SAID_BY_PUBLISHERS = {Event.TENDER, Event.CORRIGENDUM, Event.AWARD, Event.APPOINTMENT}
_SAID_BY_TITLE = {
    *(Event.TENDER, Event.CHANGE, Event.CORRIGENDUM),
    *(Event.AWARD, Event.CANCELLATION, Event.APPOINTMENT),
}
"""The events whose words before the title say what kind of notice it is."""
_APPOINTS = re.compile(r"\b(?:nominations?|(?:re)?nommée?s?|appoint(?:ments?|ed|s)?)\b", re.IGNORECASE)
"""What a title says of an appointment; one of the same kind may end somebody's functions, or move them."""
_TITLED_PEOPLE = 2
_PERSON_UNITS = 60


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
            body=tuple(_body(texts, content, title, news)),
            fields=(
                *news_fields(texts, content, news),
                *companion_fields(texts, companions, content.notice.url),
                *hit_fields(texts, content.notice, content.hits, shown, is_written_off=content.is_written_off),
                *known_fields(
                    texts, content.known, now, room, is_alone=len(content.hits) == 1, is_taken=bool(content.takes)
                ),
            ),
            footer=footer_of(texts, content),
            buttons=desk_buttons(
                texts,
                content.code,
                is_taken=content.is_taken,
                follow=None if content.hits else content.follow,
                unnamed=content.unnamed,
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
        body: tuple[Line, ...] = ((Span(texts("card-fallback")),), (Span(site_of(url), url=url),))
    else:
        body = ((Span(texts("card-fallback-no-link", code=content.code)),),)
    return Card(
        kind=CardKind.FALLBACK,
        title=title_of(texts, content, _event(content), SHORT_TITLE_UNITS, sentences_of(texts, content)[0]),
        body=(
            *written_off_lines(texts, content),
            *after_lines(texts, content),
            *taken,
            *body,
            *twin_lines(texts, content.twins),
        ),
        footer=footer_of(texts, content),
    )


def _event(content: AnnouncementContent) -> Event:
    kind = content.notice.kind
    if content.event is not Event.NEW or kind is None:
        return content.event
    if kind is NoticeKind.CHANGE and not content.notice.suppliers:
        return Event.CORRIGENDUM
    return _EVENTS.get(kind, Event.NEW)


def title_of(texts: Texts, content: AnnouncementContent, event: Event, units: int, news: list[Told]) -> str:
    """Return what happened and what it is about; of the news of a lobby register, the strongest."""
    if news and is_lobby_entry(content.notice):
        strongest = min((one.news for one in news), key=lambda one: one.rank)
        return lobby_title(texts, content.notice, strongest, max(units, _NEWS_UNITS))
    title = plain(content.notice.title, units)
    if not title:
        return texts("card-untitled", id=plain(content.notice.id, _LABEL_UNITS))
    if event is Event.APPOINTMENT:
        return _appointment_title(texts, content.notice, units)
    prefixed = texts.word("card-prefix", event, title=title)
    first, *_ = prefixed.casefold().split(maxsplit=1)
    # Some publishers begin their titles with what happened: "Avis de concours : …".
    is_said = event in _SAID_BY_PUBLISHERS and re.match(rf"{re.escape(first)}\b", title.casefold())
    return title if is_said else prefixed


def _appointment_title(texts: Texts, notice: Notice, units: int) -> str:
    """Return what is published, after the one or two whom it appoints; what it does not call an appointment as it is.

    Nobody is named whom the publisher's title names already.
    """
    title = plain(notice.title, units)
    if not _APPOINTS.search(title):
        return title
    people = [plain(name, _PERSON_UNITS) for name in notice.people]
    if not people or len(people) > _TITLED_PEOPLE or any(name.casefold() in title.casefold() for name in people):
        told = title
    else:
        named = texts.list_of(people)
        told = texts("card-appointed", people=named, title=plain(title, max(units - len(named), _PERSON_UNITS)))
    is_said = title.casefold().startswith(texts.word("kind", NoticeKind.APPOINTMENT).casefold())
    return told if is_said and told == title else texts.word("card-prefix", Event.APPOINTMENT, title=told)


def footer_of(texts: Texts, content: AnnouncementContent) -> str:
    """Return where a notice stands and the code of the message."""
    return source_footer(texts, content.source_label, content.notice.id, content.code)


def written_off_lines(texts: Texts, content: AnnouncementContent) -> Iterator[Line]:
    """Yield that people said of every item that it is not what the notice is about, where they did."""
    if content.is_written_off:
        names = names_of(texts, tuple(shown.item for shown in content.hits))
        yield (Span(texts("card-written-off", items=names), Style.STRONG),)


def after_lines(texts: Texts, content: AnnouncementContent) -> Iterator[Line]:
    """Yield what came after what a message tells: it was true then."""
    yield from later_lines(texts, content.notice, content.later)
    yield from since_lines(texts, content.since)


def _body(texts: Texts, content: AnnouncementContent, title: str, news: list[Told]) -> Iterator[Line]:
    """Yield what came after, who has a notice, what changed of it, and what else it says that nothing before told."""
    yield from written_off_lines(texts, content)
    yield from after_lines(texts, content)
    notice = content.notice
    yield from taken_lines(texts, content.takes, notice.published)
    yield from change_lines(texts, content, news)
    sentence = title if news else ""
    kind = _kind(texts, content)
    kind_of_event = _event(content)
    is_said = kind_of_event in _SAID_BY_TITLE or (sentence and kind != texts("card-unregistered"))
    if kind and not is_said:
        yield (Span(kind, Style.QUIET),)
    yield from followed_lines(texts, content.follow, notice.published)
    if content.asked_by is not None and content.follow is None:
        yield tuple(around(texts("card-followed-no-longer", member=PLACE), member(content.asked_by), Style.QUIET))
    told = {change.field for change in (*content.changes, *content.stood)}  # said with what they were
    named = {Label.BUYER: (notice.buyer or "",), Label.SUPPLIERS: notice.suppliers}
    told |= {field for field, names in named.items() if sentence and all(plain(name) in sentence for name in names)}
    if kind_of_event is Event.APPOINTMENT and all(plain(name, _PERSON_UNITS) in title for name in notice.people):
        told.add(Label.PEOPLE)
    yield from (line for field, line in parties(texts, notice) if field not in told)
    if notice.deadline is not None and Label.DEADLINE not in told:
        yield labelled(texts, Label.DEADLINE, texts.when(notice.deadline))
    yield from published_line(texts, notice)
    yield from twin_lines(texts, content.twins)
    if content.follows:
        yield from follows_line(texts, content.follows, notice.published)
        if not content.hits and content.follow is None:  # who follows it stands above
            yield (Span(texts("card-follows-why-notice" if content.changes else "card-follows-why"), Style.QUIET),)


def _kind(texts: Texts, content: AnnouncementContent) -> str:
    """Return what a notice is, in words; of an entry of a register, what happened to it."""
    kind = content.notice.kind
    if kind is NoticeKind.REGISTRATION:
        changed = {change.field: change.after for change in content.changes}
        if changed.get(f"{PARTICULAR}{Particular.REMOVED}") is not None:
            return texts("card-unregistered")
        if content.event is Event.REVISED:
            kind = NoticeKind.REGISTER_CHANGE
    return kind_in_words(texts, kind, names_suppliers=bool(content.notice.suppliers)) if kind else ""


def sentences_of(texts: Texts, content: AnnouncementContent) -> tuple[list[Told], list[CompanionNotice]]:
    """Return what is told as sentences, in order, and the companions of which none tells."""
    named = {
        shown.hit.matched for shown in content.hits if shown.hit.kind is ItemKind.OFFICIAL and shown.beside is None
    }
    # A filing is new, and yet says otherwise than the one before it.
    is_new = content.is_first and (not content.changes or is_filing(content.notice))
    return register_news(texts, content.notice, content.changes, content.companions, is_new=is_new, named=named)


def change_lines(texts: Texts, content: AnnouncementContent, news: list[Told]) -> Iterator[Line]:
    """Yield what the fields of a notice are now and were before, where no `news` tell it; see `change_line`."""
    if not news:
        yield from _changed(texts, content)


def news_fields(texts: Texts, content: AnnouncementContent, news: list[Told]) -> Iterator[Field]:
    """Yield what is new in a register, in sentences, after the fields of its entry that changed."""
    if news:
        lines = lobby_lines(texts, news, content.notice.url)
        yield Field(texts("card-changes"), (*_changed(texts, content), *lines))


def _changed(texts: Texts, content: AnnouncementContent) -> Iterator[Line]:
    elsewhere = RENAMED if is_lobby_entry(content.notice) else ()
    for one in (*content.changes, *content.stood):
        if not one.field.startswith(PARTICULAR) and one.field not in elsewhere:
            yield change_line(texts, content.notice, one)
