"""What a newsroom knows already of the items of an announcement, and which announcements told what of it."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from bot.models import (
    Announcement,
    AnnouncementKind,
    EarlierHits,
    FactStatus,
    Known,
    KnownFact,
    KnownItem,
    KnownTip,
    TipStatus,
    message_url,
)
from bot.models.known import COUNTED, HITS_COUNTED
from bot.storage._dismissed import DISMISSED_BY
from bot.storage._values import to_moment, to_text
from bot.storage.database import Connection
from bot.storage.outbox import announcements

ITEMS: Final = 3
"""Items of which it is told what is known."""
FACTS: Final = 3
"""Facts that are told of an item."""
REMADE: Final = 200
"""Announcements that are made anew when what they told is no longer so, the newest."""

_LOOKED_AT: Final = 150
"""How many of the newest facts or tips of an item are looked at: others may be hidden."""

_CLEARED: Final = """
    CASE WHEN EXISTS (
        SELECT 1 FROM dossier_{thing} AS inside JOIN dossier ON dossier.id = inside.dossier_id
        WHERE +inside.guild_id = ?1 AND inside.{thing}_id = {thing}.id AND dossier.channel_id IS NOT NULL
    ) THEN EXISTS (
        SELECT 1 FROM dossier_{thing} AS inside JOIN dossier ON dossier.id = inside.dossier_id
        WHERE +inside.guild_id = ?1 AND inside.{thing}_id = {thing}.id AND dossier.closed_at IS NULL
            AND dossier.channel_id = {channel}
    ) ELSE {otherwise} END
"""
"""Whether a thing that a dossier keeps to its own channel may be told in a channel; `otherwise` for any other thing.

The sign before a column keeps SQLite to the thing's own links: a newsroom has had many.
"""

_FACT_TOLD: Final = f"""
    (fact.embargo_until IS NULL AND {_CLEARED.format(thing="fact", channel="?2", otherwise="1")})
"""
_FACT_SHOWN: Final = f"""
    (fact.embargo_until IS NULL AND {_CLEARED.format(thing="fact", channel="shows.channel_id", otherwise="1")})
"""
_TIP_TOLD: Final = "(NOT tip.is_sensitive AND tip.embargo_until IS NULL AND tip.erased_at IS NULL)"
_TIP_OPEN: Final = f"({_TIP_TOLD} AND tip.status IN ('new', 'checking'))"
_LOG_CHANNEL: Final = "?2 IS (SELECT log_channel FROM newsroom WHERE guild_id = ?1)"
_TIP_NAMED: Final = _CLEARED.format(thing="tip", channel="?2", otherwise=_LOG_CHANNEL)
_TIP_COLUMNS: Final = f"tip.id, tip.status, tip.owner, {_TIP_NAMED} AS is_named"

_FACTS: Final = f"""
    SELECT fact.id FROM (
        SELECT fact_id FROM fact_item WHERE guild_id = ?1 AND item_id = {{item}} AND added_at <= ?3
        ORDER BY fact_id DESC LIMIT {_LOOKED_AT}
    ) AS link CROSS JOIN fact ON fact.guild_id = ?1 AND fact.id = link.fact_id
    WHERE {_FACT_TOLD}
"""
_TIPS: Final = f"""
    SELECT {{columns}} FROM (
        SELECT tip_id FROM tip_item WHERE guild_id = ?1 AND item_id = {{item}} AND added_at <= ?3
        ORDER BY tip_id DESC LIMIT {_LOOKED_AT}
    ) AS link CROSS JOIN tip ON tip.guild_id = ?1 AND tip.id = link.tip_id
    WHERE {_TIP_OPEN}
"""


@dataclass(slots=True)
class _Gathering:
    """Gather what is known of items one after the other, each fact and each tip once, as of a moment."""

    connection: Connection
    guild_id: int
    channel_id: int
    until: str
    follows: int | None
    facts: set[int] = field(default_factory=set)
    tips: set[int] = field(default_factory=set)

    async def of_item(self, item: sqlite3.Row) -> tuple[KnownItem, list[int]] | None:
        """Return what is known of an item but its facts, and our ids of those; None where nothing is."""
        facts = await self._facts(item["id"])
        tips = await self._tips(item["id"])
        earlier = await _earlier(self.connection, self.guild_id, item["id"], item["first_hit"], self.follows)
        if not facts and not tips and earlier is None:
            return None
        told = facts[:FACTS]
        self.facts.update(told)
        self.tips.update(tip.tip_id for tip in tips)
        left = len(facts) - len(told)
        known = KnownItem(
            item=item["name"], added_by=item["added_by"], facts_left=left, tips=tuple(tips), earlier=earlier
        )
        return known, told

    async def _facts(self, item_id: int) -> list[int]:
        rows = await self.connection.all(
            f"""
            {_FACTS.format(item="?4")} AND fact.guild_id = ?1 AND fact.id NOT IN (SELECT value FROM json_each(?5))
            ORDER BY fact.id DESC LIMIT {FACTS + COUNTED}
            """,
            self.guild_id,
            self.channel_id,
            self.until,
            item_id,
            json.dumps(sorted(self.facts)),
        )
        return [row["id"] for row in rows]

    async def _tips(self, item_id: int) -> list[KnownTip]:
        rows = await self.connection.all(
            f"""
            {_TIPS.format(item="?4", columns=_TIP_COLUMNS)} AND tip.guild_id = ?1
                AND tip.id NOT IN (SELECT value FROM json_each(?5))
            ORDER BY tip.id DESC LIMIT {COUNTED}
            """,
            self.guild_id,
            self.channel_id,
            self.until,
            item_id,
            json.dumps(sorted(self.tips)),
        )
        return [
            KnownTip(
                tip_id=row["id"],
                status=TipStatus(row["status"]),
                owner=row["owner"],
                is_named=bool(row["is_named"]),
            )
            for row in rows
        ]

    async def count(self, items: Sequence[sqlite3.Row]) -> int:
        """Return of how many items anything is known."""
        row = await self.connection.one(
            f"""
            SELECT count(*) FROM json_each(?4) AS asked WHERE EXISTS (
                SELECT 1 FROM hit WHERE guild_id = ?1 AND item_id = asked.value ->> 0 AND held IS NULL
                    AND id < asked.value ->> 1
            ) OR EXISTS ({_FACTS.format(item="asked.value ->> 0")})
            OR EXISTS ({_TIPS.format(item="asked.value ->> 0", columns="1")})
            """,
            self.guild_id,
            self.channel_id,
            self.until,
            json.dumps([(item["id"], item["first_hit"]) for item in items]),
        )
        return int(row[0]) if row else 0


async def of_announcement(
    connection: Connection, announcement: Announcement, item_ids: Sequence[int], now: datetime
) -> Known:
    """Return what is known of items that an announcement's notice hits, in their order, as its channel may read it.

    That is what was known when it was sent, as it now stands; before that, what is known now. No tip that is
    sensitive, under embargo or erased is in it, no fact under embargo or that a dossier keeps to another channel; tips
    are named only where their own cards are posted.
    """
    if not item_ids:
        return Known()
    items = await _items(connection, announcement, item_ids)
    until = to_text(announcement.sent_at or now)
    guild_id, follows = announcement.guild_id, announcement.follows
    gathering = _Gathering(connection, guild_id, announcement.channel_id, until, follows)
    found: list[tuple[KnownItem, list[int]]] = []
    while items and len(found) < ITEMS:
        known = await gathering.of_item(items.pop(0))
        if known is not None:
            found.append(known)
    told = await _told(connection, announcement, gathering.facts)
    return Known(
        items=tuple(replace(known, facts=tuple(told[fact] for fact in facts)) for known, facts in found),
        items_left=await gathering.count(items) if items else 0,
    )


async def note(connection: Connection, announcement: Announcement, known: Known) -> bool:
    """Note what the card of an announcement tells, before it is sent; return whether all of it is still so.

    Where it is not, the card is to be made anew.
    """
    if not await _stands(connection, announcement, known):
        return False
    if known.facts:
        told = json.dumps([(fact.fact_id, fact.revision, fact.status) for fact in known.facts])
        await connection.run(
            """
            DELETE FROM known_fact WHERE +guild_id = ? AND announcement_id = ?
                AND fact_id IN (SELECT value ->> 0 FROM json_each(?))
            """,
            announcement.guild_id,
            announcement.id,
            told,
        )
        await connection.run(
            """
            INSERT INTO known_fact (guild_id, announcement_id, fact_id, revision, status)
            SELECT ?, ?, value ->> 0, value ->> 1, value ->> 2 FROM json_each(?)
            """,
            announcement.guild_id,
            announcement.id,
            told,
        )
    if known.tips:
        await connection.run(
            """
            INSERT INTO known_tip (guild_id, announcement_id, tip_id) SELECT ?, ?, value FROM json_each(?)
            WHERE true ON CONFLICT DO NOTHING
            """,
            announcement.guild_id,
            announcement.id,
            json.dumps([tip.tip_id for tip in known.tips]),
        )
    return True


async def renew(connection: Connection, announcement: Announcement, known: Known, now: datetime) -> None:
    """Note what the message of an announcement tells since it was edited; it owes another edit where that is not so."""
    if announcement.kind is not AnnouncementKind.NOTICE:
        return
    for table in ("known_fact", "known_tip"):
        await connection.run(
            f"DELETE FROM {table} WHERE +guild_id = ? AND announcement_id = ?", announcement.guild_id, announcement.id
        )
    if not await note(connection, announcement, known):
        await announcements.remake(connection, announcement.guild_id, [announcement.id], now)


async def refresh(
    connection: Connection, guild_id: int, *, fact_id: int | None = None, tip_id: int | None = None, now: datetime
) -> None:
    """Owe an edit to the newest announcements that tell of a fact or a tip what is no longer so.

    Of a fact that is its words, its status, or that it may be told there; of a tip that others may know of it. Belongs
    into the transaction of the change.
    """
    told: list[sqlite3.Row] = []
    if fact_id is not None:
        told += await connection.all(
            f"""
            SELECT known_fact.announcement_id AS id FROM known_fact
            CROSS JOIN announcement AS shows ON shows.id = known_fact.announcement_id
            CROSS JOIN fact ON fact.id = known_fact.fact_id
            WHERE known_fact.guild_id = ?1 AND known_fact.fact_id = ?2 AND NOT (
                known_fact.revision = fact.revision AND known_fact.status = fact.status AND {_FACT_SHOWN})
            ORDER BY known_fact.announcement_id DESC LIMIT {REMADE}
            """,
            guild_id,
            fact_id,
        )
    if tip_id is not None:
        told += await connection.all(
            f"""
            SELECT known_tip.announcement_id AS id FROM known_tip CROSS JOIN tip ON tip.id = known_tip.tip_id
            WHERE known_tip.guild_id = ?1 AND known_tip.tip_id = ?2 AND NOT {_TIP_TOLD}
            ORDER BY known_tip.announcement_id DESC LIMIT {REMADE}
            """,
            guild_id,
            tip_id,
        )
    if told:
        await announcements.remake(connection, guild_id, [row["id"] for row in told], now)


async def _stands(connection: Connection, announcement: Announcement, known: Known) -> bool:
    """Return whether facts and tips are still as they were read."""
    if not known.facts and not known.tips:
        return True
    row = await connection.one(
        f"""
        SELECT (
            SELECT count(*) FROM json_each(?3) AS told CROSS JOIN fact
                ON fact.guild_id = ?1 AND fact.id = told.value ->> 0
            WHERE fact.revision = told.value ->> 1 AND fact.status = told.value ->> 2 AND {_FACT_TOLD}
        ), (
            SELECT count(*) FROM json_each(?4) AS told CROSS JOIN tip ON tip.guild_id = ?1 AND tip.id = told.value
            WHERE {_TIP_TOLD}
        )
        """,
        announcement.guild_id,
        announcement.channel_id,
        json.dumps([(fact.fact_id, fact.revision, fact.status) for fact in known.facts]),
        json.dumps([tip.tip_id for tip in known.tips]),
    )
    return row is not None and tuple(row) == (len(known.facts), len(known.tips))


async def _items(connection: Connection, announcement: Announcement, item_ids: Sequence[int]) -> list[sqlite3.Row]:
    """Return items with their names and the first hit of each that an announcement shows, in their order."""
    rows = await connection.all(
        """
        SELECT watch_item.id, watch_item.name, watch_item.added_by, min(hit.id) AS first_hit
        FROM announcement_hit CROSS JOIN hit ON hit.id = announcement_hit.hit_id
        CROSS JOIN watch_item ON watch_item.guild_id = hit.guild_id AND watch_item.id = hit.item_id
        WHERE +announcement_hit.guild_id = ? AND announcement_hit.announcement_id = ? GROUP BY watch_item.id
        """,
        announcement.guild_id,
        announcement.id,
    )
    found = {row["id"]: row for row in rows}
    return [found[item_id] for item_id in item_ids]


async def _earlier(
    connection: Connection, guild_id: int, item_id: int, first_hit: int, follows: int | None
) -> EarlierHits | None:
    """Return how many notices of an item were announced before a hit, those left out that people said are not it.

    Nor do those count that the message tells which the announcement itself `follows`: it names that.
    """
    row = await connection.one(
        f"""
        SELECT count(DISTINCT notice_id) AS number, min(id) AS first, max(id) AS last FROM (
            SELECT id, notice_id FROM hit WHERE guild_id = ?1 AND item_id = ?2 AND held IS NULL AND id < ?3
                AND (NOT EXISTS (SELECT 1 FROM dismissal
                        WHERE dismissal.guild_id = ?1 AND dismissal.item_id = ?2 AND dismissal.undone_at IS NULL)
                    OR {DISMISSED_BY} IS NULL)
                AND notice_id NOT IN (SELECT hit.notice_id FROM announcement_hit AS named
                    JOIN hit ON hit.id = named.hit_id WHERE named.announcement_id = ?4)
            ORDER BY id DESC LIMIT {HITS_COUNTED}
        )
        """,
        guild_id,
        item_id,
        first_hit,
        follows,
    )
    if row is None or not row["number"]:
        return None
    ends = await connection.one(
        """
        SELECT first.found_at AS first_at, last.found_at AS last_at, (
            SELECT coalesce(shows.thread_id, shows.channel_id) || '/' || shows.message_id FROM announcement_hit
            CROSS JOIN announcement AS shows ON shows.id = announcement_hit.announcement_id
            WHERE announcement_hit.hit_id = last.id AND shows.kind = 'notice' AND shows.message_id IS NOT NULL
            ORDER BY shows.id DESC LIMIT 1
        ) AS message
        FROM hit AS last CROSS JOIN hit AS first ON first.guild_id = last.guild_id
        WHERE last.guild_id = ? AND last.id = ? AND first.id = ?
        """,
        guild_id,
        row["last"],
        row["first"],
    )
    if ends is None:
        return None
    return EarlierHits(
        count=row["number"],
        first_at=to_moment(ends["first_at"]),
        last_at=to_moment(ends["last_at"]),
        message_url=_url(guild_id, ends["message"]),
    )


async def _told(
    connection: Connection, announcement: Announcement, fact_ids: Collection[int]
) -> Mapping[int, KnownFact]:
    """Return facts as they now stand, each with the link to its card: in the announcement's channel, else anywhere."""
    if not fact_ids:
        return {}
    rows = await connection.all(
        """
        SELECT fact.id, fact.revision, fact.status, fact.logged_by, fact_revision.claim, (
            SELECT coalesce(shows.thread_id, shows.channel_id) || '/' || shows.message_id FROM announcement AS shows
            WHERE shows.guild_id = ?1 AND shows.fact_id = fact.id AND shows.kind = 'fact'
                AND shows.message_id IS NOT NULL AND NOT shows.is_withdrawn
            ORDER BY shows.channel_id <> ?2, shows.id LIMIT 1
        ) AS message
        FROM json_each(?3) AS asked CROSS JOIN fact ON fact.guild_id = ?1 AND fact.id = asked.value
        CROSS JOIN fact_revision ON fact_revision.fact_id = fact.id AND fact_revision.revision = fact.revision
        """,
        announcement.guild_id,
        announcement.channel_id,
        json.dumps(sorted(fact_ids)),
    )
    return {
        row["id"]: KnownFact(
            fact_id=row["id"],
            revision=row["revision"],
            status=FactStatus(row["status"]),
            claim=row["claim"],
            logged_by=row["logged_by"],
            message_url=_url(announcement.guild_id, row["message"]),
        )
        for row in rows
    }


def _url(guild_id: int, message: str | None) -> str | None:
    return message_url(guild_id, *message.split("/")) if message else None
