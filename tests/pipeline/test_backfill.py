"""The history of a source: read in windows up to what its polls read, told as it advances, resumed where it stopped."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date, timedelta

import pytest

from bot.cards import OperationsKind
from bot.errors import SourceError, SourceFault, UserError
from bot.models import Announcement, AnnouncementKind, Backfill
from bot.pipeline.backfill import Backfiller
from bot.sources import Asked, Parsed, Payload, PoliteClient
from bot.storage.outbox import announcements
from bot.storage.reading import backfills
from tests.factories import GUILD, START, PagesSource, add_newsroom, make_notice
from tests.pipeline.wire import NO_CLIENT, Wire

SINCE = START.date() - timedelta(days=60)
OTHER = 1002


class Archive(PagesSource):
    """A source with one notice a day, read in steps of 20 days; `breaks_at` is a day that cannot be read."""

    step: int | None = 20

    def __init__(self) -> None:
        super().__init__()
        self.read: list[date] = []
        self.breaks_at: date | None = None

    async def fetch(self, asked: Asked, client: PoliteClient) -> AsyncIterator[Payload]:
        until = asked.window.until
        assert until is not None
        self.read.append(asked.window.since)
        days = [asked.window.since + timedelta(days=n) for n in range((until - asked.window.since).days)]
        if self.breaks_at in days:
            raise SourceError("the archive is closed")
        self.pages = ([make_notice(f"old-{day}", published=day) for day in days],)
        async for payload in super().fetch(asked, client):
            yield payload


@pytest.fixture
def backfiller(wire: Wire) -> Backfiller:
    return Backfiller(wire.database, wire.pipeline, wire.clock)


async def run(backfiller: Backfiller, source: Archive, backfill: Backfill) -> list[Backfill]:
    """Read a history, and give it up where it stops."""
    steps = [done async for done in backfiller.run(source, NO_CLIENT, backfill)]
    if steps[-1].error is not None:
        await backfiller.give_up(steps[-1])
    return steps


async def told(wire: Wire) -> list[Announcement]:
    async with wire.database.read() as connection:
        rows = await connection.all(
            "SELECT id FROM announcement WHERE kind = ? ORDER BY id", AnnouncementKind.OPERATIONS
        )
        return [await announcements.get(connection, GUILD, row["id"]) for row in rows]


async def begun(backfiller: Backfiller, source: Archive, since: date = SINCE) -> Backfill:
    backfill = await backfiller.begin(source, since, guild_id=GUILD, asked_by=7)
    assert backfill is not None
    return backfill


async def test_a_history_is_read_in_windows_without_gap_or_overlap(wire: Wire, backfiller: Backfiller) -> None:
    source = Archive()
    backfill = await begun(backfiller, source)
    steps = await run(backfiller, source, backfill)
    assert source.read == [SINCE, SINCE + timedelta(days=20), SINCE + timedelta(days=40)]
    assert [step.reached for step in steps] == [*source.read[1:], backfill.until]
    assert steps[-1].ended_at is not None
    assert (steps[-1].notices, steps[-1].new) == (backfill.days, backfill.days)
    assert [owed for owed in await wire.owed() if owed.kind is not AnnouncementKind.OPERATIONS] == []


async def test_one_message_tells_how_far_it_is(wire: Wire, backfiller: Backfiller) -> None:
    source = Archive()
    await run(backfiller, source, await begun(backfiller, source))
    (message,) = await told(wire)
    assert (message.details["is_done"], message.details["reached"]) == (True, message.details["until"])


async def test_a_window_that_fails_ends_the_reading_and_the_next_request_goes_on_from_there(
    wire: Wire, backfiller: Backfiller
) -> None:
    source = Archive()
    source.breaks_at = SINCE + timedelta(days=25)
    (_, stopped) = await run(backfiller, source, await begun(backfiller, source))
    assert stopped.error is not None
    assert "closed" in (await told(wire))[0].details["error"]
    source.breaks_at = None
    resumed = await begun(backfiller, source)
    assert (resumed.id, resumed.reached, resumed.error) == (stopped.id, SINCE + timedelta(days=20), None)
    source.read.clear()
    await run(backfiller, source, resumed)
    assert source.read == [SINCE + timedelta(days=20), SINCE + timedelta(days=40)]
    assert len(await told(wire)) == 1


async def test_a_failure_that_is_to_be_tried_again_is_not_kept(backfiller: Backfiller) -> None:
    source = Archive()
    source.breaks_at = SINCE
    (stopped,) = [done async for done in backfiller.run(source, NO_CLIENT, await begun(backfiller, source))]
    left = await backfiller.find_left(source.name)
    assert stopped.error is not None
    assert left is not None
    assert left.error is None


async def test_a_history_that_polls_read_anyway_is_not_begun(wire: Wire, backfiller: Backfiller) -> None:
    assert await backfiller.begin(Archive(), START.date(), guild_id=GUILD) is None
    assert await told(wire) == []


async def test_a_source_without_history_says_so(backfiller: Backfiller) -> None:
    source = Archive()
    source.step = None
    with pytest.raises(UserError, match="backfill-no-history"):
        await backfiller.begin(source, SINCE)


async def test_a_source_that_was_never_read_has_no_history_yet(fresh: Wire) -> None:
    backfiller = Backfiller(fresh.database, fresh.pipeline, fresh.clock)
    with pytest.raises(UserError, match="backfill-too-early"):
        await backfiller.begin(Archive(), SINCE, guild_id=GUILD)


@pytest.mark.parametrize("days_later", [-1, 0, 5])
async def test_whoever_asks_while_a_history_is_being_read_is_told_how_far_it_is(
    wire: Wire, backfiller: Backfiller, days_later: int
) -> None:
    await add_newsroom(wire.database, OTHER, channel=3001, operations=3002)
    source = Archive()
    reading = await begun(backfiller, source)
    await anext(backfiller.run(source, NO_CLIENT, reading))
    for guild_id in (GUILD, OTHER):
        with pytest.raises(UserError, match="backfill-under-way") as refused:
            await backfiller.begin(source, SINCE + timedelta(days=days_later), guild_id=guild_id, asked_by=9)
        assert refused.value.values == {
            "source": source.label,
            "since": SINCE,
            "reached": SINCE + timedelta(days=20),
        }
    assert await wire.told(OTHER, 3002) == []


async def test_another_newsroom_can_ask_again_once_the_history_is_read(wire: Wire, backfiller: Backfiller) -> None:
    await add_newsroom(wire.database, OTHER, channel=3001, operations=3002)
    source = Archive()
    await run(backfiller, source, await begun(backfiller, source))
    again = await backfiller.begin(source, SINCE - timedelta(days=30), guild_id=OTHER, asked_by=9)
    assert again is not None
    assert (again.guild_id, await wire.told(OTHER, 3002)) == (OTHER, [OperationsKind.BACKFILL])


async def test_going_further_back_waits_until_one_that_stopped_is_read(backfiller: Backfiller) -> None:
    source = Archive()
    source.breaks_at = SINCE
    await run(backfiller, source, await begun(backfiller, source))
    with pytest.raises(UserError, match="backfill-unfinished"):
        await backfiller.begin(source, SINCE - timedelta(days=1), guild_id=GUILD)


async def test_one_that_stopped_is_read_on_for_the_newsroom_that_asks_next(wire: Wire, backfiller: Backfiller) -> None:
    await add_newsroom(wire.database, OTHER, channel=3001, operations=3002)
    source = Archive()
    source.breaks_at = SINCE + timedelta(days=25)
    (_, stopped) = await run(backfiller, source, await begun(backfiller, source))
    resumed = await backfiller.begin(source, SINCE, guild_id=OTHER, asked_by=9)
    assert resumed is not None
    assert (resumed.id, resumed.guild_id, resumed.started_by) == (stopped.id, OTHER, 9)
    assert await backfiller.find_left(source.name) == resumed
    assert await wire.told(OTHER, 3002) == [OperationsKind.BACKFILL]


async def test_what_the_command_line_asked_for_is_not_taken_up_by_the_bot(wire: Wire, backfiller: Backfiller) -> None:
    source = Archive()
    assert await backfiller.begin(source, SINCE) is not None
    assert await backfiller.find_left(source.name) is None
    async with wire.database.read() as connection:
        assert await backfills.find_open(connection, source.name) is not None
    assert await told(wire) == []


async def test_what_the_command_line_left_is_read_on_for_the_newsroom_that_asks(
    wire: Wire, backfiller: Backfiller
) -> None:
    source = Archive()
    left = await backfiller.begin(source, SINCE)
    resumed = await begun(backfiller, source, SINCE + timedelta(days=5))
    assert left is not None
    assert (resumed.id, resumed.since, resumed.guild_id, resumed.started_by) == (left.id, SINCE, GUILD, 7)
    assert await backfiller.find_left(source.name) == resumed
    assert await wire.told() == [OperationsKind.BACKFILL]


async def test_the_command_line_reads_on_what_a_newsroom_asked_for_and_tells_it(
    wire: Wire, backfiller: Backfiller
) -> None:
    source = Archive()
    asked = await begun(backfiller, source)
    resumed = await backfiller.begin(source, SINCE)
    assert resumed == asked
    await run(backfiller, source, asked)
    assert (await told(wire))[0].details["is_done"] is True


async def test_an_error_of_ours_in_a_window_is_kept_and_told(wire: Wire, backfiller: Backfiller) -> None:
    class Broken(Archive):
        def parse(self, payload: bytes, *, lenient: bool = False) -> Parsed:  # noqa: ARG002  # the interface
            raise OverflowError

    source = Broken()
    steps = await run(backfiller, source, await begun(backfiller, source))
    error = SourceError.from_kept(steps[-1].error or "")
    assert error.fault is SourceFault.OURS
    assert (await told(wire))[0].details["error"] == error.kept()
