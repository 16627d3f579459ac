"""Which newsrooms hold back which sources: those are read for the others all the same."""

from __future__ import annotations

from datetime import datetime

from bot.storage._values import to_moment, to_text
from bot.storage.database import Connection


async def pause(connection: Connection, guild_id: int, source: str, *, by: int, now: datetime) -> bool:
    """Hold back a newsroom's hits of a source from now on; return whether they were not held back already."""
    return bool(
        await connection.run(
            "INSERT INTO source_pause (guild_id, source, paused_at, paused_by) VALUES (?, ?, ?, ?)"
            " ON CONFLICT DO NOTHING",
            guild_id,
            source,
            to_text(now),
            by,
        )
    )


async def resume(connection: Connection, guild_id: int, source: str) -> bool:
    """Hold a newsroom's hits of a source back no longer; return whether they were held back."""
    return bool(await connection.run("DELETE FROM source_pause WHERE guild_id = ? AND source = ?", guild_id, source))


async def of_newsroom(connection: Connection, guild_id: int) -> dict[str, datetime]:
    """Return the sources that a newsroom holds back, with since when."""
    rows = await connection.all("SELECT source, paused_at FROM source_pause WHERE guild_id = ?", guild_id)
    return {row["source"]: to_moment(row["paused_at"]) for row in rows}


async def pausing(connection: Connection, source: str) -> frozenset[int]:
    """Return the newsrooms that hold a source back."""
    rows = await connection.all("SELECT guild_id FROM source_pause WHERE source = ?", source)
    return frozenset(row["guild_id"] for row in rows)
