from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.empty_database import place_empty_database
from tests.export.log_rows import Log, writing


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """Give a migrated database file without a newsroom."""
    return place_empty_database(tmp_path / "vigie.sqlite3")


@pytest.fixture
def log(database: Path) -> Iterator[Log]:
    """Hold the newsroom of the tests for writing; what is written is there at once."""
    with writing(database) as log:
        log.newsroom()
        yield log


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out"
