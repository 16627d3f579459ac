"""Reading the pages of a publisher of OCDS data, window by window, until nothing is missing."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from operator import itemgetter
from tempfile import SpooledTemporaryFile
from typing import Any
from urllib.parse import quote

from bot.errors import SourceError, SourceFault
from bot.sources._http.client import PoliteClient, next_link
from bot.sources._ocds import package as ocds_package
from bot.sources._ocds.profile import Profile

MAX_PAGES = 500
"""Pages of one window; more are a publisher whose links never end."""

EMPTY_PAGES = 2
"""So many pages without a release in a row end a window: some publishers link on for ever."""

HELD_BYTES = 8_000_000
"""So much of a window is held in memory until it is read whole; more of it in a temporary file."""

SHORTEST = timedelta(minutes=15)
"""A window that is not cut in two any more."""

AHEAD = timedelta(hours=1)
"""How far beyond now an open window reaches: the publisher's clock, or its time zone, may be ahead of ours."""

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Span:
    """Hold the bounds of one request, as clocks at the publisher's show them."""

    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Page:
    """Hold a page as it came, what it holds, and the `date` of its newest release, "" where none has any."""

    body: bytes
    package: ocds_package.Package
    newest: str


def spans(profile: Profile, start: datetime, end: datetime) -> Iterator[Span]:
    """Yield windows no longer than the profile's largest, without a gap, from `start` to `end` (naive, both included).

    Where windows are days they begin and end at midnight.
    """
    if profile.is_by_day:
        start, end = _midnight(start), _midnight(end - timedelta.resolution) + DAY
    step = max(profile.largest, DAY) if profile.is_by_day else profile.largest
    end = max(end, start + SHORTEST)
    while start < end:
        reached = min(start + step, end)
        yield Span(start, reached)
        start = reached


class Pages:
    """Read windows of one publisher; `address` is its whole address, with `{from}` and `{to}` or without."""

    def __init__(self, client: PoliteClient, address: str, profile: Profile, max_bytes: int) -> None:
        self._client = client
        self._address = address
        self._profile = profile
        self._max_bytes = max_bytes

    async def of(self, start: datetime, end: datetime) -> AsyncIterator[bytes]:
        """Yield the pages of what was published between two moments of the publisher's clock; they may repeat releases.

        Of a release that stands on several pages of a window the newest copy comes last. Raises SourceError where a
        page cannot be had, is no package, or where the links of pages lead elsewhere, back, or on without an end.
        """
        if "{from}" not in self._address:
            async for body in _newest_last(self._linked(self._address, start.date())):
                yield body
            return
        for span in spans(self._profile, start, end):
            async for body in _newest_last(self._window(span)):
                yield body

    async def _window(self, span: Span) -> AsyncIterator[Page]:
        """Yield the pages of one window; a page that may not be its last one gives way to those of its halves.

        In a window that is not cut any more such a page is yielded, and its reading tells the loss.
        """
        is_whole = True
        async for page in self._linked(self._at(span)):
            if self._profile.may_lack_a_link(page.package) and span.end - span.start > SHORTEST:
                is_whole = False
            else:
                yield page
        if is_whole:
            return
        middle = (span.start + (span.end - span.start) / 2).replace(microsecond=0)
        for half in (Span(span.start, middle), Span(middle, span.end)):
            async for page in self._window(half):
                yield page

    async def _linked(self, address: str, since: date | None = None) -> AsyncIterator[Page]:
        """Yield a page and those that it leads to; with `since`, as far as one on which every release is older."""
        asked: set[str] = set()
        empty = 0
        while address not in asked:
            if len(asked) == MAX_PAGES:
                message = f"the answer has more than {MAX_PAGES} pages"
                raise SourceError(message, SourceFault.TOO_MANY_PAGES, field="links.next", most=MAX_PAGES)
            asked.add(address)
            answer = await self._client.get(address, max_bytes=self._max_bytes)
            page = await asyncio.to_thread(_page, answer.body, self._profile)
            package = page.package
            yield page
            empty = 0 if package.releases else empty + 1
            if package.next is None or empty == EMPTY_PAGES or (since is not None and _all_before(package, since)):
                return
            address = next_link(package.next, address)
        raise SourceError(
            f"the pages go round in circles: page {len(asked) + 1} was read already",
            SourceFault.SAME_PAGES,
            field="links.next",
            page=len(asked) + 1,
        )

    def _at(self, span: Span) -> str:
        address = self._address
        for place, moment in (("{from}", span.start), ("{to}", span.end)):
            address = address.replace(place, quote(moment.strftime(self._profile.date_format), safe=":"))
        return address


async def _newest_last(pages: AsyncIterator[Page]) -> AsyncIterator[bytes]:
    """Yield pages by the newest release of each, oldest first: publishers list either the newest or the oldest first.

    Of two that are equally new the one that came first is yielded last.
    """
    places: list[tuple[str, int, int]] = []
    with SpooledTemporaryFile(HELD_BYTES) as held:
        async for page in pages:
            places.append((page.newest, held.tell(), len(page.body)))
            await asyncio.to_thread(held.write, page.body)
        places.reverse()
        places.sort(key=itemgetter(0))
        for _, start, size in places:
            held.seek(start)
            yield await asyncio.to_thread(held.read, size)


def _page(body: bytes, profile: Profile) -> Page:
    package = ocds_package.read(body, profile.charsets)
    return Page(body, package, package.newest())


def again(kept: Mapping[str, Any], now: datetime) -> bool:
    """Return whether the daily reading further back is due, by the cursor that the last one left."""
    try:
        last = datetime.fromisoformat(str(kept.get("again")))
    except ValueError:
        return True
    return last.tzinfo is None or not timedelta() <= now - last < DAY


def _midnight(moment: datetime) -> datetime:
    return datetime.combine(moment.date(), time.min)


def _all_before(package: ocds_package.Package, since: date) -> bool:
    """Return whether a page holds releases and none of them is of that day or later; dates it does not say are not."""
    days = [str(release.get("date"))[:10] for release in package.releases]
    return bool(days) and all(day < since.isoformat() for day in days)
