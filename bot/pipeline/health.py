"""How a source is doing: what a poll's outcome makes of its state, when people are told, and the one word for it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from bot.models import SourceState

FAILURES_BEFORE_TELLING = 3
ERROR_CHARS = 3_000
"""More than `SourceError.kept` ever writes."""


class HealthEvent(StrEnum):
    """What the operations channels are told of a source, once each time."""

    FAILING = "source_failing"
    SILENT = "source_silent"
    RECOVERED = "source_recovered"


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
    return Outcome(
        replace(failed, told=HealthEvent.FAILING, told_since=failing_since), HealthEvent.FAILING, failing_since
    )


def after_success(
    state: SourceState,
    tally: Tally,
    unknown_fields: tuple[str, ...],
    now: datetime,
    *,
    quiet_limit: timedelta,
) -> Outcome:
    """Count a poll that went through; tell of a recovery, or of a source that answers and brings nothing new."""
    healthy = replace(
        state,
        baseline_at=state.baseline_at or now,
        succeeded_at=now,
        new_at=now if tally.new or state.new_at is None else state.new_at,
        not_before=None,
        failures=0,
        failing_since=None,
        error=None,
        notices_read=tally.read,
        notices_new=tally.new,
        notices_changed=tally.changed,
        losses=tally.losses,
        losses_total=state.losses_total + tally.losses,
        unknown_fields=unknown_fields,
    )
    is_silent = healthy.new_at is not None and now - healthy.new_at > quiet_limit
    if is_silent and state.told != HealthEvent.SILENT:
        return Outcome(
            replace(healthy, told=HealthEvent.SILENT, told_since=healthy.new_at), HealthEvent.SILENT, healthy.new_at
        )
    if not is_silent and state.told is not None:
        return Outcome(replace(healthy, told=None, told_since=None), HealthEvent.RECOVERED, state.told_since)
    return Outcome(healthy)


class Health(StrEnum):
    """How a source is doing."""

    DISABLED = "disabled"
    WAITING = "waiting"
    WELL = "well"
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
    return Health.WELL
