"""A Discord held in memory, behind the delivery's Sender: nonces, history, faults, and the truth of what was posted."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from bot.cards import Card, CardKind
from bot.delivery import (
    DeliveryError,
    IsForumError,
    Membership,
    MessageGoneError,
    RefusedError,
    Seen,
    ThreadClosedError,
    ThreadForbiddenError,
    ThreadsFullError,
    TooManyRequestsError,
    UnreachableError,
)
from bot.storage.outbox.announcements import Place
from bot.storage.outbox.sightings import snowflake
from tests.factories import FLOOR, SettableClock

RETRY_AFTER_S = 40.0
VERBS = ("send", "edit", "find", "delete", "post", "thread")
SEEN_A_LOOK = 2


class Ending(StrEnum):
    """How a request ends: `after` it has done what was asked, `late` it will have by the next post to the channel.

    A post of a forum that comes late comes `lag` later.
    """

    OK = "ok"
    REFUSED = "400"
    FORBIDDEN = "403"
    CHANNEL_GONE = "404 channel"
    MESSAGE_GONE = "404 message"
    TOO_MANY = "429"
    DOUBT_BEFORE = "doubt before"
    DOUBT_AFTER = "doubt after"
    DOUBT_LATE = "doubt late"
    HANG_BEFORE = "hang before"
    HANG_AFTER = "hang after"
    THREAD_FORBIDDEN = "403 thread"
    FULL = "too many threads"
    BROKEN = "an error of ours"
    CRASH_BEFORE = "crash before"
    CRASH_AFTER = "crash after"
    CRASH_LATE = "crash late"


class Crash(BaseException):
    """Stop everything where it is, as a kill does."""


@dataclass
class Message:
    """Hold a message that was posted, with every card that it showed."""

    id: int
    place: Place
    nonce: str
    cards: list[Card] = field(default_factory=list)
    is_deleted: bool = False
    answers: int | None = None
    thread: int | None = None

    def shows(self, code: str) -> bool:
        return code in self.cards[-1].footer


@dataclass
class Thread:
    """Hold a thread of a channel, or a post of a forum."""

    id: int
    place: Place
    name: str
    is_deleted: bool = False
    is_locked: bool = False
    is_archived: bool = False


_BEFORE = {Ending.DOUBT_BEFORE, Ending.HANG_BEFORE, Ending.CRASH_BEFORE, Ending.DOUBT_LATE, Ending.BROKEN}


class FakeDiscord:
    """Be the Sender of a Delivery; `truth` holds every message that ever came to be, deleted ones included.

    A request ends as `plans` of its verb say, first come first served, else as `chance(verb)` says, else well.
    `window` is how long a nonce is compared.
    """

    def __init__(self, clock: SettableClock, window: timedelta = timedelta()) -> None:
        self.truth: list[Message] = []
        self.asked: list[str] = []
        self.plans: dict[str, deque[Ending]] = {verb: deque() for verb in VERBS}
        self.chance: Callable[[str], Ending] = lambda _: Ending.OK
        self.refuses: Callable[[Card], bool] = lambda _: False
        self.unreachable: dict[int, str] = {}
        self.members: dict[tuple[int, int], Membership | None] = {}
        self.silent: set[int] = set()
        self.shut: set[int] = set()
        self.gate: dict[int, asyncio.Event] = {}
        self.forums: set[int] = set()
        self.threads_of: dict[int, Thread] = {}
        self._clock = clock
        self._window = window
        self.lag = timedelta(seconds=3)
        self._late: dict[Place, list[Message]] = {}
        self._late_posts: list[tuple[datetime, Message, str]] = []
        self._nonces: dict[str, tuple[datetime, Message]] = {}
        self._snowflake = FLOOR + 1_000

    def plan(self, verb: str, *endings: Ending) -> None:
        self.plans[verb].extend(endings)

    def codes(self, channel: int) -> list[str]:
        """Return what stands in a channel, oldest first, by the last word of each footer."""
        return [message.cards[-1].footer.split()[-1] for message in self.in_channel(channel)]

    def advance_to(self, moment: datetime) -> None:
        """Give what is posted from now on the ids of that moment."""
        self._snowflake = max(self._snowflake, snowflake(moment))

    def in_channel(self, channel: int) -> list[Message]:
        return [message for message in self.truth if message.place.channel_id == channel]

    def delete_by_hand(self, message_id: int) -> None:
        """Delete a message, as a person does."""
        next(message for message in self.truth if message.id == message_id).is_deleted = True

    def delete_thread(self, thread_id: int) -> None:
        """Delete a thread with all that stands in it, as an administrator does."""
        self.threads_of[thread_id].is_deleted = True
        for message in self.truth:
            message.is_deleted = message.is_deleted or message.thread == thread_id

    def in_thread(self, thread_id: int) -> list[Message]:
        return [message for message in self.truth if message.thread == thread_id]

    async def send(
        self, place: Place, card: Card, nonce: str, *, answers: int | None = None, thread: int | None = None
    ) -> int:
        for message in self._late.pop(place, ()):
            self._post(message)
        ending = await self._begin("send", place)
        if thread is None and place.channel_id in self.forums:
            raise IsForumError("Cannot execute action on this channel type")
        if thread is not None:
            self._enter(thread)
        if self.refuses(card):
            raise RefusedError("Invalid Form Body")
        posted = Message(0, place, nonce, [card], answers=answers, thread=thread)
        if ending is Ending.DOUBT_LATE:
            self._late.setdefault(place, []).append(posted)
        made = None if ending in _BEFORE else self._post(posted)
        await self._end(ending)
        if made is None or made.is_deleted:
            raise MessageGoneError("Unknown Message")
        return made.id

    def _enter(self, thread_id: int) -> None:
        thread = self.threads_of.get(thread_id)
        if thread is None or thread.is_deleted:
            raise ThreadClosedError("deleted")
        if thread.is_locked:
            raise ThreadClosedError("locked")
        thread.is_archived = False

    async def create_post(self, place: Place, name: str, card: Card) -> int:
        self.land()
        ending = await self._begin("post", place)
        assert place.channel_id in self.forums
        if self.refuses(card):
            raise RefusedError("Invalid Form Body")
        made = Message(0, place, "", [card])
        if ending in {Ending.DOUBT_LATE, Ending.CRASH_LATE}:
            self._late_posts.append((self._clock.now() + self.lag, made, name))
        elif ending not in _BEFORE:
            self._make(made, name)
        await self._end(ending)
        return made.id

    def land(self) -> None:
        """Make the posts that come `lag` after they were asked for, as far as that is over."""
        for due in [late for late in self._late_posts if late[0] <= self._clock.now()]:
            self._late_posts.remove(due)
            self._make(*due[1:])

    def _make(self, made: Message, name: str) -> None:
        self._post(made)
        made.thread = made.id
        self.threads_of[made.id] = Thread(made.id, made.place, name)

    async def open_thread(self, place: Place, message_id: int, name: str) -> None:
        ending = await self._begin("thread", place)
        if any(message.id == message_id and message.is_deleted for message in self.truth):
            raise ThreadClosedError("without its message")
        if ending not in _BEFORE:
            self.threads_of.setdefault(message_id, Thread(message_id, place, name))
        await self._end(ending)

    async def edit(self, place: Place, message_id: int, card: Card, *, thread: int | None = None) -> None:
        ending = await self._begin("edit", place)
        if self.refuses(card):
            raise RefusedError("Invalid Form Body")
        message = self._standing(message_id, thread)
        if thread is not None and self.threads_of[thread].is_locked:
            raise RefusedError("the thread is locked")
        if message.is_deleted:
            raise MessageGoneError("Unknown Message")
        if ending not in _BEFORE:
            message.cards.append(card)
        await self._end(ending)

    def _standing(self, message_id: int, thread: int | None) -> Message:
        """Return a message of that thread, or of the channel itself: nowhere else it is found."""
        message = next(message for message in self.truth if message.id == message_id)
        assert message.thread == thread
        return message

    async def delete(self, place: Place, message_id: int, *, thread: int | None = None) -> None:
        ending = await self._begin("delete", place)
        message = self._standing(message_id, thread)
        if message.is_deleted:
            raise MessageGoneError("Unknown Message")
        if ending not in _BEFORE:
            message.is_deleted = True
        await self._end(ending)

    async def open_private(self, person: int) -> int:
        """Give each person a channel of their own, known by their number."""
        if person in self.shut:
            raise UnreachableError("forbidden")
        return person

    async def membership(self, guild_id: int, person: int) -> Membership | None:
        """Say what a person is in a guild: what `members` holds of them, else somebody without a role."""
        if guild_id in self.silent:
            raise DeliveryError("no answer")
        return self.members.get((guild_id, person), Membership(frozenset()))

    def deleted(self) -> list[int]:
        """Return the ids of the messages that are gone."""
        return [message.id for message in self.truth if message.is_deleted]

    async def threads(self, place: Place, after: int) -> list[int]:
        await self._begin("find", place)
        since = {message.thread for message in self.in_channel(place.channel_id) if message.id > after}
        return sorted(thread for thread in since if thread is not None and not self.threads_of[thread].is_deleted)

    async def seen(self, place: Place, after: int, before: int, *, thread: int | None = None) -> Seen:
        ending = await self._begin("find", place)
        await self._end(ending)
        found = [m for m in self._history(place, thread) if after < m.id < before]
        page, more = found[:SEEN_A_LOOK], found[SEEN_A_LOOK:]
        return Seen({m.cards[-1].footer.split()[-1]: m.id for m in page}, page[-1].id if more else before)

    async def find(self, place: Place, code: str, after: int, *, thread: int | None = None) -> int | None:
        ending = await self._begin("find", place)
        await self._end(ending)
        if thread is not None and (thread not in self.threads_of or self.threads_of[thread].is_deleted):
            raise ThreadClosedError("deleted")
        found = (message for message in self._history(place, thread) if message.id > after and message.shows(code))
        return next((message.id for message in found), None)

    async def find_post(self, place: Place, code: str, after: int) -> int | None:
        self.land()
        ending = await self._begin("find", place)
        await self._end(ending)
        firsts = (message for message in self.in_channel(place.channel_id) if message.id == message.thread)
        found = (message for message in firsts if message.id > after and not message.is_deleted and message.shows(code))
        return next((message.id for message in found), None)

    def _history(self, place: Place, thread: int | None) -> list[Message]:
        return [m for m in self.in_channel(place.channel_id) if m.thread == thread and not m.is_deleted]

    def _post(self, message: Message) -> Message:
        known = self._nonces.get(message.nonce) if message.nonce else None
        if known is not None and self._clock.now() - known[0] < self._window:
            return known[1]
        self._snowflake += 1
        message.id = self._snowflake
        self.truth.append(message)
        self._nonces[message.nonce] = (self._clock.now(), message)
        return message

    async def _begin(self, verb: str, place: Place) -> Ending:
        self.asked.append(verb)
        if place.channel_id in self.gate:
            await self.gate[place.channel_id].wait()
        if place.channel_id in self.unreachable:
            raise UnreachableError(self.unreachable[place.channel_id])
        ending = self.plans[verb].popleft() if self.plans[verb] else self.chance(verb)
        errors = {
            Ending.REFUSED: RefusedError("Invalid Form Body"),
            Ending.FORBIDDEN: UnreachableError("forbidden"),
            Ending.CHANNEL_GONE: UnreachableError("deleted"),
            Ending.THREAD_FORBIDDEN: ThreadForbiddenError("Missing Permissions"),
            Ending.FULL: ThreadsFullError(),
            Ending.MESSAGE_GONE: MessageGoneError("Unknown Message"),
            Ending.TOO_MANY: TooManyRequestsError(RETRY_AFTER_S),
        }
        if ending in errors:
            raise errors[ending]
        return ending

    async def _end(self, ending: Ending) -> None:
        if ending in {Ending.DOUBT_BEFORE, Ending.DOUBT_AFTER, Ending.DOUBT_LATE}:
            raise DeliveryError("the connection broke")
        if ending in {Ending.HANG_BEFORE, Ending.HANG_AFTER}:
            await asyncio.Event().wait()
        if ending is Ending.BROKEN:
            raise RuntimeError("an error of ours")
        if ending in {Ending.CRASH_BEFORE, Ending.CRASH_AFTER, Ending.CRASH_LATE}:
            raise Crash


def is_full(card: Card) -> bool:
    """Return whether a card is the full one of a notice."""
    return card.kind is CardKind.ANNOUNCEMENT
