"""One poll of a source: fetch, parse, store, match, and note what is owed."""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from bot.clock import Clock
from bot.errors import SourceError, SourceFault, UserError
from bot.models import AnnouncementKind, SourceState
from bot.pipeline.health import Outcome, Tally, after_failure, after_success
from bot.pipeline.intake import Intake, Taken
from bot.pipeline.spool import Spool
from bot.reference import AnnouncementKey
from bot.sources import PoliteClient, Source, Window
from bot.storage import announcements, newsrooms, sources
from bot.storage.database import Connection, Database
from bot.watchlist.live import Watchlist

log = logging.getLogger(__name__)

BATCH = 25
"""Notices written in one transaction: few enough that the write lock is held some milliseconds."""


@dataclass(frozen=True, slots=True)
class PollReport:
    """Hold what a poll did; `error` is the `SourceError.kept` of why it failed, and then nothing of it was stored."""

    source: str
    tally: Tally = field(default_factory=Tally)
    owed: int = 0
    is_baseline: bool = False
    error: str | None = None


class Pipeline:
    """Poll sources, one poll of a source at a time."""

    def __init__(self, database: Database, watchlist: Watchlist, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._watchlist = watchlist
        self._polls: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    def is_polling(self, source: str) -> bool:
        """Return whether a poll of a source is under way."""
        return self._polls[source].locked()

    async def poll(self, source: Source, client: PoliteClient, since: date | None = None) -> PollReport:
        """Read a source's window and store what it says; `since` reaches further back than the window would.

        Everything is read and parsed before anything is stored. A failure is counted in the source's state and
        reported, not raised; UserError where a poll of the source is under way already. DESIGN.md section 3.
        """
        if self.is_polling(source.name):
            raise UserError("source-busy", source=source.label)
        async with self._polls[source.name]:
            started = self._clock.now()
            async with self._database.read() as connection:
                state = await sources.find(connection, source.name)
            window = source.window(state.succeeded_at, started)
            if since is not None:
                window = replace(window, since=min(since, window.since))
            with Spool() as spool:
                try:
                    await self._read(source, window, client, spool)
                except SourceError as error:
                    log.warning("poll of %s failed: %s", source.name, error)
                    await self.note_failure(source, error, started)
                    return PollReport(source.name, error=error.kept())
                report = await self._store(source, replace(state, attempted_at=started), spool)
            log.info(
                "poll of %s: %d notices, %d new, %d changed, %d announcements owed",
                source.name,
                report.tally.read,
                report.tally.new,
                report.tally.changed,
                report.owed,
            )
            return report

    async def resume(self) -> None:
        """Let go of what polls owed that the end of the process broke off; for the start, before the first poll."""
        async with self._database.tx("poll.resumed") as connection:
            await announcements.release(connection)

    async def note_failure(self, source: Source, error: SourceError, started: datetime) -> None:
        """Count a poll that began at `started` and failed; owe the operations channels a word when it is time.

        What it had stored till then is announced.
        """
        now = self._clock.now()
        pause = timedelta(seconds=error.pause_s) if error.pause_s else None
        async with self._database.tx("poll.failed") as connection:
            state = replace(await sources.find(connection, source.name), attempted_at=started)
            outcome = after_failure(state, error.kept(), now, quiet_limit=source.quiet_limit, pause=pause)
            await announcements.release(connection, source.name)
            await sources.save(connection, outcome.state)
            await _tell(connection, outcome, now)

    async def _read(self, source: Source, window: Window, client: PoliteClient, spool: Spool) -> None:
        async for payload in source.fetch(window, client):
            parsed = await asyncio.to_thread(source.parse, payload)
            await asyncio.to_thread(spool.add, parsed)
        if not spool:
            message = f"it answered without a single notice since {window.since}"
            raise SourceError(message, SourceFault.NOTHING_SINCE, since=window.since)

    async def _store(self, source: Source, state: SourceState, spool: Spool) -> PollReport:
        """Store a whole poll in short transactions; the last one notes the source's state and lets its news go."""
        intake = Intake(
            self._database, self._watchlist, source, started=self._clock.now(), is_baseline=state.baseline_at is None
        )
        report = PollReport(source.name, Tally(read=len(spool), losses=spool.losses), is_baseline=intake.is_baseline)
        batches = spool.batches(BATCH)
        batch = await asyncio.to_thread(next, batches, ())
        is_first = True
        while batch:
            following = await asyncio.to_thread(next, batches, ())
            is_stored = False
            while not is_stored:
                prepared = await intake.prepare(batch)
                async with self._database.tx("poll.batch") as connection:
                    if not await intake.is_current(connection, prepared):
                        continue
                    if is_first:
                        # What a poll that broke off left is no part of this one's storm.
                        await announcements.release(connection, source.name)
                    now = self._clock.now()
                    report = _with(report, await intake.store(connection, prepared, now))
                    if not following:
                        await self._close(connection, source, state, report.tally, spool, now)
                    is_stored = True
            batch, is_first = following, False
        return report

    async def _close(
        self, connection: Connection, source: Source, state: SourceState, tally: Tally, spool: Spool, now: datetime
    ) -> None:
        unknown = tuple(sorted(spool.unknown_fields))
        outcome = after_success(state, tally, unknown, now, quiet_limit=source.quiet_limit)
        await announcements.release(connection, source.name)
        await sources.save(connection, outcome.state)
        await _tell(connection, outcome, now)


def _with(report: PollReport, taken: Taken) -> PollReport:
    tally = replace(report.tally, new=report.tally.new + taken.new, changed=report.tally.changed + taken.changed)
    return replace(report, tally=tally, owed=report.owed + taken.owed)


async def _tell(connection: Connection, outcome: Outcome, now: datetime) -> None:
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
    }
    for newsroom in await newsrooms.every(connection):
        if newsroom.operations_channel is not None:
            key = AnnouncementKey(
                guild_id=newsroom.guild_id,
                channel_id=newsroom.operations_channel,
                kind=AnnouncementKind.OPERATIONS,
                subject=f"{outcome.event}:{state.source}:{details['since']}",
            )
            await announcements.owe(connection, key, now=now, details=details)
