"""The same notice of a procedure published by two sources: one announcement with two links."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Final

from bot.models import Held, InDigest, Notice, NoticeKind
from bot.storage.archive import twins
from bot.storage.archive.twins import Alike
from bot.storage.database import Connection

PROCUREMENT: Final = frozenset({NoticeKind.TENDER, NoticeKind.AWARD, NoticeKind.CHANGE, NoticeKind.CANCELLATION})
"""The kinds of which one procedure makes a story: what comes after is announced where it was, and has twins."""

APART: Final = timedelta(days=10)
"""The longest time between the publications of twins."""

_UUID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_EASTERNMOST: Final = timedelta(hours=3)
"""How far ahead of UTC the clocks of the Union's members go at most."""


@dataclass(frozen=True, slots=True)
class ByTwins:
    """Hold what became of the hits of items on the twins of a notice: announced, told in a digest, owed to one."""

    announced: frozenset[int] = frozenset()
    told: Mapping[int, Held | None] = field(default_factory=dict)
    due: Mapping[int, Held | None] = field(default_factory=dict)

    def tell(self, item: int, held: Held | None) -> Mapping[int, Held | None]:
        """Return what of an item's hit needs no further line in the digest, as `in_digest` takes it.

        `held` is why the hit on the notice itself is held: one that is announced shares the line of its twin's.
        """
        if item in self.announced:
            return {item: None}
        if item in self.told:
            return {item: self.told[item]}
        return {item: self.due[item]} if held is not None and item in self.due else {}


NO_TWINS: Final = ByTwins()


def may_have_twins(notice: Notice) -> bool:
    """Return whether several sources may publish a notice: its procedure is known to all of them by one UUID."""
    return notice.kind in PROCUREMENT and notice.procedure is not None and bool(_UUID.fullmatch(notice.procedure))


async def join(connection: Connection, row: int, notice: Notice) -> list[int]:
    """Find the twin of a notice that was just stored, and note it; return our rows of its twins, if it has any.

    Twins are of one procedure and kind, of different sources, and published within `APART` of each other; none has two
    of one source, and several of each pair in the order of their publication. Corrigenda that name deadlines on
    different days are none.
    """
    if not may_have_twins(notice) or notice.kind is None:
        return []
    leader = twin_of(row, await twins.alike(connection, notice.procedure or "", notice.kind), notice.kind)
    if leader is None:
        return []
    await twins.pair(connection, row, leader)
    return await rows_of(connection, row, notice)


async def rows_of(connection: Connection, row: int, notice: Notice) -> list[int]:
    """Return our rows of the twins of a stored notice."""
    return [twin.row for twin in await twins.others(connection, row)] if may_have_twins(notice) else []


async def became(connection: Connection, guilds: Iterable[int], rows: Sequence[int]) -> ByTwins:
    """Return what became of the hits of these newsrooms on notices."""
    announced: set[int] = set()
    told: dict[int, Held | None] = {}
    due: dict[int, Held | None] = {}
    for guild_id in guilds if rows else ():
        for hit in await twins.hits_on(connection, guild_id, rows):
            held = Held(hit.held) if hit.held else None
            if held is None:
                announced.add(hit.item)
            elif hit.digest == InDigest.TOLD:
                told[hit.item] = held
            elif hit.digest == InDigest.DUE:
                due[hit.item] = held
    return ByTwins(frozenset(announced), told, due)


def in_order_of_publication(notices: Sequence[Notice]) -> list[int]:
    """Return the places of notices in the order to take them in: those that may have twins as they were published.

    Of one procedure and kind, that is; all others keep their place.
    """
    order = list(range(len(notices)))
    groups: dict[tuple[str | None, NoticeKind | None], list[int]] = {}
    for place, notice in enumerate(notices):
        if notice.published is not None and may_have_twins(notice):
            groups.setdefault((notice.procedure, notice.kind), []).append(place)
    for places in groups.values():
        for at, place in zip(places, sorted(places, key=lambda one: _day(notices[one].published)), strict=True):
            order[at] = place
    return order


def twin_of(row: int, alike: Sequence[Alike], kind: NoticeKind) -> int | None:
    """Return our row of the notice that leads the group that a notice belongs to, None where it belongs to none."""
    source = next(one.source for one in alike if one.row == row)
    grouped = {one.leader for one in alike if one.row != one.leader}
    taken = {one.leader for one in alike if one.source == source}
    own = _published(one for one in alike if one.source == source and one.row not in grouped and one.leader == one.row)
    free = _published(one for one in alike if one.leader == one.row and one.row not in taken)
    while own and free:
        if not _are_one(own[0], free[0], kind):
            (own if _day(own[0].published) < _day(free[0].published) else free).pop(0)
        elif own[0].row == row:
            return free[0].row
        else:
            own.pop(0)
            free.pop(0)
    return None


def is_one_moment(one: date | datetime, other: date | datetime) -> bool:
    """Return whether two sources may mean one moment: the same, or that day where only one names the time."""
    if isinstance(one, datetime) and isinstance(other, datetime):
        return one == other
    return not _days(one).isdisjoint(_days(other))


def _are_one(one: Alike, other: Alike, kind: NoticeKind) -> bool:
    if abs(_day(one.published) - _day(other.published)) > APART:
        return False
    if kind is not NoticeKind.CHANGE or one.deadline is None or other.deadline is None:
        return True
    return not _days(one.deadline).isdisjoint(_days(other.deadline))


def _published(found: Iterable[Alike]) -> list[Alike]:
    dated = [one for one in found if one.published is not None]
    return sorted(dated, key=lambda one: (_day(one.published), one.row))


def _day(published: date | datetime | None) -> date:
    if isinstance(published, datetime):
        return published.date()
    return published or date.min


def _days(moment: date | datetime) -> frozenset[date]:
    """Return the days on which a moment may be, as the members of the Union tell it."""
    if not isinstance(moment, datetime):
        return frozenset({moment})
    return frozenset({moment.astimezone(UTC).date(), (moment.astimezone(UTC) + _EASTERNMOST).date()})
