"""The app as a whole, with a real database and a loopback BOAMP: what its jobs survive."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.app import App, source_defaults
from bot.clock import SystemClock
from bot.config import load
from bot.loopback.boamp import LoopbackBoamp
from bot.loopback.boamp_records import fns_notice
from bot.storage import announcements, drafts, notices
from bot.storage.announcements import Place
from tests.e2e.world import today
from tests.factories import GUILD, add_item, add_newsroom, make_notice, owe_notice, place_of


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


async def test_what_a_broken_poll_owed_is_let_go_at_the_start(tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text('[http]\ncontact = "desk@example.org"\n[sources.boamp]\nenabled = false\n', encoding="utf-8")
    async with App.open(load(config, source_defaults()), SystemClock()) as app:
        await add_newsroom(app.database)
        owed = await owe_notice(app.database, await add_item(app.database), make_notice())
        async with app.database.tx("test") as connection:
            await connection.run("UPDATE announcement SET polled = 'boamp' WHERE id = ?", owed)
            assert await announcements.waiting(connection) == {}
        running = asyncio.create_task(app.run())
        async with asyncio.timeout(20):
            waiting: dict[Place, datetime] = {}
            while not waiting and not running.done():
                await asyncio.sleep(0.01)
                async with app.database.read() as connection:
                    waiting = await announcements.waiting(connection)
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
        monkeypatch.setattr(app.digester, "ring", started.set)
        running = asyncio.create_task(app.run())
        async with asyncio.timeout(20):
            await started.wait()
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running
    assert tried.is_set()
