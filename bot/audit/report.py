"""What verifying the audit log comes to: intact with its heads, or the first place that was altered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from bot.models import AuditHead, ThingKind


class Place(StrEnum):
    """Name the table of a row that is at fault, or would be there."""

    ENTRY = "audit"
    OPENING = "audit_opening"
    HEAD = "audit_head"
    TIP = "tip"
    TIP_VERSION = "tip_revision"
    TIP_CHANGE = "tip_change"
    FACT = "fact"
    FACT_VERSION = "fact_revision"
    CITATION = "citation"
    FACT_CHANGE = "fact_change"
    DIGEST = "announcement"
    FILE = "file"


class Fault(StrEnum):
    """Say what is wrong at a place."""

    ENTRY_MISSING = "entry_missing"
    ENTRY_ALTERED = "entry_altered"
    END_MISSING = "end_missing"
    HEAD_ALTERED = "head_altered"
    OPENING_MISSING = "opening_missing"
    OPENING_ALTERED = "opening_altered"
    OPENING_ADDED = "opening_added"
    ROW_ALTERED = "row_altered"
    ROW_MISSING = "row_missing"
    ROW_MOVED = "row_moved"
    ROW_ADDED = "row_added"
    THING_ALTERED = "thing_altered"
    THING_MISSING = "thing_missing"
    THING_ADDED = "thing_added"
    DIGEST_HEAD = "digest_head"
    DAMAGED = "damaged"


KINDS: Final = {
    Place.TIP: ThingKind.TIP,
    Place.TIP_VERSION: ThingKind.TIP,
    Place.TIP_CHANGE: ThingKind.TIP,
    Place.FACT: ThingKind.FACT,
    Place.FACT_VERSION: ThingKind.FACT,
    Place.CITATION: ThingKind.FACT,
    Place.FACT_CHANGE: ThingKind.FACT,
}
"""Of what kind of thing a row of a place is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Name the first altered place: the newsroom, the entry that tells it, the table, the thing and its part.

    `part` is the number of a version, a change or a citation; `column` the column that is not as the log derives it.
    `told` is what SQLite says of a damaged file, or the code of a digest.
    """

    fault: Fault
    place: Place
    guild_id: int | None = None
    entry: int | None = None
    thing_id: int | None = None
    part: int | None = None
    column: str | None = None
    told: str | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the finding as an object of JSON; ids of Discord are texts."""
        return {
            "fault": self.fault,
            "table": self.place,
            "newsroom": None if self.guild_id is None else str(self.guild_id),
            "entry": self.entry,
            "thing": f"{KINDS[self.place]}:{self.thing_id}" if self.thing_id is not None else None,
            "part": self.part,
            "column": self.column,
            "told": self.told,
        }


@dataclass(frozen=True, slots=True)
class Restore:
    """Hold when a backup was put in the place of the database, and up to when that knew anything.

    Heads that were told between the two are not in the log, and nobody altered it.
    """

    at: datetime
    known_until: datetime

    def hides(self, moment: datetime) -> bool:
        """Return whether what was told at a moment, in whole seconds, is gone with the former database."""
        return self.known_until.replace(microsecond=0) <= moment <= self.at

    def to_json(self) -> dict[str, str]:
        """Return the restore as an object of JSON."""
        return {"at": self.at.isoformat(), "known_until": self.known_until.isoformat()}


@dataclass(frozen=True, slots=True)
class Chain:
    """Hold the audit log of a newsroom as it was found: how many entries it has, its head, the restores it tells of.

    It `is_waiting` where what the newsroom had before the log is not sealed yet: the bot does so when it starts.
    """

    guild_id: int
    entries: int
    head: AuditHead | None
    is_waiting: bool = False
    restores: Sequence[Restore] = ()


@dataclass(frozen=True, slots=True)
class ToldHead:
    """Hold a head of the audit log that a digest carried: its code, when it was told, and the head."""

    code: str
    told_at: datetime
    head: AuditHead


@dataclass(frozen=True, slots=True)
class Report:
    """Hold what was found: the logs that were read to their end, and the first altered place, None where all is intact.

    `last_told` is the last head before that place that a digest of that newsroom carried: up to there it was sound.
    `restores` are those that the log of that newsroom tells of.
    """

    chains: Sequence[Chain]
    finding: Finding | None = None
    last_told: ToldHead | None = None
    restores: Sequence[Restore] = ()

    @property
    def is_intact(self) -> bool:
        """Return whether nothing was altered."""
        return self.finding is None
