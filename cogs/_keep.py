"""*Keep* and *Erase* under a reminder, in private or in the log: which tip, then what was asked.

No guild is named by a private message: the newsroom stands in the custom_id, and who presses is asked of Discord.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Self

import discord
from discord import ui

from bot.access import Action, may, owners_of, reach
from bot.errors import UserError
from bot.locales import Texts
from bot.markup import plain
from bot.models import AnnouncementKind, RemindedTip, ReminderReason, Tip
from bot.storage import members
from bot.storage.log import reminders, tips
from bot.storage.outbox import announcements
from bot.tips.keeping import keep, wish_erased
from cogs._announcement_buttons import CODE
from cogs._caller import Visit, app_of, visit, visit_privately
from cogs._erase import TipErase, ask_to_erase
from cogs._errors import answer_error
from cogs._gate import Component, Gated, GatedButton, GatedSelect
from cogs._replies import respond

MOST_OPTIONS = 25
LABEL_UNITS = 80
OPTION_UNITS = 100

_GUILD = r"(?P<guild>\d{1,20})"
_ASKED = frozenset({ReminderReason.KEEP, ReminderReason.UNANSWERED, ReminderReason.WISH})


class PrivatelyGated(Gated[Component], template=r"(?!)"):
    """Be a component that works in a private message too: it knows its newsroom, and Discord says who presses it."""

    guild_id: int

    async def interaction_check(self, interaction: discord.Interaction, /) -> bool:
        """Return whether the person may use it; tell them why not."""
        try:
            await visit_privately(interaction, self.guild_id)
        except Exception as error:  # noqa: BLE001  # the command edge
            await answer_error(interaction, error)
            return False
        return await super().interaction_check(interaction)


class _ReminderButton(PrivatelyGated[ui.Button[ui.View]], GatedButton, template=r"(?!)"):
    """Be a button of a reminder, which its newsroom and its code name; a subclass gives the `name` of its custom_id."""

    action = Action.TIP_KEEP
    name: str
    reads = (int, str)

    def __init__(self, guild_id: int, code: str, label: str) -> None:
        custom_id = f"{self.name}:{guild_id}:{code}"
        super().__init__(ui.Button(label=plain(label, LABEL_UNITS), custom_id=custom_id))
        self.guild_id, self.code = guild_id, code

    @classmethod
    def labelled(cls, argument: str, label: str) -> Self:
        """Return the button of a card, by the argument that it has there."""
        guild_id, _, code = argument.partition(":")
        return cls(int(guild_id), code, label)


class KeepButton(_ReminderButton, template=rf"keep:{_GUILD}:{CODE}"):
    """Say that tips are to be kept."""

    name = "keep"

    async def act(self, interaction: discord.Interaction) -> None:
        """Keep the tip, or ask which ones where there are several."""
        visitor = await visit(interaction)
        asked = await _asked(interaction, visitor, self.code)
        if len(asked) == 1:
            await _keep(interaction, visitor, [asked[0].tip_id])
            return
        view = ui.View(timeout=None)
        view.add_item(
            KeepWhich(_select(visitor.texts, f"keep-which:{self.guild_id}", asked, most=len(asked)), self.guild_id)
        )
        await respond(interaction, visitor.texts("reminder-which-keep"), view=view)


class EraseButton(_ReminderButton, template=rf"erase:{_GUILD}:{CODE}"):
    """Begin to erase a tip, or ask the editors to."""

    name = "erase"

    async def act(self, interaction: discord.Interaction) -> None:
        """Ask which tip where there are several, else what is to be confirmed."""
        visitor = await visit(interaction)
        asked = await _asked(interaction, visitor, self.code)
        if len(asked) == 1:
            await _erase(interaction, visitor, asked[0].tip_id)
            return
        view = ui.View(timeout=None)
        view.add_item(EraseWhich(_select(visitor.texts, f"erase-which:{self.guild_id}", asked, most=1), self.guild_id))
        await respond(interaction, visitor.texts("reminder-which-erase"), view=view)


class _Which(PrivatelyGated[ui.Select[ui.View]], GatedSelect, template=r"(?!)"):
    """Choose among the tips of a reminder."""

    action = Action.TIP_KEEP
    reads = (int,)

    def __init__(self, select: ui.Select[ui.View], guild_id: int) -> None:
        super().__init__(select)
        self.guild_id = guild_id


class KeepWhich(_Which, template=rf"keep-which:{_GUILD}"):
    """Choose the tips to keep."""

    async def act(self, interaction: discord.Interaction) -> None:
        """Keep them."""
        await _keep(interaction, await visit(interaction), [int(value) for value in self.item.values])


class EraseWhich(_Which, template=rf"erase-which:{_GUILD}"):
    """Choose the tip to erase."""

    async def act(self, interaction: discord.Interaction) -> None:
        """Ask for confirmation, or ask the editors."""
        await _erase(interaction, await visit(interaction), int(self.item.values[0]))


class EraseInPrivate(PrivatelyGated[ui.Button[ui.View]], TipErase, template=rf"tip-erase:{_GUILD}:(?P<tip>\d{{1,18}})"):
    """Erase a tip from a private message."""

    reads = (int, int)

    def __init__(self, guild_id: int, tip_id: int, label: str) -> None:
        TipErase.__init__(self, tip_id, label, f"tip-erase:{guild_id}:{tip_id}")
        self.guild_id = guild_id


async def _asked(interaction: discord.Interaction, visitor: Visit, code: str) -> list[RemindedTip]:
    """Return the tips that a reminder still asks about and on which the person may act, as many as a select shows.

    Raises UserError where the reminder is somebody else's, or nothing of it is left to decide.
    """
    guild_id, person = visitor.guild_id, visitor.caller.user_id
    async with app_of(interaction).database.read() as connection:
        row = await announcements.by_code(connection, guild_id, code)
        if row is None or row.kind is not AnnouncementKind.REMINDER:
            raise UserError("reminder-elsewhere")
        if await members.person_of(connection, guild_id, row.channel_id) not in {None, person}:
            raise UserError("reminder-elsewhere")
        asked = [
            one for one in await reminders.tips_of(connection, guild_id, row.id) if one.is_open and one.reason in _ASKED
        ]
        seen = [await tips.find(connection, visitor.viewer, one.tip_id) for one in asked]
    found = [one for one, tip in zip(asked, seen, strict=True) if tip is not None and _may_keep(visitor, tip)]
    if not found:
        raise UserError("reminder-settled-already")
    return found[:MOST_OPTIONS]


def _may_keep(visitor: Visit, tip: Tip) -> bool:
    return may(visitor.role, Action.TIP_KEEP, is_own=visitor.caller.user_id in owners_of(tip))


async def _keep(interaction: discord.Interaction, visitor: Visit, tip_ids: Sequence[int]) -> None:
    """Keep tips, once the person may act on each, and say so."""
    app, texts = app_of(interaction), visitor.texts
    await _refuse_others(interaction, visitor, tip_ids)
    kept = await keep(app.database, visitor.viewer, tip_ids, app.clock.now())
    app.delivery.wake()
    ids = [str(tip.id) for tip in kept]
    days = visitor.newsroom.retention_days if visitor.newsroom is not None else None
    if days is None:
        await respond(interaction, texts.plural("reminder-kept-for-good", len(kept), ids=ids))
        return
    await respond(interaction, texts.plural("reminder-kept", len(kept), ids=ids, days=texts.number(days)))


async def _erase(interaction: discord.Interaction, visitor: Visit, tip_id: int) -> None:
    """Ask who may erase a tip to confirm it; have the editors asked by who may not."""
    app = app_of(interaction)
    (tip,) = await _refuse_others(interaction, visitor, [tip_id])
    if reach(visitor.role, Action.TIP_ERASE):
        await ask_to_erase(interaction, visitor, tip, functools.partial(EraseInPrivate, visitor.guild_id))
        return
    await wish_erased(app.database, visitor.viewer, [tip_id], app.clock.now())
    app.reminder.ask_again(visitor.guild_id)
    await respond(interaction, visitor.texts.plural("reminder-wished", 1, ids=str(tip_id)))


async def _refuse_others(interaction: discord.Interaction, visitor: Visit, tip_ids: Sequence[int]) -> list[Tip]:
    """Return tips as they stand; raises UserError where the person may not act on one of them, or it is gone."""
    async with app_of(interaction).database.read() as connection:
        found = [await tips.find(connection, visitor.viewer, tip_id) for tip_id in tip_ids]
    standing = [tip for tip in found if tip is not None and _may_keep(visitor, tip)]
    if len(standing) < len(found):
        raise UserError("reminder-settled-already")
    return standing


def _select(texts: Texts, custom_id: str, asked: Sequence[RemindedTip], *, most: int) -> ui.Select[ui.View]:
    """Return the select of tips, by number: nothing that they say."""
    return ui.Select(
        custom_id=custom_id,
        placeholder=texts("reminder-which-placeholder"),
        max_values=most,
        options=[
            discord.SelectOption(
                label=plain(
                    texts(
                        "reminder-which-option",
                        id=one.tip_id,
                        status=texts.word("tip-status", one.status),
                        since=texts.day(one.since),
                    ),
                    OPTION_UNITS,
                ),
                value=str(one.tip_id),
            )
            for one in asked
        ],
    )


COMPONENTS = (KeepButton, EraseButton, KeepWhich, EraseWhich, EraseInPrivate)
