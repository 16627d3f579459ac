"""A notice, and its form as a JSON line."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any


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


NOT_AWARDED = ("outcome", "not_awarded")
"""The particular by which an award says that every lot is closed without a winner."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """Hold one document that a source published, as the fields of DESIGN.md section 7.

    A date without a time stays a `date`; a `datetime` is aware. `procedure` ties a tender to its corrigenda and award.
    `particulars` are pairs of a stable code and a value that comparing two revisions needs: they are no field of the
    JSON line.
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
    particulars: tuple[tuple[str, str], ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return the notice as the JSON object of DESIGN.md section 7: ISO dates, decimal strings, null or []."""
        return {name: plain_value(getattr(self, name)) for name in NOTICE_FIELDS}

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


def parse_moment(text: str) -> date | datetime:
    """Read an ISO 8601 date, or date and time with offset; raises ValueError for anything else."""
    if len(text) == len("2026-01-01"):
        return date.fromisoformat(text)
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("a time needs its offset")
    return moment


def plain_value(value: Any) -> Any:
    """Return a value as JSON takes it: lists, decimal strings, ISO dates."""
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
