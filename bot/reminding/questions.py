"""Who is asked about which quiet tip today: pure, over what was asked since anything was done with each."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from bot.models import QuietTip, Reminded, ReminderReason
from bot.storage.reminders import Asks

REST: Final = timedelta(days=14)
"""An open tip with which nothing was done for so long rests."""
ANSWER: Final = timedelta(days=14)
"""How long whoever holds a tip has to say whether it is kept, before editors are asked."""
MOST: Final = 200
"""About how many tips one message asks; the others wait for the next day."""

_FOR_EDITORS: Final = {
    ReminderReason.REST: ReminderReason.LEFT,
    ReminderReason.KEEP: ReminderReason.UNANSWERED,
}


def asks(retention_days: int | None, editors: Sequence[int], now: datetime) -> Asks:
    """Return what is to be asked now in a newsroom with such a retention."""
    return Asks(
        rest_until=now - REST,
        quiet_until=now - timedelta(days=retention_days) if retention_days is not None else None,
        asked_until=now - ANSWER,
        editors=editors,
        most=MOST,
    )


def addressed(
    tips: Sequence[QuietTip],
    standing: Collection[tuple[int, str, str]],
    belongs: Mapping[int, bool],
    editors: Collection[int],
) -> dict[int, list[QuietTip]]:
    """Return who is asked about which tips; what somebody held who no longer `belongs` is the editors' question.

    A question whose holder is not in `belongs` waits: Discord did not say. `standing` is which tip, what, and who was
    asked.
    """
    wanted: dict[int, list[QuietTip]] = defaultdict(list)
    for tip in tips:
        asked = tip
        if tip.reason in _FOR_EDITORS:
            if tip.held_by not in belongs:
                continue
            if belongs[tip.held_by]:
                wanted[tip.held_by].append(tip)
                continue
            asked = replace(tip, reason=_FOR_EDITORS[tip.reason])
        for editor in editors:
            if (tip.tip_id, asked.reason, str(editor)) not in standing:
                wanted[editor].append(asked)
    return {person: asked_about[:MOST] for person, asked_about in wanted.items()}


def reminded(tip: QuietTip, person: int, now: datetime) -> Reminded:
    """Return that a person is asked about a tip."""
    return Reminded(person=str(person), reason=tip.reason, number=tip.number, made_at=now, tip_id=tip.tip_id)
