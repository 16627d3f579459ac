"""The fixtures of the end-to-end tests."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.e2e.nursery import Nursery
from tests.e2e.world import World, world


@pytest.fixture(scope="session")
def nursery() -> Iterator[Nursery]:
    """Give what starts bot processes."""
    made = Nursery()
    yield made
    made.close()


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
