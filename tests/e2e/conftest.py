"""The fixtures of the end-to-end tests."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.e2e import nursery as nurseries
from tests.e2e.nursery import Nursery
from tests.e2e.world import World, world


@pytest.fixture(scope="session")
def nursery() -> Nursery:
    """Give what starts bot processes."""
    return nurseries.nursery()


@pytest.fixture
async def desk(tmp_path: Path, nursery: Nursery) -> AsyncIterator[World]:
    """Give a newsroom whose bot is not running yet."""
    async with world(tmp_path, nursery) as made:
        yield made


@pytest.fixture
async def running(desk: World) -> World:
    """Give a newsroom that was set up and follows one company and one keyword, with a baseline behind it."""
    await desk.ready()
    return desk
