"""What people answer when they are asked whether a tip is kept: keep it, or ask the editors to erase it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from bot.access import Action, Viewer
from bot.models import ThingKind, Tip
from bot.publishing import publish
from bot.storage.custody import audit
from bot.storage.database import Connection, Database
from bot.storage.log import reminders, tips
from bot.tips.missing import missing_tip

WISH: Final = "tip wish"
"""What the audit log calls to ask the editors to erase a tip: the other answer to the question that `tip keep` is."""


async def keep(database: Database, viewer: Viewer, tip_ids: Sequence[int], now: datetime) -> list[Tip]:
    """Note that tips are to be kept: all of them or none; raises UserError for one that the person may not know of."""
    async with database.tx("tip.keep") as connection:
        kept = []
        for tip_id in tip_ids:
            tip = await tips.keep(connection, await _tip(connection, viewer, tip_id), viewer.user_id, now)
            thing = (ThingKind.TIP, tip.id)
            await audit.note(connection, tip.guild_id, viewer.user_id, Action.TIP_KEEP, now, thing=thing)
            await publish(connection, tip, now)
            kept.append(tip)
        return kept


async def wish_erased(database: Database, viewer: Viewer, tip_ids: Sequence[int], now: datetime) -> None:
    """Have editors asked to erase tips, unless something is done with them first; the audit log tells who asked.

    Raises UserError for one that the person may not know of.
    """
    async with database.tx("tip.wish") as connection:
        for tip_id in tip_ids:
            tip = await _tip(connection, viewer, tip_id)
            await reminders.wish(connection, tip.guild_id, tip.id, viewer.user_id, now)
            thing = (ThingKind.TIP, tip.id)
            await audit.note(connection, tip.guild_id, viewer.user_id, WISH, now, thing=thing)


async def _tip(connection: Connection, viewer: Viewer, tip_id: int) -> Tip:
    tip = await tips.find(connection, viewer, tip_id)
    if tip is None:
        raise await missing_tip(connection, viewer, tip_id, str(tip_id))
    return tip
