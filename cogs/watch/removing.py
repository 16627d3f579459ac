"""`/watch remove` and `/watch restore`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.ext import commands

from bot.access import Action
from bot.errors import UserError
from bot.watchlist import changes
from cogs._caller import admit, visit
from cogs._items import item_name
from cogs._options import chosen_item, propose_items
from cogs._replies import respond
from cogs._texts import said

if TYPE_CHECKING:
    from bot.app import App


class Removing(commands.Cog):
    """Hold the commands that take items off the watchlist and put them back."""

    app: App

    @app_commands.command(name=said("cmdname-watch-remove"), description=said("cmd-watch-remove"))
    @app_commands.rename(item=said("optname-item"))
    @app_commands.describe(item=said("opt-item"))
    async def remove(self, interaction: discord.Interaction, item: str) -> None:
        """Take an item off the watchlist; its history stays."""
        visitor = await visit(interaction)
        chosen = await chosen_item(self.app, visitor, item, Action.WATCH_REMOVE)
        await admit(interaction, Action.WATCH_REMOVE, thing=chosen)
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
        await admit(interaction, Action.WATCH_RESTORE, thing=chosen)
        if not await changes.restore(self.app.database, chosen, visitor.caller.user_id, self.app.clock.now()):
            raise UserError("item-not-removed", typed=item_name(chosen))
        await respond(interaction, visitor.texts("watch-restored", name=item_name(chosen), id=chosen.id))

    @remove.autocomplete("item")
    async def propose_removable(self, interaction: discord.Interaction, typed: str) -> list[app_commands.Choice[str]]:
        """Propose the live items that the person may remove."""
        return await propose_items(self.app, interaction, typed, Action.WATCH_REMOVE)

    @restore.autocomplete("item")
    async def propose_removed(self, interaction: discord.Interaction, typed: str) -> list[app_commands.Choice[str]]:
        """Propose the removed items that the person may put back."""
        return await propose_items(self.app, interaction, typed, Action.WATCH_RESTORE)
