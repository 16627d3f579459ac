"""What people give to commands: channels, and names of our things, proposed while typed and read again after."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import discord
from discord import app_commands

from bot.access import Action, may
from bot.errors import UserError
from bot.lookup import Named, folded, propose, resolve
from bot.markup import cut, plain, utf16_len
from bot.models import Dossier, ItemKind, WatchItem
from bot.sources import label_of
from bot.storage import newsrooms
from bot.storage.log import dossiers
from bot.storage.watching import watchlist
from bot.watchlist.changes import muted_now
from cogs._caller import Visit, visit

if TYPE_CHECKING:
    from bot.app import App

CHOICE_UNITS = 100
NAME_UNITS = 70
TYPED_UNITS = 100
ITEM_NAMES = 1 << 16
"""How many items are kept as they are named: at each letter that is typed all of a newsroom are asked for."""


class PostChannel(app_commands.Transformer):
    """Take a channel where the bot can post, text, news or forum, as the interaction names it: no cache is needed."""

    @property
    def type(self) -> discord.AppCommandOptionType:
        """Return that this is a channel."""
        return discord.AppCommandOptionType.channel

    @property
    def channel_types(self) -> list[discord.ChannelType]:
        """Return the kinds of channels that can be chosen."""
        return [discord.ChannelType.text, discord.ChannelType.news, discord.ChannelType.forum]

    async def transform(self, _: discord.Interaction, value: Any, /) -> app_commands.AppCommandChannel:
        """Return the channel as it came; raises UserError for any other kind, which no client of Discord sends."""
        if isinstance(value, app_commands.AppCommandChannel) and value.type in self.channel_types:
            return value
        raise UserError("channel-kind")


class MessageChannel(PostChannel):
    """Take a channel for messages that follow each other, text or news: in a forum each would be a post of its own."""

    @property
    def channel_types(self) -> list[discord.ChannelType]:
        """Return the kinds of channels that can be chosen."""
        return [discord.ChannelType.text, discord.ChannelType.news]

    async def transform(self, interaction: discord.Interaction, value: Any, /) -> app_commands.AppCommandChannel:
        """Return the channel as it came; raises UserError for a forum, which no client of Discord sends."""
        if isinstance(value, app_commands.AppCommandChannel) and value.type is discord.ChannelType.forum:
            raise UserError("channel-no-forum")
        return await super().transform(interaction, value)


Channel = app_commands.Transform[app_commands.AppCommandChannel, PostChannel]
TextChannel = app_commands.Transform[app_commands.AppCommandChannel, MessageChannel]


async def note_forums(app: App, guild_id: int, *chosen: app_commands.AppCommandChannel | None) -> None:
    """Note which of the channels that a person chose for announcements are forums."""
    forums = [channel.id for channel in chosen if channel is not None and channel.type is discord.ChannelType.forum]
    if forums:
        async with app.database.tx("channel.forums") as connection:
            for channel_id in forums:
                await newsrooms.note_forum(connection, guild_id, channel_id)


def choices(things: Iterable[Named]) -> list[app_commands.Choice[str]]:
    """Return proposals as Discord takes them: names of at most 100 units, our id as the value."""
    return [
        app_commands.Choice(name=cut(plain(thing.label), CHOICE_UNITS) or thing.id, value=thing.id) for thing in things
    ]


def named_items(visitor: Visit, items: Iterable[WatchItem]) -> list[Named]:
    """Return watch items as they are named and proposed: the name, then the kind and our id.

    Not for the event loop: a newsroom may follow ten thousand.
    """
    kinds = {kind: visitor.texts.word("item-kind", kind) for kind in ItemKind}
    return [_named_item(item.id, item.name, kinds[item.kind]) for item in items]


@functools.lru_cache(maxsize=ITEM_NAMES)
def _named_item(item_id: int | None, name: str, kind: str) -> Named:
    return Named(str(item_id), name, kind, folded(name))


async def items_for(app: App, visitor: Visit, action: Action) -> Sequence[WatchItem]:
    """Return the items of the visitor's newsroom that an action is about: removed ones to restore, else live ones."""
    if action is not Action.WATCH_RESTORE:
        return await app.watchlist.items_of(visitor.guild_id)
    async with app.database.read() as connection:
        return await watchlist.removed(connection, visitor.guild_id)


async def propose_items(
    app: App, interaction: discord.Interaction, typed: str, action: Action
) -> list[app_commands.Choice[str]]:
    """Return the items that a person may mean, of those on which they may act."""
    visitor = await visit(interaction)
    items = await items_for(app, visitor, action)
    now, caller = app.clock.now(), visitor.caller.user_id

    def proposed() -> list[Named]:
        allowed = {is_own: may(visitor.role, action, is_own=is_own) for is_own in (True, False)}
        mine: Iterable[WatchItem] = (item for item in items if allowed[item.added_by == caller])
        if action is Action.WATCH_UNMUTE:
            mine = (item for item in mine if muted_now(item, now) is not None)
        return propose(named_items(visitor, mine), typed)

    return choices(await asyncio.to_thread(proposed))


async def chosen_item(app: App, visitor: Visit, typed: str, action: Action) -> WatchItem:
    """Return the item that a person named, whoever entered it: judge with `admit` whether they may act on it.

    Raises UserError when none, or more than one, is named so.
    """
    items = await items_for(app, visitor, action)
    found = await asyncio.to_thread(lambda: resolve(named_items(visitor, items), typed, by_word=True))
    if found is None:
        is_restore = action is Action.WATCH_RESTORE
        raise UserError("item-not-removed" if is_restore else "item-unknown", typed=plain(typed, TYPED_UNITS))
    return next(item for item in items if str(item.id) == found.id)


def named_dossiers(visitor: Visit, found: Iterable[Dossier]) -> list[Named]:
    """Return dossiers as they are named and proposed: the name, whether it is closed, and our id."""
    texts = visitor.texts
    hints = {True: texts("dossier-hint-closed"), False: texts("dossier-hint")}
    return [Named(str(dossier.id), dossier.name, hints[dossier.closed_at is not None]) for dossier in found]


async def dossiers_for(app: App, visitor: Visit, *, is_open: bool | None) -> list[Dossier]:
    """Return the dossiers of the visitor's newsroom that are open, that are closed, or all of them (None)."""
    async with app.database.read() as connection:
        found = await dossiers.every(connection, visitor.guild_id)
    return [dossier for dossier in found if is_open in {None, dossier.closed_at is None}]


async def propose_dossiers(
    app: App, interaction: discord.Interaction, typed: str, *, is_open: bool | None = True
) -> list[app_commands.Choice[str]]:
    """Return the dossiers that a person may mean: the open ones, the closed ones, or all (None)."""
    visitor = await visit(interaction)
    things = named_dossiers(visitor, await dossiers_for(app, visitor, is_open=is_open))
    return choices(await asyncio.to_thread(propose, things, typed))


async def chosen_dossier(app: App, visitor: Visit, typed: str, *, is_open: bool | None = True) -> Dossier:
    """Return the dossier that a person named by its id, its name or the beginning that only one name has.

    It is open, closed, or either (None). Raises UserError when none, or more than one, is named so, and for a closed
    one where an open one is needed.
    """
    every = await dossiers_for(app, visitor, is_open=None)
    wanted = [dossier for dossier in every if is_open in {None, dossier.closed_at is None}]
    found = resolve(named_dossiers(visitor, wanted), typed, by_word=True)
    if found is None and is_open:
        closed = resolve(named_dossiers(visitor, every), typed, by_word=True)
        if closed is not None:
            raise UserError("dossier-closed", name=closed.name)
    if found is None:
        raise UserError("dossier-unknown", typed=plain(typed, TYPED_UNITS))
    return next(dossier for dossier in wanted if str(dossier.id) == found.id)


def named_sources(app: App) -> list[Named]:
    """Return every source that this version can read, those that are enabled first."""
    names = sorted(app.settings.sources, key=lambda name: (name not in app.feeds, name))
    return [Named(name, label_of(name)) for name in names]


def chosen_source(app: App, typed: str) -> str:
    """Return the source that a person named; raises UserError when there is none, or several."""
    found = resolve(named_sources(app), typed)
    if found is None:
        raise UserError("source-unknown", source=plain(typed, TYPED_UNITS))
    return found.id


def complete_list(things: Sequence[Named], typed: str) -> list[app_commands.Choice[str]]:
    """Return proposals for the last element of a list separated by `;`, each with what stands before it."""
    before, _, last = typed.rpartition(";")
    kept = [element.strip() for element in before.split(";") if element.strip()]
    taken = {*kept, *map(folded, kept)}
    left = [thing for thing in things if taken.isdisjoint((thing.id, folded(thing.name)))]
    start = "".join(f"{element}; " for element in kept)
    found = [
        app_commands.Choice(name=f"{start}{plain(thing.name, NAME_UNITS)}", value=f"{start}{thing.id}")
        for thing in propose(left, last)
    ]
    return [choice for choice in found if max(map(utf16_len, (choice.name, str(choice.value)))) <= CHOICE_UNITS]
