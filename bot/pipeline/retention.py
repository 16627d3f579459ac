"""The end of texts that concern nobody: what a notice is stays known for ever, its text does not."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from bot.clock import Clock
from bot.matching import Matcher
from bot.storage.archive import retention
from bot.storage.archive.notices import Stored
from bot.storage.archive.retention import Place
from bot.storage.database import Database
from bot.storage.watching import watchlist
from bot.watchlist.live import Watchlist

log = logging.getLogger(__name__)

BATCH: Final = 25
"""How many texts are dropped in one transaction."""


async def drop_old_texts(database: Database, clock: Clock, keep: timedelta) -> int:
    """Drop the texts of notices that were seen and last changed longer ago than `keep`; return of how many.

    Kept are those on which a newsroom had a hit, or which it was announced or cites, and those that a live watch item
    matches: its owner may have been told of them. Title, names, numbers, amounts and dates of the others stay, and are
    still found; a later revision brings its text again.
    """
    before = clock.now() - keep
    live_items = Watchlist(database)
    dropped, place = 0, Place()
    while True:
        async with database.read() as connection:
            found, following = await retention.old_unused(connection, before, place, BATCH)
        if following is None:
            if dropped:
                log.info("dropped the texts of %d notices last changed before %s", dropped, before.date())
            return dropped
        live = await live_items.live()
        unmatched = await asyncio.to_thread(_unmatched, live.matcher, found)
        async with database.tx("retention.texts") as connection:
            if await watchlist.version_of(connection) != live.version:
                continue
            dropped += await retention.drop_texts(connection, unmatched, before, clock.now())
        place = following


def _unmatched(matcher: Matcher, found: Sequence[Stored]) -> list[int]:
    return [one.row for one in found if not matcher.find(one.notice)]
