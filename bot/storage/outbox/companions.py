"""Entries of a register that one message tells of together: the one that owes it, and those that accompany it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bot.models import Held
from bot.storage._dismissed import DISMISSED_BY
from bot.storage.database import Connection
from bot.storage.outbox.announcements import Place


@dataclass(frozen=True, slots=True)
class Gathering:
    """Name the message of a poll under way that further entries of its procedure accompany, and the items it shows."""

    announcement: int
    items: frozenset[int]


@dataclass(frozen=True, slots=True)
class Companion:
    """Hold an entry that accompanies another one: our row of it, its newest title and link.

    `has_hit` tells whether it brought a watch item that the entries before it had not. `revision` is its newest.
    """

    row: int
    source_id: str
    title: str
    url: str | None
    has_hit: bool
    revision: int


async def gathering(connection: Connection, source: str, procedure: str) -> dict[Place, Gathering]:
    """Return the messages on entries of a procedure that the poll of a source, under way, owes, by channel."""
    rows = await connection.all(
        """
        SELECT announcement.guild_id, announcement.channel_id, min(announcement.id) AS first
        FROM announcement CROSS JOIN notice ON notice.id = announcement.notice_id
        WHERE announcement.polled = ? AND announcement.kind = 'notice'
            AND notice.source = announcement.polled AND notice.procedure = ?
        GROUP BY announcement.guild_id, announcement.channel_id
        """,
        source,
        procedure,
    )
    return {
        Place(row["guild_id"], row["channel_id"]): Gathering(
            row["first"], await items_shown(connection, row["guild_id"], row["first"])
        )
        for row in rows
    }


async def items_shown(connection: Connection, guild_id: int, announcement_id: int) -> frozenset[int]:
    """Return the items of which a message announces a hit that nobody dismissed."""
    rows = await connection.all(
        f"""
        SELECT DISTINCT hit.item_id FROM announcement_hit CROSS JOIN hit ON hit.id = announcement_hit.hit_id
        WHERE +announcement_hit.guild_id = ? AND announcement_hit.announcement_id = ? AND hit.held IS NULL
            AND {DISMISSED_BY} IS NULL
        """,
        guild_id,
        announcement_id,
    )
    return frozenset(row["item_id"] for row in rows)


async def add(connection: Connection, guild_id: int, announcement_id: int, notice_row: int) -> None:
    """Note that a message tells of a further notice."""
    await connection.run(
        "INSERT INTO announcement_companion (guild_id, announcement_id, notice_id) VALUES (?, ?, ?)"
        " ON CONFLICT DO NOTHING",
        guild_id,
        announcement_id,
        notice_row,
    )


async def of_announcement(connection: Connection, guild_id: int, announcement_id: int) -> list[Companion]:
    """Return the entries that a message tells of beside its own: those first that brought an item of their own."""
    rows = await connection.all(
        """
        SELECT notice.id, notice.source_id, notice.revision, says.title, says.url, EXISTS (
            SELECT 1 FROM announcement_hit JOIN hit ON hit.id = announcement_hit.hit_id
            WHERE announcement_hit.announcement_id = beside.announcement_id AND hit.notice_id = notice.id
                AND hit.held IS NULL) AS has_hit
        FROM announcement_companion AS beside JOIN notice ON notice.id = beside.notice_id
        JOIN notice_revision AS says ON says.notice_id = notice.id AND says.revision = notice.revision
        WHERE +beside.guild_id = ? AND beside.announcement_id = ? ORDER BY has_hit DESC, notice.id
        """,
        guild_id,
        announcement_id,
    )
    return [
        Companion(row["id"], row["source_id"], row["title"], row["url"], bool(row["has_hit"]), row["revision"])
        for row in rows
    ]


async def part(
    connection: Connection, guild_id: int, announcement_id: int, notice_row: int, was_held: Mapping[int, Held | None]
) -> None:
    """Take a further notice off a message that Discord does not have, as if it had not changed.

    The hits that it brought there need no line of their own; those of an item that `was_held` before, as
    `hits.earlier` says it, are held as they were.
    """
    rows = await connection.all(
        """
        SELECT hit.id, hit.item_id, hit.digest = 'due' OR hit.held = 'companion' AS is_news
        FROM announcement_hit CROSS JOIN hit ON hit.id = announcement_hit.hit_id
        WHERE +announcement_hit.guild_id = ? AND announcement_hit.announcement_id = ? AND hit.notice_id = ?
        """,
        guild_id,
        announcement_id,
        notice_row,
    )
    for row in rows:
        if row["is_news"]:
            await connection.run(
                "UPDATE hit SET held = ?, digest = 'none' WHERE guild_id = ? AND id = ?",
                was_held.get(row["item_id"]),
                guild_id,
                row["id"],
            )
        await connection.run(
            "DELETE FROM announcement_hit WHERE +guild_id = ? AND announcement_id = ? AND hit_id = ?",
            guild_id,
            announcement_id,
            row["id"],
        )
    await connection.run(
        "DELETE FROM announcement_companion WHERE guild_id = ? AND announcement_id = ? AND notice_id = ?",
        guild_id,
        announcement_id,
        notice_row,
    )
