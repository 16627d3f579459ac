"""The outbox: what is owed to Discord, what was sent, and how far each row has come."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from bot.models import Announcement, AnnouncementKind, AnnouncementState
from bot.reference import AnnouncementKey, reference
from bot.storage._values import to_moment, to_text
from bot.storage.database import Connection
from bot.storage.watching.routes import LEADS_BY_ITSELF_TO

COLUMNS = """
    announcement.id, announcement.guild_id, announcement.channel_id, announcement.kind, subject, announcement.revision,
    notice_id, tip_id, fact_id, digest_id, follows, details, polled, code, nonce, state, is_plain, reason, tries,
    created_at, first_try_at, next_try_at, held_until, sent_at, thread_id, message_id, shown, shown_revision,
    due_revision, remade, is_withdrawn
"""
"""What `read_row` reads."""
CERTAIN: Final = """
    NOT EXISTS (SELECT 1 FROM sighting WHERE sighting.guild_id = announcement.guild_id
        AND sighting.channel_id = announcement.channel_id AND sighting.code = announcement.code)
    AND NOT EXISTS (SELECT 1 FROM channel, installation WHERE channel.guild_id = announcement.guild_id
        AND channel.channel_id = announcement.channel_id AND channel.read_to < unknown_to)
"""
"""Whether Discord certainly does not have a pending row: after a restore its channel has to be read first."""
TOLD_ELSEWHERE: Final = """
    EXISTS (
        SELECT 1 FROM announcement_hit AS elsewhere CROSS JOIN announcement AS tells
            ON tells.id = elsewhere.announcement_id
        WHERE elsewhere.guild_id = hit.guild_id AND elsewhere.hit_id = hit.id AND tells.kind = 'notice'
            AND tells.channel_id <> ? AND (tells.sent_at IS NULL OR tells.sent_at >= hit.found_at))
"""
"""Whether a message of another channel than one tells a hit too, as SQL on a row of `hit`.

A message that was sent before a hit was found only comes to show it, by an edit.
"""
_CODE_ATTEMPTS = 8


@dataclass(frozen=True, slots=True)
class Place:
    """Name a channel of a newsroom."""

    guild_id: int
    channel_id: int


def in_order(places: Iterable[Place]) -> list[Place]:
    """Return places in the order in which their messages are owed."""
    return sorted(places, key=lambda place: (place.guild_id, place.channel_id))


async def owe(
    connection: Connection,
    key: AnnouncementKey,
    *,
    now: datetime,
    thing_id: int | None = None,
    follows: int | None = None,
    details: dict[str, Any] | None = None,
    polled: str | None = None,
    held_until: datetime | None = None,
) -> int | None:
    """Note that a channel is owed an announcement and return its id, or None when it already was.

    `thing_id` is our row of the notice, the tip, the fact or the digest that it is about; None for operations and
    storms. With `polled`, the source whose poll is under way, it is not sent before `release`, and
    nothing before `held_until`.
    """
    installation = await connection.one("SELECT id FROM installation")
    if installation is None:
        raise LookupError("the database has no installation id")
    for attempt in range(_CODE_ATTEMPTS):
        made = reference(installation["id"], key, attempt)
        rows = await connection.all(
            """
            INSERT INTO announcement (guild_id, channel_id, kind, subject, revision, notice_id, tip_id, fact_id,
                digest_id, follows, details, polled, code, nonce, created_at, next_try_at, held_until,
                due_revision)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING RETURNING id
            """,
            key.guild_id,
            key.channel_id,
            key.kind,
            key.subject,
            key.revision,
            thing_id if key.kind is AnnouncementKind.NOTICE else None,
            thing_id if key.kind is AnnouncementKind.TIP else None,
            thing_id if key.kind in {AnnouncementKind.FACT, AnnouncementKind.CORRECTION} else None,
            thing_id if key.kind is AnnouncementKind.DIGEST else None,
            follows,
            json.dumps(details or {}, ensure_ascii=False),
            polled,
            made.code,
            made.nonce,
            to_text(now),
            to_text(now),
            to_text(held_until),
            key.revision,
        )
        if rows:
            return int(rows[0]["id"])
        if await id_of(connection, key) is not None:
            return None
    raise LookupError(f"no free code for {key}")


async def link(connection: Connection, guild_id: int, announcement_id: int, hit_row: int) -> None:
    """Make an announcement show a hit."""
    await connection.run(
        "INSERT INTO announcement_hit (guild_id, announcement_id, hit_id) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
        guild_id,
        announcement_id,
        hit_row,
    )


async def get(connection: Connection, guild_id: int, announcement_id: int) -> Announcement:
    """Return an announcement of a newsroom; raises LookupError when there is none."""
    row = await connection.one(
        f"SELECT {COLUMNS} FROM announcement WHERE guild_id = ? AND id = ?", guild_id, announcement_id
    )
    if row is None:
        raise LookupError(f"newsroom {guild_id} has no announcement {announcement_id}")
    return read_row(row)


async def id_of(connection: Connection, key: AnnouncementKey) -> int | None:
    """Return our id of the announcement of a key, if it was ever owed."""
    row = await connection.one(
        """
        SELECT id FROM announcement
        WHERE guild_id = ? AND channel_id = ? AND kind = ? AND subject = ? AND revision = ?
        """,
        key.guild_id,
        key.channel_id,
        key.kind,
        key.subject,
        key.revision,
    )
    return int(row["id"]) if row else None


async def by_code(connection: Connection, guild_id: int, code: str) -> Announcement | None:
    """Return a newsroom's announcement by its visible code."""
    row = await connection.one(f"SELECT {COLUMNS} FROM announcement WHERE guild_id = ? AND code = ?", guild_id, code)
    return read_row(row) if row else None


async def owe_edit(connection: Connection, announcement_id: int, revision: int, now: datetime) -> None:
    """Note that an announcement must come to show a later revision of its notice; tries are those of its edit then."""
    await connection.run(
        """
        UPDATE announcement SET due_revision = ?, next_try_at = CASE state WHEN 'sent' THEN ? ELSE next_try_at END,
            tries = CASE state WHEN 'sent' THEN 0 ELSE tries END
        WHERE id = ? AND due_revision < ?
        """,
        revision,
        to_text(now),
        announcement_id,
        revision,
    )


async def remake(connection: Connection, guild_id: int, announcement_ids: Iterable[int], now: datetime) -> None:
    """Note that these cards are to be made anew at the revision that they show; those that were sent owe an edit."""
    await connection.run(
        """
        UPDATE announcement SET remade = remade + 1, shown_revision = min(shown_revision, due_revision - 1),
            next_try_at = CASE state WHEN 'sent' THEN ? ELSE next_try_at END,
            tries = CASE state WHEN 'sent' THEN 0 ELSE tries END
        WHERE guild_id = ? AND id IN (SELECT value FROM json_each(?))
        """,
        to_text(now),
        guild_id,
        json.dumps(list(announcement_ids)),
    )


async def restate(connection: Connection, announcement_id: int, details: dict[str, Any]) -> None:
    """Replace what the card of an announcement not yet sent cannot find elsewhere."""
    await connection.run(
        "UPDATE announcement SET details = ? WHERE id = ?", json.dumps(details, ensure_ascii=False), announcement_id
    )


async def reroute(connection: Connection, guild_id: int, old: int, new: int) -> None:
    """Move the notices and storms that one channel certainly does not have to another; none is owed there twice.

    What stands there for an item with that channel of its own, or in a dossier that has it, stays.
    """
    await connection.run(
        f"""
        UPDATE OR IGNORE announcement SET channel_id = ?1, thread_id = NULL, first_try_at = NULL, history_from = NULL
        WHERE guild_id = ?2 AND channel_id = ?3 AND state = 'pending' AND {CERTAIN}
            AND kind IN ('notice', 'storm') AND NOT EXISTS (
            SELECT 1 FROM announcement_hit
            JOIN hit ON hit.guild_id = ?2 AND hit.id = announcement_hit.hit_id
            JOIN watch_item ON watch_item.guild_id = ?2 AND watch_item.id = hit.item_id
            WHERE announcement_hit.announcement_id = announcement.id AND {LEADS_BY_ITSELF_TO.format(channel="?3")}
        )
        """,
        new,
        guild_id,
        old,
    )


async def release(connection: Connection, source: str | None = None) -> None:
    """Let go of what a source's poll owed and kept back till its end; without a source of what any poll did."""
    await connection.run(
        "UPDATE announcement SET polled = NULL WHERE polled IS NOT NULL AND (?1 IS NULL OR polled = ?1)", source
    )


def read_row(row: sqlite3.Row) -> Announcement:
    """Return the announcement of a row of COLUMNS."""
    return Announcement(
        id=row["id"],
        guild_id=row["guild_id"],
        channel_id=row["channel_id"],
        kind=AnnouncementKind(row["kind"]),
        subject=row["subject"],
        revision=row["revision"],
        notice_id=row["notice_id"],
        tip_id=row["tip_id"],
        fact_id=row["fact_id"],
        digest_id=row["digest_id"],
        follows=row["follows"],
        details=json.loads(row["details"]),
        polled=row["polled"],
        code=row["code"],
        nonce=row["nonce"],
        state=AnnouncementState(row["state"]),
        is_plain=bool(row["is_plain"]),
        reason=row["reason"],
        tries=row["tries"],
        created_at=to_moment(row["created_at"]),
        first_try_at=to_moment(row["first_try_at"]),
        next_try_at=to_moment(row["next_try_at"]),
        sent_at=to_moment(row["sent_at"]),
        message_id=row["message_id"],
        shown=json.loads(row["shown"]) if row["shown"] else None,
        shown_revision=row["shown_revision"],
        due_revision=row["due_revision"],
        remade=row["remade"],
        is_withdrawn=bool(row["is_withdrawn"]),
        held_until=to_moment(row["held_until"]),
        thread_id=row["thread_id"],
    )
