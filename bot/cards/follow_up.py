"""The cards that come back to a procedure: its deadline comes near, or long after it no award was published."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from bot.cards._desk import ShownTake, desk_buttons, followed_lines, taken_lines
from bot.cards._later import Earlier, follows_line
from bot.cards._notice import before_deadline, source_footer
from bot.cards.card import NOT_THIS, Accent, Card, CardKind, Line, Span, Style
from bot.cards.lines import capital, labelled
from bot.locales import Texts
from bot.markup import plain, safe_url, site_of
from bot.models import Follow, Notice, NoticeKind

_TITLE_UNITS: Final = 200
_SHORT_TITLE_UNITS: Final = 100
_NAME_UNITS: Final = 120
_LABEL_UNITS: Final = 80
_SHOWN_NAMES: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUpContent:
    """Hold what a message says that comes back to a procedure, as it now stands.

    `notice` is the one that named the `deadline` that the message is about, of which an award is missing where it
    `is_alarm`. `moved_to` is the newest deadline, where that is another day's by now, and `ended_by` the award or the
    cancellation that came. `items` are the watch items that follow it there, `follow` tells that somebody does by hand.
    `follows` is the message there that announced it. `unnamed` is our row of the notice where no item ever
    named it there.
    """

    is_alarm: bool
    notice: Notice
    source_label: str
    deadline: date | datetime
    code: str
    follows: Earlier
    moved_to: date | datetime | None = None
    ended_by: Notice | None = None
    items: tuple[str, ...] = ()
    follow: Follow | None = None
    takes: tuple[ShownTake, ...] = ()
    is_taken: bool = False
    unnamed: int | None = None


def follow_up_card(texts: Texts, content: FollowUpContent, now: datetime) -> Card:
    """Return the card of a reminder of a deadline, or of the alarm of a missing award."""
    buttons = desk_buttons(
        texts,
        content.code,
        is_taken=content.is_taken,
        follow=None if content.items else content.follow,
        unnamed=content.unnamed,
    )
    return Card(
        kind=CardKind.FOLLOW_UP,
        title=_title(texts, content, now, _TITLE_UNITS),
        url=content.notice.url,
        accent=_accent(content),
        body=(*_body(texts, content),),
        footer=source_footer(texts, content.source_label, content.notice.id, content.code),
        buttons=tuple(button for button in buttons if button.action != NOT_THIS),
    )


def follow_up_fallback_card(texts: Texts, content: FollowUpContent, now: datetime) -> Card:
    """Return the short card for one that Discord refused: what is due, of what, and the link."""
    url = safe_url(content.notice.url)
    where = (Span(site_of(url), url=url),) if url else (Span(texts("card-fallback-no-link", code=content.code)),)
    return Card(
        kind=CardKind.FALLBACK,
        title=_title(texts, content, now, _SHORT_TITLE_UNITS),
        accent=_accent(content),
        body=(*_deadline(texts, content), where),
        footer=source_footer(texts, content.source_label, content.notice.id, content.code),
    )


def _accent(content: FollowUpContent) -> Accent:
    if content.ended_by is not None:
        return Accent.TROUBLE if content.ended_by.kind is NoticeKind.CANCELLATION else Accent.AWARD
    if content.moved_to is not None:
        return Accent.NEUTRAL
    return Accent.TROUBLE if content.is_alarm else Accent.DOUBT


def _title(texts: Texts, content: FollowUpContent, now: datetime, units: int) -> str:
    notice = content.notice
    title = plain(notice.title, units) or texts("card-untitled", id=plain(notice.id, _LABEL_UNITS))
    if content.ended_by is not None:
        is_cancelled = content.ended_by.kind is NoticeKind.CANCELLATION
        return texts("card-follow-up-cancelled" if is_cancelled else "card-follow-up-awarded", title=title)
    if content.moved_to is not None:
        return texts("card-follow-up-moved", title=title)
    days = (texts.day(content.deadline) - texts.day(now)).days
    if content.is_alarm:
        return texts.plural("card-follow-up-no-award", -days, title=title)
    if days < 0 or (isinstance(content.deadline, datetime) and content.deadline <= now):
        return texts("card-follow-up-closed", title=title)
    return (
        texts.plural("card-follow-up-left", days, title=title) if days else texts("card-follow-up-today", title=title)
    )


def _body(texts: Texts, content: FollowUpContent) -> Iterator[Line]:
    yield from taken_lines(texts, content.takes, content.deadline)
    yield from _ended(texts, content)
    buyer = plain(content.notice.buyer or "", _NAME_UNITS)
    if buyer:
        yield labelled(texts, texts.word("notice-field", "buyer", n=1), Span(buyer))
    yield from _deadline(texts, content)
    if content.is_alarm and content.ended_by is None and content.moved_to is None:
        yield (Span(texts("card-follow-up-why"), Style.QUIET),)
    if content.items:
        names = [plain(name, _NAME_UNITS) for name in content.items[:_SHOWN_NAMES]]
        left = len(content.items) - len(names)
        told = texts.list_of([*names, texts.plural("and-others", left)] if left else names)
        yield labelled(texts, texts.plural("card-follow-up-items", len(content.items)), Span(told))
    yield from followed_lines(texts, content.follow, content.deadline)
    yield from follows_line(texts, content.follows, content.deadline)


def _ended(texts: Texts, content: FollowUpContent) -> Iterator[Line]:
    """Yield what ended the procedure: when that was published, who won, and where it is read."""
    ended = content.ended_by
    if ended is None:
        return
    is_cancelled = ended.kind is NoticeKind.CANCELLATION
    label = texts("card-follow-up-cancellation" if is_cancelled else "card-follow-up-award")
    said = [texts.when(ended.published)] if ended.published is not None else []
    winners = [plain(name, _NAME_UNITS) for name in ended.suppliers[:_SHOWN_NAMES]]
    if winners and not is_cancelled:
        left = len(ended.suppliers) - len(winners)
        said.append(texts.list_of([*winners, texts.plural("and-others", left)] if left else winners))
    url = safe_url(ended.url)
    told = capital(" · ".join(said)) or texts("card-untitled", id=plain(ended.id, _LABEL_UNITS))
    link = (Span(" · ", Style.QUIET), Span(site_of(url), url=url)) if url else ()
    yield (*labelled(texts, label, Span(told)), *link)


def _deadline(texts: Texts, content: FollowUpContent) -> Iterator[Line]:
    label = texts.word("notice-field", "deadline", n=1)
    if content.moved_to is None:
        yield labelled(texts, label, Span(texts.when(content.deadline)))
        return
    before = before_deadline(texts, content.deadline, content.moved_to)
    yield labelled(texts, label, Span(texts("card-change", before=before, after=texts.when(content.moved_to))))
