"""Parsed notices kept aside until a whole poll has been read, on disk when they are many."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from types import TracebackType
from typing import Any, Self

from bot.models import Notice
from bot.sources import Entity, Parsed

MEMORY_KIB = 4_000
"""How much of the spool SQLite keeps in memory; the rest is in a temporary file that nobody else sees."""

PAGE_CHARS = 1_000_000
"""How much is read back at a time, whatever the number of its parts."""

_TABLES = f"""
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
PRAGMA cache_size = -{MEMORY_KIB};
BEGIN;
CREATE TABLE entry (
    place INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, sha256 TEXT NOT NULL, line TEXT NOT NULL,
    is_reduced INTEGER NOT NULL, is_silent INTEGER NOT NULL
);
CREATE TABLE entity (
    place INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, fingerprint TEXT NOT NULL, is_read INTEGER NOT NULL,
    entries TEXT NOT NULL
);
"""
_ADD = "INSERT OR REPLACE INTO entry (id, sha256, line, is_reduced, is_silent) VALUES (?, ?, ?, ?, 0)"
_ADD_SILENT = """
INSERT OR REPLACE INTO entry (id, sha256, line, is_reduced, is_silent)
VALUES (?1, ?2, ?3, ?4, coalesce((SELECT is_silent FROM entry WHERE id = ?1), 1))
"""


@dataclass(frozen=True, slots=True)
class Entry:
    """Hold a parsed notice with the checksum of its meaningful fields.

    `is_removal` says that a register no longer holds it, which is made up of the notice as it was last stored;
    `is_reduced` is `Payload.is_reduced`, `is_silent` that every payload that held it was.
    """

    notice: Notice
    content_sha256: str
    is_removal: bool = False
    is_reduced: bool = False
    is_silent: bool = False


class Spool:
    """Keep notices in the order they came; each source id once, the last copy wins. The same for a register's entities.

    Its methods do file work: call them from a thread, one at a time. After the end of its block they raise
    sqlite3.ProgrammingError: a thread that a cancelled poll left behind ends there.
    """

    def __init__(self) -> None:
        self._file = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        self._turn = threading.Lock()
        self._file.executescript(_TABLES)
        self.losses = 0
        self.lacking = 0
        self.unknown_fields: set[str] = set()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Forget everything."""
        with self._turn:
            self._file.close()

    def __len__(self) -> int:
        return self._count("SELECT count(*) FROM entry")

    def add(self, parsed: Parsed, *, is_reduced: bool = False, is_silent: bool = False) -> None:
        """Append what a payload, or a part of one, said; what is there already is read back as it now stands.

        `is_reduced` and `is_silent` are those of the `Payload`; what any payload holds that is not silent is not.
        `losses` counts the parts that could not be read; `lacking` does too, and counts what a whole payload lacks once
        for each of its notices.
        """
        with self._turn:
            self._file.executemany(
                _ADD_SILENT if is_silent else _ADD,
                ((one.id, parsed.revision_hashes[one.id], _written(one), is_reduced) for one in parsed.notices),
            )
            self._file.executemany(
                "INSERT OR REPLACE INTO entity (id, fingerprint, is_read, entries) VALUES (?, ?, ?, ?)",
                (
                    (one.id, one.fingerprint, one.entries is not None, json.dumps(one.entries or ()))
                    for one in parsed.entities
                ),
            )
        self.losses += len(parsed.losses)
        self.lacking += sum(1 if loss.notice else max(len(parsed.notices), 1) for loss in parsed.losses)
        self.unknown_fields |= parsed.unknown_fields

    def batches(self, size: int) -> Iterator[tuple[Entry, ...]]:
        """Read all notices back, `size` at a time, fewer where they are long; nothing may be added meanwhile."""
        sql = "SELECT place, sha256, line, is_reduced, is_silent FROM entry WHERE place > ? ORDER BY place LIMIT ?"
        for rows in self._pages(sql, size):
            yield tuple(
                Entry(_read(line), sha256, is_reduced=bool(is_reduced), is_silent=bool(is_silent))
                for _, sha256, line, is_reduced, is_silent in rows
            )

    def entities(self) -> int:
        """Return how many entities of a register were read or found unchanged."""
        return self._count("SELECT count(*) FROM entity")

    def entities_read(self, size: int) -> Iterator[tuple[Entity, ...]]:
        """Return the entities that were read again, `size` at a time."""
        sql = "SELECT place, id, fingerprint, entries FROM entity WHERE is_read AND place > ? ORDER BY place LIMIT ?"
        for rows in self._pages(sql, size):
            yield tuple(Entity(name, fingerprint, tuple(json.loads(entries))) for _, name, fingerprint, entries in rows)

    def missing_entities(self, stored: Iterable[str]) -> list[str]:
        """Return those of stored entities that the dump does not hold."""
        return self._absent("entity", stored)

    def unread_entities(self, stored: Iterable[str]) -> list[str]:
        """Return those of stored entities that the dump holds unchanged."""
        sql = "SELECT id FROM entity WHERE NOT is_read AND id IN (SELECT value FROM json_each(?)) ORDER BY place"
        with self._turn:
            return [name for (name,) in self._file.execute(sql, (json.dumps(list(stored)),))]

    def missing_notices(self, stored: Collection[str]) -> list[str]:
        """Return those of stored notices of which nothing was read."""
        return self._absent("entry", stored)

    def _absent(self, table: str, stored: Iterable[str]) -> list[str]:
        sql = f"SELECT value FROM json_each(?) WHERE value NOT IN (SELECT id FROM {table})"
        with self._turn:
            return [name for (name,) in self._file.execute(sql, (json.dumps(list(stored)),))]

    def _pages(self, sql: str, size: int) -> Iterator[list[tuple[Any, ...]]]:
        after = 0
        while True:
            with self._turn:
                rows = _first(self._file.execute(sql, (after, size)))
            if not rows:
                return
            yield rows
            after = rows[-1][0]

    def _count(self, sql: str) -> int:
        with self._turn:
            return int(self._file.execute(sql).fetchone()[0])


def _first(found: Iterable[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """Return as many of the first rows as make a page."""
    rows, chars = [], 0
    for row in found:
        rows.append(row)
        chars += sum(len(value) for value in row if isinstance(value, str))
        if chars >= PAGE_CHARS:
            break
    return rows


def _written(notice: Notice) -> str:
    line = notice.to_json()
    if notice.particulars:
        line["particulars"] = notice.particulars
    return json.dumps(line)


def _read(text: str) -> Notice:
    line = json.loads(text)
    notice = Notice.from_json(line)
    pairs = line.get("particulars")
    return replace(notice, particulars=tuple((code, value) for code, value in pairs)) if pairs else notice
