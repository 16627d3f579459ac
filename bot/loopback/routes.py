"""Which handler serves which path; everything else is answered 501 and fails the test."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from bot.loopback import rest, threads

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from bot.loopback.platform import Platform
    from bot.loopback.server import Answer, Call

    Handler = Callable[[Call], Awaitable[Answer]]


class Route(NamedTuple):
    """One operation: its method, templated path, handler, and whether it wants the bot's token."""

    method: str
    path: str
    handler: Handler
    token: bool
    pattern: re.Pattern[str]


def table(platform: Platform) -> list[Route]:
    """Return every operation of the loopback, literal paths before templated ones."""
    interactions = platform.interactions
    commands = "/applications/{application_id}/commands"
    guild_commands = "/applications/{application_id}/guilds/{guild_id}/commands"
    channel = "/channels/{channel_id}"
    message = "/channels/{channel_id}/messages/{message_id}"
    webhook = "/webhooks/{webhook_id}/{webhook_token}"
    with_token: list[tuple[str, str, Handler]] = [
        ("GET", "/users/@me", rest.me),
        ("POST", "/users/@me/channels", rest.open_private),
        ("GET", "/users/{user_id}", rest.get_user),
        ("GET", "/oauth2/applications/@me", rest.application),
        ("GET", commands, rest.get_commands),
        ("PUT", commands, rest.put_commands),
        ("GET", guild_commands, rest.get_commands),
        ("PUT", guild_commands, rest.put_commands),
        ("GET", channel, rest.get_channel),
        ("PATCH", channel, rest.patch_channel),
        ("GET", f"{channel}/messages", rest.history),
        ("POST", f"{channel}/messages", rest.create_message),
        ("POST", f"{channel}/threads", threads.create_thread),
        ("GET", f"{channel}/threads/archived/public", threads.archived),
        ("POST", f"{channel}/typing", rest.typing),
        ("GET", message, rest.get_message),
        ("PATCH", message, rest.patch_message),
        ("DELETE", message, rest.delete_message),
        ("POST", f"{message}/threads", threads.create_thread_from_message),
        ("GET", "/guilds/{guild_id}", rest.get_guild),
        ("GET", "/guilds/{guild_id}/threads/active", threads.active),
        ("GET", "/guilds/{guild_id}/channels", rest.get_guild_channels),
        ("GET", "/guilds/{guild_id}/roles", rest.get_guild_roles),
        ("GET", "/guilds/{guild_id}/members/{user_id}", rest.get_guild_member),
    ]
    by_interaction: list[tuple[str, str, Handler]] = [
        ("POST", "/interactions/{interaction_id}/{interaction_token}/callback", interactions.callback),
        ("POST", webhook, interactions.follow_up),
        ("GET", f"{webhook}/messages/{{message_id}}", interactions.get),
        ("PATCH", f"{webhook}/messages/{{message_id}}", interactions.edit),
        ("DELETE", f"{webhook}/messages/{{message_id}}", interactions.delete),
    ]
    groups = ((with_token, True), (by_interaction, False))
    return [
        Route(method, path, handler, token, _pattern(path))
        for entries, token in groups
        for method, path, handler in entries
    ]


def _pattern(path: str) -> re.Pattern[str]:
    parts = re.split(r"\{(\w+)\}", path)
    text = "".join(re.escape(part) if index % 2 == 0 else _group(part) for index, part in enumerate(parts))
    return re.compile(text)


def _group(name: str) -> str:
    digits = name.endswith("_id") and name != "message_id"
    kind = r"[0-9]{1,20}" if digits else r"[0-9]{1,20}|@original" if name == "message_id" else "[^/]+"
    return f"(?P<{name}>{kind})"
