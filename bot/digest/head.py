"""When a digest names the last entry of the audit log: once a week, so that what is printed can be compared."""

from __future__ import annotations

from datetime import datetime, time, timedelta, tzinfo
from typing import Final

from bot.models import AuditHead, Digest, Every, Slot
from bot.storage.custody import audit
from bot.storage.database import Connection
from bot.storage.digesting import digests

_OFTEN: Final = {Every.DAILY, Every.WEEKDAYS}
_WEEK: Final = timedelta(days=7)


async def head_of(
    connection: Connection, digest: Digest, slot: Slot | None, zone: tzinfo, now: datetime
) -> AuditHead | None:
    """Return the last entry of the audit log where a digest is to name it, else None.

    A digest of a whole channel does: one of a day of the week at each of its slots, any other when it is the first of
    its channel that is made in a week from Monday on (ISO 8601).
    """
    if digest.dossier_id is not None:
        return None
    if digest.every in _OFTEN:
        first, end = _week_of(now, zone)
        is_due = not await digests.has_told_head(connection, digest, first, end)
    else:
        is_due = slot is not None
    return await audit.head(connection, digest.guild_id) if is_due else None


def _week_of(now: datetime, zone: tzinfo) -> tuple[datetime, datetime]:
    """Return when the week of a moment begins and ends in a zone."""
    today = now.astimezone(zone).date()
    monday = today - timedelta(days=today.weekday())
    return datetime.combine(monday, time(), zone), datetime.combine(monday + _WEEK, time(), zone)
