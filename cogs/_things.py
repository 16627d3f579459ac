"""Items, tips and facts named together: `item:12`, `tip:4`, `fact 7`, or by name."""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING

import discord
from discord import app_commands

from bot.access import Action
from bot.errors import UserError
from bot.lookup import PROPOSALS, Named, folded, propose
from bot.markup import cut, plain
from bot.models import ThingKind
from bot.storage.archive.full_text import facts_named, tips_named
from bot.storage.log import facts, tips
from cogs._caller import Visit, visit
from cogs._log_options import chosen_fact, chosen_tip, named_fact, named_tip, numbered_first
from cogs._options import CHOICE_UNITS, TYPED_UNITS, chosen_item, named_items

if TYPE_CHECKING:
    from bot.app import App

OF_A_KIND = PROPOSALS // 3

_KINDS = {
    "item": ThingKind.ITEM,
    "élément": ThingKind.ITEM,
    "tip": ThingKind.TIP,
    "tuyau": ThingKind.TIP,
    "fact": ThingKind.FACT,
    "fait": ThingKind.FACT,
}
_NUMBERED = re.compile(rf"({'|'.join(_KINDS)})\s*[:#\u00b0n ]*\s*(\d{{1,18}})", re.IGNORECASE)


async def chosen_thing(app: App, visitor: Visit, typed: str) -> tuple[ThingKind, int, str]:
    """Return the kind, our id and the name of the thing that a person named.

    Raises UserError when none that they may see, or more than one, is named so.
    """
    numbered = _NUMBERED.fullmatch(typed.strip())
    if numbered is not None:
        return await _of_kind(app, visitor, _KINDS[numbered[1].lower()], numbered[2])
    found: list[tuple[ThingKind, int, str]] = []
    erased: UserError | None = None
    for kind in ThingKind:
        try:
            thing = await _of_kind(app, visitor, kind, typed)
            if kind is ThingKind.ITEM and folded(thing[2]) == folded(typed):
                return thing
            found.append(thing)
        except UserError as error:
            if error.text == "lookup-ambiguous":
                raise
            if error.text == "tip-erased":
                erased = error
    if len(found) > 1:
        candidates = [f"{kind}:{thing_id} · {plain(name, TYPED_UNITS)}" for kind, thing_id, name in found]
        raise UserError("lookup-ambiguous", typed=plain(typed, TYPED_UNITS), candidates=candidates, found=len(found))
    if not found:
        raise erased or UserError("thing-unknown", typed=plain(typed, TYPED_UNITS))
    return found[0]


async def propose_things(app: App, interaction: discord.Interaction, typed: str) -> list[app_commands.Choice[str]]:
    """Return the items, tips and facts that a person may mean, of those that they may see."""
    visitor = await visit(interaction)
    items = await app.watchlist.items_of(visitor.guild_id)
    proposed = await asyncio.to_thread(lambda: propose(named_items(visitor, items), typed, OF_A_KIND))
    found = [(ThingKind.ITEM, thing) for thing in proposed]
    async with app.database.read() as connection:
        for tip_id in numbered_first(typed, await tips_named(connection, visitor.viewer, typed, OF_A_KIND)):
            tip = await tips.find(connection, visitor.viewer, tip_id)
            if tip is not None:
                found.append((ThingKind.TIP, named_tip(visitor, tip)))
        for fact_id in numbered_first(typed, await facts_named(connection, visitor.viewer, typed, OF_A_KIND)):
            fact = await facts.find(connection, visitor.viewer, fact_id)
            if fact is not None:
                found.append((ThingKind.FACT, named_fact(visitor, fact)))
    return [_choice(visitor, kind, thing) for kind, thing in found[:PROPOSALS]]


async def _of_kind(app: App, visitor: Visit, kind: ThingKind, typed: str) -> tuple[ThingKind, int, str]:
    match kind:
        case ThingKind.ITEM:
            item = await chosen_item(app, visitor, typed, Action.WATCH_SHOW)
            return kind, item.id or 0, item.name
        case ThingKind.TIP:
            tip = await chosen_tip(app, visitor, typed)
            return kind, tip.id, tip.text
        case ThingKind.FACT:
            fact = await chosen_fact(app, visitor, typed)
            return kind, fact.id, fact.claim.text


def _choice(visitor: Visit, kind: ThingKind, thing: Named) -> app_commands.Choice[str]:
    name = f"{visitor.texts.word('thing', kind)} {thing.id} · {thing.name}"
    return app_commands.Choice(name=cut(plain(name), CHOICE_UNITS), value=f"{kind}:{thing.id}")
