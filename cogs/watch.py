"""`/watch`: the newsroom's shared watchlist, added to, read, tried and thinned out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.ext import commands

from bot.access import Action
from bot.errors import UserError
from bot.models import ItemKind, Priority, WatchItem
from bot.sources import sources
from bot.watchlist import changes
from bot.watchlist.entry import Typed, read_entry, read_query
from bot.watchlist.live import try_text
from cogs._caller import Visit, admit, visit
from cogs._item_sheet import Unmute, item_sheet
from cogs._items import item_name, understanding_lines, unread_sources
from cogs._mute import MuteButton, MuteFor, MuteUndo, MuteWhich
from cogs._options import Channel, chosen_item, complete_list, named_sources, propose_items
from cogs._pages import PageButton, page_of
from cogs._replies import WARNING_COLOUR, respond, sheet, thinking
from cogs._texts import said
from cogs._trial import names_of, shown_query, trial_lines, verdict_lines

if TYPE_CHECKING:
    from bot.app import App
    from bot.client import Client

EXAMPLES = 3
"""Stored notices shown of those that match."""

KINDS = [
    app_commands.Choice(name=said("choice-company"), value="company"),
    app_commands.Choice(name=said("choice-official"), value="official"),
    app_commands.Choice(name=said("choice-keyword"), value="keyword"),
]
PRIORITIES = [
    app_commands.Choice(name=said("choice-instant"), value="instant"),
    app_commands.Choice(name=said("choice-digest"), value="digest"),
]

COMPONENTS = (MuteButton, MuteWhich, MuteFor, MuteUndo, Unmute, PageButton)


@app_commands.guild_only()
class Watch(commands.GroupCog, group_name=said("cmdname-watch"), group_description=said("cmd-watch")):
    """Hold the commands of `/watch`."""

    def __init__(self, app: App) -> None:
        self.app = app

    @app_commands.command(name=said("cmdname-watch-add"), description=said("cmd-watch-add"))
    @app_commands.rename(
        kind=said("optname-kind"),
        name=said("optname-name"),
        aliases=said("optname-aliases"),
        identifiers=said("optname-identifiers"),
        any_of=said("optname-any-of"),
        none_of=said("optname-none-of"),
        sources_=said("optname-sources"),
        channel=said("optname-channel"),
        priority=said("optname-priority"),
        ref=said("optname-ref"),
        note=said("optname-note"),
    )
    @app_commands.describe(
        kind=said("opt-kind"),
        name=said("opt-name"),
        aliases=said("opt-aliases"),
        identifiers=said("opt-identifiers"),
        any_of=said("opt-any-of"),
        none_of=said("opt-none-of"),
        sources_=said("opt-sources"),
        channel=said("opt-channel"),
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
        entry = read_entry(
            typed, guild_id=visitor.guild_id, added_by=visitor.caller.user_id, known_sources=sources().keys()
        )
        now = self.app.clock.now()
        item = await changes.add(self.app.database, entry, interaction.id, now)
        trial = await self.app.watchlist.try_items([item], now, EXAMPLES)
        texts = visitor.texts
        lines = [*understanding_lines(texts, item), ""]
        if item.priority is Priority.DIGEST:
            lines.append(texts("watch-digest"))
        if unread_sources(item, self.app.feeds):
            lines.append(texts("watch-sources-unread"))
        lines += trial_lines(texts, trial)
        title = texts("watch-added", name=item_name(item), kind=texts.word("item-kind", item.kind), id=item.id)
        if trial.is_noisy:
            await respond(interaction, embed=sheet(title, lines, colour=WARNING_COLOUR))
        else:
            await respond(interaction, embed=sheet(title, lines))

    @app_commands.command(name=said("cmdname-watch-list"), description=said("cmd-watch-list"))
    @app_commands.rename(kind=said("optname-kind"))
    @app_commands.describe(kind=said("opt-list-kind"))
    @app_commands.choices(kind=KINDS)
    async def list_items(self, interaction: discord.Interaction, kind: str | None = None) -> None:
        """Show the watchlist, a page at a time."""
        wanted = ItemKind(kind) if kind is not None else None
        embed, view = await page_of(self.app, await visit(interaction), wanted, 0)
        await respond(interaction, embed=embed, view=view)

    @app_commands.command(name=said("cmdname-watch-show"), description=said("cmd-watch-show"))
    @app_commands.rename(item=said("optname-item"))
    @app_commands.describe(item=said("opt-item"))
    async def show(self, interaction: discord.Interaction, item: str) -> None:
        """Show everything about an item."""
        visitor = await visit(interaction)
        chosen = await chosen_item(self.app, visitor, item, Action.WATCH_SHOW)
        await admit(interaction, Action.WATCH_SHOW, item=chosen)
        embed, view = await item_sheet(self.app, visitor, chosen)
        await respond(interaction, embed=embed, view=view)

    @app_commands.command(name=said("cmdname-watch-remove"), description=said("cmd-watch-remove"))
    @app_commands.rename(item=said("optname-item"))
    @app_commands.describe(item=said("opt-item"))
    async def remove(self, interaction: discord.Interaction, item: str) -> None:
        """Take an item off the watchlist; its history stays."""
        visitor = await visit(interaction)
        chosen = await chosen_item(self.app, visitor, item, Action.WATCH_REMOVE)
        await admit(interaction, Action.WATCH_REMOVE, item=chosen)
        if not await changes.remove(self.app.database, chosen, visitor.caller.user_id, self.app.clock.now()):
            raise UserError("watch-gone")
        await respond(interaction, visitor.texts("watch-removed", name=item_name(chosen), id=chosen.id))

    @app_commands.command(name=said("cmdname-watch-restore"), description=said("cmd-watch-restore"))
    @app_commands.rename(item=said("optname-item"))
    @app_commands.describe(item=said("opt-removed-item"))
    async def restore(self, interaction: discord.Interaction, item: str) -> None:
        """Put a removed item back."""
        visitor = await visit(interaction)
        chosen = await chosen_item(self.app, visitor, item, Action.WATCH_RESTORE)
        await admit(interaction, Action.WATCH_RESTORE, item=chosen)
        if not await changes.restore(self.app.database, chosen):
            raise UserError("item-not-removed", typed=item_name(chosen))
        await respond(interaction, visitor.texts("watch-restored", name=item_name(chosen), id=chosen.id))

    @app_commands.command(name=said("cmdname-watch-test"), description=said("cmd-watch-test"))
    @app_commands.rename(item=said("optname-item"), query=said("optname-query"), text=said("optname-text"))
    @app_commands.describe(item=said("opt-test-item"), query=said("opt-test-query"), text=said("opt-test-text"))
    async def test(
        self,
        interaction: discord.Interaction,
        item: str | None = None,
        query: str | None = None,
        text: str | None = None,
    ) -> None:
        """Say what would match and why, on a text or on the stored notices."""
        visitor = await visit(interaction)
        if item is not None and query is not None:
            raise UserError("test-item-or-query")
        await thinking(interaction)
        texts = visitor.texts
        items = await self._tried(visitor, item, query)
        names = names_of(items)
        is_all = item is None and query is None
        title = texts("test-title-all") if is_all else texts("test-title", what=shown_query(items[0].name))
        lines = [] if is_all else [*understanding_lines(texts, items[0]), ""]
        if text is not None:
            lines += verdict_lines(texts, await try_text(items, text), names)
        else:
            trial = await self.app.watchlist.try_items(items, self.app.clock.now(), EXAMPLES)
            lines += trial_lines(texts, trial, names if is_all else None)
        await respond(interaction, embed=sheet(title, lines))

    async def _tried(self, visitor: Visit, item: str | None, query: str | None) -> list[WatchItem]:
        """Return what is to be tried: an item, a query, or the whole watchlist of the newsroom."""
        if item is not None:
            return [await chosen_item(self.app, visitor, item, Action.WATCH_TEST)]
        if query is not None:
            return [read_query(query, guild_id=visitor.guild_id)]
        items = await self.app.watchlist.items_of(visitor.guild_id)
        if not items:
            raise UserError("watch-empty")
        return list(items)

    @add.autocomplete("sources_")
    async def propose_sources(self, _: discord.Interaction, typed: str) -> list[app_commands.Choice[str]]:
        """Propose sources for the last element of the list."""
        return complete_list(named_sources(self.app), typed)

    @show.autocomplete("item")
    async def propose_shown(self, interaction: discord.Interaction, typed: str) -> list[app_commands.Choice[str]]:
        """Propose live items."""
        return await propose_items(self.app, interaction, typed, Action.WATCH_SHOW)

    @test.autocomplete("item")
    async def propose_tried(self, interaction: discord.Interaction, typed: str) -> list[app_commands.Choice[str]]:
        """Propose live items."""
        return await propose_items(self.app, interaction, typed, Action.WATCH_TEST)

    @remove.autocomplete("item")
    async def propose_removable(self, interaction: discord.Interaction, typed: str) -> list[app_commands.Choice[str]]:
        """Propose the live items that the person may remove."""
        return await propose_items(self.app, interaction, typed, Action.WATCH_REMOVE)

    @restore.autocomplete("item")
    async def propose_removed(self, interaction: discord.Interaction, typed: str) -> list[app_commands.Choice[str]]:
        """Propose the removed items that the person may put back."""
        return await propose_items(self.app, interaction, typed, Action.WATCH_RESTORE)


async def setup(bot: Client) -> None:
    """Add the group and the buttons that go with the watchlist."""
    bot.add_dynamic_items(*COMPONENTS)
    await bot.add_cog(Watch(bot.app))
