"""The quiet hours of a newsroom: when they end, and which messages wait for that."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any, Final
from zoneinfo import ZoneInfo

from bot.cards import OperationsKind
from bot.models import AnnouncementKind, Newsroom

WAITING_KINDS: Final = frozenset(
    {
        AnnouncementKind.NOTICE,
        AnnouncementKind.STORM,
        AnnouncementKind.DEADLINE,
        AnnouncementKind.NO_AWARD,
        AnnouncementKind.REMINDER,
    }
)
"""What Vigie found by itself. What people log waits for nothing, nor does a digest, which they scheduled."""
WAITING_EVENTS: Final = frozenset(
    {
        OperationsKind.SOURCE_FAILING,
        OperationsKind.SOURCE_RECOVERED,
        OperationsKind.SOURCE_SILENT,
        OperationsKind.SOURCE_DEGRADED,
        OperationsKind.ITEMS_SILENT,
        OperationsKind.ITEMS_NOISY,
        OperationsKind.EXPORT_OUTDATED,
    }
)
"""What of the operations channel asks for nothing that night: not what people wait for, and no channel that is lost."""

_DAY: Final = timedelta(days=1)
_SECOND: Final = timedelta(seconds=1)


def waits(kind: AnnouncementKind, details: Mapping[str, Any]) -> bool:
    """Return whether an announcement of a kind, with its details, waits for the end of quiet hours."""
    if kind is AnnouncementKind.OPERATIONS:
        return details.get("event") in WAITING_EVENTS
    return kind in WAITING_KINDS


def quiet_end(newsroom: Newsroom, now: datetime) -> datetime | None:
    """Return when the quiet hours end that the aware moment `now` is in, in UTC; None outside of them.

    They go from the first moment at which the clocks of the newsroom show the start, or what follows where they skip
    it, to the first one at which they show the end. A start after the end is that of the evening before.
    """
    if newsroom.quiet_from is None or newsroom.quiet_until is None:
        return None
    start, end = time.fromisoformat(newsroom.quiet_from), time.fromisoformat(newsroom.quiet_until)
    zone = ZoneInfo(newsroom.timezone)
    today = now.astimezone(zone).date()
    reached = None
    # A night that the clocks cut short may end when the next one begins.
    for days in range(-2, 3):
        day = today + days * _DAY
        began = first_shown(day, start, zone)
        ended = first_shown(day if start < end else day + _DAY, end, zone)
        if began <= (reached or now) < ended:
            reached = ended
    return reached


def first_shown(day: date, at: time, zone: tzinfo) -> datetime:
    """Return the first moment, in UTC, at which the clocks of a zone show a time of a day, or a later one for it."""
    local = datetime.combine(day, at, zone)
    moment = local.astimezone(UTC)
    if moment.astimezone(zone).replace(tzinfo=None) == local.replace(tzinfo=None):
        return moment
    # The clocks skip it: with the offset from after the gap it lies before the gap, with that from before it behind.
    before, behind = local.replace(fold=1).astimezone(UTC), moment
    while behind - before > _SECOND:
        middle = before + (behind - before) // 2
        if middle.astimezone(zone).utcoffset() == behind.astimezone(zone).utcoffset():
            behind = middle
        else:
            before = middle
    return behind.replace(microsecond=0)
