"""Channels and threads: their messages, who may do what in them, and what an administrator does to them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.loopback import permissions
from bot.loopback.state import Json, Message, Person, Pulse, Role, User

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from bot.loopback.guilds import Guild
    from bot.loopback.permissions import Permission
    from bot.loopback.platform import Platform

TEXT, DM, PUBLIC_THREAD, FORUM = 0, 1, 11, 15
THREADS = frozenset({10, 11, 12})


class Channel:
    """A text channel (type 0), forum (15), thread (11, with a `parent`) or direct messages (1, without a guild)."""

    def __init__(
        self,
        platform: Platform,
        channel_id: int,
        name: str,
        guild: Guild | None,
        kind: int = TEXT,
        parent: Channel | None = None,
    ) -> None:
        self.platform = platform
        self.id = channel_id
        self.name = name
        self.guild = guild
        self.type = kind
        self.parent = parent
        self.topic: str | None = None
        self.deleted = False
        self.overwrites: list[Json] = []
        self.messages: list[Message] = []
        self.pulse = Pulse()
        self.owner_id: int | None = None
        self.archived = False
        self.archived_at = platform.clock()
        self.locked = False
        self.flags = 0
        self.auto_archive_minutes = 1440
        self.applied_tags: list[str] = []
        self.tags: list[Json] = []
        self.recipient: User | None = None

    def __repr__(self) -> str:
        return f"<Channel {self.name!r} {self.id}>"

    @property
    def is_thread(self) -> bool:
        """Tell whether it is a thread of another channel."""
        return self.type in THREADS

    @property
    def mention(self) -> str:
        """Return what a message writes to name it."""
        return f"<#{self.id}>"

    @property
    def threads(self) -> list[Channel]:
        """Return the threads below it, oldest first."""
        every = self.platform.channels.values()
        return [channel for channel in every if channel.parent is self and not channel.deleted]

    def bits(self, user_id: int) -> int:
        """Return what somebody may do here, as permission bits: a thread has its parent's overwrites."""
        if self.guild is None:
            return permissions.EVERYONE
        holder = self.parent if self.is_thread and self.parent is not None else self
        return permissions.in_channel(
            self.guild.bits(user_id),
            holder.overwrites,
            everyone_id=self.guild.id,
            role_ids=self.guild.role_ids(user_id),
            user_id=user_id,
        )

    def bot_may(self, needed: Permission) -> bool:
        """Tell whether the bot has every one of these permissions here."""
        return self.bits(self.platform.bot_user.id) & needed == needed

    def payload(self) -> Json:
        """Return the `Channel` object of the API."""
        payload: Json = {
            "id": str(self.id),
            "type": self.type,
            "flags": self.flags,
            "last_message_id": self._last_message_id(),
        }
        if self.guild is None:
            payload["recipients"] = [self.recipient.payload()] if self.recipient else []
            return payload
        payload |= {
            "guild_id": str(self.guild.id),
            "name": self.name,
            "parent_id": str(self.parent.id) if self.parent else None,
            "rate_limit_per_user": 0,
        }
        if self.is_thread:
            return payload | {
                "owner_id": str(self.owner_id or self.guild.owner.id),
                "message_count": len(self.messages),
                "total_message_sent": len(self.messages),
                "member_count": 1,
                "applied_tags": self.applied_tags,
                "thread_metadata": {
                    "archived": self.archived,
                    "auto_archive_duration": self.auto_archive_minutes,
                    "archive_timestamp": self.archived_at.isoformat(),
                    "locked": self.locked,
                },
            }
        payload |= {
            "topic": self.topic,
            "position": 0,
            "nsfw": False,
            "permission_overwrites": [dict(overwrite) for overwrite in self.overwrites],
        }
        if self.type == FORUM:
            payload |= {"available_tags": self.tags, "default_reaction_emoji": None, "default_sort_order": None}
        return payload

    def partial(self, user_id: int) -> Json:
        """Return the partial channel of an interaction, with what that user may do here."""
        return self.payload() | {"permissions": str(self.bits(user_id))}

    def _last_message_id(self) -> str | None:
        return str(self.messages[-1].id) if self.messages else None

    def last(self) -> Message:
        """Return the newest message; IndexError when there is none."""
        return self.messages[-1]

    async def wait_for(
        self,
        wanted: Callable[[Message], bool] | int = 1,
        timeout: float = 10.0,  # noqa: ASYNC109  # waits on events
    ) -> Message:
        """Return the first message that satisfies a predicate, or the newest once there are that many.

        Edited messages are looked at again, thinking ones are not counted. TimeoutError after `timeout` seconds.
        """

        def found() -> Message | None:
            shown = [message for message in self.messages if not message.loading]
            if isinstance(wanted, int):
                return shown[-1] if len(shown) >= wanted else None
            return next((message for message in shown if wanted(message)), None)

        what = f"{wanted} messages" if isinstance(wanted, int) else "a message"
        return await self.pulse.until(found, timeout, f"{what} in #{self.name}, which has {len(self.messages)}")

    def find(self, message_id: int) -> Message | None:
        """Return the message with that id, or None when it is not there or was deleted."""
        message = self.platform.messages.get(message_id)
        here = message is not None and message.channel_id == self.id
        return message if here and message and not message.deleted and not message.ephemeral else None

    def delete(self) -> None:
        """Delete the channel and its threads, as an administrator does."""
        for thread in self.threads:
            thread.deleted = True
        self.deleted = True
        self.platform.channels.pop(self.id, None)
        if self.guild and self in self.guild.channels:
            self.guild.channels.remove(self)
        self.platform.gateway.dispatch("THREAD_DELETE" if self.is_thread else "CHANNEL_DELETE", self.payload())
        self.pulse.beat()

    def archive(self, *, lock: bool = False) -> None:
        """Archive a thread, as time or a moderator does; only a moderator can lock it, and reopen it then."""
        self.archived, self.locked, self.archived_at = True, self.locked or lock, self.platform.clock()
        self._changed()

    def lock(self) -> None:
        """Let nobody but moderators write in a thread, as a moderator does."""
        self.locked = True
        self._changed()

    def reopen(self) -> None:
        """Open a thread that was archived, as a new message does."""
        if self.archived:
            self.archived, self.archived_at = False, self.platform.clock()
            self._changed()

    def deny_bot(self, *names: str) -> None:
        """Take permissions such as `send_messages` from the bot here, in this channel and its threads."""
        self.overwrite(self.platform.bot_user.id, deny=names)

    def allow_bot(self, *names: str) -> None:
        """Give permissions to the bot here; without names, take back everything that was denied to it."""
        if names:
            self.overwrite(self.platform.bot_user.id, allow=names)
        else:
            self.overwrites = [item for item in self.overwrites if item["id"] != str(self.platform.bot_user.id)]
            self._changed()

    def overwrite(self, target: int | Role | Person, *, allow: Iterable[str] = (), deny: Iterable[str] = ()) -> None:
        """Set permissions for a role or a member here, beside those set before."""
        target_id = target if isinstance(target, int) else target.id
        roles = {role.id for role in self.guild.roles} if self.guild else set()
        entry = next((item for item in self.overwrites if item["id"] == str(target_id)), None)
        if entry is None:
            entry = {"id": str(target_id), "type": 0 if target_id in roles else 1, "allow": "0", "deny": "0"}
            self.overwrites.append(entry)
        for name in allow:
            entry["allow"] = str(int(entry["allow"]) | permissions.named(name))
            entry["deny"] = str(int(entry["deny"]) & ~permissions.named(name))
        for name in deny:
            entry["deny"] = str(int(entry["deny"]) | permissions.named(name))
            entry["allow"] = str(int(entry["allow"]) & ~permissions.named(name))
        self._changed()

    def _changed(self) -> None:
        self.platform.gateway.dispatch("THREAD_UPDATE" if self.is_thread else "CHANNEL_UPDATE", self.payload())
