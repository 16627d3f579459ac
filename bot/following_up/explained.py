"""Why a reminder of a deadline, or the alarm of a missing award, came or did not: a code for each way."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

from bot.following_up import due
from bot.following_up.chore import UNREAD
from bot.models import Announcement, AnnouncementKind, AnnouncementState, Newsroom, Notice, NoticeKind, parse_moment
from bot.storage import newsrooms
from bot.storage.archive import deadlines, notices
from bot.storage.archive.deadlines import Standing, is_past
from bot.storage.database import Connection, Database
from bot.storage.outbox import following
from bot.storage.outbox.announcements import Place
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
    ALARM_WAITS = "alarm_waits"
    ALARM_UNREAD = "alarm_unread"
    ALARM_SOON = "alarm_soon"


@dataclass(frozen=True, slots=True)
class FollowUpTold:
    """Hold what becomes of a reminder or an alarm in a channel, with the moment that the sentence names."""

    channel_id: int
    fate: FollowUpFate
    when: date | datetime | None = None


@dataclass(frozen=True, slots=True)
class _Desk:
    """Hold what one channel was told of a procedure, and how that stands."""

    newsroom: Newsroom
    stands: Standing
    told: Mapping[AnnouncementKind, Collection[date | datetime]]
    told_at: datetime
    now: datetime

    @property
    def zone(self) -> ZoneInfo:
        """Return the newsroom's zone."""
        return ZoneInfo(self.newsroom.timezone)

    def was_told(self, kind: AnnouncementKind, deadline: date | datetime) -> bool:
        """Return whether a message of a kind told of a deadline."""
        return any(due.is_same(one, deadline, self.zone) for one in self.told.get(kind, ()))

    def reminder(self, deadline: date | datetime) -> tuple[FollowUpFate, date | datetime | None] | None:
        """Return what becomes of the reminder with the moment that it names, None where it was owed."""
        days = self.newsroom.deadline_days
        if self.was_told(AnnouncementKind.DEADLINE, deadline):
            return None
        if days is None:
            return FollowUpFate.REMINDER_OFF, None
        moment = due.reminder_moment(deadline, self.told_at, days, self.zone, self.now)
        if moment is None:
            return FollowUpFate.REMINDER_TOO_LATE, deadline
        if is_past(deadline, self.now, self.zone):
            return FollowUpFate.REMINDER_MISSED, deadline
        return FollowUpFate.REMINDER_WAITS, max(moment, self.now)

    def alarm(
        self, deadline: date | datetime, notice: Notice, read_at: datetime | None
    ) -> tuple[FollowUpFate, date | datetime | None] | None:
        """Return what becomes of the alarm with the moment that it names, None where it was owed."""
        days = self.newsroom.award_days
        if self.was_told(AnnouncementKind.NO_AWARD, deadline):
            return None
        if days is None:
            return FollowUpFate.ALARM_OFF, None
        if notice.procedure is None:
            return FollowUpFate.ALARM_NO_PROCEDURE, None
        moment = due.alarm_moment(deadline, self.told_at, days, self.zone, self.now)
        if moment > self.now:
            return FollowUpFate.ALARM_WAITS, moment
        is_read = read_at is not None and self.now - read_at <= UNREAD
        return (FollowUpFate.ALARM_SOON if is_read else FollowUpFate.ALARM_UNREAD), read_at


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
        followed = await _followed(connection, notice_row, notice, now)
        ended = (await notices.latest(connection, [stands.ever_ended_by])) if stands.ever_ended_by else {}
        read_at = (await sources.find(connection, notice.source)).attempted_at
    told: list[FollowUpTold] = []
    for channel_id in dict.fromkeys(row.channel_id for row in standing):
        here = [row for row in rows if row.channel_id == channel_id]
        desk = _Desk(
            newsroom, stands, _deadlines_told(here), min(row.sent_at or now for row in here if _stands(row)), now
        )
        if stands.deadline is None:
            told.append(FollowUpTold(channel_id, FollowUpFate.NO_DEADLINE))
        elif stands.ended_by is not None:
            end = ended[stands.ever_ended_by or 0]
            is_cancelled = end.kind is NoticeKind.CANCELLATION
            fate = FollowUpFate.CANCELLED if is_cancelled else FollowUpFate.AWARDED
            told.append(FollowUpTold(channel_id, fate, end.published))
        elif Place(guild_id, channel_id) not in followed:
            told.append(FollowUpTold(channel_id, FollowUpFate.NOT_FOLLOWED))
        else:
            both = (desk.reminder(stands.deadline), desk.alarm(stands.deadline, notice, read_at))
            told += [FollowUpTold(channel_id, one[0], one[1]) for one in both if one is not None]
    return told


async def _followed(connection: Connection, row: int, notice: Notice, now: datetime) -> set[Place]:
    places = {*await following.places_of_notice(connection, row, now)}
    if notice.procedure is not None:
        places |= {*await following.places_of_procedure(connection, notice.procedure, now)}
    return places


def _stands(row: Announcement) -> bool:
    return row.state is AnnouncementState.SENT and row.message_id is not None and not row.is_withdrawn


def _deadlines_told(rows: Sequence[Announcement]) -> dict[AnnouncementKind, list[date | datetime]]:
    told: dict[AnnouncementKind, list[date | datetime]] = {}
    for row in rows:
        if row.kind in {AnnouncementKind.DEADLINE, AnnouncementKind.NO_AWARD}:
            told.setdefault(row.kind, []).append(parse_moment(row.details["deadline"]))
    return told
