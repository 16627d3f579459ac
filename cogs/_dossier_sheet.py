"""What a dossier gathers, for those who may see it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import discord

from bot.locales import Texts
from bot.markup import plain, utf16_len
from bot.models import Dossier, FactFilter, ThingKind, TipFilter, WatchItem
from bot.storage.log import dossiers, facts, tips
from cogs._caller import Visit
from cogs._items import item_name
from cogs._log_pages import LINE_UNITS, fact_line, tip_line
from cogs._replies import SHEET_UNITS, sheet

if TYPE_CHECKING:
    from bot.app import App

SHOWN = 8
ITEMS_SHOWN = 24
ITEMS_UNITS = 600
NAME_UNITS = 100


async def dossier_sheet(app: App, visitor: Visit, dossier: Dossier) -> discord.Embed:
    """Return what a dossier gathers, the latest first: names and texts are cut so that some of each kind is shown."""
    texts, viewer = visitor.texts, visitor.viewer
    watched = {item.id: item for item in await app.watchlist.items_of(viewer.guild_id)}
    within, of_dossier = FactFilter(dossier_id=dossier.id), TipFilter(dossier_id=dossier.id)
    async with app.database.read() as connection:
        item_ids = await dossiers.things(connection, viewer.guild_id, dossier.id, ThingKind.ITEM)
        shown_facts = await facts.listed(connection, viewer, within, limit=SHOWN)
        number_of_facts = await facts.count(connection, viewer, within)
        shown_tips = await tips.listed(connection, viewer, of_dossier, limit=SHOWN)
        number_of_tips = await tips.count(connection, viewer, of_dossier)
    more_facts, more_tips = number_of_facts - len(shown_facts), number_of_tips - len(shown_tips)
    live = [watched[item_id] for item_id in item_ids if item_id in watched]

    def lines_of(units: int) -> list[str]:
        return [
            *_opening(texts, dossier),
            *("", texts.plural("dossier-items", len(live)), *_items(texts, live)),
            *("", texts.plural("dossier-facts", number_of_facts)),
            *(fact_line(texts, fact, units) for fact in shown_facts),
            *([texts.plural("dossier-facts-left", more_facts)] if more_facts else []),
            *("", texts.plural("dossier-tips", number_of_tips)),
            *(tip_line(texts, tip, units) for tip in shown_tips),
            *([texts.plural("dossier-tips-left", more_tips)] if more_tips else []),
        ]

    lines = _fitted(lines_of, len(shown_facts) + len(shown_tips))
    return sheet(texts("dossier-title", name=plain(dossier.name, NAME_UNITS), id=dossier.id), lines)


def _opening(texts: Texts, dossier: Dossier) -> list[str]:
    lines = [texts("dossier-opened", person=dossier.created_by, when=dossier.created_at)]
    if dossier.channel_id is not None:
        lines.append(texts("dossier-posts-in", channel=dossier.channel_id))
    if dossier.closed_at is not None:
        lines.append(texts("dossier-closed-by", person=dossier.closed_by, when=dossier.closed_at))
    return lines


def _items(texts: Texts, live: Sequence[WatchItem]) -> list[str]:
    """Return the names of items in one line of at most `ITEMS_UNITS`, and how many are not named."""
    named = ""
    number = 0
    for item in live[:ITEMS_SHOWN]:
        longer = " · ".join(filter(None, (named, texts("dossier-item", name=item_name(item)))))
        if utf16_len(longer) > ITEMS_UNITS:
            break
        named, number = longer, number + 1
    left = len(live) - number
    return [*([named] if named else []), *([texts.plural("dossier-items-left", left)] if left else [])]


def _fitted(lines_of: Callable[[int], list[str]], shared: int) -> list[str]:
    """Return lines that all fit on a sheet: those that share the room are shorter where they would not."""
    lines = lines_of(LINE_UNITS)
    units = LINE_UNITS
    while shared and (over := sum(utf16_len(line) + 1 for line in lines) - SHEET_UNITS) > 0 and units > over // shared:
        units -= over // shared + 1
        lines = lines_of(units)
    return lines
