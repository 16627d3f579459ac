"""What explains the fate of hits and messages and stands in other rows: items, dossiers, digests, pauses, channels."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.models import Announcement, Digest, Dismissal, Newsroom, WatchItem
from bot.storage import newsrooms
from bot.storage._dismissed import IN_ORGANISATION, IN_SERIES
from bot.storage._values import to_moment
from bot.storage.archive.twins import OF_SERIES
from bot.storage.database import Connection
from bot.storage.digesting import digests
from bot.storage.outbox import following
from bot.storage.outbox.announcements import CERTAIN, COLUMNS, read_row
from bot.storage.watching import dismissals, watchlist
from bot.storage.watching.routes import channels_of


@dataclass(frozen=True, slots=True)
class DossierChannel:
    """Name an open dossier that an item is in, and the channel where what is found for it is announced."""

    dossier_id: int
    name: str
    channel_id: int


@dataclass(frozen=True, slots=True)
class ItemNow:
    """Hold a watch item as it now stands, live or removed, by whom it was removed, and where it is announced."""

    item: WatchItem
    removed_by: int | None = None
    dossiers: tuple[DossierChannel, ...] = ()

    def channels(self, newsroom: Newsroom) -> tuple[int, ...]:
        """Return where hits of the item are announced now, none where it has no channel."""
        of_dossiers = tuple(dict.fromkeys(dossier.channel_id for dossier in self.dossiers))
        return channels_of(self.item.channel_id, of_dossiers, newsroom.announcements_channel)


@dataclass(frozen=True, slots=True)
class Pause:
    """Hold by whom, and since when, a source is held back."""

    paused_by: int
    paused_at: datetime


@dataclass(frozen=True, slots=True)
class NextDigest:
    """Hold a digest with the moment when it is made next."""

    digest: Digest
    due_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Circumstances:
    """Hold what of a newsroom bears on what became of a notice there.

    `items` are by our id, `due` are those of which a digest still owes a line, `undone`
    the last dismissal that was taken back by our id of the hit,
    `followed` the messages that others continue or answer by our id, `series` the first
    message of each channel on the notice's procedure, `series_followed` the channels where that is still followed,
    `parked` the channels that refuse us with the reason, `unread` our ids of the messages that Discord may have since
    before a backup was restored, `revised_at` when the newest revision was read.
    """

    newsroom: Newsroom
    items: Mapping[int, ItemNow] = field(default_factory=dict)
    due: frozenset[int] = frozenset()
    undone: Mapping[int, Dismissal] = field(default_factory=dict)
    followed: Mapping[int, Announcement] = field(default_factory=dict)
    series: tuple[Announcement, ...] = ()
    series_followed: frozenset[int] = frozenset()
    digests: tuple[NextDigest, ...] = ()
    parked: Mapping[int, str] = field(default_factory=dict)
    unread: frozenset[int] = frozenset()
    pause: Pause | None = None
    revised_at: datetime | None = None
    is_text_dropped: bool = False


async def gather(
    connection: Connection, guild_id: int, notice_row: int, items: Iterable[int], told: Collection[int], now: datetime
) -> Circumstances:
    """Return what bears on a notice in a newsroom; `items` are those with hits, `told` our ids of its messages.

    Raises LookupError where there is no such newsroom or notice.
    """
    around = await of_messages(connection, guild_id, told)
    notice = await connection.one(
        """
        SELECT notice.source, text_dropped_at, notice_revision.seen_at FROM notice JOIN notice_revision
            ON notice_revision.notice_id = notice.id AND notice_revision.revision = notice.revision
        WHERE notice.id = ?
        """,
        notice_row,
    )
    if notice is None:
        raise LookupError(f"no notice {notice_row}")
    due = await connection.all(
        "SELECT item_id FROM hit WHERE +guild_id = ? AND notice_id = ? AND digest = 'due' AND held IS NOT NULL",
        guild_id,
        notice_row,
    )
    return replace(
        around,
        items=await _items(connection, guild_id, items),
        due=frozenset(row["item_id"] for row in due),
        series=await _series(connection, guild_id, notice_row),
        series_followed=await _series_followed(connection, guild_id, notice_row, now),
        undone=await _undone(connection, guild_id, notice_row),
        followed=await _followed(connection, guild_id, told),
        digests=await _digests(connection, around.newsroom, now),
        pause=await _pause(connection, guild_id, notice["source"]),
        revised_at=to_moment(notice["seen_at"]),
        is_text_dropped=notice["text_dropped_at"] is not None,
    )


async def of_messages(connection: Connection, guild_id: int, told: Collection[int]) -> Circumstances:
    """Return what bears on messages of a newsroom whatever they show; raises LookupError where there is none."""
    newsroom = await newsrooms.find(connection, guild_id)
    if newsroom is None:
        raise LookupError(f"no newsroom {guild_id}")
    return Circumstances(
        newsroom=newsroom,
        parked=await newsrooms.parked(connection, guild_id),
        unread=await _unread(connection, guild_id, told),
    )


async def _items(connection: Connection, guild_id: int, wanted: Iterable[int]) -> dict[int, ItemNow]:
    listed = sorted({*wanted})
    rows = await connection.all(
        """
        SELECT dossier_item.item_id, dossier.id, dossier.name, dossier.channel_id
        FROM json_each(?) AS asked CROSS JOIN dossier_item ON dossier_item.item_id = asked.value
        CROSS JOIN dossier ON dossier.guild_id = dossier_item.guild_id AND dossier.id = dossier_item.dossier_id
        WHERE dossier.guild_id = ? AND dossier.closed_at IS NULL AND dossier.channel_id IS NOT NULL ORDER BY dossier.id
        """,
        json.dumps(listed),
        guild_id,
    )
    dossiers: defaultdict[int, list[DossierChannel]] = defaultdict(list)
    for row in rows:
        dossiers[row["item_id"]].append(DossierChannel(row["id"], row["name"], row["channel_id"]))
    found: dict[int, ItemNow] = {}
    for item_id in listed:
        item = await watchlist.find(connection, guild_id, item_id)
        removed = await connection.one(
            "SELECT removed_by FROM watch_item WHERE guild_id = ? AND id = ?", guild_id, item_id
        )
        if item is not None and removed is not None:
            found[item_id] = ItemNow(item, removed["removed_by"], tuple(dossiers[item_id]))
    return found


async def _undone(connection: Connection, guild_id: int, notice_row: int) -> dict[int, Dismissal]:
    rows = await connection.all(
        f"""
        SELECT hit.id, (
            SELECT dismissal.id FROM dismissal WHERE dismissal.guild_id = hit.guild_id
                AND dismissal.item_id = hit.item_id AND dismissal.undone_at IS NOT NULL
                AND ({IN_SERIES} OR {IN_ORGANISATION}) ORDER BY dismissal.undone_at DESC LIMIT 1
        ) AS undone FROM hit WHERE +hit.guild_id = ? AND hit.notice_id = ?
        """,
        guild_id,
        notice_row,
    )
    found = {row["id"]: await dismissals.find(connection, guild_id, row["undone"]) for row in rows if row["undone"]}
    return {row: dismissal for row, dismissal in found.items() if dismissal is not None}


async def _digests(connection: Connection, newsroom: Newsroom, now: datetime) -> tuple[NextDigest, ...]:
    zone = ZoneInfo(newsroom.timezone)
    scheduled = await digests.every(connection, newsroom.guild_id)
    found = [
        NextDigest(digest, (await digests.next_slot(connection, digest, zone, now)).due_at) for digest in scheduled
    ]
    return tuple(sorted(found, key=lambda one: one.due_at))


async def _unread(connection: Connection, guild_id: int, told: Collection[int]) -> frozenset[int]:
    rows = await connection.all(
        f"""
        SELECT id FROM announcement
        WHERE guild_id = ? AND id IN (SELECT value FROM json_each(?)) AND state = 'pending' AND NOT ({CERTAIN})
        """,
        guild_id,
        json.dumps(sorted(told)),
    )
    return frozenset(row["id"] for row in rows)


async def _followed(connection: Connection, guild_id: int, told: Collection[int]) -> dict[int, Announcement]:
    rows = await connection.all(
        f"""
        SELECT {COLUMNS} FROM announcement WHERE guild_id = ?1 AND id IN (
            SELECT later.follows FROM announcement AS later
            WHERE later.guild_id = ?1 AND later.id IN (SELECT value FROM json_each(?2)))
        """,
        guild_id,
        json.dumps(sorted(told)),
    )
    return {row["id"]: read_row(row) for row in rows}


async def _series(connection: Connection, guild_id: int, notice_row: int) -> tuple[Announcement, ...]:
    rows = await connection.all(
        f"""
        SELECT {COLUMNS} FROM announcement WHERE id IN (
            SELECT min(told.id) FROM announcement AS told
            WHERE +told.guild_id = ?2 AND told.notice_id IN ({OF_SERIES}) GROUP BY told.channel_id) ORDER BY id
        """,
        notice_row,
        guild_id,
    )
    return tuple(map(read_row, rows))


async def _series_followed(connection: Connection, guild_id: int, notice_row: int, now: datetime) -> frozenset[int]:
    row = await connection.one("SELECT procedure FROM notice WHERE id = ?", notice_row)
    if row is None or row["procedure"] is None:
        return frozenset()
    places = await following.places_of_procedure(connection, row["procedure"], now)
    return frozenset(place.channel_id for place in places if place.guild_id == guild_id)


async def _pause(connection: Connection, guild_id: int, source: str) -> Pause | None:
    row = await connection.one(
        "SELECT paused_by, paused_at FROM source_pause WHERE guild_id = ? AND source = ?", guild_id, source
    )
    return Pause(row["paused_by"], to_moment(row["paused_at"])) if row else None
