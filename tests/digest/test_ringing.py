"""What wakes the digester: the start of the bot, then each full minute; and what it does not wait for."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import pytest

from bot.app import App, source_defaults
from bot.clock import SystemClock
from bot.config import load
from bot.digest import Digester
from bot.models import Every
from bot.schedule import Alarm, Schedule, next_minute
from bot.storage.database import Database, _whole
from bot.storage.digesting import digests
from tests.factories import CHANNEL, GUILD, SettableClock, add_newsroom

DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)


@asynccontextmanager
async def _app(folder: Path) -> AsyncIterator[App]:
    """Open an app without sources, of a newsroom with a daily digest that is due: it was scheduled 3 days ago."""
    config = folder / "config.toml"
    sources = "".join(
        f"[sources.{name}]\nenabled = false\n" for name, one in source_defaults().items() if not one.table
    )
    config.write_text(f'[http]\ncontact = "desk@example.org"\n{sources}', encoding="utf-8")
    async with App.open(load(config, source_defaults()), SystemClock()) as app:
        await add_newsroom(app.database)
        await _schedule(app.database, app.clock.now() - 3 * DAY)
        yield app


async def _schedule(database: Database, added_at: datetime) -> None:
    async with database.tx("test.schedule") as connection:
        await digests.add(connection, GUILD, CHANNEL, None, Every.DAILY, time(8, 30), 7, added_at)


async def _made(app: App, count: int) -> None:
    """Wait until so many slots were made."""
    found = 0
    async with asyncio.timeout(20):
        while found < count:
            await asyncio.sleep(0.02)
            async with app.database.read() as connection:
                row = await connection.one("SELECT count(*) FROM digest_slot")
                found = row[0] if row else 0
    assert found == count


@asynccontextmanager
async def _running(app: App) -> AsyncIterator[asyncio.Task[None]]:
    running = asyncio.create_task(app.run())
    try:
        yield running
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ("08:29:00", "08:30:00"),
        ("08:29:59.999999", "08:30:00"),
        ("08:30:00", "08:31:00"),
        ("08:30:00.000001", "08:31:00"),
        ("08:59:30", "09:00:00"),
    ],
)
def test_the_next_minute_is_the_next_full_one(now: str, expected: str) -> None:
    moments = [
        datetime.combine(datetime(2026, 11, 16, tzinfo=UTC), time.fromisoformat(at), UTC) for at in (now, expected)
    ]
    assert next_minute(moments[0]) == moments[1]


async def test_a_digest_that_fell_due_while_the_bot_was_down_is_made_at_its_start(tmp_path: Path) -> None:
    async with _app(tmp_path) as app, _running(app):
        await _made(app, 1)


async def test_the_bot_looks_for_digests_at_each_full_minute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    alarms: dict[str, Alarm] = {}
    monkeypatch.setattr(Schedule, "add", lambda _, alarm: alarms.setdefault(alarm.name, alarm))
    async with _app(tmp_path) as app:
        app.clock = SettableClock(datetime(2026, 11, 16, 8, 29, 20, tzinfo=UTC))
        async with _running(app):
            await _made(app, 1)
    due_at = datetime(2026, 11, 16, 8, 30, tzinfo=UTC)
    assert alarms["digests"] == Alarm("digests", MINUTE, due_at, app.digester.chore.ring)


async def test_a_digest_that_falls_due_later_is_made_by_the_alarm(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.digest.digester.EVERY", timedelta(seconds=0.05))
    monkeypatch.setattr("bot.app.next_minute", lambda now: now)
    async with _app(tmp_path) as app, _running(app):
        await _made(app, 1)
        async with app.database.tx("test.schedule") as connection:
            added_at = app.clock.now() - 3 * DAY
            await digests.add(connection, GUILD, CHANNEL, None, Every.DAILY, time(8, 31), 7, added_at)
        await _made(app, 2)


class Slow(Digester):
    """Make digests for as long as a test wants it."""

    def __init__(self, database: Database) -> None:
        super().__init__(database, SettableClock(), {}, lambda: None)
        self.begun = asyncio.Semaphore(0)
        self.go_on = asyncio.Semaphore(0)
        self.times = 0

    async def make_due(self) -> int:
        self.times += 1
        self.begun.release()
        await self.go_on.acquire()
        return 0


@pytest.fixture
async def slow(tmp_path: Path) -> AsyncIterator[Slow]:
    database = await Database.open(tmp_path / "vigie.sqlite3", SettableClock())
    digester = Slow(database)
    running = asyncio.create_task(digester.chore.run())
    yield digester
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running
    await database.close()


async def test_rings_while_digests_are_made_wait_for_nothing_and_count_as_one(slow: Slow) -> None:
    async with asyncio.timeout(20):
        slow.chore.ring()
        await slow.begun.acquire()
        for _ in range(3):
            slow.chore.ring()
        assert slow.times == 1
        slow.go_on.release()
        await slow.begun.acquire()
        slow.go_on.release()
    await asyncio.sleep(0)
    assert slow.times == 2


async def test_a_failure_is_logged_and_the_next_ring_works(
    slow: Slow, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    failing = asyncio.Event()

    async def fail() -> int:
        failing.set()
        raise OSError("database or disk is full")

    async with asyncio.timeout(20):
        with monkeypatch.context() as patch:
            patch.setattr(slow.chore, "_work", fail)
            slow.chore.ring()
            await failing.wait()
        slow.chore.ring()
        await slow.begun.acquire()
    assert "disk is full" in caplog.text


async def test_the_bot_ends_only_after_the_digest_that_is_being_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, ended = asyncio.Event(), asyncio.Event()

    async def make_due() -> int:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            # As a transaction that is committed to its end, however often its task is cancelled.
            try:
                await _whole(asyncio.sleep(0.05))
            finally:
                ended.set()
        return 0

    async with _app(tmp_path) as app:
        monkeypatch.setattr(app.digester.chore, "_work", make_due)
        async with _running(app):
            async with asyncio.timeout(20):
                await begun.wait()
        assert ended.is_set()


async def test_a_digest_cut_off_by_the_end_of_the_bot_is_whole_or_made_at_the_next_start(tmp_path: Path) -> None:
    async with _app(tmp_path) as app:
        whole = app.database.tx
        reached = asyncio.Event()

        @asynccontextmanager
        async def slowly(label: str) -> AsyncIterator[object]:
            async with whole(label) as connection:
                yield connection
                if label == "digest.make":
                    reached.set()
                    await asyncio.Event().wait()

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(app.database, "tx", slowly)
            async with _running(app):
                async with asyncio.timeout(20):
                    await reached.wait()
        async with app.database.read() as connection:
            rows = await connection.one(
                "SELECT (SELECT count(*) FROM digest_slot) + (SELECT count(*) FROM announcement)"
            )
        assert rows is not None
        assert rows[0] == 0
        async with _running(app):
            await _made(app, 1)
