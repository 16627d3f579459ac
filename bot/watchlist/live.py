"""The one automaton over the live watch items of all newsrooms."""

from __future__ import annotations

import asyncio
import functools
import logging
from collections.abc import Iterable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from bot.errors import UserError
from bot.matching import Matcher, check
from bot.models import WatchItem
from bot.storage.archive.vocabulary import is_regular
from bot.storage.database import Database
from bot.storage.watching import watchlist
from bot.watchlist.lasting import lasting
from bot.watchlist.missing import Known
from bot.watchlist.trying import Trial, try_stored

log = logging.getLogger(__name__)

MANY: Final = 1_000
"""How many items make an automaton so large that looking through it for garbage would hold everything up."""


@dataclass(frozen=True, slots=True)
class LiveWatchlist:
    """Hold the live items by id and their automaton, as of one version of the watchlists."""

    version: int
    items: Mapping[int, WatchItem] = field(repr=False)
    matcher: Matcher = field(repr=False)


class Watchlist:
    """Keep the automaton in step with the stored items."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.known: Known = functools.partial(is_regular, database.path)
        """Tell of a folded word whether the stored notices use it regularly; not for the event loop."""
        self._live: LiveWatchlist | None = None
        self._own: dict[int, tuple[int, Sequence[WatchItem]]] = {}
        self._building = asyncio.Lock()

    async def live(self) -> LiveWatchlist:
        """Return the automaton over the items as they now stand, built anew when they changed."""
        async with self._building:
            async with self._database.read() as connection:
                version = await watchlist.version_of(connection)
                if self._live is not None and self._live.version == version:
                    return self._live
                if self._live is None:
                    version, changed = await watchlist.live(connection)
                else:
                    version, changed = await watchlist.changed_since(connection, self._live.version)
            items = _as_changed(self._live.items if self._live else {}, changed)
            before = self._live.matcher if self._live else Matcher((), self.known)
            with lasting() if len(changed) >= MANY else nullcontext():
                matcher = await asyncio.to_thread(_compile, list(items.values()), before)
            self._live = LiveWatchlist(version, items, matcher)
            return self._live

    async def items_of(self, guild_id: int) -> Sequence[WatchItem]:
        """Return a newsroom's live items by name; after a change of a watchlist only what changed is read again."""
        async with self._database.read() as connection:
            version = await watchlist.version_of(connection)
            own = self._own.get(guild_id)
            if own is not None and own[0] == version:
                return own[1]
            known: tuple[int, Iterable[WatchItem]] | None = own
            if known is None and self._live is not None:
                known = self._live.version, self._live.items.values()
            if known is None:
                items = tuple(await watchlist.every(connection, guild_id))
            else:
                _, changed = await watchlist.changed_since(connection, known[0])
                by_id = {item.id: item for item in (*known[1], *changed)}
                items = tuple(by_id[item_id] for item_id in await watchlist.by_name(connection, guild_id))
            self._own[guild_id] = version, items
            return items

    async def try_items(self, items: Sequence[WatchItem], now: datetime, examples: int) -> Trial:
        """Run items over the stored notices, as `bot.watchlist.trying.try_stored`."""
        return await try_stored(self._database, items, now, examples, self.known)


def _as_changed(items: Mapping[int, WatchItem], changed: Sequence[WatchItem]) -> dict[int, WatchItem]:
    """Return live items by id, in its order, with some of them changed, added or removed."""
    found = dict(items)
    for item in changed:
        if item.id is None:
            continue
        if item.removed_at is None:
            found[item.id] = item
        else:
            found.pop(item.id, None)
    return dict(sorted(found.items())) if any(item.id not in items for item in changed) else found


def _compile(items: Sequence[WatchItem], before: Matcher) -> Matcher:
    """Compile what changed of the items, without those that cannot be looked for: one of them must not stop the others.

    Entry refuses such an item; it can only stand there from a version that read queries otherwise.
    """
    try:
        return before.changed(items)
    except UserError:
        return before.changed([item for item in items if _is_sound(item)])


def _is_sound(item: WatchItem) -> bool:
    try:
        check(item)
    except UserError as error:
        # The item itself is the newsroom's own and stays out of the log.
        log.warning("watch item %s of newsroom %d is left out: %s", item.id, item.guild_id, error.text)
        return False
    return True
