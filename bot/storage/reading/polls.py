"""The last polls of each source that went through as usual: what the next one is compared with."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from statistics import median_low

from bot.storage._values import to_text
from bot.storage.database import Connection

KEPT = 30
"""How many polls of a source are kept."""


@dataclass(frozen=True, slots=True)
class Usual:
    """Hold what a source's poll usually brings: the medians over the last `polls` of notices read and never seen."""

    read: int = 0
    new: int = 0
    polls: int = 0


@dataclass(frozen=True, slots=True)
class UsualLosses:
    """Hold how much the last `polls` of a source lost in all, of how many notices."""

    losses: int = 0
    read: int = 0
    polls: int = 0


async def note(
    connection: Connection,
    source: str,
    *,
    started_at: datetime,
    ended_at: datetime,
    read: int,
    new: int,
    changed: int,
    losses: int,
) -> None:
    """Note what a poll brought, and keep the last 30 of its source."""
    await connection.run(
        """
        INSERT INTO poll_log (source, started_at, ended_at, read, new, changed, losses) VALUES (?, ?, ?, ?, ?, ?, ?)
        """,
        source,
        to_text(started_at),
        to_text(ended_at),
        read,
        new,
        changed,
        losses,
    )
    await connection.run(
        """
        DELETE FROM poll_log WHERE source = ?1 AND id <= (
            SELECT id FROM poll_log WHERE source = ?1 ORDER BY id DESC LIMIT 1 OFFSET ?2
        )
        """,
        source,
        KEPT,
    )


async def usual(connection: Connection, source: str) -> Usual:
    """Return what a source's poll usually brings, zeros before the first that is kept."""
    rows = await connection.all("SELECT read, new FROM poll_log WHERE source = ?", source)
    if not rows:
        return Usual()
    return Usual(median_low(row["read"] for row in rows), median_low(row["new"] for row in rows), len(rows))


async def usual_losses(connection: Connection, source: str) -> UsualLosses:
    """Return how much a source's polls usually lose, zeros before the first that is kept."""
    row = await connection.one(
        """
        SELECT coalesce(sum(losses), 0) AS losses, coalesce(sum(read), 0) AS read, count(*) AS polls
        FROM poll_log WHERE source = ?
        """,
        source,
    )
    return UsualLosses(row["losses"], row["read"], row["polls"]) if row else UsualLosses()
