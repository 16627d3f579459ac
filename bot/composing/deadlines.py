"""From the procedures that a message lists, as they now stand, to the card that lists their deadlines."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Any

from bot.cards.card import Card
from bot.cards.deadlines import NearDeadline, deadlines_card
from bot.locales import Texts
from bot.models import Announcement, AnnouncementState, parse_moment
from bot.storage.archive import deadlines, notices
from bot.storage.archive.deadlines import day_of, is_past
from bot.storage.database import Connection
from bot.storage.outbox import announcements, follow_ups
from bot.storage.outbox.announcements import Place
from bot.storage.watching import follows


async def listed_deadlines(
    connection: Connection, texts: Texts, announcement: Announcement, now: datetime
) -> tuple[Card, bool]:
    """Return the card of a message that lists deadlines, and whether none of them comes near any more.

    Before it is sent it leaves out what a reminder of its own would not be sent for.
    """
    is_sent = announcement.state is AnnouncementState.SENT
    near = [
        found
        for one in announcement.details["listed"]
        if (found := await _near(connection, texts, announcement.guild_id, one, now, is_sent=is_sent)) is not None
    ]
    card = await asyncio.to_thread(deadlines_card, texts, near, announcement.code, is_plain=announcement.is_plain)
    return card, not near


async def _near(
    connection: Connection, texts: Texts, guild_id: int, one: dict[str, Any], now: datetime, *, is_sent: bool
) -> NearDeadline | None:
    """Return a deadline of the list, None where it is no longer so, or nobody follows it where it was announced."""
    first = await announcements.get(connection, guild_id, one["follows"])
    row, told = first.notice_id or 0, parse_moment(one["deadline"])
    stands = await deadlines.standing(connection, row)
    shown = stands.notice_row or row
    notice = (await notices.latest(connection, [shown]))[shown]
    if is_sent:
        return NearDeadline(told, notice, first.url)
    if stands.deadline is None or stands.ended_by is not None or is_past(stands.deadline, now, texts.zone):
        return None
    if day_of(stands.deadline, texts.zone) != day_of(told, texts.zone):
        return None
    place = Place(guild_id, first.channel_id)
    is_followed = await follow_ups.items_of(connection, place, row, now) or await follows.standing(
        connection, guild_id, row, first.channel_id
    )
    return NearDeadline(stands.deadline, notice, first.url) if is_followed else None
