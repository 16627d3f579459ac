"""The newest deadline of a procedure, and what ended it: its award or its cancellation."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from typing import Final

from bot.models import parse_moment
from bot.storage.archive.twins import OF_SERIES
from bot.storage.database import Connection

IS_LATER: Final = """
    (substr(coalesce(says.published, later.seen_at), 1, 10), later.id)
    > (substr(coalesce(notice_revision.published, notice.seen_at), 1, 10), notice.id)
"""
"""Whether another notice of a procedure is newer: published on a later day, of one day read later.

One that does not say when it was published was on the day on which it was read: of any notices one is the newest.
"""

_OTHER: Final = """
    SELECT 1 FROM notice AS later JOIN notice_revision AS says
        ON says.notice_id = later.id AND says.revision = later.revision
    WHERE later.procedure = notice.procedure
"""
_ENDS: Final = "('award', 'cancellation')"

IS_NEWEST: Final = f"""
    (coalesce(notice_revision.kind, '') NOT IN {_ENDS} AND notice_revision.deadline IS NOT NULL
        AND NOT EXISTS ({_OTHER} AND says.deadline IS NOT NULL AND coalesce(says.kind, '') NOT IN {_ENDS}
            AND {IS_LATER}))
"""
"""Whether the deadline of a notice in its newest revision is the newest of its procedure; one without stands alone."""

IS_OPEN: Final = f"(NOT EXISTS ({_OTHER} AND says.kind IN {_ENDS} AND {IS_LATER}))"
"""Whether a procedure was neither awarded nor cancelled since a notice of it."""

NEVER_ENDED: Final = f"(NOT EXISTS ({_OTHER} AND says.kind IN {_ENDS}))"
"""Whether a procedure was neither awarded nor cancelled at all."""

LATEST_END: Final = f"""
    SELECT later.id FROM notice AS later JOIN notice_revision AS says
        ON says.notice_id = later.id AND says.revision = later.revision
    WHERE later.procedure = {{procedure}} AND says.kind IN {_ENDS}
    ORDER BY substr(coalesce(says.published, later.seen_at), 1, 10) DESC, later.id DESC LIMIT 1
"""
"""Our row of the notice that awarded or cancelled a procedure last."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Hold how the procedure of a notice stands.

    `notice_row` is our row of the notice that names its newest `deadline`, both None where none does. `ended_by` is our
    row of the award or the cancellation that came since, `ever_ended_by` that of the last one that ever came.
    """

    notice_row: int | None
    deadline: date | datetime | None
    ended_by: int | None
    ever_ended_by: int | None


async def standing(connection: Connection, notice_row: int) -> Standing:
    """Return how the procedure of a stored notice stands; one without a procedure stands alone."""
    ever = await connection.one(LATEST_END.format(procedure="(SELECT procedure FROM notice WHERE id = ?1)"), notice_row)
    ended = int(ever["id"]) if ever is not None else None
    row = await connection.one(
        f"""
        SELECT notice.id, notice_revision.deadline, {IS_OPEN} AS is_open
        FROM notice CROSS JOIN notice_revision ON notice_revision.notice_id = notice.id
            AND notice_revision.revision = notice.revision
        WHERE notice.id IN ({OF_SERIES}) AND {IS_NEWEST} ORDER BY notice.id LIMIT 1
        """,
        notice_row,
    )
    if row is None:
        return Standing(None, None, ended, ended)
    return Standing(row["id"], parse_moment(row["deadline"]), None if row["is_open"] else ended, ended)


def day_of(moment: date | datetime, zone: tzinfo) -> date:
    """Return the civil day of a deadline in a zone; one without a time is that day everywhere."""
    return moment.astimezone(zone).date() if isinstance(moment, datetime) else moment


def is_past(deadline: date | datetime, now: datetime, zone: tzinfo) -> bool:
    """Return whether a deadline is over; one without a time lasts its whole day."""
    return deadline <= now if isinstance(deadline, datetime) else deadline < now.astimezone(zone).date()
