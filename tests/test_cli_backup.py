"""`vigie backup` beside a bot that erases, and what a killed one leaves."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.cli._backup import _written
from bot.errors import UserError
from bot.storage.custody import backing_up, backups, copies
from bot.storage.database import Database
from bot.tips.erasing import erase, reach_of
from tests.bytes_left import found_in
from tests.factories import START
from tests.log_world import EDITOR, log_database, log_tip

CANARY = "Morvaldine"


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    async with log_database(tmp_path) as opened:
        yield opened


@pytest.fixture
def target(tmp_path: Path) -> Path:
    folder = tmp_path / "away"
    folder.mkdir()
    return folder / "copy.sqlite3"


async def test_a_tip_that_is_erased_while_it_is_backed_up_is_not_in_the_backup(
    database: Database, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tip = await log_tip(database, text=CANARY)
    is_copied, goes_on = threading.Event(), threading.Event()
    check = backing_up.refuse_damaged

    def slowly(path: Path) -> None:
        is_copied.set()
        goes_on.wait()
        check(path)

    monkeypatch.setattr(backing_up, "refuse_damaged", slowly)
    backup = asyncio.create_task(_written(database.path, target))
    await asyncio.to_thread(is_copied.wait)
    erased = await erase(database, EDITOR, tip.id, START)
    goes_on.set()
    copy = await backup
    assert found_in(target.parent, [CANARY]) == []
    assert copy.sha256 == backing_up.sha256_of(target)
    assert [(one.path, one.is_finished) for one in erased.reach.backups] == [(target, False)]


async def test_a_backup_that_was_broken_off_is_named_until_it_is_written_over(
    database: Database, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        """Stop everything where it is, as a kill does."""

    def kill(*_: object) -> None:
        raise Killed

    tip = await log_tip(database, text=CANARY)
    with monkeypatch.context() as patched:
        patched.setattr(backing_up, "copy_of", kill)
        with pytest.raises(Killed):
            await _written(database.path, target)
    assert [(one.path, one.is_finished) for one in (await reach_of(database, EDITOR, tip.id)).backups] == [
        (target, False)
    ]
    await _written(database.path, target)
    assert [(one.path, one.is_finished) for one in (await reach_of(database, EDITOR, tip.id)).backups] == [
        (target, True)
    ]


async def test_a_backup_that_is_refused_is_not_noted(database: Database) -> None:
    target = database.path
    with pytest.raises(UserError, match="backup-exists"):
        await _written(database.path, target)
    async with database.read() as connection:
        assert await backups.every(connection) == []


def test_what_a_killed_restore_left_is_deleted(tmp_path: Path) -> None:
    left = ("restoring", "restoring-wal", "restoring.unfinished", "restoring.lock")
    for name in (*left, "before-restore-20261122T120000Z"):
        (tmp_path / f"vigie.sqlite3.{name}").write_bytes(b"x")
    gone = copies.drop_old(tmp_path / "vigie.sqlite3", START)
    assert sorted(gone) == sorted(f"vigie.sqlite3.{name}" for name in left)
    assert [copy.name for copy in copies.beside(tmp_path / "vigie.sqlite3")] == [
        "vigie.sqlite3.before-restore-20261122T120000Z"
    ]
