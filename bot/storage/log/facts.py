"""Facts: claims and their citations, in versions, and everything that was done with them."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from bot.access import Viewer
from bot.models import (
    Citation,
    Claim,
    Fact,
    FactChange,
    FactChangeKind,
    FactFilter,
    FactStatus,
    FactVersion,
    ThingKind,
)
from bot.storage._filters import SEEN_FACT, asked, eyes, gathered
from bot.storage._values import NEXT_CHANGE, next_id, to_moment, to_text
from bot.storage.archive import full_text
from bot.storage.database import Connection
from bot.storage.log import citations

_COLUMNS = """
    fact.id, fact.guild_id, fact.revision, fact.changes, fact.status, fact.logged_by, fact.logged_at, fact.verified_by,
    fact.verified_at, fact.tip_id, fact.embargo_until, fact_revision.claim, fact_revision.event_date,
    fact_revision.event_date_typed, fact_revision.reason, fact_revision.made_by, fact_revision.made_at
"""
_FROM = "FROM fact JOIN fact_revision ON fact_revision.fact_id = fact.id AND fact_revision.revision = fact.revision"


async def add(
    connection: Connection,
    guild_id: int,
    claim: Claim,
    cited: Iterable[Citation],
    by: int,
    now: datetime,
    *,
    tip_id: int | None = None,
) -> Fact:
    """Store a new fact with its citations, and that it was logged; `tip_id` is the tip that it comes from."""
    rows = await connection.all(
        f"""
        INSERT INTO fact (id, guild_id, tip_id, logged_by, logged_at)
        VALUES ({next_id("fact")}, ?, ?, ?, ?) RETURNING id
        """,
        guild_id,
        tip_id,
        by,
        to_text(now),
    )
    fact_id = int(rows[0]["id"])
    await _add_version(connection, guild_id, fact_id, 1, claim, None, by, now)
    for n, citation in enumerate(cited, 1):
        await citations.add(connection, guild_id, fact_id, replace(citation, n=n), 1, by, now)
    await _note_change(connection, guild_id, fact_id, FactChangeKind.LOGGED, None, by, now)
    await _index(connection, guild_id, fact_id)
    return await get(connection, guild_id, fact_id)


async def find(connection: Connection, viewer: Viewer, fact_id: int) -> Fact | None:
    """Return a fact, or None where there is none that this person may know of."""
    row = await connection.one(
        f"SELECT {_COLUMNS} {_FROM} WHERE fact.guild_id = ? AND fact.id = ? AND {SEEN_FACT}",
        viewer.guild_id,
        fact_id,
        *eyes(viewer),
    )
    return _fact(row) if row else None


async def get(connection: Connection, guild_id: int, fact_id: int) -> Fact:
    """Return a newsroom's fact, whoever may see it; raises LookupError when there is none."""
    row = await connection.one(f"SELECT {_COLUMNS} {_FROM} WHERE fact.guild_id = ? AND fact.id = ?", guild_id, fact_id)
    if row is None:
        raise LookupError(f"newsroom {guild_id} has no fact {fact_id}")
    return _fact(row)


async def listed(
    connection: Connection, viewer: Viewer, wanted: FactFilter, *, offset: int = 0, limit: int = 1000
) -> list[Fact]:
    """Return the facts that are asked for and that this person may see, newest first."""
    rows = await connection.all(
        f"""
        SELECT {_COLUMNS} {_FROM} WHERE fact.guild_id = ?6 AND fact.id IN (
            SELECT fact.id FROM fact WHERE {gathered(ThingKind.FACT, wanted)} AND fact.guild_id = ?6 AND {SEEN_FACT}
            ORDER BY fact.id DESC LIMIT ? OFFSET ?
        ) ORDER BY fact.id DESC
        """,
        *asked(wanted),
        viewer.guild_id,
        *eyes(viewer),
        limit,
        offset,
    )
    return [_fact(row) for row in rows]


async def count(connection: Connection, viewer: Viewer, wanted: FactFilter) -> int:
    """Return how many facts are asked for, of those that this person may see."""
    row = await connection.one(
        f"SELECT count(*) FROM fact WHERE {gathered(ThingKind.FACT, wanted)} AND fact.guild_id = ?6 AND {SEEN_FACT}",
        *asked(wanted),
        viewer.guild_id,
        *eyes(viewer),
    )
    return int(row[0]) if row else 0


async def total(connection: Connection, guild_id: int) -> int:
    """Return how many facts a newsroom has."""
    row = await connection.one("SELECT count(*) FROM fact WHERE guild_id = ?", guild_id)
    return int(row[0]) if row else 0


async def logged_since(connection: Connection, guild_id: int, by: int, since: datetime) -> int:
    """Return how many facts a person logged since a moment."""
    row = await connection.one(
        "SELECT count(*) FROM fact WHERE guild_id = ? AND logged_by = ? AND logged_at >= ?",
        guild_id,
        by,
        to_text(since),
    )
    return int(row[0]) if row else 0


async def cite(connection: Connection, fact: Fact, citation: Citation, by: int, now: datetime) -> Fact:
    """Add a citation to the version of a fact that stands, under the next number."""
    known = await citations.standing(connection, fact.guild_id, fact.id)
    n = max((former.n for former in known), default=0) + 1
    await citations.add(connection, fact.guild_id, fact.id, replace(citation, n=n), fact.revision, by, now)
    await _touch(connection, fact)
    await _note_change(connection, fact.guild_id, fact.id, FactChangeKind.CITED, None, by, now)
    await _index(connection, fact.guild_id, fact.id)
    return await get(connection, fact.guild_id, fact.id)


async def correct(
    connection: Connection,
    fact: Fact,
    claim: Claim,
    replaced: Iterable[Citation],
    reason: str,
    by: int,
    now: datetime,
) -> Fact:
    """Store the next version of a fact, to be verified anew; `replaced` takes the place of citations of its numbers.

    The former version keeps its words, its citations, its status and who had verified it.
    """
    await connection.run(
        "UPDATE fact_revision SET status = ?, verified_by = ?, verified_at = ?"
        " WHERE guild_id = ? AND fact_id = ? AND revision = ?",
        fact.status,
        fact.verified_by,
        to_text(fact.verified_at),
        fact.guild_id,
        fact.id,
        fact.revision,
    )
    revision = fact.revision + 1
    await connection.run(
        """
        UPDATE fact SET revision = ?, changes = changes + 1, status = 'logged', verified_by = NULL, verified_at = NULL
        WHERE guild_id = ? AND id = ?
        """,
        revision,
        fact.guild_id,
        fact.id,
    )
    await _add_version(connection, fact.guild_id, fact.id, revision, claim, reason, by, now)
    for citation in replaced:
        await citations.supersede(connection, fact.guild_id, fact.id, citation, revision, by, now)
    await _note_change(connection, fact.guild_id, fact.id, FactChangeKind.CORRECTED, reason, by, now)
    await _index(connection, fact.guild_id, fact.id)
    return await get(connection, fact.guild_id, fact.id)


async def verify(connection: Connection, fact: Fact, by: int, now: datetime, *, reason: str | None = None) -> Fact:
    """Note that a person verified the version that stands; `reason` says why, where it lacks a second origin."""
    await connection.run(
        """
        UPDATE fact SET status = 'verified', verified_by = ?, verified_at = ?, changes = changes + 1
        WHERE guild_id = ? AND id = ?
        """,
        by,
        to_text(now),
        fact.guild_id,
        fact.id,
    )
    await _note_change(connection, fact.guild_id, fact.id, FactChangeKind.VERIFIED, reason, by, now)
    return await get(connection, fact.guild_id, fact.id)


async def mark(
    connection: Connection, fact: Fact, status: FactStatus, kind: FactChangeKind, reason: str, by: int, now: datetime
) -> Fact:
    """Move a fact to disputed or retracted, for a reason; who had verified it stays known."""
    await connection.run(
        "UPDATE fact SET status = ?, changes = changes + 1 WHERE guild_id = ? AND id = ?",
        status,
        fact.guild_id,
        fact.id,
    )
    await _note_change(connection, fact.guild_id, fact.id, kind, reason, by, now)
    return await get(connection, fact.guild_id, fact.id)


async def touch(connection: Connection, fact: Fact) -> Fact:
    """Make the cards of a fact show what it is about now."""
    await _touch(connection, fact)
    return await get(connection, fact.guild_id, fact.id)


async def changes(connection: Connection, guild_id: int, fact_id: int) -> list[FactChange]:
    """Return what was done with a fact, oldest first."""
    rows = await connection.all(
        "SELECT * FROM fact_change WHERE guild_id = ? AND fact_id = ? ORDER BY number", guild_id, fact_id
    )
    return [
        FactChange(
            number=row["number"],
            kind=FactChangeKind(row["kind"]),
            text=row["text"],
            made_by=row["made_by"],
            made_at=to_moment(row["made_at"]),
        )
        for row in rows
    ]


async def last_change(connection: Connection, guild_id: int, fact_id: int) -> int:
    """Return our id of what was done with a fact last: none is ever given twice, a database that came back or not."""
    row = await connection.one("SELECT max(id) FROM fact_change WHERE guild_id = ? AND fact_id = ?", guild_id, fact_id)
    return int(row[0] or 0) if row else 0


async def earlier(connection: Connection, guild_id: int, fact_id: int) -> list[FactVersion]:
    """Return the versions that were corrected since, oldest first."""
    rows = await connection.all(
        """
        SELECT fact_revision.* FROM fact_revision JOIN fact ON fact.id = fact_revision.fact_id
        WHERE fact_revision.guild_id = ? AND fact_id = ? AND fact_revision.revision < fact.revision
        ORDER BY fact_revision.revision
        """,
        guild_id,
        fact_id,
    )
    return [
        FactVersion(
            revision=row["revision"],
            claim=Claim(text=row["claim"], event_date=row["event_date"], event_date_typed=row["event_date_typed"]),
            status=FactStatus(row["status"] or FactStatus.LOGGED),
            verified_by=row["verified_by"],
            verified_at=to_moment(row["verified_at"]),
            reason=row["reason"],
            made_by=row["made_by"],
            made_at=to_moment(row["made_at"]),
        )
        for row in rows
    ]


async def of_tip(connection: Connection, guild_id: int, tip_id: int) -> list[int]:
    """Return the facts that a tip was promoted to."""
    rows = await connection.all("SELECT id FROM fact WHERE guild_id = ? AND tip_id = ? ORDER BY id", guild_id, tip_id)
    return [row["id"] for row in rows]


async def _touch(connection: Connection, fact: Fact) -> None:
    await connection.run("UPDATE fact SET changes = changes + 1 WHERE guild_id = ? AND id = ?", fact.guild_id, fact.id)


async def _add_version(
    connection: Connection,
    guild_id: int,
    fact_id: int,
    revision: int,
    claim: Claim,
    reason: str | None,
    by: int,
    now: datetime,
) -> None:
    await connection.run(
        """
        INSERT INTO fact_revision (guild_id, fact_id, revision, claim, event_date, event_date_typed, reason, made_by,
            made_at)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
        """,
        guild_id,
        fact_id,
        revision,
        claim.text,
        claim.event_date,
        claim.event_date_typed,
        reason,
        by,
        to_text(now),
    )


async def _note_change(
    connection: Connection,
    guild_id: int,
    fact_id: int,
    kind: FactChangeKind,
    text: str | None,
    by: int,
    now: datetime,
) -> None:
    """Note what was done, under the number that the fact's `changes` has reached."""
    await connection.run(
        f"""
        INSERT INTO fact_change (id, guild_id, fact_id, number, kind, text, made_by, made_at)
        SELECT {NEXT_CHANGE}, guild_id, id, changes, ?, ?, ?, ? FROM fact WHERE guild_id = ? AND id = ?
        """,
        kind,
        text,
        by,
        to_text(now),
        guild_id,
        fact_id,
    )


async def _index(connection: Connection, guild_id: int, fact_id: int) -> None:
    """Make a fact found by its words as they now stand: its claim, its quotes, what it cites."""
    fact = await get(connection, guild_id, fact_id)
    cited = await citations.standing(connection, guild_id, fact_id)
    more = "\n".join(
        text
        for citation in cited
        for text in (citation.title, citation.quote, citation.origin, citation.said_origin)
        if text
    )
    await full_text.index_fact(connection, fact_id, fact.claim.text, more)


def _fact(row: sqlite3.Row) -> Fact:
    is_first = row["revision"] == 1
    return Fact(
        id=row["id"],
        guild_id=row["guild_id"],
        revision=row["revision"],
        changes=row["changes"],
        claim=Claim(text=row["claim"], event_date=row["event_date"], event_date_typed=row["event_date_typed"]),
        status=FactStatus(row["status"]),
        logged_by=row["logged_by"],
        logged_at=to_moment(row["logged_at"]),
        verified_by=row["verified_by"],
        verified_at=to_moment(row["verified_at"]),
        tip_id=row["tip_id"],
        corrected_by=None if is_first else row["made_by"],
        corrected_at=None if is_first else to_moment(row["made_at"]),
        reason=row["reason"],
        embargo_until=to_moment(row["embargo_until"]),
    )
