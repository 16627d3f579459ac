"""`vigie verify` as people run it: what it says, prints, and how it ends."""

from __future__ import annotations

import asyncio
import contextlib
import json
import shutil
import sqlite3
from pathlib import Path

import pytest

from bot.access import Action
from bot.export import export_facts, record
from bot.models import FactFilter
from bot.storage.database import Database
from tests.command_line import BAD_DATA, DONE, USED_WRONGLY, Ended, configured, vigie
from tests.export.read_back import NOBODY, settings_with
from tests.factories import GUILD, SettableClock
from tests.log_world import THERE, log_database, log_fact, log_tip
from tests.test_cli_database import held


async def _desk(folder: Path) -> None:
    async with log_database(folder) as database:
        await log_tip(database)
        await log_fact(database)
        export = await export_facts(database.path, NOBODY, FactFilter(), folder / "out", settings_with())
        await record(database, GUILD, export, 9, Action.FACT_EXPORT)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("desk")
    configured(folder)
    asyncio.run(_desk(folder))
    return folder


@pytest.fixture
def folder(desk: Path, tmp_path: Path) -> Path:
    """Copy a database with an export of it, to alter them."""
    return Path(shutil.copytree(desk, tmp_path / "desk"))


def verify(folder: Path, *arguments: object) -> Ended:
    return vigie("verify", *arguments, "--config", folder / "config.toml")


def altered(folder: Path, *changes: str) -> None:
    with contextlib.closing(sqlite3.connect(folder / "vigie.sqlite3", isolation_level=None)) as connection:
        for change in changes:
            connection.execute(change)


def test_the_configured_database_is_verified_beside_a_running_bot(folder: Path) -> None:
    with held(folder):
        ended = verify(folder)
    assert ended.returncode == DONE
    here, there = ended.stdout.splitlines()
    assert here.startswith(f"Newsroom {GUILD}: The audit log is intact: 3 entries, head ")
    assert there == f"Newsroom {THERE}: The audit log is empty: nothing was noted in it yet."


def test_an_altered_fact_is_named_with_what_to_do(folder: Path) -> None:
    altered(folder, "UPDATE fact_revision SET claim = 'Axon a rencontré la ministre.'")
    ended = verify(folder)
    assert ended.returncode == BAD_DATA
    first, *advice = ended.stdout.splitlines()
    assert (
        first == f"Newsroom {GUILD}: Altered outside Vigie: version 1 of fact 1 (sealed by entry 2 of the audit log)."
    )
    assert "vigie restore" in advice[0]


def test_the_verdict_is_one_object_a_line(folder: Path) -> None:
    intact = [json.loads(line) for line in verify(folder, "--json").stdout.splitlines()]
    assert [(told["newsroom"], told["intact"], told["entries"]) for told in intact] == [
        (str(GUILD), True, 3), (str(THERE), True, 0),
    ]  # fmt: skip
    altered(folder, "UPDATE tip SET status = 'dropped'")
    ended = verify(folder, "--json")
    [told] = [json.loads(line) for line in ended.stdout.splitlines()]
    assert (told["intact"], told["fault"], told["thing"], told["column"], told["entry"]) == (
        False, "thing_altered", "tip:1", "status", 1,
    )  # fmt: skip
    assert "tip 1" in ended.stderr


def test_an_intact_export_is_looked_up_in_the_log(folder: Path) -> None:
    ended = verify(folder, folder / "out")
    assert ended.returncode == DONE
    assert ended.stdout.splitlines() == [
        "The export is intact: 3 files, 2 rows.",
        "The head in the manifest is entry 2 of the audit log.",
        "Entry 3 of the audit log noted this export, with this manifest.",
    ]


def test_an_export_is_verified_without_a_database_and_says_what_that_leaves_open(folder: Path, tmp_path: Path) -> None:
    ended = vigie("verify", folder / "out" / "manifest.json", folder=tmp_path)
    assert ended.returncode == DONE
    assert "--database" in ended.stdout.splitlines()[-1]


def test_an_altered_row_of_an_export_is_named(folder: Path) -> None:
    table = folder / "out" / "facts.csv"
    table.write_bytes(table.read_bytes().replace(b"Axon", b"Oxon"))
    ended = verify(folder, folder / "out", "--json")
    assert ended.returncode == BAD_DATA
    told = json.loads(ended.stdout)
    assert (told["fault"], told["file"], told["row"]) == ("row_altered", "facts.csv", 2)
    assert "In facts.csv, row 2 was altered" in ended.stderr


def test_an_export_that_the_log_does_not_know_is_altered(folder: Path) -> None:
    altered(
        folder,
        "DROP TRIGGER audit_opening_unchanged",
        "UPDATE audit_opening SET detail = '{}' WHERE number = 3",
    )
    ended = verify(folder, folder / "out", "--database", folder / "vigie.sqlite3")
    assert ended.returncode == BAD_DATA
    assert "knows of no export with this manifest" in ended.stdout


async def _empty(path: Path) -> None:
    await (await Database.open(path, SettableClock())).close()


def test_a_head_that_is_not_in_the_log_is_said_to_be_unknown(folder: Path, tmp_path: Path) -> None:
    asyncio.run(_empty(tmp_path / "other.sqlite3"))
    ended = verify(folder, folder / "out", "--database", tmp_path / "other.sqlite3")
    assert ended.returncode == BAD_DATA
    assert "(entry 2) is not in the audit log" in ended.stdout


def test_what_is_no_database_fails_the_check(tmp_path: Path) -> None:
    (tmp_path / "letter").write_text("dear editor " * 1_000)
    ended = vigie("verify", tmp_path / "letter")
    assert ended.returncode == BAD_DATA
    assert "not a Vigie database" in ended.stdout


def test_a_damaged_database_fails_the_check(folder: Path) -> None:
    path = folder / "vigie.sqlite3"
    content = bytearray(path.read_bytes())
    content[4_096:] = b"\xff" * (len(content) - 4_096)
    path.write_bytes(content)
    ended = verify(folder)
    assert ended.returncode == BAD_DATA
    assert "damaged" in ended.stdout


@pytest.mark.parametrize("given", ["nowhere", "out --database nowhere", "older"])
def test_what_cannot_be_verified_is_said_with_status_2(folder: Path, given: str) -> None:
    with contextlib.closing(sqlite3.connect(folder / "older", isolation_level=None)) as connection:
        connection.execute("CREATE TABLE migration (number INTEGER PRIMARY KEY, name, sha256, applied_at)")
    first, *options = given.split()
    ended = verify(folder, folder / first, *options)
    assert ended.returncode == USED_WRONGLY
    assert ended.stderr.strip()
    assert not ended.stdout
