"""A database file reached from outside: its address, a connection to one that exists, and its way to the disk."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import quote


def read_only(path: Path) -> str:
    """Return the address by which SQLite opens a file to read it only."""
    return f"{_address(path)}?mode=ro"


@contextmanager
def existing(path: Path) -> Iterator[sqlite3.Connection]:
    """Hold a connection to a file that exists; raises sqlite3.OperationalError where it does not."""
    with closing(sqlite3.connect(f"{_address(path)}?mode=rw", uri=True)) as connection:
        yield connection


def sync(path: Path) -> None:
    """Bring a file, or the names in a folder, to the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _address(path: Path) -> str:
    return f"file:{quote(str(path.absolute()))}"
