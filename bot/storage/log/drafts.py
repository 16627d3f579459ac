"""Forms that people were shown: what each is about, and what was typed; gone once it is stored, or after a day."""

from __future__ import annotations

import json
import secrets
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from bot.clock import MOST_AHEAD
from bot.storage._values import to_text
from bot.storage.database import Connection

KEPT: Final = timedelta(hours=24)
"""How long what is in a form is kept at most: it may be sensitive."""
MOST_PURGED = 500
"""Drafts that one transaction deletes, so that it stays short; the next one goes on."""

ERASED: Final = "erased"
"""The form of a draft of which nothing is left because a tip was erased."""

_DRAFTS_A_SECOND = 10**8


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """Hold a form that a person was shown: `context` is what it is about, `values` what stands in its fields."""

    id: int
    guild_id: int
    person: int
    form: str
    context: Mapping[str, Any]
    values: Mapping[str, str]


async def add(
    connection: Connection,
    guild_id: int,
    person: int,
    form: str,
    *,
    context: Mapping[str, Any],
    values: Mapping[str, str],
    now: datetime,
) -> Draft:
    """Store a draft of a newsroom's person and return it; `context` and `values` are written as JSON.

    Its id is never given out again, as SQLite would do with that of a deleted row: a form that was sent would name
    another draft, of the same person perhaps.
    """
    draft = Draft(
        id=int(now.timestamp()) * _DRAFTS_A_SECOND + secrets.randbelow(_DRAFTS_A_SECOND),
        guild_id=guild_id,
        person=person,
        form=form,
        context=context,
        values=values,
    )
    await connection.run(
        "INSERT INTO draft (id, guild_id, person, form, context, fields, made_at) VALUES (?, ?, ?, ?, ?, ?, ?)",
        draft.id,
        guild_id,
        person,
        form,
        json.dumps(dict(context)),
        json.dumps(dict(values)),
        to_text(now),
    )
    return draft


async def find(connection: Connection, guild_id: int, person: int, draft_id: int) -> Draft | None:
    """Return a person's own draft in a newsroom, None when it is gone or never was."""
    row = await connection.one(
        "SELECT id, guild_id, person, form, context, fields FROM draft WHERE guild_id = ? AND person = ? AND id = ?",
        guild_id,
        person,
        draft_id,
    )
    return _draft(row) if row else None


async def keep(connection: Connection, guild_id: int, person: int, draft_id: int, values: Mapping[str, str]) -> bool:
    """Put what was typed into a draft; return whether it is still there to take it."""
    return bool(
        await connection.run(
            "UPDATE draft SET fields = ? WHERE guild_id = ? AND person = ? AND id = ? AND form <> ?",
            json.dumps(dict(values)),
            guild_id,
            person,
            draft_id,
            ERASED,
        )
    )


async def consume(connection: Connection, guild_id: int, person: int, draft_id: int) -> bool:
    """Delete a draft; return False where that was done before.

    To be called in the transaction that stores what the form asks for, before anything else is judged: what is then
    refused rolls the deletion back, and what was stored is never asked for twice.
    """
    return bool(
        await connection.run(
            "DELETE FROM draft WHERE guild_id = ? AND person = ? AND id = ? AND form <> ?",
            guild_id,
            person,
            draft_id,
            ERASED,
        )
    )


async def every(connection: Connection, guild_id: int) -> list[Draft]:
    """Return the drafts of all of a newsroom's people, of which something is left."""
    rows = await connection.all(
        "SELECT id, guild_id, person, form, context, fields FROM draft WHERE guild_id = ? AND form <> ?",
        guild_id,
        ERASED,
    )
    return [_draft(row) for row in rows]


async def empty(connection: Connection, draft: Draft, tip_id: int | None) -> None:
    """Leave nothing in a draft but that it is gone, and because of which tip where its form was about that tip.

    Nothing is put into it again, and it is deleted like the others.
    """
    await connection.run(
        "UPDATE draft SET form = ?, context = ?, fields = '{}' WHERE guild_id = ? AND id = ?",
        ERASED,
        json.dumps({} if tip_id is None else {"tip": tip_id}),
        draft.guild_id,
        draft.id,
    )


async def purge(connection: Connection, before: datetime) -> int:
    """Delete the oldest drafts made before a moment, at most MOST_PURGED; return how many.

    One that was made while the clock was wrong is old too.
    """
    return await connection.run(
        """
        DELETE FROM draft WHERE id IN (
            SELECT id FROM draft WHERE made_at < ? OR made_at > ? ORDER BY made_at LIMIT ?
        )
        """,
        to_text(before),
        to_text(before + KEPT + MOST_AHEAD),
        MOST_PURGED,
    )


def is_over(draft_id: int, now: datetime) -> bool:
    """Return whether a draft of that id, still there or not, was made too long ago to be used."""
    try:
        made = datetime.fromtimestamp(draft_id // _DRAFTS_A_SECOND, UTC)
    except (OverflowError, ValueError, OSError):  # an id that we never gave out
        return True
    return now - made >= KEPT


def _draft(row: sqlite3.Row) -> Draft:
    return Draft(
        id=row["id"],
        guild_id=row["guild_id"],
        person=row["person"],
        form=row["form"],
        context=json.loads(row["context"]),
        values=json.loads(row["fields"]),
    )
