"""*Follow* beside a notice that no item names, and the way back; each carries our row or our id in its custom_id."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Self

import discord
from discord import ui

from bot.access import Action
from bot.errors import UserError
from bot.following_up import FOLLOWABLE, follow, unfollow
from bot.locales import Texts
from bot.markup import plain
from bot.models import Follow, Notice
from bot.storage.watching import follows
from cogs._caller import Visit, admit, app_of, visit
from cogs._gate import GatedButton, GatedSelect
from cogs._replies import respond

if TYPE_CHECKING:
    from bot.app import App

LABEL_UNITS = 80
OPTION_UNITS = 100
NAME_UNITS = 120


class FollowButton(GatedButton, template=r"follow:(?P<notice>\d{1,18})"):
    """Follow the procedure of a notice, our row of which the custom_id names."""

    action = Action.NOTICE_FOLLOW
    reads = (int,)

    def __init__(self, notice_row: int, label: str) -> None:
        super().__init__(ui.Button(label=plain(label, LABEL_UNITS), custom_id=f"follow:{notice_row}"))
        self.notice_row = notice_row

    async def act(self, interaction: discord.Interaction) -> None:
        """Follow it, say what comes of that, and offer the way back, beside what the button is under."""
        await _follow(interaction, self.notice_row)


class FollowWhich(GatedSelect, template=r"follow-which"):
    """Choose the notice whose procedure is to be followed, among those of a list."""

    action = Action.NOTICE_FOLLOW

    async def act(self, interaction: discord.Interaction) -> None:
        """Follow it, say what comes of that, and offer the way back, beside the list."""
        await _follow(interaction, int(self.item.values[0]))


class UnfollowButton(GatedButton, template=r"unfollow:(?P<follow>\d{1,18})"):
    """Give up a follow: for whoever asked for it, and for editors."""

    action = Action.NOTICE_UNFOLLOW
    reads = (int,)

    def __init__(self, follow_id: int, label: str) -> None:
        super().__init__(ui.Button(label=plain(label, LABEL_UNITS), custom_id=f"unfollow:{follow_id}"))
        self.follow_id = follow_id

    @classmethod
    def labelled(cls, argument: str, label: str) -> Self:
        """Return the button under a card, whose argument is our id of the follow."""
        return cls(int(argument), label)

    async def act(self, interaction: discord.Interaction) -> None:
        """Give it up and say how things stand; pressed again it only says so."""
        app, visitor = app_of(interaction), await visit(interaction)
        async with app.database.read() as connection:
            stands = await follows.find(connection, visitor.guild_id, self.follow_id)
        if stands is None:
            raise UserError("follow-gone")
        await admit(interaction, Action.NOTICE_UNFOLLOW, thing=stands)
        ended = await unfollow(app.database, visitor.guild_id, self.follow_id, visitor.caller.user_id, app.clock.now())
        app.delivery.wake()
        title = _title(ended.notice)
        text = visitor.texts("follow-ended" if ended.is_changed else "follow-was-ended", title=title)
        await respond(interaction, text)


COMPONENTS = (FollowButton, FollowWhich, UnfollowButton)


async def follow_component(app: App, visitor: Visit, notices: Sequence[tuple[int, Notice]]) -> ui.Item[Any] | None:
    """Return what follows the procedure of one of these notices, each with our row of it; None where there is nothing.

    One that can be followed has a button, several a select; of one alone that is followed it is the way back.
    """
    found = [(row, notice) for row, notice in notices if notice.kind in FOLLOWABLE]
    async with app.database.read() as connection:
        standing = {row: await follows.standing(connection, visitor.guild_id, row) for row, _ in found}
    if len(notices) == 1 and found and (stands := standing[found[0][0]]) is not None:
        return UnfollowButton(stands.id, visitor.texts("button-unfollow"))
    free = [(row, notice) for row, notice in found if standing[row] is None]
    if len(free) == 1:
        return FollowButton(free[0][0], visitor.texts("button-follow"))
    return _which(visitor.texts, free) if free else None


def follow_words(texts: Texts, stands: Follow) -> str:
    """Return who follows a procedure by hand, where and since when."""
    return texts(
        "follow-told", person=stands.followed_by, channel=stands.channel_id, when=texts.when(stands.followed_at)
    )


def _which(texts: Texts, notices: Sequence[tuple[int, Notice]]) -> FollowWhich:
    options = [
        discord.SelectOption(label=plain(notice.title, OPTION_UNITS) or plain(notice.id, OPTION_UNITS), value=str(row))
        for row, notice in notices
    ]
    select: ui.Select[ui.View] = ui.Select(
        custom_id="follow-which", placeholder=texts("follow-which-placeholder"), options=options
    )
    return FollowWhich(select)


async def _follow(interaction: discord.Interaction, notice_row: int) -> None:
    app, visitor = app_of(interaction), await visit(interaction)
    texts = visitor.texts
    asked = await follow(app.database, visitor.guild_id, notice_row, visitor.caller.user_id, app.clock.now())
    app.delivery.wake()
    stands, title = asked.follow, _title(asked.notice)
    if not asked.is_changed:
        when = texts.when(stands.followed_at)
        text = texts("follow-stands", person=stands.followed_by, channel=stands.channel_id, when=when, title=title)
    else:
        channel = stands.channel_id
        text = texts("follow-done-announced" if asked.is_announced else "follow-done", channel=channel, title=title)
    view = ui.View(timeout=None)
    view.add_item(UnfollowButton(stands.id, texts("button-unfollow")))
    await respond(interaction, text, view=view)


def _title(notice: Notice) -> str:
    return plain(notice.title, NAME_UNITS) or plain(notice.id, NAME_UNITS)
