"""*Not this one* under an announcement or in `/watch hits`: which item, what is meant, and a way back.

Each step stands in the custom_id of the next, so that all of them work after a restart.
"""

from __future__ import annotations

from collections.abc import Sequence

import discord
from discord import ui

from bot.access import Action
from bot.errors import UserError
from bot.locales import Texts
from bot.markup import plain
from bot.models import Dismissal, DismissalKind
from bot.storage.digesting import digests
from bot.storage.outbox import announcements
from bot.storage.watching import routes
from bot.storage.watching.hits import StoredHit
from bot.watchlist.announced import live_hits, unnamed
from bot.watchlist.dismissing import Told, dismiss, look_at, mark_of, undo
from cogs._announcement_buttons import CODE, AnnouncementButton
from cogs._caller import Visit, admit, app_of, visit
from cogs._gate import GatedButton, GatedSelect
from cogs._items import channel_names, item_name
from cogs._replies import replace, respond

LABEL_UNITS = 80
OPTION_UNITS = 100
NAME_UNITS = 100
MOST_OPTIONS = 25
MOST_NAMES = 4
SERIES = "series"


class NotThisButton(AnnouncementButton, template=rf"not-this:{CODE}"):
    """Begin to say that a notice is not about an item: the button under an announcement."""

    action = Action.WATCH_DISMISS
    name = "not-this"

    async def act(self, interaction: discord.Interaction) -> None:
        """Ask which item where there are several, else what is meant."""
        visitor = await visit(interaction)
        async with app_of(interaction).database.read() as connection:
            announcement = await announcements.by_code(connection, visitor.guild_id, self.code)
            if announcement is None:
                raise UserError("mute-elsewhere")
            found = [stored for stored, _ in await live_hits(connection, announcement)]
            if not found and await unnamed(connection, announcement) is not None:
                raise UserError("dismissal-no-item")
        if not found:
            raise UserError("dismissal-all-removed")
        if len(found) > 1:
            view = ui.View(timeout=None)
            view.add_item(NotThisWhich(_which_select(visitor.texts, found)))
            await respond(interaction, visitor.texts("dismissal-which"), view=view)
        else:
            text, view = await asked(interaction, visitor, found[0].row)
            await respond(interaction, text, view=view)


class NotThisWhich(GatedSelect, template=r"not-this-which"):
    """Choose the item that a notice is not about, among those of an announcement."""

    action = Action.WATCH_DISMISS

    async def act(self, interaction: discord.Interaction) -> None:
        """Ask what is meant."""
        text, view = await asked(interaction, await visit(interaction), int(self.item.values[0]))
        await replace(interaction, text, view=view)


class NotThisHit(GatedSelect, template=r"not-this-hit"):
    """Choose the hit that is not the item, among those that `/watch hits` lists."""

    action = Action.WATCH_DISMISS

    async def act(self, interaction: discord.Interaction) -> None:
        """Ask what is meant, beside the list."""
        text, view = await asked(interaction, await visit(interaction), int(self.item.values[0]))
        await respond(interaction, text, view=view)


class NotThisMeant(GatedButton, template=rf"not-this-meant:(?P<hit>\d{{1,18}}):(?P<mark>{SERIES}|[0-9a-f]{{12}})"):
    """Say what is not the item: the other name, by its mark, in which a hit stands, or its series of notices."""

    action = Action.WATCH_DISMISS
    reads = (int, lambda mark: None if mark == SERIES else mark)

    def __init__(self, hit_row: int, mark: str | None, label: str) -> None:
        custom_id = f"not-this-meant:{hit_row}:{mark or SERIES}"
        super().__init__(
            ui.Button(label=plain(label, LABEL_UNITS), custom_id=custom_id, style=discord.ButtonStyle.primary)
        )
        self.hit_row, self.mark = hit_row, mark

    async def act(self, interaction: discord.Interaction) -> None:
        """Note it, say what that means, and offer the way back."""
        text, view = await _dismissed(interaction, await visit(interaction), self.hit_row, self.mark)
        await replace(interaction, text, view=view)


class NotThisUndo(GatedButton, template=r"not-this-undo:(?P<dismissal>\d{1,18})"):
    """Take a dismissal back."""

    action = Action.WATCH_DISMISS
    reads = (int,)

    def __init__(self, dismissal_id: int, label: str) -> None:
        super().__init__(ui.Button(label=plain(label, LABEL_UNITS), custom_id=f"not-this-undo:{dismissal_id}"))
        self.dismissal_id = dismissal_id

    async def act(self, interaction: discord.Interaction) -> None:
        """Undo it and say what comes of it."""
        await replace(interaction, await undone(interaction, await visit(interaction), self.dismissal_id))


class NotThisUndoWhich(GatedSelect, template=r"not-this-undo-which"):
    """Choose the dismissal to take back, among those that a page lists."""

    action = Action.WATCH_DISMISS

    async def act(self, interaction: discord.Interaction) -> None:
        """Undo it and say what comes of it, beside the list."""
        await respond(interaction, await undone(interaction, await visit(interaction), int(self.item.values[0])))


COMPONENTS = (NotThisButton, NotThisWhich, NotThisHit, NotThisMeant, NotThisUndo, NotThisUndoWhich)


def dismissal_words(texts: Texts, dismissal: Dismissal, units: int = NAME_UNITS) -> str:
    """Return what a dismissal holds back, to be put into a line."""
    what = plain(dismissal.name, units)
    if dismissal.kind is DismissalKind.SERIES:
        return texts("dismissal-series", what=what)
    return texts("dismissal-name", what=what)


def undo_select(texts: Texts, dismissals: Sequence[Dismissal]) -> NotThisUndoWhich:
    """Return the select that takes one of these dismissals back, the first 25."""
    options = [
        discord.SelectOption(label=plain(dismissal_words(texts, one), OPTION_UNITS), value=str(one.id))
        for one in dismissals[:MOST_OPTIONS]
    ]
    select: ui.Select[ui.View] = ui.Select(
        custom_id="not-this-undo-which", placeholder=texts("hits-undo-placeholder"), options=options
    )
    return NotThisUndoWhich(select)


def hit_select(texts: Texts, titles: Sequence[tuple[int, str]]) -> NotThisHit:
    """Return the select of hits that may not be the item: our ids with what they are called."""
    options = [
        discord.SelectOption(label=plain(title, OPTION_UNITS) or str(row), value=str(row)) for row, title in titles
    ]
    select: ui.Select[ui.View] = ui.Select(
        custom_id="not-this-hit", placeholder=texts("hits-not-this-placeholder"), options=options
    )
    return NotThisHit(select)


async def asked(interaction: discord.Interaction, visitor: Visit, hit_row: int) -> tuple[str, ui.View]:
    """Return the question what is meant by *Not this one*, with its buttons.

    Where the item's name stands in no other name only the series of notices can be meant: that is noted at once. What
    was dismissed already is only said.
    """
    stored, item = await look_at(app_of(interaction).database, visitor.guild_id, hit_row)
    await admit(interaction, Action.WATCH_DISMISS, thing=item)
    texts, name = visitor.texts, item_name(item, NAME_UNITS)
    if stored.dismissed is not None:
        return _standing(texts, stored.dismissed, name), _way_back(texts, stored.dismissed)
    names = {key: told for key, told in (stored.organisations or {}).items() if key not in stored.passed_over}
    if not names:
        text, view = await _dismissed(interaction, visitor, hit_row, None)
        return f"{texts('dismissal-series-why')}\n{text}", view
    shown = list(names.items())[:MOST_NAMES]
    quoted = texts.list_of(texts("dismissal-name", what=plain(told, NAME_UNITS)) for _, told in shown)
    lines = [
        texts("dismissal-ask", name=name, names=quoted),
        texts("dismissal-ask-name", name=name),
        texts("dismissal-ask-series"),
        texts("dismissal-ask-undo"),
    ]
    view = ui.View(timeout=None)
    for key, told in shown:
        view.add_item(NotThisMeant(hit_row, mark_of(key), texts("button-dismiss-name", name=plain(told, LABEL_UNITS))))
    view.add_item(NotThisMeant(hit_row, None, texts("button-dismiss-series")))
    return "\n".join(lines), view


async def undone(interaction: discord.Interaction, visitor: Visit, dismissal_id: int) -> str:
    """Take a dismissal back; return how things stand and what is told now that had been held back."""
    app, texts = app_of(interaction), visitor.texts
    told = await undo(app.database, visitor.guild_id, dismissal_id, visitor.caller.user_id, app.clock.now())
    app.delivery.wake()
    if not told.is_changed:
        return texts("dismissal-was-undone")
    name, what = item_name(told.item, NAME_UNITS), plain(told.dismissal.name, NAME_UNITS)
    if told.dismissal.kind is DismissalKind.SERIES:
        lines = [texts("dismissal-undone-series", name=name)]
    else:
        lines = [texts("dismissal-undone-name", name=name, what=what)]
    if told.notices:
        lines.append(await _returned(interaction, visitor, told))
    return "\n".join(lines)


async def _returned(interaction: discord.Interaction, visitor: Visit, told: Told) -> str:
    """Return where what was held back is told now."""
    async with app_of(interaction).database.read() as connection:
        scheduled = await digests.every(connection, visitor.guild_id)
        leads_to = await routes.of_item(connection, visitor.guild_id, told.item.id or 0)
    channels = [
        one for one in leads_to if any(one == digest.channel_id and not digest.dossier_id for digest in scheduled)
    ]
    if channels:
        names = channel_names(visitor.texts, channels)
        return visitor.texts.plural("dismissal-returned", told.notices, channels=names)
    return visitor.texts.plural("dismissal-returned-nowhere", told.notices)


async def _dismissed(
    interaction: discord.Interaction, visitor: Visit, hit_row: int, mark: str | None
) -> tuple[str, ui.View]:
    """Note what is not the item; return how things stand, and the way back."""
    app, texts = app_of(interaction), visitor.texts
    told = await dismiss(app.database, visitor.guild_id, hit_row, mark, visitor.caller.user_id, app.clock.now())
    app.delivery.wake()
    name, what = item_name(told.item, NAME_UNITS), plain(told.dismissal.name, NAME_UNITS)
    view = _way_back(texts, told.dismissal)
    if not told.is_changed:
        return _standing(texts, told.dismissal, name), view
    if told.dismissal.kind is DismissalKind.SERIES:
        lines = [texts("dismissal-series-done", name=name)]
    else:
        lines = [texts("dismissal-name-done", name=name, what=what)]
    if told.is_left:
        lines.append(texts("dismissal-left"))
    if told.notices > 1:
        lines.append(texts.plural("dismissal-covered", told.notices))
    return "\n".join(lines), view


def _standing(texts: Texts, dismissal: Dismissal, name: str) -> str:
    """Return who had dismissed it, and when."""
    who = {"person": dismissal.made_by, "when": texts.when(dismissal.made_at)}
    if dismissal.kind is DismissalKind.SERIES:
        return texts("dismissal-stands-series", name=name, **who)
    return texts("dismissal-stands-name", name=name, what=plain(dismissal.name, NAME_UNITS), **who)


def _way_back(texts: Texts, dismissal: Dismissal) -> ui.View:
    view = ui.View(timeout=None)
    view.add_item(NotThisUndo(dismissal.id, texts("button-undo")))
    return view


def _which_select(texts: Texts, found: Sequence[StoredHit]) -> ui.Select[ui.View]:
    """Return the select of the items of an announcement, the first 25."""
    return ui.Select(
        custom_id="not-this-which",
        placeholder=texts("dismissal-which-placeholder"),
        options=[
            discord.SelectOption(
                label=plain(stored.item_name, OPTION_UNITS),
                value=str(stored.row),
                description=texts.word("item-kind", stored.hit.kind),
            )
            for stored in found[:MOST_OPTIONS]
        ],
    )
