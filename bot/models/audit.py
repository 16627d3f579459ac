"""What the audit log says of a change that a person made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

VIGIE_ITSELF: Final = 0
"""Who made a row of the team's log that no person asked for: no member has this id. People read "Vigie"."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """Hold one change: by whom, when, what and about which thing.

    `made_by` is a Discord user id as text, or who sits at the command line (`cli:name`). `action` is the name of the
    command (`bot.access.Action`), `subject` the thing (`tip:12`). `detail` is None once the thing was erased.
    """

    guild_id: int
    number: int
    made_at: datetime
    made_by: str
    action: str
    subject: str | None
    detail: Mapping[str, Any] | None
    hash: str


@dataclass(frozen=True, slots=True)
class AuditHead:
    """Name the last entry of a newsroom's audit log by its number and its hash."""

    number: int
    hash: str
