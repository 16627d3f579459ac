"""`/search`: full text over notices, facts and tips; the query stands above its results, and is read there again."""

from __future__ import annotations

import asyncio
import functools
import re
from datetime import date
from typing import TYPE_CHECKING

import discord
from discord import app_commands, ui
from discord.ext import commands

from bot.access import Action
from bot.cards import Rendered, render
from bot.errors import UserError
from bot.locales import Texts
from bot.search import FoundNotice, Question, Results, Scope, read_query, results_card, search
from cogs._caller import Visit, app_of, visit
from cogs._cards import to_embed
from cogs._follow import follow_component, follow_told
from cogs._gate import GatedButton
from cogs._log_options import period_of, zone_of
from cogs._paging import Paging
from cogs._replies import respond, thinking
from cogs._texts import said

if TYPE_CHECKING:
    from bot.app import App
    from bot.client import Client

SCOPES = [
    app_commands.Choice(name=said("choice-search-all"), value=Scope.ALL.value),
    app_commands.Choice(name=said("choice-search-notices"), value=Scope.NOTICES.value),
    app_commands.Choice(name=said("choice-search-facts"), value=Scope.FACTS.value),
    app_commands.Choice(name=said("choice-search-tips"), value=Scope.TIPS.value),
]
_DAY = r"\d{4}-\d\d-\d\d|"


class ResultsPage(
    GatedButton,
    template=rf"search:(?P<scope>all|notices|facts|tips):(?P<first>{_DAY}):(?P<last>{_DAY}):(?P<page>\d{{1,4}})",
):
    """Turn to a page of results; what was searched for stands above those that the button is under."""

    action = Action.SEARCH

    def __init__(
        self, scope: Scope, days: tuple[date | None, date | None], page: int, label: str, *, disabled: bool = False
    ) -> None:
        first, last = (day.isoformat() if day else "" for day in days)
        custom_id = f"search:{scope}:{first}:{last}:{page}"
        super().__init__(ui.Button(label=label, custom_id=custom_id, disabled=disabled))
        self.scope, self.days, self.page = scope, days, page

    @classmethod
    def arguments(cls, match: re.Match[str]) -> tuple[object, ...]:
        """Return where and between which days was searched, and the page."""
        first, last = (date.fromisoformat(match[day]) if match[day] else None for day in ("first", "last"))
        return Scope(match["scope"]), (first, last), int(match["page"])

    async def act(self, interaction: discord.Interaction) -> None:
        """Search again, with the eyes of whoever pressed it, and show that page in place of the other."""
        typed = _shown_query(interaction.message)
        if typed is None:
            raise UserError("search-lost")
        app, visitor = app_of(interaction), await visit(interaction)
        await interaction.response.defer()
        first, last = self.days
        asked = Question(
            query=read_query(typed), zone=zone_of(app, visitor), scope=self.scope, first_day=first, last_day=last
        )
        embed, view = await _page(app, visitor, asked, self.page)
        await respond(interaction, embed=embed, view=view)


class Search(commands.Cog):
    """Hold `/search`."""

    def __init__(self, app: App) -> None:
        self.app = app

    @app_commands.command(name=said("cmdname-search"), description=said("cmd-search"))
    @app_commands.rename(
        query=said("optname-query"),
        scope=said("optname-search-in"),
        since=said("optname-since"),
        until=said("optname-until"),
    )
    @app_commands.describe(
        query=said("opt-search-query"),
        scope=said("opt-search-in"),
        since=said("opt-search-since"),
        until=said("opt-search-until"),
    )
    @app_commands.choices(scope=SCOPES)
    @app_commands.guild_only()
    async def search(
        self,
        interaction: discord.Interaction,
        query: str,
        scope: str = Scope.ALL.value,
        since: str | None = None,
        until: str | None = None,
    ) -> None:
        """Find notices, facts and tips that the person may see, newest and best first."""
        visitor = await visit(interaction)
        typed_first, typed_last = period_of(self.app, visitor, since, until).typed
        asked = Question(
            query=read_query(query),
            zone=zone_of(self.app, visitor),
            scope=Scope(scope),
            first_day=typed_first.first_day if typed_first else None,
            last_day=typed_last.last_day if typed_last else None,
        )
        await thinking(interaction)
        embed, view = await _page(self.app, visitor, asked, 0)
        await respond(interaction, embed=embed, view=view)


async def _page(app: App, visitor: Visit, asked: Question, page: int) -> tuple[discord.Embed, ui.View | None]:
    """Return a page of what a visitor may see, with the buttons to those before and after."""
    results = await search(app.database, visitor.viewer, asked, page, app.clock.now())
    texts = Texts(visitor.texts.language, visitor.texts.zone)  # the card cleans every text of others
    embed = to_embed(await asyncio.to_thread(_rendered, texts, results))
    embed.set_author(name=asked.query.text)
    turn = functools.partial(ResultsPage, asked.scope, (asked.first_day, asked.last_day))
    view = Paging(results.page, max(results.pages - 1, 0)).view(texts, turn)
    found = [(find.row, find.notice) for find in results.finds if isinstance(find, FoundNotice)]
    follows = await follow_component(app, visitor, found, is_found=True)
    told = await follow_told(app, visitor, found)
    if told is not None:
        embed.description = "\n".join(filter(None, [embed.description, told]))
    if follows is not None:
        view = view or ui.View(timeout=None)
        view.add_item(follows)
    return embed, view


def _rendered(texts: Texts, results: Results) -> Rendered:
    return render(results_card(texts, results))


def _shown_query(message: discord.Message | None) -> str | None:
    """Return the query that stands above results, None where there is none."""
    return message.embeds[0].author.name if message is not None and message.embeds else None


async def setup(bot: Client) -> None:
    """Add the command and the buttons under its results."""
    bot.add_dynamic_items(ResultsPage)
    await bot.add_cog(Search(bot.app))
