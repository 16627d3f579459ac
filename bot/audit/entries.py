"""The entries of an audit log, one after the other: their numbers, their hashes, and the rows that they seal."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from threading import Event
from typing import Any, Final

from bot import chain
from bot.audit.report import Fault, Finding, Place
from bot.models import AuditHead
from bot.storage.custody import verifying
from bot.storage.custody.audit import KEYS

Key = tuple[int, ...]

_COLUMNS: Final = chain.Link.__slots__


class StoppedError(Exception):
    """End a verification that nobody waits for any more."""


class Walk:
    """Go through the entries of a newsroom's log; `count` and `head` say how far it was sound."""

    def __init__(self, connection: sqlite3.Connection, guild_id: int, stop: Event) -> None:
        self.count = 0
        self.head: AuditHead | None = None
        self._connection = connection
        self._guild_id = guild_id
        self._stop = stop
        self._erased = verifying.erasures(connection, guild_id)
        self._rows = {table: _Sealed(table, verifying.sealed(connection, guild_id, table)) for table in KEYS}

    def faults(self) -> Iterator[Finding]:
        """Yield the places that are not as the log has it, the first one first; what follows it may be its echo."""
        before, opened = chain.START, 0
        for row in verifying.entries(self._connection, self._guild_id):
            if self._stop.is_set():
                raise StoppedError
            if row["number"] != self.count + 1:
                yield self._finding(Fault.ENTRY_MISSING, Place.ENTRY, self.count + 1)
            if not _follows(before, row):
                yield self._finding(Fault.ENTRY_ALTERED, Place.ENTRY, self.count + 1)
            self.count, before = row["number"], row["hash"]
            self.head = AuditHead(self.count, before)
            opened += row["salt"] is not None
            yield from self._strays(self.count)
            yield from self._faults_of_rows(row)
        yield from self._faults_of_head()
        yield from self._strays(None)
        if verifying.openings(self._connection, self._guild_id) != opened:
            yield self._finding(Fault.OPENING_ADDED, Place.OPENING)

    def _faults_of_rows(self, row: sqlite3.Row) -> Iterator[Finding]:
        """Yield what is wrong with the opening of an entry and the rows that it seals."""
        number = row["number"]
        found = {table: rows.of(number) for table, rows in self._rows.items()}
        if row["salt"] is None:
            erased = self._erased.get(row["subject"])
            if erased is None or erased["number"] <= number:
                # Where the entry of an erasure itself was altered or is missing, that is to be named.
                yield from self._faults_behind(row["hash"], number)
                yield self._finding(Fault.OPENING_MISSING, Place.OPENING, number)
            seals: list[Any] | None = []
        else:
            seals = _opened(row)
        if seals is None:
            yield self._finding(Fault.OPENING_ALTERED, Place.OPENING, number)
            return
        for table, *key, seal in seals:
            columns = found[table].pop(tuple(key), None)
            if columns is None:
                is_moved = verifying.is_anywhere(self._connection, table, tuple(key))
                yield self._row_finding(Fault.ROW_MOVED if is_moved else Fault.ROW_MISSING, table, number, tuple(key))
            elif chain.seal(row["salt"], table, columns) != seal:
                yield self._row_finding(Fault.ROW_ALTERED, table, number, tuple(key))
        for table, others in found.items():
            for other in others:
                yield self._row_finding(Fault.ROW_ADDED, table, number, other)

    def _faults_behind(self, before: str, number: int) -> Iterator[Finding]:
        """Yield the entries behind one whose hashes do not follow, and the end where it is missing."""
        for row in verifying.entries(self._connection, self._guild_id, number):
            if not _follows(before, row):
                yield self._finding(Fault.ENTRY_ALTERED, Place.ENTRY, row["number"])
            number, before = row["number"], row["hash"]
        head = verifying.head(self._connection, self._guild_id)
        if head is not None and head["number"] > number:
            yield self._finding(Fault.END_MISSING, Place.HEAD, number + 1)

    def _strays(self, number: int | None) -> Iterator[Finding]:
        """Yield the rows that say that an entry before a number seals them, or any one at the end, and none does."""
        for table, rows in self._rows.items():
            for stray, key in rows.before(number):
                yield self._row_finding(Fault.ROW_ADDED, table, stray, key)

    def _faults_of_head(self) -> Iterator[Finding]:
        """Yield what is wrong with the head that stands beside the log, behind its last entry."""
        row = verifying.head(self._connection, self._guild_id)
        if row is not None and row["number"] > self.count:
            yield self._finding(Fault.END_MISSING, Place.HEAD, self.count + 1)
        elif (None if row is None else AuditHead(row["number"], row["hash"])) != self.head:
            yield self._finding(Fault.HEAD_ALTERED, Place.HEAD, self.count)

    def _finding(self, fault: Fault, place: Place, entry: int | None = None) -> Finding:
        return Finding(fault=fault, place=place, guild_id=self._guild_id, entry=entry)

    def _row_finding(self, fault: Fault, table: str, number: int, key: Key) -> Finding:
        return Finding(
            fault=fault, place=Place(table), guild_id=self._guild_id, entry=number, thing_id=key[0], part=key[1]
        )


class _Sealed:
    """Hand the sealed rows of a table to the entries that seal them, in turn."""

    def __init__(self, table: str, rows: Iterator[sqlite3.Row]) -> None:
        self._table = table
        self._rows = rows
        self._next = next(rows, None)

    def of(self, number: int) -> dict[Key, dict[str, Any]]:
        """Return the rows of an entry by their keys."""
        found = {}
        while self._next is not None and self._next["sealed_in"] == number:
            columns = dict(self._next)
            del columns["sealed_in"]
            found[self._key(columns)] = columns
            self._next = next(self._rows, None)
        return found

    def before(self, number: int | None) -> Iterator[tuple[int, Key]]:
        """Yield the entry and the key of the rows that are left of entries before a number; of all without one."""
        while self._next is not None and (number is None or self._next["sealed_in"] < number):
            row, self._next = self._next, next(self._rows, None)
            yield row["sealed_in"], self._key(row)

    def _key(self, row: Any) -> Key:
        return tuple(row[name] for name in KEYS[self._table])


def _follows(before: str, row: sqlite3.Row) -> bool:
    """Return whether the hash of an entry is that of its row behind the entry before."""
    return bool(row["hash"] == chain.hash_of(before, chain.Link(**{name: row[name] for name in _COLUMNS})))


def _opened(row: sqlite3.Row) -> list[Any] | None:
    """Return the seals of an entry's rows where its opening opens the commitment, written as it would be; else None."""
    try:
        detail, seals = json.loads(row["detail"]), json.loads(row["seals"])
        is_as_written = (chain.canonical(detail), chain.canonical(seals)) == (row["detail"], row["seals"])
    except (ValueError, RecursionError):
        return None
    if not is_as_written or chain.commitment(row["salt"], detail, seals) != row["commitment"]:
        return None
    found: list[Any] = seals
    return found
