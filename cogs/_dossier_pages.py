"""The dossiers of a newsroom page by page; which page a button leads to stands in its custom_id."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord
from discord import ui

from bot.access import Action
from bot.locales import Texts
from bot.markup import plain
from bot.models import Dossier
from bot.storage.log import dossiers
from bot.storage.log.dossiers import Numbers
from cogs._caller import Visit
from cogs._paging import PageOfAll, Paging
from cogs._replies import sheet

if TYPE_CHECKING:
    from bot.app import App

A_PAGE = 10
NAME_UNITS = 100


class DossierPage(PageOfAll, template=r"dossiers:(?P<page>\d{1,5})"):
    """Turn to a page of the dossiers."""

    action = Action.DOSSIER_LIST
    prefix = "dossiers"

    async def shown(self, app: App, visitor: Visit) -> tuple[discord.Embed, ui.View | None]:
        """Return the page of the dossiers."""
        return await dossier_page(app, visitor, self.page)


async def dossier_page(app: App, visitor: Visit, page: int) -> tuple[discord.Embed, ui.View | None]:
    """Return a page of the newsroom's dossiers, open ones first, with how much the person sees in each.

    From 0; the last one where there are fewer.
    """
    texts = visitor.texts
    async with app.database.read() as connection:
        found = await dossiers.every(connection, visitor.guild_id)
        numbers = await dossiers.numbers(connection, visitor.viewer)
    paging = Paging.of(page, len(found), A_PAGE)
    shown = found[paging.page * A_PAGE : (paging.page + 1) * A_PAGE]
    lines = [_line(texts, dossier, numbers.get(dossier.id, Numbers())) for dossier in shown]
    title = texts.plural("dossiers-title", len(found))
    embed = sheet(title, lines or [texts("dossiers-none")], footer=paging.footer(texts))
    return embed, paging.view(texts, DossierPage)


def _line(texts: Texts, dossier: Dossier, numbers: Numbers) -> str:
    parts = [
        texts("dossiers-line", name=plain(dossier.name, NAME_UNITS), id=dossier.id),
        texts.plural("dossier-items", numbers.item),
        texts.plural("dossier-facts", numbers.fact),
        texts.plural("dossier-tips", numbers.tip),
    ]
    if dossier.closed_at is not None:
        parts.append(texts("dossier-hint-closed"))
    return " · ".join(parts)
