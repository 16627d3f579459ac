"""What a desk does with what it is told: who looks into a notice, and which procedures are followed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Take:
    """Hold that somebody looks into a notice for a watch item, or into one that no item names (None).

    It ended when it was given back, by that person or by an editor. `notice_id` is our row of the notice.
    """

    id: int
    guild_id: int
    notice_id: int
    item_id: int | None
    taken_by: int
    taken_at: datetime
    ended_by: int | None = None
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Follow:
    """Hold that somebody wants all that comes of a procedure announced in a channel, whatever items name.

    The procedure is that of the notice `notice_id`, our row of it.
    """

    id: int
    guild_id: int
    notice_id: int
    channel_id: int
    followed_by: int
    followed_at: datetime
    ended_by: int | None = None
    ended_at: datetime | None = None
