"""What is said as a tip or a fact that was shown is hidden: it goes from its channels, but for those that refuse us."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bot.models import Fact, Tip
from bot.storage.log import embargoes
from bot.storage.outbox import withdrawals
from cogs._caller import Visit

if TYPE_CHECKING:
    from bot.app import App

NAMED: Final = 8
"""How many messages are named before the others are counted."""


async def taken_off(app: App, visitor: Visit, thing: Tip | Fact, promise: str) -> list[str]:
    """Return `promise`, that something hidden goes from its channels, and which messages stay until we are let in."""
    async with app.database.read() as connection:
        kind = embargoes.kind_of(thing)
        blocked = await withdrawals.out_of_reach(connection, thing.guild_id, kind, thing.id)
    texts = visitor.texts
    lines = [promise]
    lines += [texts("hidden-blocked", code=one.code, channel=one.place.channel_id) for one in blocked[-NAMED:]]
    if len(blocked) > NAMED:
        lines.append(texts.plural("and-others", len(blocked) - NAMED))
    return lines
