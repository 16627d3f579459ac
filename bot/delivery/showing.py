"""What a message shows, as it is kept, and what it answers."""

from __future__ import annotations

import json

from bot.cards import Card, card_to_json
from bot.models import Announcement, AnnouncementKind
from bot.storage.database import Connection
from bot.storage.outbox import announcements, threads


async def answered(connection: Connection, row: Announcement, thread: int | None = None) -> int | None:
    """Return the message that a row answers in the thread, or in the channel itself, where it is to stand.

    A correction answers the card that it follows, if that was ever known to stand there. What continues a procedure
    answers its first message in the channel; in a thread it answers nothing. What Discord refused as an answer stands
    by itself, as its plain card.
    """
    if row.follows is None or row.is_plain:
        return None
    match row.kind:
        case AnnouncementKind.CORRECTION:
            card = await announcements.get(connection, row.guild_id, row.follows)
            return card.message_id if card.thread_id == thread else None
        case AnnouncementKind.NOTICE | AnnouncementKind.DEADLINE | AnnouncementKind.NO_AWARD if thread is None:
            first = await threads.first_in_channel(connection, row)
            return first.message_id if first is not None else None
        case _:
            return None


def first_shown(row: Announcement) -> int:
    """Return which revision a message shows for sure that an earlier try may have sent, before it was made anew."""
    return row.revision - bool(row.remade)


def kept(card: Card) -> dict[str, object]:
    """Return what is kept of a card that is shown, as JSON."""
    as_json: dict[str, object] = json.loads(card_to_json(card))
    return as_json
