"""The nouns of Vigie as frozen values."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any


class ItemKind(StrEnum):
    """What a watch item follows."""

    COMPANY = "company"
    OFFICIAL = "official"
    KEYWORD = "keyword"


class Priority(StrEnum):
    """When the hits of a watch item are announced."""

    INSTANT = "instant"
    DIGEST = "digest"


class NoticeKind(StrEnum):
    """What a notice publishes (DESIGN.md section 7)."""

    TENDER = "tender"
    AWARD = "award"
    CHANGE = "change"
    CANCELLATION = "cancellation"
    REGISTRATION = "registration"
    REGISTER_CHANGE = "register_change"
    APPOINTMENT = "appointment"
    COMPANY = "company"
    ARTICLE = "article"


class Tier(StrEnum):
    """How sure a hit is, best first."""

    IDENTIFIER = "identifier"
    EXACT = "exact"
    VARIANT = "variant"
    ALIAS = "alias"
    WEAK = "weak"

    @property
    def rank(self) -> int:
        """Return the tier's place, 0 for the best."""
        return list(Tier).index(self)


class Held(StrEnum):
    """Why a hit is not announced at once."""

    BASELINE = "baseline"
    WEAK = "weak"
    DIGEST = "digest"
    LATE = "late"
    MUTED = "muted"


class AnnouncementKind(StrEnum):
    """What an announcement is about: a notice, or the working of Vigie itself."""

    NOTICE = "notice"
    OPERATIONS = "operations"


class AnnouncementState(StrEnum):
    """How far an announcement has come; `sending` means that Discord may or may not have it."""

    PENDING = "pending"
    SENDING = "sending"
    SENT = "sent"
    SET_ASIDE = "set_aside"


@dataclass(frozen=True, slots=True, kw_only=True)
class Newsroom:
    """Hold the settings of one Discord guild."""

    guild_id: int
    language: str
    timezone: str
    announcements_channel: int | None = None
    operations_channel: int | None = None
    log_channel: int | None = None
    reporter_role: int | None = None
    editor_role: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceState:
    """Hold what is known of a source's health; times are aware and in UTC."""

    source: str
    baseline_at: datetime | None = None
    attempted_at: datetime | None = None
    succeeded_at: datetime | None = None
    new_at: datetime | None = None
    not_before: datetime | None = None
    failures: int = 0
    failing_since: datetime | None = None
    error: str | None = None
    told: str | None = None
    told_since: datetime | None = None
    notices_read: int = 0
    notices_new: int = 0
    notices_changed: int = 0
    losses: int = 0
    losses_total: int = 0
    unknown_fields: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Announcement:
    """Hold a message that is owed to a channel or was sent there.

    `notice_id` is our row of the notice, None for operations; `follows` the announcement of the same procedure that
    this one continues; `details` what a card cannot find elsewhere. An edit is due while `shown_revision` is below
    `due_revision`.
    """

    id: int
    guild_id: int
    channel_id: int
    kind: AnnouncementKind
    subject: str
    revision: int
    notice_id: int | None
    follows: int | None
    details: dict[str, Any]
    code: str
    nonce: str
    state: AnnouncementState
    is_plain: bool
    reason: str | None
    tries: int
    created_at: datetime
    first_try_at: datetime | None
    next_try_at: datetime
    sent_at: datetime | None
    message_id: int | None
    shown: dict[str, Any] | None
    shown_revision: int | None
    due_revision: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchItem:
    """Hold a company, an official or a keyword that a newsroom follows.

    `id` is ours; offline (`vigie match`) it is None and `ref` names the item. `sources` empty means every source.
    For a keyword `name` is a query (DESIGN.md section 8); `any_of` and `none_of` are queries for every kind.
    """

    kind: ItemKind
    name: str
    id: int | None = None
    guild_id: int = 0
    aliases: tuple[str, ...] = ()
    identifiers: tuple[str, ...] = ()
    any_of: tuple[str, ...] = ()
    none_of: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    channel_id: int | None = None
    priority: Priority = Priority.INSTANT
    ref: str | None = None
    note: str | None = None
    added_by: int = 0
    added_at: datetime | None = None
    removed_at: datetime | None = None
    muted_until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """Hold one document that a source published, as the fields of DESIGN.md section 7.

    A date without a time stays a `date`; a `datetime` is aware. `procedure` ties a tender to its corrigenda and award.
    """

    id: str
    source: str = ""
    revision: int = 1
    kind: NoticeKind | None = None
    title: str = ""
    text: str = ""
    buyer: str | None = None
    suppliers: tuple[str, ...] = ()
    people: tuple[str, ...] = ()
    identifiers: tuple[str, ...] = ()
    amount: Decimal | None = None
    currency: str | None = None
    cpv: tuple[str, ...] = ()
    published: date | datetime | None = None
    deadline: date | datetime | None = None
    url: str | None = None
    language: str | None = None
    procedure: str | None = None
    raw_sha256: str | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the notice as the JSON object of DESIGN.md section 7: ISO dates, decimal strings, null or []."""
        return {name: _plain(getattr(self, name)) for name in NOTICE_FIELDS}

    @classmethod
    def from_json(cls, line: dict[str, Any]) -> Notice:
        """Read a notice from the JSON object of DESIGN.md section 7; only `id` is required.

        Raises ValueError naming the field that is missing or of a wrong type; unknown keys are ignored.
        """
        if not isinstance(line, dict):
            raise ValueError("a notice is a JSON object")  # noqa: TRY004  # one error type for bad lines
        if not isinstance(line.get("id"), str) or not line["id"]:
            raise ValueError("id: a non-empty string is required")
        values: dict[str, Any] = {}
        for name, read in _READERS.items():
            value = line.get(name)
            if value is None:
                continue
            try:
                values[name] = read(value)
            except (ValueError, TypeError, ArithmeticError) as error:
                raise ValueError(f"{name}: {value!r} cannot be read ({error})") from None
        return cls(**values)


NOTICE_FIELDS = (
    "source",
    "id",
    "revision",
    "kind",
    "title",
    "text",
    "buyer",
    "suppliers",
    "people",
    "identifiers",
    "amount",
    "currency",
    "cpv",
    "published",
    "deadline",
    "url",
    "language",
    "procedure",
    "raw_sha256",
)
"""The keys of a notice's JSON line, in their order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """Hold a notice revision that matches a watch item, with the match that shows it (DESIGN.md section 7).

    `start` and `end` are code points in the original text of `field`, and `matched` is that slice; `count` tells how
    many places matched. `term` is what the item asked, `rule` a stable English code.
    """

    notice: str
    item: int | None
    ref: str | None
    kind: ItemKind
    tier: Tier
    term: str
    rule: str
    field: str
    start: int
    end: int
    matched: str
    snippet: str
    count: int = 1

    def to_json(self) -> dict[str, Any]:
        """Return the hit as the JSON object of DESIGN.md section 7."""
        return {field.name: _plain(getattr(self, field.name)) for field in dataclasses.fields(self)}


def parse_moment(text: str) -> date | datetime:
    """Read an ISO 8601 date, or date and time with offset; raises ValueError for anything else."""
    if len(text) == len("2026-01-01"):
        return date.fromisoformat(text)
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("a time needs its offset")
    return moment


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return list(value)
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, date | datetime):
        return value.isoformat()
    return value


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError("a string is expected")
    return value


def _texts(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise TypeError("a list of strings is expected")
    return tuple(_text(entry) for entry in value)


def _amount(value: Any) -> Decimal:
    amount = Decimal(_text(value))
    if not amount.is_finite():
        raise ValueError("a finite amount is expected")
    return amount


def _revision(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise ValueError("a whole number from 1 is expected")
    return value


def _moment(value: Any) -> date | datetime:
    return parse_moment(_text(value))


_READERS: dict[str, Any] = {
    "source": _text,
    "id": _text,
    "revision": _revision,
    "kind": NoticeKind,
    "title": _text,
    "text": _text,
    "buyer": _text,
    "suppliers": _texts,
    "people": _texts,
    "identifiers": _texts,
    "amount": _amount,
    "currency": _text,
    "cpv": _texts,
    "published": _moment,
    "deadline": _moment,
    "url": _text,
    "language": _text,
    "procedure": _text,
    "raw_sha256": _text,
}
