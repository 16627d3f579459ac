"""Reminders: who was asked or told what, about which tip or fact, by which announcement."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from datetime import datetime

from bot.models import (
    Reminded,
    RemindedTip,
    ReminderEnding,
    ReminderReason,
    TipChangeKind,
    TipStatus,
    message_url,
)
from bot.storage._values import to_moment, to_text
from bot.storage.database import Connection
from bot.storage.outbox import announcements


async def note(
    connection: Connection, guild_id: int, reminded: Iterable[Reminded], announcement_id: int | None
) -> None:
    """Note of whom is reminded of what, by an announcement, or (None) when that person next uses the bot; once each."""
    for one in reminded:
        await connection.run(
            """
            INSERT INTO reminder (guild_id, person, reason, tip_id, fact_id, number, announcement_id, made_at)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING
            """,
            guild_id,
            one.person,
            one.reason,
            one.tip_id,
            one.fact_id,
            one.number,
            announcement_id,
            to_text(one.made_at),
        )


async def wish(connection: Connection, guild_id: int, tip_id: int, by: int, now: datetime) -> None:
    """Note that somebody wishes a tip erased: editors are asked, unless something is done with it first."""
    await connection.run(
        """
        INSERT INTO reminder (guild_id, person, reason, tip_id, number, made_at, told_at)
        SELECT guild_id, ?, 'wish', tip_id, max(number), ?, ? FROM tip_change WHERE guild_id = ? AND tip_id = ?
        GROUP BY tip_id ON CONFLICT DO NOTHING
        """,
        str(by),
        to_text(now),
        to_text(now),
        guild_id,
        tip_id,
    )


async def tips_of(connection: Connection, guild_id: int, announcement_id: int) -> list[RemindedTip]:
    """Return the tips that an announcement reminds of, as they now stand: by number, with no word of theirs.

    Those asked for longest come first; open is what nothing was done with since, and that person was not asked again.
    """
    rows = await connection.all(
        """
        SELECT reminder.tip_id, reminder.reason, tip.status, tip.erased_at,
            tip.is_sensitive OR tip.embargo_until IS NOT NULL AS hidden,
            coalesce((SELECT max(made_at, coalesce(tip.kept_at, '')) FROM tip_change
                WHERE tip_change.tip_id = reminder.tip_id AND tip_change.number = reminder.number),
                reminder.made_at) AS since,
            (SELECT kind || '/' || made_at FROM tip_change WHERE tip_change.tip_id = reminder.tip_id
                AND tip_change.number > reminder.number ORDER BY tip_change.number DESC LIMIT 1) AS change,
            (SELECT min(again.made_at) FROM reminder AS again WHERE again.guild_id = ?1
                AND again.tip_id = reminder.tip_id AND again.number = reminder.number
                AND again.person = reminder.person AND again.announcement_id > ?2) AS asked_again_at,
            coalesce(tip.owner, tip.logged_by) AS held_by,
            (SELECT coalesce(card.thread_id, card.channel_id) || '/' || message_id FROM announcement AS card
                WHERE card.guild_id = ?1 AND card.tip_id = reminder.tip_id AND card.state = 'sent'
                    AND card.message_id IS NOT NULL ORDER BY card.id LIMIT 1) AS card,
            (SELECT person FROM reminder AS wish WHERE wish.guild_id = ?1 AND wish.tip_id = reminder.tip_id
                AND wish.number = reminder.number AND wish.reason = 'wish' ORDER BY wish.id LIMIT 1) AS wished_by
        FROM reminder JOIN tip ON tip.guild_id = reminder.guild_id AND tip.id = reminder.tip_id
        WHERE reminder.guild_id = ?1 AND reminder.announcement_id = ?2
        ORDER BY since, reminder.tip_id
        """,
        guild_id,
        announcement_id,
    )
    return [_reminded_tip(guild_id, row) for row in rows]


async def hidden_of(connection: Connection, guild_id: int, announcement_id: int) -> set[int]:
    """Return which of the tips that an announcement reminds of are hidden from others now."""
    rows = await connection.all(
        """
        SELECT tip.id FROM reminder JOIN tip ON tip.guild_id = reminder.guild_id AND tip.id = reminder.tip_id
        WHERE reminder.guild_id = ? AND reminder.announcement_id = ?
            AND (tip.is_sensitive OR tip.embargo_until IS NOT NULL)
        """,
        guild_id,
        announcement_id,
    )
    return {row["id"] for row in rows}


async def of_announcement(connection: Connection, guild_id: int, announcement_id: int) -> list[Reminded]:
    """Return all that an announcement reminds of."""
    rows = await connection.all(
        "SELECT * FROM reminder WHERE guild_id = ? AND announcement_id = ? ORDER BY id", guild_id, announcement_id
    )
    return [read_row(row) for row in rows]


async def reword_older(connection: Connection, guild_id: int, announcement_id: int, now: datetime) -> None:
    """Make older reminders say of what this one asks their person again; belongs into the transaction that notes it."""
    rows = await connection.all(
        """
        SELECT DISTINCT announcement.id FROM reminder JOIN reminder AS older
            ON older.guild_id = reminder.guild_id AND older.tip_id = reminder.tip_id
                AND older.number = reminder.number AND older.person = reminder.person
                AND older.announcement_id < reminder.announcement_id
        JOIN announcement ON announcement.guild_id = older.guild_id AND announcement.id = older.announcement_id
        WHERE reminder.guild_id = ? AND reminder.announcement_id = ? AND announcement.message_id IS NOT NULL
        """,
        guild_id,
        announcement_id,
    )
    await announcements.remake(connection, guild_id, [row["id"] for row in rows], now)


async def reword(connection: Connection, guild_id: int, tip_id: int, now: datetime) -> None:
    """Make the reminders that name a tip say how it stands now; belongs into the transaction of the change."""
    rows = await connection.all(
        """
        SELECT DISTINCT reminder.announcement_id AS id FROM reminder JOIN announcement
            ON announcement.guild_id = reminder.guild_id AND announcement.id = reminder.announcement_id
        WHERE reminder.guild_id = ? AND reminder.tip_id = ? AND announcement.message_id IS NOT NULL
        """,
        guild_id,
        tip_id,
    )
    await announcements.remake(connection, guild_id, [row["id"] for row in rows], now)


def read_row(row: sqlite3.Row) -> Reminded:
    """Return what a row of the table of reminders holds."""
    return Reminded(
        person=row["person"],
        reason=ReminderReason(row["reason"]),
        number=row["number"],
        made_at=to_moment(row["made_at"]),
        tip_id=row["tip_id"],
        fact_id=row["fact_id"],
    )


def _reminded_tip(guild_id: int, row: sqlite3.Row) -> RemindedTip:
    reason = ReminderReason(row["reason"])
    wished_by = int(row["wished_by"]) if row["wished_by"] is not None else None
    if reason is ReminderReason.UNANSWERED and wished_by is not None:
        reason = ReminderReason.WISH
    ending, ended_at = _ending(row)
    return RemindedTip(
        tip_id=row["tip_id"],
        reason=reason,
        status=TipStatus(row["status"]),
        since=to_moment(row["since"]),
        held_by=row["held_by"],
        ending=ending,
        ended_at=ended_at,
        url=message_url(guild_id, *row["card"].split("/")) if row["card"] and not row["hidden"] else None,
        wished_by=wished_by if reason is ReminderReason.WISH else None,
    )


def _ending(row: sqlite3.Row) -> tuple[ReminderEnding | None, datetime | None]:
    """Return how and when the question of a line of a reminder ended; what was done last with the tip says it."""
    if row["erased_at"] is not None:
        return ReminderEnding.ERASED, to_moment(row["erased_at"])
    if row["change"] is not None:
        kind, made_at = row["change"].split("/")
        ending = ReminderEnding.KEPT if TipChangeKind(kind) is TipChangeKind.KEPT else ReminderEnding.CHANGED
        return ending, to_moment(made_at)
    if row["asked_again_at"] is not None:
        return ReminderEnding.ASKED_AGAIN, to_moment(row["asked_again_at"])
    return None, None
