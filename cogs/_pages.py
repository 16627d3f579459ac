"""The watchlist page by page: the page asked for stands in the custom_id of the button that leads to it."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

import discord
from discord import ui

from bot.access import Action
from bot.errors import UserError
from bot.locales import Texts
from bot.models import Dossier, ItemKind, Priority, ThingKind, WatchItem
from bot.storage.log import dossiers
from bot.storage.watching import follows, hits
from bot.watchlist.changes import muted_now
from cogs._caller import Visit, app_of, visit
from cogs._gate import GatedButton
from cogs._items import dossier_names, item_name, mute_line
from cogs._paging import Paging
from cogs._replies import replace, sheet

if TYPE_CHECKING:
    from bot.app import App

ITEMS_A_PAGE = 10
NAME_UNITS = 90
ALL = "all"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Hold which items of a watchlist are asked for, None for any."""

    kind: ItemKind | None = None
    dossier_id: int | None = None


class PageButton(
    GatedButton,
    template=r"watch-list:(?P<kind>all|company|official|keyword):(?P<page>\d{1,4})(?::(?P<dossier>\d{1,18}))?",
):
    """Turn to a page of the watchlist."""

    action = Action.WATCH_LIST

    def __init__(self, wanted: Wanted, page: int, label: str, *, disabled: bool = False) -> None:
        dossier = f":{wanted.dossier_id}" if wanted.dossier_id is not None else ""
        custom_id = f"watch-list:{wanted.kind or ALL}:{page}{dossier}"
        super().__init__(ui.Button(label=label, custom_id=custom_id, disabled=disabled))
        self.wanted, self.page = wanted, page

    @classmethod
    def arguments(cls, match: re.Match[str]) -> tuple[object, ...]:
        """Return which items are asked for, and the page."""
        kind = None if match["kind"] == ALL else ItemKind(match["kind"])
        return Wanted(kind, int(match["dossier"]) if match["dossier"] else None), int(match["page"])

    async def act(self, interaction: discord.Interaction) -> None:
        """Show that page in place of the other."""
        embed, view = await page_of(app_of(interaction), await visit(interaction), self.wanted, self.page)
        await replace(interaction, embed=embed, view=view)


async def page_of(app: App, visitor: Visit, wanted: Wanted, page: int) -> tuple[discord.Embed, ui.View | None]:
    """Return a page of the newsroom's live items with its buttons; from 0, the last one where there are fewer."""
    texts = visitor.texts
    dossier, gathered = await _gathered(app, visitor, wanted.dossier_id)
    items = [
        item
        for item in await app.watchlist.items_of(visitor.guild_id)
        if (wanted.kind is None or item.kind is wanted.kind) and (gathered is None or item.id in gathered)
    ]
    paging = Paging.of(page, len(items), ITEMS_A_PAGE)
    shown = items[paging.page * ITEMS_A_PAGE : (paging.page + 1) * ITEMS_A_PAGE]
    async with app.database.read() as connection:
        followed = await follows.count(connection, visitor.guild_id) if wanted == Wanted() else 0
        records = [await hits.record(connection, visitor.guild_id, item.id or 0) for item in shown]
    now = app.clock.now()
    lines = [
        _line(texts, item, record.announced + record.held, now) for item, record in zip(shown, records, strict=True)
    ]
    if dossier is not None:
        [name] = dossier_names(texts, [dossier])
        lines = [texts("watch-list-dossier", dossier=name), *lines]
    elif not items:
        lines = [texts("watch-list-empty")]
    if followed:
        lines = [*lines, "", texts.plural("watch-list-follows", followed)]
    embed = sheet(texts.plural("watch-list-title", len(items)), lines, footer=paging.footer(texts))
    return embed, paging.view(texts, functools.partial(PageButton, wanted))


async def _gathered(app: App, visitor: Visit, dossier_id: int | None) -> tuple[Dossier | None, frozenset[int] | None]:
    """Return the dossier whose items alone are asked for, and their ids; None where all items are."""
    if dossier_id is None:
        return None, None
    async with app.database.read() as connection:
        dossier = await dossiers.find(connection, visitor.guild_id, dossier_id)
        things = await dossiers.things(connection, visitor.guild_id, dossier_id, ThingKind.ITEM)
    if dossier is None:
        raise UserError("dossier-unknown", typed=str(dossier_id))
    return dossier, frozenset(things)


def _line(texts: Texts, item: WatchItem, count: int, now: datetime) -> str:
    name, kind = item_name(item, NAME_UNITS), texts.word("item-kind", item.kind)
    parts = [texts("watch-list-item", name=name, kind=kind, id=item.id), texts.plural("watch-list-hits", count)]
    if item.channel_id is not None:
        parts.append(texts("watch-list-channel", channel=item.channel_id))
    if item.priority is Priority.DIGEST:
        parts.append(texts.word("priority", item.priority))
    until = muted_now(item, now)
    if until is not None:
        parts.append(mute_line(texts, until))
    return " · ".join(parts)
