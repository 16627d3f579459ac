"""The things that Discord keeps: users, roles, attachments, messages, commands, and their payloads."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

Json = dict[str, Any]
T = TypeVar("T")

EPHEMERAL = 1 << 6
LOADING = 1 << 7
COMPONENTS_V2 = 1 << 15

_EPOCH_MS = 1420070400000


class Snowflakes:
    """Give out ids as Discord does: time in the high bits, so that a later id is always larger."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._last = 0

    def next(self) -> int:
        """Return an id larger than every one before it."""
        now = (int(self._clock().timestamp() * 1000) - _EPOCH_MS) << 22
        self._last = max(now, self._last + 1)
        return self._last


def utc_now() -> datetime:
    """Return the present moment, aware, in UTC."""
    return datetime.now(UTC)


class Pulse:
    """Wake those who wait for a condition, each time something changed."""

    def __init__(self) -> None:
        self._waiting: set[asyncio.Future[None]] = set()

    def beat(self) -> None:
        """Make every waiter look at its condition again."""
        for future in self._waiting:
            if not future.done():
                future.set_result(None)

    async def until(self, condition: Callable[[], T | None], timeout_s: float, what: str) -> T:
        """Return the first true value of `condition`; TimeoutError naming `what` after `timeout_s` seconds."""
        end = time.monotonic() + timeout_s
        while True:
            found = condition()
            if found:
                return found
            future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._waiting.add(future)
            try:
                await asyncio.wait_for(future, max(0.0, end - time.monotonic()))
            except TimeoutError:
                raise TimeoutError(f"waited {timeout_s:g} s for {what}") from None
            finally:
                self._waiting.discard(future)


@dataclass(slots=True)
class User:
    """Somebody with an account: a person, or the bot itself."""

    id: int
    name: str
    bot: bool = False
    takes_private: bool = True

    def payload(self) -> Json:
        """Return the `User` object of the API."""
        return {
            "id": str(self.id),
            "username": self.name,
            "discriminator": "0" if not self.bot else "0001",
            "global_name": None if self.bot else self.name,
            "avatar": None,
            "bot": self.bot,
            "flags": 0,
            "public_flags": 0,
            "primary_guild": None,
        }


class Person:
    """A user as one guild knows them; `bot.loopback.people.Member` gives them something to do."""

    user: User

    @property
    def id(self) -> int:
        """Return their user id."""
        return self.user.id

    def payload(self) -> Json:
        """Return the `GuildMember` object of the API."""
        raise NotImplementedError


@dataclass(slots=True)
class Role:
    """A role of a guild; the one with the guild's own id is everybody's."""

    id: int
    name: str
    permissions: int
    position: int = 1

    def payload(self) -> Json:
        """Return the `Role` object of the API."""
        return {
            "id": str(self.id),
            "name": self.name,
            "color": 0,
            "colors": {"primary_color": 0, "secondary_color": None, "tertiary_color": None},
            "hoist": False,
            "icon": None,
            "unicode_emoji": None,
            "position": self.position,
            "permissions": str(int(self.permissions)),
            "managed": False,
            "mentionable": False,
            "flags": 0,
        }


@dataclass(slots=True)
class Attachment:
    """A file that somebody gave to Discord, served under `url`."""

    id: int
    filename: str
    data: bytes
    url: str
    content_type: str | None = None
    description: str | None = None
    ephemeral: bool = False

    def payload(self) -> Json:
        """Return the `Attachment` object of the API."""
        payload: Json = {
            "id": str(self.id),
            "filename": self.filename,
            "size": len(self.data),
            "url": self.url,
            "proxy_url": self.url,
        }
        if self.content_type:
            payload["content_type"] = self.content_type
        if self.description:
            payload["description"] = self.description
        if self.ephemeral:
            payload["ephemeral"] = True
        return payload


@dataclass(slots=True, eq=False)
class Message:
    """A message as it stands now; `deleted` once somebody deleted it.

    `embeds` and `components` are the API's own objects. `seen_by` is the id of the one person who sees an ephemeral
    message. `via` tells how it was made: `post` by the bot in a channel, `interaction`, `followup`, `thread`, `person`.
    """

    id: int
    channel_id: int
    author: User
    created_at: datetime
    via: str
    guild_id: int | None = None
    content: str = ""
    embeds: list[Json] = field(default_factory=list)
    components: list[Json] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)
    nonce: str | int | None = None
    flags: int = 0
    type: int = 0
    edited_at: datetime | None = None
    deleted: bool = False
    seen_by: int | None = None
    reference: Json | None = None
    thread: Json | None = None
    interaction: Json | None = None
    edits: int = 0

    @property
    def ephemeral(self) -> bool:
        """Tell whether only one person sees it."""
        return bool(self.flags & EPHEMERAL)

    @property
    def loading(self) -> bool:
        """Tell whether it still says that the bot is thinking."""
        return bool(self.flags & LOADING)

    def payload(self, *, with_content: bool = True) -> Json:
        """Return the `Message` object of the API, emptied as for a bot without the message-content intent if asked."""
        payload: Json = {
            "id": str(self.id),
            "channel_id": str(self.channel_id),
            "author": self.author.payload(),
            "content": self.content if with_content else "",
            "timestamp": self.created_at.isoformat(),
            "edited_timestamp": self.edited_at.isoformat() if self.edited_at else None,
            "tts": False,
            "mention_everyone": False,
            "mentions": [],
            "mention_roles": [],
            "attachments": [item.payload() for item in self.attachments] if with_content else [],
            "embeds": [{"type": "rich", **embed} for embed in self.embeds] if with_content else [],
            "components": self.components if with_content else [],
            "pinned": False,
            "type": self.type,
            "flags": self.flags,
        }
        optional = {
            "nonce": self.nonce,
            "message_reference": self.reference,
            "thread": self.thread,
            "interaction_metadata": self.interaction,
        }
        payload.update({key: value for key, value in optional.items() if value is not None})
        if self.via in {"interaction", "followup"}:
            payload["webhook_id"] = str(self.author.id)
            payload["application_id"] = str(self.author.id)
        return payload


@dataclass(slots=True)
class Command:
    """An application command as the bot registered it, for one guild or for all."""

    id: int
    guild_id: int | None
    body: Json
    version: int

    @property
    def name(self) -> str:
        """Return its name in the base language."""
        return str(self.body["name"])

    @property
    def type(self) -> int:
        """Return 1 for a slash command, 2 for a user's menu, 3 for a message's menu."""
        return int(self.body.get("type") or 1)

    def payload(self, application_id: int) -> Json:
        """Return the `ApplicationCommand` object of the API."""
        needed = self.body.get("default_member_permissions")
        payload: Json = {
            "nsfw": False,
            **self.body,
            "default_member_permissions": None if needed is None else str(needed),
            "integration_types": self.body.get("integration_types") or [0],
            "id": str(self.id),
            "application_id": str(application_id),
            "version": str(self.version),
            "type": self.type,
            "description": self.body.get("description") or "",
        }
        if self.guild_id is not None:
            payload["guild_id"] = str(self.guild_id)
        return payload
