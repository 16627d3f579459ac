"""The REST handlers that a bot needs: itself, its commands, channels, messages, threads, guilds."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from bot.loopback import channels, command_limits, messages
from bot.loopback.errors import ApiError
from bot.loopback.permissions import Permission
from bot.loopback.state import COMPONENTS_V2, Command, Json

if TYPE_CHECKING:
    from bot.loopback.channels import Channel
    from bot.loopback.guilds import Guild
    from bot.loopback.platform import Platform
    from bot.loopback.server import Answer, Call
    from bot.loopback.state import Message, User

HISTORY_PAGE = 100


async def me(call: Call) -> Answer:
    """GET /users/@me."""
    return 200, call.platform.bot_user.payload() | {
        "mfa_enabled": True,
        "verified": True,
        "email": None,
        "locale": "en-US",
    }


async def application(call: Call) -> Answer:
    """GET /oauth2/applications/@me."""
    platform = call.platform
    return 200, {
        "id": str(platform.application_id),
        "name": "Vigie",
        "icon": None,
        "description": "",
        "type": None,
        "bot_public": False,
        "bot_require_code_grant": False,
        "verify_key": "0" * 64,
        "flags": 0,
        "flags_new": "0",
        "owner": platform.owner.payload(),
        "team": None,
        "interactions_endpoint_url": None,
        "role_connections_verification_url": None,
        "redirect_uris": [],
        "explicit_content_filter": 0,
        "eligible_oauth2_scopes": ["bot", "applications.commands"],
        "approximate_user_install_count": 0,
        "approximate_user_authorization_count": 0,
        "approximate_guild_count": sum(guild.installed for guild in platform.guilds),
    }


async def put_commands(call: Call) -> Answer:
    """PUT the commands of all guilds, or of one: replaces what was there."""
    platform = call.platform
    guild_id = guild_of(call).id if "guild_id" in call.params else None
    faulty = call.check_schema()
    command_limits.check_commands(call.body, faulty)
    faulty.raise_if_any()
    old = {(command.type, command.name): command for command in platform.commands if command.guild_id == guild_id}
    fresh = []
    for body in call.body or []:
        known = old.get((int(body.get("type") or 1), body["name"]))
        same = known is not None and known.body == body
        command_id = known.id if known else platform.new_id()
        version = known.version if known and same else platform.new_id()
        fresh.append(Command(command_id, guild_id, body, version))
    platform.commands = [command for command in platform.commands if command.guild_id != guild_id] + fresh
    platform.syncs += 1
    platform.pulse.beat()
    return 200, [command.payload(platform.application_id) for command in fresh]


async def get_commands(call: Call) -> Answer:
    """GET the commands of all guilds, or of one."""
    guild_id = guild_of(call).id if "guild_id" in call.params else None
    platform = call.platform
    found = [command for command in platform.commands if command.guild_id == guild_id]
    return 200, [command.payload(platform.application_id) for command in found]


def guild_of(call: Call) -> Guild:
    """Return the guild of the path, once the bot is in it."""
    for guild in call.platform.guilds:
        if str(guild.id) == call.params["guild_id"]:
            if not guild.installed:
                raise ApiError(403, 50001)
            return guild
    raise ApiError(404, 10004)


def channel_of(call: Call, needed: Permission = Permission.VIEW_CHANNEL) -> Channel:
    """Return the channel of the path, once the bot may see it and has what is needed there."""
    channel = call.platform.channels.get(int(call.params["channel_id"]))
    if channel is None or channel.deleted:
        raise ApiError(404, 10003)
    if channel.guild is None:
        return channel
    if not channel.guild.installed or not channel.bot_may(Permission.VIEW_CHANNEL):
        raise ApiError(403, 50001)
    if not channel.bot_may(needed):
        raise ApiError(403, 50013)
    return channel


def message_of(call: Call, channel: Channel) -> Message:
    """Return the message of the path, in that channel."""
    name = call.params["message_id"]
    message = channel.find(int(name)) if name.isdigit() else None
    if message is None:
        raise ApiError(404, 10008)
    return message


async def open_private(call: Call) -> Answer:
    """POST /users/@me/channels: the direct messages with a person, the same for good."""
    call.check_schema().raise_if_any()
    recipient = str(call.body.get("recipient_id") or "")
    user = call.platform.user(int(recipient)) if recipient.isdigit() else None
    if user is None:
        raise ApiError(400, 50033)
    return 200, call.platform.direct_channel(user).payload()


async def get_user(call: Call) -> Answer:
    """GET /users/{user}: anybody with an account, in a guild of the bot's or not."""
    user = call.platform.user(int(call.params["user_id"]))
    if user is None:
        raise ApiError(404, 10013)
    return 200, user.payload()


async def get_channel(call: Call) -> Answer:
    """GET /channels/{channel}."""
    return 200, channel_of(call).payload()


async def patch_channel(call: Call) -> Answer:
    """PATCH /channels/{channel}: name and topic, a thread's archived, locked and tags."""
    channel = channel_of(call)
    call.check_schema().raise_if_any()
    own = channel.is_thread and channel.owner_id == call.platform.bot_user.id
    body: Json = call.body
    needed = Permission.MANAGE_THREADS if channel.is_thread else Permission.MANAGE_CHANNELS
    is_reopened = channel.is_thread and not channel.locked and body == {"archived": False}
    if not channel.bot_may(needed) and not is_reopened and (not own or channel.locked or "locked" in body):
        raise ApiError(403, 50013)
    channel.name = body.get("name") or channel.name
    channel.topic = body.get("topic", channel.topic)
    archived = bool(body.get("archived", channel.archived))
    if channel.archived and not archived:
        check_open_threads(channel.guild)
    if archived != channel.archived:
        channel.archived, channel.archived_at = archived, call.platform.clock()
    channel.locked = bool(body.get("locked", channel.locked))
    channel.auto_archive_minutes = body.get("auto_archive_duration") or channel.auto_archive_minutes
    channel.applied_tags = [str(tag) for tag in body.get("applied_tags", channel.applied_tags) or []]
    event = "THREAD_UPDATE" if channel.is_thread else "CHANNEL_UPDATE"
    call.platform.gateway.dispatch(event, channel.payload())
    return 200, channel.payload()


async def history(call: Call) -> Answer:
    """GET /channels/{channel}/messages: newest first, `before`, `after`, `around`, `limit` up to 100."""
    channel = channel_of(call)
    if not channel.bot_may(Permission.READ_MESSAGE_HISTORY) and channel.guild is not None:
        if call.platform.history_refused:
            raise ApiError(403, 50013)
        return 200, []
    limit = int(call.query.get("limit", 50))
    if not 1 <= limit <= HISTORY_PAGE:
        call.refuse(("limit",), "NUMBER_TYPE_COERCE", f"Must be between 1 and {HISTORY_PAGE}.")
    found = channel.messages
    if "before" in call.query:
        found = [message for message in found if message.id < int(call.query["before"])][-limit:]
    elif "after" in call.query:
        found = [message for message in found if message.id > int(call.query["after"])][:limit]
    elif "around" in call.query:
        middle = int(call.query["around"])
        older = [message for message in found if message.id <= middle][-(limit // 2 + 1) :]
        found = older + [message for message in found if message.id > middle][: limit - len(older)]
    else:
        found = found[-limit:]
    return 200, [call.platform.as_bot_sees(message) for message in reversed(found)]


async def get_message(call: Call) -> Answer:
    """GET one message."""
    channel = channel_of(call, Permission.READ_MESSAGE_HISTORY)
    return 200, call.platform.as_bot_sees(message_of(call, channel))


def _may_post(channel: Channel, body: Json, *, files: bool) -> None:
    if channel.recipient is not None and not _takes_private(channel.platform, channel.recipient):
        raise ApiError(403, 50007)
    needed = Permission.SEND_MESSAGES_IN_THREADS if channel.is_thread else Permission.SEND_MESSAGES
    if body.get("embeds"):
        needed |= Permission.EMBED_LINKS
    if files:
        needed |= Permission.ATTACH_FILES
    if channel.guild is not None and not channel.bot_may(needed):
        raise ApiError(403, 50013)
    if body.get("message_reference") and channel.guild and not channel.bot_may(Permission.READ_MESSAGE_HISTORY):
        raise ApiError(400, 160002)


def check_open_threads(guild: Guild | None) -> None:
    """Raise ApiError where no thread can be opened or reopened: the guild has as many open ones as it may."""
    if guild is not None and sum(not one.archived for one in guild.threads) >= guild.platform.most_threads:
        raise ApiError(400, 160006)


def _takes_private(platform: Platform, user: User) -> bool:
    """Tell whether the bot may write to a person: they let members of a guild do so, and share one with it."""
    return user.takes_private and platform.shares_a_guild(user)


async def create_message(call: Call) -> Answer:
    """POST /channels/{channel}/messages, once for each nonce within the window when `enforce_nonce` is set."""
    platform = call.platform
    channel = channel_of(call)
    if channel.type == channels.FORUM:
        raise ApiError(400, 50024)
    faulty = call.check_schema()
    messages.check_new(platform, call, call.body, faulty, ())
    messages.check_reference(channel, call.body, faulty)
    faulty.raise_if_any()
    body: Json = call.body
    _may_post(channel, body, files=bool(call.files))
    if channel.is_thread and channel.locked and not channel.bot_may(Permission.MANAGE_THREADS):
        raise ApiError(400, 50083 if channel.archived else 160005)
    nonce = body.get("nonce")
    if nonce is not None and body.get("enforce_nonce"):
        first = platform.first_of_nonce(str(nonce))
        if first is not None and first.deleted:
            raise ApiError(404, 10008)
        if first is not None:
            return 200, first.payload()
    if channel.archived:
        check_open_threads(channel.guild)
    channel.reopen()
    flags = int(body.get("flags") or 0) & COMPONENTS_V2
    message = messages.build(platform, channel, platform.bot_user, body, call.files, via="post", flags=flags)
    if nonce is not None:
        platform.nonces[str(nonce)] = (message, time.monotonic())
    platform.add_message(channel, message)
    return 200, message.payload()


async def patch_message(call: Call) -> Answer:
    """PATCH one of the bot's own messages."""
    channel = channel_of(call)
    message = message_of(call, channel)
    faulty = call.check_schema()
    if message.author.id != call.platform.bot_user.id:
        raise ApiError(403, 50005)
    messages.check_edit(call.platform, call, message, call.body, faulty, ())
    faulty.raise_if_any()
    if channel.is_thread and channel.archived:
        raise ApiError(400, 50083)
    messages.apply_edit(call.platform, message, call.body, call.files)
    return 200, message.payload()


async def delete_message(call: Call) -> Answer:
    """DELETE a message: the bot's own, or anybody's with Manage Messages."""
    channel = channel_of(call)
    message = message_of(call, channel)
    if message.author.id != call.platform.bot_user.id and not channel.bot_may(Permission.MANAGE_MESSAGES):
        raise ApiError(403, 50013)
    if channel.is_thread and channel.archived:
        raise ApiError(400, 50083)
    call.platform.delete_message(message)
    return 204, None


async def typing(call: Call) -> Answer:
    """POST /channels/{channel}/typing."""
    channel_of(call, Permission.SEND_MESSAGES)
    return 204, None


async def get_guild(call: Call) -> Answer:
    """GET /guilds/{guild}."""
    return 200, guild_of(call).payload()


async def get_guild_channels(call: Call) -> Answer:
    """GET /guilds/{guild}/channels: without threads."""
    return 200, [channel.payload() for channel in guild_of(call).channels]


async def get_guild_roles(call: Call) -> Answer:
    """GET /guilds/{guild}/roles."""
    return 200, [role.payload() for role in guild_of(call).roles]


async def get_guild_member(call: Call) -> Answer:
    """GET /guilds/{guild}/members/{user}."""
    guild = guild_of(call)
    user_id = int(call.params["user_id"])
    if user_id == call.platform.bot_user.id:
        return 200, guild.bot_member()
    member = guild.member(user_id)
    if member is None:
        raise ApiError(404, 10007)
    return 200, member.payload()
