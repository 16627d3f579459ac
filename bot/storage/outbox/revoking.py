"""What a message told of a notice, and the end of one that has nothing left to tell before Discord has it."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping

from bot.models import Announcement, Held
from bot.storage._dismissed import DISMISSED_BY
from bot.storage._values import to_text
from bot.storage.database import Connection
from bot.storage.outbox.announcements import TOLD_ELSEWHERE


async def told_by(connection: Connection, guild_id: int, announcement_ids: Iterable[int]) -> frozenset[int]:
    """Return the items whose hits these messages of a newsroom tell.

    A message that was sent before a hit was found only comes to show it, by an edit.
    """
    rows = await connection.all(
        f"""
        SELECT DISTINCT hit.item_id FROM announcement_hit
        CROSS JOIN announcement ON announcement.id = announcement_hit.announcement_id
        CROSS JOIN hit ON hit.id = announcement_hit.hit_id
        WHERE +announcement_hit.guild_id = ? AND announcement_hit.announcement_id IN (SELECT value FROM json_each(?))
            AND hit.held IS NULL AND {DISMISSED_BY} IS NULL
            AND (announcement.sent_at IS NULL OR hit.found_at <= announcement.sent_at)
        """,
        guild_id,
        json.dumps(list(announcement_ids)),
    )
    return frozenset(row["item_id"] for row in rows)


async def revision_told(connection: Connection, announcement: Announcement, notice_row: int | None = None) -> int:
    """Return the revision of its notice that an announcement tells: the newest, or what it was when that was sent.

    What an edit showed since was told to nobody. Of a notice that accompanies it `notice_row` is our row.
    """
    is_own = notice_row in {None, announcement.notice_id}
    least = announcement.revision if is_own else 1
    row = await connection.one(
        """
        SELECT max(revision) AS told FROM notice_revision
        WHERE notice_id = ? AND (revision = ? OR ? IS NULL OR seen_at <= ?)
        """,
        announcement.notice_id if is_own else notice_row,
        least,
        sent_at := to_text(announcement.sent_at),
        sent_at,
    )
    return int(row["told"]) if row else least


async def withdraw(
    connection: Connection, announcement: Announcement, was_held: Mapping[int, Held | None]
) -> list[str | None]:
    """Take back a message on a revision that Discord does not have, as if nothing had changed by it.

    The hits on that revision and later ones that no message elsewhere tells need no line of their own; those of an item
    that `was_held` before, as `hits.earlier` says it, are held as they were. Where it continued nothing, announcements
    without hits that continue it, and that Discord does not have, go with it: their procedure is not announced there.
    Return of those the sources whose polls, under way, owe them.
    """
    guild_id, own = announcement.guild_id, announcement.id
    rows = await connection.all(
        f"""
        SELECT hit.id, hit.item_id FROM announcement_hit CROSS JOIN hit ON hit.id = announcement_hit.hit_id
        WHERE +announcement_hit.guild_id = ? AND announcement_hit.announcement_id = ? AND hit.notice_id = ?
            AND hit.revision >= ? AND hit.held IS NULL AND hit.digest = 'due' AND NOT {TOLD_ELSEWHERE}
        """,
        guild_id,
        own,
        announcement.notice_id,
        announcement.revision,
        announcement.channel_id,
    )
    for row in rows:
        await connection.run(
            "UPDATE hit SET held = ?, digest = 'none' WHERE guild_id = ? AND id = ?",
            was_held.get(row["item_id"]),
            guild_id,
            row["id"],
        )
    later = [] if announcement.follows is not None else await _continuing(connection, announcement)
    gone = json.dumps([own, *(row["id"] for row in later)])
    for table in ("announcement_hit", "announcement_companion"):
        await connection.run(
            f"DELETE FROM {table} WHERE +guild_id = ? AND announcement_id IN (SELECT value FROM json_each(?))",
            guild_id,
            gone,
        )
    await connection.run(
        "UPDATE announcement SET follows = ? WHERE guild_id = ? AND follows IN (SELECT value FROM json_each(?))",
        announcement.follows,
        guild_id,
        gone,
    )
    await connection.run(
        "DELETE FROM announcement WHERE guild_id = ? AND id IN (SELECT value FROM json_each(?))", guild_id, gone
    )
    return [row["polled"] for row in later]


async def _continuing(connection: Connection, announcement: Announcement) -> list[sqlite3.Row]:
    """Return the announcements not sent yet that continue one, one behind the other, and show no hit."""
    return await connection.all(
        """
        WITH RECURSIVE later (id) AS (
            SELECT ?2 UNION SELECT next.id FROM later JOIN announcement AS next ON next.follows = later.id
            WHERE next.guild_id = ?1 AND next.state = 'pending' AND NOT EXISTS (
                SELECT 1 FROM announcement_hit WHERE announcement_hit.announcement_id = next.id)
        )
        SELECT announcement.id, polled FROM later JOIN announcement USING (id) WHERE announcement.id <> ?2
        """,
        announcement.guild_id,
        announcement.id,
    )
