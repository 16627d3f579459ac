"""What was dismissed for an item, page by page: what, how much it held back, by whom, with a way back."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

import discord
from discord import ui

from bot.access import Action
from bot.errors import UserError
from bot.locales import Texts
from bot.models import WatchItem
from bot.storage.watching import dismissals, watchlist
from bot.storage.watching.dismissals import Counted
from cogs._caller import Visit, admit, app_of, visit
from cogs._gate import GatedButton
from cogs._items import item_name
from cogs._not_this_one import dismissal_words, undo_select
from cogs._paging import Paging
from cogs._replies import replace, respond, sheet

if TYPE_CHECKING:
    from bot.app import App

DISMISSALS_A_PAGE = 10
FIRST = "first"


class DismissalsPage(GatedButton, template=r"watch-dismissed:(?P<item>\d{1,18}):(?P<page>first|\d{1,5})"):
    """Show what was dismissed for an item: `first` beside the list of its hits, or another page in place of one."""

    action = Action.WATCH_HITS
    reads = (int, lambda page: None if page == FIRST else int(page))

    def __init__(self, item_id: int, page: int | None, label: str, *, disabled: bool = False) -> None:
        custom_id = f"watch-dismissed:{item_id}:{FIRST if page is None else page}"
        super().__init__(ui.Button(label=label, custom_id=custom_id, disabled=disabled))
        self.item_id, self.page = item_id, page

    async def act(self, interaction: discord.Interaction) -> None:
        """Show the page."""
        visitor = await visit(interaction)
        app = app_of(interaction)
        async with app.database.read() as connection:
            item = await watchlist.find(connection, visitor.guild_id, self.item_id)
        if item is None:
            raise UserError("watch-gone")
        await admit(interaction, Action.WATCH_HITS, thing=item)
        embed, view = await page_of(app, visitor, item, self.page or 0)
        await (respond if self.page is None else replace)(interaction, embed=embed, view=view)


async def page_of(app: App, visitor: Visit, item: WatchItem, page: int) -> tuple[discord.Embed, ui.View | None]:
    """Return a page of what was dismissed for an item, from 0, the last one where there are fewer, with its buttons."""
    texts, item_id = visitor.texts, item.id or 0
    async with app.database.read() as connection:
        total = await dismissals.count(connection, visitor.guild_id, item_id)
        paging = Paging.of(page, total, DISMISSALS_A_PAGE)
        skip = paging.page * DISMISSALS_A_PAGE
        listed = await dismissals.listed(connection, visitor.guild_id, item_id, DISMISSALS_A_PAGE, skip)
    lines = [line for number, one in enumerate(listed, skip + 1) for line in _entry(texts, one, number)]
    embed = sheet(
        texts("dismissals-title", name=item_name(item)),
        lines or [texts("dismissals-none")],
        footer=paging.footer(texts),
    )
    if not listed:
        return embed, None
    view = ui.View(timeout=None)
    for button in paging.buttons(texts, functools.partial(DismissalsPage, item_id)):
        view.add_item(button)
    view.add_item(undo_select(texts, [one.dismissal for one in listed]))
    return embed, view


def _entry(texts: Texts, counted: Counted, number: int) -> tuple[str, str]:
    said = counted.dismissal
    what = texts("dismissals-entry", number=number, what=dismissal_words(texts, said))
    held = texts.plural("dismissals-held", counted.held)
    return what, f"> {held} · {texts('dismissals-by', person=said.made_by, when=texts.when(said.made_at))}"
