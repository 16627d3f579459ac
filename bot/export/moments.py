"""Stored moments as an export writes them: ISO 8601 in the newsroom's zone, with its offset."""

from __future__ import annotations

from datetime import date, datetime, timedelta, tzinfo
from typing import Final

_DAY: Final = len("2026-11-16")
_HOUR: Final = len("2026-11-16T08")
_SECOND: Final = len("2026-11-16T08:00:00")
_ONE_HOUR: Final = timedelta(hours=1)
_HOURS_A_DAY: Final = 24
_HOURS_AT_ONCE: Final = 2_000


class Moments:
    """Turn moments as the database holds them into local ones, to the second: `2026-11-16T09:00:00+01:00`.

    What stands before and behind the minutes is worked out once for an hour of UTC. On a day when the clocks change,
    and in a zone that is not whole hours off, each moment is worked out for itself.
    """

    def __init__(self, zone: tzinfo) -> None:
        self._zone = zone
        self._hours: dict[str, tuple[str, str] | None] = {}
        self._days: dict[str, int | None] = {}

    def local(self, stored: str | None) -> str:
        """Return a stored moment (UTC, as `bot.storage` writes it) in the zone, nothing for None."""
        if stored is None:
            return ""
        hour = stored[:_HOUR]
        try:
            known = self._hours[hour]
        except KeyError:
            known = self._around(hour)
        if known is None:
            return datetime.fromisoformat(stored).astimezone(self._zone).isoformat(timespec="seconds")
        return f"{known[0]}{stored[_HOUR:_SECOND]}{known[1]}"

    def _around(self, hour: str) -> tuple[str, str] | None:
        """Return what stands before and behind the minutes in an hour of UTC, None where that varies."""
        if len(self._hours) >= _HOURS_AT_ONCE:
            self._hours.clear()
            self._days.clear()
        day = hour[:_DAY]
        if day not in self._days:
            self._days[day] = self._hours_off(day)
        off = self._days[day]
        known = None
        if off is not None:
            days, local = divmod(int(hour[_DAY + 1 :]) + off, _HOURS_A_DAY)
            local_day = (date.fromisoformat(day) + timedelta(days=days)).isoformat() if days else day
            known = (f"{local_day}T{local:02}", f"{off:+03}:00")
        self._hours[hour] = known
        return known

    def _hours_off(self, day: str) -> int | None:
        """Return by how many hours the zone is before UTC on a day of UTC, None where it is not that all day long."""
        first = datetime.fromisoformat(f"{day}T00:00:00+00:00")
        offsets = {(first + timedelta(hours=hour)).astimezone(self._zone).utcoffset() for hour in (0, _HOURS_A_DAY)}
        off = offsets.pop()
        return off // _ONE_HOUR if not offsets and off is not None and not off % _ONE_HOUR else None
