"""What a person is reminded of: tips that rest, tips to keep or to erase, facts that changed since an export."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.models.fact import FactStatus
from bot.models.tip import TipStatus


class ReminderReason(StrEnum):
    """Why somebody is reminded of a tip or a fact.

    A tip rests, or rests with nobody left to follow it; is it kept; nobody said whether it is kept, or its owner wishes
    it erased, which editors are asked. A fact was corrected, disputed or retracted after an export.
    """

    REST = "rest"
    LEFT = "left"
    KEEP = "keep"
    UNANSWERED = "unanswered"
    WISH = "wish"
    CORRECTED = "corrected"


class ReminderEnding(StrEnum):
    """Why a tip of a reminder waits there no longer: kept, changed otherwise, asked about again since, or erased."""

    KEPT = "kept"
    CHANGED = "changed"
    ASKED_AGAIN = "asked_again"
    ERASED = "erased"


@dataclass(frozen=True, slots=True, kw_only=True)
class QuietTip:
    """Hold that nothing was done with a tip since `quiet_since`, its change `number`, and what is to be asked."""

    tip_id: int
    reason: ReminderReason
    status: TipStatus
    owner: int | None
    logged_by: int
    is_hidden: bool
    number: int
    quiet_since: datetime

    @property
    def held_by(self) -> int:
        """Return who is asked about it: its owner, else its author."""
        return self.owner if self.owner is not None else self.logged_by


@dataclass(frozen=True, slots=True, kw_only=True)
class Reminded:
    """Hold that somebody was, or is to be, reminded of a tip or a fact as it stood at a number of its changes."""

    person: str
    reason: ReminderReason
    number: int
    made_at: datetime
    tip_id: int | None = None
    fact_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RemindedTip:
    """Hold a line of a reminder: a tip by its number alone, how it stands, who holds it, how its question ended.

    `url` leads to its card, where it is shown to all; `wished_by` asked the editors to erase it.
    """

    tip_id: int
    reason: ReminderReason
    status: TipStatus
    since: datetime
    held_by: int
    ending: ReminderEnding | None = None
    ended_at: datetime | None = None
    url: str | None = None
    wished_by: int | None = None

    @property
    def is_open(self) -> bool:
        """Return whether the question waits for an answer here."""
        return self.ending is None


@dataclass(frozen=True, slots=True, kw_only=True)
class RemindedFact:
    """Hold a line of a reminder: a fact that was `was` in an export and `status` now, in its version `revision`."""

    fact_id: int
    was: FactStatus
    status: FactStatus
    revision: int
    is_corrected: bool
    changed_at: datetime
    url: str | None = None


@dataclass(frozen=True, slots=True)
class SilentItem:
    """Name a watch item that nothing has hit for long."""

    item_id: int
    name: str
    added_by: int
