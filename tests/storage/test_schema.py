from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from bot.storage.migrations import migrate
from tests.factories import START

HERE, THERE = 1001, 3001
WHEN = "2026-11-16T08:00:00.000000+00:00"
NONCE = "0123456789abcdef012345678"

ROWS: dict[str, dict[str, Any]] = {
    "newsroom": {"guild_id": HERE, "language": "fr", "timezone": "Europe/Paris"},
    "channel": {"guild_id": HERE, "channel_id": 2001, "floor_id": 0},
    "watch_item": {
        "id": 1, "guild_id": HERE, "kind": "keyword", "name": "Drone", "name_key": "drone", "aliases": "[]",
        "identifiers": "[]", "any_of": "[]", "none_of": "[]", "sources": "[]", "priority": "instant", "ref": "A1",
        "added_by": 7, "added_at": WHEN,
    },
    "source_state": {"source": "gazette"},
    "notice": {
        "id": 1, "source": "gazette", "source_id": "26-1", "revision": 1, "content_sha256": "0", "content_version": 1,
        "seen_at": WHEN, "is_baseline": 0,
    },
    "notice_revision": {
        "notice_id": 1, "revision": 1, "seen_at": WHEN, "title": "T", "text": "", "suppliers": "[]", "people": "[]",
        "identifiers": "[]", "cpv": "[]",
    },
    "hit": {
        "id": 1, "guild_id": HERE, "item_id": 1, "notice_id": 1, "revision": 1, "tier": "exact", "term": "drone",
        "rule": "phrase", "field": "title", "start": 0, "end": 1, "matched": "T", "snippet": "T", "count": 1,
        "found_at": WHEN,
    },
    "announcement": {
        "id": 1, "guild_id": HERE, "channel_id": 2001, "kind": "notice", "subject": "gazette:26-1", "revision": 1,
        "notice_id": 1, "details": "{}", "code": "A7K3-92QF", "nonce": NONCE, "created_at": WHEN, "next_try_at": WHEN,
        "due_revision": 1,
    },
    "announcement_hit": {"guild_id": HERE, "announcement_id": 1, "hit_id": 1},
    "command_sync": {"application_id": 1, "scope": 0, "sha256": "0", "synced_at": WHEN},
}  # fmt: skip
"""One valid row of each table, in an order in which they can be stored."""

OTHERS: dict[str, dict[str, Any]] = {
    "newsroom": {"guild_id": THERE},
    "channel": {"guild_id": THERE, "channel_id": 4001},
    "watch_item": {"id": 2, "guild_id": THERE},
    "source_state": {"source": "bulletin"},
    "notice": {"id": 2, "source_id": "26-2"},
    "notice_revision": {"notice_id": 2},
    "hit": {"id": 2, "guild_id": THERE, "item_id": 2, "notice_id": 2},
    "announcement": {
        "id": 2, "guild_id": THERE, "channel_id": 4001, "notice_id": 2, "subject": "gazette:26-2", "nonce": NONCE[::-1],
    },
    "announcement_hit": {"guild_id": THERE, "announcement_id": 2, "hit_id": 2},
    "command_sync": {"scope": HERE},
}  # fmt: skip
"""What differs in a second row of each table, that of another newsroom where the table has newsrooms."""

FRESH: dict[str, dict[str, Any]] = {
    "newsroom": {"guild_id": 5001},
    "channel": {"channel_id": 2009},
    "watch_item": {"id": 9, "name_key": "other", "ref": None},
    "source_state": {"source": "other"},
    "notice": {"id": 9, "source_id": "26-9"},
    "notice_revision": {"revision": 9},
    "hit": {"id": 9, "notice_id": 2},
    "announcement": {"id": 9, "subject": "other", "code": "9999-9999", "nonce": "9" * 25},
    "announcement_hit": {"hit_id": 9},
    "command_sync": {"scope": 9},
}
"""What must differ from the first row for one more row to be accepted."""

UNIQUE = [
    ("newsroom", {"guild_id": HERE}, "newsroom.guild_id"),
    ("channel", {"channel_id": 2001}, "channel.guild_id, channel.channel_id"),
    ("watch_item", {"id": 1}, "watch_item.id"),
    ("watch_item", {"name_key": "drone"}, "watch_item.guild_id, watch_item.kind, watch_item.name_key"),
    ("watch_item", {"ref": "A1"}, "watch_item.guild_id, watch_item.ref"),
    ("source_state", {"source": "gazette"}, "source_state.source"),
    ("notice", {"id": 1}, "notice.id"),
    ("notice", {"source_id": "26-1"}, "notice.source, notice.source_id"),
    ("notice_revision", {"revision": 1}, "notice_revision.notice_id, notice_revision.revision"),
    ("hit", {"id": 1}, "hit.id"),
    ("hit", {"notice_id": 1}, "hit.notice_id, hit.revision, hit.item_id"),
    ("announcement", {"id": 1}, "announcement.id"),
    ("announcement", {"code": "A7K3-92QF"}, "announcement.guild_id, announcement.code"),
    ("announcement", {"nonce": NONCE}, "announcement.nonce"),
    ("announcement", {"subject": "gazette:26-1"},
     "announcement.guild_id, announcement.channel_id, announcement.kind, announcement.subject, announcement.revision"),
    ("announcement_hit", {"hit_id": 1}, "announcement_hit.announcement_id, announcement_hit.hit_id"),
    ("command_sync", {"scope": 0}, "command_sync.application_id, command_sync.scope"),
]  # fmt: skip

REFERENCES = [
    ("channel", {"guild_id": 404}, ["guild_id"]),
    ("watch_item", {"guild_id": 404}, ["guild_id"]),
    ("watch_item", {"channel_id": 4001}, ["guild_id", "channel_id"]),
    ("notice_revision", {"notice_id": 404}, ["notice_id"]),
    ("hit", {"item_id": 2, "notice_id": 1}, ["guild_id", "item_id"]),
    ("hit", {"revision": 404}, ["notice_id", "revision"]),
    ("announcement", {"channel_id": 4001}, ["guild_id", "channel_id"]),
    ("announcement", {"follows": 2}, ["guild_id", "follows"]),
    ("announcement", {"notice_id": 404}, ["notice_id"]),
    ("announcement_hit", {"hit_id": 1, "announcement_id": 2}, ["guild_id", "announcement_id"]),
    ("announcement_hit", {"hit_id": 2}, ["guild_id", "hit_id"]),
]
"""Rows of this newsroom that point at nothing, or at what is another newsroom's."""

_LISTS = {"watch_item": ("aliases", "identifiers", "any_of", "none_of", "sources"), "source_state": ("unknown_fields",),
          "notice_revision": ("suppliers", "people", "identifiers", "cpv")}  # fmt: skip

CHECKS: list[tuple[str, dict[str, Any], str]] = [
    ("newsroom", {"guild_id": 0}, "guild_id > 0"),
    ("newsroom", {"language": "de"}, "language IN ('fr', 'en')"),
    ("newsroom", {"timezone": ""}, "timezone <> ''"),
    ("channel", {"channel_id": 0}, "channel_id > 0"),
    ("channel", {"floor_id": -1}, "floor_id >= 0"),
    ("channel", {"parked_reason": "tired", "parked_at": WHEN}, "parked_reason IN ('deleted', 'forbidden')"),
    ("channel", {"parked_reason": "deleted"}, "(parked_reason IS NULL) = (parked_at IS NULL)"),
    ("watch_item", {"kind": "boat"}, "kind IN ('company', 'official', 'keyword')"),
    ("watch_item", {"name": ""}, "name <> ''"),
    ("watch_item", {"name_key": ""}, "name_key <> ''"),
    ("watch_item", {"priority": "later"}, "priority IN ('instant', 'digest')"),
    ("watch_item", {"ref": ""}, "ref <> ''"),
    ("watch_item", {"removed_at": WHEN}, "(removed_by IS NULL) = (removed_at IS NULL)"),
    ("source_state", {"source": ""}, "source <> ''"),
    ("source_state", {"failures": -1, "failing_since": WHEN, "error": "x"}, "failures >= 0"),
    ("source_state", {"told": "bored", "told_since": WHEN}, "told IN ('source_failing', 'source_silent')"),
    ("source_state", {"failures": 1, "error": "x"}, "(failures = 0) = (failing_since IS NULL)"),
    ("source_state", {"failures": 1, "failing_since": WHEN}, "(failures = 0) = (error IS NULL)"),
    ("source_state", {"told_since": WHEN}, "(told IS NULL) = (told_since IS NULL)"),
    ("notice", {"source": ""}, "source <> ''"),
    ("notice", {"source_id": ""}, "source_id <> ''"),
    ("notice", {"revision": 0}, "revision >= 1"),
    ("notice", {"is_baseline": 2}, "is_baseline IN (0, 1)"),
    ("notice_revision", {"revision": 0}, "revision >= 1"),
    ("hit", {"tier": "sure"}, "tier IN ('identifier', 'exact', 'variant', 'alias', 'weak')"),
    ("hit", {"rule": ""}, "rule <> ''"),
    ("hit", {"field": ""}, "field <> ''"),
    ("hit", {"start": -1}, "start >= 0"),
    ("hit", {"count": 0}, "count >= 1"),
    ("hit", {"held": "lost"}, "held IN ('baseline', 'weak', 'digest', 'late', 'muted')"),
    ("hit", {"end": 0}, 'start < "end"'),
    ("announcement", {"kind": "song"}, "kind IN ('notice', 'operations')"),
    ("announcement", {"subject": ""}, "subject <> ''"),
    ("announcement", {"revision": 0}, "revision >= 1"),
    ("announcement", {"details": "[]"}, "json_type(details) = 'object'"),
    ("announcement", {"code": "A7K392QF"}, "length(code) = 9"),
    ("announcement", {"nonce": "9" * 26}, "length(nonce) = 25"),
    ("announcement", {"state": "gone"}, "state IN ('pending', 'sending', 'sent', 'set_aside')"),
    ("announcement", {"is_plain": 2}, "is_plain IN (0, 1)"),
    ("announcement", {"tries": -1}, "tries >= 0"),
    ("announcement", {"shown": "[]"}, "json_type(shown) = 'object'"),
    ("announcement", {"notice_id": None}, "(kind = 'notice') = (notice_id IS NOT NULL)"),
    ("announcement", {"message_id": 1}, "(state = 'pending') <= (message_id IS NULL)"),
    ("announcement", {"state": "sending"}, "(state IN ('sending', 'sent')) <= (first_try_at IS NOT NULL)"),
    ("announcement", {"state": "sending", "first_try_at": WHEN},
     "(first_try_at IS NULL) = (history_from IS NULL)"),
    ("announcement", {"sent_at": WHEN}, "(state = 'sent') = (sent_at IS NOT NULL)"),
    ("announcement", {"state": "set_aside"}, "(state = 'set_aside') <= (reason IS NOT NULL)"),
    *((table, {name: "{}"}, f"json_type({name}) = 'array'") for table, names in _LISTS.items() for name in names),
]  # fmt: skip

ONLY_ONE = ("installation", "one = 1"), ("installation", "length(id) = 32"), ("installation", "watchlist_version >= 0")


@pytest.fixture
def stored(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    path = tmp_path / "vigie.sqlite3"
    migrate(path, START)
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA foreign_keys = ON")
        for table, row in ROWS.items():
            _insert(connection, table, row)
            _insert(connection, table, {**row, **OTHERS[table]})
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
    found = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
    return [name for (name,) in found if name != "migration"]


def _checks(sql: str) -> Iterator[str]:
    """Yield the condition of each CHECK of a table."""
    for start in (match.end() for match in re.finditer(r"CHECK \(", sql)):
        depth = 1
        for place in range(start, len(sql)):
            depth += {"(": 1, ")": -1}.get(sql[place], 0)
            if depth == 0:
                yield sql[start:place]
                break


@pytest.mark.parametrize("table", [table for table in ROWS if table != "announcement_hit"])
def test_one_more_valid_row_is_accepted(stored: sqlite3.Connection, table: str) -> None:
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
    assert columns
    assert _refusal(stored, table, changes) == "FOREIGN KEY constraint failed"


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
    ],
)
def test_there_is_one_installation_with_a_whole_id(stored: sqlite3.Connection, change: str, condition: str) -> None:
    with pytest.raises(sqlite3.IntegrityError, match=re.escape(f"CHECK constraint failed: {condition}")):
        stored.execute(change)


def test_two_newsrooms_may_use_the_same_name_ref_code_and_announce_the_same_notice(stored: sqlite3.Connection) -> None:
    _insert(stored, "watch_item", {**ROWS["watch_item"], "id": 9, "guild_id": THERE, "name_key": "x", "ref": "B1"})
    changes = {"id": 9, "guild_id": THERE, "channel_id": 4001, "code": "9999-9999", "nonce": "9" * 25}
    _insert(stored, "announcement", {**ROWS["announcement"], **changes})


def test_a_removed_item_leaves_its_name_and_ref_free(stored: sqlite3.Connection) -> None:
    stored.execute("UPDATE watch_item SET removed_at = ?, removed_by = 7 WHERE id = 1", (WHEN,))
    _insert(stored, "watch_item", {**ROWS["watch_item"], "id": 9})


def test_every_unique_rule_is_tried_here(stored: sqlite3.Connection) -> None:
    tried = {columns for _, _, columns in UNIQUE}
    for table in _tables(stored):
        key = [name for _, name, *_, place in stored.execute(f"PRAGMA table_info({table})") if place]
        indexes = [name for _, name, is_unique, *_ in stored.execute(f"PRAGMA index_list({table})") if is_unique]
        rules = ([column for *_, column in stored.execute(f"PRAGMA index_info({name})")] for name in indexes)
        for columns in (key, *rules):
            # (guild_id, id) only gives the composite foreign keys something to point at.
            if table != "installation" and columns != ["guild_id", "id"]:
                assert ", ".join(f"{table}.{column}" for column in columns) in tried


def test_every_reference_is_tried_here(stored: sqlite3.Connection) -> None:
    tried = {(table, tuple(columns)) for table, _, columns in REFERENCES}
    for table in _tables(stored):
        found: dict[int, list[str]] = {}
        for number, _, _, column, *_ in stored.execute(f"PRAGMA foreign_key_list({table})"):
            found.setdefault(number, []).append(column)
        assert {(table, tuple(columns)) for columns in found.values()} <= tried


def test_every_check_is_tried_here(stored: sqlite3.Connection) -> None:
    tried = {(table, condition) for table, _, condition in CHECKS} | set(ONLY_ONE)
    declared = {
        (table, condition)
        for table, sql in stored.execute("SELECT name, sql FROM sqlite_master WHERE type = 'table'")
        for condition in _checks(sql or "")
    }
    assert declared == tried


def test_every_reference_between_newsrooms_carries_the_newsroom(stored: sqlite3.Connection) -> None:
    def has_newsroom(table: str) -> bool:
        return any(column[1] == "guild_id" for column in stored.execute(f"PRAGMA table_info({table})"))

    for table in filter(has_newsroom, _tables(stored)):
        links: dict[int, set[str]] = {}
        for number, _, parent, column, *_ in stored.execute(f"PRAGMA foreign_key_list({table})"):
            if has_newsroom(parent):
                links.setdefault(number, set()).add(column)
        assert all("guild_id" in columns for columns in links.values())


def test_every_table_is_strict(stored: sqlite3.Connection) -> None:
    assert [
        row[1] for row in stored.execute("PRAGMA table_list") if not row[5] and not row[1].startswith("sqlite_")
    ] == []
