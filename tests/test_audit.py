"""Any byte of the log that is altered behind Vigie's back is found, and named."""

# ruff: noqa: S608  # what is put into SQL here are names of tables and columns

from __future__ import annotations

import asyncio
import logging
import random
import shutil
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot import embargo
from bot.access import Action
from bot.audit import Fault, Finding, Place, Restore, seal_former, verify
from bot.errors import UserError
from bot.facts import changes as fact_changes
from bot.facts.citing import read_citation
from bot.facts.entry import TypedCorrection, TypedFact, read_correction, read_fact
from bot.models import ThingKind, TipStatus, TipWords
from bot.storage.custody import audit
from bot.storage.database import Database
from bot.storage.log import citations, facts, tips
from bot.tips import changes as tip_changes
from bot.tips.erasing import erase
from bot.tips.keeping import keep
from tests.factories import GUILD, START, SettableClock
from tests.log_world import COLLEAGUE, DATES, EDITOR, ELSEWHERE, REPORTER, THERE, log_database, log_fact, log_tip

STEPS = 200
SEED = 20261116

LOG = {
    "audit": {"guild_id", "number", "made_at", "made_by", "action", "subject", "commitment", "hash"},
    "audit_opening": {"guild_id", "number", "salt", "detail", "rows"},
    "audit_head": {"guild_id", "number", "hash"},
    **{
        table: {"guild_id", "sealed_in", *columns}
        for tables in audit.SEALED.values() for table, columns in tables.items()
    },
    "tip": {
        *("id", "guild_id", "revision", "status", "is_sensitive", "owner", "logged_by", "logged_at", "embargo_until"),
        *("kept_at", "erased_at", "erased_by"),
    },
    "fact": {
        *("id", "guild_id", "revision", "status", "tip_id", "logged_by", "logged_at", "verified_by", "verified_at"),
        "embargo_until",
    },
}  # fmt: skip
LOG["fact_revision"] |= {"status", "verified_by", "verified_at"}
LOG["citation"] |= {"until_revision"}
COLUMNS = [(table, column) for table, columns in LOG.items() for column in sorted(columns)]

ROWIDS = {("tip", "id"), ("fact", "id"), ("fact_change", "id"), ("audit_head", "guild_id")}
"""The columns that are the place of a row itself."""

TRIGGERS = ("audit_unchanged", "audit_undeleted", "audit_opening_unchanged", "audit_opening_undeleted")


class Years:
    """Do what people do with a log, at random, by the functions behind the commands."""

    def __init__(self, database: Database, seed: int) -> None:
        self.database = database
        self.chance = random.Random(seed)  # noqa: S311  # a test's choices
        self.now = START
        self.tips: list[int] = []
        self.facts: list[int] = []

    async def step(self) -> None:
        """Do one thing; what is refused changes nothing."""
        self.now += timedelta(minutes=self.chance.randint(1, 50), microseconds=self.chance.randint(0, 999_999))
        deed = self.chance.choice((self.log, *[self.of_tip, self.of_fact] * 3))
        try:
            await deed()
        except UserError:
            return

    async def log(self) -> None:
        viewer = self.chance.choice((REPORTER, COLLEAGUE, EDITOR))
        if self.chance.random() < 0.5:
            words = TipWords(
                text=f"Un dîner « n° {self.now} »", origin="un agent", heard="2026-11-10", heard_typed="mardi dernier",
                origin_url="https://discord.com/channels/1001/2001/501", is_sensitive=self.chance.random() < 0.3,
            )  # fmt: skip
            notes = ["à recouper"] * self.chance.randint(0, 2)
            self.tips.append((await tip_changes.add(self.database, viewer, words, self.now, notes=notes)).tip.id)
            return
        source = "https://ville.example/a Délibération"
        typed = TypedFact(claim=f"Axon a payé {self.now}", source=source, quote="payé", date="2020")
        entry = read_fact(typed, DATES, guild_id=GUILD, now=self.now)
        tip = self.chance.choice(self.tips) if self.tips and self.chance.random() < 0.4 else None
        viewer = EDITOR if tip is not None else viewer
        self.facts.append((await fact_changes.add(self.database, viewer, entry, self.now, tip_id=tip)).fact.id)

    async def of_tip(self) -> None:
        tip_id = self.chance.choice(self.tips or [0])
        async with self.database.read() as connection:
            tip = await tips.find(connection, EDITOR, tip_id)
        if tip is None:
            return
        match self.chance.randrange(6):
            case 0:
                words = replace(
                    tip_changes.words_of(tip), text=f"{tip.text} !", is_sensitive=self.chance.random() < 0.3
                )
                await tip_changes.edit(
                    self.database, EDITOR, tip_id, words, self.now, seen=tip.revision, reason="mal entendu"
                )
            case 1:
                await tip_changes.note(self.database, EDITOR, tip_id, "à recouper", self.now)
            case 2:
                await tip_changes.assign(self.database, EDITOR, tip_id, self.chance.choice((7, 8)), self.now)
            case 3:
                status = self.chance.choice(list(TipStatus))
                await tip_changes.set_status(self.database, EDITOR, tip_id, status, self.now)
            case 4:
                await self.embargo(ThingKind.TIP, tip_id)
            case 5:
                if self.chance.random() < 0.3:
                    await erase(self.database, EDITOR, tip_id, self.now)
                else:
                    await keep(self.database, EDITOR, [tip_id], self.now)

    async def of_fact(self) -> None:
        fact_id = self.chance.choice(self.facts or [0])
        async with self.database.read() as connection:
            fact = await facts.find(connection, EDITOR, fact_id)
            cited = await citations.standing(connection, GUILD, fact_id)
        if fact is None:
            return
        match self.chance.randrange(7):
            case 0 | 1:
                typed = TypedCorrection(claim=f"{fact.claim.text} !", quote=f"payé {self.now}")
                correction = read_correction(typed, fact, cited[0], DATES, now=self.now)
                await fact_changes.correct(
                    self.database, EDITOR, fact_id, correction, "la facture le dit", self.now, seen=fact.revision
                )
            case 2:
                link = f"https://journal.example/{self.chance.randrange(99)}"
                citation = read_citation(link, "deux fois", guild_id=GUILD, now=self.now)
                await fact_changes.cite(self.database, REPORTER, fact_id, [citation], self.now)
            case 3 | 6:
                await fact_changes.verify(
                    self.database, EDITOR if fact.logged_by != EDITOR.user_id else COLLEAGUE, fact_id, self.now,
                    reason="vu la facture", seen=fact.revision,
                )  # fmt: skip
            case 4:
                doubt = fact_changes.retract if self.chance.random() < 0.2 else fact_changes.dispute
                await doubt(self.database, EDITOR, fact_id, "le cabinet dément", self.now)
            case 5:
                await self.embargo(ThingKind.FACT, fact_id)

    async def embargo(self, kind: ThingKind, thing_id: int) -> None:
        async with self.database.read() as connection:
            find = tips.find if kind is ThingKind.TIP else facts.find
            thing = await find(connection, EDITOR, thing_id)
        assert thing is not None
        seen = thing.embargo_until
        until = self.now + timedelta(days=30) if seen is None or self.chance.random() < 0.5 else None
        await embargo.put(self.database, EDITOR, kind, thing_id, until, self.now, seen=seen)


async def _live(folder: Path) -> Path:
    async with log_database(folder) as database:
        years = Years(database, SEED)
        for _ in range(STEPS):
            await years.step()
        await log_tip(database, ELSEWHERE)
        await log_fact(database, ELSEWHERE)
        async with database.tx("test.note") as connection:
            detail = {"before": {"storm": 20}, "après": "é", "ratio": 0.5}
            await audit.note(connection, GUILD, 9, Action.SOURCE_PAUSE, START, subject="source:boamp", detail=detail)
        return database.path


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a database in which people worked for a while."""
    return asyncio.run(_live(tmp_path_factory.mktemp("lived")))


@pytest.fixture
def path(lived: Path, tmp_path: Path) -> Path:
    """Copy it, as it is, without what an attacker has to take away first."""
    return _laid_open(lived, tmp_path / "vigie.sqlite3")


@pytest.fixture(scope="module")
def flippable(lived: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Copy it once for all that is put back as it was."""
    return _laid_open(lived, tmp_path_factory.mktemp("flippable") / "vigie.sqlite3")


def _laid_open(lived: Path, copy: Path) -> Path:
    shutil.copyfile(lived, copy)
    with attacking(copy) as connection:
        for trigger in TRIGGERS:
            connection.execute(f"DROP TRIGGER {trigger}")
    return copy


def attacking(path: Path) -> closing[sqlite3.Connection]:
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA foreign_keys = OFF")
    connection.execute("PRAGMA ignore_check_constraints = ON")
    connection.execute("PRAGMA synchronous = OFF")
    return closing(connection)


def first(path: Path, *changes: str) -> Finding:
    """Return what is found first once an attacker made some changes."""
    with attacking(path) as connection:
        for change in changes:
            connection.execute(change)
    finding = verify(path).finding
    assert finding is not None
    return finding


def flipped(value: int | str, place: int, bit: int) -> Any:
    """Return a value with one bit of one byte flipped, as it can be stored."""
    if isinstance(value, int):
        return int.from_bytes(_with_flip(value.to_bytes(8, "big", signed=True), place, bit), "big", signed=True)
    return _with_flip(value.encode(), place, bit)


def _with_flip(content: bytes, place: int, bit: int) -> bytes:
    changed = bytearray(content)
    changed[place % len(changed)] ^= 1 << bit
    return bytes(changed)


def test_what_people_did_verifies(path: Path) -> None:
    report = verify(path)
    assert report.finding is None
    [here, there] = report.chains
    assert (here.guild_id, there.guild_id, there.entries) == (GUILD, THERE, 2)
    assert here.entries > STEPS // 2


def test_people_did_everything(path: Path) -> None:
    """The flips below mean something only where there is a value to flip in every column."""
    with attacking(path) as connection:
        empty = [
            (table, column)
            for table, column in COLUMNS
            if connection.execute(f'SELECT 1 FROM {table} WHERE "{column}" IS NOT NULL').fetchone() is None
        ]
    assert set(empty) <= {
        ("citation", "origin"), ("citation", "said_origin"), ("citation", "party"),
        ("citation", "notice_id"),
    }  # fmt: skip


@pytest.mark.parametrize(("table", "column"), COLUMNS)
@settings(max_examples=3, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(row=st.integers(0, 10_000), place=st.integers(0, 10_000), bit=st.integers(0, 7))
def test_any_flipped_byte_is_found_and_its_row_named(
    flippable: Path, table: str, column: str, row: int, place: int, bit: int
) -> None:
    path = flippable
    with attacking(path) as connection:
        found = connection.execute(f'SELECT rowid AS place, * FROM {table} WHERE "{column}" IS NOT NULL')
        names = [name for name, *_ in found.description]
        if not (rows := found.fetchall()):
            return
        chosen = dict(zip(names, rows[row % len(rows)], strict=True))
        value, other = chosen[column], flipped(chosen[column], place, bit)
        update = f"UPDATE {table} SET \"{column}\" = iif(typeof(?1) = 'blob', CAST(?1 AS TEXT), ?1) WHERE rowid = ?2"
        try:
            connection.execute(update, (other, chosen["place"]))
        except sqlite3.IntegrityError:
            return  # another row has that key: nobody can store it
        try:
            finding = first(path)
        finally:
            connection.execute(update, (value, other if (table, column) in ROWIDS else chosen["place"]))
    # The last entry moved to another newsroom is one that the head misses.
    assert finding.place == table or (table, finding.fault) == ("audit", Fault.END_MISSING)
    if table.startswith("audit"):
        assert {finding.entry, finding.guild_id} & {chosen["number"], other, chosen["guild_id"]}
    else:
        assert finding.thing_id in {chosen[audit.KEYS.get(table, ("id",))[0]], other}


@pytest.mark.parametrize("table", [*audit.KEYS, "tip", "fact"])
def test_a_row_that_was_taken_away_is_named(path: Path, table: str) -> None:
    living = "AND erased_at IS NULL" if table == "tip" else ""
    with attacking(path) as connection:
        connection.row_factory = sqlite3.Row
        row = connection.execute(
            f"SELECT rowid AS place, * FROM {table} WHERE guild_id = {GUILD} {living} LIMIT 1 OFFSET 2"
        )
        [gone] = row.fetchall()
        connection.execute(f"DELETE FROM {table} WHERE rowid = ?", (gone["place"],))
    finding = first(path)
    assert (finding.place, finding.thing_id) == (table, gone[audit.KEYS.get(table, ("id",))[0]])
    assert finding.fault in {Fault.ROW_MISSING, Fault.THING_MISSING}


@pytest.mark.parametrize("sealed_in", ["NULL", "0", "1", "2", "9999"])
def test_a_row_that_was_added_is_named_whatever_entry_it_claims(path: Path, sealed_in: str) -> None:
    change = f"""
        INSERT INTO fact_change (guild_id, fact_id, number, kind, text, made_by, made_at, sealed_in)
        SELECT guild_id, id, 99, 'verified', NULL, 9, logged_at, {sealed_in} FROM fact WHERE id = 2
    """
    finding = first(path, change)
    assert (finding.fault, finding.place, finding.thing_id, finding.part) == (Fault.ROW_ADDED, Place.FACT_CHANGE, 2, 99)


def test_a_fact_that_was_added_without_any_row_is_named(path: Path) -> None:
    finding = first(path, f"INSERT INTO fact (id, guild_id, logged_by, logged_at) VALUES (99, {GUILD}, 7, 'now')")
    assert (finding.fault, finding.place, finding.thing_id) == (Fault.THING_ADDED, Place.FACT, 99)


A_FACTS = f"SELECT min(number) FROM audit WHERE guild_id = {GUILD} AND subject GLOB 'fact:*'"


@pytest.mark.parametrize(
    ("changes", "fault", "entry"),
    [
        (["DELETE FROM audit WHERE number = 7"], Fault.ENTRY_MISSING, 7),
        (["DELETE FROM audit WHERE number > 7", "DELETE FROM audit_opening WHERE number > 7"], Fault.END_MISSING, 8),
        (["DELETE FROM audit", "DELETE FROM audit_opening"], Fault.END_MISSING, 1),
        (["DELETE FROM audit_head"], Fault.HEAD_ALTERED, None),
        ([f"DELETE FROM audit_opening WHERE number = ({A_FACTS})"], Fault.OPENING_MISSING, None),
        (["INSERT INTO audit_opening SELECT guild_id, 9999, salt, detail, rows FROM audit_opening LIMIT 1"],
         Fault.OPENING_ADDED, None),
    ],
)  # fmt: skip
def test_what_was_taken_from_the_log_itself_is_named(
    path: Path, changes: Sequence[str], fault: Fault, entry: int | None
) -> None:
    finding = first(path, *changes)
    assert finding.fault is fault
    assert entry in {None, finding.entry}


def test_a_log_that_was_dropped_with_its_head_is_found_by_what_it_sealed(path: Path) -> None:
    finding = first(path, *(f"DELETE FROM {table}" for table in ("audit", "audit_opening", "audit_head")))
    assert finding.fault is Fault.ROW_ADDED


def test_a_log_cut_with_its_head_and_its_rows_is_found_by_the_digest_that_told_of_it(path: Path) -> None:
    """Who cuts all of it back leaves a log that holds: only what was told elsewhere is against it."""
    last, told = _digest_telling(path, -1)
    cut = [f"DELETE FROM {table} WHERE number = {last} AND guild_id = {GUILD}" for table in ("audit", "audit_opening")]
    head = f"""
        UPDATE audit_head SET number = {last - 1},
            hash = (SELECT hash FROM audit WHERE guild_id = {GUILD} AND number = {last - 1}) WHERE guild_id = {GUILD}
    """
    finding = first(path, *cut, head)
    assert (finding.fault, finding.entry, finding.told) == (Fault.DIGEST_HEAD, last, told)


def test_the_report_says_up_to_which_digest_the_log_was_sound(path: Path) -> None:
    number, code = _digest_telling(path, 20)
    with attacking(path) as connection:
        connection.execute("UPDATE audit SET made_by = '1' WHERE guild_id = ? AND number = ?", (GUILD, number + 1))
    report = verify(path)
    assert report.last_told is not None
    assert (report.last_told.code, report.last_told.head.number) == (code, number)


def _digest_telling(path: Path, number: int) -> tuple[int, str]:
    """Store the message of a digest that told of an entry, by its number or the last one for -1."""
    with attacking(path) as connection:
        entries = f"SELECT number, hash FROM audit WHERE guild_id = {GUILD} ORDER BY number"
        found, sha256 = connection.execute(entries).fetchall()[number]
        connection.execute(
            """
            INSERT INTO announcement (guild_id, channel_id, kind, subject, revision, digest_id, details, code, nonce,
                created_at, next_try_at, due_revision)
            VALUES (?, 2003, 'digest', '1:x:1', 1, 1, json_object('audit_head', json_object('number', ?, 'hash', ?)),
                'AAAA-BBBB', '0123456789012345678901234', '2026-11-20T08:00:00.000000+00:00', 'x', 1)
            """,
            (GUILD, found, sha256),
        )
    return found, "AAAA-BBBB"


def test_an_erased_tip_leaves_a_log_that_verifies(path: Path) -> None:
    with attacking(path) as connection:
        [(erased, openings)] = connection.execute(
            """
            SELECT count(*), (SELECT count(*) FROM audit JOIN tip ON subject = 'tip:' || tip.id
                WHERE erased_at IS NOT NULL
                AND NOT EXISTS (SELECT 1 FROM audit_opening WHERE audit_opening.number = audit.number))
            FROM tip WHERE erased_at IS NOT NULL
            """
        ).fetchall()
    assert erased
    assert openings
    assert verify(path).is_intact


@pytest.mark.parametrize("column", sorted(LOG["tip"] - {"id", "guild_id"}))
def test_what_is_left_of_an_erased_tip_is_as_its_erasure_says(path: Path, column: str) -> None:
    finding = first(
        path,
        f"""
        UPDATE tip SET {column} = CASE '{column}' WHEN 'status' THEN 'new' WHEN 'is_sensitive' THEN 1 - is_sensitive
            ELSE coalesce({column} || '1', 1) END
        WHERE id = (SELECT min(id) FROM tip WHERE erased_at IS NOT NULL)
        """,
    )
    assert (finding.fault, finding.place, finding.column) == (Fault.THING_ALTERED, Place.TIP, column)


def test_a_damaged_file_is_said_to_be_damaged(path: Path) -> None:
    with attacking(path) as connection:
        [(page,)] = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'fact_revision'").fetchall()
        [(size,)] = connection.execute("PRAGMA page_size").fetchall()
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    with path.open("r+b") as file:
        file.seek((page - 1) * size)
        file.write(b"\xff" * 64)
    assert first(path).fault is Fault.DAMAGED


def test_a_file_that_nobody_may_write_to_is_verified_too(path: Path) -> None:
    with attacking(path) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")
        connection.execute("PRAGMA journal_mode = WAL")
    for left in path.parent.glob("vigie.sqlite3-*"):
        left.unlink()
    path.chmod(0o400)
    path.parent.chmod(0o500)
    try:
        assert verify(path).is_intact
    finally:
        path.parent.chmod(0o700)


def test_one_newsroom_is_verified_without_the_others(path: Path) -> None:
    first(path, f"UPDATE audit SET made_by = '1' WHERE guild_id = {THERE}")
    here, there = verify(path, GUILD), verify(path, THERE)
    assert (here.is_intact, there.is_intact) == (True, False)


def test_a_restore_hides_what_was_told_since_the_backup_and_nothing_else() -> None:
    hour, second = timedelta(hours=1), timedelta(seconds=1)
    restore = Restore(at=START + hour, known_until=START + timedelta(microseconds=5))
    told = (START - second, START, START + hour, START + hour + second)
    assert [restore.hides(moment) for moment in told] == [False, True, True, False]


async def test_what_was_logged_before_is_sealed_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "bot.audit")
    async with log_database(tmp_path) as database:
        await _forget_the_log(database)
        waiting = verify(database.path)
        assert [await seal_former(database, SettableClock()) for _ in range(2)] == [3, 0]
        sealed = verify(database.path)
    assert [chain.is_waiting for chain in waiting.chains] == [True, False]
    begun, ended = (record.getMessage() for record in caplog.records)
    assert ("sealing 3 tips and facts" in begun, "sealed 3 tips and facts" in ended) == (True, True)
    assert sealed.is_intact
    assert [(chain.entries, chain.is_waiting) for chain in sealed.chains] == [(4, False), (0, False)]


async def test_a_sealing_that_was_broken_off_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.audit.sealing.BATCH", 1)
    async with log_database(tmp_path) as database:
        await _forget_the_log(database)
        clock = SettableClock()
        with monkeypatch.context() as patch:
            patch.setattr("bot.crash.point", _Killed(after=3))
            with pytest.raises(KeyboardInterrupt):
                await seal_former(database, clock)
        assert await seal_former(database, clock) == 2
        report = verify(database.path)
    assert (report.is_intact, report.chains[0].entries) == (True, 4)


async def test_what_is_slipped_in_later_is_not_sealed_at_the_next_start(tmp_path: Path) -> None:
    async with log_database(tmp_path) as database:
        await _forget_the_log(database)
        await seal_former(database, SettableClock())
        await log_fact(database)
        async with database.tx("test.slip") as connection:
            await connection.run("UPDATE fact_change SET sealed_in = NULL WHERE fact_id = 2")
        assert await seal_former(database, SettableClock()) == 0
        assert first(database.path).fault in {Fault.ROW_ADDED, Fault.ROW_MOVED}


async def test_what_is_slipped_into_a_newsroom_that_never_had_another_log_is_not_sealed(tmp_path: Path) -> None:
    async with log_database(tmp_path) as database:
        await log_fact(database)
        async with database.tx("test.slip") as connection:
            await connection.run("UPDATE fact_change SET sealed_in = NULL")
        assert await seal_former(database, SettableClock()) == 0
        assert not verify(database.path).is_intact


async def _forget_the_log(database: Database) -> None:
    """Make a log of two tips and a fact as it was before there was an audit log."""
    await log_tip(database)
    await log_tip(database, COLLEAGUE)
    await log_fact(database)
    with attacking(database.path) as connection:
        for trigger in TRIGGERS:
            connection.execute(f"DROP TRIGGER {trigger}")
        for table in ("audit_opening", "audit", "audit_head"):
            connection.execute(f"DELETE FROM {table}")
        for table in audit.KEYS:
            connection.execute(f"UPDATE {table} SET sealed_in = NULL")


class _Killed:
    """End the process, as it were, at a commit."""

    def __init__(self, after: int) -> None:
        self._left = after

    def __call__(self, name: str) -> None:
        self._left -= 1
        if not self._left:
            raise KeyboardInterrupt(name)
