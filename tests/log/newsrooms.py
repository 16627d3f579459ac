"""Two newsrooms at a time in one database, their people, and what every command does first: judge who asks."""

from __future__ import annotations

import asyncio
import functools
import itertools
import tempfile
from collections.abc import Coroutine
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from bot.access import Action, Caller, Viewer, authorize, viewer_of
from bot.access import Thing as Judged
from bot.cards import card_to_json
from bot.dates import Prefers, read_date
from bot.delivery import Delivery
from bot.locales import Language
from bot.models import ItemKind, Newsroom, WatchItem
from bot.storage import newsrooms
from bot.storage.database import Database
from bot.storage.watching import watchlist
from tests.empty_database import place_empty_database
from tests.factories import FLOOR, SettableClock
from tests.fake_discord import FakeDiscord
from tests.log.driver import IN_EACH
from tests.log.things import Person, Role, Room

T = TypeVar("T")

PARIS = ZoneInfo("Europe/Paris")
ROLES = {Role.REPORTER: frozenset({11}), Role.EDITOR: frozenset({12})}


class Newsrooms:
    """Newsrooms in one database, with a Discord in memory behind its delivery."""

    def __init__(self) -> None:
        self._runner = asyncio.Runner()
        self._folder = tempfile.TemporaryDirectory(prefix="log-")
        self.path = Path(self._folder.name) / "vigie.sqlite3"
        self.clock = SettableClock()
        self._numbers = itertools.count(1_000)
        self.newsrooms: dict[int, Newsroom] = {}
        self.database = self.run(self._open())
        self._discord = FakeDiscord(self.clock)
        self._delivery = Delivery(self.database, self.clock)
        self._delivery.connect(self._discord)
        self.read = functools.partial(
            read_date, language=Language.FR, zone=PARIS, now=self.clock.now(), prefers=Prefers.PAST
        )

    async def _open(self) -> Database:
        database = await Database.open(place_empty_database(self.path), self.clock)
        await database._writer.execute("PRAGMA synchronous = OFF")  # no power fails here
        return database

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return self._runner.run(work)

    def close(self) -> None:
        self.run(self.database.close())
        self._runner.close()
        self._folder.cleanup()

    def wait(self, minutes: int) -> None:
        self.clock.advance(timedelta(minutes=minutes))

    def settle(self) -> None:
        self.run(self._delivery.settle())

    def posted(self, channel: int) -> list[str]:
        return [card_to_json(one.cards[-1]) for one in self._discord.in_channel(channel) if one.answers is None]

    def answered(self, channel: int) -> list[str]:
        return [card_to_json(one.cards[-1]) for one in self._discord.in_channel(channel) if one.answers is not None]

    def begin(self) -> tuple[list[Room], list[Person]]:
        rooms = [self.run(self._room()) for _ in range(2)]
        people = [Person(name, next(self._numbers), role, room) for room in rooms for name, role in IN_EACH.items()]
        return rooms, people

    async def _room(self) -> Room:
        guild, log, *spare = itertools.islice(self._numbers, 4)
        newsroom = Newsroom(
            guild_id=guild, language="fr", timezone="Europe/Paris", log_channel=log, reporter_role=11, editor_role=12
        )
        async with self.database.tx("test.room") as connection:
            await newsrooms.save(connection, newsroom)
            await newsrooms.use_channel(connection, guild, log, FLOOR)
            item = WatchItem(guild_id=guild, kind=ItemKind.COMPANY, name="Corvoy", added_by=1)
            item = await watchlist.add(connection, item, "corvoy", self.clock.now())
        self.newsrooms[guild] = newsroom
        return Room(guild, log, spare, item.id or 0)

    def caller(self, who: Person) -> Caller:
        return Caller(
            user_id=who.id,
            guild_id=who.room.guild_id,
            role_ids=ROLES.get(who.role, frozenset()),
            is_administrator=who.role is Role.ADMINISTRATOR,
        )

    def admit(self, who: Person, action: Action, thing: Judged | None = None) -> Viewer:
        newsroom = self.newsrooms[who.room.guild_id]
        authorize(self.caller(who), newsroom, action, thing=thing)
        return viewer_of(self.caller(who), newsroom)
