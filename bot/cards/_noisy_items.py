"""What the operations channel is told of watch items that bring noise: how much, and what would make it less."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from bot.cards.card import Field, Line, Span, Style
from bot.cards.lines import PLACE, around
from bot.locales import Texts
from bot.markup import plain
from bot.models import Priority

_NAME_UNITS = 80
_WEEK_DAYS = 7


def noisy_fields(texts: Texts, items: Iterable[Mapping[str, Any]]) -> Iterator[Field]:
    """Yield a field for each noisy item.

    Of each `id, name, notices, dismissed, of_week, used, priority, suggestion` are needed: `dismissed` None where few
    of its many hits were of use, `suggestion` None or a `bot.watchlist.narrowing.Suggestion` as JSON keeps it.
    """
    for item in items:
        name = plain(item["name"], _NAME_UNITS)
        yield Field(texts("operations-silent-item", name=name, id=item["id"]), tuple(_lines(texts, item, name)))


def _lines(texts: Texts, item: Mapping[str, Any], name: str) -> Iterator[Line]:
    marked = Span(name, Style.MARK)
    if item["dismissed"] is not None:
        said = texts.plural(
            "operations-noisy-dismissed", item["dismissed"], notices=texts.number(item["notices"]), item=PLACE
        )
    else:
        a_day = texts.number(round(item["of_week"] / _WEEK_DAYS))
        said = texts.plural("operations-noisy-flood", item["used"], a_day=a_day, item=PLACE)
    yield tuple(around(said, marked))
    suggestion = item["suggestion"]
    if suggestion is not None:
        yield _suggested(texts, suggestion)
    elif item["priority"] == Priority.DIGEST:
        yield (Span(texts("operations-noisy-nothing-digest")),)
    else:
        yield (Span(texts("operations-noisy-nothing")),)


def _suggested(texts: Texts, suggestion: Mapping[str, Any]) -> Line:
    """Return what to try, and what it would have done to the notices of these weeks."""
    number = plain(suggestion["number"], _NAME_UNITS)
    shown = plain(suggestion["value"], _NAME_UNITS) or number
    way = texts.word("operations-noisy-try", suggestion["way"], value=PLACE, number=number)
    kept = texts.plural("operations-noisy-would-keep", suggestion["kept"], of_kept=texts.number(suggestion["of_kept"]))
    dropped = texts.plural(
        "operations-noisy-would-drop", suggestion["dropped"], of_dropped=texts.number(suggestion["of_dropped"])
    )
    said = texts("operations-noisy-would", way=way, kept=kept, dropped=dropped)
    return tuple(around(said, Span(shown, Style.MARK)))
