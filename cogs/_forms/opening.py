"""How a form comes to be shown: a draft of ours, a modal of Discord's; and the button that shows it once more."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import discord
from discord import ui

from bot.access import Action
from bot.entering import emptied
from bot.errors import UserError
from bot.storage.custody import erasing
from bot.storage.database import Database
from bot.storage.log import drafts, facts, tips
from bot.storage.log.drafts import Draft
from bot.tips.missing import missing_tip
from cogs._caller import Visit, admit, app_of, visit
from cogs._forms.form import Form, modal_of, registered
from cogs._gate import GatedButton

HOUR_S = 3_600

_SENT = "vigie.draft"


async def open_form(
    interaction: discord.Interaction, form: type[Form], *, context: Mapping[str, Any], values: Mapping[str, str]
) -> None:
    """Show a form filled in with `values`; this must be the first answer. `context` is JSON and stays with us.

    What is longer than its field is cut. Raises UserError before the newsroom's first `/setup`.
    """
    visitor = await visit(interaction)
    if visitor.newsroom is None:
        raise UserError("access-not-set-up")
    draft = await add_draft(interaction, visitor, form, context, values)
    await interaction.response.send_modal(modal_of(form(), visitor.texts, draft))


async def add_draft(
    interaction: discord.Interaction,
    visitor: Visit,
    form: type[Form],
    context: Mapping[str, Any],
    values: Mapping[str, str],
) -> Draft:
    """Store a draft of the visitor's, in place of the one whose form this answers; delete what was kept for a day.

    Raises UserError for one about a tip that was erased meanwhile.
    """
    app = app_of(interaction)
    now = app.clock.now()
    sent = interaction.extras.get(_SENT)
    async with app.database.tx("form.opened") as connection:
        tip_id = context.get("tip")
        if isinstance(tip_id, int) and await erasing.is_erased(connection, visitor.guild_id, tip_id):
            raise UserError("form-of-erased-tip", id=tip_id)
        await drafts.purge(connection, now - drafts.KEPT)
        if isinstance(sent, int):
            await drafts.consume(connection, visitor.guild_id, visitor.caller.user_id, sent)
        return await drafts.add(
            connection,
            visitor.guild_id,
            visitor.caller.user_id,
            form.name,
            context=context,
            values=values,
            now=now,
        )


def mark_sent(interaction: discord.Interaction, draft: Draft) -> None:
    """Note which draft's form an interaction sends."""
    interaction.extras[_SENT] = draft.id


async def find_draft(interaction: discord.Interaction, draft_id: int) -> Draft | None:
    """Return a draft of the person's own in this guild, None when it is gone, too old or somebody else's.

    Raises UserError for one that was emptied because a tip was erased.
    """
    app = app_of(interaction)
    if interaction.guild_id is None or drafts.is_over(draft_id, app.clock.now()):
        return None
    async with app.database.read() as connection:
        draft = await drafts.find(connection, interaction.guild_id, interaction.user.id, draft_id)
    if draft is not None and draft.form == drafts.ERASED:
        raise emptied(draft)
    return draft


def gone(interaction: discord.Interaction, draft_id: int) -> UserError:
    """Return why a draft cannot be found: only what was stored, and what is too old, is deleted."""
    if drafts.is_over(draft_id, app_of(interaction).clock.now()):
        return UserError("form-expired", hours=int(drafts.KEPT.total_seconds()) // HOUR_S)
    return UserError("form-already-sent")


class Reopen(GatedButton, template=r"reopen:(?P<draft>\d{1,18})"):
    """Open a refused form again, as its person sent it; the form's own action is judged once it is known."""

    action = Action.HELP
    reads = (int,)

    def __init__(self, draft_id: int, label: str) -> None:
        custom_id = f"reopen:{draft_id}"
        super().__init__(ui.Button(label=label, custom_id=custom_id, style=discord.ButtonStyle.primary))
        self.draft_id = draft_id

    async def act(self, interaction: discord.Interaction) -> None:
        """Show the form with what was typed."""
        draft = await find_draft(interaction, self.draft_id)
        if draft is None:
            raise gone(interaction, self.draft_id)
        form = registered().get(draft.form)
        if form is None:
            raise UserError("error-outdated-command")
        visitor = await admit(interaction, form.action)
        await _refuse_hidden(app_of(interaction).database, visitor, draft)
        await interaction.response.send_modal(modal_of(form(), visitor.texts, draft))


async def _refuse_hidden(database: Database, visitor: Visit, draft: Draft) -> None:
    """Raise UserError for a draft about a tip or a fact of which its person may know no more."""
    tip_id, fact_id = draft.context.get("tip"), draft.context.get("fact")
    async with database.read() as connection:
        if isinstance(tip_id, int) and await tips.find(connection, visitor.viewer, tip_id) is None:
            raise await missing_tip(connection, visitor.viewer, tip_id, str(tip_id))
        if isinstance(fact_id, int) and await facts.find(connection, visitor.viewer, fact_id) is None:
            raise UserError("fact-unknown", typed=str(fact_id))
