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
from bot.watchlist.trying import try_text
from cogs._caller import Visit, visit
from cogs._items import read_lines
from cogs._options import chosen_item, propose_items
from cogs._replies import leaving_room, respond, sheet, thinking
from cogs._texts import said
from cogs._trial import EXAMPLES, context_words, names_of, shown_query, trial_lines, verdict_lines

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
        read = [] if is_all else [*await read_lines(texts, items[0]), ""]
        lines: list[str] = []
        if text is not None:
            verdict = await try_text(items, text, texts.language, self.app.watchlist.known)
            lines += verdict_lines(texts, verdict, items)
        else:
            trial = await self.app.watchlist.try_items(items, self.app.clock.now(), EXAMPLES)
            context = context_words(await self.app.watchlist.items_of(visitor.guild_id), None if is_all else items[0])
            lines += trial_lines(texts, trial, names if is_all else None, None if is_all else items[0], context)
        await respond(interaction, embed=sheet(title, [*leaving_room(read, lines), *lines]))

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
