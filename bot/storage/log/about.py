"""The watch items that a tip or a fact is about."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from bot.models import ItemKind, ThingKind
from bot.storage._values import to_text
from bot.storage.database import Connection

_THINGS: Final = {ThingKind.TIP: ("tip_item", "tip_id"), ThingKind.FACT: ("fact_item", "fact_id")}
"""The table that links each kind of thing to watch items, and its column."""


@dataclass(frozen=True, slots=True)
class NamedItem:
    """Name a watch item, removed ones included."""

    id: int
    name: str
    kind: ItemKind


async def link(
    connection: Connection,
    guild_id: int,
    kind: ThingKind,
    thing_id: int,
    items: Iterable[int],
    by: int,
    now: datetime,
) -> int:
    """Note that a thing is about watch items of its newsroom; return of how many that is new."""
    table, column = _THINGS[kind]
    return await connection.run(
        f"""
        INSERT INTO {table} (guild_id, {column}, item_id, added_by, added_at)
        SELECT guild_id, ?, id, ?, ? FROM watch_item WHERE guild_id = ? AND id IN (SELECT value FROM json_each(?))
        ON CONFLICT DO NOTHING
        """,
        thing_id,
        by,
        to_text(now),
        guild_id,
        json.dumps(sorted(set(items))),
    )


async def items_of(connection: Connection, guild_id: int, kind: ThingKind, thing_id: int) -> list[NamedItem]:
    """Return the items that a thing is about, by name."""
    table, column = _THINGS[kind]
    rows = await connection.all(
        f"""
        SELECT watch_item.id, watch_item.name, watch_item.kind
        FROM {table} JOIN watch_item ON watch_item.guild_id = {table}.guild_id AND watch_item.id = {table}.item_id
        WHERE {table}.guild_id = ? AND {column} = ? ORDER BY watch_item.name_key, watch_item.id
        """,
        guild_id,
        thing_id,
    )
    return [NamedItem(row["id"], row["name"], ItemKind(row["kind"])) for row in rows]
