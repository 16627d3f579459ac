"""The background work that makes notices be found: what it does when it is woken, fails, is stopped."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from bot import indexing
from bot.app import App, source_defaults
from bot.clock import SystemClock
from bot.config import load
from bot.indexing import BATCH, BATCH_CHARS, Indexer
from bot.loopback.publishers.boamp import LoopbackBoamp
from bot.loopback.publishers.boamp_records import fns_notice
from bot.matching import spellings
from bot.storage.archive import full_text
from bot.storage.archive.full_text import IndexedWords, Unindexed, Wanted
from bot.storage.database import Connection, Database
from tests.e2e.world import today
from tests.empty_database import place_empty_database
from tests.factories import SettableClock, add_notice, make_notice


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    opened = await Database.open(place_empty_database(tmp_path / "vigie.sqlite3"), SettableClock())
    yield opened
    await opened.close()


@asynccontextmanager
async def running(indexer: Indexer) -> AsyncIterator[asyncio.Task[None]]:
    """Run an indexer until the end of the block."""
    task = asyncio.create_task(indexer.run())
    try:
        yield task
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def store(database: Database, *ids: str, **said: Any) -> None:
    async with database.tx("test.store") as connection:
        for notice_id in ids:
            await add_notice(connection, make_notice(notice_id, **said))


async def left(database: Database) -> int:
    async with database.read() as connection:
        return await full_text.count_unindexed(connection)


async def all_indexed(database: Database) -> None:
    async with asyncio.timeout(10):
        while await left(database):
            await asyncio.sleep(0.01)


async def turns_of_the_loop() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


async def test_it_indexes_at_its_start_what_an_earlier_process_left(database: Database) -> None:
    await store(database, "26-1", "26-2")
    async with running(Indexer(database)):
        await all_indexed(database)


async def test_it_indexes_what_is_stored_once_it_is_woken(database: Database) -> None:
    indexer = Indexer(database)
    async with running(indexer):
        await store(database, "26-1")
        indexer.wake()
        await all_indexed(database)
        await store(database, "26-2")
        indexer.wake()
        await all_indexed(database)


async def test_it_rests_until_it_is_woken(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    worked: list[int] = []

    async def catch_up(_: Indexer) -> int:
        worked.append(1)
        return 0

    monkeypatch.setattr(Indexer, "catch_up", catch_up)
    indexer = Indexer(database)
    async with running(indexer):
        await turns_of_the_loop()
        assert len(worked) == 1
        indexer.wake()
        indexer.wake()
        await turns_of_the_loop()
        assert len(worked) == 2


async def test_it_counts_what_it_indexed(database: Database) -> None:
    await store(database, *map(str, range(2 * BATCH + 1)))
    assert await Indexer(database).catch_up() == 2 * BATCH + 1
    assert await Indexer(database).catch_up() == 0


@pytest.mark.parametrize(
    ("count", "chars", "batches"),
    [(2 * BATCH + 1, 10, [BATCH, BATCH, 1]), (5, BATCH_CHARS // 3, [2, 2, 1]), (2, 2 * BATCH_CHARS, [1, 1])],
)
async def test_a_batch_holds_neither_too_many_notices_nor_too_much_text(
    database: Database, monkeypatch: pytest.MonkeyPatch, count: int, chars: int, batches: list[int]
) -> None:
    sizes: list[int] = []
    index_notices = full_text.index_notices

    async def noting(connection: Connection, batch: list[IndexedWords]) -> None:
        sizes.append(len(batch))
        await index_notices(connection, batch)

    monkeypatch.setattr(full_text, "index_notices", noting)
    await store(database, *map(str, range(count)), text="x" * chars)
    await Indexer(database).catch_up()
    assert sizes == batches


async def test_an_error_is_logged_whole_and_the_work_is_tried_again(
    database: Database, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    whole = database.tx
    refused: list[str] = []

    def full(label: str) -> Any:
        if label == "index.notices" and len(refused) < 2:
            refused.append(label)
            raise sqlite3.OperationalError("database or disk is full")
        return whole(label)

    monkeypatch.setattr(database, "tx", full)
    await store(database, "26-1")
    async with running(Indexer(database, retry_s=0.01)):
        await all_indexed(database)
    assert len(refused) == 2
    errors = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert len(errors) == 2
    assert all(record.exc_info for record in errors)


async def test_after_an_error_it_can_be_woken_before_its_time(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    failed = asyncio.Event()
    unindexed = full_text.unindexed

    async def failing(*_: Any, **__: Any) -> list[Unindexed]:
        monkeypatch.setattr(full_text, "unindexed", unindexed)
        failed.set()
        raise sqlite3.OperationalError("disk I/O error")

    monkeypatch.setattr(full_text, "unindexed", failing)
    await store(database, "26-1")
    indexer = Indexer(database, retry_s=3_600)
    async with running(indexer):
        await failed.wait()
        indexer.wake()
        await all_indexed(database)


async def test_one_notice_that_cannot_be_folded_does_not_keep_the_others_from_being_found(
    database: Database, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    fold_notice = full_text.fold_notice

    def failing(notice: Unindexed) -> IndexedWords:
        if notice.title == "bad":
            raise ValueError("this text")
        return fold_notice(notice)

    monkeypatch.setattr(full_text, "fold_notice", failing)
    await store(database, "bad", title="bad")
    await store(database, *map(str, range(BATCH + 3)))
    assert await Indexer(database).catch_up() == BATCH + 3
    assert await left(database) == 1
    assert "ValueError" in caplog.text
    monkeypatch.undo()
    assert await Indexer(database).catch_up() == 1


async def test_it_stops_at_once_in_the_midst_of_its_work_and_goes_on_after(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = asyncio.Event()
    folded = indexing._folded

    def slowly(batch: list[Unindexed]) -> list[IndexedWords]:
        loop.call_soon_threadsafe(begun.set)
        return folded(batch)

    loop = asyncio.get_running_loop()
    monkeypatch.setattr(indexing, "_folded", slowly)
    await store(database, *map(str, range(5 * BATCH)))
    async with running(Indexer(database)) as task:
        await begun.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    waiting = await left(database)
    assert waiting > 0
    assert waiting + await indexed(database) == 5 * BATCH
    assert await Indexer(database).catch_up() == waiting


async def test_the_app_indexes_what_a_poll_stored(tmp_path: Path) -> None:
    record = fns_notice(idweb="26-1", objet="Caméras-piétons", published=today())
    async with LoopbackBoamp([record]) as boamp:
        config = tmp_path / "config.toml"
        config.write_text(
            f'[http]\ncontact = "desk@example.org"\n[sources.boamp]\nbase_url = "{boamp.url}"\npace = "0s"\n',
            encoding="utf-8",
        )
        async with App.open(load(config, source_defaults()), SystemClock()) as app:
            working = asyncio.create_task(app.run())
            async with asyncio.timeout(20):
                while not await indexed(app.database):
                    await asyncio.sleep(0.01)
            working.cancel()
            with suppress(asyncio.CancelledError):
                await working
            async with app.database.read() as connection:
                wanted = Wanted(terms=[spellings("caméra-piéton")], today=today())
                assert (await full_text.notices_with(connection, wanted, 5)).total == 1


@pytest.mark.parametrize(("gives_way", "rests"), [(True, 2), (False, 0)])
async def test_it_rests_after_each_batch_while_it_gives_way(
    database: Database, monkeypatch: pytest.MonkeyPatch, *, gives_way: bool, rests: int
) -> None:
    rested: list[float] = []

    async def rest(length: float) -> None:
        rested.append(length)

    await store(database, *map(str, range(BATCH + 1)))
    monkeypatch.setattr("bot.indexing.asyncio.sleep", rest)
    await Indexer(database, gives_way=lambda: gives_way).catch_up()
    assert len(rested) == rests
    assert all(length > 0 for length in rested)


async def test_the_app_indexes_what_a_long_poll_has_stored_before_its_end_and_gives_way_to_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    woken: list[bool] = []
    monkeypatch.setattr("bot.pipeline.storing.TOLD_EVERY", 10)
    records = [fns_notice(idweb=f"26-{number}", objet="Caméras-piétons", published=today()) for number in range(25)]
    async with LoopbackBoamp(records) as boamp:
        config = tmp_path / "config.toml"
        config.write_text(
            f'[http]\ncontact = "desk@example.org"\n[sources.boamp]\nbase_url = "{boamp.url}"\npace = "0s"\n',
            encoding="utf-8",
        )
        async with App.open(load(config, source_defaults()), SystemClock()) as app:
            monkeypatch.setattr(app.indexer._wanted, "set", lambda: woken.append(app.indexer._gives_way()))
            await app.poll("boamp")
    assert set(woken[:-1]) == {True}
    assert not woken[-1]


async def indexed(database: Database) -> int:
    async with database.read() as connection:
        row = await connection.one("SELECT count(*) FROM notice_words")
    return int(row[0]) if row else 0
