"""The job that reads histories: what fails is tried again a few times, and a publisher is left alone when it asks."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from itertools import pairwise

import pytest

from bot.errors import SourceError
from bot.models import Backfill
from bot.pipeline.backfill import Backfiller
from bot.pipeline.backfilling import WAITS_S, Backfilling
from bot.sources import Asked, Payload, PoliteClient
from bot.storage.database import Connection
from bot.storage.reading import backfills
from tests.factories import GUILD, START, PagesSource, make_notice
from tests.pipeline.wire import NO_CLIENT, Wire

SINCE = START.date() - timedelta(days=60)


class Archive(PagesSource):
    """A source that is read in steps of 20 days; each of `errors` breaks one read."""

    step = 20

    def __init__(self, *errors: SourceError) -> None:
        super().__init__()
        self.errors = list(errors)

    async def fetch(self, asked: Asked, client: PoliteClient) -> AsyncIterator[Payload]:
        since = asked.window.since
        self.pages = (self.errors.pop(0) if self.errors else [make_notice(f"old-{since}", published=since)],)
        async for payload in super().fetch(asked, client):
            yield payload


class Job:
    """Hold the job of a source whose history a newsroom asked for; it waits by moving the clock, up to `patience`."""

    patience = 20

    def __init__(self, wire: Wire, source: Archive) -> None:
        self.wire = wire
        self.source = source
        self.backfiller = Backfiller(wire.database, wire.pipeline, wire.clock)
        self.backfilling = Backfilling(self.backfiller, source, NO_CLIENT, lambda: None, self.sleep)
        self.waits: list[float] = []
        self.asked_at: list[datetime] = []

    async def sleep(self, seconds: float) -> None:
        assert len(self.waits) < self.patience
        self.waits.append(seconds)
        self.wire.clock.advance(timedelta(seconds=seconds))

    async def read(self) -> Backfill:
        """Ask for the history, let the job work until it rests, and return what became of it."""
        asked = await self.backfiller.begin(self.source, SINCE, guild_id=GUILD, asked_by=7)
        assert asked is not None
        working = asyncio.create_task(self.backfilling.run())
        try:
            async with asyncio.timeout(20):
                while (found := await self.found(asked)).ended_at is None and found.error is None:
                    assert not working.done(), working.exception()
                    await asyncio.sleep(0.01)
        finally:
            working.cancel()
            await asyncio.wait([working])
        return found

    async def found(self, asked: Backfill) -> Backfill:
        async with self.wire.database.read() as connection:
            rows = await connection.all("SELECT * FROM backfill WHERE id = ?", asked.id)
            return backfills._backfill(rows[0])


def broken(pause_s: float | None = None) -> SourceError:
    return SourceError("the archive is closed", pause_s=pause_s)


async def test_a_window_that_fails_is_tried_again_ever_later_and_then_given_up(wire: Wire) -> None:
    job = Job(wire, Archive(*(broken() for _ in range(9))))
    stopped = await job.read()
    assert stopped.error is not None
    assert (job.waits, len(job.source.asked)) == ([*WAITS_S], len(WAITS_S) + 1)


async def test_each_window_has_its_own_tries(wire: Wire) -> None:
    class Shaky(Archive):
        """Fail at every window but the last try."""

        async def fetch(self, asked: Asked, client: PoliteClient) -> AsyncIterator[Payload]:
            tries = 1 + sum(before.window == asked.window for before in self.asked)
            self.errors = [broken()] if tries <= len(WAITS_S) else []
            async for payload in super().fetch(asked, client):
                yield payload

    job = Job(wire, Shaky())
    ended = await job.read()
    assert (ended.error, ended.reached) == (None, ended.until)
    assert job.waits == [*WAITS_S] * 3


async def test_a_pause_that_the_publisher_asks_for_is_waited_out_and_is_no_try(wire: Wire) -> None:
    job = Job(wire, Archive(*(broken(3600.0) for _ in range(6))))
    ended = await job.read()
    asked = [asked.now for asked in job.source.asked]
    assert ended.error is None
    assert [late - early for early, late in pairwise(asked[:7])] == [timedelta(hours=1)] * 6


async def test_a_pause_that_a_poll_was_asked_for_stops_the_history_too(wire: Wire) -> None:
    job = Job(wire, Archive())
    error = SourceError("429", pause_s=7200.0)
    await wire.pipeline.note_failure(job.source, error, wire.clock.now())
    until = wire.clock.now() + timedelta(hours=2)
    await job.read()
    assert {asked.now for asked in job.source.asked} == {until}


async def test_a_pause_that_a_poll_is_asked_for_between_two_windows_is_waited_out(wire: Wire) -> None:
    class Asking(Archive):
        """Have a poll be asked for a pause while the first window is read."""

        async def fetch(self, asked: Asked, client: PoliteClient) -> AsyncIterator[Payload]:
            async for payload in super().fetch(asked, client):
                yield payload
            if len(self.asked) == 1:
                await wire.pipeline.note_failure(self, broken(7200.0), wire.clock.now())

    job = Job(wire, Asking())
    await job.read()
    first, second, *_ = (asked.now for asked in job.source.asked)
    assert second - first == timedelta(hours=2)


async def test_an_error_of_ours_is_tried_again_later(wire: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    job = Job(wire, Archive())
    save = backfills.save
    failed: list[Backfill] = []

    async def full(connection: Connection, backfill: Backfill) -> None:
        if not failed:
            failed.append(backfill)
            raise OSError("database or disk is full")
        await save(connection, backfill)

    monkeypatch.setattr("bot.pipeline.backfill.backfills.save", full)
    ended = await job.read()
    assert (ended.ended_at is not None, job.waits, len(failed)) == (True, [WAITS_S[-1]], 1)
