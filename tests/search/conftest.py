from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.storage.database import Database
from tests.empty_database import place_empty_database
from tests.factories import SettableClock, add_newsroom
from tests.searching import THERE


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    """Open a database with two newsrooms in it."""
    opened = await Database.open(place_empty_database(tmp_path / "vigie.sqlite3"), SettableClock())
    await add_newsroom(opened)
    await add_newsroom(opened, THERE, channel=None, operations=None)
    yield opened
    await opened.close()
