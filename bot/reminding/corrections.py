"""Corrections reach whoever exported the old version: each person once, and only what they may still see."""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from bot.access import Viewer
from bot.cards import OperationsKind
from bot.clock import Clock
from bot.delivery import DeliveryError
from bot.models import AnnouncementKind, Fact, Newsroom, Reminded, ReminderReason
from bot.quiet import quiet_end
from bot.reference import AnnouncementKey
from bot.reminding.people import People
from bot.storage.custody import outdated_exports
from bot.storage.custody.outdated_exports import ExportedFacts, FactNews
from bot.storage.database import Connection, Database
from bot.storage.log import facts, reminders
from bot.storage.outbox import announcements

log = logging.getLogger(__name__)

_WRITTEN_WITHIN = timedelta(hours=1)
"""How long an export may take from its snapshot to its record."""
MOST = 200
"""Of how many facts one message tells; the others wait for the next one."""


@dataclass(frozen=True, slots=True)
class Outdated:
    """Hold the newest change of a fact that somebody did not make, and their last export before it that holds it."""

    news: FactNews
    export: ExportedFacts


class Corrections:
    """Tell whoever exported a fact, before it was corrected, disputed or retracted, that it was.

    What was told is noted by person, fact and change, with the announcement that tells it. Changes that all were told
    of are not looked at again that day: on the next one somebody may belong to the newsroom again.
    """

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._settled: dict[int, tuple[date, int]] = {}

    async def tell(self, newsroom: Newsroom, people: People) -> None:
        """Owe everybody concerned in a newsroom their message."""
        guild_id, today = newsroom.guild_id, self._clock.now().date()
        day, settled = self._settled.get(guild_id, (today, 0))
        async with self._database.read() as connection:
            news = await outdated_exports.fact_news(connection, guild_id, settled if day == today else 0)
            if not news:
                return
            exports = await outdated_exports.exports_of_facts(connection, guild_id)
            told = await outdated_exports.told_of_facts(connection, guild_id)
        outdated = await asyncio.to_thread(outdated_by, news, exports, told)
        is_whole = True
        for person, facts_of in outdated.items():
            if person.isdecimal():
                is_whole = await self._tell_member(newsroom, people, int(person), facts_of) and is_whole
            else:
                is_whole = await self._tell_operations(newsroom, person, facts_of) and is_whole
        # An export that began before a change may be recorded after it.
        old = [one.id for one in news if one.made_at <= self._clock.now() - _WRITTEN_WITHIN]
        if is_whole and old:
            self._settled[guild_id] = (today, old[-1])

    async def _tell_member(self, newsroom: Newsroom, people: People, person: int, outdated: Sequence[Outdated]) -> bool:
        """Tell a member privately; return False where it is to be tried again: Discord is away, or a fact is hidden."""
        guild_id, now = newsroom.guild_id, self._clock.now()
        try:
            if not await people.belongs(person):
                return True
            sees_all = await people.is_editor(person)
            channel_id = await people.channel(person)
        except DeliveryError as error:
            log.warning("a private message of newsroom %d has to wait: %r", guild_id, error)
            return False
        viewer = Viewer(guild_id=guild_id, user_id=person, sees_all=sees_all)
        async with self._database.tx("reminding.corrected") as connection:
            seen: list[Outdated] = []
            for one in outdated:
                if len(seen) < MOST and await facts.find(connection, viewer, one.news.fact_id) is not None:
                    seen.append(one)
            if not seen:
                return False
            owed = None
            if channel_id is not None:
                key = AnnouncementKey(
                    guild_id=guild_id,
                    channel_id=channel_id,
                    kind=AnnouncementKind.REMINDER,
                    subject=f"corrected:{_digest_of(seen)}",
                )
                details = await _details(connection, guild_id, seen) | {"newsroom": people.newsroom_name}
                until = quiet_end(newsroom, now)
                owed = await announcements.owe(connection, key, now=now, details=details, held_until=until)
                if owed is None:
                    return True
            await reminders.note(connection, guild_id, [_reminded(str(person), one, now) for one in seen], owed)
        return len(seen) == len(outdated)

    async def _tell_operations(self, newsroom: Newsroom, person: str, outdated: Sequence[Outdated]) -> bool:
        """Tell the operations channel of an export that was made at the command line; nothing of what is hidden."""
        guild_id, channel_id, now = newsroom.guild_id, newsroom.operations_channel, self._clock.now()
        if channel_id is None:
            return False
        async with self._database.tx("reminding.corrected_cli") as connection:
            open_ones: list[tuple[Outdated, Fact]] = []
            for one in outdated:
                if len(open_ones) == MOST:
                    break
                fact = await facts.get(connection, guild_id, one.news.fact_id)
                if not fact.is_hidden:
                    open_ones.append((one, fact))
            for export in dict.fromkeys(one.export for one, _ in open_ones):
                held = [(one, fact) for one, fact in open_ones if one.export is export]
                owed = await _owe_operations(connection, newsroom, channel_id, export, held, now)
                await reminders.note(connection, guild_id, [_reminded(person, one, now) for one, _ in held], owed)
        return len(open_ones) == len(outdated)


def outdated_by(
    news: Sequence[FactNews], exports: Sequence[ExportedFacts], told: Mapping[tuple[str, int], int]
) -> dict[str, list[Outdated]]:
    """Return by person the facts of their exports that others changed since, each with the newest such change.

    `told` is up to which number of its changes each person was told of each fact. Nobody is told of their own change.
    """
    newest: dict[str, dict[int, Outdated]] = defaultdict(dict)
    for change in news:
        for export in exports:
            person, fact_id = export.made_by, change.fact_id
            if (
                export.last_change < change.id
                and person != str(change.made_by)
                and told.get((person, fact_id), 0) < change.number
                and export.holds(fact_id)
            ):
                newest[person][fact_id] = Outdated(change, export)
    return {person: [by_fact[fact_id] for fact_id in sorted(by_fact)] for person, by_fact in newest.items()}


async def _details(connection: Connection, guild_id: int, outdated: Sequence[Outdated]) -> dict[str, Any]:
    """Return what the card of a reminder cannot find later: how each fact was when it was exported."""
    then = {}
    for one in outdated:
        was = await outdated_exports.fact_at(connection, guild_id, one.news.fact_id, one.export.last_change)
        changed_at = one.news.made_at.isoformat()
        then[str(one.news.fact_id)] = {"was": was.status, "revision": was.revision, "changed_at": changed_at}
    moments = {one.export.made_at for one in outdated}
    return {"facts": then, "exported_at": moments.pop().isoformat() if len(moments) == 1 else None}


async def _owe_operations(
    connection: Connection,
    newsroom: Newsroom,
    channel_id: int,
    export: ExportedFacts,
    held: Sequence[tuple[Outdated, Fact]],
    now: datetime,
) -> int | None:
    event = OperationsKind.EXPORT_OUTDATED
    key = AnnouncementKey(
        guild_id=newsroom.guild_id,
        channel_id=channel_id,
        kind=AnnouncementKind.OPERATIONS,
        subject=f"{event}:{export.made_at.isoformat()}:{_digest_of([one for one, _ in held])}",
    )
    changed = []
    for one, fact in held:
        was = await outdated_exports.fact_at(connection, newsroom.guild_id, fact.id, export.last_change)
        changed.append(
            {
                "id": fact.id,
                "was": was.status,
                "now": fact.status,
                "revision": fact.revision,
                "is_corrected": fact.revision > was.revision,
                "changed_at": one.news.made_at.isoformat(),
            }
        )
    details = {
        "event": event,
        "by": export.made_by,
        "folder": export.folder,
        "exported_at": export.made_at.isoformat(),
        "facts": changed,
    }
    return await announcements.owe(connection, key, now=now, details=details, held_until=quiet_end(newsroom, now))


def _reminded(person: str, one: Outdated, now: datetime) -> Reminded:
    return Reminded(
        person=person,
        reason=ReminderReason.CORRECTED,
        number=one.news.number,
        made_at=now,
        fact_id=one.news.fact_id,
    )


def _digest_of(outdated: Sequence[Outdated]) -> str:
    """Return what tells the changes that one message is about from any others."""
    changes = ",".join(str(one.news.id) for one in sorted(outdated, key=lambda one: one.news.id))
    return hashlib.sha256(changes.encode()).hexdigest()[:32]
