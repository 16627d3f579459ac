"""Times of an export are those of the newsroom's zone, whatever the clocks do there."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.export.moments import Moments

ZONES = (
    "Europe/Paris",
    "America/New_York",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "America/St_Johns",
    "Africa/Casablanca",
    "UTC",
)


def kept(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


@given(
    st.lists(
        st.datetimes(datetime(1990, 1, 1), datetime(2037, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001  # the strategy adds the zone
        min_size=1,
    ),
    st.sampled_from(ZONES),
)
@example([datetime(2026, 3, 29, 0, 59, 59, tzinfo=UTC), datetime(2026, 3, 29, 1, 0, tzinfo=UTC)], "Europe/Paris")
@example([datetime(2026, 10, 25, 0, 30, tzinfo=UTC), datetime(2026, 10, 25, 1, 30, tzinfo=UTC)], "Europe/Paris")
def test_a_moment_is_the_one_of_the_zone_to_the_second(moments: list[datetime], zone: str) -> None:
    local = Moments(ZoneInfo(zone)).local
    assert [local(kept(moment)) for moment in moments] == [
        moment.astimezone(ZoneInfo(zone)).isoformat(timespec="seconds") for moment in moments
    ]


@pytest.mark.parametrize(
    ("moment", "written"),
    [
        (datetime(2026, 1, 15, 23, 30, tzinfo=UTC), "2026-01-16T00:30:00+01:00"),
        (datetime(2026, 7, 15, 22, 30, tzinfo=UTC), "2026-07-16T00:30:00+02:00"),
        (datetime(2026, 3, 29, 0, 59, 59, tzinfo=UTC), "2026-03-29T01:59:59+01:00"),
        (datetime(2026, 3, 29, 1, 0, 0, tzinfo=UTC), "2026-03-29T03:00:00+02:00"),
        (datetime(2026, 10, 25, 0, 30, tzinfo=UTC), "2026-10-25T02:30:00+02:00"),
        (datetime(2026, 10, 25, 1, 30, tzinfo=UTC), "2026-10-25T02:30:00+01:00"),
    ],
)
def test_offsets_stand_on_both_sides_of_a_change_of_the_clocks(moment: datetime, written: str) -> None:
    assert Moments(ZoneInfo("Europe/Paris")).local(kept(moment)) == written


def test_what_has_no_time_has_an_empty_cell() -> None:
    assert Moments(ZoneInfo("Europe/Paris")).local(None) == ""
