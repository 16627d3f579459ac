"""A spelling that enough stored notices hold is a name of its own."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from bot.models import Notice
from bot.storage.archive import full_text, vocabulary
from bot.storage.archive.vocabulary import REGULAR, _say_once, is_common, is_regular
from bot.storage.database import Database
from tests.factories import add_newsroom, add_notice


async def store(database: Database, count: int, text: str) -> None:
    async with database.tx("test.store") as connection:
        for number in range(count):
            await add_notice(connection, Notice(id=f"{text}-{number}", source="boamp", title="Marché", text=text))
        batch = [full_text.fold_notice(notice) for notice in await full_text.unindexed(connection, 100)]
        await full_text.index_notices(connection, batch)


@pytest.fixture(autouse=True)
async def newsroom(database: Database) -> None:
    await add_newsroom(database)


async def test_a_word_of_five_notices_is_regular_however_it_is_accented(database: Database) -> None:
    await store(database, REGULAR, "la société VÀLMARIM")
    assert is_regular(database.path, "valmarim")


async def test_a_word_of_fewer_notices_is_not_regular_however_often_they_say_it(database: Database) -> None:
    await store(database, REGULAR - 1, "Valmarim, Valmarim et Valmarim")
    assert not is_regular(database.path, "valmarim")


async def test_part_of_a_word_is_not_regular(database: Database) -> None:
    await store(database, REGULAR, "Valmarimont")
    assert not is_regular(database.path, "valmarim")


async def test_a_word_is_looked_up_while_the_database_is_written(database: Database) -> None:
    await store(database, REGULAR, "Valmarim")
    async with database.tx("test.writing") as connection:
        await connection.run("UPDATE notice SET is_indexed = 0")
        assert is_regular(database.path, "valmarim")


@pytest.mark.parametrize("word", ['val"marim', "val*", "NEAR", "title:x", ""])
async def test_no_word_is_taken_for_an_operator(database: Database, word: str) -> None:
    await store(database, 1, "Valmarim")
    assert not is_regular(database.path, word)


def spoilt(path: Path, trouble: str) -> None:
    if trouble != "no file":
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("CREATE TABLE other (word TEXT)")


@pytest.mark.parametrize("trouble", ["no file", "no table"])
def test_a_database_that_cannot_be_read_knows_no_word_and_says_so_once(
    tmp_path: Path, trouble: str, caplog: pytest.LogCaptureFixture
) -> None:
    _say_once.cache_clear()
    spoilt(tmp_path / "v.db", trouble)
    assert not any(is_regular(tmp_path / "v.db", word) for word in ("valmarim", "corvoix"))
    assert len(caplog.records) == 1


def test_a_locked_database_is_not_waited_for_long(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[float] = []
    connect: Any = sqlite3.connect

    def watched(*args: Any, timeout: float = 5.0, **more: Any) -> Any:
        waited.append(timeout)
        return connect(*args, timeout=timeout, **more)

    with closing(sqlite3.connect(tmp_path / "v.db")) as connection:
        connection.execute("CREATE VIRTUAL TABLE notice_words USING fts5(words)")
        connection.execute("BEGIN EXCLUSIVE")
        monkeypatch.setattr(sqlite3, "connect", watched)
        assert not is_regular(tmp_path / "v.db", "valmarim")
    assert waited[0] <= 0.2


async def test_a_word_of_many_stored_notices_is_common_and_a_regular_one_need_not_be(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vocabulary, "LEAST_COMMON", 6)
    await store(database, 6, "remise des offres")
    await store(database, 5, "la société Valmarim")
    assert [is_common(database.path, word) for word in ("offres", "valmarim")] == [True, False]


async def test_how_many_are_common_grows_with_the_notices(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vocabulary, "LEAST_COMMON", 2)
    monkeypatch.setattr(vocabulary, "COMMON_PERCENT", 50)
    await store(database, 6, "remise des offres")
    await store(database, 5, "la société Valmarim")
    assert [is_common(database.path, word) for word in ("offres", "valmarim")] == [True, True]
    await store(database, 1, "autre chose")
    assert [is_common(database.path, word) for word in ("offres", "valmarim")] == [True, False]
