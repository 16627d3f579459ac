"""The backups that were made of this database, and when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from bot.storage._values import to_moment, to_text
from bot.storage.backing_up import Copy
from bot.storage.database import Connection


@dataclass(frozen=True, slots=True)
class Backup:
    """Hold where a backup was written, and when; it may have been moved since."""

    path: Path
    made_at: datetime


async def record(connection: Connection, copy: Copy, now: datetime) -> None:
    """Note that a backup was made."""
    await connection.run(
        "INSERT INTO backup (path, made_at, sha256, bytes) VALUES (?, ?, ?, ?)",
        str(copy.path.absolute()),
        to_text(now),
        copy.sha256,
        copy.bytes,
    )


async def before(connection: Connection, moment: datetime) -> list[Backup]:
    """Return the backups made before a moment, oldest first."""
    rows = await connection.all("SELECT path, made_at FROM backup WHERE made_at < ? ORDER BY made_at", to_text(moment))
    return [Backup(Path(row["path"]), to_moment(row["made_at"])) for row in rows]
