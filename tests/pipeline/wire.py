"""A pipeline over a source made of pages, and what it left in the database."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, cast

import pytest

from bot.models import Announcement, Held, SourceState, WatchItem
from bot.pipeline import Pipeline, PollReport
from bot.sources import PoliteClient, Source
from bot.storage import newsrooms
from bot.storage.database import Database
from bot.storage.outbox import announcements, sending
from bot.storage.outbox.announcements import Place
from bot.storage.reading import sources
from bot.storage.watching import hits, watchlist
from tests.factories import (
    GUILD,
    OPERATIONS,
    Page,
    PagesSource,
    SettableClock,
    make_notice,
    place_of,
)

NO_CLIENT = cast("PoliteClient", None)
"""What a source that holds its pages itself is read with."""

FIRST = make_notice("26-0", title="Fourniture de mobilier", text="Tables et chaises.")
"""A notice that nobody watches, for the silent first poll."""


class Kill(BaseException):
    """Stop a poll where it is, as a kill does."""


def kill_at(monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    """Stop the poll at the k-th place that it passes."""
    passed = 0

    def point(_: str) -> None:
        nonlocal passed
        passed += 1
        if passed == number:
            raise Kill

    monkeypatch.setattr("bot.storage.database.crash.point", point)


@dataclass
class Wire:
    """Hold a pipeline over a source made of pages, for one newsroom with one item and two channels."""

    database: Database
    clock: SettableClock
    pipeline: Pipeline
    source: PagesSource
    item: WatchItem

    async def poll(self, *pages: Page, source: Source | None = None) -> PollReport:
        """Poll half an hour later."""
        self.clock.advance(timedelta(minutes=30))
        if source is None:
            self.source.pages = pages
        return await self.pipeline.poll(source or self.source, NO_CLIENT)

    async def owed(self, place: Place | None = None) -> list[Announcement]:
        """Return what a channel is owed or was sent, the usual one unless told."""
        place = place or place_of()
        async with self.database.read() as connection:
            rows = await connection.all(
                "SELECT id FROM announcement WHERE guild_id = ? AND channel_id = ? ORDER BY id",
                place.guild_id,
                place.channel_id,
            )
            return [await announcements.get(connection, place.guild_id, row["id"]) for row in rows]

    async def about(self, place: Place | None = None) -> list[str]:
        """Return what the announcements of a channel are about, with the revision."""
        return [f"{row.subject.removeprefix('gazette:')} r{row.revision}" for row in await self.owed(place)]

    async def kinds(self, place: Place | None = None) -> list[str]:
        """Return of what kind the announcements of a channel are."""
        return [row.kind.value for row in await self.owed(place)]

    async def told(self, guild_id: int = GUILD, channel: int = OPERATIONS) -> list[str]:
        """Return what an operations channel is told, by kind."""
        return [row.details["event"] for row in await self.owed(Place(guild_id, channel))]

    async def send_all(self, only: Place | None = None) -> None:
        """Take everything that is owed, or what one channel alone is, for sent, at the revision that it owes."""
        async with self.database.tx("test.sent") as connection:
            for row in await connection.all("SELECT * FROM announcement WHERE state = 'pending'"):
                place = Place(row["guild_id"], row["channel_id"])
                if only not in {None, place}:
                    continue
                await sending.begin(connection, place, row["id"], self.clock.now())
                await sending.sent(
                    connection, row["id"], message_id=9_000 + row["id"], shown={}, revision=row["due_revision"],
                    now=self.clock.now(), remade=row["remade"],
                )  # fmt: skip

    async def brake(self, storm: int, guild_id: int = GUILD) -> None:
        """Set how many new hits for one channel a newsroom takes one by one."""
        async with self.database.tx("test.brake") as connection:
            newsroom = await newsrooms.find(connection, guild_id)
            assert newsroom is not None
            await newsrooms.save(connection, replace(newsroom, storm=storm))

    async def held(self, item: WatchItem | None = None) -> list[Held | None]:
        """Return why each hit of an item was held, newest first."""
        async with self.database.read() as connection:
            item = item or self.item
            return [stored.held for stored in await hits.of_item(connection, item.guild_id, item.id or 0, 50)]

    async def mute(self, item: WatchItem, span: timedelta | None) -> None:
        until = None if span is None else self.clock.now() + span
        async with self.database.tx("test.mute") as connection:
            await watchlist.mute(connection, item.guild_id, item.id or 0, until)

    async def remove(self, item: WatchItem) -> None:
        async with self.database.tx("test.remove") as connection:
            await watchlist.remove(connection, item.guild_id, item.id or 0, 7, self.clock.now())

    async def state(self) -> SourceState:
        async with self.database.read() as connection:
            return await sources.find(connection, self.source.name)

    async def dump(self, *without: str) -> dict[str, list[tuple[Any, ...]]]:
        """Return every row of every table, but for some tables."""
        async with self.database.read() as connection:
            tables = await connection.all("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
            names = [row["name"] for row in tables if row["name"] not in without]
            return {name: [tuple(row) for row in await connection.all(f"SELECT * FROM {name}")] for name in names}  # noqa: S608  # names of tables
