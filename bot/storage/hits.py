"""Hits: which notice revision matched which watch item, and what became of it."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import datetime

from bot.models import Held, Hit, ItemKind, Tier
from bot.storage._values import to_moment, to_text
from bot.storage.database import Connection

_COLUMNS = """
    hit.id, hit.item_id, hit.tier, hit.term, hit.rule, hit.field, hit.start, hit."end", hit.matched, hit.snippet,
    hit.count, hit.held, hit.found_at, notice.source_id, watch_item.ref, watch_item.kind, watch_item.name
"""
_FROM = """
    FROM hit
    JOIN notice ON notice.id = hit.notice_id
    JOIN watch_item ON watch_item.guild_id = hit.guild_id AND watch_item.id = hit.item_id
"""


@dataclass(frozen=True, slots=True)
class StoredHit:
    """Hold a stored hit with the name of its item and why it was held, if it was."""

    row: int
    item_name: str
    held: Held | None
    found_at: datetime
    hit: Hit


@dataclass(frozen=True, slots=True)
class ItemRecord:
    """Count what a watch item has brought: announced at once, held, and when last."""

    announced: int
    held: int
    last_at: datetime | None


async def add(
    connection: Connection,
    guild_id: int,
    hit: Hit,
    *,
    notice_row: int,
    revision: int,
    held: Held | None,
    now: datetime,
) -> int:
    """Store a hit and return our id of it."""
    rows = await connection.all(
        """
        INSERT INTO hit (guild_id, item_id, notice_id, revision, tier, term, rule, field, start, "end", matched,
            snippet, count, held, found_at)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id
        """,
        guild_id,
        hit.item,
        notice_row,
        revision,
        hit.tier,
        hit.term,
        hit.rule,
        hit.field,
        hit.start,
        hit.end,
        hit.matched,
        hit.snippet,
        hit.count,
        held,
        to_text(now),
    )
    return int(rows[0]["id"])


async def earlier(connection: Connection, guild_id: int, notice_row: int) -> dict[int, Held | None]:
    """Return the newsroom's items that hit a notice, with why the last hit of each was held; None once announced."""
    rows = await connection.all(
        """
        SELECT item_id, held, max(held IS NULL) OVER (PARTITION BY item_id) AS is_announced
        FROM hit WHERE guild_id = ? AND notice_id = ? ORDER BY revision
        """,
        guild_id,
        notice_row,
    )
    return {row["item_id"]: None if row["is_announced"] else Held(row["held"]) for row in rows}


async def of_announcement(
    connection: Connection, guild_id: int, announcement_id: int, revision: int
) -> list[StoredHit]:
    """Return the hits that an announcement shows at a revision: the latest of each item, best tier first."""
    rows = await connection.all(
        f"""
        SELECT {_COLUMNS}, max(hit.revision) {_FROM}
        JOIN announcement_hit ON announcement_hit.hit_id = hit.id
        WHERE announcement_hit.guild_id = ? AND announcement_hit.announcement_id = ? AND hit.revision <= ?
        GROUP BY hit.item_id
        """,
        guild_id,
        announcement_id,
        revision,
    )
    return sorted(map(_hit, rows), key=lambda stored: (stored.hit.tier.rank, stored.item_name, stored.row))


async def of_item(connection: Connection, guild_id: int, item_id: int, limit: int) -> list[StoredHit]:
    """Return an item's newest hits."""
    rows = await connection.all(
        f"SELECT {_COLUMNS} {_FROM} WHERE hit.guild_id = ? AND hit.item_id = ? ORDER BY hit.id DESC LIMIT ?",
        guild_id,
        item_id,
        limit,
    )
    return [_hit(row) for row in rows]


async def record(connection: Connection, guild_id: int, item_id: int) -> ItemRecord:
    """Return how many hits an item had."""
    row = await connection.one(
        """
        SELECT count(*) FILTER (WHERE held IS NULL) AS announced, count(held) AS held, max(found_at) AS last_at
        FROM hit WHERE guild_id = ? AND item_id = ?
        """,
        guild_id,
        item_id,
    )
    if row is None:
        return ItemRecord(0, 0, None)
    return ItemRecord(row["announced"], row["held"], to_moment(row["last_at"]))


def _hit(row: sqlite3.Row) -> StoredHit:
    hit = Hit(
        notice=row["source_id"],
        item=row["item_id"],
        ref=row["ref"],
        kind=ItemKind(row["kind"]),
        tier=Tier(row["tier"]),
        term=row["term"],
        rule=row["rule"],
        field=row["field"],
        start=row["start"],
        end=row["end"],
        matched=row["matched"],
        snippet=row["snippet"],
        count=row["count"],
    )
    held = Held(row["held"]) if row["held"] else None
    return StoredHit(row["id"], row["name"], held, to_moment(row["found_at"]), hit)
