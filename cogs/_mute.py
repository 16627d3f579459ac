"""*Mute* under an announcement: which item, how long, and a way back; each step in the custom_id of the next."""

from __future__ import annotations

from datetime import datetime

import discord
from discord import ui

from bot.access import Action
from bot.errors import UserError
from bot.locales import Texts
from bot.markup import plain
from bot.models import WatchItem
from bot.storage.outbox import announcements
from bot.storage.watching import watchlist
from bot.watchlist.announced import live_hits, unnamed
from bot.watchlist.changes import UNTIL_FURTHER_NOTICE, Span, moment_of, mute, muted_now, stamp
from cogs._announcement_buttons import CODE, AnnouncementButton
from cogs._caller import Visit, admit, app_of, visit
from cogs._gate import GatedButton, GatedSelect
from cogs._items import last_day_before
from cogs._replies import replace, respond

LABEL_UNITS = 80
OPTION_UNITS = 100
NAME_UNITS = 100
MOST_ITEMS = 25


class MuteButton(AnnouncementButton, template=rf"mute:{CODE}"):
    """Begin to mute: the button under an announcement."""

    action = Action.WATCH_MUTE
    name = "mute"

    async def act(self, interaction: discord.Interaction) -> None:
        """Ask which item where there are several, else how long."""
        visitor = await visit(interaction)
        async with app_of(interaction).database.read() as connection:
            announcement = await announcements.by_code(connection, visitor.guild_id, self.code)
            if announcement is None:
                raise UserError("mute-elsewhere")
            items = [item for _, item in await live_hits(connection, announcement)]
            if not items and await unnamed(connection, announcement) is not None:
                raise UserError("mute-no-item")
        if not items:
            raise UserError("mute-all-removed")
        if len(items) > 1:
            view = ui.View(timeout=None)
            view.add_item(MuteWhich(which_select(visitor.texts, items, app_of(interaction).clock.now())))
            await respond(interaction, visitor.texts("mute-which"), view=view)
        else:
            text, view = _how_long(interaction, visitor.texts, items[0])
            await respond(interaction, text, view=view)


class MuteWhich(GatedSelect, template=r"mute-which"):
    """Choose the item to mute among those of an announcement."""

    action = Action.WATCH_MUTE

    async def act(self, interaction: discord.Interaction) -> None:
        """Ask how long."""
        visitor = await visit(interaction)
        item = await _live_item(interaction, visitor.guild_id, int(self.item.values[0]))
        text, view = _how_long(interaction, visitor.texts, item)
        await replace(interaction, text, view=view)


class MuteFor(GatedButton, template=r"mute-for:(?P<item>\d{1,18}):(?P<span>day|week|month|open):(?P<seen>\d{1,12})"):
    """Mute an item for so long; `seen` is the end of the mute that the person was shown, 0 for none."""

    action = Action.WATCH_MUTE
    reads = (int, Span, int)

    def __init__(self, item_id: int, span: Span, seen: int, label: str) -> None:
        custom_id = f"mute-for:{item_id}:{span}:{seen}"
        super().__init__(ui.Button(label=label, custom_id=custom_id, style=discord.ButtonStyle.primary))
        self.item_id, self.span, self.seen = item_id, span, seen

    async def act(self, interaction: discord.Interaction) -> None:
        """Mute, say until when, and offer the way back; pressed again it only says how things stand."""
        visitor = await visit(interaction)
        item = await _live_item(interaction, visitor.guild_id, self.item_id)
        until = self.span.end(app_of(interaction).clock.now())
        text, view = await muted_until(interaction, visitor, item, until, seen=moment_of(self.seen))
        await replace(interaction, text, view=view)


class MuteUntil(GatedButton, template=r"mute-until:(?P<item>\d{1,18}):(?P<until>\d{1,12}):(?P<seen>\d{1,12})"):
    """Confirm a mute until a moment typed in words; `seen` is the end of the mute that the person was shown."""

    action = Action.WATCH_MUTE
    reads = (int, int, int)

    def __init__(self, item_id: int, until: int, seen: int, label: str) -> None:
        custom_id = f"mute-until:{item_id}:{until}:{seen}"
        super().__init__(ui.Button(label=label, custom_id=custom_id, style=discord.ButtonStyle.primary))
        self.item_id, self.until, self.seen = item_id, until, seen

    async def act(self, interaction: discord.Interaction) -> None:
        """Mute, say until when, and offer the way back; too late, or pressed again, it only says so."""
        visitor = await visit(interaction)
        item = await _live_item(interaction, visitor.guild_id, self.item_id)
        text, view = await muted_until(interaction, visitor, item, moment_of(self.until), seen=moment_of(self.seen))
        await replace(interaction, text, view=view)


class MuteUndo(GatedButton, template=r"mute-undo:(?P<item>\d{1,18}):(?P<set>\d{1,12}):(?P<before>\d{1,12})"):
    """Take a mute back: what ends at `set` ends at `before` again, 0 for not muted at all."""

    action = Action.WATCH_MUTE
    reads = (int, int, int)

    def __init__(self, item_id: int, set_until: int, before: int, label: str) -> None:
        super().__init__(ui.Button(label=label, custom_id=f"mute-undo:{item_id}:{set_until}:{before}"))
        self.item_id, self.set_until, self.before = item_id, set_until, before

    async def act(self, interaction: discord.Interaction) -> None:
        """Take the mute back, unless it was changed since; then only say how things stand."""
        visitor = await visit(interaction)
        await _live_item(interaction, visitor.guild_id, self.item_id)
        muting = await mute(
            app_of(interaction).database,
            visitor.guild_id,
            self.item_id,
            seen=moment_of(self.set_until),
            until=moment_of(self.before),
            by=visitor.caller.user_id,
            now=app_of(interaction).clock.now(),
        )
        await replace(interaction, mute_words(interaction, visitor.texts, muting.item))


async def muted_until(
    interaction: discord.Interaction,
    visitor: Visit,
    item: WatchItem,
    until: datetime | None,
    *,
    seen: datetime | None,
) -> tuple[str, ui.View]:
    """Mute an item until a moment, or no longer (None), unless its mute is no more what was `seen`.

    Return how it now stands, and the way back. Raises UserError for a moment that has passed.
    """
    app = app_of(interaction)
    if until is not None and until <= app.clock.now():
        raise UserError("mute-past")
    by, now = visitor.caller.user_id, app.clock.now()
    muting = await mute(app.database, visitor.guild_id, item.id or 0, seen=seen, until=until, by=by, now=now)
    view = ui.View(timeout=None)
    view.add_item(MuteUndo(item.id or 0, stamp(muting.item.muted_until), stamp(seen), visitor.texts("button-undo")))
    return mute_words(interaction, visitor.texts, muting.item), view


def which_select(texts: Texts, items: list[WatchItem], now: datetime) -> ui.Select[ui.View]:
    """Return the select of the items of an announcement, the first 25, each with the mute that it has."""
    return ui.Select(
        custom_id="mute-which",
        placeholder=texts("mute-which-placeholder"),
        options=[
            discord.SelectOption(
                label=plain(item.name, OPTION_UNITS), value=str(item.id), description=_standing(texts, item, now)
            )
            for item in items[:MOST_ITEMS]
        ],
    )


def _standing(texts: Texts, item: WatchItem, now: datetime) -> str:
    """Return the kind of an item, and until when it is muted."""
    kind, until = texts.word("item-kind", item.kind), muted_now(item, now)
    if until is None:
        return kind
    if until >= UNTIL_FURTHER_NOTICE:
        return texts("mute-option-open", kind=kind)
    return texts("mute-option-muted", kind=kind, until=until)


def mute_words(interaction: discord.Interaction, texts: Texts, item: WatchItem) -> str:
    """Return how an item's mute now stands."""
    until = muted_now(item, app_of(interaction).clock.now())
    name = plain(item.name, NAME_UNITS)
    if until is None:
        return texts("mute-is-not", name=name)
    if until >= UNTIL_FURTHER_NOTICE:
        return texts("mute-is-open", name=name)
    day = last_day_before(texts, until)
    if day is not None:
        return texts("mute-is-through", name=name, day=texts.day_long(day))
    return texts("mute-is-until", name=name, until=until)


def _how_long(interaction: discord.Interaction, texts: Texts, item: WatchItem) -> tuple[str, ui.View]:
    """Return the question how long to mute an item, with its buttons."""
    view = ui.View(timeout=None)
    for span in Span:
        view.add_item(MuteFor(item.id or 0, span, stamp(item.muted_until), texts.word("mute-span", span)))
    question = texts("mute-how-long", name=plain(item.name, NAME_UNITS))
    if muted_now(item, app_of(interaction).clock.now()):
        question = f"{mute_words(interaction, texts, item)}\n{question}"
    return question, view


async def _live_item(interaction: discord.Interaction, guild_id: int, item_id: int) -> WatchItem:
    """Return a live item of the newsroom on which the person may act; raises UserError otherwise."""
    async with app_of(interaction).database.read() as connection:
        item = await watchlist.find(connection, guild_id, item_id)
    if item is None or item.removed_at is not None:
        raise UserError("watch-gone")
    await admit(interaction, Action.WATCH_MUTE, thing=item)
    return item
