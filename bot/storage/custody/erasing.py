"""Tips that were erased: the row that is left of one, and all that leaves the database with its words."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from bot.access import Viewer
from bot.models import ThingKind, Tip
from bot.storage._filters import KNOWN, eyes
from bot.storage._values import to_moment, to_text
from bot.storage.archive import full_text
from bot.storage.custody.erased import ErasedTip
from bot.storage.database import Connection

_COLUMNS: Final = "tip.guild_id, tip.id, tip.logged_at, tip.erased_by, tip.erased_at"
_GOES: Final = ("tip_revision", "tip_change", "tip_item", "dossier_tip")
"""The tables of which no row of an erased tip is left."""


@dataclass(frozen=True, slots=True)
class TipTexts:
    """Hold what people wrote of a tip: `own` are its texts and notes, `others` how it came and why it was edited."""

    own: frozenset[str]
    others: frozenset[str]


@dataclass(frozen=True, slots=True)
class Exported:
    """Say who exported a tip, and when; `made_by` is a Discord user id as text, or `cli:name`."""

    kind: str
    made_by: str
    made_at: datetime
    folder: str | None


async def find(connection: Connection, viewer: Viewer, tip_id: int) -> ErasedTip | None:
    """Return an erased tip to those who might know of it before; None where none that they may know of was erased."""
    row = await connection.one(
        f"SELECT {_COLUMNS} FROM tip WHERE tip.guild_id = ? AND tip.id = ? AND tip.erased_at IS NOT NULL AND {KNOWN}",
        viewer.guild_id,
        tip_id,
        *eyes(viewer),
    )
    return _erased(row) if row else None


async def is_erased(connection: Connection, guild_id: int, tip_id: int) -> bool:
    """Return whether a newsroom's tip was erased, whoever asks."""
    row = await connection.one(
        "SELECT 1 FROM tip WHERE guild_id = ? AND id = ? AND erased_at IS NOT NULL", guild_id, tip_id
    )
    return row is not None


async def is_any_erased(connection: Connection, guild_id: int, ranges: Iterable[tuple[int, int]]) -> bool:
    """Return whether a newsroom's tip in one of some ranges of ids, both ends included, was erased."""
    row = await connection.one(
        """
        SELECT 1 FROM json_each(?) AS range JOIN tip
            ON tip.guild_id = ? AND tip.id BETWEEN range.value ->> 0 AND range.value ->> 1
        WHERE tip.erased_at IS NOT NULL LIMIT 1
        """,
        json.dumps([list(one) for one in ranges]),
        guild_id,
    )
    return row is not None


async def count(connection: Connection) -> int:
    """Return how many tips of all newsrooms were erased."""
    row = await connection.one("SELECT count(*) FROM tip WHERE erased_at IS NOT NULL")
    return int(row[0]) if row else 0


async def texts_of(connection: Connection, tip: Tip) -> TipTexts:
    """Return everything that people wrote of a tip, in any of its versions."""
    versions = await connection.all(
        "SELECT text, origin, reason FROM tip_revision WHERE guild_id = ? AND tip_id = ?", tip.guild_id, tip.id
    )
    notes = await connection.all(
        "SELECT text FROM tip_change WHERE guild_id = ? AND tip_id = ? AND kind = 'noted'", tip.guild_id, tip.id
    )
    others = (text for row in versions for text in (row["origin"], row["reason"]) if text)
    return TipTexts(frozenset(row["text"] for row in (*versions, *notes)), frozenset(others))


def left_of(tip: Tip, at: datetime) -> dict[str, Any]:
    """Return what `erase` leaves of a tip in its row, as the details of its entry: an altered row is known by it."""
    return {
        "erased_at": at,
        "revision": tip.revision,
        "is_sensitive": tip.is_hidden,
        "owner": tip.owner,
        "logged_by": tip.logged_by,
        "logged_at": tip.logged_at,
    }


async def erase(connection: Connection, tip: Tip, by: int, at: datetime) -> None:
    """Leave nothing of a tip but its row: whose it was, who erased it and when.

    Its entry in the audit log (`tip erase`) is written before: from then on the openings of all entries about the tip
    may go. What others may not know of stays so: an embargo is from then on as if the tip were sensitive.
    """
    for table in _GOES:
        await connection.run(f"DELETE FROM {table} WHERE guild_id = ? AND tip_id = ?", tip.guild_id, tip.id)
    await full_text.forget_tip(connection, tip.id)
    await connection.run(
        """
        UPDATE tip SET erased_by = ?, erased_at = ?, status = 'dropped', kept_at = NULL,
            is_sensitive = is_sensitive OR embargo_until IS NOT NULL, embargo_until = NULL
        WHERE guild_id = ? AND id = ?
        """,
        by,
        to_text(at),
        tip.guild_id,
        tip.id,
    )
    await connection.run(
        """
        DELETE FROM audit_opening WHERE guild_id = ?1
            AND number IN (SELECT number FROM audit WHERE guild_id = ?1 AND subject = ?2 AND action <> 'tip erase')
        """,
        tip.guild_id,
        f"{ThingKind.TIP}:{tip.id}",
    )


async def exports_of(connection: Connection, guild_id: int, tip_id: int) -> list[Exported]:
    """Return the exports of a newsroom that a tip is in, oldest first."""
    rows = await connection.all(
        """
        SELECT kind, made_by, made_at, folder, tips FROM export WHERE guild_id = ? AND tips <> '[]'
        ORDER BY made_at, id
        """,
        guild_id,
    )
    return [
        Exported(row["kind"], row["made_by"], to_moment(row["made_at"]), row["folder"])
        for row in rows
        if _holds(json.loads(row["tips"]), tip_id)
    ]


def strings_in(value: Any) -> Iterable[str]:
    """Yield every text of a value of JSON."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from strings_in(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from strings_in(inner)


def _holds(ranges: list[Any], number: int) -> bool:
    """Return whether a number is in ranges of ids, each its first and its last one."""
    return any(first <= number <= last for first, last in ranges)


def _erased(row: sqlite3.Row) -> ErasedTip:
    logged_at, erased_at = to_moment(row["logged_at"]), to_moment(row["erased_at"])
    return ErasedTip(row["guild_id"], row["id"], logged_at, row["erased_by"], erased_at)
