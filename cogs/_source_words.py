"""Sources in words: their health, what they gave, what a check found."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from bot.errors import SourceError
from bot.locales import Texts
from bot.markup import plain, safe_url
from bot.models import SourceState
from bot.pipeline import PollReport
from bot.pipeline.health import Health, health_of
from bot.sources import Source, describe

TEXT_UNITS = 700
FIELD_UNITS = 60
FIELDS = 10


def health_line(texts: Texts, state: SourceState, source: type[Source], now: datetime, *, is_enabled: bool) -> str:
    """Return how a source is doing, in one line."""
    health = health_of(state, quiet_limit=source.quiet_limit, is_enabled=is_enabled, now=now)
    line = texts("source-line", source=source.label, health=texts.word("health", health))
    since = {Health.FAILING: state.failing_since, Health.SILENT: state.new_at}.get(health)
    if since is not None:
        line += " " + texts("source-since", since=since)
    elif health is Health.WELL and state.succeeded_at is not None:
        line += " " + texts("source-last", when=state.succeeded_at)
    elif health is Health.PAUSED and state.not_before is not None:
        line += " " + texts("source-until", until=state.not_before)
    return line


def source_lines(
    texts: Texts,
    state: SourceState,
    source: type[Source],
    *,
    now: datetime,
    next_poll: datetime | None,
    is_enabled: bool,
) -> Iterator[str]:
    """Yield all that is known of a source: its health, its last answer, what it is."""
    yield health_line(texts, state, source, now, is_enabled=is_enabled)
    yield from _trouble_lines(texts, state, now)
    if state.succeeded_at is not None:
        yield texts("source-answered", when=state.succeeded_at)
        counts = {"new": texts.number(state.notices_new), "changed": texts.number(state.notices_changed)}
        yield texts.plural("operations-check-read", state.notices_read, **counts)
        if state.losses:
            yield texts.plural("operations-check-losses", state.losses)
        if state.losses_total > state.losses:
            yield texts.plural("source-losses-total", state.losses_total)
        if state.new_at is not None:
            yield texts("source-new", when=state.new_at)
    if state.unknown_fields:
        yield texts("source-unknown-fields", fields=_fields(texts, state.unknown_fields))
    if next_poll is not None:
        yield texts("source-next", when=next_poll)
    yield ""
    yield from _description_lines(texts, source)


def check_lines(texts: Texts, report: PollReport, state: SourceState, channel: int | None) -> Iterator[str]:
    """Yield what a check found, and where else it is told."""
    if report.error is not None:
        yield texts("source-check-failed", error=texts.source_error(SourceError.from_kept(report.error)))
    else:
        tally = report.tally
        counts = {"new": texts.number(tally.new), "changed": texts.number(tally.changed)}
        yield texts.plural("operations-check-read", tally.read, **counts)
        if report.is_baseline:
            yield texts("source-check-baseline")
        if tally.losses:
            yield texts.plural("operations-check-losses", tally.losses)
        if state.unknown_fields:
            yield texts("source-unknown-fields", fields=_fields(texts, state.unknown_fields))
    yield texts("source-check-told", channel=channel) if channel is not None else texts("source-check-untold")


def _trouble_lines(texts: Texts, state: SourceState, now: datetime) -> Iterator[str]:
    if state.failures and state.failing_since is not None:
        yield texts.plural("operations-failing-since", state.failures, since=state.failing_since)
        yield texts("source-said", error=texts.source_error(SourceError.from_kept(state.error or "")))
    if state.not_before is not None and state.not_before > now:
        yield texts("source-paused", until=state.not_before)


def _description_lines(texts: Texts, source: type[Source]) -> Iterator[str]:
    """Yield what a source is and what to know of it, with the names that its own documentation gives."""
    told = describe(source)
    yield texts.word("source-about", source.name)
    yield texts("source-publisher", text=plain(told.publisher, TEXT_UNITS))
    yield texts("source-licence", text=plain(told.licence, TEXT_UNITS))
    url = safe_url(told.documentation)
    yield (
        texts("source-documentation", text=plain(told.documentation, TEXT_UNITS))
        if url is None
        else (texts("source-documentation-link") + url)
    )
    yield texts("source-caveats", text=texts.word("source-caveats", source.name))


def _fields(texts: Texts, names: tuple[str, ...]) -> str:
    shown = [plain(name, FIELD_UNITS) for name in names[:FIELDS]]
    left = len(names) - len(shown)
    return ", ".join([*shown, *([texts.plural("and-others", left)] if left else [])])
