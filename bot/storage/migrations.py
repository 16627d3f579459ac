"""Bring a database file to the newest schema, or refuse it."""

from __future__ import annotations

import hashlib
import re
import sqlite3
from dataclasses import dataclass
from datetime import datetime
from importlib.resources import files
from pathlib import Path

from bot.errors import DatabaseRefusedError
from bot.storage._files import sync

_NAME = re.compile(r"(\d{4})_([a-z0-9_]+)\.sql")

_RECORD = """
CREATE TABLE IF NOT EXISTS migration (
    number INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    applied_at TEXT NOT NULL
) STRICT
"""


@dataclass(frozen=True, slots=True)
class Migration:
    """Hold one numbered SQL file."""

    number: int
    name: str
    sql: str

    @property
    def sha256(self) -> str:
        """Return the checksum by which a later edit of the file is noticed."""
        return hashlib.sha256(self.sql.encode()).hexdigest()


def available() -> tuple[Migration, ...]:
    """Return the packaged migrations in order; raises ValueError when a number is missing or given twice."""
    found = sorted(
        (
            Migration(int(match[1]), match[2], entry.read_text(encoding="utf-8"))
            for entry in files("migrations").iterdir()
            if (match := _NAME.fullmatch(entry.name))
        ),
        key=lambda migration: migration.number,
    )
    if [migration.number for migration in found] != list(range(1, len(found) + 1)):
        raise ValueError("migrations are numbered from 0001 without a gap")
    return tuple(found)


def statements(sql: str) -> list[str]:
    """Split a script into complete statements, as SQLite itself tells where one ends."""
    parts, current = [], ""
    for line in sql.splitlines(keepends=True):
        current += line
        if sqlite3.complete_statement(current):
            parts.append(current.strip())
            current = ""
    if any(line.strip() and not line.strip().startswith("--") for line in current.splitlines()):
        raise ValueError(f"an incomplete statement ends the script: {current.strip()[:80]!r}")
    return parts


def pending(connection: sqlite3.Connection, migrations: tuple[Migration, ...]) -> tuple[Migration, ...]:
    """Return the migrations still to apply.

    Raises DatabaseRefusedError when the file is no database or another program's, when it is newer than this program,
    when an applied file was altered since, or when the record and the version disagree.
    """
    try:
        version = connection.execute("PRAGMA user_version").fetchone()[0]
    except sqlite3.DatabaseError as error:
        if error.sqlite_errorcode == sqlite3.SQLITE_NOTADB:
            raise DatabaseRefusedError("database-foreign") from error
        raise
    has_record = connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'migration'").fetchone()
    if not has_record:
        if version or connection.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone():
            raise DatabaseRefusedError("database-foreign")
        return migrations
    applied = connection.execute("SELECT number, name, sha256 FROM migration ORDER BY number").fetchall()
    if version > len(migrations) or len(applied) > len(migrations):
        raise DatabaseRefusedError("database-newer", found=max(version, len(applied)), known=len(migrations))
    if version != len(applied):
        raise DatabaseRefusedError("database-altered", migration=f"user_version {version}")
    for (number, name, sha256), migration in zip(applied, migrations, strict=False):
        if (number, name, sha256) != (migration.number, migration.name, migration.sha256):
            raise DatabaseRefusedError("database-altered", migration=f"{number:04d}_{name}")
    return migrations[len(applied) :]


def migrate(path: Path, now: datetime, migrations: tuple[Migration, ...] | None = None) -> tuple[Migration, ...]:
    """Apply what is missing, each file in one transaction with its version and its record; return what was applied.

    A database that holds something is first copied beside itself (`NAME.before-000N`), by SQLite's own VACUUM INTO.
    A migration may rebuild a table that others refer to: foreign keys are checked as a whole before its commit.
    Raises DatabaseRefusedError as `pending` does, and then leaves the file as it was.
    """
    connection = sqlite3.connect(path, isolation_level=None)
    try:
        known = available() if migrations is None else migrations
        todo = pending(connection, known)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        # A table that is made anew leaves no copy of its rows behind.
        connection.execute("PRAGMA secure_delete = ON")
        connection.execute("PRAGMA foreign_keys = OFF")
        if todo and len(todo) < len(known):
            _back_up(connection, path, todo[0].number)
        for migration in todo:
            _apply(connection, migration, now)
        return todo
    finally:
        connection.close()


def _apply(connection: sqlite3.Connection, migration: Migration, now: datetime) -> None:
    connection.execute("BEGIN IMMEDIATE")
    try:
        connection.execute(_RECORD)
        for statement in statements(migration.sql):
            connection.execute(statement)
        connection.execute(
            "INSERT INTO migration (number, name, sha256, applied_at) VALUES (?, ?, ?, ?)",
            (migration.number, migration.name, migration.sha256, now.isoformat()),
        )
        connection.execute(f"PRAGMA user_version = {migration.number:d}")
        _check_references(connection, migration)
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:  # SQLite itself has rolled back where the disk is full
            connection.execute("ROLLBACK")
        raise


def _check_references(connection: sqlite3.Connection, migration: Migration) -> None:
    orphan = connection.execute("PRAGMA foreign_key_check").fetchone()
    if orphan is not None:
        raise sqlite3.IntegrityError(f"migration {migration.number:04d} leaves rows of {orphan[0]} without {orphan[2]}")


def _back_up(connection: sqlite3.Connection, path: Path, number: int) -> None:
    copy = path.with_name(f"{path.name}.before-{number:04d}")
    unfinished = copy.with_name(f"{copy.name}.unfinished")
    unfinished.unlink(missing_ok=True)
    connection.execute("VACUUM INTO ?", (str(unfinished),))
    check = sqlite3.connect(unfinished)
    try:
        result = check.execute("PRAGMA integrity_check").fetchone()[0]
    finally:
        check.close()
    if result != "ok":
        raise sqlite3.DatabaseError(f"the copy made before migration {number:04d} is damaged: {result}")
    sync(unfinished)
    unfinished.replace(copy)
    sync(path.absolute().parent)
