"""The storm brake: more new hits for one channel in one poll than its newsroom wants become one announcement."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from bot.models import AnnouncementKind, Newsroom
from bot.reference import AnnouncementKey
from bot.storage.database import Connection
from bot.storage.outbox import announcements, storms
from bot.storage.outbox.announcements import Place


@dataclass(frozen=True, slots=True)
class Brake:
    """Watch over what the poll of a source that began at `started` owes; nothing of it is sent before its end."""

    source: str
    started: datetime

    async def pull(self, connection: Connection, rooms: Mapping[int, Newsroom], now: datetime) -> int:
        """Make one announcement of what is too much for a channel; return what that adds to the number owed.

        Hits are counted, not messages: once more than the newsroom's `storm` are new in a channel, those owed there so
        far and those that the poll still finds wait for its digest.
        """
        added = 0
        for place, crowd in (await storms.crowds(connection, self.source)).items():
            storm = crowd.storm
            if not crowd.hits or (storm is None and crowd.hits <= rooms[place.guild_id].storm):
                continue
            if storm is None:
                storm = await self._owe(connection, place, now)
                added += 1
            added -= await storms.fold(connection, place, self.source, storm)
        return added

    async def _owe(self, connection: Connection, place: Place, now: datetime) -> int:
        key = AnnouncementKey(
            guild_id=place.guild_id,
            channel_id=place.channel_id,
            kind=AnnouncementKind.STORM,
            subject=f"{AnnouncementKind.STORM}:{self.source}:{self.started.isoformat()}",
        )
        details = {"source": self.source}
        owed = await announcements.owe(connection, key, now=now, details=details, polled=self.source)
        # A poll that was taken for broken meanwhile, and its storm released, adds to that one.
        owed = owed or await announcements.id_of(connection, key)
        if owed is None:
            raise LookupError(f"no storm of {key}")
        return owed


async def pull_at_night(connection: Connection, place: Place, most: int, until: datetime, now: datetime) -> None:
    """Make one announcement of what is held for a channel till the end of quiet hours, where it is more than `most`.

    The storms of single polls become part of it; what comes later that night does too.
    """
    crowd = await storms.held(connection, place, until)
    if not crowd.hits or (crowd.storm is None and crowd.hits <= most):
        return
    storm = crowd.storm
    if storm is None:
        key = AnnouncementKey(
            guild_id=place.guild_id,
            channel_id=place.channel_id,
            kind=AnnouncementKind.STORM,
            subject=f"{storms.AT_NIGHT}{until.isoformat()}:{now.isoformat()}",
        )
        storm = await announcements.owe(
            connection, key, now=now, details={"until": until.isoformat()}, held_until=until
        )
        if storm is None:
            raise LookupError(f"{key} was owed before")
    await storms.fold_held(connection, place, until, storm)
