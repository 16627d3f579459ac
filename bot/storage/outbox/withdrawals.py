"""Messages that are to be taken out of their channels, and what an erased tip leaves in those that stay."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from bot.models import ThingKind
from bot.storage._values import to_text
from bot.storage.database import Connection
from bot.storage.outbox import announcements, sending, sightings
from bot.storage.outbox.announcements import Place

_REACHABLE: Final = f"""
    (NOT EXISTS (SELECT 1 FROM channel WHERE channel.guild_id = announcement.guild_id
        AND channel.channel_id = announcement.channel_id AND parked_reason IS NOT NULL)
    AND NOT ({sending.UNREADABLE}))
"""
"""Whether the channel of a message lets us in; where its history is not to be read, nobody can tell where it stands."""
_THERE: Final = """
    (state NOT IN ('pending', 'withdrawn') AND NOT EXISTS (SELECT 1 FROM channel
        WHERE channel.guild_id = announcement.guild_id AND channel.channel_id = announcement.channel_id
        AND parked_reason = 'deleted'))
"""
"""Whether a message may stand in its channel; one that was deleted took its messages along."""
_FAILS: Final = "(state = 'sent' AND tries > 0 AND shown_revision < due_revision)"
"""Whether Discord refused the edit that a message is owed."""


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """Say where a message to be taken out or edited is, or may be; not reachable where the channel refuses us."""

    code: str
    place: Place
    is_reachable: bool


async def standing(connection: Connection, guild_id: int, tip_id: int) -> list[Withdrawal]:
    """Return the messages about a tip that stand, or may stand, in channels, oldest first."""
    rows = await connection.all(
        f"""
        SELECT code, guild_id, channel_id,
            {_REACHABLE} AND NOT (is_withdrawn AND state = 'sent' AND tries > 0) AS is_reachable
        FROM announcement WHERE guild_id = ? AND tip_id = ? AND {_THERE} ORDER BY id
        """,
        guild_id,
        tip_id,
    )
    return [_withdrawal(row) for row in rows]


async def digests_beyond(connection: Connection, guild_id: int, tip_id: int) -> list[Withdrawal]:
    """Return the messages of digests that show, or may show, words of a tip and refuse an edit, oldest first."""
    rows = await connection.all(
        f"""
        SELECT code, announcement.guild_id, channel_id, 0 AS is_reachable FROM digest_tip
        JOIN announcement ON announcement.guild_id = digest_tip.guild_id AND announcement.id = announcement_id
        WHERE digest_tip.guild_id = ? AND digest_tip.tip_id = ? AND {_THERE}
            AND NOT (is_hidden AND state = 'sent' AND shown_revision >= due_revision)
            AND (NOT {_REACHABLE} OR (is_hidden AND {_FAILS}))
        ORDER BY announcement.id
        """,
        guild_id,
        tip_id,
    )
    return [_withdrawal(row) for row in rows]


async def out_of_reach(connection: Connection, guild_id: int, kind: ThingKind, thing_id: int) -> list[Withdrawal]:
    """Return the messages that show, or may show, a tip or a fact in channels that refuse us, oldest first."""
    rows = await connection.all(
        f"""
        SELECT announcement.id, code, guild_id, channel_id, 0 AS is_reachable FROM announcement
        WHERE guild_id = ?1 AND {kind}_id = ?2 AND {_THERE} AND NOT {_REACHABLE}
        UNION SELECT announcement.id, code, announcement.guild_id, channel_id, 0 FROM digest_{kind} AS named
        JOIN announcement ON announcement.guild_id = named.guild_id AND announcement.id = announcement_id
        WHERE named.guild_id = ?1 AND named.{kind}_id = ?2 AND {_THERE} AND NOT {_REACHABLE}
        ORDER BY 1
        """,
        guild_id,
        thing_id,
    )
    return [_withdrawal(row) for row in rows]


async def withdraw(connection: Connection, guild_id: int, tip_id: int, now: datetime) -> None:
    """Have every message about a tip taken out of its channel, and forget what it showed.

    What was never tried is settled at once, unless the channel may have it from before a restore.
    """
    rows = await connection.all(
        """
        UPDATE announcement SET is_withdrawn = 1, shown = NULL, reason = NULL, tries = 0, next_try_at = ?,
            state = CASE WHEN state <> 'set_aside' THEN state
                WHEN first_try_at IS NULL THEN 'pending' ELSE 'sending' END
        WHERE guild_id = ? AND tip_id = ? AND state <> 'withdrawn' RETURNING id, channel_id, code, state
        """,
        to_text(now),
        guild_id,
        tip_id,
    )
    for row in rows:
        place = Place(guild_id, row["channel_id"])
        if row["state"] != "pending" or await sightings.unknown(connection, place) is not None:
            continue
        if await sightings.find(connection, place, row["code"]) is None:
            await settle(connection, guild_id, row["id"])


async def settle(connection: Connection, guild_id: int, announcement_id: int) -> None:
    """Note that a message certainly does not stand in its channel."""
    await connection.run(
        "UPDATE announcement SET state = 'withdrawn' WHERE guild_id = ? AND id = ? AND is_withdrawn",
        guild_id,
        announcement_id,
    )


async def is_withdrawn(connection: Connection, guild_id: int, announcement_id: int) -> bool:
    """Return whether a message is to be taken out of its channel, or was."""
    row = await connection.one(
        "SELECT is_withdrawn FROM announcement WHERE guild_id = ? AND id = ?", guild_id, announcement_id
    )
    return bool(row and row["is_withdrawn"])


async def hide_in_digests(connection: Connection, guild_id: int, tip_id: int, now: datetime) -> int:
    """Forget what the digests that name a tip showed, and owe them an edit without its words; return how many."""
    rows = await connection.all(
        """
        UPDATE digest_tip SET is_hidden = 1 WHERE guild_id = ? AND tip_id = ?
        RETURNING announcement_id, (SELECT due_revision FROM announcement WHERE id = announcement_id) AS revision
        """,
        guild_id,
        tip_id,
    )
    for row in rows:
        await connection.run(
            "UPDATE announcement SET shown = NULL WHERE guild_id = ? AND id = ?", guild_id, row["announcement_id"]
        )
        await announcements.owe_edit(connection, row["announcement_id"], row["revision"] + 1, now)
    return len(rows)


async def remake_reminders(connection: Connection, guild_id: int, tip_id: int, now: datetime) -> None:
    """Have the reminders of a tip say that it is erased."""
    rows = await connection.all(
        "SELECT announcement_id FROM reminder WHERE guild_id = ? AND tip_id = ? AND announcement_id IS NOT NULL",
        guild_id,
        tip_id,
    )
    await announcements.remake(connection, guild_id, [row["announcement_id"] for row in rows], now)


def _withdrawal(row: sqlite3.Row) -> Withdrawal:
    return Withdrawal(row["code"], Place(row["guild_id"], row["channel_id"]), bool(row["is_reachable"]))
