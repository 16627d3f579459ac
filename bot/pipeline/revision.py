"""Which changes of a notice matter enough to be announced again."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from bot.cards import PARTICULAR, Change
from bot.models import Notice, NoticeKind, parse_moment
from bot.pipeline.twins import is_one_moment

_MATERIAL = ("deadline", "amount", "buyer", "suppliers")


def material_changes(before: Notice, after: Notice, material: Collection[str] = ()) -> tuple[Change, ...]:
    """Return the changes that are announced again: deadline, amount, buyer, suppliers, cancelled, and particulars.

    Values are those of the notices' JSON lines (DESIGN.md section 7), an amount with its currency where that changed;
    of the particulars, of which `material` names the codes, a text, a list where there are several, None where there is
    none. The order of suppliers and of lists, the offset in which a deadline is written and the zeros behind an amount
    are no change.
    """
    old, new = before.to_json(), after.to_json()
    changes = [
        Change(field, _said(field, old, new), _said(field, new, old))
        for field in _MATERIAL
        if _settled(field, old) != _settled(field, new)
    ]
    if after.kind is NoticeKind.CANCELLATION and before.kind is not NoticeKind.CANCELLATION:
        changes.append(Change("kind", old["kind"], new["kind"]))
    had, has = _particulars(before, material), _particulars(after, material)
    changes += [
        Change(f"{PARTICULAR}{code}", _value(had.get(code)), _value(has.get(code)))
        for code in dict.fromkeys([*had, *has])
        if sorted(had.get(code, ())) != sorted(has.get(code, ()))
    ]
    return tuple(changes)


def says_already(twin: Notice, change: Change, after: Notice) -> bool:
    """Return whether a twin of a notice says what a change made of it."""
    if change.field.startswith(PARTICULAR):
        return False
    if change.field == "deadline" and twin.deadline is not None and after.deadline is not None:
        return is_one_moment(twin.deadline, after.deadline)
    line, other = after.to_json(), twin.to_json()
    return bool(_settled(change.field, line) == _settled(change.field, other))


def _particulars(notice: Notice, material: Collection[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for code, value in notice.particulars:
        if code in material:
            found.setdefault(code, []).append(value)
    return found


def _value(values: list[str] | None) -> str | list[str] | None:
    """Return a text as it stands, several as a list."""
    if not values:
        return None
    return values[0] if len(values) == 1 else values


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
