from __future__ import annotations

import json
import re
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from bot.errors import DatabaseRefusedError
from bot.storage.migrations import Migration, available, migrate, statements
from tests.factories import START

PROJECT = Path(__file__).parents[2]

FIRST = Migration(
    1,
    "initial",
    "-- What: two tables; why: a trial.\n"
    "CREATE TABLE lamp (id INTEGER PRIMARY KEY, name TEXT NOT NULL);\n"
    "CREATE TABLE bulb (id INTEGER PRIMARY KEY, lamp INTEGER NOT NULL REFERENCES lamp (id));\n"
    "INSERT INTO lamp (id, name) VALUES (1, 'desk; left');\n"
    "INSERT INTO bulb (id, lamp) VALUES (1, 1);\n",
)
REBUILD = Migration(
    2,
    "rebuild",
    "CREATE TABLE new_lamp (id INTEGER PRIMARY KEY, name TEXT NOT NULL, colour TEXT NOT NULL);\n"
    "INSERT INTO new_lamp (id, name, colour) SELECT id, name, 'white' FROM lamp;\n"
    "DROP TABLE lamp;\n"
    "ALTER TABLE new_lamp RENAME TO lamp;\n"
    "CREATE TRIGGER lamp_name AFTER UPDATE ON lamp BEGIN\n"
    "    UPDATE bulb SET lamp = new.id;\n"
    "    DELETE FROM bulb WHERE lamp IS NULL;\n"
    "END;\n",
)
ORPHANS = Migration(2, "orphans", "DELETE FROM lamp;\n")
FAILING = Migration(2, "failing", "CREATE TABLE shade (id INTEGER);\nINSERT INTO nowhere VALUES (1);\n")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "vigie.sqlite3"


def _read(path: Path, sql: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(sql).fetchall()


def _schema(path: Path) -> list[tuple[object, ...]]:
    return _read(path, "SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY type, name")


def _version(path: Path) -> object:
    return _read(path, "PRAGMA user_version")[0][0]


def _refusal(path: Path, migrations: tuple[Migration, ...] | None = None) -> DatabaseRefusedError:
    with pytest.raises(DatabaseRefusedError) as refused:
        migrate(path, START, migrations)
    return refused.value


def test_a_new_file_gets_every_migration(path: Path) -> None:
    assert (migrate(path, START), _version(path)) == (available(), len(available()))


def test_each_applied_migration_is_recorded(path: Path) -> None:
    migrate(path, START)
    recorded = _read(path, "SELECT number, name, sha256, applied_at FROM migration")
    assert recorded == [(known.number, known.name, known.sha256, START.isoformat()) for known in available()]


def test_a_second_run_applies_nothing(path: Path) -> None:
    migrate(path, START)
    before = _schema(path)
    assert (migrate(path, START), _schema(path)) == ((), before)


def test_a_new_installation_has_an_id_of_its_own(tmp_path: Path) -> None:
    ids = []
    for name in ("one", "two"):
        migrate(tmp_path / name, START)
        ids += _read(tmp_path / name, "SELECT id FROM installation")
    assert ids[0] != ids[1]


def test_no_migration_ends_its_own_transaction() -> None:
    for migration in available():
        for statement in statements(migration.sql):
            bare = re.sub(r"--[^\n]*", "", statement).strip()
            assert not re.match(r"(BEGIN|COMMIT|END|ROLLBACK|SAVEPOINT|RELEASE|VACUUM|PRAGMA)\b", bare, re.IGNORECASE)


def test_a_database_whose_applied_migration_was_altered_is_refused(path: Path) -> None:
    migrate(path, START, (FIRST,))
    refused = _refusal(path, (Migration(1, "initial", FIRST.sql + "\n"),))
    assert (refused.text, refused.values) == ("database-altered", {"migration": "0001_initial"})


def test_a_database_whose_version_and_record_disagree_is_refused(path: Path) -> None:
    migrate(path, START, (FIRST, REBUILD))
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version = 1")
    assert _refusal(path, (FIRST, REBUILD)).text == "database-altered"


def test_a_database_newer_than_the_program_is_refused(path: Path) -> None:
    migrate(path, START, (FIRST, REBUILD))
    refused = _refusal(path, (FIRST,))
    assert (refused.text, refused.values) == ("database-newer", {"found": 2, "known": 1})


@pytest.mark.parametrize("script", ["CREATE TABLE recipe (id INTEGER)", "PRAGMA user_version = 9"])
def test_a_database_of_another_program_is_refused(path: Path, script: str) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(script)
    assert _refusal(path).text == "database-foreign"


def test_a_file_that_is_no_database_is_refused(path: Path) -> None:
    path.write_bytes(b"Dear diary, " * 1000)
    assert _refusal(path).text == "database-foreign"


def test_a_refused_file_is_left_as_it_was(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE recipe (id INTEGER)")
    before = path.read_bytes()
    _refusal(path)
    assert (path.read_bytes(), [entry.name for entry in path.parent.iterdir()]) == (before, [path.name])


@pytest.mark.parametrize("names", [["0002_later.sql"], ["0001_a.sql", "0003_c.sql"], ["0001_a.sql", "0001_b.sql"]])
def test_migrations_with_a_gap_or_a_number_twice_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, names: list[str]
) -> None:
    for name in names:
        (tmp_path / name).write_text("CREATE TABLE t (id INTEGER);\n", encoding="utf-8")
    monkeypatch.setattr("bot.storage.migrations.files", lambda _: tmp_path)
    with pytest.raises(ValueError, match="without a gap"):
        available()


def test_a_failing_migration_leaves_nothing(path: Path) -> None:
    migrate(path, START, (FIRST,))
    before = _schema(path)
    with pytest.raises(sqlite3.OperationalError, match="nowhere"):
        migrate(path, START, (FIRST, FAILING))
    assert (_schema(path), _version(path)) == (before, 1)


def test_a_migration_that_sqlite_itself_undid_says_what_went_wrong(path: Path) -> None:
    undone = Migration(2, "undone", "INSERT OR ROLLBACK INTO lamp (id, name) VALUES (1, 'again');\n")
    migrate(path, START, (FIRST,))
    with pytest.raises(sqlite3.IntegrityError, match="UNIQUE"):
        migrate(path, START, (FIRST, undone))
    assert _version(path) == 1


def test_a_migration_may_rebuild_a_table_that_others_refer_to(path: Path) -> None:
    migrate(path, START, (FIRST,))
    migrate(path, START, (FIRST, REBUILD))
    assert _read(path, "SELECT lamp.id, colour FROM bulb JOIN lamp ON lamp.id = bulb.lamp") == [(1, "white")]


def test_a_migration_that_leaves_a_row_pointing_at_nothing_is_undone(path: Path) -> None:
    migrate(path, START, (FIRST,))
    with pytest.raises(sqlite3.IntegrityError, match="0002 leaves rows of bulb without lamp"):
        migrate(path, START, (FIRST, ORPHANS))
    assert _read(path, "SELECT id FROM lamp") == [(1,)]


def test_a_database_is_copied_before_a_later_migration(path: Path) -> None:
    migrate(path, START, (FIRST,))
    migrate(path, START, (FIRST, REBUILD))
    copy = path.with_name(f"{path.name}.before-0002")
    assert (_version(copy), _read(copy, "SELECT name FROM lamp")) == (1, [("desk; left",)])


def test_the_copy_is_a_whole_database_that_can_be_migrated_itself(path: Path) -> None:
    migrate(path, START, (FIRST,))
    migrate(path, START, (FIRST, REBUILD))
    copy = path.with_name(f"{path.name}.before-0002")
    migrate(copy, START, (FIRST, REBUILD))
    assert _schema(copy) == _schema(path)


def test_a_new_file_is_not_copied(path: Path) -> None:
    migrate(path, START, (FIRST, REBUILD))
    assert not list(path.parent.glob("*.before-*"))


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("SELECT 1;\nSELECT 2;\n", ["SELECT 1;", "SELECT 2;"]),
        ("SELECT 1\n  , 2;\n", ["SELECT 1\n  , 2;"]),
        ("SELECT 'a;\nb';\n", ["SELECT 'a;\nb';"]),
        ("-- one; two\nSELECT 1; -- three; four\n", ["-- one; two\nSELECT 1; -- three; four"]),
        ("SELECT 1; /* five;\nsix */\nSELECT 2;\n", ["SELECT 1; /* five;\nsix */", "SELECT 2;"]),
        ("/* seven;\neight */ SELECT 1;\n", ["/* seven;\neight */ SELECT 1;"]),
        ("SELECT 1;\n-- the end\n\n", ["SELECT 1;"]),
        ("", []),
    ],
)
def test_a_script_is_split_where_sqlite_ends_a_statement(sql: str, expected: list[str]) -> None:
    assert statements(sql) == expected


def test_a_trigger_is_one_statement() -> None:
    assert [statement.split("(")[0].split()[1] for statement in statements(REBUILD.sql)] == [
        "TABLE", "INTO", "TABLE", "TABLE", "TRIGGER",
    ]  # fmt: skip


def test_a_script_that_ends_inside_a_statement_is_refused() -> None:
    with pytest.raises(ValueError, match="incomplete statement"):
        statements("SELECT 1;\nSELECT 2\n")


KILL_EVERYWHERE = """
import json, os, pathlib, shutil, signal, sqlite3, sys
from datetime import UTC, datetime
from bot.storage import migrations

folder, known = pathlib.Path(sys.argv[1]), tuple(migrations.Migration(*one) for one in json.loads(sys.argv[2]))
done_before, stop_at, passed = int(sys.argv[3]), 0, 0
connect = sqlite3.connect

class Mortal(sqlite3.Connection):
    def execute(self, *statement):
        global passed
        passed += 1
        if passed == stop_at:
            os.kill(os.getpid(), signal.SIGKILL)
        return super().execute(*statement)

def dump(path):
    connection = connect(path)
    try:
        state = [connection.execute("PRAGMA user_version").fetchone()[0], list(connection.iterdump())]
        assert connection.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
        return state
    finally:
        connection.close()

at = datetime(2026, 11, 16, tzinfo=UTC)
states = []
for number in range(len(known) + 1):
    path = folder / f"whole-{number}"
    migrations.migrate(path, at, known[:number])
    states.append(dump(path))
ends = []
while True:
    stop_at += 1
    path = folder / f"killed-{stop_at}"
    migrations.migrate(path, at, known[:done_before])
    child = os.fork()
    if child == 0:
        migrations.sqlite3.connect = lambda *a, **k: connect(*a, **k, factory=Mortal)
        migrations.migrate(path, at, known)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    ends.append(states.index(dump(path)) if dump(path) in states else dump(path))
    migrations.migrate(path, at, known)
    assert dump(path) == states[-1], stop_at
    if os.WIFEXITED(status):
        break
print(json.dumps({"kills": stop_at - 1, "ends": ends}))
"""


@pytest.mark.parametrize(("done_before", "allowed"), [(0, {0, 1, 2}), (1, {1, 2})])
def test_a_kill_at_every_statement_leaves_the_old_state_or_the_new_one(
    tmp_path: Path, done_before: int, allowed: set[int]
) -> None:
    known = json.dumps([(one.number, one.name, one.sql) for one in (FIRST, REBUILD)])
    ended = subprocess.run(
        [sys.executable, "-c", KILL_EVERYWHERE, str(tmp_path), known, str(done_before)],
        cwd=PROJECT, capture_output=True, text=True, timeout=100, check=False,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stderr
    outcome = json.loads(ended.stdout)
    assert outcome["kills"] >= 15
    assert set(outcome["ends"]) == allowed
