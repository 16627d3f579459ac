"""The chore that owes reminders of deadlines and alarms of missing awards, and keeps those that were sent true."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import dataclass
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
from bot.storage.outbox import announcements, follow_ups, rerouting
from bot.storage.outbox.announcements import Place
from bot.storage.outbox.follow_ups import Story
from bot.storage.reading import sources

MOST_A_DAY: Final = 5
"""How many alarms a channel gets in a day, and how many reminders that come later than they should have."""
UNREAD: Final = timedelta(days=2)
"""After how long without a whole answer of its source nobody knows whether an award was published."""

LOOKED_AT: Final = 2_000
"""Announcements of which one run looks for awards that have been missing for longer; the next run looks at others."""

_DAY: Final = timedelta(days=1)
_FAR: Final = 7
"""Days before a deadline from which on more may wait of nearer ones than are looked at."""
_Key = tuple[Place, int]


class FollowUp:
    """Owe each place what falls due of the procedures that were announced there and are still followed.

    What was owed is never owed again, whatever the clock does: the key of a message is its procedure and its deadline.
    One that is no longer true is not sent (`bot.composing.follow_up`), and owed again should it become true again.
    """

    def __init__(self, database: Database, clock: Clock, delivery: Delivery) -> None:
        self._database = database
        self._clock = clock
        self._delivery = delivery
        self._turn: int | None = None

    async def work(self) -> None:
        """Owe what falls due now in every newsroom, and edits of what is no longer as it was told."""
        async with self._database.read() as connection:
            rooms = await newsrooms.every(connection)
            rows = self._next(await follow_ups.last_row(connection))
        changed = [await self._follow_up(newsroom, rows) for newsroom in rooms]
        if any(changed):
            self._delivery.wake()

    def _next(self, last: int) -> range:
        """Return the announcements to look at next: all in turn, from anywhere after a restart."""
        turns = last // LOOKED_AT + 1
        turn = int(self._clock.now().timestamp()) if self._turn is None else self._turn + 1
        self._turn = turn % turns
        return range(self._turn * LOOKED_AT, (self._turn + 1) * LOOKED_AT)

    async def _follow_up(self, newsroom: Newsroom, rows: range) -> bool:
        now, zone = self._clock.now(), ZoneInfo(newsroom.timezone)
        async with self._database.read() as connection:
            reminders = await _reminders(connection, newsroom, now, zone)
            alarms = await _alarms(connection, newsroom, rows, now, zone)
            outdated = [one async for one in _outdated(connection, newsroom, now, zone)]
            is_stranded = await rerouting.is_stranded(connection, newsroom.guild_id)
        if not (reminders or alarms or outdated or is_stranded):
            return False
        async with self._database.tx("following_up.owed") as connection:
            for story in reminders.alone:
                await _owe(connection, newsroom, AnnouncementKind.DEADLINE, story, now, zone)
            for listed in reminders.listed:
                await _owe_list(connection, newsroom, listed, now, zone)
            for story in alarms:
                await _owe(connection, newsroom, AnnouncementKind.NO_AWARD, story, now, zone)
            await rerouting.lead_on(connection, newsroom.guild_id, now)
            for row, details in outdated:
                await announcements.restate(connection, row.id, details)
                await announcements.remake(connection, newsroom.guild_id, [row.id], now)
        return True


@dataclass(frozen=True, slots=True)
class _Reminders:
    """Hold the stories of whose deadline a message of its own reminds, and the lists of those that share one."""

    alone: list[Story]
    listed: list[list[Story]]

    def __bool__(self) -> bool:
        """Return whether there is any."""
        return bool(self.alone or self.listed)


async def _reminders(connection: Connection, newsroom: Newsroom, now: datetime, zone: ZoneInfo) -> _Reminders:
    """Return the stories of whose deadline a newsroom is reminded now, those that are too many for a channel listed.

    Those whose day of being reminded has passed, because the days were set anew or Vigie was away, are a few a day, the
    nearest first; on the day before the deadline nothing waits any longer.
    """
    if newsroom.deadline_days is None:
        return _Reminders([], [])
    days, today = newsroom.deadline_days, now.astimezone(zone).date()
    first, end = today - _DAY, today + (days + 2) * _DAY
    found = await follow_ups.near(connection, newsroom.guild_id, first, end, now)
    if days > _FAR:
        # Those that fall due today are looked at, however many wait before them.
        found += await follow_ups.near(connection, newsroom.guild_id, end - 4 * _DAY, end, now)
    owed: dict[_Key, Story] = {}
    late: dict[_Key, Story] = {}
    for story in found:
        moment = due.reminder_moment(story.deadline, story.told_at, days, zone, now)
        if moment is None or moment > now or is_past(story.deadline, now, zone) or is_told(story, zone):
            continue
        is_last = day_of(story.deadline, zone) <= today + _DAY
        (owed if is_last or day_of(moment, zone) >= today else late)[_key(story)] = story
    waiting = _by_age(late.values(), zone)
    had = await follow_ups.owed_since(connection, newsroom.guild_id, AnnouncementKind.DEADLINE, due.midnight(now, zone))
    reminders = _braked(_by_age(owed.values(), zone), had, newsroom.storm)
    late_ones = await _some(connection, newsroom, AnnouncementKind.DEADLINE, waiting, now, zone)
    return _Reminders([*reminders.alone, *late_ones], reminders.listed)


def _braked(stories: Iterable[Story], had: Mapping[int, int], storm: int) -> _Reminders:
    """Return of the stories of each channel those to list: all beyond as many as a storm would begin with in a day."""
    alone: list[Story] = []
    listed: list[list[Story]] = []
    channels: defaultdict[int, list[Story]] = defaultdict(list)
    for story in stories:
        channels[story.place.channel_id].append(story)
    for channel, here in channels.items():
        room = max(storm - had.get(channel, 0), 0)
        many = len(here) > room + 1  # a list of one is a card
        alone += here[:room] if many else here
        listed += [here[room:]] if many else []
    return _Reminders(alone, listed)


async def _alarms(
    connection: Connection, newsroom: Newsroom, rows: range, now: datetime, zone: ZoneInfo
) -> list[Story]:
    """Return the stories of whose missing award a newsroom is told now: a few a day, first what falls due today.

    What fell due before is looked for in a range of announcements. Nothing is said to be missing in a source that was
    not read for long, the bot having been away.
    """
    if newsroom.award_days is None or not due.has_begun(now, zone):
        return []
    days, today = newsroom.award_days, now.astimezone(zone).date()
    read = [one.source for one in await sources.every(connection) if is_read(one, now)]
    end = today - (days - 2) * _DAY
    found = await follow_ups.closed(connection, newsroom.guild_id, end - 4 * _DAY, end, now, read)
    found += await follow_ups.closed_of(connection, newsroom.guild_id, rows, end, now, read)
    fresh: dict[_Key, Story] = {}
    late: dict[_Key, Story] = {}
    for story in found:
        moment = due.alarm_moment(story.deadline, story.told_at, days, zone, now)
        if moment <= now and not is_told(story, zone):
            (fresh if day_of(moment, zone) >= today else late)[_key(story)] = story
    ordered = [*_by_age(fresh.values(), zone), *_by_age(late.values(), zone)]
    return await _some(connection, newsroom, AnnouncementKind.NO_AWARD, ordered, now, zone)


async def _some(
    connection: Connection,
    newsroom: Newsroom,
    kind: AnnouncementKind,
    stories: Iterable[Story],
    now: datetime,
    zone: ZoneInfo,
) -> list[Story]:
    """Return the first of some stories: no channel gets more than `MOST_A_DAY` messages of a kind today.

    None before the hour of the day has come.
    """
    if not due.has_begun(now, zone):
        return []
    had = await follow_ups.owed_since(connection, newsroom.guild_id, kind, due.midnight(now, zone))
    chosen: list[Story] = []
    for story in stories:
        channel = story.place.channel_id
        if had.setdefault(channel, 0) < MOST_A_DAY:
            had[channel] += 1
            chosen.append(story)
    return chosen


def _key(story: Story) -> _Key:
    return story.place, story.notice_row


def _by_age(stories: Iterable[Story], zone: ZoneInfo) -> list[Story]:
    """Return stories with the oldest deadline first."""
    return sorted(stories, key=lambda one: (day_of(one.deadline, zone), one.notice_row))


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


async def _owe_list(
    connection: Connection, newsroom: Newsroom, stories: list[Story], now: datetime, zone: ZoneInfo
) -> None:
    """Owe a channel one message on the deadlines of several stories."""
    key = AnnouncementKey(
        guild_id=newsroom.guild_id,
        channel_id=stories[0].place.channel_id,
        kind=AnnouncementKind.DEADLINE,
        subject=f"deadlines:{now.astimezone(zone).date()}:{stories[0].subject}",
    )
    listed = [{"follows": story.follows, "deadline": plain_value(story.deadline)} for story in stories]
    await announcements.owe(
        connection,
        key,
        now=now,
        follows=stories[0].follows,
        details={"listed": listed},
        held_until=quiet_end(newsroom, now),
    )


def is_told(story: Story, zone: ZoneInfo) -> bool:
    """Return whether a place was reminded of the deadline of a story, or alarmed, already."""
    return any(due.is_same(told, story.deadline, zone) for told in story.told)


def is_read(state: SourceState, now: datetime) -> bool:
    """Return whether a source was read of late: of one that fails nobody knows what it published."""
    return state.succeeded_at is not None and now - state.succeeded_at <= UNREAD
