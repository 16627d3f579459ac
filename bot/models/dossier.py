"""An investigation, and the things that it gathers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class ThingKind(StrEnum):
    """What a dossier gathers."""

    ITEM = "item"
    TIP = "tip"
    FACT = "fact"


@dataclass(frozen=True, slots=True, kw_only=True)
class Dossier:
    """Hold an investigation that gathers watch items, tips and facts; `channel_id` is where its cards are posted."""

    id: int
    guild_id: int
    name: str
    channel_id: int | None
    created_by: int
    created_at: datetime
    closed_by: int | None = None
    closed_at: datetime | None = None
