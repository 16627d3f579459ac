"""A newsroom with a text channel where procedures have threads, and a forum; what its tests do and look at."""

from __future__ import annotations

import dataclasses
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from bot.storage import newsrooms
from bot.storage.database import Database
from tests.delivery_world import World, make_world
from tests.empty_database import place_empty_database
from tests.factories import CHANNEL, FLOOR, GUILD, SettableClock, make_notice, owe_notice
from tests.fake_discord import Message

FORUM = 2005


@asynccontextmanager
async def threads_world(folder: Path) -> AsyncIterator[World]:
    """Open a newsroom whose announcements channel is `CHANNEL`, with threads, and that may use the forum `FORUM`."""
    clock = SettableClock()
    database = await Database.open(place_empty_database(folder / "vigie.sqlite3"), clock)
    made = await make_world(database, clock)
    async with database.tx("test.forum") as connection:
        await newsrooms.use_channel(connection, GUILD, FORUM, FLOOR, is_forum=True)
    made.discord.forums.add(FORUM)
    await set_threads(made, is_on=True)
    yield made
    await database.close()


async def set_threads(world: World, *, is_on: bool) -> None:
    async with world.database.tx("test.threads") as connection:
        newsroom = await newsrooms.find(connection, GUILD)
        assert newsroom is not None
        await newsrooms.save(connection, dataclasses.replace(newsroom, threads=is_on))


async def follow(world: World, number: int, follows: int, channel: int = CHANNEL) -> int:
    """Owe an announcement that continues the procedure of another one."""
    made = await owe_notice(world.database, world.item, make_notice(f"26-{number}"), channel)
    async with world.database.tx("test.follow") as connection:
        await connection.run("UPDATE announcement SET follows = ? WHERE id = ?", follows, made)
    return made


async def told(world: World, number: int = 1, channel: int = CHANNEL) -> int:
    """Announce a notice."""
    made = await world.owe(number, channel)
    await world.settle()
    return made


def standing(world: World, channel: int) -> list[Message]:
    return [message for message in world.discord.in_channel(channel) if not message.is_deleted]


def places(world: World, channel: int) -> list[int | None]:
    return [message.thread for message in standing(world, channel)]


async def first(world: World, announcement: int) -> int:
    return (await world.row(announcement)).message_id or 0


async def stored(world: World, announcement: int) -> dict[str, Any]:
    """Return a row as it is stored."""
    async with world.database.read() as connection:
        (row,) = await connection.all("SELECT * FROM announcement WHERE id = ?", announcement)
    return dict(row)


async def store(world: World, row: dict[str, Any]) -> None:
    """Put a row back as it was stored once, as a backup does."""
    async with world.database.tx("test.restored") as connection:
        columns = ", ".join(f"{name} = ?" for name in row if name != "id")
        values = [value for name, value in row.items() if name != "id"]
        await connection.run(f"UPDATE announcement SET {columns} WHERE id = ?", *values, row["id"])  # noqa: S608  # ours
