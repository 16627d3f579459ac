"""Windows of a source's history: stored in silence, with the progress of who reads them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import pytest

from bot.errors import SourceError
from bot.indexing import Indexer
from bot.models import Held
from bot.pipeline import PollReport
from bot.sources import Asked, Payload, PoliteClient, Window
from bot.storage.database import Connection
from tests.factories import START, PagesSource, days_ago, make_notice, page_of
from tests.pipeline.wire import FIRST, NO_CLIENT, Kill, Wire, kill_at

JANUARY = Window(date(2026, 1, 1), date(2026, 1, 8))
MANY = 60
"""Notices of three batches."""


@dataclass
class Progress:
    """Note each window that was stored, in a table of the same database."""

    reports: list[PollReport] = field(default_factory=list)

    async def close(self, connection: Connection, report: PollReport) -> None:
        self.reports.append(report)
        await connection.run("UPDATE channel SET floor_id = floor_id + 1 WHERE guild_id = 1001 AND channel_id = 2003")


async def _stored_windows(wire: Wire) -> int:
    async with wire.database.read() as connection:
        row = await connection.one("SELECT floor_id - 5000 FROM channel WHERE channel_id = 2003")
    return int(row[0]) if row else 0


def _old(*numbers: int, **said: Any) -> list[Any]:
    return [make_notice(f"26-{number}", published=date(2026, 1, 2), **said) for number in numbers]


async def _read_back(wire: Wire, *pages: Any, window: Window = JANUARY, progress: Progress | None = None) -> PollReport:
    wire.source.pages = pages
    return await wire.pipeline.read_back(wire.source, NO_CLIENT, window, (progress or Progress()).close)


async def test_a_window_is_stored_in_silence(wire: Wire) -> None:
    report = await _read_back(wire, _old(1, 2))
    assert (report.tally.read, report.tally.new, report.owed) == (2, 2, 0)
    assert (await wire.owed(), await wire.held()) == ([], [Held.BASELINE, Held.BASELINE])


async def test_what_a_window_brought_is_found_by_its_words(wire: Wire) -> None:
    await _read_back(wire, _old(1, title="Ballons dirigeables"))
    await Indexer(wire.database).catch_up()
    async with wire.database.read() as connection:
        assert await connection.one("SELECT 1 FROM notice_words WHERE notice_words MATCH 'dirigeables'")


async def test_a_notice_of_a_window_that_a_poll_reads_again_is_known(wire: Wire) -> None:
    found = _old(1)
    await _read_back(wire, found)
    report = await wire.poll(found)
    assert (report.tally.new, report.tally.changed, await wire.owed()) == (0, 0, [])


async def test_a_notice_that_was_announced_is_only_brought_up_to_date_by_a_window(wire: Wire) -> None:
    await wire.poll([make_notice()])
    await _read_back(wire, [make_notice(buyer="Métropole")])
    assert await wire.about() == ["26-1 r1"]


async def test_a_notice_of_a_window_does_not_follow_its_procedure_into_a_poll_of_the_same_moment(wire: Wire) -> None:
    class Bulletin(PagesSource):
        name = "bulletin"

    class Meanwhile(PagesSource):
        async def fetch(self, asked: Asked, client: PoliteClient) -> AsyncIterator[Payload]:  # noqa: ARG002  # the interface
            old = make_notice(
                "B-1", source="bulletin", title="Lot 1", text="", procedure="p", published=date(2026, 1, 2)
            )
            await wire.pipeline.read_back(Bulletin([old]), NO_CLIENT, JANUARY, Progress().close)
            yield Payload(page_of(make_notice("26-1", procedure="p")))

    await wire.poll(source=Meanwhile())
    assert [row.subject for row in await wire.owed()] == ["gazette:26-1"]


async def test_a_source_is_asked_for_the_window_as_history(wire: Wire) -> None:
    await wire.poll(Payload(page_of(FIRST), cursor={"page": 1}))
    await _read_back(wire, _old(1))
    asked = wire.source.asked[-1]
    assert (asked.window, asked.is_backfill, asked.cursor) == (JANUARY, True, {})


async def test_a_window_leaves_health_usual_counts_and_cursor_as_they_were(wire: Wire) -> None:
    await wire.poll([FIRST])
    before = {name: (await wire.dump())[name] for name in ("source_state", "poll_log")}
    await _read_back(wire, Payload(page_of(*_old(1)), cursor={"page": 9}))
    after = await wire.dump()
    assert {name: after[name] for name in before} == before


async def test_a_window_without_a_single_notice_is_read(wire: Wire) -> None:
    progress = Progress()
    report = await _read_back(wire, [], progress=progress)
    assert (report.error, [one.tally.read for one in progress.reports]) == (None, [0])


async def test_progress_is_told_what_the_whole_window_brought(wire: Wire) -> None:
    progress = Progress()
    await _read_back(wire, _old(*range(1, MANY + 1)), progress=progress)
    assert [one.tally.new for one in progress.reports] == [MANY]


@pytest.mark.usefixtures("_whole_batches")
@pytest.mark.parametrize("number", range(1, 7))
async def test_progress_is_stored_with_the_last_batch_and_a_window_that_broke_off_is_read_again(
    wire: Wire, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    found = _old(*range(1, MANY + 1))
    with monkeypatch.context() as patch:
        kill_at(patch, number)
        with pytest.raises(Kill):
            await _read_back(wire, found)
    is_done = number == 6
    assert await _stored_windows(wire) == is_done
    if not is_done:
        await _read_back(wire, found)
    assert (await _stored_windows(wire), len(await wire.held()), await wire.owed()) == (1, 50, [])


async def test_a_window_that_fails_is_reported_and_stores_nothing(wire: Wire) -> None:
    before = await wire.dump()
    report = await _read_back(wire, _old(1), SourceError("status 500"))
    assert (report.error, await wire.dump()) == ("status 500", before)


async def test_the_pause_that_a_publisher_asks_for_is_kept_by_polls_too(wire: Wire) -> None:
    await _read_back(wire, SourceError("status 429", pause_s=60.0))
    state = await wire.state()
    assert (state.not_before, state.failures) == (wire.clock.now() + timedelta(minutes=1), 0)


async def test_days_that_the_next_poll_reads_are_left_to_it(wire: Wire) -> None:
    await _read_back(wire, _old(1), window=Window(days_ago(20), days_ago(0)))
    assert wire.source.asked[-1].window == Window(days_ago(20), (START - timedelta(days=3)).date())
    await wire.poll([make_notice("26-9")])
    assert await wire.about() == ["26-9 r1"]


async def test_a_window_that_polls_read_altogether_is_not_asked_for(wire: Wire) -> None:
    asked, progress = len(wire.source.asked), Progress()
    await _read_back(wire, [make_notice()], window=Window(days_ago(2), days_ago(0)), progress=progress)
    assert (len(wire.source.asked), len(progress.reports)) == (asked, 1)


async def test_a_poll_has_its_turn_between_two_windows(wire: Wire) -> None:
    inside, go_on, order = asyncio.Event(), asyncio.Event(), []

    class Slow(PagesSource):
        async def fetch(self, asked: Asked, client: PoliteClient) -> AsyncIterator[Payload]:  # noqa: ARG002  # the interface
            order.append("history" if asked.is_backfill else "poll")
            inside.set()
            await go_on.wait()
            yield Payload(page_of(FIRST))

    slow, progress = Slow(), Progress()

    async def read_two_windows() -> None:
        for _ in range(2):
            await wire.pipeline.read_back(slow, NO_CLIENT, JANUARY, progress.close)

    reading = asyncio.create_task(read_two_windows())
    await inside.wait()
    polling = asyncio.create_task(wire.pipeline.poll(slow, NO_CLIENT))
    await asyncio.sleep(0)
    go_on.set()
    await asyncio.gather(reading, polling)
    assert order == ["history", "poll", "history"]
