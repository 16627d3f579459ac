"""What stands behind an erasure: the write-ahead log emptied, freed pages overwritten, old copies gone in time."""

from __future__ import annotations

import os
import random
import sqlite3
import string
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.models import TipWords
from bot.storage.archive import full_text
from bot.storage.custody import copies
from bot.storage.database import Database
from bot.storage.log import tips
from bot.storage.migrations import Migration, migrate
from tests.bytes_left import found_in
from tests.factories import GUILD, START, SettableClock, add_newsroom


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    opened = await Database.open(tmp_path / "vigie.sqlite3", SettableClock())
    await add_newsroom(opened)
    yield opened
    await opened.close()


def made_up(chance: random.Random) -> str:
    return "".join(chance.choices(string.ascii_lowercase, k=12))


@pytest.mark.parametrize("seed", range(3))
async def test_no_word_of_a_forgotten_tip_is_left_in_the_index(database: Database, tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311  # a test that can be repeated
    words = {number: [made_up(chance) for _ in range(3)] for number in range(1, 40)}
    for number, (first, second, third) in words.items():
        async with database.tx("test.index") as connection:
            await full_text.index_tip(
                connection, number, f"{first} commun {second} " * chance.choice([1, 9, 60]), third
            )
    gone = chance.sample(sorted(words), 12)
    for number in gone:
        async with database.tx("test.forget") as connection:
            await full_text.forget_tip(connection, number)
    assert await database.empty_log()
    assert found_in(tmp_path, [word for number in gone for word in words[number]]) == []
    kept = next(number for number in words if number not in gone)
    assert found_in(tmp_path, words[kept][:1]) != []


@pytest.mark.parametrize("seed", range(3))
async def test_no_word_of_a_deleted_row_is_left_on_a_page(database: Database, tmp_path: Path, seed: int) -> None:
    """Rows short and of several pages, moved between pages by others that come and go."""
    chance = random.Random(seed)  # noqa: S311  # a test that can be repeated
    words: dict[int, str] = {}
    async with database.tx("test.tips") as connection:
        for _ in range(60):
            word = made_up(chance)
            text = f"{word} " * chance.choice([1, 5, 40, 90, 300])
            words[(await tips.add(connection, GUILD, TipWords(text=text), 7, START)).id] = word
    gone = chance.sample(sorted(words), 25)
    for number in gone:
        async with database.tx("test.delete") as connection:
            await connection.run("DELETE FROM tip_revision WHERE guild_id = ? AND tip_id = ?", GUILD, number)
            await full_text.forget_tip(connection, number)
    assert await database.empty_log()
    assert found_in(tmp_path, [words[number] for number in gone]) == []


async def test_the_log_is_emptied_unless_somebody_holds_it(database: Database) -> None:
    log = database.path.with_name("vigie.sqlite3-wal")
    assert log.stat().st_size > 0
    assert await database.empty_log()
    assert log.stat().st_size == 0
    async with database.tx("test") as connection:
        await connection.run("UPDATE newsroom SET storm = 7")
    async with database.read() as reader:
        await reader.one("SELECT storm FROM newsroom")
        async with database.tx("test") as connection:
            await connection.run("UPDATE newsroom SET storm = 8")
        assert (await database.empty_log(), database.owes_empty_log) == (False, True)
    assert (await database.empty_log(), database.owes_empty_log) == (True, False)


def test_a_table_that_a_migration_makes_anew_leaves_no_old_page(tmp_path: Path) -> None:
    path = tmp_path / "vigie.sqlite3"
    first = Migration(1, "first", "CREATE TABLE said (text TEXT) STRICT;\n")
    second = Migration(2, "second", "CREATE TABLE other (x TEXT) STRICT;\nDROP TABLE said;\n")
    migrate(path, START, (first,))
    with sqlite3.connect(path) as connection:
        connection.executemany(
            "INSERT INTO said VALUES (?)", [(f"Morvaldine {number} " * 50,) for number in range(200)]
        )
    connection.close()
    migrate(path, START, (first, second))
    path.with_name("vigie.sqlite3.before-0002").unlink()
    assert found_in(tmp_path, ["Morvaldine"]) == []


def test_copies_of_migrations_go_after_thirty_days_and_others_stay(tmp_path: Path) -> None:
    database = tmp_path / "vigie.sqlite3"
    ages = {
        "vigie.sqlite3.before-0005": 31,
        "vigie.sqlite3.before-0006": 29,
        "vigie.sqlite3.before-0006.unfinished": 1,
        "vigie.sqlite3.before-restore-20261001T080000Z": 46,
        "autre.sqlite3.before-0005": 90,
        "vigie.sqlite3": 90,
    }
    for name, days in ages.items():
        (tmp_path / name).write_bytes(b"x")
        moment = (START - timedelta(days=days)).timestamp()
        os.utime(tmp_path / name, (moment, moment))
    told = [(copy.name, copy.goes_at) for copy in copies.beside(database)]
    assert told[:2] == [
        ("vigie.sqlite3.before-restore-20261001T080000Z", None),
        ("vigie.sqlite3.before-0005", START - timedelta(days=1)),
    ]
    gone = copies.drop_old(database, START)
    assert sorted(gone) == ["vigie.sqlite3.before-0005", "vigie.sqlite3.before-0006.unfinished"]
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(set(ages) - set(gone))


def test_a_copy_made_while_the_clock_was_years_ahead_is_kept_no_longer_than_others(tmp_path: Path) -> None:
    copy = tmp_path / "vigie.sqlite3.before-0005"
    copy.write_bytes(b"x")
    os.utime(copy, ((START + timedelta(days=1_500)).timestamp(),) * 2)
    gone = [copies.drop_old(tmp_path / "vigie.sqlite3", START + timedelta(days=days)) for days in (0, 29, 30)]
    assert gone == [[], [], [copy.name]]
