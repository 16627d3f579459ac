"""The menus of a message: log it as a fact or as a tip, or compare it with the watchlist."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.ext import commands

from bot.access import Action
from bot.errors import UserError
from bot.watchlist.trying import try_text
from cogs._caller import visit
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
        await respond(interaction, embed=sheet(texts("menu-watchlist-title"), lines))


async def setup(bot: Client) -> None:
    """Add the menus, and the button under an announcement that does the same with its notice."""
    menus = Menus(bot.app)
    bot.add_dynamic_items(LogFact)
    await bot.add_cog(menus)
    for menu in menus.menus:
        bot.tree.add_command(menu)
