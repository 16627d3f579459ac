"""When a reminder of a deadline and the alarm of a missing award fall due, in the days of a newsroom."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Final

from bot.clock import MOST_AHEAD
from bot.storage.archive.deadlines import day_of

AT: Final = time(9)
"""The hour of a newsroom's day from which on it is told of what falls due on that day."""

_DAY: Final = timedelta(days=1)


def is_same(one: date | datetime, other: date | datetime, zone: tzinfo) -> bool:
    """Return whether two deadlines are of one day, as people count: one reminder is enough for both."""
    return day_of(one, zone) == day_of(other, zone)


def reminder_day(deadline: date | datetime, days: int, zone: tzinfo) -> date:
    """Return the day on which a deadline begins to be near."""
    return day_of(deadline, zone) - days * _DAY


def reminder_moment(
    deadline: date | datetime, told_at: datetime, days: int, zone: tzinfo, now: datetime
) -> datetime | None:
    """Return from when on a channel is reminded of a deadline, in UTC; None where its announcement was enough.

    That is in the morning `days` before it, and a day at least after the channel was told of it; what it was told later
    than the day before the last one it is not told again.
    """
    moment = max(_morning(reminder_day(deadline, days, zone), zone), _rested(told_at, now))
    return moment if day_of(moment, zone) < day_of(deadline, zone) else None


def alarm_moment(deadline: date | datetime, told_at: datetime, days: int, zone: tzinfo, now: datetime) -> datetime:
    """Return from when on an award is missing, in UTC: in the morning `days` after the deadline.

    It is a day at least after the channel was told of the procedure.
    """
    return max(_morning(day_of(deadline, zone) + days * _DAY, zone), _rested(told_at, now))


def has_begun(now: datetime, zone: tzinfo) -> bool:
    """Return whether the hour of a newsroom's day has come from which on it is told of what fell due before."""
    return now.astimezone(zone).time() >= AT


def midnight(now: datetime, zone: tzinfo) -> datetime:
    """Return when the day of a moment began in a zone, in UTC."""
    return datetime.combine(now.astimezone(zone).date(), time(), zone).astimezone(UTC)


def _morning(day: date, zone: tzinfo) -> datetime:
    return datetime.combine(day, AT, zone).astimezone(UTC)


def _rested(told_at: datetime, now: datetime) -> datetime:
    """Return a day after a channel was told something; what a wrong clock noted puts nothing off."""
    return told_at + _DAY if told_at <= now + MOST_AHEAD else datetime.min.replace(tzinfo=UTC)
