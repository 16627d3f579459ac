"""The question before an item with a wrong legal number is stored: keep it as typed, or put it right.

What was typed waits in a draft, for its person alone and for a day; the buttons carry its id over a restart.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, replace
from enum import StrEnum
from typing import Any, Final

import discord
from discord import ui

from bot.access import Action
from bot.errors import UserError
from bot.markup import plain
from bot.matching import Identifier
from bot.models import Dossier, ItemKind, Priority, WatchItem
from bot.storage.log import dossiers as dossier_rows
from bot.storage.log import drafts
from bot.storage.log.drafts import Draft
from bot.storage.watching import watchlist
from bot.watchlist import lists
from bot.watchlist.editing import Edits
from bot.watchlist.entry import Typed, read_entry
from bot.watchlist.numbers import put_right, wrong_number_words
from cogs._caller import Visit, admit, app_of
from cogs._entered import add_item, edit_item
from cogs._gate import GatedButton
from cogs._replies import WARNING_COLOUR, respond, sheet

DRAFT: Final = "watch-numbers"
"""The form under which a draft of this kind is kept."""
LABEL_UNITS = 80

_HOUR_S = 3_600


class Choice(StrEnum):
    """Name what can be done with a wrong number."""

    KEEP = "keep"
    PUT_RIGHT = "right"


async def ask_before_adding(
    interaction: discord.Interaction,
    visitor: Visit,
    typed: Typed,
    dossiers: Sequence[Dossier],
    wrong: Sequence[Identifier],
) -> None:
    """Ask what to do with the wrong numbers of a new item; nothing is stored but the question."""
    context = {"typed": asdict(typed), "dossiers": [dossier.id for dossier in dossiers]}
    await _ask(interaction, visitor, context, wrong)


async def ask_before_editing(
    interaction: discord.Interaction, visitor: Visit, item: WatchItem, edits: Edits, wrong: Sequence[Identifier]
) -> None:
    """Ask what to do with the wrong numbers that an edit brings; the item stays as it is."""
    ids = None if edits.dossier_ids is None else list(edits.dossier_ids)
    context = {"item": item.id, "edits": asdict(replace(edits, dossier_ids=ids))}
    await _ask(interaction, visitor, context, wrong)


class NumbersButton(GatedButton, template=r"numbers:(?P<choice>keep|right):(?P<draft>\d{1,18})"):
    """Store what was typed, with its wrong numbers or with those put right; the draft says what it is about."""

    action = Action.WATCH_ADD
    reads = (Choice, int)

    def __init__(self, choice: Choice, draft_id: int, label: str) -> None:
        style = discord.ButtonStyle.primary if choice is Choice.PUT_RIGHT else discord.ButtonStyle.secondary
        super().__init__(
            ui.Button(label=plain(label, LABEL_UNITS), custom_id=f"numbers:{choice}:{draft_id}", style=style)
        )
        self.choice, self.draft_id = choice, draft_id

    async def act(self, interaction: discord.Interaction) -> None:
        """Store it once, and answer in place of the question."""
        draft = await self._draft(interaction)
        if "item" in draft.context:
            await self._edit(interaction, draft)
        else:
            await self._add(interaction, draft)

    async def _add(self, interaction: discord.Interaction, draft: Draft) -> None:
        visitor = await admit(interaction, Action.WATCH_ADD)
        await interaction.response.defer()
        typed = _typed(draft.context["typed"])
        if self.choice is Choice.PUT_RIGHT:
            typed = replace(typed, identifiers=_right(typed.identifiers))
        entry = await asyncio.to_thread(
            read_entry,
            typed,
            guild_id=visitor.guild_id,
            added_by=visitor.caller.user_id,
            known_sources=app_of(interaction).settings.sources.keys(),
        )
        async with app_of(interaction).database.read() as connection:
            found = [await dossier_rows.find(connection, visitor.guild_id, one) for one in draft.context["dossiers"]]
        await add_item(interaction, visitor, entry, [one for one in found if one is not None], draft.id)

    async def _edit(self, interaction: discord.Interaction, draft: Draft) -> None:
        visitor = await admit(interaction, Action.WATCH_EDIT)
        async with app_of(interaction).database.read() as connection:
            item = await watchlist.find(connection, visitor.guild_id, int(draft.context["item"]))
        if item is None or item.removed_at is not None:
            raise UserError("watch-gone")
        await admit(interaction, Action.WATCH_EDIT, thing=item)
        await interaction.response.defer()
        edits = _edits(draft.context["edits"])
        if self.choice is Choice.PUT_RIGHT and edits.identifiers is not None:
            edits = replace(edits, identifiers=_right(edits.identifiers, item.identifiers))
        await edit_item(interaction, visitor, item, edits, draft.id)

    async def _draft(self, interaction: discord.Interaction) -> Draft:
        """Return the person's own draft; raises UserError where it was used, or is too old."""
        app = app_of(interaction)
        if drafts.is_over(self.draft_id, app.clock.now()):
            raise UserError("numbers-expired", hours=int(drafts.KEPT.total_seconds()) // _HOUR_S)
        async with app.database.read() as connection:
            draft = await drafts.find(connection, interaction.guild_id or 0, interaction.user.id, self.draft_id)
        if draft is None or draft.form != DRAFT:
            raise UserError("numbers-decided")
        return draft


async def _ask(
    interaction: discord.Interaction, visitor: Visit, context: Mapping[str, Any], wrong: Sequence[Identifier]
) -> None:
    app, texts = app_of(interaction), visitor.texts
    now = app.clock.now()
    async with app.database.tx("watch.numbers") as connection:
        await drafts.purge(connection, now - drafts.KEPT)
        draft = await drafts.add(
            connection, visitor.guild_id, visitor.caller.user_id, DRAFT, context=context, values={}, now=now
        )
    view, labels = ui.View(timeout=None), texts.through(plain)
    right = [number.corrected_written for number in wrong if number.corrected_written is not None]
    if len(right) == len(wrong):
        label = labels("button-number-right", number=right[0]) if len(right) == 1 else labels("button-numbers-right")
        view.add_item(NumbersButton(Choice.PUT_RIGHT, draft.id, label))
    view.add_item(NumbersButton(Choice.KEEP, draft.id, labels("button-number-keep")))
    lines = [*(wrong_number_words(texts, number) for number in wrong), "", texts("numbers-look-again")]
    title = texts.plural("numbers-doubted", len(wrong))
    await respond(interaction, embed=sheet(title, lines, colour=WARNING_COLOUR), view=view)


def _right(typed: str, known: Collection[str] = ()) -> str:
    return lists.join_list(put_right((plain(one) for one in lists.split_list(typed)), known))


def _typed(kept: Mapping[str, Any]) -> Typed:
    """Return what a draft kept of a new item."""
    return Typed(**{**kept, "kind": ItemKind(kept["kind"]), "priority": Priority(kept["priority"])})


def _edits(kept: Mapping[str, Any]) -> Edits:
    """Return what a draft kept of an edit."""
    priority = kept["priority"]
    return Edits(**{**kept, "priority": Priority(priority) if priority is not None else None})
