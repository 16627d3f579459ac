"""All about one watch item, and the button that ends its mute."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import discord
from discord import ui

from bot.access import Action
from bot.errors import UserError
from bot.markup import clean
from bot.models import ThingKind, WatchItem
from bot.storage.log import dossiers
from bot.storage.watching import dismissals, hits, routes, takes, watchlist
from bot.watchlist import changes
from cogs._caller import Visit, admit, app_of
from cogs._digest_promise import promise_of
from cogs._gate import GatedButton
from cogs._items import item_lines, record_lines, taken_lines
from cogs._replies import TITLE_UNITS, replace, sheet

if TYPE_CHECKING:
    from bot.app import App

LATEST_HITS = 5
LATEST_TAKES = 5


class Unmute(GatedButton, template=r"unmute:(?P<item>\d{1,18}):(?P<seen>\d{1,12})"):
    """End the mute of an item; `seen` is its end as the person was shown it."""

    action = Action.WATCH_MUTE
    reads = (int, int)

    def __init__(self, item_id: int, seen: int, label: str) -> None:
        super().__init__(ui.Button(label=label, custom_id=f"unmute:{item_id}:{seen}"))
        self.item_id, self.seen = item_id, seen

    async def act(self, interaction: discord.Interaction) -> None:
        """End the mute, unless it was changed since, and show the item as it now stands."""
        app = app_of(interaction)
        if interaction.guild_id is None:
            raise UserError("access-guild-only")
        async with app.database.read() as connection:
            item = await watchlist.find(connection, interaction.guild_id, self.item_id)
        if item is None:
            raise UserError("watch-gone")
        visitor = await admit(interaction, Action.WATCH_MUTE, thing=item)
        seen = changes.moment_of(self.seen)
        muting = await changes.mute(
            app.database,
            visitor.guild_id,
            self.item_id,
            seen=seen,
            until=None,
            by=visitor.caller.user_id,
            now=app.clock.now(),
        )
        embed, view = await item_sheet(app, visitor, muting.item)
        await replace(interaction, embed=embed, view=view)


async def item_sheet(app: App, visitor: Visit, item: WatchItem) -> tuple[discord.Embed, ui.View | None]:
    """Return everything about an item and its hits so far, with a button to unmute it where it is muted."""
    texts, now = visitor.texts, app.clock.now()
    async with app.database.read() as connection:
        gathered = await dossiers.of_thing(connection, visitor.guild_id, ThingKind.ITEM, item.id or 0)
        record = await hits.record(connection, visitor.guild_id, item.id or 0)
        precision = await dismissals.precision(connection, visitor.guild_id, item.id or 0)
        latest = await hits.of_item(connection, visitor.guild_id, item.id or 0, LATEST_HITS)
        taken = await takes.of_item(connection, visitor.guild_id, item.id or 0, LATEST_TAKES)
        promise = await promise_of(connection, visitor, item, gathered)
        channels = await routes.of_item(connection, visitor.guild_id, item.id or 0)
    told = await asyncio.to_thread(lambda: list(item_lines(texts, item, gathered, channels, promise, now)))
    lines = [*told, *taken_lines(texts, taken), "", *record_lines(texts, record, precision, latest)]
    embed = sheet(clean(item.name, TITLE_UNITS), lines)
    if changes.muted_now(item, now) is None:
        return embed, None
    view = ui.View(timeout=None)
    view.add_item(Unmute(item.id or 0, changes.stamp(item.muted_until), texts("button-unmute")))
    return embed, view
