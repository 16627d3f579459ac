"""What explains the fate of a notice in one newsroom: which notice is meant, and every message that told of it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from bot.models import Announcement
from bot.storage._values import to_moment
from bot.storage.archive.twins import OF_GROUP
from bot.storage.database import Connection
from bot.storage.outbox.announcements import COLUMNS, read_row


@dataclass(frozen=True, slots=True)
class SeenNotice:
    """Name a stored notice: our row, its source and the id there, its latest revision, and how it was first seen."""

    row: int
    source: str
    source_id: str
    revision: int
    seen_at: datetime
    is_baseline: bool


@dataclass(frozen=True, slots=True)
class RecentNotice:
    """Hold a notice that a newsroom was told of, by the code of the newest announcement of it."""

    code: str
    source: str
    source_id: str
    title: str


@dataclass(frozen=True, slots=True)
class Telling:
    """Hold a message that told of a notice, or is to: its own announcement, a digest or a storm; `items` are our ids.

    `items` are those whose hits on the notice it tells; none where it only continues the procedure. `named` are all
    those for which it came, of further notices too.
    """

    announcement: Announcement
    items: tuple[int, ...]
    named: tuple[int, ...] = ()

    @property
    def message_url(self) -> str | None:
        """Return the link to the message, once Discord has it."""
        return self.announcement.url


async def seen(connection: Connection, row: int) -> SeenNotice:
    """Return a stored notice by our row of it; raises LookupError where there is none."""
    found = await connection.one(
        "SELECT id, source, source_id, revision, seen_at, is_baseline FROM notice WHERE id = ?", row
    )
    if found is None:
        raise LookupError(f"no notice {row}")
    return SeenNotice(
        row=found["id"],
        source=found["source"],
        source_id=found["source_id"],
        revision=found["revision"],
        seen_at=to_moment(found["seen_at"]),
        is_baseline=bool(found["is_baseline"]),
    )


async def rows_named(connection: Connection, source_id: str, sources: Iterable[str]) -> list[int]:
    """Return our rows of the notices to which any of these sources gives an id, newest first."""
    rows = await connection.all(
        """
        SELECT id FROM notice WHERE source IN (SELECT value FROM json_each(?)) AND source_id = ? ORDER BY id DESC
        """,
        json.dumps(sorted(sources)),
        source_id,
    )
    return [row["id"] for row in rows]


async def rows_among(connection: Connection, source_ids: Iterable[str], sources: Iterable[str]) -> dict[int, list[str]]:
    """Return our rows of the notices to which any of these sources gives any of these ids, with all their addresses."""
    rows = await connection.all(
        """
        SELECT notice.id, notice_revision.url FROM json_each(?) AS asked CROSS JOIN json_each(?) AS named
        CROSS JOIN notice ON notice.source = named.value AND notice.source_id = asked.value
        JOIN notice_revision ON notice_revision.notice_id = notice.id
        WHERE notice_revision.url IS NOT NULL ORDER BY notice.id DESC
        """,
        json.dumps([*source_ids]),
        json.dumps(sorted(sources)),
    )
    found: dict[int, list[str]] = {}
    for row in rows:
        found.setdefault(row["id"], []).append(row["url"])
    return found


async def in_thread(connection: Connection, guild_id: int, thread_id: int) -> Announcement | None:
    """Return what began a thread of a newsroom, or a forum's post: else the first message that stands in it."""
    row = await connection.one(
        f"SELECT {COLUMNS} FROM announcement WHERE guild_id = ? AND thread_id = ? ORDER BY id LIMIT 1",
        guild_id,
        thread_id,
    )
    if row is None:
        return None
    began = await connection.one(
        f"SELECT {COLUMNS} FROM announcement WHERE guild_id = ? AND channel_id = ? AND message_id = ?",
        guild_id,
        row["channel_id"],
        thread_id,
    )
    return read_row(began or row)


async def tellings(connection: Connection, guild_id: int, notice_row: int) -> list[Telling]:
    """Return every message of a newsroom that told of a notice or is to, oldest first.

    That is also one of its twins, one that it accompanies, and those that come back to its procedure from there.
    """
    rows = await connection.all(
        f"""
        WITH told AS (
            SELECT announcement_hit.announcement_id AS id, hit.item_id AS item
            FROM hit CROSS JOIN announcement_hit
                ON announcement_hit.guild_id = hit.guild_id AND announcement_hit.hit_id = hit.id
            WHERE hit.notice_id = ?1 AND +hit.guild_id = ?2
        )
        SELECT {COLUMNS}, (SELECT group_concat(DISTINCT item) FROM told WHERE told.id = announcement.id) AS items,
            CASE kind WHEN 'notice' THEN (
                SELECT group_concat(DISTINCT hit.item_id) FROM announcement_hit
                CROSS JOIN hit ON hit.id = announcement_hit.hit_id
                WHERE announcement_hit.announcement_id = announcement.id
            ) END AS named
        FROM announcement
        WHERE +guild_id = ?2 AND id IN (
            SELECT id FROM told
            UNION SELECT id FROM announcement WHERE guild_id = ?2 AND notice_id IN ({OF_GROUP})
            UNION SELECT announcement_id FROM announcement_companion WHERE guild_id = ?2 AND notice_id = ?1
            UNION SELECT later.id FROM announcement AS first CROSS JOIN announcement AS later
                ON later.guild_id = first.guild_id AND later.follows = first.id
            WHERE first.guild_id = ?2 AND first.notice_id IN ({OF_GROUP}) AND later.kind IN ('deadline', 'no_award')
        )
        ORDER BY id
        """,
        notice_row,
        guild_id,
    )
    return [Telling(read_row(row), _ids(row["items"]), _ids(row["named"])) for row in rows]


def _ids(listed: str | None) -> tuple[int, ...]:
    return tuple(sorted(map(int, listed.split(",")))) if listed else ()


async def recent(connection: Connection, guild_id: int, limit: int) -> list[RecentNotice]:
    """Return the notices of which a newsroom was told last, newest first, each once."""
    rows = await connection.all(
        """
        SELECT newest.code, notice.source, notice.source_id, notice_revision.title
        FROM (
            SELECT code, notice_id FROM announcement WHERE guild_id = ?1 AND kind = 'notice' ORDER BY id DESC LIMIT ?2
        ) AS newest
        CROSS JOIN notice ON notice.id = newest.notice_id
        CROSS JOIN notice_revision ON notice_revision.notice_id = notice.id
            AND notice_revision.revision = notice.revision
        """,
        guild_id,
        limit,
    )
    found = {(row["source"], row["source_id"]): row for row in reversed(rows)}
    return [
        RecentNotice(row["code"], row["source"], row["source_id"], row["title"]) for row in reversed(found.values())
    ]
