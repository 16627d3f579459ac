"""A newsroom whose sources are polled, and what `/why` says there of a notice."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from bot.digest import Digester
from bot.following_up.explained import explained
from bot.locales import Language, Texts
from bot.markup import clean
from bot.models import Announcement, Every, Notice, ThingKind, WatchItem
from bot.pipeline import Pipeline
from bot.storage import newsrooms
from bot.storage.database import Database
from bot.storage.digesting import digests
from bot.storage.log import dossiers
from bot.storage.watching import hits, watchlist
from bot.storage.watching.hits import StoredHit
from bot.watchlist.entry import name_key
from bot.watchlist.explaining import explain
from bot.watchlist.fates import fates_of
from bot.watchlist.live import Watchlist
from cogs._why_replies import explanation_lines
from tests.empty_database import place_empty_database
from tests.factories import CHANNEL, GUILD, START, PagesSource, SettableClock, add_item, add_newsroom, make_item
from tests.pipeline.wire import FIRST, Wire

OWN_CHANNEL = 2003
OURS_ESCAPED = re.compile(r"\\\*\\\*|\\\[|\\\]|https: //|`[^`\n]*\\[^`\n]*`")
"""A mark or a link of ours that was taken for a word of others, or a backslash that code shows."""
PERSON = 7


@dataclass
class Told(Wire):
    """Hold the pipeline of a newsroom, and ask what it says of its notices."""

    async def why(
        self, notice_id: str = "26-1", language: Language = Language.EN, message: Announcement | None = None
    ) -> str:
        """Return what `/why` says of a notice, as people read it, or of it and all else that a message tells."""
        async with self.database.read() as connection:
            [row] = await connection.all("SELECT id FROM notice WHERE source_id = ?", notice_id)
        now = self.clock.now()
        explanation = await explain(self.database, Watchlist(self.database), GUILD, row["id"], language, message)
        fates = await fates_of(self.database, GUILD, explanation, now)
        rows = [telling.announcement for telling in explanation.tellings]
        follow_ups = await explained(self.database, GUILD, row["id"], explanation.notice, rows, now)
        texts = Texts(language, ZoneInfo("Europe/Paris")).through(clean)
        said = "\n".join(explanation_lines(texts, fates, follow_ups))
        assert not OURS_ESCAPED.search(said), said
        return said

    async def change(self, item: WatchItem | None = None, **changed: Any) -> None:
        """Say an item anew, the usual one unless told, as `/watch edit` does."""
        async with self.database.tx("test.item") as connection:
            was = await watchlist.find(connection, GUILD, (item or self.item).id or 0)
            assert was is not None
            after = replace(was, **changed)
            assert await watchlist.update(connection, after, name_key(after))

    async def alter(self, table: str, where: str = "1", **changed: Any) -> None:
        """Change columns of rows, as what failed or happened at Discord would."""
        async with self.database.tx("test.rows") as connection:
            names = ", ".join(f"{name} = ?" for name in changed)
            sql = "UPDATE {} SET {} WHERE {}"
            await connection.run(sql.format(table, names, where), *changed.values())

    async def settings(self, **changed: Any) -> None:
        async with self.database.tx("test.settings") as connection:
            newsroom = await newsrooms.find(connection, GUILD)
            assert newsroom is not None
            await newsrooms.save(connection, replace(newsroom, **changed))

    async def newest(self, item: WatchItem | None = None) -> StoredHit:
        """Return the newest hit of an item."""
        async with self.database.read() as connection:
            return (await hits.of_item(connection, GUILD, (item or self.item).id or 0, 1))[0]

    async def another(self, name: str, **said: Any) -> WatchItem:
        """Store a further item a minute later."""
        self.clock.advance(timedelta(minutes=1))
        return await add_item(self.database, make_item(name, **said), self.clock.now())

    async def in_dossier(self, name: str, channel: int, item: WatchItem | None = None) -> None:
        """Open a dossier with a channel, and put an item in it."""
        async with self.database.tx("test.dossier") as connection:
            made = await dossiers.add(connection, GUILD, name, name.casefold(), channel, PERSON, START)
            found = item or self.item
            await dossiers.put(connection, GUILD, made.id, ThingKind.ITEM, found.id or 0, PERSON, START)

    async def schedule_digest(self, channel: int = CHANNEL) -> int:
        """Schedule the digest of a channel, daily at eight; return our id of it."""
        now = self.clock.now()
        async with self.database.tx("test.digest") as connection:
            return (await digests.add(connection, GUILD, channel, None, Every.DAILY, time(8), PERSON, now)).id

    async def digest(self) -> None:
        """Make that digest, scheduled by now at the latest, and take it for sent."""
        async with self.database.read() as connection:
            made = [one.id for one in await digests.every(connection, GUILD)]
        first = made[0] if made else await self.schedule_digest()
        await Digester(self.database, self.clock, {}, lambda: None).make_now(GUILD, first, PERSON, 1)
        await self.send_all()

    async def announce(self, *notices: Notice) -> None:
        """Poll notices and take what is owed for sent."""
        await self.poll(list(notices))
        await self.send_all()

    async def code(self, place: int = -1) -> str:
        """Return the code of a message of the usual channel."""
        return (await self.owed())[place].code


@asynccontextmanager
async def open_told(folder: Path) -> AsyncIterator[Told]:
    """Open a newsroom with one item and two channels, whose source had its silent first poll."""
    clock = SettableClock()
    database = await Database.open(place_empty_database(folder / "vigie.sqlite3"), clock)
    await add_newsroom(database, more=[OWN_CHANNEL], storm=1_000)
    item = await add_item(database)
    told = Told(database, clock, Pipeline(database, Watchlist(database), clock), PagesSource(), item)
    await told.poll([FIRST])
    yield told
    await database.close()
