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
from bot.models import Fact, FactChangeKind
from cogs import _fact_verdicts, _log_buttons, _log_pages
from cogs._besides import Besides
from cogs._caller import Visit, admit, visit
from cogs._embargo import change_embargo
from cogs._fact_forms import Which, correct_fact, log_typed, open_correct_form, open_typed
from cogs._fact_reading import Reading
from cogs._fact_replies import changed_reply, origin_lines
from cogs._fact_verdicts import give_back, mark_fact, verify_fact
from cogs._log_options import (
    chosen_fact,
    fingerprint,
    propose_dossier_list,
    propose_facts,
    propose_item_list,
    propose_origins,
)
from cogs._replies import thinking
from cogs._texts import said

if TYPE_CHECKING:
    from bot.app import App
    from bot.client import Client

COMPONENTS = (_log_buttons.FactItems, _log_buttons.FactCorrect, _fact_verdicts.FactVerify, _log_pages.FactPage)


@app_commands.guild_only()
class FactGroup(Reading, commands.GroupCog, group_name=said("cmdname-fact"), group_description=said("cmd-fact")):
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
        besides = Besides(origin=origin, dossier=dossier, embargo=embargo)
        if claim is None and file is None:
            given = {"source": source, "quote": quote, "date": date, "items": item}
            await open_typed(interaction, visitor, besides, given)
            return
        await thinking(interaction)
        fact = TypedFact(claim=claim or "", source=source, quote=quote, date=date)
        await log_typed(interaction, visitor, fact, besides, items=item, file=file)

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
            await give_back(interaction, visitor, error, source=source, origin=origin, quote=quote)
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
            given = {"claim": claim, "source": source, "origin": origin, "quote": quote, "date": date}
            await give_back(interaction, visitor, error, **given, reason=reason)
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
        await mark_fact(interaction, visitor, chosen, FactChangeKind.DISPUTED, reason)

    @app_commands.command(name=said("cmdname-fact-retract"), description=said("cmd-fact-retract"))
    @app_commands.rename(fact=said("optname-fact"), reason=said("optname-reason"))
    @app_commands.describe(fact=said("opt-fact"), reason=said("opt-reason"))
    async def retract(self, interaction: discord.Interaction, fact: str, reason: str) -> None:
        """Retract a fact for good, with the reason."""
        visitor = await visit(interaction)
        chosen = await self._chosen(interaction, visitor, fact, Action.FACT_RETRACT)
        await mark_fact(interaction, visitor, chosen, FactChangeKind.RETRACTED, reason)

    @app_commands.command(name=said("cmdname-fact-embargo"), description=said("cmd-fact-embargo"))
    @app_commands.rename(fact=said("optname-fact"), until=said("optname-embargo-until"))
    @app_commands.describe(fact=said("opt-fact"), until=said("opt-embargo-until"))
    async def embargo(self, interaction: discord.Interaction, fact: str, until: str = "") -> None:
        """Hide a fact from others until a moment, or no longer."""
        visitor = await visit(interaction)
        chosen = await self._chosen(interaction, visitor, fact, Action.FACT_EMBARGO)
        await change_embargo(interaction, visitor, chosen, until)

    async def _chosen(self, interaction: discord.Interaction, visitor: Visit, typed: str, action: Action) -> Fact:
        """Return the fact that was named, once the person may act on it."""
        chosen = await chosen_fact(self.app, visitor, typed)
        await admit(interaction, action, thing=chosen)
        return chosen

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


def _cleared(typed: str | None) -> str | None:
    """Return what was typed for something that a sign takes away."""
    return "" if typed is not None and typed.strip() == "-" else typed


async def setup(bot: Client) -> None:
    """Add the group and what goes with facts."""
    bot.add_dynamic_items(*COMPONENTS)
    await bot.add_cog(FactGroup(bot.app))
