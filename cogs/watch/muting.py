"""`/watch mute` and `/watch unmute`."""

from __future__ import annotations

from datetime import datetime, timedelta, tzinfo
from typing import TYPE_CHECKING

import discord
from discord import app_commands, ui
from discord.ext import commands

from bot.access import Action
from bot.dates import Prefers, TypedDate, echo
from bot.errors import UserError
from bot.locales import Texts
from bot.models import WatchItem
from bot.watchlist.changes import muted_now, stamp
from cogs._caller import admit, visit
from cogs._items import item_name
from cogs._log_options import dates_of
from cogs._mute import MuteUntil, mute_words, muted_until
from cogs._options import chosen_item, propose_items
from cogs._replies import respond
from cogs._texts import said

if TYPE_CHECKING:
    from bot.app import App


class Muting(commands.Cog):
    """Hold the commands that keep an item's hits back for a while."""

    app: App

    @app_commands.command(name=said("cmdname-watch-mute"), description=said("cmd-watch-mute"))
    @app_commands.rename(item=said("optname-item"), until=said("optname-until"))
    @app_commands.describe(item=said("opt-item"), until=said("opt-mute-until"))
    async def mute(self, interaction: discord.Interaction, item: str, until: str) -> None:
        """Mute an item to the end of a day; what was typed in words is shown first, to be confirmed."""
        visitor = await visit(interaction)
        chosen = await chosen_item(self.app, visitor, item, Action.WATCH_MUTE)
        await admit(interaction, Action.WATCH_MUTE, thing=chosen)
        texts, now = visitor.texts, self.app.clock.now()
        date = dates_of(self.app, visitor, Prefers.FUTURE)(until)
        end = end_of(date, texts.zone)
        if end <= now:
            raise UserError("mute-past-date", date=echo(texts, date))
        if date.needs_confirmation:
            view = ui.View(timeout=None)
            view.add_item(
                MuteUntil(chosen.id or 0, stamp(end), stamp(chosen.muted_until), texts("button-mute-confirm"))
            )
            await respond(interaction, _question(texts, chosen, date), view=view)
        else:
            text, view = await muted_until(interaction, visitor, chosen, end, seen=chosen.muted_until)
            await respond(interaction, text, view=view)

    @app_commands.command(name=said("cmdname-watch-unmute"), description=said("cmd-watch-unmute"))
    @app_commands.rename(item=said("optname-item"))
    @app_commands.describe(item=said("opt-muted-item"))
    async def unmute(self, interaction: discord.Interaction, item: str) -> None:
        """End the mute of an item, and offer the way back."""
        visitor = await visit(interaction)
        chosen = await chosen_item(self.app, visitor, item, Action.WATCH_UNMUTE)
        await admit(interaction, Action.WATCH_UNMUTE, thing=chosen)
        if muted_now(chosen, self.app.clock.now()) is None:
            await respond(interaction, mute_words(interaction, visitor.texts, chosen))
            return
        text, view = await muted_until(interaction, visitor, chosen, None, seen=chosen.muted_until)
        await respond(interaction, text, view=view)

    @mute.autocomplete("item")
    async def propose_mutable(self, interaction: discord.Interaction, typed: str) -> list[app_commands.Choice[str]]:
        """Propose live items."""
        return await propose_items(self.app, interaction, typed, Action.WATCH_MUTE)

    @unmute.autocomplete("item")
    async def propose_muted(self, interaction: discord.Interaction, typed: str) -> list[app_commands.Choice[str]]:
        """Propose the items that are muted."""
        return await propose_items(self.app, interaction, typed, Action.WATCH_UNMUTE)


def end_of(date: TypedDate, zone: tzinfo) -> datetime:
    """Return when a mute until a date ends: at midnight after its last day in that zone, or at its moment."""
    if isinstance(date.value, datetime):
        return date.value
    return datetime.combine(date.last_day + timedelta(days=1), datetime.min.time(), zone)


def _question(texts: Texts, item: WatchItem, date: TypedDate) -> str:
    """Return what was understood, in its long form, and what would be done."""
    understood, name = echo(texts, date), item_name(item)
    if isinstance(date.value, datetime):
        return texts("mute-confirm-moment", typed=date.typed, date=understood, name=name)
    day = texts.day_long(date.last_day)
    return texts("mute-confirm-day", typed=date.typed, date=understood, name=name, day=day)
