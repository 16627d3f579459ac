"""The announcements that a poll under way owes or that a night holds, counted by channel and made one storm."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from bot.storage._values import to_text
from bot.storage.database import Connection
from bot.storage.outbox.announcements import CERTAIN, TOLD_ELSEWHERE, Place
from bot.storage.watching.follows import FOLLOWED

AT_NIGHT: Final = "storm:quiet:"
"""How the subject of the storm of a whole night begins."""

# A sign before a column keeps SQLite from its index: a newsroom, and a channel, have had many hits and announcements.
# What somebody follows by hand they asked for: no storm stands for it, and what comes after it continues it.
_OWED: Final = f"""
    polled = ? AND +guild_id = ? AND +channel_id = ? AND kind = 'notice' AND NOT {FOLLOWED} AND EXISTS (
        SELECT 1 FROM announcement_hit WHERE announcement_hit.announcement_id = announcement.id)
"""
_HELD: Final = f"""
    state = 'pending' AND NOT is_withdrawn AND +guild_id = ? AND +channel_id = ? AND held_until = ?
    AND kind IN ('notice', 'storm') AND {CERTAIN} AND NOT {FOLLOWED} AND EXISTS (
        SELECT 1 FROM announcement_hit WHERE announcement_hit.announcement_id = announcement.id)
"""
_LISTED: Final = "(SELECT value FROM json_each(?))"
_LATER: Final = """
    SELECT later.id FROM taken_back JOIN announcement AS later ON later.follows = taken_back.id
    WHERE later.guild_id = ? AND later.state = 'pending' AND NOT EXISTS (
        SELECT 1 FROM announcement_hit WHERE announcement_hit.announcement_id = later.id)
"""


@dataclass(frozen=True, slots=True)
class Crowd:
    """Hold what a channel is owed, by a poll under way or a night: new hits, and the storm that stands for others."""

    hits: int
    storm: int | None


async def crowds(connection: Connection, source: str) -> dict[Place, Crowd]:
    """Return what the poll of a source that is under way owes each channel."""
    rows = await connection.all(
        f"""
        SELECT guild_id, channel_id, max(CASE kind WHEN 'storm' THEN announcement.id END) AS storm,
            sum(CASE WHEN kind = 'notice' AND NOT {FOLLOWED} THEN (
                SELECT count(*) FROM announcement_hit JOIN hit ON hit.id = announcement_hit.hit_id
                WHERE announcement_hit.announcement_id = announcement.id AND hit.digest <> 'none'
            ) ELSE 0 END) AS hits
        FROM announcement WHERE polled = ? GROUP BY guild_id, channel_id
        """,
        source,
    )
    return {Place(row["guild_id"], row["channel_id"]): Crowd(row["hits"], row["storm"]) for row in rows}


async def held(connection: Connection, place: Place, until: datetime) -> Crowd:
    """Return what a channel is owed at the end of quiet hours, the storms of single polls among the hits."""
    row = await connection.one(
        f"""
        SELECT max(CASE WHEN is_of_night THEN id END) AS storm, coalesce(sum(CASE WHEN is_of_night THEN 0 ELSE (
            SELECT count(*) FROM announcement_hit JOIN hit ON hit.id = announcement_hit.hit_id
            WHERE announcement_hit.announcement_id = owed.id AND hit.digest <> 'none'
        ) END), 0) AS hits
        FROM (SELECT id, subject LIKE '{AT_NIGHT}%' AS is_of_night FROM announcement WHERE {_HELD}) AS owed
        """,
        place.guild_id,
        place.channel_id,
        to_text(until),
    )
    return Crowd(row["hits"], row["storm"]) if row else Crowd(0, None)


async def tells_of(connection: Connection, place: Place, source: str, notice_row: int) -> bool:
    """Return whether a notice is one of those for which a storm stands that a poll under way owes a channel."""
    return (
        await connection.one(
            """
            SELECT 1 FROM hit JOIN announcement_hit ON announcement_hit.hit_id = hit.id
                AND announcement_hit.guild_id = hit.guild_id
            JOIN announcement ON announcement.id = announcement_hit.announcement_id
            WHERE +hit.guild_id = ? AND hit.notice_id = ? AND channel_id = ? AND announcement.kind = 'storm'
                AND polled = ?
            """,
            place.guild_id,
            notice_row,
            place.channel_id,
            source,
        )
        is not None
    )


async def places_of_notice(connection: Connection, notice_row: int) -> dict[int, set[Place]]:
    """Return in which channels storms stand for hits on a notice, by item."""
    rows = await connection.all(
        """
        SELECT DISTINCT hit.item_id, announcement.guild_id, announcement.channel_id
        FROM hit CROSS JOIN announcement_hit ON announcement_hit.hit_id = hit.id
        CROSS JOIN announcement ON announcement.id = announcement_hit.announcement_id
        WHERE hit.notice_id = ? AND announcement.kind = 'storm'
        """,
        notice_row,
    )
    found: dict[int, set[Place]] = {}
    for row in rows:
        found.setdefault(row["item_id"], set()).add(Place(row["guild_id"], row["channel_id"]))
    return found


async def fold(connection: Connection, place: Place, source: str, storm: int) -> int:
    """Make a storm stand for the new hits that a poll owes a channel; return how many announcements that takes back.

    The hits are held and wait for the digest, but for those that another channel is told of one by one. An announcement
    without hits that continues one taken back goes with it: its procedure is not announced there.
    """
    found = await connection.all(
        f"""
        WITH RECURSIVE taken_back (id) AS (SELECT id FROM announcement WHERE {_OWED} UNION {_LATER})
        SELECT announcement.id, polled IS ? AS is_of_poll FROM taken_back JOIN announcement USING (id)
        """,
        source,
        place.guild_id,
        place.channel_id,
        place.guild_id,
        source,
    )
    await _fold(connection, place, json.dumps([row["id"] for row in found]), storm)
    return sum(row["is_of_poll"] for row in found)


async def fold_held(connection: Connection, place: Place, until: datetime, storm: int) -> None:
    """Make a storm stand for all that a channel is owed at the end of quiet hours, as `fold` does for a poll."""
    found = await connection.all(
        f"""
        WITH RECURSIVE taken_back (id) AS (SELECT id FROM announcement WHERE {_HELD} AND id <> ? UNION {_LATER})
        SELECT id FROM taken_back
        """,
        place.guild_id,
        place.channel_id,
        to_text(until),
        storm,
        place.guild_id,
    )
    await _fold(connection, place, json.dumps([row["id"] for row in found]), storm)


async def _fold(connection: Connection, place: Place, taken_back: str, storm: int) -> None:
    await connection.run(
        f"""
        INSERT INTO announcement_hit (guild_id, announcement_id, hit_id)
        SELECT hit.guild_id, ?, hit.id FROM announcement_hit JOIN hit ON hit.id = announcement_hit.hit_id
        WHERE +hit.guild_id = ? AND announcement_hit.announcement_id IN {_LISTED} AND hit.digest <> 'none'
        ON CONFLICT DO NOTHING
        """,
        storm,
        place.guild_id,
        taken_back,
    )
    await connection.run(
        f"""
        UPDATE hit SET held = 'storm' WHERE guild_id = ? AND (digest <> 'none' OR held = 'companion') AND id IN (
            SELECT hit_id FROM announcement_hit WHERE announcement_id IN {_LISTED}) AND NOT {TOLD_ELSEWHERE}
        """,
        place.guild_id,
        taken_back,
        place.channel_id,
    )
    await connection.run(
        f"DELETE FROM announcement_hit WHERE +guild_id = ? AND announcement_id IN {_LISTED}", place.guild_id, taken_back
    )
    await connection.run(
        f"DELETE FROM announcement_companion WHERE guild_id = ? AND announcement_id IN {_LISTED}",
        place.guild_id,
        taken_back,
    )
    # What another source's poll owes may continue one of these, and have been sent since.
    await connection.run(
        f"UPDATE announcement SET follows = NULL WHERE guild_id = ? AND follows IN {_LISTED}",
        place.guild_id,
        taken_back,
    )
    await connection.run(f"DELETE FROM announcement WHERE guild_id = ? AND id IN {_LISTED}", place.guild_id, taken_back)
