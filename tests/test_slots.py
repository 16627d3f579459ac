"""When digests fall due, across every change of the clocks, as worked out by hand or read from the zone."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.models import Every, Slot
from bot.setting_up import zones
from bot.slots import last_due, next_due

DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)
NAMED = (
    Every.MONDAY,
    Every.TUESDAY,
    Every.WEDNESDAY,
    Every.THURSDAY,
    Every.FRIDAY,
    Every.SATURDAY,
    Every.SUNDAY,
)


def slot(local_date: str, due_at: str) -> Slot:
    """Return the slot of a date, due at a moment of UTC."""
    return Slot(date.fromisoformat(local_date), utc(due_at))


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def following(zone: str, at: time, after: str, count: int, every: Every = Every.DAILY) -> list[Slot]:
    """Return the next slots after a moment, one after the other."""
    found: list[Slot] = []
    now = utc(after)
    for _ in range(count):
        found.append(next_due(every, at, ZoneInfo(zone), now))
        now = found[-1].due_at
    return found


# The week from Monday 16 to Sunday 22 November 2026, 08:30 in Paris, which is 07:30 UTC.
@pytest.mark.parametrize(
    ("every", "days"),
    [
        (Every.DAILY, [16, 17, 18, 19, 20, 21, 22]),
        (Every.WEEKDAYS, [16, 17, 18, 19, 20]),
        *((every, [16 + place]) for place, every in enumerate(NAMED)),
    ],
)
def test_a_digest_falls_due_on_its_days_and_no_other(every: Every, days: list[int]) -> None:
    found = following("Europe/Paris", time(8, 30), "2026-11-15T12:00", len(days) + 1, every)
    assert found[:-1] == [slot(f"2026-11-{day}", f"2026-11-{day}T07:30") for day in days]
    assert found[-1].local_date > date(2026, 11, 22)


def test_a_slot_is_due_from_its_very_moment_on() -> None:
    zone = ZoneInfo("Europe/Paris")
    due = slot("2026-11-16", "2026-11-16T07:30")
    assert last_due(Every.DAILY, time(8, 30), zone, due.due_at) == due
    assert next_due(Every.DAILY, time(8, 30), zone, due.due_at - timedelta(microseconds=1)) == due
    assert last_due(Every.DAILY, time(8, 30), zone, due.due_at - timedelta(microseconds=1)).local_date == date(
        2026, 11, 15
    )
    assert next_due(Every.DAILY, time(8, 30), zone, due.due_at).local_date == date(2026, 11, 17)


def test_a_weekly_slot_stays_the_last_one_for_the_whole_week() -> None:
    zone = ZoneInfo("Europe/Paris")
    due = slot("2026-11-16", "2026-11-16T07:30")
    assert last_due(Every.MONDAY, time(8, 30), zone, utc("2026-11-23T07:29")) == due


# What stands in a slot twice or never on the day that the clocks change is read as RFC 5545 section 3.3.5 says.
@pytest.mark.parametrize(
    ("zone", "at", "after", "expected"),
    [
        pytest.param(
            "Europe/Paris",
            time(8, 30),
            "2027-03-26T12:00",
            [("2027-03-27", "07:30"), ("2027-03-28", "06:30"), ("2027-03-29", "06:30")],
            id="spring in Paris, a time that is the same on both sides",
        ),
        pytest.param(
            "Europe/Paris",
            time(2, 30),
            "2027-03-26T12:00",
            [("2027-03-27", "01:30"), ("2027-03-28", "01:30"), ("2027-03-29", "00:30")],
            id="spring in Paris, 02:30 that does not exist: 03:30, an hour after the clock said 01:30",
        ),
        pytest.param(
            "Europe/Paris",
            time(2, 30),
            "2026-10-23T12:00",
            [("2026-10-24", "00:30"), ("2026-10-25", "00:30"), ("2026-10-26", "01:30")],
            id="autumn in Paris, 02:30 that exists twice: the first",
        ),
        pytest.param(
            "Europe/Paris",
            time(3, 0),
            "2026-10-23T12:00",
            [("2026-10-24", "01:00"), ("2026-10-25", "02:00"), ("2026-10-26", "02:00")],
            id="autumn in Paris, 03:00 that exists once",
        ),
        pytest.param(
            "America/New_York",
            time(2, 30),
            "2027-03-12T12:00",
            [("2027-03-13", "07:30"), ("2027-03-14", "07:30"), ("2027-03-15", "06:30")],
            id="spring in New York, 02:30 that does not exist",
        ),
        pytest.param(
            "America/New_York",
            time(1, 30),
            "2026-10-30T12:00",
            [("2026-10-31", "05:30"), ("2026-11-01", "05:30"), ("2026-11-02", "06:30")],
            id="autumn in New York, 01:30 that exists twice: the first",
        ),
        pytest.param(
            "America/New_York",
            time(18, 0),
            "2026-10-31T12:00",
            [("2026-10-31", "22:00"), ("2026-11-01", "23:00"), ("2026-11-02", "23:00")],
            id="autumn in New York, the evening",
        ),
        pytest.param(
            "Asia/Kathmandu",
            time(8, 30),
            "2027-03-27T12:00",
            [("2027-03-28", "02:45"), ("2027-03-29", "02:45"), ("2027-03-30", "02:45")],
            id="Kathmandu, a quarter of an hour off",
        ),
        pytest.param(
            "Australia/Lord_Howe",
            time(2, 15),
            "2026-10-02T12:00",
            [("2026-10-02", "15:45"), ("2026-10-03", "15:45"), ("2026-10-04", "15:15")],
            id="spring on Lord Howe, half an hour that does not exist",
        ),
        pytest.param(
            "Australia/Lord_Howe",
            time(1, 45),
            "2027-04-02T12:00",
            [("2027-04-02", "14:45"), ("2027-04-03", "14:45"), ("2027-04-04", "15:15")],
            id="autumn on Lord Howe, half an hour that exists twice: the first",
        ),
        pytest.param(
            "America/Sao_Paulo",
            time(0, 0),
            "2018-11-02T12:00",
            [("2018-11-03", "03:00"), ("2018-11-04", "03:00"), ("2018-11-05", "02:00")],
            id="spring in Sao Paulo, a midnight that does not exist",
        ),
        pytest.param(
            "America/Sao_Paulo",
            time(23, 30),
            "2019-02-15T12:00",
            [("2019-02-16", "01:30"), ("2019-02-17", "01:30"), ("2019-02-18", "02:30")],
            id="autumn in Sao Paulo, the hour before midnight that exists twice: the first",
        ),
        pytest.param(
            "Asia/Beirut",
            time(0, 0),
            "2026-03-27T12:00",
            [("2026-03-27", "22:00"), ("2026-03-28", "22:00"), ("2026-03-29", "21:00")],
            id="spring in Beirut, a midnight that does not exist",
        ),
        pytest.param(
            "Asia/Beirut",
            time(23, 30),
            "2026-10-23T12:00",
            [("2026-10-23", "20:30"), ("2026-10-24", "20:30"), ("2026-10-25", "21:30")],
            id="autumn in Beirut, the hour before midnight that exists twice: the first",
        ),
        pytest.param(
            "Pacific/Apia",
            time(8, 30),
            "2011-12-28T20:00",
            [("2011-12-29", "18:30"), ("2011-12-30", "18:30"), ("2011-12-31", "18:30")],
            id="Samoa skips 30 December 2011: its moment is that of the 31st",
        ),
    ],
)
def test_each_local_date_has_one_moment(zone: str, at: time, after: str, expected: list[tuple[str, str]]) -> None:
    assert [found.due_at for found in following(zone, at, after, len(expected))] == [
        utc(f"{day}T{moment}") for day, moment in expected
    ]


@pytest.mark.parametrize(
    ("zone", "after", "dates"),
    [
        ("Europe/Paris", "2027-03-26T12:00", ["2027-03-27", "2027-03-28", "2027-03-29"]),
        ("Asia/Beirut", "2026-03-27T12:00", ["2026-03-28", "2026-03-29", "2026-03-30"]),
        ("Pacific/Apia", "2011-12-28T20:00", ["2011-12-29", "2011-12-31", "2012-01-01"]),
    ],
)
def test_a_slot_is_named_by_its_date_in_the_zone(zone: str, after: str, dates: list[str]) -> None:
    at = time(0, 0) if zone == "Asia/Beirut" else time(8, 30)
    assert [str(found.local_date) for found in following(zone, at, after, 3)] == dates


def test_the_digest_of_a_weekday_that_a_zone_skipped_is_due_when_it_would_have_been() -> None:
    friday, next_friday = following("Pacific/Apia", time(8, 30), "2011-12-28T20:00", 2, Every.FRIDAY)
    assert friday == slot("2011-12-30", "2011-12-30T18:30")
    assert next_friday == slot("2012-01-06", "2012-01-05T18:30")


def test_a_clock_that_starts_in_1970_has_slots_too() -> None:
    zone = ZoneInfo("America/New_York")
    assert last_due(Every.DAILY, time(8, 30), zone, utc("1970-01-01T00:00")) == slot("1969-12-31", "1969-12-31T13:30")


moments = st.datetimes(datetime(1990, 1, 1), datetime(2037, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001  # hypothesis adds the zone
times = st.times(max_value=time(23, 59)).map(lambda at: at.replace(second=0, microsecond=0, fold=0))


@st.composite
def zones_and_moments(draw: st.DrawFn) -> tuple[ZoneInfo, datetime]:
    """Draw a zone and a moment, mostly one within two days of a change of that zone's clocks."""
    zone = ZoneInfo(draw(st.sampled_from(zones())).id)
    moment = draw(moments)
    if draw(st.integers(0, 3)):
        change = _next_change(zone, moment)
        moment = change + timedelta(minutes=draw(st.integers(-2 * 1440, 2 * 1440)))
    return zone, moment


def _next_change(zone: ZoneInfo, moment: datetime) -> datetime:
    """Return the day of the zone's next change of clocks, or the moment itself where none comes in 200 days."""
    offset = moment.astimezone(zone).utcoffset()
    for days in range(200):
        if (moment + days * DAY).astimezone(zone).utcoffset() != offset:
            return moment + days * DAY
    return moment


def _is_on(every: Every, day: date) -> bool:
    if every is Every.WEEKDAYS:
        return day.isoweekday() <= 5
    return every is Every.DAILY or every.value == day.strftime("%A").lower()


def _exists(day: date, at: time, zone: ZoneInfo) -> bool:
    moment = datetime.combine(day, at, zone)
    return moment.astimezone(UTC).astimezone(zone).replace(tzinfo=None) == moment.replace(tzinfo=None)


@settings(max_examples=120)
@given(zones_and_moments(), st.sampled_from(Every), times)
def test_now_lies_between_the_last_slot_and_the_next(where: tuple[ZoneInfo, datetime], every: Every, at: time) -> None:
    zone, now = where
    last, following = last_due(every, at, zone, now), next_due(every, at, zone, now)
    assert last.due_at <= now < following.due_at
    assert last.local_date < following.local_date


@settings(max_examples=120)
@given(zones_and_moments(), st.sampled_from(Every), times)
def test_the_next_slot_is_the_last_one_from_its_moment_to_the_one_after(
    where: tuple[ZoneInfo, datetime], every: Every, at: time
) -> None:
    zone, now = where
    first = next_due(every, at, zone, now)
    second = next_due(every, at, zone, first.due_at)
    assert last_due(every, at, zone, first.due_at) == first
    assert last_due(every, at, zone, second.due_at - MINUTE) == first
    assert next_due(every, at, zone, second.due_at - MINUTE) == second


@settings(max_examples=150)
@given(zones_and_moments(), st.sampled_from(Every), times)
def test_each_matching_date_has_exactly_one_slot_and_no_other_date_has_any(
    where: tuple[ZoneInfo, datetime], every: Every, at: time
) -> None:
    zone, now = where
    found = [next_due(every, at, zone, now)]
    while len(found) < 20:
        found.append(next_due(every, at, zone, found[-1].due_at))
    for before, after in pairwise(found):
        between = [before.local_date + number * DAY for number in range(1, (after.local_date - before.local_date).days)]
        # Only a day that the zone skipped altogether has none of its own: its moment is the next day's.
        left_out = [day for day in between if _is_on(every, day)]
        assert all(datetime.combine(day, at, zone).astimezone(UTC) == after.due_at for day in left_out)
        assert before.due_at < after.due_at
    assert all(_is_on(every, one.local_date) for one in found)


@settings(max_examples=120)
@given(zones_and_moments(), st.sampled_from(Every), times)
def test_a_slot_is_when_the_clocks_of_the_zone_first_show_its_time(
    where: tuple[ZoneInfo, datetime], every: Every, at: time
) -> None:
    zone, now = where
    due = last_due(every, at, zone, now)
    local = due.due_at.astimezone(zone)
    if _exists(due.local_date, at, zone):
        assert (local.date(), local.time(), local.fold) == (due.local_date, at, 0)
    else:
        # Clocks that skip it show a time that is later by just what they skip.
        skipped = local.replace(tzinfo=None) - datetime.combine(due.local_date, at)
        before, after = due.due_at - skipped, due.due_at
        assert timedelta() < skipped <= DAY
        assert after.astimezone(zone).utcoffset() == (before - MINUTE).astimezone(zone).utcoffset() + skipped  # type: ignore[operator]  # aware
