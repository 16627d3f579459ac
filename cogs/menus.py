"""The menus of a message: log it as a fact or as a tip, or compare it with the watchlist."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord
from discord import app_commands, ui
from discord.ext import commands

from bot.access import Action
from bot.errors import UserError
from bot.storage.archive import notices
from bot.storage.outbox import shown
from bot.watchlist.announced import notice_of
from bot.watchlist.trying import try_text
from cogs._caller import Visit, visit
from cogs._follow import follow_component
from cogs._log_of_message import LogFact, log_fact_of_message, log_tip_of_message, words_of
from cogs._replies import respond, sheet, thinking
from cogs._texts import said
from cogs._tree import ACTION
from cogs._trial import verdict_lines

if TYPE_CHECKING:
    from bot.app import App
    from bot.client import Client


class Menus(commands.Cog):
    """Hold the message menus, which discord.py lets nobody declare in a cog."""

    def __init__(self, app: App) -> None:
        self.app = app
        self.menus = [
            app_commands.ContextMenu(
                name=said("cmdname-menu-fact"), callback=self.log_as_fact, extras={ACTION: Action.FACT_ADD}
            ),
            app_commands.ContextMenu(
                name=said("cmdname-menu-tip"), callback=self.log_as_tip, extras={ACTION: Action.TIP_ADD}
            ),
            app_commands.ContextMenu(
                name=said("cmdname-menu-watchlist"), callback=self.compare, extras={ACTION: Action.WATCH_TEST}
            ),
        ]

    async def log_as_fact(self, interaction: discord.Interaction, message: discord.Message) -> None:
        """Open the form of a fact, filled in from the message."""
        await log_fact_of_message(interaction, message)

    async def log_as_tip(self, interaction: discord.Interaction, message: discord.Message) -> None:
        """Open the form of a tip, filled in from the message."""
        await log_tip_of_message(interaction, message)

    async def compare(self, interaction: discord.Interaction, message: discord.Message) -> None:
        """Say which watch items the message names, and why others that stand in it are held back."""
        visitor = await visit(interaction)
        text = words_of(interaction, message)
        if not text:
            raise UserError("menu-no-words")
        await thinking(interaction)
        items = await self.app.watchlist.items_of(visitor.guild_id)
        if not items:
            raise UserError("watch-empty")
        texts = visitor.texts
        verdict = await try_text(items, text, texts.language, self.app.watchlist.known)
        lines = verdict_lines(texts, verdict, items)
        view = await self._follow_view(visitor, message)
        await respond(interaction, embed=sheet(texts("menu-watchlist-title"), lines), view=view)

    async def _follow_view(self, visitor: Visit, message: discord.Message) -> ui.View | None:
        """Return what follows the procedure of the notice that a message of ours tells of, if it is one."""
        async with self.app.database.read() as connection:
            told = await shown.by_message(connection, visitor.guild_id, message.channel.id, message.id)
            row = await notice_of(connection, told) if told is not None else None
            found = await notices.latest(connection, [row]) if row is not None else {}
        component = await follow_component(self.app, visitor, list(found.items()))
        if component is None:
            return None
        view = ui.View(timeout=None)
        view.add_item(component)
        return view


async def setup(bot: Client) -> None:
    """Add the menus, and the button under an announcement that does the same with its notice."""
    menus = Menus(bot.app)
    bot.add_dynamic_items(LogFact)
    await bot.add_cog(menus)
    for menu in menus.menus:
        bot.tree.add_command(menu)
