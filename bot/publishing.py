"""Where what people log is shown: the channels that are owed a card of a tip or a fact (DESIGN.md 3.8)."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from bot.models import AnnouncementKind, Fact, ThingKind, Tip
from bot.reference import AnnouncementKey
from bot.storage import announcements, dossiers, newsrooms, shown
from bot.storage.database import Connection

_KINDS: Final = {ThingKind.TIP: AnnouncementKind.TIP, ThingKind.FACT: AnnouncementKind.FACT}


async def publish(connection: Connection, thing: Tip | Fact, now: datetime) -> list[int]:
    """Owe the channels of a thing the card that shows it as it now stands; return those channels.

    They are those of its open dossiers; the newsroom's log channel for a thing that is in no dossier with a channel;
    none for a sensitive tip: where it was shown before, its card is owed an edit that hides it. Digests that name a
    tip are owed its newest words. Belongs into the transaction of the change itself.
    """
    kind = ThingKind.TIP if isinstance(thing, Tip) else ThingKind.FACT
    is_hidden = isinstance(thing, Tip) and thing.is_sensitive
    channels = [] if is_hidden else await _channels(connection, thing.guild_id, kind, thing.id)
    if is_hidden:
        await shown.withdraw(connection, thing.guild_id, kind, thing.id)
    if isinstance(thing, Tip):
        await shown.reword_in_digests(connection, thing, now)
    for channel_id in channels:
        key = AnnouncementKey(
            guild_id=thing.guild_id, channel_id=channel_id, kind=_KINDS[kind], subject=f"{kind}:{thing.id}"
        )
        await announcements.owe(connection, key, now=now, thing_id=thing.id)
    for row in await shown.of_thing(connection, thing.guild_id, kind, thing.id):
        await announcements.owe_edit(connection, row.id, thing.changes, now)
    return channels


async def _channels(connection: Connection, guild_id: int, kind: ThingKind, thing_id: int) -> list[int]:
    own = [
        dossier
        for dossier in await dossiers.of_thing(connection, guild_id, kind, thing_id)
        if dossier.channel_id is not None
    ]
    if own:
        # What a closed dossier kept to its own channel does not spill into the log.
        return list(dict.fromkeys(one.channel_id for one in own if one.channel_id and one.closed_at is None))
    newsroom = await newsrooms.find(connection, guild_id)
    return [newsroom.log_channel] if newsroom is not None and newsroom.log_channel is not None else []
