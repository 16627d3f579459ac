"""A newsroom whose digests are made by hand: what it watches, finds and logs, and what the messages then tell."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import time, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot import dossiers
from bot.access import Viewer
from bot.cards import Card, render
from bot.composing import compose
from bot.composing.digest import part_of
from bot.delivery import Delivery
from bot.digest import Digester, digester, gathering, remove, schedule
from bot.facts import changes as fact_changes
from bot.facts.entry import Correction
from bot.models import (
    Announcement,
    AnnouncementKind,
    Citation,
    CitationKind,
    Claim,
    Digest,
    DigestHit,
    DigestNews,
    Dossier,
    Every,
    Fact,
    Held,
    InDigest,
    Newsroom,
    Notice,
    NoticeKind,
    ThingKind,
    Tier,
    Tip,
    TipStatus,
    TipWords,
    WatchItem,
)
from bot.publishing import publish
from bot.reference import AnnouncementKey
from bot.storage import newsrooms
from bot.storage.archive import notices
from bot.storage.database import Connection, Database
from bot.storage.digesting import digests
from bot.storage.log import facts, tips
from bot.storage.outbox import announcements, sending
from bot.storage.outbox.announcements import Place
from bot.storage.watching import hits, watchlist
from bot.tips import changes as tip_changes
from tests.cards.faces import as_read
from tests.empty_database import place_empty_database
from tests.factories import CHANNEL, FLOOR, GUILD, SettableClock, add_item, make_hit, make_item, make_notice
from tests.fake_discord import FakeDiscord

OTHER_CHANNEL, LOG, DOSSIER_CHANNEL = 2005, 2003, 2004
CODE = re.compile(r"[0-9A-Z]{4}-[0-9A-Z]{4}")
CHANNELS = (CHANNEL, OTHER_CHANNEL, LOG, DOSSIER_CHANNEL)


@dataclass
class Desk:
    """Act for one newsroom."""

    database: Database
    clock: SettableClock
    digester: Digester
    discord: FakeDiscord
    delivery: Delivery
    guild_id: int = GUILD
    _asked: int = 0

    def of(self, guild_id: int) -> Desk:
        """Return the desk of another newsroom on the same bot."""
        return replace(self, guild_id=guild_id, _asked=0)

    @property
    def editor(self) -> Viewer:
        return Viewer(guild_id=self.guild_id, user_id=9, sees_all=True)

    @property
    def reporter(self) -> Viewer:
        return Viewer(guild_id=self.guild_id, user_id=7, sees_all=False)

    async def settings(self, **changed: Any) -> None:
        """Change settings of the newsroom."""
        async with self.database.tx("test.settings") as connection:
            newsroom = await newsrooms.find(connection, self.guild_id)
            assert newsroom is not None
            await newsrooms.save(connection, replace(newsroom, **changed))

    async def item(self, name: str = "caméra", **said: Any) -> WatchItem:
        return await add_item(self.database, make_item(name, guild_id=self.guild_id, **said))

    async def change(self, item: WatchItem, **said: Any) -> WatchItem:
        """Change what is said of an item."""
        changed = replace(item, **said)
        async with self.database.tx("test.change") as connection:
            assert await watchlist.update(connection, changed, changed.name.casefold())
        return changed

    async def notice(self, number: int, **said: Any) -> int:
        """Store a notice, or its next revision, and return our id of it."""
        notice = numbered(number, **said)
        async with self.database.tx("test.notice") as connection:
            known = (await notices.known(connection, notice.source, [notice.id])).get(notice.id)
            if known is None:
                return await notices.add(connection, notice, "0", 1, now=self.clock.now(), is_baseline=False)
            later = replace(notice, revision=known.revision + 1)
            await notices.revise(connection, known.row, later, str(later.revision), 1, now=self.clock.now())
            return known.row

    async def hit(
        self, item: WatchItem, number: int = 1, held: Held | None = Held.DIGEST, tier: Tier = Tier.EXACT, **said: Any
    ) -> int:
        """Store a hit on the newest revision of a notice, which is stored first if it is new or something is said."""
        notice = numbered(number, **said)
        async with self.database.read() as connection:
            known = await notices.known(connection, notice.source, [notice.id])
        if said or not known:
            await self.notice(number, **said)
        async with self.database.tx("test.hit") as connection:
            [stored] = (await notices.known(connection, notice.source, [notice.id])).values()
            return await hits.add(
                connection,
                item.guild_id,
                replace(make_hit(item, notice), tier=tier),
                notice_row=stored.row,
                revision=stored.revision,
                held=held,
                in_digest=InDigest.NONE
                if held in {Held.BASELINE, Held.MUTED, Held.PAUSED, Held.COMPANION}
                else InDigest.DUE,
                now=self.clock.now(),
            )

    async def announce(self, hit: int, channel: int = CHANNEL, message: int | None = None) -> int:
        """Owe the announcement of a hit, sent already where its message is given."""
        async with self.database.tx("test.announce") as connection:
            row = await connection.one("SELECT notice_id FROM hit WHERE guild_id = ? AND id = ?", self.guild_id, hit)
            assert row is not None
            key = AnnouncementKey(
                guild_id=self.guild_id,
                channel_id=channel,
                kind=AnnouncementKind.NOTICE,
                subject=f"notice:{row['notice_id']}",
            )
            owed = await announcements.owe(connection, key, now=self.clock.now(), thing_id=row["notice_id"])
            assert owed is not None
            await announcements.link(connection, self.guild_id, owed, hit)
            if message is not None:
                await sending.begin(connection, Place(self.guild_id, channel), owed, self.clock.now())
                await sending.sent(connection, owed, message_id=message, shown={}, revision=1, now=self.clock.now())
        return owed

    async def dossier(self, name: str = "Marchés", channel: int | None = None) -> Dossier:
        return await dossiers.create(self.database, self.editor, name, channel, FLOOR, self.clock.now())

    async def put(self, dossier: Dossier, kind: ThingKind, thing_id: int | None) -> None:
        await dossiers.put(self.database, self.editor, dossier.id, kind, thing_id or 0, self.clock.now())

    async def fact(self, claim: str = "Axon a gagné.", *dossiers: Dossier) -> Fact:
        """Log a fact, in dossiers where some are given, and publish it."""
        citation = Citation(kind=CitationKind.LINK, url="https://agenda.example/mai")
        async with self.database.tx("test.fact") as connection:
            fact = await facts.add(connection, self.guild_id, Claim(text=claim), [citation], 7, self.clock.now())
            await self._put_new(connection, dossiers, ThingKind.FACT, fact.id)
            await publish(connection, fact, self.clock.now())
        return fact

    async def look_at(self, fact_id: int) -> Fact:
        """Return a fact as it now stands."""
        async with self.database.read() as connection:
            return await facts.get(connection, self.guild_id, fact_id)

    async def correct(self, fact: Fact, claim: str, reason: str) -> Fact:
        correction = Correction(claim=Claim(text=claim), replaced=(), date=None)
        now = self.clock.now()
        changed = await fact_changes.correct(
            self.database, self.editor, fact.id, correction, reason, now, seen=fact.revision
        )
        return changed.fact

    async def verify(self, fact: Fact) -> Fact:
        """Have the version of a fact that stands verified, on its only source."""
        now, why = self.clock.now(), "on a les actes"
        changed = await fact_changes.verify(self.database, self.editor, fact.id, now, reason=why, seen=fact.revision)
        return changed.fact

    async def dispute(self, fact: Fact, reason: str = "démenti") -> Fact:
        return (await fact_changes.dispute(self.database, self.editor, fact.id, reason, self.clock.now())).fact

    async def retract(self, fact: Fact, reason: str = "faux") -> Fact:
        return (await fact_changes.retract(self.database, self.editor, fact.id, reason, self.clock.now())).fact

    async def cite(self, fact: Fact, number: int = 1) -> Fact:
        citation = Citation(kind=CitationKind.LINK, url=f"https://agenda.example/{number}")
        return (await fact_changes.cite(self.database, self.editor, fact.id, [citation], self.clock.now())).fact

    async def tip(self, text: str = "Un dîner", *dossiers: Dossier, **said: Any) -> Tip:
        """Log a tip, in dossiers where some are given, and publish it."""
        async with self.database.tx("test.tip") as connection:
            tip = await tips.add(connection, self.guild_id, TipWords(text=text, **said), 7, self.clock.now())
            await self._put_new(connection, dossiers, ThingKind.TIP, tip.id)
            await publish(connection, tip, self.clock.now())
        return tip

    async def edit(self, tip: Tip, **said: Any) -> Tip:
        """Make a new version of a tip's words."""
        words, now = replace(tip_changes.words_of(tip), **said), self.clock.now()
        return (await tip_changes.edit(self.database, self.editor, tip.id, words, now, seen=tip.revision)).tip

    async def look(self, tip: Tip) -> Tip:
        """Return a tip as it now stands."""
        async with self.database.read() as connection:
            return await tips.get(connection, self.guild_id, tip.id)

    async def assign(self, tip: Tip) -> Tip:
        return (await tip_changes.assign(self.database, self.editor, tip.id, 8, self.clock.now())).tip

    async def set_status(self, tip: Tip, status: TipStatus) -> Tip:
        return (await tip_changes.set_status(self.database, self.editor, tip.id, status, self.clock.now())).tip

    async def close(self, dossier: Dossier) -> None:
        assert await dossiers.close(self.database, self.editor, dossier.id, self.clock.now())

    async def reopen(self, dossier: Dossier) -> None:
        assert await dossiers.reopen(self.database, self.editor, dossier.id, self.clock.now())

    async def schedule(
        self, channel: int = CHANNEL, dossier: Dossier | None = None, at: time = time(8, 30), every: Every = Every.DAILY
    ) -> Digest:
        dossier_id = dossier.id if dossier else None
        now = self.clock.now()
        return await schedule(self.database, self.editor, channel, every, at, dossier_id, FLOOR, now)

    async def remove(self, digest: Digest) -> None:
        assert await remove(self.database, self.editor, digest.id, self.clock.now())

    async def make(self, digest: Digest) -> list[DigestNews]:
        """Have a digest made now, and return the parts that its messages tell."""
        self._asked += 1
        before = len(await self.rows())
        await self.digester.make_now(self.guild_id, digest.id, 7, self._asked)
        return await self.parts(before)

    async def lines(self, digest: Digest) -> list[tuple[str, str]]:
        """Have a digest made now, and return the hits that it tells: the item and the title of each."""
        return [(hit.item, hit.title) for hit in hits_of(await self.make(digest))]

    async def rows(self) -> list[Announcement]:
        """Return the messages of digests that are owed or were sent, oldest first."""
        async with self.database.read() as connection:
            columns = announcements.COLUMNS
            found = await connection.all(
                f"SELECT {columns} FROM announcement WHERE guild_id = ? AND kind = ? ORDER BY id",  # noqa: S608  # names
                self.guild_id,
                AnnouncementKind.DIGEST,
            )
        return [announcements.read_row(row) for row in found]

    async def parts(self, after: int = 0) -> list[DigestNews]:
        """Return what the messages of all digests so far tell, or those after so many, as of now."""
        rows = (await self.rows())[after:]
        async with self.database.read() as connection:
            return [await part_of(connection, row) for row in rows]

    async def cards(self, after: int = 0) -> list[Card]:
        """Return the messages of all digests so far, or those after so many, as they would be sent now."""
        rows = (await self.rows())[after:]
        async with self.database.read() as connection:
            return [(await compose(connection, row, self.clock.now())).card for row in rows]

    async def now(self, digest: Digest) -> Digest:
        """Return a digest as it now stands."""
        async with self.database.read() as connection:
            found = await digests.find(connection, self.guild_id, digest.id)
        assert found is not None
        return found

    async def slots(self) -> list[tuple[str, int]]:
        """Return the slots that are settled: the day and how many messages."""
        async with self.database.read() as connection:
            rows = await connection.all(
                "SELECT local_date, messages FROM digest_slot WHERE guild_id = ? ORDER BY digest_id, local_date",
                self.guild_id,
            )
        return [(row["local_date"], row["messages"]) for row in rows]

    async def _put_new(self, connection: Connection, inside: Sequence[Dossier], kind: ThingKind, thing_id: int) -> None:
        ids = [dossier.id for dossier in inside]
        await dossiers.put_new(connection, self.editor, ids, kind, thing_id, self.clock.now())


@asynccontextmanager
async def open_desk(
    folder: Path,
    *,
    language: str = "fr",
    quiet_limits: Mapping[str, timedelta] | None = None,
    guilds: Sequence[int] = (GUILD,),
) -> AsyncIterator[Desk]:
    """Hold a desk of the first of some newsrooms, each with an announcements and a log channel, in Paris."""
    clock = SettableClock()
    database = await Database.open(place_empty_database(folder / "vigie.sqlite3"), clock)
    try:
        async with database.tx("test.newsrooms") as connection:
            for guild_id in guilds:
                newsroom = Newsroom(
                    guild_id=guild_id,
                    language=language,
                    timezone="Europe/Paris",
                    announcements_channel=CHANNEL,
                    log_channel=LOG,
                    second_source=False,
                )
                await newsrooms.save(connection, newsroom)
                for channel in CHANNELS:
                    await newsrooms.use_channel(connection, guild_id, channel, FLOOR)
        discord, delivery = FakeDiscord(clock), Delivery(database, clock)
        delivery.connect(discord)
        digester = Digester(database, clock, quiet_limits or {}, delivery.wake)
        yield Desk(database, clock, digester, discord, delivery, guilds[0])
    finally:
        await database.close()


def meanwhile(patch: pytest.MonkeyPatch, act: Callable[[], Awaitable[object]], times: int = 1) -> None:
    """Let something happen between what a digest gathers and its transaction, so many times."""
    plain, left = gathering.gather, iter(range(times))

    async def gather(*values: Any) -> gathering.Gathered:
        gathered = await plain(*values)
        if next(left, None) is not None:
            await act()
        return gathered

    patch.setattr(digester, "gather", gather)


def shown(card: Card) -> str:
    """Return a card as it is read."""
    return as_read(render(card))


def uncoded(card: Card) -> Card:
    """Return a card without the code that it ends with."""
    return replace(card, footer=CODE.sub("", card.footer).rstrip().removesuffix("réf.").removesuffix("ref.").rstrip())


def numbered(number: int, **said: Any) -> Notice:
    """Return a notice named by a number, with a deadline too far for a digest."""
    values: dict[str, Any] = {"title": f"Avis {number}", "deadline": None, "kind": NoticeKind.TENDER, **said}
    return make_notice(f"26-{number}", **values)


def hits_of(parts: Sequence[DigestNews]) -> list[DigestHit]:
    return [hit for part in parts for hit in part.hits]
