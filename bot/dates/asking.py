"""What the reading of a date depends on beside its text."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from bot.dates.spans import Span
from bot.errors import UserError
from bot.locales import Language

_A_WEEK = dt.timedelta(weeks=1)


class Prefers(StrEnum):
    """Where a date without a year lies: in the past (a fact, a tip, `since`) or in the future (`until`)."""

    PAST = "past"
    FUTURE = "future"


@dataclass(frozen=True, slots=True)
class Asking:
    """Hold what was typed, in which language and zone, when, and the side to which it leans."""

    typed: str
    language: Language
    zone: dt.tzinfo
    now: dt.datetime
    prefers: Prefers

    @property
    def today(self) -> dt.date:
        """Return the day on which it was typed, in its zone."""
        return self.now.astimezone(self.zone).date()

    def nearest(self, span_in: Callable[[int], Span]) -> Span:
        """Return the span of the nearest year on the preferred side, today's included.

        `span_in` gives the span of a year, ValueError where that year has none (29 February). Raises UserError where
        no year has one.
        """
        is_past = self.prefers is Prefers.PAST
        for years in range(9):  # two leap years may be eight years apart
            try:
                span = span_in(self.today.year - years if is_past else self.today.year + years)
            except ValueError:
                continue
            if span.first <= self.today if is_past else span.last >= self.today:
                return span
        raise self.not_in_the_calendar()

    def unread(self) -> UserError:
        """Return the refusal of words that are no date."""
        if self.prefers is Prefers.FUTURE:
            return UserError("date-unread-ahead", typed=self.typed, day=self._next_week())
        return UserError("date-unread", typed=self.typed)

    def not_in_the_calendar(self) -> UserError:
        """Return the refusal of a day or month that does not exist."""
        if self.prefers is Prefers.FUTURE:
            return UserError("date-not-in-the-calendar-ahead", typed=self.typed, day=self._next_week())
        return UserError("date-not-in-the-calendar", typed=self.typed)

    def _next_week(self) -> str:
        """Return a day to come, as an example."""
        return (self.today + _A_WEEK).isoformat()
