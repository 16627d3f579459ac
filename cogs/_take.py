"""*Take it* and *Give back* under an announcement: for which item, who has it, and a way back.

Each step stands in the custom_id of the next, so that all of them work after a restart.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

import discord
from discord import ui

from bot.access import Action, may, owners_of
from bot.errors import UserError
from bot.locales import Texts
from bot.markup import plain
from bot.models import WatchItem
from bot.storage.watching import takes
from bot.storage.watching.takes import StoredTake
from bot.watchlist.taking import Offer, give_back, offer, take
from cogs._announcement_buttons import CODE, AnnouncementButton
from cogs._caller import Visit, admit, app_of, visit
from cogs._gate import GatedButton, GatedSelect
from cogs._replies import replace, respond

LABEL_UNITS: Final = 80
OPTION_UNITS: Final = 100
NAME_UNITS: Final = 100
MOST_OPTIONS: Final = 24
"""Things that a select offers one by one, below all of them together."""
MOST_SHOWN: Final = 10
"""Takes of others that a reply names."""
ALL: Final = "all"


class TakeButton(AnnouncementButton, template=rf"take:{CODE}"):
    """Take what an announcement tells of, to look into it: the button under it."""

    action = Action.NOTICE_TAKE
    name = "take"

    async def act(self, interaction: discord.Interaction) -> None:
        """Take it, ask for which item where several are free, or say who has it."""
        visitor = await visit(interaction)
        async with app_of(interaction).database.read() as connection:
            offered = await offer(connection, visitor.guild_id, self.code)
        if not offered.free:
            await respond(interaction, _who_has(visitor, offered.standing), view=_way_back(visitor, offered.standing))
        elif len(offered.free) > 1:
            view = ui.View(timeout=None)
            view.add_item(TakeWhich(_free_select(visitor.texts, self.code, offered), self.code))
            lines = [_who_has(visitor, offered.standing), visitor.texts("take-which")]
            await respond(interaction, "\n".join(filter(None, lines)), view=view)
        else:
            text, made = await _taken(interaction, visitor, self.code, None)
            await respond(interaction, text, view=made)


class TakeWhich(GatedSelect, template=rf"take-which:{CODE}"):
    """Choose the items of an announcement for which to take it, or all of them."""

    action = Action.NOTICE_TAKE
    reads = (str,)

    def __init__(self, select: ui.Select[ui.View], code: str) -> None:
        super().__init__(select)
        self.code = code

    async def act(self, interaction: discord.Interaction) -> None:
        """Take them; what somebody else took meanwhile stays theirs."""
        chosen = None if ALL in self.item.values else [int(value) for value in self.item.values]
        text, view = await _taken(interaction, await visit(interaction), self.code, chosen)
        await replace(interaction, text, view=view)


class GiveBackButton(AnnouncementButton, template=rf"give-back:{CODE}"):
    """Give back what was taken under an announcement: the button there once nothing is left to take."""

    action = Action.NOTICE_RELEASE
    name = "give-back"

    async def act(self, interaction: discord.Interaction) -> None:
        """Give it back, ask which where there are several, or say who has it and whom to ask."""
        visitor = await visit(interaction)
        async with app_of(interaction).database.read() as connection:
            offered = await offer(connection, visitor.guild_id, self.code)
        own = _given_back_by(visitor, offered.standing)
        if not offered.standing:
            await respond(interaction, visitor.texts("take-none"))
        elif not own:
            who = _who_has(visitor, offered.standing, is_named=len(offered.standing) > 1)
            await respond(interaction, f"{visitor.texts('access-editors')}\n{who}")
        elif len(own) > 1:
            view = ui.View(timeout=None)
            view.add_item(GiveBackWhich(_taken_select(visitor.texts, self.code, own), self.code))
            who = _who_has(visitor, own)
            await respond(interaction, f"{who}\n{visitor.texts('give-back-which')}", view=view)
        else:
            await respond(interaction, await _given_back(interaction, visitor, own))


class GiveBackWhich(GatedSelect, template=rf"give-back-which:{CODE}"):
    """Choose what to give back of what was taken under an announcement, or all of it."""

    action = Action.NOTICE_RELEASE
    reads = (str,)

    def __init__(self, select: ui.Select[ui.View], code: str) -> None:
        super().__init__(select)
        self.code = code

    async def act(self, interaction: discord.Interaction) -> None:
        """Give back what the person may."""
        visitor = await visit(interaction)
        async with app_of(interaction).database.read() as connection:
            offered = await offer(connection, visitor.guild_id, self.code)
        if ALL in self.item.values:
            chosen = _given_back_by(visitor, offered.standing) or list(offered.standing)
        else:
            chosen = [stored for stored in offered.standing if str(stored.take.id) in self.item.values]
        for stored in chosen:
            await admit(interaction, Action.NOTICE_RELEASE, thing=stored.take)
        await replace(interaction, await _given_back(interaction, visitor, chosen))


class GiveBack(GatedButton, template=r"give-take-back:(?P<take>\d{1,18})"):
    """Give one take back: the button in a reply that tells of it."""

    action = Action.NOTICE_RELEASE
    reads = (int,)

    def __init__(self, take_id: int, label: str) -> None:
        super().__init__(ui.Button(label=plain(label, LABEL_UNITS), custom_id=f"give-take-back:{take_id}"))
        self.take_id = take_id

    async def act(self, interaction: discord.Interaction) -> None:
        """Give it back, for the one who has it and for editors."""
        visitor = await visit(interaction)
        async with app_of(interaction).database.read() as connection:
            stored = await takes.find(connection, visitor.guild_id, self.take_id)
        if stored is None:
            raise UserError("mute-elsewhere")
        await admit(interaction, Action.NOTICE_RELEASE, thing=stored.take)
        await replace(interaction, await _given_back(interaction, visitor, [stored]))


COMPONENTS = (TakeButton, TakeWhich, GiveBackButton, GiveBackWhich, GiveBack)


async def _taken(
    interaction: discord.Interaction, visitor: Visit, code: str, item_ids: Sequence[int] | None
) -> tuple[str, ui.View | None]:
    """Take what an announcement tells of; return what came of it, and the way back."""
    app, texts = app_of(interaction), visitor.texts
    by, now = visitor.caller.user_id, app.clock.now()
    taking = await take(app.database, visitor.guild_id, code, item_ids, by, now)
    app.delivery.wake()
    if not taking.taken:
        return _who_has(visitor, taking.standing), _way_back(visitor, taking.standing)
    names = _names(texts, taking.taken)
    done = texts("take-done-for", items=names) if names else texts("take-done")
    others = [stored for stored in taking.standing if stored not in taking.taken]
    return "\n".join(filter(None, [done, _who_has(visitor, others)])), _way_back(visitor, taking.taken)


async def _given_back(interaction: discord.Interaction, visitor: Visit, chosen: Iterable[StoredTake]) -> str:
    """Give takes back; return what came of it."""
    app, texts = app_of(interaction), visitor.texts
    ids = [stored.take.id for stored in chosen]
    ended = await give_back(app.database, visitor.guild_id, ids, visitor.caller.user_id, app.clock.now())
    app.delivery.wake()
    if not ended:
        return texts("give-back-was")
    names = _names(texts, ended)
    return texts("give-back-done-for", items=names) if names else texts("give-back-done")


def _given_back_by(visitor: Visit, standing: Iterable[StoredTake]) -> list[StoredTake]:
    """Return the takes that a person may give back, their own first."""
    by = visitor.caller.user_id
    own = [one for one in standing if may(visitor.role, Action.NOTICE_RELEASE, is_own=by in owners_of(one.take))]
    return sorted(own, key=lambda stored: stored.take.taken_by != by)


def _who_has(visitor: Visit, standing: Sequence[StoredTake], *, is_named: bool = True) -> str:
    """Return a line for each take: who has it, since when, and for which item where that `is_named`."""
    texts, lines = visitor.texts, []
    for stored in standing[:MOST_SHOWN]:
        own = stored.take.taken_by == visitor.caller.user_id
        name = plain(stored.item_name, NAME_UNITS) if is_named and stored.item_name is not None else ""
        has = {"person": stored.take.taken_by, "when": stored.take.taken_at, "item": name}
        if own:
            lines.append(texts("take-own-for" if name else "take-own", **has))
        else:
            lines.append(texts("take-other-for" if name else "take-other", **has))
    left = len(standing) - MOST_SHOWN
    return "\n".join([*lines, texts.plural("and-others", left)] if left > 0 else lines)


def _way_back(visitor: Visit, standing: Iterable[StoredTake]) -> ui.View | None:
    """Return a button for each take that the person may give back, None where that is none."""
    own = _given_back_by(visitor, standing)[:MOST_SHOWN]
    if not own:
        return None
    view, texts = ui.View(timeout=None), visitor.texts
    for stored in own:
        name = plain(stored.item_name or "", LABEL_UNITS)
        label = texts("button-give-back-item", item=name) if name else texts("button-give-back")
        view.add_item(GiveBack(stored.take.id, label))
    return view


def _names(texts: Texts, stored: Iterable[StoredTake]) -> str:
    return texts.list_of(plain(one.item_name, NAME_UNITS) for one in stored if one.item_name is not None)


def _free_select(texts: Texts, code: str, offered: Offer) -> ui.Select[ui.View]:
    """Return the select of what is free under an announcement: all of it first, then the first 24 items."""
    items = [item for item in offered.free if item is not None][:MOST_OPTIONS]
    return ui.Select(
        custom_id=f"take-which:{code}",
        placeholder=texts("take-which-placeholder"),
        options=[
            discord.SelectOption(label=texts("take-all"), value=ALL),
            *(_item_option(texts, item) for item in items),
        ],
    )


def _item_option(texts: Texts, item: WatchItem) -> discord.SelectOption:
    kind = texts.word("item-kind", item.kind)
    return discord.SelectOption(label=plain(item.name, OPTION_UNITS), value=str(item.id), description=kind)


def _taken_select(texts: Texts, code: str, own: Sequence[StoredTake]) -> ui.Select[ui.View]:
    """Return the select of what a person may give back: all of it first, then the first 24 takes."""
    return ui.Select(
        custom_id=f"give-back-which:{code}",
        placeholder=texts("give-back-which-placeholder"),
        options=[
            discord.SelectOption(label=texts("give-back-all"), value=ALL),
            *(
                discord.SelectOption(
                    label=plain(one.item_name or "", OPTION_UNITS) or texts("give-back-notice"),
                    value=str(one.take.id),
                    description=texts("give-back-taken", when=one.take.taken_at),
                )
                for one in own[:MOST_OPTIONS]
            ),
        ],
    )
