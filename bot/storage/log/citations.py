"""Citations: what the facts rest on, in versions, and whose words people say that they are."""

from __future__ import annotations

import sqlite3
from datetime import datetime
from typing import Final

from bot.access import Viewer
from bot.models import Citation, CitationKind
from bot.storage._filters import SEEN_FACT, eyes
from bot.storage._values import to_moment, to_text
from bot.storage.database import Connection

LATELY: Final = 500
"""Of how many citations whose origin was said, the last ones of a newsroom, the origins are remembered."""


async def standing(connection: Connection, guild_id: int, fact_id: int) -> list[Citation]:
    """Return what a fact rests on now, by number."""
    rows = await connection.all(
        "SELECT * FROM citation WHERE guild_id = ? AND fact_id = ? AND until_revision IS NULL ORDER BY n",
        guild_id,
        fact_id,
    )
    return [_citation(row) for row in rows]


async def of_version(connection: Connection, guild_id: int, fact_id: int, revision: int) -> list[Citation]:
    """Return what a version of a fact rested on when the next one took its place, by number."""
    rows = await connection.all(
        """
        SELECT * FROM citation WHERE guild_id = ?1 AND fact_id = ?2 AND from_revision <= ?3
            AND (until_revision IS NULL OR until_revision > ?3)
        ORDER BY n
        """,
        guild_id,
        fact_id,
        revision,
    )
    return [_citation(row) for row in rows]


async def add(
    connection: Connection, guild_id: int, fact_id: int, citation: Citation, revision: int, by: int, now: datetime
) -> None:
    """Store a citation of a fact under its number, from a version of the fact on."""
    await connection.run(
        """
        INSERT INTO citation (guild_id, fact_id, n, from_revision, kind, url, title, origin, said_origin, party, quote,
            retrieved_at, notice_id, added_by, added_at)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """,
        guild_id,
        fact_id,
        citation.n,
        revision,
        citation.kind,
        citation.url,
        citation.title,
        citation.origin,
        citation.said_origin,
        citation.party,
        citation.quote,
        to_text(citation.retrieved_at),
        citation.notice_id,
        by,
        to_text(now),
    )


async def supersede(
    connection: Connection, guild_id: int, fact_id: int, citation: Citation, revision: int, by: int, now: datetime
) -> None:
    """Let a citation take the place of the one of its number from a version of the fact on; the former one is kept."""
    await connection.run(
        "UPDATE citation SET until_revision = ?"
        " WHERE guild_id = ? AND fact_id = ? AND n = ? AND until_revision IS NULL",
        revision,
        guild_id,
        fact_id,
        citation.n,
    )
    await add(connection, guild_id, fact_id, citation, revision, by, now)


async def origins_said(connection: Connection, viewer: Viewer) -> list[str]:
    """Return the origins that were said lately in a newsroom, of facts that this person may see, newest first."""
    rows = await connection.all(
        f"""
        SELECT said_origin FROM (
            SELECT citation.said_origin, citation.fact_id, citation.added_at
            FROM citation WHERE guild_id = ? AND said_origin IS NOT NULL ORDER BY added_at DESC LIMIT {LATELY}
        ) AS said JOIN fact ON fact.id = said.fact_id
        WHERE {SEEN_FACT} GROUP BY said_origin ORDER BY max(said.added_at) DESC, said_origin
        """,
        viewer.guild_id,
        *eyes(viewer),
    )
    return [row["said_origin"] for row in rows]


def _citation(row: sqlite3.Row) -> Citation:
    return Citation(
        kind=CitationKind(row["kind"]),
        url=row["url"],
        title=row["title"],
        origin=row["origin"],
        said_origin=row["said_origin"],
        party=row["party"],
        quote=row["quote"],
        retrieved_at=to_moment(row["retrieved_at"]),
        notice_id=row["notice_id"],
        n=row["n"],
        added_by=row["added_by"],
        added_at=to_moment(row["added_at"]),
    )
