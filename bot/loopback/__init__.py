"""A loopback Discord that a real, unmodified discord.py client logs in to.

One aiohttp server on 127.0.0.1 speaks the REST half and the gateway half of Discord's API v10; people are objects whose
methods do what a person does in the real client. Deadlines, limits, permissions, nonces and rate limits are
enforced, and every kind of fault can be injected. Nothing here imports the rest of `bot/`, and only
`bot.loopback.launcher` imports discord.

The names below are the public face; they load when first used, because checking request bodies needs `jsonschema`,
which an installation without the development tools does not have.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bot.loopback.buckets import RateLimit
    from bot.loopback.channels import Channel
    from bot.loopback.faults import Fault, FaultKind, FaultPlan, Faults
    from bot.loopback.filling import PersonCannot
    from bot.loopback.guilds import Guild
    from bot.loopback.people import Member
    from bot.loopback.permissions import Permission
    from bot.loopback.platform import Platform
    from bot.loopback.replies import Choice, NoAnswer, Reply
    from bot.loopback.server import RecordedRequest
    from bot.loopback.state import Attachment, Message, Role, User

_HOME = {
    "Attachment": "state",
    "Channel": "channels",
    "Choice": "replies",
    "Fault": "faults",
    "FaultKind": "faults",
    "FaultPlan": "faults",
    "Faults": "faults",
    "Guild": "guilds",
    "Member": "people",
    "Message": "state",
    "NoAnswer": "replies",
    "Permission": "permissions",
    "PersonCannot": "filling",
    "Platform": "platform",
    "RateLimit": "buckets",
    "RecordedRequest": "server",
    "Reply": "replies",
    "Role": "state",
    "User": "state",
}

__all__ = [
    "Attachment",
    "Channel",
    "Choice",
    "Fault",
    "FaultKind",
    "FaultPlan",
    "Faults",
    "Guild",
    "Member",
    "Message",
    "NoAnswer",
    "Permission",
    "PersonCannot",
    "Platform",
    "RateLimit",
    "RecordedRequest",
    "Reply",
    "Role",
    "User",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
