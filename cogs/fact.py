"""`/fact`: claims with their sources, verified, disputed, corrected, retracted, and taken out as CSV."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.ext import commands

from bot.access import Action
from bot.entering import TooLong, read_text
from bot.errors import UserError
from bot.facts import changes
from bot.facts.citing import file_cited, read_citation
from bot.facts.entry import TypedCorrection, TypedFact, with_origin
from bot.models import Fact, FactFilter, FactStatus
from cogs import _fact_verdicts, _log_buttons, _log_pages
from cogs._caller import Visit, admit, visit
from cogs._embargo import change_embargo
from cogs._fact_export import send_export
from cogs._fact_forms import Which, correct_fact, log_typed, open_correct_form, open_fact_form
from cogs._fact_replies import changed_reply, fact_embed, origin_lines
from cogs._fact_verdicts import dispute_fact, give_back, retract_fact, verify_fact
from cogs._log_options import (
    Period,
    chosen_dossiers,
    chosen_fact,
    ends_of,
    fingerprint,
    period_of,
    propose_dossier_list,
    propose_facts,
    propose_item_list,
    propose_origins,
)
from cogs._log_pages import fact_page
from cogs._options import chosen_dossier, chosen_item, propose_dossiers, propose_items
from cogs._replies import respond, thinking
from cogs._texts import said

if TYPE_CHECKING:
    from bot.app import App
    from bot.client import Client

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
COMPONENTS = (_log_buttons.FactItems, _log_buttons.FactCorrect, _fact_verdicts.FactVerify, _log_pages.FactPage)


@app_commands.guild_only()
class FactGroup(commands.GroupCog, group_name=said("cmdname-fact"), group_description=said("cmd-fact")):
    """Hold the commands of `/fact`."""

    def __init__(self, app: App) -> None:
        self.app = app

    @app_commands.command(name=said("cmdname-fact-add"), description=said("cmd-fact-add"))
    @app_commands.rename(
        claim=said("optname-claim"),
        source=said("optname-source"),
        origin=said("optname-said-origin"),
        quote=said("optname-quote"),
        date=said("optname-date"),
        item=said("optname-item"),
        dossier=said("optname-dossier"),
        file=said("optname-file"),
        embargo=said("optname-embargo"),
    )
    @app_commands.describe(
        claim=said("opt-claim"),
        source=said("opt-fact-source"),
        origin=said("opt-said-origin"),
        quote=said("opt-quote"),
        date=said("opt-fact-date"),
        item=said("opt-items"),
        dossier=said("opt-dossiers"),
        file=said("opt-file"),
        embargo=said("opt-embargo"),
    )
    async def add(  # noqa: PLR0913, PLR0917  # the options of DESIGN.md section 4
        self,
        interaction: discord.Interaction,
        claim: str | None = None,
        source: str = "",
        origin: str = "",
        quote: str = "",
        date: str = "",
        item: str = "",
        dossier: str = "",
        file: discord.Attachment | None = None,
        embargo: str = "",
    ) -> None:
        """Log a fact; without a claim, by a form."""
        visitor = await visit(interaction)
        try:
            ends = ends_of(self.app, visitor, embargo)
            until = ends.moment if ends is not None else None
            into = [found.id for found in await chosen_dossiers(self.app, visitor, dossier)]
            read_text(origin, TooLong.ORIGIN)
            _refuse_alone(file, claim)
        except UserError as error:
            texts = visitor.texts
            typed = {
                texts("optname-claim"): claim,
                texts("optname-source"): source,
                texts("optname-said-origin"): origin,
                texts("optname-quote"): quote,
                texts("optname-date"): date,
                texts("optname-item"): item,
                texts("optname-dossier"): dossier,
                texts("optname-embargo"): embargo,
            }
            await give_back(interaction, visitor, error, typed)
            return
        if claim is None:
            values = {"source": source, "quote": quote, "date": date, "items": item}
            await open_fact_form(interaction, values=values, origin=origin, dossier_ids=into, embargo_until=until)
            return
        await thinking(interaction)
        fact = TypedFact(claim=claim, source=source, quote=quote, date=date, origin=origin)
        await log_typed(interaction, visitor, fact, items=item, dossier_ids=into, file=file, embargo_until=until)

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
        chosen = await self._chosen(interaction, visitor, fact, Action.FACT_SHOW)
        await respond(interaction, embed=await fact_embed(self.app, visitor, chosen, is_whole=True))

    @app_commands.command(name=said("cmdname-fact-cite"), description=said("cmd-fact-cite"))
    @app_commands.rename(
        fact=said("optname-fact"),
        source=said("optname-source"),
        origin=said("optname-said-origin"),
        quote=said("optname-quote"),
        file=said("optname-file"),
    )
    @app_commands.describe(
        fact=said("opt-fact"),
        source=said("opt-fact-source"),
        origin=said("opt-said-origin"),
        quote=said("opt-quote"),
        file=said("opt-file"),
    )
    async def cite(
        self,
        interaction: discord.Interaction,
        fact: str,
        source: str,
        origin: str = "",
        quote: str = "",
        file: discord.Attachment | None = None,
    ) -> None:
        """Add a source to a fact, and a file where one is attached; say whose words they are as far as is known."""
        visitor = await visit(interaction)
        chosen = await self._chosen(interaction, visitor, fact, Action.FACT_CITE)
        now = self.app.clock.now()
        try:
            cited = [with_origin(read_citation(source, quote, guild_id=visitor.guild_id, now=now), origin)]
            if file is not None:
                await thinking(interaction)
                known = await fingerprint(file)
                if known is not None:
                    cited.append(with_origin(file_cited(known.name, known.size, known.sha256, now=now), origin))
            changed = await changes.cite(self.app.database, visitor.viewer, chosen.id, cited, now)
        except UserError as error:
            texts = visitor.texts
            typed = {
                texts("optname-source"): source,
                texts("optname-said-origin"): origin,
                texts("optname-quote"): quote,
            }
            await give_back(interaction, visitor, error, typed)
            return
        lines = [visitor.texts.plural("fact-cited", len(cited), id=chosen.id)]
        lines += await origin_lines(self.app, visitor, changed.fact, len(cited))
        self.app.delivery.wake()
        await changed_reply(interaction, visitor, "\n".join(lines), changed)

    @app_commands.command(name=said("cmdname-fact-correct"), description=said("cmd-fact-correct"))
    @app_commands.rename(
        fact=said("optname-fact"),
        reason=said("optname-reason"),
        claim=said("optname-claim"),
        source=said("optname-source"),
        origin=said("optname-said-origin"),
        quote=said("optname-quote"),
        number=said("optname-number"),
        date=said("optname-date"),
    )
    @app_commands.describe(
        fact=said("opt-fact"),
        reason=said("opt-reason"),
        claim=said("opt-claim"),
        source=said("opt-correct-source"),
        origin=said("opt-correct-origin"),
        quote=said("opt-quote"),
        number=said("opt-citation-number"),
        date=said("opt-correct-date"),
    )
    async def correct(  # noqa: PLR0913, PLR0917  # what can be corrected, and why
        self,
        interaction: discord.Interaction,
        fact: str,
        reason: str,
        claim: str | None = None,
        source: str | None = None,
        origin: str | None = None,
        quote: str | None = None,
        number: app_commands.Range[int, 1, changes.CITATIONS] = 1,
        date: str | None = None,
    ) -> None:
        """Make a new version of a fact, with the reason; without anything to change, by a form."""
        visitor = await visit(interaction)
        chosen = await self._chosen(interaction, visitor, fact, Action.FACT_CORRECT)
        if claim is None and source is None and origin is None and quote is None and date is None:
            await open_correct_form(interaction, chosen, reason, number)
            return
        try:
            read_text(origin or "", TooLong.ORIGIN)
        except UserError as error:
            texts = visitor.texts
            given = {
                texts("optname-claim"): claim,
                texts("optname-source"): source,
                texts("optname-said-origin"): origin,
                texts("optname-quote"): quote,
                texts("optname-reason"): reason,
            }
            await give_back(interaction, visitor, error, given)
            return
        typed = TypedCorrection(claim=claim, source=source, quote=quote, date=_cleared(date), origin=_cleared(origin))
        await correct_fact(interaction, visitor, Which(chosen.id, number), typed, reason, seen=None)

    @app_commands.command(name=said("cmdname-fact-verify"), description=said("cmd-fact-verify"))
    @app_commands.rename(fact=said("optname-fact"), reason=said("optname-reason"))
    @app_commands.describe(fact=said("opt-fact"), reason=said("opt-verify-reason"))
    async def verify(self, interaction: discord.Interaction, fact: str, reason: str | None = None) -> None:
        """Confirm a fact as a second person; with a reason, even on a single origin."""
        visitor = await visit(interaction)
        chosen = await self._chosen(interaction, visitor, fact, Action.FACT_VERIFY)
        await verify_fact(interaction, visitor, chosen, reason)

    @app_commands.command(name=said("cmdname-fact-dispute"), description=said("cmd-fact-dispute"))
    @app_commands.rename(fact=said("optname-fact"), reason=said("optname-reason"))
    @app_commands.describe(fact=said("opt-fact"), reason=said("opt-reason"))
    async def dispute(self, interaction: discord.Interaction, fact: str, reason: str) -> None:
        """Mark a fact as disputed, with the reason."""
        visitor = await visit(interaction)
        chosen = await self._chosen(interaction, visitor, fact, Action.FACT_DISPUTE)
        await dispute_fact(interaction, visitor, chosen, reason)

    @app_commands.command(name=said("cmdname-fact-retract"), description=said("cmd-fact-retract"))
    @app_commands.rename(fact=said("optname-fact"), reason=said("optname-reason"))
    @app_commands.describe(fact=said("opt-fact"), reason=said("opt-reason"))
    async def retract(self, interaction: discord.Interaction, fact: str, reason: str) -> None:
        """Retract a fact for good, with the reason."""
        visitor = await visit(interaction)
        chosen = await self._chosen(interaction, visitor, fact, Action.FACT_RETRACT)
        await retract_fact(interaction, visitor, chosen, reason)

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

    @app_commands.command(name=said("cmdname-fact-embargo"), description=said("cmd-fact-embargo"))
    @app_commands.rename(fact=said("optname-fact"), until=said("optname-embargo-until"))
    @app_commands.describe(fact=said("opt-fact"), until=said("opt-embargo-until"))
    async def embargo(self, interaction: discord.Interaction, fact: str, until: str = "") -> None:
        """Hide a fact from others until a moment, or no longer."""
        visitor = await visit(interaction)
        chosen = await self._chosen(interaction, visitor, fact, Action.FACT_EMBARGO)
        await change_embargo(interaction, visitor, chosen, until)

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

    async def _chosen(self, interaction: discord.Interaction, visitor: Visit, typed: str, action: Action) -> Fact:
        """Return the fact that was named, once the person may act on it."""
        chosen = await chosen_fact(self.app, visitor, typed)
        await admit(interaction, action, thing=chosen)
        return chosen

    @show.autocomplete("fact")
    @cite.autocomplete("fact")
    @dispute.autocomplete("fact")
    async def propose_any(self, interaction: discord.Interaction, typed: str) -> list[app_commands.Choice[str]]:
        """Propose facts."""
        return await propose_facts(self.app, interaction, typed, Action.FACT_SHOW)

    @correct.autocomplete("fact")
    @embargo.autocomplete("fact")
    async def propose_own(self, interaction: discord.Interaction, typed: str) -> list[app_commands.Choice[str]]:
        """Propose the facts that the person may correct."""
        return await propose_facts(self.app, interaction, typed, Action.FACT_CORRECT)

    @verify.autocomplete("fact")
    @retract.autocomplete("fact")
    async def propose_all(self, interaction: discord.Interaction, typed: str) -> list[app_commands.Choice[str]]:
        """Propose facts to an editor."""
        return await propose_facts(self.app, interaction, typed, Action.FACT_VERIFY)

    @add.autocomplete("origin")
    @cite.autocomplete("origin")
    @correct.autocomplete("origin")
    async def propose_origins(self, interaction: discord.Interaction, typed: str) -> list[app_commands.Choice[str]]:
        """Propose whose words a source may be: those of the fact first, then those said lately."""
        return await propose_origins(self.app, interaction, typed, getattr(interaction.namespace, "fact", None))

    @add.autocomplete("item")
    async def propose_items(self, interaction: discord.Interaction, typed: str) -> list[app_commands.Choice[str]]:
        """Propose live items for the last element of the list."""
        return await propose_item_list(self.app, interaction, typed)

    @add.autocomplete("dossier")
    async def propose_into(self, interaction: discord.Interaction, typed: str) -> list[app_commands.Choice[str]]:
        """Propose open dossiers for the last element of the list."""
        return await propose_dossier_list(self.app, interaction, typed)

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


def _refuse_alone(file: discord.Attachment | None, claim: str | None) -> None:
    """Raise UserError for a file without a claim: a form takes none."""
    if file is not None and claim is None:
        raise UserError("file-with-claim")


def _cleared(typed: str | None) -> str | None:
    """Return what was typed for something that a sign takes away."""
    return "" if typed is not None and typed.strip() == "-" else typed


async def setup(bot: Client) -> None:
    """Add the group and what goes with facts."""
    bot.add_dynamic_items(*COMPONENTS)
    await bot.add_cog(FactGroup(bot.app))
