"""What is known of each source: when it answered, what it gave, what went wrong, where its next read goes on."""

from __future__ import annotations

import dataclasses
import json
import sqlite3
from datetime import datetime

from bot.models import SourceState
from bot.storage._values import from_list, to_list, to_moment, to_text
from bot.storage.database import Connection

_FIELDS = tuple(field.name for field in dataclasses.fields(SourceState))
_MOMENTS = {name for name in _FIELDS if name.endswith(("_at", "_since")) or name == "not_before"}


async def find(connection: Connection, source: str) -> SourceState:
    """Return a source's state, an empty one before its first poll."""
    row = await connection.one(f"SELECT {', '.join(_FIELDS)} FROM source_state WHERE source = ?", source)
    return _state(row) if row else SourceState(source=source)


async def every(connection: Connection) -> list[SourceState]:
    """Return the states of all sources that were ever polled."""
    return [
        _state(row) for row in await connection.all(f"SELECT {', '.join(_FIELDS)} FROM source_state ORDER BY source")
    ]


async def save(connection: Connection, state: SourceState) -> None:
    """Store a source's state."""
    places = ", ".join("?" for _ in _FIELDS)
    changes = ", ".join(f"{name} = excluded.{name}" for name in _FIELDS[1:])
    await connection.run(
        f"INSERT INTO source_state ({', '.join(_FIELDS)}) VALUES ({places})"
        f" ON CONFLICT (source) DO UPDATE SET {changes}",
        *(_stored(name, getattr(state, name)) for name in _FIELDS),
    )


def _stored(name: str, value: object) -> object:
    if isinstance(value, datetime):
        return to_text(value)
    if name == "unknown_fields":
        return to_list(value)  # type: ignore[arg-type]  # the one tuple of this state
    if name == "cursor":
        return json.dumps(value, ensure_ascii=False)
    return value


def _state(row: sqlite3.Row) -> SourceState:
    values = {name: to_moment(row[name]) if name in _MOMENTS else row[name] for name in _FIELDS}
    values |= {"unknown_fields": from_list(row["unknown_fields"]), "cursor": json.loads(row["cursor"])}
    return SourceState(**values)
