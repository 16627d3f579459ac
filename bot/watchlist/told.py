"""What the audit log tells of a watch item: values of JSON, in the names of its fields."""

from __future__ import annotations

from typing import Any

from bot.models import WatchItem

_ASKED = (
    "kind",
    "name",
    "aliases",
    "identifiers",
    "any_of",
    "none_of",
    "sources",
    "channel_id",
    "priority",
    "ref",
    "note",
)


def named(item: WatchItem) -> dict[str, Any]:
    """Return what tells which item is meant, though it be renamed or removed later."""
    return {"kind": item.kind.value, "name": item.name}


def asked_of(item: WatchItem) -> dict[str, Any]:
    """Return all that an item asks, lists as lists."""
    values = {name: getattr(item, name) for name in _ASKED}
    return {name: list(value) if isinstance(value, tuple) else value for name, value in values.items()}
