"""Reading a date that a person typed, in one order: what has two readings is refused, not guessed."""

from __future__ import annotations

import calendar
import datetime as dt
import re
import unicodedata
from typing import TYPE_CHECKING

from bot.dates import spans
from bot.dates.asking import Asking, Prefers
from bot.dates.phrases import read_phrase
from bot.dates.spans import Precision, Span
from bot.dates.typed import TypedDate, of_span
from bot.dates.words import MONTHS, SHORT_MONTHS, SHORT_WEEKDAYS, WEEKDAYS, any_of, folded
from bot.errors import UserError
from bot.locales import Language

if TYPE_CHECKING:
    from dateparser.date import DateDataParser  # type: ignore[import-untyped]

MAX_CHARS = 64
FIRST_DAY = dt.date(1990, 1, 1)
YEARS_AHEAD = 10
_YEAR_DIGITS = 4
_NOON = 12

_ISO = re.compile(r"(?P<year>\d{4})(?:-(?P<month>\d\d)(?:-(?P<day>\d\d)(?:[T ](?P<time>\d\d:\d\d))?)?)?", re.ASCII)
_ZONE = re.compile(
    r"(?:\d ?(?:z|utc|gmt|cet|cest)|:\d\d ?[+-] ?\d\d?:?(?:\d\d)?| (?:utc|gmt)[+-]?\d*|\d [a-z]+/[a-z_]+)$", re.ASCII
)
_HOUR = (
    r"(?P<hour>\d{1,2})(?: ?h(?: ?(?P<minute>\d\d))?|:(?P<colon>\d\d)(?: ?(?P<half>am|pm))?| ?(?P<half2>am|pm))"
    r"|(?P<noon>midi|noon)"
)
_TIME_ALONE = re.compile(rf"(?:a |at )?(?:{_HOUR})", re.ASCII)
_WITH_TIME = re.compile(rf"(?P<days>.*?[^\W_]),? (?:a |at )?(?:{_HOUR})", re.ASCII)
_YEAR_FIRST = re.compile(r"(?P<year>\d{4})(?P<mark>[-/.])(?P<month>\d{1,2})(?P=mark)(?P<day>\d{1,2})", re.ASCII)
_FIGURES = re.compile(r"(?P<a>\d{1,2})(?P<mark>[-/.])(?P<b>\d{1,2})(?P=mark)(?P<year>\d{4}|\d\d)", re.ASCII)
_NO_YEAR = re.compile(r"(?P<a>\d{1,2})/(?P<b>\d{1,2})", re.ASCII)
_MONTH_AND_YEAR = re.compile(r"(?P<month>\d{1,2})[-/](?P<year>\d{4})", re.ASCII)
_WORD = re.compile(r"[a-z]{3}")
_BARE = re.compile(rf"[^a-z]*[a-z]{{0,2}}\.?|{any_of([*SHORT_WEEKDAYS, *SHORT_MONTHS])}\.?")
_ANY_WEEKDAY = re.compile(rf"\b({any_of(WEEKDAYS)})\b,? ?")
_SHORT_WEEKDAY = re.compile(rf"({any_of(SHORT_WEEKDAYS)})\b\.?,? (?=.*[a-z]{{3}})")
_MONTH_NAME = re.compile(rf"(?<![a-z]){any_of([*MONTHS, *SHORT_MONTHS])}(?![a-z])")
_SIGNED = re.compile(r"(?:^|[^a-z0-9])[-+]\d")
_DAY_AND_MONTH = re.compile(
    rf"(?P<day>\d{{1,2}})(?:er)? (?P<month>{any_of(MONTHS)})(?: (?P<year>[1-9]\d{{3}}))?", re.ASCII
)
_MONTH_THEN_TWO = re.compile(r"[a-z]+\.? \d\d", re.ASCII)


def read_date(typed: str, *, language: Language, zone: dt.tzinfo, now: dt.datetime, prefers: Prefers) -> TypedDate:
    """Return the date that a person typed, as precisely as they did.

    `language` and `zone` are the newsroom's, `now` an aware moment. Raises UserError, which says what to type instead.
    Whether the date may lie in the past or in the future is the caller's to check. `load` first, where a loop runs.
    """
    words = typed.strip()
    if len(words) <= MAX_CHARS:
        words = unicodedata.normalize("NFKC", words).strip()
    if not words:
        raise UserError("date-empty")
    if len(words) > MAX_CHARS:
        raise UserError("date-too-long", limit=MAX_CHARS)
    asking = Asking(words, language, zone, now, prefers)
    date = _read_iso(asking) or _read_words(asking, folded(words))
    _check_bounds(asking, date.first_day)
    return date


def load(language: Language) -> None:
    """Load what dateparser needs for a language, once a process; it takes up to 300 ms, so before the loop has work."""
    asking = Asking("", language, dt.UTC, dt.datetime(2025, 1, 1, tzinfo=dt.UTC), Prefers.PAST)
    _ask_dateparser(asking, "3 mai 2024" if language is Language.FR else "3 may 2024")


def _read_iso(asking: Asking) -> TypedDate | None:
    match = _ISO.fullmatch(asking.typed)
    if match is None:
        return None
    try:
        if match["day"]:
            span = spans.day(dt.date(int(match["year"]), int(match["month"]), int(match["day"])))
        elif match["month"]:
            span = spans.month(int(match["year"]), int(match["month"]))
        else:
            span = spans.whole_year(int(match["year"]))
        time = dt.time.fromisoformat(match["time"]) if match["time"] else None
    except ValueError:
        raise asking.not_in_the_calendar() from None
    if time is None:
        return of_span(span, asking.typed, needs_confirmation=False)
    return _at(asking, span.first, time, needs_confirmation=False)


def _read_words(asking: Asking, text: str) -> TypedDate:
    if not (text.isascii() and text.isprintable()):
        raise asking.unread()
    if _ZONE.search(text):
        raise UserError("date-time-zone", typed=asking.typed)
    if _TIME_ALONE.fullmatch(text):
        raise UserError("date-no-day", typed=asking.typed)
    found = read_phrase(asking, text)
    if isinstance(found, dt.datetime):
        return _moment(asking, found, needs_confirmation=True)
    if found is None and (match := _WITH_TIME.fullmatch(text)):
        days = _read_days(asking, match["days"])
        if days.precision is not Precision.DAY:
            raise asking.unread()
        return _at(asking, days.first, _time(asking, match), needs_confirmation=True)
    return of_span(found or _read_days(asking, text), asking.typed, needs_confirmation=True)


def _read_days(asking: Asking, text: str) -> Span:
    """Return the days that a folded text without a time says."""
    phrase = read_phrase(asking, text)
    if isinstance(phrase, Span):
        return phrase
    weekdays = {WEEKDAYS[word] for word in _ANY_WEEKDAY.findall(text)}
    rest = _ANY_WEEKDAY.sub("", text)
    if match := _SHORT_WEEKDAY.match(rest):
        weekdays.add(SHORT_WEEKDAYS[match[1]])
        rest = rest[match.end() :]
    rest = rest.removeprefix("le ").removeprefix("on ").strip(" ,")
    span = _read_figures(asking, rest)
    if span is None:
        if _BARE.fullmatch(rest) or not _WORD.search(rest):
            raise UserError("date-number", typed=asking.typed)
        span = _read_month_in_letters(asking, rest)
    if weekdays and span.precision is not Precision.DAY:
        raise UserError("date-weekday-of-more", typed=asking.typed)
    if weekdays and weekdays != {span.first.weekday()}:
        raise UserError("date-weekday", typed=asking.typed, day=span.first, iso=span.first.isoformat())
    return span


def _read_figures(asking: Asking, text: str) -> Span | None:
    """Read a date of figures only: day before month; in English only where the month before the day is no date."""
    try:
        if match := _YEAR_FIRST.fullmatch(text):
            return spans.day(dt.date(int(match["year"]), int(match["month"]), int(match["day"])))
        if match := _MONTH_AND_YEAR.fullmatch(text):
            return spans.month(int(match["year"]), int(match["month"]))
        if match := _FIGURES.fullmatch(text):
            year = int(match["year"]) + (0 if len(match["year"]) == _YEAR_DIGITS else 2000)
            return _day_and_month(asking, int(match["a"]), int(match["b"]), year)
        if match := _NO_YEAR.fullmatch(text):
            return _day_and_month(asking, int(match["a"]), int(match["b"]), None)
    except ValueError:
        raise asking.not_in_the_calendar() from None
    return None


def _day_and_month(asking: Asking, first: int, second: int, year: int | None) -> Span:
    day_first = _day_of(asking, first, second, year)
    if asking.language is not Language.EN or first == second:
        if day_first is None:
            raise asking.not_in_the_calendar()
        return day_first
    month_first = _day_of(asking, second, first, year)
    if day_first and month_first:
        _check_bounds(asking, day_first.first)
        raise UserError(
            "date-two-readings",
            typed=asking.typed,
            first=day_first.first,
            first_iso=day_first.first.isoformat(),
            second=month_first.first,
            second_iso=month_first.first.isoformat(),
        )
    only = day_first or month_first
    if only is None:
        raise asking.not_in_the_calendar()
    return only


def _day_of(asking: Asking, day: int, month: int, year: int | None) -> Span | None:
    if not 1 <= month <= spans.MONTHS_A_YEAR:
        return None
    try:
        if year is not None:
            return spans.day(dt.date(year, month, day))
        dt.date(2024, month, day)  # a leap year has every day of the calendar
    except ValueError:
        return None
    return asking.nearest(lambda near: spans.day(dt.date(near, month, day)))


def _read_month_in_letters(asking: Asking, text: str) -> Span:
    """Return the days that dateparser finds, where every number of the text is one of theirs."""
    if not (_MONTH_NAME.search(text) and re.search(r"\d", text)) or _SIGNED.search(text):
        raise asking.unread()
    if asking.language is Language.FR and _MONTH_THEN_TWO.fullmatch(text):
        raise asking.unread()  # « mai 25 » may be a day or a year
    found = _ask_dateparser(asking, text)
    if found is None:
        raise asking.not_in_the_calendar() if _is_past_the_months_end(text) else asking.unread()
    numbers = re.findall(r"\d+", text)
    if found.precision is Precision.MONTH and [int(number) for number in numbers] == [found.first.year]:
        return found
    day, month, year = found.first.day, found.first.month, found.first.year
    left = list(map(int, numbers))
    if found.precision is not Precision.DAY or day not in left:
        raise asking.unread()
    left.remove(day)
    if not left:
        return asking.nearest(lambda near: spans.day(dt.date(near, month, day)))
    if left == [year]:
        return found
    if len(left) > 1 or left[0] not in range(100):
        raise asking.unread()
    try:  # a year of two digits is of this century, wherever dateparser leans
        return spans.day(dt.date(2000 + left[0], month, day))
    except ValueError:
        raise asking.not_in_the_calendar() from None


def _is_past_the_months_end(text: str) -> bool:
    match = _DAY_AND_MONTH.fullmatch(text)
    if match is None:
        return False
    year = int(match["year"] or 2024)  # a leap year has every day of the calendar
    return int(match["day"]) > calendar.monthrange(year, MONTHS[match["month"]])[1]


def _ask_dateparser(asking: Asking, text: str) -> Span | None:
    """Return the day or month that dateparser reads in a text with a month in letters."""
    data = _parser(asking.language, asking.today).get_date_data(text)
    if data.date_obj is None:
        return None
    if data.date_obj.tzinfo is not None:
        raise UserError("date-time-zone", typed=asking.typed)
    date = data.date_obj.date()
    if data.period == Precision.MONTH:
        return spans.month(date.year, date.month)
    return spans.day(date) if data.period == Precision.DAY else None


def _parser(language: Language, today: dt.date) -> DateDataParser:
    """Return a parser of absolute dates with their month; a year that was not typed is chosen by `Asking.nearest`."""
    from dateparser.date import DateDataParser  # noqa: PLC0415  # slow to import, and most dates need none of it

    return DateDataParser(
        languages=[language.value],
        settings={
            "DATE_ORDER": "DMY",
            # dateparser keeps settings for good, one for each base: a base a day, not one a second.
            "RELATIVE_BASE": dt.datetime.combine(today, dt.time()),
            "PARSERS": ["absolute-time"],
            "REQUIRE_PARTS": ["month"],
        },
    )


def _time(asking: Asking, match: re.Match[str]) -> dt.time:
    if match["noon"]:
        return dt.time(_NOON)
    hour, minute = int(match["hour"]), int(match["minute"] or match["colon"] or 0)
    half = match["half"] or match["half2"]
    if half and not 1 <= hour <= _NOON:
        raise asking.not_in_the_calendar()
    if half:
        hour = hour % _NOON + (_NOON if half == "pm" else 0)
    try:
        return dt.time(hour, minute)
    except ValueError:
        raise asking.not_in_the_calendar() from None


def _at(asking: Asking, day: dt.date, time: dt.time, *, needs_confirmation: bool) -> TypedDate:
    """Return a local time of a day: the first of a doubled one; one that does not exist is refused."""
    _check_bounds(asking, day)
    local = dt.datetime.combine(day, time, tzinfo=asking.zone)
    if local.astimezone(dt.UTC).astimezone(asking.zone).replace(tzinfo=None) != local.replace(tzinfo=None):
        raise UserError("date-no-such-time", typed=asking.typed)
    return _moment(asking, local, needs_confirmation=needs_confirmation)


def _moment(asking: Asking, local: dt.datetime, *, needs_confirmation: bool) -> TypedDate:
    """Return a moment with its offset alone, which its text can give back."""
    fixed = local.replace(tzinfo=dt.timezone(local.utcoffset() or dt.timedelta()))
    return TypedDate(fixed, Precision.MINUTE, None, asking.typed, needs_confirmation=needs_confirmation)


def _check_bounds(asking: Asking, day: dt.date) -> None:
    latest = spans.months_on(asking.today, YEARS_AHEAD * spans.MONTHS_A_YEAR)
    if not FIRST_DAY <= day <= latest:
        raise UserError("date-bounds", typed=asking.typed, first=FIRST_DAY, last=latest)
