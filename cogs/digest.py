"""`/digest`: what happened since the last one, posted in a channel at a set time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.ext import commands

from bot.dates.times import read_time
from bot.digest import remove as remove_digest
from bot.digest import schedule as schedule_digest
from bot.errors import UserError
from bot.markup import plain
from bot.models import Every
from cogs._caller import visit
from cogs._digest_options import Scheduled, chosen_digest, propose_digests, propose_hours
from cogs._digest_pages import DigestPage, digest_page
from cogs._digest_replies import made_lines, removed_lines, scheduled_lines, show_preview
from cogs._options import TYPED_UNITS, Channel, chosen_dossier, note_forums, propose_dossiers
from cogs._replies import respond, thinking
from cogs._texts import said

if TYPE_CHECKING:
    from bot.app import App
    from bot.client import Client

DAYS = [
    app_commands.Choice(name=said("choice-daily"), value="daily"),
    app_commands.Choice(name=said("choice-weekdays"), value="weekdays"),
    app_commands.Choice(name=said("choice-monday"), value="monday"),
    app_commands.Choice(name=said("choice-tuesday"), value="tuesday"),
    app_commands.Choice(name=said("choice-wednesday"), value="wednesday"),
    app_commands.Choice(name=said("choice-thursday"), value="thursday"),
    app_commands.Choice(name=said("choice-friday"), value="friday"),
    app_commands.Choice(name=said("choice-saturday"), value="saturday"),
    app_commands.Choice(name=said("choice-sunday"), value="sunday"),
]


@app_commands.guild_only()
class DigestGroup(commands.GroupCog, group_name=said("cmdname-digest"), group_description=said("cmd-digest")):
    """Hold the commands of `/digest`."""

    def __init__(self, app: App) -> None:
        self.app = app

    @app_commands.command(name=said("cmdname-digest-schedule"), description=said("cmd-digest-schedule"))
    @app_commands.rename(
        channel=said("optname-channel"),
        every=said("optname-every"),
        at=said("optname-at"),
        dossier=said("optname-dossier"),
    )
    @app_commands.describe(
        channel=said("opt-digest-channel"),
        every=said("opt-every"),
        at=said("opt-at"),
        dossier=said("opt-digest-dossier"),
    )
    @app_commands.choices(every=DAYS)
    async def schedule(
        self, interaction: discord.Interaction, channel: Channel, every: str, at: str, dossier: str | None = None
    ) -> None:
        """Schedule a digest of a channel, or of a dossier in it."""
        visitor = await visit(interaction)
        if visitor.newsroom is None:
            raise UserError("log-before-setup")
        time = read_time(at)
        of = await chosen_dossier(self.app, visitor, dossier) if dossier is not None else None
        made = await schedule_digest(
            self.app.database,
            visitor.viewer,
            channel.id,
            Every(every),
            time,
            of.id if of is not None else None,
            interaction.id,
            self.app.clock.now(),
        )
        await note_forums(self.app, visitor.guild_id, channel)
        one = Scheduled(made, of)
        lines = await scheduled_lines(self.app, interaction, visitor, visitor.newsroom, one)
        await respond(interaction, "\n".join(lines))

    @app_commands.command(name=said("cmdname-digest-list"), description=said("cmd-digest-list"))
    async def list_digests(self, interaction: discord.Interaction) -> None:
        """Show the digests, in the order in which they were scheduled."""
        embed, view = await digest_page(self.app, await visit(interaction), 0)
        await respond(interaction, embed=embed, view=view)

    @app_commands.command(name=said("cmdname-digest-preview"), description=said("cmd-digest-preview"))
    @app_commands.rename(digest=said("optname-digest"))
    @app_commands.describe(digest=said("opt-digest"))
    async def preview(self, interaction: discord.Interaction, digest: str) -> None:
        """Show what a digest would say now, to the person alone."""
        visitor = await visit(interaction)
        chosen = await chosen_digest(self.app, interaction, visitor, digest)
        await thinking(interaction)
        cards = await self.app.digester.preview(visitor.guild_id, chosen.digest.id)
        await show_preview(self.app, interaction, visitor, chosen, cards)

    @app_commands.command(name=said("cmdname-digest-now"), description=said("cmd-digest-now"))
    @app_commands.rename(digest=said("optname-digest"))
    @app_commands.describe(digest=said("opt-digest"))
    async def now(self, interaction: discord.Interaction, digest: str) -> None:
        """Post a digest at once; the scheduled ones stay as they are."""
        visitor = await visit(interaction)
        chosen = await chosen_digest(self.app, interaction, visitor, digest)
        await thinking(interaction)
        made = await self.app.digester.make_now(
            visitor.guild_id, chosen.digest.id, visitor.caller.user_id, interaction.id
        )
        self.app.delivery.wake()
        await respond(interaction, "\n".join(made_lines(interaction, visitor.texts, chosen.digest, made.messages)))

    @app_commands.command(name=said("cmdname-digest-remove"), description=said("cmd-digest-remove"))
    @app_commands.rename(digest=said("optname-digest"))
    @app_commands.describe(digest=said("opt-digest"))
    async def remove(self, interaction: discord.Interaction, digest: str) -> None:
        """Post a digest no more."""
        visitor = await visit(interaction)
        chosen = await chosen_digest(self.app, interaction, visitor, digest)
        now = self.app.clock.now()
        if not await remove_digest(self.app.database, visitor.viewer, chosen.digest.id, now):
            raise UserError("digest-unknown", typed=plain(digest, TYPED_UNITS))
        await respond(interaction, "\n".join(await removed_lines(self.app, visitor.texts, chosen)))

    @schedule.autocomplete("at")
    async def propose_time(self, interaction: discord.Interaction, typed: str) -> list[app_commands.Choice[str]]:
        """Propose half hours."""
        return await propose_hours(interaction, typed)

    @schedule.autocomplete("dossier")
    async def propose_dossier(self, interaction: discord.Interaction, typed: str) -> list[app_commands.Choice[str]]:
        """Propose open dossiers."""
        return await propose_dossiers(self.app, interaction, typed)

    @preview.autocomplete("digest")
    @now.autocomplete("digest")
    @remove.autocomplete("digest")
    async def propose_digest(self, interaction: discord.Interaction, typed: str) -> list[app_commands.Choice[str]]:
        """Propose the digests that are scheduled."""
        return await propose_digests(self.app, interaction, typed)


async def setup(bot: Client) -> None:
    """Add the group and the buttons that turn the pages of its list."""
    bot.add_dynamic_items(DigestPage)
    await bot.add_cog(DigestGroup(bot.app))
