"""A time of the day as people type it, in French or in English, and the half hours that they may be about to type."""

from __future__ import annotations

import re
import unicodedata
from datetime import time
from typing import Final

from bot.errors import UserError
from bot.markup import plain

MOST_TYPED: Final = 20
"""Characters of a typed time, without the spaces around it."""
PROPOSALS: Final = 25
"""What Discord shows of an autocomplete at most: from FIRST_PROPOSED on, one a half hour, while nothing is typed."""
FIRST_PROPOSED: Final = time(6)

_HALF_HOURS: Final = tuple(time(hour, minute) for hour in range(24) for minute in (0, 30))
_NOON, _LAST_HOUR, _LAST_MINUTE = 12, 23, 59
_WORDS: Final = {"midi": time(12), "noon": time(12), "midday": time(12), "minuit": time(0), "midnight": time(0)}
_TIME = re.compile(
    r"(?P<hour>[0-9]{1,2})"
    r"(?:(?:\s?[:.]\s?|\s?(?:h|heures?)\s?)(?P<minute>[0-9]{2})|\s?(?:h|heures?))?"
    r"(?:\s?(?P<half>[ap])\.?\s?m\.?)?"
)


def read_time(typed: str) -> time:
    """Return the time of the day that a person typed: `08:30`, `8h30`, `18 h`, `8`, `8.30`, `8:30 pm`, `midi`.

    The same in both languages. Raises UserError for anything else, and for an hour or a minute that no clock shows.
    """
    shown = _shown(typed)
    known = _WORDS.get(shown)
    if known is not None:
        return known
    read = _TIME.fullmatch(shown)
    found = _time_of(read) if read else None
    if found is None:
        raise UserError("digest-at", typed=plain(typed, MOST_TYPED))
    return found


def proposed_times(typed: str) -> list[time]:
    """Return the half hours that a person may be about to type, what they typed first where it is a time already.

    At most PROPOSALS; those of the day where nothing is typed.
    """
    shown = _shown(typed)
    if not typed.strip():
        start = _HALF_HOURS.index(FIRST_PROPOSED)
        return list(_HALF_HOURS[start : start + PROPOSALS])
    found: list[time] = []
    try:
        whole = read_time(typed)
    except UserError:
        pass
    else:
        found = [whole, *(() if whole.minute else (whole.replace(minute=30),))]
    wanted = re.sub(r"heures?|[h.]", ":", re.sub(r"\s", "", shown))
    if not wanted:
        return []
    found += [half for half in _HALF_HOURS if f"{half:%H:%M}".startswith(wanted)]
    found += [half for half in _HALF_HOURS if f"{half.hour}:{half:%M}".startswith(wanted)]
    return list(dict.fromkeys(found))[:PROPOSALS]


def _shown(typed: str) -> str:
    """Return what was typed as it is compared, empty where it is too long to be a time."""
    trimmed = typed.strip()
    if len(trimmed) > MOST_TYPED:
        return ""
    return plain(unicodedata.normalize("NFKC", trimmed)).casefold()


def _time_of(read: re.Match[str]) -> time | None:
    hour, minute = int(read["hour"]), int(read["minute"] or 0)
    if read["half"]:
        if not 1 <= hour <= _NOON:
            return None
        hour = hour % _NOON + (_NOON if read["half"] == "p" else 0)
    return time(hour, minute) if hour <= _LAST_HOUR and minute <= _LAST_MINUTE else None
