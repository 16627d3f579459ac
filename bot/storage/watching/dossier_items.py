"""The dossiers of many watch items at once."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import datetime

from bot.storage._values import to_text
from bot.storage.database import Connection


async def gathered(connection: Connection, guild_id: int) -> dict[int, frozenset[int]]:
    """Return the dossiers of every watch item of a newsroom that is in one: ids by the id of the item."""
    rows = await connection.all("SELECT item_id, dossier_id FROM dossier_item WHERE guild_id = ?", guild_id)
    found: defaultdict[int, set[int]] = defaultdict(set)
    for item, dossier in rows:
        found[item].add(dossier)
    return {item: frozenset(dossiers) for item, dossiers in found.items()}


async def settle(
    connection: Connection, guild_id: int, wanted: Mapping[int, Collection[int]], by: int, now: datetime
) -> None:
    """Let items be in exactly these dossiers, by the id of the item; what stays as it was keeps who put it there."""
    items = json.dumps(list(wanted))
    pairs = json.dumps([(item, dossier) for item, dossiers in wanted.items() for dossier in dossiers])
    await connection.run(
        """
        DELETE FROM dossier_item
        WHERE guild_id = ? AND item_id IN (SELECT value FROM json_each(?)) AND (item_id, dossier_id) NOT IN
            (SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]') FROM json_each(?))
        """,
        guild_id,
        items,
        pairs,
    )
    await connection.run(
        """
        INSERT INTO dossier_item (guild_id, item_id, dossier_id, added_by, added_at)
        SELECT ?, json_extract(value, '$[0]'), json_extract(value, '$[1]'), ?, ? FROM json_each(?) WHERE true
        ON CONFLICT DO NOTHING
        """,
        guild_id,
        by,
        to_text(now),
        pairs,
    )
