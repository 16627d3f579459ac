"""The cards of the operations channel: what needs a look, since when, and what to do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any

from bot.cards._noisy_items import noisy_fields
from bot.cards.card import Accent, Card, CardKind, Field, Line, Span, Style
from bot.cards.lines import fields
from bot.cards.polled import read_in_words
from bot.errors import SourceError
from bot.locales import Texts
from bot.markup import plain
from bot.models import parse_moment

_VALUE_UNITS = 120
_MESSAGE_UNITS = 400
_SHOWN_FIELDS = 10
_SHOWN_FACTS = 10
_BAR_CELLS = 20
_DONE, _TO_DO = "\N{BLACK SQUARE}", "\N{WHITE SQUARE}"


class OperationsKind(StrEnum):
    """What a message of the operations channel is about."""

    SOURCE_FAILING = "source_failing"
    SOURCE_RECOVERED = "source_recovered"
    SOURCE_SILENT = "source_silent"
    SOURCE_DEGRADED = "source_degraded"
    CHANNEL_DELETED = "channel_deleted"
    CHANNEL_FORBIDDEN = "channel_forbidden"
    THREADS_FORBIDDEN = "threads_forbidden"
    THREADS_FULL = "threads_full"
    CARD_REFUSED = "card_refused"
    ROW_SET_ASIDE = "row_set_aside"
    WITHDRAWAL_BLOCKED = "withdrawal_blocked"
    EDIT_BLOCKED = "edit_blocked"
    CHECK_REPORT = "check_report"
    BACKFILL = "backfill"
    ITEMS_SILENT = "items_silent"
    ITEMS_NOISY = "items_noisy"
    EXPORT_OUTDATED = "export_outdated"


class AsideReason(StrEnum):
    """Why an announcement was set aside; other reasons are shown as they were noted."""

    HISTORY_FORBIDDEN = "history_forbidden"
    REFUSED = "refused"


_ACCENTS = {
    OperationsKind.SOURCE_RECOVERED: Accent.RECOVERY,
    OperationsKind.CHECK_REPORT: Accent.NEUTRAL,
    OperationsKind.BACKFILL: Accent.NEUTRAL,
    OperationsKind.ITEMS_SILENT: Accent.NEUTRAL,
    OperationsKind.ITEMS_NOISY: Accent.NEUTRAL,
    OperationsKind.EXPORT_OUTDATED: Accent.DOUBT,
}


_OF_A_CHANNEL = {
    OperationsKind.CHANNEL_DELETED,
    OperationsKind.CHANNEL_FORBIDDEN,
    OperationsKind.THREADS_FORBIDDEN,
    OperationsKind.THREADS_FULL,
}
_OF_A_MESSAGE = {
    OperationsKind.CARD_REFUSED,
    OperationsKind.ROW_SET_ASIDE,
    OperationsKind.WITHDRAWAL_BLOCKED,
    OperationsKind.EDIT_BLOCKED,
}
_COUNTED = {
    OperationsKind.ITEMS_SILENT: "items",
    OperationsKind.ITEMS_NOISY: "items",
    OperationsKind.EXPORT_OUTDATED: "facts",
}
_WITH_ERROR = {OperationsKind.SOURCE_FAILING, OperationsKind.CHECK_REPORT, OperationsKind.BACKFILL}


def operations_card(
    texts: Texts, kind: OperationsKind, values: Mapping[str, Any], code: str | None, now: datetime
) -> Card:
    """Return the card of an operations message; `code` is its own, shown in the footer.

    `values` are as JSON keeps them, moments in ISO 8601. Needed: source_failing `source, since, failures, error` ·
    source_recovered `source, since` · source_silent `source, since` · source_degraded `source, losses, read, usual`
    (the last three None where the poll that told it had nothing to judge by) · channel_deleted, channel_forbidden,
    threads_forbidden, threads_full `channel` (an id) · card_refused, withdrawal_blocked, edit_blocked `channel, code` ·
    row_set_aside `channel, code, reason` · check_report `source, read, new, changed, losses, unknown_fields, error` ·
    backfill `since, until, reached, days, days_read, notices, new, is_done, error` · items_silent `items` (each `id,
    name`) · items_noisy `items` (as `noisy_fields` says) · export_outdated `by, exported_at, folder, facts` (each `id,
    was, now, revision, is_corrected`), `folder` None where it is not known.
    `since` and `error` (a `SourceError.kept`) may be None; others are ignored, a missing one raises KeyError. With
    `label` the source is called by that name. DESIGN.md section 3.7, reliability.md 1.4.
    """
    named = {name: plain(value, _VALUE_UNITS) for name, value in values.items() if isinstance(value, str)}
    if "label" in named:
        named["source"] = named["label"]
    counted = {"n": len(values[_COUNTED[kind]])} if kind in _COUNTED else {}
    lines: list[Line] = [(Span(sentence),) for sentence in _sentences(texts, kind, values, now)]
    if kind in _OF_A_CHANNEL:
        lines.insert(0, _channel(texts, values))
    elif kind in _OF_A_MESSAGE:
        lines.append(_channel(texts, values))
    return Card(
        kind=CardKind.OPERATIONS,
        title=texts.word("operations", kind, **named, **counted),
        accent=_ACCENTS.get(kind, Accent.TROUBLE),
        body=tuple(lines),
        fields=tuple(_fields(texts, kind, values)),
        footer=texts("operations-footer", code=code) if code else "",
    )


def _sentences(texts: Texts, kind: OperationsKind, values: Mapping[str, Any], now: datetime) -> Iterator[str]:
    if kind is OperationsKind.CHECK_REPORT:
        yield from _counts(texts, values)
    elif kind is OperationsKind.BACKFILL:
        yield from _progress(texts, values)
        return
    elif values.get("since"):
        since = parse_moment(values["since"])
        if kind is OperationsKind.SOURCE_FAILING:
            yield texts.plural("operations-failing-since", values["failures"], since=since)
        elif kind is OperationsKind.SOURCE_SILENT:
            yield texts("operations-silent-since", since=since)
        elif kind is OperationsKind.SOURCE_RECOVERED and isinstance(since, datetime):
            yield texts("operations-recovered-after", duration=texts.duration(now - since))
    if kind is OperationsKind.EXPORT_OUTDATED:
        yield from _outdated(texts, values)
    if kind is OperationsKind.SOURCE_DEGRADED and values["losses"] is not None:
        counts = {"read": texts.number(values["read"]), "usual": texts.number(values["usual"])}
        yield texts.plural("operations-degraded", values["losses"], **counts)
    yield texts.word("operations-next", kind, code=values.get("code"))


def _progress(texts: Texts, values: Mapping[str, Any]) -> Iterator[str]:
    """Yield how far the reading of a history is, what it brought, and what to do where it stopped."""
    since, reached = parse_moment(values["since"]), parse_moment(values["reached"])
    done = round(_BAR_CELLS * values["days_read"] / max(values["days"], 1))
    bar = _DONE * done + _TO_DO * (_BAR_CELLS - done)
    if values["is_done"]:
        yield texts("operations-backfill-done", bar=bar, since=since)
    else:
        yield texts("operations-backfill-so-far", bar=bar, since=since, reached=reached)
    new = texts.plural("notices-new", values["new"])
    yield texts.plural("operations-backfill-notices", values["notices"], new=new)
    if values["error"] is not None:
        yield texts("operations-next-backfill-stopped", since=since)
    else:
        yield texts("operations-next-backfill")


def _counts(texts: Texts, values: Mapping[str, Any]) -> Iterator[str]:
    """Yield what a check read; nothing when the source could not be read."""
    if values["error"] is not None:
        return
    yield read_in_words(texts, values["read"], values["new"], values["changed"])
    if values["losses"]:
        yield texts.plural("operations-check-losses", values["losses"])
    elif not values["unknown_fields"]:
        yield texts("operations-check-clean")


def _fields(texts: Texts, kind: OperationsKind, values: Mapping[str, Any]) -> Iterator[Field]:
    if kind in _WITH_ERROR and values["error"] is not None:
        error = SourceError.from_kept(values["error"])
        yield _field(texts("operations-source-said"), texts.source_error(error))
    if kind is OperationsKind.CHECK_REPORT and values["unknown_fields"]:
        names = [plain(name, _VALUE_UNITS) for name in values["unknown_fields"]]
        left = len(names) - _SHOWN_FIELDS
        shown = [*names[:_SHOWN_FIELDS], texts.plural("and-others", left)] if left > 0 else names
        yield _field(texts("operations-check-unknown"), texts.list_of(shown))
    if kind is OperationsKind.ITEMS_SILENT:
        named = [(plain(item["name"], _VALUE_UNITS), item["id"]) for item in values["items"]]
        lines = [(Span(texts("operations-silent-item", name=name, id=number)),) for name, number in named]
        yield from fields(texts, texts("operations-silent"), lines)
    if kind is OperationsKind.ITEMS_NOISY:
        yield from noisy_fields(texts, values["items"])
    if kind is OperationsKind.ROW_SET_ASIDE:
        yield _field(texts("operations-reason"), texts.word("aside", values["reason"]))


def _outdated(texts: Texts, values: Mapping[str, Any]) -> Iterator[str]:
    """Yield who made an export, when and where to, and how its facts changed since."""
    made = {"by": plain(values["by"], _VALUE_UNITS), "date": texts.day(datetime.fromisoformat(values["exported_at"]))}
    if values["folder"]:
        yield texts("operations-exported", **made, folder=plain(values["folder"], _MESSAGE_UNITS))
    else:
        yield texts("operations-exported-somewhere", **made)
    for fact in values["facts"][:_SHOWN_FACTS]:
        yield texts("operations-exported-fact", id=fact["id"], change=_change(texts, fact))
    left = len(values["facts"]) - _SHOWN_FACTS
    if left > 0:
        yield texts.plural("card-reminder-facts-left", left)


def _change(texts: Texts, fact: Mapping[str, Any]) -> str:
    now = texts.word("fact-status", fact["now"])
    if fact["is_corrected"]:
        now = texts("card-reminder-version", status=now, revision=fact["revision"])
    return texts("card-reminder-change", was=texts.word("fact-status", fact["was"]), now=now)


def _field(label: str, message: str) -> Field:
    return Field(label, ((Span(plain(message, _MESSAGE_UNITS)),),))


def _channel(texts: Texts, values: Mapping[str, Any]) -> Line:
    """Return the line that names a channel, for its link and, where it is gone, its id."""
    channel_id = int(values["channel"])
    label = Span(texts("card-label", label=texts("operations-channel")), Style.STRONG)
    return (label, Span(f"#{channel_id}", channel_id=channel_id), Span(f" ({channel_id})", Style.QUIET))
