"""Discord's permission bits and how overwrites combine, as far as the loopback enforces them."""

from __future__ import annotations

from enum import IntFlag
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


class Permission(IntFlag):
    """One bit a permission, with Discord's own numbers (docs: topics/permissions)."""

    KICK_MEMBERS = 1 << 1
    BAN_MEMBERS = 1 << 2
    ADMINISTRATOR = 1 << 3
    MANAGE_CHANNELS = 1 << 4
    MANAGE_GUILD = 1 << 5
    VIEW_CHANNEL = 1 << 10
    SEND_MESSAGES = 1 << 11
    MANAGE_MESSAGES = 1 << 13
    EMBED_LINKS = 1 << 14
    ATTACH_FILES = 1 << 15
    READ_MESSAGE_HISTORY = 1 << 16
    MENTION_EVERYONE = 1 << 17
    MANAGE_ROLES = 1 << 28
    MANAGE_WEBHOOKS = 1 << 29
    USE_APPLICATION_COMMANDS = 1 << 31
    MANAGE_THREADS = 1 << 34
    CREATE_PUBLIC_THREADS = 1 << 35
    CREATE_PRIVATE_THREADS = 1 << 36
    SEND_MESSAGES_IN_THREADS = 1 << 38


ALL = Permission((1 << 53) - 1)

EVERYONE = (
    Permission.VIEW_CHANNEL
    | Permission.SEND_MESSAGES
    | Permission.EMBED_LINKS
    | Permission.ATTACH_FILES
    | Permission.READ_MESSAGE_HISTORY
    | Permission.USE_APPLICATION_COMMANDS
    | Permission.CREATE_PUBLIC_THREADS
    | Permission.SEND_MESSAGES_IN_THREADS
)

BOT = Permission(309237763072)
"""What Vigie asks an administrator to grant: see, write, embed, attach, read history, use and make threads."""


def named(name: str) -> Permission:
    """Return the permission with that name in lower case, as `send_messages`; ValueError when there is none."""
    try:
        return Permission[name.upper()]
    except KeyError:
        raise ValueError(f"no such permission: {name}") from None


def in_channel(
    base: int, overwrites: Iterable[dict[str, Any]], *, everyone_id: int, role_ids: Sequence[int], user_id: int
) -> int:
    """Return the bits left in a channel after its overwrites, in Discord's order: everyone, roles, then the member."""
    if base & Permission.ADMINISTRATOR:
        return ALL
    by_id = {int(overwrite["id"]): overwrite for overwrite in overwrites}
    bits = base
    if everyone_id in by_id:
        bits = bits & ~int(by_id[everyone_id]["deny"]) | int(by_id[everyone_id]["allow"])
    deny = allow = 0
    for role_id in role_ids:
        if role_id in by_id and role_id != everyone_id:
            deny |= int(by_id[role_id]["deny"])
            allow |= int(by_id[role_id]["allow"])
    bits = bits & ~deny | allow
    if user_id in by_id:
        bits = bits & ~int(by_id[user_id]["deny"]) | int(by_id[user_id]["allow"])
    return bits if bits & Permission.VIEW_CHANNEL else 0
