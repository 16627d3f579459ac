"""Notices and their revisions, shared by all newsrooms."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from bot.models import NOTICE_FIELDS, Notice
from bot.storage._values import to_text
from bot.storage.database import Connection

_LISTS = ("suppliers", "people", "identifiers", "cpv")
_SAID = tuple(name for name in NOTICE_FIELDS if name not in {"source", "id", "revision"})
_COLUMNS = "notice.source, notice.source_id AS id, notice_revision.revision, " + ", ".join(
    f"notice_revision.{name}" for name in (*_SAID, "particulars")
)
_ADD_REVISION = f"""
    INSERT INTO notice_revision (notice_id, revision, seen_at, {", ".join(_SAID)}, particulars)
    VALUES (?, ?, ?, {", ".join("?" for _ in _SAID)}, ?)
"""
_FROM = "FROM notice_revision JOIN notice ON notice.id = notice_revision.notice_id"


@dataclass(frozen=True, slots=True)
class Known:
    """Hold what is needed to tell whether a notice read again has changed; `row` is our id of it.

    `is_text_dropped` says that its text is stored no longer, `is_baseline` that it was first seen in silence.
    """

    row: int
    revision: int
    content_sha256: str
    content_version: int
    is_text_dropped: bool = False
    is_baseline: bool = False


@dataclass(frozen=True, slots=True)
class Stored:
    """Hold a stored notice with our id of it."""

    row: int
    notice: Notice


async def known(connection: Connection, source: str, ids: Iterable[str]) -> dict[str, Known]:
    """Return those of a source's ids that were ever seen."""
    rows = await connection.all(
        """
        SELECT id, source_id, revision, content_sha256, content_version, text_dropped_at, is_baseline FROM notice
        WHERE source = ? AND source_id IN (SELECT value FROM json_each(?))
        """,
        source,
        json.dumps(list(ids)),
    )
    return {
        row["source_id"]: Known(
            row["id"],
            row["revision"],
            row["content_sha256"],
            row["content_version"],
            is_text_dropped=row["text_dropped_at"] is not None,
            is_baseline=bool(row["is_baseline"]),
        )
        for row in rows
    }


async def add(
    connection: Connection,
    notice: Notice,
    content_sha256: str,
    content_version: int,
    *,
    now: datetime,
    is_baseline: bool,
) -> int:
    """Store a notice never seen before, as its revision 1, and return our id of it."""
    rows = await connection.all(
        """
        INSERT INTO notice (source, source_id, revision, content_sha256, content_version, procedure, seen_at,
            is_baseline)
        VALUES (?, ?, 1, ?, ?, ?, ?, ?) RETURNING id
        """,
        notice.source,
        notice.id,
        content_sha256,
        content_version,
        notice.procedure,
        to_text(now),
        is_baseline,
    )
    row = int(rows[0]["id"])
    await _add_revision(connection, row, 1, notice, now)
    return row


async def add_all(
    connection: Connection, added: Sequence[tuple[Notice, str, bool]], content_version: int, *, now: datetime
) -> None:
    """Store many notices never seen before as `add` does: each with its checksum, and whether it is of a baseline."""
    row = await connection.one("SELECT coalesce(max(id), 0) + 1 FROM notice")
    first = int(row[0]) if row else 1
    await connection.many(
        """
        INSERT INTO notice (id, source, source_id, revision, content_sha256, content_version, procedure, seen_at,
            is_baseline)
        VALUES (?, ?, ?, 1, ?, ?, ?, ?, ?)
        """,
        [
            (number, notice.source, notice.id, sha256, content_version, notice.procedure, to_text(now), is_baseline)
            for number, (notice, sha256, is_baseline) in enumerate(added, first)
        ],
    )
    values = [(number, 1, to_text(now), *_values(notice)) for number, (notice, _, _) in enumerate(added, first)]
    await connection.many(_ADD_REVISION, values)


async def procedures_among(connection: Connection, names: Iterable[str]) -> frozenset[str]:
    """Return those of the names that are the procedure of a stored notice."""
    rows = await connection.all(
        """
        SELECT value FROM json_each(?) AS asked
        WHERE EXISTS (SELECT 1 FROM notice WHERE notice.procedure = asked.value)
        """,
        json.dumps(list(names)),
    )
    return frozenset(row["value"] for row in rows)


async def revise(
    connection: Connection, row: int, notice: Notice, content_sha256: str, content_version: int, *, now: datetime
) -> None:
    """Store the next revision of a notice; `notice.revision` is its number."""
    await connection.run(
        """
        UPDATE notice SET revision = ?, content_sha256 = ?, content_version = ?, procedure = ?, is_indexed = 0,
            text_dropped_at = NULL
        WHERE id = ?
        """,
        notice.revision,
        content_sha256,
        content_version,
        notice.procedure,
        row,
    )
    await _add_revision(connection, row, notice.revision, notice, now)


async def reread(
    connection: Connection, known: Known, notice: Notice, content_sha256: str, content_version: int
) -> None:
    """Store what newer rules make of a notice in the place of its latest revision: the next one is compared with it.

    A text that was dropped stays so.
    """
    stored = await get(connection, known.row, known.revision)
    as_read = replace(notice, revision=known.revision, text="" if known.is_text_dropped else notice.text)
    is_other = as_read != stored
    await connection.run(
        """
        UPDATE notice SET content_sha256 = ?, content_version = ?, procedure = ?, is_indexed = is_indexed AND NOT ?
        WHERE id = ?
        """,
        content_sha256,
        content_version,
        notice.procedure,
        is_other,
        known.row,
    )
    if is_other:
        names = ", ".join(f"{name} = ?" for name in (*_SAID, "particulars"))
        await connection.run(
            f"UPDATE notice_revision SET {names} WHERE notice_id = ? AND revision = ?",
            *_values(as_read),
            known.row,
            known.revision,
        )


async def get(connection: Connection, row: int, revision: int) -> Notice:
    """Return one revision of a stored notice; raises LookupError when there is none."""
    found = await connection.one(
        f"SELECT {_COLUMNS} {_FROM} WHERE notice_id = ? AND notice_revision.revision = ?", row, revision
    )
    if found is None:
        raise LookupError(f"notice {row} has no revision {revision}")
    return _notice(found)


async def latest(connection: Connection, rows: Iterable[int]) -> dict[int, Notice]:
    """Return the latest revision of stored notices, by our ids of them."""
    found = await connection.all(
        f"""
        SELECT notice.id AS row, {_COLUMNS} {_FROM} AND notice_revision.revision = notice.revision
        WHERE notice.id IN (SELECT value FROM json_each(?))
        """,
        json.dumps(list(rows)),
    )
    return {row["row"]: _notice(row) for row in found}


async def procedure_of(connection: Connection, source: str, source_id: str) -> str | None:
    """Return the procedure of a stored notice, by the source's own id."""
    row = await connection.one("SELECT procedure FROM notice WHERE source = ? AND source_id = ?", source, source_id)
    return row["procedure"] if row else None


async def adopt(connection: Connection, orphan: str, procedure: str) -> None:
    """Give the notices of a provisional procedure the one that their parent turned out to have."""
    await connection.run("UPDATE notice SET procedure = ? WHERE procedure = ?", procedure, orphan)


async def of_procedure(connection: Connection, procedure: str, *, since: datetime, before_row: int) -> list[Stored]:
    """Return the notices of a procedure that were first seen since a moment, not in silence, and before one of them."""
    rows = await connection.all(
        f"""
        SELECT notice.id AS row, {_COLUMNS} {_FROM} AND notice_revision.revision = notice.revision
        WHERE notice.procedure = ? AND notice.seen_at >= ? AND notice.id < ? AND NOT notice.is_baseline
        ORDER BY notice.id
        """,
        procedure,
        to_text(since),
        before_row,
    )
    return [Stored(row["row"], _notice(row)) for row in rows]


async def before_in_procedure(
    connection: Connection, source: str, procedure: str, row: int
) -> list[tuple[int, dict[str, str]]]:
    """Return the notices of a source that came before one of its procedure, the last by its day first.

    Each is our row of it with the first value of each of its particulars, as it now stands.
    """
    found = await connection.all(
        f"""
        SELECT notice.id AS row, notice_revision.particulars {_FROM} AND notice_revision.revision = notice.revision
        WHERE notice.procedure = ?1 AND notice.source = ?2 AND notice.id <> ?3
            AND notice_revision.published < (
                SELECT said.published FROM notice_revision AS said WHERE said.notice_id = ?3
                ORDER BY said.revision DESC LIMIT 1)
        ORDER BY notice_revision.published DESC, notice.id DESC
        """,
        procedure,
        source,
        row,
    )
    return [(one["row"], dict(reversed(json.loads(one["particulars"])))) for one in found]


async def count(connection: Connection) -> int:
    """Return how many notices are stored."""
    row = await connection.one("SELECT count(*) FROM notice")
    return int(row[0]) if row else 0


async def _add_revision(connection: Connection, row: int, revision: int, notice: Notice, now: datetime) -> None:
    await connection.run(_ADD_REVISION, row, revision, to_text(now), *_values(notice))


def _values(notice: Notice) -> list[Any]:
    """Return what a revision says as it is stored: the fields of `_SAID`, and the particulars."""
    line = notice.to_json()
    said = [json.dumps(line[name], ensure_ascii=False) if name in _LISTS else line[name] for name in _SAID]
    return [*said, json.dumps(notice.particulars, ensure_ascii=False)]


def _notice(row: sqlite3.Row) -> Notice:
    line = {name: json.loads(row[name]) if name in _LISTS else row[name] for name in NOTICE_FIELDS}
    particulars = row["particulars"]
    # Most have none, and need no parser.
    pairs = () if particulars == "[]" else tuple((code, value) for code, value in json.loads(particulars))
    return replace(Notice.from_json(line), particulars=pairs) if pairs else Notice.from_json(line)
