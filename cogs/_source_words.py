"""Sources in words: their health, what they gave, what a check found."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from bot.cards.polled import read_in_words, usual_in_words
from bot.errors import SourceError
from bot.locales import Language, Texts
from bot.markup import plain, safe_url
from bot.models import Backfill, SourceState
from bot.pipeline import PollReport
from bot.pipeline.health import Health, health_of
from bot.sources import Source, describe, told
from bot.storage.reading.polls import Usual

TEXT_UNITS = 700
FIELD_UNITS = 60
FIELDS = 10


def health_line(texts: Texts, state: SourceState, source: type[Source], now: datetime, *, is_enabled: bool) -> str:
    """Return how a source is doing, in one line."""
    health = health_of(state, quiet_limit=source.quiet_limit, is_enabled=is_enabled, now=now)
    line = texts("source-line", source=source.label, health=texts.word("health", health))
    since = {
        Health.FAILING: state.failing_since,
        Health.SILENT: state.new_at,
        Health.DEGRADED: state.degraded_since,
    }.get(health)
    if since is not None:
        line += " " + texts("source-since", since=since)
    elif health is Health.WELL and state.succeeded_at is not None:
        line += " " + texts("source-last", when=state.succeeded_at)
    elif health is Health.PAUSED and state.not_before is not None:
        line += " " + texts("source-until", until=state.not_before)
    return line


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """Hold what is known of a source beside its state: what is usual there, and what a newsroom does with it."""

    usual: Usual
    next_poll: datetime | None
    is_enabled: bool
    history: Backfill | None
    paused_at: datetime | None


def source_lines(texts: Texts, state: SourceState, source: type[Source], known: Known, now: datetime) -> Iterator[str]:
    """Yield all that is known of a source: its health, its last answer, what it is."""
    yield health_line(texts, state, source, now, is_enabled=known.is_enabled)
    if known.paused_at is not None:
        yield texts("source-paused-here", since=known.paused_at)
    yield from _trouble_lines(texts, state, now)
    yield from _answer_lines(texts, state, known.usual)
    if not source.by_identifier:
        yield texts("source-silence", duration=texts.duration(source.quiet_limit))
    if state.unknown_fields:
        yield texts("source-unknown-fields", fields=_fields(texts, state.unknown_fields))
    if known.next_poll is not None:
        yield texts("source-next", when=known.next_poll)
    if known.history is not None:
        yield from _history_lines(texts, known.history)
    yield ""
    yield from _description_lines(texts, source)


def check_lines(texts: Texts, report: PollReport, state: SourceState, channel: int | None) -> Iterator[str]:
    """Yield what a check found, and where else it is told."""
    if report.error is not None:
        yield texts("source-check-failed", error=texts.source_error(SourceError.from_kept(report.error)))
    else:
        tally = report.tally
        yield read_in_words(texts, tally.read, tally.new, tally.changed)
        if report.is_baseline:
            yield texts("source-check-baseline")
        if tally.losses:
            yield texts.plural("operations-check-losses", tally.losses)
        if state.unknown_fields:
            yield texts("source-unknown-fields", fields=_fields(texts, state.unknown_fields))
    yield texts("source-check-told", channel=channel) if channel is not None else texts("source-check-untold")


def _answer_lines(texts: Texts, state: SourceState, usual: Usual) -> Iterator[str]:
    """Yield what a source said last, beside what it usually says; nothing before its first answer."""
    if state.succeeded_at is None:
        return
    yield texts("source-answered", when=state.succeeded_at)
    yield read_in_words(texts, state.notices_read, state.notices_new, state.notices_changed)
    if state.losses:
        yield texts.plural("operations-check-losses", state.losses)
    if state.losses_total > state.losses:
        yield texts.plural("source-losses-total", state.losses_total)
    if usual.polls:
        yield usual_in_words(texts, usual.polls, usual.read, usual.new)
    if state.has_brought_news:
        yield texts("source-new", when=state.new_at)


def _history_lines(texts: Texts, history: Backfill) -> Iterator[str]:
    done = texts.number(100 * history.days_read // max(history.days, 1))
    yield texts("source-history", since=history.since, reached=history.reached, done=done)
    if history.error is not None:
        yield texts("source-history-stopped", error=texts.source_error(SourceError.from_kept(history.error)))


def _trouble_lines(texts: Texts, state: SourceState, now: datetime) -> Iterator[str]:
    if state.failures and state.failing_since is not None:
        yield texts.plural("operations-failing-since", state.failures, since=state.failing_since)
        yield texts("source-said", error=texts.source_error(SourceError.from_kept(state.error or "")))
    if state.not_before is not None and state.not_before > now:
        yield texts("source-paused", until=state.not_before)


def _description_lines(texts: Texts, source: type[Source]) -> Iterator[str]:
    """Yield what a source is and what to know of it, with the names that its own documentation gives."""
    described, meant = describe(source), told(source, french=texts.language is Language.FR)
    yield texts.typeset(meant.about)
    yield texts("source-delay", text=texts.typeset(meant.delay))
    yield texts("source-publisher", text=plain(texts.typeset(meant.publisher), TEXT_UNITS))
    yield texts("source-licence", text=plain(texts.typeset(meant.licence), TEXT_UNITS))
    url = safe_url(described.documentation)
    yield (
        texts("source-documentation", text=plain(described.documentation, TEXT_UNITS))
        if url is None
        else (texts("source-documentation-link") + url)
    )
    yield texts("source-caveats", text=texts.typeset(meant.caveats))


def _fields(texts: Texts, names: tuple[str, ...]) -> str:
    shown = [plain(name, FIELD_UNITS) for name in names[:FIELDS]]
    left = len(names) - len(shown)
    return ", ".join([*shown, *([texts.plural("and-others", left)] if left else [])])
