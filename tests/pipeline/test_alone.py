"""Notices that concern nobody and belong to nothing are stored at once, as they would be one by one."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.models import Notice
from bot.pipeline.alone import alone
from bot.storage.archive import notices
from bot.storage.database import Database
from bot.storage.reading.spool import Entry
from tests.empty_database import place_empty_database
from tests.factories import START, SettableClock, add_notice, make_notice


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    opened = await Database.open(place_empty_database(tmp_path / "vigie.sqlite3"), SettableClock())
    yield opened
    await opened.close()


def entry(notice: Notice) -> Entry:
    return Entry(notice, "0" * 64)


async def found_alone(database: Database, *read: Notice, with_more: tuple[str, ...] = ()) -> list[str]:
    async with database.read() as connection:
        found = await alone(connection, [entry(notice) for notice in read], with_more)
    return [one.notice.id for one in found]


async def test_a_notice_without_a_procedure_or_with_one_of_its_own_is_alone(database: Database) -> None:
    read = (make_notice("26-1", procedure=None), make_notice("26-2", procedure="p-2"))
    assert await found_alone(database, *read) == ["26-1", "26-2"]


async def test_the_first_of_a_procedure_that_is_known_by_its_own_id_is_alone_until_another_one_names_it(
    database: Database,
) -> None:
    first = make_notice("26-1")
    assert first.procedure == f"{first.source}:26-1"
    assert await found_alone(database, first) == ["26-1"]
    assert await found_alone(database, first, make_notice("26-2", procedure=first.procedure)) == []


async def test_one_that_is_stored_or_has_hits_is_not(database: Database) -> None:
    assert await found_alone(database, make_notice("26-1", procedure=None), with_more=("26-1",)) == []


async def test_two_of_one_procedure_in_a_batch_are_not(database: Database) -> None:
    read = (make_notice("26-1", procedure="p"), make_notice("26-2", procedure="p"), make_notice("26-3", procedure="q"))
    assert await found_alone(database, *read) == ["26-3"]


@pytest.mark.parametrize("stored", ["p-1", "{source}:26-1"])
async def test_one_whose_procedure_is_stored_or_that_stored_ones_name_is_not(database: Database, stored: str) -> None:
    notice = make_notice("26-1", procedure="p-1")
    async with database.tx("test") as connection:
        await add_notice(connection, make_notice("26-0", procedure=stored.format(source=notice.source)))
    assert await found_alone(database, notice) == []


async def test_one_that_names_its_parent_by_the_sources_id_and_its_parent_are_not(database: Database) -> None:
    parent = make_notice("26-1", procedure="p-1")
    child = make_notice("26-2", procedure=f"{parent.source}:26-1")
    assert await found_alone(database, parent, child) == []


async def test_what_is_stored_at_once_is_stored_as_one_by_one(database: Database) -> None:
    one, other = make_notice("26-1", procedure="p-1"), make_notice("26-2", procedure="p-2")
    async with database.tx("test") as connection:
        await notices.add(connection, one, "a" * 64, 7, now=START, is_baseline=True)
        await notices.add_all(connection, [(other, "a" * 64, True)], 7, now=START)
        rows = await connection.all("SELECT * FROM notice ORDER BY id")
        said = await connection.all("SELECT * FROM notice_revision ORDER BY notice_id")
        read = await notices.get(connection, rows[1]["id"], 1)
    assert read == replace(other, revision=1)
    assert {**dict(rows[0]), "id": 2, "source_id": "26-2", "procedure": "p-2"} == dict(rows[1])
    assert {**dict(said[0]), "notice_id": 2, "procedure": "p-2", "url": said[1]["url"]} == dict(said[1])
