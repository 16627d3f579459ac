"""Values and small worlds that the tests of storage, pipeline and delivery start from."""

from __future__ import annotations

import hashlib
import json
from collections.abc import AsyncIterator, Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from bot.errors import SourceError
from bot.models import Held, Hit, InDigest, ItemKind, Newsroom, Notice, NoticeKind, Tier, WatchItem
from bot.reference import AnnouncementKey
from bot.sources import Asked, Parsed, Payload, PoliteClient, Source, Window
from bot.storage import newsrooms
from bot.storage.archive import notices
from bot.storage.database import Connection, Database
from bot.storage.outbox import announcements
from bot.storage.outbox.announcements import Place
from bot.storage.watching import hits, watchlist

START = datetime(2026, 11, 16, 8, 0, tzinfo=UTC)
GUILD = 1001
CHANNEL = 2001
OPERATIONS = 2002
FLOOR = 5_000


class SettableClock:
    """Tell the time that a test set."""

    def __init__(self, moment: datetime = START) -> None:
        self.moment = moment

    def now(self) -> datetime:
        return self.moment

    def advance(self, span: timedelta) -> None:
        self.moment += span


def make_notice(notice_id: str = "26-1", **said: Any) -> Notice:
    """Return a tender for body cameras, published on the day of `START`, with what a test says otherwise."""
    values: dict[str, Any] = {
        "source": "gazette",
        "kind": NoticeKind.TENDER,
        "title": "Acquisition de caméras-piétons",
        "text": "Fourniture de caméras-piétons pour la police municipale.",
        "buyer": "Ville de Lyon",
        "deadline": datetime(2026, 12, 10, 12, 0, tzinfo=UTC),
        "published": START.date(),
        "url": f"https://gazette.example/{notice_id}",
        "language": "fr",
        "procedure": f"gazette:{notice_id}",
    }
    return Notice(id=notice_id, **{**values, **said})


def make_item(name: str = "caméra-piéton", **said: Any) -> WatchItem:
    """Return a keyword of the usual newsroom, with what a test says otherwise."""
    values: dict[str, Any] = {"kind": ItemKind.KEYWORD, "guild_id": GUILD, "added_by": 7}
    return WatchItem(name=name, **{**values, **said})


def make_hit(item: WatchItem, notice: Notice) -> Hit:
    """Return a hit of an item on the first word of a notice's title."""
    word = notice.title.split()[0]
    return Hit(
        notice=notice.id,
        item=item.id,
        ref=item.ref,
        kind=item.kind,
        tier=Tier.EXACT,
        term=item.name,
        rule="phrase",
        field="title",
        start=0,
        end=len(word),
        matched=word,
        snippet=notice.title,
    )


async def add_newsroom(
    database: Database,
    guild_id: int = GUILD,
    *,
    channel: int | None = CHANNEL,
    operations: int | None = OPERATIONS,
    more: Iterable[int] = (),
    language: str = "en",
    storm: int = 20,
) -> Newsroom:
    """Store a newsroom with its channels."""
    newsroom = Newsroom(
        guild_id=guild_id,
        language=language,
        timezone="Europe/Paris",
        announcements_channel=channel,
        operations_channel=operations,
        storm=storm,
    )
    async with database.tx("test.newsroom") as connection:
        await newsrooms.save(connection, newsroom)
        for used in (channel, operations, *more):
            if used is not None:
                await newsrooms.use_channel(connection, guild_id, used, FLOOR)
    return newsroom


async def add_item(database: Database, item: WatchItem | None = None, now: datetime = START) -> WatchItem:
    """Store a watch item and return it with its id."""
    item = item or make_item()
    async with database.tx("test.item") as connection:
        return await watchlist.add(connection, item, item.name.casefold(), now)


async def add_notice(connection: Connection, notice: Notice, now: datetime = START) -> int:
    """Store a notice as its revision 1 and return our id of it."""
    return await notices.add(connection, notice, "0" * 64, 1, now=now, is_baseline=False)


async def add_hit(
    connection: Connection,
    item: WatchItem,
    notice: Notice,
    row: int,
    *,
    revision: int = 1,
    held: Held | None = None,
    now: datetime = START,
) -> int:
    """Store a hit of an item on a stored notice, as the first one there, and return our id of it."""
    return await hits.add(
        connection,
        item.guild_id,
        make_hit(item, notice),
        notice_row=row,
        revision=revision,
        held=held,
        in_digest=owed_to_digest(held),
        now=now,
    )


def owed_to_digest(held: Held | None) -> InDigest:
    """Return what the digest has to do with the first hit of an item on a notice."""
    silent = {Held.BASELINE, Held.MUTED, Held.PAUSED, Held.COMPANION}
    return InDigest.NONE if held in silent else InDigest.DUE


async def owe_notice(database: Database, item: WatchItem, notice: Notice, channel: int = CHANNEL) -> int:
    """Store a notice with a hit, owe its announcement, and return the announcement's id."""
    async with database.tx("test.owe") as connection:
        row = await add_notice(connection, notice)
        hit = await add_hit(connection, item, notice, row)
        key = AnnouncementKey(
            guild_id=item.guild_id,
            channel_id=channel,
            kind=announcements.AnnouncementKind.NOTICE,
            subject=f"{notice.source}:{notice.id}",
        )
        owed = await announcements.owe(connection, key, now=START, thing_id=row)
        assert owed is not None
        await announcements.link(connection, item.guild_id, owed, hit)
        return owed


def place_of(channel: int = CHANNEL, guild_id: int = GUILD) -> Place:
    return Place(guild_id, channel)


Page = Sequence[Notice] | bytes | Payload | Exception


class PagesSource(Source):
    """Read pages that a test holds in memory.

    Publisher: the tests.
    Documentation: none.
    Licence: none.
    Identity: the notice's id.
    Caveats: a page is a list of notices, bytes or a payload as they are, or an error to raise.
    """

    name = "gazette"
    label = "Gazette"
    default_base_url = "http://gazette.invalid"
    default_every = timedelta(minutes=30)
    default_pace = timedelta()
    overlap = timedelta(days=3)
    baseline = timedelta(days=7)
    quiet_limit = timedelta(days=2)
    language = "fr"
    zone = "Europe/Paris"

    def __init__(self, *pages: Page) -> None:
        super().__init__()
        self.pages: tuple[Page, ...] = pages
        self.asked: list[Asked] = []

    @property
    def windows(self) -> list[Window]:
        """Return the windows that were asked for."""
        return [asked.window for asked in self.asked]

    async def fetch(self, asked: Asked, client: PoliteClient) -> AsyncIterator[Payload]:  # noqa: ARG002  # the interface
        self.asked.append(asked)
        for page in self.pages:
            if isinstance(page, Exception):
                raise page
            if isinstance(page, Payload):
                yield page
            else:
                yield Payload(page if isinstance(page, bytes) else page_of(*page))

    def parse(self, payload: bytes, *, lenient: bool = False) -> Parsed:  # noqa: ARG002  # the interface
        try:
            found = tuple(Notice.from_json(line) for line in json.loads(payload))
        except ValueError as error:
            raise SourceError("a list of notices was expected") from error
        return Parsed(found, revision_hashes={notice.id: self.content_sha256(notice) for notice in found})

    def content_sha256(self, notice: Notice) -> str:
        return hashlib.sha256(
            json.dumps([self.revision_hash_version, notice.to_json()], sort_keys=True).encode()
        ).hexdigest()


def page_of(*page: Notice) -> bytes:
    """Write a page that `PagesSource` reads."""
    return json.dumps([notice.to_json() for notice in page]).encode()


def days_ago(days: int, now: datetime = START) -> date:
    return (now - timedelta(days=days)).date()
