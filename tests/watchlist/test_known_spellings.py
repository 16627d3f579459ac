"""The stored notices tell the live automaton which spellings near a watched name are names of their own."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.models import ItemKind, Notice
from bot.storage.archive import full_text
from bot.storage.archive.vocabulary import REGULAR
from bot.storage.database import Database
from bot.storage.watching import watchlist
from bot.watchlist.live import Watchlist
from tests.empty_database import place_empty_database
from tests.factories import START, SettableClock, add_newsroom, add_notice, make_item

NEW = Notice(id="new", source="boamp", title="Attribution", text="attribué à Valmarim")


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    opened = await Database.open(place_empty_database(tmp_path / "vigie.sqlite3"), SettableClock())
    yield opened
    await opened.close()


async def store(database: Database, count: int) -> None:
    await add_newsroom(database)
    async with database.tx("test.store") as connection:
        await watchlist.add(connection, make_item("Valmarin", kind=ItemKind.COMPANY), "valmarin", START)
        for number in range(count):
            await add_notice(connection, Notice(id=str(number), source="boamp", title="Attribution à Valmarim"))
        batch = [full_text.fold_notice(notice) for notice in await full_text.unindexed(connection, 100)]
        await full_text.index_notices(connection, batch)


@pytest.mark.parametrize(("count", "rules"), [(REGULAR - 1, ["one_edit"]), (REGULAR, [])])
async def test_a_spelling_of_five_stored_notices_is_no_misspelling(
    database: Database, count: int, rules: list[str]
) -> None:
    await store(database, count)
    live = await Watchlist(database).live()
    assert [hit.rule for hit in live.matcher.find(NEW)] == rules
