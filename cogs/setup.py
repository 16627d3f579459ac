"""`/setup`: the newsroom's settings, and what is still missing before it can work."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.ext import commands

from bot.locales import Texts
from bot.lookup import propose
from bot.models import Newsroom
from bot.setting_up import Changes, ChannelPermission, set_up, zone_named, zones
from cogs._caller import visit
from cogs._options import Channel, choices
from cogs._replies import PLAIN_COLOUR, WARNING_COLOUR, respond, sheet, thinking
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
        operations: Channel | None = None,
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
        newsroom = await set_up(self.app.database, visitor.guild_id, changes, defaults, interaction.id)
        for channel_id in changes.channels():
            await self.app.delivery.retry_parked(visitor.guild_id, channel_id, by_hand=True)
        self.app.delivery.wake()
        texts = visitor.texts
        missing = [*missing_lines(texts, newsroom), *permission_lines(texts, newsroom, interaction)]
        lines = list(setting_lines(texts, newsroom))
        if missing:
            lines += ["", texts("setup-missing"), *(f"- {line}" for line in missing)]
        lines += ["", texts("setup-no-secrets")]
        colour = WARNING_COLOUR if missing else PLAIN_COLOUR
        await respond(interaction, embed=sheet(texts("setup-title"), lines, colour=colour))

    @setup.autocomplete("timezone")
    async def propose_zones(self, _: discord.Interaction, typed: str) -> list[app_commands.Choice[str]]:
        """Propose time zones."""
        return choices(await asyncio.to_thread(lambda: propose(zones(), typed)))


def setting_lines(texts: Texts, newsroom: Newsroom) -> Iterator[str]:
    """Yield the settings as they now are."""
    none = texts("setup-none")
    for label, channel in (
        (texts("setup-announcements"), newsroom.announcements_channel),
        (texts("setup-operations"), newsroom.operations_channel),
        (texts("setup-log"), newsroom.log_channel),
    ):
        yield texts("setup-line", label=label, value=_channel(texts, channel) or none)
    for label, role in (
        (texts("setup-reporter"), newsroom.reporter_role),
        (texts("setup-editor"), newsroom.editor_role),
    ):
        yield texts("setup-line", label=label, value=texts("setup-role", role=role) if role else none)
    language = texts("choice-fr") if newsroom.language == "fr" else texts("choice-en")
    yield texts("setup-line", label=texts("setup-language"), value=language)
    yield texts("setup-line", label=texts("setup-timezone"), value=newsroom.timezone)


def missing_lines(texts: Texts, newsroom: Newsroom) -> Iterator[str]:
    """Yield what the newsroom still lacks to work."""
    if newsroom.announcements_channel is None:
        yield texts("setup-missing-announcements")
    if newsroom.operations_channel is None:
        yield texts("setup-missing-operations")
    if newsroom.reporter_role is None and newsroom.editor_role is None:
        yield texts("setup-missing-roles")


def permission_lines(texts: Texts, newsroom: Newsroom, interaction: discord.Interaction) -> Iterator[str]:
    """Yield what the bot is not allowed, and should be, in the newsroom's channels; nothing where it cannot be seen."""
    channels = (newsroom.announcements_channel, newsroom.operations_channel, newsroom.log_channel)
    for channel_id in dict.fromkeys(channel for channel in channels if channel is not None):
        guild = interaction.guild
        channel = guild.get_channel(channel_id) if guild is not None else None
        if channel_id == interaction.channel_id:
            allowed = interaction.app_permissions
        elif channel is not None:
            allowed = channel.permissions_for(channel.guild.me)
        elif guild is not None and guild.channels:
            yield texts("setup-channel-gone", channel=channel_id)
            continue
        else:
            continue
        lacking = [permission for permission in ChannelPermission if not getattr(allowed, permission)]
        if lacking:
            names = [texts.word("permission", permission) for permission in lacking]
            yield texts("setup-permissions", channel=channel_id, permissions=names)


def _channel(texts: Texts, channel_id: int | None) -> str | None:
    return texts("setup-channel", channel=channel_id) if channel_id is not None else None


async def setup(bot: Client) -> None:
    """Add the command."""
    await bot.add_cog(Setup(bot.app))
