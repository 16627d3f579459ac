"""The members who have used the bot, as they last were, and the channels in which it writes to each of them alone."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from bot.access import Role, Viewer
from bot.storage._filters import SEEN, SEEN_FACT, eyes
from bot.storage._values import to_moment, to_text
from bot.storage.database import Connection

_ROLES = {"nobody": Role.NOBODY, "reporter": Role.REPORTER, "editor": Role.EDITOR}
_CODES = {role: code for code, role in _ROLES.items()}


@dataclass(frozen=True, slots=True)
class KnownMember:
    """Hold a member as they were when the bot last saw or asked about them; who left is nobody."""

    person: int
    role: Role
    seen_at: datetime


@dataclass(frozen=True, slots=True)
class PrivateChannel:
    """Name the channel in which the bot writes to one person alone, and since when that person takes no message."""

    channel_id: int
    closed_at: datetime | None


@dataclass(frozen=True, slots=True)
class InTheirName:
    """Count the live watch items that somebody added, and the facts that they logged and nobody verified."""

    items: int
    facts: int


async def save(connection: Connection, guild_id: int, person: int, role: Role, now: datetime) -> None:
    """Note what a person is to a newsroom by their roles: nobody, reporter or editor."""
    await connection.run(
        """
        INSERT INTO member (guild_id, person, role, seen_at) VALUES (?, ?, ?, ?)
        ON CONFLICT (guild_id, person) DO UPDATE SET role = excluded.role, seen_at = excluded.seen_at
        """,
        guild_id,
        person,
        _CODES[role],
        to_text(now),
    )


async def find(connection: Connection, guild_id: int, person: int) -> KnownMember | None:
    """Return what is known of a member; None for somebody who never used the bot and was never asked about."""
    row = await connection.one("SELECT * FROM member WHERE guild_id = ? AND person = ?", guild_id, person)
    return _member(row) if row else None


async def editors(connection: Connection, guild_id: int) -> list[int]:
    """Return the members of a newsroom who were editors when they were last seen."""
    rows = await connection.all(
        "SELECT person FROM member WHERE guild_id = ? AND role = 'editor' ORDER BY person", guild_id
    )
    return [row["person"] for row in rows]


async def holding(connection: Connection, viewer: Viewer) -> dict[int, int]:
    """Return who holds open tips that somebody may know of, owned or logged and owned by nobody, and how many.

    Who holds most comes first.
    """
    rows = await connection.all(
        f"""
        SELECT coalesce(tip.owner, tip.logged_by) AS person, count(*) AS tips FROM tip
        WHERE tip.guild_id = ? AND tip.status IN ('new', 'checking') AND {SEEN}
        GROUP BY 1 ORDER BY tips DESC, person
        """,
        viewer.guild_id,
        *eyes(viewer),
    )
    return {row["person"]: row["tips"] for row in rows}


async def left_by(connection: Connection, viewer: Viewer, person: int) -> InTheirName:
    """Return what stays in a person's name when their tips are passed on, of what somebody may know of."""
    row = await connection.one(
        f"""
        SELECT
            (SELECT count(*) FROM watch_item WHERE guild_id = ? AND added_by = ? AND removed_at IS NULL) AS items,
            (SELECT count(*) FROM fact
                WHERE guild_id = ? AND logged_by = ? AND status IN ('logged', 'disputed') AND {SEEN_FACT}) AS facts
        """,
        viewer.guild_id,
        person,
        viewer.guild_id,
        person,
        *eyes(viewer),
    )
    return InTheirName(row["items"], row["facts"]) if row else InTheirName(0, 0)


async def known(connection: Connection, guild_id: int, people: Iterable[int] | None = None) -> list[KnownMember]:
    """Return the members of a newsroom that are known, or those of some people, who were seen last first."""
    wanted = None if people is None else set(people)
    rows = await connection.all("SELECT * FROM member WHERE guild_id = ? ORDER BY seen_at DESC, person", guild_id)
    return [_member(row) for row in rows if wanted is None or row["person"] in wanted]


async def private_channel(connection: Connection, guild_id: int, person: int) -> PrivateChannel | None:
    """Return the channel in which the bot writes to a person alone, once it was opened."""
    row = await connection.one(
        "SELECT channel_id, parked_at FROM channel WHERE guild_id = ? AND person = ?", guild_id, person
    )
    return PrivateChannel(row["channel_id"], to_moment(row["parked_at"])) if row else None


async def use_private_channel(connection: Connection, guild_id: int, person: int, channel_id: int) -> None:
    """Note the channel in which the bot writes to a person alone; whatever it holds came after its own id."""
    await connection.run(
        "INSERT INTO channel (guild_id, channel_id, floor_id, person) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
        guild_id,
        channel_id,
        channel_id,
        person,
    )


async def person_of(connection: Connection, guild_id: int, channel_id: int) -> int | None:
    """Return to whom a channel is private; None for a channel of the guild."""
    row = await connection.one("SELECT person FROM channel WHERE guild_id = ? AND channel_id = ?", guild_id, channel_id)
    return row["person"] if row else None


async def is_private(connection: Connection, guild_id: int, channel_id: int) -> bool:
    """Return whether the bot writes to one person alone in a channel."""
    return await person_of(connection, guild_id, channel_id) is not None


def _member(row: sqlite3.Row) -> KnownMember:
    return KnownMember(row["person"], _ROLES[row["role"]], to_moment(row["seen_at"]))
