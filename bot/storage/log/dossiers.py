"""Dossiers: the investigations of a newsroom, and what each gathers."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from bot.access import Viewer
from bot.models import Dossier, ThingKind
from bot.storage._filters import SEEN, SEEN_FACT, eyes
from bot.storage._values import next_id, to_moment, to_text
from bot.storage.database import Connection

_COLUMNS = "id, guild_id, name, channel_id, created_by, created_at, closed_by, closed_at"
_THINGS: Final = {
    ThingKind.ITEM: ("dossier_item", "item_id"),
    ThingKind.TIP: ("dossier_tip", "tip_id"),
    ThingKind.FACT: ("dossier_fact", "fact_id"),
}
"""The table that links each kind of thing to dossiers, and its column."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbers:
    """Hold how many live items, facts and tips a dossier gathers, of those that somebody may know of."""

    item: int = 0
    fact: int = 0
    tip: int = 0


async def every(connection: Connection, guild_id: int) -> list[Dossier]:
    """Return a newsroom's dossiers by name, the open ones first."""
    rows = await connection.all(
        f"SELECT {_COLUMNS} FROM dossier WHERE guild_id = ? ORDER BY closed_at IS NOT NULL, name_key", guild_id
    )
    return [_dossier(row) for row in rows]


async def find(connection: Connection, guild_id: int, dossier_id: int) -> Dossier | None:
    """Return a newsroom's dossier, open or closed."""
    row = await connection.one(f"SELECT {_COLUMNS} FROM dossier WHERE guild_id = ? AND id = ?", guild_id, dossier_id)
    return _dossier(row) if row else None


async def named(connection: Connection, guild_id: int, name_key: str) -> Dossier | None:
    """Return the dossier of a folded name."""
    row = await connection.one(
        f"SELECT {_COLUMNS} FROM dossier WHERE guild_id = ? AND name_key = ?", guild_id, name_key
    )
    return _dossier(row) if row else None


async def count(connection: Connection, guild_id: int) -> int:
    """Return how many dossiers a newsroom has, closed ones included."""
    row = await connection.one("SELECT count(*) FROM dossier WHERE guild_id = ?", guild_id)
    return int(row[0]) if row else 0


async def add(
    connection: Connection, guild_id: int, name: str, name_key: str, channel_id: int | None, by: int, now: datetime
) -> Dossier:
    """Open a new dossier; the schema refuses a second one of that name."""
    rows = await connection.all(
        f"""
        INSERT INTO dossier (id, guild_id, name, name_key, channel_id, created_by, created_at)
        VALUES ({next_id("dossier")}, ?, ?, ?, ?, ?, ?) RETURNING {_COLUMNS}
        """,
        guild_id,
        name,
        name_key,
        channel_id,
        by,
        to_text(now),
    )
    return _dossier(rows[0])


async def close(connection: Connection, guild_id: int, dossier_id: int, by: int, now: datetime) -> bool:
    """Close a dossier; return whether it was open."""
    return bool(
        await connection.run(
            "UPDATE dossier SET closed_by = ?, closed_at = ? WHERE guild_id = ? AND id = ? AND closed_at IS NULL",
            by,
            to_text(now),
            guild_id,
            dossier_id,
        )
    )


async def reopen(connection: Connection, guild_id: int, dossier_id: int) -> bool:
    """Open a closed dossier again; return whether it was closed."""
    return bool(
        await connection.run(
            "UPDATE dossier SET closed_by = NULL, closed_at = NULL"
            " WHERE guild_id = ? AND id = ? AND closed_at IS NOT NULL",
            guild_id,
            dossier_id,
        )
    )


async def put(
    connection: Connection, guild_id: int, dossier_id: int, kind: ThingKind, thing_id: int, by: int, now: datetime
) -> bool:
    """Put a thing of ours into a dossier; return whether it was not there yet."""
    table, column = _THINGS[kind]
    return bool(
        await connection.run(
            f"""
            INSERT INTO {table} (guild_id, dossier_id, {column}, added_by, added_at) VALUES (?, ?, ?, ?, ?)
            ON CONFLICT DO NOTHING
            """,
            guild_id,
            dossier_id,
            thing_id,
            by,
            to_text(now),
        )
    )


async def take_out(connection: Connection, guild_id: int, kind: ThingKind, thing_id: int) -> None:
    """Take a thing out of every dossier."""
    table, column = _THINGS[kind]
    await connection.run(f"DELETE FROM {table} WHERE guild_id = ? AND {column} = ?", guild_id, thing_id)


async def of_thing(connection: Connection, guild_id: int, kind: ThingKind, thing_id: int) -> list[Dossier]:
    """Return the dossiers that a thing is in, by name."""
    return (await of_things(connection, guild_id, kind, [thing_id])).get(thing_id, [])


async def of_things(
    connection: Connection, guild_id: int, kind: ThingKind, thing_ids: Iterable[int]
) -> dict[int, list[Dossier]]:
    """Return the dossiers of several things of a kind, by the id of the thing; those in none are left out."""
    table, column = _THINGS[kind]
    rows = await connection.all(
        f"""
        SELECT {column} AS thing_id, {", ".join(f"dossier.{name.strip()}" for name in _COLUMNS.split(","))}
        FROM {table} JOIN dossier ON dossier.guild_id = {table}.guild_id AND dossier.id = dossier_id
        WHERE {table}.guild_id = ? AND {column} IN (SELECT value FROM json_each(?)) ORDER BY name_key
        """,
        guild_id,
        json.dumps(list(thing_ids)),
    )
    found: dict[int, list[Dossier]] = {}
    for row in rows:
        found.setdefault(row["thing_id"], []).append(_dossier(row))
    return found


async def things(connection: Connection, guild_id: int, dossier_id: int, kind: ThingKind) -> list[int]:
    """Return the ids of the things of a kind that a dossier gathers, those added last first."""
    table, column = _THINGS[kind]
    rows = await connection.all(
        f"SELECT {column} FROM {table} WHERE guild_id = ? AND dossier_id = ? ORDER BY added_at DESC, {column} DESC",
        guild_id,
        dossier_id,
    )
    return [row[0] for row in rows]


async def numbers(connection: Connection, viewer: Viewer) -> dict[int, Numbers]:
    """Return how much each dossier of a newsroom gathers, by its id; those that gather nothing are left out.

    Of tips and facts only those that somebody may know of count, of items only live ones.
    """
    rows = await connection.all(
        f"""
        SELECT dossier_id, 'item' AS kind, count(*) AS number
        FROM dossier_item CROSS JOIN watch_item ON watch_item.id = item_id
        WHERE dossier_item.guild_id = ?1 AND removed_at IS NULL GROUP BY dossier_id
        UNION ALL
        SELECT dossier_id, 'fact', count(*) FROM dossier_fact CROSS JOIN fact ON fact.id = fact_id
        WHERE dossier_fact.guild_id = ?1 AND {SEEN_FACT} GROUP BY dossier_id
        UNION ALL
        SELECT dossier_id, 'tip', count(*) FROM dossier_tip CROSS JOIN tip ON tip.id = tip_id
        WHERE dossier_tip.guild_id = ?1 AND {SEEN} GROUP BY dossier_id
        """,
        viewer.guild_id,
        *eyes(viewer),
        *eyes(viewer),
    )
    found: dict[int, dict[str, int]] = {}
    for row in rows:
        found.setdefault(row["dossier_id"], {})[row["kind"]] = row["number"]
    return {dossier_id: Numbers(**counted) for dossier_id, counted in found.items()}


def _dossier(row: sqlite3.Row) -> Dossier:
    return Dossier(
        id=row["id"],
        guild_id=row["guild_id"],
        name=row["name"],
        channel_id=row["channel_id"],
        created_by=row["created_by"],
        created_at=to_moment(row["created_at"]),
        closed_by=row["closed_by"],
        closed_at=to_moment(row["closed_at"]),
    )
