"""How a tip or a fact stands, derived from the rows that the audit log seals: what is stored otherwise was altered."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import Any, Final

from bot.audit.report import Fault, Place
from bot.models import FactChangeKind, FactStatus, TipChangeKind, TipStatus

Row = sqlite3.Row
_LEFT: Final = ("erased_at", "revision", "is_sensitive", "owner", "logged_by", "logged_at")
"""What the entry of an erasure says of the row that is left (`bot.storage.custody.erasing.left_of`)."""


@dataclass(frozen=True, slots=True)
class Odd:
    """Name what of a thing does not stand as its rows say: the fault, the place, the part of it and the column."""

    fault: Fault
    place: Place
    part: int | None = None
    column: str | None = None


def odd_of_fact(
    fact: Row | None, changes: Sequence[Row], versions: Sequence[Row], citations: Sequence[Row]
) -> Odd | None:
    """Return the first thing that is odd about a fact; its rows are in the order of their keys."""
    if fact is None:
        return Odd(Fault.THING_MISSING, Place.FACT)
    if not changes or not versions or changes[0]["kind"] != FactChangeKind.LOGGED:
        return Odd(Fault.THING_ADDED, Place.FACT)
    states, embargo_until = _states(changes), _embargo(changes, "text")
    standing = {**_logged(changes[0]), "revision": len(versions), "embargo_until": embargo_until, **states[-1]}
    odd = _odd_column(Place.FACT, fact, standing) or _odd_counter(Place.FACT, fact, changes)
    if odd is not None:
        return odd
    if len(states) != len(versions):
        return Odd(Fault.THING_ALTERED, Place.FACT, column="revision")
    # How a version stood when it was replaced is in its row; how the last one stands is in the fact.
    former = [*states[:-1], dict.fromkeys(states[-1])]
    odd_versions = (
        _odd_column(Place.FACT_VERSION, version, then, version["revision"])
        for version, then in zip(versions, former, strict=True)
    )
    return next(filter(None, odd_versions), None) or next(_odd_citations(citations), None)


def odd_of_tip(tip: Row | None, changes: Sequence[Row], versions: Sequence[Row], erasure: Row | None) -> Odd | None:
    """Return the first thing that is odd about a tip; `erasure` is the entry that tells of it, where it was."""
    if tip is None:
        return Odd(Fault.THING_MISSING, Place.TIP)
    if erasure is not None:
        return _odd_erased(tip, erasure)
    if not changes or not versions or changes[0]["kind"] != TipChangeKind.LOGGED:
        return Odd(Fault.THING_ADDED, Place.TIP)
    owner = _last(changes, "after", TipChangeKind.ASSIGNED)
    standing = {
        **_logged(changes[0]),
        "revision": len(versions),
        "is_sensitive": versions[-1]["is_sensitive"],
        "status": _last(changes, "after", TipChangeKind.STATUS, TipChangeKind.PROMOTED) or TipStatus.NEW.value,
        "owner": None if owner is None else int(owner),
        "embargo_until": _embargo(changes, "after"),
        "kept_at": _last(changes, "made_at", TipChangeKind.KEPT),
        "erased_at": None,
        "erased_by": None,
    }
    return _odd_column(Place.TIP, tip, standing) or _odd_counter(Place.TIP, tip, changes)


def _states(changes: Sequence[Row]) -> list[dict[str, Any]]:
    """Return how each version of a fact stood last: its status, who verified it and when."""
    begun = {"status": FactStatus.LOGGED.value, "verified_by": None, "verified_at": None}
    states: list[dict[str, Any]] = [dict(begun)]
    for change in changes:
        match change["kind"]:
            case FactChangeKind.VERIFIED:
                made = {"verified_by": change["made_by"], "verified_at": change["made_at"]}
                states[-1] = {"status": FactStatus.VERIFIED.value, **made}
            case FactChangeKind.DISPUTED | FactChangeKind.RETRACTED:
                states[-1]["status"] = change["kind"]
            case FactChangeKind.CORRECTED:
                states.append(dict(begun))
    return states


def _embargo(changes: Sequence[Row], column: str) -> Any:
    """Return until when a thing is under embargo, from the column that tells it of the last change of that."""
    return _last(changes, column, TipChangeKind.EMBARGOED, TipChangeKind.RELEASED)


def _last(changes: Sequence[Row], column: str, *kinds: str) -> Any:
    """Return a column of the last change of some kinds, None where there is none."""
    return next((change[column] for change in reversed(changes) if change["kind"] in kinds), None)


def _odd_erased(tip: Row, erasure: Row) -> Odd | None:
    if str(tip["erased_by"]) != erasure["made_by"]:
        return Odd(Fault.THING_ALTERED, Place.TIP, column="erased_by")
    left = {column: erasure[column] for column in _LEFT}
    return _odd_column(
        Place.TIP, tip, {**left, "status": TipStatus.DROPPED.value, "embargo_until": None, "kept_at": None}
    )


def _logged(first: Row) -> dict[str, Any]:
    return {"logged_by": first["made_by"], "logged_at": first["made_at"]}


def _odd_column(place: Place, row: Row, standing: Mapping[str, Any], part: int | None = None) -> Odd | None:
    """Return the first column that does not hold what it should."""
    for column, value in standing.items():
        if row[column] != value:
            return Odd(Fault.THING_ALTERED, place, part, column)
    return None


def _odd_counter(place: Place, row: Row, changes: Sequence[Row]) -> Odd | None:
    """Return the counter of changes where it is behind the last of them: some that leave no row count too."""
    return Odd(Fault.THING_ALTERED, place, column="changes") if row["changes"] < changes[-1]["number"] else None


def _odd_citations(citations: Sequence[Row]) -> Iterator[Odd]:
    """Yield the citations that do not stand until the version in which the next one of their number begins."""
    for n, group in groupby(citations, key=lambda citation: citation["n"]):
        for citation, successor in pairwise([*group, None]):
            until = successor["from_revision"] if successor is not None else None
            if citation is not None and citation["until_revision"] != until:
                yield Odd(Fault.THING_ALTERED, Place.CITATION, n, "until_revision")
