"""Hits as digests and storms tell them: which ones are still to be told, and those that a message refers to."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Final

from bot.models import Digest, DigestHit, Held, ItemKind, NoticeKind, Tier, message_url, parse_moment
from bot.storage._dismissed import DISMISSED_BY, PASSED_OVER, place_of
from bot.storage.database import Connection
from bot.storage.watching.routes import LEADS_TO

_COLUMNS: Final = f"""
    hit.id, hit.guild_id, hit.item_id, hit.revision, hit.tier, hit.rule, hit.matched, hit.held, hit.notice_id,
    coalesce(notice.same_as, notice.id) AS leader, hit.organisations, {PASSED_OVER} AS passed_over,
    watch_item.name, watch_item.kind AS item_kind, watch_item.ref, notice.source, notice.source_id,
    notice_revision.kind, notice_revision.title, notice_revision.buyer, notice_revision.url, notice_revision.published,
    notice_revision.suppliers <> '[]' AS names_suppliers,
    (SELECT taken_by FROM take
        WHERE +take.guild_id = hit.guild_id AND take.ended_at IS NULL
            AND coalesce(take.item_id, hit.item_id) = hit.item_id AND take.notice_id IN (
                SELECT series.id FROM notice AS series
                WHERE series.id = hit.notice_id OR series.procedure = notice.procedure)
        ORDER BY take.id LIMIT 1) AS taken_by,
    (SELECT coalesce(shows.thread_id, shows.channel_id) || '/' || shows.message_id
        FROM announcement_hit JOIN announcement AS shows ON shows.id = announcement_hit.announcement_id
        WHERE announcement_hit.guild_id = hit.guild_id AND announcement_hit.hit_id = hit.id
            AND shows.kind IN ('notice', 'storm') AND shows.message_id IS NOT NULL
        ORDER BY shows.id DESC LIMIT 1) AS message
"""
_FROM: Final = """
    FROM hit
    JOIN watch_item ON watch_item.guild_id = hit.guild_id AND watch_item.id = hit.item_id
    JOIN newsroom ON newsroom.guild_id = hit.guild_id
    JOIN notice ON notice.id = hit.notice_id
    JOIN notice_revision ON notice_revision.notice_id = hit.notice_id AND notice_revision.revision = (
        SELECT max(newest.revision) FROM hit AS newest
        WHERE newest.notice_id = hit.notice_id AND newest.item_id = hit.item_id)
"""
_OWN: Final = LEADS_TO.format(channel="?2")
"""Whether a channel is one of those where a hit is announced; an item that moved takes what was not told along."""

_TOLD_HERE: Final = """
    EXISTS (
        SELECT 1 FROM announcement_hit JOIN announcement AS tells ON tells.id = announcement_hit.announcement_id
        WHERE announcement_hit.guild_id = ?1 AND announcement_hit.hit_id = hit.id AND tells.kind = 'digest'
            AND tells.channel_id = ?2
    )
"""
"""Whether a digest of a channel told a hit: that of a dossier did perhaps, before the hit's item moved there."""

_TO_BE_TOLD_ELSEWHERE: Final = f"""
    watch_item.channel_id IS NULL AND EXISTS (SELECT 1 FROM dossier_item WHERE dossier_item.item_id = watch_item.id)
    AND EXISTS (
        SELECT 1 FROM digest AS other WHERE other.guild_id = ?1 AND other.channel_id <> ?2
            AND other.dossier_id IS NULL AND other.removed_at IS NULL AND {LEADS_TO.format(channel="other.channel_id")}
            AND (hit.held IS NOT NULL OR hit.id > other.first_hit)
            AND NOT EXISTS (
                SELECT 1 FROM announcement_hit JOIN announcement AS tells ON tells.id = announcement_hit.announcement_id
                WHERE announcement_hit.guild_id = ?1 AND announcement_hit.hit_id = hit.id AND tells.kind = 'digest'
                    AND tells.channel_id = other.channel_id)
    )
"""
"""Whether a hit is announced in a further channel too, whose digest has still to tell it: one of dossiers only is."""

_OF_CHANNEL: Final = f"""
    hit.digest = 'due' AND {_OWN} AND (hit.held IS NOT NULL OR hit.id > ?3) AND hit.id <= ?4
    AND NOT {_TOLD_HERE} AND {DISMISSED_BY} IS NULL
"""
_OF_DOSSIER: Final = f"""
    hit.digest <> 'none' AND hit.id IN (
        SELECT id FROM hit WHERE guild_id = ?1 AND id > ?3 AND id <= ?4
        UNION SELECT id FROM hit WHERE guild_id = ?1 AND digest = 'due' AND held IS NOT NULL AND id <= ?4
    )
    AND (hit.id > ?3 OR {_OWN})
    AND +hit.item_id IN (SELECT item_id FROM dossier_item WHERE guild_id = ?1 AND dossier_id = ?5)
    AND NOT {_TOLD_HERE} AND {DISMISSED_BY} IS NULL
"""
"""The sign before a column keeps SQLite to what is new: the items of a dossier have had many hits."""

_NEWEST: Final = 2**62


async def untold(connection: Connection, digest: Digest, upto: int) -> list[DigestHit]:
    """Return the hits that a digest has still to tell, of ids up to `upto`: by item, strongest first.

    Of a channel those that are announced there, each told once whichever digest of it comes first: all that were held
    for it, and what was announced since it was first scheduled. Of a dossier the hits of its items since the last one,
    wherever they are announced, and all that was held for this channel, but none that a digest of it told already.
    """
    condition, values = _asked(digest, upto)
    rows = await connection.all(f"SELECT {_COLUMNS} {_FROM} WHERE hit.guild_id = ?1 AND {condition}", *values)
    return await asyncio.to_thread(lambda: _by_item(_lines(rows)))  # after a storm they are thousands


async def waiting(connection: Connection, digest: Digest) -> int:
    """Return how many hits a digest has still to tell."""
    condition, values = _asked(digest, _NEWEST)
    row = await connection.one(
        f"""
        SELECT count(*) FROM (
            SELECT 1 {_FROM} WHERE hit.guild_id = ?1 AND {condition}
            GROUP BY coalesce(notice.same_as, notice.id), hit.item_id)
        """,
        *values,
    )
    return int(row[0]) if row else 0


async def told(connection: Connection, guild_id: int, lines: Sequence[Sequence[int]]) -> list[DigestHit]:
    """Return the hits that a digest's message tells, in the order of its lines of our ids."""
    rows = await connection.all(
        f"SELECT {_COLUMNS} {_FROM} WHERE hit.guild_id = ? AND hit.id IN (SELECT value FROM json_each(?))",
        guild_id,
        json.dumps([row for line in lines for row in line]),
    )
    found = {hit.rows: hit for hit in _lines(rows)}
    return [found[tuple(line)] for line in lines]


async def strongest(connection: Connection, guild_id: int, announcement_id: int, most: int) -> list[DigestHit]:
    """Return the strongest hits that a storm's message stands for, none that was dismissed."""
    rows = await connection.all(
        f"""
        SELECT {_COLUMNS} {_FROM} JOIN announcement_hit AS shows
            ON shows.guild_id = hit.guild_id AND shows.hit_id = hit.id
        WHERE +shows.guild_id = ? AND shows.announcement_id = ? AND {DISMISSED_BY} IS NULL
        """,
        guild_id,
        announcement_id,
    )
    return await asyncio.to_thread(
        lambda: sorted(_lines(rows), key=lambda hit: (hit.tier.rank, -hit.rows[-1]))[:most]  # they may be thousands
    )


async def count(connection: Connection, guild_id: int, announcement_id: int) -> int:
    """Return how many hits a storm's message stands for, without those that were dismissed."""
    row = await connection.one(
        f"""
        SELECT count(*) FROM announcement_hit CROSS JOIN hit ON hit.id = announcement_hit.hit_id
        WHERE +announcement_hit.guild_id = ? AND announcement_id = ? AND {DISMISSED_BY} IS NULL
        """,
        guild_id,
        announcement_id,
    )
    return int(row[0]) if row else 0


async def refer(connection: Connection, guild_id: int, announcement_id: int, hits: Iterable[DigestHit]) -> None:
    """Note which hits a digest's message tells."""
    await connection.run(
        "INSERT INTO announcement_hit (guild_id, announcement_id, hit_id) SELECT ?, ?, value FROM json_each(?)",
        guild_id,
        announcement_id,
        json.dumps([row for hit in hits for row in hit.rows]),
    )


async def mark_told(connection: Connection, digest: Digest, hits: Iterable[DigestHit]) -> bool:
    """Note that the digest of their own channel tells these hits; call it before `refer`.

    One that is announced in several channels is told once the digest of each that has one told it. Return False where
    one was told in the digest's channel or dismissed meanwhile, or one of a channel's digest is no longer announced
    there: the transaction must then not go on.
    """
    rows = [row for hit in hits for row in hit.rows]
    # CROSS keeps SQLite to the hits that are listed: a newsroom has had many.
    is_told = await connection.one(
        f"""
        SELECT 1 FROM json_each(?3) AS listed CROSS JOIN hit ON hit.id = listed.value
        WHERE hit.guild_id = ?1 AND ({_TOLD_HERE} OR {DISMISSED_BY} IS NOT NULL) LIMIT 1
        """,
        digest.guild_id,
        digest.channel_id,
        json.dumps(rows),
    )
    if is_told is not None:
        return False
    own = await connection.all(
        f"""
        SELECT hit.id, {_TO_BE_TOLD_ELSEWHERE} AS is_owed_elsewhere
        FROM json_each(?3) AS listed CROSS JOIN hit ON hit.id = listed.value
        CROSS JOIN watch_item ON watch_item.guild_id = hit.guild_id AND watch_item.id = hit.item_id
        CROSS JOIN newsroom ON newsroom.guild_id = hit.guild_id
        WHERE hit.guild_id = ?1 AND hit.digest = 'due' AND {_OWN}
        """,
        digest.guild_id,
        digest.channel_id,
        json.dumps(rows),
    )
    await connection.run(
        "UPDATE hit SET digest = 'told' WHERE guild_id = ? AND id IN (SELECT value FROM json_each(?))",
        digest.guild_id,
        json.dumps([row["id"] for row in own if not row["is_owed_elsewhere"]]),
    )
    return digest.dossier_id is not None or len(own) == len(rows)


def _asked(digest: Digest, upto: int) -> tuple[str, list[object]]:
    values: list[object] = [digest.guild_id, digest.channel_id]
    if digest.dossier_id is None:
        return _OF_CHANNEL, [*values, digest.first_hit, upto]
    return _OF_DOSSIER, [*values, digest.seen.hit, upto, digest.dossier_id]


def _lines(rows: Iterable[sqlite3.Row]) -> list[DigestHit]:
    """Make one line of all hits of an item on a notice and on its twins."""

    def what(row: sqlite3.Row) -> tuple[int, int]:
        return row["item_id"], row["leader"]

    ordered = sorted(rows, key=lambda row: (*what(row), row["notice_id"], row["revision"]))
    return [_line(list(same)) for _, same in groupby(ordered, what)]


def _line(same: list[sqlite3.Row]) -> DigestHit:
    """Make a line of the notice that was announced, else of the one that was stored first; `same` tells the twins."""
    notices = [list(rows) for _, rows in groupby(same, lambda row: row["notice_id"])]
    announced = (rows for rows in notices if any(one["held"] is None for one in rows))
    rows = next(announced, notices[0])
    row = rows[-1]
    place = place_of(row)
    message = next((one["message"] for one in [*reversed(rows), *reversed(same)] if one["message"]), None)
    is_announced = any(one["held"] is None for one in rows)
    return DigestHit(
        rows=tuple(one["id"] for one in same),
        item_id=row["item_id"],
        item=row["name"],
        item_kind=ItemKind(row["item_kind"]),
        item_ref=row["ref"],
        notice_id=row["notice_id"],
        source=row["source"],
        source_id=row["source_id"],
        kind=NoticeKind(row["kind"]) if row["kind"] else None,
        title=row["title"],
        buyer=row["buyer"],
        url=row["url"],
        published=parse_moment(row["published"]) if row["published"] else None,
        tier=Tier(place["tier"]),
        rule=place["rule"],
        matched=place["matched"],
        held=None if is_announced else Held(row["held"]),
        is_change=rows[0]["revision"] > 1,
        message_url=message_url(row["guild_id"], *message.split("/")) if message else None,
        taken_by=row["taken_by"],
        names_suppliers=bool(row["names_suppliers"]),
    )


def _by_item(hits: Iterable[DigestHit]) -> list[DigestHit]:
    """Sort hits by item, the item with the strongest hit first, each item's strongest and newest first."""
    best: dict[int, int] = {}
    for hit in (hits := list(hits)):
        best[hit.item_id] = min(hit.tier.rank, best.get(hit.item_id, hit.tier.rank))
    return sorted(hits, key=lambda hit: (best[hit.item_id], hit.item_id, hit.tier.rank, -hit.rows[-1]))
