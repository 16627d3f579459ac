from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.watchlist.explained_world import Told, open_told


@pytest.fixture
async def told(tmp_path: Path) -> AsyncIterator[Told]:
    async with open_told(tmp_path) as opened:
        yield opened
