"""`/setup`: the newsroom's settings, and what is still missing before it can work."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.ext import commands

from bot.lookup import propose
from bot.setting_up import Changes, set_up, zone_named, zones
from cogs._caller import visit
from cogs._options import Channel, TextChannel, choices, note_forums
from cogs._replies import thinking
from cogs._setup_form import Announcing, MoreSettings, show_settings
from cogs._texts import said

if TYPE_CHECKING:
    from bot.app import App
    from bot.client import Client

LANGUAGES = [
    app_commands.Choice(name=said("choice-fr"), value="fr"),
    app_commands.Choice(name=said("choice-en"), value="en"),
]


class Setup(commands.Cog):
    """Hold `/setup`."""

    def __init__(self, app: App) -> None:
        self.app = app

    @app_commands.command(name=said("cmdname-setup"), description=said("cmd-setup"))
    @app_commands.guild_only()
    @app_commands.default_permissions(manage_guild=True)
    @app_commands.rename(
        announcements=said("optname-announcements"),
        operations=said("optname-operations"),
        log=said("optname-log"),
        reporter=said("optname-reporter"),
        editor=said("optname-editor"),
        language=said("optname-language"),
        timezone=said("optname-timezone"),
    )
    @app_commands.describe(
        announcements=said("opt-announcements"),
        operations=said("opt-operations"),
        log=said("opt-log"),
        reporter=said("opt-reporter"),
        editor=said("opt-editor"),
        language=said("opt-language"),
        timezone=said("opt-timezone"),
    )
    @app_commands.choices(language=LANGUAGES)
    async def setup(
        self,
        interaction: discord.Interaction,
        announcements: Channel | None = None,
        operations: TextChannel | None = None,
        log: Channel | None = None,
        reporter: discord.Role | None = None,
        editor: discord.Role | None = None,
        language: str | None = None,
        timezone: str | None = None,
    ) -> None:
        """Change the settings that were given, and show them all."""
        visitor = await visit(interaction)
        await thinking(interaction)
        changes = Changes(
            announcements_channel=announcements.id if announcements is not None else None,
            operations_channel=operations.id if operations is not None else None,
            log_channel=log.id if log is not None else None,
            reporter_role=reporter.id if reporter is not None else None,
            editor_role=editor.id if editor is not None else None,
            language=language,
            timezone=await asyncio.to_thread(zone_named, timezone) if timezone is not None else None,
        )
        defaults = self.app.settings.newsroom
        newsroom = await set_up(
            self.app.database,
            visitor.guild_id,
            changes,
            defaults,
            interaction.id,
            by=visitor.caller.user_id,
            now=self.app.clock.now(),
        )
        await note_forums(self.app, visitor.guild_id, announcements, log)
        for channel_id in changes.channels():
            await self.app.delivery.retry_parked(visitor.guild_id, channel_id, by_hand=True)
        self.app.delivery.wake()
        await show_settings(interaction, visitor, newsroom)

    @setup.autocomplete("timezone")
    async def propose_zones(self, _: discord.Interaction, typed: str) -> list[app_commands.Choice[str]]:
        """Propose time zones."""
        return choices(await asyncio.to_thread(lambda: propose(zones(), typed)))


async def setup(bot: Client) -> None:
    """Add the command, and the buttons below its reply."""
    bot.add_dynamic_items(MoreSettings, Announcing)
    await bot.add_cog(Setup(bot.app))
