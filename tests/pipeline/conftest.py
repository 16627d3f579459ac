from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.pipeline import Pipeline
from bot.storage.database import Database
from bot.watchlist.live import Watchlist
from tests.empty_database import place_empty_database
from tests.factories import PagesSource, SettableClock, add_item, add_newsroom
from tests.pipeline.two_sources import NOBODYS, journal, read_journal
from tests.pipeline.wire import FIRST, Wire


@pytest.fixture
async def fresh(tmp_path: Path) -> AsyncIterator[Wire]:
    """Hold a pipeline whose source was never polled."""
    clock = SettableClock()
    database = await Database.open(place_empty_database(tmp_path / "vigie.sqlite3"), clock)
    await add_newsroom(database, more=[2003], storm=1_000)
    item = await add_item(database)
    yield Wire(database, clock, Pipeline(database, Watchlist(database), clock), PagesSource(), item)
    await database.close()


@pytest.fixture
def _whole_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    """Store 25 notices in each transaction, however long that takes."""
    monkeypatch.setattr("bot.pipeline.poll.BATCH", 25)
    monkeypatch.setattr("bot.pipeline.storing.FEWEST", 25)
    monkeypatch.setattr("bot.pipeline.storing.AIM_S", 3_600.0)


@pytest.fixture
async def wire(fresh: Wire) -> Wire:
    """Hold a pipeline whose source had its silent first poll."""
    await fresh.poll([FIRST])
    return fresh


@pytest.fixture
async def both(wire: Wire) -> Wire:
    """Hold two sources past their silent first polls."""
    await read_journal(wire, journal(0, procedure=None, **NOBODYS))
    return wire
