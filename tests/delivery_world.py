"""A newsroom with an outbox, a delivery and a fake Discord; and the checker that reads only rows and truth."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from bot.delivery import Delivery
from bot.models import Announcement, AnnouncementState, WatchItem
from bot.storage import newsrooms
from bot.storage.archive import notices
from bot.storage.database import Database
from bot.storage.outbox import announcements, sending
from tests.factories import CHANNEL, GUILD, SettableClock, add_item, add_newsroom, make_notice, owe_notice
from tests.fake_discord import FakeDiscord, Message

ROUNDS = 5_000


@dataclass
class World:
    database: Database
    clock: SettableClock
    discord: FakeDiscord
    delivery: Delivery
    item: WatchItem

    async def owe(self, number: int = 1, channel: int = CHANNEL) -> int:
        return await owe_notice(self.database, self.item, make_notice(f"26-{number}"), channel)

    async def revise(self, announcement: int, number: int = 1) -> None:
        """Store the next revision of a notice and owe the edit that shows it."""
        async with self.database.tx("test.revise") as connection:
            row = await announcements.get(connection, GUILD, announcement)
            later = make_notice(f"26-{number}", title="Nouvelles caméras", revision=row.due_revision + 1)
            await notices.revise(connection, row.notice_id or 0, later, "1" * 64, 1, now=self.clock.now())
            await announcements.owe_edit(connection, announcement, later.revision, self.clock.now())

    async def try_again(self) -> None:
        """Go to the moment of the next try, and try whatever is due then."""
        async with self.database.read() as connection:
            waiting = await sending.waiting(connection, self.clock.now())
        if waiting:
            self.clock.moment = max(self.clock.moment, *waiting.values())
        await self.delivery.settle()

    async def settle(self) -> None:
        """Go on until nothing more can be sent."""
        for _ in range(ROUNDS):
            await self.delivery.settle()
            async with self.database.read() as connection:
                waiting = await sending.waiting(connection, self.clock.now())
            if not waiting:
                return
            self.clock.moment = max(self.clock.moment, min(waiting.values()))
        raise AssertionError("the outbox never comes to rest")

    async def restart(self, kind: type[Delivery] = Delivery) -> None:
        """Begin again with nothing but the database, as a new process does."""
        self.delivery = kind(self.database, self.clock)
        self.delivery.connect(self.discord)

    async def row(self, announcement: int = 1) -> Announcement:
        async with self.database.read() as connection:
            return await announcements.get(connection, GUILD, announcement)

    async def rows(self) -> list[Announcement]:
        async with self.database.read() as connection:
            found = await connection.all("SELECT id FROM announcement WHERE guild_id = ? ORDER BY id", GUILD)
            return [await announcements.get(connection, GUILD, row["id"]) for row in found]

    async def parked(self) -> dict[int, str]:
        async with self.database.read() as connection:
            return await newsrooms.parked(connection, GUILD)

    async def told(self) -> list[str]:
        """Return what the operations channel is owed or was sent, by kind."""
        return [row.details["event"] for row in await self.rows() if row.notice_id is None]


async def make_world(
    database: Database, clock: SettableClock, window: timedelta = timedelta(), more: Iterable[int] = ()
) -> World:
    """Return a newsroom with one item, whose Discord compares nonces for as long as `window`."""
    await add_newsroom(database, more=more)
    discord = FakeDiscord(clock, window)
    delivery = Delivery(database, clock)
    delivery.connect(discord)
    return World(database, clock, discord, delivery, await add_item(database))


def faults_of(rows: Sequence[Announcement], truth: Sequence[Message], *, is_ordered: bool = True) -> list[str]:
    """Say what is wrong: announced = expected, each once, where it belongs, and in order within a channel."""
    wrong = []
    places = Counter(
        (message.place.channel_id, row.code) for message in truth for row in rows if message.shows(row.code)
    )
    for row in rows:
        if row.state is not AnnouncementState.SENT:
            wrong.append(f"{row.code} is {row.state}")
        times = places.pop((row.channel_id, row.code), 0)
        if times != 1:
            wrong.append(f"{row.code} stands {times} times in its channel")
    wrong += [f"{code} stands in channel {channel}, where it does not belong" for channel, code in places]
    if is_ordered:
        numbers = {row.code: row.id for row in rows}
        for channel in {row.channel_id for row in rows}:
            order = [
                numbers[code]
                for message in truth
                if message.place.channel_id == channel
                for code in numbers
                if message.shows(code)
            ]
            if order != sorted(order):
                wrong.append(f"channel {channel} is out of order")
    return wrong
