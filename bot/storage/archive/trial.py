"""The stored notices on which a watch item is tried, by our ids: the newest, and those that hold its words."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from bot.matching import Needed
from bot.storage._values import to_text
from bot.storage.archive.full_text import expression_of
from bot.storage.database import Connection

_MOST_SPELLINGS: Final = 400
"""Spellings asked at once: more of them in one expression take longer than several expressions."""


@dataclass(frozen=True, slots=True)
class Stored:
    """Hold how many notices are stored, and the first and the last of our ids of them, 0 where there are none."""

    count: int
    first: int
    last: int


async def stored_since(connection: Connection, since: datetime, from_row: int = 0) -> Stored:
    """Return the notices first seen since a moment, of those from one of our ids on."""
    row = await connection.one(
        """
        SELECT count(*) AS count, coalesce(min(id), 0) AS first, coalesce(max(id), 0) AS last
        FROM notice WHERE seen_at >= ? AND id >= ?
        """,
        to_text(since),
        from_row,
    )
    return Stored(**row) if row else Stored(0, 0, 0)


async def days_of(connection: Connection, since: datetime, rows: Iterable[int]) -> set[date]:
    """Return the days on which those of some notices were published that were first seen since a moment."""
    found = await connection.all(
        """
        SELECT DISTINCT substr(published, 1, 10) AS day
        FROM json_each(?) AS row
        CROSS JOIN notice ON notice.id = row.value
        CROSS JOIN notice_revision ON notice_revision.notice_id = notice.id
            AND notice_revision.revision = notice.revision
        WHERE notice.seen_at >= ? AND published IS NOT NULL
        """,
        json.dumps(list(rows)),
        to_text(since),
    )
    return {date.fromisoformat(row["day"]) for row in found}


async def newest(connection: Connection, since: datetime, limit: int) -> list[int]:
    """Return the notices first seen since a moment, the newest first."""
    rows = await connection.all(
        "SELECT id FROM notice WHERE seen_at >= ? ORDER BY seen_at DESC, id DESC LIMIT ?", to_text(since), limit
    )
    return [row["id"] for row in rows]


async def unindexed(connection: Connection, since: datetime, limit: int) -> list[int]:
    """Return the notices first seen since a moment of which the latest revision is not indexed, the newest first."""
    rows = await connection.all(
        "SELECT id FROM notice WHERE is_indexed = 0 AND +seen_at >= ? ORDER BY id DESC LIMIT ?", to_text(since), limit
    )
    return [row["id"] for row in rows]


async def holding(connection: Connection, since: datetime, needed: Sequence[Needed], limit: int) -> list[int]:
    """Return the notices first seen since a moment that hold one of what is needed, the newest first.

    Words are looked for in the latest revision that is indexed (`bot.storage.archive.full_text`).
    """
    found: set[int] = set()
    for expression in _expressions(needed):
        rows = await connection.all(
            """
            SELECT notice.id FROM notice_words CROSS JOIN notice ON notice.id = notice_words.rowid
            WHERE notice_words MATCH ? AND notice.seen_at >= ? ORDER BY notice_words.rowid DESC LIMIT ?
            """,
            expression,
            to_text(since),
            limit,
        )
        found.update(row["id"] for row in rows)
    return sorted(found, reverse=True)[:limit]


def _expressions(needed: Sequence[Needed]) -> Iterator[str]:
    """Yield FTS5 expressions of which every text that holds one of what is needed fits one."""
    together: list[str] = []
    spellings = 0
    for one in needed:
        size = sum(map(len, one))
        if together and spellings + size > _MOST_SPELLINGS:
            yield " OR ".join(together)
            together, spellings = [], 0
        together.append(f"({expression_of(one)})")
        spellings += size
    if together:
        yield " OR ".join(together)
