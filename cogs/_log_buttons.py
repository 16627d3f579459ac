"""The buttons and the select under what is said of tips and facts: items, dates, corrections."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable
from typing import Self

import discord
from discord import ui

from bot.access import Action
from bot.dates import stored
from bot.facts import changes
from cogs._caller import admit, app_of, visit
from cogs._fact_forms import open_correct_form
from cogs._fact_replies import date_lines, fact_embed, standing
from cogs._gate import Gated, GatedButton, GatedSelect
from cogs._replies import replace
from cogs._tip_forms import open_tip_edit_form
from cogs._tip_replies import standing_tip

DATE_BUTTONS = ("date-right", "fact-correct:", "tip-edit:")


class FactItems(GatedSelect, template=r"fact-items:(?P<fact>\d{1,18})"):
    """Link a fact to the watch items that were suggested."""

    action = Action.FACT_ADD
    reads = (int,)

    def __init__(self, select: ui.Select[ui.View], fact_id: int) -> None:
        super().__init__(select)
        self.fact_id = fact_id

    async def act(self, interaction: discord.Interaction) -> None:
        """Link the chosen items, and show the fact as it now stands."""
        visitor = await visit(interaction)
        app = app_of(interaction)
        chosen = [int(value) for value in self.item.values if value.isdecimal()]
        changed = await changes.link_items(app.database, visitor.viewer, self.fact_id, chosen, app.clock.now())
        app.delivery.wake()
        lines = [visitor.texts("fact-linked", id=changed.fact.id)]
        view = _left(interaction, lambda custom_id: custom_id.startswith(DATE_BUTTONS))
        claim = changed.fact.claim
        if view is not None and claim.event_date is not None:
            date = stored(claim.event_date, claim.event_date_typed or "")
            lines += date_lines(visitor.texts, dataclasses.replace(date, needs_confirmation=True))
        await replace(interaction, "\n".join(lines), embed=await fact_embed(app, visitor, changed.fact), view=view)


class FactCorrect(GatedButton, template=r"fact-correct:(?P<fact>\d{1,18})"):
    """Open the form that corrects a fact."""

    action = Action.FACT_CORRECT
    reads = (int,)

    def __init__(self, fact_id: int, label: str) -> None:
        super().__init__(ui.Button(label=label, custom_id=f"fact-correct:{fact_id}"))
        self.fact_id = fact_id

    async def act(self, interaction: discord.Interaction) -> None:
        """Open the form, for those who may correct this fact."""
        fact, _ = await standing(app_of(interaction), await visit(interaction), self.fact_id)
        await admit(interaction, Action.FACT_CORRECT, thing=fact)
        await open_correct_form(interaction, fact)


class TipEdit(GatedButton, template=r"tip-edit:(?P<tip>\d{1,18})"):
    """Open the form that edits a tip."""

    action = Action.TIP_EDIT
    reads = (int,)

    def __init__(self, tip_id: int, label: str) -> None:
        super().__init__(ui.Button(label=label, custom_id=f"tip-edit:{tip_id}"))
        self.tip_id = tip_id

    async def act(self, interaction: discord.Interaction) -> None:
        """Open the form, for those who may edit this tip."""
        tip = await standing_tip(app_of(interaction), await visit(interaction), self.tip_id)
        await admit(interaction, Action.TIP_EDIT, thing=tip)
        await open_tip_edit_form(interaction, tip)


class DateRight(Gated[ui.Button[ui.View]], template=r"date-right"):
    """Confirm a date as it was understood: nothing is left to ask."""

    action = Action.TIP_ADD

    @classmethod
    async def from_custom_id(
        cls, _interaction: discord.Interaction, item: ui.Item[ui.View], _match: re.Match[str], /
    ) -> Self:
        """Return the button that was pressed."""
        if not isinstance(item, ui.Button):
            raise TypeError("date-right is a button")
        return cls(item)

    async def act(self, interaction: discord.Interaction) -> None:
        """Take the buttons about the date away; what else the message asks stays."""
        view = _left(interaction, lambda custom_id: not custom_id.startswith(DATE_BUTTONS))
        await interaction.response.edit_message(view=view)
        if view is not None:
            view.stop()


def _left(interaction: discord.Interaction, stays: Callable[[str], bool]) -> ui.View | None:
    """Return the components of the message that stay, by their custom_id; None when none does."""
    view = ui.View(timeout=None)
    if interaction.message is not None:
        for component in ui.View.from_message(interaction.message).children:
            if stays(getattr(component, "custom_id", None) or ""):
                view.add_item(component)
    return view if view.children else None


COMPONENTS = (FactItems, FactCorrect, TipEdit, DateRight)
