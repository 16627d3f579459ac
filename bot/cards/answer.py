"""The small card that answers the card of a notice with what changed since; that card itself shows the whole notice."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from bot.cards._beside import companion_fields, twin_lines
from bot.cards._desk import desk_buttons, taken_lines
from bot.cards._later import since_lines
from bot.cards._lobby import Told
from bot.cards._notice import Label, names_of
from bot.cards.announcement import (
    ACCENTS,
    SHORT_TITLE_UNITS,
    AnnouncementContent,
    Event,
    change_lines,
    footer_of,
    news_fields,
    sentences_of,
    title_of,
    written_off_lines,
)
from bot.cards.card import Accent, Card, CardKind, Line, Span, Style
from bot.locales import Texts
from bot.models import NoticeKind

_ENDS: Final = (Label.KIND, NoticeKind.CANCELLATION)
"""The change that says that nothing comes of a procedure."""


def answer_card(texts: Texts, content: AnnouncementContent) -> Card:
    """Return the card that answers the one of a notice: what changed, from what to what, and for whom it comes."""
    is_end = any((change.field, change.after) == _ENDS for change in content.changes)
    event = Event.CANCELLATION if is_end else Event.REVISED
    news, companions = sentences_of(texts, content)
    return Card(
        kind=CardKind.ANNOUNCEMENT,
        title=title_of(texts, content, event, SHORT_TITLE_UNITS, news),
        url=content.notice.url,
        accent=Accent.NEUTRAL if content.is_written_off else ACCENTS[event],
        body=tuple(_body(texts, content, news)),
        fields=(*news_fields(texts, content, news), *companion_fields(texts, companions, content.notice.url)),
        footer=footer_of(texts, content),
        buttons=desk_buttons(
            texts,
            content.code,
            is_taken=content.is_taken,
            follow=None if content.hits else content.follow,
            unnamed=content.unnamed,
        ),
    )


def _body(texts: Texts, content: AnnouncementContent, news: list[Told]) -> Iterator[Line]:
    yield from written_off_lines(texts, content)
    yield from since_lines(texts, content.since)
    yield from taken_lines(texts, content.takes)
    yield from change_lines(texts, content, news)
    items = tuple(shown.item for shown in content.hits if shown.dismissed is None)
    if items:
        names = names_of(texts, items)
        yield (Span(texts.plural("answer-for", len(items), items=names), Style.QUIET),)
    elif not content.is_written_off:
        yield (Span(texts("card-follows-why-notice"), Style.QUIET),)
    yield from twin_lines(texts, content.twins)
