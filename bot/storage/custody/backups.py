"""The backups that were made of this database, and when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from bot.storage._values import to_moment, to_text
from bot.storage.custody.backing_up import Copy
from bot.storage.database import Connection


@dataclass(frozen=True, slots=True)
class Backup:
    """Hold where a backup was written, and when; it may have been moved since.

    One that is not finished is under way, or was broken off: what there is of it may have UNFINISHED behind its name.
    """

    path: Path
    made_at: datetime
    is_finished: bool = True


async def begin(connection: Connection, path: Path, now: datetime) -> int:
    """Note that a backup is being made, and return our id of it: what a killed process leaves of it is known then.

    Its path is whole: others have other folders to start from.
    """
    rows = await connection.all(
        "INSERT INTO backup (path, made_at) VALUES (?, ?) RETURNING id", str(path), to_text(now)
    )
    return int(rows[0]["id"])


async def finish(connection: Connection, backup_id: int, copy: Copy, now: datetime) -> None:
    """Note that a backup was made."""
    await connection.run(
        "UPDATE backup SET made_at = ?, sha256 = ?, bytes = ? WHERE id = ?",
        to_text(now),
        copy.sha256,
        copy.bytes,
        backup_id,
    )


async def forget(connection: Connection, backup_id: int) -> None:
    """Note that a backup came to nothing and left nothing."""
    await connection.run("DELETE FROM backup WHERE id = ? AND sha256 IS NULL", backup_id)


async def broken_off(connection: Connection, path: Path) -> None:
    """Forget the backups to a path that were broken off: what was left of them is written over."""
    await connection.run("DELETE FROM backup WHERE path = ? AND sha256 IS NULL", str(path))


async def every(connection: Connection) -> list[Backup]:
    """Return the backups, in the order in which they were begun: the clock may have been set back since."""
    rows = await connection.all("SELECT path, made_at, sha256 FROM backup ORDER BY id")
    return [Backup(Path(row["path"]), to_moment(row["made_at"]), is_finished=row["sha256"] is not None) for row in rows]
