"""The commands of `/fact` that change nothing: the facts as a list, one of them whole, all of them as files."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.ext import commands

from bot.access import Action
from bot.models import FactFilter, FactStatus
from cogs._caller import Visit, admit, visit
from cogs._fact_export import send_export
from cogs._fact_replies import fact_embed
from cogs._log_options import Period, chosen_fact, period_of, propose_facts
from cogs._log_pages import fact_page
from cogs._options import chosen_dossier, chosen_item, propose_dossiers, propose_items
from cogs._replies import respond, thinking
from cogs._texts import said

if TYPE_CHECKING:
    from bot.app import App

STATUSES = [
    app_commands.Choice(name=said("choice-fact-logged"), value="logged"),
    app_commands.Choice(name=said("choice-fact-verified"), value="verified"),
    app_commands.Choice(name=said("choice-fact-disputed"), value="disputed"),
    app_commands.Choice(name=said("choice-fact-retracted"), value="retracted"),
]
SEPARATORS = [
    app_commands.Choice(name=said("choice-comma"), value="comma"),
    app_commands.Choice(name=said("choice-semicolon"), value="semicolon"),
]


class Reading(commands.Cog):
    """Hold the commands that show facts."""

    app: App

    @app_commands.command(name=said("cmdname-fact-list"), description=said("cmd-fact-list"))
    @app_commands.rename(
        status=said("optname-status"),
        item=said("optname-item"),
        dossier=said("optname-dossier"),
        since=said("optname-since"),
        until=said("optname-until"),
    )
    @app_commands.describe(
        status=said("opt-fact-status"),
        item=said("opt-item"),
        dossier=said("opt-dossier"),
        since=said("opt-since"),
        until=said("opt-until"),
    )
    @app_commands.choices(status=STATUSES)
    async def list_facts(
        self,
        interaction: discord.Interaction,
        status: str | None = None,
        item: str | None = None,
        dossier: str | None = None,
        since: str | None = None,
        until: str | None = None,
    ) -> None:
        """Show the facts, a page at a time."""
        visitor = await visit(interaction)
        wanted, period = await self._wanted(visitor, status, item, dossier, since, until)
        embed, view = await fact_page(self.app, visitor, wanted, 0)
        await respond(interaction, "\n".join(period.lines(visitor.texts)) or None, embed=embed, view=view)

    @app_commands.command(name=said("cmdname-fact-show"), description=said("cmd-fact-show"))
    @app_commands.rename(fact=said("optname-fact"))
    @app_commands.describe(fact=said("opt-fact"))
    async def show(self, interaction: discord.Interaction, fact: str) -> None:
        """Show everything about a fact."""
        visitor = await visit(interaction)
        chosen = await chosen_fact(self.app, visitor, fact)
        await admit(interaction, Action.FACT_SHOW, thing=chosen)
        await respond(interaction, embed=await fact_embed(self.app, visitor, chosen, is_whole=True))

    @app_commands.command(name=said("cmdname-fact-export"), description=said("cmd-fact-export"))
    @app_commands.rename(
        status=said("optname-status"),
        item=said("optname-item"),
        dossier=said("optname-dossier"),
        since=said("optname-since"),
        until=said("optname-until"),
        separator=said("optname-separator"),
    )
    @app_commands.describe(
        status=said("opt-fact-status"),
        item=said("opt-item"),
        dossier=said("opt-dossier"),
        since=said("opt-since"),
        until=said("opt-until"),
        separator=said("opt-separator"),
    )
    @app_commands.choices(status=STATUSES, separator=SEPARATORS)
    async def export(  # the filters of the list, and how cells are separated
        self,
        interaction: discord.Interaction,
        status: str | None = None,
        item: str | None = None,
        dossier: str | None = None,
        since: str | None = None,
        until: str | None = None,
        separator: str = "comma",
    ) -> None:
        """Attach the facts as CSV, with their citations, their earlier versions and a manifest."""
        visitor = await visit(interaction)
        wanted, period = await self._wanted(visitor, status, item, dossier, since, until)
        await thinking(interaction)
        await send_export(interaction, visitor, wanted, period, separator)

    async def _wanted(
        self,
        visitor: Visit,
        status: str | None,
        item: str | None,
        dossier: str | None,
        since: str | None,
        until: str | None,
    ) -> tuple[FactFilter, Period]:
        """Return the filter that was given, with the dates as they were understood."""
        about = await chosen_item(self.app, visitor, item, Action.WATCH_SHOW) if item else None
        within = await chosen_dossier(self.app, visitor, dossier, is_open=None) if dossier else None
        period = period_of(self.app, visitor, since, until)
        wanted = FactFilter(
            status=FactStatus(status) if status else None,
            item_id=about.id if about else None,
            dossier_id=within.id if within else None,
            since=period.since,
            until=period.until,
        )
        return wanted, period

    @show.autocomplete("fact")
    async def propose_shown(self, interaction: discord.Interaction, typed: str) -> list[app_commands.Choice[str]]:
        """Propose facts."""
        return await propose_facts(self.app, interaction, typed, Action.FACT_SHOW)

    @list_facts.autocomplete("item")
    @export.autocomplete("item")
    async def propose_about(self, interaction: discord.Interaction, typed: str) -> list[app_commands.Choice[str]]:
        """Propose live items."""
        return await propose_items(self.app, interaction, typed, Action.WATCH_SHOW)

    @list_facts.autocomplete("dossier")
    @export.autocomplete("dossier")
    async def propose_within(self, interaction: discord.Interaction, typed: str) -> list[app_commands.Choice[str]]:
        """Propose dossiers, closed ones too."""
        return await propose_dossiers(self.app, interaction, typed, is_open=None)
