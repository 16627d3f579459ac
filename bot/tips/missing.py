"""Why a tip that was named cannot be had."""

from __future__ import annotations

from bot.access import Viewer
from bot.errors import UserError
from bot.storage.custody import erasing
from bot.storage.database import Connection


async def missing_tip(connection: Connection, viewer: Viewer, tip_id: int | None, typed: str) -> UserError:
    """Return the refusal of a tip that somebody cannot have: it was erased, or they know of none."""
    erased = await erasing.find(connection, viewer, tip_id) if tip_id is not None else None
    if erased is None:
        return UserError("tip-unknown", typed=typed)
    return UserError("tip-erased", id=erased.tip_id, person=erased.erased_by, at=erased.erased_at)
