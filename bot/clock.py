"""The only place that asks the time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final, Protocol

MOST_AHEAD: Final = timedelta(days=1)
"""What was noted at a moment further ahead than that was noted while the clock was wrong: it puts nothing off."""


class Clock(Protocol):
    """Tell the time; handed to everything that needs it."""

    def now(self) -> datetime:
        """Return the present moment, aware, in UTC."""
        ...


class SystemClock:
    """Tell the machine's time, moved by `offset` where a launcher installed one."""

    def __init__(self, offset: timedelta = timedelta()) -> None:
        self.offset = offset

    def now(self) -> datetime:
        """Return the present moment, aware, in UTC."""
        return datetime.now(UTC) + self.offset


_installed: Clock = SystemClock()


def install(clock: Clock) -> None:
    """Make `system()` answer with another clock; for launchers, before anything else is made."""
    global _installed  # noqa: PLW0603  # one process has one clock, chosen before it starts
    _installed = clock


def system() -> Clock:
    """Return the clock of this process."""
    return _installed


def machine_time(moment: datetime, clock: Clock) -> datetime:
    """Translate a moment of a clock into the machine's own time, for libraries that look at nothing else."""
    return datetime.now(UTC) + (moment - clock.now())
