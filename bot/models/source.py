"""What is known of a source."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceState:
    """Hold what is known of a source's health; times are aware and in UTC.

    `cursor` is what the last read that was stored left for the next one. `degraded_since` says since when polls lose
    far more than usual; `dumps` counts the full registers that were compared.
    """

    source: str
    baseline_at: datetime | None = None
    attempted_at: datetime | None = None
    succeeded_at: datetime | None = None
    new_at: datetime | None = None
    not_before: datetime | None = None
    failures: int = 0
    failing_since: datetime | None = None
    error: str | None = None
    degraded_since: datetime | None = None
    told: str | None = None
    told_since: datetime | None = None
    notices_read: int = 0
    notices_new: int = 0
    notices_changed: int = 0
    losses: int = 0
    losses_total: int = 0
    unknown_fields: tuple[str, ...] = ()
    cursor: Mapping[str, Any] = field(default_factory=dict)
    dumps: int = 0

    @property
    def has_brought_news(self) -> bool:
        """Return whether `new_at` is the moment of a notice, and not only that from which silence is counted."""
        return self.new_at is not None and (self.notices_new > 0 or self.new_at != self.baseline_at)
