"""What publishers of Open Contracting data have in common: packages of releases, newest first, page by page."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from aiohttp import web

from bot.loopback.publishers._publisher import Handler, Publisher, Record, Refusal, Served

MOST_A_PAGE = 100

Key = tuple[str, str, str]

_BEGINNING = datetime(1990, 1, 1, tzinfo=UTC)
_END = datetime(2100, 1, 1, tzinfo=UTC)


class OcdsPublisher(Publisher):
    """Serve releases by the window of their `date`, in pages linked by a cursor.

    A subclass names its `path`, the parameters that bound a window, the others that it knows, and its `largest` window:
    of a longer one it answers only the newest part, and says nothing. Times without an offset are those of `zone`.
    `allowance` is how many requests it still answers; after that it refuses as the real one limits the rate (None: no
    limit). `has_links` says whether pages link to the next one.
    """

    id_field = "id"
    renamed_field = "tag"
    path: ClassVar[str]
    since: ClassVar[str]
    until: ClassVar[str]
    others: ClassVar[frozenset[str]] = frozenset()
    largest: ClassVar[timedelta]
    zone: ClassVar[str] = "Europe/London"

    def __init__(self, records: Iterable[Record] = ()) -> None:
        super().__init__(records)
        self.allowance: int | None = None
        self.has_links = True

    @property
    def routes(self) -> Mapping[str, Handler]:
        """Return the documented path."""
        return {self.path: self._packages}

    def load(self, payload: bytes) -> None:
        """Serve the releases of a release package."""
        self.records = json.loads(payload)["releases"]

    def id_of(self, record: Record) -> str:
        """Return the ocid of a release with its id, or with its date where it has none."""
        return f"{record['ocid']}/{record.get('id', record['date'])}"

    def with_id(self, record: Record, other: Record) -> Record:
        """Return a release with the names of another one."""
        return record | {"ocid": other["ocid"], "id": other.get("id")}

    def too_often(self) -> Served:
        """Return how the publisher limits the rate."""
        body = b"12 request limit in 2 minute exceeded"
        return Served(body, "text/plain", 429, {"Retry-After": "60"})

    async def _packages(self, request: web.Request) -> Served:
        if self.allowance is not None:
            if self.allowance == 0:
                raise Refusal(self.too_often())
            self.allowance -= 1
        params = dict(request.query)
        if unknown := params.keys() - {self.since, self.until, "limit", "cursor", *self.others}:
            raise Refusal.of_json(400, {"message": f"Unknown parameter: {min(unknown)}"})
        limit = self._limit(params)
        until = self._moment(params, self.until, _END)
        since = self._moment(params, self.since, _BEGINNING)
        if self.until in params:
            since = max(since, until - self.largest)
        chosen = sorted(
            (record for record in self.records if since <= self._published(record) <= until),
            key=self._key,
            reverse=True,
        )
        if (cursor := params.get("cursor")) is not None:
            last = _opened(cursor)
            chosen = [record for record in chosen if self._key(record) < last]
        page = chosen[:limit]
        package = self.package(request, page)
        if len(chosen) > limit and self.has_links:
            query = {**params, "cursor": _sealed(self._key(page[-1]))}
            package["links"] = {"next": f"{request.url.origin()}{request.path}?{urlencode(query)}"}
        return self.json(package)

    def package(self, request: web.Request, page: list[Record]) -> dict[str, Any]:
        """Return a release package that holds a page."""
        return {
            "uri": str(request.url),
            "version": "1.1",
            "publishedDate": "2026-11-18T09:00:00Z",
            "publisher": {"name": "Made-up Publisher"},
            "license": "https://licence.example/",
            "releases": self.spoilt(page),
        }

    def _limit(self, params: Mapping[str, str]) -> int:
        raw = params.get("limit", str(MOST_A_PAGE))
        if not raw.isdecimal() or not 1 <= int(raw) <= MOST_A_PAGE:
            raise Refusal.of_json(400, {"message": f"limit must be between 1 and {MOST_A_PAGE}"})
        return int(raw)

    def _moment(self, params: Mapping[str, str], name: str, otherwise: datetime) -> datetime:
        if name not in params:
            return otherwise
        try:
            moment = datetime.fromisoformat(params[name])
        except ValueError:
            raise Refusal.of_json(400, {"message": f"{name} must be an ISO 8601 date"}) from None
        return moment if moment.tzinfo is not None else moment.replace(tzinfo=ZoneInfo(self.zone))

    def _published(self, record: Record) -> datetime:
        return datetime.fromisoformat(record["date"])

    def _key(self, record: Record) -> Key:
        return self._published(record).astimezone(UTC).isoformat(), record["ocid"], str(record.get("id", ""))


def _sealed(key: Key) -> str:
    return base64.urlsafe_b64encode(json.dumps(key).encode()).decode()


def _opened(cursor: str) -> Key:
    try:
        moment, ocid, number = json.loads(base64.urlsafe_b64decode(cursor))
    except (binascii.Error, ValueError):
        raise Refusal.of_json(400, {"message": "cursor is invalid"}) from None
    return moment, ocid, number
