"""What is owed to Discord, and the port through which it gets there."""

from __future__ import annotations

from bot.delivery.holding_back import judge_held
from bot.delivery.outbox import STUMBLES, Delivery
from bot.delivery.port import (
    Backoff,
    DeliveryError,
    IsForumError,
    Membership,
    MessageGoneError,
    RefusedError,
    Seen,
    Sender,
    ThreadClosedError,
    ThreadForbiddenError,
    ThreadsFullError,
    TooManyRequestsError,
    UnreachableError,
    UnreadYetError,
)

__all__ = [
    "STUMBLES",
    "Backoff",
    "Delivery",
    "DeliveryError",
    "IsForumError",
    "Membership",
    "MessageGoneError",
    "RefusedError",
    "Seen",
    "Sender",
    "ThreadClosedError",
    "ThreadForbiddenError",
    "ThreadsFullError",
    "TooManyRequestsError",
    "UnreachableError",
    "UnreadYetError",
    "judge_held",
]
