"""Which items do not match a notice though something of them stands there, and why not."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from typing import Final

from bot.matching import Missed, brand_in, folded_words, forms, name_fields, running_fields, why_not
from bot.models import ItemKind, Notice, WatchItem

MOST_TOLD: Final = 5
"""Items of which it is told at most."""

_MOST_TRIED = 30
_MOST_CHARS = 1_000_000
"""How much is read for all items together: of a very long notice fewer are tried."""
_LEAST_SHARED = 0.5
_LEAST_LETTERS = 4

Known = Callable[[str], bool]
ItemMissed = tuple[WatchItem, tuple[Missed, ...]]


def missed_by(
    items: Iterable[WatchItem], notice: Notice, language: str, known: Known | None = None, *, all_of_them: bool = False
) -> list[ItemMissed]:
    """Return why items do not match a notice of which something stands there, those of which most does first.

    Of many items those are tried of which at least half the long words of a name stand there; with `all_of_them` every
    one. `language` is that of the operators in which parts of queries are named, `known` is the matcher's.
    """
    found: list[ItemMissed] = []
    for item in items if all_of_them else _partly_there(items, notice):
        reasons = why_not(item, notice, language, known)
        if reasons:
            found.append((item, tuple(reasons)))
        if len(found) == MOST_TOLD:
            break
    return found


def words_of(notice: Notice) -> set[str]:
    """Return the folded words of all fields of a notice that hold words."""
    return set(folded_words("\n".join(text for _, text in (*running_fields(notice), *name_fields(notice)))))


def _partly_there(items: Iterable[WatchItem], notice: Notice) -> list[WatchItem]:
    words = words_of(notice)
    shares = [(max(_share(item.kind, name, words) for name in (item.name, *item.aliases)), item) for item in items]
    near = [(share, item) for share, item in shares if share >= _LEAST_SHARED]
    most = min(max(_MOST_CHARS // (len(notice.text) + 1), MOST_TOLD), _MOST_TRIED)
    return [item for _, item in sorted(near, key=lambda entry: (-entry[0], entry[1].name))][:most]


def _share(kind: ItemKind, name: str, words: Collection[str]) -> float:
    """Return how much of a name stands there, by its long words; the brand that begins a company's name is enough."""
    folded = folded_words(name)
    wanted = [word for word in folded if len(word) >= _LEAST_LETTERS] or folded
    there = sum(any(form in words for form in forms(word)) for word in wanted)
    share = there / len(wanted) if wanted else 0.0
    if kind is ItemKind.COMPANY and 0 < share < _LEAST_SHARED and folded[0] in words:
        brand = brand_in(name)
        return _LEAST_SHARED if brand and folded_words(brand) == folded[:1] else share
    return share
