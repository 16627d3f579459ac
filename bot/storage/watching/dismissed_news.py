"""What a dismissal makes of the outbox: what is taken back, and which cards are made anew."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final

from bot.models import Dismissal
from bot.storage._dismissed import DISMISSED_BY, IN_ORGANISATION, IN_SERIES
from bot.storage.database import Connection
from bot.storage.outbox import announcements
from bot.storage.watching.follows import FOLLOWED

MOST_EDITS: Final = 50
"""Messages that come to show a dismissal or its undoing: those of its notice, and the newest of the others."""

# The first term of the condition is that of the index of what is open.
_OPEN: Final = "announcement INDEXED BY announcement_due"
_PENDING: Final = "announcement.state IN ('pending', 'sending') AND announcement.state = 'pending'"
_IS_LATEST: Final = """
    hit.revision = (SELECT max(latest.revision)
        FROM announcement_hit AS linked JOIN hit AS latest ON latest.id = linked.hit_id
        WHERE linked.announcement_id = announcement_hit.announcement_id AND latest.item_id = hit.item_id
            AND latest.notice_id = hit.notice_id)
"""
"""Whether a hit is the latest that its announcement shows of its item on its notice."""

_LISTED: Final = "(SELECT value FROM json_each(?))"


async def take_back(connection: Connection, dismissal: Dismissal) -> int:
    """Take back what Discord certainly does not have and that nothing but dismissed hits is left of; return how many.

    Hits that were to be announced are held from then on, for the digest once the dismissal is undone.
    """
    guild_id = dismissal.guild_id
    rows = await connection.all(
        f"""
        SELECT announcement.id FROM {_OPEN}
        WHERE announcement.guild_id = ? AND {_PENDING} AND announcement.kind IN ('notice', 'storm')
            AND EXISTS (
                SELECT 1 FROM announcement_hit JOIN hit ON hit.id = announcement_hit.hit_id
                WHERE announcement_hit.announcement_id = announcement.id AND hit.item_id = ?)
            AND NOT EXISTS (
                SELECT 1 FROM announcement_hit JOIN hit ON hit.id = announcement_hit.hit_id
                WHERE announcement_hit.announcement_id = announcement.id AND {_IS_LATEST} AND {DISMISSED_BY} IS NULL)
            AND NOT {FOLLOWED}
        """,
        guild_id,
        dismissal.item_id,
    )
    taken_back = [row["id"] for row in rows]
    await _forget(connection, guild_id, taken_back)
    unfollowed = await _unfollowed(connection, guild_id)
    await _forget(connection, guild_id, unfollowed)
    await _reduce_digests(connection, dismissal)
    return len(taken_back) + len(unfollowed)


async def show_anew(connection: Connection, dismissal: Dismissal, now: datetime) -> None:
    """Make the cards that show hits of a dismissal show how those stand now."""
    rows = await connection.all(
        f"""
        SELECT announcement.id, announcement.notice_id = dismissal.notice_id AS is_of_notice
        FROM dismissal CROSS JOIN hit ON hit.guild_id = dismissal.guild_id AND hit.item_id = dismissal.item_id
        CROSS JOIN announcement_hit ON announcement_hit.hit_id = hit.id
        CROSS JOIN announcement ON announcement.id = announcement_hit.announcement_id
        WHERE dismissal.guild_id = ? AND dismissal.id = ? AND ({IN_SERIES} OR {IN_ORGANISATION})
            AND (announcement.kind = 'notice' OR (announcement.kind = 'storm' AND announcement.state = 'pending'))
        GROUP BY announcement.id ORDER BY is_of_notice DESC, announcement.id DESC LIMIT ?
        """,
        dismissal.guild_id,
        dismissal.id,
        MOST_EDITS,
    )
    await announcements.remake(connection, dismissal.guild_id, [row["id"] for row in rows], now)


async def returned(connection: Connection, dismissal: Dismissal) -> int:
    """Return how many notices a dismissal, or another one with it, held back that are not held back any longer."""
    row = await connection.one(
        f"""
        SELECT count(DISTINCT hit.notice_id)
        FROM dismissal CROSS JOIN hit ON hit.guild_id = dismissal.guild_id AND hit.item_id = dismissal.item_id
        WHERE dismissal.guild_id = ? AND dismissal.id = ? AND hit.held = 'dismissed' AND {DISMISSED_BY} IS NULL
            AND ({IN_SERIES} OR {IN_ORGANISATION})
        """,
        dismissal.guild_id,
        dismissal.id,
    )
    return int(row[0]) if row else 0


async def _forget(connection: Connection, guild_id: int, announcement_ids: Iterable[int]) -> None:
    """Forget announcements that Discord does not have; hits that nothing else announces are held."""
    listed = json.dumps(list(announcement_ids))
    await connection.run(
        f"""
        UPDATE hit SET held = 'dismissed' WHERE guild_id = ? AND held IS NULL AND id IN (
            SELECT hit_id FROM announcement_hit WHERE announcement_id IN {_LISTED}
        ) AND NOT EXISTS (
            SELECT 1 FROM announcement_hit JOIN announcement ON announcement.id = announcement_hit.announcement_id
            WHERE announcement_hit.hit_id = hit.id AND announcement.kind = 'notice'
                AND announcement.id NOT IN {_LISTED})
        """,
        guild_id,
        listed,
        listed,
    )
    for change in (
        f"DELETE FROM announcement_hit WHERE +guild_id = ? AND announcement_id IN {_LISTED}",
        f"DELETE FROM announcement_companion WHERE guild_id = ? AND announcement_id IN {_LISTED}",
        f"UPDATE announcement SET follows = NULL WHERE guild_id = ? AND follows IN {_LISTED}",
        f"DELETE FROM announcement WHERE guild_id = ? AND id IN {_LISTED}",
    ):
        await connection.run(change, guild_id, listed)


async def _unfollowed(connection: Connection, guild_id: int) -> list[int]:
    """Return what is owed for a procedure alone that nothing but dismissed hits brought to its channel.

    What somebody follows there by hand is not among it.
    """
    rows = await connection.all(
        f"""
        SELECT announcement.id FROM {_OPEN} JOIN notice ON notice.id = announcement.notice_id
        WHERE announcement.guild_id = ? AND {_PENDING} AND announcement.kind = 'notice'
            AND NOT EXISTS (SELECT 1 FROM announcement_hit WHERE announcement_hit.announcement_id = announcement.id)
            AND NOT EXISTS (
                SELECT 1 FROM notice AS said CROSS JOIN announcement AS earlier ON earlier.notice_id = said.id
                    AND earlier.guild_id = announcement.guild_id AND earlier.channel_id = announcement.channel_id
                CROSS JOIN announcement_hit ON announcement_hit.announcement_id = earlier.id
                CROSS JOIN hit ON hit.id = announcement_hit.hit_id
                WHERE (said.id = notice.id OR said.procedure = notice.procedure) AND {DISMISSED_BY} IS NULL)
            AND NOT {FOLLOWED}
        """,
        guild_id,
    )
    return [row["id"] for row in rows]


async def _reduce_digests(connection: Connection, dismissal: Dismissal) -> None:
    """Take dismissed hits and the deadlines that rest on them out of the digests that Discord certainly does not have.

    The digest of a hit's own channel will tell it once the dismissal is undone.
    """
    guild_id = dismissal.guild_id
    rows = await connection.all(
        f"""
        SELECT announcement.id, subject, details FROM {_OPEN}
        WHERE announcement.guild_id = ? AND {_PENDING} AND announcement.kind = 'digest'
        """,
        guild_id,
    )
    gone: Counter[str] = Counter()
    reduced: dict[int, tuple[str, dict[str, Any]]] = {}
    for row in rows:
        details = json.loads(row["details"])
        hits = await _dismissed(connection, guild_id, row["id"])
        lines = [line for line in details["hits"] if not set(line) & hits]
        deadlines = await _deadlines(connection, dismissal, details["deadlines"])
        left_out = len(details["hits"]) - len(lines)
        if not left_out and deadlines == details["deadlines"]:
            continue
        untold = {one for line in details["hits"] if set(line) & hits for one in line}
        await _untell(connection, guild_id, row["id"], untold)
        stem = row["subject"].rpartition(":")[0]
        gone[f"{stem} hits"] += left_out
        gone[f"{stem} deadlines"] += len(details["deadlines"]) - len(deadlines)
        reduced[row["id"]] = stem, {**details, "hits": lines, "deadlines": deadlines}
    for row in rows:
        stem, details = reduced.get(row["id"], (row["subject"].rpartition(":")[0], json.loads(row["details"])))
        counts = details["counts"]
        if counts is not None:
            details["counts"] = {
                **counts,
                **{name: counts[name] - gone[f"{stem} {name}"] for name in ("hits", "deadlines")},
            }
        if row["id"] in reduced or counts != details["counts"]:
            await announcements.restate(connection, row["id"], details)
            await announcements.remake(connection, guild_id, [row["id"]], dismissal.made_at)


async def _dismissed(connection: Connection, guild_id: int, announcement_id: int) -> set[int]:
    """Return the hits that a digest's message refers to and that are dismissed now."""
    rows = await connection.all(
        f"""
        SELECT hit.id FROM announcement_hit CROSS JOIN hit ON hit.id = announcement_hit.hit_id
        WHERE +hit.guild_id = ? AND announcement_hit.announcement_id = ? AND {DISMISSED_BY} IS NOT NULL
        """,
        guild_id,
        announcement_id,
    )
    return {row["id"] for row in rows}


async def _deadlines(
    connection: Connection, dismissal: Dismissal, told: list[tuple[int, list[int]]]
) -> list[list[object]]:
    """Return the deadlines of a digest's message without those that only dismissed hits of the item brought there."""
    rows = await connection.all(
        f"""
        SELECT near.id FROM notice AS near WHERE near.id IN (SELECT value FROM json_each(?2)) AND NOT EXISTS (
            SELECT 1 FROM notice AS said CROSS JOIN hit ON hit.notice_id = said.id AND hit.item_id = ?3
            WHERE hit.guild_id = ?1 AND (said.id = near.id OR said.procedure = near.procedure) AND hit.tier <> 'weak'
                AND {DISMISSED_BY} IS NULL)
        """,
        dismissal.guild_id,
        json.dumps([notice for notice, _ in told]),
        dismissal.item_id,
    )
    gone = {row["id"] for row in rows}
    left = [
        [notice, [item for item in items if not (notice in gone and item == dismissal.item_id)]]
        for notice, items in told
    ]
    return [entry for entry in left if entry[1]]


async def _untell(connection: Connection, guild_id: int, announcement_id: int, hits: Iterable[int]) -> None:
    """Note that a digest's message does not tell these hits: that of their own channel still owes them a line."""
    listed = json.dumps(list(hits))
    await connection.run(
        f"DELETE FROM announcement_hit WHERE +guild_id = ? AND announcement_id = ? AND hit_id IN {_LISTED}",
        guild_id,
        announcement_id,
        listed,
    )
    await connection.run(
        f"UPDATE hit SET digest = 'due' WHERE guild_id = ? AND digest = 'told' AND id IN {_LISTED}", guild_id, listed
    )
