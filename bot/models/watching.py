"""What a newsroom follows, and what shows that a notice is about it."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from bot.models.notice import plain_value


class ItemKind(StrEnum):
    """What a watch item follows."""

    COMPANY = "company"
    OFFICIAL = "official"
    KEYWORD = "keyword"


class Priority(StrEnum):
    """When the hits of a watch item are announced."""

    INSTANT = "instant"
    DIGEST = "digest"


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchItem:
    """Hold a company, an official or a keyword that a newsroom follows.

    `id` is ours; offline (`vigie match`) it is None and `ref` names the item. `sources` empty means every source.
    For a keyword `name` is a query (DESIGN.md section 8); `any_of` and `none_of` are queries for every kind.
    """

    kind: ItemKind
    name: str
    id: int | None = None
    guild_id: int = 0
    aliases: tuple[str, ...] = ()
    identifiers: tuple[str, ...] = ()
    any_of: tuple[str, ...] = ()
    none_of: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    channel_id: int | None = None
    priority: Priority = Priority.INSTANT
    ref: str | None = None
    note: str | None = None
    added_by: int = 0
    added_at: datetime | None = None
    removed_at: datetime | None = None
    muted_until: datetime | None = None


class Tier(StrEnum):
    """How sure a hit is, best first."""

    IDENTIFIER = "identifier"
    EXACT = "exact"
    VARIANT = "variant"
    ALIAS = "alias"
    WEAK = "weak"

    @property
    def rank(self) -> int:
        """Return the tier's place, 0 for the best."""
        return _RANKS[self]


_RANKS = {tier: rank for rank, tier in enumerate(Tier)}


class Held(StrEnum):
    """Why a hit is not announced at once."""

    BASELINE = "baseline"
    WEAK = "weak"
    DIGEST = "digest"
    LATE = "late"
    MUTED = "muted"
    STORM = "storm"
    DISMISSED = "dismissed"
    COMPANION = "companion"
    PAUSED = "paused"


class InDigest(StrEnum):
    """What the digest of a hit's own channel has to do with it: nothing, it will tell it, it told it."""

    NONE = "none"
    DUE = "due"
    TOLD = "told"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """Hold a notice revision that matches a watch item, with the match that shows it (DESIGN.md section 7).

    `start` and `end` are code points in the original text of `field`, and `matched` is that slice; `count` tells how
    many places matched. `term` is what the item asked, `rule` a stable English code.
    """

    notice: str
    item: int | None
    ref: str | None
    kind: ItemKind
    tier: Tier
    term: str
    rule: str
    field: str
    start: int
    end: int
    matched: str
    snippet: str
    count: int = 1

    def to_json(self) -> dict[str, Any]:
        """Return the hit as the JSON object of DESIGN.md section 7."""
        return {field.name: plain_value(getattr(self, field.name)) for field in dataclasses.fields(self)}
