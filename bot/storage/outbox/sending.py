"""What of the outbox is due, and every step of a row on its way to Discord."""

from __future__ import annotations

import json
import sqlite3
from datetime import datetime, timedelta
from typing import Any, Final

from bot.models import Announcement
from bot.storage._values import to_moment, to_text
from bot.storage.database import Connection
from bot.storage.outbox import later
from bot.storage.outbox.announcements import COLUMNS, Place, read_row

HISTORY_FORBIDDEN = "history_forbidden"
"""Why a row in doubt is set aside: without the channel's history nobody can tell whether it was sent."""
LONGEST_WAIT: Final = timedelta(days=1)
"""A next try that lies further ahead was set by a clock that was wrong: it is due."""

_OPEN = "state IN ('pending', 'sending') AND polled IS NULL AND NOT is_withdrawn"
# A moment further ahead was set by a clock that was wrong, as `LONGEST_WAIT` says.
_HELD = "held_until > ? AND held_until <= ?"
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


async def waiting(connection: Connection, now: datetime) -> dict[Place, datetime]:
    """Return the channels that are owed something and can be reached, with the moment of the next try.

    The first open row of a channel decides, whatever stands behind it: order is kept. Edits, and messages that are to
    be taken out of it, wait for no other row; what is held back for some hours keeps none behind it waiting.
    """
    # The sign before a column keeps SQLite to the index of what is open: a newsroom has had many announcements.
    rows = await connection.all(
        f"""
        SELECT guild_id, channel_id, min(next_try_at) AS next FROM (
            SELECT guild_id, channel_id, next_try_at, min(id) FROM announcement
            WHERE {_OPEN} AND ({_HELD}) IS NOT TRUE AND {_REACHABLE} GROUP BY +guild_id, +channel_id
            UNION ALL
            SELECT guild_id, channel_id, max(held_until, next_try_at), id FROM announcement
            WHERE {_OPEN} AND {_HELD} AND {_REACHABLE}
            UNION ALL
            SELECT guild_id, channel_id, next_try_at, id FROM announcement WHERE {_EDIT_DUE} AND {_REACHABLE}
            UNION ALL
            SELECT guild_id, channel_id, next_try_at, id FROM announcement WHERE {_WITHDRAWAL_DUE} AND {_REACHABLE}
        ) GROUP BY guild_id, channel_id
        """,
        *2 * (to_text(now), to_text(now + LONGEST_WAIT)),
    )
    return {Place(row["guild_id"], row["channel_id"]): to_moment(row["next"]) for row in rows}


def is_due(next_try_at: datetime, now: datetime) -> bool:
    """Return whether the moment of a next try has come."""
    return not now < next_try_at <= now + LONGEST_WAIT


async def next_due(connection: Connection, place: Place, now: datetime) -> Announcement | None:
    """Return what a channel gets next: a message taken out of it, else its first open row if due, else a due edit.

    The edit of the card that a notice's row answers comes before it, if that is due.
    """
    row = await _first_due(connection, place, _WITHDRAWAL_DUE, now)
    if row is None:
        row = await connection.one(
            f"""
            SELECT {COLUMNS} FROM announcement
            WHERE guild_id = ? AND channel_id = ? AND {_OPEN} AND ({_HELD}) IS NOT TRUE AND {_REACHABLE}
            ORDER BY id LIMIT 1
            """,
            place.guild_id,
            place.channel_id,
            to_text(now),
            to_text(now + LONGEST_WAIT),
        )
    if row is None or not is_due(to_moment(row["next_try_at"]), now):
        row = await _first_due(connection, place, _EDIT_DUE, now)
    elif (row["kind"], row["state"]) == ("notice", "pending") and row["follows"] is not None:
        # A notice's card and what answers it are read together: the edit comes before the answer.
        row = await _first_due(connection, place, f"{_EDIT_DUE} AND id = {row['follows']:d}", now) or row
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
    thread_id: int | None = None,
) -> bool:
    """Note, before the POST, that Discord may have the message from now on, and after which snowflake it would stand.

    It goes into the thread `thread_id`, where one is given. Return False, and note nothing, for a row that is no longer
    owed to that channel, owes a later revision than the card that was made for it `shows`, or was to be made anew since
    it was `remade` so often.
    """
    return bool(
        await connection.run(
            f"""
            UPDATE announcement SET state = 'sending', first_try_at = coalesce(first_try_at, ?4), thread_id = ?7,
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
            thread_id,
        )
    )


async def leave_thread(connection: Connection, guild_id: int, announcement_id: int) -> None:
    """Note, before the next POST, that a row certainly does not stand in the thread that was chosen for it."""
    await connection.run(
        "UPDATE announcement SET thread_id = NULL WHERE guild_id = ? AND id = ? AND state = 'sending'",
        guild_id,
        announcement_id,
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
    thread_id: int | None = None,
) -> None:
    """Note that Discord has the message, what it showed, at which revision, and how often it was `remade` before.

    It stands in the thread `thread_id`, where one is given. The message on an earlier notice that it continues comes to
    link to it.
    """
    await connection.run(
        f"""
        UPDATE announcement
        SET state = 'sent', sent_at = ?4, message_id = ?5, shown = {_KEPT.format(shown="?6")},
            shown_revision = {_SHOWS}, thread_id = ?7, reason = NULL
        WHERE id = ?1
        """,
        announcement_id,
        revision,
        remade,
        to_text(now),
        message_id,
        json.dumps(shown, ensure_ascii=False),
        thread_id,
    )
    await later.remake_continued(connection, announcement_id, now)


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
