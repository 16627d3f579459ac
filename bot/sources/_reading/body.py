"""What the body of a tender notice says, whatever its form: the common ground of the forms that publishers use."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal

from bot.models import NoticeKind
from bot.sources._reading.strict_json import decimal_of

AMOUNT_DIGITS = 15

_CPV = re.compile(r"(\d{8})(?:-\d|\.0+)?")
_AMOUNT = re.compile(r"\d+(?:[.,]\d+)?")
_CURRENCY = re.compile(r"[A-Z]{3}")
_DATE = re.compile(r"(\d{4}-\d{2}-\d{2})(Z|[+-]\d{2}:\d{2})?")
_TIME = re.compile(r"(\d{2}:\d{2}(?::\d{2})?)(?:\.\d+)?(Z|[+-]\d{2}:\d{2})?")


@dataclass(frozen=True, slots=True)
class Party:
    """Hold an organisation as a body names it, with the raw numbers that it gives and its country code."""

    name: str | None
    numbers: tuple[str, ...] = ()
    country: str | None = None


@dataclass(frozen=True, slots=True)
class Withheld:
    """Name a value that the publisher keeps back (its eForms code), and until when."""

    code: str
    until: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """Hold what the body of a notice says; what it does not say is None or ().

    `lines` are the texts for matching in a fixed order. `procedure` is the UUID of an eForms procedure, `parent` the
    publisher's id of the notice that started it. `form` names the form that was read. `is_unawarded` says that every
    lot of an award is closed without a winner.
    """

    form: str
    title: str | None = None
    lines: tuple[str, ...] = ()
    lot_titles: tuple[str, ...] = ()
    buyers: tuple[Party, ...] = ()
    winners: tuple[Party, ...] = ()
    is_unawarded: bool = False
    amount: Decimal | None = None
    currency: str | None = None
    cpv: tuple[str, ...] = ()
    deadline: date | datetime | None = None
    language: str | None = None
    procedure: str | None = None
    parent: str | None = None
    kind: NoticeKind | None = None
    is_defence: bool = False
    withheld: tuple[Withheld, ...] = ()
    problems: dict[str, str] = field(default_factory=dict)


def cpv_codes(raw: list[str]) -> tuple[tuple[str, ...], str | None]:
    """Return CPV codes as 8 digits, order kept, no repeats, and the first value that is none (None where all are)."""
    codes: dict[str, None] = {}
    wrong: str | None = None
    for value in raw:
        if found := _CPV.fullmatch(value.strip()):
            codes[found[1]] = None
        else:
            wrong = wrong or value.strip()
    return tuple(codes), wrong


def money(raw: str) -> Decimal | None:
    """Return an amount as published; None for zero and below, which stand for unknown or withheld.

    Blanks between digits and a decimal comma are read as people type them. Raises ValueError for anything else and for
    more than 15 digits before the point.
    """
    text = "".join(raw.split())
    if not _AMOUNT.fullmatch(text.removeprefix("-")):
        raise ValueError(f"{raw.strip()[:40]!r} is not an amount")
    amount = decimal_of(text.replace(",", "."))
    if amount.adjusted() >= AMOUNT_DIGITS:
        raise ValueError(f"an amount of {amount.adjusted() + 1} digits is not believed")
    return amount if amount > 0 else None


def currency_code(raw: str | None) -> str | None:
    """Return an ISO 4217 code in capitals, None for anything else."""
    code = (raw or "").strip().upper()
    return code if _CURRENCY.fullmatch(code) else None


def moment(day: str, clock: str | None = None) -> date | datetime:
    """Return an XML date as a date, or with an XML time whose offset is known as an aware datetime.

    Raises ValueError for anything else.
    """
    found = _DATE.fullmatch(day.strip())
    if not found:
        raise ValueError(f"{day[:40]!r} is not a date")
    on = date.fromisoformat(found[1])
    at = _TIME.fullmatch(clock.strip()) if clock else None
    if clock and not at:
        raise ValueError(f"{clock[:40]!r} is not a time")
    offset = (at and at[2]) or found[2]
    if not at or not offset:
        return on
    return datetime.combine(on, time.fromisoformat(at[1]), _zone(offset))


def _zone(offset: str) -> timezone:
    if offset == "Z":
        return UTC
    sign = -1 if offset[0] == "-" else 1
    return timezone(sign * timedelta(hours=int(offset[1:3]), minutes=int(offset[4:6])))
