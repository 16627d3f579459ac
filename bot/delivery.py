"""What is owed to Discord: send, doubt, look, send again; once, never lost, never twice."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import random
from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from bot.cards import Card, OperationsKind, card_to_json
from bot.clock import Clock
from bot.composing import Composed, compose
from bot.errors import log_reference
from bot.models import Announcement, AnnouncementKind, AnnouncementState
from bot.reference import AnnouncementKey
from bot.storage import announcements, newsrooms, shown
from bot.storage.announcements import Place
from bot.storage.database import Connection, Database

log = logging.getLogger(__name__)

SEND_TIMEOUT_S = 30.0
IDLE_S = 60.0
TROUBLE_S = 5.0
DELETED = "deleted"
STUMBLES_BEFORE_PLAIN = 2
STUMBLES = 6
"""How often a row may meet an error of ours: then it goes out as its plain card, and then it waits for a person."""


class DeliveryError(Exception):
    """Say how a Discord request ended; raised by a Sender. Itself, it means doubt: done or not, nobody knows."""


class RefusedError(DeliveryError):
    """The request was understood and refused as faulty (400): nothing was done."""


class UnreachableError(DeliveryError):
    """The channel is `deleted` or `forbidden` (403, 404): nothing was done, and trying again is of no use."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class MessageGoneError(DeliveryError):
    """The message is no longer there (404): it was announced, then deleted by a person."""


class UnreadYetError(DeliveryError):
    """The channel's history was read up to the snowflake `reached` without finding the message; there is more."""

    def __init__(self, reached: int) -> None:
        super().__init__(f"read up to {reached}")
        self.reached = reached


class TooManyRequestsError(DeliveryError):
    """Discord asks to wait (429): nothing was done."""

    def __init__(self, retry_after_s: float) -> None:
        super().__init__(f"wait {retry_after_s} s")
        self.retry_after_s = retry_after_s


class Sender(Protocol):
    """Carry cards to Discord; every method raises a DeliveryError as its class says."""

    async def send(self, place: Place, card: Card, nonce: str) -> int:
        """Post a card and return the message's id; a second post with the same nonce may make no second message."""
        ...

    async def edit(self, place: Place, message_id: int, card: Card) -> None:
        """Make a message of ours show another card."""
        ...

    async def find(self, place: Place, code: str, after: int) -> int | None:
        """Return our message that shows a code, among those after a snowflake; None when it is not there.

        Raises UnreadYetError, with how far it came, when there is too much to read at once.
        """
        ...


@dataclass(frozen=True, slots=True)
class Backoff:
    """Say how long to wait after a failed try: doubling from `first`, at most `longest`, with jitter."""

    first: timedelta = timedelta(seconds=1)
    longest: timedelta = timedelta(minutes=5)

    def after(self, tries: int) -> timedelta:
        """Return the wait after so many tries."""
        full = min(self.first * 2.0 ** min(max(tries - 1, 0), 20), self.longest)
        return full * random.uniform(0.5, 1.0)  # noqa: S311  # jitter needs no secrecy


class Delivery:
    """Settle what the outbox holds; lives as long as the process, whatever becomes of the client.

    The rules are those of an outbox with a stable nonce: `sending` is committed before the POST, and a row found so is
    looked for in the channel's history before it is posted again. Rows of a channel go in order, channels do not wait
    for each other.
    """

    def __init__(self, database: Database, clock: Clock, backoff: Backoff | None = None) -> None:
        self._database = database
        self._clock = clock
        self._backoff = backoff or Backoff()
        self._sender: Sender | None = None
        self._wake = asyncio.Event()
        self._busy: set[Place] = set()
        self._stumbles: Counter[int] = Counter()
        self._is_stopping = False

    def connect(self, sender: Sender | None) -> None:
        """Use a client's sender from now on, or none while there is no client."""
        self._sender = sender
        self._wake.set()

    def wake(self) -> None:
        """Look at the outbox now: something was added to it."""
        self._wake.set()

    async def run(self) -> None:
        """Settle rows as they fall due, until `stop`; a POST under way is then ended or left to the next start."""
        async with asyncio.TaskGroup() as channels:
            while not self._is_stopping:
                self._wake.clear()
                try:
                    pause = await self._serve_due(channels)
                except Exception as error:  # noqa: BLE001  # the delivery edge: a full disk is waited out
                    log_reference(log, error)
                    pause = TROUBLE_S
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._wake.wait(), pause)

    def stop(self) -> None:
        """Take up nothing more."""
        self._is_stopping = True
        self._wake.set()

    async def settle(self) -> None:
        """Serve every channel until nothing is due now; for programs that run once."""
        while True:
            places = await self._due_places()
            if not places or self._sender is None or self._is_stopping:
                return
            for place in places:
                await self._serve(place, self._sender)

    async def retry_parked(self, guild_id: int, channel_id: int | None = None, *, by_hand: bool = False) -> int:
        """Try a newsroom's parked channels and rows set aside again; return how many channels were parked.

        Rows that were set aside for another reason than an unreadable history are taken up `by_hand` only.
        """
        async with self._database.tx("delivery.retry") as connection:
            unparked = await newsrooms.unpark(connection, guild_id, channel_id)
            now = self._clock.now()
            await announcements.retry_set_aside(connection, guild_id, now, channel_id, is_any=by_hand)
        self.wake()
        return unparked

    async def _due_places(self) -> list[Place]:
        now = self._clock.now()
        return [place for place, moment in (await self._waiting()).items() if announcements.is_due(moment, now)]

    async def _waiting(self) -> dict[Place, datetime]:
        async with self._database.read() as connection:
            return await announcements.waiting(connection)

    async def _serve_due(self, channels: asyncio.TaskGroup) -> float:
        """Start serving every channel whose time has come; return the seconds to the next one."""
        if self._sender is None:
            return IDLE_S
        waiting = await self._waiting()
        now = self._clock.now()
        pause = IDLE_S
        for place, moment in waiting.items():
            if place in self._busy:
                continue
            if announcements.is_due(moment, now):
                self._busy.add(place)
                channels.create_task(self._serve_until_done(place, self._sender))
            else:
                pause = min(pause, (moment - now).total_seconds())
        return pause

    async def _serve_until_done(self, place: Place, sender: Sender) -> None:
        try:
            await self._serve(place, sender)
        except Exception as error:  # noqa: BLE001  # the delivery edge: a full disk is waited out
            log_reference(log, error)
            await asyncio.sleep(TROUBLE_S)
        finally:
            self._busy.discard(place)
            self._wake.set()

    async def _serve(self, place: Place, sender: Sender) -> None:
        """Settle one channel's rows in order, until none is due."""
        while not self._is_stopping and sender is self._sender:
            async with self._database.read() as connection:
                row = await announcements.next_due(connection, place, self._clock.now())
            if row is None:
                return
            try:
                await self._settle(row, place, sender)
            except Exception as error:  # noqa: BLE001  # the delivery edge: one row never stops the others
                if sender is not self._sender:
                    await self._put_off(row, f"the client left meanwhile: {type(error).__name__}")
                    return
                await self._stumbled(row, f"unexpected, ref {log_reference(log, error)}")
            else:
                del self._stumbles[row.id]

    async def _settle(self, row: Announcement, place: Place, sender: Sender) -> None:
        if row.state is AnnouncementState.SENT:
            await self._edit(row, place, sender)
        elif row.state is not AnnouncementState.SENDING or not await self._is_found(row, place, sender):
            await self._send(row, place, sender)

    async def _is_found(self, row: Announcement, place: Place, sender: Sender) -> bool:
        """Look for a row in doubt; return whether it is settled for now, by being found or by being put off."""
        async with self._database.read() as connection:
            after = await announcements.history_from(connection, row.guild_id, row.id)
            composed = await compose(connection, row, self._clock.now())
        try:
            message_id = await self._look(row, place, sender, after)
        except UnreachableError as error:
            if error.reason == DELETED:
                await self._park(row, place, error.reason)
            else:
                await self._set_aside(row, announcements.HISTORY_FORBIDDEN)
            return True
        except TooManyRequestsError as error:
            await self._put_off(row, str(error), timedelta(seconds=error.retry_after_s))
            return True
        except (DeliveryError, TimeoutError) as error:
            await self._put_off(row, f"looking for it: {error!r}")
            return True
        if message_id is None:
            return False
        async with self._database.tx("delivery.found") as connection:
            await self._mark_sent(connection, row, message_id, composed, _first_shown(row))
        return True

    async def _look(self, row: Announcement, place: Place, sender: Sender, after: int) -> int | None:
        """Read a channel's history part by part; how far it was read is kept, so that no part is read twice."""
        while True:
            try:
                async with asyncio.timeout(SEND_TIMEOUT_S):
                    return await sender.find(place, row.code, after)
            except UnreadYetError as part:
                after = part.reached
                async with self._database.tx("delivery.looked") as connection:
                    await announcements.looked(connection, row.guild_id, row.id, after)

    async def _send(self, row: Announcement, place: Place, sender: Sender) -> None:
        now = self._clock.now()
        async with self._database.read() as connection:
            composed = await compose(connection, row, now)
        if composed.is_hidden and row.state is AnnouncementState.PENDING:
            async with self._database.tx("delivery.dropped") as connection:
                await shown.drop(connection, row.guild_id, row.id)
            return
        async with self._database.tx("delivery.begin") as connection:
            shows = composed.revision
            if not await announcements.begin(connection, place, row.id, now, shows=shows, remade=row.remade):
                return
        try:
            async with asyncio.timeout(SEND_TIMEOUT_S):
                message_id: int | None = await sender.send(place, composed.card, row.nonce)
        except RefusedError as error:
            await self._refused(row, error)
            return
        except UnreachableError as error:
            await self._park(row, place, error.reason)
            return
        except TooManyRequestsError as error:
            await self._put_off(row, str(error), timedelta(seconds=error.retry_after_s))
            return
        except MessageGoneError:
            message_id = None
        except (DeliveryError, TimeoutError) as error:
            await self._put_off(row, f"in doubt: {error!r}")
            return
        async with self._database.tx("delivery.sent") as connection:
            # An earlier try in doubt may stand in the place of this one: an edit then replaces what it shows.
            is_other = composed.is_hidden or row.state is AnnouncementState.SENDING
            shows = _first_shown(row) if is_other else composed.revision
            await self._mark_sent(connection, row, message_id, composed, shows)

    async def _edit(self, row: Announcement, place: Place, sender: Sender) -> None:
        """Make a sent message show its due revision; the same edit twice does no harm, so doubt is simply retried."""
        async with self._database.read() as connection:
            composed = await compose(connection, row, self._clock.now())
        shown: dict[str, object] | None = _kept(composed.card)
        try:
            async with asyncio.timeout(SEND_TIMEOUT_S):
                await sender.edit(place, row.message_id or 0, composed.card)
        except UnreachableError as error:
            await self._park(row, place, error.reason)
            return
        except (RefusedError, MessageGoneError) as error:
            log.warning("announcement %s keeps what it showed: %r", row.code, error)
            shown = None
        except TooManyRequestsError as error:
            await self._put_off(row, str(error), timedelta(seconds=error.retry_after_s))
            return
        except (DeliveryError, TimeoutError) as error:
            await self._put_off(row, f"editing: {error!r}")
            return
        await self._edited(row, shown, composed.revision)

    async def _edited(self, row: Announcement, shown: dict[str, object] | None, revision: int) -> None:
        async with self._database.tx("delivery.edited") as connection:
            await announcements.edited(connection, row.id, shown, revision, row.remade)

    async def _mark_sent(
        self, connection: Connection, row: Announcement, message_id: int | None, composed: Composed, revision: int
    ) -> None:
        now = self._clock.now()
        shown = _kept(composed.card)
        await announcements.sent(
            connection, row.id, message_id=message_id, shown=shown, revision=revision, now=now, remade=row.remade
        )

    async def _refused(self, row: Announcement, error: RefusedError) -> None:
        """Send the row as its plain card next, or set it aside when even that was refused."""
        log.error("Discord refused announcement %s: %s", row.code, error)
        if row.is_plain:
            await self._set_aside(row, "refused")
            return
        async with self._database.tx("delivery.refused") as connection:
            await self._note_unsent(connection, row, "refused")
            await announcements.make_plain(connection, row.id, "refused")
            await self._tell(connection, row, OperationsKind.CARD_REFUSED, row.code)

    async def _park(self, row: Announcement, place: Place, reason: str) -> None:
        """Stop sending to a channel that refuses us, and say so once."""
        now = self._clock.now()
        log.warning("channel %d of newsroom %d is parked: %s", place.channel_id, place.guild_id, reason)
        kind = OperationsKind.CHANNEL_DELETED if reason == DELETED else OperationsKind.CHANNEL_FORBIDDEN
        async with self._database.tx("delivery.parked") as connection:
            await self._note_unsent(connection, row, reason)
            if await newsrooms.park(connection, place.guild_id, place.channel_id, reason, now):
                await self._tell(connection, row, kind, f"{place.channel_id}:{now.isoformat()}")
        self._wake.set()

    async def _set_aside(self, row: Announcement, reason: str) -> None:
        async with self._database.tx("delivery.set_aside") as connection:
            await announcements.set_aside(connection, row.id, reason)
            about = f"{row.code}:{self._clock.now().isoformat()}"
            await self._tell(connection, row, OperationsKind.ROW_SET_ASIDE, about, reason)
        self._wake.set()

    async def _stumbled(self, row: Announcement, reason: str) -> None:
        """Get past an error of our own: the plain card next, and after some tries the row waits for a person.

        A message that is there already keeps what it shows when its edit goes on failing.
        """
        self._stumbles[row.id] += 1
        if self._stumbles[row.id] >= STUMBLES:
            del self._stumbles[row.id]
            if row.state is not AnnouncementState.SENT:
                await self._set_aside(row, reason)
                return
            await self._edited(row, None, row.due_revision)
            return
        if self._stumbles[row.id] >= STUMBLES_BEFORE_PLAIN and row.state is not AnnouncementState.SENT:
            async with self._database.tx("delivery.plain") as connection:
                await announcements.make_plain(connection, row.id, reason)
        await self._put_off(row, reason)

    async def _note_unsent(self, connection: Connection, row: Announcement, reason: str) -> None:
        """Note that Discord does not have the message, unless an earlier POST of it is in doubt."""
        if row.state is AnnouncementState.PENDING:
            await announcements.unsent(connection, row.id, reason)

    async def _put_off(self, row: Announcement, reason: str, wait: timedelta | None = None) -> None:
        pause = min(max(wait or timedelta(), self._backoff.after(row.tries + 1)), announcements.LONGEST_WAIT)
        log.warning("announcement %s is put off for %.1f s: %s", row.code, pause.total_seconds(), reason)
        async with self._database.tx("delivery.put_off") as connection:
            if wait is not None:
                await self._note_unsent(connection, row, reason)
            await announcements.postpone(connection, row.id, self._clock.now() + pause, reason)

    async def _tell(
        self, connection: Connection, row: Announcement, kind: OperationsKind, about: str, reason: str = ""
    ) -> None:
        """Owe the newsroom's operations channel a word on a row, unless that channel is the trouble."""
        newsroom = await newsrooms.find(connection, row.guild_id)
        channel = newsroom.operations_channel if newsroom else None
        if channel is None or channel == row.channel_id:
            return
        key = AnnouncementKey(
            guild_id=row.guild_id, channel_id=channel, kind=AnnouncementKind.OPERATIONS, subject=f"{kind}:{about}"
        )
        details = {"event": kind, "channel": str(row.channel_id), "code": row.code, "reason": reason}
        await announcements.owe(connection, key, now=self._clock.now(), details=details)
        self._wake.set()


def _first_shown(row: Announcement) -> int:
    """Return which revision a message shows for sure that an earlier try may have sent, before it was made anew."""
    return row.revision - bool(row.remade)


def _kept(card: Card) -> dict[str, object]:
    kept: dict[str, object] = json.loads(card_to_json(card))
    return kept
