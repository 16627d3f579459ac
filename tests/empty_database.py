"""An empty database, migrated once in each process of tests and copied for every test that needs one."""

from __future__ import annotations

import functools
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from bot.storage.migrations import migrate

MIGRATED_AT = datetime(2026, 11, 16, 8, 0, tzinfo=UTC)


@functools.cache
def _content() -> bytes:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "vigie.sqlite3"
        migrate(path, MIGRATED_AT)
        return path.read_bytes()


def place_empty_database(path: Path) -> Path:
    """Write what the first migration of a file leaves, unless something stands there, and return the path."""
    if not path.exists():
        path.write_bytes(_content())
    return path
