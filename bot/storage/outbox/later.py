"""What came of a procedure after one of its notices, and the messages that are to say so."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from bot.models import Announcement, NoticeKind, message_url, parse_moment
from bot.storage.archive.deadlines import IS_LATER
from bot.storage.archive.twins import OF_GROUP
from bot.storage.database import Connection
from bot.storage.outbox import announcements

TOLD: Final = frozenset({NoticeKind.CHANGE, NoticeKind.AWARD, NoticeKind.CANCELLATION})
"""The kinds of notices of which the earlier messages of their procedure say that they came."""
REMADE: Final = 200
"""Messages that are made anew when such a notice comes, the newest."""


@dataclass(frozen=True, slots=True)
class Later:
    """Hold a notice that came after another one of its procedure, with the link to the message there that told it.

    `names_suppliers` tells a change of the contract from one of the call.
    """

    kind: NoticeKind
    names_suppliers: bool
    published: date | datetime
    deadline: date | datetime | None
    message_url: str | None


async def after(connection: Connection, announcement: Announcement) -> list[Later]:
    """Return what came of the procedure after the notice of an announcement, oldest first; its twins are not later."""
    rows = await connection.all(
        f"""
        SELECT says.kind, says.suppliers <> '[]' AS names_suppliers, says.deadline,
            coalesce(says.published, later.seen_at) AS published, (
                SELECT coalesce(tells.thread_id, tells.channel_id) || '/' || tells.message_id
                FROM announcement AS tells
                WHERE tells.notice_id = later.id AND +tells.guild_id = ?2 AND tells.channel_id = ?3
                    AND tells.kind = 'notice' AND tells.message_id IS NOT NULL AND NOT tells.is_withdrawn
                ORDER BY tells.id LIMIT 1
            ) AS message
        FROM notice JOIN notice_revision
            ON notice_revision.notice_id = notice.id AND notice_revision.revision = notice.revision
        JOIN notice AS later ON later.procedure = notice.procedure
        JOIN notice_revision AS says ON says.notice_id = later.id AND says.revision = later.revision
        WHERE notice.id = ?1 AND later.id NOT IN ({OF_GROUP}) AND says.kind IN ('change', 'award', 'cancellation')
            AND {IS_LATER}
        ORDER BY substr(coalesce(says.published, later.seen_at), 1, 10), later.id
        """,
        announcement.notice_id,
        announcement.guild_id,
        announcement.channel_id,
    )
    return [
        Later(
            kind=NoticeKind(row["kind"]),
            names_suppliers=bool(row["names_suppliers"]),
            published=parse_moment(row["published"]),
            deadline=parse_moment(row["deadline"]) if row["deadline"] else None,
            message_url=message_url(announcement.guild_id, *row["message"].split("/")) if row["message"] else None,
        )
        for row in rows
    ]


async def remake_earlier(connection: Connection, row: int, now: datetime) -> None:
    """Make the messages on the other notices of the procedure of a notice say that it came, in silence."""
    found = await connection.all(
        f"""
        SELECT announcement.guild_id, announcement.id FROM notice AS own
        JOIN notice ON notice.procedure = own.procedure
        JOIN announcement ON announcement.notice_id = notice.id
        WHERE own.id = ?1 AND notice.id NOT IN ({OF_GROUP}) AND announcement.kind = 'notice'
            AND announcement.state = 'sent'
        ORDER BY announcement.id DESC LIMIT {REMADE}
        """,
        row,
    )
    for one in found:
        await announcements.remake(connection, one["guild_id"], [one["id"]], now)


async def remake_continued(connection: Connection, announcement_id: int, now: datetime) -> None:
    """Make the message that a sent one continues link to it, where that is on another notice than its own."""
    row = await connection.one(
        """
        SELECT first.guild_id, first.id FROM announcement AS own CROSS JOIN announcement AS first
            ON first.guild_id = own.guild_id AND first.id = own.follows
        WHERE own.id = ? AND own.kind = 'notice' AND first.kind = 'notice' AND first.notice_id <> own.notice_id
            AND own.channel_id = first.channel_id AND first.state = 'sent'
        """,
        announcement_id,
    )
    if row is not None:
        await announcements.remake(connection, row["guild_id"], [row["id"]], now)
