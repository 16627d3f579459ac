from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.storage.migrations import migrate
from tests.export.log_rows import Log, writing
from tests.factories import START


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("empty") / "vigie.sqlite3"
    migrate(path, START)
    return path


@pytest.fixture
def database(empty_database: Path, tmp_path: Path) -> Path:
    """Give a migrated database file without a newsroom."""
    return Path(shutil.copy(empty_database, tmp_path / "vigie.sqlite3"))


@pytest.fixture
def log(database: Path) -> Iterator[Log]:
    """Hold the newsroom of the tests for writing; what is written is there at once."""
    with writing(database) as log:
        log.newsroom()
        yield log


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out"
