"""The pages of lda.gov's filings: what each says of itself, and where a read that was cut goes on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, Self

from bot.errors import SourceError, SourceFault
from bot.sources._reading import strict_json
from bot.sources._reading.entry import records_of
from bot.sources._reading.parts import FIRST_YEAR
from bot.sources._us_lda.filing import LAYOUT

PAGE_FILINGS: Final = 25
SEAM_PAGES: Final = 2
"""Pages, at least, that a read which goes on reads again, lest what shifted meanwhile is lost."""


@dataclass(frozen=True, slots=True)
class Page:
    """Hold an answer with what it says of itself.

    `posted` are the moments of its filings that can be believed, in its order; `total` counts the whole window.
    """

    body: bytes
    ids: tuple[str, ...]
    posted: tuple[datetime, ...]
    total: int


@dataclass(frozen=True, slots=True)
class Place:
    """Hold where a read starts: the first day that it asks for, its page, and when the last known filing was posted."""

    since: date
    page: int = 1
    posted: datetime | None = None

    @classmethod
    def of(cls, cursor: Mapping[str, Any]) -> Self | None:
        """Return where the last read ended, None where the next one begins with its window."""
        if not cursor:
            return None
        return cls(date.fromisoformat(cursor["since"]), int(cursor["page"]), datetime.fromisoformat(cursor["posted"]))


class Reading:
    """Gather what the pages of one read say, taken in from its `last` page back to the one where it starts.

    Filings stand in the order in which they were posted. One that is withdrawn meanwhile moves those behind it towards
    pages that are still to be read, one that is posted meanwhile moves none: whoever goes back page by page meets all.
    """

    def __init__(self, start: Place, first: Page) -> None:
        self._start = start
        self._totals = {first.total}
        self._begins: datetime | None = None
        self._ends: datetime | None = None
        self._is_ordered = True
        self._seam = 0
        self.ids = set(first.ids)
        self.last = max(start.page, -(-first.total // PAGE_FILINGS))

    def add(self, page: Page, number: int) -> None:
        """Take in the page that stands before those taken in."""
        self.ids.update(page.ids)
        self._totals.add(page.total)
        behind = [self._begins] if self._begins else []
        moments = [*page.posted, *behind]
        self._is_ordered = self._is_ordered and moments == sorted(moments)
        self._begins = min(moments, default=None)
        self._ends = max([*moments, *([self._ends] if self._ends else [])], default=None)
        # What was not read was posted with the last one that was, or later: all of it stands behind an earlier one.
        if not self._seam and number <= self.last + 1 - SEAM_PAGES and page.posted and page.posted[0] != self._ends:
            self._seam = number

    @property
    def announced(self) -> int:
        """Return how many filings its pages hold at least."""
        return max(0, min(self.last * PAGE_FILINGS, *self._totals) - (self._start.page - 1) * PAGE_FILINGS)

    @property
    def is_whole(self) -> bool:
        """Return whether as many filings came as were announced, and none can have slipped by for want of order."""
        return len(self.ids) >= self.announced and (self._is_ordered or len(self._totals) == 1)

    @property
    def can_go_on(self) -> bool:
        """Return whether what comes next can only stand on later pages."""
        return self._is_ordered and self._seam > 0

    def to_cursor(self) -> dict[str, Any]:
        """Return what `Place.of` reads; raises SourceError where nobody could go on from here, for want of order."""
        if self._ends is None or not self.can_go_on:
            message = f"the filings do not come in the order that was asked for (page {self.last})"
            raise SourceError(message, SourceFault.UNORDERED, field="dt_posted", page=self.last)
        return {"since": self._start.since.isoformat(), "page": self._seam, "posted": self._ends.isoformat()}


def page_of(body: bytes) -> Page:
    """Return what a page says of itself; raises SourceError where it is no page of filings."""
    records, total = envelope(strict_json.load(body))
    ids = tuple(str(record.get(LAYOUT.id) or f"#{place}") for place, record in enumerate(records, start=1))
    moments = (_believed(record.get("dt_posted")) for record in records)
    return Page(body, ids, tuple(moment for moment in moments if moment is not None), total or 0)


def envelope(answer: Any, *, lenient: bool = False) -> tuple[list[dict[str, Any]], int | None]:
    """Return the filings of an answer and the total that it announces (None only in lenient reading).

    Lenient reading also takes a saved filing, or a list of them.
    """
    if lenient and isinstance(answer, dict) and LAYOUT.id in answer:
        answer = [answer]
    if lenient and isinstance(answer, list):
        answer = {LAYOUT.entries: answer}
    if not isinstance(answer, dict):
        message = f"an object with count and {LAYOUT.entries} was expected"
        raise SourceError(message, SourceFault.RECORDS_EXPECTED, field=LAYOUT.entries)
    total = answer.get("count")
    is_number = isinstance(total, int) and not isinstance(total, bool) and total >= 0
    if not is_number and not (lenient and total is None):
        raise SourceError("a number of notices was expected", SourceFault.COUNT_EXPECTED, field="count")
    return records_of(answer, LAYOUT), total if is_number else None


def _believed(value: object) -> datetime | None:
    """Return when a filing was posted; old ones carry a day of 1905, which says nothing."""
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return moment if moment is not None and moment.tzinfo is not None and moment.year >= FIRST_YEAR else None
