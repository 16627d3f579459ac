"""Digests: when and where they are made, their slots, and how far each has told."""

from __future__ import annotations

import sqlite3
from datetime import datetime, time, timedelta
from typing import Final

from bot.models import Digest, Every, Slot, Watermark
from bot.storage import digest_hits
from bot.storage._values import to_moment, to_text
from bot.storage.database import Connection

WRONG_CLOCK: Final = timedelta(hours=12)
"""A slot that was made further ahead of now than this was made by a clock that was wrong."""

_COLUMNS = """
    id, guild_id, channel_id, dossier_id, every, at, added_by, added_at, removed_at, first_hit, seen_hit,
    seen_fact_change, seen_notice, told_at
"""


async def add(
    connection: Connection,
    guild_id: int,
    channel_id: int,
    dossier_id: int | None,
    every_: Every,
    at: time,
    by: int,
    now: datetime,
) -> Digest:
    """Schedule a digest; it begins where another one of the same channel and dossier has come to, else now.

    The schema refuses a second one of the same channel, dossier, days and time.
    """
    rows = await connection.all(
        f"""
        INSERT INTO digest (guild_id, channel_id, dossier_id, every, at, added_by, added_at, first_hit, seen_hit,
            seen_fact_change, seen_notice, told_at)
        SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7,
            coalesce(like_it.first_hit, newest.hit), coalesce(like_it.seen_hit, newest.hit),
            coalesce(like_it.seen_fact_change, newest.fact_change), coalesce(like_it.seen_notice, newest.notice),
            like_it.told_at
        FROM (SELECT (SELECT coalesce(max(id), 0) FROM hit) AS hit,
                (SELECT coalesce(max(id), 0) FROM fact_change) AS fact_change,
                (SELECT coalesce(max(id), 0) FROM notice) AS notice) AS newest
        LEFT JOIN (SELECT * FROM digest WHERE guild_id = ?1 AND channel_id = ?2 AND dossier_id IS ?3
            AND removed_at IS NULL ORDER BY id LIMIT 1) AS like_it
        RETURNING {_COLUMNS}
        """,
        guild_id,
        channel_id,
        dossier_id,
        every_,
        at.isoformat("minutes"),
        by,
        to_text(now),
    )
    return _digest(rows[0])


async def remove(connection: Connection, guild_id: int, digest_id: int, by: int, now: datetime) -> bool:
    """Make a digest no more; return whether it was scheduled."""
    return bool(
        await connection.run(
            "UPDATE digest SET removed_by = ?, removed_at = ? WHERE guild_id = ? AND id = ? AND removed_at IS NULL",
            by,
            to_text(now),
            guild_id,
            digest_id,
        )
    )


async def find(connection: Connection, guild_id: int, digest_id: int) -> Digest | None:
    """Return a newsroom's digest, removed or not."""
    row = await connection.one(f"SELECT {_COLUMNS} FROM digest WHERE guild_id = ? AND id = ?", guild_id, digest_id)
    return _digest(row) if row else None


async def every(connection: Connection, guild_id: int) -> list[Digest]:
    """Return the digests that a newsroom has scheduled, oldest first."""
    rows = await connection.all(
        f"SELECT {_COLUMNS} FROM digest WHERE guild_id = ? AND removed_at IS NULL ORDER BY id", guild_id
    )
    return [_digest(row) for row in rows]


async def of_all(connection: Connection) -> list[Digest]:
    """Return the digests that any newsroom has scheduled, for the bot's own schedule; those of closed dossiers rest."""
    rows = await connection.all(
        f"""
        SELECT {_COLUMNS} FROM digest WHERE removed_at IS NULL AND NOT EXISTS (
            SELECT 1 FROM dossier WHERE dossier.guild_id = digest.guild_id AND dossier.id = digest.dossier_id
                AND dossier.closed_at IS NOT NULL
        ) ORDER BY id
        """
    )
    return [_digest(row) for row in rows]


async def waiting(connection: Connection, digest: Digest) -> int:
    """Return how many hits a digest has still to tell."""
    return await digest_hits.waiting(connection, digest)


async def of_channel(connection: Connection, guild_id: int, channel_id: int) -> list[Digest]:
    """Return the digests of a whole channel, not those of a dossier there."""
    return [
        digest
        for digest in await every(connection, guild_id)
        if digest.channel_id == channel_id and digest.dossier_id is None
    ]


async def is_settled(connection: Connection, digest: Digest, slot: Slot, now: datetime) -> bool:
    """Return whether a slot is no longer due: it was made, or a later one was, unless by a clock that was wrong."""
    return (
        await connection.one(
            """
            SELECT 1 FROM digest_slot WHERE guild_id = ?1 AND digest_id = ?2
                AND (local_date = ?3 OR (local_date > ?3 AND made_at <= ?4))
            """,
            digest.guild_id,
            digest.id,
            slot.local_date.isoformat(),
            to_text(now + WRONG_CLOCK),
        )
        is not None
    )


async def settle(connection: Connection, digest: Digest, slot: Slot, messages: int, now: datetime) -> None:
    """Note that a slot was made, in so many messages; the schema refuses it a second time."""
    await connection.run(
        "INSERT INTO digest_slot (guild_id, digest_id, local_date, due_at, made_at, messages)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        digest.guild_id,
        digest.id,
        slot.local_date.isoformat(),
        to_text(slot.due_at),
        to_text(now),
        messages,
    )


async def messages(connection: Connection, digest: Digest, subject: str) -> int:
    """Return how many messages of a digest were owed for a slot, or for what a person asked."""
    row = await connection.one(
        "SELECT count(*) FROM announcement WHERE guild_id = ? AND digest_id = ? AND subject GLOB ? || ':*'",
        digest.guild_id,
        digest.id,
        subject,
    )
    return int(row[0]) if row else 0


async def newest(connection: Connection) -> Watermark:
    """Return how far a digest that is made now tells."""
    row = await connection.one(
        """
        SELECT (SELECT coalesce(max(id), 0) FROM hit) AS hit, (SELECT coalesce(max(id), 0) FROM fact_change) AS change,
            (SELECT coalesce(max(id), 0) FROM notice) AS notice
        """
    )
    return Watermark(row["hit"], row["change"], row["notice"]) if row else Watermark(0, 0, 0)


async def advance(connection: Connection, digest: Digest, seen: Watermark, now: datetime) -> None:
    """Note how far a digest has told; so have the others of its channel and dossier."""
    await connection.run(
        """
        UPDATE digest SET seen_hit = max(seen_hit, ?), seen_fact_change = max(seen_fact_change, ?),
            seen_notice = max(seen_notice, ?), told_at = ?
        WHERE guild_id = ? AND channel_id = ? AND dossier_id IS ? AND removed_at IS NULL
        """,
        seen.hit,
        seen.fact_change,
        seen.notice,
        to_text(now),
        digest.guild_id,
        digest.channel_id,
        digest.dossier_id,
    )


def _digest(row: sqlite3.Row) -> Digest:
    return Digest(
        id=row["id"],
        guild_id=row["guild_id"],
        channel_id=row["channel_id"],
        dossier_id=row["dossier_id"],
        every=Every(row["every"]),
        at=time.fromisoformat(row["at"]),
        added_by=row["added_by"],
        added_at=to_moment(row["added_at"]),
        removed_at=to_moment(row["removed_at"]),
        first_hit=row["first_hit"],
        seen=Watermark(row["seen_hit"], row["seen_fact_change"], row["seen_notice"]),
        told_at=to_moment(row["told_at"]),
    )
