"""How a source is doing, in one word, from what its polls left behind."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

from bot.models import SourceState


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
