"""What is owed to a channel or was sent there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any


def message_url(guild_id: int, channel_id: int | str, message_id: int | str) -> str:
    """Return the link to a message of Discord's."""
    return f"https://discord.com/channels/{guild_id}/{channel_id}/{message_id}"


class AnnouncementKind(StrEnum):
    """What an announcement is about: a notice, a tip, a fact, the working of Vigie itself, or many hits at once.

    A storm tells of hits that were too many for one message each, a digest of what happened since the last one. A
    correction answers the card of a fact that changed, a reminder is for one person alone. That the deadline of a
    procedure comes near, or that long after it there is no award, answers the message that it follows.
    """

    NOTICE = "notice"
    OPERATIONS = "operations"
    TIP = "tip"
    FACT = "fact"
    DIGEST = "digest"
    STORM = "storm"
    CORRECTION = "correction"
    REMINDER = "reminder"
    DEADLINE = "deadline"
    NO_AWARD = "no_award"


class AnnouncementState(StrEnum):
    """How far an announcement has come; `sending` means that Discord may or may not have it.

    `withdrawn` means that it certainly no longer stands in its channel.
    """

    PENDING = "pending"
    SENDING = "sending"
    SENT = "sent"
    SET_ASIDE = "set_aside"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True, kw_only=True)
class Announcement:
    """Hold a message that is owed to a channel or was sent there.

    `notice_id`, `tip_id`, `fact_id` and `digest_id` are our rows of what it shows, one at most; `follows` the
    announcement of the same procedure that this one continues; `details` what a card cannot find elsewhere. An edit is
    due while `shown_revision` is below `due_revision`; the revisions of a tip or a fact there are its changes. It was
    `remade` so often at one revision because what it shows had changed. `polled` is the source whose poll found it and
    is not over: until then it is not sent, nor before `held_until`. What `is_withdrawn` is to be taken out of its
    channel. It stands in the thread `thread_id` of the channel, where that is not None; the post of a forum is one.
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
    digest_id: int | None
    follows: int | None
    details: dict[str, Any]
    polled: str | None
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
    remade: int
    is_withdrawn: bool = False
    held_until: datetime | None = None
    thread_id: int | None = None

    @property
    def url(self) -> str | None:
        """Return the link to its message, once Discord has it."""
        if self.message_id is None:
            return None
        return message_url(self.guild_id, self.thread_id or self.channel_id, self.message_id)
