"""Who is asked about which quiet tip today: pure, over what was asked since anything was done with each."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Final

from bot.clock import MOST_AHEAD
from bot.models import QuietTip, Reminded, ReminderReason
from bot.storage.log.quiet_tips import Asks

REST: Final = timedelta(days=14)
"""An open tip with which nothing was done for so long rests."""
ANSWER: Final = timedelta(days=14)
"""How long whoever holds a tip has to say whether it is kept, before editors are asked."""
MOST: Final = 200
"""About how many tips one message asks; the others wait for the next day."""

_FOR_HOLDER: Final = frozenset({ReminderReason.REST, ReminderReason.KEEP})


def asks(retention_days: int | None, editors: Sequence[int], now: datetime) -> Asks:
    """Return what is to be asked now in a newsroom with such a retention."""
    return Asks(
        rest_until=now - REST,
        quiet_until=now - timedelta(days=retention_days) if retention_days is not None else None,
        asked_until=now - ANSWER,
        believed_until=now + MOST_AHEAD,
        editors=editors,
        most=MOST,
    )


def addressed(
    tips: Sequence[QuietTip], standing: Collection[tuple[int, str, str]], editors: Collection[int]
) -> dict[int, list[QuietTip]]:
    """Return who is asked about which tips: whoever holds one, or each editor who was not asked that before.

    `standing` is which tip, what, and who was asked.
    """
    wanted: dict[int, list[QuietTip]] = defaultdict(list)
    for tip in tips:
        if tip.reason in _FOR_HOLDER:
            wanted[tip.held_by].append(tip)
            continue
        for editor in editors:
            if (tip.tip_id, tip.reason, str(editor)) not in standing:
                wanted[editor].append(tip)
    return {person: asked_about[:MOST] for person, asked_about in wanted.items()}


def reminded(tip: QuietTip, person: int, now: datetime) -> Reminded:
    """Return that a person is asked about a tip."""
    return Reminded(person=str(person), reason=tip.reason, number=tip.number, made_at=now, tip_id=tip.tip_id)
