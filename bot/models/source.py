"""What is known of a source."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceState:
    """Hold what is known of a source's health; times are aware and in UTC."""

    source: str
    baseline_at: datetime | None = None
    attempted_at: datetime | None = None
    succeeded_at: datetime | None = None
    new_at: datetime | None = None
    not_before: datetime | None = None
    failures: int = 0
    failing_since: datetime | None = None
    error: str | None = None
    told: str | None = None
    told_since: datetime | None = None
    notices_read: int = 0
    notices_new: int = 0
    notices_changed: int = 0
    losses: int = 0
    losses_total: int = 0
    unknown_fields: tuple[str, ...] = ()
