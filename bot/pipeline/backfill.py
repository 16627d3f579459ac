"""Read the history of a source in windows: in silence, searchable, and resumed where it stopped."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from bot.access import Action
from bot.cards import OperationsKind
from bot.clock import Clock
from bot.errors import UserError
from bot.models import AnnouncementKind, Backfill
from bot.pipeline.poll import Pipeline, PollReport
from bot.reference import AnnouncementKey
from bot.sources import PoliteClient, Source, Window
from bot.storage import newsrooms
from bot.storage.custody import audit
from bot.storage.database import Connection, Database
from bot.storage.outbox import announcements
from bot.storage.reading import backfills, sources

log = logging.getLogger(__name__)


class Backfiller:
    """Read histories, one of a source at a time; what was read is never read again, whatever ends the process."""

    def __init__(self, database: Database, pipeline: Pipeline, clock: Clock) -> None:
        self._database = database
        self._pipeline = pipeline
        self._clock = clock

    async def begin(
        self, source: Source, since: date, *, guild_id: int | None = None, asked_by: int | None = None
    ) -> Backfill | None:
        """Note that the history of a source is wanted from a day on, up to what its polls read; return what to read.

        One that stopped before, or that the command line left, goes on from there where it covers the day, and is told
        to the newsroom that asks now. None where polls read all of it anyway. Raises UserError where the publisher has
        no history to read, the source was never read, a history of it is being read for a newsroom, or one that stopped
        covers less.
        """
        if source.step is None:
            raise UserError("backfill-no-history", source=source.label)
        now = self._clock.now()
        async with self._database.tx("backfill.begin") as connection:
            state = await sources.find(connection, source.name)
            if state.succeeded_at is None:
                # Only a poll that was stored fixes the day from which polls read everything.
                raise UserError("backfill-too-early", source=source.label)
            standing = await backfills.find_open(connection, source.name)
            if standing is not None:
                _refuse_standing(source, standing, since, is_newsroom=guild_id is not None)
                resumed = replace(standing, error=None)
                if guild_id is not None:
                    resumed = replace(resumed, guild_id=guild_id, started_by=asked_by)
                await backfills.save(connection, resumed)
                await self._tell(connection, resumed)
                await _note(connection, resumed, guild_id, asked_by, now, is_resumed=True)
                return resumed
            until = source.window(state.succeeded_at, now).since
            if since >= until:
                return None
            begun = await backfills.start(
                connection, source.name, since, until, guild_id=guild_id, started_by=asked_by, now=now
            )
            await self._tell(connection, begun)
            await _note(connection, begun, guild_id, asked_by, now, is_resumed=False)
            return begun

    async def run(self, source: Source, client: PoliteClient, backfill: Backfill) -> AsyncIterator[Backfill]:
        """Read what is left window by window, and yield how far it is after each; the last one has ended, or failed.

        Its message in the operations channel follows. A window that fails ends the reading with its `error`, which only
        `give_up` keeps.
        """
        done = backfill
        while done.ended_at is None:
            window = Window(done.reached, min(done.reached + timedelta(days=source.step or 1), done.until))
            step = _Step(self._advance, done, window)
            report = await self._pipeline.read_back(source, client, window, step.keep)
            if report.error is not None:
                log.warning("history of %s stopped at %s: %s", source.name, window.since, report.error)
                yield replace(done, error=report.error)
                return
            done = step.backfill
            yield done

    async def give_up(self, backfill: Backfill) -> None:
        """Keep why a history stopped, and tell it; somebody has to ask for it again."""
        async with self._database.tx("backfill.stopped") as connection:
            await backfills.save(connection, backfill)
            await self._tell(connection, backfill)

    async def pause_left(self, name: str) -> timedelta:
        """Return for how much longer a publisher asked to be left alone, nothing where it did not."""
        async with self._database.read() as connection:
            until = (await sources.find(connection, name)).not_before
        return max(until - self._clock.now(), timedelta()) if until is not None else timedelta()

    async def find_left(self, name: str) -> Backfill | None:
        """Return the history of a source that newsrooms asked for and that can be read on, None where there is none."""
        async with self._database.read() as connection:
            standing = await backfills.find_open(connection, name)
        return standing if standing is not None and standing.guild_id is not None and standing.error is None else None

    async def _advance(
        self, connection: Connection, backfill: Backfill, window: Window, report: PollReport
    ) -> Backfill:
        """Note inside the transaction that stores a window that it is read; return how far the history is then."""
        reached = window.until or backfill.until
        advanced = replace(
            backfill,
            reached=reached,
            notices=backfill.notices + report.tally.read,
            new=backfill.new + report.tally.new,
            ended_at=self._clock.now() if reached >= backfill.until else None,
        )
        await backfills.save(connection, advanced)
        await self._tell(connection, advanced)
        return advanced

    async def _tell(self, connection: Connection, backfill: Backfill) -> None:
        """Let the one message in the operations channel of who asked show how far it is."""
        if backfill.guild_id is None:
            return
        newsroom = await newsrooms.find(connection, backfill.guild_id)
        if newsroom is None or newsroom.operations_channel is None:
            return
        key = AnnouncementKey(
            guild_id=backfill.guild_id,
            channel_id=newsroom.operations_channel,
            kind=AnnouncementKind.OPERATIONS,
            subject=f"{OperationsKind.BACKFILL}:{backfill.source}:{backfill.id}",
        )
        now = self._clock.now()
        details = _details(backfill)
        standing = await announcements.id_of(connection, key)
        if standing is None:
            await announcements.owe(connection, key, now=now, details=details)
        else:
            await announcements.restate(connection, standing, details)
            await announcements.remake(connection, backfill.guild_id, [standing], now)


class _Step:
    """Be one window of a history: `keep` notes in the transaction that stores it how far the history then is."""

    def __init__(
        self,
        advance: Callable[[Connection, Backfill, Window, PollReport], Awaitable[Backfill]],
        backfill: Backfill,
        window: Window,
    ) -> None:
        self._advance = advance
        self._begun = backfill
        self._window = window
        self.backfill = backfill

    async def keep(self, connection: Connection, report: PollReport) -> None:
        """Note that the window is read; again from where it began, should its transaction be tried again."""
        self.backfill = await self._advance(connection, self._begun, self._window, report)


async def _note(
    connection: Connection, backfill: Backfill, guild_id: int | None, by: int | None, now: datetime, *, is_resumed: bool
) -> None:
    """Append to a newsroom's audit log that a member asked for a history; the command line asks for no newsroom."""
    if guild_id is None or by is None:
        return
    detail = {"since": backfill.since.isoformat(), "until": backfill.until.isoformat(), "resumed": is_resumed}
    subject = f"source:{backfill.source}"
    await audit.note(connection, guild_id, by, Action.SOURCE_BACKFILL, now, subject=subject, detail=detail)


def _refuse_standing(source: Source, standing: Backfill, since: date, *, is_newsroom: bool) -> None:
    """Raise UserError where what stands open of a history is being read, or covers less than is asked for."""
    told = {"source": source.label, "since": standing.since, "reached": standing.reached}
    # The command line has the database to itself: nobody else reads then.
    if is_newsroom and standing.guild_id is not None and standing.error is None:
        raise UserError("backfill-under-way", **told)
    if since < standing.since:
        raise UserError("backfill-unfinished", **told)


def _details(backfill: Backfill) -> dict[str, Any]:
    return {
        "event": OperationsKind.BACKFILL,
        "source": backfill.source,
        "since": backfill.since.isoformat(),
        "until": backfill.until.isoformat(),
        "reached": backfill.reached.isoformat(),
        "days": backfill.days,
        "days_read": backfill.days_read,
        "notices": backfill.notices,
        "new": backfill.new,
        "is_done": backfill.ended_at is not None,
        "error": backfill.error,
    }
