"""`/why`: which rule matched a notice or held it back, and what was sent of it, where and when."""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING

import discord
from discord import app_commands, ui
from discord.ext import commands

from bot.errors import UserError
from bot.facts.citing import message_of
from bot.following_up.explained import explained as follow_ups_of
from bot.lookup import Named, propose
from bot.markup import plain, utf16_len
from bot.models import Announcement
from bot.storage.log import facts, tips
from bot.storage.outbox import explained, shown
from bot.storage.watching import follows
from bot.watchlist.announced import notice_of
from bot.watchlist.explaining import explain
from bot.watchlist.fates import circumstances_of, fates_of, message_fate
from bot.watchlist.naming import named
from cogs._caller import Visit, visit
from cogs._follow import follow_component, follow_words
from cogs._options import choices
from cogs._replies import SHEET_UNITS, respond, sheet, thinking
from cogs._texts import said
from cogs._why_fates import other_kind_lines
from cogs._why_replies import explanation_lines

if TYPE_CHECKING:
    from bot.app import App
    from bot.client import Client

RECENT = 200
"""How many of the newest announcements are proposed."""
TITLE_UNITS = 60
NAME_UNITS = 120
TOO_LARGE = 2**63
"""No id of Discord's that we store is as large."""

_THREAD = re.compile(
    r"https://(?:ptb\.|canary\.)?discord(?:app)?\.com/channels/(?P<guild>\d{1,20})/(?P<thread>\d{1,20})/?"
)
"""The link to a thread or to a forum's post, as Discord copies it."""


class Why(commands.Cog):
    """Hold `/why`."""

    def __init__(self, app: App) -> None:
        self.app = app

    @app_commands.command(name=said("cmdname-why"), description=said("cmd-why"))
    @app_commands.rename(notice=said("optname-why-notice"))
    @app_commands.describe(notice=said("opt-why-notice"))
    @app_commands.guild_only()
    async def why(self, interaction: discord.Interaction, notice: str) -> None:
        """Say what this newsroom's items make of a notice, and what was sent of it here."""
        visitor = await visit(interaction)
        if visitor.newsroom is None:
            raise UserError("access-not-set-up")
        await thinking(interaction)
        texts = visitor.texts
        meant = await self._meant(visitor, notice)
        message = meant if isinstance(meant, Announcement) else None
        if isinstance(meant, Announcement):
            async with self.app.database.read() as connection:
                row = await notice_of(connection, meant)
            if row is None:
                await self._answer_other(interaction, visitor, meant)
                return
            meant = row
        guild_id, now = visitor.guild_id, self.app.clock.now()
        explanation = await explain(self.app.database, self.app.watchlist, guild_id, meant, texts.language, message)
        fates = await fates_of(self.app.database, guild_id, explanation, now)
        told = [telling.announcement for telling in explanation.tellings]
        follow_ups = await follow_ups_of(self.app.database, guild_id, meant, explanation.notice, told, now)
        async with self.app.database.read() as connection:
            followed = await follows.standing(connection, guild_id, meant)
        first = [] if followed is None else [follow_words(texts, followed), ""]
        room = SHEET_UNITS - sum(utf16_len(line) + 1 for line in first)
        lines = [*first, *await asyncio.to_thread(explanation_lines, texts, fates, follow_ups, room)]
        component = await follow_component(self.app, visitor, [(meant, explanation.notice)])
        view = ui.View(timeout=None) if component is not None else None
        if view is not None and component is not None:
            view.add_item(component)
        await respond(interaction, embed=sheet(texts("why-title-notice"), lines), view=view)

    async def _answer_other(self, interaction: discord.Interaction, visitor: Visit, meant: Announcement) -> None:
        """Say of a message that shows no notice how far it is, and where to look."""
        around = await circumstances_of(self.app.database, visitor.guild_id, [meant.id])
        fate = message_fate(meant, around, self.app.clock.now())
        lines = other_kind_lines(visitor.texts, meant, fate, around.newsroom.storm)
        await respond(interaction, embed=sheet(visitor.texts("why-title", notice=meant.code), lines))

    async def _meant(self, visitor: Visit, typed: str) -> Announcement | int:
        """Return the announcement that was meant, or our row of the notice; raises UserError when it is neither."""
        link = typed.strip().strip("<>")
        message, thread = message_of(link), _THREAD.fullmatch(link)
        if message is None and thread is None:
            meant = await named(self.app.database, visitor.guild_id, typed, self.app.settings.sources.keys())
            if isinstance(meant, Announcement) and not await self._may_know_of(visitor, meant):
                raise UserError("why-unknown", typed=plain(typed, NAME_UNITS))
            return meant
        guild_id = visitor.guild_id
        found = None
        async with self.app.database.read() as connection:
            if message is not None and message.guild_id == guild_id:
                if max(message.channel_id, message.message_id) < TOO_LARGE:
                    found = await shown.by_message(connection, guild_id, message.channel_id, message.message_id)
            elif thread is not None and int(thread["guild"]) == guild_id and int(thread["thread"]) < TOO_LARGE:
                found = await explained.in_thread(connection, guild_id, int(thread["thread"]))
        if found is None or not await self._may_know_of(visitor, found):
            raise UserError("why-elsewhere")
        return found

    async def _may_know_of(self, visitor: Visit, announcement: Announcement) -> bool:
        """Return whether a person may know of the tip or the fact that an announcement shows."""
        async with self.app.database.read() as connection:
            if announcement.tip_id is not None:
                return await tips.find(connection, visitor.viewer, announcement.tip_id) is not None
            if announcement.fact_id is not None:
                return await facts.find(connection, visitor.viewer, announcement.fact_id) is not None
        return True

    @why.autocomplete("notice")
    async def propose_notices(self, interaction: discord.Interaction, typed: str) -> list[app_commands.Choice[str]]:
        """Propose the notices of which the newsroom was told last, by the code of the announcement."""
        visitor = await visit(interaction)
        async with self.app.database.read() as connection:
            recent = await explained.recent(connection, visitor.guild_id, RECENT)
        things = [
            Named(one.code, f"{one.code} · {plain(one.title, TITLE_UNITS)} · {one.source}:{one.source_id}")
            for one in recent
        ]
        return choices(await asyncio.to_thread(propose, things, typed))


async def setup(bot: Client) -> None:
    """Add the command."""
    await bot.add_cog(Why(bot.app))
