"""A loopback BOAMP: the Explore v2.1 interface over records of the caller, on 127.0.0.1, with faults on demand."""

from __future__ import annotations

import asyncio
import json
import re
import zlib
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from types import TracebackType
from typing import Any, Self

from aiohttp import web

RECORDS_PATH = "/api/explore/v2.1/catalog/datasets/boamp/records"
MAX_LIMIT = 100
MAX_REACH = 10_000
BOMB_BYTES = 300_000_000

_CONDITION = re.compile(
    r"\s*(\w+)\s*(>=|<=|=|>|<)\s*(?:date'(\d{4}-\d{2}-\d{2})'|\"(\d{4}-\d{2}-\d{2})\"|'(\d{4}-\d{2}-\d{2})')\s*"
)
_COMPARISONS: dict[str, Callable[[str, str], bool]] = {
    ">=": lambda left, right: left >= right,
    "<=": lambda left, right: left <= right,
    "=": lambda left, right: left == right,
    ">": lambda left, right: left > right,
    "<": lambda left, right: left < right,
}


class BoampFault(StrEnum):
    """What may happen to one answer instead of, or besides, what was asked."""

    ERROR = "error"
    """Status 500 with an HTML page."""
    TOO_MANY = "too_many"
    """Status 429 with Retry-After."""
    HANG = "hang"
    """No answer until the server stops."""
    DRIP = "drip"
    """The right answer, a few bytes at a time."""
    CUT = "cut"
    """The connection ends in the middle of the body."""
    CUT_JSON = "cut_json"
    """A whole HTTP answer whose JSON ends in the middle."""
    EMPTY = "empty"
    """Status 200 without a body."""
    NO_RECORDS = "no_records"
    """Status 200, the right total, and an empty list."""
    HTML = "html"
    """A maintenance page with status 200."""
    RENAMED = "renamed"
    """One column has another name (`column`, by default `objet`)."""
    CHARSET = "charset"
    """The right answer in ISO 8859-1."""
    BOMB = "bomb"
    """A small gzip that becomes 300 MB."""
    REDIRECT = "redirect"
    """A redirect to `location`."""
    REORDERED = "reordered"
    """The records of the page in another order."""
    SHIFTED = "shifted"
    """A record was added before the page: its first record already stood at the end of the one before."""
    ONE_ID = "one_id"
    """All records of the page have one id."""


@dataclass(frozen=True, slots=True)
class RecordedQuery:
    """Hold a request as it came: path, parameters and headers."""

    path: str
    params: dict[str, str]
    headers: dict[str, str]


@dataclass(frozen=True, slots=True)
class _Planned:
    fault: BoampFault
    retry_after: str
    location: str
    column: str
    delay_s: float
    bomb_bytes: int


class _RefusedError(Exception):
    """Carry an error as the interface words it."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.body = {"error_code": code, "message": message}


class LoopbackBoamp:
    """Serve `records`, which the caller may change at any time, as the real interface does.

    An async context manager; `url` is what stands before the documented path. `requests` keeps what was asked. The
    list is in nobody's order: what matters is the `order_by` of the request.
    """

    def __init__(self, records: Iterable[dict[str, Any]] = ()) -> None:
        self.records: list[dict[str, Any]] = list(records)
        self.requests: list[RecordedQuery] = []
        self.url = ""
        self._planned: deque[_Planned] = deque()
        self._vanished: dict[str, dict[str, Any]] = {}
        self._asked = asyncio.Condition()
        self._stopping = asyncio.Event()
        self._runner: web.AppRunner | None = None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def start(self) -> str:
        """Listen on a free port of 127.0.0.1 and return the address."""
        app = web.Application()
        app.router.add_get("/{path:.*}", self._handle)
        self._stopping.clear()
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        host, port = self._runner.addresses[0][:2]
        self.url = f"http://{host}:{port}"
        return self.url

    async def stop(self) -> None:
        """Release what hangs and stop listening."""
        self._stopping.set()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def wait_for_request(self, count: int, timeout_s: float = 30.0) -> None:
        """Return once so many requests came since the start; raises TimeoutError where they do not."""
        async with asyncio.timeout(timeout_s), self._asked:
            await self._asked.wait_for(lambda: len(self.requests) >= count)

    def fail_next(
        self,
        fault: BoampFault,
        times: int = 1,
        *,
        retry_after: str = "120",
        location: str = "https://ailleurs.example/",
        column: str = "objet",
        delay_s: float = 0.05,
        bomb_bytes: int = BOMB_BYTES,
    ) -> None:
        """Plan a fault for the next answers, after those already planned."""
        self._planned.extend([_Planned(fault, retry_after, location, column, delay_s, bomb_bytes)] * times)

    def heal(self) -> None:
        """Forget the faults that are still planned."""
        self._planned.clear()

    def vanish(self, *ids: str) -> None:
        """Take records out of the answers; `bring_back` returns them."""
        for record in [record for record in self.records if record["idweb"] in ids]:
            self._vanished[record["idweb"]] = record
            self.records.remove(record)

    def bring_back(self) -> None:
        """Put back every record that vanished."""
        self.records.extend(self._vanished.values())
        self._vanished.clear()

    def resave_all(self) -> None:
        """Save every record again: the columns change that change without anything new being said."""
        for place, record in enumerate(self.records):
            self.records[place] = record | {"etat": f"RESAVED-{record.get('etat')}", "criteres": "resaved"}

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        async with self._asked:
            self.requests.append(RecordedQuery(request.path, dict(request.query), dict(request.headers)))
            self._asked.notify_all()
        if request.path != RECORDS_PATH:
            return web.json_response({"error_code": "NotFound", "message": "Unknown resource"}, status=404)
        planned = self._planned.popleft() if self._planned else None
        try:
            page = _answer(self.records, dict(request.query), planned)
        except _RefusedError as refused:
            return web.json_response(refused.body, status=400)
        if planned is None:
            return web.json_response(page)
        return await self._faulty(request, planned, page)

    async def _faulty(self, request: web.Request, planned: _Planned, page: dict[str, Any]) -> web.StreamResponse:
        if (instead := _instead(planned)) is not None:
            return instead
        match planned.fault:
            case BoampFault.HANG:
                await self._stopping.wait()
                return web.Response(status=503)
            case BoampFault.BOMB:
                bomb = await asyncio.to_thread(_bomb, planned.bomb_bytes)
                return web.Response(body=bomb, headers={"Content-Encoding": "gzip", "Content-Type": "application/json"})
            case BoampFault.CHARSET | BoampFault.CUT_JSON:
                body = json.dumps(page, ensure_ascii=False)
                spoilt = (
                    body.encode("latin-1", "replace")
                    if planned.fault is BoampFault.CHARSET
                    else body[: len(body) // 2].encode()
                )
                return web.Response(body=spoilt, content_type="application/json")
            case BoampFault.CUT | BoampFault.DRIP:
                return await self._slowly(request, planned, json.dumps(page).encode())
        return web.json_response(page)

    async def _slowly(self, request: web.Request, planned: _Planned, body: bytes) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "application/json"})
        response.content_length = len(body)
        await response.prepare(request)
        if planned.fault is BoampFault.CUT:
            await response.write(body[: len(body) // 2])
            if request.transport is not None:
                request.transport.close()
            return response
        for start in range(0, len(body), 16):
            try:
                await response.write(body[start : start + 16])
                await asyncio.wait_for(self._stopping.wait(), planned.delay_s)
            except TimeoutError:
                continue
            except ConnectionError:
                return response
            break
        return response


def _instead(planned: _Planned) -> web.Response | None:
    """Return the answer of a fault that says nothing of what was asked."""
    match planned.fault:
        case BoampFault.ERROR:
            return web.Response(status=500, text="<h1>Internal Server Error</h1>", content_type="text/html")
        case BoampFault.TOO_MANY:
            body = {"error_code": "TooManyRequests", "message": "Quota of requests exceeded"}
            return web.json_response(body, status=429, headers={"Retry-After": planned.retry_after})
        case BoampFault.REDIRECT:
            return web.Response(status=302, headers={"Location": planned.location})
        case BoampFault.EMPTY:
            return web.Response(body=b"", content_type="application/json")
        case BoampFault.HTML:
            return web.Response(text="<!DOCTYPE html><p>Site en maintenance", content_type="text/html")
    return None


def _answer(records: list[dict[str, Any]], params: dict[str, str], planned: _Planned | None) -> dict[str, Any]:
    fault = planned.fault if planned else None
    limit, offset = _number(params, "limit", 10), _number(params, "offset", 0)
    if limit > MAX_LIMIT:
        raise _RefusedError(
            "InvalidRESTParameterError",
            f"Invalid value for limit API parameter: {limit} was found but -1 <= limit <= {MAX_LIMIT} is expected.",
        )
    if limit + offset > MAX_REACH:
        raise _RefusedError(
            "InvalidRESTParameterError",
            f"Invalid value for offset API parameter: offset + limit must be at most {MAX_REACH}.",
        )
    chosen = _ordered(_where(records, params.get("where", "")), params.get("order_by", ""))
    if fault is BoampFault.SHIFTED:
        offset = max(0, offset - 1)
    results = chosen[offset : offset + limit]
    if fault is BoampFault.NO_RECORDS:
        results = []
    if fault is BoampFault.REORDERED:
        results = results[::-1]
    if fault is BoampFault.ONE_ID and results:
        results = [record | {"idweb": results[0]["idweb"]} for record in results]
    if fault is BoampFault.RENAMED and planned is not None:
        results = [
            {f"{name}_v2" if name == planned.column else name: value for name, value in record.items()}
            for record in results
        ]
    return {"total_count": len(chosen), "results": results}


def _number(params: dict[str, str], name: str, default: int) -> int:
    raw = params.get(name, str(default))
    if not raw.isdecimal():
        raise _RefusedError("InvalidRESTParameterError", f"Invalid value for {name} API parameter: {raw}")
    return int(raw)


def _where(records: list[dict[str, Any]], clause: str) -> list[dict[str, Any]]:
    """Apply conditions on dates joined by `and`; anything else is refused as the real parser refuses what it cannot."""
    for condition in re.split(r"\s+and\s+", clause, flags=re.IGNORECASE) if clause.strip() else []:
        found = _CONDITION.fullmatch(condition)
        if not found:
            raise _RefusedError("ODSQLError", f"ODSQL query is malformed: {condition!r}")
        column, comparison = found[1], _COMPARISONS[found[2]]
        wanted = found[3] or found[4] or found[5]
        records = [record for record in records if record.get(column) and comparison(record[column][:10], wanted)]
    return records


def _ordered(records: list[dict[str, Any]], order_by: str) -> list[dict[str, Any]]:
    ordered = list(records)
    for part in reversed([part.split() for part in order_by.split(",") if part.strip()]):
        ordered.sort(key=lambda record: str(record.get(part[0]) or ""), reverse=part[1:] == ["desc"])
    return ordered


def _bomb(size: int) -> bytes:
    packer = zlib.compressobj(1, wbits=31)
    blank = b" " * 1_000_000
    packed = [packer.compress(b'{"total_count": 1, "results": [')]
    packed += [packer.compress(blank) for _ in range(size // len(blank))]
    return b"".join([*packed, packer.compress(b"]}"), packer.flush()])
