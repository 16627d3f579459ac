"""`/watch test`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.ext import commands

from bot.access import Action
from bot.errors import UserError
from bot.models import WatchItem
from bot.watchlist.entry import read_query
from bot.watchlist.live import try_text
from cogs._caller import Visit, visit
from cogs._items import understanding_lines
from cogs._options import chosen_item, propose_items
from cogs._replies import respond, sheet, thinking
from cogs._texts import said
from cogs._trial import EXAMPLES, names_of, shown_query, trial_lines, verdict_lines

if TYPE_CHECKING:
    from bot.app import App


class Trying(commands.Cog):
    """Hold the command that tries items before anything is announced."""

    app: App

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

    @test.autocomplete("item")
    async def propose_tried(self, interaction: discord.Interaction, typed: str) -> list[app_commands.Choice[str]]:
        """Propose live items."""
        return await propose_items(self.app, interaction, typed, Action.WATCH_TEST)
