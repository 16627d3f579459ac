"""Every form that is sent, whichever command opened it: discord.py keeps none of ours, so they are taken here."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord
from discord.ext import commands

from cogs._forms import Reopen, receive

if TYPE_CHECKING:
    from bot.client import Client


class Forms(commands.Cog):
    """Hold the listener."""

    @commands.Cog.listener()
    async def on_interaction(self, interaction: discord.Interaction) -> None:
        """Take a form; commands and buttons have their own ways."""
        if interaction.type is discord.InteractionType.modal_submit:
            await receive(interaction)


async def setup(bot: Client) -> None:
    """Add the listener, and the button that opens a refused form again."""
    bot.add_dynamic_items(Reopen)
    await bot.add_cog(Forms())
