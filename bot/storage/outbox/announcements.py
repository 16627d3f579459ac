"""The outbox: what is owed to Discord, what was sent, and how far each row has come."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from bot.models import Announcement, AnnouncementKind, AnnouncementState
from bot.reference import AnnouncementKey, reference
from bot.storage._values import to_moment, to_text
from bot.storage.database import Connection

HISTORY_FORBIDDEN = "history_forbidden"
"""Why a row in doubt is set aside: without the channel's history nobody can tell whether it was sent."""
LONGEST_WAIT: Final = timedelta(days=1)
"""A next try that lies further ahead was set by a clock that was wrong: it is due."""

COLUMNS = """
    announcement.id, announcement.guild_id, announcement.channel_id, announcement.kind, subject, announcement.revision,
    notice_id, tip_id, fact_id, digest_id, follows, details, polled, code, nonce, state, is_plain, reason, tries,
    created_at, first_try_at, next_try_at, sent_at, message_id, shown, shown_revision, due_revision, remade,
    is_withdrawn
"""
"""What `read_row` reads."""
_OPEN = "state IN ('pending', 'sending') AND polled IS NULL AND NOT is_withdrawn"
_EDIT_DUE = "state = 'sent' AND message_id IS NOT NULL AND shown_revision < due_revision AND NOT is_withdrawn"
_REACHABLE = """
    NOT EXISTS (SELECT 1 FROM channel WHERE channel.guild_id = announcement.guild_id
        AND channel.channel_id = announcement.channel_id AND channel.parked_reason IS NOT NULL)
"""
UNREADABLE = f"state = 'set_aside' AND reason = '{HISTORY_FORBIDDEN}'"
"""Which rows wait for a channel's history to be readable."""
_WITHDRAWAL_DUE = f"is_withdrawn AND state <> 'withdrawn' AND NOT ({UNREADABLE})"
# What a digest showed is not kept where it is to be edited: a tip that it names may have been erased meanwhile.
_KEPT = "CASE WHEN is_withdrawn OR (digest_id IS NOT NULL AND due_revision > ?2) THEN NULL ELSE {shown} END"
_SHOWS = "CASE remade WHEN ?3 THEN ?2 ELSE min(?2, due_revision - 1) END"
CERTAIN: Final = """
    NOT EXISTS (SELECT 1 FROM sighting WHERE sighting.guild_id = announcement.guild_id
        AND sighting.channel_id = announcement.channel_id AND sighting.code = announcement.code)
    AND NOT EXISTS (SELECT 1 FROM channel, installation WHERE channel.guild_id = announcement.guild_id
        AND channel.channel_id = announcement.channel_id AND channel.read_to < unknown_to)
"""
"""Whether Discord certainly does not have a pending row: after a restore its channel has to be read first."""
_CODE_ATTEMPTS = 8


@dataclass(frozen=True, slots=True)
class Place:
    """Name a channel of a newsroom."""

    guild_id: int
    channel_id: int


async def owe(
    connection: Connection,
    key: AnnouncementKey,
    *,
    now: datetime,
    thing_id: int | None = None,
    follows: int | None = None,
    details: dict[str, Any] | None = None,
    polled: str | None = None,
) -> int | None:
    """Note that a channel is owed an announcement and return its id, or None when it already was.

    `thing_id` is our row of the notice, the tip, the fact or the digest that it is about; None for operations and
    storms. With `polled`, the source whose poll is under way, it is not sent before `release`.
    """
    installation = await connection.one("SELECT id FROM installation")
    if installation is None:
        raise LookupError("the database has no installation id")
    for attempt in range(_CODE_ATTEMPTS):
        made = reference(installation["id"], key, attempt)
        rows = await connection.all(
            """
            INSERT INTO announcement (guild_id, channel_id, kind, subject, revision, notice_id, tip_id, fact_id,
                digest_id, follows, details, polled, code, nonce, created_at, next_try_at, due_revision)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING RETURNING id
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


async def waiting(connection: Connection) -> dict[Place, datetime]:
    """Return the channels that are owed something and can be reached, with the moment of the next try.

    The first open row of a channel decides, whatever stands behind it: order is kept. Edits, and messages that are to
    be taken out of it, wait for no other row.
    """
    # The sign before a column keeps SQLite to the index of what is open: a newsroom has had many announcements.
    rows = await connection.all(
        f"""
        SELECT guild_id, channel_id, min(next_try_at) AS next FROM (
            SELECT guild_id, channel_id, next_try_at, min(id) FROM announcement
            WHERE {_OPEN} AND {_REACHABLE} GROUP BY +guild_id, +channel_id
            UNION ALL
            SELECT guild_id, channel_id, next_try_at, id FROM announcement WHERE {_EDIT_DUE} AND {_REACHABLE}
            UNION ALL
            SELECT guild_id, channel_id, next_try_at, id FROM announcement WHERE {_WITHDRAWAL_DUE} AND {_REACHABLE}
        ) GROUP BY guild_id, channel_id
        """
    )
    return {Place(row["guild_id"], row["channel_id"]): to_moment(row["next"]) for row in rows}


def is_due(next_try_at: datetime, now: datetime) -> bool:
    """Return whether the moment of a next try has come."""
    return not now < next_try_at <= now + LONGEST_WAIT


async def next_due(connection: Connection, place: Place, now: datetime) -> Announcement | None:
    """Return what a channel gets next: a message taken out of it, else its first open row if due, else a due edit."""
    row = await _first_due(connection, place, _WITHDRAWAL_DUE, now)
    if row is None:
        row = await connection.one(
            f"""
            SELECT {COLUMNS} FROM announcement WHERE guild_id = ? AND channel_id = ? AND {_OPEN} AND {_REACHABLE}
            ORDER BY id LIMIT 1
            """,
            place.guild_id,
            place.channel_id,
        )
    if row is None or not is_due(to_moment(row["next_try_at"]), now):
        row = await _first_due(connection, place, _EDIT_DUE, now)
    return read_row(row) if row else None


async def _first_due(connection: Connection, place: Place, condition: str, now: datetime) -> sqlite3.Row | None:
    """Return the first row of a channel for which a condition holds and whose time has come."""
    return await connection.one(
        f"""
        SELECT {COLUMNS} FROM announcement
        WHERE guild_id = ? AND channel_id = ? AND {condition} AND (next_try_at <= ? OR next_try_at > ?)
            AND {_REACHABLE}
        ORDER BY id LIMIT 1
        """,
        place.guild_id,
        place.channel_id,
        to_text(now),
        to_text(now + LONGEST_WAIT),
    )


async def begin(
    connection: Connection,
    place: Place,
    announcement_id: int,
    now: datetime,
    *,
    shows: int | None = None,
    remade: int | None = None,
) -> bool:
    """Note, before the POST, that Discord may have the message from now on, and after which snowflake it would stand.

    Return False, and note nothing, for a row that is no longer owed to that channel, owes a later revision than the
    card that was made for it `shows`, or was to be made anew since it was `remade` so often.
    """
    return bool(
        await connection.run(
            f"""
            UPDATE announcement SET state = 'sending', first_try_at = coalesce(first_try_at, ?4),
                history_from = coalesce(history_from, (SELECT max(message_id) FROM announcement
                        WHERE guild_id = ?1 AND channel_id = ?2 AND message_id IS NOT NULL),
                    (SELECT floor_id FROM channel WHERE guild_id = ?1 AND channel_id = ?2))
            WHERE guild_id = ?1 AND channel_id = ?2 AND id = ?3 AND {_OPEN} AND (?5 IS NULL OR due_revision <= ?5)
                AND (?6 IS NULL OR remade = ?6)
            """,
            place.guild_id,
            place.channel_id,
            announcement_id,
            to_text(now),
            shows,
            remade,
        )
    )


async def sent(
    connection: Connection,
    announcement_id: int,
    *,
    message_id: int | None,
    shown: dict[str, Any],
    revision: int,
    now: datetime,
    remade: int = 0,
) -> None:
    """Note that Discord has the message, what it showed, at which revision, and how often it was `remade` before."""
    await connection.run(
        f"""
        UPDATE announcement
        SET state = 'sent', sent_at = ?4, message_id = ?5, shown = {_KEPT.format(shown="?6")},
            shown_revision = {_SHOWS}, reason = NULL
        WHERE id = ?1
        """,
        announcement_id,
        revision,
        remade,
        to_text(now),
        message_id,
        json.dumps(shown, ensure_ascii=False),
    )


async def edited(
    connection: Connection, announcement_id: int, shown: dict[str, Any] | None, revision: int, remade: int = 0
) -> None:
    """Note that the edit to a revision is settled: the message shows it, or (None) keeps what it showed.

    It is due again where it was to be made anew since it was `remade` so often.
    """
    await connection.run(
        f"""
        UPDATE announcement SET shown = {_KEPT.format(shown="coalesce(?4, shown)")}, shown_revision = {_SHOWS}
        WHERE id = ?1
        """,
        announcement_id,
        revision,
        remade,
        json.dumps(shown, ensure_ascii=False) if shown is not None else None,
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


async def postpone(connection: Connection, announcement_id: int, until: datetime, reason: str) -> None:
    """Count a failed try and try again later; the state stays, so that a row in doubt is looked for first."""
    await connection.run(
        "UPDATE announcement SET next_try_at = ?, reason = ?, tries = tries + 1 WHERE id = ?",
        to_text(until),
        reason,
        announcement_id,
    )


async def unsent(connection: Connection, announcement_id: int, reason: str) -> None:
    """Note that Discord certainly does not have the message: the row is as if never tried."""
    await connection.run(
        "UPDATE announcement SET state = 'pending', reason = ? WHERE id = ? AND state = 'sending'",
        reason,
        announcement_id,
    )


async def make_plain(connection: Connection, announcement_id: int, reason: str) -> None:
    """Send a row as its short fallback card from now on."""
    await connection.run("UPDATE announcement SET is_plain = 1, reason = ? WHERE id = ?", reason, announcement_id)


async def set_aside(connection: Connection, announcement_id: int, reason: str) -> None:
    """Stop trying a row that cannot be settled without a person."""
    await connection.run(
        "UPDATE announcement SET state = 'set_aside', reason = ? WHERE id = ?", reason, announcement_id
    )


async def reroute(connection: Connection, guild_id: int, old: int, new: int) -> None:
    """Move the notices and storms that one channel certainly does not have to another; none is owed there twice.

    What stands there for an item with that channel of its own stays.
    """
    await connection.run(
        f"""
        UPDATE OR IGNORE announcement SET channel_id = ?1
        WHERE guild_id = ?2 AND channel_id = ?3 AND state = 'pending' AND {CERTAIN}
            AND kind IN ('notice', 'storm') AND NOT EXISTS (
            SELECT 1 FROM announcement_hit
            JOIN hit ON hit.guild_id = ?2 AND hit.id = announcement_hit.hit_id
            JOIN watch_item ON watch_item.guild_id = ?2 AND watch_item.id = hit.item_id
            WHERE announcement_hit.announcement_id = announcement.id AND watch_item.channel_id = ?3
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
    )
