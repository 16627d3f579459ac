"""When a digest falls due: days and a time of a zone, across the changes of its clocks."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from itertools import count
from typing import Final

from bot.models import Every, Slot

_DAY: Final = timedelta(days=1)
_WEEKDAYS: Final = range(5)
_NAMED: Final = [
    Every.MONDAY,
    Every.TUESDAY,
    Every.WEDNESDAY,
    Every.THURSDAY,
    Every.FRIDAY,
    Every.SATURDAY,
    Every.SUNDAY,
]


def last_due(every: Every, at: time, zone: tzinfo, now: datetime) -> Slot:
    """Return the newest slot that is due at `now`, an aware moment."""
    return next(slot for slot in _slots(every, at, zone, now, -1) if slot.due_at <= now)


def next_due(every: Every, at: time, zone: tzinfo, now: datetime) -> Slot:
    """Return the first slot after `now`, an aware moment.

    Of a day that the zone skipped altogether and the day after, whose moment is the same, it is the latter's.
    """
    first = next(slot for slot in _slots(every, at, zone, now, 1) if slot.due_at > now)
    return last_due(every, at, zone, first.due_at)


def _slots(every: Every, at: time, zone: tzinfo, now: datetime, step: int) -> Iterator[Slot]:
    """Yield the slots around a moment, from two days on its other side, into the future or (-1) into the past."""
    start = now.astimezone(zone).date() - step * 2 * _DAY
    for days in count():
        day = start + step * days * _DAY
        if _is_on(every, day):
            yield Slot(day, _moment(day, at, zone))


def _is_on(every: Every, day: date) -> bool:
    if every is Every.DAILY:
        return True
    if every is Every.WEEKDAYS:
        return day.weekday() in _WEEKDAYS
    return _NAMED[day.weekday()] is every


def _moment(day: date, at: time, zone: tzinfo) -> datetime:
    """Return the moment of a local time; the first of two, and for one that the clocks skip what they show then.

    RFC 5545 section 3.3.5: a time that does not exist is read with the offset from before the gap.
    """
    return datetime.combine(day, at, zone).astimezone(UTC)
