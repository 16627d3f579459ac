"""The watch items of each newsroom."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import datetime

from bot.models import ItemKind, Priority, WatchItem
from bot.storage._values import from_list, to_list, to_moment, to_text
from bot.storage.database import Connection

_COLUMNS = """
    id, guild_id, kind, name, aliases, identifiers, any_of, none_of, sources, channel_id, priority, ref, note,
    added_by, added_at, removed_at, muted_until
"""


@dataclass(frozen=True, slots=True)
class Clash:
    """Name the live item that already has the name or the ref of a new one."""

    item: WatchItem
    same: str


async def live(connection: Connection) -> tuple[int, list[WatchItem]]:
    """Return the version of the watchlists and the live items of all newsrooms, for the one automaton."""
    version = await version_of(connection)
    rows = await connection.all(f"SELECT {_COLUMNS} FROM watch_item WHERE removed_at IS NULL ORDER BY id")
    return version, [_item(row) for row in rows]


async def version_of(connection: Connection) -> int:
    """Return the number that moves with every change of any watchlist."""
    row = await connection.one("SELECT watchlist_version FROM installation")
    return int(row[0]) if row else 0


async def every(connection: Connection, guild_id: int, kind: ItemKind | None = None) -> list[WatchItem]:
    """Return a newsroom's live items by name, of one kind where asked."""
    rows = await connection.all(
        f"""
        SELECT {_COLUMNS} FROM watch_item
        WHERE guild_id = ? AND removed_at IS NULL AND (? IS NULL OR kind = ?) ORDER BY name_key, id
        """,
        guild_id,
        kind,
        kind,
    )
    return [_item(row) for row in rows]


async def removed(connection: Connection, guild_id: int) -> list[WatchItem]:
    """Return a newsroom's removed items, latest first."""
    rows = await connection.all(
        f"SELECT {_COLUMNS} FROM watch_item WHERE guild_id = ? AND removed_at IS NOT NULL ORDER BY removed_at DESC",
        guild_id,
    )
    return [_item(row) for row in rows]


async def find(connection: Connection, guild_id: int, item_id: int) -> WatchItem | None:
    """Return a newsroom's item, live or removed."""
    row = await connection.one(f"SELECT {_COLUMNS} FROM watch_item WHERE guild_id = ? AND id = ?", guild_id, item_id)
    return _item(row) if row else None


async def clash(connection: Connection, guild_id: int, item: WatchItem, name_key: str) -> Clash | None:
    """Return the live item that stands in the way of another one, if any."""
    row = await connection.one(
        f"""
        SELECT {_COLUMNS}, (kind = ? AND name_key = ?) AS is_same_name FROM watch_item
        WHERE guild_id = ? AND removed_at IS NULL AND id IS NOT ? AND ((kind = ? AND name_key = ?) OR ref = ?)
        ORDER BY is_same_name DESC LIMIT 1
        """,
        item.kind,
        name_key,
        guild_id,
        item.id,
        item.kind,
        name_key,
        item.ref,
    )
    return Clash(_item(row), "name" if row["is_same_name"] else "ref") if row else None


async def count(connection: Connection, guild_id: int) -> int:
    """Return how many live items a newsroom has."""
    row = await connection.one("SELECT count(*) FROM watch_item WHERE guild_id = ? AND removed_at IS NULL", guild_id)
    return int(row[0]) if row else 0


async def add(connection: Connection, item: WatchItem, name_key: str, now: datetime) -> WatchItem:
    """Store a new item and return it with its id; the schema refuses a second one of that name."""
    rows = await connection.all(
        f"""
        INSERT INTO watch_item (guild_id, kind, name, name_key, aliases, identifiers, any_of, none_of, sources,
            channel_id, priority, ref, note, added_by, added_at)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING {_COLUMNS}
        """,
        item.guild_id,
        item.kind,
        item.name,
        name_key,
        to_list(item.aliases),
        to_list(item.identifiers),
        to_list(item.any_of),
        to_list(item.none_of),
        to_list(item.sources),
        item.channel_id,
        item.priority,
        item.ref,
        item.note,
        item.added_by,
        to_text(now),
    )
    await _move(connection)
    return _item(rows[0])


async def remove(connection: Connection, guild_id: int, item_id: int, by: int, now: datetime) -> bool:
    """Take an item off the watchlist, keeping its history; return whether it was there."""
    return await _change(
        connection,
        "removed_at = ?, removed_by = ? WHERE guild_id = ? AND id = ? AND removed_at IS NULL",
        to_text(now),
        by,
        guild_id,
        item_id,
    )


async def restore(connection: Connection, guild_id: int, item_id: int) -> bool:
    """Put a removed item back; return whether it had been removed."""
    return await _change(
        connection,
        "removed_at = NULL, removed_by = NULL WHERE guild_id = ? AND id = ? AND removed_at IS NOT NULL",
        guild_id,
        item_id,
    )


async def mute(connection: Connection, guild_id: int, item_id: int, until: datetime | None) -> bool:
    """Hold an item's hits back until a moment, or no longer (None); return whether the item is there."""
    return await _change(
        connection,
        "muted_until = ? WHERE guild_id = ? AND id = ? AND removed_at IS NULL",
        to_text(until),
        guild_id,
        item_id,
    )


async def _change(connection: Connection, change: str, *values: object) -> bool:
    changed = await connection.run(f"UPDATE watch_item SET {change}", *values)
    if changed:
        await _move(connection)
    return bool(changed)


async def _move(connection: Connection) -> None:
    await connection.run("UPDATE installation SET watchlist_version = watchlist_version + 1")


def _item(row: sqlite3.Row) -> WatchItem:
    return WatchItem(
        id=row["id"],
        guild_id=row["guild_id"],
        kind=ItemKind(row["kind"]),
        name=row["name"],
        aliases=from_list(row["aliases"]),
        identifiers=from_list(row["identifiers"]),
        any_of=from_list(row["any_of"]),
        none_of=from_list(row["none_of"]),
        sources=from_list(row["sources"]),
        channel_id=row["channel_id"],
        priority=Priority(row["priority"]),
        ref=row["ref"],
        note=row["note"],
        added_by=row["added_by"],
        added_at=to_moment(row["added_at"]),
        removed_at=to_moment(row["removed_at"]),
        muted_until=to_moment(row["muted_until"]),
    )
