"""Random polls, channels, brakes and kills: every hit is told once, in a message or a storm, or held for a reason."""

from __future__ import annotations

import asyncio
import os
import shutil
import tempfile
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, event, given, settings
from hypothesis import strategies as st

from bot.models import (
    Announcement,
    AnnouncementKind,
    InDigest,
    ItemKind,
    Notice,
    NoticeKind,
    Priority,
    ThingKind,
    WatchItem,
)
from bot.pipeline import Pipeline
from bot.storage.database import Connection, Database
from bot.storage.log import dossiers
from bot.storage.outbox.announcements import Place
from bot.storage.outbox.revoking import withdraw
from bot.watchlist.live import Watchlist
from tests.factories import (
    CHANNEL,
    GUILD,
    START,
    PagesSource,
    SettableClock,
    add_item,
    add_newsroom,
    make_item,
    make_notice,
)
from tests.pipeline.fates import faults, kept_back
from tests.pipeline.wire import FIRST, Kill, Wire, kill_at

EXAMPLES = int(os.environ.get("STORM_RUNS", "20"))
BATCH = 3
SECOND_CHANNEL = 2003
THERE = Place(3001, 4001)
DOSSIER_CHANNEL = 2004
PLACES = (Place(GUILD, CHANNEL), Place(GUILD, SECOND_CHANNEL), Place(GUILD, DOSSIER_CHANNEL), THERE)
ROUTES = {1: (CHANNEL,), 2: (SECOND_CHANNEL,), 3: (CHANNEL,), 4: (SECOND_CHANNEL, DOSSIER_CHANNEL), 5: (4001,)}
"""Where each item is announced: the official in two dossiers."""
WORDS = ("drone", "radar", "caméra", "J. Martinet", "Jeanne Martinet")


@dataclass(frozen=True)
class Told:
    """Hold what a page says of a notice: its number, the words in it, its buyer, and whether it is of one procedure."""

    number: int
    words: frozenset[str]
    buyer: str
    is_of_procedure: bool

    @property
    def notice(self) -> Notice:
        return make_notice(
            f"26-{self.number}",
            title=f"Avis {self.number}",
            text=". ".join(sorted(self.words)),
            buyer=self.buyer,
            procedure="shared" if self.is_of_procedure else f"own:{self.number}",
            kind=NoticeKind.CHANGE if self.is_of_procedure else NoticeKind.TENDER,
        )


@dataclass(frozen=True)
class Step:
    """Hold a poll: what it reads, at which place it is killed (0: none), and what happens afterwards."""

    page: tuple[Told, ...]
    killed_at: int
    is_resumed: bool
    is_sent: bool


tellings = st.builds(
    Told,
    number=st.integers(1, 14),
    words=st.frozensets(st.sampled_from(WORDS), max_size=3),
    buyer=st.sampled_from(("Lyon", "Nantes")),
    is_of_procedure=st.sampled_from((False, False, True)),
)
steps = st.builds(
    Step,
    page=st.lists(tellings, min_size=1, max_size=14, unique_by=lambda told: told.number).map(tuple),
    killed_at=st.sampled_from((0, 0, *range(1, 11))),
    is_resumed=st.booleans(),
    is_sent=st.booleans(),
)


async def prepare(path: Path) -> None:
    """Lay down a database with two newsrooms, and items of four channels, past its silent first poll."""
    clock = SettableClock()
    database = await Database.open(path, clock)
    try:
        await add_newsroom(database, more=[SECOND_CHANNEL, DOSSIER_CHANNEL])
        await add_newsroom(database, THERE.guild_id, channel=THERE.channel_id, operations=None)
        item = await add_item(database, make_item("drone"))
        await add_item(database, make_item("radar", channel_id=SECOND_CHANNEL))
        await add_item(database, make_item("caméra", priority=Priority.DIGEST))
        official = await add_item(database, make_item("Jeanne Martinet", kind=ItemKind.OFFICIAL))
        await gather(database, official, SECOND_CHANNEL, DOSSIER_CHANNEL)
        await add_item(database, make_item("drone OU radar", guild_id=THERE.guild_id))
        await wire_of(database, clock, item).poll([FIRST])
    finally:
        await database.close()


async def gather(database: Database, item: WatchItem, *channels: int) -> None:
    """Put an item into a dossier for each channel."""
    async with database.tx("test.dossiers") as connection:
        for channel in channels:
            made = await dossiers.add(connection, GUILD, f"{channel}", f"{channel}", channel, 7, START)
            await dossiers.put(connection, GUILD, made.id, ThingKind.ITEM, item.id or 0, 7, START)


def wire_of(database: Database, clock: SettableClock, item: WatchItem) -> Wire:
    return Wire(database, clock, Pipeline(database, Watchlist(database), clock), PagesSource(), item)


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("prepared") / "vigie.sqlite3"
    asyncio.run(prepare(path))
    return path


@asynccontextmanager
async def opened(prepared: Path, storms: Sequence[int]) -> AsyncIterator[Wire]:
    """Hold a pipeline over a copy of the prepared database, with these brakes in its newsrooms."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "vigie.sqlite3"
        shutil.copy(prepared, path)
        clock = SettableClock(START + timedelta(hours=1))
        database = await Database.open(path, clock)
        try:
            wire = wire_of(database, clock, make_item())
            for guild_id, storm in zip((GUILD, THERE.guild_id), storms, strict=True):
                await wire.brake(storm, guild_id)
            yield wire
        finally:
            await database.close()


async def hits_owed(wire: Wire) -> dict[tuple[str, int, int], InDigest]:
    """Return what the digest owes every hit, by notice, revision and item."""
    async with wire.database.read() as connection:
        rows = await connection.all(
            "SELECT source_id, hit.revision, item_id, digest FROM hit JOIN notice ON notice.id = notice_id"
        )
    return {(row["source_id"], row["revision"], row["item_id"]): InDigest(row["digest"]) for row in rows}


async def new_by_place(wire: Wire, after: int) -> Counter[Place]:
    """Return how many hits behind our id of one are announced one by one, by channel."""
    async with wire.database.read() as connection:
        rows = await connection.all(
            """
            SELECT announcement.guild_id, channel_id, count(DISTINCT hit_id) AS hits
            FROM announcement JOIN announcement_hit ON announcement_id = announcement.id JOIN hit ON hit.id = hit_id
            WHERE announcement.id > ? AND announcement.kind = 'notice' AND hit.digest <> 'none' GROUP BY 1, 2
            """,
            after,
        )
    return Counter({Place(row["guild_id"], row["channel_id"]): row["hits"] for row in rows})


async def in_storm(wire: Wire, storm: Announcement) -> int:
    """Return for how many hits a storm stands."""
    async with wire.database.read() as connection:
        row = await connection.one("SELECT count(*) FROM announcement_hit WHERE announcement_id = ?", storm.id)
    return row[0] if row else 0


async def newest(wire: Wire) -> int:
    async with wire.database.read() as connection:
        row = await connection.one("SELECT coalesce(max(id), 0) FROM announcement")
    return row[0] if row else 0


async def play(wire: Wire, run: Sequence[Step], storms: Sequence[int]) -> None:
    """Poll step by step; a step that is killed is repeated whole."""
    for step in run:
        page = [told.notice for told in step.page]
        if step.killed_at:
            with pytest.MonkeyPatch.context() as patch:
                kill_at(patch, step.killed_at)
                try:
                    await wire.poll(page)
                except Kill:
                    event("killed")
            assert await faults(wire.database, ROUTES) == []
            if step.is_resumed:
                await wire.pipeline.resume()
                assert (await faults(wire.database, ROUTES), await kept_back(wire.database)) == ([], 0)
        before = await newest(wire)
        report = await wire.poll(page)
        assert (await faults(wire.database, ROUTES), await kept_back(wire.database)) == ([], 0)
        one_by_one = await new_by_place(wire, before)
        found = {place: [row for row in await wire.owed(place) if row.id > before] for place in PLACES}
        assert report.owed == sum(map(len, found.values()))
        for place in PLACES:
            limit = storms[place == THERE]
            assert one_by_one[place] <= limit
            in_storms = [await in_storm(wire, row) for row in found[place] if row.kind is AnnouncementKind.STORM]
            assert in_storms == [] or (in_storms > [limit] and len(in_storms) == 1 and not one_by_one[place])
            event(f"storms: {len(in_storms)}")
        if step.is_sent:
            await wire.send_all()


async def compare(prepared: Path, run: Sequence[Step], storms: Sequence[int]) -> None:
    """Play a run, and again without its kills: the same hits are found, and the digest owes them the same.

    But for notices of which a message was taken back: a kill may part a storm, and so decide whether there was one.
    """
    found = []
    taken_back: set[str] = set()
    withdrawing = withdraw

    async def withdrawn(connection: Connection, announcement: Announcement, *rest: Any) -> Any:
        taken_back.add(announcement.subject.removeprefix("gazette:"))
        return await withdrawing(connection, announcement, *rest)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("bot.pipeline.poll.BATCH", BATCH)
        patch.setattr("bot.pipeline.storing.AIM_S", 3_600.0)
        patch.setattr("bot.storage.outbox.revoking.withdraw", withdrawn)
        for steps_of in (run, [replace(step, killed_at=0) for step in run]):
            async with opened(prepared, storms) as wire:
                await play(wire, steps_of, storms)
                found.append(await hits_owed(wire))
    killed, whole = found
    assert killed.keys() == whole.keys()
    event(f"taken back: {bool(taken_back)}")
    assert {hit: owed for hit, owed in killed.items() if owed is not whole[hit] and hit[0] not in taken_back} == {}


@settings(
    max_examples=EXAMPLES,
    suppress_health_check=[HealthCheck.too_slow],
    # Each try opens two databases: shrinking would take minutes.
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
)
@given(run=st.lists(steps, min_size=1, max_size=4), storms=st.tuples(st.integers(1, 6), st.integers(1, 6)))
def test_every_hit_is_told_once_or_held_whatever_the_polls_bring_and_wherever_they_stop(
    prepared: Path, run: list[Step], storms: tuple[int, int]
) -> None:
    asyncio.run(compare(prepared, run, storms))
