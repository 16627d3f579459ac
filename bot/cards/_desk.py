"""Who of the desk has a notice, and the buttons by which people take it up: alike on every card that tells of one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from bot.cards.card import FOLLOW, GIVE_BACK, LOG_FACT, MUTE, NOT_THIS, TAKE, UNFOLLOW, Button, Line, Span, Style
from bot.cards.lines import PLACE, around, member, moment_near
from bot.locales import Texts
from bot.markup import plain
from bot.models import Follow

SHOWN_TAKES: Final = 3
"""Takes that a card names; what is more is counted."""
SHOWN_ITEMS: Final = 5
"""Items that are named of those that somebody took at once."""
_ITEM_UNITS: Final = 80


@dataclass(frozen=True, slots=True)
class ShownTake:
    """Hold who has a notice since when; `item` is for which of several, None for the only one or the notice itself.

    `is_elsewhere` tells that it is for an item of which its channel is not told: that is not named.
    """

    item: str | None
    taken_by: int
    taken_at: datetime
    is_elsewhere: bool = False


def taken_lines(texts: Texts, takes: Sequence[ShownTake], near: date | datetime | None = None) -> Iterator[Line]:
    """Yield who has a notice since when, and for which items: a line for each person and moment.

    The year is left out where it is that of `near`, a date that the card shows in full.
    """
    groups: dict[tuple[int, datetime], list[str]] = {}
    for take in (one for one in takes if not one.is_elsewhere):
        items = groups.setdefault((take.taken_by, take.taken_at), [])
        items += [plain(take.item, _ITEM_UNITS)] if take.item is not None else []
    for (by, at), items in list(groups.items())[:SHOWN_TAKES]:
        when = moment_near(texts, at, near)
        told = texts("card-taken", member=PLACE, when=when)
        if items:
            left = len(items) - SHOWN_ITEMS
            named = [*items[:SHOWN_ITEMS], texts.plural("and-others", left)] if left > 0 else items
            told = texts("card-taken-for", member=PLACE, when=when, items=texts.list_of(named))
        yield tuple(around(told, member(by), Style.STRONG))
    others = list(dict.fromkeys(one.taken_by for one in takes if one.is_elsewhere))
    room = max(SHOWN_TAKES - len(groups), 0)
    for by in others[:room]:
        yield tuple(around(texts("card-taken-elsewhere", member=PLACE), member(by)))
    left = max(len(groups) - SHOWN_TAKES, 0) + len(others[room:])
    if left > 0:
        yield (Span(texts.plural("and-others", left), Style.QUIET),)


def followed_lines(texts: Texts, follow: Follow | None, near: date | datetime | None = None) -> Iterator[Line]:
    """Yield who follows the procedure by hand, and since when; see `taken_lines`."""
    if follow is not None:
        told = texts("card-followed", member=PLACE, when=moment_near(texts, follow.followed_at, near))
        yield tuple(around(told, member(follow.followed_by)))


def desk_buttons(
    texts: Texts, code: str, *, is_taken: bool, follow: Follow | None = None, unnamed: int | None = None
) -> tuple[Button, ...]:
    """Return the buttons under the message of a code: where nothing is left to take, the one that gives back.

    What no item names but a person's `follow` has the button that ends that, in the place of those about items; what
    no item ever named, by our row `unnamed` of its notice, and nobody follows any more, the one that follows it again.
    """
    take = Button(GIVE_BACK, texts("button-give-back"), code) if is_taken else Button(TAKE, texts("button-take"), code)
    if follow is not None:
        unfollow = Button(UNFOLLOW, texts("button-unfollow"), str(follow.id))
        return Button(LOG_FACT, texts("button-log-fact"), code), take, unfollow
    if unnamed is not None:
        again = Button(FOLLOW, texts("button-follow"), str(unnamed))
        return Button(LOG_FACT, texts("button-log-fact"), code), take, again
    return (
        Button(LOG_FACT, texts("button-log-fact"), code),
        take,
        Button(NOT_THIS, texts("button-not-this"), code),
        Button(MUTE, texts("button-mute"), code),
    )
