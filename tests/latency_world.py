"""A large newsroom at a loopback Discord with its real rate limits, and the real bot, to measure latencies on."""

from __future__ import annotations

import asyncio
import os
import random
import sqlite3
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import count
from pathlib import Path

from bot.clock import SystemClock
from bot.loopback import Channel
from bot.loopback.publishers import Record, boamp_records
from bot.loopback.publishers.boamp_eforms import Firm
from bot.models import AnnouncementKind, Notice, NoticeKind, WatchItem
from bot.reference import AnnouncementKey
from bot.storage import newsrooms
from bot.storage.archive.full_text import fold_words
from bot.storage.database import Database
from bot.storage.outbox import announcements
from bot.storage.watching import watchlist
from bot.watchlist.entry import name_key
from tests.e2e.nursery import Nursery
from tests.e2e.world import World, in_days, today, world
from tests.factories import add_hit, add_notice
from tests.made_up_notices import made_up_items, made_up_text

STORED_IN = ("boamp", "ted", "bodacc", "decp", "jorf", "hatvp", "us_lda", "uk_contracts_finder")
KINDS = ("tender", "tender", "tender", "award", "award", "change", "company", "appointment", "registration")
TEXTS = 2_000


@dataclass(frozen=True, slots=True)
class Size:
    """Say how large the newsroom is, what a poll brings, and over how many channels its hits are spread."""

    items: int = 10_000
    stored: int = 100_000
    polled: int = 1_000
    hits: int = 36
    channels: int = 12
    due: int = 500
    due_channels: int = 100


class FreshProcess(Nursery):
    """Start each bot as a process of its own that imports everything itself, as an operator's does."""

    def __init__(self) -> None:  # nothing forks
        pass

    async def start(  # type: ignore[override]  # asyncio's process has the methods of a Child
        self, arguments: list[str], environment: Mapping[str, str], log: Path, module: str = "bot.loopback.launcher"
    ) -> asyncio.subprocess.Process:
        """Start `vigie` with these arguments."""
        told = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        try:
            return await asyncio.create_subprocess_exec(
                sys.executable, "-m", module, *arguments, env=dict(environment), stdout=told, stderr=told
            )
        finally:
            os.close(told)


@dataclass(slots=True)
class LargeNewsroom:
    """Hold the newsroom: its items, and the channels where their hits are announced."""

    desk: World
    size: Size
    chance: random.Random
    items: Sequence[WatchItem]
    channels: Sequence[Channel]
    numbers: count[int] = field(default_factory=lambda: count(10_000))

    def publish(self) -> list[WatchItem]:
        """Have BOAMP publish what a poll brings; return the items that are named, the first channel's several times."""
        number_of_hits = self.size.hits
        per_channel = len(self.channels)
        named = [
            self.items[self.chance.randrange(len(self.items) // per_channel) * per_channel + place % per_channel]
            for place in range(number_of_hits)
        ]
        at = sorted(self.chance.sample(range(self.size.polled), number_of_hits))
        names = dict(zip(at, named, strict=True))
        self.desk.boamp.records = [self._record(names.get(place)) for place in range(self.size.polled)]
        return named

    def _record(self, item: WatchItem | None) -> Record:
        text = made_up_text(self.chance)
        cut = text.find(" ", min(90, len(text) // 2))
        title, body = text[:cut], f"{text[cut + 1 :]} {item.name if item else ''}."
        idweb, kind = f"26-{next(self.numbers)}", self.chance.random()
        said = {"idweb": idweb, "objet": title, "description": body, "published": today()}
        if kind < 0.5:
            return boamp_records.fns_notice(**said, deadline=in_days(20))
        if kind < 0.8:
            return boamp_records.eforms_notice(**said, deadline=in_days(20), estimate="120000.00")
        return boamp_records.eforms_award(**said, winners=(Firm("Tolbec Sarl", "21690123100011"),), amount="90000.00")

    async def owe(self) -> None:
        """Owe announcements of notices with a hit each, all due now: a running bot sees them when it next looks."""
        async with Database.join(self.desk.database) as database, database.tx("latency.owe") as connection:
            now, guild_id = SystemClock().now(), self.desk.guild.id
            for number in range(self.size.due):
                item = self.items[self.chance.randrange(len(self.items))]
                text = made_up_text(self.chance, 600)
                notice = Notice(
                    source="ted",
                    id=f"{next(self.numbers)}-2026",
                    revision=1,
                    kind=NoticeKind.TENDER,
                    title=f"{text[:80]} {item.name}",
                    text=text,
                    buyer="Ville de Lyon",
                    published=today(),
                    deadline=in_days(20),
                    url="https://ted.example/notice",
                    language="fr",
                )
                row = await add_notice(connection, notice, now)
                hit = await add_hit(connection, item, notice, row, now=now)
                channel = self._due_channel(number)
                key = AnnouncementKey(
                    guild_id=guild_id,
                    channel_id=channel.id,
                    kind=AnnouncementKind.NOTICE,
                    subject=f"ted:{notice.id}",
                )
                owed = await announcements.owe(connection, key, now=now, thing_id=row)
                assert owed is not None
                await announcements.link(connection, guild_id, owed, hit)
            await connection.run("UPDATE notice SET is_indexed = 1")

    def _due_channel(self, number: int) -> Channel:
        named = [channel for channel in self.desk.guild.channels if channel.name.startswith("du")]
        return named[number % len(named)]


@asynccontextmanager
async def large_newsroom(folder: Path, size: Size) -> AsyncIterator[LargeNewsroom]:
    """Build the newsroom; its bot does not run yet."""
    async with world(folder, FreshProcess(), real_buckets=True) as desk:
        desk.configure(every="12h")
        chance = random.Random(8)  # noqa: S311  # made-up data
        for number in range(size.due_channels):
            desk.guild.add_channel(f"du-{number}")
        channels = [desk.guild.add_channel(f"dossier-{number}") for number in range(size.channels)]
        desk.boamp.records = [boamp_records.fns_notice(idweb="26-1", objet="Espaces verts", published=today())]
        began = desk.now()
        bot = await desk.started()
        await desk.set_up()
        await desk.until_polled(since=began)
        await bot.stop()
        items = await _items(desk, chance, size, channels)
        await asyncio.to_thread(_archive, desk, chance, size)
        yield LargeNewsroom(desk, size, chance, items, channels)


async def _items(desk: World, chance: random.Random, size: Size, channels: Sequence[Channel]) -> Sequence[WatchItem]:
    """Store the watch items, each with one of the channels in turn; return them with their ids."""
    made = {}
    for item in made_up_items(chance, size.items * 11 // 10):
        mine = replace(item, id=None, guild_id=desk.guild.id)
        made.setdefault((mine.kind, name_key(mine)), mine)
    chosen = [
        (replace(item, channel_id=channels[place % len(channels)].id), key)
        for place, ((_, key), item) in enumerate(list(made.items())[: size.items])
    ]
    async with Database.join(desk.database) as database, database.tx("latency.items") as connection:
        now = SystemClock().now()
        for channel in desk.guild.channels:
            await newsrooms.use_channel(connection, desk.guild.id, channel.id, 1)
        rows = watchlist.rows_of(chosen)
        ids = await watchlist.add_all(connection, desk.guild.id, rows, desk.editor.id, now)
    return [replace(item, id=ids[item.kind, key]) for item, key in chosen]


def _archive(desk: World, chance: random.Random, size: Size) -> None:
    """Store and index the notices of two years, one in fifty with a hit."""
    now = SystemClock().now()
    pool = [(text[:90], text[90:]) for text in (made_up_text(chance) for _ in range(TEXTS))]
    folded = [(fold_words(title), fold_words(text)) for title, text in pool]
    seen = [(now - timedelta(minutes=10 * age)).isoformat(timespec="microseconds") for age in range(size.stored, 0, -1)]
    with closing(sqlite3.connect(desk.database, isolation_level=None)) as connection:
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute("BEGIN")
        (first,) = connection.execute("SELECT coalesce(max(id), 0) + 1 FROM notice").fetchone()
        rows = range(size.stored)
        connection.executemany(
            """
            INSERT INTO notice (id, source, source_id, revision, content_sha256, content_version, procedure, seen_at,
                is_baseline, is_indexed)
            VALUES (?, ?, ?, 1, ?, 1, ?, ?, 0, 1)
            """,
            ((first + n, STORED_IN[n % len(STORED_IN)], f"s-{n}", f"{n:064}", f"p-{n // 3}", seen[n]) for n in rows),
        )
        connection.executemany(
            """
            INSERT INTO notice_revision (notice_id, revision, seen_at, kind, title, text, buyer, suppliers, people,
                identifiers, cpv, published, url, language)
            VALUES (?, 1, ?, ?, ?, ?, 'Ville de Lyon', '[]', '[]', '[]', '["35125300"]', ?, 'https://a.example/1', 'fr')
            """,
            ((first + n, seen[n], KINDS[n % len(KINDS)], *pool[n % TEXTS], seen[n][:10]) for n in rows),
        )
        connection.executemany(
            "INSERT INTO notice_words (rowid, title, text) VALUES (?, ?, ?)",
            ((first + n, *folded[n % TEXTS]) for n in rows),
        )
        connection.executemany(
            """
            INSERT INTO hit (guild_id, item_id, notice_id, revision, tier, term, rule, field, start, "end", matched,
                snippet, count, digest, found_at)
            SELECT guild_id, id, ?, 1, 'exact', name, 'phrase', 'text', 0, 4, 'mots', 'mots', 1, 'none', ?
            FROM watch_item WHERE id = ?
            """,
            ((first + n, seen[n], n // 50 % size.items + 1) for n in range(0, size.stored, 50)),
        )
        connection.execute("COMMIT")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
