"""`vigie poll`: one poll of a source, live, or of a saved payload read as that source would."""

from __future__ import annotations

import asyncio
import io
import json
import logging
import os
import sys
import tempfile
from collections.abc import Callable, Collection, Iterable
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, BinaryIO

import typer

from bot import clock
from bot.cli._settings import ConfigOption, settings_of
from bot.cli._source_names import no_source
from bot.cli._terminal import Status, bar, busy, command, opened, put, say, terminal_texts
from bot.errors import SourceError, UserError

if TYPE_CHECKING:
    from bot.config import Settings, SourceSettings
    from bot.locales import Texts
    from bot.models import Notice
    from bot.pipeline import Pipeline, PollReport
    from bot.sources import Loss, PoliteClient, Progress, Source
    from bot.storage.database import Database
TITLE_CHARS = 120
MEGABYTE = 1_000_000


@command
def poll(
    source: Annotated[str, typer.Argument(help="Name of the source, as in config.toml.", metavar="SOURCE")],
    config: ConfigOption = None,
    since: Annotated[
        str | None,
        typer.Option("--since", help="Read from this day on (2026-01-31, yesterday); else the usual window."),
    ] = None,
    payload: Annotated[
        Path | None,
        typer.Option("--from", help="Read a saved answer instead; - for standard input.", metavar="FILE"),
    ] = None,
    *,
    lenient: Annotated[
        bool, typer.Option("--lenient", help="With --from or --dry-run: keep notices with missing parts, list those.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Read and print, write nothing; the source need not be enabled.")
    ] = False,
    accepts_smaller: Annotated[
        bool, typer.Option("--accept-smaller", help="Read a register once though it lost many of its entries.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print each notice as one JSON object a line.")] = False,
) -> Status:
    """Poll a source once into the database; with --from, read a saved answer, which needs neither database nor network.

    With --json prints what is new or changed, or with --dry-run and --from all that was read: one JSON object a line.
    What was done is said on standard error.
    """
    if accepts_smaller and (dry_run or payload is not None):
        raise UserError("cli-poll-smaller-live")
    if payload is not None:
        if since is not None:
            raise UserError("cli-poll-since-from")
        return _read_saved(_reader(source), payload, lenient=lenient, as_json=as_json)
    if lenient and not dry_run:
        raise UserError("cli-poll-lenient-live")
    first_day = _day(since)
    settings = settings_of(config)
    reader, chosen = _configured(settings, source)
    if accepts_smaller and not reader.is_register:
        raise UserError("cli-poll-smaller-register", source=reader.name)
    if dry_run:
        return asyncio.run(_try(settings, reader, chosen, first_day, lenient=lenient, as_json=as_json))
    return asyncio.run(_poll(settings, reader, chosen, first_day, accepts_smaller=accepts_smaller, as_json=as_json))


def _read_saved(source: Source, payload: Path, *, lenient: bool, as_json: bool) -> Status:
    """Print what a saved answer says, part by part where it is a register."""
    from bot.sources import parts_of  # noqa: PLC0415  # help needs none of it

    texts = terminal_texts()
    line_of = _writer(as_json=as_json)
    losses: list[Loss] = []
    unknown: set[str] = set()
    read = 0
    with busy(texts("cli-poll-progress", source=source.name)) as show, opened(payload) as stream:
        for parsed in parts_of(source, _capped(stream, source, texts), lenient=lenient):
            for notice in parsed.notices:
                put(line_of(notice))
            read += len(parsed.notices)
            losses += parsed.losses
            unknown |= parsed.unknown_fields
            show(texts("cli-poll-so-far", source=source.name, notices=texts.plural("cli-poll-notices", read)))
    _tell_losses(losses)
    _tell_unknown_fields(unknown)
    say(texts.plural("cli-poll-read", read, source=source.name))
    return Status.DONE


def _capped(stream: BinaryIO, source: Source, texts: Texts) -> BinaryIO:
    """Return a saved answer that is no longer than the source's own may be; raises SourceError for a longer one."""
    if source.is_register:
        return stream
    content = stream.read(source.max_bytes + 1)
    if len(content) > source.max_bytes:
        raise SourceError(texts("cli-payload-too-large", limit=source.max_bytes))
    return io.BytesIO(content)


async def _try(  # one keyword per option of the command
    settings: Settings,
    source: Source,
    chosen: SourceSettings,
    since: date | None,
    *,
    lenient: bool,
    as_json: bool,
) -> Status:
    """Print what a source now publishes, and keep none of it."""
    from bot.sources import Asked, Window, parts_of, payloads_of  # noqa: PLC0415  # help needs none of it

    texts = terminal_texts()
    now = clock.system().now()
    window = Window(since) if since is not None else source.window(None, now)
    asked = Asked(window, now, watched=await _watched(settings, source))
    line_of = _writer(as_json=as_json)
    seen: set[str] = set()
    losses: dict[tuple[str, str], Loss] = {}
    unknown: set[str] = set()
    with (
        busy(texts("cli-poll-progress", source=source.name)) as show,
        tempfile.TemporaryFile("w+", encoding="utf-8", errors="backslashreplace") as kept,
    ):
        async with _client(settings, source, chosen) as client:
            # Nothing is printed before all is read: a window that breaks off is not the window.
            async for payload in payloads_of(source, asked, client):
                if payload.is_unchanged:
                    continue
                with payload.opened() as stream:
                    parts = parts_of(source, stream, lenient=lenient)
                    while (parsed := await asyncio.to_thread(next, parts, None)) is not None:
                        for notice in parsed.notices:
                            if notice.id not in seen:
                                seen.add(notice.id)
                                kept.write(f"{line_of(notice)}\n")
                        losses |= {(loss.notice, loss.field): loss for loss in parsed.losses}
                        unknown |= parsed.unknown_fields
                        notices = texts.plural("cli-poll-notices", len(seen))
                        show(texts("cli-poll-so-far", source=source.name, notices=notices))
        kept.seek(0)
        for line in kept:
            put(line.removesuffix("\n"))
    _tell_losses(losses.values())
    _tell_unknown_fields(unknown)
    say(texts.plural("cli-poll-dry", len(seen), source=source.name, since=window.since))
    return Status.DONE


async def _watched(settings: Settings, source: Source) -> frozenset[str]:
    """Return the identifiers that the newsrooms watch, for a source that is read by them; none without a database."""
    from bot.storage.custody import inspection  # noqa: PLC0415  # help needs none of it
    from bot.storage.watching import watchlist  # noqa: PLC0415
    from bot.watchlist.numbers import watched_numbers  # noqa: PLC0415

    if not source.by_identifier or not settings.storage.database.is_file():
        return frozenset()
    async with inspection.looking(settings.storage.database) as connection:
        return watched_numbers(await watchlist.watched_identifiers(connection))


async def _poll(  # one keyword per option of the command
    settings: Settings,
    source: Source,
    chosen: SourceSettings,
    since: date | None,
    *,
    accepts_smaller: bool,
    as_json: bool,
) -> Status:
    """Poll a source into the database, then read its history since a day; tell what came of it, print what is new."""
    from bot.pipeline import Pipeline  # noqa: PLC0415  # help needs none of it
    from bot.storage.custody import inspection  # noqa: PLC0415
    from bot.storage.database import Database  # noqa: PLC0415
    from bot.storage.reading import sources as states  # noqa: PLC0415
    from bot.watchlist.live import Watchlist  # noqa: PLC0415

    # A failed poll is told below, in words; without a handler Python would print the log's warning as well.
    logging.getLogger("bot.pipeline").addHandler(logging.NullHandler())
    texts = terminal_texts()
    if not chosen.enabled:
        raise UserError("cli-poll-disabled", source=source.name)
    if since is not None and source.step is None:
        raise UserError("backfill-no-history", source=source.label)
    now = clock.system()
    database = await Database.open(settings.storage.database, now)
    try:
        async with database.read() as connection:
            state = await states.find(connection, source.name)
            mark = await inspection.last_revision(connection)
        if state.not_before is not None and state.not_before > now.now():
            say(texts("cli-poll-asked-to-wait", source=source.name, until=state.not_before))
            return Status.BAD_DATA
        pipeline = Pipeline(database, Watchlist(database), now)
        try:
            with busy(texts("cli-poll-progress", source=source.name)) as show:
                async with _client(settings, source, chosen, show) as client:
                    report = await pipeline.poll(source, client, accepts_smaller=accepts_smaller)
            async with database.read() as connection:
                unknown = (await states.find(connection, source.name)).unknown_fields
            status = _tell_report(report, unknown)
            # The first poll that is stored fixes the day up to which there is history to read.
            if status is Status.DONE and since is not None:
                status = await _read_history(database, pipeline, settings, source, chosen, since)
        finally:
            if as_json:
                async with database.read() as connection:
                    async for notice in inspection.revisions_after(connection, mark):
                        put(_in_json(notice))
    finally:
        await database.close()
    return status


async def _read_history(  # what a poll has, and the day
    database: Database, pipeline: Pipeline, settings: Settings, source: Source, chosen: SourceSettings, since: date
) -> Status:
    """Read a source's history since a day in silence, with a bar; return whether it was read whole."""
    from bot.pipeline.backfill import Backfiller  # noqa: PLC0415  # help needs none of it

    texts = terminal_texts()
    backfiller = Backfiller(database, pipeline, clock.system())
    begun = await backfiller.begin(source, since)
    if begun is None:
        return Status.DONE
    done = begun
    with bar(texts("cli-poll-history", source=source.name), begun.days) as advance:
        async with _client(settings, source, chosen) as client:
            async for done in backfiller.run(source, client, begun):  # the last one counts
                advance(done.days_read, texts.plural("cli-poll-notices", done.notices))
    if done.error is not None:
        await backfiller.give_up(done)
        reason = texts.source_error(SourceError.from_kept(done.error))
        say(texts("cli-poll-history-failed", source=source.name, reached=done.reached, reason=reason))
        return Status.BAD_DATA
    new = texts.plural("notices-new", done.new)
    say(texts.plural("cli-poll-history-read", done.notices, new=new, since=done.since))
    return Status.DONE


def _tell_report(report: PollReport, unknown: tuple[str, ...]) -> Status:
    from bot.cards.polled import read_in_words  # noqa: PLC0415  # help needs none of it

    texts = terminal_texts()
    if report.error is not None:
        reason = texts.source_error(SourceError.from_kept(report.error))
        say(texts("cli-poll-failed", source=report.source, reason=reason))
        return Status.BAD_DATA
    tally = report.tally
    say(read_in_words(texts, tally.read, tally.new, tally.changed))
    if tally.losses:
        say(texts.plural("operations-check-losses", tally.losses))
    _tell_unknown_fields(unknown)
    if report.is_baseline:
        say(texts("cli-poll-baseline"))
    elif report.owed:
        say(texts.plural("cli-poll-owed", report.owed))
    return Status.DONE


def _client(
    settings: Settings, source: Source, chosen: SourceSettings, show: Callable[[str], None] | None = None
) -> PoliteClient:
    """Return the polite client of a source, which tells `show` how many answers it has had."""
    from bot.app import client_of  # noqa: PLC0415  # help needs none of it

    texts = terminal_texts()
    if settings.http.contact is None:
        raise UserError("cli-poll-no-contact")

    def tell(progress: Progress) -> None:
        if show is not None:
            told = texts.plural("cli-poll-answers", progress.answers)
            if progress.received is not None:
                received = texts.number(progress.received // MEGABYTE)
                told = texts("cli-poll-received-so-far", received=received)
                if progress.expected:
                    expected = texts.number(progress.expected // MEGABYTE)
                    told = texts("cli-poll-received", received=received, expected=expected)
            show(texts("cli-poll-so-far", source=source.name, notices=told))

    return client_of(source, settings, chosen, on_progress=tell)


def _day(typed: str | None) -> date | None:
    """Return the first day of what was typed after --since, told where it was not typed as that day."""
    if typed is None:
        return None
    from bot.dates import Precision, Prefers, read_date  # noqa: PLC0415  # help needs none of it

    texts = terminal_texts()
    now = clock.system().now()
    try:
        read = read_date(typed, language=texts.language, zone=texts.zone, now=now, prefers=Prefers.PAST)
    except UserError as error:
        raise UserError("cli-poll-since-wrong", reason=texts.error(error)) from None
    day = read.first_day
    if day > texts.day(now):
        raise UserError("cli-poll-since-future", value=typed)
    if read.needs_confirmation or read.precision is not Precision.DAY:
        say(texts("cli-poll-since-read", day=texts.day_long(day)))
    return day


def _reader(name: str) -> Source:
    """Return a source to read a saved answer with, needing no configuration; a family stands for its members."""
    from bot.sources import kind_of, sources  # noqa: PLC0415  # help needs none of it

    family = next((kind for kind in sources().values() if name in {kind.name, kind.table}), None)
    kind = family or kind_of(name)
    if kind is None:
        raise no_source(name, sources())
    return kind(member=name.partition(":")[2] or None)


def _configured(settings: Settings, name: str) -> tuple[Source, SourceSettings]:
    """Return a source as the configuration wants it; raises UserError where neither it nor a table knows it."""
    from bot.app import source_of  # noqa: PLC0415  # help needs none of it

    chosen = settings.sources.get(name)
    if chosen is None:
        raise no_source(name, settings.sources)
    return source_of(name, chosen, os.environ), chosen


def _tell_losses(losses: Iterable[Loss]) -> None:
    texts = terminal_texts()
    for loss in losses:
        if loss.notice:
            say(texts("cli-poll-loss", notice=loss.notice, field=loss.field, problem=loss.problem))
        else:
            say(texts("cli-poll-column-loss", field=loss.field, problem=loss.problem))


def _tell_unknown_fields(fields: Collection[str]) -> None:
    if fields:
        say(terminal_texts()("cli-poll-unknown-fields", fields=", ".join(sorted(fields))))


def _writer(*, as_json: bool) -> Callable[[Notice], str]:
    """Return what writes a notice: JSON when asked for and wherever standard output is no terminal, else words."""
    return _in_json if as_json or not sys.stdout.isatty() else _in_words


def _in_json(notice: Notice) -> str:
    return json.dumps(notice.to_json(), ensure_ascii=False)


def _in_words(notice: Notice) -> str:
    from bot.cards import kind_in_words  # noqa: PLC0415  # help needs none of it
    from bot.markup import plain  # noqa: PLC0415  # likewise

    texts = terminal_texts()
    when = texts.when(notice.published) if notice.published else ""
    kind = kind_in_words(texts, notice.kind, names_suppliers=bool(notice.suppliers)) if notice.kind else ""
    return " · ".join(part for part in (when, kind, plain(notice.id), plain(notice.title, TITLE_CHARS)) if part)
