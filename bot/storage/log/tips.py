"""Tips: what was heard, in versions, and everything that was done with it."""

from __future__ import annotations

import sqlite3
from datetime import datetime

from bot.access import Viewer
from bot.models import ThingKind, Tip, TipChange, TipChangeKind, TipFilter, TipStatus, TipVersion, TipWords
from bot.storage._filters import CONCEALED, SEEN, asked, eyes, gathered
from bot.storage._values import next_id, to_moment, to_text
from bot.storage.archive import full_text
from bot.storage.database import Connection

_COLUMNS = """
    tip.id, tip.guild_id, tip.revision, tip.changes, tip.status, tip.is_sensitive, tip.owner, tip.logged_by,
    tip.logged_at, tip.embargo_until, tip.kept_at, tip_revision.text, tip_revision.origin, tip_revision.origin_url,
    tip_revision.heard, tip_revision.heard_typed
"""
_FROM = "FROM tip JOIN tip_revision ON tip_revision.tip_id = tip.id AND tip_revision.revision = tip.revision"


async def add(connection: Connection, guild_id: int, words: TipWords, by: int, now: datetime) -> Tip:
    """Store a new tip, its first version and that it was logged."""
    rows = await connection.all(
        f"""
        INSERT INTO tip (id, guild_id, is_sensitive, logged_by, logged_at)
        VALUES ({next_id("tip")}, ?, ?, ?, ?) RETURNING id
        """,
        guild_id,
        words.is_sensitive,
        by,
        to_text(now),
    )
    tip_id = int(rows[0]["id"])
    await _add_version(connection, guild_id, tip_id, 1, words, None, by, now)
    await _note_change(connection, guild_id, tip_id, TipChangeKind.LOGGED, by=by, now=now)
    await _index(connection, guild_id, tip_id)
    return await get(connection, guild_id, tip_id)


async def get(connection: Connection, guild_id: int, tip_id: int) -> Tip:
    """Return a newsroom's tip, whoever may see it; raises LookupError when there is none."""
    row = await connection.one(f"SELECT {_COLUMNS} {_FROM} WHERE tip.guild_id = ? AND tip.id = ?", guild_id, tip_id)
    if row is None:
        raise LookupError(f"newsroom {guild_id} has no tip {tip_id}")
    return _tip(row)


async def find(connection: Connection, viewer: Viewer, tip_id: int) -> Tip | None:
    """Return a tip, or None where there is none that this person may know of."""
    row = await connection.one(
        f"SELECT {_COLUMNS} {_FROM} WHERE tip.guild_id = ? AND tip.id = ? AND {SEEN}",
        viewer.guild_id,
        tip_id,
        *eyes(viewer),
    )
    return _tip(row) if row else None


async def listed(
    connection: Connection, viewer: Viewer, wanted: TipFilter, *, offset: int = 0, limit: int = 1000
) -> list[Tip]:
    """Return the tips that are asked for and that this person may see, newest first."""
    rows = await connection.all(
        f"""
        SELECT {_COLUMNS} {_FROM} WHERE tip.guild_id = ?6 AND tip.id IN (
            SELECT tip.id FROM tip WHERE {gathered(ThingKind.TIP, wanted)} AND tip.guild_id = ?6 AND {SEEN}
            ORDER BY tip.id DESC LIMIT ? OFFSET ?
        ) ORDER BY tip.id DESC
        """,
        *asked(wanted),
        viewer.guild_id,
        *eyes(viewer),
        limit,
        offset,
    )
    return [_tip(row) for row in rows]


async def count(connection: Connection, viewer: Viewer, wanted: TipFilter) -> int:
    """Return how many tips are asked for, of those that this person may see."""
    row = await connection.one(
        f"SELECT count(*) FROM tip WHERE {gathered(ThingKind.TIP, wanted)} AND tip.guild_id = ?6 AND {SEEN}",
        *asked(wanted),
        viewer.guild_id,
        *eyes(viewer),
    )
    return int(row[0]) if row else 0


async def total(connection: Connection, guild_id: int) -> int:
    """Return how many tips a newsroom has."""
    row = await connection.one("SELECT count(*) FROM tip WHERE guild_id = ?", guild_id)
    return int(row[0]) if row else 0


async def logged_since(connection: Connection, guild_id: int, by: int, since: datetime) -> int:
    """Return how many tips a person logged since a moment."""
    row = await connection.one(
        "SELECT count(*) FROM tip WHERE guild_id = ? AND logged_by = ? AND logged_at >= ?", guild_id, by, to_text(since)
    )
    return int(row[0]) if row else 0


async def noted_since(connection: Connection, guild_id: int, by: int, since: datetime) -> int:
    """Return how many notes a person added to tips since a moment."""
    row = await connection.one(
        """
        SELECT count(*) FROM tip_change WHERE guild_id = ? AND made_by = ? AND made_at >= ? AND kind = 'noted'
        """,
        guild_id,
        by,
        to_text(since),
    )
    return int(row[0]) if row else 0


async def notes(connection: Connection, guild_id: int, tip_id: int) -> int:
    """Return how many notes a tip has."""
    row = await connection.one(
        "SELECT count(*) FROM tip_change WHERE guild_id = ? AND tip_id = ? AND kind = 'noted'", guild_id, tip_id
    )
    return int(row[0]) if row else 0


async def edit(connection: Connection, tip: Tip, words: TipWords, reason: str | None, by: int, now: datetime) -> Tip:
    """Store the next version of a tip's words; the former ones stay."""
    await connection.run(
        "UPDATE tip SET revision = revision + 1, changes = changes + 1, is_sensitive = ? WHERE guild_id = ? AND id = ?",
        words.is_sensitive,
        tip.guild_id,
        tip.id,
    )
    await _add_version(connection, tip.guild_id, tip.id, tip.revision + 1, words, reason, by, now)
    await _note_change(connection, tip.guild_id, tip.id, TipChangeKind.EDITED, text=reason, by=by, now=now)
    await _index(connection, tip.guild_id, tip.id)
    return await get(connection, tip.guild_id, tip.id)


async def note(connection: Connection, tip: Tip, text: str, by: int, now: datetime) -> Tip:
    """Add a note to a tip."""
    await _touch(connection, tip)
    await _note_change(connection, tip.guild_id, tip.id, TipChangeKind.NOTED, text=text, by=by, now=now)
    await _index(connection, tip.guild_id, tip.id)
    return await get(connection, tip.guild_id, tip.id)


async def assign(connection: Connection, tip: Tip, owner: int, by: int, now: datetime) -> Tip:
    """Give a tip to a member."""
    await connection.run(
        "UPDATE tip SET owner = ?, changes = changes + 1 WHERE guild_id = ? AND id = ?", owner, tip.guild_id, tip.id
    )
    before = str(tip.owner) if tip.owner is not None else None
    kind = TipChangeKind.ASSIGNED
    await _note_change(connection, tip.guild_id, tip.id, kind, moved=(before, str(owner)), by=by, now=now)
    return await get(connection, tip.guild_id, tip.id)


async def keep(connection: Connection, tip: Tip, by: int, now: datetime) -> Tip:
    """Note that somebody said that a tip is to be kept."""
    await connection.run(
        "UPDATE tip SET kept_at = ?, changes = changes + 1 WHERE guild_id = ? AND id = ?",
        to_text(now),
        tip.guild_id,
        tip.id,
    )
    await _note_change(connection, tip.guild_id, tip.id, TipChangeKind.KEPT, by=by, now=now)
    return await get(connection, tip.guild_id, tip.id)


async def held_by(connection: Connection, viewer: Viewer, person: int) -> list[Tip]:
    """Return the open tips that a person owns, or logged and nobody owns, of those one may know of; oldest first."""
    rows = await connection.all(
        f"""
        SELECT {_COLUMNS} {_FROM} WHERE tip.guild_id = ? AND coalesce(tip.owner, tip.logged_by) = ?
            AND tip.status IN ('new', 'checking') AND {SEEN} ORDER BY tip.id
        """,
        viewer.guild_id,
        person,
        *eyes(viewer),
    )
    return [_tip(row) for row in rows]


async def set_status(
    connection: Connection,
    tip: Tip,
    status: TipStatus,
    by: int,
    now: datetime,
    *,
    kind: TipChangeKind = TipChangeKind.STATUS,
    text: str | None = None,
) -> Tip:
    """Move a tip to a status; `kind` says by what, `text` why."""
    await connection.run(
        "UPDATE tip SET status = ?, changes = changes + 1 WHERE guild_id = ? AND id = ?", status, tip.guild_id, tip.id
    )
    await _note_change(connection, tip.guild_id, tip.id, kind, text=text, moved=(tip.status, status), by=by, now=now)
    return await get(connection, tip.guild_id, tip.id)


async def touch(connection: Connection, tip: Tip) -> Tip:
    """Make the cards of a tip show what it is about now."""
    await _touch(connection, tip)
    return await get(connection, tip.guild_id, tip.id)


async def changes(
    connection: Connection, guild_id: int, tip_id: int, *, reader: Viewer | None = None
) -> list[TipChange]:
    """Return what was done with a tip, oldest first, as a person reads it, or (None) as the whole newsroom does.

    Who may not know of the fact that it was promoted to reads of the new status only.
    """
    reader = reader or Viewer(guild_id=guild_id, user_id=0, sees_all=False)
    rows = await connection.all(
        f"""
        SELECT number, CASE WHEN {CONCEALED} THEN 'status' ELSE kind END AS kind,
            CASE WHEN NOT {CONCEALED} THEN text END AS text, before, after, made_by, made_at
        FROM tip_change WHERE guild_id = ? AND tip_id = ? ORDER BY number
        """,
        *eyes(reader),
        *eyes(reader),
        guild_id,
        tip_id,
    )
    return [
        TipChange(
            number=row["number"],
            kind=TipChangeKind(row["kind"]),
            text=row["text"],
            before=row["before"],
            after=row["after"],
            made_by=row["made_by"],
            made_at=to_moment(row["made_at"]),
        )
        for row in rows
    ]


async def versions(connection: Connection, guild_id: int, tip_id: int) -> list[TipVersion]:
    """Return every version of a tip's words, oldest first."""
    rows = await connection.all(
        "SELECT * FROM tip_revision WHERE guild_id = ? AND tip_id = ? ORDER BY revision", guild_id, tip_id
    )
    return [
        TipVersion(
            revision=row["revision"],
            words=TipWords(
                text=row["text"],
                origin=row["origin"],
                origin_url=row["origin_url"],
                heard=row["heard"],
                heard_typed=row["heard_typed"],
                is_sensitive=bool(row["is_sensitive"]),
            ),
            reason=row["reason"],
            made_by=row["made_by"],
            made_at=to_moment(row["made_at"]),
        )
        for row in rows
    ]


async def _touch(connection: Connection, tip: Tip) -> None:
    await connection.run("UPDATE tip SET changes = changes + 1 WHERE guild_id = ? AND id = ?", tip.guild_id, tip.id)


async def _add_version(
    connection: Connection,
    guild_id: int,
    tip_id: int,
    revision: int,
    words: TipWords,
    reason: str | None,
    by: int,
    now: datetime,
) -> None:
    await connection.run(
        """
        INSERT INTO tip_revision (guild_id, tip_id, revision, text, origin, origin_url, heard, heard_typed,
            is_sensitive, reason, made_by, made_at)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """,
        guild_id,
        tip_id,
        revision,
        words.text,
        words.origin,
        words.origin_url,
        words.heard,
        words.heard_typed,
        words.is_sensitive,
        reason,
        by,
        to_text(now),
    )


async def _note_change(
    connection: Connection,
    guild_id: int,
    tip_id: int,
    kind: TipChangeKind,
    *,
    by: int,
    now: datetime,
    text: str | None = None,
    moved: tuple[str | None, str | None] = (None, None),
) -> None:
    """Note what was done, under the number that the tip's `changes` has reached; `moved` is from what to what."""
    await connection.run(
        """
        INSERT INTO tip_change (guild_id, tip_id, number, kind, text, before, after, made_by, made_at)
        SELECT guild_id, id, changes, ?, ?, ?, ?, ?, ? FROM tip WHERE guild_id = ? AND id = ?
        """,
        kind,
        text,
        *moved,
        by,
        to_text(now),
        guild_id,
        tip_id,
    )


async def _index(connection: Connection, guild_id: int, tip_id: int) -> None:
    """Make a tip found by its words as they now stand: its text, how it came, its notes."""
    tip = await get(connection, guild_id, tip_id)
    rows = await connection.all(
        "SELECT text FROM tip_change WHERE guild_id = ? AND tip_id = ? AND kind = 'noted' ORDER BY number",
        guild_id,
        tip_id,
    )
    more = "\n".join((tip.origin or "", *(row["text"] for row in rows)))
    await full_text.index_tip(connection, tip_id, tip.text, more)


def _tip(row: sqlite3.Row) -> Tip:
    return Tip(
        id=row["id"],
        guild_id=row["guild_id"],
        revision=row["revision"],
        changes=row["changes"],
        text=row["text"],
        origin=row["origin"],
        origin_url=row["origin_url"],
        heard=row["heard"],
        heard_typed=row["heard_typed"],
        is_sensitive=bool(row["is_sensitive"]),
        status=TipStatus(row["status"]),
        owner=row["owner"],
        logged_by=row["logged_by"],
        logged_at=to_moment(row["logged_at"]),
        embargo_until=to_moment(row["embargo_until"]),
        kept_at=to_moment(row["kept_at"]),
    )
