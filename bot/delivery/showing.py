"""What a message shows, as it is kept, and what it answers."""

from __future__ import annotations

import json

from bot.cards import Card, card_to_json
from bot.models import Announcement, AnnouncementKind
from bot.storage.database import Connection
from bot.storage.outbox import announcements


async def answered(connection: Connection, row: Announcement) -> int | None:
    """Return the message that a correction answers: the card that it follows, if that was ever known to stand there.

    What Discord refused as an answer stands by itself, as its plain card.
    """
    if row.kind is not AnnouncementKind.CORRECTION or row.follows is None or row.is_plain:
        return None
    return (await announcements.get(connection, row.guild_id, row.follows)).message_id


def first_shown(row: Announcement) -> int:
    """Return which revision a message shows for sure that an earlier try may have sent, before it was made anew."""
    return row.revision - bool(row.remade)


def kept(card: Card) -> dict[str, object]:
    """Return what is kept of a card that is shown, as JSON."""
    as_json: dict[str, object] = json.loads(card_to_json(card))
    return as_json
