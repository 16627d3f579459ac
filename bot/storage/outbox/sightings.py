"""What a database that came back from a backup does not know of: the messages that were sent meanwhile."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from bot.storage._files import existing
from bot.storage._values import to_moment
from bot.storage.database import Connection
from bot.storage.outbox.announcements import Place

_EPOCH: Final = datetime(2015, 1, 1, tzinfo=UTC)
_TIME_SHIFT: Final = 22
_ID_GAP: Final = 1_000
"""How many numbers are left out, at least: as many things may have been logged after the backup."""
_NUMBERED: Final = ("tip", "fact", "dossier", "watch_item", "digest", "export")


@dataclass(frozen=True, slots=True)
class Unknown:
    """Hold two snowflakes of a channel between which nobody knows yet what was sent there."""

    after: int
    before: int


@dataclass(frozen=True, slots=True)
class Sighted:
    """Name a message that was found, and the thread of its channel in which it stands."""

    message_id: int
    thread_id: int | None = None


def snowflake(moment: datetime) -> int:
    """Return the least id that Discord gives to anything made at a moment."""
    return max(int((moment - _EPOCH).total_seconds() * 1_000), 0) << _TIME_SHIFT


async def last_known(connection: Connection) -> datetime | None:
    """Return the last moment of which a database knows anything; None for an empty one."""
    row = await connection.one(
        """
        SELECT max(known) FROM (
            SELECT max(created_at) AS known FROM announcement UNION ALL SELECT max(sent_at) FROM announcement
            UNION ALL SELECT max(attempted_at) FROM source_state UNION ALL SELECT max(made_at) FROM audit
            UNION ALL SELECT max(seen_at) FROM notice
        )
        """
    )
    return to_moment(row[0]) if row else None


def highest_number(database: Path) -> int:
    """Return the highest number that a database file has given to anything that people know by its number.

    Raises sqlite3.DatabaseError where the file cannot be read.
    """
    with existing(database) as connection:
        there = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        return int(connection.execute(_highest_of([table for table in _NUMBERED if table in there])).fetchone()[0] or 0)


async def begin(connection: Connection, since: datetime | None, until: datetime, above: int = 0) -> None:
    """Note that nothing is known of what was sent between two moments, in any channel, and leave numbers out.

    Without `since` nothing is known of any moment before `until`. What was still unknown after a restore before
    this one is unknown from then on. `above` is the highest number that the former database gave, where that is known.
    """
    row = await connection.one("SELECT unknown_from, unknown_to FROM installation")
    after = snowflake(since) if since is not None else 0
    if row is not None and row["unknown_from"] is not None:
        unread = await connection.one("SELECT 1 FROM channel WHERE read_to < ?", row["unknown_to"])
        after = min(after, row["unknown_from"]) if unread else after
    # What was sent later has a greater id than anything known, whatever this machine's clock said.
    last = await connection.one("SELECT max(message_id) FROM announcement")
    after = min(after, (last[0] if last else None) or 0)
    await connection.run("UPDATE installation SET unknown_from = ?, unknown_to = ?", after, snowflake(until))
    # A channel that is used again since has a floor of now, and messages from before.
    await connection.run("UPDATE channel SET read_to = max(floor_id - 1, 0)")
    highest = await connection.one(_highest_of(_NUMBERED))
    number = max(above, int(highest[0] or 0) if highest else 0)
    await connection.run("UPDATE installation SET id_floor = max(id_floor, ?)", (number // _ID_GAP + 2) * _ID_GAP)


def _highest_of(tables: Sequence[str]) -> str:
    highest = " UNION ALL ".join(f"SELECT max(id) AS id FROM {table}" for table in tables)
    return f"SELECT max(id) FROM ({highest})"


async def unknown(connection: Connection, place: Place) -> Unknown | None:
    """Return what of a channel still has to be read; None where all that was sent there is known."""
    row = await connection.one(
        """
        SELECT max(channel.read_to, unknown_from - 1) AS after, unknown_to
        FROM channel, installation
        WHERE channel.guild_id = ? AND channel.channel_id = ? AND channel.read_to < unknown_to
        """,
        place.guild_id,
        place.channel_id,
    )
    return Unknown(row["after"], row["unknown_to"]) if row else None


async def note(
    connection: Connection, place: Place, codes: Mapping[str, int], reached: int | None, *, thread_id: int | None = None
) -> None:
    """Note the messages of ours that a channel or a thread of it has, by their codes, and how far it was read for them.

    Where it has threads that are not read yet, None tells that the channel was not read any further.
    """
    for code, message_id in codes.items():
        await connection.run(
            """
            INSERT INTO sighting (guild_id, channel_id, code, message_id, thread_id) VALUES (?, ?, ?, ?, ?)
            ON CONFLICT (guild_id, channel_id, code) DO NOTHING
            """,
            place.guild_id,
            place.channel_id,
            code,
            message_id,
            thread_id,
        )
    if reached is None:
        return
    await connection.run(
        "UPDATE channel SET read_to = ? WHERE guild_id = ? AND channel_id = ?",
        reached,
        place.guild_id,
        place.channel_id,
    )


async def find(connection: Connection, place: Place, code: str) -> Sighted | None:
    """Return the message that was sent after the backup and shows a code, if one was found."""
    row = await connection.one(
        "SELECT message_id, thread_id FROM sighting WHERE guild_id = ? AND channel_id = ? AND code = ?",
        place.guild_id,
        place.channel_id,
        code,
    )
    return Sighted(row["message_id"], row["thread_id"]) if row else None
