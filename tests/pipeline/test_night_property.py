"""Random polls, kills and restarts over nights: every hit is told once, in a message or a storm, or is held."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, event, given, settings
from hypothesis import strategies as st

from bot.models import AnnouncementKind, AnnouncementState, Priority
from bot.storage import newsrooms
from bot.storage.database import Database
from bot.storage.outbox.announcements import Place
from tests.factories import CHANNEL, GUILD, SettableClock, add_item, add_newsroom, make_item
from tests.pipeline.fates import faults, kept_back
from tests.pipeline.test_storm_property import EXAMPLES, SECOND_CHANNEL, THERE, Step, opened, steps, wire_of
from tests.pipeline.wire import FIRST, Kill, Wire, kill_at

PLACES = (Place(GUILD, CHANNEL), Place(GUILD, SECOND_CHANNEL))
ROUTES = {1: (CHANNEL,), 2: (SECOND_CHANNEL,), 3: (CHANNEL,), 4: (THERE.channel_id,)}
"""Where each item is announced."""
EVENING = datetime(2026, 11, 16, 20, 30, tzinfo=UTC)
"""21:30 in Paris: a first poll begins before the night, one half an hour later in it."""


async def prepare(path: Path) -> None:
    """Lay down a database with two newsrooms, and items of three channels, past its silent first poll."""
    clock = SettableClock()
    database = await Database.open(path, clock)
    try:
        await add_newsroom(database, more=[SECOND_CHANNEL])
        await add_newsroom(database, THERE.guild_id, channel=THERE.channel_id, operations=None)
        item = await add_item(database, make_item("drone"))
        await add_item(database, make_item("radar", channel_id=SECOND_CHANNEL))
        await add_item(database, make_item("caméra", priority=Priority.DIGEST))
        await add_item(database, make_item("drone OU radar", guild_id=THERE.guild_id))
        await wire_of(database, clock, item).poll([FIRST])
    finally:
        await database.close()


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("prepared") / "vigie.sqlite3"
    asyncio.run(prepare(path))
    return path


async def hits_in(wire: Wire, announcement_id: int) -> int:
    """Return how many new hits an announcement tells."""
    async with wire.database.read() as connection:
        row = await connection.one(
            """
            SELECT count(*) FROM announcement_hit JOIN hit ON hit.id = hit_id
            WHERE announcement_id = ? AND hit.digest <> 'none'
            """,
            announcement_id,
        )
    return row[0] if row else 0


async def check(wire: Wire, place: Place, storm: int) -> None:
    """Check what a channel is owed in the middle of a night: one storm at most, else no more than it takes."""
    owed = [row for row in await wire.owed(place) if row.state is AnnouncementState.PENDING]
    assert {row.held_until for row in owed} <= {owed[0].held_until if owed else None}
    assert [row for row in owed if row.held_until is None] == []
    storms = [row for row in owed if row.kind is AnnouncementKind.STORM]
    one_by_one = sum([await hits_in(wire, row.id) for row in owed if row.kind is AnnouncementKind.NOTICE])
    event(f"storms: {len(storms)}")
    assert len(storms) <= 1
    assert one_by_one == 0 if storms else one_by_one <= storm


async def play(prepared: Path, run: Sequence[Step], storm: int) -> None:
    """Poll step by step through nights; a step that is sent is followed by a morning."""
    async with opened(prepared, (storm, 1_000)) as wire:
        async with wire.database.tx("test.quiet") as connection:
            newsroom = await newsrooms.find(connection, GUILD)
            assert newsroom is not None
            await newsrooms.save(connection, replace(newsroom, quiet_from="22:00", quiet_until="07:00"))
        wire.clock.moment = EVENING
        for step in run:
            page = [told.notice for told in step.page]
            if step.killed_at:
                with pytest.MonkeyPatch.context() as patch:
                    kill_at(patch, step.killed_at)
                    try:
                        await wire.poll(page)
                    except Kill:
                        event("killed")
                if step.is_resumed:
                    await wire.pipeline.resume()
            await wire.poll(page)
            assert (await faults(wire.database, ROUTES), await kept_back(wire.database)) == ([], 0)
            for place in PLACES:
                await check(wire, place, storm)
            if step.is_sent:
                await wire.send_all()
                wire.clock.moment = EVENING + timedelta(days=(wire.clock.now() - EVENING).days + 1)


@settings(
    max_examples=EXAMPLES,
    suppress_health_check=[HealthCheck.too_slow],
    # Each try opens a database: shrinking would take minutes.
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
)
@given(run=st.lists(steps, min_size=1, max_size=4), storm=st.integers(1, 6))
def test_over_nights_every_hit_is_told_once_or_held_and_no_channel_wakes_to_a_flood(
    prepared: Path, run: list[Step], storm: int
) -> None:
    asyncio.run(play(prepared, run, storm))
