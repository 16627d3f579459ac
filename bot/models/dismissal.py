"""What people said is not the watch item that it looks like, and what that says of the item."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class DismissalKind(StrEnum):
    """What a dismissal holds back: an organisation of another name, or a series of notices."""

    ORGANISATION = "organisation"
    SERIES = "series"


@dataclass(frozen=True, slots=True, kw_only=True)
class Dismissal:
    """Hold that hits of a watch item in an organisation's name, or on a series of notices, are not the item.

    `notice_id` is our row of the notice on which it was said: its procedure, else it alone, is the series. `name` is
    the organisation as that notice writes it, of a series the title of the notice.
    """

    id: int
    guild_id: int
    item_id: int
    notice_id: int
    organisation_key: str | None
    name: str
    made_by: int
    made_at: datetime
    undone_by: int | None = None
    undone_at: datetime | None = None

    @property
    def kind(self) -> DismissalKind:
        """Return what it holds back."""
        return DismissalKind.SERIES if self.organisation_key is None else DismissalKind.ORGANISATION


@dataclass(frozen=True, slots=True)
class Precision:
    """Count the notices that a watch item hit, and those of them that were not the item, as people said."""

    notices: int
    dismissed: int

    @property
    def right(self) -> int:
        """Return how many nobody said were not the item."""
        return self.notices - self.dismissed

    @property
    def percent(self) -> int:
        """Return how many of a hundred those are, rounded down: 100 means all of them."""
        return 100 * self.right // self.notices
