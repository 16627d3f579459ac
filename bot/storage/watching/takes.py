"""Who looks into which notice: what was taken, by whom, and what was given back.

A notice stands for its series, its twins and all notices of its procedure: who took the tender has its award.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from bot.models import Take
from bot.storage._values import to_moment, to_text
from bot.storage.archive.twins import OF_SERIES
from bot.storage.database import Connection

REMADE: Final = 200
"""Messages that are made anew when what they show is taken or given back, the newest."""

_COLUMNS: Final = """
    take.id, take.guild_id, take.notice_id, take.item_id, taken_by, taken_at, ended_by, ended_at, (
        SELECT name FROM watch_item WHERE watch_item.guild_id = take.guild_id AND watch_item.id = take.item_id
    ) AS item_name
"""


@dataclass(frozen=True, slots=True)
class StoredTake:
    """Hold a take with the name of its item, None where the notice itself was taken."""

    take: Take
    item_name: str | None


@dataclass(frozen=True, slots=True)
class TakenNotice:
    """Hold a take with the newest title and link of the notice on which it was taken, and its id at its source."""

    take: Take
    source_id: str
    title: str
    url: str | None


async def series_of(connection: Connection, notice_row: int) -> list[int]:
    """Return our rows of a notice, of its twins, and of the notices of its procedure."""
    return [row["id"] for row in await connection.all(OF_SERIES, notice_row)]


async def standing(connection: Connection, guild_id: int, notice_row: int) -> list[StoredTake]:
    """Return what a newsroom's people took of the series of a notice and did not give back, oldest first."""
    rows = await connection.all(
        f"""
        SELECT {_COLUMNS} FROM take
        WHERE +take.guild_id = ?2 AND ended_at IS NULL AND notice_id IN ({OF_SERIES}) ORDER BY 1
        """,
        notice_row,
        guild_id,
    )
    return [_stored(row) for row in rows]


async def of_item(connection: Connection, guild_id: int, item_id: int, limit: int) -> list[TakenNotice]:
    """Return the notices that somebody has taken for an item, the latest taken first."""
    rows = await connection.all(
        f"""
        SELECT {_COLUMNS}, notice.source_id, says.title, says.url FROM take
        JOIN notice ON notice.id = take.notice_id
        JOIN notice_revision AS says ON says.notice_id = notice.id AND says.revision = notice.revision
        WHERE take.guild_id = ? AND take.item_id = ? AND ended_at IS NULL ORDER BY +take.id DESC LIMIT ?
        """,
        guild_id,
        item_id,
        limit,
    )
    return [TakenNotice(_stored(row).take, row["source_id"], row["title"], row["url"]) for row in rows]


async def find(connection: Connection, guild_id: int, take_id: int) -> StoredTake | None:
    """Return a newsroom's take, given back or not."""
    row = await connection.one(
        f"SELECT {_COLUMNS} FROM take WHERE take.guild_id = ? AND take.id = ?", guild_id, take_id
    )
    return _stored(row) if row else None


async def add(
    connection: Connection, guild_id: int, notice_row: int, item_id: int | None, by: int, now: datetime
) -> int:
    """Note that somebody took a notice for an item, or itself (None), and return our id of that."""
    rows = await connection.all(
        "INSERT INTO take (guild_id, notice_id, item_id, taken_by, taken_at) VALUES (?, ?, ?, ?, ?) RETURNING id",
        guild_id,
        notice_row,
        item_id,
        by,
        to_text(now),
    )
    return int(rows[0]["id"])


async def end(connection: Connection, guild_id: int, take_id: int, by: int, now: datetime) -> bool:
    """Note that a take was given back; return whether it still stood."""
    return bool(
        await connection.run(
            "UPDATE take SET ended_by = ?, ended_at = ? WHERE guild_id = ? AND id = ? AND ended_at IS NULL",
            by,
            to_text(now),
            guild_id,
            take_id,
        )
    )


async def items_told(connection: Connection, guild_id: int, channel_id: int, notice_row: int) -> set[int]:
    """Return our ids of the items for which messages of a channel tell of the series of a notice."""
    rows = await connection.all(
        f"""
        SELECT DISTINCT hit.item_id FROM announcement
        CROSS JOIN announcement_hit ON announcement_hit.announcement_id = announcement.id
        CROSS JOIN hit ON hit.id = announcement_hit.hit_id
        WHERE announcement.notice_id IN ({OF_SERIES}) AND announcement.guild_id = ?2 AND announcement.channel_id = ?3
        """,
        notice_row,
        guild_id,
        channel_id,
    )
    return {row["item_id"] for row in rows}


async def shown_by(connection: Connection, guild_id: int, notice_rows: Collection[int]) -> list[int]:
    """Return our ids of the messages whose cards show what is taken of these notices, the newest `REMADE`.

    They tell of one of them, or follow a message that does.
    """
    rows = await connection.all(
        f"""
        WITH told AS (
            SELECT id FROM announcement
            WHERE +guild_id = ?1 AND notice_id IN (SELECT value FROM json_each(?2))
            UNION SELECT announcement_id FROM announcement_companion
            WHERE +guild_id = ?1 AND notice_id IN (SELECT value FROM json_each(?2))
        )
        SELECT id FROM told
        UNION SELECT reminds.id FROM told CROSS JOIN announcement AS reminds
            ON reminds.guild_id = ?1 AND reminds.follows = told.id
        WHERE +reminds.kind IN ('deadline', 'no_award')
        ORDER BY id DESC LIMIT {REMADE}
        """,
        guild_id,
        json.dumps(sorted(notice_rows)),
    )
    return [row["id"] for row in rows]


def _stored(row: sqlite3.Row) -> StoredTake:
    take = Take(
        id=row["id"],
        guild_id=row["guild_id"],
        notice_id=row["notice_id"],
        item_id=row["item_id"],
        taken_by=row["taken_by"],
        taken_at=to_moment(row["taken_at"]),
        ended_by=row["ended_by"],
        ended_at=to_moment(row["ended_at"]),
    )
    return StoredTake(take, row["item_name"])
