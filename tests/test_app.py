"""The app as a whole, with a real database and a loopback BOAMP: what its jobs survive."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.app import App, Feed, source_defaults
from bot.clock import SystemClock
from bot.config import SourceSettings, load
from bot.loopback.publishers.boamp import LoopbackBoamp
from bot.loopback.publishers.boamp_records import fns_notice
from bot.models import SourceState
from bot.sources import Asked, Payload, PoliteClient
from bot.storage.archive import notices
from bot.storage.database import Database
from bot.storage.log import drafts
from bot.storage.outbox import sending
from bot.storage.outbox.announcements import Place
from bot.storage.reading import backfills, sources
from tests.e2e.world import today
from tests.factories import GUILD, START, PagesSource, add_item, add_newsroom, make_notice, owe_notice, place_of
from tests.pipeline.wire import NO_CLIENT


@pytest.mark.parametrize("failing", ["poll.batch", "poll.failed"])
async def test_a_full_disk_is_waited_out_and_the_next_poll_is_stored(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failing: str
) -> None:
    record = fns_notice(idweb="26-1", objet="Caméras-piétons", published=today())
    async with LoopbackBoamp([record]) as boamp:
        config = tmp_path / "config.toml"
        config.write_text(
            '[http]\ncontact = "desk@example.org"\n'
            f'[sources.boamp]\nevery = "1s"\nbase_url = "{boamp.url}"\npace = "0s"\n',
            encoding="utf-8",
        )
        async with App.open(load(config, source_defaults()), SystemClock()) as app:
            whole = app.database.tx
            refused: list[str] = []

            def full(label: str) -> Any:
                if label in {"poll.batch", failing} and len(refused) < 2:
                    refused.append(label)
                    raise sqlite3.OperationalError("database or disk is full")
                return whole(label)

            monkeypatch.setattr(app.database, "tx", full)
            running = asyncio.create_task(app.run())
            async with asyncio.timeout(20):
                stored = 0
                while not stored and not running.done():
                    await asyncio.sleep(0.05)
                    async with app.database.read() as connection:
                        stored = await notices.count(connection)
            assert refused
            assert stored == 1
            running.cancel()
            with suppress(asyncio.CancelledError):
                await running


async def test_a_form_that_nobody_sent_is_forgotten_while_the_bot_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.app.PURGE_EVERY", timedelta(seconds=0.05))
    config = tmp_path / "config.toml"
    config.write_text('[http]\ncontact = "desk@example.org"\n[sources.boamp]\nenabled = false\n', encoding="utf-8")
    clock = SystemClock()
    async with App.open(load(config, source_defaults()), clock) as app:
        await add_newsroom(app.database)
        long_ago = clock.now() - drafts.KEPT - timedelta(minutes=1)
        async with app.database.tx("test") as connection:
            for made_at in (long_ago, clock.now()):
                await drafts.add(connection, GUILD, 7, "tip", context={}, values={"text": "un tuyau"}, now=made_at)
        running = asyncio.create_task(app.run())
        async with asyncio.timeout(20):
            kept = 2
            while kept == 2 and not running.done():
                await asyncio.sleep(0.05)
                async with app.database.read() as connection:
                    row = await connection.one("SELECT count(*) FROM draft")
                    kept = row[0] if row else 0
        assert kept == 1
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running


async def test_old_texts_are_looked_through_less_often_than_forms(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.app.PURGE_EVERY", timedelta(seconds=0.02))
    config = tmp_path / "config.toml"
    config.write_text('[http]\ncontact = "desk@example.org"\n[sources.boamp]\nenabled = false\n', encoding="utf-8")
    done = {"forms": 0, "texts": 0}
    looked, purged = asyncio.Event(), asyncio.Event()

    async def look(*_: object) -> int:
        done["texts"] += 1
        looked.set()
        return 0

    async def purge(*_: object) -> None:
        done["forms"] += 1
        if done["forms"] == 5:
            purged.set()

    monkeypatch.setattr("bot.app.drop_old_texts", look)
    monkeypatch.setattr("bot.app.drafts.purge", purge)
    async with App.open(load(config, source_defaults()), SystemClock()) as app:
        running = asyncio.create_task(app.run())
        async with asyncio.timeout(20):
            await asyncio.gather(looked.wait(), purged.wait())
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running
    assert done["texts"] == 1


async def test_a_history_that_cannot_be_read_keeps_no_other_waiting(tmp_path: Path) -> None:
    class Archive(PagesSource):
        """A history whose first window is read once it is opened."""

        step = 400

        def __init__(self, name: str) -> None:
            super().__init__([])
            self.name = name
            self.entered, self.opened = asyncio.Event(), asyncio.Event()

        async def fetch(self, asked: Asked, client: PoliteClient) -> AsyncIterator[Payload]:
            self.entered.set()
            await self.opened.wait()
            async for payload in super().fetch(asked, client):
                yield payload

    closed, readable = Archive("closed"), Archive("readable")
    readable.opened.set()
    chosen = SourceSettings(every=timedelta(hours=1), base_url="http://gazette.invalid", pace=timedelta())
    config = tmp_path / "config.toml"
    config.write_text('[http]\ncontact = "desk@example.org"\n[sources.boamp]\nenabled = false\n', encoding="utf-8")
    settings = load(config, source_defaults())
    settings = settings.model_copy(update={"sources": {"closed": chosen, "readable": chosen}})
    clock = SystemClock()
    database = await Database.open(settings.storage.database, clock)
    app = App(settings, clock, database, {one.name: Feed(one, NO_CLIENT) for one in (closed, readable)})
    await add_newsroom(database)
    now = clock.now()
    for one in (closed, readable):
        async with database.tx("test") as connection:
            await sources.save(connection, SourceState(source=one.name, attempted_at=now, succeeded_at=now))
        await app.backfill(one.name, now.date() - timedelta(days=90), GUILD, 7)
    running = asyncio.create_task(app.run())
    async with asyncio.timeout(20):
        await closed.entered.wait()
        while True:
            async with database.read() as connection:
                if await backfills.find_open(connection, "readable") is None:
                    break
            await asyncio.sleep(0.01)
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running
    async with database.read() as connection:
        left = await backfills.find_open(connection, "closed")
    await database.close()
    assert left is not None
    assert left.error is None


async def test_what_a_broken_poll_owed_is_let_go_at_the_start(tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text('[http]\ncontact = "desk@example.org"\n[sources.boamp]\nenabled = false\n', encoding="utf-8")
    async with App.open(load(config, source_defaults()), SystemClock()) as app:
        await add_newsroom(app.database)
        owed = await owe_notice(app.database, await add_item(app.database), make_notice())
        async with app.database.tx("test") as connection:
            await connection.run("UPDATE announcement SET polled = 'boamp' WHERE id = ?", owed)
            assert await sending.waiting(connection, START) == {}
        running = asyncio.create_task(app.run())
        async with asyncio.timeout(20):
            waiting: dict[Place, datetime] = {}
            while not waiting and not running.done():
                await asyncio.sleep(0.01)
                async with app.database.read() as connection:
                    waiting = await sending.waiting(connection, START)
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running
    assert list(waiting) == [place_of()]


async def test_a_full_disk_does_not_keep_the_bot_from_starting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = tmp_path / "config.toml"
    config.write_text('[http]\ncontact = "desk@example.org"\n[sources.boamp]\nenabled = false\n', encoding="utf-8")
    async with App.open(load(config, source_defaults()), SystemClock()) as app:
        tried = asyncio.Event()

        async def full() -> None:
            tried.set()
            raise sqlite3.OperationalError("database or disk is full")

        started = asyncio.Event()
        monkeypatch.setattr(app.pipeline, "resume", full)
        monkeypatch.setattr(app.digester.chore, "ring", started.set)
        running = asyncio.create_task(app.run())
        async with asyncio.timeout(20):
            await started.wait()
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running
    assert tried.is_set()
