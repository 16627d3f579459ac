"""How values stand in the database: times as UTC text that sorts, lists as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Final, overload

NEXT_CHANGE: Final = """
    (SELECT max(coalesce(unknown_to >> 22, 0), coalesce((SELECT max(id) FROM fact_change), 0)) + 1 FROM installation)
"""
"""The next number of a change of a fact, as SQL: above all that were ever given.

How many were given after a backup that was restored is not known: from then on they are above the milliseconds of the
restore's snowflake, which no log reaches by counting.
"""


def next_id(table: str) -> str:
    """Return, as SQL, the next number of a table whose numbers people read: above all that were ever given.

    Those given after a backup that was restored are not known, and stand below `installation.id_floor`.
    """
    return f"(SELECT max(id_floor, coalesce((SELECT max(id) FROM {table}), 0)) + 1 FROM installation)"


@overload
def to_text(moment: datetime) -> str: ...
@overload
def to_text(moment: datetime | None) -> str | None: ...
def to_text(moment: datetime | None) -> str | None:
    """Write an aware moment so that text order is time order."""
    if moment is None:
        return None
    if moment.tzinfo is None:
        raise ValueError("a stored time is aware")
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


@overload
def to_moment(text: str) -> datetime: ...
@overload
def to_moment(text: str | None) -> datetime | None: ...
def to_moment(text: str | None) -> datetime | None:
    """Read a moment that `to_text` wrote."""
    return None if text is None else datetime.fromisoformat(text)


def to_list(values: Iterable[str]) -> str:
    """Write a list of texts as JSON."""
    return json.dumps(list(values), ensure_ascii=False)


def from_list(text: str) -> tuple[str, ...]:
    """Read a list of texts that `to_list` wrote; most are empty, and need no parser."""
    return () if text == "[]" else tuple(json.loads(text))
