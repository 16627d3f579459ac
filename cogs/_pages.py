"""The watchlist page by page: the page asked for stands in the custom_id of the button that leads to it."""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING, Self

import discord
from discord import ui

from bot.access import Action
from bot.locales import Texts
from bot.models import ItemKind, Priority, WatchItem
from bot.storage import hits
from bot.watchlist.changes import muted_now
from cogs._caller import Visit, app_of, visit
from cogs._gate import Gated
from cogs._items import item_name, mute_line
from cogs._replies import replace, sheet

if TYPE_CHECKING:
    from bot.app import App

ITEMS_A_PAGE = 10
NAME_UNITS = 90
ALL = "all"


class PageButton(
    Gated[ui.Button[ui.View]], template=r"watch-list:(?P<kind>all|company|official|keyword):(?P<page>\d{1,4})"
):
    """Turn to a page of the watchlist."""

    action = Action.WATCH_LIST

    def __init__(self, kind: ItemKind | None, page: int, label: str, *, disabled: bool = False) -> None:
        custom_id = f"watch-list:{kind or ALL}:{page}"
        super().__init__(ui.Button(label=label, custom_id=custom_id, disabled=disabled))
        self.kind, self.page = kind, page

    @classmethod
    async def from_custom_id(
        cls, _interaction: discord.Interaction, item: ui.Item[ui.View], match: re.Match[str], /
    ) -> Self:
        """Return the button that was pressed."""
        kind = None if match["kind"] == ALL else ItemKind(match["kind"])
        return cls(kind, int(match["page"]), getattr(item, "label", None) or "…")

    async def act(self, interaction: discord.Interaction) -> None:
        """Show that page in place of the other."""
        embed, view = await page_of(app_of(interaction), await visit(interaction), self.kind, self.page)
        await replace(interaction, embed=embed, view=view)


async def page_of(app: App, visitor: Visit, kind: ItemKind | None, page: int) -> tuple[discord.Embed, ui.View | None]:
    """Return a page of the newsroom's live items with its buttons; from 0, the last one where there are fewer."""
    texts = visitor.texts
    items = [item for item in await app.watchlist.items_of(visitor.guild_id) if kind in {None, item.kind}]
    last = max(len(items) - 1, 0) // ITEMS_A_PAGE
    page = min(page, last)
    shown = items[page * ITEMS_A_PAGE : (page + 1) * ITEMS_A_PAGE]
    async with app.database.read() as connection:
        records = [await hits.record(connection, visitor.guild_id, item.id or 0) for item in shown]
    now = app.clock.now()
    lines = [
        _line(texts, item, record.announced + record.held, now) for item, record in zip(shown, records, strict=True)
    ]
    if not items:
        lines = [texts("watch-list-empty")]
    footer = texts("watch-list-page", page=page + 1, pages=last + 1) if last else None
    embed = sheet(texts.plural("watch-list-title", len(items)), lines, footer=footer)
    if not last:
        return embed, None
    view = ui.View(timeout=None)
    view.add_item(PageButton(kind, max(page - 1, 0), texts("button-previous"), disabled=page == 0))
    view.add_item(PageButton(kind, page + 1, texts("button-next"), disabled=page == last))
    return embed, view


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
