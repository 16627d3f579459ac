"""`vigie poll`: one poll of a source, live, or of a saved payload read as that source would."""

from __future__ import annotations

import asyncio
import json
import logging
import sys
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot import clock
from bot.cli._settings import ConfigOption, settings_of
from bot.cli._terminal import Status, busy, command, opened, put, say, terminal_texts
from bot.errors import SourceError, UserError

if TYPE_CHECKING:
    from bot.config import Settings
    from bot.models import Notice
    from bot.pipeline import PollReport
    from bot.sources import Loss, Parsed, PoliteClient, Source

TITLE_CHARS = 120


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
    as_json: Annotated[bool, typer.Option("--json", help="Print each notice as one JSON object a line.")] = False,
) -> Status:
    """Poll a source once into the database; with --from, read a saved answer, which needs neither database nor network.

    With --json prints what is new or changed, or with --dry-run and --from all that was read: one JSON object a line.
    What was done is said on standard error.
    """
    kind = _source(source)
    if payload is not None:
        if since is not None:
            raise UserError("cli-poll-since-from")
        return _read_saved(kind, payload, lenient=lenient, as_json=as_json)
    if lenient and not dry_run:
        raise UserError("cli-poll-lenient-live")
    first_day = _day(since)
    settings = settings_of(config)
    if dry_run:
        return asyncio.run(_try(settings, kind, first_day, lenient=lenient, as_json=as_json))
    return asyncio.run(_poll(settings, kind, first_day, as_json=as_json))


def _read_saved(source: type[Source], payload: Path, *, lenient: bool, as_json: bool) -> Status:
    """Print what a saved answer says."""
    texts = terminal_texts()
    reader = source()
    with busy(texts("cli-poll-progress", source=source.name)), opened(payload) as stream:
        content = stream.read(reader.max_bytes + 1)
        if len(content) > reader.max_bytes:
            raise SourceError(texts("cli-payload-too-large", limit=reader.max_bytes))
        parsed = reader.parse(content, lenient=lenient)
    write = _writer(as_json=as_json)
    for notice in parsed.notices:
        write(notice)
    _tell_losses(parsed.losses)
    _tell_unknown_fields(parsed.unknown_fields)
    say(texts.plural("cli-poll-read", len(parsed.notices), source=source.name))
    return Status.DONE


async def _try(settings: Settings, source: type[Source], since: date | None, *, lenient: bool, as_json: bool) -> Status:
    """Print what a source now publishes, and keep none of it."""
    from bot.sources import Window  # noqa: PLC0415  # help needs none of it

    texts = terminal_texts()
    reader = source(settings.sources[source.name].base_url)
    window = Window(since) if since is not None else reader.window(None, clock.system().now())
    write = _writer(as_json=as_json)
    seen: set[str] = set()
    losses: dict[tuple[str, str], Loss] = {}
    unknown: set[str] = set()
    with busy(texts("cli-poll-progress", source=source.name)) as show:
        async with _client(settings, source.name) as client:
            # Nothing is printed before all is read: a window that breaks off is not the window.
            pages: list[Parsed] = []
            async for content in reader.fetch(window, client):
                pages.append(await asyncio.to_thread(reader.parse, content, lenient=lenient))
                seen.update(notice.id for notice in pages[-1].notices)
                show(texts("cli-poll-so-far", source=source.name, notices=texts.plural("cli-poll-notices", len(seen))))
    for parsed in pages:
        for notice in parsed.notices:
            if notice.id in seen:
                seen.remove(notice.id)
                write(notice)
        losses |= {(loss.notice, loss.field): loss for loss in parsed.losses}
        unknown |= parsed.unknown_fields
    read = len({notice.id for parsed in pages for notice in parsed.notices})
    _tell_losses(losses.values())
    _tell_unknown_fields(unknown)
    say(texts.plural("cli-poll-dry", read, source=source.name, since=window.since))
    return Status.DONE


async def _poll(settings: Settings, source: type[Source], since: date | None, *, as_json: bool) -> Status:
    """Poll a source into the database, tell what came of it, and print what is new there."""
    from bot.pipeline import Pipeline  # noqa: PLC0415  # help needs none of it
    from bot.storage import inspection  # noqa: PLC0415
    from bot.storage import sources as states  # noqa: PLC0415
    from bot.storage.database import Database  # noqa: PLC0415
    from bot.watchlist.live import Watchlist  # noqa: PLC0415

    # A failed poll is told below, in words; without a handler Python would print the log's warning as well.
    logging.getLogger("bot.pipeline").addHandler(logging.NullHandler())
    texts = terminal_texts()
    chosen = settings.sources[source.name]
    if not chosen.enabled:
        raise UserError("cli-poll-disabled", source=source.name)
    now = clock.system()
    database = await Database.open(settings.storage.database, now)
    try:
        async with database.read() as connection:
            state = await states.find(connection, source.name)
            mark = await inspection.last_revision(connection)
        if state.not_before is not None and state.not_before > now.now():
            say(texts("cli-poll-asked-to-wait", source=source.name, until=state.not_before))
            return Status.BAD_DATA
        with busy(texts("cli-poll-progress", source=source.name)) as show:
            async with _client(settings, source.name, show) as client:
                pipeline = Pipeline(database, Watchlist(database), now)
                report = await pipeline.poll(source(chosen.base_url), client, since)
        if as_json:
            async with database.read() as connection:
                async for notice in inspection.revisions_after(connection, mark):
                    _put_json(notice)
        async with database.read() as connection:
            unknown = (await states.find(connection, source.name)).unknown_fields
    finally:
        await database.close()
    return _tell_report(report, unknown)


def _tell_report(report: PollReport, unknown: tuple[str, ...]) -> Status:
    texts = terminal_texts()
    if report.error is not None:
        reason = texts.source_error(SourceError.from_kept(report.error))
        say(texts("cli-poll-failed", source=report.source, reason=reason))
        return Status.BAD_DATA
    tally = report.tally
    counts = {"new": texts.number(tally.new), "changed": texts.number(tally.changed)}
    say(texts.plural("operations-check-read", tally.read, **counts))
    if tally.losses:
        say(texts.plural("operations-check-losses", tally.losses))
    _tell_unknown_fields(unknown)
    if report.is_baseline:
        say(texts("cli-poll-baseline"))
    elif report.owed:
        say(texts.plural("cli-poll-owed", report.owed))
    return Status.DONE


def _client(settings: Settings, name: str, show: Callable[[str], None] | None = None) -> PoliteClient:
    """Return the polite client of a source, which tells `show` how many answers it has had."""
    from bot.app import version  # noqa: PLC0415  # help needs none of it
    from bot.sources import Answer, PoliteClient  # noqa: PLC0415

    texts = terminal_texts()
    if settings.http.contact is None:
        raise UserError("cli-poll-no-contact")

    class TellingClient(PoliteClient):
        """Tell how many answers have come."""

        answers = 0

        async def get(self, url: str, params: Mapping[str, str] | None = None, *, max_bytes: int) -> Answer:
            """Read an address, and count."""
            answer = await super().get(url, params, max_bytes=max_bytes)
            self.answers += 1
            if show is not None:
                answers = texts.plural("cli-poll-answers", self.answers)
                show(texts("cli-poll-so-far", source=name, notices=answers))
            return answer

    return TellingClient(settings.http.contact, version=version(), pace=settings.sources[name].pace)


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


def _source(name: str) -> type[Source]:
    from bot.sources import sources  # noqa: PLC0415  # help needs none of it

    known = sources()
    if name not in known:
        raise UserError("cli-unknown-source", name=name, known=", ".join(known))
    return known[name]


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


def _writer(*, as_json: bool) -> Callable[[Notice], None]:
    """Return what prints a notice: JSON when asked for and wherever standard output is no terminal, else words."""
    return _put_json if as_json or not sys.stdout.isatty() else _put_words


def _put_json(notice: Notice) -> None:
    put(json.dumps(notice.to_json(), ensure_ascii=False))


def _put_words(notice: Notice) -> None:
    from bot.markup import plain  # noqa: PLC0415  # help needs none of it

    texts = terminal_texts()
    when = texts.when(notice.published) if notice.published else ""
    kind = texts.word("kind", notice.kind) if notice.kind else ""
    put(" · ".join(part for part in (when, kind, plain(notice.id), plain(notice.title, TITLE_CHARS)) if part))
