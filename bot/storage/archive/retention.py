"""The texts of notices that concern nobody: which they are, and their end."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from bot.storage._values import to_text
from bot.storage.archive import notices
from bot.storage.archive.notices import Stored
from bot.storage.database import Connection

_UNUSED = """
    notice.text_dropped_at IS NULL AND notice.seen_at < ?1
    AND (SELECT seen_at FROM notice_revision WHERE notice_id = notice.id AND revision = notice.revision) < ?1
    AND NOT EXISTS (SELECT 1 FROM hit WHERE hit.notice_id = notice.id)
    AND NOT EXISTS (SELECT 1 FROM announcement WHERE announcement.notice_id = notice.id)
    AND NOT EXISTS (SELECT 1 FROM announcement_companion WHERE announcement_companion.notice_id = notice.id)
    AND NOT EXISTS (SELECT 1 FROM citation WHERE citation.notice_id = notice.id)
    AND NOT EXISTS (SELECT 1 FROM procedure_follow
        WHERE procedure_follow.notice_id = notice.id AND procedure_follow.ended_at IS NULL)
    AND NOT EXISTS (SELECT 1 FROM notice AS named
        CROSS JOIN procedure_follow ON procedure_follow.notice_id = named.id AND procedure_follow.ended_at IS NULL
        WHERE named.procedure = notice.procedure)
"""


@dataclass(frozen=True, slots=True)
class Place:
    """Hold where a walk over old notices stands: when the last one was first seen, and our id of it."""

    seen_at: str = ""
    row: int = 0


async def old_unused(
    connection: Connection, before: datetime, after: Place, limit: int
) -> tuple[list[Stored], Place | None]:
    """Return the next notices, first seen and last changed before a moment, that no newsroom has anything to do with.

    That is: no hit on them, no announcement of them, no citation, and nobody follows their procedure by hand. The place
    says where to go on, None where the walk is over.
    """
    rows = await connection.all(
        f"""
        SELECT id, seen_at FROM notice WHERE {_UNUSED} AND (notice.seen_at, notice.id) > (?2, ?3)
        ORDER BY notice.seen_at, notice.id LIMIT ?4
        """,
        to_text(before),
        after.seen_at,
        after.row,
        limit,
    )
    if not rows:
        return [], None
    found = await notices.latest(connection, [row["id"] for row in rows])
    return [Stored(row, notice) for row, notice in found.items()], Place(rows[-1]["seen_at"], rows[-1]["id"])


async def drop_texts(connection: Connection, rows: Iterable[int], before: datetime, now: datetime) -> int:
    """Empty the texts of notices in all their revisions, and have them indexed anew; return of how many.

    Those of which somebody made use meanwhile keep theirs.
    """
    found = await connection.all(
        f"""
        UPDATE notice SET text_dropped_at = ?2, is_indexed = 0
        WHERE id IN (SELECT value FROM json_each(?3)) AND {_UNUSED} RETURNING id
        """,
        to_text(before),
        to_text(now),
        json.dumps(list(rows)),
    )
    dropped = [row["id"] for row in found]
    await connection.run(
        "UPDATE notice_revision SET text = '' WHERE notice_id IN (SELECT value FROM json_each(?)) AND text <> ''",
        json.dumps(dropped),
    )
    return len(dropped)
