"""From the references that an announcement keeps to the card that it shows."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.cards import (
    AnnouncementContent,
    Card,
    Change,
    Event,
    OperationsKind,
    ShownHit,
    announcement_card,
    fallback_card,
    operations_card,
)
from bot.locales import Language, Texts
from bot.models import Announcement, AnnouncementKind, Newsroom
from bot.sources import label_of
from bot.storage import announcements, hits, newsrooms, notices
from bot.storage.database import Connection


@dataclass(frozen=True, slots=True)
class Composed:
    """Hold a card and the revision of the notice that it shows."""

    card: Card
    revision: int


def texts_of(newsroom: Newsroom) -> Texts:
    """Return the texts of a newsroom: its language, and times in its zone."""
    return Texts(Language(newsroom.language), ZoneInfo(newsroom.timezone))


async def compose(connection: Connection, announcement: Announcement, now: datetime) -> Composed:
    """Make the card that an announcement shows at its due revision, as of now.

    A plain announcement gets the short fallback card. Raises LookupError when what it refers to is not stored.
    """
    newsroom = await newsrooms.find(connection, announcement.guild_id)
    if newsroom is None:
        raise LookupError(f"no newsroom {announcement.guild_id}")
    texts = texts_of(newsroom)
    if announcement.kind is AnnouncementKind.OPERATIONS or announcement.notice_id is None:
        details = announcement.details
        values = {**details, "label": label_of(details["source"])} if "source" in details else details
        kind = OperationsKind(details["event"])
        return Composed(operations_card(texts, kind, values, announcement.code, now), 1)
    revision = announcement.due_revision
    content = AnnouncementContent(
        notice=(notice := await notices.get(connection, announcement.notice_id, revision)),
        event=Event.REVISED if announcement.details.get("changes") else Event.NEW,
        code=announcement.code,
        source_label=label_of(notice.source),
        hits=tuple(
            ShownHit(stored.item_name, stored.hit.kind, stored.hit)
            for stored in await hits.of_announcement(connection, announcement.guild_id, announcement.id, revision)
        ),
        changes=tuple(Change(**change) for change in announcement.details.get("changes", ())),
        follows=await _code_of(connection, announcement),
    )
    if announcement.is_plain:
        return Composed(await asyncio.to_thread(fallback_card, texts, content), revision)
    return Composed(await asyncio.to_thread(announcement_card, texts, content, now), revision)


async def _code_of(connection: Connection, announcement: Announcement) -> str | None:
    """Return the code of the announcement that this one continues."""
    if announcement.follows is None:
        return None
    return (await announcements.get(connection, announcement.guild_id, announcement.follows)).code
