"""`/watch add` and `/watch edit`: a wrong legal number is asked about before anything is stored."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.ext import commands

from bot.access import Action
from bot.errors import UserError
from bot.lookup import Named
from bot.models import ItemKind, Priority
from bot.watchlist import changes
from bot.watchlist.editing import CLEAR, Edits, wanted_item
from bot.watchlist.entry import Typed, name_key, read_entry
from bot.watchlist.numbers import wrong_numbers
from cogs._caller import Visit, admit, visit
from cogs._entered import add_item, edit_item
from cogs._log_options import chosen_dossiers, propose_dossier_list
from cogs._number_doubts import ask_before_adding, ask_before_editing
from cogs._options import (
    Channel,
    chosen_dossier,
    chosen_item,
    complete_list,
    named_sources,
    note_forums,
    propose_items,
)
from cogs._replies import thinking
from cogs._texts import said

if TYPE_CHECKING:
    from bot.app import App

KINDS = [
    app_commands.Choice(name=said("choice-company"), value="company"),
    app_commands.Choice(name=said("choice-official"), value="official"),
    app_commands.Choice(name=said("choice-keyword"), value="keyword"),
]
PRIORITIES = [
    app_commands.Choice(name=said("choice-instant"), value="instant"),
    app_commands.Choice(name=said("choice-digest"), value="digest"),
]
NAMES = {
    "name": said("optname-name"),
    "aliases": said("optname-aliases"),
    "identifiers": said("optname-identifiers"),
    "any_of": said("optname-any-of"),
    "none_of": said("optname-none-of"),
    "sources_": said("optname-sources"),
    "channel": said("optname-channel"),
    "dossier": said("optname-dossier"),
    "priority": said("optname-priority"),
    "ref": said("optname-ref"),
    "note": said("optname-note"),
}
"""What the options that both commands have are called."""


class Entering(commands.Cog):
    """Hold the commands that say what an item is."""

    app: App

    @app_commands.command(name=said("cmdname-watch-add"), description=said("cmd-watch-add"))
    @app_commands.rename(kind=said("optname-kind"), **NAMES)
    @app_commands.describe(
        kind=said("opt-kind"),
        name=said("opt-name"),
        aliases=said("opt-aliases"),
        identifiers=said("opt-identifiers"),
        any_of=said("opt-any-of"),
        none_of=said("opt-none-of"),
        sources_=said("opt-sources"),
        channel=said("opt-channel"),
        dossier=said("opt-dossiers"),
        priority=said("opt-priority"),
        ref=said("opt-ref"),
        note=said("opt-note"),
    )
    @app_commands.choices(kind=KINDS, priority=PRIORITIES)
    async def add(  # noqa: PLR0913, PLR0917  # the options of DESIGN.md section 4
        self,
        interaction: discord.Interaction,
        kind: str,
        name: str,
        aliases: str = "",
        identifiers: str = "",
        any_of: str = "",
        none_of: str = "",
        sources_: str = "",
        channel: Channel | None = None,
        dossier: str = "",
        priority: str = Priority.INSTANT.value,
        ref: str = "",
        note: str = "",
    ) -> None:
        """Follow something new, and say how it was understood and what it would have matched."""
        visitor = await visit(interaction)
        await thinking(interaction)
        typed = Typed(
            kind=ItemKind(kind),
            name=name,
            aliases=aliases,
            identifiers=identifiers,
            any_of=any_of,
            none_of=none_of,
            sources=sources_,
            channel_id=channel.id if channel is not None else None,
            priority=Priority(priority),
            ref=ref,
            note=note,
        )
        entry = await asyncio.to_thread(
            read_entry,
            typed,
            guild_id=visitor.guild_id,
            added_by=visitor.caller.user_id,
            known_sources=self.app.settings.sources.keys(),
        )
        into = await chosen_dossiers(self.app, visitor, dossier)
        wrong = await asyncio.to_thread(wrong_numbers, entry.identifiers)
        if wrong and visitor.newsroom is not None:
            await changes.explain(self.app.database, entry, await asyncio.to_thread(name_key, entry))
            await ask_before_adding(interaction, visitor, typed, into, wrong)
        else:
            await add_item(interaction, visitor, entry, into)
        await note_forums(self.app, visitor.guild_id, channel)

    @app_commands.command(name=said("cmdname-watch-edit"), description=said("cmd-watch-edit"))
    @app_commands.rename(item=said("optname-item"), **NAMES)
    @app_commands.describe(
        item=said("opt-item"),
        name=said("opt-name"),
        aliases=said("opt-edit-aliases"),
        identifiers=said("opt-edit-identifiers"),
        any_of=said("opt-edit-any-of"),
        none_of=said("opt-edit-none-of"),
        sources_=said("opt-edit-sources"),
        channel=said("opt-edit-channel"),
        dossier=said("opt-edit-dossiers"),
        priority=said("opt-priority"),
        ref=said("opt-edit-ref"),
        note=said("opt-edit-note"),
    )
    @app_commands.choices(priority=PRIORITIES)
    async def edit(  # noqa: PLR0913, PLR0917  # the options of DESIGN.md section 4
        self,
        interaction: discord.Interaction,
        item: str,
        name: str | None = None,
        aliases: str | None = None,
        identifiers: str | None = None,
        any_of: str | None = None,
        none_of: str | None = None,
        sources_: str | None = None,
        channel: Channel | None = None,
        dossier: str | None = None,
        priority: str | None = None,
        ref: str | None = None,
        note: str | None = None,
    ) -> None:
        """Change what is given of an item, and say from what to what, and what it would have matched."""
        visitor = await visit(interaction)
        chosen = await chosen_item(self.app, visitor, item, Action.WATCH_EDIT)
        await admit(interaction, Action.WATCH_EDIT, thing=chosen)
        await thinking(interaction)
        edits = Edits(
            name=name,
            aliases=aliases,
            identifiers=identifiers,
            any_of=any_of,
            none_of=none_of,
            sources=sources_,
            channel_id=channel.id if channel is not None else None,
            priority=Priority(priority) if priority is not None else None,
            ref=ref,
            note=note,
            dossier_ids=None if dossier is None else await self._dossier_ids(visitor, dossier),
        )
        if edits == Edits():
            raise UserError("edit-what")
        wanted = await wanted_item(self.app.database, chosen, edits, self.app.settings.sources.keys())
        wrong = await asyncio.to_thread(wrong_numbers, wanted.identifiers, chosen.identifiers)
        if wrong:
            await changes.explain(self.app.database, wanted, await asyncio.to_thread(name_key, wanted))
            await ask_before_editing(interaction, visitor, chosen, edits, wrong)
        else:
            await edit_item(interaction, visitor, chosen, edits)
        await note_forums(self.app, visitor.guild_id, channel)

    async def _dossier_ids(self, visitor: Visit, typed: str) -> list[int]:
        """Return the dossiers that a list names, open or closed: an item may stay in one that was closed since."""
        if typed.strip() == CLEAR:
            return []
        names = [name for part in typed.split(";") if (name := part.strip())]
        return [(await chosen_dossier(self.app, visitor, name, is_open=None)).id for name in names]

    @add.autocomplete("sources_")
    @edit.autocomplete("sources_")
    async def propose_sources(self, _: discord.Interaction, typed: str) -> list[app_commands.Choice[str]]:
        """Propose sources for the last element of the list."""
        codes = [Named(source.id, source.id) for source in named_sources(self.app)]  # a list is read by its codes
        return complete_list(codes, typed)

    @add.autocomplete("dossier")
    @edit.autocomplete("dossier")
    async def propose_dossiers(self, interaction: discord.Interaction, typed: str) -> list[app_commands.Choice[str]]:
        """Propose open dossiers for the last element of the list."""
        return await propose_dossier_list(self.app, interaction, typed)

    @edit.autocomplete("item")
    async def propose_editable(self, interaction: discord.Interaction, typed: str) -> list[app_commands.Choice[str]]:
        """Propose the live items that the person may edit."""
        return await propose_items(self.app, interaction, typed, Action.WATCH_EDIT)
