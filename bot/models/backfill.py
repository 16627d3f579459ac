"""The reading of a source's history."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Backfill:
    """Hold how far the history of a source has been read: from `since` up to but not including `until`.

    `reached` is the next day to read; `notices` were read so far, `new` of them never seen. `guild_id` and `started_by`
    are None where the command line asked. `error`, a `SourceError.kept`, says why it stopped; it is open until
    `ended_at`.
    """

    id: int
    source: str
    since: date
    until: date
    reached: date
    started_at: datetime
    guild_id: int | None = None
    started_by: int | None = None
    ended_at: datetime | None = None
    error: str | None = None
    notices: int = 0
    new: int = 0

    @property
    def days(self) -> int:
        """Return how many days it covers."""
        return (self.until - self.since).days

    @property
    def days_read(self) -> int:
        """Return how many of its days are read."""
        return (self.reached - self.since).days
