"""Which dismissal a stored hit is held back by now, as SQL on a row of `hit`, and where it stands otherwise.

It is asked each time and stored nowhere: what was dismissed is not told, what was undone is, whoever comes in between.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence
from typing import Any, Final

from bot.matching import Standing

IN_SERIES: Final = """
    (dismissal.organisation_key IS NULL AND (dismissal.notice_id = hit.notice_id
        OR (SELECT procedure FROM notice WHERE notice.id = dismissal.notice_id)
            = (SELECT procedure FROM notice WHERE notice.id = hit.notice_id)))
"""
"""Whether a dismissal is of the series of notices that a hit is on."""

IN_ORGANISATION: Final = """
    dismissal.organisation_key IN (SELECT stands.key FROM json_each(hit.organisations) AS stands)
"""
"""Whether a dismissal is of an organisation in whose name a hit stands, there or elsewhere too."""

_OF_ITEM: Final = """
    FROM dismissal WHERE dismissal.guild_id = hit.guild_id AND dismissal.item_id = hit.item_id
        AND dismissal.undone_at IS NULL
"""
DISMISSED_BY: Final = f"""
    coalesce(
        (SELECT min(+dismissal.id) {_OF_ITEM} AND {IN_SERIES}),
        (SELECT min(+dismissal.id) {_OF_ITEM} AND {IN_ORGANISATION} AND NOT EXISTS (
            SELECT 1 FROM json_each(hit.organisations) AS stands WHERE stands.key NOT IN (
                SELECT dismissal.organisation_key {_OF_ITEM} AND dismissal.organisation_key IS NOT NULL)))
    )
"""
"""Our id of a dismissal that says that a hit is not the item, NULL where none does.

A hit that stands in several organisations is held back once all of them were dismissed. The sign before the id keeps
SQLite to the dismissals of the item.
"""

PASSED_OVER: Final = f"""
    (SELECT json_group_array(dismissal.organisation_key) {_OF_ITEM} AND dismissal.organisation_key IS NOT NULL)
"""
"""The organisations that were dismissed for the item of a hit, as JSON."""

_PLACE: Final = ("tier", "term", "rule", "field", "start", "end", "matched", "snippet", "count")


def standings_text(standings: Sequence[Standing]) -> str | None:
    """Return where a hit stands as it is stored: names by key, with the place in each where there are several."""
    if not standings:
        return None
    if len(standings) == 1:
        return json.dumps({standings[0].key: {"name": standings[0].name}}, ensure_ascii=False)
    kept = {
        standing.key: {"name": standing.name, "place": [getattr(standing.hit, part) for part in _PLACE]}
        for standing in standings
    }
    return json.dumps(kept, ensure_ascii=False)


def organisations_of(row: sqlite3.Row) -> dict[str, str] | None:
    """Return the names of the organisations, by key, in which a hit stands; None where that was not looked at."""
    if row["organisations"] is None:
        return None
    return {key: one["name"] for key, one in json.loads(row["organisations"]).items() if key}


def passed_over(row: sqlite3.Row) -> frozenset[str]:
    """Return the keys of the organisations that were dismissed for the item of a hit."""
    return frozenset(json.loads(row["passed_over"]))


def place_of(row: sqlite3.Row) -> Mapping[str, Any]:
    """Return where a hit is to be shown, by the names of `_PLACE`: the best place that was not dismissed."""
    if row["organisations"] is None or row["passed_over"] == "[]":
        return row  # type: ignore[return-value]  # a row is read as a mapping is
    over = passed_over(row)
    left = [one for key, one in json.loads(row["organisations"]).items() if key not in over and "place" in one]
    return dict(zip(_PLACE, left[0]["place"], strict=True)) if left else row  # type: ignore[return-value]
