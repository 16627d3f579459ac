"""Reminders that a person's closed channel does not have: told in the log, or when that person next uses the bot."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.models import Reminded
from bot.storage._values import to_text
from bot.storage.database import Connection
from bot.storage.log.reminders import read_row


@dataclass(frozen=True, slots=True)
class Undelivered:
    """Name a reminder that a person's closed channel certainly does not have."""

    announcement_id: int
    channel_id: int
    person: int


async def undelivered(connection: Connection, guild_id: int) -> list[Undelivered]:
    """Return the reminders that are owed to people who take no private message."""
    rows = await connection.all(
        """
        SELECT announcement.id, channel.channel_id, channel.person FROM channel JOIN announcement
            ON announcement.guild_id = channel.guild_id AND announcement.channel_id = channel.channel_id
        WHERE channel.guild_id = ? AND channel.person IS NOT NULL AND channel.parked_reason IS NOT NULL
            AND announcement.kind = 'reminder' AND announcement.state = 'pending'
        ORDER BY announcement.id
        """,
        guild_id,
    )
    return [Undelivered(row["id"], row["channel_id"], row["person"]) for row in rows]


async def divert(
    connection: Connection, guild_id: int, announcement_id: int, to: int | None, tips: Sequence[int] | None = None
) -> None:
    """Make another announcement, or (None) the bot's next reply, tell what one reminds of; of some tips, or of all."""
    await connection.run(
        """
        UPDATE reminder SET announcement_id = ?
        WHERE guild_id = ? AND announcement_id = ? AND (? IS NULL OR tip_id IN (SELECT value FROM json_each(?)))
        """,
        to,
        guild_id,
        announcement_id,
        None if tips is None else json.dumps(list(tips)),
        None if tips is None else json.dumps(list(tips)),
    )


async def withdraw(connection: Connection, guild_id: int, announcement_id: int) -> None:
    """Forget a reminder that its channel certainly does not have, once all of it is told otherwise."""
    await connection.run(
        "DELETE FROM announcement WHERE guild_id = ? AND id = ? AND kind = 'reminder' AND state = 'pending'",
        guild_id,
        announcement_id,
    )


async def untold(connection: Connection, guild_id: int, person: int) -> list[Reminded]:
    """Return what a person is to be told when they next use the bot: what still stands, of things not erased."""
    rows = await connection.all(
        """
        SELECT reminder.* FROM reminder LEFT JOIN tip ON tip.guild_id = reminder.guild_id AND tip.id = reminder.tip_id
        WHERE reminder.guild_id = ?1 AND reminder.person = ?2 AND announcement_id IS NULL AND told_at IS NULL
            AND tip.erased_at IS NULL AND (reminder.tip_id IS NULL OR reminder.number =
                (SELECT max(number) FROM tip_change WHERE tip_change.tip_id = reminder.tip_id))
        ORDER BY reminder.id
        """,
        guild_id,
        str(person),
    )
    return [read_row(row) for row in rows]


async def tell(connection: Connection, guild_id: int, told: Sequence[Reminded], now: datetime) -> int:
    """Note that people were told of these things when they used the bot; return of how many things."""
    return await connection.run(
        """
        UPDATE reminder SET told_at = ?1
        WHERE guild_id = ?2 AND announcement_id IS NULL AND told_at IS NULL
            AND (reason, coalesce(tip_id, fact_id), number, person) IN (
                SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3 FROM json_each(?3))
        """,
        to_text(now),
        guild_id,
        json.dumps([[one.reason, one.tip_id or one.fact_id, one.number, one.person] for one in told]),
    )
