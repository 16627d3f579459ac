"""`/audit`: who changed what, and whether the log of it is as it was written."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.ext import commands

from bot.audit import Fault, Report, verify_in_thread
from bot.audit.words import report_lines
from cogs._audit_pages import EntryPage, entry_page
from cogs._caller import visit
from cogs._log_options import period_of
from cogs._replies import PLAIN_COLOUR, WARNING_COLOUR, respond, sheet, thinking
from cogs._texts import said

if TYPE_CHECKING:
    from bot.app import App
    from bot.client import Client
    from bot.locales import Texts


@app_commands.guild_only()
class Audit(commands.GroupCog, group_name=said("cmdname-audit"), group_description=said("cmd-audit")):
    """Hold the commands of `/audit`."""

    def __init__(self, app: App) -> None:
        self.app = app
        self._turn = asyncio.Lock()

    @app_commands.command(name=said("cmdname-audit-list"), description=said("cmd-audit-list"))
    @app_commands.rename(since=said("optname-since"))
    @app_commands.describe(since=said("opt-audit-since"))
    async def list_entries(self, interaction: discord.Interaction, since: str | None = None) -> None:
        """Show the entries of the newsroom's audit log, newest first."""
        visitor = await visit(interaction)
        period = period_of(self.app, visitor, since, None)
        embed, view = await entry_page(self.app, visitor, period.since, 0)
        await respond(interaction, "\n".join(period.lines(visitor.texts)) or None, embed=embed, view=view)

    @app_commands.command(name=said("cmdname-audit-verify"), description=said("cmd-audit-verify"))
    async def verify(self, interaction: discord.Interaction) -> None:
        """Say whether the newsroom's audit log and what it seals are intact, or what was altered first."""
        visitor = await visit(interaction)
        await thinking(interaction)
        async with self._turn:
            report = await verify_in_thread(self.app.database.path, visitor.guild_id)
        texts = visitor.texts
        colour = PLAIN_COLOUR if report.is_intact else WARNING_COLOUR
        lines = report_lines(texts, report, is_at_machine=False)
        await respond(interaction, embed=sheet(_title(texts, report), lines, colour=colour))


def _title(texts: Texts, report: Report) -> str:
    if report.finding is None:
        return texts("audit-verify-intact")
    is_damaged = report.finding.fault is Fault.DAMAGED
    return texts("audit-verify-damaged") if is_damaged else texts("audit-verify-altered")


async def setup(bot: Client) -> None:
    """Add the group and the buttons that turn its pages."""
    bot.add_dynamic_items(EntryPage)
    await bot.add_cog(Audit(bot.app))
