"""The card that lists deadlines which come near on one morning, where they are too many for a card each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from bot.cards.card import Accent, Card, CardKind, Line, Span, Style
from bot.cards.lines import footer
from bot.locales import Texts
from bot.markup import plain, safe_url
from bot.models import Notice

SHOWN: Final = 15
_TITLE_UNITS: Final = 80
_ID_UNITS: Final = 60


@dataclass(frozen=True, slots=True)
class NearDeadline:
    """Hold a deadline that comes near, the notice that names it, and the link to the message that announced that."""

    deadline: date | datetime
    notice: Notice
    url: str | None


def deadlines_card(texts: Texts, near: Sequence[NearDeadline], code: str, *, is_plain: bool = False) -> Card:
    """Return the card that lists deadlines, the nearest `SHOWN` of them; one that `is_plain` only counts them."""
    shown = near[: 0 if is_plain else SHOWN]
    body: list[Line] = [(Span(texts("card-deadlines-why"), Style.QUIET),)]
    for one in shown:
        title = plain(one.notice.title, _TITLE_UNITS) or texts("card-untitled", id=plain(one.notice.id, _ID_UNITS))
        body.append((Span(title, url=safe_url(one.url)), Span(f" · {texts.when(one.deadline)}", Style.QUIET)))
    if left := len(near) - len(shown):
        body.append((Span(texts.plural("card-deadlines-left", left)),))
    return Card(
        kind=CardKind.FALLBACK if is_plain else CardKind.FOLLOW_UP,
        title=texts.plural("card-deadlines-title", len(near)),
        accent=Accent.DOUBT,
        body=tuple(body),
        footer=footer(texts, 1, code),
    )
