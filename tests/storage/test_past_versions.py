"""Databases of every past version, brought to the newest schema: nothing is lost, nothing points elsewhere."""

from __future__ import annotations

import functools
import re
import sqlite3
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from bot.audit import verify
from bot.storage.migrations import available, migrate, statements
from tests.factories import START

STORED = sorted((Path(__file__).parent / "past_versions").glob("*.sql"))
BEFORE_THE_LOG = next(file for file in STORED if file.stem == "0001")
BEFORE_THE_AUDIT = next(file for file in STORED if file.stem == "0005")
BEFORE_THE_DIGESTS = next(file for file in STORED if file.stem == "0002")

MADE_ANEW = {"tip_unowned", "fact_item_item", "tip_item_item"}
"""The indexes that a later migration replaced by others of the same name."""

every_version = pytest.mark.parametrize("file", STORED, ids=lambda file: file.stem)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "vigie.sqlite3"


def _build(file: Path, path: Path) -> None:
    """Make the database of a past version, from the migrations up to it and the rows that it had."""
    path.write_bytes(_built(file))


def _upgrade(file: Path, path: Path) -> None:
    """Bring the database of a past version, as it was built, to the newest schema."""
    path.write_bytes(_upgraded(file))


@functools.cache
def _built(file: Path) -> bytes:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "vigie.sqlite3"
        migrate(path, START, available()[: int(file.stem)])
        with closing(sqlite3.connect(path, isolation_level=None)) as connection:
            connection.execute("PRAGMA foreign_keys = ON")
            for statement in statements(file.read_text(encoding="utf-8")):
                connection.execute(statement)
        return path.read_bytes()


@functools.cache
def _upgraded(file: Path) -> bytes:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "vigie.sqlite3"
        _build(file, path)
        migrate(path, START)
        return path.read_bytes()


def _read(path: Path, sql: str, *values: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(sql, values).fetchall()


def _schema(path: Path) -> list[tuple[Any, ...]]:
    return _read(path, "SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY type, name")


def _columns(path: Path) -> dict[str, list[str]]:
    """Return the columns of each table of ours, and of each index of words with the id of what its words are of."""
    found: dict[str, list[str]] = {}
    for table, kind in _read(path, "SELECT name, type FROM pragma_table_list WHERE schema = 'main'"):
        if kind in {"table", "virtual"} and table != "migration" and not table.startswith("sqlite_"):
            columns = [f'"{name}"' for (name,) in _read(path, "SELECT name FROM pragma_table_info(?)", table)]
            found[table] = columns if kind == "table" else ["rowid", *columns]
    return found


def _rows(path: Path, columns: dict[str, list[str]]) -> dict[str, list[tuple[Any, ...]]]:
    return {
        table: sorted(_read(path, f"SELECT {', '.join(names)} FROM {table}"), key=repr)  # noqa: S608  # our tables
        for table, names in columns.items()
    }


def test_there_are_stored_rows_for_every_version() -> None:
    assert [int(file.stem) for file in STORED] == [migration.number for migration in available()]


@every_version
def test_a_past_version_has_a_row_in_every_table(path: Path, file: Path) -> None:
    _build(file, path)
    assert [table for table, rows in _rows(path, _columns(path)).items() if not rows] == []


@every_version
def test_a_past_version_upgraded_has_the_schema_of_a_fresh_one(path: Path, tmp_path: Path, file: Path) -> None:
    _build(file, path)
    _upgrade(file, path)
    migrate(tmp_path / "fresh", START)
    assert _schema(path) == _schema(tmp_path / "fresh")


@every_version
def test_a_past_version_upgraded_still_has_its_rows_as_they_were(path: Path, file: Path) -> None:
    _build(file, path)
    columns = _columns(path)
    before = _rows(path, columns)
    _upgrade(file, path)
    assert _rows(path, columns) == before


@every_version
def test_a_past_version_upgraded_still_has_its_indexes(path: Path, file: Path) -> None:
    indexes = "SELECT name, tbl_name, sql FROM sqlite_master WHERE type = 'index'"
    _build(file, path)
    before = _read(path, indexes)
    _upgrade(file, path)
    after = _read(path, indexes)
    assert {index for index in before if index[0] not in MADE_ANEW} <= set(after)
    assert {name for name, *_ in after} >= MADE_ANEW


@every_version
def test_a_past_version_upgraded_is_whole(path: Path, file: Path) -> None:
    _build(file, path)
    _upgrade(file, path)
    assert [_read(path, f"PRAGMA {check}") for check in ("foreign_key_check", "integrity_check")] == [[], [("ok",)]]


@every_version
def test_a_past_version_upgraded_refers_to_tables_that_are_there(path: Path, file: Path) -> None:
    _build(file, path)
    _upgrade(file, path)
    tables = set(_columns(path))
    parents = {row[2] for table in tables for row in _read(path, f"PRAGMA foreign_key_list({table})")}
    assert parents <= tables


@every_version
def test_a_released_migration_is_as_it_was_released(file: Path) -> None:
    """The line `-- released: <sha256 of the migration>` is set in the file at the release of its version."""
    released = re.search(r"^-- released: (no|[0-9a-f]{64})$", file.read_text(encoding="utf-8"), re.MULTILINE)
    assert released is not None
    assert released[1] in {"no", available()[int(file.stem) - 1].sha256}


def test_an_announcement_of_before_the_log_still_follows_its_first_one(path: Path) -> None:
    _build(BEFORE_THE_LOG, path)
    _upgrade(BEFORE_THE_LOG, path)
    followed = """
        SELECT later.code, announcement.code FROM announcement AS later JOIN announcement
        ON announcement.guild_id = later.guild_id AND announcement.id = later.follows
    """
    assert _read(path, followed) == [("A7K3-92QG", "A7K3-92QF")]


def test_an_announcement_of_before_the_log_still_shows_its_hit(path: Path) -> None:
    _build(BEFORE_THE_LOG, path)
    _upgrade(BEFORE_THE_LOG, path)
    shown = """
        SELECT announcement.code, hit.matched FROM announcement_hit
        JOIN announcement ON announcement.id = announcement_id JOIN hit ON hit.id = hit_id
    """
    assert _read(path, shown) == [("A7K3-92QF", "siren:998100473")]


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ("INSERT INTO announcement_hit (guild_id, announcement_id, hit_id) VALUES (1001, 2, 1)", None),
        ("INSERT INTO announcement_hit (guild_id, announcement_id, hit_id) VALUES (1001, 404, 1)", "FOREIGN KEY"),
        ("UPDATE announcement SET follows = 404 WHERE id = 2", "FOREIGN KEY"),
        ("DELETE FROM announcement WHERE id = 1", "FOREIGN KEY"),
    ],
)
def test_the_rebuilt_announcements_are_referred_to_as_before(path: Path, change: str, refusal: str | None) -> None:
    _build(BEFORE_THE_LOG, path)
    _upgrade(BEFORE_THE_LOG, path)
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA foreign_keys = ON")
        if refusal is None:
            connection.execute(change)
        else:
            with pytest.raises(sqlite3.IntegrityError, match=refusal):
                connection.execute(change)


@pytest.mark.parametrize(
    ("held", "of_live", "of_removed"),
    [
        (None, "none", "none"),
        ("baseline", "none", "none"),
        ("muted", "none", "none"),
        ("weak", "due", "none"),
        ("digest", "due", "none"),
        ("late", "due", "none"),
    ],
)
def test_of_the_hits_of_before_the_digests_those_that_were_held_for_one_are_due_while_their_item_is_watched(
    path: Path, held: str | None, of_live: str, of_removed: str
) -> None:
    _build(BEFORE_THE_DIGESTS, path)
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        copied = "guild_id, kind, name, aliases, identifiers, any_of, none_of, sources, priority, added_by, added_at"
        connection.execute(
            f"INSERT INTO watch_item (id, name_key, removed_by, removed_at, {copied})"  # noqa: S608  # names of columns
            f" SELECT 2, name_key, 7, added_at, {copied} FROM watch_item WHERE id = 1"
        )
        copied = 'guild_id, notice_id, tier, term, rule, field, start, "end", matched, snippet, count, found_at'
        connection.execute(
            f"INSERT INTO hit (id, item_id, revision, held, {copied})"  # noqa: S608  # names of columns
            f" SELECT 1 + item, item, 2, ?, {copied} FROM hit, (SELECT 1 AS item UNION SELECT 2) WHERE id = 1",
            (held,),
        )
    migrate(path, START)
    stored = _read(path, "SELECT item_id, held, digest FROM hit WHERE revision = 2 ORDER BY item_id")
    assert stored == [(1, held, of_live), (2, held, of_removed)]


def test_a_notice_of_before_the_log_waits_to_be_indexed(path: Path) -> None:
    _build(BEFORE_THE_LOG, path)
    _upgrade(BEFORE_THE_LOG, path)
    assert _read(path, "SELECT is_indexed FROM notice") == [(0,)]


def test_an_id_of_an_announcement_that_was_taken_back_before_the_audit_is_given_to_no_other(path: Path) -> None:
    _build(BEFORE_THE_AUDIT, path)
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        [(highest,)] = connection.execute("SELECT max(id) FROM announcement").fetchall()
        connection.execute("DELETE FROM announcement WHERE id = ?", (highest,))
    migrate(path, START)
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        added = connection.execute(
            """
            INSERT INTO announcement (guild_id, channel_id, kind, subject, revision, details, code, nonce, created_at,
                next_try_at, due_revision)
            SELECT guild_id, channel_id, 'operations', 'x', 1, '{}', '9999-9999', '9123456789abcdef012345678',
                created_at, next_try_at, 1 FROM announcement LIMIT 1 RETURNING id
            """
        ).fetchall()
    assert added == [(highest + 1,)]


def test_a_notice_cited_before_origins_is_known_to_be_its_buyers_words(path: Path) -> None:
    _build(BEFORE_THE_AUDIT, path)
    migrate(path, START)
    assert _read(path, "SELECT kind, party FROM citation WHERE until_revision IS NULL ORDER BY n") == [
        ("link", None),
        ("notice", "Ville"),
    ]


def test_the_audit_log_of_a_past_version_verifies(path: Path) -> None:
    _build(STORED[5], path)
    migrate(path, START)
    report = verify(path)
    assert (report.finding, [chain.entries for chain in report.chains]) == (None, [6])
