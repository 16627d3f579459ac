"""Digests: when and where they are made, their slots, and how far each has told."""

from __future__ import annotations

import json
import sqlite3
from datetime import datetime, time, timedelta, tzinfo
from typing import Final

from bot.models import Digest, Every, Slot, Watermark
from bot.slots import next_due
from bot.storage._values import next_id, to_moment, to_text
from bot.storage.database import Connection
from bot.storage.watching.routes import LEADS_TO

WRONG_CLOCK: Final = timedelta(hours=12)
"""A slot that was made further ahead of now than this was made by a clock that was wrong."""
RESUMED: Final = timedelta(days=31)
"""How long after a digest was removed one of the same channel and dossier goes on where it ended."""

# A poll under way may still make a storm of what it found: that waits for the next digest.
_UPTO = """
    coalesce(
        (SELECT min(hit_id) - 1 FROM announcement CROSS JOIN announcement_hit ON announcement_id = announcement.id
            WHERE polled IS NOT NULL),
        (SELECT max(id) FROM hit), 0) AS hit,
    (SELECT coalesce(max(id), 0) FROM fact_change) AS fact_change,
    (SELECT coalesce(max(id), 0) FROM notice) AS notice
"""

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
    """Schedule a digest; it begins where another one of the same channel and dossier has come to, or came to, else now.

    The schema refuses a second one of the same channel, dossier, days and time.
    """
    rows = await connection.all(
        f"""
        INSERT INTO digest (id, guild_id, channel_id, dossier_id, every, at, added_by, added_at, first_hit, seen_hit,
            seen_fact_change, seen_notice, told_at)
        SELECT {next_id("digest")}, ?1, ?2, ?3, ?4, ?5, ?6, ?7,
            coalesce(like_it.first_hit, newest.hit), coalesce(like_it.seen_hit, newest.hit),
            coalesce(like_it.seen_fact_change, newest.fact_change), coalesce(like_it.seen_notice, newest.notice),
            like_it.told_at
        FROM (SELECT {_UPTO}) AS newest
        LEFT JOIN (SELECT * FROM digest WHERE guild_id = ?1 AND channel_id = ?2 AND dossier_id IS ?3
            AND (removed_at IS NULL OR removed_at >= ?8)
            ORDER BY removed_at IS NOT NULL, removed_at DESC, id LIMIT 1) AS like_it
        RETURNING {_COLUMNS}
        """,
        guild_id,
        channel_id,
        dossier_id,
        every_,
        at.isoformat("minutes"),
        by,
        to_text(now),
        to_text(now - RESUMED),
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
    """Return the digests that any newsroom has scheduled, for the bot's own schedule.

    Those of closed dossiers rest, and those of channels that refuse us: what they told would be told nowhere else.
    """
    rows = await connection.all(
        f"""
        SELECT {_COLUMNS} FROM digest WHERE removed_at IS NULL AND NOT EXISTS (
            SELECT 1 FROM dossier WHERE dossier.guild_id = digest.guild_id AND dossier.id = digest.dossier_id
                AND dossier.closed_at IS NOT NULL
        ) AND NOT EXISTS (
            SELECT 1 FROM channel WHERE channel.guild_id = digest.guild_id AND channel.channel_id = digest.channel_id
                AND parked_reason IS NOT NULL
        ) ORDER BY id
        """
    )
    return [_digest(row) for row in rows]


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


async def next_slot(connection: Connection, digest: Digest, zone: tzinfo, now: datetime) -> Slot:
    """Return the first slot after now that was not made already, as one is when the zone changed since."""
    slot = next_due(digest.every, digest.at, zone, now)
    while await is_settled(connection, digest, slot, now):
        slot = next_due(digest.every, digest.at, zone, slot.due_at)
    return slot


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


async def has_told_head(connection: Connection, digest: Digest, first: datetime, end: datetime) -> bool:
    """Return whether a digest of a channel, of it or of another one there, named the head of the audit log in a time.

    That is from a moment on and before another one.
    """
    return (
        await connection.one(
            """
            SELECT 1 FROM digest CROSS JOIN announcement
                ON announcement.guild_id = digest.guild_id AND announcement.digest_id = digest.id
            WHERE digest.guild_id = ? AND digest.channel_id = ? AND digest.dossier_id IS NULL
                AND announcement.created_at >= ? AND announcement.created_at < ?
                AND json_extract(announcement.details, '$.audit_head') IS NOT NULL LIMIT 1
            """,
            digest.guild_id,
            digest.channel_id,
            to_text(first),
            to_text(end),
        )
        is not None
    )


async def newest(connection: Connection) -> Watermark:
    """Return how far a digest that is made now tells."""
    row = await connection.one(f"SELECT {_UPTO}")
    return Watermark(row["hit"], row["fact_change"], row["notice"]) if row else Watermark(0, 0, 0)


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


async def take_back(connection: Connection, digest: Digest) -> None:
    """Forget the messages of a digest that Discord certainly does not have: what they told is to be told again."""
    owed = await connection.all(
        "SELECT id, details FROM announcement WHERE guild_id = ? AND digest_id = ? AND state = 'pending'",
        digest.guild_id,
        digest.id,
    )
    if not owed:
        return
    rows = json.dumps([row["id"] for row in owed])
    await connection.run(
        f"""
        UPDATE hit SET digest = 'due' WHERE guild_id = ?1 AND digest = 'told'
            AND id IN (SELECT hit_id FROM announcement_hit WHERE announcement_id IN (SELECT value FROM json_each(?2)))
            AND NOT EXISTS (
                SELECT 1 FROM announcement_hit JOIN announcement AS tells ON tells.id = announcement_id
                JOIN digest AS other ON other.guild_id = tells.guild_id AND other.id = tells.digest_id
                JOIN watch_item ON watch_item.guild_id = hit.guild_id AND watch_item.id = hit.item_id
                JOIN newsroom ON newsroom.guild_id = hit.guild_id
                WHERE hit_id = hit.id AND announcement_id NOT IN (SELECT value FROM json_each(?2))
                    AND (other.dossier_id IS NULL
                        OR {LEADS_TO.format(channel="tells.channel_id")}))
        """,
        digest.guild_id,
        rows,
    )
    for table in ("announcement_hit", "digest_fact", "digest_tip"):
        await connection.run(
            f"DELETE FROM {table} WHERE guild_id = ? AND announcement_id IN (SELECT value FROM json_each(?))",
            digest.guild_id,
            rows,
        )
    await connection.run(
        "DELETE FROM announcement WHERE guild_id = ? AND id IN (SELECT value FROM json_each(?))", digest.guild_id, rows
    )
    details = [json.loads(row["details"]) for row in owed]
    before = [Watermark(*one["before"]) for one in details]
    await connection.run(
        """
        UPDATE digest SET seen_hit = max(first_hit, min(seen_hit, ?)), seen_fact_change = min(seen_fact_change, ?),
            seen_notice = min(seen_notice, ?), told_at = ?
        WHERE guild_id = ? AND channel_id = ? AND dossier_id IS ?
        """,
        min(one.hit for one in before),
        min(one.fact_change for one in before),
        min(one.notice for one in before),
        to_text(min((to_moment(one["since"]) for one in details), key=lambda since: (since is not None, since))),
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
