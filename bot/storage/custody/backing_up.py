"""Copies of a database made while it is used: by SQLite's own VACUUM INTO, checked, named once they are whole."""

from __future__ import annotations

import contextlib
import hashlib
import os
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bot.errors import DatabaseDamagedError, UserError
from bot.storage._files import existing, sync
from bot.storage.custody.inspection import examine

UNFINISHED: Final = ".unfinished"
"""What the name of a copy ends with until it is whole."""
_PRIVATE: Final = 0o600
"""What is copied or set aside is nobody else's."""
_BLOCK_BYTES: Final = 1 << 20
_PRIMARY: Final = 0xFF


@dataclass(frozen=True, slots=True)
class Copy:
    """Hold what a copy of a database is: where, how large, and its checksum."""

    path: Path
    bytes: int
    sha256: str


def copy_of(database: Path, target: Path) -> Copy:
    """Copy a database, which others may be writing to, as it is at one moment; return what the copy is.

    The copy is opened again, every page of it checked, and gets its name once it is on the disk. Raises UserError where
    there is something of that name, OSError where it cannot be written, DatabaseDamagedError where it is damaged.
    """
    if target.exists():
        raise UserError("backup-exists", path=str(target))
    unfinished = target.with_name(f"{target.name}{UNFINISHED}")
    unfinished.unlink(missing_ok=True)
    unfinished.touch(mode=_PRIVATE)
    try:
        with existing(database) as connection:
            connection.execute("VACUUM INTO ?", (str(unfinished),))
        refuse_damaged(unfinished)
        sync(unfinished)
        copied = Copy(target, unfinished.stat().st_size, sha256_of(unfinished))
        os.link(unfinished, target)
        sync(target.absolute().parent)
    except FileExistsError:
        raise UserError("backup-exists", path=str(target)) from None
    except sqlite3.DatabaseError as error:
        raise _refusal_of(error, database) from error
    finally:
        unfinished.unlink(missing_ok=True)
    return copied


def refuse_damaged(path: Path) -> None:
    """Raise DatabaseRefusedError where a file is no database of ours, newer, altered or damaged; reads every page.

    Of a damaged one that is DatabaseDamagedError.
    """
    try:
        damage = examine(path, is_thorough=True).damage
    except sqlite3.DatabaseError as error:
        raise _refusal_of(error, path) from error
    if damage is not None:
        raise DatabaseDamagedError("database-damaged", path=str(path))


def _refusal_of(error: sqlite3.DatabaseError, path: Path) -> Exception:
    """Return what a person is told of an error of SQLite where the file is damaged; else the error itself."""
    code = getattr(error, "sqlite_errorcode", None)
    if code is not None and code & _PRIMARY in {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}:
        return DatabaseDamagedError("database-damaged", path=str(path))
    return error


def sha256_of(path: Path) -> str:
    """Return the checksum of a file, in hexadecimal."""
    checksum = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_BLOCK_BYTES):
            checksum.update(block)
    return checksum.hexdigest()


def put_in_place(new: Path, path: Path, aside: Path) -> None:
    """Put a database file in the place of another one, which stays under the name `aside`, its owner's alone.

    Nobody has either open. A crash leaves the one or the other in place, never none, and never one of them with the
    journal of the other.
    """
    _settle_journal(path, aside)
    path.chmod(_PRIVATE)
    os.link(path, aside)
    new.replace(path)
    sync(path.absolute().parent)


def _settle_journal(path: Path, aside: Path) -> None:
    """Bring what stands in a database's journal into its file, or put the journal of a damaged one aside with it."""
    with contextlib.suppress(sqlite3.DatabaseError), closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    for ending in ("-wal", "-shm"):
        journal = path.with_name(f"{path.name}{ending}")
        if journal.exists():
            journal.chmod(_PRIVATE)
            journal.replace(aside.with_name(f"{aside.name}{ending}"))
