"""From which status a tip comes to which: one table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from bot.errors import UserError
from bot.models import Tip, TipStatus

ALLOWED: Final[Mapping[TipStatus, frozenset[TipStatus]]] = {
    TipStatus.NEW: frozenset({TipStatus.CHECKING, TipStatus.CONFIRMED, TipStatus.DROPPED}),
    TipStatus.CHECKING: frozenset({TipStatus.CONFIRMED, TipStatus.DROPPED}),
    TipStatus.CONFIRMED: frozenset({TipStatus.CHECKING, TipStatus.DROPPED}),
    TipStatus.DROPPED: frozenset({TipStatus.CHECKING}),
}
"""What a person may say of a tip next, by its status. A promotion confirms it from any of them."""


def refuse_move(tip: Tip, status: TipStatus) -> None:
    """Raise UserError, which says what to do, where a tip does not come from its status to another one."""
    if status in ALLOWED[tip.status]:
        return
    if status is TipStatus.NEW:
        raise UserError("tip-status-no-longer-new", id=tip.id)
    raise UserError("tip-status-checked-first", id=tip.id)
