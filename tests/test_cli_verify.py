"""`vigie verify` as people run it, and what `backup`, `restore` and `check` make of an altered log."""

from __future__ import annotations

import asyncio
import contextlib
import json
import shutil
import sqlite3
from datetime import timedelta
from pathlib import Path

import pytest

from bot.access import Action
from bot.export import export_facts, record
from bot.models import FactFilter
from bot.restoring import restore
from bot.storage.custody.backing_up import copy_of
from bot.storage.database import Database
from tests.command_line import BAD_DATA, DONE, USED_WRONGLY, Ended, configured, vigie
from tests.export.read_back import NOBODY, settings_with
from tests.factories import GUILD, START, SettableClock
from tests.log_world import THERE, log_database, log_fact, log_tip
from tests.test_cli_database import held

HOUR = timedelta(hours=1)


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
    return vigie("verify", *arguments, "--config", folder / "config.toml", variables={"TZ": "UTC"})


def altered(folder: Path, *changes: str) -> None:
    with contextlib.closing(sqlite3.connect(folder / "vigie.sqlite3", isolation_level=None)) as connection:
        for change in changes:
            connection.execute(change)


def test_the_configured_database_is_verified_beside_a_running_bot(folder: Path) -> None:
    with held(folder):
        ended = verify(folder)
    assert ended.returncode == DONE
    here, there = ended.stdout.splitlines()
    assert here.startswith(f"Newsroom {GUILD}: The audit log is intact: 3 entries, fingerprint ")
    assert there == f"Newsroom {THERE}: The audit log is empty: nothing was noted in it yet."


def test_an_altered_fact_is_named_with_what_to_do(folder: Path) -> None:
    altered(folder, "UPDATE fact_revision SET claim = 'Axon a rencontré la ministre.'")
    ended = verify(folder)
    assert ended.returncode == BAD_DATA
    first, *advice = ended.stdout.splitlines()
    assert first == f"Newsroom {GUILD}: Altered outside Vigie: version 1 of fact 1 (seal: entry 2 of the audit log)."
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
        "The fingerprint in the manifest is that of entry 2 of the audit log.",
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
    assert (
        "knows of no export with this manifest: it was rewritten, or the export is of another database." in ended.stdout
    )


async def _empty(path: Path) -> None:
    await (await Database.open(path, SettableClock())).close()


def test_a_head_that_is_not_in_the_log_is_said_to_be_unknown(folder: Path, tmp_path: Path) -> None:
    asyncio.run(_empty(tmp_path / "other.sqlite3"))
    ended = verify(folder, folder / "out", "--database", tmp_path / "other.sqlite3")
    assert ended.returncode == BAD_DATA
    assert "(entry 2) is not in the audit log" in ended.stdout


@pytest.mark.parametrize(
    ("content", "says"),
    [(b"dear editor " * 1_000, "is neither a Vigie database nor an export"), (b"", "is empty")],
    ids=["letter", "empty"],
)
def test_what_is_no_database_fails_the_check_by_its_name(tmp_path: Path, content: bytes, says: str) -> None:
    (tmp_path / "letter").write_bytes(content)
    ended = vigie("verify", tmp_path / "letter")
    assert ended.returncode == BAD_DATA
    assert f"letter {says}" in ended.stdout
    assert "config.toml" not in ended.stdout


def test_a_folder_that_is_no_export_is_not_called_evidence(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("dear editor")
    ended = vigie("verify", tmp_path)
    assert ended.returncode == USED_WRONGLY
    assert "is no export" in ended.stderr


def damage(path: Path) -> Path:
    content = bytearray(path.read_bytes())
    content[4_096:] = b"\xff" * (len(content) - 4_096)
    path.write_bytes(content)
    return path


def test_a_damaged_database_fails_the_check_in_the_language_of_the_terminal(folder: Path) -> None:
    path = damage(folder / "vigie.sqlite3")
    french = {"LC_ALL": "fr_FR.UTF-8"}
    configured_one = vigie("verify", "--config", folder / "config.toml", variables=french)
    named = vigie("verify", path, variables=french)
    assert (configured_one.returncode, named.returncode) == (BAD_DATA, BAD_DATA)
    assert "endommagée" in configured_one.stdout
    assert "vérifiez une autre copie" in named.stdout
    assert "malformed" not in configured_one.stdout + named.stdout


def test_a_damaged_backup_is_not_to_be_restored_from_itself(folder: Path) -> None:
    shutil.copy(folder / "vigie.sqlite3", folder / "copy")
    ended = vigie("restore", damage(folder / "copy"), "--config", folder / "config.toml")
    assert ended.returncode == BAD_DATA
    assert "Take another one" in ended.stderr


def test_what_the_machine_refuses_is_said_in_the_language_of_the_terminal(folder: Path) -> None:
    ended = vigie(
        *("backup", folder / "nowhere" / "copy", "--config", folder / "config.toml"),
        variables={"LC_ALL": "fr_FR.UTF-8"},
    )
    assert ended.returncode == USED_WRONGLY
    assert "(ce dossier ou ce fichier n\u2019existe pas)" in ended.stderr


def test_a_backup_of_an_altered_database_is_written_and_says_what_was_altered(folder: Path) -> None:
    altered(folder, "UPDATE fact_revision SET claim = 'Axon a rencontré la ministre.'")
    ended = vigie("backup", folder / "copy", "--config", folder / "config.toml")
    assert ended.returncode == BAD_DATA
    assert ended.stdout.startswith("Backup written: ")
    assert "version 1 of fact 1" in ended.stderr
    assert (folder / "copy").is_file()


def test_an_altered_backup_is_put_back_only_when_that_is_wanted(folder: Path) -> None:
    shutil.copy(folder / "vigie.sqlite3", folder / "copy")
    shutil.copy(folder / "vigie.sqlite3", folder / "kept")
    altered(folder, "UPDATE fact_revision SET claim = 'Axon a rencontré la ministre.'")
    (folder / "vigie.sqlite3").rename(folder / "altered")
    (folder / "kept").rename(folder / "vigie.sqlite3")
    restore = ("restore", folder / "altered", "--config", folder / "config.toml")
    refused = vigie(*restore)
    assert refused.returncode == BAD_DATA
    assert "version 1 of fact 1" in refused.stderr.splitlines()[0]
    assert "--altered" in refused.stderr.splitlines()[-1]
    assert verify(folder).returncode == DONE
    wanted = vigie(*restore, "--altered")
    assert wanted.returncode == DONE
    assert "version 1 of fact 1" in wanted.stderr.splitlines()[0]


def test_check_verifies_the_audit_log(folder: Path) -> None:
    sound = vigie("check", "--config", folder / "config.toml").stdout.splitlines()
    altered(folder, "UPDATE tip SET status = 'dropped'")
    unsound = vigie("check", "--config", folder / "config.toml").stdout.splitlines()
    assert "ok     Audit log: intact, 3 entries" in sound
    [line] = [line for line in unsound if "Audit log" in line]
    assert line.startswith("to do  Audit log: Altered outside Vigie: tip 1.")


async def _restored_since(folder: Path) -> None:
    """Back up, export an hour later, and put the backup back an hour after that."""
    async with log_database(folder) as database:
        await log_tip(database)
        await asyncio.to_thread(copy_of, database.path, folder / "copy")
        await log_fact(database, minutes=50)
        settings = settings_with(exported_at=START + HOUR)
        export = await export_facts(database.path, NOBODY, FactFilter(), folder / "out", settings)
        await record(database, GUILD, export, 9, Action.FACT_EXPORT)
    await restore(folder / "copy", folder / "vigie.sqlite3", SettableClock(START + 2 * HOUR), "cli:rosa")


def test_an_export_from_before_a_restore_is_not_only_called_forged(tmp_path: Path) -> None:
    configured(tmp_path)
    asyncio.run(_restored_since(tmp_path))
    since = verify(tmp_path, tmp_path / "out", "--json")
    older = verify(tmp_path, tmp_path / "out", "--json", "--database", tmp_path / "copy")
    assert (since.returncode, older.returncode) == (BAD_DATA, BAD_DATA)
    told, told_older = json.loads(since.stdout), json.loads(older.stdout)
    assert (told["log"], told["restore"]["at"]) == ("restored_since", (START + 2 * HOUR).isoformat())
    assert (told_older["log"], told_older["log_until"]) == ("database_older", START.isoformat())
    assert "made before the restore of 16 November 2026 at 10:00" in since.stderr
    assert "its log stops at 16 November 2026 at 08:00" in older.stderr


def test_an_intact_log_says_which_fingerprints_a_restore_took_out_of_it(tmp_path: Path) -> None:
    configured(tmp_path)
    asyncio.run(_restored_since(tmp_path))
    [told] = [
        line for line in verify(tmp_path).stdout.splitlines() if "no longer in the log" in line and str(GUILD) in line
    ]
    assert "restored on 16 November 2026 at 10:00; it knew everything up to 16 November 2026 at 08:00" in told


@pytest.mark.parametrize("given", ["nowhere", "out --database nowhere", "older"])
def test_what_cannot_be_verified_is_said_with_status_2(folder: Path, given: str) -> None:
    with contextlib.closing(sqlite3.connect(folder / "older", isolation_level=None)) as connection:
        connection.execute("CREATE TABLE migration (number INTEGER PRIMARY KEY, name, sha256, applied_at)")
    first, *options = given.split()
    ended = verify(folder, folder / first, *options)
    assert ended.returncode == USED_WRONGLY
    assert ended.stderr.strip()
    assert not ended.stdout
