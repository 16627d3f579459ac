"""Something heard, not yet proven, and everything that became of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class TipStatus(StrEnum):
    """How far a tip has come."""

    NEW = "new"
    CHECKING = "checking"
    CONFIRMED = "confirmed"
    DROPPED = "dropped"


class TipChangeKind(StrEnum):
    """What a person did with a tip."""

    LOGGED = "logged"
    NOTED = "noted"
    EDITED = "edited"
    ASSIGNED = "assigned"
    STATUS = "status"
    PROMOTED = "promoted"
    KEPT = "kept"
    EMBARGOED = "embargoed"
    RELEASED = "released"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tip:
    """Hold a tip as it now stands.

    `heard` is a date as `bot.dates.stored` reads it, `heard_typed` the words. `origin` says how it came, `origin_url`
    leads to the message that it was made from. `revision` counts the versions of its words, `changes` everything that
    was done with it. Until `embargo_until` it is seen by its author, its owner and editors only; a sensitive one is for
    ever. `kept_at` is when somebody last said that it is to be kept.
    """

    id: int
    guild_id: int
    revision: int
    changes: int
    text: str
    origin: str | None
    origin_url: str | None
    heard: str | None
    heard_typed: str | None
    is_sensitive: bool
    status: TipStatus
    owner: int | None
    logged_by: int
    logged_at: datetime
    embargo_until: datetime | None = None
    kept_at: datetime | None = None

    @property
    def is_hidden(self) -> bool:
        """Return whether others than its author, its owner and editors may not know of it."""
        return self.is_sensitive or self.embargo_until is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class TipWords:
    """Hold what can be edited of a tip: one version of it."""

    text: str
    origin: str | None = None
    origin_url: str | None = None
    heard: str | None = None
    heard_typed: str | None = None
    is_sensitive: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TipVersion:
    """Hold one version of a tip's words: by whom, when, and from the second on why."""

    revision: int
    words: TipWords
    reason: str | None
    made_by: int
    made_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class TipChange:
    """Hold one thing that was done with a tip; `number` is what the tip's `changes` was then.

    `text` is a note or a reason, of a promotion our id of the fact; `before` and `after` are statuses, members' ids, or
    the moments of an embargo. `made_by` is `VIGIE_ITSELF` where an embargo ended by itself.
    """

    number: int
    kind: TipChangeKind
    text: str | None
    before: str | None
    after: str | None
    made_by: int
    made_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class TipFilter:
    """Hold which tips are asked for, None for any: logged from `since` on and before `until`."""

    status: TipStatus | None = None
    item_id: int | None = None
    dossier_id: int | None = None
    since: datetime | None = None
    until: datetime | None = None
