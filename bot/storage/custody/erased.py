"""Which tips a database file knows to be erased: read from outside, to erase them from a backup too."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from bot.storage._files import existing
from bot.storage._values import to_moment


@dataclass(frozen=True, slots=True)
class ErasedTip:
    """Name a tip that was erased, by whom and when; it is the same tip where it was logged at the same moment."""

    guild_id: int
    tip_id: int
    logged_at: datetime
    erased_by: int
    erased_at: datetime


def read(database: Path) -> list[ErasedTip]:
    """Return the erased tips of all newsrooms, in the order of their erasure; none of a file before there were any.

    Raises sqlite3.DatabaseError where the file cannot be read.
    """
    with existing(database) as connection:
        if not connection.execute("SELECT 1 FROM pragma_table_info('tip') WHERE name = 'erased_at'").fetchone():
            return []
        rows = connection.execute(
            """
            SELECT guild_id, id, logged_at, erased_by, erased_at FROM tip WHERE erased_at IS NOT NULL
            ORDER BY erased_at, id
            """
        )
        return [ErasedTip(row[0], row[1], to_moment(row[2]), row[3], to_moment(row[4])) for row in rows]
