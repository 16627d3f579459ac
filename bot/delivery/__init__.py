"""What is owed to Discord, and the port through which it gets there."""

from __future__ import annotations

from bot.delivery.outbox import STUMBLES, Delivery
from bot.delivery.port import (
    Backoff,
    DeliveryError,
    Membership,
    MessageGoneError,
    RefusedError,
    Seen,
    Sender,
    TooManyRequestsError,
    UnreachableError,
    UnreadYetError,
)

__all__ = [
    "STUMBLES",
    "Backoff",
    "Delivery",
    "DeliveryError",
    "Membership",
    "MessageGoneError",
    "RefusedError",
    "Seen",
    "Sender",
    "TooManyRequestsError",
    "UnreachableError",
    "UnreadYetError",
]
