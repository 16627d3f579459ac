"""Guilds: their roles, channels and members, and what somebody may do in them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.loopback import permissions
from bot.loopback.channels import TEXT, Channel
from bot.loopback.people import Member
from bot.loopback.permissions import Permission
from bot.loopback.state import Json, Role, User

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bot.loopback.platform import Platform


class Guild:
    """A Discord server with its roles, channels and members; the bot is in it once installed."""

    def __init__(self, platform: Platform, guild_id: int, name: str, locale: str, bot_permissions: int) -> None:
        self.platform = platform
        self.id = guild_id
        self.name = name
        self.locale = locale
        self.installed = False
        self.everyone = Role(guild_id, "@everyone", permissions.EVERYONE, 0)
        self.bot_role = Role(platform.new_id(), "Vigie", bot_permissions)
        self.roles: list[Role] = [self.everyone, self.bot_role]
        self.channels: list[Channel] = []
        self.members: list[Member] = []
        self.owner: Member = self.add_member("owner")

    def __repr__(self) -> str:
        return f"<Guild {self.name!r} {self.id}>"

    def add_role(self, name: str, *permission_names: str) -> Role:
        """Make a role that gives permissions such as `manage_guild`."""
        bits = 0
        for permission_name in permission_names:
            bits |= permissions.named(permission_name)
        role = Role(self.platform.new_id(), name, bits, len(self.roles))
        self.roles.append(role)
        self._dispatch("GUILD_ROLE_CREATE", {"guild_id": str(self.id), "role": role.payload()})
        return role

    def add_channel(
        self, name: str, *, kind: int = TEXT, parent: Channel | None = None, private: bool = False
    ) -> Channel:
        """Make a channel; `private` hides it from @everyone, not from the bot. A thread has kind 11 and a parent."""
        channel = Channel(self.platform, self.platform.new_id(), name, self, kind, parent)
        if private:
            view = str(int(Permission.VIEW_CHANNEL))
            channel.overwrites = [
                {"id": str(self.id), "type": 0, "allow": "0", "deny": view},
                {"id": str(self.platform.bot_user.id), "type": 1, "allow": view, "deny": "0"},
            ]
        self.adopt(channel)
        return channel

    @property
    def threads(self) -> list[Channel]:
        """Return the threads and posts of all channels."""
        return [thread for channel in self.channels for thread in channel.threads]

    def adopt(self, channel: Channel) -> None:
        """Take a new channel or thread into the guild and tell the bot."""
        self.platform.channels[channel.id] = channel
        if channel.is_thread:
            self._dispatch("THREAD_CREATE", channel.payload() | {"newly_created": True})
        else:
            self.channels.append(channel)
            self._dispatch("CHANNEL_CREATE", channel.payload())

    def add_member(
        self,
        name: str,
        *,
        roles: Iterable[Role] = (),
        manage_guild: bool = False,
        administrator: bool = False,
        locale: str | None = None,
    ) -> Member:
        """Make a person and let them join; `locale` is the language of their client, the guild's by default."""
        user = User(self.platform.new_id(), name)
        self.platform.users[user.id] = user
        granted = (Permission.MANAGE_GUILD if manage_guild else 0) | (Permission.ADMINISTRATOR if administrator else 0)
        member = Member(self.platform, self, user, list(roles), granted, locale or self.locale)
        self.members.append(member)
        return member

    def join(self, member: Member, *, roles: Iterable[Role] = ()) -> Member:
        """Let a person of another guild join this one too; return them as they are here."""
        here = Member(self.platform, self, member.user, list(roles), 0, member.locale)
        self.members.append(here)
        return here

    def remove_member(self, member: Member) -> None:
        """Let a person leave the guild; what they wrote stays."""
        self.members.remove(member)

    def member(self, user_id: int) -> Member | None:
        """Return the member with that user id, or None."""
        return next((member for member in self.members if member.user.id == user_id), None)

    def role_ids(self, user_id: int) -> list[int]:
        """Return the ids of the roles that somebody has, without @everyone."""
        if user_id == self.platform.bot_user.id:
            return [self.bot_role.id]
        member = self.member(user_id)
        return [role.id for role in member.roles] if member else []

    def bits(self, user_id: int) -> int:
        """Return what somebody may do in the guild as a whole, as permission bits."""
        if user_id == self.owner.id:
            return permissions.ALL
        ids = set(self.role_ids(user_id))
        bits = int(self.everyone.permissions)
        for role in self.roles:
            if role.id in ids:
                bits |= role.permissions
        member = self.member(user_id)
        bits |= member.granted if member else 0
        return permissions.ALL if bits & Permission.ADMINISTRATOR else bits

    def bot_member(self) -> Json:
        """Return the bot's own `GuildMember` object."""
        return {
            "user": self.platform.bot_user.payload(),
            "roles": [str(self.bot_role.id)],
            "nick": None,
            "avatar": None,
            "joined_at": self.platform.started_at.isoformat(),
            "deaf": False,
            "mute": False,
            "flags": 0,
            "pending": False,
            "permissions": str(self.bits(self.platform.bot_user.id)),
        }

    def payload(self) -> Json:
        """Return the `Guild` object of the REST API."""
        return {
            "id": str(self.id),
            "name": self.name,
            "icon": None,
            "splash": None,
            "discovery_splash": None,
            "owner_id": str(self.owner.id),
            "afk_channel_id": None,
            "afk_timeout": 300,
            "verification_level": 0,
            "default_message_notifications": 1,
            "explicit_content_filter": 0,
            "roles": [role.payload() for role in self.roles],
            "emojis": [],
            "stickers": [],
            "features": [],
            "mfa_level": 0,
            "system_channel_id": None,
            "system_channel_flags": 0,
            "rules_channel_id": None,
            "public_updates_channel_id": None,
            "vanity_url_code": None,
            "description": None,
            "banner": None,
            "premium_tier": 0,
            "premium_subscription_count": 0,
            "preferred_locale": self.locale,
            "nsfw_level": 0,
            "premium_progress_bar_enabled": False,
        }

    def create_payload(self) -> Json:
        """Return what GUILD_CREATE carries when the bot joins; after READY it also says that the guild is available."""
        threads = [thread for thread in self.threads if not thread.archived]
        return self.payload() | {
            "joined_at": self.platform.started_at.isoformat(),
            "large": False,
            "member_count": len(self.members) + 1,
            "voice_states": [],
            "members": [self.bot_member()],
            "channels": [channel.payload() for channel in self.channels],
            "threads": [thread.payload() for thread in threads],
            "presences": [],
            "stage_instances": [],
            "guild_scheduled_events": [],
            "soundboard_sounds": [],
        }

    def _dispatch(self, event: str, payload: Json) -> None:
        if self.installed:
            self.platform.gateway.dispatch(event, payload)
