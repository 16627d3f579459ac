"""`/dossier`: investigations that gather watch items, tips and facts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.ext import commands

from bot import dossiers
from bot.errors import UserError
from bot.markup import plain
from bot.models import ThingKind
from bot.storage.watching import routes
from cogs._caller import visit
from cogs._dossier_pages import DossierPage, dossier_page
from cogs._dossier_sheet import dossier_sheet
from cogs._items import channel_names
from cogs._options import Channel, chosen_dossier, note_forums, propose_dossiers
from cogs._replies import respond
from cogs._texts import said
from cogs._things import chosen_thing, propose_things

if TYPE_CHECKING:
    from bot.app import App
    from bot.client import Client

NAME_UNITS = 100


@app_commands.guild_only()
class DossierGroup(commands.GroupCog, group_name=said("cmdname-dossier"), group_description=said("cmd-dossier")):
    """Hold the commands of `/dossier`."""

    def __init__(self, app: App) -> None:
        self.app = app

    @app_commands.command(name=said("cmdname-dossier-create"), description=said("cmd-dossier-create"))
    @app_commands.rename(name=said("optname-name"), channel=said("optname-channel"))
    @app_commands.describe(name=said("opt-dossier-name"), channel=said("opt-dossier-channel"))
    async def create(self, interaction: discord.Interaction, name: str, channel: Channel | None = None) -> None:
        """Open a dossier."""
        visitor = await visit(interaction)
        if visitor.newsroom is None:
            raise UserError("log-before-setup")
        channel_id = channel.id if channel is not None else None
        now = self.app.clock.now()
        made = await dossiers.create(self.app.database, visitor.viewer, name, channel_id, interaction.id, now)
        await note_forums(self.app, visitor.guild_id, channel)
        texts = visitor.texts
        lines = [texts("dossier-created", name=made.name, id=made.id)]
        if channel_id is not None:
            lines.append(texts("dossier-posts-in", channel=channel_id))
        await respond(interaction, "\n".join(lines))

    @app_commands.command(name=said("cmdname-dossier-add"), description=said("cmd-dossier-add"))
    @app_commands.rename(dossier=said("optname-dossier"), thing=said("optname-thing"))
    @app_commands.describe(dossier=said("opt-dossier"), thing=said("opt-thing"))
    async def add(self, interaction: discord.Interaction, dossier: str, thing: str) -> None:
        """Put an item, a tip or a fact into a dossier."""
        visitor = await visit(interaction)
        into = await chosen_dossier(self.app, visitor, dossier)
        kind, thing_id, name = await chosen_thing(self.app, visitor, thing)
        now = self.app.clock.now()
        gathered = await dossiers.put(self.app.database, visitor.viewer, into.id, kind, thing_id, now)
        self.app.delivery.wake()
        texts = visitor.texts
        words = {
            "what": texts.word("the-thing", kind),
            "id": thing_id,
            "name": plain(name, NAME_UNITS),
            "dossier": into.name,
        }
        lines = [texts("dossier-added" if gathered.is_new else "dossier-holds", **words)]
        if kind is ThingKind.ITEM and into.channel_id is not None:
            async with self.app.database.read() as connection:
                channels = await routes.of_item(connection, visitor.guild_id, thing_id)
            lines.append(texts("dossier-item-announced", channels=channel_names(texts, channels)))
        await respond(interaction, "\n".join(lines))

    @app_commands.command(name=said("cmdname-dossier-list"), description=said("cmd-dossier-list"))
    async def list_dossiers(self, interaction: discord.Interaction) -> None:
        """Show the dossiers, open ones first."""
        embed, view = await dossier_page(self.app, await visit(interaction), 0)
        await respond(interaction, embed=embed, view=view)

    @app_commands.command(name=said("cmdname-dossier-show"), description=said("cmd-dossier-show"))
    @app_commands.rename(dossier=said("optname-dossier"))
    @app_commands.describe(dossier=said("opt-dossier"))
    async def show(self, interaction: discord.Interaction, dossier: str) -> None:
        """Show what a dossier gathers."""
        visitor = await visit(interaction)
        chosen = await chosen_dossier(self.app, visitor, dossier, is_open=None)
        await respond(interaction, embed=await dossier_sheet(self.app, visitor, chosen))

    @app_commands.command(name=said("cmdname-dossier-close"), description=said("cmd-dossier-close"))
    @app_commands.rename(dossier=said("optname-dossier"))
    @app_commands.describe(dossier=said("opt-dossier"))
    async def close(self, interaction: discord.Interaction, dossier: str) -> None:
        """Close a dossier; what it gathers stays."""
        visitor = await visit(interaction)
        chosen = await chosen_dossier(self.app, visitor, dossier)
        if not await dossiers.close(self.app.database, visitor.viewer, chosen.id, self.app.clock.now()):
            raise UserError("dossier-closed", name=chosen.name)
        lines = [visitor.texts("dossier-now-closed", name=chosen.name)]
        if chosen.channel_id is not None:
            lines.append(visitor.texts("dossier-announces-no-more", channel=chosen.channel_id))
        await respond(interaction, "\n".join(lines))

    @app_commands.command(name=said("cmdname-dossier-reopen"), description=said("cmd-dossier-reopen"))
    @app_commands.rename(dossier=said("optname-dossier"))
    @app_commands.describe(dossier=said("opt-closed-dossier"))
    async def reopen(self, interaction: discord.Interaction, dossier: str) -> None:
        """Open a closed dossier again."""
        visitor = await visit(interaction)
        chosen = await chosen_dossier(self.app, visitor, dossier, is_open=None)
        if not await dossiers.reopen(self.app.database, visitor.viewer, chosen.id, self.app.clock.now()):
            raise UserError("dossier-is-open", name=chosen.name)
        lines = [visitor.texts("dossier-now-open", name=chosen.name)]
        if chosen.channel_id is not None:
            lines.append(visitor.texts("dossier-announces-again", channel=chosen.channel_id))
        await respond(interaction, "\n".join(lines))

    @add.autocomplete("dossier")
    @close.autocomplete("dossier")
    async def propose_open(self, interaction: discord.Interaction, typed: str) -> list[app_commands.Choice[str]]:
        """Propose open dossiers."""
        return await propose_dossiers(self.app, interaction, typed)

    @show.autocomplete("dossier")
    async def propose_any(self, interaction: discord.Interaction, typed: str) -> list[app_commands.Choice[str]]:
        """Propose dossiers, closed ones too."""
        return await propose_dossiers(self.app, interaction, typed, is_open=None)

    @reopen.autocomplete("dossier")
    async def propose_closed(self, interaction: discord.Interaction, typed: str) -> list[app_commands.Choice[str]]:
        """Propose closed dossiers."""
        return await propose_dossiers(self.app, interaction, typed, is_open=False)

    @add.autocomplete("thing")
    async def propose_thing(self, interaction: discord.Interaction, typed: str) -> list[app_commands.Choice[str]]:
        """Propose items, tips that the person may see, and facts."""
        return await propose_things(self.app, interaction, typed)


async def setup(bot: Client) -> None:
    """Add the group and the buttons that turn the pages of its list."""
    bot.add_dynamic_items(DossierPage)
    await bot.add_cog(DossierGroup(bot.app))
