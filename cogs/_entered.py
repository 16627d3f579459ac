"""What `/watch add` and `/watch edit` store and answer: how an item was read, what it would have matched."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import discord
from discord import ui

from bot.models import Dossier, WatchItem
from bot.storage.watching import routes
from bot.watchlist import changes
from bot.watchlist.editing import Edits, edit
from cogs._caller import Visit, app_of
from cogs._company_offer import registered
from cogs._digest_promise import promise_of
from cogs._edited import edited_lines
from cogs._items import channel_names, dossier_names, item_name, joined, read_lines, unread_sources
from cogs._replies import PLAIN_COLOUR, WARNING_COLOUR, leaving_room, respond, sheet
from cogs._suggestions import offered
from cogs._trial import EXAMPLES, context_words, trial_lines


async def add_item(
    interaction: discord.Interaction,
    visitor: Visit,
    entry: WatchItem,
    dossiers: Collection[Dossier],
    draft: int | None = None,
) -> None:
    """Follow a new item, in place of the question that a draft keeps, and say what it would have matched."""
    app, texts = app_of(interaction), visitor.texts
    now, ids = app.clock.now(), [one.id for one in dossiers]
    item = await changes.add(app.database, entry, interaction.id, now, ids, draft=draft)
    title = texts("watch-added", name=item_name(item), kind=texts.word("item-kind", item.kind), id=item.id)
    await _show_entered(interaction, visitor, item, list(dossiers), title)


async def edit_item(
    interaction: discord.Interaction, visitor: Visit, chosen: WatchItem, edits: Edits, draft: int | None = None
) -> None:
    """Change what is given of an item, and say from what to what, and what it would have matched."""
    app, texts = app_of(interaction), visitor.texts
    edited = await edit(
        app.database,
        chosen,
        edits,
        by=visitor.caller.user_id,
        floor_id=interaction.id,
        known_sources=app.settings.sources.keys(),
        now=app.clock.now(),
        draft=draft,
    )
    after = edited.after.item
    if not edited.fields:
        await respond(interaction, texts("edit-nothing-changed", name=item_name(after), id=after.id))
        return
    title = texts("watch-edited", name=item_name(after), kind=texts.word("item-kind", after.kind), id=after.id)
    lines = [*edited_lines(texts, edited), ""]
    await _show_entered(interaction, visitor, after, edited.after.dossiers, title, lines)


async def _show_entered(
    interaction: discord.Interaction,
    visitor: Visit,
    item: WatchItem,
    dossiers: Sequence[Dossier],
    title: str,
    first_lines: Sequence[str] = (),
) -> None:
    """Answer how an item was understood and what it would have matched, with a warning when that is too much."""
    app, texts = app_of(interaction), visitor.texts
    trial = await app.watchlist.try_items([item], app.clock.now(), EXAMPLES)
    read = [*first_lines, *await read_lines(texts, item)]
    if dossiers:
        read.append(texts("watch-show-dossiers", dossiers=joined(texts, dossier_names(texts, dossiers))))
    lines = [""]
    async with app.database.read() as connection:
        promise = await promise_of(connection, visitor, item, dossiers)
        channels = await routes.of_item(connection, visitor.guild_id, item.id or 0)
    if channels:
        read.append(texts("watch-show-channel", channels=channel_names(texts, channels)))
    lines += [promise] if promise is not None else []
    if unread_sources(item, app.feeds):
        lines.append(texts("watch-sources-unread"))
    context = context_words(await app.watchlist.items_of(visitor.guild_id), item)
    lines += trial_lines(texts, trial, item=item, context=context)
    offers, view = await offered(interaction, visitor, item)
    lines += offers
    colour = WARNING_COLOUR if trial.is_noisy else PLAIN_COLOUR
    embed = sheet(title, [*leaving_room(read, lines), *lines], colour=colour)
    await respond(interaction, embed=embed, view=view)
    # Asked once the answer stands: that the register is slow or out changes nothing but this offer.
    offer = await registered(app.company_register, item, texts)
    if offer is not None:
        more, select = offer
        lines += more
        view = view or ui.View(timeout=None)
        view.add_item(select)
        embed = sheet(title, [*leaving_room(read, lines), *lines], colour=colour)
        await respond(interaction, embed=embed, view=view)
