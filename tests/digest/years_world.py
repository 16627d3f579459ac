"""Years of a newsroom with digests, lived through with a clock of our own; what happened is written into a journal."""

from __future__ import annotations

import heapq
import random
import re
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import pytest

from bot import digest as digesting
from bot.access import Viewer
from bot.cards import Card
from bot.config import NewsroomSettings
from bot.delivery import Delivery
from bot.digest import Digester
from bot.models import Newsroom, QuietDays, ThingKind, WatchItem
from bot.setting_up import Changes, set_up
from bot.storage import newsrooms
from bot.storage.archive import notices
from bot.storage.database import Database
from bot.storage.log import dossiers
from bot.storage.watching import watchlist
from tests.digest.years_checker import (
    WRONG,
    AnnouncedIn,
    AskedFor,
    Checker,
    Entry,
    Gathered,
    HitCame,
    ItemMoved,
    Posted,
    Rang,
    Removed,
    Scheduled,
    Zoned,
    slots_from,
)
from tests.digest.years_plan import (
    APART,
    BEGIN,
    DAY,
    DOSSIER,
    FIRST,
    HOUR,
    ITEMS,
    MINUTE,
    OTHER,
    AnnounceIn,
    AskNow,
    Discord,
    Event,
    Gather,
    KillAfterMake,
    KillAtPoint,
    KillInSend,
    Move,
    Nothing,
    Notices,
    Outage,
    Person,
    Plan,
    Remove,
    Schedule,
    SetZone,
    Sleep,
    StartIn1970,
    Step,
)
from tests.factories import FLOOR, GUILD, SettableClock, add_hit, add_item, add_notice, make_item, make_notice
from tests.fake_discord import Crash, Ending, FakeDiscord
from tests.one_thread import stay_in_thread

EDITOR = Viewer(guild_id=GUILD, user_id=7, sees_all=True)
LONGEST_WAIT = 6 * MINUTE
"""After a failed try a message is tried again within 5 minutes."""
OFTEN = 14 * HOUR
"""How often the bot is rung at some odd moment, on average."""
ALL_DUE = 9 * DAY
_NEVER_COMPARED = timedelta(days=-100_000)
_NOTICE = re.compile(r"Avis \d+")

Making = Callable[..., Digester]


@asynccontextmanager
async def years(
    folder: Path, patch: pytest.MonkeyPatch, plan: Plan, quiet_days: QuietDays = QuietDays.SAY, kind: Making = Digester
) -> AsyncIterator[Years]:
    """Give a newsroom before anything happened in it, whose digests are made by a `kind` of digester."""
    stay_in_thread(patch)
    lived = Years(folder / "vigie.sqlite3", plan, quiet_days, kind)
    patch.setattr("bot.storage.database.crash.point", lived.pass_point)
    await lived.open()
    try:
        await lived.found()
        yield lived
    finally:
        await lived.database.close()


class Years:
    """Live through a plan; `clock` is what the bot sees, `_now` what is true."""

    database: Database

    def __init__(self, path: Path, plan: Plan, quiet_days: QuietDays, kind: Making) -> None:
        self.journal: list[Entry] = []
        self.clock = SettableClock(BEGIN)
        self.discord = FakeDiscord(self.clock, _NEVER_COMPARED)
        self._path = path
        self.plan = plan
        self._quiet_days = quiet_days
        self._kind = kind
        self._chance = random.Random(f"{plan.zone} {plan.seed}")  # noqa: S311  # repeatable
        self._now = BEGIN
        self._off = timedelta()
        self._zone = plan.zone
        self._events: list[tuple[datetime, int, Event]] = []
        self._order = count()
        self._odd = BEGIN
        self._is_up = True
        self._is_owing = False
        self._sent_by = datetime.min.replace(tzinfo=UTC)
        self._kill: KillAfterMake | None = None
        self._points_left: int | None = None
        self._scheduled: dict[str, Scheduled] = {}
        self._items: dict[int, WatchItem] = {}
        self._brought: list[tuple[int, int, int]] = []
        self._dossier = 0
        self._posts_seen = 0
        self._installation = ""

    async def open(self) -> None:
        """Start the bot's process from its file."""
        self.database = await Database.open(self._path, self.clock)
        # What a killed process wrote is there after it: only a power cut would need the disk to be waited for.
        await self.database._writer.execute("PRAGMA synchronous = OFF")
        self._delivery = Delivery(self.database, self.clock)
        self._delivery.connect(self.discord)
        self._digester = self._kind(self.database, self.clock, {}, self._delivery.wake)

    async def found(self) -> None:
        """Set the newsroom up, with its items and a dossier."""
        async with self.database.tx("test.found") as connection:
            await newsrooms.save(
                connection,
                Newsroom(
                    guild_id=GUILD,
                    language="en",
                    timezone=self._zone,
                    announcements_channel=FIRST,
                    quiet_days=self._quiet_days,
                ),
            )
            for used in (FIRST, OTHER, APART):
                await newsrooms.use_channel(connection, GUILD, used, FLOOR)
            self._dossier = (await dossiers.add(connection, GUILD, "Ports", "ports", None, 7, BEGIN)).id
            row = await connection.one("SELECT id FROM installation")
            self._installation = row["id"] if row else ""
        for number, channel in ITEMS.items():
            self._items[number] = await add_item(self.database, make_item(f"item {number}", channel_id=channel))
            self.journal.append(ItemMoved(number, channel))
        for number in DOSSIER:
            await self._gather(number)

    async def live(self) -> Checker:
        """Let all of the plan happen, then what is still due, and return the checker that read it."""
        for at, event in self.plan.events:
            self._expect(at, event)
        while self._events:
            at, _, event = heapq.heappop(self._events)
            if isinstance(event, Notices) and at < self._now:
                continue
            await self._go_on(at)
            await self._happen(event)
        self._is_up, self._off = True, timedelta()
        await self._go_on(self._now + ALL_DUE)
        checker = Checker(self._installation, self.plan.zone, FIRST, is_silent=self._quiet_days is QuietDays.SILENT)
        checker.read(self.journal)
        return checker

    def pass_point(self, name: str) -> None:
        """Be killed at a point of the making or the sending of a digest, where that is planned."""
        if self._points_left is not None and name.startswith(("digest.make", "delivery.")):
            self._points_left -= 1
            if self._points_left <= 0:
                self._points_left = None
                raise Crash

    def _expect(self, at: datetime, event: Event) -> None:
        heapq.heappush(self._events, (at, next(self._order), event))

    async def _go_on(self, until: datetime) -> None:
        """Ring at what matters before a moment: when a digest falls due, sometimes just before, and at odd times."""
        if self._odd <= self._now:
            self._odd = self._after_a_while()
        while (at := min(self._next_slot(), self._odd)) < until:
            if at == self._odd:
                self._odd = self._after_a_while()
            elif at - MINUTE > self._now and self._chance.random() < 0.25:
                self._now = at - MINUTE
                await self._ring()
            # The minute's bell comes a moment late at most.
            self._now = max(self._now, at + self._chance.uniform(0, 0.9) * MINUTE / 60)
            await self._ring()
        self._now = max(self._now, until)

    def _after_a_while(self) -> datetime:
        return max(self._now, self._odd) + self._chance.expovariate(1 / (OFTEN / HOUR)) * HOUR

    def _next_slot(self) -> datetime:
        bot_now = self._now + self._off
        slots = (
            next(slots_from(one.every, one.at, self._zone, bot_now, 1))[1] - self._off
            for one in self._scheduled.values()
        )
        return min(slots, default=self._odd)

    async def _ring(self) -> None:
        self.clock.moment = self._now + self._off
        is_killed = False
        while True:
            try:
                made = await self._digester.make_due()
                is_killed = made > 0 and self._kill is not None
                self._is_owing |= made > 0
                if self._is_owing and not is_killed:
                    await self._delivery.settle()
            except Crash:
                await self._restart()
                continue
            break
        is_open = self._is_up and not is_killed and self.clock.moment >= self._sent_by
        if is_open:
            self._is_owing, self._sent_by = False, datetime.min.replace(tzinfo=UTC)
        elif abs(self._off) <= WRONG:
            self._sent_by = max(self._sent_by, self.clock.moment + LONGEST_WAIT)
        posts = tuple(
            Posted(message.nonce, message.place.channel_id, _notices(message.cards[-1]))
            for message in self.discord.truth[self._posts_seen :]
        )
        self._posts_seen = len(self.discord.truth)
        self.journal.append(Rang(self.clock.moment, self._off, is_open, posts))
        if is_killed and self._kill is not None:
            down, self._kill = self._kill.down, None
            await self._be_down(down)

    async def _restart(self) -> None:
        self._is_owing = True
        await self.database.close()
        await self.open()

    async def _be_down(self, span: timedelta) -> None:
        await self.database.close()
        self._now += span
        self.clock.moment = self._now + self._off
        await self.open()
        self._expect(self._now, Nothing())

    async def _happen(self, event: Event) -> None:
        self.clock.moment = self._now + self._off
        match event:
            case Notices():
                await self._bring(event)
            case Sleep(span=span):
                self._now += span
                self._expect(self._now, Nothing())
            case Outage(span=span):
                await self._be_down(span)
            case KillAfterMake() | KillAtPoint() | KillInSend():
                self._plan_kill(event)
            case Step(off=off):
                self._step(event, off)
            case StartIn1970():
                self._off = datetime(1970, 1, 1, 0, 0, 20, tzinfo=UTC) - self._now
                await self._restart()
                await self._ring()
            case Discord(is_up=is_up):
                self._is_up = is_up
                self.discord.chance = (lambda _: Ending.OK) if is_up else (lambda _: Ending.DOUBT_BEFORE)
            case Nothing():
                await self._ring()
            case _:
                await self._ask(event)

    def _plan_kill(self, event: KillAfterMake | KillAtPoint | KillInSend) -> None:
        match event:
            case KillAfterMake():
                self._kill = event
            case KillAtPoint(points=points):
                self._points_left = points
            case KillInSend(is_taken=is_taken):
                self.discord.plan("send", Ending.CRASH_AFTER if is_taken else Ending.CRASH_BEFORE)

    def _step(self, event: Step, off: timedelta) -> None:
        """Move the clock, a little only while nothing waits for it: a message waits for the moment of its next try."""
        if self._is_up or max(abs(off), abs(self._off)) > WRONG:
            self._off = off
        else:
            self._expect(self._now + 2 * HOUR, event)

    async def _bring(self, event: Notices) -> None:
        """Store notices with their hits; of several items one notice, of very many one each."""
        lone = len(event.items) > len(ITEMS)
        async with self.database.tx("test.bring") as connection:
            for items in [(item,) for item in event.items] if lone else [event.items]:
                number, row, revision = (
                    self._brought.pop(self._chance.randrange(len(self._brought)))
                    if event.again and self._brought
                    else (len(self.journal), 0, 0)
                )
                revision += 1
                notice = make_notice(
                    f"26-{number}", title=f"Avis {number} ({revision})", deadline=None, revision=revision
                )
                if row:
                    await notices.revise(connection, row, notice, "1" * 64, 1, now=self.clock.now())
                else:
                    row = await add_notice(connection, notice, self.clock.now())
                self._brought = [*self._brought[-30:], (number, row, revision)]
                for item in items:
                    await add_hit(connection, self._items[item], notice, row, revision=revision, held=event.held)
                    self.journal.append(HitCame(f"Avis {number}", item, event.held))

    async def _ask(self, event: Person) -> None:
        """Do what a person asks the bot, once Discord and the clock are well and all is sent."""
        if not self._is_up or self._is_owing or abs(self._off) > WRONG:
            self._expect(self._now + 2 * HOUR, event)
            return
        now = self.clock.now()
        match event:
            case Schedule():
                dossier = self._dossier if event.of_dossier else None
                made = await digesting.schedule(
                    self.database, EDITOR, event.channel, event.every, event.at, dossier, FLOOR, now
                )
                told = Scheduled(made.id, event.channel, event.of_dossier, event.every, event.at, now)
                self._scheduled[event.name] = told
                self.journal.append(told)
            case Remove(name=name):
                gone = self._scheduled.pop(name)
                assert await digesting.remove(self.database, EDITOR, gone.digest, now)
                self.journal.append(Removed(gone.digest, now))
            case AskNow(name=name):
                asked = AskedFor(self._scheduled[name].digest, next(self._order), now)
                await self._make_now(asked)
                self.journal.append(asked)
            case Move(item=number, channel=channel):
                item = self._items[number] = replace(self._items[number], channel_id=channel)
                async with self.database.tx("test.move") as connection:
                    assert await watchlist.update(connection, item, item.name)
                self.journal.append(ItemMoved(number, channel))
            case Gather(item=number):
                await self._gather(number)
            case AnnounceIn(channel=channel):
                await self._set_up(Changes(announcements_channel=channel))
                self.journal.append(AnnouncedIn(channel))
            case SetZone(zone=zone):
                self._zone = zone
                await self._set_up(Changes(timezone=zone))
                self.journal.append(Zoned(zone))

    async def _make_now(self, asked: AskedFor) -> None:
        while True:
            try:
                await self._digester.make_now(GUILD, asked.digest, 7, asked.asked)
                self._is_owing = True
            except Crash:
                await self._restart()
                continue
            return

    async def _gather(self, number: int) -> None:
        item = self._items[number].id or 0
        async with self.database.tx("test.gather") as connection:
            await dossiers.put(connection, GUILD, self._dossier, ThingKind.ITEM, item, 7, self.clock.now())
        self.journal.append(Gathered(number))

    async def _set_up(self, changes: Changes) -> None:
        await set_up(self.database, GUILD, changes, NewsroomSettings(), FLOOR, by=7, now=self.clock.now())


def _notices(card: Card) -> Counter[str]:
    return Counter(found for line in card.body for span in line for found in _NOTICE.findall(span.text))
