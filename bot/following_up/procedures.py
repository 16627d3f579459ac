"""Procedures that people follow by hand: noted once, announced where they were not yet, and given up again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.access import Action
from bot.errors import UserError
from bot.following_up import due
from bot.models import AnnouncementKind, Follow, Newsroom, Notice, NoticeKind
from bot.quiet import quiet_end
from bot.reference import AnnouncementKey
from bot.storage import newsrooms
from bot.storage.archive import deadlines, notices
from bot.storage.custody import audit
from bot.storage.database import Connection, Database
from bot.storage.outbox import announcements, follow_ups
from bot.storage.watching import follows, takes

FOLLOWABLE = frozenset({NoticeKind.TENDER, NoticeKind.AWARD, NoticeKind.CHANGE, NoticeKind.CANCELLATION})
"""The kinds of notices of which one procedure makes a story that can be followed."""


@dataclass(frozen=True, slots=True)
class Followed:
    """Hold a follow as it stands once it was asked for or given up, with the notice that it names.

    `is_changed` is False where it stood, or had ended, before. `is_announced` tells that the channel had been told of
    the procedure before, `held_until` that its card waits for the end of quiet hours. `is_reminded` says that a
    reminder comes before the deadline that the notice names.
    """

    follow: Follow
    notice: Notice
    is_changed: bool
    is_announced: bool = False
    held_until: datetime | None = None
    is_reminded: bool = False


async def follow(database: Database, guild_id: int, notice_row: int, by: int, now: datetime) -> Followed:
    """Have all that comes of the procedure of a notice announced in the newsroom's channel, item or not.

    Where the channel was not told of the procedure it is owed the card of the notice. Raises UserError where the
    newsroom has no channel for announcements, or the notice is none of a procedure.
    """
    async with database.tx("notice.follow") as connection:
        newsroom = await newsrooms.find(connection, guild_id)
        notice = (await notices.latest(connection, [notice_row])).get(notice_row)
        if notice is None or notice.kind not in FOLLOWABLE:
            raise UserError("follow-none")
        stands = await follows.standing(connection, guild_id, notice_row)
        if stands is not None:
            return Followed(stands, notice, is_changed=False)
        if newsroom is None or newsroom.announcements_channel is None:
            raise UserError("follow-no-channel")
        channel_id = newsroom.announcements_channel
        added = await follows.add(connection, guild_id, notice_row, channel_id, by, now)
        is_announced = await follow_ups.is_announced(connection, guild_id, channel_id, notice_row)
        held_until = quiet_end(newsroom, now) if not is_announced else None
        if not is_announced:
            await _announce(connection, newsroom, channel_id, notice_row, notice, by, now, held_until)
        await _show(connection, guild_id, notice_row, now)
        await _note(connection, added, notice, Action.NOTICE_FOLLOW, by, now)
        return Followed(
            added,
            notice,
            is_changed=True,
            is_announced=is_announced,
            held_until=held_until,
            is_reminded=await _is_reminded(connection, newsroom, notice_row, held_until or now, now),
        )


async def unfollow(database: Database, guild_id: int, follow_id: int, by: int, now: datetime) -> Followed:
    """Give up a follow: what no item names is announced no longer. Raises UserError where the newsroom has no such."""
    async with database.tx("notice.unfollow") as connection:
        is_changed = await follows.end(connection, guild_id, follow_id, by, now)
        ended = await follows.find(connection, guild_id, follow_id)
        if ended is None:
            raise UserError("follow-gone")
        notice = (await notices.latest(connection, [ended.notice_id]))[ended.notice_id]
        if is_changed:
            await _show(connection, guild_id, ended.notice_id, now)
            await _note(connection, ended, notice, Action.NOTICE_UNFOLLOW, by, now)
        return Followed(ended, notice, is_changed=is_changed)


async def _announce(
    connection: Connection,
    newsroom: Newsroom,
    channel_id: int,
    row: int,
    notice: Notice,
    by: int,
    now: datetime,
    held_until: datetime | None,
) -> None:
    """Owe the channel the card of a notice, at its newest revision: as its first one, which no later one replaces."""
    key = AnnouncementKey(
        guild_id=newsroom.guild_id,
        channel_id=channel_id,
        kind=AnnouncementKind.NOTICE,
        subject=f"{notice.source}:{notice.id}",
    )
    details = {"changes": [], "followed_by": by}
    owed = await announcements.owe(connection, key, now=now, thing_id=row, details=details, held_until=held_until)
    if owed is not None:
        await announcements.owe_edit(connection, owed, notice.revision, now)


async def _is_reminded(connection: Connection, newsroom: Newsroom, row: int, told_at: datetime, now: datetime) -> bool:
    """Return whether a newsroom will be reminded of the deadline of a procedure that it is told of at a moment."""
    stands = await deadlines.standing(connection, row)
    if newsroom.deadline_days is None or stands.deadline is None or stands.ended_by is not None:
        return False
    zone = ZoneInfo(newsroom.timezone)
    return due.reminder_moment(stands.deadline, told_at, newsroom.deadline_days, zone, now) is not None


async def _show(connection: Connection, guild_id: int, row: int, now: datetime) -> None:
    """Make the cards of the series of a notice show anew who follows it."""
    series = await takes.series_of(connection, row)
    await announcements.remake(connection, guild_id, await takes.shown_by(connection, guild_id, series), now)


async def _note(
    connection: Connection, changed: Follow, notice: Notice, action: Action, by: int, now: datetime
) -> None:
    detail = {
        "notice": f"{notice.source}:{notice.id}",
        "procedure": notice.procedure,
        "channel_id": changed.channel_id,
        "followed_by": changed.followed_by,
    }
    subject = f"notice:{changed.notice_id}"
    await audit.note(connection, changed.guild_id, by, action, now, subject=subject, detail=detail)
