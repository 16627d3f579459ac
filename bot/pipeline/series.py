"""What a filing says otherwise than the one before it: a register of filings holds no entry that changes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from bot.cards import PARTICULAR, Change, Particular, Period
from bot.models import Notice
from bot.pipeline.revision import material_changes
from bot.sources import Source
from bot.storage.archive import notices
from bot.storage.database import Connection

_SUMS: Final = frozenset({f"{PARTICULAR}{Particular.FEES}", f"{PARTICULAR}{Particular.SPEND}"})
_ENDS_IN: Final[Mapping[str, int]] = {
    Period.FIRST_QUARTER: 3,
    Period.SECOND_QUARTER: 6,
    Period.MID_YEAR: 6,
    Period.THIRD_QUARTER: 9,
    Period.FOURTH_QUARTER: 12,
    Period.YEAR_END: 12,
}
"""The month in which the part of a year ends that a filing is about."""


async def since_the_last(connection: Connection, source: Source, row: int, notice: Notice) -> tuple[Change, ...]:
    """Return what a stored notice of a series says otherwise than the one before it of its procedure.

    That is the last one on the same part of a year, which this one amends, else on the one before: a newer one was not
    before it, though it may have been filed earlier.

    Only of reports, and of those that tell of any activity: a registration and a termination are news by themselves. A
    sum that only one of the two names is no change.
    """
    said = dict(notice.particulars)
    if not source.is_series or notice.procedure is None:
        return ()
    if said.get(Particular.FILING) != "report" or Particular.ISSUE not in said:
        return ()
    filed = await notices.before_in_procedure(connection, source.name, notice.procedure, row)
    earlier = [(told, of_it) for told, of_it in filed if _about(of_it) <= _about(said)]
    if not earlier:
        return ()
    last, of_last = max(earlier, key=lambda one: _about(one[1]))
    if Particular.ISSUE not in of_last:
        return ()
    before = (await notices.latest(connection, [last]))[last]
    return tuple(
        change
        for change in material_changes(before, notice, source.material)
        if change.field.startswith(PARTICULAR)
        and (change.field not in _SUMS or None not in {change.before, change.after})
    )


def _about(said: Mapping[str, str]) -> tuple[str, int]:
    """Return the year and the month in which ends what a filing is about."""
    return said.get(Particular.YEAR, ""), _ENDS_IN.get(said.get(Particular.PERIOD, ""), 0)
