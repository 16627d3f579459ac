"""What became of every hit, read from the rows alone, and what of it must not be."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from bot.models import Held, InDigest
from bot.storage.database import Database

ANYWHERE: Final[Mapping[int, Collection[int]]] = {}


@dataclass(frozen=True, slots=True)
class Fate:
    """Hold a hit with how many messages tell it as news in each channel, and how many storms.

    A message that was sent before the hit was found only comes to show it, by an edit.
    """

    notice: str
    revision: int
    item: int
    held: Held | None
    in_digest: InDigest
    messages: dict[int, int]
    storms: dict[int, int]

    def faults(self, channels: Collection[int] | None) -> Iterator[str]:
        """Yield what is wrong with it; `channels` are those where its item is announced, where that never changed."""
        is_news = self.in_digest is not InDigest.NONE
        told = self.messages.keys() | self.storms.keys()
        if any(times > 1 for times in (Counter(self.messages) + Counter(self.storms)).values()):
            yield f"{self}: told twice in a channel"
        if is_news and channels is not None and told - {*channels}:
            yield f"{self}: told elsewhere than in {channels}"
        if self.held in {None, Held.STORM} and is_news and channels is not None and {*channels} - told:
            yield f"{self}: not told in all of {channels}"
        if self.held is None and is_news and not self.messages:
            yield f"{self}: announced nowhere"
        if self.held is Held.STORM and is_news and (self.messages or not self.storms):
            yield f"{self}: not in a storm alone"
        if self.held not in {None, Held.STORM, Held.COMPANION} and (self.messages or self.storms):
            yield f"{self}: held, and told"
        if not is_news and self.storms:
            yield f"{self}: no news, and in a storm"


async def fates(database: Database) -> list[Fate]:
    """Return what became of every hit, in the order in which they were found."""
    async with database.read() as connection:
        rows = await connection.all(
            """
            SELECT source_id, hit.revision, item_id, held, hit.digest,
                json_group_array(announcement.channel_id) FILTER (
                    WHERE announcement.kind = 'notice' AND (sent_at IS NULL OR sent_at >= found_at)) AS messages,
                json_group_array(announcement.channel_id) FILTER (WHERE announcement.kind = 'storm') AS storms
            FROM hit JOIN notice ON notice.id = hit.notice_id
            LEFT JOIN announcement_hit ON hit_id = hit.id
            LEFT JOIN announcement ON announcement.id = announcement_id
            GROUP BY hit.id ORDER BY hit.id
            """
        )
    return [
        Fate(
            row["source_id"],
            row["revision"],
            row["item_id"],
            Held(row["held"]) if row["held"] else None,
            InDigest(row["digest"]),
            Counter(json.loads(row["messages"])),
            Counter(json.loads(row["storms"])),
        )
        for row in rows
    ]


async def faults(database: Database, routes: Mapping[int, Collection[int]] = ANYWHERE) -> list[str]:
    """Return what is wrong: a hit lost or told twice, a message about nothing that stands for no procedure.

    `routes` are the channels where items are announced, by item, of those of which they never changed.
    """
    async with database.read() as connection:
        rows = await connection.all(
            """
            SELECT code FROM announcement WHERE kind = 'notice' AND follows IS NULL
                AND NOT EXISTS (SELECT 1 FROM announcement_hit WHERE announcement_id = announcement.id)
            UNION ALL SELECT code FROM announcement WHERE kind = 'storm'
                AND NOT EXISTS (SELECT 1 FROM announcement_hit WHERE announcement_id = announcement.id)
            """
        )
    return [
        *(fault for fate in await fates(database) for fault in fate.faults(routes.get(fate.item))),
        *(f"{row['code']}: announces nothing" for row in rows),
    ]


async def kept_back(database: Database) -> int:
    """Return how many announcements wait for a poll to end."""
    async with database.read() as connection:
        row = await connection.one("SELECT count(*) FROM announcement WHERE polled IS NOT NULL")
    return row[0] if row else 0
