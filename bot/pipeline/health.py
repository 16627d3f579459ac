"""How a source is doing: what a poll's outcome makes of its state, when people are told, and the one word for it.

The troubles are a ladder: failing, silent, degraded. One at a time is told, the worst; another one, better or worse,
is told as what it now is; that all is well again is told once.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from bot.models import SourceState
from bot.storage.reading.polls import UsualLosses

FAILURES_BEFORE_TELLING = 3
ERROR_CHARS = 3_000
"""More than `SourceError.kept` ever writes."""

TIMES_AS_MUCH = 3
LEAST_LOSSES = 10
POLLS_TO_COMPARE = 3
"""A poll is degraded that loses more than three times as much as usual, at least 10 parts; usual takes three polls."""


class HealthEvent(StrEnum):
    """What the operations channels are told of a source, once each time."""

    FAILING = "source_failing"
    SILENT = "source_silent"
    DEGRADED = "source_degraded"
    RECOVERED = "source_recovered"


@dataclass(frozen=True, slots=True)
class Lost:
    """Hold how many parts a poll lost of how many notices; of as many it usually loses `usual`."""

    losses: int
    read: int
    usual: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """Hold a source's new state, and what it gives people to know, if anything.

    `since` is when the trouble that is told or ended began.
    """

    state: SourceState
    event: HealthEvent | None = None
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Tally:
    """Count what a poll read: notices in all, never seen, changed, and nested parts that could not be read."""

    read: int = 0
    new: int = 0
    changed: int = 0
    losses: int = 0


def too_much_lost(losses: int, read: int, usual: UsualLosses) -> Lost | None:
    """Return what a poll lost where that is far more than usual, else None.

    `losses` counts what a whole payload lacks once for each of its notices, in the poll as in the usual ones.
    """
    if usual.polls < POLLS_TO_COMPARE or losses < LEAST_LOSSES:
        return None
    expected = usual.losses * read / max(usual.read, 1)
    return Lost(losses, read, round(expected)) if losses > TIMES_AS_MUCH * expected else None


def after_failure(
    state: SourceState, error: str, now: datetime, *, quiet_limit: timedelta, pause: timedelta | None = None
) -> Outcome:
    """Count a failed poll; tell after three in a row, or past the source's usual silence."""
    failing_since = state.failing_since or now
    failed = replace(
        state,
        failures=state.failures + 1,
        failing_since=failing_since,
        error=error[:ERROR_CHARS],
        not_before=now + pause if pause else state.not_before,
    )
    is_overdue = state.succeeded_at is not None and now - state.succeeded_at > quiet_limit
    if state.told == HealthEvent.FAILING or not (failed.failures >= FAILURES_BEFORE_TELLING or is_overdue):
        return Outcome(failed)
    return _told(failed, HealthEvent.FAILING, failing_since)


def after_success(
    state: SourceState,
    tally: Tally,
    unknown_fields: tuple[str, ...],
    now: datetime,
    *,
    quiet_limit: timedelta,
    is_degraded: bool | None = False,
) -> Outcome:
    """Count a poll that went through; tell of a recovery, or of the trouble that a source still has.

    `is_degraded` None says that nothing was read by which to judge that: it is then as it was.
    """
    if is_degraded is None:
        is_degraded = state.degraded_since is not None
    healthy = replace(
        state,
        baseline_at=state.baseline_at or now,
        succeeded_at=now,
        new_at=now if tally.new or state.new_at is None else state.new_at,
        not_before=None,
        failures=0,
        failing_since=None,
        error=None,
        degraded_since=(state.degraded_since or now) if is_degraded else None,
        notices_read=tally.read,
        notices_new=tally.new,
        notices_changed=tally.changed,
        losses=tally.losses,
        losses_total=state.losses_total + tally.losses,
        unknown_fields=unknown_fields,
    )
    trouble, since = None, None
    if healthy.new_at is not None and now - healthy.new_at > quiet_limit:
        trouble, since = HealthEvent.SILENT, healthy.new_at
    elif healthy.degraded_since is not None:
        trouble, since = HealthEvent.DEGRADED, healthy.degraded_since
    if trouble is not None and since is not None:
        return Outcome(healthy) if state.told == trouble else _told(healthy, trouble, since)
    if state.told is not None:
        return Outcome(replace(healthy, told=None, told_since=None), HealthEvent.RECOVERED, state.told_since)
    return Outcome(healthy)


class Health(StrEnum):
    """How a source is doing."""

    DISABLED = "disabled"
    WAITING = "waiting"
    WELL = "well"
    DEGRADED = "degraded"
    SILENT = "silent"
    PAUSED = "paused"
    FAILING = "failing"


def health_of(state: SourceState, *, quiet_limit: timedelta, is_enabled: bool, now: datetime) -> Health:
    """Return how a source is doing; the trouble that matters most comes first."""
    if not is_enabled:
        return Health.DISABLED
    if state.failures:
        return Health.FAILING
    if state.not_before is not None and state.not_before > now:
        return Health.PAUSED
    if state.succeeded_at is None:
        return Health.WAITING
    if state.new_at is not None and now - state.new_at > quiet_limit:
        return Health.SILENT
    return Health.WELL if state.degraded_since is None else Health.DEGRADED


def _told(state: SourceState, event: HealthEvent, since: datetime) -> Outcome:
    return Outcome(replace(state, told=event, told_since=since), event, since)
