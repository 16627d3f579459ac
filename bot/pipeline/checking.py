"""A check of a source that a person asked for: what it found, told in their newsroom's operations channel."""

from __future__ import annotations

from datetime import datetime

from bot.access import Action
from bot.cards import OperationsKind
from bot.models import AnnouncementKind
from bot.pipeline import PollReport
from bot.reference import AnnouncementKey
from bot.storage import newsrooms
from bot.storage.custody import audit
from bot.storage.database import Database
from bot.storage.outbox import announcements
from bot.storage.reading import sources


async def owe_check_report(
    database: Database, guild_id: int, report: PollReport, by: int, asked_id: int, now: datetime
) -> bool:
    """Owe a newsroom's operations channel the report of a check, once for `asked_id`; return whether it has one.

    The newsroom's audit log tells it either way.
    """
    async with database.tx("check.report") as connection:
        newsroom = await newsrooms.find(connection, guild_id)
        if newsroom is None:
            return False
        detail = {"read": report.tally.read, "new": report.tally.new, "error": report.error}
        subject = f"source:{report.source}"
        await audit.note(connection, guild_id, by, Action.SOURCE_CHECK, now, subject=subject, detail=detail)
        if newsroom.operations_channel is None:
            return False
        state = await sources.find(connection, report.source)
        key = AnnouncementKey(
            guild_id=guild_id,
            channel_id=newsroom.operations_channel,
            kind=AnnouncementKind.OPERATIONS,
            subject=f"{OperationsKind.CHECK_REPORT}:{report.source}:{asked_id}",
        )
        details = {
            "event": OperationsKind.CHECK_REPORT,
            "source": report.source,
            "read": report.tally.read,
            "new": report.tally.new,
            "changed": report.tally.changed,
            "losses": report.tally.losses,
            "unknown_fields": list(state.unknown_fields) if report.error is None else [],
            "error": report.error,
        }
        await announcements.owe(connection, key, now=now, details=details)
        return True
