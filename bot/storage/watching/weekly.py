"""When watch items were named in a weekly note: as silent for long, or as bringing more noise than news."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum

from bot.clock import MOST_AHEAD
from bot.storage._values import to_text
from bot.storage.database import Connection


class WeeklyNote(StrEnum):
    """Name a note by the column that says when an item stood in it last."""

    SILENT = "silence_told_at"
    NOISY = "noise_told_at"


async def note(connection: Connection, guild_id: int, told: WeeklyNote, items: Iterable[int], now: datetime) -> None:
    """Note that a weekly note names these items."""
    await connection.run(
        f"UPDATE watch_item SET {told} = ? WHERE guild_id = ? AND id IN (SELECT value FROM json_each(?))",
        to_text(now),
        guild_id,
        json.dumps(list(items)),
    )


async def is_told_since(
    connection: Connection, guild_id: int, told: WeeklyNote, since: datetime, now: datetime
) -> bool:
    """Return whether a weekly note named items of a newsroom since a moment, by a clock that was right."""
    row = await connection.one(
        f"SELECT 1 FROM watch_item WHERE guild_id = ? AND {told} > ? AND {told} <= ? LIMIT 1",
        guild_id,
        to_text(since),
        to_text(now + MOST_AHEAD),
    )
    return row is not None
