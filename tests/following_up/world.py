"""A newsroom that is told of tenders, and days that pass: what the bot comes back to by itself."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bot.cards import render
from bot.delivery import Delivery
from bot.following_up import FollowUp
from bot.models import Announcement, AnnouncementKind, Notice, WatchItem
from bot.storage import newsrooms
from bot.storage.archive import notices
from bot.storage.database import Database
from bot.storage.outbox import announcements
from bot.storage.watching import watchlist
from tests.cards.faces import as_read
from tests.empty_database import place_empty_database
from tests.factories import (
    CHANNEL,
    GUILD,
    START,
    SettableClock,
    add_hit,
    add_item,
    add_newsroom,
    add_notice,
    make_item,
    make_notice,
)
from tests.fake_discord import FakeDiscord

DAY = timedelta(days=1)
OTHER_CHANNEL = 2003
DEADLINE = datetime(2026, 12, 10, 12, 0, tzinfo=UTC)
"""The deadline of the usual tender, 24 days after `START`: 13:00 in Paris."""


@dataclass
class Desk:
    """Act for one newsroom in Paris; `work` is the chore."""

    database: Database
    clock: SettableClock
    discord: FakeDiscord
    delivery: Delivery
    chore: FollowUp
    item: WatchItem

    async def announce(
        self, number: int = 1, item: WatchItem | None = None, channel: int = CHANNEL, **said: Any
    ) -> int:
        """Store a tender with a hit of an item, announce it, and return our row of it."""
        notice = make_notice(f"26-{number}", **said)
        async with self.database.tx("test.announce") as connection:
            row = await add_notice(connection, notice, self.clock.now())
            hit = await add_hit(connection, item or self.item, notice, row, now=self.clock.now())
            key = announcements.AnnouncementKey(
                guild_id=GUILD,
                channel_id=channel,
                kind=AnnouncementKind.NOTICE,
                subject=f"{notice.source}:{notice.id}",
            )
            owed = await announcements.owe(connection, key, now=self.clock.now(), thing_id=row)
            await announcements.link(connection, GUILD, owed or 0, hit)
        await self.delivery.settle()
        return row

    async def publish(self, number: int, procedure: str = "gazette:26-1", **said: Any) -> int:
        """Store a notice of a procedure that nothing on the watchlist names, and return our row of it."""
        notice = make_notice(f"26-{number}", procedure=procedure, **said)
        async with self.database.tx("test.publish") as connection:
            return await add_notice(connection, notice, self.clock.now())

    async def revise(self, row: int, **said: Any) -> None:
        """Store the next revision of a notice."""
        async with self.database.tx("test.revise") as connection:
            before = (await notices.latest(connection, [row]))[row]
            after: Notice = replace(before, revision=before.revision + 1, **said)
            await notices.revise(connection, row, after, "1" * 64, 1, now=self.clock.now())

    async def settings(self, **changed: Any) -> None:
        async with self.database.tx("test.settings") as connection:
            newsroom = await newsrooms.find(connection, GUILD)
            assert newsroom is not None
            await newsrooms.save(connection, replace(newsroom, **changed))

    async def change_item(self, **changed: Any) -> None:
        async with self.database.tx("test.item") as connection:
            names = ", ".join(f"{name} = ?" for name in changed)
            sql = "UPDATE watch_item SET {} WHERE id = ?"
            await connection.run(sql.format(names), *changed.values(), self.item.id)

    async def work(self) -> None:
        """Do what the chore does, and deliver what comes of it."""
        await self.chore.work()
        await self.delivery.settle()

    async def poll(self) -> None:
        """Let the sources have been read just now."""
        async with self.database.tx("test.poll") as connection:
            for name in ("gazette", "journal"):
                await connection.run(
                    "INSERT OR REPLACE INTO source_state (source, attempted_at, succeeded_at) VALUES (?1, ?2, ?2)",
                    name,
                    self.clock.now().isoformat(),
                )

    async def at(self, moment: datetime) -> None:
        """Do the chore at a moment, twice: the second time changes nothing."""
        self.clock.moment = moment
        await self.poll()
        await self.work()
        await self.work()

    async def after(self, days: float) -> None:
        """Do the chore so many days after `START`, at nine in Paris."""
        await self.at(START + timedelta(days=days))

    def restart(self) -> None:
        """Begin again with nothing but the database."""
        self.delivery = Delivery(self.database, self.clock)
        self.delivery.connect(self.discord)
        self.chore = FollowUp(self.database, self.clock, self.delivery)

    def told(self, channel: int = CHANNEL) -> list[str]:
        """Return the titles of what came back to a procedure in a channel, as the messages now show them."""
        return [
            message.cards[-1].title
            for message in self.discord.in_channel(channel)
            if message.cards[0].kind == "follow-up"
        ]

    def read(self, place: int = -1, channel: int = CHANNEL) -> str:
        """Return a message of a channel as people read it now."""
        return as_read(render(self.discord.in_channel(channel)[place].cards[-1]))

    async def rows(self) -> list[Announcement]:
        """Return the reminders and alarms that are owed or were sent."""
        async with self.database.read() as connection:
            found = await connection.all(
                "SELECT id FROM announcement WHERE kind IN ('deadline', 'no_award') ORDER BY id"
            )
            return [await announcements.get(connection, GUILD, row["id"]) for row in found]

    async def another_item(self, name: str = "Valmarin") -> WatchItem:
        async with self.database.tx("test.another") as connection:
            return await watchlist.add(connection, make_item(name), name.casefold(), START)


@asynccontextmanager
async def open_desk(folder: Path) -> AsyncIterator[Desk]:
    clock = SettableClock()
    database = await Database.open(place_empty_database(folder / "vigie.sqlite3"), clock)
    try:
        await add_newsroom(database, more=[OTHER_CHANNEL])
        item = await add_item(database)
        discord = FakeDiscord(clock)
        delivery = Delivery(database, clock)
        desk = Desk(database, clock, discord, delivery, FollowUp(database, clock, delivery), item)
        delivery.connect(discord)
        yield desk
    finally:
        await database.close()
