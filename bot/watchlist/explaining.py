"""Why a notice was announced to a newsroom, was held back or went unnoticed, with all that was sent of it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

from bot.matching import Matcher, NearMiss
from bot.models import Announcement, Hit, Notice, WatchItem
from bot.storage.archive import notices, twins
from bot.storage.archive.twins import Twin
from bot.storage.database import Connection, Database
from bot.storage.outbox import explained
from bot.storage.outbox.explained import SeenNotice, Telling
from bot.storage.watching import hits, takes
from bot.storage.watching.hits import StoredHit
from bot.storage.watching.takes import StoredTake
from bot.watchlist.live import Watchlist
from bot.watchlist.missing import ItemMissed, Known, missed_by


@dataclass(frozen=True, slots=True)
class Explanation:
    """Hold what a newsroom's items make of a stored notice, and every message that told of it there.

    `hits` are stored, the latest of each item. `found_now` are hits of items as they now stand that have none stored;
    `near_misses` are items that their conditions hold back, and `missed` those of which something stands there that is
    not enough. `items` are the newsroom's live items by id. `takes` tell who has the notice, or another one of its
    series. Where a `message` was asked for, `beside` are its hits on the further notices that it tells of.
    """

    seen: SeenNotice
    twins: tuple[Twin, ...]
    notice: Notice
    hits: tuple[StoredHit, ...]
    tellings: tuple[Telling, ...]
    takes: tuple[StoredTake, ...]
    found_now: tuple[Hit, ...]
    near_misses: tuple[NearMiss, ...]
    missed: tuple[ItemMissed, ...]
    items: Mapping[int, WatchItem]
    matching_now: frozenset[int]
    message: Announcement | None = None
    beside: tuple[HitBeside, ...] = ()


@dataclass(frozen=True, slots=True)
class HitBeside:
    """Hold a hit on a further notice of a message, and that notice."""

    stored: StoredHit
    notice: Notice


@dataclass(frozen=True, slots=True)
class _Judged:
    hits: tuple[Hit, ...]
    near_misses: tuple[NearMiss, ...]
    missed: tuple[ItemMissed, ...]


async def explain(
    database: Database,
    watchlist: Watchlist,
    guild_id: int,
    row: int,
    language: str,
    message: Announcement | None = None,
) -> Explanation:
    """Return why a stored notice was announced to a newsroom or not; raises LookupError where there is none.

    `language` is that of the operators in which parts of queries are named. Of the `message` that was asked for, the
    items that it names of further notices are told too.
    """
    async with database.read() as connection:
        seen = await explained.seen(connection, row)
        notice = await notices.get(connection, row, seen.revision)
        stored = await hits.of_notice(connection, guild_id, row)
        tellings = await explained.tellings(connection, guild_id, row)
        taken = await takes.standing(connection, guild_id, row)
        same = await twins.others(connection, row)
        beside = await _beside(connection, message, row) if message is not None else ()
    live = await watchlist.live()
    own = {item_id: item for item_id, item in live.items.items() if item.guild_id == guild_id}
    judged = await asyncio.to_thread(_judge, live.matcher, own, notice, language, watchlist.known)
    known = {one.hit.item for one in stored}
    return Explanation(
        seen=seen,
        twins=tuple(same),
        notice=notice,
        hits=tuple(stored),
        tellings=tuple(tellings),
        takes=tuple(taken),
        found_now=tuple(hit for hit in judged.hits if hit.item not in known),
        near_misses=judged.near_misses,
        missed=judged.missed,
        items=own,
        matching_now=frozenset(hit.item for hit in judged.hits if hit.item is not None),
        message=message,
        beside=beside,
    )


async def _beside(connection: Connection, message: Announcement, row: int) -> tuple[HitBeside, ...]:
    """Return the hits that a message shows on notices beside its own."""
    shown = await hits.of_announcement(connection, message.guild_id, message.id, message.due_revision)
    found = [stored for stored in shown if stored.notice_id != row]
    latest = await notices.latest(connection, [stored.notice_id for stored in found])
    return tuple(HitBeside(stored, latest[stored.notice_id]) for stored in found)


def _judge(matcher: Matcher, own: Mapping[int, WatchItem], notice: Notice, language: str, known: Known) -> _Judged:
    """Match the notice again, with the one automaton, and keep what is the newsroom's."""
    found = tuple(hit for hit in matcher.find(notice) if hit.item in own)
    near = tuple(miss for miss in matcher.near_misses(notice) if miss.item in own)
    settled = {hit.item for hit in found} | {miss.item for miss in near}
    missed = missed_by((item for item in own.values() if item.id not in settled), notice, language, known)
    return _Judged(found, near, tuple(missed))
