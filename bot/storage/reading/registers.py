"""Full registers as their last dump showed them, entity by entity: what the next dump is compared with."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from bot.storage._values import from_list
from bot.storage.database import Connection

PAGE: Final = 1_000
"""How many entities are read at a time: a register has tens of thousands."""

_COLUMNS = "entity, fingerprint, content_version, missing_since, missing_entries, entries"


@dataclass(frozen=True, slots=True)
class StoredEntity:
    """Hold an entity of a register as the last dump that held it showed it.

    `entries` are the ids of its notices. `missing_since` is the number of the dump that was the first to lack the
    entity, `missing_entries` gives the same by id for notices that vanished from it while others stay.
    """

    id: str
    fingerprint: str
    content_version: int
    entries: tuple[str, ...]
    missing_since: int | None = None
    missing_entries: Mapping[str, int] = field(default_factory=dict)


async def fingerprints(connection: Connection, source: str, content_version: int) -> dict[str, str]:
    """Return the fingerprints of a source's entities that were made by these rules, by entity."""
    sql = """
        SELECT entity, fingerprint FROM register_entity
        WHERE source = ? AND entity > ? AND content_version = ? ORDER BY entity LIMIT ?
    """
    pages = _pages(connection, sql, source, content_version)
    return {row["entity"]: row["fingerprint"] async for rows in pages for row in rows}


async def missing_since(connection: Connection, source: str) -> dict[str, int | None]:
    """Return every entity of a source's register, with the number of the dump that was the first to lack it."""
    sql = "SELECT entity, missing_since FROM register_entity WHERE source = ? AND entity > ? ORDER BY entity LIMIT ?"
    pages = _pages(connection, sql, source)
    return {row["entity"]: row["missing_since"] async for rows in pages for row in rows}


async def get(connection: Connection, source: str, entities: Iterable[str]) -> dict[str, StoredEntity]:
    """Return those of a source's entities that are stored, by id."""
    rows = await connection.all(
        f"SELECT {_COLUMNS} FROM register_entity WHERE source = ? AND entity IN (SELECT value FROM json_each(?))",
        source,
        json.dumps(list(entities)),
    )
    return {row["entity"]: _entity(row) for row in rows}


async def doubted(connection: Connection, source: str) -> list[StoredEntity]:
    """Return a source's entities that the last dump lacked, or of which it lacked notices."""
    sql = f"""
        SELECT {_COLUMNS} FROM register_entity
        WHERE source = ? AND +entity > ? AND (missing_since IS NOT NULL OR missing_entries <> '{{}}')
        ORDER BY +entity LIMIT ?
    """
    return [_entity(row) async for rows in _pages(connection, sql, source) for row in rows]


async def held(connection: Connection, source: str, names: Iterable[str], dump: int) -> set[str]:
    """Return those of a source's notices that stand under an entity, as it is stored, that still is in the register.

    That is one that no dump before `dump`, by its number, lacked.
    """
    rows = await connection.all(
        """
        SELECT DISTINCT one.value AS name FROM register_entity JOIN json_each(register_entity.entries) AS one
        WHERE source = ? AND (missing_since IS NULL OR missing_since >= ?)
            AND one.value IN (SELECT value FROM json_each(?))
        """,
        source,
        dump,
        json.dumps(list(names)),
    )
    return {row["name"] for row in rows}


async def save(connection: Connection, source: str, entities: Iterable[StoredEntity]) -> None:
    """Store entities as they now are."""
    rows = [
        [one.id, one.fingerprint, one.content_version, one.missing_since, one.missing_entries, one.entries]
        for one in entities
    ]
    values = ", ".join(f"json_extract(one.value, '$[{place}]')" for place in range(6))
    await connection.run(
        f"""
        INSERT OR REPLACE INTO register_entity (source, {_COLUMNS}) SELECT ?, {values} FROM json_each(?) AS one
        """,
        source,
        json.dumps(rows, ensure_ascii=False),
    )


async def note_missing(connection: Connection, source: str, entities: Iterable[str], dump: int) -> None:
    """Note that a dump, by its number, is the first to lack these entities."""
    await connection.run(
        "UPDATE register_entity SET missing_since = ? WHERE source = ? AND entity IN (SELECT value FROM json_each(?))",
        dump,
        source,
        json.dumps(list(entities)),
    )


async def forget(connection: Connection, source: str, entities: Iterable[str]) -> None:
    """Forget entities that are no longer in the register: one that comes back is read as a new one is."""
    await connection.run(
        "DELETE FROM register_entity WHERE source = ? AND entity IN (SELECT value FROM json_each(?))",
        source,
        json.dumps(list(entities)),
    )


async def _pages(connection: Connection, sql: str, source: str, *values: object) -> AsyncIterator[list[sqlite3.Row]]:
    """Yield the rows of a source's entities by the page: the event loop gets a turn between them."""
    after = ""
    while rows := await connection.all(sql, source, after, *values, PAGE):
        yield rows
        after = rows[-1]["entity"]


def _entity(row: sqlite3.Row) -> StoredEntity:
    return StoredEntity(
        id=row["entity"],
        fingerprint=row["fingerprint"],
        content_version=row["content_version"],
        entries=from_list(row["entries"]),
        missing_since=row["missing_since"],
        missing_entries=json.loads(row["missing_entries"]),
    )
