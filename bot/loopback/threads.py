"""The REST handlers of threads and forum posts: made, listed while they are open and once they are archived."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from bot.loopback import channels, messages
from bot.loopback.errors import ApiError
from bot.loopback.permissions import Permission
from bot.loopback.rest import channel_of, check_open_threads, guild_of, message_of
from bot.loopback.state import COMPONENTS_V2, Json

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bot.loopback.channels import Channel
    from bot.loopback.server import Answer, Call

CREATED = 201
LEAST_PAGE, ARCHIVED_PAGE = 2, 100
REQUIRES_TAG = 1 << 4
"""The flag of a forum that wants a tag on each post."""


async def create_thread(call: Call) -> Answer:
    """POST /channels/{channel}/threads: a forum's post with its first message, or a thread of a text channel."""
    channel = channel_of(call)
    platform = call.platform
    forum = channel.type == channels.FORUM
    needed = Permission.SEND_MESSAGES if forum else Permission.CREATE_PUBLIC_THREADS
    if not channel.bot_may(needed):
        raise ApiError(403, 50013)
    faulty = call.check_schema()
    body: Json = call.body
    first: Json = body.get("message") or {}
    if forum:
        if not first:
            faulty.add(("message",), "BASE_TYPE_REQUIRED", "This field is required")
        messages.check_new(platform, call, first, faulty, ("message",))
    faulty.raise_if_any()
    if forum and channel.flags & REQUIRES_TAG and not body.get("applied_tags"):
        raise ApiError(400, 40067)
    thread = _new_thread(call, channel, platform.new_id(), body)
    if not forum:
        return CREATED, thread.payload()
    flags = int(first.get("flags") or 0) & COMPONENTS_V2
    message = messages.build(platform, thread, platform.bot_user, first, call.files, via="thread", flags=flags)
    message.id = thread.id
    platform.add_message(thread, message)
    channel.pulse.beat()
    return CREATED, thread.payload() | {"message": message.payload()}


async def create_thread_from_message(call: Call) -> Answer:
    """POST /channels/{channel}/messages/{message}/threads: the thread takes the message's id, and is made once only."""
    channel = channel_of(call, Permission.CREATE_PUBLIC_THREADS)
    message = message_of(call, channel)
    call.check_schema().raise_if_any()
    if message.thread is not None:
        raise ApiError(400, 160004)
    thread = _new_thread(call, channel, message.id, call.body)
    message.thread = thread.payload()
    return CREATED, thread.payload()


def _new_thread(call: Call, parent: Channel, thread_id: int, body: Json) -> Channel:
    platform = call.platform
    check_open_threads(parent.guild)
    thread = channels.Channel(platform, thread_id, body["name"], parent.guild, channels.PUBLIC_THREAD, parent)
    thread.owner_id = platform.bot_user.id
    thread.auto_archive_minutes = body.get("auto_archive_duration") or thread.auto_archive_minutes
    thread.applied_tags = [str(tag) for tag in body.get("applied_tags") or []]
    if parent.guild is not None:
        parent.guild.adopt(thread)
    return thread


async def active(call: Call) -> Answer:
    """GET /guilds/{guild}/threads/active: all open threads that the bot may see, newest first."""
    seen = [thread for thread in _open(guild_of(call).threads) if thread.bot_may(Permission.VIEW_CHANNEL)]
    found = sorted(seen, key=lambda thread: thread.id, reverse=True)
    return 200, {"threads": [thread.payload() for thread in found], "members": []}


async def archived(call: Call) -> Answer:
    """GET /channels/{channel}/threads/archived/public: the latest archived first, those before a moment, by pages."""
    channel = channel_of(call, Permission.READ_MESSAGE_HISTORY)
    limit = int(call.query.get("limit", 50))
    if not LEAST_PAGE <= limit <= ARCHIVED_PAGE:
        call.refuse(("limit",), "NUMBER_TYPE_COERCE", f"Must be between {LEAST_PAGE} and {ARCHIVED_PAGE}.")
    found = sorted(
        (thread for thread in channel.threads if thread.archived), key=lambda thread: thread.archived_at, reverse=True
    )
    if "before" in call.query:
        before = datetime.fromisoformat(call.query["before"])
        found = [thread for thread in found if thread.archived_at < before]
    page = [thread.payload() for thread in found[:limit]]
    return 200, {"threads": page, "members": [], "has_more": len(found) > limit}


def _open(threads: Iterable[Channel]) -> list[Channel]:
    return [thread for thread in threads if not thread.archived]
