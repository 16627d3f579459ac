"""The alarm clock: APScheduler wakes us, our own tables say what is due."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.interval import IntervalTrigger

from bot.clock import Clock, machine_time
from bot.models import SourceState


@dataclass(frozen=True, slots=True)
class Alarm:
    """Call `ring` every so often, first at `first`; ringing is instant, the work is done by whoever it wakes."""

    name: str
    every: timedelta
    first: datetime
    ring: Callable[[], None]


def first_poll(state: SourceState, every: timedelta, now: datetime) -> datetime:
    """Return when a source is to be polled first after a start: when the poll after its last one was due, or now.

    A last poll that seems to lie ahead, because the clock was set back, puts it off by one interval at most.
    """
    if state.attempted_at is None:
        return now
    return min(max(now, state.attempted_at + every), now + every)


def next_minute(now: datetime) -> datetime:
    """Return when the next full minute begins."""
    return now.replace(second=0, microsecond=0) + timedelta(minutes=1)


class Schedule:
    """Ring alarms for as long as the process lives; it keeps nothing that a restart would need."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._scheduler = AsyncIOScheduler(
            timezone=UTC, job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
        )

    def add(self, alarm: Alarm) -> None:
        """Set an alarm; one of the same name is replaced."""
        self._scheduler.add_job(
            _ring,
            IntervalTrigger(seconds=alarm.every.total_seconds(), timezone=UTC),
            args=(alarm,),
            id=alarm.name,
            name=alarm.name,
            next_run_time=machine_time(alarm.first, self._clock),
            replace_existing=True,
        )

    def start(self) -> None:
        """Begin to ring."""
        self._scheduler.start()

    def stop(self) -> None:
        """Ring no more."""
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)


async def _ring(alarm: Alarm) -> None:
    """Ring in the event loop: APScheduler runs what is no coroutine in a thread, where no asyncio event may be set."""
    alarm.ring()
