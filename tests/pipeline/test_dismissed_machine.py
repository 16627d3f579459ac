"""Polls, presses, undoings, digests and deliveries in any order: nothing dismissed is told, nothing undone is lost."""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import shutil
import tempfile
from collections.abc import Sequence
from datetime import time, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, event, given, settings
from hypothesis import strategies as st

from bot.digest import Digester
from bot.models import Every, ItemKind, Notice, NoticeKind, Priority
from bot.pipeline import Pipeline
from bot.storage._dismissed import DISMISSED_BY
from bot.storage.database import Database
from bot.storage.digesting import digests
from bot.storage.watching import dismissals, hits
from bot.watchlist.dismissing import dismiss, mark_of, undo
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
from tests.pipeline.wire import FIRST, Wire

EXAMPLES = int(os.environ.get("DISMISSAL_RUNS", "15"))
SAID = (
    ("Atlas Copco",),
    ("Atlas Copco",),
    ("Atlas Sud",),
    ("Atlas",),
    ("Atlas Copco", "drone"),
    ("Atlas Copco", "Atlas"),
)
FEW = (0, 0, 0, 1, 2, 3)
"""Of what can be pressed, mostly the newest; of what it can mean, mostly the name."""

tellings = st.tuples(st.integers(1, 6), st.sampled_from(SAID), st.sampled_from(("Lyon", "Lyon", "Nantes")))
polls = st.tuples(st.just("poll"), st.lists(tellings, min_size=1, max_size=4, unique_by=lambda told: told[0]))
acts = st.one_of(
    st.tuples(st.just("press"), st.sampled_from(FEW)),
    st.tuples(st.just("press"), st.sampled_from(FEW)),
    st.tuples(st.sampled_from(("undo", "send", "digest")), st.sampled_from(FEW)),
)
runs = st.lists(st.tuples(polls, acts, acts), min_size=3, max_size=6)
"""After each poll two things are done."""


def notice_of(number: int, words: Sequence[str], buyer: str) -> Notice:
    """Return a notice; those of even numbers are of one procedure."""
    return make_notice(
        f"26-{number}",
        title=f"Avis {number}",
        text=" ".join(f"Marché conclu avec {word}." for word in words),
        buyer=buyer,
        procedure="shared" if number % 2 == 0 else None,
        kind=NoticeKind.CHANGE,
        deadline=START + timedelta(days=3),
    )


async def prepare(path: Path) -> None:
    """Lay down a newsroom with an instant item, one for the digest and a digest, past its silent first poll."""
    clock = SettableClock()
    database = await Database.open(path, clock)
    try:
        await add_newsroom(database, storm=1_000)
        item = await add_item(database, make_item("Atlas", kind=ItemKind.COMPANY))
        await add_item(database, make_item("drone"))
        await add_item(database, make_item("Sud", priority=Priority.DIGEST))
        wire = Wire(database, clock, Pipeline(database, Watchlist(database), clock), PagesSource(), item)
        await wire.poll([FIRST])
        async with database.tx("test.digest") as connection:
            await digests.add(connection, GUILD, CHANNEL, None, Every.DAILY, time(8), 7, START)
    finally:
        await database.close()


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("prepared") / "vigie.sqlite3"
    asyncio.run(prepare(path))
    return path


async def press(wire: Wire, choice: int) -> None:
    """Say of a hit, in an organisation that it stands in or on its series, that it is not the item."""
    async with wire.database.read() as connection:
        found = [one for item in (1, 2, 3) for one in await hits.of_item(connection, GUILD, item, 50)]
    if not found:
        return
    stored = found[choice % len(found)]
    marks = [*map(mark_of, stored.organisations or {}), None]
    told = await dismiss(wire.database, GUILD, stored.row, marks[choice // 2 % len(marks)], 7, wire.clock.now())
    event(f"press: {told.dismissal.kind.value}, new: {told.is_changed}, left: {told.is_left}")


async def take_back(wire: Wire, choice: int | None = None) -> None:
    """Undo one of the dismissals that stand, or all of them."""
    async with wire.database.read() as connection:
        standing = [
            one.dismissal.id for item in (1, 2, 3) for one in await dismissals.listed(connection, GUILD, item, 99)
        ]
    for dismissal in standing if choice is None else standing[choice % max(len(standing), 1) :][:1]:
        await undo(wire.database, GUILD, dismissal, 8, wire.clock.now())


async def make_digest(wire: Wire) -> None:
    wire.clock.advance(timedelta(minutes=5))
    asked = int(wire.clock.now().timestamp())
    await Digester(wire.database, wire.clock, {}, lambda: None).make_now(GUILD, 1, 7, asked)


async def wrongly_told(wire: Wire, after: int) -> list[str]:
    """Return what is told, or about to be, of dismissed hits: by what is unsent, and by all that came since."""
    async with wire.database.read() as connection:
        rows = await connection.all(
            f"""
            SELECT announcement.id, announcement.kind, announcement.state, announcement.details,
                count(hit.id) AS number, count({DISMISSED_BY}) AS dismissed, group_concat(hit.id) AS ids
            FROM announcement JOIN announcement_hit ON announcement_id = announcement.id JOIN hit ON hit.id = hit_id
            WHERE announcement.guild_id = ? AND (state = 'pending' OR announcement.id > ?) AND hit.revision = (
                SELECT max(latest.revision)
                FROM announcement_hit AS linked JOIN hit AS latest ON latest.id = linked.hit_id
                WHERE linked.announcement_id = announcement.id AND latest.item_id = hit.item_id
                    AND latest.notice_id = hit.notice_id)
            GROUP BY announcement.id
            """,  # noqa: S608  # a text of ours
            GUILD,
            after,
        )
    faults = []
    for row in rows:
        all_of_it = row["number"] == row["dismissed"]
        is_new = row["id"] > after
        if (row["kind"] == "notice" and all_of_it) or (row["dismissed"] and (is_new or row["kind"] == "digest")):
            faults.append(f"{row['kind']} {row['id']} ({row['state']}) tells {row['ids']}")
        if row["kind"] == "digest":
            told = {one for line in json.loads(row["details"])["hits"] for one in line}
            if not told >= set(map(int, row["ids"].split(","))):
                faults.append(f"digest {row['id']} says {told} and refers to {row['ids']}")
    return faults


async def lost(wire: Wire) -> list[str]:
    """Return the pairs of an item and a notice that no announcement and no digest tells."""
    async with wire.database.read() as connection:
        rows = await connection.all(
            """
            SELECT item_id, source_id FROM hit JOIN notice ON notice.id = hit.notice_id
            WHERE hit.guild_id = ? AND coalesce(held, '') NOT IN ('baseline', 'muted') GROUP BY item_id, notice_id
            HAVING NOT max(EXISTS (SELECT 1 FROM announcement_hit WHERE hit_id = hit.id))
            """,
            GUILD,
        )
    return [f"item {row['item_id']} on {row['source_id']}" for row in rows]


async def play(prepared: Path, run: Sequence[tuple[str, object]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "vigie.sqlite3"
        shutil.copy(prepared, path)
        clock = SettableClock(START + timedelta(hours=1))
        database = await Database.open(path, clock)
        try:
            wire = Wire(database, clock, Pipeline(database, Watchlist(database), clock), PagesSource(), make_item())
            for what, more in run:
                before = max((row.id for row in await wire.owed()), default=0)
                match what, more:
                    case "poll", list():
                        await wire.poll([notice_of(*told) for told in more])
                    case "press", int():
                        await press(wire, more)
                    case "undo", int():
                        await take_back(wire, more)
                    case "send", int():
                        await wire.send_all()
                    case "digest", int():
                        await make_digest(wire)
                assert await wrongly_told(wire, before) == [], (what, more)
            await take_back(wire)
            await make_digest(wire)
            assert await lost(wire) == []
        finally:
            await database.close()


@settings(
    max_examples=EXAMPLES,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    phases=(Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink),
)
@given(run=runs)
def test_in_any_order_nothing_dismissed_is_told_and_nothing_undone_is_lost(
    prepared: Path, run: list[tuple[tuple[str, object], ...]]
) -> None:
    asyncio.run(play(prepared, list(itertools.chain.from_iterable(run))))
