"""A loopback lda.gov: filings under the Lobbying Disclosure Act."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Mapping
from datetime import date
from urllib.parse import urlencode

from aiohttp import web

from bot.loopback.publishers._publisher import Handler, Publisher, Record, Refusal, Served

MAX_PAGE = 25
WITHOUT_KEY = 15
WITH_KEY = 120
MINUTE_S = 60.0
OLD_HOST = "https://lda.senate.gov"

_NO_FILTERS = frozenset({"page", "page_size", "ordering", "format"})


class LoopbackUsLda(Publisher):
    """Serve filings, at most 25 a page, past the first one only where the query filters.

    The newest stand first where no order is asked for. `keys` are the keys it knows; while `is_throttled`, it allows 15
    requests a minute without one and 120 with it. Links to other pages name `link_host`, by default the host that the
    register had before; while `keeps_order` is false, the order that is asked for is ignored; while `circles`, every
    page is the first one again.
    """

    id_field = "filing_uuid"
    renamed_field = "dt_posted"

    def __init__(self, records: Iterable[Record] = ()) -> None:
        super().__init__(records)
        self.keys: set[str] = set()
        self.is_throttled = False
        self.keeps_order = True
        self.circles = False
        self.link_host = OLD_HOST
        self._times: list[float] = []

    @property
    def routes(self) -> Mapping[str, Handler]:
        """Return the documented path."""
        return {"/api/v1/filings/": self._filings}

    def load(self, payload: bytes) -> None:
        """Serve the filings of a page."""
        self.records = json.loads(payload)["results"]

    async def _filings(self, request: web.Request) -> Served:
        params = dict(request.query)
        self._throttle(has_key=self._has_key(request))
        number, size = self._page(params)
        if number > 1 and not params.keys() - _NO_FILTERS:
            said = "You must pass at least one query string parameter to filter the results"
            raise Refusal.of_json(400, {"detail": f"{said} and be able to paginate the results."})
        chosen = self._chosen(params)
        offset = (number - 1) * size
        if number > 1 and offset >= len(chosen):
            raise Refusal.of_json(404, {"detail": "Invalid page."})
        offset = 0 if self.circles else self.shifted(offset)
        following = number + 1 if offset + size < len(chosen) else None
        answer = {
            "count": len(chosen),
            "next": self._link(params, following),
            "previous": self._link(params, number - 1 or None),
            "results": self.spoilt(chosen[offset : offset + size]),
        }
        return self.json(answer)

    def _has_key(self, request: web.Request) -> bool:
        header = request.headers.get("Authorization")
        if header is None:
            return False
        if header.removeprefix("Token ") not in self.keys:
            raise Refusal.of_json(401, {"detail": "Invalid token."})
        return True

    def _throttle(self, *, has_key: bool) -> None:
        now = time.monotonic()
        self._times = [moment for moment in self._times if now - moment < MINUTE_S]
        if self.is_throttled and len(self._times) >= (WITH_KEY if has_key else WITHOUT_KEY):
            wait_s = int(MINUTE_S - (now - self._times[0])) + 1
            said = {"detail": f"Request was throttled. Expected available in {wait_s} seconds."}
            raise Refusal(Served(json.dumps(said).encode(), status=429, headers={"Retry-After": str(wait_s)}))
        self._times.append(now)

    def _page(self, params: Mapping[str, str]) -> tuple[int, int]:
        number, size = params.get("page", "1"), params.get("page_size", str(MAX_PAGE))
        if not number.isdecimal() or int(number) < 1:
            raise Refusal.of_json(404, {"detail": "Invalid page."})
        return int(number), min(MAX_PAGE, int(size)) if size.isdecimal() and int(size) > 0 else MAX_PAGE

    def _chosen(self, params: Mapping[str, str]) -> list[Record]:
        since, until = (_day(params, f"filing_dt_posted_{side}") for side in ("after", "before"))
        chosen = [
            record
            for record in self.records
            if (since is None or _posted(record) >= since) and (until is None or _posted(record) < until)
        ]
        ordering = params.get("ordering", "-dt_posted") if self.keeps_order else "-dt_posted"
        if ordering.removeprefix("-") == "dt_posted":
            chosen.sort(key=_posted, reverse=ordering.startswith("-"))
        return chosen

    def _link(self, params: Mapping[str, str], number: int | None) -> str | None:
        if number is None:
            return None
        return f"{self.link_host}/api/v1/filings/?{urlencode({**params, 'page': str(number)})}"


def _posted(record: Record) -> str:
    return str(record["dt_posted"])


def _day(params: Mapping[str, str], name: str) -> str | None:
    raw = params.get(name)
    if raw is None:
        return None
    try:
        return date.fromisoformat(raw).isoformat()
    except ValueError:
        raise Refusal.of_json(400, {name: ["Enter a valid date/time."]}) from None
