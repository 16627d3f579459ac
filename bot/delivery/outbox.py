"""What is owed to Discord: send, doubt, look, send again; once, never lost, never twice."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import Counter
from datetime import datetime, timedelta

from bot.cards import OperationsKind
from bot.clock import Clock
from bot.composing import Composed, compose
from bot.delivery.holding_back import held_back
from bot.delivery.looking import look
from bot.delivery.pacing import Pacer
from bot.delivery.placing import Spot, spot_of
from bot.delivery.port import (
    Backoff,
    DeliveryError,
    IsForumError,
    MessageGoneError,
    RefusedError,
    Sender,
    Standing,
    ThreadForbiddenError,
    ThreadsFullError,
    TooManyRequestsError,
    UnreachableError,
)
from bot.delivery.posting import POST_DOUBT, POST_GRACE, Posting
from bot.delivery.reconciling import sent_meanwhile
from bot.delivery.showing import first_shown, kept
from bot.delivery.trouble import DELETED, FORBIDDEN, Trouble
from bot.delivery.withdrawing import LOOKS, take_out
from bot.errors import log_reference
from bot.models import Announcement, AnnouncementState, Known
from bot.storage import newsrooms
from bot.storage.database import Connection, Database
from bot.storage.outbox import doubt, known, sending, shown, withdrawals
from bot.storage.outbox.announcements import Place

log = logging.getLogger(__name__)

SEND_TIMEOUT_S = 30.0
IDLE_S = 60.0
TROUBLE_S = 5.0
REFUSED_PAUSE = timedelta(hours=1)
FULL_PAUSE = timedelta(minutes=10)
"""How long to wait where a server has as many open threads as it may have."""
STUMBLES_BEFORE_PLAIN = 2
STUMBLES = 6
"""How often a row may meet an error of ours: then it goes out as its plain card, and then it waits for a person."""


class Delivery:
    """Settle what the outbox holds; lives as long as the process, whatever becomes of the client.

    The rules are those of an outbox with a stable nonce: `sending` is committed before the POST, and a row found so is
    looked for in the channel's history before it is posted again. Rows of a channel go in order, channels do not wait
    for each other; all of them keep to the pace of `pacer`, where there is one.
    """

    def __init__(
        self, database: Database, clock: Clock, backoff: Backoff | None = None, pacer: Pacer | None = None
    ) -> None:
        self._database = database
        self._clock = clock
        self._pacer = pacer
        self._sender: Sender | None = None
        self._connected = asyncio.Event()
        self._wake = asyncio.Event()
        self._busy: set[Place] = set()
        self._stumbles: Counter[int] = Counter()
        self._is_stopping = False
        self._trouble = Trouble(database, clock, backoff or Backoff(), self._wake.set)
        self._posting = Posting(database, self._trouble)

    def connect(self, sender: Sender | None) -> None:
        """Use a client's sender from now on, or none while there is no client."""
        self._sender = sender
        if sender is not None:
            self._connected.set()
        else:
            self._connected.clear()
        self._wake.set()

    async def sender(self) -> Sender:
        """Return the sender of the client, once there is one; for what is asked of Discord and not sent."""
        while self._sender is None:
            await self._connected.wait()
        return self._sender

    @property
    def is_serving(self) -> bool:
        """Return whether some channel is being sent what it is owed."""
        return bool(self._busy)

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
            await doubt.retry_set_aside(connection, guild_id, now, channel_id, is_any=by_hand)
        self.wake()
        return unparked

    async def _due_places(self) -> list[Place]:
        now = self._clock.now()
        return [place for place, moment in (await self._waiting()).items() if sending.is_due(moment, now)]

    async def _waiting(self) -> dict[Place, datetime]:
        async with self._database.read() as connection:
            return await sending.waiting(connection, self._clock.now())

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
            if sending.is_due(moment, now):
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
            turn = await self._pacer.turn() if self._pacer is not None else 0.0
            async with self._database.read() as connection:
                row = await sending.next_due(connection, place, self._clock.now())
            if row is None or self._is_stopping:
                if self._pacer is not None:
                    self._pacer.give_back(turn)
                return
            try:
                if await held_back(self._database, row, self._clock.now()):
                    if self._pacer is not None:
                        self._pacer.give_back(turn)
                    continue
                await self._settle(row, place, sender)
            except Exception as error:  # noqa: BLE001  # the delivery edge: one row never stops the others
                if sender is not self._sender:
                    await self._trouble.put_off(row, f"the client left meanwhile: {type(error).__name__}")
                    return
                if not row.is_withdrawn and await self._is_withdrawn(row):
                    continue
                await self._stumbled(row, f"unexpected, ref {log_reference(log, error)}")
            else:
                del self._stumbles[row.id]

    async def _settle(self, row: Announcement, place: Place, sender: Sender) -> None:
        if row.is_withdrawn:
            await self._withdraw(row, place, sender)
        elif row.state is AnnouncementState.SENT:
            await self._edit(row, place, sender)
        elif not await self._is_there(row, place, sender):
            await self._send(row, place, sender)

    async def _is_there(self, row: Announcement, place: Place, sender: Sender) -> bool:
        """Look for a row wherever it may stand already; return whether it is settled for now, found or put off."""
        if row.state is AnnouncementState.SENDING:
            if await self._posting.is_news(row, place):
                await self._trouble.put_off(row, "a post that a former process may have asked for", least=POST_GRACE)
                return True
            if await self._is_found(row, place, sender):
                return True
        # What was in doubt when a backup was made may have gone elsewhere since than where it was to go then.
        return await self._is_sent_meanwhile(row, place, sender)

    async def _withdraw(self, row: Announcement, place: Place, sender: Sender) -> None:
        """Take a message out of its channel; where we may not, that is said and tried again."""
        try:
            if not await take_out(self._database, row, place, sender, SEND_TIMEOUT_S):
                await self._trouble.put_off(row, "to be taken out and not found, it may still come")
        except UnreachableError as error:
            if error.reason != DELETED and row.state is AnnouncementState.SENDING:
                await self._trouble.set_aside(row, sending.HISTORY_FORBIDDEN, OperationsKind.WITHDRAWAL_BLOCKED)
                return
            if error.reason != DELETED:  # a channel that was deleted took its messages along
                await self._trouble.withdrawal_blocked(row)
            await self._trouble.park(row, place, error.reason)
        except (RefusedError, ThreadsFullError) as error:
            await self._trouble.withdrawal_blocked(row)
            await self._trouble.put_off(row, str(error), REFUSED_PAUSE)
        except TooManyRequestsError as error:
            await self._trouble.put_off(row, str(error), timedelta(seconds=error.retry_after_s))
        except (DeliveryError, TimeoutError) as error:
            await self._trouble.put_off(row, f"taking it out: {error!r}")

    async def _is_withdrawn(self, row: Announcement) -> bool:
        async with self._database.read() as connection:
            return await withdrawals.is_withdrawn(connection, row.guild_id, row.id)

    async def _is_sent_meanwhile(self, row: Announcement, place: Place, sender: Sender) -> bool:
        """Look for a row among what was sent after a restored backup; return whether it is settled.

        What is found may show something else than is owed: it owes an edit.
        """
        try:
            standing = await sent_meanwhile(self._database, place, sender, row.code, SEND_TIMEOUT_S)
        except UnreachableError as error:
            await self._trouble.park(row, place, error.reason)
            return True
        except TooManyRequestsError as error:
            await self._trouble.put_off(row, str(error), timedelta(seconds=error.retry_after_s))
            return True
        except (DeliveryError, TimeoutError) as error:
            await self._trouble.put_off(row, f"reading what was sent meanwhile: {error!r}")
            return True
        if standing is None:
            return False
        async with self._database.read() as connection:
            composed = await compose(connection, row, self._clock.now())
        async with self._database.tx("delivery.sent_meanwhile") as connection:
            if await sending.begin(connection, place, row.id, self._clock.now()):
                await self._mark_sent(connection, row, standing, composed, row.due_revision - 1)
        return True

    async def _is_found(self, row: Announcement, place: Place, sender: Sender) -> bool:
        """Look for a row in doubt; return whether it is settled for now, by being found or by being put off."""
        async with self._database.read() as connection:
            composed = await compose(connection, row, self._clock.now())
        try:
            standing = await look(self._database, row, place, sender, SEND_TIMEOUT_S)
        except UnreachableError as error:
            if error.reason == DELETED:
                await self._trouble.park(row, place, error.reason)
            else:
                await self._trouble.set_aside(row, sending.HISTORY_FORBIDDEN)
            return True
        except TooManyRequestsError as error:
            await self._trouble.put_off(row, str(error), timedelta(seconds=error.retry_after_s))
            return True
        except (DeliveryError, TimeoutError) as error:
            await self._trouble.put_off(row, f"looking for it: {error!r}")
            return True
        if standing is None:
            return False
        async with self._database.tx("delivery.found") as connection:
            await self._mark_sent(connection, row, standing, composed, first_shown(row))
        return True

    async def _send(self, row: Announcement, place: Place, sender: Sender) -> None:
        begun = await self._begin(row, place)
        if begun is None:
            return
        composed, spot = begun
        standing: Standing | None = None
        try:
            standing = await self._posting.post(row, place, spot, composed.card, sender, SEND_TIMEOUT_S)
        except MessageGoneError as error:
            log.info("announcement %s was sent and deleted: %s", row.code, error)
        except (DeliveryError, TimeoutError) as error:
            await self._not_sent(row, place, spot, error)
            return
        async with self._database.tx("delivery.sent") as connection:
            # An earlier try in doubt may stand in the place of this one: an edit then replaces what it shows.
            is_other = composed.is_hidden or row.state is AnnouncementState.SENDING
            shows = first_shown(row) if is_other else composed.revision
            await self._mark_sent(connection, row, standing, composed, shows)

    async def _begin(self, row: Announcement, place: Place) -> tuple[Composed, Spot] | None:
        """Note that a row may be sent from now on; return what and where to, None where it is not to be sent now."""
        now = self._clock.now()
        async with self._database.read() as connection:
            composed = await compose(connection, row, now)
            spot = await spot_of(connection, row)
        is_in_doubt = row.state is AnnouncementState.SENDING
        if composed.is_hidden and is_in_doubt and spot.is_post and row.tries < LOOKS:
            await self._trouble.put_off(row, "no longer to be posted and not found, it may still come")
            return None
        if composed.is_hidden and (spot.is_post or not is_in_doubt):
            async with self._database.tx("delivery.dropped") as connection:
                await shown.drop(connection, row.guild_id, row.id)
            return None
        async with self._database.tx("delivery.begin") as connection:
            shows, thread = composed.revision, spot.thread
            is_so = await known.note(connection, row, composed.known)
            if not is_so or not await sending.begin(
                connection, place, row.id, now, shows=shows, remade=row.remade, thread_id=thread
            ):
                return None
        return composed, spot

    async def _not_sent(self, row: Announcement, place: Place, spot: Spot, error: DeliveryError | TimeoutError) -> None:
        """Note how a POST ended that did not say that the message stands there."""
        match error:
            case RefusedError():
                await self._trouble.refused(row, error)
            case UnreachableError():
                await self._trouble.park(row, place, error.reason)
            case ThreadForbiddenError():
                await self._trouble.park(row, place, FORBIDDEN, OperationsKind.THREADS_FORBIDDEN)
            case IsForumError():
                await self._note_forum(row, place)
            case ThreadsFullError():
                await self._trouble.threads_full(row, place)
                await self._trouble.put_off(row, str(error), FULL_PAUSE)
            case TooManyRequestsError():
                await self._trouble.put_off(row, str(error), timedelta(seconds=error.retry_after_s))
            case _:
                least = POST_DOUBT if spot.is_forum else timedelta()
                await self._trouble.put_off(row, f"in doubt: {error!r}", least=least)

    async def _note_forum(self, row: Announcement, place: Place) -> None:
        """Note that a channel turned out to be a forum: the row is a post of it next."""
        async with self._database.tx("delivery.is_forum") as connection:
            await newsrooms.note_forum(connection, place.guild_id, place.channel_id)
            await self._trouble.note_unsent(connection, row, "a forum takes no messages")

    async def _edit(self, row: Announcement, place: Place, sender: Sender) -> None:
        """Make a sent message show its due revision; the same edit twice does no harm, so doubt is simply retried."""
        async with self._database.read() as connection:
            composed = await compose(connection, row, self._clock.now())
        shown: dict[str, object] | None = kept(composed.card)
        try:
            async with asyncio.timeout(SEND_TIMEOUT_S):
                await sender.edit(place, row.message_id or 0, composed.card, thread=row.thread_id)
        except UnreachableError as error:
            if error.reason != DELETED:
                await self._trouble.edit_blocked(row)
            await self._trouble.park(row, place, error.reason)
            return
        except ThreadsFullError as error:
            await self._trouble.edit_blocked(row)
            await self._trouble.put_off(row, str(error), FULL_PAUSE)
            return
        except (RefusedError, MessageGoneError) as error:
            if isinstance(error, RefusedError) and await self._trouble.edit_blocked(row):
                await self._trouble.put_off(row, str(error), REFUSED_PAUSE)
                return
            log.warning("announcement %s keeps what it showed: %r", row.code, error)
            shown = None
        except TooManyRequestsError as error:
            await self._trouble.put_off(row, str(error), timedelta(seconds=error.retry_after_s))
            return
        except (DeliveryError, TimeoutError) as error:
            await self._trouble.put_off(row, f"editing: {error!r}")
            return
        await self._edited(row, shown, composed.revision, composed.known)

    async def _edited(
        self, row: Announcement, shown: dict[str, object] | None, revision: int, tells: Known | None = None
    ) -> None:
        async with self._database.tx("delivery.edited") as connection:
            await sending.edited(connection, row.id, shown, revision, row.remade)
            if shown is not None and tells is not None:
                await known.renew(connection, row, tells, self._clock.now())

    async def _mark_sent(
        self, connection: Connection, row: Announcement, standing: Standing | None, composed: Composed, revision: int
    ) -> None:
        await sending.sent(
            connection,
            row.id,
            message_id=standing.message_id if standing is not None else None,
            thread_id=standing.thread if standing is not None else None,
            shown=kept(composed.card),
            revision=revision,
            now=self._clock.now(),
            remade=row.remade,
        )

    async def _stumbled(self, row: Announcement, reason: str) -> None:
        """Get past an error of our own: the plain card next, and after some tries the row waits for a person.

        A message that is there already keeps what it shows when its edit goes on failing, unless that may not be read.
        """
        if row.is_withdrawn:
            await self._trouble.put_off(row, reason)
            return
        self._stumbles[row.id] += 1
        if self._stumbles[row.id] >= STUMBLES:
            del self._stumbles[row.id]
            if row.state is not AnnouncementState.SENT:
                await self._trouble.set_aside(row, reason)
            elif await self._trouble.edit_blocked(row):
                await self._trouble.put_off(row, reason, REFUSED_PAUSE)
            else:
                await self._edited(row, None, row.due_revision)
            return
        if self._stumbles[row.id] >= STUMBLES_BEFORE_PLAIN and row.state is not AnnouncementState.SENT:
            await self._trouble.make_plain(row, reason)
        await self._trouble.put_off(row, reason)
