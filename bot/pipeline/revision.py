"""Which changes of a notice matter enough to be announced again."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from bot.cards import Change
from bot.models import Notice, NoticeKind, parse_moment

_MATERIAL = ("deadline", "amount", "buyer", "suppliers")


def material_changes(before: Notice, after: Notice) -> tuple[Change, ...]:
    """Return the changes that are announced again: deadline, amount, buyer, suppliers, cancelled.

    Values are those of the notices' JSON lines (DESIGN.md section 7), an amount with its currency where that changed.
    The order of suppliers, the offset in which a deadline is written and the zeros behind an amount are no change.
    """
    old, new = before.to_json(), after.to_json()
    changes = [
        Change(field, _said(field, old, new), _said(field, new, old))
        for field in _MATERIAL
        if _settled(field, old) != _settled(field, new)
    ]
    if after.kind is NoticeKind.CANCELLATION and before.kind is not NoticeKind.CANCELLATION:
        changes.append(Change("kind", old["kind"], new["kind"]))
    return tuple(changes)


def _said(field: str, line: dict[str, Any], other: dict[str, Any]) -> Any:
    value, currency = line[field], line["currency"]
    if field == "amount" and value is not None and currency is not None and currency != other["currency"]:
        return f"{value} {currency}"
    return value


def _settled(field: str, line: dict[str, Any]) -> Any:
    """Return a field in the one form in which two equal values compare equal."""
    value = line[field]
    if field == "suppliers":
        return sorted(value)
    if value is None:
        return None
    if field == "amount":
        return format(Decimal(value).normalize(), "f"), line["currency"]
    if field == "deadline" and isinstance(moment := parse_moment(value), datetime):
        return moment.astimezone(UTC)
    return value
