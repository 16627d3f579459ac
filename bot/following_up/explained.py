"""Why a reminder of a deadline, or the alarm of a missing award, came or did not: a code for each way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

from bot.following_up import due
from bot.following_up.chore import is_read, is_told
from bot.models import Announcement, AnnouncementKind, AnnouncementState, Newsroom, Notice, NoticeKind, SourceState
from bot.storage import newsrooms
from bot.storage.archive import deadlines, notices
from bot.storage.archive.deadlines import Standing, is_past
from bot.storage.database import Connection, Database
from bot.storage.outbox import follow_ups
from bot.storage.outbox.follow_ups import Story
from bot.storage.reading import sources

CALLS: Final = frozenset({NoticeKind.TENDER, NoticeKind.CHANGE})
"""The kinds of notices of whose deadline a newsroom is told."""


class FollowUpFate(StrEnum):
    """What becomes of the reminder and of the alarm of a procedure in a channel."""

    NO_DEADLINE = "no_deadline"
    AWARDED = "awarded"
    CANCELLED = "cancelled"
    NOT_FOLLOWED = "not_followed"
    REMINDER_OFF = "reminder_off"
    REMINDER_WAITS = "reminder_waits"
    REMINDER_TOO_LATE = "reminder_too_late"
    REMINDER_MISSED = "reminder_missed"
    ALARM_OFF = "alarm_off"
    ALARM_NO_PROCEDURE = "alarm_no_procedure"
    ALARM_ENDED = "alarm_ended"
    ALARM_WAITS = "alarm_waits"
    ALARM_UNREAD = "alarm_unread"
    ALARM_SOON = "alarm_soon"


@dataclass(frozen=True, slots=True)
class FollowUpTold:
    """Hold what becomes of a reminder or an alarm in a channel, with the moment that the sentence names."""

    channel_id: int
    fate: FollowUpFate
    when: date | datetime | None = None


_Becomes = tuple[FollowUpFate, date | datetime | None] | None


async def explained(
    database: Database, guild_id: int, notice_row: int, notice: Notice, rows: Sequence[Announcement], now: datetime
) -> list[FollowUpTold]:
    """Return what becomes of reminders and alarms of a notice in each channel where a message on it stands.

    `rows` are the newsroom's messages that tell of the notice. What was owed explains itself and is not named; where
    the notice calls for no offers nothing is.
    """
    standing = [row for row in rows if row.kind is AnnouncementKind.NOTICE and _stands(row)]
    if notice.kind not in CALLS or not standing:
        return []
    async with database.read() as connection:
        newsroom = await newsrooms.find(connection, guild_id)
        if newsroom is None:
            raise LookupError(f"no newsroom {guild_id}")
        stands = await deadlines.standing(connection, notice_row)
        ended = (await notices.latest(connection, [stands.ever_ended_by])) if stands.ever_ended_by else {}
        named = stands.notice_row if stands.notice_row is not None else notice_row
        names = (await notices.latest(connection, [named]))[named]
        reminders = await _stories(connection, guild_id, named, AnnouncementKind.DEADLINE, now)
        alarms = await _stories(connection, guild_id, named, AnnouncementKind.NO_AWARD, now)
        source = await sources.find(connection, names.source)
    told: list[FollowUpTold] = []
    for channel_id in dict.fromkeys(row.channel_id for row in standing):
        if stands.deadline is None:
            told.append(FollowUpTold(channel_id, FollowUpFate.NO_DEADLINE))
        elif stands.ended_by is not None:
            end = ended[stands.ever_ended_by or 0]
            is_cancelled = end.kind is NoticeKind.CANCELLATION
            fate = FollowUpFate.CANCELLED if is_cancelled else FollowUpFate.AWARDED
            told.append(FollowUpTold(channel_id, fate, end.published))
        elif channel_id not in reminders:
            told.append(FollowUpTold(channel_id, FollowUpFate.NOT_FOLLOWED))
        else:
            both = (
                _reminder(reminders[channel_id], newsroom, now),
                _alarm(alarms[channel_id], newsroom, names, stands, source, now),
            )
            told += [FollowUpTold(channel_id, one[0], one[1]) for one in both if one is not None]
    return told


def _reminder(story: Story, newsroom: Newsroom, now: datetime) -> _Becomes:
    """Return what becomes of the reminder with the moment that it names, None where it was owed."""
    days, zone = newsroom.deadline_days, ZoneInfo(newsroom.timezone)
    if is_told(story, zone):
        return None
    if days is None:
        return FollowUpFate.REMINDER_OFF, None
    moment = due.reminder_moment(story.deadline, story.told_at, days, zone, now)
    if moment is None:
        return FollowUpFate.REMINDER_TOO_LATE, story.deadline
    if is_past(story.deadline, now, zone):
        return FollowUpFate.REMINDER_MISSED, story.deadline
    return FollowUpFate.REMINDER_WAITS, max(moment, now)


def _alarm(
    story: Story, newsroom: Newsroom, names: Notice, stands: Standing, source: SourceState, now: datetime
) -> _Becomes:
    """Return what becomes of the alarm with the moment that it names, None where it was owed."""
    days, zone = newsroom.award_days, ZoneInfo(newsroom.timezone)
    if is_told(story, zone):
        return None
    if days is None:
        return FollowUpFate.ALARM_OFF, None
    if names.procedure is None:
        return FollowUpFate.ALARM_NO_PROCEDURE, None
    if stands.ever_ended_by is not None:
        return FollowUpFate.ALARM_ENDED, None
    moment = due.alarm_moment(story.deadline, story.told_at, days, zone, now)
    if moment > now:
        return FollowUpFate.ALARM_WAITS, moment
    return (FollowUpFate.ALARM_SOON if is_read(source, now) else FollowUpFate.ALARM_UNREAD), source.succeeded_at


async def _stories(
    connection: Connection, guild_id: int, notice_row: int, kind: AnnouncementKind, now: datetime
) -> dict[int, Story]:
    """Return the stories of the deadline that a notice names, by channel, as the chore looks at them."""
    found = await follow_ups.of_notice(connection, guild_id, notice_row, kind, now)
    return {story.place.channel_id: story for story in found}


def _stands(row: Announcement) -> bool:
    return row.state is AnnouncementState.SENT and row.message_id is not None and not row.is_withdrawn
