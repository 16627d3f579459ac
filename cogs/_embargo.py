"""`/tip embargo` and `/fact embargo`: what was understood, the button that confirms it, and what was done."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import discord
from discord import ui

from bot import embargo
from bot.access import Action
from bot.embargo import TypedUntil
from bot.errors import UserError
from bot.facts import changes as fact_changes
from bot.locales import Texts
from bot.models import Fact, FactStatus, ThingKind, Tip
from bot.storage.log import embargoes, facts
from bot.tips import changes as tip_changes
from bot.watchlist.changes import moment_of, stamp
from cogs import _fact_replies, _tip_replies
from cogs._caller import Visit, admit, app_of, visit
from cogs._gate import GatedButton
from cogs._log_options import ends_of, long_moment
from cogs._replies import replace, respond
from cogs._taken_off import taken_off

if TYPE_CHECKING:
    from bot.app import App


class EmbargoUntil(
    GatedButton,
    template=r"embargo:(?P<kind>tip|fact):(?P<id>\d{1,18}):(?P<until>\d{1,12}):(?P<seen>\d{1,12})",
):
    """Put a tip or a fact under embargo until a moment, 0 to lift it; `seen` is its end as the person was shown it."""

    action = Action.TIP_EMBARGO
    reads = (ThingKind, int, int, int)

    def __init__(self, kind: ThingKind, thing_id: int, until: int, seen: int, label: str) -> None:
        custom_id = f"embargo:{kind}:{thing_id}:{until}:{seen}"
        super().__init__(ui.Button(label=label, custom_id=custom_id, style=discord.ButtonStyle.primary))
        self.kind, self.thing_id, self.until, self.seen = kind, thing_id, until, seen

    async def act(self, interaction: discord.Interaction) -> None:
        """Do it and say how it stands; pressed again, or once it was changed otherwise, only say so."""
        visitor = await visit(interaction)
        thing = await _standing(app_of(interaction), visitor, self.kind, self.thing_id)
        await admit(interaction, embargo.ACTIONS[self.kind], thing=thing)
        until, seen = moment_of(self.until), moment_of(self.seen)
        text, embed = await _put(interaction, visitor, thing, until, seen=seen)
        await replace(interaction, text, embed=embed)


async def change_embargo(interaction: discord.Interaction, visitor: Visit, thing: Tip | Fact, typed: str) -> None:
    """Put under embargo what a person may, until what they typed, or lift it where that is nothing.

    What was typed in words is shown first, to be confirmed; and so is what a lifted embargo publishes.
    """
    app, texts = app_of(interaction), visitor.texts
    kind, standing = embargoes.kind_of(thing), thing.embargo_until
    ends = ends_of(app, visitor, typed)
    if ends is not None and isinstance(thing, Fact) and thing.status is FactStatus.RETRACTED:
        raise UserError("embargo-retracted", id=thing.id)
    is_tip = kind is ThingKind.TIP
    if ends is None and standing is None:
        await respond(interaction, texts("embargo-none-tip" if is_tip else "embargo-none-fact", id=thing.id))
    elif ends is None and standing is not None:
        view = ui.View(timeout=None)
        view.add_item(EmbargoUntil(kind, thing.id, 0, stamp(standing), texts("button-embargo-lift")))
        await respond(interaction, _lifting(texts, thing, standing), view=view)
    elif ends is not None and ends.date.needs_confirmation:
        view = ui.View(timeout=None)
        label = texts("button-embargo-confirm")
        view.add_item(EmbargoUntil(kind, thing.id, stamp(ends.moment), stamp(standing), label))
        await respond(interaction, _question(texts, thing, ends), view=view)
    elif ends is not None:
        text, embed = await _put(interaction, visitor, thing, ends.moment, seen=standing)
        await respond(interaction, text, embed=embed)


async def _put(
    interaction: discord.Interaction,
    visitor: Visit,
    thing: Tip | Fact,
    until: datetime | None,
    *,
    seen: datetime | None,
) -> tuple[str, discord.Embed]:
    """Change an embargo, and return what is said of it with the thing as it now stands."""
    app, texts = app_of(interaction), visitor.texts
    kind, was_posted = embargoes.kind_of(thing), not thing.is_hidden
    done = await embargo.put(app.database, visitor.viewer, kind, thing.id, until, app.clock.now(), seen=seen)
    app.delivery.wake()
    after = done.thing
    lines = [] if done.is_changed else [texts("embargo-unchanged")]
    if isinstance(after, Tip):
        if done.is_changed and until is None:
            lines.append(texts("embargo-lifted-tip", id=after.id))
        shown = _tip_replies.shown_line(visitor, tip_changes.Changed(after, done.channels))
        embed = await _tip_replies.tip_embed(app, visitor, after)
    else:
        if done.is_changed and until is None:
            lines.append(texts("embargo-lifted-fact", id=after.id))
        shown = _fact_replies.shown_line(visitor, fact_changes.Changed(after, done.channels))
        embed = await _fact_replies.fact_embed(app, visitor, after)
    if done.is_changed or after.is_hidden:
        lines.append(shown)
    if done.is_changed and until is not None and was_posted:
        lines.extend(await taken_off(app, visitor, after, texts("embargo-taken-off")))
    return "\n".join(lines), embed


def _question(texts: Texts, thing: Tip | Fact, ends: TypedUntil) -> str:
    """Return what was understood, in its long form, and what would be done."""
    words = {"id": thing.id, "until": long_moment(texts, ends.moment), "typed": ends.date.typed}
    if isinstance(thing, Fact):
        return texts("embargo-confirm-fact", **words)
    return texts("embargo-confirm-sensitive" if thing.is_sensitive else "embargo-confirm-tip", **words)


def _lifting(texts: Texts, thing: Tip | Fact, until: datetime) -> str:
    """Return the question whether to lift an embargo, with what that does."""
    words = {"id": thing.id, "until": long_moment(texts, until)}
    if isinstance(thing, Fact):
        return texts("embargo-lift-fact", **words)
    return texts("embargo-lift-sensitive", **words) if thing.is_sensitive else texts("embargo-lift-tip", **words)


async def _standing(app: App, visitor: Visit, kind: ThingKind, thing_id: int) -> Tip | Fact:
    """Return a tip or a fact as it now stands; raises UserError where there is none that the person may know of."""
    if kind is ThingKind.TIP:
        return await _tip_replies.standing_tip(app, visitor, thing_id)
    async with app.database.read() as connection:
        fact = await facts.find(connection, visitor.viewer, thing_id)
    if fact is None:
        raise UserError("fact-unknown", typed=str(thing_id))
    return fact
