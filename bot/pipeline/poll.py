"""One poll of a source: fetch, parse, store, match, and note what is owed."""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any, Final

from bot.clock import Clock
from bot.errors import SourceError, SourceFault, UserError
from bot.models import AnnouncementKind, SourceState
from bot.pipeline.health import Lost, Outcome, Tally, after_failure, after_success, too_much_lost
from bot.pipeline.intake import Intake, Taken
from bot.pipeline.letting_go import let_go
from bot.pipeline.registers import Batch, Comparison
from bot.pipeline.storing import Storing
from bot.quiet import quiet_end
from bot.reference import AnnouncementKey
from bot.sources import Asked, Payload, PoliteClient, Source, Window, parts_of, payloads_of
from bot.storage import newsrooms
from bot.storage.database import Connection, Database
from bot.storage.outbox import announcements
from bot.storage.reading import polls, registers, sources
from bot.storage.reading.spool import Spool
from bot.storage.watching import watchlist
from bot.watchlist.live import Watchlist
from bot.watchlist.numbers import watched_numbers

log = logging.getLogger(__name__)

BATCH: Final = 200
"""The most notices that one transaction stores; fewer where they take long, or are long."""


@dataclass(frozen=True, slots=True)
class PollReport:
    """Hold what a poll did; `error` is the `SourceError.kept` of why it failed, and then nothing of it was stored."""

    source: str
    tally: Tally = field(default_factory=Tally)
    owed: int = 0
    is_baseline: bool = False
    error: str | None = None


Close = Callable[[Connection, PollReport], Awaitable[None]]
"""What is noted in the transaction that stores the last of a read, with what the whole read did."""


@dataclass(slots=True)
class _Heard:
    """Hold what the payloads of a read said of themselves: the newest cursor, whether any had nothing newer."""

    cursor: Mapping[str, Any] | None = None
    is_unchanged: bool = False


class Pipeline:
    """Read sources, one read of a source at a time; `stored` is called now and then while a long one is stored."""

    def __init__(
        self, database: Database, watchlist: Watchlist, clock: Clock, stored: Callable[[], None] | None = None
    ) -> None:
        self._database = database
        self._clock = clock
        self._watchlist = watchlist
        self._stored = stored
        self._storing = 0
        self._reads: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._polled: set[str] = set()

    @property
    def is_storing(self) -> bool:
        """Return whether what a source said is being stored."""
        return self._storing > 0

    def is_polling(self, source: str) -> bool:
        """Return whether a poll of a source is under way."""
        return source in self._polled

    async def poll(
        self, source: Source, client: PoliteClient, since: date | None = None, *, accepts_smaller: bool = False
    ) -> PollReport:
        """Read a source's window and store what it says; `since` reaches further back than the window would.

        A register that lost many of its entries since the last time is refused, unless the poll `accepts_smaller`.

        Everything is read and parsed before anything is stored. A failure is counted in the source's state and
        reported, not raised; UserError where a poll of the source is under way already. DESIGN.md section 3.
        """
        if self.is_polling(source.name):
            raise UserError("source-busy", source=source.label)
        self._polled.add(source.name)
        try:
            # Windows of history that are read meanwhile leave their turn to a poll that waits.
            async with self._reads[source.name]:
                return await self._poll(source, client, since, accepts_smaller=accepts_smaller)
        finally:
            self._polled.discard(source.name)

    async def read_back(self, source: Source, client: PoliteClient, window: Window, close: Close) -> PollReport:
        """Read a window of a source's history and store it in silence: searchable, and never announced.

        `close` is called in the last transaction of it. Nothing of the source's health, its usual counts or its cursor
        moves but a pause that the publisher asks for; days that the next poll reads anyway are left to it, for what is
        new there is news. A failure is reported, not raised, and `close` is not called then.
        """
        async with self._reads[source.name]:
            started = self._clock.now()
            async with self._database.read() as connection:
                state = await sources.find(connection, source.name)
            watched = await self._watched(source)
            polled = source.window(state.succeeded_at, started).since
            asked = Asked(
                replace(window, until=min(window.until or polled, polled)),
                started,
                state.succeeded_at,
                watched=watched,
                is_backfill=True,
            )
            async with _spooled() as spool:
                try:
                    if asked.window.since < polled:
                        await self._read(source, asked, client, {}, spool)
                except SourceError as error:
                    log.warning("history of %s since %s failed: %s", source.name, window.since, error)
                    await self._pause(source, error)
                    return PollReport(source.name, is_baseline=True, error=error.kept())
                intake = Intake(self._database, self._watchlist, source, started=started, is_baseline=True)
                report = await self._store(intake, source, _notices(spool), spool, close)
            log.info(
                "history of %s from %s to %s: %d notices, %d new",
                source.name,
                window.since,
                asked.window.until,
                report.tally.read,
                report.tally.new,
            )
            return report

    async def resume(self) -> None:
        """Let go of what polls owed that the end of the process broke off; for the start, before the first poll."""
        async with self._database.tx("poll.resumed") as connection:
            await let_go(connection, self._clock.now())

    async def note_failure(self, source: Source, error: SourceError, started: datetime) -> None:
        """Count a poll that began at `started` and failed; owe the operations channels a word when it is time.

        What it had stored till then is announced.
        """
        now = self._clock.now()
        async with self._database.tx("poll.failed") as connection:
            state = replace(await sources.find(connection, source.name), attempted_at=started)
            outcome = after_failure(state, error.kept(), now, quiet_limit=source.quiet_limit, pause=_pause(error))
            await let_go(connection, now, source.name)
            await sources.save(connection, outcome.state)
            await _tell(connection, outcome, now)

    async def _watched(self, source: Source) -> frozenset[str]:
        """Return the numbers of live items for a source that is read by them, none for any other."""
        if not source.by_identifier:
            return frozenset()
        async with self._database.read() as connection:
            typed = await watchlist.watched_identifiers(connection)
        return await asyncio.to_thread(watched_numbers, typed)

    async def _poll(
        self, source: Source, client: PoliteClient, since: date | None, *, accepts_smaller: bool
    ) -> PollReport:
        started = self._clock.now()
        async with self._database.read() as connection:
            state = await sources.find(connection, source.name)
            known = (
                await registers.fingerprints(connection, source.name, source.revision_hash_version)
                if source.is_register
                else {}
            )
        watched = await self._watched(source)
        window = source.window(state.succeeded_at, started)
        if since is not None:
            window = replace(window, since=min(since, window.since))
        asked = Asked(window, started, state.succeeded_at, state.cursor, watched)
        async with _spooled() as spool:
            try:
                heard = await self._read(source, asked, client, known, spool)
                comparison = await self._compare(source, state, spool, heard)
                if comparison is not None and not accepts_smaller:
                    await comparison.check()
                await asyncio.to_thread(_refuse_nothing, source, asked, spool, heard)
            except SourceError as error:
                log.warning("poll of %s failed: %s", source.name, error)
                await self.note_failure(source, error, started)
                return PollReport(source.name, error=error.kept())
            state = replace(state, attempted_at=started)
            report = await self._store_poll(source, state, spool, heard, comparison)
        log.info(
            "poll of %s: %d notices, %d new, %d changed, %d announcements owed",
            source.name,
            report.tally.read,
            report.tally.new,
            report.tally.changed,
            report.owed,
        )
        return report

    async def _read(
        self, source: Source, asked: Asked, client: PoliteClient, known: Mapping[str, str], spool: Spool
    ) -> _Heard:
        """Read everything that is asked into the spool, a payload after the other, each part by part."""
        heard = _Heard()
        async with aclosing(payloads_of(source, asked, client)) as payloads:
            async for payload in payloads:
                if payload.cursor is not None:
                    heard.cursor = payload.cursor
                if payload.is_unchanged:
                    heard.is_unchanged = True
                else:
                    await asyncio.to_thread(_parse, source, payload, known, spool)
        return heard

    async def _compare(self, source: Source, state: SourceState, spool: Spool, heard: _Heard) -> Comparison | None:
        """Return the comparison of a register with its last dump, None where there is none to make."""
        if not source.is_register or (heard.is_unchanged and not await asyncio.to_thread(spool.entities)):
            return None
        dump = state.dumps + 1
        return Comparison(self._database, source, spool, dump, is_whole=not heard.is_unchanged)

    async def _store_poll(
        self, source: Source, state: SourceState, spool: Spool, heard: _Heard, comparison: Comparison | None
    ) -> PollReport:
        """Store a whole poll; its last transaction notes the source's state and lets the news go."""
        is_baseline = state.baseline_at is None
        began = self._clock.now()
        intake = Intake(self._database, self._watchlist, source, started=began, is_baseline=is_baseline)

        async def close(connection: Connection, report: PollReport) -> None:
            now = self._clock.now()
            tally = report.tally
            usual = await polls.usual_losses(connection, source.name)
            lost = too_much_lost(spool.lacking, tally.read, usual)
            outcome = after_success(
                replace(
                    state,
                    cursor=state.cursor if heard.cursor is None else heard.cursor,
                    dumps=state.dumps if comparison is None else comparison.dump,
                ),
                tally,
                tuple(sorted(spool.unknown_fields)),
                now,
                quiet_limit=source.quiet_limit,
                is_degraded=lost is not None if tally.read else None,
            )
            await let_go(connection, now, source.name)
            await sources.save(connection, outcome.state)
            await _tell(connection, outcome, now, lost)
            # What is usual is what ordinary polls brought that were answered whole.
            if not (is_baseline or heard.is_unchanged or lost):
                await polls.note(
                    connection,
                    source.name,
                    started_at=state.attempted_at or began,
                    ended_at=now,
                    read=tally.read,
                    new=tally.new,
                    changed=tally.changed,
                    losses=spool.lacking,
                )

        if comparison is None:
            return await self._store(intake, source, _notices(spool), spool, close)
        batches = _chained(_notices(spool), comparison.batches())
        return await self._store(intake, source, batches, spool, close, comparison.dump)

    async def _store(
        self,
        intake: Intake,
        source: Source,
        batches: AsyncIterator[Batch],
        spool: Spool,
        close: Close,
        dump: int | None = None,
    ) -> PollReport:
        """Store a whole read in short transactions; `close` is called in the last one."""
        read = await asyncio.to_thread(len, spool)
        found = PollReport(source.name, Tally(read=read, losses=spool.losses), is_baseline=intake.is_baseline)

        async def close_with(connection: Connection, taken: Taken) -> None:
            await close(connection, _with(found, taken))

        storing = Storing(self._database, self._clock, source, intake, dump, self._stored)
        self._storing += 1
        try:
            return _with(found, await storing.store(batches, close_with))
        finally:
            self._storing -= 1

    async def _pause(self, source: Source, error: SourceError) -> None:
        """Note the pause that a publisher asked for while its history was read: polls keep it too."""
        pause = _pause(error)
        if pause is None:
            return
        async with self._database.tx("history.paused") as connection:
            state = await sources.find(connection, source.name)
            await sources.save(connection, replace(state, not_before=self._clock.now() + pause))


def _parse(source: Source, payload: Payload, known: Mapping[str, str], spool: Spool) -> None:
    with payload.opened() as stream:
        for part in parts_of(source, stream, known=known):
            spool.add(part, is_reduced=payload.is_reduced, is_silent=payload.is_silent)


def _refuse_nothing(source: Source, asked: Asked, spool: Spool, heard: _Heard) -> None:
    """Raise SourceError for an answer that holds nothing at all, where that is not usual."""
    if not (heard.is_unchanged or source.may_be_empty or len(spool) or spool.entities()):
        since = asked.window.since
        message = f"it answered without a single notice since {since}"
        raise SourceError(message, SourceFault.NOTHING_SINCE, since=since)


@asynccontextmanager
async def _spooled() -> AsyncIterator[Spool]:
    """Hold a spool, made and closed off the event loop."""
    spool = await asyncio.to_thread(Spool)
    try:
        yield spool
    finally:
        await asyncio.to_thread(spool.close)


async def _notices(spool: Spool) -> AsyncIterator[Batch]:
    batches = spool.batches(BATCH)
    while entries := await asyncio.to_thread(next, batches, ()):
        yield Batch(entries)


async def _chained(*parts: AsyncIterator[Batch]) -> AsyncIterator[Batch]:
    for part in parts:
        async for batch in part:
            yield batch


def _pause(error: SourceError) -> timedelta | None:
    return timedelta(seconds=error.pause_s) if error.pause_s else None


def _with(found: PollReport, taken: Taken) -> PollReport:
    return replace(found, tally=replace(found.tally, new=taken.new, changed=taken.changed), owed=taken.owed)


async def _tell(connection: Connection, outcome: Outcome, now: datetime, lost: Lost | None = None) -> None:
    """Owe every operations channel a word on a source, where there is one to say."""
    if outcome.event is None:
        return
    state = outcome.state
    details = {
        "event": outcome.event,
        "source": state.source,
        "since": outcome.since.isoformat() if outcome.since else None,
        "failures": state.failures,
        "error": state.error,
        "losses": lost.losses if lost else None,
        "read": lost.read if lost else None,
        "usual": lost.usual if lost else None,
    }
    for newsroom in await newsrooms.every(connection):
        if newsroom.operations_channel is not None:
            key = AnnouncementKey(
                guild_id=newsroom.guild_id,
                channel_id=newsroom.operations_channel,
                kind=AnnouncementKind.OPERATIONS,
                # A trouble that another one hid for a while is told again, though it began when it did.
                subject=f"{outcome.event}:{state.source}:{now.isoformat()}",
            )
            until = quiet_end(newsroom, now)
            await announcements.owe(connection, key, now=now, details=details, held_until=until)
