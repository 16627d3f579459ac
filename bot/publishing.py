"""Where what people log is shown: the channels that are owed a card of a tip or a fact (DESIGN.md 3.8)."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from bot.models import Announcement, AnnouncementKind, AnnouncementState, Fact, ThingKind, Tip
from bot.reference import AnnouncementKey
from bot.storage import newsrooms
from bot.storage.database import Connection
from bot.storage.log import dossiers, facts, reminders
from bot.storage.outbox import announcements, known, sending, shown

_KINDS: Final = {ThingKind.TIP: AnnouncementKind.TIP, ThingKind.FACT: AnnouncementKind.FACT}


async def publish(connection: Connection, thing: Tip | Fact, now: datetime) -> list[int]:
    """Owe the channels of a thing the card that shows it as it now stands; return those channels.

    They are those of its open dossiers; the newsroom's log channel for a thing that is in no dossier with a channel;
    none for what is hidden (a sensitive tip, what is under embargo): where it was shown before, its card is owed an
    edit that hides it, and so are the digests that name it. Digests that name a tip are owed its newest words. Belongs
    into the transaction of the change itself.
    """
    kind = ThingKind.TIP if isinstance(thing, Tip) else ThingKind.FACT
    channels = [] if thing.is_hidden else await _channels(connection, thing.guild_id, kind, thing.id)
    if thing.is_hidden:
        await shown.withdraw(connection, thing.guild_id, kind, thing.id)
    if isinstance(thing, Tip):
        await shown.reword_in_digests(connection, thing, now)
        await reminders.reword(connection, thing.guild_id, thing.id, now)
    elif thing.is_hidden:
        await shown.hide_in_digests(connection, thing, now)
    for channel_id in channels:
        key = AnnouncementKey(
            guild_id=thing.guild_id, channel_id=channel_id, kind=_KINDS[kind], subject=f"{kind}:{thing.id}"
        )
        await announcements.owe(connection, key, now=now, thing_id=thing.id)
    for row in await shown.of_thing(connection, thing.guild_id, kind, thing.id):
        await announcements.owe_edit(connection, row.id, thing.changes, now)
    fact_id, tip_id = (thing.id, None) if isinstance(thing, Fact) else (None, thing.id)
    await known.refresh(connection, thing.guild_id, fact_id=fact_id, tip_id=tip_id, now=now)
    return channels


async def answer(connection: Connection, fact: Fact, since: int, now: datetime) -> None:
    """Owe each channel that was shown a fact an answer to its card there: what it was, what it is now, and why.

    `since` is what its `changes` was before: the fact as people there know it. A card that may have been sent counts,
    one that certainly was not shows the new state anyway. What a channel was not told yet is told in one answer with
    what is new. Nothing is said of a fact under embargo. Belongs behind `publish`, into the same transaction.
    """
    if fact.is_hidden:
        return
    rows = await shown.of_thing(connection, fact.guild_id, ThingKind.FACT, fact.id)
    change = await facts.last_change(connection, fact.guild_id, fact.id)
    for card in rows:
        if card.kind is not AnnouncementKind.FACT or not _may_have_been_read(card):
            continue
        untold = [
            row.details["since"]
            for row in rows
            if row.follows == card.id
            and row.kind is AnnouncementKind.CORRECTION
            and row.state is AnnouncementState.PENDING
        ]
        await shown.withdraw_answers(connection, fact.guild_id, card.id)
        key = AnnouncementKey(
            guild_id=fact.guild_id,
            channel_id=card.channel_id,
            kind=AnnouncementKind.CORRECTION,
            subject=f"{ThingKind.FACT}:{fact.id}:{change}",
            revision=fact.changes,
        )
        details = {"since": min([*untold, since])}
        await announcements.owe(connection, key, now=now, thing_id=fact.id, follows=card.id, details=details)


def _may_have_been_read(card: Announcement) -> bool:
    if card.is_withdrawn or card.state is AnnouncementState.SET_ASIDE:
        return not card.is_withdrawn and card.reason == sending.HISTORY_FORBIDDEN
    return card.state in {AnnouncementState.SENDING, AnnouncementState.SENT}


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
