from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.loopback import Platform
from bot.loopback.launcher import redirected
from tests.cogs.house import House, Room, settings_of


@pytest.fixture
async def platform() -> AsyncIterator[Platform]:
    async with Platform() as made:
        with redirected(made):
            yield made
        made.check()


@pytest.fixture
async def house(platform: Platform, tmp_path: Path) -> AsyncIterator[House]:
    async with House(platform, settings_of(tmp_path)).running() as running:
        yield running


@pytest.fixture
async def room(house: House) -> Room:
    return await house.newsroom(house.guild())
