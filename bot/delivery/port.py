"""What the delivery asks of Discord, every way in which that can end, and how long it waits before it asks again."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from bot.cards import Card
from bot.storage.outbox.announcements import Place


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


class ThreadClosedError(DeliveryError):
    """The thread is `deleted` or `locked`, or cannot be opened, while its channel is there: nothing was done."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class ThreadsFullError(ThreadClosedError):
    """The server has as many open threads as it may have: none was opened, nothing was done."""

    def __init__(self) -> None:
        super().__init__("one too many")


class ThreadForbiddenError(DeliveryError):
    """We may not open threads or posts in the channel, or not write in them (403): nothing was done."""


class IsForumError(DeliveryError):
    """The channel is a forum, which takes no messages of its own: nothing was done."""


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


@dataclass(frozen=True, slots=True)
class Seen:
    """Hold the codes that messages of ours show, with the messages; what stands after `reached` was not read."""

    codes: Mapping[str, int]
    reached: int


@dataclass(frozen=True, slots=True)
class Standing:
    """Say where a message of ours stands: its id, and the thread of its channel that it is in, if it is in one."""

    message_id: int
    thread: int | None = None


@dataclass(frozen=True, slots=True)
class Membership:
    """Hold what a person is in a guild, as Discord says now, and what the guild is called."""

    role_ids: frozenset[int]
    is_administrator: bool = False
    guild_name: str = ""


class Sender(Protocol):
    """Carry cards to Discord; every method raises a DeliveryError as its class says.

    A message stands in a channel itself, or in a `thread` of it. The post of a forum is a thread whose first message
    has the thread's own id; so has a thread that was opened from a message the id of that message.
    """

    async def send(
        self, place: Place, card: Card, nonce: str, *, answers: int | None = None, thread: int | None = None
    ) -> int:
        """Post a card and return the message's id; a second post with the same nonce may make no second message.

        With `answers` it is posted as an answer to that message of the same channel or thread, or by itself where that
        is gone. An archived thread reopens. Raises ThreadClosedError, ThreadForbiddenError and IsForumError too.
        """
        ...

    async def create_post(self, place: Place, name: str, card: Card) -> int:
        """Make a post of a forum that shows a card, and return its id: a second call makes a second post.

        Raises ThreadForbiddenError and ThreadsFullError too.
        """
        ...

    async def open_thread(self, place: Place, message_id: int, name: str) -> None:
        """Open the thread of a message, where it has none yet.

        Raises ThreadForbiddenError too, and ThreadClosedError where the message is gone or threads are too many. A
        RefusedError is about the name.
        """
        ...

    async def edit(self, place: Place, message_id: int, card: Card, *, thread: int | None = None) -> None:
        """Make a message of ours show another card; in a thread that is locked that is refused.

        An archived thread reopens, or raises ThreadsFullError.
        """
        ...

    async def delete(self, place: Place, message_id: int, *, thread: int | None = None) -> None:
        """Delete a message of ours; raises MessageGoneError where it is no longer there.

        An archived thread reopens, or raises ThreadsFullError. Of a post of a forum its name stays.
        """
        ...

    async def find(self, place: Place, code: str, after: int, *, thread: int | None = None) -> int | None:
        """Return our message that shows a code, among those after a snowflake; None when it is not there.

        Raises UnreadYetError, with how far it came, when there is too much to read at once, and ThreadClosedError where
        the thread is not there.
        """
        ...

    async def find_post(self, place: Place, code: str, after: int) -> int | None:
        """Return our post of a forum whose first message shows a code, among those made after a snowflake.

        Raises UnreadYetError, with how far it came, when there are too many to read at once.
        """
        ...

    async def threads(self, place: Place, after: int) -> Sequence[int]:
        """Return the threads of a channel, or the posts of a forum, in which something stands since a snowflake."""
        ...

    async def seen(self, place: Place, after: int, before: int, *, thread: int | None = None) -> Seen:
        """Return the codes that our messages between two snowflakes show, as far as one look reaches.

        Raises ThreadClosedError where the thread is not there.
        """
        ...

    async def open_private(self, person: int) -> int:
        """Return the channel in which the bot writes to one person alone."""
        ...

    async def membership(self, guild_id: int, person: int) -> Membership | None:
        """Return what a person is in a guild, None where they are not in it."""
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
