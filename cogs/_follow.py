"""*Follow* beside a notice that no item names, and the way back; each carries our row or our id in its custom_id."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Self

import discord
from discord import ui

from bot.access import Action
from bot.errors import UserError
from bot.following_up import FOLLOWABLE, Followed, follow, unfollow
from bot.locales import Texts
from bot.markup import plain
from bot.models import Follow, Notice, NoticeKind
from bot.storage.archive import deadlines
from bot.storage.archive import notices as archived
from bot.storage.database import Connection
from bot.storage.outbox import follow_ups
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

    @classmethod
    def labelled(cls, argument: str, label: str) -> Self:
        """Return the button under a card, whose argument is our row of a notice."""
        return cls(int(argument), label)

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
        if ended.is_changed and stands.followed_by != visitor.caller.user_id:
            who = {"person": stands.followed_by, "when": visitor.texts.when(stands.followed_at)}
            text = f"{text} {visitor.texts('follow-was-by', **who)}"
        await respond(interaction, text)


COMPONENTS = (FollowButton, FollowWhich, UnfollowButton)


async def follow_component(
    app: App, visitor: Visit, notices: Sequence[tuple[int, Notice]], *, is_found: bool = False
) -> ui.Item[Any] | None:
    """Return what follows the procedure of one of these notices, each with our row of it; None where there is nothing.

    One that can be followed has a button, several a select; of one alone that is followed it is the way back. What was
    cancelled is not offered; of notices that were `is_found` by a search, what the channel is told of anyway neither.
    """
    found = [(row, notice) for row, notice in notices if notice.kind in FOLLOWABLE]
    async with app.database.read() as connection:
        standing = {row: await follows.standing(connection, visitor.guild_id, row) for row, _ in found}
        if len(notices) == 1 and found and (stands := standing[found[0][0]]) is not None:
            return UnfollowButton(stands.id, visitor.texts("button-unfollow"))
        free = await _of_each_procedure(connection, [one for one in found if standing[one[0]] is None])
        channel = visitor.newsroom.announcements_channel if visitor.newsroom is not None else None
        if is_found and channel is not None:
            guild_id = visitor.guild_id
            free = [one for one in free if not await follow_ups.is_announced(connection, guild_id, channel, one[0])]
    if len(free) == 1:
        return FollowButton(free[0][0], visitor.texts("button-follow"))
    return _which(visitor.texts, free) if free else None


async def _of_each_procedure(connection: Connection, notices: Sequence[tuple[int, Notice]]) -> list[tuple[int, Notice]]:
    """Return the first notice of each procedure, without those of procedures that were cancelled."""
    first = {notice.procedure or f"{notice.source}:{notice.id}": (row, notice) for row, notice in reversed(notices)}
    kept = [one for one in notices if one in first.values()]
    ended = {row: (await deadlines.standing(connection, row)).ended_by for row, _ in kept}
    ends = await archived.latest(connection, [end for end in ended.values() if end is not None])
    return [one for one in kept if _kind(ends.get(ended[one[0]] or 0)) is not NoticeKind.CANCELLATION]


def _kind(notice: Notice | None) -> NoticeKind | None:
    return notice.kind if notice is not None else None


async def follow_told(app: App, visitor: Visit, notices: Sequence[tuple[int, Notice]]) -> str | None:
    """Return who follows the procedure of the only one of these notices; None of several, or where nobody does."""
    if len(notices) != 1:
        return None
    async with app.database.read() as connection:
        stands = await follows.standing(connection, visitor.guild_id, notices[0][0])
    return follow_words(visitor.texts, stands) if stands is not None else None


def follow_words(texts: Texts, stands: Follow) -> str:
    """Return who follows a procedure by hand, where and since when."""
    return texts(
        "follow-told", person=stands.followed_by, channel=stands.channel_id, when=texts.when(stands.followed_at)
    )


def _which(texts: Texts, notices: Sequence[tuple[int, Notice]]) -> FollowWhich:
    options = [
        discord.SelectOption(
            label=plain(notice.title, OPTION_UNITS) or plain(notice.id, OPTION_UNITS),
            description=plain(f"{texts.word('kind', notice.kind or '')} · {notice.id}", OPTION_UNITS),
            value=str(row),
        )
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
        text = _done(texts, asked)
    view = ui.View(timeout=None)
    view.add_item(UnfollowButton(stands.id, texts("button-unfollow")))
    await respond(interaction, text, view=view)


def _done(texts: Texts, asked: Followed) -> str:
    """Return what comes of a follow that was just asked for, and when."""
    done = {"channel": asked.follow.channel_id, "title": _title(asked.notice)}
    if asked.held_until is not None:
        text = texts("follow-done-held", until=texts.when(asked.held_until), **done)
    else:
        text = texts("follow-done-announced" if asked.is_announced else "follow-done", **done)
    return f"{text} {texts('follow-reminder')}" if asked.is_reminded else text


def _title(notice: Notice) -> str:
    return plain(notice.title, NAME_UNITS) or plain(notice.id, NAME_UNITS)
