"""What a digest tells besides hits: deadlines, facts, tips, how much was read; and what its messages refer to."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from bot.models import (
    Digest,
    DigestDeadline,
    DigestFact,
    DigestTip,
    FactChange,
    FactChangeKind,
    FactStatus,
    TipStatus,
    message_url,
    parse_moment,
)
from bot.storage._dismissed import DISMISSED_BY
from bot.storage._values import to_moment, to_text
from bot.storage.archive.deadlines import IS_NEWEST, IS_OPEN
from bot.storage.database import Connection
from bot.storage.watching.routes import LEADS_TO

AHEAD: Final = timedelta(days=7)
"""How near a deadline is that a digest names."""

_DAY: Final = timedelta(days=1)
_TOLD: Final = "('logged', 'corrected', 'verified', 'disputed', 'retracted', 'released')"

_GATHERED: Final = """
    (?3 IS NULL OR EXISTS (SELECT 1 FROM dossier_{thing} AS inside
        WHERE +inside.guild_id = ?1 AND inside.dossier_id = ?3 AND inside.{thing}_id = {thing}.id))
    AND (NOT EXISTS (SELECT 1 FROM dossier_{thing} AS inside JOIN dossier ON dossier.id = inside.dossier_id
            WHERE +inside.guild_id = ?1 AND inside.{thing}_id = {thing}.id AND dossier.channel_id IS NOT NULL
                AND dossier.id IS NOT ?3)
        OR EXISTS (SELECT 1 FROM dossier_{thing} AS inside JOIN dossier ON dossier.id = inside.dossier_id
            WHERE +inside.guild_id = ?1 AND inside.{thing}_id = {thing}.id AND dossier.channel_id = ?2
                AND dossier.closed_at IS NULL))
"""
"""Whether a digest of a channel or a dossier tells of a thing: what a dossier keeps to its own channel stays there.

The sign before a column keeps SQLite to the thing's own links: a newsroom has had many.
"""

_MESSAGE: Final = """
    (SELECT coalesce(shows.thread_id, shows.channel_id) || '/' || shows.message_id FROM announcement AS shows
        WHERE shows.guild_id = {thing}.guild_id AND shows.{thing}_id = {thing}.id AND shows.kind = '{thing}'
            AND shows.message_id IS NOT NULL
        ORDER BY shows.id LIMIT 1) AS message
"""
_CHANGE: Final = """
    fact_change.number, fact_change.kind, fact_change.text, fact_change.made_by, fact_change.made_at
"""
_FACT: Final = f"""
    fact.id, fact.guild_id, fact.status, fact.embargo_until IS NOT NULL AS is_hidden, fact_revision.claim,
    {_MESSAGE.format(thing="fact")}
"""
_FACT_FROM: Final = """
    CROSS JOIN fact ON fact.guild_id = fact_change.guild_id AND fact.id = fact_change.fact_id
    CROSS JOIN fact_revision ON fact_revision.fact_id = fact.id AND fact_revision.revision = fact.revision
"""
_TIP: Final = f"""
    tip.id, tip.guild_id, tip.status, tip.logged_at, tip.is_sensitive OR tip.embargo_until IS NOT NULL AS is_hidden,
    tip_revision.text, {_MESSAGE.format(thing="tip")}
    FROM tip JOIN tip_revision ON tip_revision.tip_id = tip.id AND tip_revision.revision = tip.revision
"""
_UNOWNED: Final = f"""
    tip.guild_id = ?1 AND tip.owner IS NULL AND NOT tip.is_sensitive AND tip.embargo_until IS NULL
    AND tip.erased_at IS NULL AND tip.status IN ('new', 'checking')
    AND ({_GATHERED.format(thing="tip")})
"""
_DEADLINE: Final = """
    notice.id, notice.source, notice.source_id, notice_revision.title, notice_revision.buyer, notice_revision.url,
    notice_revision.deadline
    FROM notice_revision
    JOIN notice ON notice.id = notice_revision.notice_id AND notice.revision = notice_revision.revision
"""


async def deadlines(connection: Connection, digest: Digest, now: datetime) -> list[DigestDeadline]:
    """Return the notices whose deadline is in the coming 7 days, give or take a day: the newsroom's zone tells.

    They are those with a hit that is more than weak and was not dismissed, themselves or by their procedure, of an item
    of the digest that is neither removed nor muted; of a procedure the newest deadline, none once it was awarded or
    cancelled.
    """
    rows = await connection.all(
        f"""
        WITH near AS (
            SELECT notice.procedure, {_DEADLINE}
            WHERE notice_revision.deadline >= ?5 AND notice_revision.deadline < ?6
                AND {IS_NEWEST} AND {IS_OPEN}
        ), concerned AS (
            SELECT id, id AS hit_notice FROM near
            UNION SELECT near.id, other.id FROM near JOIN notice AS other ON other.procedure = near.procedure
        )
        SELECT near.*, watch_item.id AS item_id, watch_item.name AS item
        FROM concerned CROSS JOIN near ON near.id = concerned.id
        CROSS JOIN hit ON +hit.guild_id = ?1 AND hit.notice_id = concerned.hit_notice AND hit.tier <> 'weak'
            AND {DISMISSED_BY} IS NULL
        JOIN watch_item ON watch_item.guild_id = hit.guild_id AND watch_item.id = hit.item_id
        JOIN newsroom ON newsroom.guild_id = hit.guild_id
        WHERE watch_item.removed_at IS NULL AND (watch_item.muted_until IS NULL OR watch_item.muted_until <= ?4)
            AND CASE WHEN ?3 IS NULL
                THEN {LEADS_TO.format(channel="?2")}
                ELSE watch_item.id IN (SELECT item_id FROM dossier_item WHERE guild_id = ?1 AND dossier_id = ?3) END
        GROUP BY near.id, watch_item.id ORDER BY near.id, watch_item.name, watch_item.id
        """,
        digest.guild_id,
        digest.channel_id,
        digest.dossier_id,
        to_text(now),
        (now - _DAY).date().isoformat(),
        (now + AHEAD + 2 * _DAY).date().isoformat(),
    )
    items: dict[int, dict[int, str]] = {}
    for row in rows:
        items.setdefault(row["id"], {})[row["item_id"]] = row["item"]
    found = {row["id"]: row for row in rows}
    return [_deadline(row, items[notice_id]) for notice_id, row in found.items()]


async def deadlines_told(
    connection: Connection, guild_id: int, wanted: Sequence[tuple[int, Sequence[int]]]
) -> list[DigestDeadline]:
    """Return the notices that a digest's message names for their deadline, as they now stand, in its order.

    `wanted` are our ids of the notices, each with those of the items that it hit.
    """
    rows = await connection.all(
        f"SELECT {_DEADLINE} WHERE notice.id IN (SELECT value FROM json_each(?))",
        json.dumps([one for one, _ in wanted]),
    )
    named = await connection.all(
        "SELECT id, name FROM watch_item WHERE guild_id = ? AND id IN (SELECT value FROM json_each(?))",
        guild_id,
        json.dumps([item for _, items in wanted for item in items]),
    )
    found = {row["id"]: row for row in rows}
    names = {row["id"]: row["name"] for row in named}
    return [
        _deadline(found[notice_id], {item: names[item] for item in items})
        for notice_id, items in wanted
        if found[notice_id]["deadline"]
    ]


async def facts(connection: Connection, digest: Digest, upto: int) -> list[DigestFact]:
    """Return the facts that were logged, corrected, verified, disputed or retracted since the last digest, by number.

    A change that a digest of this channel told is not told there again. What is under embargo is not told; that it is
    no longer so is.
    """
    rows = await connection.all(
        f"""
        SELECT {_FACT}, {_CHANGE} FROM fact_change {_FACT_FROM}
        WHERE fact_change.guild_id = ?1 AND fact_change.id > ?4 AND fact_change.id <= ?5
            AND fact_change.kind IN {_TOLD} AND fact.embargo_until IS NULL AND NOT EXISTS (
                SELECT 1 FROM digest_fact AS told JOIN announcement ON announcement.id = told.announcement_id
                WHERE told.guild_id = ?1 AND told.fact_id = fact_change.fact_id AND told.upto >= fact_change.number
                    AND told.after < fact_change.number
                    AND announcement.channel_id = ?2)
            AND ({_GATHERED.format(thing="fact")})
        ORDER BY fact.id, fact_change.number
        """,
        digest.guild_id,
        digest.channel_id,
        digest.dossier_id,
        digest.seen.fact_change,
        upto,
    )
    return _facts(rows)


async def facts_told(connection: Connection, guild_id: int, announcement_id: int) -> list[DigestFact]:
    """Return the facts that a digest's message tells, as they now stand, with what it tells of each.

    One that was under embargo since is told without words.
    """
    rows = await connection.all(
        f"""
        SELECT {_FACT.replace("AS is_hidden", "OR digest_fact.is_hidden AS is_hidden")}, {_CHANGE} FROM digest_fact
        CROSS JOIN fact_change ON +fact_change.guild_id = digest_fact.guild_id
            AND fact_change.fact_id = digest_fact.fact_id
            AND fact_change.number > digest_fact.after AND fact_change.number <= digest_fact.upto
        {_FACT_FROM}
        WHERE +digest_fact.guild_id = ? AND digest_fact.announcement_id = ? AND fact_change.kind IN {_TOLD}
        ORDER BY fact.id, fact_change.number
        """,
        guild_id,
        announcement_id,
    )
    return _facts(rows)


async def tips(connection: Connection, digest: Digest, most: int) -> tuple[list[DigestTip], int]:
    """Return the newest tips that nobody owns, none of them hidden, and how many more there are."""
    values = (digest.guild_id, digest.channel_id, digest.dossier_id)
    rows = await connection.all(f"SELECT {_TIP} WHERE {_UNOWNED} ORDER BY tip.id DESC LIMIT ?4", *values, most)
    total = await connection.one(f"SELECT count(*) FROM tip WHERE {_UNOWNED}", *values)
    return [_tip(row) for row in rows], (int(total[0]) if total else 0) - len(rows)


async def tips_told(connection: Connection, guild_id: int, announcement_id: int) -> list[DigestTip]:
    """Return the tips that a digest's message names, as they now stand: without words where hidden or erased."""
    told = _TIP.replace("AS is_hidden", "OR digest_tip.is_hidden AS is_hidden").replace("FROM tip", "FROM tip LEFT")
    rows = await connection.all(
        f"""
        SELECT {told}
        JOIN digest_tip ON digest_tip.guild_id = tip.guild_id AND digest_tip.tip_id = tip.id
        WHERE digest_tip.guild_id = ? AND digest_tip.announcement_id = ? ORDER BY tip.id DESC
        """,
        guild_id,
        announcement_id,
    )
    return [_tip(row) for row in rows]


async def refer(
    connection: Connection, guild_id: int, announcement_id: int, facts: Iterable[DigestFact], tips: Iterable[DigestTip]
) -> None:
    """Note which facts and tips a digest's message tells of; what was to be hidden meanwhile stays hidden."""
    for fact in facts:
        await connection.run(
            """
            INSERT INTO digest_fact (guild_id, announcement_id, fact_id, after, upto, is_hidden)
            SELECT guild_id, ?, id, ?, ?, embargo_until IS NOT NULL FROM fact WHERE guild_id = ? AND id = ?
            """,
            announcement_id,
            fact.after,
            fact.upto,
            guild_id,
            fact.fact_id,
        )
    for tip in tips:
        await connection.run(
            """
            INSERT INTO digest_tip (guild_id, announcement_id, tip_id, revision, is_hidden)
            SELECT guild_id, ?, id, revision, is_sensitive OR embargo_until IS NOT NULL
            FROM tip WHERE guild_id = ? AND id = ?
            """,
            announcement_id,
            guild_id,
            tip.tip_id,
        )


async def notices_read(connection: Connection, after: int, upto: int) -> Mapping[str, int]:
    """Return how many notices never seen before each source brought, of our ids above `after` up to `upto`."""
    rows = await connection.all(
        "SELECT source, count(*) AS number FROM notice WHERE id > ? AND id <= ? GROUP BY source", after, upto
    )
    return {row["source"]: row["number"] for row in rows}


def _deadline(row: sqlite3.Row, items: Mapping[int, str]) -> DigestDeadline:
    return DigestDeadline(
        notice_id=row["id"],
        source=row["source"],
        source_id=row["source_id"],
        title=row["title"],
        buyer=row["buyer"],
        url=row["url"],
        deadline=parse_moment(row["deadline"]),
        items=tuple(items.values()),
        item_ids=tuple(items),
    )


def _facts(rows: Iterable[sqlite3.Row]) -> list[DigestFact]:
    """Make one line of all that was done with a fact; first those that may no longer be printed as they were."""
    changes: dict[int, list[FactChange]] = {}
    found: dict[int, sqlite3.Row] = {}
    for row in rows:
        found[row["id"]] = row
        changes.setdefault(row["id"], []).append(
            FactChange(
                number=row["number"],
                kind=FactChangeKind(row["kind"]),
                text=row["text"],
                made_by=row["made_by"],
                made_at=to_moment(row["made_at"]),
            )
        )
    told = [
        DigestFact(
            fact_id=fact_id,
            claim=None if row["is_hidden"] else row["claim"],
            status=FactStatus(row["status"]),
            after=changes[fact_id][0].number - 1,
            upto=changes[fact_id][-1].number,
            changes=tuple(changes[fact_id]),
            message_url=None if row["is_hidden"] else _url(row),
        )
        for fact_id, row in found.items()
    ]
    return sorted(told, key=lambda fact: (not fact.is_withdrawn, not fact.is_corrected, fact.fact_id))


def _tip(row: sqlite3.Row) -> DigestTip:
    is_hidden = bool(row["is_hidden"])
    return DigestTip(
        tip_id=row["id"],
        text=None if is_hidden else row["text"],
        status=TipStatus(row["status"]),
        logged_at=to_moment(row["logged_at"]),
        message_url=None if is_hidden else _url(row),
    )


def _url(row: sqlite3.Row) -> str | None:
    """Return the link to the message that shows a tip or a fact."""
    return message_url(row["guild_id"], *row["message"].split("/")) if row["message"] else None
