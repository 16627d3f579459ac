"""Exports that hold facts as they no longer stand: what changed since, how it stood then, and who was told of it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime

from bot.models import FactChangeKind, FactStatus, message_url
from bot.storage._values import to_moment
from bot.storage.database import Connection

_NEWS = "('corrected', 'disputed', 'retracted')"
"""The changes of a fact of which whoever exported it before is told."""


@dataclass(frozen=True, slots=True)
class FactNews:
    """Hold a change of a fact that those who exported it before are told of."""

    id: int
    fact_id: int
    number: int
    made_by: int
    made_at: datetime


@dataclass(frozen=True, slots=True)
class ExportedFacts:
    """Hold who exported facts, when and where to, and the ranges of our ids of them, both ends included.

    `last_change` is our id of the last change of a fact that is in it.
    """

    made_by: str
    made_at: datetime
    folder: str | None
    ranges: tuple[tuple[int, int], ...]
    last_change: int

    def holds(self, fact_id: int) -> bool:
        """Return whether a fact was in the export."""
        return any(first <= fact_id <= last for first, last in self.ranges)


@dataclass(frozen=True, slots=True)
class FactThen:
    """Hold how a fact stood at some moment: its status and its version."""

    status: FactStatus
    revision: int


async def fact_news(connection: Connection, guild_id: int, after: int) -> list[FactNews]:
    """Return the corrections, disputes and retractions of a newsroom's facts after a change, oldest first."""
    rows = await connection.all(
        f"""
        SELECT id, fact_id, number, made_by, made_at FROM fact_change
        WHERE guild_id = ? AND id > ? AND kind IN {_NEWS} ORDER BY id
        """,
        guild_id,
        after,
    )
    return [
        FactNews(row["id"], row["fact_id"], row["number"], row["made_by"], to_moment(row["made_at"])) for row in rows
    ]


async def exports_of_facts(connection: Connection, guild_id: int) -> list[ExportedFacts]:
    """Return a newsroom's exports that hold facts, oldest first."""
    rows = await connection.all(
        """
        SELECT made_by, made_at, folder, facts, last_change FROM export WHERE guild_id = ? AND facts <> '[]' ORDER BY id
        """,
        guild_id,
    )
    return [
        ExportedFacts(
            row["made_by"],
            to_moment(row["made_at"]),
            row["folder"],
            tuple((int(first), int(last)) for first, last in json.loads(row["facts"])),
            row["last_change"],
        )
        for row in rows
    ]


async def told_of_facts(connection: Connection, guild_id: int) -> dict[tuple[str, int], int]:
    """Return up to which number of its changes each person was told of each fact."""
    rows = await connection.all(
        """
        SELECT person, fact_id, max(number) AS number FROM reminder
        WHERE guild_id = ? AND fact_id IS NOT NULL GROUP BY person, fact_id
        """,
        guild_id,
    )
    return {(row["person"], row["fact_id"]): row["number"] for row in rows}


async def fact_at(connection: Connection, guild_id: int, fact_id: int, last_change: int) -> FactThen:
    """Return how a fact stood once a change was made, of any fact, by our id of it."""
    rows = await connection.all(
        f"""
        SELECT kind FROM fact_change WHERE guild_id = ? AND fact_id = ? AND id <= ?
            AND kind IN ('logged', 'verified', {_NEWS[1:-1]}) ORDER BY number
        """,
        guild_id,
        fact_id,
        last_change,
    )
    kinds = [FactChangeKind(row["kind"]) for row in rows] or [FactChangeKind.LOGGED]
    status = FactStatus.LOGGED if kinds[-1] is FactChangeKind.CORRECTED else FactStatus(kinds[-1].value)
    return FactThen(status, 1 + kinds.count(FactChangeKind.CORRECTED))


async def card_of_fact(connection: Connection, guild_id: int, fact_id: int) -> str | None:
    """Return the link to the card that shows a fact to all, where one does."""
    row = await connection.one(
        """
        SELECT coalesce(thread_id, channel_id) AS channel_id, message_id FROM announcement
        WHERE guild_id = ? AND fact_id = ? AND kind = 'fact' AND state = 'sent' AND message_id IS NOT NULL
        ORDER BY id LIMIT 1
        """,
        guild_id,
        fact_id,
    )
    return message_url(guild_id, row["channel_id"], row["message_id"]) if row else None
