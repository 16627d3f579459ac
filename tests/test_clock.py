from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from bot import clock
from bot.clock import SystemClock, install, machine_time, system
from tests.factories import START, SettableClock

MARGIN = timedelta(seconds=30)


@pytest.fixture(autouse=True)
def put_back() -> Iterator[None]:
    before = clock.system()
    yield
    install(before)


def test_the_time_is_aware_and_in_utc() -> None:
    assert SystemClock().now().utcoffset() == timedelta()


def test_an_offset_moves_the_time() -> None:
    day = timedelta(days=1)
    assert abs(SystemClock(day).now() - SystemClock().now() - day) < MARGIN


def test_an_installed_clock_is_the_one_of_the_process() -> None:
    settable = SettableClock()
    install(settable)
    assert system() is settable


def test_a_moment_of_a_moved_clock_is_as_far_away_by_the_machines_time() -> None:
    away = machine_time(START + timedelta(hours=5), SettableClock()) - datetime.now(UTC)
    assert abs(away - timedelta(hours=5)) < MARGIN
