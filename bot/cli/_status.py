"""`vigie status`: sources, outbox, digests and holdings at a glance, read beside a running bot."""

from __future__ import annotations

import asyncio
import dataclasses
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot import clock
from bot.cli._settings import ConfigOption, settings_of
from bot.cli._terminal import Status, command, put, terminal_texts
from bot.errors import SourceError, UserError

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from bot.config import Settings
    from bot.locales import Texts
    from bot.models import Backfill, Digest, SourceState
    from bot.pipeline.health import Health
    from bot.storage.custody.inspection import Holdings, LastDigest, Outbox, ParkedChannel
    from bot.storage.database import Connection
    from bot.storage.reading.polls import Usual


@dataclass(frozen=True, slots=True)
class NextDigest:
    """Name a digest that is to be made at `due_at`; `is_due` says that this is past and it was not made yet."""

    digest: Digest
    due_at: datetime
    is_due: bool


@dataclass(frozen=True, slots=True)
class DigestOverview:
    """Hold what is told of the digests of all newsrooms; `coming` has the next time of each, the nearest first."""

    last: LastDigest | None
    coming: list[NextDigest]


@dataclass(frozen=True, slots=True)
class SourceOverview:
    """Hold what is told of a source: its state and health, what is usual there, and its history being read."""

    state: SourceState
    health: Health
    usual: Usual
    quiet_limit: timedelta
    history: Backfill | None


@dataclass(frozen=True, slots=True)
class Overview:
    """Hold what `vigie status` tells: `holder` is who works on the database, None when no bot runs.

    `zone` is that of the newsrooms where it is one, else that of the configuration.
    """

    database: Path
    size_bytes: int
    holder: str | None
    holdings: Holdings
    outbox: Outbox
    parked: list[ParkedChannel]
    sources: list[SourceOverview]
    digests: DigestOverview
    zone: ZoneInfo


@command
def status(
    config: ConfigOption = None,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print it as one JSON object.")] = False,
) -> Status:
    """Show sources, outbox, digests, holdings and size; reads only, and may run beside the bot."""
    settings = settings_of(config)
    overview = asyncio.run(_look(settings))
    if as_json:
        put(json.dumps(_to_json(overview), ensure_ascii=False))
    else:
        for line in _lines(overview, clock.system().now()):
            put(line)
    return Status.DONE


async def _look(settings: Settings) -> Overview:
    from bot.pipeline.health import health_of  # noqa: PLC0415  # help needs none of it
    from bot.sources import kind_of  # noqa: PLC0415
    from bot.storage.custody import inspection  # noqa: PLC0415
    from bot.storage.reading import backfills, polls  # noqa: PLC0415
    from bot.storage.reading import sources as states  # noqa: PLC0415

    path = settings.storage.database
    if not path.is_file():
        raise UserError("cli-database-missing", path=str(path))
    found = await asyncio.to_thread(inspection.examine, path)
    if found.pending:
        raise UserError("cli-database-behind", path=str(path))
    holder = await asyncio.to_thread(inspection.holder, path)
    now = clock.system().now()
    async with inspection.looking(path) as connection:
        every = {state.source: state for state in await states.every(connection)}
        shown = []
        for name, chosen in settings.sources.items():
            is_enabled, source = chosen.enabled, kind_of(name)
            state = every.get(name) or await states.find(connection, name)
            if source is not None and (is_enabled or name in every):
                health = health_of(state, quiet_limit=source.quiet_limit, is_enabled=is_enabled, now=now)
                usual = await polls.usual(connection, name)
                history = await backfills.find_open(connection, name)
                shown.append(SourceOverview(state, health, usual, source.quiet_limit, history))
        return Overview(
            database=path,
            size_bytes=found.size_bytes,
            holder=holder,
            holdings=await inspection.holdings(connection),
            outbox=await inspection.outbox(connection, now),
            parked=await inspection.parked_channels(connection),
            sources=shown,
            digests=DigestOverview(await inspection.last_digest(connection), await _coming(connection, now)),
            zone=await _zone(connection, settings),
        )


async def _zone(connection: Connection, settings: Settings) -> ZoneInfo:
    from zoneinfo import ZoneInfo  # noqa: PLC0415  # help needs none of it

    from bot.storage import newsrooms  # noqa: PLC0415

    names = {newsroom.timezone for newsroom in await newsrooms.every(connection)}
    return ZoneInfo(names.pop()) if len(names) == 1 else settings.newsroom.timezone


async def _coming(connection: Connection, now: datetime) -> list[NextDigest]:
    """Return when each digest is made next, the nearest first; one of a closed dossier rests."""
    from zoneinfo import ZoneInfo  # noqa: PLC0415  # help needs none of it

    from bot.digest import due_slot  # noqa: PLC0415
    from bot.storage import newsrooms  # noqa: PLC0415
    from bot.storage.digesting import digests  # noqa: PLC0415

    zones = {newsroom.guild_id: ZoneInfo(newsroom.timezone) for newsroom in await newsrooms.every(connection)}
    found = []
    for digest in await digests.of_all(connection):
        due = await due_slot(connection, digest, now)
        slot = due or await digests.next_slot(connection, digest, zones[digest.guild_id], now)
        found.append(NextDigest(digest, slot.due_at, is_due=due is not None))
    return sorted(found, key=lambda coming: coming.due_at)


def _lines(overview: Overview, now: datetime) -> Iterator[str]:
    texts = dataclasses.replace(terminal_texts(), zone=overview.zone)
    size = readable_size(overview.size_bytes)
    yield texts("cli-status-database", path=str(overview.database), size=size)
    yield texts("cli-status-running", owner=overview.holder) if overview.holder else texts("cli-status-stopped")
    held = overview.holdings
    counts = (
        texts.plural("cli-status-newsrooms", held.newsrooms),
        texts.plural("cli-match-items", held.items),
        texts.plural("cli-status-notices", held.notices),
        texts.plural("cli-match-hits", held.hits),
    )
    yield texts("cli-status-holds", counts=" · ".join(counts))
    yield texts("cli-status-zone", zone=overview.zone.key)
    yield ""
    yield texts("cli-status-sources")
    for source in overview.sources:
        yield from (f"  {line}" for line in _source_lines(texts, source))
    yield ""
    yield texts("cli-status-outbox")
    yield from (f"  {line}" for line in _outbox_lines(texts, overview, now))
    yield ""
    yield texts("cli-status-digests")
    yield from (f"  {line}" for line in _digest_lines(texts, overview.digests))


def _source_lines(texts: Texts, source: SourceOverview) -> Iterator[str]:
    from bot.cards.polled import read_in_words, usual_in_words  # noqa: PLC0415  # help needs none of it
    from bot.pipeline.health import Health  # noqa: PLC0415

    state, health = source.state, source.health
    yield texts("cli-status-source", source=state.source, health=texts.word("health", health))
    if state.failures and state.failing_since is not None:
        yield "  " + texts.plural("operations-failing-since", state.failures, since=state.failing_since)
        yield "  " + texts("cli-status-error", error=texts.source_error(SourceError.from_kept(state.error or "")))
    if health is Health.PAUSED and state.not_before is not None:
        yield "  " + texts("cli-status-paused", until=state.not_before)
    if state.succeeded_at is not None:
        yield "  " + texts("cli-status-answered", when=state.succeeded_at)
        yield "  " + read_in_words(texts, state.notices_read, state.notices_new, state.notices_changed)
        if state.losses:
            yield "  " + texts.plural("operations-check-losses", state.losses)
        if source.usual.polls:
            yield "  " + usual_in_words(texts, source.usual.polls, source.usual.read, source.usual.new)
        if state.has_brought_news:
            silence = texts.duration(source.quiet_limit)
            yield "  " + texts("cli-status-new", when=state.new_at, silence=silence)
    if source.history is not None:
        since, reached = source.history.since, source.history.reached
        yield "  " + texts("cli-status-history", since=since, reached=reached)
        if source.history.error is not None:
            reason = texts.source_error(SourceError.from_kept(source.history.error))
            yield "  " + texts("source-history-stopped", error=reason)
    if state.unknown_fields:
        yield "  " + texts("cli-poll-unknown-fields", fields=", ".join(state.unknown_fields))


def _outbox_lines(texts: Texts, overview: Overview, now: datetime) -> Iterator[str]:
    box = overview.outbox
    yield texts.plural("cli-status-sent", box.sent)
    owed = texts.plural("cli-status-owed", box.owed)
    if box.held_until is not None:
        owed = texts.plural("cli-status-held", box.held, owed=owed, until=box.held_until)
    yield texts("cli-status-oldest", owed=owed, age=texts.duration(now - box.oldest_at)) if box.oldest_at else owed
    if box.in_doubt:
        yield texts.plural("cli-status-in-doubt", box.in_doubt)
    if box.edits:
        yield texts.plural("cli-status-edits", box.edits)
    if box.withdrawals:
        yield texts.plural("cli-status-withdrawals", box.withdrawals)
    if box.set_aside:
        yield texts.plural("cli-status-set-aside", box.set_aside)
    for channel in overview.parked:
        place = {"channel": channel.channel_id, "guild": channel.guild_id, "since": channel.since}
        if channel.reason == "deleted":
            yield texts("cli-status-channel-deleted", **place)
        else:
            yield texts("cli-status-channel-forbidden", **place)


def _digest_lines(texts: Texts, told: DigestOverview) -> Iterator[str]:
    last, coming = told.last, told.coming
    if last is not None:
        place = {"channel": last.channel_id, "guild": last.guild_id, "when": last.made_at}
        if last.messages:
            messages = texts.plural("cli-status-digest-messages", last.messages)
            yield texts("cli-status-digest-last", messages=messages, **place)
        else:
            yield texts("cli-status-digest-last-silent", **place)
    elif coming:
        yield texts("cli-status-digest-never")
    due = [one for one in coming if one.is_due]
    for one in due or coming[:1]:
        place = {"channel": one.digest.channel_id, "guild": one.digest.guild_id, "when": one.due_at}
        yield texts("cli-status-digest-due", **place) if one.is_due else texts("cli-status-digest-next", **place)
    yield texts.plural("cli-status-digests-scheduled", len(coming)) if coming else texts("cli-status-digests-none")


def _to_json(overview: Overview) -> dict[str, Any]:
    sources = [
        {
            "health": source.health,
            **dataclasses.asdict(source.state),
            "error": str(SourceError.from_kept(source.state.error)) if source.state.error is not None else None,
            "usual": dataclasses.asdict(source.usual),
            "quiet_limit_s": source.quiet_limit.total_seconds(),
            "history": _history(source.history) if source.history is not None else None,
        }
        for source in overview.sources
    ]
    parked = [_with_text_ids(dataclasses.asdict(channel)) for channel in overview.parked]
    last, coming = overview.digests.last, overview.digests.coming
    digests = {
        "last": _with_text_ids(dataclasses.asdict(last)) if last is not None else None,
        "scheduled": [
            {
                "guild_id": str(one.digest.guild_id),
                "channel_id": str(one.digest.channel_id),
                "dossier_id": one.digest.dossier_id,
                "every": one.digest.every,
                "at": one.digest.at.isoformat("minutes"),
                "next_at": one.due_at,
                "is_due": one.is_due,
            }
            for one in coming
        ],
    }
    whole = {
        "database": str(overview.database),
        "size_bytes": overview.size_bytes,
        "holder": overview.holder,
        **dataclasses.asdict(overview.holdings),
        "outbox": {**dataclasses.asdict(overview.outbox), "parked": parked},
        "sources": sources,
        "digests": digests,
    }
    plain: dict[str, Any] = json.loads(json.dumps(whole, default=_iso))
    return plain


def _history(history: Backfill) -> dict[str, Any]:
    days = {name: getattr(history, name).isoformat() for name in ("since", "until", "reached")}
    stopped = str(SourceError.from_kept(history.error)) if history.error is not None else None
    return {**days, "notices": history.notices, "new": history.new, "error": stopped}


def _with_text_ids(row: dict[str, Any]) -> dict[str, Any]:
    """Return a row with the ids of Discord as text: they are too large for the numbers of many JSON readers."""
    return {**row, "guild_id": str(row["guild_id"]), "channel_id": str(row["channel_id"])}


def _iso(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no place in JSON")


def readable_size(size: int) -> str:
    """Return a number of bytes in its largest unit, with one decimal, as the terminal's language writes it."""
    from decimal import Decimal  # noqa: PLC0415  # help needs none of it

    texts = terminal_texts()
    scaled, unit = Decimal(size), 0
    while scaled >= 1000 and unit < 3:  # noqa: PLR2004  # kilo, mega, giga
        scaled, unit = scaled / 1000, unit + 1
    amount = texts.number(scaled.quantize(Decimal("0.1")) if unit else int(scaled))
    if unit == 0:
        return texts("cli-size-bytes", amount=amount)
    return (
        texts("cli-size-kilobytes", amount=amount)
        if unit == 1
        else texts("cli-size-megabytes", amount=amount)
        if unit == 2  # noqa: PLR2004  # mega
        else texts("cli-size-gigabytes", amount=amount)
    )
