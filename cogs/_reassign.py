"""Passing on what somebody held: who that is, members that left included, and what the reply counts."""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING

import discord
from discord import app_commands

from bot.errors import UserError
from bot.lookup import PROPOSALS, folded
from bot.markup import cut, plain
from bot.storage import members
from bot.tips.reassigning import reassign
from cogs._caller import Visit, app_of, visit
from cogs._options import CHOICE_UNITS, TYPED_UNITS
from cogs._replies import respond

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bot.app import App

NAMES_TIMEOUT_S = 1.5
"""How long Discord may take to say the names of those proposed: what is typed on is proposed anew."""
NAMES_KEPT = 1_000
SHOWN_IDS = 30

_PERSON = re.compile(r"(?:<@!?)?(\d{15,20})>?", re.ASCII)


class Names:
    """Know people's names as Discord says them, those of members that left too; they are stored nowhere."""

    def __init__(self) -> None:
        self._known: dict[int, str] = {}

    async def of(self, interaction: discord.Interaction, people: Iterable[int]) -> dict[int, str]:
        """Return the names of people, as many as Discord says in time."""
        wanted = list(people)
        unknown = [person for person in wanted if person not in self._known]
        if unknown:
            asking = [asyncio.create_task(self._ask(interaction, person)) for person in unknown]
            _, late = await asyncio.wait(asking, timeout=NAMES_TIMEOUT_S)
            for task in late:
                task.cancel()
        return {person: self._known[person] for person in wanted if person in self._known}

    async def _ask(self, interaction: discord.Interaction, person: int) -> None:
        try:
            name = (await interaction.client.fetch_user(person)).display_name
        except (discord.HTTPException, discord.RateLimited, OSError):
            return
        if len(self._known) >= NAMES_KEPT:
            self._known.clear()
        self._known[person] = name


async def propose_holders(
    app: App, names: Names, interaction: discord.Interaction, typed: str
) -> list[app_commands.Choice[str]]:
    """Return who holds open tips, members that left included, most tips first; the value is the user id."""
    visitor = await visit(interaction)
    async with app.database.read() as connection:
        holding = await members.holding(connection, visitor.viewer)
    named = await names.of(interaction, list(holding)[:PROPOSALS])
    wanted = folded(typed)
    texts = visitor.texts
    proposed = []
    for person, tips in list(holding.items())[:PROPOSALS]:
        name = named.get(person) or texts("tip-reassign-nameless", id=person)
        if wanted in folded(name) or typed.strip() in str(person):
            label = texts.plural("tip-reassign-choice", tips, name=plain(name, TYPED_UNITS))
            proposed.append(app_commands.Choice(name=cut(plain(label), CHOICE_UNITS), value=str(person)))
    return proposed


def chosen_person(typed: str) -> int:
    """Return the user id that was proposed, typed or mentioned; raises UserError for anything else."""
    match = _PERSON.fullmatch(typed.strip())
    if match is None:
        raise UserError("tip-reassign-unknown", typed=plain(typed, TYPED_UNITS))
    return int(match[1])


async def pass_on(interaction: discord.Interaction, visitor: Visit, leaver: int, taker: int) -> None:
    """Give a member all open tips of another one, and say what went and what stays in the other's name."""
    app, texts = app_of(interaction), visitor.texts
    done = await reassign(app.database, visitor.viewer, leaver, taker, app.clock.now())
    app.delivery.wake()
    if done.tips:
        ids = [str(tip.id) for tip in done.tips[:SHOWN_IDS]]
        if len(done.tips) > SHOWN_IDS:
            ids.append(texts.plural("and-others", len(done.tips) - SHOWN_IDS))
        lines = [texts.plural("tip-reassigned", len(done.tips), leaver=leaver, taker=taker, ids=ids)]
    else:
        lines = [texts("tip-reassigned-none", leaver=leaver)]
    if done.facts:
        lines.append(texts.plural("tip-reassigned-facts", done.facts))
    if done.items:
        lines.append(texts.plural("tip-reassigned-items", done.items))
    await respond(interaction, "\n".join(lines))
