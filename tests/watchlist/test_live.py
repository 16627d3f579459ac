from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.models import ItemKind, Newsroom, Notice, WatchItem
from bot.storage import newsrooms
from bot.storage.database import Database
from bot.storage.watching import watchlist as rows
from bot.watchlist import changes
from bot.watchlist.entry import name_key
from bot.watchlist.live import Watchlist
from tests.empty_database import place_empty_database

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
GUILD = 10


class Stopped:
    def now(self) -> datetime:
        return NOW


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    opened = await Database.open(place_empty_database(tmp_path / "vigie.sqlite3"), Stopped())
    async with opened.tx("test") as connection:
        newsroom = Newsroom(guild_id=GUILD, language="fr", timezone="Europe/Paris", announcements_channel=1)
        await newsrooms.save(connection, newsroom)
    yield opened
    await opened.close()


def keyword(name: str, **more: object) -> WatchItem:
    return WatchItem(kind=ItemKind.KEYWORD, name=name, guild_id=GUILD, added_by=1, **more)  # type: ignore[arg-type]


async def test_the_automaton_is_built_anew_only_when_a_watchlist_changed(database: Database) -> None:
    watchlist = Watchlist(database)
    first = await watchlist.live()
    assert await watchlist.live() is first
    item = await changes.add(database, keyword("drone"), 1, NOW)
    second = await watchlist.live()
    assert list(second.items) == [item.id]
    await changes.remove(database, item, 1, NOW)
    assert list((await watchlist.live()).items) == []


async def test_the_automaton_holds_the_items_of_all_newsrooms(database: Database) -> None:
    async with database.tx("test") as connection:
        await newsrooms.save(connection, Newsroom(guild_id=20, language="fr", timezone="Europe/Paris"))
        for guild_id in (GUILD, 20):
            item = WatchItem(kind=ItemKind.KEYWORD, name="drone", guild_id=guild_id, added_by=1)
            await rows.add(connection, item, name_key(item), NOW)
    live = await Watchlist(database).live()
    assert {item.guild_id for item in live.items.values()} == {GUILD, 20}
    assert len(live.matcher.find(Notice(id="x", title="drone"))) == 2


async def test_a_newsrooms_items_are_its_own_by_name_and_as_they_now_stand(database: Database) -> None:
    watchlist = Watchlist(database)
    async with database.tx("test") as connection:
        await newsrooms.save(connection, Newsroom(guild_id=20, language="fr", timezone="Europe/Paris"))
        other = WatchItem(kind=ItemKind.KEYWORD, name="ascenseur", guild_id=20, added_by=1)
        await rows.add(connection, other, name_key(other), NOW)
    await changes.add(database, keyword("drone"), 1, NOW)
    assert [item.name for item in await watchlist.items_of(GUILD)] == ["drone"]
    await changes.add(database, keyword("caméra"), 1, NOW)
    assert [item.name for item in await watchlist.items_of(GUILD)] == ["caméra", "drone"]
    assert await watchlist.items_of(GUILD) is await watchlist.items_of(GUILD)


async def test_a_stored_query_that_can_no_longer_be_read_does_not_stop_the_others(database: Database) -> None:
    async with database.tx("test") as connection:
        for name in ("drone (", "drone"):
            await rows.add(connection, keyword(name), name, NOW)
    live = await Watchlist(database).live()
    assert [hit.term for hit in live.matcher.find(Notice(id="x", title="Drone 1"))] == ["drone"]
