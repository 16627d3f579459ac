from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest

from bot.storage.migrations import migrate
from tests.factories import START
from tests.storage.schema_rows import CHECKS, FRESH, JOINED, OTHERS, REFERENCES, ROWS, THERE, UNIQUE, WHEN

CARRIED_OTHERWISE = {("citation", "fact_revision"): "the citation's reference to its fact carries the newsroom"}
"""References between newsrooms' tables without the guild id, by child and parent, and what holds them together."""

ONLY_ONE = {
    ("installation", condition)
    for condition in (
        *("one = 1", "length(id) = 32", "watchlist_version >= 0", "id_floor >= 0"),
        "(unknown_to IS NULL) = (unknown_from IS NULL)",
    )
}


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sqlite3.Connection]:
    path = tmp_path_factory.mktemp("schema") / "vigie.sqlite3"
    migrate(path, START)
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA foreign_keys = ON")
        for table, row in ROWS.items():
            _insert(connection, table, row)
            _insert(connection, table, {**row, **OTHERS[table]})
        yield connection


@pytest.fixture
def stored(first: sqlite3.Connection) -> Iterator[sqlite3.Connection]:
    """Hand each test a copy of its own, in memory."""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        first.backup(connection)
        connection.execute("PRAGMA foreign_keys = ON")
        yield connection


def _insert(connection: sqlite3.Connection, table: str, row: dict[str, Any]) -> None:
    columns = ", ".join(f'"{name}"' for name in row)
    places = ", ".join("?" for _ in row)
    connection.execute(f"INSERT INTO {table} ({columns}) VALUES ({places})", tuple(row.values()))  # noqa: S608  # ours


def _refusal(connection: sqlite3.Connection, table: str, changes: dict[str, Any]) -> str:
    with pytest.raises(sqlite3.IntegrityError) as refused:
        _insert(connection, table, {**ROWS[table], **FRESH[table], **changes})
    return str(refused.value)


def _tables(connection: sqlite3.Connection) -> list[str]:
    """Return our tables: an index of words and the tables that it keeps itself in have no rules."""
    found = connection.execute(
        "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND name NOT LIKE 'sqlite_%'"
    )
    return [name for (name,) in found if name != "migration"]


def _references(connection: sqlite3.Connection, table: str) -> dict[int, tuple[str, list[str]]]:
    """Return the parent and the columns of each reference of a table, by SQLite's number of it."""
    found: dict[int, tuple[str, list[str]]] = {}
    rows = connection.execute('SELECT id, "table", "from" FROM pragma_foreign_key_list(?) ORDER BY id, seq', (table,))
    for number, parent, column in rows:
        found.setdefault(number, (parent, []))[1].append(column)
    return found


def _broken(connection: sqlite3.Connection, table: str, changes: dict[str, Any]) -> list[list[str]]:
    """Return the columns of each reference that a refused row breaks: it is let in, and everything checked."""
    connection.execute("PRAGMA foreign_keys = OFF")
    _insert(connection, table, {**ROWS[table], **FRESH[table], **changes})
    references = _references(connection, table)
    return [references[number][1] for _, _, _, number in connection.execute("PRAGMA foreign_key_check")]


def _checks(sql: str) -> Iterator[str]:
    """Yield the condition of each CHECK of a table."""
    for start in (match.end() for match in re.finditer(r"CHECK \(", sql)):
        depth = 1
        for place in range(start, len(sql)):
            depth += {"(": 1, ")": -1}.get(sql[place], 0)
            if depth == 0:
                yield sql[start:place]
                break


def test_every_table_has_its_rows_here(stored: sqlite3.Connection) -> None:
    assert set(_tables(stored)) - {"installation"} == set(ROWS)


@pytest.mark.parametrize("table", ROWS)
def test_one_more_valid_row_is_accepted(stored: sqlite3.Connection, table: str) -> None:
    if table in JOINED:
        _insert(stored, JOINED[table], {**ROWS[JOINED[table]], **FRESH[JOINED[table]]})
    _insert(stored, table, {**ROWS[table], **FRESH[table]})


@pytest.mark.parametrize(("table", "changes", "columns"), UNIQUE)
def test_the_schema_refuses_what_is_there_already(
    stored: sqlite3.Connection, table: str, changes: dict[str, Any], columns: str
) -> None:
    assert _refusal(stored, table, changes) == f"UNIQUE constraint failed: {columns}"


@pytest.mark.parametrize(("table", "changes", "columns"), REFERENCES)
def test_the_schema_refuses_what_points_at_nothing_or_at_another_newsroom(
    stored: sqlite3.Connection, table: str, changes: dict[str, Any], columns: list[str]
) -> None:
    assert _refusal(stored, table, changes) == "FOREIGN KEY constraint failed"
    assert _broken(stored, table, changes) == [columns]


@pytest.mark.parametrize(("table", "changes", "condition"), CHECKS)
def test_the_schema_refuses_what_breaks_a_rule(
    stored: sqlite3.Connection, table: str, changes: dict[str, Any], condition: str
) -> None:
    assert _refusal(stored, table, changes) == f"CHECK constraint failed: {condition}"


@pytest.mark.parametrize(
    ("change", "condition"),
    [
        ("INSERT INTO installation (one, id) VALUES (2, hex(randomblob(16)))", "one = 1"),
        ("UPDATE installation SET id = 'short'", "length(id) = 32"),
        ("UPDATE installation SET watchlist_version = -1", "watchlist_version >= 0"),
        ("UPDATE installation SET id_floor = -1", "id_floor >= 0"),
        ("UPDATE installation SET unknown_to = 1", "(unknown_to IS NULL) = (unknown_from IS NULL)"),
    ],
)
def test_there_is_one_installation_with_a_whole_id(stored: sqlite3.Connection, change: str, condition: str) -> None:
    with pytest.raises(sqlite3.IntegrityError, match=re.escape(f"CHECK constraint failed: {condition}")):
        stored.execute(change)


def test_two_newsrooms_may_use_the_same_name_ref_code_and_announce_the_same_notice(stored: sqlite3.Connection) -> None:
    _insert(stored, "watch_item", {**ROWS["watch_item"], "id": 9, "guild_id": THERE, "name_key": "x", "ref": "B1"})
    changes = {"id": 9, "guild_id": THERE, "channel_id": 4001, "code": "9999-9999", "nonce": "9" * 25}
    _insert(stored, "announcement", {**ROWS["announcement"], **changes})


@pytest.mark.parametrize(
    "about",
    [
        {"kind": "operations"},
        {"kind": "tip", "tip_id": 1},
        {"kind": "fact", "fact_id": 1},
        {"kind": "digest", "digest_id": 1},
        {"kind": "storm", "polled": "gazette"},
    ],
)
def test_what_is_not_about_a_notice_is_announced_too(stored: sqlite3.Connection, about: dict[str, Any]) -> None:
    _insert(stored, "announcement", {**ROWS["announcement"], **FRESH["announcement"], "notice_id": None, **about})


def test_a_closed_dossier_keeps_its_name(stored: sqlite3.Connection) -> None:
    stored.execute("UPDATE dossier SET closed_at = ?, closed_by = 7 WHERE id = 1", (WHEN,))
    assert "dossier.name_key" in _refusal(stored, "dossier", {"name_key": "drones"})


def test_a_citation_may_be_replaced_under_its_number(stored: sqlite3.Connection) -> None:
    _insert(stored, "fact_revision", {**ROWS["fact_revision"], "revision": 2, "reason": "typo"})
    stored.execute("UPDATE citation SET until_revision = 2 WHERE fact_id = 1")
    _insert(stored, "citation", {**ROWS["citation"], "from_revision": 2})


def test_a_removed_item_leaves_its_name_and_ref_free(stored: sqlite3.Connection) -> None:
    stored.execute("UPDATE watch_item SET removed_at = ?, removed_by = 7 WHERE id = 1", (WHEN,))
    _insert(stored, "watch_item", {**ROWS["watch_item"], "id": 9})


def test_a_removed_digest_leaves_its_time_free(stored: sqlite3.Connection) -> None:
    stored.execute("UPDATE digest SET removed_at = ?, removed_by = 7 WHERE id = 1", (WHEN,))
    _insert(stored, "digest", {**ROWS["digest"], "id": 9})


def test_a_channel_and_its_dossier_may_have_digests_at_one_time_but_one_each(stored: sqlite3.Connection) -> None:
    whole = {"dossier_id": None, "at": "08:30"}
    _insert(stored, "digest", {**ROWS["digest"], **FRESH["digest"], **whole})
    assert "digest_time" in _refusal(stored, "digest", {**whole, "id": 10})


def test_the_id_of_a_row_that_was_taken_back_is_given_to_no_other(stored: sqlite3.Connection) -> None:
    row = {**ROWS["announcement"], **FRESH["announcement"]}
    _insert(stored, "announcement", row)
    stored.execute("DELETE FROM announcement WHERE id = 9")
    del row["id"]
    _insert(stored, "announcement", row)
    assert stored.execute("SELECT max(id) FROM announcement").fetchone() == (10,)


def test_every_unique_rule_is_tried_here(stored: sqlite3.Connection) -> None:
    tried = {columns for _, _, columns in UNIQUE}
    for table in _tables(stored):
        columns_of_key = stored.execute("SELECT name FROM pragma_table_info(?) WHERE pk ORDER BY pk", (table,))
        key = [name for (name,) in columns_of_key]
        indexes = [name for _, name, is_unique, *_ in stored.execute(f"PRAGMA index_list({table})") if is_unique]
        rules = {name: [column for *_, column in stored.execute(f"PRAGMA index_info({name})")] for name in indexes}
        for name, columns in {"": key, **rules}.items():
            # (guild_id, id) only gives the composite foreign keys something to point at.
            if table == "installation" or columns == ["guild_id", "id"]:
                continue
            # SQLite names no column for an expression, and refuses what breaks its rule by the name of the index.
            is_of_columns = None not in columns
            rule = ", ".join(f"{table}.{column}" for column in columns) if is_of_columns else f"index '{name}'"
            assert rule in tried


def test_every_reference_is_tried_here(stored: sqlite3.Connection) -> None:
    tried = {(table, tuple(columns)) for table, _, columns in REFERENCES}
    declared = {
        (table, tuple(columns)) for table in _tables(stored) for _, columns in _references(stored, table).values()
    }
    assert declared == tried


def test_every_check_is_tried_here(stored: sqlite3.Connection) -> None:
    tried = {(table, condition) for table, _, condition in CHECKS} | ONLY_ONE
    declared = {
        (table, condition)
        for table, sql in stored.execute("SELECT name, sql FROM sqlite_master WHERE type = 'table'")
        for condition in _checks(sql or "")
    }
    assert declared == tried


def test_every_reference_between_newsrooms_carries_the_newsroom(stored: sqlite3.Connection) -> None:
    def has_newsroom(table: str) -> bool:
        return any(column[1] == "guild_id" for column in stored.execute(f"PRAGMA table_info({table})"))

    without = {
        (table, parent)
        for table in filter(has_newsroom, _tables(stored))
        for parent, columns in _references(stored, table).values()
        if has_newsroom(parent) and "guild_id" not in columns
    }
    assert without == set(CARRIED_OTHERWISE)


def test_every_table_is_strict(stored: sqlite3.Connection) -> None:
    loose = stored.execute("SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND NOT strict")
    assert [name for (name,) in loose if not name.startswith("sqlite_")] == []


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE audit SET made_by = '8'",
        "DELETE FROM audit",
        "UPDATE audit_opening SET detail = '{}'",
        "DELETE FROM audit_opening",
        "REPLACE INTO audit SELECT * FROM audit",
    ],
)
def test_the_audit_log_is_append_only(stored: sqlite3.Connection, change: str) -> None:
    stored.execute("PRAGMA recursive_triggers = ON")
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        stored.execute(change)


def test_only_of_what_was_erased_an_opening_may_go(stored: sqlite3.Connection) -> None:
    _insert(stored, "audit", {**ROWS["audit"], "number": 9, "action": "tip erase"})
    stored.execute("DELETE FROM audit_opening WHERE guild_id = ?", (ROWS["audit"]["guild_id"],))
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        stored.execute("DELETE FROM audit_opening WHERE guild_id = ?", (THERE,))
