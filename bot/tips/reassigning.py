"""Leaving: all open tips that a member holds go to another one at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.access import Action, Viewer
from bot.errors import UserError
from bot.models import ThingKind, Tip
from bot.publishing import publish
from bot.storage import members
from bot.storage.custody import audit
from bot.storage.database import Database
from bot.storage.log import tips


@dataclass(frozen=True, slots=True)
class Reassigned:
    """Hold the tips that changed hands, and what stays in the name of who held them: live items, unverified facts."""

    tips: Sequence[Tip]
    items: int
    facts: int


async def reassign(database: Database, viewer: Viewer, leaver: int, taker: int, now: datetime) -> Reassigned:
    """Give a member all open tips that another one owns, or logged and nobody owns: all that the viewer sees, or none.

    An editor sees sensitive ones too. Raises UserError where both are the same person.
    """
    if leaver == taker:
        raise UserError("tip-reassign-same")
    async with database.tx("tip.reassign") as connection:
        given = []
        for held in await tips.held_by(connection, viewer, leaver):
            tip = await tips.assign(connection, held, taker, viewer.user_id, now)
            thing, detail = (ThingKind.TIP, tip.id), {"from": str(leaver), "to": str(taker)}
            await audit.note(
                connection, tip.guild_id, viewer.user_id, Action.TIP_REASSIGN, now, thing=thing, detail=detail
            )
            await publish(connection, tip, now)
            given.append(tip)
        left = await members.left_by(connection, viewer, leaver)
        return Reassigned(given, left.items, left.facts)
