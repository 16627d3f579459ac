"""What a newsroom already knows of the watch items that a notice hits, as far as one channel may read it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from bot.models.fact import FactStatus
from bot.models.tip import TipStatus

COUNTED: Final = 50
"""How far facts and tips that are not told of are counted: so many stand for that many or more."""
HITS_COUNTED: Final = 500
"""How far earlier announcements are counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownFact:
    """Hold a fact as it stands; `message_url` leads to the message that shows it."""

    fact_id: int
    revision: int
    status: FactStatus
    claim: str
    logged_by: int
    message_url: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownTip:
    """Hold an open tip; in a channel where its own card would not be posted it `is_named` not, but counted."""

    tip_id: int
    status: TipStatus
    owner: int | None
    is_named: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class EarlierHits:
    """Count the notices of an item that were announced before; `message_url` leads to the last announcement."""

    count: int
    first_at: datetime
    last_at: datetime
    message_url: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownItem:
    """Hold what is known of a watch item, the newest first: facts, and `facts_left` more; open tips; earlier hits.

    What an item before it tells of already is not told again. `added_by` added the item.
    """

    item: str
    added_by: int
    facts: tuple[KnownFact, ...] = ()
    facts_left: int = 0
    tips: tuple[KnownTip, ...] = ()
    earlier: EarlierHits | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """Hold what is known of the items of a notice, and of how many more than `items` something is known."""

    items: tuple[KnownItem, ...] = ()
    items_left: int = 0

    @property
    def facts(self) -> tuple[KnownFact, ...]:
        """Return the facts that are told, each once."""
        return tuple(fact for item in self.items for fact in item.facts)

    @property
    def tips(self) -> tuple[KnownTip, ...]:
        """Return the tips that are named or counted, each once."""
        return tuple(tip for item in self.items for tip in item.tips)


NOTHING_KNOWN: Final = Known()
