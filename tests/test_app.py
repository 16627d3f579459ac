"""The app as a whole, with a real database and a loopback BOAMP: what its jobs survive."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from bot.app import App, source_defaults
from bot.clock import SystemClock
from bot.config import load
from bot.loopback.boamp import LoopbackBoamp
from bot.loopback.boamp_records import fns_notice
from bot.storage import notices
from tests.e2e.world import today


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
