"""The settings of a newsroom: what `/setup` changes, and what is still missing before it can work."""

from __future__ import annotations

import functools
import re
import unicodedata
import zoneinfo
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from enum import StrEnum
from typing import Any, Final

from bot.access import Action, Viewer
from bot.config import NewsroomSettings
from bot.dates.times import read_time
from bot.entering import use_draft
from bot.errors import UserError
from bot.lookup import Named, resolve
from bot.markup import plain
from bot.models import Newsroom, QuietDays
from bot.quiet import quiet_end
from bot.storage import newsrooms
from bot.storage.custody import audit
from bot.storage.database import Connection, Database
from bot.storage.digesting import digests
from bot.storage.outbox import announcements, quieting, shown
from bot.storage.watching import follows

LEAST_STORM: Final = 1
MOST_STORM: Final = 1_000
"""What the storm brake of a newsroom may be."""
LEAST_RETENTION: Final = 1
MOST_RETENTION: Final = 3_650
"""After how many days without news of a tip somebody may be asked whether it is kept."""
MOST_DEADLINE_DAYS: Final = 60
MOST_AWARD_DAYS: Final = 730
"""How long before a deadline, and after one without an award, people may be told."""
LONGEST_QUIET: Final = timedelta(hours=20)

_TYPED_UNITS = 100
_NEVER: Final = frozenset({"", "-", "jamais", "aucune", "non", "never", "none", "no"})
_FIRST_WORD = re.compile(r"(?:de|from|entre|between)\s+(?=[0-9mn])", re.IGNORECASE)
_BETWEEN = re.compile(
    r"\s*(?:[-\u2010-\u2015\u2212\u2192>/]|\s(?:à|a|et|to|until|till|and|jusqu.?à)\s)+\s*", re.IGNORECASE
)


class ChannelPermission(StrEnum):
    """What Vigie must be allowed in a channel, by Discord's names: to announce, and to find its own messages again.

    The last two only where it writes in threads; a post of a forum is made by who may send messages there.
    """

    VIEW_CHANNEL = "view_channel"
    SEND_MESSAGES = "send_messages"
    EMBED_LINKS = "embed_links"
    READ_MESSAGE_HISTORY = "read_message_history"
    CREATE_PUBLIC_THREADS = "create_public_threads"
    SEND_MESSAGES_IN_THREADS = "send_messages_in_threads"


def permissions_needed(*, is_forum: bool, has_threads: bool) -> list[ChannelPermission]:
    """Return what Vigie must be allowed in a channel: in a forum, or where it opens threads, more than elsewhere."""
    spared = set()
    if is_forum or not has_threads:
        spared.add(ChannelPermission.CREATE_PUBLIC_THREADS)
    if not is_forum and not has_threads:
        spared.add(ChannelPermission.SEND_MESSAGES_IN_THREADS)
    return [permission for permission in ChannelPermission if permission not in spared]


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """Hold what a person set, None for what they left as it is."""

    announcements_channel: int | None = None
    operations_channel: int | None = None
    log_channel: int | None = None
    reporter_role: int | None = None
    editor_role: int | None = None
    language: str | None = None
    timezone: str | None = None

    def given(self) -> dict[str, int | str]:
        """Return the settings that were given, by the name of the newsroom's field."""
        fields = {name: getattr(self, name) for name in self.__dataclass_fields__}
        return {name: value for name, value in fields.items() if value is not None}

    def channels(self) -> list[int]:
        """Return the channels that were given, each once."""
        given = (self.announcements_channel, self.operations_channel, self.log_channel)
        return list(dict.fromkeys(channel for channel in given if channel is not None))


@dataclass(frozen=True, slots=True, kw_only=True)
class RarerSettings:
    """Hold the settings that `/setup` has a form for."""

    quiet_days: QuietDays
    storm: int
    second_source: bool
    retention_days: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AnnouncingSettings:
    """Hold the settings of the form on announcing; `quiet` are the local times of quiet hours as HH:MM."""

    threads: bool
    quiet: tuple[str, str] | None
    deadline_days: int | None
    award_days: int | None


async def set_up(
    database: Database,
    guild_id: int,
    changes: Changes,
    defaults: NewsroomSettings,
    floor_id: int,
    *,
    by: int,
    now: datetime,
) -> Newsroom:
    """Store what was set, over the configuration's defaults the first time, and return the settings as they now are.

    Channels given may be written to again, and are read from the snowflake `floor_id` on. What the former announcements
    channel, or the former log channel, certainly does not have goes to the new one.
    """
    for role in (changes.reporter_role, changes.editor_role):
        if role == guild_id:
            raise UserError("setup-everyone")
    async with database.tx("setup") as connection:
        stored = await newsrooms.find(connection, guild_id)
        before = stored or Newsroom(
            guild_id=guild_id, language=defaults.language, timezone=defaults.timezone.key, storm=defaults.storm
        )
        after = replace(before, **changes.given())  # type: ignore[arg-type]  # the fields have the same names
        await newsrooms.save(connection, after)
        for channel_id in changes.channels():
            await newsrooms.use_channel(connection, guild_id, channel_id, floor_id)
        old, new = before.announcements_channel, after.announcements_channel
        if old is not None and new is not None and old != new:
            await announcements.reroute(connection, guild_id, old, new)
            await follows.move(connection, guild_id, old, new)
            if old in await newsrooms.parked(connection, guild_id):
                for digest in await digests.every(connection, guild_id):
                    if digest.channel_id == old:
                        await digests.take_back(connection, digest)
        old, new = before.log_channel, after.log_channel
        if old is not None and new is not None and old != new:
            await shown.reroute(connection, guild_id, old, new)
        await quieting.judge(connection, guild_id, quiet_end(after, now))
        # A channel that is named again may be written to again, though no setting is otherwise.
        if after != stored or changes.channels():
            await _note(connection, stored, after, by, now, named=changes.channels())
    return after


async def _note(
    connection: Connection, before: Newsroom | None, after: Newsroom, by: int, now: datetime, **detail: Any
) -> None:
    """Append to the audit log that a person changed the settings, in the transaction of the change."""
    changed = audit.difference(_told(before), _told(after))
    await audit.note(connection, after.guild_id, by, Action.SETUP, now, detail={"changed": changed, **detail})


def _told(newsroom: Newsroom | None) -> dict[str, Any]:
    if newsroom is None:
        return {}
    return {name: getattr(newsroom, name) for name in Newsroom.__slots__ if name != "guild_id"}


def read_storm(typed: str) -> int:
    """Return the storm brake that a person typed; raises UserError for anything but a whole number within bounds."""
    storm = _whole(typed)
    if not LEAST_STORM <= storm <= MOST_STORM:
        raise UserError("setup-storm-wrong", least=LEAST_STORM, most=MOST_STORM, typed=plain(typed, _TYPED_UNITS))
    return storm


def read_retention(typed: str) -> int | None:
    """Return after how many days somebody is asked whether a tip is kept, None where nothing was typed: never.

    Raises UserError for anything but a whole number within bounds.
    """
    try:
        return _days(typed, LEAST_RETENTION, MOST_RETENTION)
    except ValueError:
        shown = plain(typed, _TYPED_UNITS)
        raise UserError("setup-retention-wrong", least=LEAST_RETENTION, most=MOST_RETENTION, typed=shown) from None


def read_deadline_days(typed: str) -> int | None:
    """Return how many days before a deadline people are reminded of it, None where nothing was typed: never.

    Raises UserError for anything but a whole number within bounds.
    """
    try:
        return _days(typed, 1, MOST_DEADLINE_DAYS)
    except ValueError:
        shown = plain(typed, _TYPED_UNITS)
        raise UserError("setup-deadline-days-wrong", least=1, most=MOST_DEADLINE_DAYS, typed=shown) from None


def read_award_days(typed: str) -> int | None:
    """Return how many days after a deadline a missing award is told, None where nothing was typed: never.

    Raises UserError for anything but a whole number within bounds.
    """
    try:
        return _days(typed, 1, MOST_AWARD_DAYS)
    except ValueError:
        shown = plain(typed, _TYPED_UNITS)
        raise UserError("setup-award-days-wrong", least=1, most=MOST_AWARD_DAYS, typed=shown) from None


def read_quiet(typed: str) -> tuple[str, str] | None:
    """Return the start and the end of the quiet hours that a person typed, as HH:MM; None for never.

    `22:00-07:00`, `22h - 7h`, `de 22 h à 7 h`, `10pm to 7am` are all understood, in both languages. Raises UserError
    for anything else, and for hours that begin when they end or last longer than `LONGEST_QUIET`.
    """
    trimmed = unicodedata.normalize("NFKC", typed).strip()
    if trimmed.casefold() in _NEVER:
        return None
    shown = plain(typed, _TYPED_UNITS)
    parts = _BETWEEN.split(_FIRST_WORD.sub("", trimmed, count=1))
    try:
        start, end = (_time_of_day(part) for part in parts)
    except (UserError, ValueError):
        raise UserError("setup-quiet-wrong", typed=shown) from None
    minutes = (end.hour * 60 + end.minute - start.hour * 60 - start.minute) % (24 * 60)
    if not timedelta() < timedelta(minutes=minutes) <= LONGEST_QUIET:
        raise UserError("setup-quiet-long", most=LONGEST_QUIET // timedelta(hours=1), typed=shown)
    return f"{start:%H:%M}", f"{end:%H:%M}"


def _time_of_day(typed: str) -> time:
    """Return the time of the day that a person typed; 24 is midnight."""
    return read_time(re.sub(r"^24(?=$|\s?[:.h])", "0", typed.strip()))


def _days(typed: str, least: int, most: int) -> int | None:
    """Return a number of days that a person typed, None where nothing was; raises ValueError outside of the bounds."""
    if not typed.strip():
        return None
    days = _whole(typed)
    if not least <= days <= most:
        raise ValueError(typed)
    return days


def _whole(typed: str) -> int:
    """Return a whole number that a person typed, its digits grouped or not, 0 for what is none."""
    digits = re.sub(r"\s|,(?=[0-9]{3}\b)", "", unicodedata.normalize("NFKC", typed))
    return int(digits) if re.fullmatch(r"[0-9]{1,9}", digits) else 0


async def set_rarer(database: Database, viewer: Viewer, settings: RarerSettings, draft: int, now: datetime) -> Newsroom:
    """Store what the form of the rarer settings asks for, and return the settings as they now are.

    Raises UserError where the form was sent before.
    """
    async with database.tx("setup.rarer") as connection:
        return await _replace(
            connection,
            viewer,
            draft,
            now,
            quiet_days=settings.quiet_days,
            storm=settings.storm,
            second_source=settings.second_source,
            retention_days=settings.retention_days,
        )


async def set_announcing(
    database: Database, viewer: Viewer, settings: AnnouncingSettings, draft: int, now: datetime
) -> Newsroom:
    """Store what the form on announcing asks for, and return the settings as they now are.

    What waits is held till the end of the quiet hours as they now are, or let go outside of them. Raises UserError
    where the form was sent before.
    """
    quiet_from, quiet_until = settings.quiet or (None, None)
    async with database.tx("setup.announcing") as connection:
        after = await _replace(
            connection,
            viewer,
            draft,
            now,
            threads=settings.threads,
            quiet_from=quiet_from,
            quiet_until=quiet_until,
            deadline_days=settings.deadline_days,
            award_days=settings.award_days,
        )
        await quieting.judge(connection, viewer.guild_id, quiet_end(after, now))
    return after


async def _replace(connection: Connection, viewer: Viewer, draft: int, now: datetime, **settings: Any) -> Newsroom:
    """Store other settings, by the name of the newsroom's field, from a form that was not sent before."""
    await use_draft(connection, viewer, draft)
    before = await newsrooms.find(connection, viewer.guild_id)
    if before is None:
        raise LookupError(f"no newsroom {viewer.guild_id}")
    after = replace(before, **settings)
    if after != before:
        await newsrooms.save(connection, after)
        await _note(connection, before, after, viewer.user_id, now)
    return after


@functools.cache
def zones() -> tuple[Named, ...]:
    """Return the time zones that can be chosen; the first call reads a folder, so make it in a thread."""
    return tuple(Named(name, name) for name in sorted(zoneinfo.available_timezones()) if name != "localtime")


@functools.cache
def _cities() -> tuple[Named, ...]:
    """Return the time zones by the city that each is named after."""
    return tuple(Named(zone.id, zone.id.rpartition("/")[2], zone.id) for zone in zones() if "/" in zone.id)


def zone_named(typed: str) -> str:
    """Return the time zone that a text names; raises UserError when there is none, or several."""
    found = resolve(zones(), typed) or resolve(_cities(), typed)
    if found is None:
        raise UserError("setup-timezone-unknown", typed=plain(typed, _TYPED_UNITS))
    return found.id
