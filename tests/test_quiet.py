"""When quiet hours end, across midnight and the changes of the clocks."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from bot.cards import OperationsKind
from bot.models import AnnouncementKind, Newsroom
from bot.quiet import first_shown, quiet_end, waits

PARIS = ZoneInfo("Europe/Paris")
ZONES = ["Europe/Paris", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia", "Asia/Kathmandu", "UTC"]


def end_of(
    moment: datetime, start: str | None = "22:00", end: str | None = "07:00", zone: str = "Europe/Paris"
) -> datetime | None:
    return quiet_end(
        Newsroom(guild_id=1, language="fr", timezone=zone, quiet_from=start, quiet_until=end), moment.astimezone(UTC)
    )


def paris(*moment: int, fold: int = 0) -> datetime:
    return datetime(*moment, tzinfo=PARIS, fold=fold).astimezone(UTC)  # type: ignore[misc,arg-type]


@pytest.mark.parametrize(
    ("moment", "ends"),
    [
        (paris(2026, 11, 22, 21, 59, 59), None),
        (paris(2026, 11, 22, 22), paris(2026, 11, 23, 7)),
        (paris(2026, 11, 22, 23, 59, 59), paris(2026, 11, 23, 7)),
        (paris(2026, 11, 23, 0), paris(2026, 11, 23, 7)),
        (paris(2026, 11, 23, 6, 59, 59), paris(2026, 11, 23, 7)),
        (paris(2026, 11, 23, 7), None),
        (paris(2026, 11, 23, 12), None),
    ],
)
def test_a_night_ends_in_the_morning(moment: datetime, ends: datetime | None) -> None:
    assert end_of(moment) == ends


def test_without_quiet_hours_nothing_is_ever_quiet() -> None:
    assert end_of(paris(2026, 11, 23, 3), None, None) is None


def test_hours_of_one_day_do_not_reach_over_midnight() -> None:
    assert end_of(paris(2026, 11, 22, 13), "12:00", "14:00") == paris(2026, 11, 22, 14)
    assert end_of(paris(2026, 11, 22, 23), "12:00", "14:00") is None


def test_a_night_is_an_hour_shorter_in_march_and_longer_in_october() -> None:
    short, long = paris(2026, 3, 28, 22), paris(2026, 10, 24, 22)
    assert end_of(short) == short + timedelta(hours=8)
    assert end_of(long) == long + timedelta(hours=10)


def test_an_end_that_the_clocks_skip_is_when_they_skip_it() -> None:
    """Half past two does not exist on 29 March 2026: it is three at once."""
    assert end_of(paris(2026, 3, 28, 23), "22:00", "02:30") == datetime(2026, 3, 29, 1, tzinfo=UTC)
    assert end_of(datetime(2026, 3, 29, 1, tzinfo=UTC), "22:00", "02:30") is None


def test_a_start_that_the_clocks_skip_is_when_they_skip_it() -> None:
    begins = datetime(2026, 3, 29, 1, tzinfo=UTC)
    assert end_of(begins - timedelta(seconds=1), "02:30", "07:00") is None
    assert end_of(begins, "02:30", "07:00") == paris(2026, 3, 29, 7)


def test_hours_that_the_clocks_skip_altogether_are_not_quiet() -> None:
    for minutes in range(0, 180, 10):
        assert end_of(paris(2026, 3, 29, 0) + timedelta(minutes=minutes), "02:10", "02:40") is None


def test_an_end_that_comes_twice_is_the_first_one() -> None:
    """Half past two comes twice on 25 October 2026: nobody waits another hour."""
    first, second = paris(2026, 10, 25, 2, 30), paris(2026, 10, 25, 2, 30, fold=1)
    assert second - first == timedelta(hours=1)
    assert end_of(paris(2026, 10, 24, 23), "22:00", "02:30") == first
    assert [end_of(moment, "22:00", "02:30") for moment in (first, second - timedelta(minutes=20), second)] == [
        None
    ] * 3


def test_a_start_that_comes_twice_is_the_first_one() -> None:
    begins = paris(2026, 10, 25, 2, 30)
    assert end_of(begins - timedelta(minutes=1), "02:30", "07:00") is None
    assert end_of(begins + timedelta(minutes=45), "02:30", "07:00") == paris(2026, 10, 25, 7)


def test_a_night_of_a_day_that_a_zone_skipped_is_one_long_night() -> None:
    """Samoa had no 30 December 2011."""
    apia = ZoneInfo("Pacific/Apia")
    evening = datetime(2011, 12, 29, 23, tzinfo=apia)
    assert end_of(evening, zone="Pacific/Apia") == datetime(2011, 12, 31, 7, tzinfo=apia)


TIMES = st.times(min_value=time(0), max_value=time(23, 59)).map(lambda at: at.replace(second=0, microsecond=0))
MOMENTS = st.datetimes(datetime(2011, 12, 1), datetime(2030, 1, 1), timezones=st.just(UTC)).map(  # noqa: DTZ001  # hypothesis adds the zone
    lambda moment: moment.replace(microsecond=0)
)


@given(MOMENTS, TIMES, TIMES, st.sampled_from(ZONES))
@settings(max_examples=200)
@example(datetime(2026, 3, 29, 0, 59, tzinfo=UTC), time(22), time(2, 30), "Europe/Paris")
@example(datetime(2026, 10, 25, 0, 15, tzinfo=UTC), time(22), time(2, 30), "Europe/Paris")
@example(datetime(2026, 4, 4, 15, 15, tzinfo=UTC), time(1, 45), time(1, 50), "Australia/Lord_Howe")
def test_quiet_hours_end_once_and_are_over_then(moment: datetime, start: time, end: time, zone: str) -> None:
    assume(start != end)
    said = (f"{start:%H:%M}", f"{end:%H:%M}", zone)
    ends = end_of(moment, *said)
    local = moment.astimezone(ZoneInfo(zone))
    shown = local.time()
    inside = start <= shown < end if start < end else shown >= start or shown < end
    near_change = {(local + timedelta(hours=hours)).utcoffset() for hours in range(-26, 27)} != {local.utcoffset()}
    if not near_change:
        assert (ends is not None) is inside
    if ends is not None:
        assert moment < ends
        assert end_of(ends, *said) is None
        assert end_of(ends - timedelta(seconds=1), *said) == ends
        assert first_shown(ends.astimezone(ZoneInfo(zone)).date(), end, ZoneInfo(zone)) == ends


def test_what_people_do_waits_for_nothing_and_what_vigie_found_does() -> None:
    kinds = {kind for kind in AnnouncementKind if waits(kind, {})}
    assert kinds == {
        AnnouncementKind.NOTICE,
        AnnouncementKind.STORM,
        AnnouncementKind.DEADLINE,
        AnnouncementKind.NO_AWARD,
        AnnouncementKind.REMINDER,
    }
    waiting = {kind for kind in OperationsKind if waits(AnnouncementKind.OPERATIONS, {"event": kind.value})}
    assert waiting == {
        OperationsKind.SOURCE_FAILING,
        OperationsKind.SOURCE_RECOVERED,
        OperationsKind.SOURCE_SILENT,
        OperationsKind.SOURCE_DEGRADED,
        OperationsKind.ITEMS_SILENT,
        OperationsKind.ITEMS_NOISY,
        OperationsKind.EXPORT_OUTDATED,
    }
