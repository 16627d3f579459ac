"""What waits for a channel that Discord no longer has, or where a procedure is followed no longer: led to another.

An item leads where `routes` says, what people follow by hand to the newsroom's announcements channel.
"""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from bot.models import Announcement, AnnouncementKind, Follow
from bot.reference import AnnouncementKey
from bot.storage import newsrooms
from bot.storage.database import Connection
from bot.storage.outbox import announcements, follow_ups
from bot.storage.outbox.announcements import CERTAIN, COLUMNS, Place, read_row
from bot.storage.watching import follows, routes

_GONE: Final = "SELECT channel_id FROM channel WHERE guild_id = ?1 AND parked_reason = 'deleted'"
_FORMER: Final = """
    SELECT channel_id FROM procedure_follow WHERE guild_id = ?1 AND ended_at IS NULL AND channel_id IS NOT ?2
"""
# By the index of what is open: a newsroom has had many announcements.
_WAITS: Final = f"""
    FROM announcement INDEXED BY announcement_due
    WHERE channel_id IN ({_GONE} UNION {_FORMER}) AND state IN ('pending', 'sending') AND state = 'pending'
        AND NOT is_withdrawn AND guild_id = ?1 AND (polled IS NULL OR polled IS ?3)
        AND kind IN ('notice', 'storm', 'deadline', 'no_award') AND {CERTAIN}
"""


async def is_stranded(connection: Connection, guild_id: int) -> bool:
    """Return whether anything waits in a newsroom for a channel that is gone, or where it may not belong any more."""
    newsroom = await newsrooms.find(connection, guild_id)
    common = newsroom.announcements_channel if newsroom is not None else None
    sql = f"SELECT 1 {_WAITS} LIMIT 1"
    return await connection.one(sql, guild_id, common, None) is not None


async def lead_on(connection: Connection, guild_id: int, now: datetime, source: str | None = None) -> int:
    """Move what waits for channels that are gone to where it is announced now; return how many rows moved.

    What leads nowhere else stays. A channel that was told already, or is to be, is not told twice: its message shows
    the hits too. What a poll under way owes moves only at its own end, where that is of the `source`.
    """
    newsroom = await newsrooms.find(connection, guild_id)
    if newsroom is None:
        return 0
    common = newsroom.announcements_channel
    rows = await connection.all(f"SELECT {COLUMNS} {_WAITS} ORDER BY id", guild_id, common, source)
    if not rows:
        return 0
    parked = await newsrooms.parked(connection, guild_id)
    gone = frozenset(channel for channel, reason in parked.items() if reason == "deleted")
    leading = _Leading(connection, guild_id, common, gone, now)
    return sum([await leading.move(read_row(row)) for row in rows])


@dataclass(slots=True)
class _Lead:
    """Hold where a row leads: channels with those of its hits that each is told, and the follow that leads there."""

    channels: dict[int, list[int]] = field(default_factory=dict)
    follow: Follow | None = None


@dataclass(slots=True)
class _Leading:
    """Move rows of one newsroom, asking once where an item leads."""

    connection: Connection
    guild_id: int
    common: int | None
    gone: frozenset[int]
    now: datetime
    asked: dict[int, tuple[int, ...]] = field(default_factory=dict)

    async def move(self, row: Announcement) -> bool:
        """Move a row to where it leads; return whether it leads anywhere else."""
        lead = await self._lead(row)
        if not lead.channels:
            return False
        shown = {hit for hit, _ in await self._hits(row)}
        first, *others = sorted(lead.channels)
        # A hit whose item leads nowhere stays with the others.
        left = shown - {hit for hits in lead.channels.values() for hit in hits}
        for channel in others:
            await self._tell_also(row, channel, lead.channels[channel])
        await self._move_to(row, first, {*lead.channels[first], *left})
        if lead.follow is not None and row.kind is AnnouncementKind.NOTICE and self.common in lead.channels:
            await follows.move(self.connection, self.guild_id, row.channel_id, self.common)
        return True

    async def _lead(self, row: Announcement) -> _Lead:
        """Return where a row leads from its channel, no channel where it stays."""
        found: defaultdict[int, list[int]] = defaultdict(list)
        is_gone = row.channel_id in self.gone
        hits = await self._hits(row)
        notice_row, place = await self._story(row)
        items = [] if hits else await follow_ups.items_of(self.connection, place, notice_row or 0, self.now)
        if not is_gone and (hits or items or row.kind is AnnouncementKind.STORM):
            return _Lead()
        for hit, item in hits:
            for channel in await self._of_item(item):
                found[channel].append(hit)
        for item, _ in items:
            for channel in await self._of_item(item):
                found[channel] = []
        follow = None
        if notice_row is not None:
            follow = await follows.standing(self.connection, self.guild_id, notice_row, place.channel_id)
        if follow is not None and self.common is not None and self.common not in {*self.gone, row.channel_id}:
            found.setdefault(self.common, [])
        return _Lead(dict(found), follow)

    async def _story(self, row: Announcement) -> tuple[int | None, Place]:
        """Return our row of the notice that a row is about, None for a storm, and where that was announced."""
        if row.kind in {AnnouncementKind.DEADLINE, AnnouncementKind.NO_AWARD}:
            first = await announcements.get(self.connection, self.guild_id, row.follows or 0)
            return first.notice_id, Place(self.guild_id, first.channel_id)
        return row.notice_id, Place(self.guild_id, row.channel_id)

    async def _hits(self, row: Announcement) -> list[tuple[int, int]]:
        """Return our ids of the hits that a row shows, each with that of its item."""
        rows = await self.connection.all(
            """
            SELECT hit.id, hit.item_id FROM announcement_hit CROSS JOIN hit ON hit.id = announcement_hit.hit_id
            WHERE +announcement_hit.guild_id = ? AND announcement_id = ? ORDER BY hit.id
            """,
            self.guild_id,
            row.id,
        )
        return [(one["id"], one["item_id"]) for one in rows]

    async def _of_item(self, item: int) -> tuple[int, ...]:
        """Return the channels where an item's hits are announced now and that are there."""
        if item not in self.asked:
            found = await routes.of_item(self.connection, self.guild_id, item)
            self.asked[item] = tuple(channel for channel in found if channel not in self.gone)
        return self.asked[item]

    async def _tell_also(self, row: Announcement, channel: int, hits: list[int]) -> None:
        """Owe another channel what a row tells; one that is told already shows the hits too."""
        key = self._key(row, channel)
        owed = await announcements.owe(
            self.connection, key, now=self.now, thing_id=row.notice_id, follows=row.follows, details=row.details,
            polled=row.polled, held_until=row.held_until,
        )  # fmt: skip
        if owed is not None:
            await announcements.owe_edit(self.connection, owed, row.due_revision, self.now)
        await self._join(row, owed or await announcements.id_of(self.connection, key) or 0, hits, is_new=bool(owed))

    async def _move_to(self, row: Announcement, channel: int, hits: set[int]) -> None:
        """Move a row, with these of its hits, to a channel; one that is told already shows them too."""
        key = self._key(row, channel)
        if (standing := await announcements.id_of(self.connection, key)) is not None:
            await self._join(row, standing, sorted(hits), is_new=False)
            await self._drop(row, standing)
            return
        await self.connection.run(
            """
            UPDATE announcement SET channel_id = ?, thread_id = NULL, first_try_at = NULL, history_from = NULL
            WHERE guild_id = ? AND id = ?
            """,
            channel,
            self.guild_id,
            row.id,
        )
        await self.connection.run(
            """
            DELETE FROM announcement_hit
            WHERE +guild_id = ? AND announcement_id = ? AND hit_id NOT IN (SELECT value FROM json_each(?))
            """,
            self.guild_id,
            row.id,
            json.dumps(sorted(hits)),
        )

    async def _join(self, row: Announcement, message: int, hits: list[int], *, is_new: bool) -> None:
        """Make a message of another channel show what a row shows."""
        for hit in hits:
            await announcements.link(self.connection, self.guild_id, message, hit)
        await self.connection.run(
            """
            INSERT INTO announcement_companion (guild_id, announcement_id, notice_id)
            SELECT guild_id, ?, notice_id FROM announcement_companion WHERE guild_id = ? AND announcement_id = ?
            ON CONFLICT DO NOTHING
            """,
            message,
            self.guild_id,
            row.id,
        )
        if hits and not is_new:
            await announcements.remake(self.connection, self.guild_id, [message], self.now)

    async def _drop(self, row: Announcement, instead: int) -> None:
        """Take a row back that another one stands for; what continued it continues that."""
        for table in ("announcement_hit", "announcement_companion"):
            await self.connection.run(
                f"DELETE FROM {table} WHERE +guild_id = ? AND announcement_id = ?", self.guild_id, row.id
            )
        await self.connection.run(
            "UPDATE announcement SET follows = ? WHERE guild_id = ? AND follows = ?", instead, self.guild_id, row.id
        )
        await self.connection.run("DELETE FROM announcement WHERE guild_id = ? AND id = ?", self.guild_id, row.id)

    def _key(self, row: Announcement, channel: int) -> AnnouncementKey:
        return AnnouncementKey(
            guild_id=self.guild_id, channel_id=channel, kind=row.kind, subject=row.subject, revision=row.revision
        )
