"""`/watch add` and `/watch edit`: the reply says how an item was understood and what it would have matched."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.ext import commands

from bot.access import Action
from bot.errors import UserError
from bot.lookup import Named
from bot.models import Dossier, ItemKind, Priority, WatchItem
from bot.sources import sources
from bot.watchlist import changes
from bot.watchlist.editing import CLEAR, Edits, edit
from bot.watchlist.entry import Typed, read_entry
from cogs._caller import Visit, admit, visit
from cogs._digest_promise import promise_of
from cogs._edited import edited_lines
from cogs._items import dossier_names, item_name, joined, understanding_lines, unread_sources
from cogs._log_options import chosen_dossiers, propose_dossier_list
from cogs._options import Channel, chosen_dossier, chosen_item, complete_list, named_sources, propose_items
from cogs._replies import PLAIN_COLOUR, WARNING_COLOUR, respond, sheet, thinking
from cogs._texts import said
from cogs._trial import EXAMPLES, trial_lines

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
            known_sources=sources().keys(),
        )
        into = await chosen_dossiers(self.app, visitor, dossier)
        now = self.app.clock.now()
        item = await changes.add(self.app.database, entry, interaction.id, now, [one.id for one in into])
        texts = visitor.texts
        title = texts("watch-added", name=item_name(item), kind=texts.word("item-kind", item.kind), id=item.id)
        await self._show_entered(interaction, visitor, item, into, title)

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
        edited = await edit(
            self.app.database,
            chosen,
            edits,
            by=visitor.caller.user_id,
            floor_id=interaction.id,
            known_sources=sources().keys(),
            now=self.app.clock.now(),
        )
        texts, after = visitor.texts, edited.after.item
        if not edited.fields:
            await respond(interaction, texts("edit-nothing-changed", name=item_name(after), id=after.id))
            return
        title = texts("watch-edited", name=item_name(after), kind=texts.word("item-kind", after.kind), id=after.id)
        lines = [*edited_lines(texts, edited), ""]
        await self._show_entered(interaction, visitor, after, edited.after.dossiers, title, lines)

    async def _show_entered(
        self,
        interaction: discord.Interaction,
        visitor: Visit,
        item: WatchItem,
        dossiers: Sequence[Dossier],
        title: str,
        first_lines: Sequence[str] = (),
    ) -> None:
        """Answer how an item was understood and what it would have matched, with a warning when that is too much."""
        texts = visitor.texts
        trial = await self.app.watchlist.try_items([item], self.app.clock.now(), EXAMPLES)
        lines = [*first_lines, *understanding_lines(texts, item)]
        if dossiers:
            lines.append(texts("watch-show-dossiers", dossiers=joined(texts, dossier_names(texts, dossiers))))
        lines.append("")
        async with self.app.database.read() as connection:
            promise = await promise_of(connection, visitor, item, dossiers)
        lines += [promise] if promise is not None else []
        if unread_sources(item, self.app.feeds):
            lines.append(texts("watch-sources-unread"))
        lines += trial_lines(texts, trial)
        colour = WARNING_COLOUR if trial.is_noisy else PLAIN_COLOUR
        await respond(interaction, embed=sheet(title, lines, colour=colour))

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
