"""A backup made while the bot writes, and put back: nothing is announced twice, nothing erased comes back."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.access import Viewer
from bot.audit import seal_former, verify
from bot.errors import DatabaseDamagedError, DatabaseRefusedError, UserError
from bot.facts import changes
from bot.facts.entry import Correction
from bot.models import Announcement, AnnouncementState, Claim
from bot.restoring import AlteredBackupError, Restored, restore
from bot.storage import newsrooms
from bot.storage.custody import backing_up
from bot.storage.database import Database
from bot.storage.migrations import available, migrate
from bot.tips import erasing
from tests.delivery_world import World, faults_of, make_world
from tests.empty_database import place_empty_database
from tests.factories import CHANNEL, GUILD, SettableClock, make_notice, owe_notice
from tests.log_world import EDITOR, log_fact
from tests.log_world import log_tip as note_tip
from tests.searching import log_tip

BEFORE_THE_AUDIT = Path(__file__).parent / "storage" / "past_versions" / "0005.sql"
HOUR = timedelta(hours=1)
BY = "cli:rosa"


class Desk:
    """A newsroom whose database is backed up and restored, before one Discord that forgets nothing."""

    def __init__(self, folder: Path, clock: SettableClock) -> None:
        self.path = place_empty_database(folder / "vigie.sqlite3")
        self.backup = folder / "copy.sqlite3"
        self.clock = clock
        self.is_open = False
        self.world: World

    async def open(self) -> None:
        self.is_open = True
        database = await Database.open(self.path, self.clock)
        if not hasattr(self, "world"):
            self.world = await make_world(database, self.clock)
        self.world.database = database
        await self.world.restart()

    async def close(self) -> None:
        if self.is_open:
            self.is_open = False
            await self.world.database.close()

    async def announce(self, *numbers: int) -> None:
        """Owe the announcements of notices, as a poll that finds them for the first time, and send them."""
        self.world.discord.advance_to(self.clock.now())
        for number in numbers:
            await owe_notice(self.world.database, self.world.item, make_notice(f"26-{number}"))
        await self.world.settle()

    async def back_up(self) -> None:
        self.clock.moment += HOUR
        await asyncio.to_thread(backing_up.copy_of, self.path, self.backup)
        self.clock.moment += HOUR

    async def restore(self) -> Restored:
        await self.close()
        self.clock.moment += HOUR
        restored = await restore(self.backup, self.path, self.clock, BY)
        await self.open()
        return restored

    async def rows(self) -> list[Announcement]:
        return [row for row in await self.world.rows() if row.notice_id is not None]


@pytest.fixture
def clock() -> SettableClock:
    return SettableClock()


@pytest.fixture
async def desk(tmp_path: Path, clock: SettableClock) -> AsyncIterator[Desk]:
    made = Desk(tmp_path, clock)
    await made.open()
    yield made
    await made.close()


def stored(path: Path, sql: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(sql).fetchall()


async def test_what_was_sent_after_the_backup_is_found_again_and_not_sent_twice(desk: Desk) -> None:
    await desk.announce(1, 2)
    await desk.back_up()
    await desk.announce(3, 4, 5, 6, 7)
    await desk.restore()
    await desk.announce(3, 4, 5, 6, 7)
    await desk.announce(8)
    assert len(desk.world.discord.truth) == 8
    assert faults_of(await desk.rows(), desk.world.discord.truth, is_ordered=False) == []


async def test_what_was_owed_at_the_backup_and_sent_since_is_not_sent_twice(desk: Desk) -> None:
    await owe_notice(desk.world.database, desk.world.item, make_notice("26-1"))
    await desk.back_up()
    desk.world.discord.advance_to(desk.clock.now())
    await desk.world.settle()
    await desk.restore()
    await desk.world.settle()
    assert len(desk.world.discord.truth) == 1
    assert [row.state for row in await desk.rows()] == [AnnouncementState.SENT]


async def test_a_message_that_is_found_again_shows_what_is_owed(desk: Desk) -> None:
    await desk.back_up()
    await desk.announce(1)
    await desk.restore()
    await desk.announce(1)
    (message,) = desk.world.discord.truth
    assert len(message.cards) == 2


async def test_a_history_that_cannot_be_read_keeps_everything_from_being_sent(desk: Desk) -> None:
    await desk.back_up()
    await desk.announce(1)
    await desk.restore()
    desk.world.discord.unreachable[CHANNEL] = "forbidden"
    await owe_notice(desk.world.database, desk.world.item, make_notice("26-1"))
    await desk.world.settle()
    assert await desk.world.parked() == {CHANNEL: "forbidden"}
    desk.world.discord.unreachable.clear()
    await desk.world.delivery.retry_parked(GUILD)
    await desk.world.settle()
    assert len(desk.world.discord.in_channel(CHANNEL)) == 1


async def test_what_was_read_once_is_not_read_again(desk: Desk) -> None:
    await desk.back_up()
    await desk.announce(1)
    await desk.restore()
    await desk.announce(1)
    desk.world.discord.asked.clear()
    await desk.announce(2)
    assert "find" not in desk.world.discord.asked


async def test_a_second_restore_looks_for_what_was_sent_before_the_first_one_too(desk: Desk) -> None:
    await desk.back_up()
    await desk.announce(1)
    await desk.restore()
    await desk.announce(1, 2)
    await desk.restore()
    await desk.announce(1, 2, 3)
    assert len(desk.world.discord.truth) == 3


async def test_a_number_that_was_given_after_the_backup_is_not_given_again(desk: Desk) -> None:
    first = await log_tip(desk.world.database, "Un")
    await desk.back_up()
    await log_tip(desk.world.database, "Deux")
    await desk.restore()
    third = await log_tip(desk.world.database, "Trois")
    assert (first, third) == (1, 2001)


async def test_a_correction_made_anew_after_a_restore_is_told_anew(desk: Desk) -> None:
    async with desk.world.database.tx("test.log") as connection:
        newsroom = await newsrooms.find(connection, GUILD)
        assert newsroom is not None
        await newsrooms.save(connection, replace(newsroom, log_channel=CHANNEL))
    fact = await log_fact(desk.world.database)
    await desk.announce()
    await desk.back_up()
    given = []
    for _ in range(3):
        made = Correction(Claim(text="Autrement"), (), None)
        await changes.correct(desk.world.database, EDITOR, fact.id, made, "erreur", desk.clock.now(), seen=1)
        await desk.announce()
        given += stored(desk.path, "SELECT id FROM fact_change WHERE kind = 'corrected'")
        await desk.restore()
    assert len(set(given)) == 3
    assert len(desk.world.discord.in_channel(CHANNEL)) == 1 + 3


async def test_the_same_backup_restored_twice_gives_no_number_twice(desk: Desk) -> None:
    await log_tip(desk.world.database, "Un")
    await desk.back_up()
    await desk.restore()
    second = await log_tip(desk.world.database, "Deux")
    await desk.restore()
    assert await log_tip(desk.world.database, "Trois") > second


async def test_the_former_database_stays_beside_the_restored_one(desk: Desk) -> None:
    await desk.announce(1)
    await desk.back_up()
    await desk.announce(2)
    restored = await desk.restore()
    await desk.close()
    assert restored.former is not None
    assert stored(restored.former, "SELECT count(*) FROM notice") == [(2,)]
    assert stored(desk.path, "SELECT count(*) FROM notice") == [(1,)]
    assert sorted(file.name for file in desk.path.parent.iterdir() if "restoring" in file.name) == []


async def test_each_newsroom_has_the_restore_in_its_audit_log(desk: Desk) -> None:
    await desk.back_up()
    await desk.restore()
    await desk.close()
    assert stored(desk.path, "SELECT guild_id, made_by, action FROM audit") == [(GUILD, BY, "restore")]


async def test_a_tip_erased_after_the_backup_is_erased_from_what_is_restored(desk: Desk) -> None:
    await log_tip(desk.world.database, "Hélicanthe a parlé à la mairie")
    await log_tip(desk.world.database, "Autre chose")
    await desk.back_up()
    viewer = Viewer(guild_id=GUILD, user_id=8, sees_all=True)
    await erasing.erase(desk.world.database, viewer, 1, desk.clock.now())
    restored = await desk.restore()
    await desk.close()
    assert restored.erased == 1
    assert stored(desk.path, "SELECT id, erased_by FROM tip ORDER BY id") == [(1, 8), (2, None)]
    assert stored(desk.path, "SELECT text FROM tip_revision") == [("Autre chose",)]
    assert "Hélicanthe".encode() not in b"".join(
        file.read_bytes() for file in desk.path.parent.iterdir() if file != desk.backup and file.is_file()
    )


async def test_the_backup_itself_stays_as_it_was(desk: Desk) -> None:
    await desk.back_up()
    before = backing_up.sha256_of(desk.backup)
    await desk.restore()
    await desk.close()
    assert backing_up.sha256_of(desk.backup) == before


async def test_a_restore_refuses_a_running_bot_and_changes_nothing(desk: Desk) -> None:
    await desk.back_up()
    await desk.announce(1)
    with pytest.raises(DatabaseRefusedError) as refused:
        await restore(desk.backup, desk.path, desk.clock, BY)
    assert refused.value.text == "database-in-use"
    assert len(await desk.rows()) == 1


async def test_a_backup_of_an_older_version_is_brought_up_to_date(tmp_path: Path, clock: SettableClock) -> None:
    migrate(tmp_path / "old.sqlite3", clock.now(), available()[:3])
    restored = await restore(tmp_path / "old.sqlite3", tmp_path / "vigie.sqlite3", clock, BY)
    assert stored(tmp_path / "vigie.sqlite3", "PRAGMA user_version") == [(len(available()),)]
    assert restored.former is None


async def test_an_old_log_is_sealed_before_anything_is_erased_from_it_again(
    tmp_path: Path, clock: SettableClock
) -> None:
    backup, path = tmp_path / "old.sqlite3", tmp_path / "vigie.sqlite3"
    migrate(backup, clock.now(), available()[: int(BEFORE_THE_AUDIT.stem)])
    with closing(sqlite3.connect(backup, isolation_level=None)) as connection:
        connection.executescript(BEFORE_THE_AUDIT.read_text(encoding="utf-8"))
    backing_up.copy_of(backup, path)
    database = await Database.open(path, clock)
    await seal_former(database, clock)
    await erasing.erase(database, Viewer(guild_id=GUILD, user_id=9, sees_all=True), 2, clock.now())
    await database.close()
    restored = await restore(backup, path, clock, BY)
    report = verify(path)
    assert (restored.erased, report.finding) == (1, None)
    assert [chain.is_waiting for chain in report.chains if chain.guild_id == GUILD] == [False]


@pytest.mark.parametrize(
    ("content", "says"),
    [(b"not a database at all, only words", "backup-foreign"), (None, "restore-no-file"), (b"", "backup-damaged")],
    ids=["foreign", "missing", "empty"],
)
async def test_what_is_no_backup_is_refused_and_the_database_stays(
    desk: Desk, content: bytes | None, says: str
) -> None:
    await desk.announce(1)
    await desk.close()
    if content is not None:
        desk.backup.write_bytes(content)
    with pytest.raises(UserError) as refused:
        await restore(desk.backup, desk.path, desk.clock, BY)
    assert refused.value.text == says
    assert stored(desk.path, "SELECT count(*) FROM notice") == [(1,)]


async def test_the_database_itself_is_no_backup(desk: Desk) -> None:
    await desk.close()
    with pytest.raises(UserError) as refused:
        await restore(desk.path, desk.path, desk.clock, BY)
    assert refused.value.text == "restore-itself"


@pytest.mark.parametrize("share", [0.3, 0.6, 0.9])
async def test_a_damaged_backup_is_refused(desk: Desk, share: float) -> None:
    await desk.announce(1, 2)
    await desk.back_up()
    await desk.close()
    content = bytearray(desk.backup.read_bytes())
    start = int(len(content) * share) // 4096 * 4096
    content[start : start + 4096] = b"\xff" * 4096
    desk.backup.write_bytes(content)
    with pytest.raises(DatabaseDamagedError) as refused:
        await restore(desk.backup, desk.path, desk.clock, BY)
    assert refused.value.text == "backup-damaged"


async def altered_backup(desk: Desk, *changes: str) -> None:
    """Close a desk with a backup in which somebody changed something by hand."""
    await note_tip(desk.world.database, text="Un")
    await desk.back_up()
    await desk.close()
    with closing(sqlite3.connect(desk.backup, isolation_level=None)) as connection:
        for change in changes:
            connection.execute(change)


async def test_an_altered_backup_is_refused_and_the_database_stays(desk: Desk) -> None:
    await altered_backup(desk, "UPDATE tip_revision SET text = 'Deux'")
    with pytest.raises(AlteredBackupError) as refused:
        await restore(desk.backup, desk.path, desk.clock, BY)
    assert refused.value.report.finding is not None
    assert stored(desk.path, "SELECT text FROM tip_revision") == [("Un",)]


async def test_the_audit_log_says_that_an_altered_backup_was_put_back(desk: Desk) -> None:
    await altered_backup(desk, "UPDATE tip_revision SET text = 'Deux'")
    restored = await restore(desk.backup, desk.path, desk.clock, BY, even_altered=True)
    assert not restored.report.is_intact
    told = "SELECT json_extract(detail, '$.altered') FROM audit_opening ORDER BY number DESC LIMIT 1"
    assert stored(desk.path, told) == [("row_altered",)]


async def test_a_log_that_cannot_be_continued_is_refused_however_much_it_is_wanted(desk: Desk) -> None:
    await altered_backup(desk, "DELETE FROM audit_head")
    with pytest.raises(UserError) as refused:
        await restore(desk.backup, desk.path, desk.clock, BY, even_altered=True)
    assert refused.value.text == "restore-log-broken"


async def test_a_database_too_damaged_to_be_read_is_kept_and_replaced(desk: Desk) -> None:
    await desk.announce(1)
    await desk.back_up()
    await desk.close()
    desk.path.write_bytes(b"\xff" * 20_000)
    restored = await restore(desk.backup, desk.path, desk.clock, BY)
    assert restored.former is not None
    assert restored.former.read_bytes() == b"\xff" * 20_000
    assert stored(desk.path, "SELECT count(*) FROM notice") == [(1,)]


async def test_a_journal_that_was_left_over_is_not_taken_for_that_of_the_restored_database(desk: Desk) -> None:
    await desk.back_up()
    await desk.announce(1)
    journal = desk.path.with_name(f"{desk.path.name}-wal")
    left_over = journal.read_bytes()
    await desk.close()
    journal.write_bytes(left_over)
    await restore(desk.backup, desk.path, desk.clock, BY)
    assert stored(desk.path, "SELECT count(*) FROM notice") == [(0,)]
    assert stored(desk.path, "PRAGMA integrity_check") == [("ok",)]


async def test_a_backup_made_while_the_bot_writes_is_whole(desk: Desk) -> None:
    """Each transaction stores a notice with its hit and its announcement: a copy has all three or none."""
    going = True

    async def write() -> int:
        number = 0
        while going:
            number += 1
            await owe_notice(desk.world.database, desk.world.item, make_notice(f"26-{number}"))
        return number

    writing = asyncio.create_task(write())
    for copy in range(3):
        path = desk.backup.with_name(f"copy-{copy}.sqlite3")
        await asyncio.to_thread(backing_up.copy_of, desk.path, path)
        ((notices,), (hits,), (owed,)) = stored(
            path,
            "SELECT count(*) FROM notice UNION ALL SELECT count(*) FROM hit"
            " UNION ALL SELECT count(*) FROM announcement",
        )
        assert notices == hits == owed
    going = False
    assert await writing > 3


async def test_a_backup_never_replaces_another_one(desk: Desk) -> None:
    await desk.back_up()
    before = desk.backup.read_bytes()
    with pytest.raises(UserError) as refused:
        await asyncio.to_thread(backing_up.copy_of, desk.path, desk.backup)
    assert refused.value.text == "backup-exists"
    assert desk.backup.read_bytes() == before


async def test_a_backup_and_the_former_database_are_nobody_elses(desk: Desk) -> None:
    await desk.back_up()
    await desk.close()
    desk.path.chmod(0o644)
    restored = await restore(desk.backup, desk.path, desk.clock, BY)
    assert restored.former is not None
    assert [path.stat().st_mode & 0o077 for path in (desk.backup, desk.path, restored.former)] == [0, 0, 0]
