"""The automaton over stored items follows whatever happens to them, and reads only what changed."""

from __future__ import annotations

import contextlib
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.models import ItemKind, Newsroom, Notice, WatchItem
from bot.storage import newsrooms
from bot.storage.database import Connection, Database
from bot.storage.watching import watchlist as rows
from bot.watchlist.entry import name_key
from bot.watchlist.live import Watchlist
from tests.empty_database import place_empty_database

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
GUILDS = 10, 20
NAMES = ("drone", "caméra", "portique", "vidéosurveillance", "brouilleur", "biométrie")
NOTICE = Notice(id="n", title="Drones, caméras et portiques", text="Vidéosurveillance, brouilleurs, biométrie")
STEPS = 25
Change = Callable[[Connection, int, random.Random], Awaitable[None]]


class Stopped:
    def now(self) -> datetime:
        return NOW


class TakenBackError(Exception):
    """Ends a transaction that must leave nothing behind."""


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    opened = await Database.open(place_empty_database(tmp_path / "vigie.sqlite3"), Stopped())
    async with opened.tx("test") as connection:
        for guild_id in GUILDS:
            await newsrooms.save(connection, Newsroom(guild_id=guild_id, language="fr", timezone="Europe/Paris"))
    yield opened
    await opened.close()


def keyword(guild_id: int, name: str) -> WatchItem:
    return WatchItem(kind=ItemKind.KEYWORD, name=name, guild_id=guild_id, added_by=1)


async def _free(connection: Connection, guild_id: int) -> list[WatchItem]:
    taken = {item.name for item in await rows.every(connection, guild_id)}
    return [keyword(guild_id, name) for name in NAMES if name not in taken]


async def add(connection: Connection, guild_id: int, chance: random.Random) -> None:
    if free := await _free(connection, guild_id):
        item = chance.choice(free)
        await rows.add(connection, item, name_key(item), NOW)


async def add_several(connection: Connection, guild_id: int, chance: random.Random) -> None:
    free = await _free(connection, guild_id)
    new = chance.sample(free, chance.randint(0, len(free)))
    await rows.add_all(connection, guild_id, rows.rows_of((item, name_key(item)) for item in new), 1, NOW)


async def edit(connection: Connection, guild_id: int, chance: random.Random) -> None:
    for item in chance.sample(items := await rows.every(connection, guild_id), min(1, len(items))):
        await rows.update(connection, replace(item, note=str(chance.random()), any_of=("lot",)), name_key(item))


async def edit_all(connection: Connection, guild_id: int, chance: random.Random) -> None:
    items = await rows.every(connection, guild_id)
    names = chance.sample([item.name for item in items], len(items))
    edited = [replace(item, name=name) for item, name in zip(items, names, strict=True)]
    await rows.update_all(connection, guild_id, rows.rows_of((item, name_key(item)) for item in edited))


async def remove(connection: Connection, guild_id: int, chance: random.Random) -> None:
    for item in chance.sample(items := await rows.every(connection, guild_id), min(1, len(items))):
        assert item.id is not None
        await rows.remove(connection, guild_id, item.id, 1, NOW)


async def restore(connection: Connection, guild_id: int, chance: random.Random) -> None:
    free = {item.name for item in await _free(connection, guild_id)}
    gone = [item for item in await rows.removed(connection, guild_id) if item.name in free]
    for item in chance.sample(gone, min(1, len(gone))):
        assert item.id is not None
        await rows.restore(connection, guild_id, item.id)


async def mute(connection: Connection, guild_id: int, chance: random.Random) -> None:
    for item in chance.sample(items := await rows.every(connection, guild_id), min(1, len(items))):
        assert item.id is not None
        until = chance.choice((None, NOW + timedelta(days=chance.randint(1, 9))))
        await rows.mute(connection, guild_id, item.id, until)


CHANGES: tuple[Change, ...] = (add, add, add_several, edit, edit_all, remove, restore, mute)


async def _change(database: Database, chance: random.Random) -> None:
    with contextlib.suppress(TakenBackError):
        async with database.tx("test") as connection:
            for _ in range(chance.randint(1, 3)):
                await chance.choice(CHANGES)(connection, chance.choice(GUILDS), chance)
            if chance.random() < 0.2:
                raise TakenBackError


@pytest.mark.parametrize("seed", range(6))
async def test_the_live_items_are_those_read_anew_whatever_happened_to_them(database: Database, seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311  # made-up changes
    watchlist = Watchlist(database)
    for _ in range(STEPS):
        await _change(database, chance)
        if chance.random() < 0.6:
            followed, anew = await watchlist.live(), await Watchlist(database).live()
            assert list(followed.items.items()) == list(anew.items.items())
            assert followed.matcher.find(NOTICE) == anew.matcher.find(NOTICE)


async def test_only_the_items_that_changed_are_read_again(database: Database) -> None:
    watchlist = Watchlist(database)
    async with database.tx("test") as connection:
        stays, changes = [
            await rows.add(connection, item, name_key(item), NOW)
            for item in (keyword(GUILDS[0], NAMES[0]), keyword(GUILDS[0], NAMES[1]))
        ]
    assert stays.id is not None
    before = await watchlist.live()
    async with database.tx("test") as connection:
        await rows.update(connection, replace(changes, note="vu"), name_key(changes))
        version, changed = await rows.changed_since(connection, before.version)
    assert (version, [item.id for item in changed]) == (before.version + 1, [changes.id])
    assert (await watchlist.live()).items[stays.id] is before.items[stays.id]
