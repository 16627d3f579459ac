"""The watch items of each newsroom."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.models import ItemKind, Priority, WatchItem
from bot.storage._values import from_list, next_id, to_list, to_moment, to_text
from bot.storage.database import Connection

_COLUMNS = """
    id, guild_id, kind, name, aliases, identifiers, any_of, none_of, sources, channel_id, priority, ref, note,
    added_by, added_at, removed_at, muted_until
"""


_AT_ONCE = 100
_CHANGED_IN = "(SELECT watchlist_version + 1 FROM installation)"
"""The version that a change of items makes, said in the statement that changes them: `_move` follows it."""
_SAID = "kind, name, name_key, aliases, identifiers, any_of, none_of, sources, channel_id, priority, ref, note"
"""What people say of an item, in the order of `_said`."""
_CELLS = [f"json_extract(value, '$[{place}]')" for place in range(_SAID.count(",") + 1)]
_NAMED_CELLS = ", ".join(f"{cell} AS cell{place}" for place, cell in enumerate(_CELLS))


@dataclass(frozen=True, slots=True)
class Clash:
    """Name the live item that already has the name or the ref of a new one."""

    item: WatchItem
    same: str


async def live(connection: Connection) -> tuple[int, list[WatchItem]]:
    """Return the version of the watchlists and the live items of all newsrooms, for the one automaton."""
    rows = await connection.all(f"SELECT {_COLUMNS} FROM watch_item WHERE removed_at IS NULL ORDER BY id")
    return await version_of(connection), await _items(rows)


async def changed_since(connection: Connection, version: int) -> tuple[int, list[WatchItem]]:
    """Return the version of the watchlists, and the items of all newsrooms, live or removed, changed after another."""
    rows = await connection.all(f"SELECT {_COLUMNS} FROM watch_item WHERE changed_in > ? ORDER BY id", version)
    return await version_of(connection), await _items(rows)


async def watched_identifiers(connection: Connection) -> frozenset[str]:
    """Return the numbers that the live items of all newsrooms carry, as they were typed."""
    rows = await connection.all(
        """
        SELECT DISTINCT number.value FROM watch_item, json_each(watch_item.identifiers) AS number
        WHERE watch_item.removed_at IS NULL
        """
    )
    return frozenset(row["value"] for row in rows)


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
    return await _items(rows)


async def by_name(connection: Connection, guild_id: int) -> list[int]:
    """Return our ids of a newsroom's live items, by name."""
    rows = await connection.all(
        "SELECT id FROM watch_item WHERE guild_id = ? AND removed_at IS NULL ORDER BY name_key, id", guild_id
    )
    return [row["id"] for row in rows]


async def with_keys(connection: Connection, guild_id: int) -> list[tuple[WatchItem, str]]:
    """Return a newsroom's live items by name, each with its name key."""
    rows = await connection.all(
        f"SELECT {_COLUMNS}, name_key FROM watch_item WHERE guild_id = ? AND removed_at IS NULL ORDER BY name_key, id",
        guild_id,
    )
    return list(zip(await _items(rows), (row["name_key"] for row in rows), strict=True))


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
        INSERT INTO watch_item (id, changed_in, guild_id, added_by, added_at, {_SAID})
        VALUES ({next_id("watch_item")}, {_CHANGED_IN}, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        RETURNING {_COLUMNS}
        """,
        item.guild_id,
        item.added_by,
        to_text(now),
        *_said(item, name_key),
    )
    await _move(connection)
    return _item(rows[0])


async def add_all(
    connection: Connection, guild_id: int, rows: str, by: int, now: datetime
) -> dict[tuple[str, str], int]:
    """Store new items in one statement and return their ids by kind and name key; `rows` is of `rows_of`."""
    added = await connection.all(
        f"""
        INSERT INTO watch_item (id, changed_in, guild_id, added_by, added_at, {_SAID})
        SELECT {next_id("watch_item")} + key, {_CHANGED_IN}, ?, ?, ?, {", ".join(_CELLS)}
        FROM json_each(?) WHERE true ORDER BY key
        RETURNING id, kind, name_key
        """,
        guild_id,
        by,
        to_text(now),
        rows,
    )
    await _move(connection)
    return {(row["kind"], row["name_key"]): row["id"] for row in added}


async def update(connection: Connection, item: WatchItem, name_key: str) -> bool:
    """Store what is now said of a live item; return whether it was there."""
    return await _change(
        connection,
        f"({_SAID}) = (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) WHERE guild_id = ? AND id = ? AND removed_at IS NULL",
        *_said(item, name_key),
        item.guild_id,
        item.id,
    )


async def update_all(connection: Connection, guild_id: int, rows: str) -> None:
    """Store what is now said of live items in two statements; `rows` is of `rows_of`.

    Names and refs may change places among them.
    """
    # The schema looks at each row alone: what another row gives up must be free before. No name key holds that sign.
    await connection.run(
        """
        UPDATE watch_item SET name_key = char(31) || id, ref = NULL
        WHERE guild_id = ? AND id IN (SELECT json_extract(value, '$[12]') FROM json_each(?))
        """,
        guild_id,
        rows,
    )
    # LIMIT keeps the JSON from being read again for each item.
    await _change(
        connection,
        f"""
        ({_SAID}) = ({", ".join(f"of_row.cell{place}" for place in range(len(_CELLS)))})
        FROM (SELECT {_NAMED_CELLS}, json_extract(value, '$[12]') AS item_id FROM json_each(?) LIMIT -1) AS of_row
        WHERE watch_item.guild_id = ? AND watch_item.id = of_row.item_id AND removed_at IS NULL
        """,
        rows,
        guild_id,
    )


def rows_of(items: Iterable[tuple[WatchItem, str]]) -> str:
    """Return items with their name keys as `add_all` and `update_all` take them, made before the transaction."""
    return json.dumps([(*_said(item, name_key), item.id) for item, name_key in items], ensure_ascii=False)


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
    changed = await connection.run(f"UPDATE watch_item SET changed_in = {_CHANGED_IN}, {change}", *values)
    if changed:
        await _move(connection)
    return bool(changed)


async def _move(connection: Connection) -> None:
    await connection.run("UPDATE installation SET watchlist_version = watchlist_version + 1")


def _said(item: WatchItem, name_key: str) -> tuple[object, ...]:
    """Return what people say of an item as it is stored."""
    return (
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
    )


async def _items(rows: Sequence[sqlite3.Row]) -> list[WatchItem]:
    """Return the items of many rows; the event loop goes on meanwhile."""
    found: list[WatchItem] = []
    for start in range(0, len(rows), _AT_ONCE):
        found += map(_item, rows[start : start + _AT_ONCE])
        await asyncio.sleep(0)
    return found


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
