"""What is owed to a channel or was sent there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any


class AnnouncementKind(StrEnum):
    """What an announcement is about: a notice, a tip, a fact, or the working of Vigie itself."""

    NOTICE = "notice"
    OPERATIONS = "operations"
    TIP = "tip"
    FACT = "fact"


class AnnouncementState(StrEnum):
    """How far an announcement has come; `sending` means that Discord may or may not have it."""

    PENDING = "pending"
    SENDING = "sending"
    SENT = "sent"
    SET_ASIDE = "set_aside"


@dataclass(frozen=True, slots=True, kw_only=True)
class Announcement:
    """Hold a message that is owed to a channel or was sent there.

    `notice_id`, `tip_id` and `fact_id` are our rows of what it shows, one at most; `follows` the announcement of the
    same procedure that this one continues; `details` what a card cannot find elsewhere. An edit is due while
    `shown_revision` is below `due_revision`; the revisions of a tip or a fact there are its changes.
    """

    id: int
    guild_id: int
    channel_id: int
    kind: AnnouncementKind
    subject: str
    revision: int
    notice_id: int | None
    tip_id: int | None
    fact_id: int | None
    follows: int | None
    details: dict[str, Any]
    code: str
    nonce: str
    state: AnnouncementState
    is_plain: bool
    reason: str | None
    tries: int
    created_at: datetime
    first_try_at: datetime | None
    next_try_at: datetime
    sent_at: datetime | None
    message_id: int | None
    shown: dict[str, Any] | None
    shown_revision: int | None
    due_revision: int
