"""A date as precisely as it was typed: kept as text, read back, told to people."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

from babel.dates import format_date

from bot.dates import spans
from bot.dates.spans import Part, Precision, Span
from bot.locales import Texts

_PART = re.compile(r"(\d{4})(?:-(\d\d))?-(early|mid|late)", re.ASCII)
_QUARTER = re.compile(r"(\d{4})-Q([1-4])", re.ASCII)
_WEEK = re.compile(r"(\d{4})-W(\d\d)", re.ASCII)
_MONTH_OR_YEAR = re.compile(r"(\d{4})(?:-(\d\d))?", re.ASCII)
_PATTERNS = {Precision.MONTH: "MMMM y", Precision.QUARTER: "QQQQ y", Precision.YEAR: "y"}


@dataclass(frozen=True, slots=True)
class TypedDate:
    """Hold a date as precisely as it was typed, with the words themselves.

    `value` is the first day of what was meant, or with the precision `minute` the moment with its offset; `end` is the
    last day of it, None for a day or a moment. `needs_confirmation` unless an ISO form was typed: what was understood
    is to be shown, and confirmed where it is kept.
    """

    value: dt.date | dt.datetime
    precision: Precision
    end: dt.date | None
    typed: str
    needs_confirmation: bool

    @property
    def first_day(self) -> dt.date:
        """Return the first day meant; that of a moment in the zone where it was typed."""
        return self.value.date() if isinstance(self.value, dt.datetime) else self.value

    @property
    def last_day(self) -> dt.date:
        """Return the last day meant."""
        return self.end or self.first_day

    @property
    def text(self) -> str:
        """Return what to keep of it, beside the words: no more than was typed, and `stored` reads it back.

        `2025-03-04T18:30+01:00`, `2025-03-04`, `2025-W10` (ISO 8601), `2020-11-mid`, `2024-late`, `2020-11`, `2025-Q1`,
        `2025`. All begin with their year, those of a month with their month.
        """
        value = self.value
        if isinstance(value, dt.datetime):
            return value.isoformat(timespec="minutes")
        year, month = f"{value.year:04}", f"{value.year:04}-{value.month:02}"
        match self.precision:
            case Precision.WEEK:
                week = value.isocalendar()
                text = f"{week.year:04}-W{week.week:02}"
            case Precision.PART:
                part, whole = spans.part_of(value, self.last_day)
                text = f"{month if whole is Precision.MONTH else year}-{part}"
            case Precision.MONTH:
                text = month
            case Precision.QUARTER:
                text = f"{year}-Q{(value.month + 2) // 3}"
            case Precision.YEAR:
                text = year
            case _:
                text = value.isoformat()
        return text


def stored(text: str, typed: str) -> TypedDate:
    """Return the date that was kept as `text`, with the words that were typed; raises ValueError for any other text."""
    if "T" in text:
        moment = dt.datetime.fromisoformat(text)
        if moment.tzinfo is None:
            raise ValueError(f"a moment without its offset: {text}")
        return TypedDate(moment, Precision.MINUTE, None, typed, needs_confirmation=False)
    return of_span(_kept(text), typed, needs_confirmation=False)


def of_span(span: Span, typed: str, *, needs_confirmation: bool) -> TypedDate:
    """Return a stretch of the calendar as a typed date."""
    end = None if span.precision is Precision.DAY else span.last
    return TypedDate(span.first, span.precision, end, typed, needs_confirmation=needs_confirmation)


def _kept(text: str) -> Span:
    if match := _PART.fullmatch(text):
        year, part = int(match[1]), Part(match[3])
        return spans.part_of_month(year, int(match[2]), part) if match[2] else spans.part_of_year(year, part)
    if match := _QUARTER.fullmatch(text):
        return spans.quarter(int(match[1]), int(match[2]))
    if match := _WEEK.fullmatch(text):
        return spans.week(dt.date.fromisocalendar(int(match[1]), int(match[2]), 1))
    if match := _MONTH_OR_YEAR.fullmatch(text):
        return spans.month(int(match[1]), int(match[2])) if match[2] else spans.whole_year(int(match[1]))
    return spans.day(dt.date.fromisoformat(text))


def echo(texts: Texts, date: TypedDate) -> str:
    """Return a date in its long form, in its reader's language: `jeudi 3 avril 2025`, `novembre 2020 (vers le milieu)`.

    A moment is told in the reader's zone.
    """
    value = date.value
    if isinstance(value, dt.datetime):
        return texts("moment", date=texts.day_long(value), time=f"{value.astimezone(texts.zone):%H:%M}")
    if date.precision is Precision.DAY:
        return texts.day_long(value)
    if date.precision is Precision.WEEK:
        return texts("date-week", first=value, last=date.last_day)
    if date.precision is Precision.PART:
        part, whole = spans.part_of(value, date.last_day)
        return texts.word("date-part", part, whole=format_date(value, _PATTERNS[whole], locale=texts.language.locale))
    return format_date(value, _PATTERNS[date.precision], locale=texts.language.locale)
