"""Until when tips and facts are under embargo, who said so, and which embargoes are over."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final, overload

from bot.models import Fact, FactChangeKind, ThingKind, Tip, TipChangeKind
from bot.storage._values import NEXT_CHANGE, to_text
from bot.storage.database import Connection
from bot.storage.log import facts, tips

_MADE: Final[Mapping[ThingKind, str]] = {
    ThingKind.TIP: "INSERT INTO tip_change (guild_id, tip_id, number, kind, before, after, made_by, made_at)",
    ThingKind.FACT: "INSERT INTO fact_change (id, guild_id, fact_id, number, kind, text, made_by, made_at)",
}
_ID: Final[Mapping[ThingKind, str]] = {ThingKind.TIP: "", ThingKind.FACT: f"{NEXT_CHANGE}, "}


@overload
async def put_until(connection: Connection, thing: Tip, until: datetime | None, by: int, now: datetime) -> Tip: ...
@overload
async def put_until(connection: Connection, thing: Fact, until: datetime | None, by: int, now: datetime) -> Fact: ...
async def put_until(
    connection: Connection, thing: Tip | Fact, until: datetime | None, by: int, now: datetime
) -> Tip | Fact:
    """Put a tip or a fact under embargo until a moment, or under none any more (None), and note who did so.

    `by` is `bot.models.VIGIE_ITSELF` where the time had come.
    """
    kind = kind_of(thing)
    await connection.run(
        f"UPDATE {kind} SET embargo_until = ?, changes = changes + 1 WHERE guild_id = ? AND id = ?",
        to_text(until),
        thing.guild_id,
        thing.id,
    )
    if isinstance(thing, Tip):
        done: str = TipChangeKind.EMBARGOED if until is not None else TipChangeKind.RELEASED
        told: tuple[str | None, ...] = (to_text(thing.embargo_until), to_text(until))
    else:
        done = FactChangeKind.EMBARGOED if until is not None else FactChangeKind.RELEASED
        told = (to_text(until),)
    values = ", ?" * len((done, *told, by, now))
    await connection.run(
        f"{_MADE[kind]} SELECT {_ID[kind]}guild_id, id, changes{values} FROM {kind} WHERE guild_id = ? AND id = ?",
        done,
        *told,
        by,
        to_text(now),
        thing.guild_id,
        thing.id,
    )
    if isinstance(thing, Tip):
        return await tips.get(connection, thing.guild_id, thing.id)
    return await facts.get(connection, thing.guild_id, thing.id)


async def over(connection: Connection, now: datetime) -> list[Tip | Fact]:
    """Return the tips and facts whose embargo has come to its end, of all newsrooms, those that ended first first."""
    rows = await connection.all(
        """
        SELECT embargo_until, 'tip' AS kind, guild_id, id FROM tip WHERE embargo_until <= ?1 AND erased_at IS NULL
        UNION ALL SELECT embargo_until, 'fact', guild_id, id FROM fact WHERE embargo_until <= ?1
        ORDER BY 1, 2 DESC, 4
        """,
        to_text(now),
    )
    return [
        await (tips.get if row["kind"] == ThingKind.TIP else facts.get)(connection, row["guild_id"], row["id"])
        for row in rows
    ]


def kind_of(thing: Tip | Fact) -> ThingKind:
    """Return whether a thing is a tip or a fact."""
    return ThingKind.TIP if isinstance(thing, Tip) else ThingKind.FACT
