"""Stretches of the calendar: days, weeks, parts of months and years, months, quarters, years."""

from __future__ import annotations

import calendar
import datetime as dt
from dataclasses import dataclass
from enum import StrEnum

MONTHS_A_YEAR = 12
_THIRD_OF_A_YEAR = 4


class Precision(StrEnum):
    """How much of a date was typed; `part` is the beginning, middle or end of a month or year."""

    MINUTE = "minute"
    DAY = "day"
    WEEK = "week"
    PART = "part"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


class Part(StrEnum):
    """A third of a month (1-10, 11-20, 21-end) or of a year (four months each)."""

    EARLY = "early"
    MID = "mid"
    LATE = "late"


@dataclass(frozen=True, slots=True)
class Span:
    """Hold the first and the last day of a stretch, and what it is."""

    first: dt.date
    last: dt.date
    precision: Precision


def day(date: dt.date) -> Span:
    """Return a single day."""
    return Span(date, date, Precision.DAY)


def week(date: dt.date) -> Span:
    """Return the week of a day, from Monday to Sunday."""
    monday = date - dt.timedelta(days=date.weekday())
    return Span(monday, monday + dt.timedelta(days=6), Precision.WEEK)


def month(year: int, number: int) -> Span:
    """Return a month; raises ValueError where there is none."""
    first = dt.date(year, number, 1)
    return Span(first, first.replace(day=calendar.monthrange(year, number)[1]), Precision.MONTH)


def quarter(year: int, number: int) -> Span:
    """Return a quarter, 1 to 4; raises ValueError where there is none."""
    return Span(dt.date(year, 3 * number - 2, 1), month(year, 3 * number).last, Precision.QUARTER)


def whole_year(year: int) -> Span:
    """Return a year; raises ValueError where there is none."""
    return Span(dt.date(year, 1, 1), dt.date(year, MONTHS_A_YEAR, 31), Precision.YEAR)


def part_of_month(year: int, number: int, part: Part) -> Span:
    """Return the beginning, middle or end of a month; raises ValueError where there is none."""
    whole = month(year, number)
    first, last = {Part.EARLY: (1, 10), Part.MID: (11, 20), Part.LATE: (21, whole.last.day)}[part]
    return Span(whole.first.replace(day=first), whole.first.replace(day=last), Precision.PART)


def part_of_year(year: int, part: Part) -> Span:
    """Return the beginning, middle or end of a year; raises ValueError where there is none."""
    first = 1 + _THIRD_OF_A_YEAR * list(Part).index(part)
    return Span(dt.date(year, first, 1), month(year, first + _THIRD_OF_A_YEAR - 1).last, Precision.PART)


def part_of(first: dt.date, last: dt.date) -> tuple[Part, Precision]:
    """Return which part a span of that precision is, and of what: a month or a year."""
    if (first.year, first.month) == (last.year, last.month):
        return list(Part)[first.day // 10], Precision.MONTH
    return list(Part)[first.month // _THIRD_OF_A_YEAR], Precision.YEAR


def months_on(date: dt.date, months: int) -> dt.date:
    """Return the same day some months on, or the last of a shorter month; raises ValueError outside the calendar."""
    years, before = divmod(date.month - 1 + months, MONTHS_A_YEAR)
    whole = month(date.year + years, before + 1)
    return whole.first.replace(day=min(date.day, whole.last.day))
