"""What an export reads of a newsroom's log: stretches of our ids, with all that hangs on the things in them.

A hundred thousand facts are read, written and forgotten in one thread: it has a connection of its own, and rows are
handed over as SQLite gives them, with the columns that the docstring names, in that order.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.access import Viewer
from bot.models import AuditHead, FactFilter, ThingKind, TipFilter
from bot.storage._files import read_only
from bot.storage._filters import CONCEALED, FACTS, SEEN, SEEN_FACT, TIPS, asked, eyes
from bot.storage.custody.inspection import looking
from bot.storage.database import BUSY_TIMEOUT_MS, Connection
from bot.storage.watching.hits import HitFilter

Rows = Iterator[tuple[Any, ...]]

_SNAPSHOT = "SAVEPOINT export"
"""Begins a transaction, which sees one state of the database and ends with its connection."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """Hold the first and the last of some consecutive ids."""

    first: int
    last: int


@contextmanager
def reading(path: Path) -> Iterator[sqlite3.Connection]:
    """Hold a connection that can only read, for the thread that opens it, seeing one state for the whole block.

    It takes no lock and none of the bot's connections, and stands beside a running bot.
    """
    address = read_only(path)
    with contextlib.closing(
        sqlite3.connect(address, uri=True, isolation_level=None, timeout=BUSY_TIMEOUT_MS / 1000)
    ) as connection:
        connection.execute(_SNAPSHOT)
        yield connection


@asynccontextmanager
async def snapshot(path: Path) -> AsyncIterator[Connection]:
    """Hold such a connection as the other modules of `bot.storage` take it."""
    async with looking(path) as connection:
        await connection.run(_SNAPSHOT)
        yield connection


def stretch_after(
    connection: sqlite3.Connection, guild_id: int, kind: ThingKind, after_id: int, length: int
) -> Stretch | None:
    """Return the stretch of ids that begins with a newsroom's next fact or tip, None where there is no other."""
    (first,) = connection.execute(
        f"SELECT min(id) FROM {kind} WHERE guild_id = ? AND id > ?", (guild_id, after_id)
    ).fetchone()
    return None if first is None else Stretch(first, first + length - 1)


def name_of(connection: sqlite3.Connection, guild_id: int, table: str, row_id: int) -> str | None:
    """Return the name of a newsroom's `dossier` or `watch_item`."""
    row = connection.execute(f"SELECT name FROM {table} WHERE guild_id = ? AND id = ?", (guild_id, row_id)).fetchone()
    return None if row is None else str(row[0])


def audit_head(connection: sqlite3.Connection, guild_id: int) -> AuditHead | None:
    """Return the last entry of a newsroom's audit log; None while there is none."""
    row = connection.execute("SELECT number, hash FROM audit_head WHERE guild_id = ?", (guild_id,)).fetchone()
    return None if row is None else AuditHead(*row)


def last_change(connection: sqlite3.Connection, guild_id: int) -> int:
    """Return our id of the last change of a newsroom's facts; 0 while there is none."""
    (number,) = connection.execute("SELECT max(id) FROM fact_change WHERE guild_id = ?", (guild_id,)).fetchone()
    return number or 0


def facts(connection: sqlite3.Connection, viewer: Viewer, wanted: FactFilter, stretch: Stretch) -> Rows:
    """Yield the facts of a stretch that are asked for and that the viewer may know of, as they stand, by id.

    Columns: id, claim, status, event_date, event_date_typed, logged_by, logged_at, verified_by, verified_at, revision,
    reason, embargo_until, and tip_id where the viewer may know of the tip.
    """
    return connection.execute(
        f"""
        WITH asked AS (
            SELECT fact.id, claim, fact.status, event_date, event_date_typed, logged_by, logged_at, fact.verified_by,
                fact.verified_at, fact.revision, reason, embargo_until, tip_id
            FROM fact CROSS JOIN fact_revision
                ON fact_revision.fact_id = fact.id AND fact_revision.revision = fact.revision
            WHERE {FACTS} AND fact.guild_id = ? AND {SEEN_FACT} AND fact.id BETWEEN ? AND ?
        )
        SELECT asked.id, claim, asked.status, event_date, event_date_typed, asked.logged_by, asked.logged_at,
            verified_by, verified_at, asked.revision, reason, asked.embargo_until, tip.id
        FROM asked LEFT JOIN tip ON tip.id = asked.tip_id AND tip.guild_id = ? AND {SEEN} ORDER BY asked.id
        """,
        (
            *asked(wanted),
            viewer.guild_id,
            *eyes(viewer),
            stretch.first,
            stretch.last,
            viewer.guild_id,
            *eyes(viewer),
        ),
    )


def citations(connection: sqlite3.Connection, viewer: Viewer, wanted: FactFilter, stretch: Stretch) -> Rows:
    """Yield what those facts rest on now, by fact and number.

    Columns: fact_id, n, url, title, kind, origin, said_origin, party, quote, retrieved_at.
    """
    return connection.execute(
        f"""
        SELECT fact_id, n, url, title, kind, origin, said_origin, party, quote, retrieved_at
        FROM fact CROSS JOIN citation ON citation.fact_id = fact.id
        WHERE {FACTS} AND fact.guild_id = ? AND {SEEN_FACT} AND fact.id BETWEEN ? AND ? AND until_revision IS NULL
        ORDER BY fact.id, n
        """,
        (*asked(wanted), viewer.guild_id, *eyes(viewer), stretch.first, stretch.last),
    )


def marks(connection: sqlite3.Connection, guild_id: int, stretch: Stretch) -> Rows:
    """Yield who verified, disputed and retracted the facts of a stretch, in order: the last of a kind is the last.

    Columns: fact_id, the status, made_by, made_at, the reason.
    """
    return connection.execute(
        """
        SELECT fact_id, kind, made_by, made_at, text FROM fact_change
        WHERE +guild_id = ? AND fact_id BETWEEN ? AND ? AND kind IN ('verified', 'disputed', 'retracted')
        ORDER BY fact_id, number
        """,
        (guild_id, stretch.first, stretch.last),
    )


def fact_versions(connection: sqlite3.Connection, viewer: Viewer, wanted: FactFilter, stretch: Stretch) -> Rows:
    """Yield every version of those facts that were corrected, by fact and revision.

    Columns: fact_id, revision, claim, event_date, event_date_typed, status, verified_by, verified_at, made_by, made_at,
    reason, then url, title and quote of citation 1 as it was in that version, and how many citations there were.
    """
    return connection.execute(
        f"""
        SELECT version.fact_id, version.revision, claim, event_date, event_date_typed, version.status,
            version.verified_by, version.verified_at, version.made_by, version.made_at, version.reason,
            url, title, quote,
            (SELECT count(*) FROM citation WHERE citation.fact_id = version.fact_id
                AND from_revision <= version.revision AND coalesce(until_revision > version.revision, 1))
        FROM fact CROSS JOIN fact_revision AS version ON version.fact_id = fact.id
        LEFT JOIN citation AS first ON first.fact_id = version.fact_id AND first.n = 1
            AND from_revision <= version.revision AND coalesce(until_revision > version.revision, 1)
        WHERE {FACTS} AND fact.guild_id = ? AND {SEEN_FACT} AND fact.id BETWEEN ? AND ? AND fact.revision > 1
        ORDER BY fact.id, version.revision
        """,
        (*asked(wanted), viewer.guild_id, *eyes(viewer), stretch.first, stretch.last),
    )


def tips(connection: sqlite3.Connection, viewer: Viewer, wanted: TipFilter, stretch: Stretch) -> Rows:
    """Yield the tips of a stretch that are asked for and that the viewer may know of, as they stand, by id.

    Columns: id, text, status, origin, origin_url, heard, heard_typed, is_sensitive, owner, logged_by, logged_at,
    revision, embargo_until.
    """
    return connection.execute(
        f"""
        SELECT tip.id, text, status, origin, origin_url, heard, heard_typed, tip.is_sensitive, owner, logged_by,
            logged_at, tip.revision, embargo_until
        FROM tip CROSS JOIN tip_revision ON tip_revision.tip_id = tip.id AND tip_revision.revision = tip.revision
        WHERE {TIPS} AND tip.guild_id = ? AND {SEEN} AND tip.id BETWEEN ? AND ? ORDER BY tip.id
        """,
        (*asked(wanted), viewer.guild_id, *eyes(viewer), stretch.first, stretch.last),
    )


def tip_changes(connection: sqlite3.Connection, viewer: Viewer, wanted: TipFilter, stretch: Stretch) -> Rows:
    """Yield what was done with those tips, by tip and number, as `bot.storage.log.tips.changes` does.

    Columns: tip_id, number, kind, text, before, after, made_by, made_at.
    """
    return connection.execute(
        f"""
        WITH asked AS (
            SELECT tip_change.* FROM tip CROSS JOIN tip_change ON tip_change.tip_id = tip.id
            WHERE {TIPS} AND tip.guild_id = ? AND {SEEN} AND tip.id BETWEEN ? AND ?
        )
        SELECT tip_id, number, CASE WHEN {CONCEALED} THEN 'status' ELSE kind END,
            CASE WHEN NOT {CONCEALED} THEN text END, before, after, made_by, made_at
        FROM asked AS tip_change ORDER BY tip_id, number
        """,
        (*asked(wanted), viewer.guild_id, *eyes(viewer), stretch.first, stretch.last, *eyes(viewer), *eyes(viewer)),
    )


def tip_versions(connection: sqlite3.Connection, viewer: Viewer, wanted: TipFilter, stretch: Stretch) -> Rows:
    """Yield every version of those tips that were edited, by tip and revision.

    A version that was sensitive when it stood is seen by those who see sensitive tips.
    Columns: tip_id, revision, text, origin, origin_url, heard, heard_typed, is_sensitive, made_by, made_at, reason, and
    whether the viewer may read it.
    """
    return connection.execute(
        f"""
        SELECT tip_id, tip_revision.revision, text, origin, origin_url, heard, heard_typed, tip_revision.is_sensitive,
            made_by, made_at, reason, (NOT tip_revision.is_sensitive OR ?6 OR ?7 IN (tip.logged_by, tip.owner))
        FROM tip CROSS JOIN tip_revision ON tip_revision.tip_id = tip.id
        WHERE {TIPS} AND tip.guild_id = ? AND {SEEN} AND tip.id BETWEEN ? AND ? AND tip.revision > 1
        ORDER BY tip.id, tip_revision.revision
        """,
        (*asked(wanted), *eyes(viewer), viewer.guild_id, *eyes(viewer), stretch.first, stretch.last),
    )


def dossier_names(connection: sqlite3.Connection, guild_id: int, kind: ThingKind, stretch: Stretch) -> Rows:
    """Yield the names of the dossiers of a stretch's facts or tips: the id of the thing, the name."""
    table, column = f"dossier_{kind}", f"{kind}_id"
    return connection.execute(
        f"""
        SELECT {column}, name FROM {table} CROSS JOIN dossier ON dossier.id = dossier_id
        WHERE +{table}.guild_id = ? AND {column} BETWEEN ? AND ? ORDER BY {column}, dossier_id
        """,
        (guild_id, stretch.first, stretch.last),
    )


def item_names(connection: sqlite3.Connection, guild_id: int, kind: ThingKind, stretch: Stretch) -> Rows:
    """Yield the names of the watch items of a stretch's facts or tips, removed ones too: id of the thing, name."""
    table, column = f"{kind}_item", f"{kind}_id"
    return connection.execute(
        f"""
        SELECT {column}, name FROM {table} CROSS JOIN watch_item ON watch_item.id = item_id
        WHERE +{table}.guild_id = ? AND {column} BETWEEN ? AND ? ORDER BY {column}, item_id
        """,
        (guild_id, stretch.first, stretch.last),
    )


def messages(connection: sqlite3.Connection, guild_id: int, kind: ThingKind, stretch: Stretch) -> Rows:
    """Yield the messages that show a stretch's facts or tips, the first one last: the thing, its channel, its id."""
    column = f"{kind}_id"
    return connection.execute(
        f"""
        SELECT {column}, coalesce(thread_id, channel_id), message_id FROM announcement
        WHERE guild_id = ? AND {column} BETWEEN ? AND ? AND state = 'sent' AND message_id IS NOT NULL
            AND kind = '{kind}'
        ORDER BY {column} DESC, sent_at DESC, id DESC
        """,
        (guild_id, stretch.first, stretch.last),
    )


async def hit_notices(
    connection: Connection, guild_id: int, wanted: HitFilter, after_row: int, limit: int
) -> list[int]:
    """Return a page of the notices that hit a newsroom's items, or those that are asked for, by our ids behind one.

    When they hit is not looked at.
    """
    rows = await connection.all(
        """
        SELECT notice.id FROM notice WHERE notice.id > ? AND EXISTS (
            SELECT 1 FROM hit WHERE hit.notice_id = notice.id AND hit.guild_id = ? AND (? IS NULL OR hit.item_id = ?)
                AND (? IS NULL OR EXISTS (
                    SELECT 1 FROM dossier_item WHERE dossier_item.guild_id = hit.guild_id
                        AND dossier_item.item_id = hit.item_id AND dossier_id = ?)))
        ORDER BY notice.id LIMIT ?
        """,
        after_row,
        guild_id,
        *(wanted.item_id, wanted.item_id),
        *(wanted.dossier_id, wanted.dossier_id),
        limit,
    )
    return [row[0] for row in rows]
