"""The chore that owes reminders of deadlines and alarms of missing awards, and keeps those that were sent true."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from bot.clock import Clock
from bot.delivery import Delivery
from bot.following_up import due
from bot.models import Announcement, AnnouncementKind, Newsroom, SourceState, parse_moment
from bot.models.notice import plain_value
from bot.quiet import quiet_end
from bot.reference import AnnouncementKey
from bot.storage import newsrooms
from bot.storage.archive import deadlines
from bot.storage.archive.deadlines import day_of, is_past
from bot.storage.database import Connection, Database
from bot.storage.outbox import announcements, follow_ups
from bot.storage.outbox.follow_ups import Story
from bot.storage.reading import sources

MOST_A_DAY: Final = 5
"""How many alarms a channel gets in a day, and how many reminders that come later than they should have."""
UNREAD: Final = timedelta(days=2)
"""After how long without a poll nobody knows whether an award was published."""

_DAY: Final = timedelta(days=1)


class FollowUp:
    """Owe each place what falls due of the procedures that were announced there and are still followed.

    What was owed is never owed again, whatever the clock does: the key of a message is its procedure and its deadline.
    One that is no longer true is not sent (`bot.composing.follow_up`), and owed again should it become true again.
    """

    def __init__(self, database: Database, clock: Clock, delivery: Delivery) -> None:
        self._database = database
        self._clock = clock
        self._delivery = delivery

    async def work(self) -> None:
        """Owe what falls due now in every newsroom, and edits of what is no longer as it was told."""
        async with self._database.read() as connection:
            rooms = await newsrooms.every(connection)
        changed = [await self._follow_up(newsroom) for newsroom in rooms]
        if any(changed):
            self._delivery.wake()

    async def _follow_up(self, newsroom: Newsroom) -> bool:
        now, zone = self._clock.now(), ZoneInfo(newsroom.timezone)
        async with self._database.read() as connection:
            reminders = await _reminders(connection, newsroom, now, zone)
            alarms = await _alarms(connection, newsroom, now, zone)
            outdated = [one async for one in _outdated(connection, newsroom, now, zone)]
        if not (reminders or alarms or outdated):
            return False
        async with self._database.tx("following_up.owed") as connection:
            for kind, stories in (
                (AnnouncementKind.DEADLINE, reminders),
                (AnnouncementKind.NO_AWARD, alarms),
            ):
                for story in stories:
                    await _owe(connection, newsroom, kind, story, now, zone)
            for row, details in outdated:
                await announcements.restate(connection, row.id, details)
                await announcements.remake(connection, newsroom.guild_id, [row.id], now)
        return True


async def _reminders(connection: Connection, newsroom: Newsroom, now: datetime, zone: ZoneInfo) -> list[Story]:
    """Return the stories of whose deadline a newsroom is reminded now.

    Those whose day of being reminded has passed, because the days were set anew or Vigie was away, are a few a day, the
    nearest first; on the day before the deadline nothing waits any longer.
    """
    if newsroom.deadline_days is None:
        return []
    days, today = newsroom.deadline_days, now.astimezone(zone).date()
    found = await follow_ups.near(connection, newsroom.guild_id, today - _DAY, today + (days + 2) * _DAY, now)
    owed: list[Story] = []
    late: list[Story] = []
    for story in found:
        moment = due.reminder_moment(story.deadline, story.told_at, days, zone, now)
        if moment is None or moment > now or is_past(story.deadline, now, zone) or _is_told(story, zone):
            continue
        is_last = day_of(story.deadline, zone) <= today + _DAY
        (owed if is_last or day_of(moment, zone) >= today else late).append(story)
    return [*owed, *await _some(connection, newsroom, AnnouncementKind.DEADLINE, late, now, zone)]


async def _alarms(connection: Connection, newsroom: Newsroom, now: datetime, zone: ZoneInfo) -> list[Story]:
    """Return the stories of whose missing award a newsroom is told now: a few a day, the oldest deadline first.

    Nothing is said to be missing in a source that was not read for long, the bot having been away.
    """
    if newsroom.award_days is None:
        return []
    days, today = newsroom.award_days, now.astimezone(zone).date()
    read = [one.source for one in await sources.every(connection) if _is_read(one, now)]
    found = await follow_ups.closed(connection, newsroom.guild_id, today - (days - 2) * _DAY, now, read)
    owed = [
        story
        for story in found
        if due.alarm_moment(story.deadline, story.told_at, days, zone, now) <= now and not _is_told(story, zone)
    ]
    return await _some(connection, newsroom, AnnouncementKind.NO_AWARD, owed, now, zone)


async def _some(
    connection: Connection,
    newsroom: Newsroom,
    kind: AnnouncementKind,
    stories: Iterable[Story],
    now: datetime,
    zone: ZoneInfo,
) -> list[Story]:
    """Return the first of some stories: no channel gets more than `MOST_A_DAY` messages of a kind today."""
    had = await follow_ups.owed_since(connection, newsroom.guild_id, kind, due.midnight(now, zone))
    chosen: list[Story] = []
    for story in sorted(stories, key=lambda one: (day_of(one.deadline, zone), one.notice_row)):
        channel = story.place.channel_id
        if had.setdefault(channel, 0) < MOST_A_DAY:
            had[channel] += 1
            chosen.append(story)
    return chosen


async def _outdated(
    connection: Connection, newsroom: Newsroom, now: datetime, zone: ZoneInfo
) -> AsyncIterator[tuple[Announcement, dict[str, Any]]]:
    """Yield the messages that were sent and say what is no longer so, with the details that they have from now on.

    A reminder is kept true until its deadline is over, an alarm for ever.
    """
    sent = [
        *await follow_ups.upcoming(connection, newsroom.guild_id, now.astimezone(zone).date() - _DAY),
        *await follow_ups.answered_late(connection, newsroom.guild_id),
    ]
    for row in sent:
        first = await announcements.get(connection, newsroom.guild_id, row.follows or 0)
        stands = await deadlines.standing(connection, first.notice_id or 0)
        is_alarm = row.kind is AnnouncementKind.NO_AWARD
        told = parse_moment(row.details["deadline"])
        is_moved = not is_alarm and stands.deadline is not None and not due.is_same(stands.deadline, told, zone)
        details = {
            **row.details,
            "ended_by": stands.ever_ended_by if is_alarm else stands.ended_by,
            "moved_to": plain_value(stands.deadline) if is_moved else None,
        }
        if details != row.details:
            yield row, details


async def _owe(
    connection: Connection, newsroom: Newsroom, kind: AnnouncementKind, story: Story, now: datetime, zone: ZoneInfo
) -> None:
    key = AnnouncementKey(
        guild_id=newsroom.guild_id,
        channel_id=story.place.channel_id,
        kind=kind,
        subject=f"{story.subject}:{day_of(story.deadline, zone)}",
    )
    details = {"deadline": plain_value(story.deadline), "ended_by": None, "moved_to": None}
    await announcements.owe(
        connection, key, now=now, follows=story.follows, details=details, held_until=quiet_end(newsroom, now)
    )


def _is_told(story: Story, zone: ZoneInfo) -> bool:
    return any(due.is_same(told, story.deadline, zone) for told in story.told)


def _is_read(state: SourceState, now: datetime) -> bool:
    """Return whether a source was polled of late, whatever came of it: a failing one is news of its own."""
    return state.attempted_at is not None and now - state.attempted_at <= UNREAD
