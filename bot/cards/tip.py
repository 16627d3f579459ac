"""The card of a tip: what was heard, how it came, who follows it, and what became of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.cards.card import Accent, Card, CardKind, Field, Line, Span, Style
from bot.cards.lines import (
    Room,
    Trim,
    begun,
    by,
    dated,
    fields,
    fitted,
    footer,
    labelled,
    member,
    worth_trying,
)
from bot.locales import Texts
from bot.markup import plain, safe_url
from bot.models import Tip, TipChange, TipChangeKind, TipStatus, TipVersion

_ORIGIN_UNITS = 300
_FALLBACK_UNITS = 200
_DESCRIPTION_UNITS = 4_000

_ACCENTS = {
    TipStatus.NEW: Accent.NEWS,
    TipStatus.CHECKING: Accent.DOUBT,
    TipStatus.CONFIRMED: Accent.CONFIRMED,
    TipStatus.DROPPED: Accent.NEUTRAL,
}
_LEAST = Room(text=200, remark=80, lines=3, names=1, entries=1)
_ROOMS = (
    Room(text=1_500, remark=300, lines=15, names=5, entries=3),
    Room(text=800, remark=150, lines=10, names=3, entries=2),
    _LEAST,
)
_WHOLE_ROOMS = (
    Room(names=25, entries=40),
    Room(names=25, remark=1_000, entries=20),
    Room(names=10, remark=500, entries=12),
    Room(names=5, remark=300, entries=6),
    Room(names=3, remark=150, entries=3),
    Room(text=3_000, remark=100, names=1, entries=1),
    Room(text=1_500, remark=100, names=1, entries=1),
    _LEAST,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class TipContent:
    """Hold what a card says of a tip: it, the names of its watch items and dossiers, and what was done with it.

    `changes` may come in any order; the text of a `promoted` one is the number of the fact. `earlier` are the versions
    before the one that stands that the reader may see: the whole card quotes them. `code` is the announcement's, None
    where the card is no announcement.
    """

    tip: Tip
    items: Sequence[str] = ()
    dossiers: Sequence[str] = ()
    changes: Sequence[TipChange] = ()
    earlier: Sequence[TipVersion] = ()
    code: str | None = None


def tip_card(texts: Texts, content: TipContent, *, is_whole: bool = False) -> Card:
    """Return the card of a tip as it now stands, as it is posted, or with `is_whole` as one person is shown it.

    Posted it tells the text, how it came, when it was heard, who follows it, and the latest notes; what is shortened
    is said with the command that shows it. Whole it has all that one message holds, the history newest first. A
    hidden tip is shown whole only: posted, its card is `hidden_tip_card`. DESIGN.md section 3.8.
    """
    if content.tip.is_hidden and not is_whole:
        return hidden_tip_card(texts, content.tip.id, content.code)
    left_out = texts("card-log-cut") if is_whole else texts("card-tip-more", id=content.tip.id)
    rooms = worth_trying(_WHOLE_ROOMS, lambda room: _length(content, room)) if is_whole else _ROOMS
    return fitted(lambda trim: _card(texts, content, trim, is_whole=is_whole), rooms, (Span(left_out, Style.QUIET),))


def hidden_tip_card(texts: Texts, tip_id: int, code: str | None) -> Card:
    """Return what takes the place of a tip that may no longer be shown: its number, and nothing that it said."""
    return Card(
        kind=CardKind.TIP,
        title=texts("card-tip-hidden-title", id=tip_id),
        body=((Span(texts("card-tip-hidden")),),),
        footer=footer(texts, 1, code),
    )


def tip_fallback_card(texts: Texts, content: TipContent) -> Card:
    """Return the short card for a tip whose full one Discord refused: number, status, the beginning of its text."""
    tip = content.tip
    if tip.is_hidden:
        return hidden_tip_card(texts, tip.id, content.code)
    return Card(
        kind=CardKind.FALLBACK,
        title=_title(texts, tip),
        accent=_ACCENTS[tip.status],
        body=((Span(plain(tip.text, _FALLBACK_UNITS)),), (Span(texts("card-tip-fallback", id=tip.id)),)),
        footer=footer(texts, tip.revision, content.code),
    )


def _card(texts: Texts, content: TipContent, trim: Trim, *, is_whole: bool) -> Card:
    tip = content.tip
    told = list(trim.quotation(tip.text, trim.room.text))
    about = list(_about(texts, content, trim))
    if is_whole:
        # Beside a long text the description holds nothing else.
        body, rest = begun(told, _DESCRIPTION_UNITS)
        parts = [*fields(texts, texts("card-log-continued", label=texts("card-tip-text")), rest)]
        parts += [*fields(texts, texts("card-tip-about"), about), *_history(texts, content, trim)]
    else:
        body = [*told, (), *about]
        parts = list(_notes(texts, content, trim))
    return Card(
        kind=CardKind.TIP,
        title=_title(texts, tip),
        accent=_ACCENTS[tip.status],
        body=tuple(body),
        fields=tuple(parts),
        footer=footer(texts, tip.revision, content.code),
    )


def _length(content: TipContent, room: Room) -> int:
    """Return how many characters a whole card has at least."""
    words = (change.text or "" for change in _newest_first(content)[: room.entries])
    return min(len(content.tip.text), room.text) + sum(min(len(text), room.remark) for text in words)


def _title(texts: Texts, tip: Tip) -> str:
    if tip.is_sensitive:
        return texts("card-tip-title-sensitive", id=tip.id, status=texts.word("tip-status", tip.status))
    return texts("card-tip-title", id=tip.id, status=texts.word("tip-status", tip.status))


def _about(texts: Texts, content: TipContent, trim: Trim) -> Iterator[Line]:
    tip = content.tip
    if tip.is_sensitive:
        yield (Span(texts("card-tip-sensitive"), Style.STRONG),)
    if tip.embargo_until is not None:
        yield (Span(texts("card-tip-embargo", until=tip.embargo_until), Style.STRONG),)
    yield from _standing(texts, content)
    yield from _origin(texts, tip, trim)
    if tip.heard is not None:
        yield labelled(texts, texts("card-tip-heard"), Span(dated(texts, tip.heard, tip.heard_typed or "")))
    if tip.owner is not None:
        yield labelled(texts, texts("card-tip-owner"), member(tip.owner))
    elif tip.status in {TipStatus.NEW, TipStatus.CHECKING}:
        yield labelled(texts, texts("card-tip-owner"), Span(texts("card-tip-owner-none")))
    yield labelled(texts, texts.word("tip-change", TipChangeKind.LOGGED), *by(texts, tip.logged_by, tip.logged_at))
    edited = _latest(content, TipChangeKind.EDITED)
    if edited is not None:
        why = (Span(f" · {trim.text(edited.text, trim.room.remark)}"),) if edited.text else ()
        who = by(texts, edited.made_by, edited.made_at)
        yield labelled(texts, texts.word("tip-change", TipChangeKind.EDITED), *who, *why)
    if content.items:
        yield labelled(texts, texts("card-log-items", n=len(content.items)), trim.names(texts, content.items))
    if content.dossiers:
        label = texts("card-log-dossiers", n=len(content.dossiers))
        yield labelled(texts, label, trim.names(texts, content.dossiers))


def _standing(texts: Texts, content: TipContent) -> Iterator[Line]:
    """Yield who brought the tip to its status, and when."""
    change = _latest(content, TipChangeKind.STATUS, TipChangeKind.PROMOTED)
    if change is None or change.after != content.tip.status:
        return
    who = by(texts, change.made_by, change.made_at)
    if change.kind is TipChangeKind.STATUS:
        yield labelled(texts, texts.word("tip-status", content.tip.status), *who)
    else:
        yield labelled(texts, texts.word("tip-change", change.kind), *_fact(texts, change), Span(" · "), *who)


def _fact(texts: Texts, promotion: TipChange) -> Line:
    """Return the number of the fact that a tip was made."""
    return (Span(texts("card-tip-fact", id=plain(promotion.text, 20))),) if promotion.text else ()


def _origin(texts: Texts, tip: Tip, trim: Trim) -> Iterator[Line]:
    parts = [Span(trim.text(tip.origin, min(_ORIGIN_UNITS, trim.room.remark)))] if tip.origin else []
    url = safe_url(tip.origin_url, _ORIGIN_UNITS)
    if parts and url is not None:
        parts.append(Span(" · "))
    if url is not None:
        parts.append(Span(texts("card-tip-message"), url=url))
    if parts:
        yield labelled(texts, texts("card-tip-origin"), *parts)


def _notes(texts: Texts, content: TipContent, trim: Trim) -> Iterator[Field]:
    notes = [change for change in _newest_first(content) if change.kind is TipChangeKind.NOTED]
    shown = trim.first(notes, trim.room.entries)
    if not shown:
        return
    if len(shown) == len(notes):
        label = texts.plural("card-tip-notes", len(notes))
    else:
        label = texts.plural("card-tip-notes-latest", len(shown), total=len(notes))
    lines = [line for note in shown for line in (by(texts, note.made_by, note.made_at), *_words(note, trim))]
    yield from fields(texts, label, lines)


def _history(texts: Texts, content: TipContent, trim: Trim) -> Iterator[Field]:
    """Yield what was done with a tip; that it was logged, and no more, stands above already."""
    changes = _newest_first(content)
    if [change.kind for change in changes] == [TipChangeKind.LOGGED]:
        return
    shown = trim.first(changes, trim.room.entries)
    lines = [
        line for change in shown for line in (*_entry(texts, change, trim), *_former(texts, content, change, trim))
    ]
    if len(shown) < len(changes):
        lines.append((Span(texts.plural("card-log-earlier", len(changes) - len(shown)), Style.QUIET),))
    yield from fields(texts, texts("card-log-history"), lines)


def _entry(texts: Texts, change: TipChange, trim: Trim) -> Iterator[Line]:
    """Yield who did what with a tip and when, and the words that they left."""
    word = Span(texts.word("tip-change", change.kind), Style.STRONG)
    yield (*by(texts, change.made_by, change.made_at), Span(" · "), word, *_moved(texts, change))
    if change.kind is not TipChangeKind.PROMOTED:
        yield from _words(change, trim)


def _former(texts: Texts, content: TipContent, change: TipChange, trim: Trim) -> Iterator[Line]:
    """Yield what a tip said before it was edited."""
    if change.kind is not TipChangeKind.EDITED:
        return
    # The first edit made version 2: before it, version 1 stood.
    edits = sum(one.kind is TipChangeKind.EDITED and one.number <= change.number for one in content.changes)
    former = next((version for version in content.earlier if version.revision == edits), None)
    if former is not None:
        yield labelled(texts, texts("card-tip-before"))
        yield from trim.quotation(former.words.text, trim.room.text)


def _words(change: TipChange, trim: Trim) -> Iterator[Line]:
    yield from trim.quotation(change.text, trim.room.remark)


def _moved(texts: Texts, change: TipChange) -> Line:
    """Return from what to what a change moved a tip."""
    match change.kind:
        case TipChangeKind.ASSIGNED if change.after:
            return (Span(" "), member(int(change.after)))
        case TipChangeKind.STATUS if change.before and change.after:
            before, after = (texts.word("tip-status", status) for status in (change.before, change.after))
            return (Span(f" {texts('card-change', before=before, after=after)}"),)
        case TipChangeKind.EMBARGOED if change.after:
            return (Span(f" {texts('card-embargo-until', until=datetime.fromisoformat(change.after))}"),)
        case TipChangeKind.PROMOTED if change.text:
            return (Span(" "), *_fact(texts, change))
        case _:
            return ()


def _newest_first(content: TipContent) -> list[TipChange]:
    return sorted(content.changes, key=lambda change: change.number, reverse=True)


def _latest(content: TipContent, *kinds: TipChangeKind) -> TipChange | None:
    return next((change for change in _newest_first(content) if change.kind in kinds), None)
