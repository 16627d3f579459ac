"""Where the hits of watch items are announced: the item's own channel, else its dossiers', else the newsroom's.

Of its dossiers those count that are open and have a channel. It is asked each time and stored nowhere: a dossier that
is closed, or an item that moves, changes it for what comes after.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Final

from bot.storage.database import Connection

_OPEN: Final = """
    FROM dossier_item CROSS JOIN dossier ON dossier.guild_id = dossier_item.guild_id
        AND dossier.id = dossier_item.dossier_id
    WHERE dossier_item.guild_id = watch_item.guild_id AND dossier_item.item_id = watch_item.id
        AND dossier.closed_at IS NULL AND dossier.channel_id IS NOT NULL
"""
_BY_ITSELF: Final = f"watch_item.channel_id = {{channel}}, (SELECT max(dossier.channel_id = {{channel}}) {_OPEN})"
LEADS_BY_ITSELF_TO: Final = f"coalesce({_BY_ITSELF}, 0)"
"""Whether the hits of an item are announced in a channel whatever the newsroom's is, as SQL on a `watch_item`."""
LEADS_TO: Final = f"coalesce({_BY_ITSELF}, newsroom.announcements_channel = {{channel}}, 0)"
"""Whether the hits of an item are announced in a channel, as SQL on a `watch_item` with its `newsroom`."""


async def of_dossiers(connection: Connection, items: Iterable[int]) -> Mapping[int, tuple[int, ...]]:
    """Return the channels of the open dossiers that items are in, by our ids of the items; each channel once."""
    rows = await connection.all(
        """
        SELECT DISTINCT dossier_item.item_id, dossier.channel_id
        FROM json_each(?) AS asked CROSS JOIN dossier_item ON dossier_item.item_id = asked.value
        CROSS JOIN dossier ON dossier.guild_id = dossier_item.guild_id AND dossier.id = dossier_item.dossier_id
        WHERE dossier.closed_at IS NULL AND dossier.channel_id IS NOT NULL
        ORDER BY dossier_item.item_id, dossier.id
        """,
        json.dumps(list(items)),
    )
    found: defaultdict[int, list[int]] = defaultdict(list)
    for row in rows:
        found[row["item_id"]].append(row["channel_id"])
    return {item: tuple(dict.fromkeys(channels)) for item, channels in found.items()}


async def of_item(connection: Connection, guild_id: int, item_id: int) -> tuple[int, ...]:
    """Return the channels where the hits of a newsroom's item are announced now, none where there is none."""
    row = await connection.one(
        """
        SELECT watch_item.channel_id, newsroom.announcements_channel FROM watch_item JOIN newsroom USING (guild_id)
        WHERE watch_item.guild_id = ? AND watch_item.id = ?
        """,
        guild_id,
        item_id,
    )
    if row is None:
        return ()
    gathered = (await of_dossiers(connection, [item_id])).get(item_id, ())
    return channels_of(row["channel_id"], gathered, row["announcements_channel"])


def channels_of(own: int | None, of_dossiers: tuple[int, ...], of_newsroom: int | None) -> tuple[int, ...]:
    """Return where hits are announced: in an item's own channel, else its open dossiers', else the newsroom's."""
    if own is not None:
        return (own,)
    if of_dossiers:
        return of_dossiers
    return () if of_newsroom is None else (of_newsroom,)
