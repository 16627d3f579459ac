"""`/source`: how the sources are doing, in words; a poll at once, their history, and a newsroom's pause."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.ext import commands

from bot.errors import UserError
from bot.lookup import propose
from bot.markup import plain
from bot.pipeline.pausing import pause as pause_source
from bot.pipeline.pausing import resume as resume_source
from bot.sources import kind_of, label_of
from bot.storage import newsrooms
from bot.storage.reading import backfills, polls, source_pauses
from bot.storage.reading import sources as source_states
from cogs._caller import Visit, visit
from cogs._log_options import dates_of, zone_of
from cogs._options import choices, chosen_source, named_sources
from cogs._replies import respond, sheet, thinking
from cogs._source_words import Known, check_lines, health_line, source_lines
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
            paused = await source_pauses.of_newsroom(connection, visitor.guild_id)
        now = self.app.clock.now()
        lines = []
        for state in states:
            kind = kind_of(state.source)
            if kind is not None:
                lines.append(
                    health_line(visitor.texts, state, kind, now, is_enabled=state.source in self.app.feeds)
                    + (f" {visitor.texts('source-paused-short')}" if state.source in paused else "")
                )
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
            known = Known(
                usual=await polls.usual(connection, name),
                next_poll=await self.app.next_poll(name),
                is_enabled=name in self.app.feeds,
                history=await backfills.find_open(connection, name),
                paused_at=(await source_pauses.of_newsroom(connection, visitor.guild_id)).get(name),
            )
        kind = kind_of(name)
        if kind is None:
            raise UserError("source-unknown", source=plain(source))
        lines = source_lines(visitor.texts, state, kind, known, self.app.clock.now())
        await respond(interaction, embed=sheet(visitor.texts("source-show-title", source=label_of(name)), lines))

    @app_commands.command(name=said("cmdname-source-check"), description=said("cmd-source-check"))
    @app_commands.rename(source=said("optname-source"))
    @app_commands.describe(source=said("opt-source"))
    async def check(self, interaction: discord.Interaction, source: str) -> None:
        """Poll a source now, and tell the outcome here and in the operations channel."""
        visitor = await visit(interaction)
        name = chosen_source(self.app, source)
        await thinking(interaction)
        check = asyncio.create_task(self.app.check(name, visitor.guild_id, visitor.caller.user_id, interaction.id))
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

    @app_commands.command(name=said("cmdname-source-backfill"), description=said("cmd-source-backfill"))
    @app_commands.rename(source=said("optname-source"), since=said("optname-since"))
    @app_commands.describe(source=said("opt-source"), since=said("opt-backfill-since"))
    async def backfill(self, interaction: discord.Interaction, source: str, since: str) -> None:
        """Have the history of a source read from a day on, in silence."""
        visitor = await visit(interaction)
        name = chosen_source(self.app, source)
        _refuse_before_setup(visitor)
        await thinking(interaction)
        day = (await asyncio.to_thread(dates_of(self.app, visitor), since)).first_day
        texts, now = visitor.texts, self.app.clock.now()
        if day > now.astimezone(zone_of(self.app, visitor)).date():
            raise UserError("source-backfill-future")
        begun = await self.app.backfill(name, day, visitor.guild_id, visitor.caller.user_id)
        channel = visitor.newsroom.operations_channel if visitor.newsroom is not None else None
        if begun is None:
            await respond(interaction, texts("source-backfill-covered", source=label_of(name), since=day))
        elif channel is None:
            told = texts("source-backfill-untold", source=label_of(name), since=begun.since, until=begun.until)
            await respond(interaction, told)
        else:
            days = {"since": begun.since, "until": begun.until}
            await respond(interaction, texts("source-backfill-begun", source=label_of(name), channel=channel, **days))

    @app_commands.command(name=said("cmdname-source-pause"), description=said("cmd-source-pause"))
    @app_commands.rename(source=said("optname-source"))
    @app_commands.describe(source=said("opt-source"))
    async def pause(self, interaction: discord.Interaction, source: str) -> None:
        """Hold back the newsroom's hits of a source from now on."""
        visitor = await visit(interaction)
        name = chosen_source(self.app, source)
        _refuse_before_setup(visitor)
        by, now = visitor.caller.user_id, self.app.clock.now()
        is_new = await pause_source(self.app.database, visitor.guild_id, name, by, now)
        texts, label = visitor.texts, label_of(name)
        told = texts("source-paused-done", source=label) if is_new else texts("source-paused-already", source=label)
        await respond(interaction, told)

    @app_commands.command(name=said("cmdname-source-resume"), description=said("cmd-source-resume"))
    @app_commands.rename(source=said("optname-source"))
    @app_commands.describe(source=said("opt-source"))
    async def resume(self, interaction: discord.Interaction, source: str) -> None:
        """Announce the newsroom's hits of a source again."""
        visitor = await visit(interaction)
        name = chosen_source(self.app, source)
        _refuse_before_setup(visitor)
        by, now = visitor.caller.user_id, self.app.clock.now()
        was_paused = await resume_source(self.app.database, visitor.guild_id, name, by, now)
        texts, label = visitor.texts, label_of(name)
        told = (
            texts("source-resumed-done", source=label) if was_paused else texts("source-resumed-already", source=label)
        )
        await respond(interaction, told)

    @show.autocomplete("source")
    @check.autocomplete("source")
    @backfill.autocomplete("source")
    @pause.autocomplete("source")
    @resume.autocomplete("source")
    async def propose_sources(self, _: discord.Interaction, typed: str) -> list[app_commands.Choice[str]]:
        """Propose sources."""
        return choices(propose(named_sources(self.app), typed))


def _refuse_before_setup(visitor: Visit) -> None:
    """Raise UserError where no newsroom is there to change."""
    if visitor.newsroom is None:
        raise UserError("log-before-setup")


async def setup(bot: Client) -> None:
    """Add the group."""
    await bot.add_cog(Source(bot.app))
