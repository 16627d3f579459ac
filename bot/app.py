"""The composition root: from the configuration to a database, sources, delivery and schedule that live together."""

from __future__ import annotations

import asyncio
import importlib.metadata
import logging
import os
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from bot import dates, embargo
from bot.audit import seal_former
from bot.chores import Chore
from bot.clock import Clock
from bot.config import Settings, SourceDefaults, SourceSettings
from bot.delivery import Backoff, Delivery, judge_held
from bot.delivery.pacing import REQUESTS, ROWS, Pacer
from bot.digest import Digester
from bot.errors import SourceError, UserError, log_reference
from bot.following_up import FollowUp
from bot.indexing import Indexer
from bot.locales import Language, load
from bot.models import Backfill
from bot.pipeline import Pipeline, PollReport
from bot.pipeline.backfill import Backfiller
from bot.pipeline.backfilling import Backfilling
from bot.pipeline.checking import owe_check_report
from bot.pipeline.retention import drop_old_texts
from bot.reminding import Reminder, Visits
from bot.schedule import Alarm, Schedule, first_poll, next_minute
from bot.sources import (
    REGISTER_TIMEOUTS,
    CompanyRegister,
    PoliteClient,
    Progress,
    Source,
    Turns,
    kind_of,
    label_of,
    sources,
)
from bot.storage.custody import copies
from bot.storage.database import Database
from bot.storage.log import drafts
from bot.storage.reading import sources as source_states
from bot.storage.turns import giving_way
from bot.watchlist.live import Watchlist

log = logging.getLogger(__name__)

STOP_GRACE_S = 5.0
PURGE_EVERY = timedelta(hours=1)
TEXTS_EVERY = timedelta(days=1)
LOG_EVERY = timedelta(minutes=1)
COPIES_EVERY = timedelta(days=1)
EMBARGOES_EVERY = timedelta(minutes=1)
HELD_EVERY = timedelta(minutes=5)
REMINDERS_EVERY = timedelta(minutes=30)
VISITS_EVERY = timedelta(days=1)
FOLLOW_UP_EVERY = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Feed:
    """Hold a source that the configuration enables, with the client that reads it."""

    source: Source
    client: PoliteClient


def source_defaults() -> dict[str, SourceDefaults]:
    """Return what the configuration of each source defaults to, by name."""
    return {
        name: SourceDefaults(
            source.default_every,
            source.default_base_url,
            source.default_pace,
            source.options,
            source.table,
            source.option_forms,
            source.address_form,
            source.secret,
            source.single_options,
        )
        for name, source in sources().items()
    }


def source_of(name: str, chosen: SourceSettings, environ: Mapping[str, str]) -> Source:
    """Return a source as the configuration wants it, with its key where the environment has one.

    Raises UserError where no source has that name.
    """
    kind = kind_of(name)
    if kind is None:
        raise UserError("source-unknown", source=name)
    member = name.partition(":")[2] or None
    secret = environ.get(kind.secret, "").strip() or None if kind.secret else None
    return kind(chosen.base_url, member=member, options=chosen.options, secret=secret)


def client_of(
    source: Source,
    settings: Settings,
    chosen: SourceSettings,
    *,
    turns: Turns | None = None,
    on_progress: Callable[[Progress], None] | None = None,
) -> PoliteClient:
    """Return the client that reads a source; `turns` are shared with others, `on_progress` is told of each answer."""
    return PoliteClient(
        settings.http.contact or "",
        version=version(),
        pace=chosen.pace,
        pause_on=source.pause_on,
        folder=settings.storage.database.parent / "downloads" / source.name.replace(":", "-"),
        turns=turns,
        on_progress=on_progress,
    )


def version() -> str:
    """Return the installed version of Vigie."""
    return importlib.metadata.version("vigie")


class App:
    """Hold everything that works whether or not Discord is there; made by `App.open`."""

    def __init__(self, settings: Settings, clock: Clock, database: Database, feeds: Mapping[str, Feed]) -> None:
        self.settings = settings
        self.clock = clock
        self.database = database
        self.feeds = feeds
        self.watchlist = Watchlist(database)
        self.indexer = Indexer(database, gives_way=lambda: self.pipeline.is_storing or self.delivery.is_serving)
        self.pipeline = Pipeline(database, self.watchlist, clock, self.indexer.wake)
        self.delivery = Delivery(database, clock, Backoff(), Pacer(ROWS))
        self.asking = Pacer(REQUESTS)
        quiet_limits = {name: feed.source.quiet_limit for name, feed in feeds.items()}
        self.digester = Digester(database, clock, quiet_limits, self.delivery.wake)
        self._schedule = Schedule(clock)
        self._bells = {name: asyncio.Event() for name in feeds}
        self._first_polls: dict[str, datetime] = {}
        self.company_register: CompanyRegister | None = None
        self.reminder = Reminder(database, clock, self.delivery)
        self.visits = Visits(database, clock)
        seeing = Chore("members", VISITS_EVERY, self.visits.save)
        self.visits.ring = seeing.ring
        following_up = Chore("follow-up", FOLLOW_UP_EVERY, FollowUp(database, clock, self.delivery).work)
        self._follow_up = following_up.ring
        self._read: set[str] = set()
        self._chores = (
            Chore("drafts", PURGE_EVERY, self._purge_drafts),
            Chore("texts", TEXTS_EVERY, self._drop_texts),
            Chore("log", LOG_EVERY, self._empty_log),
            Chore("copies", COPIES_EVERY, self._drop_copies),
            Chore("embargoes", EMBARGOES_EVERY, self._release),
            Chore("held", HELD_EVERY, self._judge_held),
            Chore("reminders", REMINDERS_EVERY, self.reminder.remind),
            seeing,
            following_up,
        )
        self.backfiller = Backfiller(database, self.pipeline, clock)
        self._backfilling = {
            name: Backfilling(self.backfiller, feed.source, feed.client, self._wake) for name, feed in feeds.items()
        }

    @classmethod
    @asynccontextmanager
    async def open(cls, settings: Settings, clock: Clock) -> AsyncIterator[App]:
        """Open the database and the sources' clients; close them at the end of the block.

        Raises DatabaseRefusedError as `Database.open` does.
        """
        for language in Language:
            await asyncio.to_thread(load, language)
        async with AsyncExitStack() as stack:
            database = await Database.open(settings.storage.database, clock)
            stack.push_async_callback(database.close)
            await seal_former(database, clock)
            feeds, turns = {}, Turns()
            for name, chosen in settings.sources.items():
                if chosen.enabled:
                    source = source_of(name, chosen, os.environ)
                    client = client_of(source, settings, chosen, turns=turns)
                    feeds[name] = Feed(source, await stack.enter_async_context(client))
            app = cls(settings, clock, database, feeds)
            chosen_register = settings.company_register
            if chosen_register.enabled:
                client = PoliteClient(settings.http.contact or "", version=version(), timeouts=REGISTER_TIMEOUTS)
                client = await stack.enter_async_context(client)
                app.company_register = CompanyRegister(client, chosen_register.base_url)
            yield app

    async def poll(self, name: str, since: date | None = None) -> PollReport:
        """Poll a source now and wake the delivery and the indexer.

        Raises UserError when it is unknown, disabled or being polled.
        """
        feed = self.feeds.get(name)
        if feed is None:
            raise UserError("source-unknown", source=name)
        with giving_way():
            report = await self.pipeline.poll(feed.source, feed.client, since)
        self._wake()
        return report

    async def check(self, name: str, guild_id: int, asked_by: int, asked_id: int) -> PollReport:
        """Poll a source now because a newsroom asked, and owe its operations channel the report, once for `asked_id`.

        Raises UserError as `poll` does, and while the source asks to be left alone.
        """
        async with self.database.read() as connection:
            state = await source_states.find(connection, name)
        if state.not_before is not None and state.not_before > self.clock.now():
            raise UserError("source-asked-to-wait", source=label_of(name), until=state.not_before)
        report = await self.poll(name)
        await owe_check_report(self.database, guild_id, report, asked_by, asked_id, self.clock.now())
        self.delivery.wake()
        return report

    async def backfill(self, name: str, since: date, guild_id: int, asked_by: int) -> Backfill | None:
        """Have the history of a source read from a day on, which goes on by itself and is told as it advances.

        None where its polls read all of it anyway. Raises UserError as `Backfiller.begin` does, and where the source is
        unknown or not enabled.
        """
        feed = self.feeds.get(name)
        if feed is None:
            raise UserError("source-unknown", source=name)
        begun = await self.backfiller.begin(feed.source, since, guild_id=guild_id, asked_by=asked_by)
        self._backfilling[name].ring()
        self.delivery.wake()
        return begun

    async def next_poll(self, name: str) -> datetime | None:
        """Return when a source will be polled next; None when it is not enabled, or the schedule does not run yet."""
        first = self._first_polls.get(name)
        if first is None:
            return None
        async with self.database.read() as connection:
            state = await source_states.find(connection, name)
        earliest = max(self.clock.now(), state.not_before or first)
        every = self.settings.sources[name].every
        return first + max(-((first - earliest) // every), 0) * every

    async def run(self) -> None:
        """Poll, deliver, index and make digests until cancelled; then end what is under way, or leave it for later."""
        await self._resume_polls()
        with giving_way():
            await self._work()

    async def _work(self) -> None:
        """Poll, deliver, index and make digests until cancelled, behind what people wait for."""
        async with asyncio.TaskGroup() as tasks:
            delivering = tasks.create_task(self.delivery.run(), name="delivery")
            polling = [tasks.create_task(self._poll_when_rung(name), name=f"poll:{name}") for name in self.feeds]
            indexing = tasks.create_task(self.indexer.run(), name="indexing")
            digesting = tasks.create_task(self.digester.chore.run(), name="digests")
            chores = [tasks.create_task(chore.run(), name=chore.name) for chore in self._chores]
            backfilling = [
                tasks.create_task(one.run(), name=f"history:{name}") for name, one in self._backfilling.items()
            ]
            # The first poll would otherwise wait for the automaton.
            tasks.create_task(self._load_watchlist(), name="watchlist")
            # The first date in words would otherwise hold the loop while its parser is read.
            tasks.create_task(_load_dates(), name="dates")
            try:
                await self._set_alarms()
                await asyncio.Event().wait()
            finally:
                self._schedule.stop()
                self.delivery.stop()
                for task in (*polling, indexing, digesting, *chores, *backfilling):
                    task.cancel()
                await asyncio.wait([delivering], timeout=STOP_GRACE_S)
                delivering.cancel()

    async def _resume_polls(self) -> None:
        """Announce what polls owed that the last end of the process broke off."""
        try:
            await self.pipeline.resume()
        except Exception as error:  # noqa: BLE001  # a job edge: a full disk is waited out, and each next poll resumes too
            log_reference(log, error)

    async def _load_watchlist(self) -> None:
        """Compile what all newsrooms watch."""
        try:
            await self.watchlist.live()
        except Exception as error:  # noqa: BLE001  # a job edge: whoever needs it makes it anew
            log_reference(log, error)

    async def _set_alarms(self) -> None:
        now = self.clock.now()
        for name, bell in self._bells.items():
            every = self.settings.sources[name].every
            async with self.database.read() as connection:
                state = await source_states.find(connection, name)
            first = self._first_polls[name] = first_poll(state, every, now)
            self._schedule.add(Alarm(f"poll:{name}", every, first, bell.set))
        for chore in self._chores:
            self._schedule.add(Alarm(chore.name, chore.every, now, chore.ring))
        digests = self.digester.chore
        self._schedule.add(Alarm(digests.name, digests.every, next_minute(now), digests.ring))
        digests.ring()
        self._schedule.start()

    async def _purge_drafts(self) -> None:
        """Forget the forms that nobody sent, once they are old."""
        async with self.database.tx("drafts.purge") as connection:
            await drafts.purge(connection, self.clock.now() - drafts.KEPT)

    async def _drop_texts(self) -> None:
        """Drop the texts of notices that nothing matched, once they are old; what items match is read for that."""
        if await drop_old_texts(self.database, self.clock, self.settings.storage.keep_unmatched):
            self.indexer.wake()

    async def _release(self) -> None:
        """Publish what was under an embargo that is over."""
        if await embargo.release(self.database, self.clock.now()):
            self.delivery.wake()

    async def _judge_held(self) -> None:
        """Let go of what a clock that was wrong held back."""
        if await judge_held(self.database, self.clock.now()):
            self.delivery.wake()

    async def _empty_log(self) -> None:
        """Empty the database's write-ahead log where an erasure could not, for a reader that held it."""
        if self.database.owes_empty_log:
            await self.database.empty_log()

    async def _drop_copies(self) -> None:
        """Delete the old copies that migrations left beside the database."""
        for name in await asyncio.to_thread(copies.drop_old, self.database.path, self.clock.now()):
            log.info("deleted the copy %s", name)

    async def _poll_when_rung(self, name: str) -> None:
        bell = self._bells[name]
        while True:
            await bell.wait()
            bell.clear()
            started = self.clock.now()
            try:
                if not await self._is_pausing(name, started):
                    await self.poll(name)
            except UserError as error:
                log.info("poll of %s left out: %s", name, error.text)
            except Exception as error:  # noqa: BLE001  # the job edge: logged whole, counted, rung again
                await self._count_failure(name, log_reference(log, error), started)
            if name not in self._read:
                # That an award is missing is told only of sources that were read since: see `bot.following_up`.
                self._read.add(name)
                self._follow_up()

    def _wake(self) -> None:
        """Have what was stored sent and made searchable."""
        self.delivery.wake()
        self.indexer.wake()

    async def _is_pausing(self, name: str, now: datetime) -> bool:
        """Return whether the source asked to be left alone for longer."""
        async with self.database.read() as connection:
            state = await source_states.find(connection, name)
        return state.not_before is not None and state.not_before > now

    async def _count_failure(self, name: str, reference: str, started: datetime) -> None:
        """Count an error of ours as a failed poll, where the database itself still works."""
        told = SourceError.of_ours(name, reference)
        try:
            await self.pipeline.note_failure(self.feeds[name].source, told, started)
        except Exception as error:  # noqa: BLE001  # the job edge: a full disk is waited out
            log_reference(log, error)
        self.delivery.wake()


async def _load_dates() -> None:
    """Load what reading dates needs, in each language, off the loop."""
    for language in Language:
        await asyncio.to_thread(dates.load, language)
