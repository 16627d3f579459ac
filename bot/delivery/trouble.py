"""What becomes of a row that could not be settled: put off, set aside, sent as its plain card, its channel parked."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import timedelta
from typing import Final

from bot.cards import OperationsKind
from bot.clock import Clock
from bot.delivery.port import Backoff, RefusedError
from bot.delivery.telling import tell
from bot.models import Announcement, AnnouncementState
from bot.storage import newsrooms
from bot.storage.database import Connection, Database
from bot.storage.outbox import rerouting, sending, shown, threads
from bot.storage.outbox.announcements import Place

log = logging.getLogger(__name__)

DELETED: Final = "deleted"
FORBIDDEN: Final = "forbidden"


class Trouble:
    """Note what went wrong with a row, and tell the operations channel what a person has to know of it."""

    def __init__(self, database: Database, clock: Clock, backoff: Backoff, wake: Callable[[], None]) -> None:
        self._database = database
        self._clock = clock
        self._backoff = backoff
        self._wake = wake

    async def put_off(
        self, row: Announcement, reason: str, wait: timedelta | None = None, least: timedelta = timedelta()
    ) -> None:
        """Try a row again later, after `least` at least; with a `wait` it certainly was not sent this time."""
        pause = min(max(wait or least, self._backoff.after(row.tries + 1)), sending.LONGEST_WAIT)
        log.warning("announcement %s is put off for %.1f s: %s", row.code, pause.total_seconds(), reason)
        async with self._database.tx("delivery.put_off") as connection:
            if wait is not None:
                await self.note_unsent(connection, row, reason)
            await sending.postpone(connection, row.id, self._clock.now() + pause, reason)

    async def park(
        self, row: Announcement, place: Place, reason: str, kind: OperationsKind = OperationsKind.CHANNEL_FORBIDDEN
    ) -> None:
        """Stop sending to a channel that refuses us, and say so once; `kind` tells what it lacks."""
        now = self._clock.now()
        log.warning("channel %d of newsroom %d is parked: %s", place.channel_id, place.guild_id, reason)
        kind = OperationsKind.CHANNEL_DELETED if reason == DELETED else kind
        async with self._database.tx("delivery.parked") as connection:
            await self.note_unsent(connection, row, reason)
            if await newsrooms.park(connection, place.guild_id, place.channel_id, reason, now):
                # What a forum lacks besides permissions is not seen: it is tried again at every change of the server.
                is_of_threads = kind is OperationsKind.THREADS_FORBIDDEN
                since = await _last_thread(connection, place) if is_of_threads else now.isoformat()
                await self.tell(connection, row, kind, f"{place.channel_id}:{since}")
            if reason == DELETED:
                await rerouting.lead_on(connection, place.guild_id, now)
        self._wake()

    async def refused(self, row: Announcement, error: RefusedError) -> None:
        """Send the row as its plain card next, or set it aside when even that was refused."""
        log.error("Discord refused announcement %s: %s", row.code, error)
        if row.is_plain:
            await self.set_aside(row, "refused")
            return
        async with self._database.tx("delivery.refused") as connection:
            await self.note_unsent(connection, row, "refused")
            await sending.make_plain(connection, row.id, "refused")
            await self.tell(connection, row, OperationsKind.CARD_REFUSED, row.code)

    async def set_aside(
        self, row: Announcement, reason: str, kind: OperationsKind = OperationsKind.ROW_SET_ASIDE
    ) -> None:
        """Stop trying a row until a person does something, and say so."""
        async with self._database.tx("delivery.set_aside") as connection:
            await sending.set_aside(connection, row.id, reason)
            about = f"{row.code}:{self._clock.now().isoformat()}"
            await self.tell(connection, row, kind, about, reason)
        self._wake()

    async def make_plain(self, row: Announcement, reason: str) -> None:
        """Send the row as its plain card from now on."""
        async with self._database.tx("delivery.plain") as connection:
            await sending.make_plain(connection, row.id, reason)

    async def withdrawal_blocked(self, row: Announcement) -> None:
        """Say once of a message that it could not be taken out of its channel."""
        async with self._database.tx("delivery.blocked") as connection:
            await self.tell(connection, row, OperationsKind.WITHDRAWAL_BLOCKED, row.code)

    async def edit_blocked(self, row: Announcement) -> bool:
        """Say once of an edit that fails that it was to take away what is hidden or erased; return whether it was."""
        async with self._database.tx("delivery.edit_blocked") as connection:
            is_to_go = await shown.is_to_go(connection, row)
            if is_to_go:
                await self.tell(connection, row, OperationsKind.EDIT_BLOCKED, row.code)
        return is_to_go

    async def threads_forbidden(self, row: Announcement, place: Place) -> None:
        """Say that we may not write in threads of a channel, once since we last did."""
        log.warning("no thread may be used in channel %d of newsroom %d", place.channel_id, place.guild_id)
        async with self._database.tx("delivery.threads_forbidden") as connection:
            since = await _last_thread(connection, place)
            await self.tell(connection, row, OperationsKind.THREADS_FORBIDDEN, f"{place.channel_id}:{since}")

    async def threads_full(self, row: Announcement, place: Place) -> None:
        """Say that a forum takes no post, for its server has too many open threads, once since it last took one."""
        async with self._database.tx("delivery.threads_full") as connection:
            since = await _last_thread(connection, place)
            await self.tell(connection, row, OperationsKind.THREADS_FULL, f"{place.channel_id}:{since}")

    async def note_unsent(self, connection: Connection, row: Announcement, reason: str) -> None:
        """Note that Discord does not have the message, unless an earlier POST of it is in doubt."""
        if row.state is AnnouncementState.PENDING:
            await sending.unsent(connection, row.id, reason)

    async def tell(
        self, connection: Connection, row: Announcement, kind: OperationsKind, about: str, reason: str = ""
    ) -> None:
        """Owe the operations channel a word on a row, once for `about`."""
        await tell(connection, row, kind, about, self._clock.now(), reason)
        self._wake()


async def _last_thread(connection: Connection, place: Place) -> str:
    """Name the last message that came into a thread of a channel, or a post of a forum: till then all was well."""
    return str(await threads.last_used(connection, place.guild_id, place.channel_id))
