"""What a filing says otherwise than the one before it: a register of filings holds no entry that changes."""

from __future__ import annotations

from bot.cards import PARTICULAR, Change, Particular
from bot.models import Notice
from bot.pipeline.revision import material_changes
from bot.sources import Source
from bot.storage.archive import notices
from bot.storage.database import Connection

_SUMS = frozenset({f"{PARTICULAR}{Particular.FEES}", f"{PARTICULAR}{Particular.SPEND}"})


async def since_the_last(connection: Connection, source: Source, row: int, notice: Notice) -> tuple[Change, ...]:
    """Return what a stored notice of a series says otherwise than the one before it of its procedure.

    Only of reports, and of those that tell of any activity: a registration and a termination are news by themselves. A
    sum that only one of the two names is no change.
    """
    said = dict(notice.particulars)
    if not source.is_series or notice.procedure is None:
        return ()
    if said.get(Particular.FILING) != "report" or Particular.ISSUE not in said:
        return ()
    before = await notices.before_in_procedure(connection, source.name, notice.procedure, row)
    if before is None or Particular.ISSUE not in dict(before.particulars):
        return ()
    return tuple(
        change
        for change in material_changes(before, notice, source.material)
        if change.field.startswith(PARTICULAR)
        and (change.field not in _SUMS or None not in {change.before, change.after})
    )
