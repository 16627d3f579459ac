"""`vigie export`: what a newsroom takes out, as files with a manifest, read beside a running bot."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar
from zoneinfo import ZoneInfo

import typer

from bot import clock
from bot.cli._settings import ConfigOption, settings_of
from bot.cli._terminal import Status, at_the_terminal, busy, command, put, refusal_words, say, terminal_texts
from bot.errors import UserError

if TYPE_CHECKING:
    from bot.dates import TypedDate
    from bot.export import Export, ExportSettings
    from bot.models import Dossier, Newsroom
    from bot.storage.database import Connection, Database
Code = TypeVar("Code", bound=StrEnum)


class Kind(StrEnum):
    """What can be exported."""

    FACTS = "facts"
    TIPS = "tips"
    HITS = "hits"
    WATCHLIST = "watchlist"
    NOTICES = "notices"


class Between(StrEnum):
    """What stands between two cells of a table."""

    COMMA = "comma"
    SEMICOLON = "semicolon"


_KINDS_OF_OPTION = {
    "--since": {Kind.FACTS, Kind.TIPS, Kind.HITS, Kind.NOTICES},
    "--until": {Kind.FACTS, Kind.TIPS, Kind.HITS, Kind.NOTICES},
    "--status": {Kind.FACTS, Kind.TIPS},
    "--include-sensitive": {Kind.FACTS, Kind.TIPS},
    "--separator": {Kind.FACTS, Kind.TIPS, Kind.HITS},
}
"""Where an option has a meaning, if not everywhere."""


@dataclass(frozen=True, slots=True)
class AskedExport:
    """Hold what was typed at the command line."""

    kind: Kind
    guild: int
    folder: Path
    since: str | None
    until: str | None
    dossier: str | None
    status: str | None
    include_sensitive: bool
    separator: Between | None


@dataclass(frozen=True, slots=True)
class Chosen:
    """Hold what of a newsroom is to be exported: from `since` on and before `until`."""

    since: datetime | None
    until: datetime | None
    dossier: Dossier | None


@command
def export(  # noqa: PLR0913  # the options of a command name themselves
    kind: Annotated[Kind, typer.Argument(help="What to export.")],
    guild: Annotated[int, typer.Option(help="The newsroom: the id of its Discord server.", metavar="ID")],
    out: Annotated[Path, typer.Option(help="Where the files go: a folder that is new, or empty.", metavar="DIR")],
    config: ConfigOption = None,
    since: Annotated[
        str | None,
        typer.Option(help="From this day on: facts and tips logged, notices published, hits found.", metavar="DATE"),
    ] = None,
    until: Annotated[str | None, typer.Option(help="Up to this day, included.", metavar="DATE")] = None,
    dossier: Annotated[str | None, typer.Option(help="Of this dossier alone: its name or number.")] = None,
    status: Annotated[str | None, typer.Option(help="Facts or tips of this status alone.")] = None,
    *,
    include_sensitive: Annotated[
        bool,
        typer.Option("--include-sensitive", help="Tips: the sensitive ones too. Facts: name those they come from."),
    ] = False,
    separator: Annotated[
        Between | None, typer.Option(help="Between the cells: comma (the default), or semicolon for a French Excel.")
    ] = None,
) -> Status:
    """Export facts, tips, hits, the watchlist, or the notices that hit it, with a manifest; may run beside the bot.

    Prints the path of each file. Exports are in docs/exports.md.
    """
    asked = AskedExport(kind, guild, out, since, until, dossier, status, include_sensitive, separator)
    _refuse_what_means_nothing(asked)
    path = settings_of(config).storage.database
    if not path.is_file():
        raise UserError("cli-database-missing", path=str(path))
    try:
        return asyncio.run(_export(path, asked))
    except OSError as error:
        raise UserError("cli-export-unwritable", path=str(out), reason=refusal_words(terminal_texts(), error)) from None


def _refuse_what_means_nothing(asked: AskedExport) -> None:
    given = {
        "--since": asked.since,
        "--until": asked.until,
        "--status": asked.status,
        "--include-sensitive": asked.include_sensitive,
        "--separator": asked.separator,
    }
    for option, value in given.items():
        if value and asked.kind not in _KINDS_OF_OPTION[option]:
            raise UserError("cli-export-option", option=option, kind=asked.kind.value)


async def _export(path: Path, asked: AskedExport) -> Status:
    from bot.app import version  # noqa: PLC0415  # help needs none of it
    from bot.export import AT_THE_COMMAND_LINE, MANIFEST, ExportSettings, Separator, record  # noqa: PLC0415
    from bot.storage.custody import exporting, inspection  # noqa: PLC0415

    if (await asyncio.to_thread(inspection.examine, path)).pending:
        raise UserError("cli-database-behind", path=str(path))
    now = clock.system().now()
    async with exporting.snapshot(path) as connection:
        newsroom = await _newsroom(connection, asked.guild)
        zone = ZoneInfo(newsroom.timezone)
        dossier = await _dossier(connection, asked.guild, asked.dossier) if asked.dossier is not None else None
    chosen = _chosen(asked, dossier, zone, now)
    settings = ExportSettings(
        zone=zone,
        exported_by=at_the_terminal(),
        exported_at=now,
        version=version(),
        separator=Separator(asked.separator or Between.COMMA),
        waits_for_record=True,
    )
    texts = terminal_texts()
    async with _recording(path) as database:
        with busy(texts("cli-export-progress")) as show:

            def told(done: int) -> None:
                show(texts("cli-export-so-far", found=_found(asked.kind, done)))

            export = await _write(path, asked, chosen, settings, told)
        folder = str(asked.folder.absolute())
        await record(database, asked.guild, export, settings.exported_by, AT_THE_COMMAND_LINE, folder)
    for file in (*(file.name for file in export.files), MANIFEST):
        put(str(asked.folder / file))
    rows = export.files[0].rows
    said = texts("cli-export-done", path=str(asked.folder), found=_found(asked.kind, rows))
    say(said if rows else texts("cli-export-nothing", path=str(asked.folder)))
    return Status.DONE


@asynccontextmanager
async def _recording(path: Path) -> AsyncIterator[Database]:
    """Hold the database beside the bot that may run; raises UserError where nothing can be noted in it."""
    from bot.storage.database import Database  # noqa: PLC0415  # help needs none of it

    try:
        async with Database.join(path) as database:
            yield database
    except sqlite3.OperationalError as error:
        raise UserError("cli-export-unrecorded", path=str(path), reason=str(error)) from None


async def _write(
    path: Path, asked: AskedExport, chosen: Chosen, settings: ExportSettings, told: Callable[[int], None]
) -> Export:
    from bot import export  # noqa: PLC0415  # help needs none of it
    from bot.access import Viewer  # noqa: PLC0415
    from bot.models import FactFilter, FactStatus, TipFilter, TipStatus  # noqa: PLC0415
    from bot.storage.watching.hits import HitFilter  # noqa: PLC0415

    within = chosen.dossier.id if chosen.dossier is not None else None
    # Nobody's eyes: what one member alone may know of is not in it, unless everything is asked for.
    viewer = Viewer(guild_id=asked.guild, user_id=0, sees_all=asked.include_sensitive)
    hits = HitFilter(dossier_id=within, since=chosen.since, until=chosen.until)
    match asked.kind:
        case Kind.FACTS:
            status = _status(asked.status, FactStatus)
            facts = FactFilter(status=status, dossier_id=within, since=chosen.since, until=chosen.until)
            return await export.export_facts(path, viewer, facts, asked.folder, settings, told)
        case Kind.TIPS:
            tips = TipFilter(
                status=_status(asked.status, TipStatus), dossier_id=within, since=chosen.since, until=chosen.until
            )
            return await export.export_tips(path, viewer, tips, asked.folder, settings, told)
        case Kind.HITS:
            return await export.export_hits(path, asked.guild, hits, asked.folder, settings, told)
        case Kind.WATCHLIST:
            return await export.export_watchlist(path, asked.guild, within, asked.folder, settings)
        case Kind.NOTICES:
            return await export.export_notices(path, asked.guild, hits, asked.folder, settings, told)


def _status(typed: str | None, statuses: type[Code]) -> Code | None:
    """Return the status of a code; raises UserError, which lists them, for any other word."""
    if typed is None:
        return None
    code = typed.strip().lower()
    if code not in list(statuses):
        raise UserError("cli-export-status", status=typed, known=", ".join(statuses))
    return statuses(code)


async def _newsroom(connection: Connection, guild_id: int) -> Newsroom:
    """Return the newsroom of a server; raises UserError, which lists those there are, where it has none."""
    from bot.storage import newsrooms  # noqa: PLC0415  # help needs none of it

    newsroom = await newsrooms.find(connection, guild_id)
    if newsroom is not None:
        return newsroom
    known = [str(other.guild_id) for other in await newsrooms.every(connection)]
    if not known:
        raise UserError("cli-export-no-newsrooms")
    raise UserError("cli-export-no-newsroom", guild=guild_id, known=", ".join(known))


async def _dossier(connection: Connection, guild_id: int, typed: str) -> Dossier:
    """Return the dossier, open or closed, that was named; raises UserError where there is none, or several."""
    from bot.lookup import Named, resolve  # noqa: PLC0415  # help needs none of it
    from bot.storage.log import dossiers  # noqa: PLC0415

    known = {str(dossier.id): dossier for dossier in await dossiers.every(connection, guild_id)}
    found = resolve([Named(dossier_id, dossier.name) for dossier_id, dossier in known.items()], typed)
    if found is None:
        raise UserError("cli-export-no-dossier", typed=typed)
    return known[found.id]


def _chosen(asked: AskedExport, dossier: Dossier | None, zone: ZoneInfo, now: datetime) -> Chosen:
    """Return the period that was typed with the dossier; says the days that were not typed as such."""
    texts = terminal_texts()
    first, last = _day("--since", asked.since, zone, now), _day("--until", asked.until, zone, now)
    if first is not None and last is not None and last.last_day < first.first_day:
        raise UserError("period-reversed", since=first.first_day, until=last.last_day)
    if first is not None and _is_to_be_told(first):
        say(texts("cli-export-since", day=texts.day_long(first.first_day)))
    if last is not None and _is_to_be_told(last):
        say(texts("cli-export-until", day=texts.day_long(last.last_day)))
    return Chosen(
        None if first is None else datetime.combine(first.first_day, time(), zone),
        None if last is None else datetime.combine(last.last_day + timedelta(days=1), time(), zone),
        dossier,
    )


def _day(option: str, typed: str | None, zone: ZoneInfo, now: datetime) -> TypedDate | None:
    """Return the date that was typed after an option, in the language of the terminal and the newsroom's zone."""
    if typed is None:
        return None
    from bot.dates import Prefers, read_date  # noqa: PLC0415  # help needs none of it

    texts = terminal_texts()
    try:
        return read_date(typed, language=texts.language, zone=zone, now=now, prefers=Prefers.PAST)
    except UserError as error:
        raise UserError("cli-export-day", option=option, reason=texts.error(error)) from None


def _is_to_be_told(date: TypedDate) -> bool:
    from bot.dates import Precision  # noqa: PLC0415  # help needs none of it

    return date.needs_confirmation or date.precision is not Precision.DAY


def _found(kind: Kind, count: int) -> str:
    """Return how many things were found, in words."""
    texts = terminal_texts()
    match kind:
        case Kind.FACTS:
            return texts.plural("cli-export-facts", count)
        case Kind.TIPS:
            return texts.plural("cli-export-tips", count)
        case Kind.HITS:
            return texts.plural("cli-match-hits", count)
        case Kind.WATCHLIST:
            return texts.plural("cli-match-items", count)
        case Kind.NOTICES:
            return texts.plural("cli-poll-notices", count)
