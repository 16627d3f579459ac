from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.storage.database import Database
from tests.empty_database import place_empty_database
from tests.factories import SettableClock


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    opened = await Database.open(place_empty_database(tmp_path / "vigie.sqlite3"), SettableClock())
    yield opened
    await opened.close()
