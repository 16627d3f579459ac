"""What was dismissed for each watch item, by whom, how much that held back, and what was undone."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from bot.models import Dismissal, Precision
from bot.storage._dismissed import DISMISSED_BY, IN_ORGANISATION, IN_SERIES
from bot.storage._values import to_moment, to_text
from bot.storage.database import Connection

_COLUMNS: Final = """
    dismissal.id, dismissal.guild_id, dismissal.item_id, dismissal.notice_id, organisation_key, dismissal.name, made_by,
    made_at, undone_by, undone_at
"""
JOINED: Final = """
    said.id AS said_id, said.guild_id AS said_guild_id, said.item_id AS said_item_id, said.notice_id AS said_notice_id,
    said.organisation_key AS said_organisation_key, said.name AS said_name, said.made_by AS said_made_by,
    said.made_at AS said_made_at, said.undone_by AS said_undone_by, said.undone_at AS said_undone_at
"""
"""What `joined` reads, where the dismissal is joined as `said`."""


@dataclass(frozen=True, slots=True)
class Counted:
    """Hold a dismissal that stands with how many notices it held back so far, another one of the item perhaps too."""

    dismissal: Dismissal
    held: int


@dataclass(frozen=True, slots=True)
class PassedOver:
    """Hold what was dismissed for an item on a notice: the organisations, by key, and whether its series was."""

    organisations: frozenset[str] = frozenset()
    is_series: bool = False


async def add(
    connection: Connection,
    guild_id: int,
    item_id: int,
    notice_id: int,
    organisation_key: str | None,
    name: str,
    by: int,
    now: datetime,
) -> Dismissal | None:
    """Note that an organisation, or with no key the series of a notice, is not the item; None where that stands."""
    if organisation_key is None and await _of_series(connection, guild_id, item_id, notice_id) is not None:
        return None
    rows = await connection.all(
        f"""
        INSERT INTO dismissal (guild_id, item_id, notice_id, organisation_key, name, made_by, made_at)
        VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING RETURNING {_COLUMNS}
        """,
        guild_id,
        item_id,
        notice_id,
        organisation_key,
        name,
        by,
        to_text(now),
    )
    return _dismissal(rows[0]) if rows else None


async def undo(connection: Connection, guild_id: int, dismissal_id: int, by: int, now: datetime) -> bool:
    """Take a dismissal back; return whether it still stood."""
    return bool(
        await connection.run(
            "UPDATE dismissal SET undone_by = ?, undone_at = ? WHERE guild_id = ? AND id = ? AND undone_at IS NULL",
            by,
            to_text(now),
            guild_id,
            dismissal_id,
        )
    )


async def find(connection: Connection, guild_id: int, dismissal_id: int) -> Dismissal | None:
    """Return a newsroom's dismissal, undone or not."""
    row = await connection.one(
        f"SELECT {_COLUMNS} FROM dismissal WHERE guild_id = ? AND id = ?", guild_id, dismissal_id
    )
    return _dismissal(row) if row else None


async def that_stands(
    connection: Connection, guild_id: int, item_id: int, notice_id: int, organisation_key: str | None
) -> Dismissal | None:
    """Return the dismissal of an organisation, or with no key of the series of a notice, where one stands."""
    if organisation_key is None:
        return await _of_series(connection, guild_id, item_id, notice_id)
    row = await connection.one(
        f"""
        SELECT {_COLUMNS} FROM dismissal
        WHERE guild_id = ? AND item_id = ? AND organisation_key = ? AND undone_at IS NULL
        """,
        guild_id,
        item_id,
        organisation_key,
    )
    return _dismissal(row) if row else None


async def count(connection: Connection, guild_id: int, item_id: int) -> int:
    """Return how many dismissals of an item stand."""
    row = await connection.one(
        "SELECT count(*) FROM dismissal WHERE guild_id = ? AND item_id = ? AND undone_at IS NULL", guild_id, item_id
    )
    return int(row[0]) if row else 0


async def listed(connection: Connection, guild_id: int, item_id: int, limit: int, skip: int = 0) -> list[Counted]:
    """Return the dismissals of an item that stand, the newest first, behind `skip` others."""
    rows = await connection.all(
        f"""
        SELECT {_COLUMNS}, (
            SELECT count(DISTINCT hit.notice_id) FROM hit
            WHERE hit.guild_id = dismissal.guild_id AND hit.item_id = dismissal.item_id AND hit.held = 'dismissed'
                AND ({IN_SERIES} OR {IN_ORGANISATION})
        ) AS held
        FROM dismissal WHERE guild_id = ? AND item_id = ? AND undone_at IS NULL
        ORDER BY +dismissal.id DESC LIMIT ? OFFSET ?
        """,
        guild_id,
        item_id,
        limit,
        skip,
    )
    return [Counted(_dismissal(row), row["held"]) for row in rows]


async def covered(connection: Connection, dismissal: Dismissal) -> int:
    """Return how many notices with hits that are dismissed now a dismissal is about."""
    row = await connection.one(
        f"""
        SELECT count(DISTINCT hit.notice_id)
        FROM dismissal CROSS JOIN hit ON hit.guild_id = dismissal.guild_id AND hit.item_id = dismissal.item_id
        WHERE dismissal.guild_id = ? AND dismissal.id = ? AND ({IN_SERIES} OR {IN_ORGANISATION})
            AND {DISMISSED_BY} IS NOT NULL
        """,
        dismissal.guild_id,
        dismissal.id,
    )
    return int(row[0]) if row else 0


async def passed_over(
    connection: Connection, guild_id: int, item_ids: Iterable[int], notice_id: int
) -> Mapping[int, PassedOver]:
    """Return what was dismissed for these items of a newsroom, on a notice, by item; none where nothing was."""
    rows = await connection.all(
        f"""
        SELECT hit.item_id, dismissal.organisation_key
        FROM (SELECT value AS item_id, ?1 AS notice_id FROM json_each(?2)) AS hit
        CROSS JOIN dismissal ON dismissal.guild_id = ?3 AND dismissal.item_id = hit.item_id
            AND dismissal.undone_at IS NULL
        WHERE dismissal.guild_id = ?3 AND (dismissal.organisation_key IS NOT NULL OR {IN_SERIES})
        """,
        notice_id,
        json.dumps(list(item_ids)),
        guild_id,
    )
    keys: dict[int, set[str | None]] = {}
    for row in rows:
        keys.setdefault(row["item_id"], set()).add(row["organisation_key"])
    return {item: PassedOver(frozenset(key for key in of if key), None in of) for item, of in keys.items()}


async def written_off(connection: Connection, guild_id: int, notice_id: int) -> frozenset[int]:
    """Return the newsroom's items of which every hit on a notice so far is dismissed now."""
    rows = await connection.all(
        f"""
        SELECT item_id FROM hit WHERE +hit.guild_id = ? AND notice_id = ?
        GROUP BY item_id HAVING count({DISMISSED_BY}) = count(*)
        """,
        guild_id,
        notice_id,
    )
    return frozenset(row["item_id"] for row in rows)


async def precision(connection: Connection, guild_id: int, item_id: int) -> Precision:
    """Return how many notices an item hit, and how many of those people said were not the item.

    What a silent first poll or a mute kept from everybody's eyes is not counted.
    """
    row = await connection.one(
        f"""
        SELECT count(*) AS notices, coalesce(sum(is_dismissed), 0) AS dismissed FROM (
            SELECT min({DISMISSED_BY} IS NOT NULL) AS is_dismissed FROM hit
            WHERE guild_id = ? AND item_id = ? AND (held IS NULL OR held NOT IN ('baseline', 'muted'))
            GROUP BY notice_id
        )
        """,
        guild_id,
        item_id,
    )
    return Precision(row["notices"], row["dismissed"]) if row else Precision(0, 0)


def joined(row: sqlite3.Row) -> Dismissal | None:
    """Return the dismissal of a row of `JOINED`, None where it has none."""
    return None if row["said_id"] is None else _dismissal(row, "said_")


async def _of_series(connection: Connection, guild_id: int, item_id: int, notice_id: int) -> Dismissal | None:
    row = await connection.one(
        f"""
        SELECT {_COLUMNS} FROM (SELECT ? AS notice_id) AS hit CROSS JOIN dismissal
        WHERE guild_id = ? AND item_id = ? AND undone_at IS NULL AND {IN_SERIES} ORDER BY +dismissal.id LIMIT 1
        """,
        notice_id,
        guild_id,
        item_id,
    )
    return _dismissal(row) if row else None


def _dismissal(row: sqlite3.Row, prefix: str = "") -> Dismissal:
    return Dismissal(
        id=row[f"{prefix}id"],
        guild_id=row[f"{prefix}guild_id"],
        item_id=row[f"{prefix}item_id"],
        notice_id=row[f"{prefix}notice_id"],
        organisation_key=row[f"{prefix}organisation_key"],
        name=row[f"{prefix}name"],
        made_by=row[f"{prefix}made_by"],
        made_at=to_moment(row[f"{prefix}made_at"]),
        undone_by=row[f"{prefix}undone_by"],
        undone_at=to_moment(row[f"{prefix}undone_at"]),
    )
