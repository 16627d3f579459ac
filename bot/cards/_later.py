"""What came after an announcement: later notices of its procedure, and what changed of a register's entry since."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from bot.cards._lobby import FieldChange, in_sentence, news_of
from bot.cards._notice import before_deadline
from bot.cards.card import Line, Span, Style
from bot.cards.lines import PLACE, around, labelled, without_year
from bot.locales import Texts
from bot.markup import cut, safe_url
from bot.models import Notice, NoticeKind

SHOWN_SINCE: Final = 3
"""How many sentences tell what changed of an entry since; the others are counted."""
_SENTENCE_UNITS: Final = 200
_BETWEEN: Final = " · "


@dataclass(frozen=True, slots=True)
class Earlier:
    """Hold the message that another one continues: its code, when it was sent, and the link to it.

    `is_above` says that it stands in the same thread or post.
    """

    code: str
    sent_at: datetime | None = None
    url: str | None = None
    is_above: bool = False


@dataclass(frozen=True, slots=True)
class LaterNotice:
    """Hold a later notice of the procedure of a card: what it is, of which day, and the message there that told it.

    `deadline` is the one that the procedure has by it, where it is another one than the card's. `is_modification` tells
    a change of the contract from a corrigendum.
    """

    kind: NoticeKind
    published: date | datetime
    is_modification: bool = False
    deadline: date | datetime | None = None
    url: str | None = None


@dataclass(frozen=True, slots=True)
class ChangedSince:
    """Hold an entry of a register as it is by now, and what changed of it since a message told of it."""

    notice: Notice
    changes: tuple[FieldChange, ...]


def follows_line(texts: Texts, earlier: Earlier, near: date | datetime | None = None) -> Iterator[Line]:
    """Yield which message another one continues, as a link with its day; nothing where it stands just above.

    The year is left out where it is that of `near`, a date that the card shows in full.
    """
    url = safe_url(earlier.url)
    if earlier.is_above:
        return
    if url is None or earlier.sent_at is None:
        yield (Span(texts("card-follows", code=earlier.code), Style.QUIET),)
        return
    day = without_year(texts, texts.date(earlier.sent_at), earlier.sent_at, near)
    yield (Span(texts("card-follows-on", day=day), Style.QUIET, url=url),)


def later_lines(texts: Texts, notice: Notice, later: Sequence[LaterNotice]) -> Iterator[Line]:
    """Yield what came of the procedure of a notice after it, each with its day, as a link to the message there."""
    for one in later:
        day = without_year(texts, texts.date(one.published), one.published, notice.published)
        happened = Span(_happened(texts, one, day), Style.STRONG, url=safe_url(one.url))
        if one.deadline is None:
            yield (happened,)
            continue
        deadline = texts.when(one.deadline)
        if notice.deadline is not None:
            deadline = before_deadline(texts, one.deadline, notice.deadline)
        yield tuple(around(texts("later-deadline", told=PLACE, deadline=deadline), happened))


def since_lines(texts: Texts, since: Sequence[ChangedSince]) -> Iterator[Line]:
    """Yield what changed of the entries of a register since their message was sent: it tells what was news then."""
    told = [
        cut(in_sentence(one.notice, news), _SENTENCE_UNITS)
        for one in since
        for news in news_of(texts, one.notice, one.changes, is_new=False)
    ]
    told = list(dict.fromkeys(told))
    if told:
        left = len(told) - SHOWN_SINCE
        shown = [*told[:SHOWN_SINCE], *([texts.plural("and-others", left)] if left > 0 else [])]
        yield labelled(texts, texts("later-of-entry"), Span(_BETWEEN.join(shown)))


def _happened(texts: Texts, one: LaterNotice, day: str) -> str:
    if one.kind is NoticeKind.CANCELLATION:
        return texts("later-cancelled", day=day)
    if one.kind is NoticeKind.AWARD:
        return texts("later-awarded", day=day)
    return texts("later-modified" if one.is_modification else "later-corrected", day=day)
