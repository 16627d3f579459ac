"""Which commands Discord was last given."""

from __future__ import annotations

from datetime import datetime

from bot.storage._values import to_text
from bot.storage.database import Connection


async def find(connection: Connection, application_id: int, scope: int) -> str | None:
    """Return the checksum of the commands last given for a guild, or for all (scope 0); None if never."""
    row = await connection.one(
        "SELECT sha256 FROM command_sync WHERE application_id = ? AND scope = ?", application_id, scope
    )
    return row["sha256"] if row else None


async def save(connection: Connection, application_id: int, scope: int, sha256: str, now: datetime) -> None:
    """Note what Discord was given."""
    await connection.run(
        """
        INSERT INTO command_sync (application_id, scope, sha256, synced_at) VALUES (?, ?, ?, ?)
        ON CONFLICT (application_id, scope) DO UPDATE SET sha256 = excluded.sha256, synced_at = excluded.synced_at
        """,
        application_id,
        scope,
        sha256,
        to_text(now),
    )
