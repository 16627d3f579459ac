"""Make digests when they fall due or are asked for: once, whatever the clock or the process does."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from bot.access import Action
from bot.cards import Card, digest_card, digest_parts
from bot.chores import Chore
from bot.clock import Clock
from bot.composing import details_of, labels, texts_of
from bot.digest.gathering import Gathered, gather
from bot.digest.scheduling import note
from bot.errors import UserError, log_reference
from bot.models import AnnouncementKind, Digest, DigestNews, Slot
from bot.reference import AnnouncementKey
from bot.slots import last_due
from bot.storage import newsrooms
from bot.storage.database import Connection, Database
from bot.storage.digesting import digest_hits, digest_news, digests
from bot.storage.log import dossiers
from bot.storage.outbox import announcements

log = logging.getLogger(__name__)

EVERY: Final = timedelta(minutes=1)
"""How often it is looked whether a digest is due."""
LATE: Final = timedelta(hours=1)
"""From here on the log says that a digest is late: the bot was down, asleep, or its clock was moved."""

_TRIES: Final = 5


class _StaleError(Exception):
    """What was gathered is no longer what is to be told: gather again."""


@dataclass(frozen=True, slots=True)
class Made:
    """Say to which channel how many messages are owed; none for a quiet day on which the newsroom stays silent.

    It is not new where the same was asked before.
    """

    channel_id: int
    messages: int
    is_new: bool = field(default=True, compare=False)


class Digester:
    """Turn what happened since the last digest into announcements; one digest at a time.

    `quiet_limits` names the sources that are read, with their longest usual silence; `owed` is called when something
    was added to the outbox.
    """

    def __init__(
        self, database: Database, clock: Clock, quiet_limits: Mapping[str, timedelta], owed: Callable[[], None]
    ) -> None:
        self._database = database
        self._clock = clock
        self._quiet_limits = quiet_limits
        self._owed = owed
        self.chore = Chore("digests", EVERY, self.make_due)
        self._lock = asyncio.Lock()

    async def make_due(self) -> int:
        """Make every digest whose slot is due and was not made; return how many.

        One digest stands for all the slots that were missed, for it tells everything since the last one. A slot is made
        once, the clock set back or not; what cannot be made stays due, and holds up nothing else.
        """
        made = 0
        async with self._database.read() as connection:
            scheduled = await digests.of_all(connection)
        for digest in scheduled:
            try:
                async with self._database.read() as connection:
                    slot = await due_slot(connection, digest, self._clock.now())
                if slot is not None:
                    made += await self._make(digest, slot, f"{digest.id}:{slot.local_date}") is not None
            except Exception as error:  # noqa: BLE001  # the job edge: logged whole, rung again
                log_reference(log, error)
        return made

    async def make_now(self, guild_id: int, digest_id: int, by: int, asked_id: int) -> Made:
        """Owe the digest's channel what it would tell now, once for what a person asked; its slots stay as they are.

        Raises UserError when it is not scheduled, its dossier is closed, or its channel refuses us.
        """
        digest = await self._scheduled(guild_id, digest_id)
        async with self._database.read() as connection:
            if digest.channel_id in await newsrooms.parked(connection, guild_id):
                raise UserError("digest-channel-parked", channel=digest.channel_id)
        made = await self._make(digest, None, f"{digest.id}:now:{asked_id}", by)
        if made is None:
            raise UserError("digest-unknown", typed=str(digest_id))
        return made

    async def preview(self, guild_id: int, digest_id: int) -> list[Card]:
        """Return the cards that the digest would send now; none where it would stay silent.

        Raises UserError when it is not scheduled, or its dossier is closed.
        """
        digest = await self._scheduled(guild_id, digest_id)
        gathered, parts = await self._gather(digest)
        names = labels()
        return [await asyncio.to_thread(digest_card, gathered.texts, part, names, None) for part in parts]

    async def _scheduled(self, guild_id: int, digest_id: int) -> Digest:
        async with self._database.read() as connection:
            digest = await digests.find(connection, guild_id, digest_id)
            if digest is None or digest.removed_at is not None:
                raise UserError("digest-unknown", typed=str(digest_id))
            dossier = await dossiers.find(connection, guild_id, digest.dossier_id) if digest.dossier_id else None
        if dossier is not None and dossier.closed_at is not None:
            raise UserError("dossier-closed", name=dossier.name)
        return digest

    async def _gather(self, digest: Digest, slot: Slot | None = None) -> tuple[Gathered, list[DigestNews]]:
        """Return what a digest tells now, and in which messages; none where it stays silent."""
        async with self._database.read() as connection:
            gathered = await gather(connection, digest, self._quiet_limits, self._clock.now(), slot)
        if gathered.is_silent or (slot is not None and _adds_nothing(gathered, slot)):
            return gathered, []
        return gathered, await asyncio.to_thread(digest_parts, gathered.texts, gathered.news, labels())

    async def _make(self, digest: Digest, slot: Slot | None, subject: str, by: int | None = None) -> Made | None:
        """Owe a digest once for its subject; None when it was removed meanwhile, or its slot is settled.

        `by` is who asked for it, where nothing fell due.
        """
        async with self._lock:
            for _ in range(_TRIES):
                gathered, parts = await self._gather(digest, slot)
                try:
                    async with self._database.tx("digest.make") as connection:
                        made = await self._owe(connection, gathered, parts, slot, subject)
                        if made is not None and made.is_new and by is not None:
                            now = gathered.news.made_at
                            await note(connection, digest, by, Action.DIGEST_NOW, now, messages=made.messages)
                except _StaleError:
                    async with self._database.read() as connection:
                        digest = await digests.find(connection, digest.guild_id, digest.id) or digest
                    continue
                if made is not None:
                    self._told(digest, slot, made)
                return made
            raise LookupError(f"digest {digest.id} changes faster than it can be made")

    async def _owe(
        self, connection: Connection, gathered: Gathered, parts: list[DigestNews], slot: Slot | None, subject: str
    ) -> Made | None:
        """Note all of a digest in the caller's transaction: its messages, what they tell, the slot, the watermark."""
        digest, now = gathered.digest, gathered.news.made_at
        current = await digests.find(connection, digest.guild_id, digest.id)
        if current is None or current.removed_at is not None:
            return None
        if slot is not None and await digests.is_settled(connection, digest, slot, now):
            return None
        before = await digests.messages(connection, digest, subject)
        if before:
            return Made(digest.channel_id, before, is_new=False)
        if (current.seen, current.told_at) != (digest.seen, digest.told_at):
            raise _StaleError
        if not await digest_hits.mark_told(connection, digest, gathered.news.hits):
            raise _StaleError
        for part in parts:
            await _owe_part(connection, digest, part, subject, now)
        await digests.advance(connection, digest, gathered.upto, now)
        if slot is not None:
            await digests.settle(connection, digest, slot, len(parts), now)
        return Made(digest.channel_id, len(parts))

    def _told(self, digest: Digest, slot: Slot | None, made: Made) -> None:
        log.info("digest %d of newsroom %d: %d messages owed", digest.id, digest.guild_id, made.messages)
        late = self._clock.now() - slot.due_at if slot is not None else timedelta()
        if late > LATE:
            log.warning("digest %d was due %s ago: the bot was down or asleep, or the clock was moved", digest.id, late)
        self._owed()


def _adds_nothing(gathered: Gathered, slot: Slot) -> bool:
    """Return whether another digest of the channel and dossier was made since the slot was due, and nothing came since.

    Two that fall due in one minute, or were missed together, are then one.
    """
    told_at, news = gathered.digest.told_at, gathered.news
    return told_at is not None and slot.due_at <= told_at <= news.made_at and not (news.hits or news.facts)


async def due_slot(connection: Connection, digest: Digest, now: datetime) -> Slot | None:
    """Return the slot of a digest that is due and was not made, None where there is none."""
    newsroom = await newsrooms.find(connection, digest.guild_id)
    if newsroom is None:
        return None
    slot = last_due(digest.every, digest.at, texts_of(newsroom).zone, now)
    was_before = slot.due_at <= digest.added_at <= now + digests.WRONG_CLOCK
    return None if was_before or await digests.is_settled(connection, digest, slot, now) else slot


async def _owe_part(connection: Connection, digest: Digest, part: DigestNews, subject: str, now: datetime) -> None:
    key = AnnouncementKey(
        guild_id=digest.guild_id,
        channel_id=digest.channel_id,
        kind=AnnouncementKind.DIGEST,
        subject=f"{subject}:{part.part}",
    )
    row = await announcements.owe(connection, key, now=now, thing_id=digest.id, details=details_of(part, digest.seen))
    if row is None:
        raise LookupError(f"{key} was owed before")
    await digest_hits.refer(connection, digest.guild_id, row, part.hits)
    await digest_news.refer(connection, digest.guild_id, row, part.facts, part.tips)
