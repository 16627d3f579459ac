"""The copies of the database that Vigie itself left beside it: before a migration, of a restore."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from bot.clock import MOST_AHEAD

KEPT: Final = timedelta(days=30)
"""How long a copy that was made before a migration is kept."""

_MIGRATION: Final = re.compile(r"before-\d{4}")
_UNFINISHED: Final = re.compile(r"before-\d{4}\.unfinished|restoring.*")


@dataclass(frozen=True, slots=True)
class DatabaseCopy:
    """Name a copy beside the database; `goes_at` is when Vigie deletes it, None where that is left to the operator."""

    name: str
    made_at: datetime
    goes_at: datetime | None


def beside(database: Path) -> list[DatabaseCopy]:
    """Return the copies beside a database, oldest first; reads the folder: call it in a thread."""
    found = []
    for path, kind in _copies(database):
        made_at = datetime.fromtimestamp(path.stat().st_mtime, UTC)
        found.append(DatabaseCopy(path.name, made_at, made_at + KEPT if _MIGRATION.fullmatch(kind) else None))
    return sorted(found, key=lambda copy: copy.made_at)


def drop_old(database: Path, now: datetime) -> list[str]:
    """Delete the copies made before migrations once they are old, and what a broken-off one left; return their names.

    No migration and no restore is under way: whoever calls it has the database open. Call it in a thread.
    """
    gone = []
    for path, kind in _copies(database):
        made_at = datetime.fromtimestamp(path.stat().st_mtime, UTC)
        if made_at > now + MOST_AHEAD:
            os.utime(path, (now.timestamp(), now.timestamp()))  # else it would be kept until then
        if _UNFINISHED.fullmatch(kind) or (_MIGRATION.fullmatch(kind) and made_at + KEPT <= now):
            path.unlink()
            gone.append(path.name)
    return gone


def _copies(database: Path) -> list[tuple[Path, str]]:
    """Return the files beside a database that are copies of it, each with what its name adds."""
    head = f"{database.name}."
    files = (path for path in database.parent.iterdir() if path.name.startswith((f"{head}before-", f"{head}restoring")))
    return [(path, path.name.removeprefix(head)) for path in files if path.is_file()]
