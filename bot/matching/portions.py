"""Which items are compiled together, so that a change of the watchlist compiles little.

Compiling an automaton holds the interpreter, for some two microseconds a pattern: a change builds a small one beside
those that stand, and only after very many changes is everything compiled anew.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass

from bot.matching.segment import Segment
from bot.models import WatchItem

YOUNG = 256
"""A portion of fewer items is compiled again with what is new."""
MOST_TOGETHER = 1_000
"""How many items are compiled in one portion while the bot runs: a few milliseconds."""
MOST_PORTIONS = 8
GONE = -1


@dataclass(frozen=True, slots=True)
class Portion:
    """Hold items compiled together, and the rank of each among those of the matcher, `GONE` for one removed."""

    segment: Segment
    ranks: Sequence[int]

    @property
    def live(self) -> list[tuple[int, WatchItem]]:
        """Return the items that are looked for, with their ranks."""
        return [(rank, item) for rank, item in zip(self.ranks, self.segment.items, strict=True) if rank != GONE]


def regrouped(portions: Sequence[Portion], items: Sequence[WatchItem]) -> list[Portion] | None:
    """Return portions for other items, most of them as they stand; None when all is better compiled anew."""
    kept, new = _placed(portions, items)
    lived = sum(map(len, (portion.live for portion in kept)))
    if not lived or sum(len(portion.ranks) for portion in kept) > 2 * lived + YOUNG:
        return None
    old = []
    for portion in kept:
        live = portion.live
        if new and len(live) < YOUNG:
            new += live
        elif live:
            old.append(portion)
    if len(old) + _portions_of(new) > MOST_PORTIONS:
        new += [one for portion in old[1:] for one in portion.live]
        del old[1:]
    if len(old) + _portions_of(new) > MOST_PORTIONS:
        return None
    new.sort(key=lambda one: one[0])
    for start in range(0, len(new), MOST_TOGETHER):
        part = new[start : start + MOST_TOGETHER]
        old.append(Portion(Segment([item for _, item in part]), array("l", [rank for rank, _ in part])))
    return old or [Portion(Segment([]), [])]


def _portions_of(new: Sequence[object]) -> int:
    return -(-len(new) // MOST_TOGETHER)


def _placed(
    portions: Sequence[Portion], items: Sequence[WatchItem]
) -> tuple[list[Portion], list[tuple[int, WatchItem]]]:
    """Return the portions with the ranks that their items have now, and the items that are in none of them."""
    slots: dict[int, tuple[int, int]] = {}
    for number, portion in enumerate(portions):
        for place, (rank, item) in enumerate(zip(portion.ranks, portion.segment.items, strict=True)):
            if rank != GONE:
                slots[id(item)] = number, place
    ranks = [array("l", [GONE]) * len(portion.ranks) for portion in portions]
    new: list[tuple[int, WatchItem]] = []
    for rank, item in enumerate(items):
        slot = slots.pop(id(item), None)
        if slot is None:
            new.append((rank, item))
        else:
            ranks[slot[0]][slot[1]] = rank
    if new and slots:
        equal = {portions[number].segment.items[place]: (number, place) for number, place in slots.values()}
        unplaced = []
        for rank, item in new:
            slot = equal.pop(item, None)
            if slot is None:
                unplaced.append((rank, item))
            else:
                ranks[slot[0]][slot[1]] = rank
        new = unplaced
    return [Portion(portion.segment, own) for portion, own in zip(portions, ranks, strict=True)], new
