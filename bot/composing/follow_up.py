"""From the procedure that a message comes back to, as it now stands, to the card that says so."""

from __future__ import annotations

import asyncio
from datetime import datetime

from bot.cards.card import Card
from bot.cards.follow_up import FollowUpContent, follow_up_card, follow_up_fallback_card
from bot.composing.afterwards import continued
from bot.locales import Texts
from bot.models import Announcement, AnnouncementKind, Notice, parse_moment
from bot.sources import label_of
from bot.storage.archive import deadlines, notices
from bot.storage.archive.deadlines import Standing, day_of, is_past
from bot.storage.database import Connection
from bot.storage.outbox import announcements, follow_ups
from bot.storage.outbox.announcements import Place
from bot.storage.watching import follows
from bot.watchlist.announced import unnamed
from bot.watchlist.taking import shown_on


async def follow_up(
    connection: Connection, texts: Texts, announcement: Announcement, now: datetime
) -> tuple[Card, bool]:
    """Return the card of a reminder or an alarm, and whether it is no longer true: such a one is not sent.

    That is so once the procedure was awarded or cancelled, its deadline moved to another day, that of a reminder is
    over, or nobody follows it there any more. Raises LookupError where its notice is not stored.
    """
    content, stands = await _content(connection, texts, announcement, now)
    is_over = (
        content.ended_by is not None
        or stands.deadline is None
        or content.moved_to is not None
        or (not content.is_alarm and is_past(content.deadline, now, texts.zone))
        or not (content.items or content.follow)
    )
    make = follow_up_fallback_card if announcement.is_plain else follow_up_card
    return await asyncio.to_thread(make, texts, content, now), is_over


async def _content(
    connection: Connection, texts: Texts, announcement: Announcement, now: datetime
) -> tuple[FollowUpContent, Standing]:
    guild_id, channel_id = announcement.guild_id, announcement.channel_id
    first = await announcements.get(connection, guild_id, announcement.follows or 0)
    row = first.notice_id or 0
    stands = await deadlines.standing(connection, row)
    told = parse_moment(announcement.details["deadline"])
    is_alarm = announcement.kind is AnnouncementKind.NO_AWARD
    is_same_day = stands.deadline is not None and day_of(stands.deadline, texts.zone) == day_of(told, texts.zone)
    deadline = stands.deadline if stands.deadline is not None and is_same_day else told
    notice = await _latest(connection, stands.notice_row or row)
    # It may have been led to another channel than that where its procedure was announced.
    items = await follow_ups.items_of(connection, Place(guild_id, first.channel_id), row, now)
    takes, is_taken = await shown_on(connection, announcement)
    ended_by = stands.ever_ended_by if is_alarm else stands.ended_by
    content = FollowUpContent(
        is_alarm=is_alarm,
        notice=notice,
        source_label=label_of(notice.source),
        deadline=deadline,
        code=announcement.code,
        follows=await continued(connection, announcement),
        moved_to=stands.deadline if not is_same_day else None,
        ended_by=await _latest(connection, ended_by) if ended_by is not None else None,
        items=tuple(name for _, name in items),
        follow=await follows.standing(connection, guild_id, row, channel_id)
        or await follows.standing(connection, guild_id, row, first.channel_id),
        takes=takes,
        is_taken=is_taken,
        unnamed=await unnamed(connection, first),
    )
    return content, stands


async def _latest(connection: Connection, row: int) -> Notice:
    found = (await notices.latest(connection, [row])).get(row)
    if found is None:
        raise LookupError(f"no notice {row}")
    return found
