"""What the notices of a procedure said before one of them."""

from __future__ import annotations

from datetime import date, datetime

from bot.models import parse_moment
from bot.storage.archive.twins import OF_GROUP
from bot.storage.database import Connection


async def deadline_before(connection: Connection, row: int) -> date | datetime | None:
    """Return the deadline that the notice before one of its procedure names, None where none before it does.

    Before are those published on an earlier day, or of one day or none those read earlier; its twins are not.
    """
    found = await connection.one(
        f"""
        SELECT earlier.deadline FROM notice AS own
        JOIN notice_revision AS says ON says.notice_id = own.id AND says.revision = own.revision
        JOIN notice ON notice.procedure = own.procedure
        JOIN notice_revision AS earlier ON earlier.notice_id = notice.id AND earlier.revision = notice.revision
        WHERE own.id = ?1 AND notice.id NOT IN ({OF_GROUP}) AND earlier.kind IN ('tender', 'change')
            AND earlier.deadline IS NOT NULL
            AND CASE WHEN substr(earlier.published, 1, 10) <> substr(says.published, 1, 10)
                THEN earlier.published < says.published ELSE notice.id < own.id END
        ORDER BY substr(earlier.published, 1, 10) DESC, notice.id DESC LIMIT 1
        """,
        row,
    )
    return parse_moment(found["deadline"]) if found else None
