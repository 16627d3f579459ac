"""`/watch list` and `/watch show`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.ext import commands

from bot.access import Action
from bot.models import ItemKind
from cogs._caller import admit, visit
from cogs._item_sheet import item_sheet
from cogs._options import chosen_dossier, chosen_item, propose_dossiers, propose_items
from cogs._pages import Wanted, page_of
from cogs._replies import respond
from cogs._texts import said
from cogs.watch.entering import KINDS

if TYPE_CHECKING:
    from bot.app import App


class Reading(commands.Cog):
    """Hold the commands that show items."""

    app: App

    @app_commands.command(name=said("cmdname-watch-list"), description=said("cmd-watch-list"))
    @app_commands.rename(kind=said("optname-kind"), dossier=said("optname-dossier"))
    @app_commands.describe(kind=said("opt-list-kind"), dossier=said("opt-list-dossier"))
    @app_commands.choices(kind=KINDS)
    async def list_items(
        self, interaction: discord.Interaction, kind: str | None = None, dossier: str | None = None
    ) -> None:
        """Show the watchlist, a page at a time."""
        visitor = await visit(interaction)
        chosen = None
        if dossier is not None:
            chosen = await chosen_dossier(self.app, visitor, dossier, is_open=None)
        wanted = Wanted(ItemKind(kind) if kind is not None else None, chosen.id if chosen is not None else None)
        embed, view = await page_of(self.app, visitor, wanted, 0)
        await respond(interaction, embed=embed, view=view)

    @app_commands.command(name=said("cmdname-watch-show"), description=said("cmd-watch-show"))
    @app_commands.rename(item=said("optname-item"))
    @app_commands.describe(item=said("opt-item"))
    async def show(self, interaction: discord.Interaction, item: str) -> None:
        """Show everything about an item."""
        visitor = await visit(interaction)
        chosen = await chosen_item(self.app, visitor, item, Action.WATCH_SHOW)
        await admit(interaction, Action.WATCH_SHOW, thing=chosen)
        embed, view = await item_sheet(self.app, visitor, chosen)
        await respond(interaction, embed=embed, view=view)

    @list_items.autocomplete("dossier")
    async def propose_listed(self, interaction: discord.Interaction, typed: str) -> list[app_commands.Choice[str]]:
        """Propose dossiers, closed ones too."""
        return await propose_dossiers(self.app, interaction, typed, is_open=None)

    @show.autocomplete("item")
    async def propose_shown(self, interaction: discord.Interaction, typed: str) -> list[app_commands.Choice[str]]:
        """Propose live items."""
        return await propose_items(self.app, interaction, typed, Action.WATCH_SHOW)
