"""Why a notice was announced to a newsroom, was held back or went unnoticed, with all that was sent of it."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from bot.errors import UserError
from bot.markup import plain
from bot.matching import Matcher, NearMiss
from bot.models import Announcement, Hit, Notice, WatchItem
from bot.storage.archive import notices, twins
from bot.storage.archive.twins import Twin
from bot.storage.database import Database
from bot.storage.outbox import announcements, explained
from bot.storage.outbox.explained import SeenNotice, Telling
from bot.storage.watching import hits
from bot.storage.watching.hits import StoredHit
from bot.watchlist.live import Watchlist
from bot.watchlist.missing import ItemMissed, Known, missed_by

_TYPED_UNITS = 100
_CODE = re.compile(r"[0-9A-Za-z]{4}-[0-9A-Za-z]{4}")


@dataclass(frozen=True, slots=True)
class Explanation:
    """Hold what a newsroom's items make of a stored notice, and every message that told of it there.

    `hits` are stored, the latest of each item. `found_now` are hits of items as they now stand that have none stored;
    `near_misses` are items that their conditions hold back, and `missed` those of which something stands there that is
    not enough. `items` are the newsroom's live items by id.
    """

    seen: SeenNotice
    twins: tuple[Twin, ...]
    notice: Notice
    hits: tuple[StoredHit, ...]
    tellings: tuple[Telling, ...]
    found_now: tuple[Hit, ...]
    near_misses: tuple[NearMiss, ...]
    missed: tuple[ItemMissed, ...]
    items: Mapping[int, WatchItem]
    matching_now: frozenset[int]


@dataclass(frozen=True, slots=True)
class _Judged:
    hits: tuple[Hit, ...]
    near_misses: tuple[NearMiss, ...]
    missed: tuple[ItemMissed, ...]


async def named(database: Database, guild_id: int, typed: str, sources: Collection[str]) -> Announcement | int:
    """Return what a person named by a code, or by a notice's id with or without its source and `:` before it.

    That is one of the newsroom's announcements, or our row of a stored notice. Raises UserError when it is neither, or
    several sources have a notice of that id.
    """
    wanted = typed.strip()
    async with database.read() as connection:
        if _CODE.fullmatch(wanted):
            announcement = await announcements.by_code(connection, guild_id, wanted.upper())
            if announcement is not None:
                return announcement
        rows = await explained.rows_named(connection, wanted, sources)
        source, colon, source_id = wanted.partition(":")
        while not rows and colon:  # the name of a feed has a colon too
            rows = await explained.rows_named(connection, source_id.strip(), {source.strip().lower()} & {*sources})
            more, colon, source_id = source_id.partition(":")
            source = f"{source}:{more}"
        if len(rows) > 1:
            found = [await explained.seen(connection, row) for row in rows]
            candidates = [f"{one.source}:{one.source_id}" for one in found]
            raise UserError(
                "lookup-ambiguous", typed=plain(wanted, _TYPED_UNITS), candidates=candidates, found=len(rows)
            )
    if not rows:
        raise UserError("why-unknown", typed=plain(wanted, _TYPED_UNITS))
    return rows[0]


async def explain(database: Database, watchlist: Watchlist, guild_id: int, row: int, language: str) -> Explanation:
    """Return why a stored notice was announced to a newsroom or not; raises LookupError where there is none.

    `language` is that of the operators in which parts of queries are named.
    """
    async with database.read() as connection:
        seen = await explained.seen(connection, row)
        notice = await notices.get(connection, row, seen.revision)
        stored = await hits.of_notice(connection, guild_id, row)
        tellings = await explained.tellings(connection, guild_id, row)
        same = await twins.others(connection, row)
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
        found_now=tuple(hit for hit in judged.hits if hit.item not in known),
        near_misses=judged.near_misses,
        missed=judged.missed,
        items=own,
        matching_now=frozenset(hit.item for hit in judged.hits if hit.item is not None),
    )


def _judge(matcher: Matcher, own: Mapping[int, WatchItem], notice: Notice, language: str, known: Known) -> _Judged:
    """Match the notice again, with the one automaton, and keep what is the newsroom's."""
    found = tuple(hit for hit in matcher.find(notice) if hit.item in own)
    near = tuple(miss for miss in matcher.near_misses(notice) if miss.item in own)
    settled = {hit.item for hit in found} | {miss.item for miss in near}
    missed = missed_by((item for item in own.values() if item.id not in settled), notice, language, known)
    return _Judged(found, near, tuple(missed))
