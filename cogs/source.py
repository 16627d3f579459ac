"""`/source`: how the sources are doing, in words, and a poll at once."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.ext import commands

from bot.lookup import propose
from bot.sources import label_of, sources
from bot.storage import newsrooms
from bot.storage import sources as source_states
from cogs._caller import visit
from cogs._options import choices, chosen_source, named_sources
from cogs._replies import respond, sheet, thinking
from cogs._source_words import check_lines, health_line, source_lines
from cogs._texts import said

if TYPE_CHECKING:
    from bot.app import App
    from bot.client import Client
    from bot.pipeline import PollReport

ANSWER_WITHIN_S = 14 * 60.0
"""A promised answer can be given for 15 minutes; a longer poll is told in the operations channel."""


@app_commands.guild_only()
class Source(commands.GroupCog, group_name=said("cmdname-source"), group_description=said("cmd-source")):
    """Hold the commands of `/source`."""

    def __init__(self, app: App) -> None:
        self.app = app
        self._checks: set[asyncio.Task[PollReport]] = set()

    async def cog_unload(self) -> None:
        """End the checks under way: a poll can be cut short anywhere, and is read again."""
        for check in self._checks:
            check.cancel()
        await asyncio.gather(*self._checks, return_exceptions=True)

    @app_commands.command(name=said("cmdname-source-list"), description=said("cmd-source-list"))
    async def list_sources(self, interaction: discord.Interaction) -> None:
        """Show how every source is doing."""
        visitor = await visit(interaction)
        async with self.app.database.read() as connection:
            states = [await source_states.find(connection, named.id) for named in named_sources(self.app)]
        now = self.app.clock.now()
        kinds = sources()
        lines = [
            health_line(visitor.texts, state, kinds[state.source], now, is_enabled=state.source in self.app.feeds)
            for state in states
        ]
        await respond(interaction, embed=sheet(visitor.texts("source-list-title"), lines))

    @app_commands.command(name=said("cmdname-source-show"), description=said("cmd-source-show"))
    @app_commands.rename(source=said("optname-source"))
    @app_commands.describe(source=said("opt-source"))
    async def show(self, interaction: discord.Interaction, source: str) -> None:
        """Show all that is known of a source."""
        visitor = await visit(interaction)
        name = chosen_source(self.app, source)
        async with self.app.database.read() as connection:
            state = await source_states.find(connection, name)
        lines = source_lines(
            visitor.texts,
            state,
            sources()[name],
            now=self.app.clock.now(),
            next_poll=await self.app.next_poll(name),
            is_enabled=name in self.app.feeds,
        )
        await respond(interaction, embed=sheet(visitor.texts("source-show-title", source=label_of(name)), lines))

    @app_commands.command(name=said("cmdname-source-check"), description=said("cmd-source-check"))
    @app_commands.rename(source=said("optname-source"))
    @app_commands.describe(source=said("opt-source"))
    async def check(self, interaction: discord.Interaction, source: str) -> None:
        """Poll a source now, and tell the outcome here and in the operations channel."""
        visitor = await visit(interaction)
        name = chosen_source(self.app, source)
        await thinking(interaction)
        check = asyncio.create_task(self.app.check(name, visitor.guild_id, interaction.id))
        self._checks.add(check)
        check.add_done_callback(self._checks.discard)
        done, _ = await asyncio.wait({check}, timeout=ANSWER_WITHIN_S)
        texts = visitor.texts
        async with self.app.database.read() as connection:
            newsroom = await newsrooms.find(connection, visitor.guild_id)
            state = await source_states.find(connection, name)
        channel = newsroom.operations_channel if newsroom is not None else None
        if not done:
            await respond(interaction, texts("source-check-long", source=label_of(name)))
            return
        lines = check_lines(texts, check.result(), state, channel)
        await respond(interaction, embed=sheet(texts("source-check-title", source=label_of(name)), lines))

    @show.autocomplete("source")
    @check.autocomplete("source")
    async def propose_sources(self, _: discord.Interaction, typed: str) -> list[app_commands.Choice[str]]:
        """Propose sources."""
        return choices(propose(named_sources(self.app), typed))


async def setup(bot: Client) -> None:
    """Add the group."""
    await bot.add_cog(Source(bot.app))
