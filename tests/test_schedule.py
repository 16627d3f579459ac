from __future__ import annotations

import asyncio
import threading
from datetime import timedelta

import pytest

from bot.clock import SystemClock
from bot.models import SourceState
from bot.schedule import Alarm, Schedule, first_poll
from tests.factories import START

EVERY = timedelta(minutes=30)
NEVER = SourceState(source="gazette")


@pytest.mark.parametrize(
    ("attempted", "expected"),
    [
        (None, timedelta()),
        (-timedelta(minutes=10), timedelta(minutes=20)),
        (-timedelta(minutes=30), timedelta()),
        (-timedelta(days=9), timedelta()),
        (timedelta(), EVERY),
        (timedelta(days=365), EVERY),
    ],
    ids=["never", "lately", "just due", "long ago", "now", "ahead of the clock"],
)
def test_a_source_is_polled_first_when_its_next_poll_is_due(attempted: timedelta | None, expected: timedelta) -> None:
    state = SourceState(source="gazette", attempted_at=None if attempted is None else START + attempted)
    assert first_poll(state, EVERY, START) == START + expected


def test_a_source_that_only_failed_is_not_polled_earlier() -> None:
    state = SourceState(source="gazette", attempted_at=START, failures=1, failing_since=START, error="x")
    assert first_poll(state, EVERY, START) == START + EVERY


async def _rings(
    clock: SystemClock, first: timedelta, count: int = 1, every: timedelta = EVERY
) -> list[threading.Thread]:
    """Return the threads in which an alarm rang, when it has rung so often."""
    threads: list[threading.Thread] = []
    rung = asyncio.Event()

    def ring() -> None:
        threads.append(threading.current_thread())
        if len(threads) == count:
            rung.set()

    schedule = Schedule(clock)
    schedule.add(Alarm("poll:gazette", every, clock.now() + first, ring))
    schedule.start()
    async with asyncio.timeout(20):
        await rung.wait()
    schedule.stop()
    return threads


async def test_an_alarm_rings_again_and_again() -> None:
    assert len(await _rings(SystemClock(), timedelta(), 3, timedelta(seconds=0.02))) == 3


async def test_an_alarm_rings_in_the_thread_of_the_event_loop() -> None:
    assert await _rings(SystemClock(), timedelta()) == [threading.current_thread()]


async def test_an_alarm_is_set_by_the_time_of_its_clock() -> None:
    ahead = SystemClock(timedelta(days=400))
    assert await _rings(ahead, timedelta(seconds=0.02))


async def test_an_alarm_that_was_due_before_the_start_rings_at_once() -> None:
    assert await _rings(SystemClock(), -timedelta(days=3))


async def test_an_alarm_of_the_same_name_replaces_the_first() -> None:
    rung: list[str] = []
    done = asyncio.Event()
    clock = SystemClock()
    schedule = Schedule(clock)
    schedule.start()
    schedule.add(Alarm("poll:gazette", EVERY, clock.now() + timedelta(days=1), lambda: rung.append("first")))
    schedule.add(Alarm("poll:gazette", EVERY, clock.now(), done.set))
    async with asyncio.timeout(20):
        await done.wait()
    schedule.stop()
    assert rung == []


def test_a_schedule_that_never_started_can_be_stopped() -> None:
    Schedule(SystemClock()).stop()
