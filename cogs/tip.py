"""`/tip`: what was heard, noted, checked, and promoted to a fact."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.ext import commands

from bot.access import Action, Caller, Role, role_of
from bot.errors import UserError
from bot.models import ThingKind, Tip, TipFilter, TipStatus
from bot.storage.log import about, dossiers
from bot.tips import changes
from bot.tips.entry import read_note
from cogs import _log_buttons, _log_pages
from cogs._besides import Besides
from cogs._caller import Visit, admit, visit
from cogs._embargo import EmbargoUntil, change_embargo
from cogs._erase import TipErase, ask_to_erase, say_erased
from cogs._fact_forms import open_fact_form
from cogs._forms import NO, YES
from cogs._log_options import (
    chosen_tip,
    propose_dossier_list,
    propose_item_list,
    propose_tips,
)
from cogs._log_pages import tip_page
from cogs._options import chosen_dossier, chosen_item, propose_dossiers, propose_items
from cogs._reassign import Names, chosen_person, pass_on, propose_holders
from cogs._replies import respond, thinking
from cogs._texts import said
from cogs._tip_forms import log_typed_tip, open_tip_edit_form, open_typed_tip
from cogs._tip_replies import changed_reply, tip_embed

if TYPE_CHECKING:
    from bot.app import App
    from bot.client import Client

STATUSES = [
    app_commands.Choice(name=said("choice-tip-new"), value="new"),
    app_commands.Choice(name=said("choice-tip-checking"), value="checking"),
    app_commands.Choice(name=said("choice-tip-confirmed"), value="confirmed"),
    app_commands.Choice(name=said("choice-tip-dropped"), value="dropped"),
]
COMPONENTS = (_log_buttons.TipEdit, _log_buttons.DateRight, _log_pages.TipPage, TipErase, EmbargoUntil)


@app_commands.guild_only()
class TipGroup(commands.GroupCog, group_name=said("cmdname-tip"), group_description=said("cmd-tip")):
    """Hold the commands of `/tip`."""

    def __init__(self, app: App) -> None:
        self.app = app
        self._names = Names()

    @app_commands.command(name=said("cmdname-tip-add"), description=said("cmd-tip-add"))
    @app_commands.rename(
        text=said("optname-text"),
        origin=said("optname-origin"),
        heard=said("optname-heard"),
        item=said("optname-item"),
        dossier=said("optname-dossier"),
        sensitive=said("optname-sensitive"),
        file=said("optname-file"),
        embargo=said("optname-embargo"),
    )
    @app_commands.describe(
        text=said("opt-tip-text"),
        origin=said("opt-origin"),
        heard=said("opt-heard"),
        item=said("opt-items"),
        dossier=said("opt-dossiers"),
        sensitive=said("opt-sensitive"),
        file=said("opt-file"),
        embargo=said("opt-embargo"),
    )
    async def add(  # noqa: PLR0913, PLR0917  # the options of DESIGN.md section 4
        self,
        interaction: discord.Interaction,
        text: str | None = None,
        origin: str = "",
        heard: str = "",
        item: str = "",
        dossier: str = "",
        sensitive: bool = False,  # noqa: FBT001, FBT002  # an option of Discord
        file: discord.Attachment | None = None,
        embargo: str = "",
    ) -> None:
        """Log a tip; without a text, by a form."""
        visitor = await visit(interaction)
        besides = Besides(dossier=dossier, embargo=embargo)
        values = {"text": text or "", "origin": origin, "heard": heard, "items": item}
        values["sensitive"] = YES if sensitive else NO
        if text is None and file is None:
            await open_typed_tip(interaction, visitor, besides, values)
            return
        if file is not None:
            await thinking(interaction)
        await log_typed_tip(interaction, visitor, besides, values, file)

    @app_commands.command(name=said("cmdname-tip-list"), description=said("cmd-tip-list"))
    @app_commands.rename(status=said("optname-status"), item=said("optname-item"), dossier=said("optname-dossier"))
    @app_commands.describe(status=said("opt-tip-status"), item=said("opt-item"), dossier=said("opt-dossier"))
    @app_commands.choices(status=STATUSES)
    async def list_tips(
        self,
        interaction: discord.Interaction,
        status: str | None = None,
        item: str | None = None,
        dossier: str | None = None,
    ) -> None:
        """Show the tips, a page at a time."""
        visitor = await visit(interaction)
        about = await chosen_item(self.app, visitor, item, Action.WATCH_SHOW) if item else None
        within = await chosen_dossier(self.app, visitor, dossier, is_open=None) if dossier else None
        wanted = TipFilter(
            status=TipStatus(status) if status else None,
            item_id=about.id if about else None,
            dossier_id=within.id if within else None,
        )
        embed, view = await tip_page(self.app, visitor, wanted, 0)
        await respond(interaction, embed=embed, view=view)

    @app_commands.command(name=said("cmdname-tip-show"), description=said("cmd-tip-show"))
    @app_commands.rename(tip=said("optname-tip"))
    @app_commands.describe(tip=said("opt-tip"))
    async def show(self, interaction: discord.Interaction, tip: str) -> None:
        """Show everything about a tip."""
        visitor = await visit(interaction)
        chosen = await self._chosen(interaction, visitor, tip, Action.TIP_SHOW)
        await respond(interaction, embed=await tip_embed(self.app, visitor, chosen, is_whole=True))

    @app_commands.command(name=said("cmdname-tip-note"), description=said("cmd-tip-note"))
    @app_commands.rename(tip=said("optname-tip"), text=said("optname-text"))
    @app_commands.describe(tip=said("opt-tip"), text=said("opt-note-text"))
    async def note(self, interaction: discord.Interaction, tip: str, text: str) -> None:
        """Add what was learnt to a tip."""
        visitor = await visit(interaction)
        chosen = await self._chosen(interaction, visitor, tip, Action.TIP_NOTE)
        changed = await changes.note(
            self.app.database, visitor.viewer, chosen.id, read_note(text), self.app.clock.now()
        )
        await self._said(interaction, visitor, visitor.texts("tip-noted", id=chosen.id), changed)

    @app_commands.command(name=said("cmdname-tip-edit"), description=said("cmd-tip-edit"))
    @app_commands.rename(tip=said("optname-tip"))
    @app_commands.describe(tip=said("opt-tip"))
    async def edit(self, interaction: discord.Interaction, tip: str) -> None:
        """Open the form that replaces the words of a tip by a new version."""
        visitor = await visit(interaction)
        await open_tip_edit_form(interaction, await self._chosen(interaction, visitor, tip, Action.TIP_EDIT))

    @app_commands.command(name=said("cmdname-tip-assign"), description=said("cmd-tip-assign"))
    @app_commands.rename(tip=said("optname-tip"), member=said("optname-member"))
    @app_commands.describe(tip=said("opt-tip"), member=said("opt-member"))
    async def assign(self, interaction: discord.Interaction, tip: str, member: discord.Member) -> None:
        """Give a tip to a member of the newsroom."""
        visitor = await visit(interaction)
        chosen = await self._chosen(interaction, visitor, tip, Action.TIP_ASSIGN)
        _refuse_without_role(visitor, member)
        changed = await changes.assign(self.app.database, visitor.viewer, chosen.id, member.id, self.app.clock.now())
        texts = visitor.texts
        words = {"id": chosen.id, "person": member.id}
        text = texts("tip-assigned", **words) if changed.is_changed else texts("tip-assigned-already", **words)
        await self._said(interaction, visitor, text, changed)

    @app_commands.command(name=said("cmdname-tip-status"), description=said("cmd-tip-status"))
    @app_commands.rename(tip=said("optname-tip"), status=said("optname-status"))
    @app_commands.describe(tip=said("opt-tip"), status=said("opt-tip-status"))
    @app_commands.choices(status=STATUSES)
    async def status(self, interaction: discord.Interaction, tip: str, status: str) -> None:
        """Say how far a tip has come."""
        visitor = await visit(interaction)
        chosen = await self._chosen(interaction, visitor, tip, Action.TIP_STATUS)
        changed = await changes.set_status(
            self.app.database, visitor.viewer, chosen.id, TipStatus(status), self.app.clock.now()
        )
        texts = visitor.texts
        words = {"id": chosen.id, "status": texts.word("tip-status", changed.tip.status)}
        text = texts("tip-status-set", **words) if changed.is_changed else texts("tip-status-already", **words)
        await self._said(interaction, visitor, text, changed)

    @app_commands.command(name=said("cmdname-tip-promote"), description=said("cmd-tip-promote"))
    @app_commands.rename(tip=said("optname-tip"))
    @app_commands.describe(tip=said("opt-tip"))
    async def promote(self, interaction: discord.Interaction, tip: str) -> None:
        """Open the form of a fact, filled in from a tip."""
        visitor = await visit(interaction)
        chosen = await self._chosen(interaction, visitor, tip, Action.TIP_PROMOTE)
        async with self.app.database.read() as connection:
            items = await about.items_of(connection, visitor.guild_id, ThingKind.TIP, chosen.id)
            gathered = await dossiers.of_thing(connection, visitor.guild_id, ThingKind.TIP, chosen.id)
        values = {"claim": chosen.text, "items": "; ".join(str(item.id) for item in items)}
        # What the form does not show does not leave a sensitive tip.
        into = [] if chosen.is_sensitive else [dossier.id for dossier in gathered if dossier.closed_at is None]
        await open_fact_form(interaction, values=values, tip=chosen, dossier_ids=into)

    @app_commands.command(name=said("cmdname-tip-erase"), description=said("cmd-tip-erase"))
    @app_commands.rename(tip=said("optname-tip"))
    @app_commands.describe(tip=said("opt-tip"))
    async def erase(self, interaction: discord.Interaction, tip: str) -> None:
        """Say what the erasure of a tip reaches, with the button that erases it."""
        visitor = await visit(interaction)
        try:
            chosen = await self._chosen(interaction, visitor, tip, Action.TIP_ERASE)
        except UserError as error:
            await say_erased(interaction, error)
            return
        await ask_to_erase(interaction, visitor, chosen)

    @app_commands.command(name=said("cmdname-tip-embargo"), description=said("cmd-tip-embargo"))
    @app_commands.rename(tip=said("optname-tip"), until=said("optname-embargo-until"))
    @app_commands.describe(tip=said("opt-tip"), until=said("opt-embargo-until"))
    async def embargo(self, interaction: discord.Interaction, tip: str, until: str = "") -> None:
        """Hide a tip from others until a moment, or no longer."""
        visitor = await visit(interaction)
        chosen = await self._chosen(interaction, visitor, tip, Action.TIP_EMBARGO)
        await change_embargo(interaction, visitor, chosen, until)

    @app_commands.command(name=said("cmdname-tip-reassign"), description=said("cmd-tip-reassign"))
    @app_commands.rename(leaver=said("optname-from"), taker=said("optname-to"))
    @app_commands.describe(leaver=said("opt-reassign-from"), taker=said("opt-reassign-to"))
    async def reassign(self, interaction: discord.Interaction, leaver: str, taker: discord.Member) -> None:
        """Pass all open tips of somebody, who may have left, on to a member of the newsroom."""
        visitor = await visit(interaction)
        _refuse_without_role(visitor, taker)
        await pass_on(interaction, visitor, chosen_person(leaver), taker.id)

    async def _chosen(self, interaction: discord.Interaction, visitor: Visit, typed: str, action: Action) -> Tip:
        """Return the tip that was named, once the person may act on it."""
        chosen = await chosen_tip(self.app, visitor, typed)
        await admit(interaction, action, thing=chosen)
        return chosen

    async def _said(
        self, interaction: discord.Interaction, visitor: Visit, text: str, changed: changes.Changed
    ) -> None:
        """Say what was done, and let its card be sent."""
        self.app.delivery.wake()
        await changed_reply(interaction, visitor, text, changed)

    @show.autocomplete("tip")
    async def propose_shown(self, interaction: discord.Interaction, typed: str) -> list[app_commands.Choice[str]]:
        """Propose the tips that the person may see."""
        return await propose_tips(self.app, interaction, typed, Action.TIP_SHOW)

    @erase.autocomplete("tip")
    async def propose_erased(self, interaction: discord.Interaction, typed: str) -> list[app_commands.Choice[str]]:
        """Propose the tips that the person may erase."""
        return await propose_tips(self.app, interaction, typed, Action.TIP_ERASE)

    @note.autocomplete("tip")
    @edit.autocomplete("tip")
    @assign.autocomplete("tip")
    @status.autocomplete("tip")
    @promote.autocomplete("tip")
    @embargo.autocomplete("tip")
    async def propose_own(self, interaction: discord.Interaction, typed: str) -> list[app_commands.Choice[str]]:
        """Propose the tips on which the person may act."""
        return await propose_tips(self.app, interaction, typed, Action.TIP_NOTE)

    @reassign.autocomplete("leaver")
    async def propose_leavers(self, interaction: discord.Interaction, typed: str) -> list[app_commands.Choice[str]]:
        """Propose who holds open tips, those who left too."""
        return await propose_holders(self.app, self._names, interaction, typed)

    @add.autocomplete("item")
    async def propose_items(self, interaction: discord.Interaction, typed: str) -> list[app_commands.Choice[str]]:
        """Propose live items for the last element of the list."""
        return await propose_item_list(self.app, interaction, typed)

    @add.autocomplete("dossier")
    async def propose_into(self, interaction: discord.Interaction, typed: str) -> list[app_commands.Choice[str]]:
        """Propose open dossiers for the last element of the list."""
        return await propose_dossier_list(self.app, interaction, typed)

    @list_tips.autocomplete("item")
    async def propose_about(self, interaction: discord.Interaction, typed: str) -> list[app_commands.Choice[str]]:
        """Propose live items."""
        return await propose_items(self.app, interaction, typed, Action.WATCH_SHOW)

    @list_tips.autocomplete("dossier")
    async def propose_within(self, interaction: discord.Interaction, typed: str) -> list[app_commands.Choice[str]]:
        """Propose dossiers, closed ones too."""
        return await propose_dossiers(self.app, interaction, typed, is_open=None)


def _refuse_without_role(visitor: Visit, member: discord.Member) -> None:
    """Raise UserError for a member who would not see a tip that they were given."""
    roles = frozenset(role.id for role in member.roles)
    their = Caller(user_id=member.id, guild_id=visitor.guild_id, role_ids=roles)
    if role_of(their, visitor.newsroom) < Role.REPORTER:
        raise UserError("tip-owner-without-role", person=member.id)


async def setup(bot: Client) -> None:
    """Add the group and the buttons that go with tips."""
    bot.add_dynamic_items(*COMPONENTS)
    await bot.add_cog(TipGroup(bot.app))
