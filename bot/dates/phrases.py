"""A small grammar of the dates that people say, in French and English, for folded text.

Hier, mardi dernier, mi-novembre 2020, T1 2025, la semaine prochaine, il y a 3 jours, in two weeks: what dateparser
does not know, or reads to the day where a month was said.
"""

from __future__ import annotations

import datetime as dt
import re

from bot.dates import spans
from bot.dates.asking import Asking, Prefers
from bot.dates.spans import Span
from bot.dates.words import (
    AFTER,
    BEFORE,
    DAYS,
    MONTHS,
    NUMBERS,
    ORDINALS,
    PARTS,
    PARTS_OF_DAY,
    SHORT_MONTHS,
    UNITS,
    WEEKDAYS,
    any_of,
)

_DAYS_A_WEEK = 7
_MONTHS_OF = {"month": 1, "quarter": 3, "year": 12}

_PART_OF_DAY = re.compile(rf" (?:in the |au )?{any_of(PARTS_OF_DAY)}$")
_WEEKDAY = re.compile(
    rf"(?:(?:ce|le|on|this) |(?P<side>last|next) )?(?P<day>{any_of(WEEKDAYS)})(?: (?P<after>{any_of(BEFORE | AFTER)}))?"
)
_MONTH = re.compile(rf"(?:(?:en|in) )?(?P<month>{any_of(MONTHS)})")
_MONTH_OF_YEAR = re.compile(
    rf"(?:(?:en|in) )?(?P<month>{any_of(MONTHS)}|{any_of(SHORT_MONTHS)}\b\.?),? (?:de |of )?(?P<year>\d{{4}})", re.ASCII
)
_PART = re.compile(
    rf"(?:(?:a la|a|in|the|en) )?(?P<part>{any_of(PARTS)})[ -](?:(?:de|of) |d')?"
    rf"(?P<month>{any_of(MONTHS)})?(?: ?(?P<year>\d{{4}}))?",
    re.ASCII,
)
_QUARTER = re.compile(r"[tq](?P<n>[1-4])[ -]?(?P<y>\d{4})|(?P<y2>\d{4})[ -]?[tq](?P<n2>[1-4])", re.ASCII)
_QUARTER_WORDS = re.compile(
    rf"(?:au |le |the )?(?P<n>{any_of(ORDINALS)}) (?:trimestre|quarter)(?: de| of)? (?P<y>\d{{4}})", re.ASCII
)
_COUNT = rf"(?P<n>\d{{1,4}}|{any_of(NUMBERS)}) (?P<unit>{any_of(UNITS)})s?"
_AGO = re.compile(
    rf"il y a {_COUNT}|{_COUNT.replace('?P<n>', '?P<n2>').replace('?P<unit>', '?P<unit2>')} ago", re.ASCII
)
_IN = re.compile(rf"(?:dans|d'ici|in) {_COUNT}", re.ASCII)
_UNIT_NEAR = re.compile(
    rf"(?:(?:la|le|the) |l')?(?:(?P<side>last|next|this|cette|cet|ce) )?(?P<unit>{any_of(UNITS)})"
    rf"(?: (?P<after>{any_of(BEFORE | AFTER)})|-ci)?"
)


def read_phrase(asking: Asking, text: str) -> Span | dt.datetime | None:
    """Return what a folded text says by this grammar: a stretch of days or an aware moment, None where it says nothing.

    Raises UserError for a date outside the calendar.
    """
    try:
        return (
            _named_day(asking, text)
            or _weekday(asking, text)
            or _month(asking, text)
            or _quarter(text)
            or _counted(asking, text)
            or _near(asking, text)
        )
    except (ValueError, OverflowError):
        raise asking.not_in_the_calendar() from None


def _named_day(asking: Asking, text: str) -> Span | None:
    days = DAYS.get(text, DAYS.get(_PART_OF_DAY.sub("", text)))
    return None if days is None else spans.day(asking.today + dt.timedelta(days=days))


def _weekday(asking: Asking, text: str) -> Span | None:
    match = _WEEKDAY.fullmatch(_PART_OF_DAY.sub("", text))
    if match is None or (match["side"] and match["after"]):
        return None
    side = match["side"] or match["after"]
    is_past = asking.prefers is Prefers.PAST if side is None else side in BEFORE
    distance = (WEEKDAYS[match["day"]] - asking.today.weekday()) % _DAYS_A_WEEK
    if is_past:
        return spans.day(asking.today - dt.timedelta(days=_DAYS_A_WEEK - distance))
    return spans.day(asking.today + dt.timedelta(days=distance or _DAYS_A_WEEK))


def _month(asking: Asking, text: str) -> Span | None:
    if match := _MONTH.fullmatch(text):
        number = MONTHS[match["month"]]
        return asking.nearest(lambda year: spans.month(year, number))
    if match := _MONTH_OF_YEAR.fullmatch(text):
        name = match["month"].removesuffix(".")
        return spans.month(int(match["year"]), MONTHS.get(name) or SHORT_MONTHS[name])
    match = _PART.fullmatch(text)
    if match is None or not (match["month"] or match["year"]):
        return None
    part = PARTS[match["part"]]
    if not match["month"]:
        return spans.part_of_year(int(match["year"]), part)
    number = MONTHS[match["month"]]
    if match["year"]:
        return spans.part_of_month(int(match["year"]), number, part)
    return asking.nearest(lambda year: spans.part_of_month(year, number, part))


def _quarter(text: str) -> Span | None:
    if match := _QUARTER.fullmatch(text):
        return spans.quarter(int(match["y"] or match["y2"]), int(match["n"] or match["n2"]))
    if match := _QUARTER_WORDS.fullmatch(text):
        return spans.quarter(int(match["y"]), ORDINALS[match["n"]])
    return None


def _counted(asking: Asking, text: str) -> Span | dt.datetime | None:
    """Read a number of units from now.

    Counted for a deadline they lead to a day or a minute; said of what happened, to the week, month or year.
    """
    ago, on = _AGO.fullmatch(text), _IN.fullmatch(text)
    match = ago or on
    if match is None:
        return None
    number, unit = (match["n"], match["unit"]) if on or match["n"] else (match["n2"], match["unit2"])
    count = (int(number) if number.isdigit() else NUMBERS[number]) * (-1 if ago else 1)
    is_deadline = asking.prefers is Prefers.FUTURE
    unit = UNITS[unit]
    if unit in {"minute", "hour"}:
        moment = asking.now + dt.timedelta(**{f"{unit}s": count})
        local = moment.astimezone(asking.zone)
        return local.replace(second=0, microsecond=0) if is_deadline else spans.day(local.date())
    if unit == "day":
        return spans.day(asking.today + dt.timedelta(days=count))
    if unit == "week":
        date = asking.today + dt.timedelta(weeks=count)
    else:
        date = spans.months_on(asking.today, count * _MONTHS_OF[unit])
    return spans.day(date) if is_deadline else _whole(unit, date)


def _near(asking: Asking, text: str) -> Span | None:
    """Read last, this or next week, month, quarter or year."""
    match = _UNIT_NEAR.fullmatch(text)
    if match is None:
        return None
    side, unit = match["side"] or match["after"], UNITS[match["unit"]]
    if unit in {"minute", "hour", "day"} or (match["side"] is None) is (match["after"] is None):
        return None
    steps = -1 if side in BEFORE else 1 if side in AFTER else 0
    if unit == "week":
        return spans.week(asking.today + dt.timedelta(weeks=steps))
    return _whole(unit, spans.months_on(asking.today, steps * _MONTHS_OF[unit]))


def _whole(unit: str, date: dt.date) -> Span:
    if unit == "week":
        return spans.week(date)
    if unit == "month":
        return spans.month(date.year, date.month)
    return spans.quarter(date.year, (date.month + 2) // 3) if unit == "quarter" else spans.whole_year(date.year)
