"""Hits: which notice revision matched which watch item, and what became of it."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from bot.matching import Standing
from bot.models import AnnouncementState, Dismissal, Held, Hit, InDigest, ItemKind, Tier, message_url, parse_moment
from bot.storage._dismissed import DISMISSED_BY, PASSED_OVER, organisations_of, passed_over, place_of, standings_text
from bot.storage._values import to_moment, to_text
from bot.storage.database import Connection
from bot.storage.watching import dismissals

_COLUMNS = f"""
    hit.id, hit.item_id, hit.notice_id, hit.revision, hit.tier, hit.term, hit.rule, hit.field, hit.start, hit."end",
    hit.matched, hit.snippet, hit.count, hit.stood_in, hit.organisations, {PASSED_OVER} AS passed_over, hit.held,
    hit.found_at,
    notice.source_id, watch_item.ref, watch_item.kind, watch_item.name, {dismissals.JOINED}
"""
_FROM = f"""
    FROM hit
    JOIN notice ON notice.id = hit.notice_id
    JOIN watch_item ON watch_item.guild_id = hit.guild_id AND watch_item.id = hit.item_id
    LEFT JOIN dismissal AS said ON said.guild_id = hit.guild_id AND said.id = {DISMISSED_BY}
"""
_EVER = "~"
"""A text behind every stored moment."""


@dataclass(frozen=True, slots=True)
class StoredHit:
    """Hold a stored hit with the name of its item, why it was held, if it was, and who says that it is not the item.

    `hit` is at the best place that was not dismissed. `organisations` are the names, by key, in which it stands, None
    where that was not looked at; `passed_over` those that were dismissed for the item. `notice_id` and `revision` are
    what it is of; `stood_in` is the earlier revision in whose words it stands, where they are in that one alone.
    """

    row: int
    item_name: str
    notice_id: int
    revision: int
    held: Held | None
    found_at: datetime
    hit: Hit
    organisations: dict[str, str] | None = None
    passed_over: frozenset[str] = frozenset()
    dismissed: Dismissal | None = None
    stood_in: int | None = None


@dataclass(frozen=True, slots=True)
class ListedHit:
    """Hold a stored hit with the notice revision it is of, and the announcement that shows it, if one does.

    That of a hit held in a storm is the storm's; a digest's never is. `channel_id` (of a message in a thread the
    thread) and `message_id` are those of the announcement's message, once Discord has it; it is not sent before
    `held_until`.
    """

    guild_id: int
    stored: StoredHit
    source: str
    title: str
    url: str | None
    published: date | datetime | None
    announcement: AnnouncementState | None
    channel_id: int | None
    message_id: int | None
    held_until: datetime | None = None

    @property
    def revision(self) -> int:
        """Return the number of the notice's revision."""
        return self.stored.revision

    @property
    def message_url(self) -> str | None:
        """Return the link to the message that announced it, or told of the storm that it was one of."""
        if self.channel_id is None or self.message_id is None:
            return None
        return message_url(self.guild_id, self.channel_id, self.message_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class HitFilter:
    """Hold which hits of a newsroom are asked for, None for any: found from `since` on and before `until`.

    A hit is of the dossiers that its watch item is in.
    """

    item_id: int | None = None
    dossier_id: int | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class ItemRecord:
    """Count what a watch item has brought: announced at once, by a message of its own or not, held, and when last.

    `notices` are those in which the hits are: what is published of one anew may be hit again.
    """

    announced: int
    held: int
    last_at: datetime | None
    notices: int


async def add(  # noqa: PLR0913  # a hit is that wide
    connection: Connection,
    guild_id: int,
    hit: Hit,
    *,
    notice_row: int,
    revision: int,
    held: Held | None,
    in_digest: InDigest,
    now: datetime,
    standings: Sequence[Standing] = (),
    stood_in: int | None = None,
) -> int:
    """Store a hit and return our id of it; `in_digest` is what the digest of its own channel owes it.

    `standings` are the organisations in whose names it stands, where those were looked at; `stood_in` is the earlier
    revision in whose words it stands, where this one says them no longer.
    """
    rows = await connection.all(
        """
        INSERT INTO hit (guild_id, item_id, notice_id, revision, tier, term, rule, field, start, "end", matched,
            snippet, count, organisations, held, digest, found_at, stood_in)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id
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
        standings_text(standings),
        held,
        in_digest,
        to_text(now),
        stood_in,
    )
    return int(rows[0]["id"])


async def earlier(
    connection: Connection, guild_id: int, notice_row: int, *, before: int | None = None
) -> dict[int, Held | None]:
    """Return the newsroom's items that hit a notice, with why the last sure hit of each was held; None once announced.

    It is weak for an item whose hits were all weak. Only revisions `before` that one count, where it is given.
    """
    # The sign keeps SQLite to the index of the notice: a newsroom has had many hits.
    rows = await connection.all(
        """
        SELECT item_id, held, max(held IS NULL) OVER (PARTITION BY item_id) AS is_announced
        FROM hit WHERE +guild_id = ? AND notice_id = ? AND (? IS NULL OR revision < ?)
        ORDER BY held IS 'weak' DESC, revision
        """,
        guild_id,
        notice_row,
        before,
        before,
    )
    return {row["item_id"]: None if row["is_announced"] else Held(row["held"]) for row in rows}


async def of_announcement(
    connection: Connection, guild_id: int, announcement_id: int, revision: int
) -> list[StoredHit]:
    """Return the hits that an announcement shows at a revision of its notice: the best of each item, best tier first.

    Of further notices that it tells of the latest hits count, what left a register after it was sent but for. Those
    that were dismissed come last.
    """
    rows = await connection.all(
        f"""
        SELECT {_COLUMNS}, max(hit.revision), hit.notice_id IS NOT shows.notice_id AS is_beside {_FROM}
        JOIN announcement_hit ON announcement_hit.hit_id = hit.id
        JOIN announcement AS shows ON shows.id = announcement_hit.announcement_id
        WHERE announcement_hit.guild_id = ? AND announcement_hit.announcement_id = ?
            AND (hit.revision <= ? OR hit.notice_id <> shows.notice_id)
            AND (hit.stood_in IS NULL OR shows.sent_at IS NULL OR hit.found_at <= shows.sent_at)
        GROUP BY hit.item_id, hit.notice_id
        """,
        guild_id,
        announcement_id,
        revision,
    )
    best: dict[int | None, StoredHit] = {}
    for _, stored in sorted(
        ((bool(row["is_beside"]), _hit(row)) for row in rows),
        key=lambda one: (one[1].dismissed is not None, one[1].hit.tier.rank, one[0], one[1].row),
    ):
        best.setdefault(stored.hit.item, stored)
    return sorted(best.values(), key=_best_first)


async def find(connection: Connection, guild_id: int, row: int) -> StoredHit | None:
    """Return a newsroom's hit by our id of it."""
    found = await connection.one(f"SELECT {_COLUMNS} {_FROM} WHERE hit.guild_id = ? AND hit.id = ?", guild_id, row)
    return _hit(found) if found else None


async def unread(connection: Connection, guild_id: int, item_id: int, limit: int) -> list[StoredHit]:
    """Return an item's newest hits of which nobody looked yet in which organisations they stand."""
    rows = await connection.all(
        f"""
        SELECT {_COLUMNS} {_FROM} WHERE hit.guild_id = ? AND hit.item_id = ? AND hit.organisations IS NULL
        ORDER BY +hit.id DESC LIMIT ?
        """,
        guild_id,
        item_id,
        limit,
    )
    return [_hit(row) for row in rows]


async def place(connection: Connection, guild_id: int, row: int, standings: Sequence[Standing]) -> None:
    """Note in which organisations a hit stands, where that was not known."""
    await connection.run(
        "UPDATE hit SET organisations = ? WHERE guild_id = ? AND id = ? AND organisations IS NULL",
        standings_text(standings),
        guild_id,
        row,
    )


async def of_item(connection: Connection, guild_id: int, item_id: int, limit: int) -> list[StoredHit]:
    """Return an item's newest hits."""
    rows = await connection.all(
        f"SELECT {_COLUMNS} {_FROM} WHERE hit.guild_id = ? AND hit.item_id = ? ORDER BY hit.id DESC LIMIT ?",
        guild_id,
        item_id,
        limit,
    )
    return [_hit(row) for row in rows]


async def of_notice(connection: Connection, guild_id: int, notice_row: int) -> list[StoredHit]:
    """Return a newsroom's hits on a notice: the latest of each item, best tier first."""
    # The sign keeps SQLite to the index of the notice: a newsroom has had many hits.
    rows = await connection.all(
        f"""
        SELECT {_COLUMNS}, max(hit.revision) {_FROM} WHERE +hit.guild_id = ? AND hit.notice_id = ?
        GROUP BY hit.item_id
        """,
        guild_id,
        notice_row,
    )
    return sorted(map(_hit, rows), key=_best_first)


async def listed(
    connection: Connection, guild_id: int, wanted: HitFilter, limit: int, *, before: int | None = None, skip: int = 0
) -> list[ListedHit]:
    """Return a newsroom's hits that are asked for, newest first: those behind `skip` others, or before our id `before`.

    The next page of a long list is `before` the `stored.row` of its last hit.
    """
    conditions, values = _asked(guild_id, wanted)
    rows = await connection.all(
        f"""
        SELECT {_COLUMNS}, notice.source, notice_revision.title, notice_revision.url,
            notice_revision.published, announcement.state,
            coalesce(announcement.thread_id, announcement.channel_id) AS channel_id, announcement.message_id,
            announcement.held_until
        {_FROM}
        JOIN notice_revision ON notice_revision.notice_id = hit.notice_id AND notice_revision.revision = hit.revision
        LEFT JOIN announcement ON announcement.id = (
            SELECT shows.id
            FROM announcement_hit JOIN announcement AS shows ON shows.id = announcement_hit.announcement_id
            WHERE announcement_hit.guild_id = hit.guild_id AND announcement_hit.hit_id = hit.id
                AND shows.kind = CASE hit.held WHEN 'storm' THEN 'storm' ELSE 'notice' END
            ORDER BY shows.message_id IS NULL, shows.id DESC LIMIT 1
        )
        WHERE hit.guild_id = ? AND (? IS NULL OR hit.id < ?) {conditions} ORDER BY hit.id DESC LIMIT ? OFFSET ?
        """,
        guild_id,
        before,
        before,
        *values,
        limit,
        skip,
    )
    return [
        ListedHit(
            guild_id=guild_id,
            stored=_hit(row),
            source=row["source"],
            title=row["title"],
            url=row["url"],
            published=parse_moment(row["published"]) if row["published"] else None,
            announcement=AnnouncementState(row["state"]) if row["state"] else None,
            channel_id=row["channel_id"],
            message_id=row["message_id"],
            held_until=to_moment(row["held_until"]),
        )
        for row in rows
    ]


async def record(
    connection: Connection, guild_id: int, item_id: int, since: datetime | None = None, until: datetime | None = None
) -> ItemRecord:
    """Return how many hits an item had, found from `since` on and before `until` where they are given."""
    row = await connection.one(
        """
        SELECT count(*) FILTER (WHERE held IS NULL OR held = 'companion') AS announced,
            count(*) FILTER (WHERE held <> 'companion') AS held, max(found_at) AS last_at,
            count(DISTINCT notice_id) AS notices
        FROM hit WHERE guild_id = ? AND item_id = ? AND found_at >= ? AND found_at < ?
        """,
        guild_id,
        item_id,
        to_text(since) or "",
        to_text(until) or _EVER,
    )
    if row is None:
        return ItemRecord(0, 0, None, 0)
    return ItemRecord(row["announced"], row["held"], to_moment(row["last_at"]), row["notices"])


def _best_first(stored: StoredHit) -> tuple[object, ...]:
    return stored.dismissed is not None, stored.hit.tier.rank, stored.item_name, stored.row


def _asked(guild_id: int, wanted: HitFilter) -> tuple[str, list[object]]:
    """Return the conditions of a filter with their values, those alone that it has: an index serves each."""
    conditions: list[str] = []
    values: list[object] = []
    if wanted.item_id is not None:
        conditions.append("AND hit.item_id = ?")
        values.append(wanted.item_id)
    if wanted.dossier_id is not None:
        conditions.append("AND hit.item_id IN (SELECT item_id FROM dossier_item WHERE guild_id = ? AND dossier_id = ?)")
        values += [guild_id, wanted.dossier_id]
    if wanted.since is not None:
        conditions.append("AND hit.found_at >= ?")
        values.append(to_text(wanted.since))
    if wanted.until is not None:
        conditions.append("AND hit.found_at < ?")
        values.append(to_text(wanted.until))
    return " ".join(conditions), values


def _hit(row: sqlite3.Row) -> StoredHit:
    place = place_of(row)
    hit = Hit(
        notice=row["source_id"],
        item=row["item_id"],
        ref=row["ref"],
        kind=ItemKind(row["kind"]),
        tier=Tier(place["tier"]),
        term=place["term"],
        rule=place["rule"],
        field=place["field"],
        start=place["start"],
        end=place["end"],
        matched=place["matched"],
        snippet=place["snippet"],
        count=place["count"],
    )
    return StoredHit(
        row=row["id"],
        item_name=row["name"],
        notice_id=row["notice_id"],
        revision=row["revision"],
        held=Held(row["held"]) if row["held"] else None,
        found_at=to_moment(row["found_at"]),
        hit=hit,
        organisations=organisations_of(row),
        passed_over=passed_over(row),
        dismissed=dismissals.joined(row),
        stood_in=row["stood_in"],
    )
