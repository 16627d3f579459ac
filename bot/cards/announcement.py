"""The card of a notice: what was published, and why it is announced; and the short one that Discord cannot refuse."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from bot.cards._beside import CompanionNotice, TwinNotice, companion_fields, entry_name, twin_lines
from bot.cards._known import KNOWN_ROOMS, NO_ROOM, known_fields
from bot.cards._particulars import PARTICULAR, Particular, particular_lines
from bot.cards.card import LOG_FACT, MUTE, NOT_THIS, Accent, Button, Card, CardKind, Field, Line, Span, Style
from bot.cards.embed import render
from bot.locales import Texts
from bot.markup import host_of, plain, safe_url
from bot.models import (
    NOTHING_KNOWN,
    Dismissal,
    DismissalKind,
    Hit,
    ItemKind,
    Known,
    Notice,
    NoticeKind,
    parse_moment,
)

SHOWN_HITS = 5
_SHOWN_NAMES = 3
_TITLE_UNITS = 220
_SHORT_TITLE_UNITS = 100
_NAME_UNITS = 120
_LABEL_UNITS = 80
_SNIPPET_UNITS = 300
_MATCHED_UNITS = 150
_OFFLINE_REF = "line:"


class Event(StrEnum):
    """What happened to a notice or its procedure; `new` takes its words from the kind of the notice."""

    NEW = "new"
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


class Label(StrEnum):
    """What a card says of a notice."""

    KIND = "kind"
    TITLE = "title"
    TEXT = "text"
    BUYER = "buyer"
    CLIENT = "client"
    SUPPLIERS = "suppliers"
    WINNERS = "winners"
    ORGANISATIONS = "organisations"
    PEOPLE = "people"
    IDENTIFIERS = "identifiers"
    AMOUNT = "amount"
    CURRENCY = "currency"
    CPV = "cpv"
    PUBLISHED = "published"
    DEADLINE = "deadline"


@dataclass(frozen=True, slots=True)
class Change:
    """Name a field of a notice that differs between two revisions, with its JSON values (DESIGN.md section 7).

    An amount may be followed by a space and its currency; without one it is in the notice's. The field of a particular
    is its code behind `PARTICULAR`.
    """

    field: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class ShownHit:
    """Hold a hit with the name and kind of its watch item as a card shows them, and by what it was dismissed.

    `beside` is the further notice in which it stands, where that is not the one that the card is about.
    """

    item: str
    kind: ItemKind
    hit: Hit
    dismissed: Dismissal | None = None
    beside: TwinNotice | CompanionNotice | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AnnouncementContent:
    """Hold what an announcement of a notice says.

    `hits` are those that this channel is told of, best first, those that were dismissed since last; none for a
    procedure that was announced before. `changes` are those since the revision that was announced. `follows` is the
    code of the procedure's earlier announcement. `twins` are the same notice in other sources, `companions` the entries
    that accompany it, those first that brought an item of their own. `known` is what is known already of the items.
    """

    notice: Notice
    code: str
    source_label: str
    event: Event = Event.NEW
    hits: tuple[ShownHit, ...] = ()
    changes: tuple[Change, ...] = ()
    follows: str | None = None
    twins: tuple[TwinNotice, ...] = ()
    companions: tuple[CompanionNotice, ...] = ()
    known: Known = NOTHING_KNOWN

    @property
    def is_written_off(self) -> bool:
        """Return whether people said of every item that it is not what the notice is about."""
        return bool(self.hits) and all(shown.dismissed is not None for shown in self.hits)


_EVENTS = {
    NoticeKind.CHANGE: Event.CHANGE,
    NoticeKind.AWARD: Event.AWARD,
    NoticeKind.CANCELLATION: Event.CANCELLATION,
}
_ACCENTS = {
    Event.NEW: Accent.NEWS,
    Event.REVISED: Accent.CHANGE,
    Event.CHANGE: Accent.CHANGE,
    Event.AWARD: Accent.AWARD,
    Event.CANCELLATION: Accent.TROUBLE,
}
_REGISTERS = frozenset({NoticeKind.REGISTRATION, NoticeKind.REGISTER_CHANGE})
_ELEMENT = re.compile(r"(?P<name>[a-z_]+)(?:\[(?P<index>\d+)\])?")


def announcement_card(texts: Texts, content: AnnouncementContent, now: datetime) -> Card:
    """Return the card that announces a notice, at most `SHOWN_HITS` items told in full and the others counted.

    Less is told of what is known already, and then fewer items in full, where their texts are too long for one message.
    DESIGN.md section 3, reliability.md 6.1.
    """
    event = _event(content)
    most = min(SHOWN_HITS, len(content.hits))
    rooms = KNOWN_ROOMS if content.known.items else ()
    for shown, room in (*((most, room) for room in rooms), *((less, NO_ROOM) for less in range(most, -1, -1))):
        card = Card(
            kind=CardKind.ANNOUNCEMENT,
            title=_title(texts, content, event, _TITLE_UNITS),
            url=content.notice.url,
            accent=Accent.NEUTRAL if content.is_written_off else _ACCENTS[event],
            body=tuple(_body(texts, content, now)),
            fields=(
                *_change_fields(texts, content),
                *companion_fields(texts, content.companions, content.notice.url),
                *_hit_fields(texts, content, shown),
                *known_fields(texts, content.known, now, room, is_alone=len(content.hits) == 1),
            ),
            footer=_footer(texts, content),
            buttons=(
                Button(LOG_FACT, texts("button-log-fact"), content.code),
                Button(NOT_THIS, texts("button-not-this"), content.code),
                Button(MUTE, texts("button-mute"), content.code),
            ),
        )
        if not render(card).is_cut:
            break
    return card


def party_of(kind: NoticeKind | None, field: str) -> str:
    """Return what a field of a notice of a kind is called: who buys and sells there is a client and an organisation.

    That is a member of `Label` and of `Place`; a field that is no party is called by its name.
    """
    if field == Label.BUYER and kind in _REGISTERS:
        return Label.CLIENT
    if field == Label.SUPPLIERS and kind is NoticeKind.AWARD:
        return Label.WINNERS
    if field == Label.SUPPLIERS and kind in {*_REGISTERS, NoticeKind.COMPANY, NoticeKind.APPOINTMENT}:
        return Label.ORGANISATIONS
    return field


def fallback_card(texts: Texts, content: AnnouncementContent) -> Card:
    """Return the short card for a notice whose full one Discord refused: title, link, reference."""
    url = safe_url(content.notice.url)
    if url:
        body: tuple[Line, ...] = ((Span(texts("card-fallback")),), (Span(host_of(url), url=url),))
    else:
        body = ((Span(texts("card-fallback-no-link", code=content.code)),),)
    return Card(
        kind=CardKind.FALLBACK,
        title=_title(texts, content, _event(content), _SHORT_TITLE_UNITS),
        body=(*_written_off(texts, content), *body, *twin_lines(texts, content.twins)),
        footer=_footer(texts, content),
    )


def _event(content: AnnouncementContent) -> Event:
    kind = content.notice.kind
    return _EVENTS.get(kind, Event.NEW) if content.event is Event.NEW and kind else content.event


def _title(texts: Texts, content: AnnouncementContent, event: Event, units: int) -> str:
    title = plain(content.notice.title, units) or texts("card-untitled", id=plain(content.notice.id, _LABEL_UNITS))
    return texts.word("card-prefix", event, title=title)


def _footer(texts: Texts, content: AnnouncementContent) -> str:
    source = plain(content.source_label, _LABEL_UNITS)
    return texts("card-footer", source=source, id=plain(content.notice.id, _NAME_UNITS), code=content.code)


def _written_off(texts: Texts, content: AnnouncementContent) -> Iterator[Line]:
    if content.is_written_off:
        names = _names(texts, tuple(shown.item for shown in content.hits))
        yield (Span(texts("card-written-off", items=names), Style.STRONG),)


def _body(texts: Texts, content: AnnouncementContent, now: datetime) -> Iterator[Line]:
    yield from _written_off(texts, content)
    notice = content.notice
    kind = _kind(texts, content)
    url = safe_url(notice.url)
    what = " · ".join(part for part in (kind, host_of(url) if url else "") if part)
    if what:
        yield (Span(what, Style.QUIET),)
    yield from twin_lines(texts, content.twins)
    if content.follows:
        yield (Span(texts("card-follows", code=content.follows), Style.STRONG),)
        if not content.hits:
            yield (Span(texts("card-follows-why-notice" if content.changes else "card-follows-why"), Style.QUIET),)
    told = {change.field for change in content.changes}  # a field below says what they were and are
    if notice.buyer and plain(notice.buyer) and Label.BUYER not in told:
        yield _labelled(texts, party_of(notice.kind, Label.BUYER), plain(notice.buyer, _NAME_UNITS))
    if notice.suppliers and Label.SUPPLIERS not in told:
        suppliers = _names(texts, notice.suppliers)
        yield _labelled(texts, party_of(notice.kind, Label.SUPPLIERS), suppliers, n=len(notice.suppliers))
    if notice.people:
        yield _labelled(texts, Label.PEOPLE, _names(texts, notice.people), n=len(notice.people))
    if notice.amount is not None and Label.AMOUNT not in told:
        yield _labelled(texts, Label.AMOUNT, texts.amount(notice.amount, notice.currency))
    if notice.published is not None:
        yield _labelled(texts, Label.PUBLISHED, texts.when(notice.published))
    if notice.deadline is not None:
        days = texts.days_left(notice.deadline, now)
        yield _labelled(texts, Label.DEADLINE, texts("card-deadline", when=notice.deadline, days=days))


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


def _labelled(texts: Texts, label: str, value: str, n: int = 1) -> Line:
    return (Span(_heading(texts, texts.word("notice-field", label, n=n)), Style.STRONG), Span(value))


def _heading(texts: Texts, words: str) -> str:
    return texts("card-label", label=words)


def _names(texts: Texts, names: tuple[str, ...]) -> str:
    shown = [plain(name, _NAME_UNITS) for name in names[:_SHOWN_NAMES]]
    left = len(names) - len(shown)
    return texts.list_of([*shown, texts.plural("and-others", left)] if left else shown)


def _change_fields(texts: Texts, content: AnnouncementContent) -> Iterator[Field]:
    if content.changes:
        yield Field(texts("card-changes"), tuple(_change_lines(texts, content.notice, content.changes)))


def _change_lines(texts: Texts, notice: Notice, changes: tuple[Change, ...]) -> Iterator[Line]:
    """Yield what changed: the fields of the notice, then what its register alone tells."""
    fields = [change for change in changes if not change.field.startswith(PARTICULAR)]
    for change in fields:
        yield _change(texts, notice, change)
    particulars = {
        change.field.removeprefix(PARTICULAR): (change.before, change.after)
        for change in changes
        if change not in fields
    }
    is_renamed = any(change.field == Label.SUPPLIERS for change in fields)
    yield from particular_lines(texts, notice, particulars, is_renamed=is_renamed)


def _change(texts: Texts, notice: Notice, change: Change) -> Line:
    before, after = (_changed_value(texts, notice, change.field, value) for value in (change.before, change.after))
    label = party_of(notice.kind, change.field)
    n = len(change.after) if isinstance(change.after, list) else 1
    heading = _heading(texts, texts.word("notice-field", label, n=n))
    return (Span(heading, Style.STRONG), Span(texts("card-change", before=before, after=after)))


def _changed_value(texts: Texts, notice: Notice, field: str, value: object) -> str:
    """Return the JSON value of a notice's field in words."""
    if value is None or value in ("", []):
        return texts("card-not-stated")
    if isinstance(value, list):
        return _names(texts, tuple(map(str, value)))
    written = str(value)
    if field in {Label.DEADLINE, Label.PUBLISHED}:
        return texts.when(parse_moment(written))
    if field == Label.AMOUNT:
        number, _, currency = written.partition(" ")
        return texts.amount(Decimal(number), currency or notice.currency)
    if field == Label.KIND:
        return texts.word("kind", written)
    return plain(written, _NAME_UNITS)


def _hit_fields(texts: Texts, content: AnnouncementContent, shown: int) -> Iterator[Field]:
    for told in content.hits[:shown]:
        yield Field(_item_label(texts, told), tuple(_hit_lines(texts, content.notice, told)))
    left = content.hits[shown:]
    if left:
        names = _names(texts, tuple(told.item for told in left))
        yield Field(texts.plural("card-hits-more", len(left)), ((Span(names),),))


def _item_label(texts: Texts, told: ShownHit) -> str:
    item = plain(told.item, _NAME_UNITS)
    kind = texts.word("item-kind", told.kind)
    ref = plain(told.hit.ref or "", _LABEL_UNITS)
    if ref and not ref.startswith(_OFFLINE_REF):
        return texts("card-hit-item-ref", item=item, kind=kind, ref=ref)
    return texts("card-hit-item", item=item, kind=kind)


def _hit_lines(texts: Texts, notice: Notice, told: ShownHit) -> Iterator[Line]:
    hit = told.hit
    if told.beside is not None:
        yield (Span(texts("card-hit-beside", entry=entry_name(texts, told.beside)), Style.QUIET),)
    matched = plain(hit.matched, _MATCHED_UNITS)
    snippet = plain(hit.snippet, _SNIPPET_UNITS)
    where = Span(_heading(texts, _place(texts, notice, hit.field)), Style.PLAIN)
    if told.dismissed is not None:
        yield (where, Span(matched if snippet == "" else snippet, Style.STRUCK))
        yield (Span(_dismissed(texts, told.dismissed), Style.QUIET),)
        return
    if snippet in {"", matched} or matched not in snippet:
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
    return texts("card-dismissed-organisation", name=plain(dismissal.name, _NAME_UNITS))


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
