from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

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


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def lasting_house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    """Run one bot for the cells of a matrix that change nothing, marked `pytest.mark.asyncio(loop_scope="module")`."""
    async with Platform() as made:
        with redirected(made):
            async with House(made, settings_of(tmp_path_factory.mktemp("lasting"))).running() as running:
                yield running


@pytest.fixture
def unbroken(lasting_house: House) -> Iterator[None]:
    """Check after each cell what `platform` checks after each test."""
    yield
    lasting_house.platform.check()


@pytest.fixture
async def room(house: House) -> Room:
    return await house.newsroom(house.guild())
