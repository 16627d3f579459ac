"""The audit log: every change by a person, appended in the transaction of the change, chained and never altered."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from bot import chain
from bot.access import Viewer
from bot.models import AuditEntry, AuditHead, ThingKind
from bot.storage._filters import SEEN, SEEN_FACT, eyes
from bot.storage._values import to_moment, to_text
from bot.storage.database import Connection

SEALED: Final[Mapping[str, Mapping[str, tuple[str, ...]]]] = {
    ThingKind.TIP: {
        "tip_revision": (
            "tip_id",
            "revision",
            "text",
            "origin",
            "origin_url",
            "heard",
            "heard_typed",
            "is_sensitive",
            "reason",
            "made_by",
            "made_at",
        ),
        "tip_change": ("tip_id", "number", "kind", "text", "before", "after", "made_by", "made_at"),
    },
    ThingKind.FACT: {
        "fact_revision": (
            "fact_id",
            "revision",
            "claim",
            "event_date",
            "event_date_typed",
            "reason",
            "made_by",
            "made_at",
        ),
        "citation": (
            "fact_id",
            "n",
            "from_revision",
            "kind",
            "url",
            "title",
            "origin",
            "said_origin",
            "party",
            "quote",
            "retrieved_at",
            "notice_id",
            "added_by",
            "added_at",
        ),
        "fact_change": ("id", "fact_id", "number", "kind", "text", "made_by", "made_at"),
    },
}
"""The rows of the team's log that an entry seals: by kind of thing the tables, the columns that never change.

A column that is added here later has to be NULL in the rows that were sealed before.
"""

Row = tuple[str, Mapping[str, Any]]
"""A row that an entry seals: its table, and the columns of SEALED with their values."""

KEYS: Final[Mapping[str, tuple[str, ...]]] = {
    "tip_revision": ("tip_id", "revision"),
    "tip_change": ("tip_id", "number"),
    "fact_revision": ("fact_id", "revision"),
    "citation": ("fact_id", "n", "from_revision"),
    "fact_change": ("fact_id", "number"),
}
"""The whole numbers by which a row of each of those tables is named, first that of its tip or fact."""

SEALING: Final = "seal"
"""The action of the entries that seal what there was before the log."""
BACKING_UP: Final = "backup"
"""The action of an entry that tells of a copy of the whole database that was made."""
RESTORING: Final = "restore"
"""The action under which each newsroom's log tells of a backup that was put in the place of the database."""
VIGIE: Final = "vigie"
"""Who makes the entries that nobody asked for."""


_SEEN: Final = f"""
    (? OR audit.subject IS NULL OR (audit.subject NOT GLOB 'tip:*' AND audit.subject NOT GLOB 'fact:*')
        OR EXISTS (SELECT 1 FROM tip WHERE audit.subject = 'tip:' || tip.id
            AND tip.id = CAST(substr(audit.subject, 5) AS INTEGER) AND tip.guild_id = audit.guild_id AND {SEEN})
        OR EXISTS (SELECT 1 FROM fact WHERE audit.subject = 'fact:' || fact.id
            AND fact.id = CAST(substr(audit.subject, 6) AS INTEGER) AND fact.guild_id = audit.guild_id AND {SEEN_FACT}))
"""
"""Whether somebody may know of what an entry is about; its values are those of `_eyes`."""


@dataclass(frozen=True, slots=True)
class Opening:
    """Hold what opens the commitment of an entry: its salt, the details, and the seals of its rows."""

    salt: str
    detail: Mapping[str, Any]
    seals: Sequence[chain.Seal]

    def values(self) -> tuple[str, str, str]:
        """Return the salt, the details and the seals as they are written."""
        return (self.salt, chain.canonical(self.detail), chain.canonical(self.seals))


@dataclass(frozen=True, slots=True)
class Made:
    """Hold an entry as it is written: its link, its hash and its opening."""

    link: chain.Link
    hash: str
    opening: Opening


async def note(
    connection: Connection,
    guild_id: int,
    by: int | str,
    action: str,
    now: datetime,
    *,
    thing: tuple[ThingKind, int] | None = None,
    subject: str | None = None,
    detail: Mapping[str, Any] | None = None,
) -> AuditHead:
    """Append an entry to a newsroom's audit log, in the transaction of the change that it tells; return the new head.

    `by` is a Discord user id, or `cli:name`. `action` is the name of a command (`bot.access.Action`). Name what was
    changed by `thing`, a watch item, tip, fact or dossier (`tip:12`), or else by `subject` (`source:boamp`). `detail`
    says what no sealed row tells: values of JSON or moments, settings before and after for example; never the words of
    a tip.
    Of a tip or a fact every row that is not sealed yet is sealed by this entry: call it once all rows are written.
    """
    if thing is not None:
        subject = f"{thing[0]}:{thing[1]}"
    before = await head(connection, guild_id)
    number = before.number + 1 if before is not None else 1
    rows = (await _seal(connection, guild_id, thing[0], [thing[1]], number))[thing[1]] if thing is not None else []
    made = entry_after(
        before,
        guild_id=guild_id,
        made_at=to_text(now),
        made_by=str(by),
        action=str(action),
        subject=subject,
        detail=detail or {},
        rows=rows,
    )
    await _append(connection, [made])
    return AuditHead(number, made.hash)


def entry_after(
    before: AuditHead | None,
    *,
    guild_id: int,
    made_at: str,
    made_by: str,
    action: str,
    subject: str | None,
    detail: Mapping[str, Any],
    rows: Iterable[Row],
) -> Made:
    """Return the entry that follows a head; `rows` are what it seals."""
    salt = chain.salted()
    # As it will be read again: with texts for keys, lists for tuples.
    told = json.loads(chain.canonical(_keyed(detail)))
    seals = [[table, *(row[name] for name in KEYS[table]), chain.seal(salt, table, row)] for table, row in rows]
    link = chain.Link(
        guild_id=guild_id,
        number=before.number + 1 if before is not None else 1,
        made_at=made_at,
        made_by=_storable(made_by),
        action=action,
        subject=None if subject is None else _storable(subject),
        commitment=chain.commitment(salt, told, seals),
    )
    return Made(
        link, chain.hash_of(before.hash if before is not None else chain.START, link), Opening(salt, told, seals)
    )


async def head(connection: Connection, guild_id: int) -> AuditHead | None:
    """Return the last entry of a newsroom's audit log; None while there is none."""
    row = await connection.one("SELECT number, hash FROM audit_head WHERE guild_id = ?", guild_id)
    return AuditHead(row["number"], row["hash"]) if row else None


async def seal_things(
    connection: Connection, guild_id: int, kind: ThingKind, ids: Sequence[int], now: datetime
) -> AuditHead | None:
    """Append an entry for each of some tips or facts that seals what no entry does yet; return the new head."""
    before = await head(connection, guild_id)
    rows = await _seal(connection, guild_id, kind, ids, before.number + 1 if before is not None else 1)
    entries: list[Made] = []
    for thing_id in ids:
        made = entry_after(
            before,
            guild_id=guild_id,
            made_at=to_text(now),
            made_by=VIGIE,
            action=SEALING,
            subject=f"{kind}:{thing_id}",
            detail={},
            rows=rows[thing_id],
        )
        before = AuditHead(made.link.number, made.hash)
        entries.append(made)
    if entries:
        await _append(connection, entries)
    return before


async def _seal(
    connection: Connection, guild_id: int, kind: ThingKind, ids: Sequence[int], first: int
) -> dict[int, list[Row]]:
    """Mark what no entry seals yet of some things as sealed by the entries from `first` on, one for each in order.

    Return those rows of each thing, in the order of their keys.
    """
    # The plus keeps SQLite to the keys of the things: among a whole log that is not sealed yet the others are slow.
    rows: dict[int, list[Row]] = {thing_id: [] for thing_id in ids}
    for table, columns in SEALED.get(kind, {}).items():
        found = await connection.all(
            f"""
            UPDATE {table} SET sealed_in = ? + (SELECT key FROM json_each(?) WHERE value = {kind}_id)
            WHERE +guild_id = ? AND {kind}_id IN (SELECT value FROM json_each(?)) AND +sealed_in IS NULL
            RETURNING {", ".join(columns)}
            """,
            first,
            json.dumps(ids),
            guild_id,
            json.dumps(ids),
        )
        for row in sorted(found, key=lambda row: [row[name] for name in KEYS[table]]):
            rows[row[f"{kind}_id"]].append((table, dict(row)))
    return rows


async def _append(connection: Connection, entries: Sequence[Made]) -> None:
    """Write entries of one newsroom that follow its head and each other, and make the last one the head."""
    await connection.run(
        f"""
        INSERT INTO audit (guild_id, number, made_at, made_by, action, subject, commitment, hash)
        VALUES {", ".join(["(?, ?, ?, ?, ?, ?, ?, ?)"] * len(entries))}
        """,
        *(value for made in entries for value in (*made.link.values(), made.hash)),
    )
    await connection.run(
        f"""
        INSERT INTO audit_opening (guild_id, number, salt, detail, "rows")
        VALUES {", ".join(["(?, ?, ?, ?, ?)"] * len(entries))}
        """,
        *(value for made in entries for value in (*made.link.values()[:2], *made.opening.values())),
    )
    last = entries[-1]
    await connection.run(
        """
        INSERT INTO audit_head (guild_id, number, hash) VALUES (?, ?, ?)
        ON CONFLICT (guild_id) DO UPDATE SET number = excluded.number, hash = excluded.hash
        """,
        last.link.guild_id,
        last.link.number,
        last.hash,
    )


async def waiting_to_be_sealed(connection: Connection) -> list[int]:
    """Return the newsrooms in which nobody has done anything since there is an audit log, and that were not sealed."""
    rows = await connection.all(
        """
        SELECT guild_id FROM newsroom WHERE NOT EXISTS (
            SELECT 1 FROM audit WHERE audit.guild_id = newsroom.guild_id
                AND (audit.made_by GLOB '[0-9]*' OR (audit.action = ? AND audit.subject IS NULL))
        ) AND (EXISTS (SELECT 1 FROM tip WHERE tip.guild_id = newsroom.guild_id)
            OR EXISTS (SELECT 1 FROM fact WHERE fact.guild_id = newsroom.guild_id))
        ORDER BY guild_id
        """,
        SEALING,
    )
    return [row["guild_id"] for row in rows]


async def unsealed_things(connection: Connection, guild_id: int, kind: ThingKind, after: int, limit: int) -> list[int]:
    """Return the tips or facts behind an id of which a change is not sealed, by id."""
    rows = await connection.all(
        f"""
        SELECT DISTINCT {kind}_id AS id FROM {kind}_change
        WHERE +guild_id = ? AND {kind}_id > ? AND sealed_in IS NULL ORDER BY {kind}_id LIMIT ?
        """,
        guild_id,
        after,
        limit,
    )
    return [row["id"] for row in rows]


async def count_unsealed(connection: Connection, guild_id: int) -> int:
    """Return of how many tips and facts of a newsroom a change is not sealed."""
    row = await connection.one(
        """
        SELECT (SELECT count(DISTINCT tip_id) FROM tip_change WHERE guild_id = ?1 AND sealed_in IS NULL)
            + (SELECT count(DISTINCT fact_id) FROM fact_change WHERE guild_id = ?1 AND sealed_in IS NULL)
        """,
        guild_id,
    )
    return int(row[0]) if row else 0


async def count_sealed(connection: Connection, guild_id: int) -> int:
    """Return how many entries of a newsroom's audit log seal what there was before it."""
    row = await connection.one(
        "SELECT count(*) FROM audit WHERE guild_id = ? AND action = ? AND subject IS NOT NULL", guild_id, SEALING
    )
    return int(row[0]) if row else 0


def difference(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Return what is otherwise after a change, by name, each with `before` and `after`, as the details of an entry."""
    names = [name for name in {**before, **after} if before.get(name) != after.get(name)]
    return {name: {"before": before.get(name), "after": after.get(name)} for name in names}


async def listed(
    connection: Connection, guild_id: int, since: datetime | None = None, *, offset: int = 0, limit: int = 1000
) -> list[AuditEntry]:
    """Return the entries of a newsroom's audit log from a moment on, newest first."""
    rows = await connection.all(
        """
        SELECT audit.*, audit_opening.detail FROM audit LEFT JOIN audit_opening
            ON audit_opening.guild_id = audit.guild_id AND audit_opening.number = audit.number
        WHERE audit.guild_id = ?1 AND (?2 IS NULL OR audit.made_at >= ?2)
        ORDER BY audit.number DESC LIMIT ?3 OFFSET ?4
        """,
        guild_id,
        to_text(since),
        limit,
        offset,
    )
    return [_entry(row) for row in rows]


async def seen(
    connection: Connection, viewer: Viewer, since: datetime | None = None, *, offset: int = 0, limit: int = 1000
) -> list[AuditEntry]:
    """Return the entries of a newsroom's audit log from a moment on, newest first.

    Those about a tip or a fact that this person may not know of are left out, as those about an erased tip are to who
    does not see all.
    """
    rows = await connection.all(
        f"""
        SELECT audit.*, audit_opening.detail FROM audit LEFT JOIN audit_opening
            ON audit_opening.guild_id = audit.guild_id AND audit_opening.number = audit.number
        WHERE audit.guild_id = ? AND audit.made_at >= ? AND {_SEEN}
        ORDER BY audit.number DESC LIMIT ? OFFSET ?
        """,
        viewer.guild_id,
        to_text(since) or "",
        *_eyes(viewer),
        limit,
        offset,
    )
    return [_entry(row) for row in rows]


async def count_seen(connection: Connection, viewer: Viewer, since: datetime | None = None) -> int:
    """Return how many entries `seen` has."""
    row = await connection.one(
        f"SELECT count(*) FROM audit WHERE audit.guild_id = ? AND audit.made_at >= ? AND {_SEEN}",
        viewer.guild_id,
        to_text(since) or "",
        *_eyes(viewer),
    )
    return int(row[0]) if row else 0


def _eyes(viewer: Viewer) -> tuple[object, ...]:
    """Return the values of _SEEN."""
    return (viewer.sees_all, *eyes(viewer), *eyes(viewer))


def _keyed(value: Any) -> Any:
    """Return a value of JSON with texts for the keys of its objects, which are sorted, and for moments."""
    if isinstance(value, datetime):
        return to_text(value)
    if isinstance(value, Mapping):
        return {str(key): _keyed(inner) for key, inner in value.items()}
    return [_keyed(inner) for inner in value] if isinstance(value, list | tuple) else value


def _storable(text: str) -> str:
    """Return a text that the database takes: the name of a user of the machine may not be Unicode."""
    return text.encode("utf-8", "backslashreplace").decode()


def _entry(row: sqlite3.Row) -> AuditEntry:
    return AuditEntry(
        guild_id=row["guild_id"],
        number=row["number"],
        made_at=to_moment(row["made_at"]),
        made_by=row["made_by"],
        action=row["action"],
        subject=row["subject"],
        detail=json.loads(row["detail"]) if row["detail"] is not None else None,
        hash=row["hash"],
    )
