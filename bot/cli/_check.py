"""`vigie check`: configuration, database, token, servers, channels and sources, each ok or what to do."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from enum import Enum
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from bot import clock
from bot.cli._settings import ConfigOption, chosen_path, settings_of
from bot.cli._terminal import Status, busy, command, fault_sentence, machine_fault, put, terminal_texts
from bot.errors import ConfigError, DatabaseRefusedError, SourceError, SourceFault, UserError

if TYPE_CHECKING:
    from bot.audit import Report
    from bot.client import CommandsFinding, GuildFinding, Inspection
    from bot.config import Secret, Settings, SourceSettings
    from bot.sources import Progress

GREEN, YELLOW, RED = 32, 33, 31
SEVERAL = 2


class Mark(Enum):
    """How a thing checked turned out: fine, worth knowing, or to be done before the bot works."""

    OK = GREEN
    NOTE = YELLOW
    TODO = RED


@dataclass(slots=True)
class Holdings:
    """Hold what the database says is used: channels by server, and the numbers that sources are asked for.

    In the channels that are `threaded` threads are opened.
    """

    channels: dict[int, list[int]] = field(default_factory=dict)
    threaded: frozenset[int] = frozenset()
    watched: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Line:
    """Hold what was checked, how it turned out, and what is to be said of it."""

    mark: Mark
    what: str
    said: str


@command
def check(config: ConfigOption = None) -> Status:
    """Check configuration, database, token, channels, permissions and sources; each line says ok or what to do."""
    return asyncio.run(_check(config))


async def _check(config: ConfigOption) -> Status:
    is_fine = True
    with busy(terminal_texts()("cli-check-progress")):
        lines = [line async for line in _lines(config)]
    for line in lines:
        put(_drawn(line))
        is_fine = is_fine and line.mark is not Mark.TODO
    return Status.DONE if is_fine else Status.BAD_DATA


def _drawn(line: Line) -> str:
    texts = terminal_texts()
    words = {Mark.OK: texts("cli-check-ok"), Mark.NOTE: texts("cli-check-note"), Mark.TODO: texts("cli-check-todo")}
    mark = words[line.mark].ljust(max(map(len, words.values())))
    if sys.stdout.isatty():
        mark = f"\x1b[{line.mark.value}m{mark}\x1b[0m"
    return f"{mark}  {texts('cli-check-line', what=line.what, said=line.said)}"


async def _lines(config: ConfigOption) -> AsyncIterator[Line]:
    texts = terminal_texts()
    what = texts("cli-check-configuration")
    try:
        settings = settings_of(config)
    except ConfigError as error:
        for fault in error.faults:
            yield Line(Mark.TODO, what, fault_sentence(texts, fault))
        return
    yield Line(Mark.OK, what, str(chosen_path(config)))
    used = Holdings()
    for line in await _database_lines(settings, used):
        yield line
    for line in await _discord_lines(settings, used):
        yield line
    for line in await _source_lines(settings, used.watched):
        yield line


async def _database_lines(settings: Settings, used: Holdings) -> list[Line]:
    """Check the database; fill `used` with what it says is used."""
    import sqlite3  # noqa: PLC0415  # help needs none of it

    from bot.audit import verify_in_thread  # noqa: PLC0415
    from bot.cli._status import readable_size  # noqa: PLC0415
    from bot.storage.custody import inspection  # noqa: PLC0415
    from bot.storage.watching import watchlist  # noqa: PLC0415
    from bot.watchlist.numbers import watched_numbers  # noqa: PLC0415

    texts = terminal_texts()
    what, report = texts("cli-check-database"), None
    path = settings.storage.database
    if not path.exists():
        if os.access(path.parent, os.W_OK | os.X_OK):
            return [Line(Mark.OK, what, texts("cli-check-database-new", path=str(path)))]
        return [Line(Mark.TODO, what, texts("cli-check-folder", folder=str(path.parent)))]
    try:
        found = await asyncio.to_thread(inspection.examine, path, is_thorough=True)
        holder = await asyncio.to_thread(inspection.holder, path)
        if not found.pending:
            async with inspection.looking(path) as connection:
                used.channels = await inspection.used_channels(connection)
                used.threaded = await inspection.threaded_channels(connection)
                used.watched = watched_numbers(await watchlist.watched_identifiers(connection))
            report = await verify_in_thread(path) if found.damage is None else None
    except DatabaseRefusedError as error:
        return [Line(Mark.TODO, what, texts.error(error))]
    except (sqlite3.OperationalError, PermissionError) as error:
        return [Line(Mark.TODO, what, texts("cli-machine-fault", reason=machine_fault(error) or str(error)))]
    if found.damage is not None:
        return [Line(Mark.TODO, what, texts("cli-check-damaged"))]
    size = readable_size(found.size_bytes)
    lines = [Line(Mark.OK, what, texts("cli-check-sound", path=str(path), size=size, version=found.applied))]
    if found.pending:
        lines.append(Line(Mark.NOTE, what, texts.plural("cli-check-pending", len(found.pending))))
    if holder is not None:
        lines.append(Line(Mark.NOTE, what, texts("cli-check-in-use", owner=holder)))
    return lines if report is None else [*lines, _audit_line(report)]


def _audit_line(report: Report) -> Line:
    from bot.audit.words import fault_sentence as altered_place  # noqa: PLC0415  # help needs none of it

    texts = terminal_texts()
    what = texts("cli-check-audit")
    if report.finding is None:
        entries = sum(chain.entries for chain in report.chains)
        return Line(Mark.OK, what, texts.plural("cli-check-audit-intact", entries))
    return Line(Mark.TODO, what, texts("cli-check-audit-altered", fault=altered_place(texts, report.finding)))


async def _discord_lines(settings: Settings, used: Holdings) -> list[Line]:
    from bot.config import token  # noqa: PLC0415  # help needs none of it

    texts = terminal_texts()
    what = texts("cli-check-token")
    try:
        secret = token(settings, os.environ)
    except ConfigError as error:
        return [Line(Mark.TODO, what, fault_sentence(texts, fault)) for fault in error.faults]
    if secret is None:
        return [Line(Mark.TODO, what, texts("cli-run-no-token"))]
    guilds = settings.discord.guilds
    wanted = {guild: used.channels.get(guild, []) for guild in guilds} | {
        guild: channels for guild, channels in used.channels.items() if not guilds or guild in guilds
    }
    return await _asked_of_discord(secret, wanted, guilds, used.threaded)


async def _asked_of_discord(
    secret: Secret, wanted: dict[int, list[int]], guilds: tuple[int, ...], threaded: frozenset[int]
) -> list[Line]:
    from bot.client import inspect  # noqa: PLC0415  # help needs none of it

    texts = terminal_texts()
    try:
        found = await inspect(secret, wanted, guilds, threaded)
    except UserError as error:
        return [Line(Mark.TODO, texts("cli-check-token"), texts.error(error))]
    lines = [_login_line(found), *map(_commands_line, found.commands)]
    for guild in found.guilds:
        lines += _guild_lines(guild, found.invitation)
    if not any(wanted.values()):
        lines.append(Line(Mark.NOTE, texts("cli-check-newsrooms"), texts("cli-check-not-set-up")))
    return lines


def _login_line(found: Inspection) -> Line:
    texts = terminal_texts()
    if not found.guild_count:
        said = texts("cli-check-not-invited", bot=found.name, address=found.invitation)
        return Line(Mark.TODO, texts("cli-check-token"), said)
    servers = texts.plural("cli-check-servers", found.guild_count)
    return Line(Mark.OK, texts("cli-check-token"), texts("cli-check-logged-in", bot=found.name, servers=servers))


def _commands_line(finding: CommandsFinding) -> Line:
    texts = terminal_texts()
    what = texts("cli-check-commands")
    if finding.guild_id is not None:
        what = texts("cli-check-commands-of", guild=finding.guild_id)
    if finding.problem is not None:
        return Line(Mark.TODO, what, texts("cli-check-commands-refused", reason=finding.problem))
    if not finding.count:
        return Line(Mark.NOTE, what, texts("cli-check-commands-none"))
    return Line(Mark.OK, what, texts.plural("cli-check-commands-known", finding.count))


def _guild_lines(guild: GuildFinding, invitation: str) -> Iterator[Line]:
    texts = terminal_texts()
    if guild.name is None:
        what = texts("cli-check-server", guild=guild.guild_id)
        yield Line(Mark.TODO, what, texts("cli-check-not-there", address=invitation))
        return
    for channel in guild.channels:
        what = texts("cli-check-channel", guild=guild.name, channel=channel.name or channel.channel_id)
        if channel.name is None:
            yield Line(Mark.TODO, what, texts("cli-check-channel-gone"))
        elif channel.lacking:
            names = [texts.word("permission", permission) for permission in channel.lacking]
            yield Line(Mark.TODO, what, texts("cli-check-lacking", permissions=names))
        else:
            yield Line(Mark.OK, what, texts("cli-check-channel-fine"))


async def _source_lines(settings: Settings, watched: frozenset[str]) -> list[Line]:
    """Ask each enabled source for the first page of today, and read it; tell once where none can be reached."""
    texts = terminal_texts()
    enabled = {name: chosen for name, chosen in settings.sources.items() if chosen.enabled}
    if not enabled:
        return [Line(Mark.NOTE, texts("cli-check-sources"), texts("cli-check-no-source"))]
    lines: dict[str, Line] = {}
    unreached: dict[str, SourceError] = {}
    for name, chosen in enabled.items():
        try:
            lines[name] = await _answered(settings, name, chosen, watched)
        except SourceError as error:
            lines[name] = Line(Mark.TODO, texts("cli-check-source", source=name), _failure(error, name, chosen))
            if error.fault is SourceFault.UNREACHABLE:
                unreached[name] = error
    asked = [line for line in lines.values() if line.mark is not Mark.NOTE]
    if len(unreached) < max(len(asked), SEVERAL):
        return list(lines.values())
    for name in unreached:
        lines[name] = replace(lines[name], said=texts("cli-check-unreached", address=enabled[name].base_url))
    reason = next(iter(unreached.values())).values["reason"]
    cut_off = Line(Mark.TODO, texts("cli-check-connection"), texts("cli-check-connection-failed", reason=reason))
    return [*lines.values(), cut_off]


async def _answered(settings: Settings, name: str, chosen: SourceSettings, watched: frozenset[str]) -> Line:
    """Return how a source that was asked turned out; raises SourceError where it cannot be read."""
    from bot.app import source_of, version  # noqa: PLC0415  # help needs none of it
    from bot.sources import Asked, PoliteClient, Timeouts, Window, probed  # noqa: PLC0415

    texts = terminal_texts()
    what = texts("cli-check-source", source=name)
    source = source_of(name, chosen, os.environ)
    now = clock.system().now()
    today = now.astimezone(ZoneInfo(source.zone)).date()
    answers: list[Progress] = []
    client = PoliteClient(
        settings.http.contact or "",
        version=version(),
        pace=chosen.pace,
        timeouts=Timeouts(10, 15, 20),
        on_progress=answers.append,
    )
    async with client:
        asked = Asked(Window(today, today + timedelta(days=1)), now, watched=watched)
        read = await probed(source, asked, client)
    if source.by_identifier and not answers:
        return Line(Mark.NOTE, what, texts("cli-check-source-not-asked"))
    # What is read whole, or as it stands, does not say what is of today.
    if source.by_identifier or source.is_register or source.step is None:
        return Line(Mark.OK, what, texts("cli-check-source-answers"))
    return Line(Mark.OK, what, texts.plural("cli-check-source-read", read))


def _failure(error: SourceError, name: str, chosen: SourceSettings) -> str:
    """Return why a source cannot be read and what to look at, the words of the system in brackets at the end."""
    texts = terminal_texts()
    key = "url" if ":" in name else "base_url"
    if error.fault is SourceFault.UNREACHABLE:
        reason = error.values["reason"]
        return texts("cli-check-source-unreachable", key=key, address=chosen.base_url, reason=reason)
    return texts("cli-check-source-failed", reason=texts.source_error(error), key=key, address=chosen.base_url)
