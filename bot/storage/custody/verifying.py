"""What verifying the audit log reads: entries, sealed rows and what stands, as SQLite gives them, in order.

Rows come one after the other, so that memory does not grow with them. Queries are of one newsroom, except those that
say so. Texts that are no UTF-8 are read too: who looks for altered bytes does not stumble over them.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from bot.storage._files import read_only
from bot.storage.custody.audit import KEYS, RESTORING, SEALED, SEALING
from bot.storage.database import BUSY_TIMEOUT_MS

Rows = Iterator[sqlite3.Row]

_SNAPSHOT: Final = "SAVEPOINT verifying"
"""Begins a transaction, which sees one state of the database and ends with its connection."""
_MOST_FINDINGS: Final = 100
_OF_VALUES: Final = ("CHECK constraint failed", "NULL value in", "non-", "TEXT value in", "NUMERIC value in")
"""How SQLite begins what it finds wrong with a value; all else is wrong with the file."""
_TABLES: Final = {table: (kind, columns) for kind, tables in SEALED.items() for table, columns in tables.items()}


@contextmanager
def reading(path: Path) -> Iterator[sqlite3.Connection]:
    """Hold a connection that can only read, for the thread that opens it, seeing one state for the whole block.

    It takes no lock and stands beside a running bot. Where the place is not to be written to, and no bot has left
    anything beside the file, the file is read as one that nobody changes.
    """
    address = read_only(path)
    try:
        connection = _connected(address)
    except sqlite3.OperationalError as error:
        is_alone = not path.with_name(f"{path.name}-wal").exists()
        if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_CANTOPEN or not path.is_file() or not is_alone:
            raise
        connection = _connected(f"{address}&immutable=1")
    with contextlib.closing(connection):
        yield connection


def _connected(address: str) -> sqlite3.Connection:
    connection = sqlite3.connect(address, uri=True, isolation_level=None, timeout=BUSY_TIMEOUT_MS / 1000)
    try:
        connection.row_factory = sqlite3.Row
        connection.text_factory = lambda text: text.decode("utf-8", "surrogateescape")
        connection.execute(_SNAPSHOT)
        connection.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone()
    except BaseException:
        connection.close()
        raise
    return connection


def damage(connection: sqlite3.Connection) -> str | None:
    """Return the first thing that is wrong with the file itself, in SQLite's words; None where it is sound.

    A value that breaks a rule of its table is none: which row it is in is for the log to say.
    """
    for (found,) in connection.execute(f"PRAGMA integrity_check({_MOST_FINDINGS})"):
        if found != "ok" and not found.startswith(_OF_VALUES):
            return str(found)
    return None


def newsrooms(connection: sqlite3.Connection) -> list[int]:
    """Return the guild ids of all newsrooms, and those that only rows of the log are said to be of."""
    tables = ("newsroom", "audit", "audit_head", "tip", "fact", *_TABLES)
    found = " UNION ".join(f"SELECT guild_id FROM {table}" for table in tables)
    return [guild_id for (guild_id,) in connection.execute(f"{found} ORDER BY guild_id")]


def entries(connection: sqlite3.Connection, guild_id: int, after: int | None = None) -> Rows:
    """Yield the entries of a newsroom's audit log, or those behind a number, with their openings.

    They come by number; `salt` is None where there is no opening.
    """
    return connection.execute(
        """
        SELECT audit.*, audit_opening.salt, audit_opening.detail, audit_opening."rows" AS seals
        FROM audit LEFT JOIN audit_opening
            ON audit_opening.guild_id = audit.guild_id AND audit_opening.number = audit.number
        WHERE audit.guild_id = ?1 AND (?2 IS NULL OR audit.number > ?2) ORDER BY audit.number
        """,
        (guild_id, after),
    )


def entry(connection: sqlite3.Connection, guild_id: int, number: int) -> sqlite3.Row | None:
    """Return an entry of a newsroom's audit log with the details of its opening."""
    row: sqlite3.Row | None = connection.execute(
        """
        SELECT audit.*, audit_opening.detail FROM audit LEFT JOIN audit_opening
            ON audit_opening.guild_id = audit.guild_id AND audit_opening.number = audit.number
        WHERE audit.guild_id = ? AND audit.number = ?
        """,
        (guild_id, number),
    ).fetchone()
    return row


def exports_since(connection: sqlite3.Connection, guild_id: int, number: int) -> Rows:
    """Yield the entries that tell of exports behind a number, with the details of their openings, by number."""
    return connection.execute(
        """
        SELECT audit.number, audit.made_at, audit_opening.detail FROM audit JOIN audit_opening
            ON audit_opening.guild_id = audit.guild_id AND audit_opening.number = audit.number
        WHERE audit.guild_id = ? AND audit.number > ? AND audit.subject GLOB 'export:*' ORDER BY audit.number
        """,
        (guild_id, number),
    )


def restores(connection: sqlite3.Connection, guild_id: int) -> Rows:
    """Yield the entries that tell of restored backups, with the details of their openings, by number."""
    return connection.execute(
        """
        SELECT audit.number, audit.made_at, audit_opening.detail FROM audit JOIN audit_opening
            ON audit_opening.guild_id = audit.guild_id AND audit_opening.number = audit.number
        WHERE audit.guild_id = ? AND audit.action = ? ORDER BY audit.number
        """,
        (guild_id, RESTORING),
    )


def last_made(connection: sqlite3.Connection, guild_id: int) -> str | None:
    """Return when the last entry of a newsroom's audit log was made."""
    (made_at,) = connection.execute("SELECT max(made_at) FROM audit WHERE guild_id = ?", (guild_id,)).fetchone()
    return None if made_at is None else str(made_at)


def last_about(connection: sqlite3.Connection, guild_id: int, subject: str) -> int | None:
    """Return the number of the last entry about a thing (`fact:12`)."""
    (number,) = connection.execute(
        "SELECT max(number) FROM audit WHERE guild_id = ? AND subject = ?", (guild_id, subject)
    ).fetchone()
    return None if number is None else int(number)


def openings(connection: sqlite3.Connection, guild_id: int) -> int:
    """Return how many openings a newsroom's audit log has."""
    (count,) = connection.execute("SELECT count(*) FROM audit_opening WHERE guild_id = ?", (guild_id,)).fetchone()
    return int(count)


def erasures(connection: sqlite3.Connection, guild_id: int) -> dict[str, sqlite3.Row]:
    """Return the last entry of the erasure of each thing that was erased: number, made_by, and what it says is left."""
    found = connection.execute(
        """
        SELECT audit.subject, audit.number, audit.made_by, detail ->> 'erased_at' AS erased_at,
            detail ->> 'revision' AS revision, detail ->> 'is_sensitive' AS is_sensitive, detail ->> 'owner' AS owner,
            detail ->> 'logged_by' AS logged_by, detail ->> 'logged_at' AS logged_at
        FROM audit LEFT JOIN audit_opening
            ON audit_opening.guild_id = audit.guild_id AND audit_opening.number = audit.number
        WHERE audit.guild_id = ? AND audit.action = 'tip erase' ORDER BY audit.number
        """,
        (guild_id,),
    )
    return {row["subject"]: row for row in found}


def head(connection: sqlite3.Connection, guild_id: int) -> sqlite3.Row | None:
    """Return the head of a newsroom's audit log as it stands beside the log."""
    row: sqlite3.Row | None = connection.execute(
        "SELECT number, hash FROM audit_head WHERE guild_id = ?", (guild_id,)
    ).fetchone()
    return row


def sealed(connection: sqlite3.Connection, guild_id: int, table: str) -> Rows:
    """Yield the sealed rows of a table by the entry that seals them: `sealed_in`, then the columns that it seals."""
    _, columns = _TABLES[table]
    return connection.execute(
        f"""
        SELECT sealed_in, {", ".join(columns)} FROM {table} WHERE guild_id = ? AND sealed_in IS NOT NULL
        ORDER BY sealed_in
        """,
        (guild_id,),
    )


def unsealed(connection: sqlite3.Connection, guild_id: int, table: str) -> sqlite3.Row | None:
    """Return the key of the first row of a table that no entry seals."""
    row: sqlite3.Row | None = connection.execute(
        f"""
        SELECT {", ".join(KEYS[table])} FROM {table} WHERE guild_id = ? AND sealed_in IS NULL
        ORDER BY {", ".join(KEYS[table])} LIMIT 1
        """,
        (guild_id,),
    ).fetchone()
    return row


def is_anywhere(connection: sqlite3.Connection, table: str, key: tuple[int, ...]) -> bool:
    """Return whether a row with that key is in any newsroom, sealed by any entry."""
    keys = " AND ".join(f"{name} = ?" for name in KEYS[table])
    return connection.execute(f"SELECT 1 FROM {table} WHERE {keys}", key).fetchone() is not None


def is_to_be_sealed(connection: sqlite3.Connection, guild_id: int) -> bool:
    """Return whether what a newsroom had before the log still waits to be sealed: nobody has done anything since."""
    row = connection.execute(
        """
        SELECT 1 FROM audit WHERE guild_id = ?
            AND (made_by GLOB '[0-9]*' OR (action = ? AND subject IS NULL)) LIMIT 1
        """,
        (guild_id, SEALING),
    ).fetchone()
    return row is None


def standing(connection: sqlite3.Connection, guild_id: int, table: str) -> Rows:
    """Yield the rows of `tip`, `fact` or a table of SEALED, by the thing that they are of and their key."""
    order = "id" if table in SEALED else ", ".join(KEYS[table])
    # The plus keeps SQLite to the order of the key.
    return connection.execute(f"SELECT * FROM {table} WHERE +guild_id = ? ORDER BY {order}", (guild_id,))


def promoted_from(connection: sqlite3.Connection, guild_id: int, fact_id: int) -> int | None:
    """Return the tip that a fact says it comes from."""
    row = connection.execute("SELECT tip_id FROM fact WHERE guild_id = ? AND id = ?", (guild_id, fact_id)).fetchone()
    return None if row is None else row[0]


def promotions(connection: sqlite3.Connection, guild_id: int, tip_id: int) -> list[str | None] | None:
    """Return the facts that a tip says it became; None where there is no such tip, or it was erased."""
    row = connection.execute("SELECT erased_at FROM tip WHERE guild_id = ? AND id = ?", (guild_id, tip_id)).fetchone()
    if row is None or row["erased_at"] is not None:
        return None
    found = connection.execute(
        "SELECT text FROM tip_change WHERE guild_id = ? AND tip_id = ? AND kind = 'promoted'", (guild_id, tip_id)
    )
    return [text for (text,) in found]


def digests_with_head(connection: sqlite3.Connection, guild_id: int) -> Rows:
    """Yield the messages of digests that carry a head of the audit log, oldest first: code, details, when."""
    return connection.execute(
        """
        SELECT code, details, coalesce(sent_at, created_at) AS told_at FROM announcement
        WHERE guild_id = ? AND kind = 'digest' AND details LIKE '%"audit_head"%' ORDER BY id
        """,
        (guild_id,),
    )
