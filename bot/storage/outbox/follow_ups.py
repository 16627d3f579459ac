"""What falls due of procedures that were announced: deadlines that come near, awards that are missing.

A story is a procedure in one place: it is announced there by a message that was sent, itself or by one of its notices,
and still followed. A notice without a procedure is a story of its own.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from bot.models import Announcement, AnnouncementKind, parse_moment
from bot.storage._dismissed import DISMISSED_BY
from bot.storage._values import to_moment, to_text
from bot.storage.archive.deadlines import IS_NEWEST, IS_OPEN, LATEST_END, NEVER_ENDED
from bot.storage.archive.twins import OF_SERIES
from bot.storage.database import Connection
from bot.storage.outbox.announcements import COLUMNS, Place, read_row
from bot.storage.outbox.following import IS_FOLLOWED

LOOKED_AT: Final = 150
"""How many stories of a channel are looked at, those of the oldest deadlines: many more than fall due in a day."""

LISTED_FOR: Final = 70
"""Days for which it counts that a deadline was listed: more than those before it on which anybody is reminded."""

STANDS_THERE: Final = """
    announcement.kind = 'notice' AND announcement.state = 'sent' AND announcement.message_id IS NOT NULL
    AND NOT announcement.is_withdrawn
"""
"""Whether a message that announced a notice stands in its channel."""

_FOLLOW_UP: Final = "announcement.kind IN ('deadline', 'no_award')"
"""The condition of the index of reminders and alarms."""
_CALLS: Final = "notice_revision.kind IN ('tender', 'change')"
_NAMED: Final = """
    notice.id, notice.procedure, notice_revision.deadline,
    coalesce(notice.procedure, notice.source || ':' || notice.source_id) AS subject
"""
_IS_MISSING: Final = f"""
    +notice.procedure IS NOT NULL AND +notice.source IN (SELECT value FROM json_each(?4))
    AND {NEVER_ENDED} AND {IS_NEWEST}
"""
_TOLD: Final = """
    (SELECT json_group_array(reminds.details ->> '$.deadline')
        FROM announcement AS earlier CROSS JOIN announcement AS reminds
            ON reminds.guild_id = earlier.guild_id AND reminds.follows = earlier.id
        WHERE earlier.guild_id = ?1 AND earlier.channel_id = announcement.channel_id AND reminds.kind = ?2
            AND earlier.notice_id IN (
                SELECT near.id UNION SELECT other.id FROM notice AS other WHERE other.procedure = near.procedure))
"""
"""The deadlines of which a story was told already, by messages of a kind, as JSON."""
_LISTED: Final = f"""
    SELECT one.value ->> '$.follows' AS first, substr(one.value ->> '$.deadline', 1, 10) AS day
    FROM announcement INDEXED BY announcement_follow_up, json_each(announcement.details, '$.listed') AS one
    WHERE announcement.guild_id = ?1 AND {_FOLLOW_UP} AND announcement.kind = ?2
        AND announcement.created_at >= date(?3, '-{LISTED_FOR} days')
"""
"""The deadlines of which a message told that lists many, each with the message that it would have followed."""
_IS_LISTED: Final = "SELECT 1 FROM listed WHERE listed.first = story.first AND day = substr(deadline, 1, 10)"
# The index of the notice leads: a newsroom has had many announcements.
_STORIES: Final = f"""
    , concerned AS (
        SELECT near.id, near.id AS told FROM near
        UNION SELECT near.id, other.id FROM near JOIN notice AS other ON other.procedure = near.procedure
    )
    , story AS (
        SELECT near.id, near.subject, near.deadline, announcement.channel_id,
            min(announcement.id) AS first,
            coalesce(max(CASE WHEN announcement.notice_id = near.id THEN announcement.sent_at END),
                min(announcement.sent_at)) AS told_at,
            {_TOLD} AS told
        FROM concerned CROSS JOIN near ON near.id = concerned.id
        CROSS JOIN announcement ON announcement.notice_id = concerned.told AND announcement.guild_id = ?1
        WHERE {STANDS_THERE}
        GROUP BY near.id, announcement.channel_id
        HAVING max({IS_FOLLOWED.format(now="?3", brought="1")})
    )
    , listed AS MATERIALIZED ({_LISTED})
"""
_DUE: Final = f"""
    {_STORIES}
    SELECT * FROM (
        SELECT story.*, row_number() OVER (PARTITION BY channel_id ORDER BY deadline, id) AS place FROM story
        WHERE instr(told, '"' || substr(deadline, 1, 10)) = 0
            AND NOT EXISTS ({_IS_LISTED})
    ) WHERE place <= {LOOKED_AT} ORDER BY deadline, id, channel_id
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """Hold a procedure in a place, with its newest deadline.

    `follows` is the first message there, `told_at` when the newest one on the notice that names the deadline was sent.
    `told` are the deadlines of the procedure of which that place was reminded, or alarmed, already.
    """

    place: Place
    follows: int
    subject: str
    notice_row: int
    deadline: date | datetime
    told_at: datetime
    told: tuple[date | datetime, ...]


async def near(connection: Connection, guild_id: int, first: date, end: date, now: datetime) -> list[Story]:
    """Return the stories of a newsroom whose newest deadline is from one day on and before another, give or take one.

    The newsroom's zone tells. None that was awarded or cancelled since that deadline was named is among them.
    """
    return await _stories(
        connection,
        f"""
        WITH near AS MATERIALIZED (
            SELECT {_NAMED} FROM notice_revision JOIN notice
                ON notice.id = notice_revision.notice_id AND notice.revision = notice_revision.revision
            WHERE notice_revision.deadline >= ?4 AND notice_revision.deadline < ?5 AND {_CALLS}
                AND EXISTS (SELECT 1 FROM announcement WHERE announcement.guild_id = ?1 AND announcement.notice_id IN (
                    SELECT notice.id UNION SELECT other.id FROM notice AS other
                    WHERE other.procedure = notice.procedure))
                AND {IS_NEWEST} AND {IS_OPEN}
        )
        {_DUE}
        """,
        guild_id,
        AnnouncementKind.DEADLINE,
        now,
        first.isoformat(),
        end.isoformat(),
    )


async def closed(
    connection: Connection, guild_id: int, first: date, end: date, now: datetime, sources: Iterable[str]
) -> list[Story]:
    """Return the stories of a newsroom whose newest deadline, named in one of these sources, is between two days.

    From `first` on and before `end`, give or take one. None that ever came to an end is among them. They are
    procedures: nothing ties an award to a notice without one.
    """
    return await _stories(
        connection,
        f"""
        WITH near AS MATERIALIZED (
            SELECT {_NAMED} FROM notice_revision JOIN notice
                ON notice.id = notice_revision.notice_id AND notice.revision = notice_revision.revision
            WHERE notice_revision.deadline >= ?5 AND notice_revision.deadline < ?6 AND {_CALLS}
                AND EXISTS (SELECT 1 FROM announcement WHERE announcement.guild_id = ?1 AND announcement.notice_id IN (
                    SELECT other.id FROM notice AS other WHERE other.procedure = notice.procedure))
                AND {_IS_MISSING}
        )
        {_DUE}
        """,
        guild_id,
        AnnouncementKind.NO_AWARD,
        now,
        json.dumps(sorted(sources)),
        first.isoformat(),
        end.isoformat(),
    )


async def closed_of(
    connection: Connection, guild_id: int, rows: range, end: date, now: datetime, sources: Iterable[str]
) -> list[Story]:
    """Return the stories as `closed` does, however old, of which one of a range of announcements tells, by our ids."""
    return await _stories(
        connection,
        f"""
        WITH near AS MATERIALIZED (
            SELECT {_NAMED} FROM (
                SELECT DISTINCT told.procedure
                FROM announcement CROSS JOIN notice AS told ON told.id = announcement.notice_id
                WHERE announcement.id >= ?6 AND announcement.id < ?7 AND +announcement.guild_id = ?1
                    AND told.procedure IS NOT NULL
            ) AS story CROSS JOIN notice ON notice.procedure = story.procedure
            CROSS JOIN notice_revision
                ON notice_revision.notice_id = notice.id AND notice_revision.revision = notice.revision
            WHERE {_CALLS} AND notice_revision.deadline < ?5 AND {_IS_MISSING}
        )
        {_DUE}
        """,
        guild_id,
        AnnouncementKind.NO_AWARD,
        now,
        json.dumps(sorted(sources)),
        end.isoformat(),
        rows.start,
        rows.stop,
    )


async def last_row(connection: Connection) -> int:
    """Return our id of the newest announcement of all newsrooms, 0 where there is none."""
    row = await connection.one("SELECT max(id) AS last FROM announcement")
    return int(row["last"] or 0) if row else 0


async def of_notice(
    connection: Connection, guild_id: int, notice_row: int, kind: AnnouncementKind, now: datetime
) -> list[Story]:
    """Return the stories of a newsroom whose newest deadline a notice names, whatever was told of it or ended it."""
    return await _stories(
        connection,
        f"""
        WITH near AS MATERIALIZED (
            SELECT {_NAMED} FROM notice JOIN notice_revision
                ON notice_revision.notice_id = notice.id AND notice_revision.revision = notice.revision
            WHERE notice.id = ?4 AND notice_revision.deadline IS NOT NULL
        )
        {_STORIES}
        SELECT story.id, subject, deadline, channel_id, story.first, told_at, CASE WHEN EXISTS ({_IS_LISTED})
            THEN json_insert(told, '$[#]', deadline) ELSE told END AS told
        FROM story ORDER BY channel_id
        """,
        guild_id,
        kind,
        now,
        notice_row,
    )


async def owed_since(connection: Connection, guild_id: int, kind: AnnouncementKind, since: datetime) -> dict[int, int]:
    """Return how many messages of a kind each channel of a newsroom was owed since a moment."""
    rows = await connection.all(
        f"""
        SELECT channel_id, count(*) AS number FROM announcement INDEXED BY announcement_follow_up
        WHERE guild_id = ? AND {_FOLLOW_UP} AND kind = ? AND created_at >= ? GROUP BY channel_id
        """,
        guild_id,
        kind,
        to_text(since),
    )
    return {row["channel_id"]: row["number"] for row in rows}


async def is_announced(connection: Connection, guild_id: int, channel_id: int, notice_row: int) -> bool:
    """Return whether a channel was told of the series of a notice, or is about to be."""
    return (
        await connection.one(
            f"""
            SELECT 1 FROM announcement WHERE announcement.notice_id IN ({OF_SERIES}) AND guild_id = ?2
                AND channel_id = ?3 AND NOT is_withdrawn
            """,
            notice_row,
            guild_id,
            channel_id,
        )
        is not None
    )


async def upcoming(connection: Connection, guild_id: int, since: date) -> list[Announcement]:
    """Return the reminders of a newsroom that were sent of deadlines from a day on, give or take one."""
    rows = await connection.all(
        f"""
        SELECT {COLUMNS} FROM announcement INDEXED BY announcement_follow_up
        WHERE guild_id = ? AND {_FOLLOW_UP} AND kind = 'deadline' AND state = 'sent' AND NOT is_withdrawn
            AND details ->> '$.deadline' >= ? ORDER BY id
        """,
        guild_id,
        since.isoformat(),
    )
    return [read_row(row) for row in rows]


async def answered_late(connection: Connection, guild_id: int) -> list[Announcement]:
    """Return the alarms of a newsroom that were sent and whose procedure ended otherwise than they say."""
    end = LATEST_END.format(procedure="told.procedure")
    rows = await connection.all(
        f"""
        SELECT {COLUMNS} FROM announcement INDEXED BY announcement_follow_up
        WHERE guild_id = ? AND {_FOLLOW_UP} AND kind = 'no_award' AND state = 'sent' AND NOT is_withdrawn
            AND (SELECT ({end}) FROM announcement AS first JOIN notice AS told ON told.id = first.notice_id
                WHERE first.id = announcement.follows) IS NOT details ->> '$.ended_by'
        ORDER BY id
        """,
        guild_id,
    )
    return [read_row(row) for row in rows]


async def items_of(connection: Connection, place: Place, notice_row: int, now: datetime) -> list[tuple[int, str]]:
    """Return the watch items that brought the series of a notice to a place and still follow it, by id and name."""
    rows = await connection.all(
        f"""
        SELECT DISTINCT watch_item.id, watch_item.name FROM announcement
        CROSS JOIN announcement_hit ON announcement_hit.announcement_id = announcement.id
        CROSS JOIN hit ON hit.id = announcement_hit.hit_id
        CROSS JOIN watch_item ON watch_item.guild_id = hit.guild_id AND watch_item.id = hit.item_id
        WHERE announcement.notice_id IN ({OF_SERIES}) AND announcement.guild_id = ?2 AND announcement.channel_id = ?3
            AND watch_item.removed_at IS NULL AND coalesce(watch_item.muted_until, '') <= ?4 AND {DISMISSED_BY} IS NULL
        ORDER BY watch_item.id
        """,
        notice_row,
        place.guild_id,
        place.channel_id,
        to_text(now),
    )
    return [(row["id"], row["name"]) for row in rows]


async def _stories(
    connection: Connection, sql: str, guild_id: int, kind: AnnouncementKind, now: datetime, *values: str | int
) -> list[Story]:
    rows = await connection.all(sql, guild_id, kind, to_text(now), *values)
    return [_story(guild_id, row) for row in rows]


def _story(guild_id: int, row: sqlite3.Row) -> Story:
    return Story(
        place=Place(guild_id, row["channel_id"]),
        follows=row["first"],
        subject=row["subject"],
        notice_row=row["id"],
        deadline=parse_moment(row["deadline"]),
        told_at=to_moment(row["told_at"]),
        told=tuple(parse_moment(one) for one in json.loads(row["told"]) if one),
    )
