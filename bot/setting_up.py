"""The settings of a newsroom: what `/setup` changes, and what is still missing before it can work."""

from __future__ import annotations

import functools
import zoneinfo
from dataclasses import dataclass, replace
from enum import StrEnum

from bot.config import NewsroomSettings
from bot.errors import UserError
from bot.lookup import Named, resolve
from bot.markup import plain
from bot.models import Newsroom
from bot.storage import announcements, newsrooms, shown
from bot.storage.database import Database

_TYPED_UNITS = 100


class ChannelPermission(StrEnum):
    """What Vigie must be allowed in a channel, by Discord's names: to announce, and to find its own messages again."""

    VIEW_CHANNEL = "view_channel"
    SEND_MESSAGES = "send_messages"
    EMBED_LINKS = "embed_links"
    READ_MESSAGE_HISTORY = "read_message_history"


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


async def set_up(
    database: Database, guild_id: int, changes: Changes, defaults: NewsroomSettings, floor_id: int
) -> Newsroom:
    """Store what was set, over the configuration's defaults the first time, and return the settings as they now are.

    Channels given may be written to again, and are read from the snowflake `floor_id` on. What the former announcements
    channel, or the former log channel, certainly does not have goes to the new one.
    """
    for role in (changes.reporter_role, changes.editor_role):
        if role == guild_id:
            raise UserError("setup-everyone")
    async with database.tx("setup") as connection:
        before = await newsrooms.find(connection, guild_id) or Newsroom(
            guild_id=guild_id, language=defaults.language, timezone=defaults.timezone.key
        )
        after = replace(before, **changes.given())  # type: ignore[arg-type]  # the fields have the same names
        await newsrooms.save(connection, after)
        for channel_id in changes.channels():
            await newsrooms.use_channel(connection, guild_id, channel_id, floor_id)
        old, new = before.announcements_channel, after.announcements_channel
        if old is not None and new is not None and old != new:
            await announcements.reroute(connection, guild_id, old, new)
        old, new = before.log_channel, after.log_channel
        if old is not None and new is not None and old != new:
            await shown.reroute(connection, guild_id, old, new)
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
