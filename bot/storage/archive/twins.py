"""Notices that two sources publish of one and the same thing: the first stored leads, the later point to it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from bot.models import NoticeKind, parse_moment
from bot.storage._dismissed import DISMISSED_BY
from bot.storage.database import Connection

OF_GROUP: Final = """
    SELECT id FROM notice WHERE id = (SELECT coalesce(same_as, id) FROM notice WHERE id = ?1)
    UNION ALL SELECT id FROM notice WHERE same_as = (SELECT coalesce(same_as, id) FROM notice WHERE id = ?1)
"""
"""Our rows of a notice and of its twins."""

OF_SERIES: Final = f"""
    {OF_GROUP} UNION SELECT series.id FROM notice AS told CROSS JOIN notice AS series
        ON series.procedure = told.procedure WHERE told.id = ?1
"""
"""Our rows of a notice, of its twins, and of all notices of its procedure."""


@dataclass(frozen=True, slots=True)
class Alike:
    """Hold what tells whether a notice may be the twin of another one of its procedure and kind.

    `leader` is our row of the first of its group, its own where it has no twin or leads.
    """

    row: int
    source: str
    leader: int
    published: date | datetime | None
    deadline: date | datetime | None


@dataclass(frozen=True, slots=True)
class Twin:
    """Name a twin of a notice: our row of it, its source with the id there, and its newest link."""

    row: int
    source: str
    source_id: str
    url: str | None


@dataclass(frozen=True, slots=True)
class TwinHit:
    """Hold what became of a hit of an item on a twin; `held` and `digest` as they are stored."""

    item: int
    held: str | None
    digest: str


async def alike(connection: Connection, procedure: str, kind: NoticeKind) -> list[Alike]:
    """Return the notices of a procedure that are of one kind by their newest revision."""
    rows = await connection.all(
        """
        SELECT notice.id, notice.source, coalesce(notice.same_as, notice.id) AS leader, says.published, says.deadline
        FROM notice JOIN notice_revision AS says ON says.notice_id = notice.id AND says.revision = notice.revision
        WHERE notice.procedure = ? AND says.kind = ? ORDER BY notice.id
        """,
        procedure,
        kind,
    )
    return [
        Alike(
            row=row["id"],
            source=row["source"],
            leader=row["leader"],
            published=parse_moment(row["published"]) if row["published"] else None,
            deadline=parse_moment(row["deadline"]) if row["deadline"] else None,
        )
        for row in rows
    ]


async def pair(connection: Connection, row: int, leader: int) -> None:
    """Note that a notice says the same as the one of another source that was stored first."""
    await connection.run("UPDATE notice SET same_as = ? WHERE id = ?", leader, row)


async def others(connection: Connection, row: int) -> list[Twin]:
    """Return the twins of a notice, the first that was stored first."""
    rows = await connection.all(
        f"""
        SELECT notice.id, notice.source, notice.source_id, says.url
        FROM ({OF_GROUP}) AS inside JOIN notice ON notice.id = inside.id
        JOIN notice_revision AS says ON says.notice_id = notice.id AND says.revision = notice.revision
        WHERE notice.id <> ?1 ORDER BY notice.id
        """,
        row,
    )
    return [Twin(one["id"], one["source"], one["source_id"], one["url"]) for one in rows]


async def hits_on(connection: Connection, guild_id: int, rows: Iterable[int]) -> list[TwinHit]:
    """Return what became of a newsroom's hits on these notices that nobody dismissed, in the order they were found."""
    # The sign keeps SQLite to the index of the notice: a newsroom has had many hits.
    found = await connection.all(
        f"""
        SELECT item_id, held, digest FROM hit
        WHERE +hit.guild_id = ? AND notice_id IN (SELECT value FROM json_each(?)) AND {DISMISSED_BY} IS NULL
        ORDER BY id
        """,
        guild_id,
        json.dumps(list(rows)),
    )
    return [TwinHit(row["item_id"], row["held"], row["digest"]) for row in found]
