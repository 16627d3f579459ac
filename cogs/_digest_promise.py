"""What is said of a watch item whose hits are held for the digest: that one will tell them, or that none does."""

from __future__ import annotations

from collections.abc import Iterable

from bot.models import Dossier, Priority, WatchItem
from bot.storage.database import Connection
from bot.storage.digesting import digests
from bot.storage.watching import routes
from cogs._caller import Visit
from cogs._items import channel_names


async def promise_of(
    connection: Connection, visitor: Visit, item: WatchItem, dossiers: Iterable[Dossier]
) -> str | None:
    """Return where the hits of an item are told that are not announced one by one; None where they are.

    A digest of the whole channel where they would be announced tells them, and one of an open dossier of the item,
    wherever that is posted. A newsroom that has no channel for them yet is told so elsewhere.
    """
    if item.priority is not Priority.DIGEST:
        return None
    channels = await routes.of_item(connection, visitor.guild_id, item.id or 0)
    if not channels:
        return visitor.texts("watch-digest")
    gathered = {dossier.id for dossier in dossiers if dossier.closed_at is None}
    for digest in await digests.every(connection, visitor.guild_id):
        is_of_channel = digest.dossier_id is None and digest.channel_id in channels
        if is_of_channel or digest.dossier_id in gathered:
            return visitor.texts("watch-digest")
    return visitor.texts("watch-digest-none", channels=channel_names(visitor.texts, channels))
