from __future__ import annotations

import asyncio
from datetime import timedelta
from decimal import DecimalException
from typing import Any

import pytest

from bot.errors import SourceError, SourceFault, UserError
from bot.pipeline import poll as polling
from bot.sources import Payload
from bot.storage.database import Database
from tests.factories import (
    GUILD,
    START,
    PagesSource,
    add_newsroom,
    make_notice,
    page_of,
)
from tests.pipeline.wire import FIRST, NO_CLIENT, Kill, Wire, kill_at

BROKEN = SourceError("status 500")
MANY = 60
"""Notices of three batches."""


class Bulletin(PagesSource):
    """Be a second source."""

    name = "bulletin"


def _many(**said: Any) -> list[Any]:
    return [make_notice(f"26-{number}", **said) for number in range(1, MANY + 1)]


@pytest.mark.parametrize(
    "bad",
    [BROKEN, b"", b"<html>Maintenance</html>", b'[{"title": "no id"}]', page_of(make_notice("26-9"))[:-20]],
    ids=["status 500", "empty", "html", "no id", "cut"],
)
async def test_a_bad_page_leaves_everything_as_it_was_but_the_sources_state(wire: Wire, bad: Any) -> None:
    before = await wire.dump("source_state")
    report = await wire.poll([make_notice("26-1")], [make_notice("26-2")], bad)
    assert report.error is not None
    assert await wire.dump("source_state") == before


async def test_an_answer_without_a_single_notice_is_a_failure(wire: Wire) -> None:
    report = await wire.poll([])
    assert report.error is not None
    assert (await wire.state()).failures == 1


async def test_a_failed_poll_does_not_move_the_window(wire: Wire) -> None:
    await wire.poll([FIRST])
    wire.clock.advance(timedelta(days=2))
    for _ in range(2):
        await wire.poll(BROKEN)
    assert wire.source.windows[-1] == wire.source.windows[-2]


async def test_a_window_overlaps_the_last_success(wire: Wire) -> None:
    await wire.poll([FIRST])
    assert wire.source.windows[-1].since == (START - timedelta(days=3)).date()


async def test_a_poll_since_a_day_reaches_back_to_it(wire: Wire) -> None:
    wire.source.pages = ([FIRST],)
    since = (START - timedelta(days=90)).date()
    await wire.pipeline.poll(wire.source, NO_CLIENT, since)
    assert wire.source.windows[-1].since == since


async def test_a_failed_first_poll_leaves_the_next_one_silent(fresh: Wire) -> None:
    await fresh.poll(BROKEN)
    await fresh.poll([make_notice()])
    assert await fresh.owed() == []


async def test_a_failing_source_is_told_once_after_three_failures(wire: Wire) -> None:
    told = []
    for _ in range(6):
        await wire.poll(BROKEN)
        told.append(len(await wire.told()))
    assert told == [0, 0, 1, 1, 1, 1]


async def test_a_failing_source_is_told_to_every_operations_channel(wire: Wire) -> None:
    await add_newsroom(wire.database, 3001, channel=None, operations=4002)
    for _ in range(3):
        await wire.poll(BROKEN)
    assert [await wire.told(GUILD), await wire.told(3001, 4002)] == [["source_failing"]] * 2


async def test_a_recovery_is_told_once(wire: Wire) -> None:
    for _ in range(3):
        await wire.poll(BROKEN)
    for _ in range(3):
        await wire.poll([FIRST])
    assert await wire.told() == ["source_failing", "source_recovered"]


async def test_a_short_failure_is_not_told_and_neither_is_its_end(wire: Wire) -> None:
    for _ in range(2):
        await wire.poll(BROKEN)
    await wire.poll([FIRST])
    assert await wire.told() == []


async def test_a_second_trouble_is_told_again(wire: Wire) -> None:
    for _ in range(2):
        for _ in range(3):
            await wire.poll(BROKEN)
        await wire.poll([FIRST])
    assert await wire.told() == ["source_failing", "source_recovered"] * 2


async def test_a_source_that_brings_nothing_new_for_too_long_is_told_once(wire: Wire) -> None:
    wire.clock.advance(timedelta(days=3))
    for _ in range(3):
        await wire.poll([FIRST])
    assert await wire.told() == ["source_silent"]


async def test_a_source_that_brings_something_again_is_told(wire: Wire) -> None:
    wire.clock.advance(timedelta(days=3))
    await wire.poll([FIRST])
    await wire.poll([make_notice(published=None)])
    assert await wire.told() == ["source_silent", "source_recovered"]


async def test_a_silence_that_a_failure_hid_is_told_again(wire: Wire) -> None:
    wire.clock.advance(timedelta(days=3))
    for pages in ([FIRST], BROKEN, BROKEN, BROKEN, [FIRST]):
        await wire.poll(pages)
    assert await wire.told() == ["source_silent", "source_failing", "source_silent"]


async def test_a_failing_source_does_not_stop_another(wire: Wire) -> None:
    for _ in range(3):
        await wire.poll(BROKEN)
    report = await wire.poll(source=Bulletin([make_notice(source="bulletin")]))
    assert (report.error, report.tally.new) == (None, 1)


async def test_the_first_poll_of_a_second_source_is_silent_too(wire: Wire) -> None:
    await wire.poll(source=Bulletin([make_notice(source="bulletin")]))
    assert await wire.owed() == []


async def test_two_sources_may_use_the_same_id(wire: Wire) -> None:
    await wire.poll(source=Bulletin([make_notice("26-0", source="bulletin")]))
    await wire.poll(source=Bulletin([make_notice(source="bulletin", procedure=None)]))
    await wire.poll([make_notice(procedure=None)])
    assert [row.subject for row in await wire.owed()] == ["bulletin:26-1", "gazette:26-1"]


async def test_the_pause_that_a_source_asks_for_is_noted(wire: Wire) -> None:
    await wire.poll(SourceError("status 429", pause_s=3600.0))
    assert (await wire.state()).not_before == wire.clock.now() + timedelta(hours=1)


async def test_a_success_ends_the_pause(wire: Wire) -> None:
    await wire.poll(SourceError("status 429", pause_s=3600.0))
    await wire.poll([FIRST])
    assert (await wire.state()).not_before is None


async def test_a_second_poll_of_a_source_at_the_same_time_is_refused(wire: Wire) -> None:
    inside, go_on = asyncio.Event(), asyncio.Event()

    class Slow(PagesSource):
        async def fetch(self, *_: Any) -> Any:
            inside.set()
            await go_on.wait()
            yield Payload(page_of(FIRST))

    slow = Slow()
    first = asyncio.create_task(wire.pipeline.poll(slow, NO_CLIENT))
    await inside.wait()
    with pytest.raises(UserError) as refused:
        await wire.poll([FIRST])
    go_on.set()
    await first
    assert refused.value.text == "source-busy"


async def test_a_poll_that_is_cancelled_while_it_reads_stores_nothing(wire: Wire) -> None:
    inside = asyncio.Event()

    class Endless(PagesSource):
        async def fetch(self, *_: Any) -> Any:
            yield Payload(page_of(make_notice()))
            inside.set()
            await asyncio.Event().wait()

    before = await wire.dump()
    task = asyncio.create_task(wire.pipeline.poll(Endless(), NO_CLIENT))
    await inside.wait()
    task.cancel()
    await asyncio.wait([task])
    assert (await wire.dump(), wire.pipeline.is_polling("gazette")) == (before, False)


@pytest.mark.usefixtures("_whole_batches")
@pytest.mark.parametrize("number", range(1, 7))
async def test_a_poll_stopped_anywhere_is_repeated_without_losing_or_repeating(
    wire: Wire, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    with monkeypatch.context() as patch:
        kill_at(patch, number)
        with pytest.raises(Kill):
            await wire.poll(_many())
    await wire.poll(_many())
    assert sorted(await wire.about()) == sorted(f"26-{number} r1" for number in range(1, MANY + 1))


@pytest.mark.usefixtures("_whole_batches")
@pytest.mark.parametrize("number", range(1, 6))
async def test_a_first_poll_stopped_anywhere_stays_silent_when_it_is_repeated(
    fresh: Wire, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    with monkeypatch.context() as patch:
        kill_at(patch, number)
        with pytest.raises(Kill):
            await fresh.poll(_many())
    await fresh.poll(_many())
    assert (await fresh.owed(), len(await fresh.held())) == ([], 50)


async def test_a_poll_stopped_between_two_batches_has_not_moved_the_source(
    wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = await wire.state()
    with monkeypatch.context() as patch:
        kill_at(patch, 2)
        with pytest.raises(Kill):
            await wire.poll(_many())
    assert await wire.state() == before


async def test_a_revision_stopped_anywhere_is_announced_once(wire: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    await wire.poll(_many())
    await wire.send_all()
    with monkeypatch.context() as patch:
        kill_at(patch, 2)
        with pytest.raises(Kill):
            await wire.poll(_many(buyer="Métropole"))
    await wire.poll(_many(buyer="Métropole"))
    assert sorted(await wire.about()) == sorted(f"26-{n} r{r}" for n in range(1, MANY + 1) for r in (1, 2))


@pytest.mark.usefixtures("_whole_batches")
async def test_an_error_of_ours_in_a_later_batch_keeps_the_earlier_ones_and_repeats_safely(
    wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(polling, "BATCH", 7)
        patch.setattr("bot.pipeline.poll.after_success", lambda *_, **__: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            await wire.poll(_many())
    report = await wire.poll(_many())
    assert (report.tally.read, report.tally.new, len(await wire.owed())) == (MANY, MANY - MANY // 7 * 7, MANY)


async def test_the_tally_counts_what_was_new_and_what_changed(wire: Wire) -> None:
    await wire.poll([make_notice("26-1"), make_notice("26-2")])
    report = await wire.poll([make_notice("26-1", buyer="Métropole"), make_notice("26-2"), make_notice("26-3")])
    assert (report.tally.read, report.tally.new, report.tally.changed) == (3, 1, 1)


async def test_the_order_of_pages_does_not_change_what_is_owed(wire: Wire) -> None:
    found = _many()[::-1]
    await wire.poll(found[40:], found[:40])
    assert sorted(await wire.about()) == sorted(f"26-{number} r1" for number in range(1, MANY + 1))


async def test_an_operations_channel_that_is_the_announcements_channel_is_told_too(database_of_one: Wire) -> None:
    for _ in range(3):
        await database_of_one.poll(BROKEN)
    assert await database_of_one.told(3001, 4001) == ["source_failing"]


@pytest.fixture
async def database_of_one(wire: Wire) -> Wire:
    await add_newsroom(wire.database, 3001, channel=4001, operations=4001)
    return wire


async def test_the_write_lock_is_free_while_a_source_is_read(wire: Wire) -> None:
    free = []

    class Watching(PagesSource):
        async def fetch(self, *_: Any) -> Any:
            free.append(not _is_locked(wire.database))
            yield Payload(page_of(FIRST))

    await wire.poll(source=Watching())
    assert free == [True]


def _is_locked(database: Database) -> bool:
    return database._write_lock.locked()


@pytest.mark.parametrize("broken", [ValueError("x"), OverflowError("x"), RecursionError("x"), DecimalException("x")])
async def test_an_error_of_ours_in_a_source_fails_the_poll_and_tells_its_reference(
    wire: Wire, broken: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    report = await wire.poll([make_notice("26-1")], broken)
    error = SourceError.from_kept(report.error or "")
    assert (error.fault, (await wire.state()).failures) == (SourceFault.OURS, 1)
    assert f"ref {error.values['reference']}: {type(broken).__name__}" in caplog.text
