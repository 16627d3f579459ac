"""What was hidden after a backup is hidden again in what is restored: sensitive tips, and what is under embargo."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from bot import embargo
from bot.access import Action
from bot.models import Fact, ThingKind, Tip
from bot.publishing import publish
from bot.storage.custody import audit
from bot.storage.custody.hidden import HiddenThing
from bot.storage.database import Connection, Database
from bot.storage.log import facts, tips
from bot.tips.changes import words_of


async def hide_again(database: Database, hidden: HiddenThing, by: str, now: datetime) -> bool:
    """Hide a tip or a fact that is known to have been hidden, as it was then; return False where it is so already.

    One transaction. In its history it is hidden by whoever did that first, in the audit log by who does it now. What
    was lifted since stays hidden: that is done again in a moment, what was read is not.
    """
    async with database.tx("hide_again") as connection:
        thing = await _standing(connection, hidden)
        if thing is None:
            return False
        is_changed = False
        if isinstance(thing, Tip) and hidden.made_sensitive_by is not None and not thing.is_sensitive:
            words = replace(words_of(thing), is_sensitive=True)
            thing = await tips.edit(connection, thing, words, None, hidden.made_sensitive_by, now)
            await audit.note(connection, thing.guild_id, by, Action.TIP_EDIT, now, thing=(ThingKind.TIP, thing.id))
            await publish(connection, thing, now)
            is_changed = True
        if hidden.embargo_until is not None and thing.embargo_until != hidden.embargo_until:
            await embargo.put_again(connection, thing, hidden.embargo_until, hidden.embargoed_by, by, now)
            is_changed = True
    return is_changed


async def _standing(connection: Connection, hidden: HiddenThing) -> Tip | Fact | None:
    """Return a hidden thing as it stands here; None where it is not here, or another one has its number."""
    find = tips.get if hidden.kind is ThingKind.TIP else facts.get
    try:
        thing: Tip | Fact = await find(connection, hidden.guild_id, hidden.thing_id)
    except LookupError:
        return None
    return thing if thing.logged_at == hidden.logged_at else None
