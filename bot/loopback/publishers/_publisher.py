"""What every loopback publisher is: records of the caller served over HTTP on 127.0.0.1, with faults on demand."""

from __future__ import annotations

import asyncio
import csv
import functools
import io
import json
import time
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import TracebackType
from typing import Any, ClassVar, Self

from aiohttp import web

from bot.loopback.publishers._faults import RETRY_AFTER, Plan, Planned, PublisherFault, bomb, pieces
from bot.loopback.publishers._files import part_of, tarred, validators_of, zipped

Record = dict[str, Any]
Handler = Callable[[web.Request], Awaitable["Served"]]

MAX_REQUEST_BYTES = 1_000_000

_STATUS = {
    PublisherFault.ERROR: 500,
    PublisherFault.FORBIDDEN: 403,
    PublisherFault.TOO_MANY: 429,
    PublisherFault.UNAVAILABLE: 503,
}


@dataclass(frozen=True, slots=True)
class RecordedQuery:
    """Hold a request as it came: method, path, parameters, headers and body."""

    path: str
    params: dict[str, str]
    headers: dict[str, str]
    method: str = "GET"
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Served:
    """Hold an answer as it is to be sent."""

    body: bytes
    content_type: str = "application/json"
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


class Refusal(Exception):  # noqa: N818  # what an interface refuses is no error of ours
    """Refuse a request as the real interface words it; raised by a handler."""

    def __init__(self, served: Served) -> None:
        super().__init__(served.status)
        self.served = served

    @classmethod
    def of_json(cls, status: int, said: Any) -> Self:
        """Return a refusal whose body is JSON."""
        return cls(Served(json.dumps(said).encode(), status=status))


class Publisher(ABC):
    """Serve `records`, which the caller may change at any time, as the real publisher does.

    An async context manager; `url` is what stands before the documented paths. `requests` keeps what was asked,
    `answered` when each answer stood ready to be sent, in seconds of the monotonic clock. A subclass says in `id_field`
    and `renamed_field` (dotted paths, through lists too) where a record's id stands and which mandatory field RENAMED
    takes away, gives `routes`, and builds its answers with `spoilt`, then `json`, `csv`, `xml`, `zip`, `tar_gz` or
    `file`: the faults come by themselves. `has_ranges` and `has_validators` say whether its files can be read in parts
    and conditionally.
    """

    id_field: ClassVar[str]
    renamed_field: ClassVar[str]

    def __init__(self, records: Iterable[Record] = ()) -> None:
        self.records: list[Record] = list(records)
        self.requests: list[RecordedQuery] = []
        self.answered: list[float] = []
        self.url = ""
        self.has_ranges = True
        self.has_validators = True
        self._plan = Plan()
        self._planned: ContextVar[Planned | None] = ContextVar("planned", default=None)
        self._vanished: list[Record] = []
        self._asked = asyncio.Condition()
        self._stopping = asyncio.Event()
        self._runner: web.AppRunner | None = None

    @property
    def address(self) -> str:
        """Return what the configuration of a source names as its address; of a family that is the whole of it."""
        return self.url

    @property
    @abstractmethod
    def routes(self) -> Mapping[str, Handler]:
        """Return by path (`/records/{id}`, before it `POST ` where it is no GET) what answers there."""

    @abstractmethod
    def load(self, payload: bytes) -> None:
        """Serve the records of one payload as this publisher sends it, in place of those that there are."""

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def start(self) -> str:
        """Listen on a free port of 127.0.0.1 and return the address."""
        app = web.Application(client_max_size=MAX_REQUEST_BYTES)
        for pattern, handler in self.routes.items():
            method, _, path = pattern.rpartition(" ")
            app.router.add_route(method or "GET", path, functools.partial(self._handle, handler))
        app.router.add_route("*", "/{path:.*}", self._nothing_there)
        self._stopping.clear()
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
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

    def fail_next(  # one keyword per setting of a fault
        self,
        fault: PublisherFault,
        times: int = 1,
        *,
        after: int = 0,
        retry_after: str = RETRY_AFTER,
        location: str = "https://ailleurs.example/",
        field: str | None = None,
        delay_s: float = 0.05,
        bomb_bytes: int | None = None,
    ) -> None:
        """Plan a fault for the next answers, after those already planned and `after` right ones."""
        planned = Planned(fault, retry_after, location, field, delay_s)
        self._plan.add(planned if bomb_bytes is None else replace(planned, bomb_bytes=bomb_bytes), times, after)

    def heal(self) -> None:
        """Forget the faults that are still planned."""
        self._plan.clear()

    def vanish(self, *ids: str) -> None:
        """Take records out of the answers; `bring_back` returns them."""
        gone = [record for record in self.records if self._is_named(record, ids)]
        self._vanished += gone
        self.records = [record for record in self.records if record not in gone]

    def bring_back(self) -> None:
        """Put back every record that vanished, at the end."""
        self.records += self._vanished
        self._vanished = []

    def id_of(self, record: Record) -> str:
        """Return the id of a record as it stands there; raises LookupError where it has none."""
        node: Any = record
        for name in self.id_field.split("."):
            node = node[name]
        return str(node)

    def _is_named(self, record: Record, ids: Sequence[str]) -> bool:
        try:
            return self.id_of(record) in ids
        except LookupError:
            return False

    @property
    def fault(self) -> PublisherFault | None:
        """Return what happens to the answer that is being made."""
        planned = self._planned.get()
        return planned.fault if planned is not None else None

    def spoilt(self, records: Sequence[Record]) -> list[Record]:
        """Return the records of an answer as its fault leaves them."""
        planned = self._planned.get()
        chosen = list(records)
        match planned.fault if planned is not None else None:
            case PublisherFault.NO_RECORDS:
                return []
            case PublisherFault.REORDERED:
                return chosen[::-1]
            case PublisherFault.REPEATED:
                return chosen + chosen[:1]
            case PublisherFault.ONE_ID if chosen:
                return [self.with_id(record, chosen[0]) for record in chosen]
            case PublisherFault.RENAMED:
                name = (planned.field if planned is not None else None) or self.renamed_field
                return [self.renamed(record, name) for record in chosen]
        return chosen

    def shifted(self, offset: int) -> int:
        """Return the offset of a page as its fault leaves it."""
        return max(0, offset - 1) if self.fault is PublisherFault.SHIFTED else offset

    def renamed(self, record: Record, path: str) -> Record:
        """Return a record in which the field at a dotted path has another name."""
        name, _, rest = path.partition(".")
        if not rest:
            return {f"{key}_v2" if key == name else key: value for key, value in record.items()}
        return record | {name: _within(record.get(name), lambda inner: self.renamed(inner, rest))}

    def with_id(self, record: Record, other: Record) -> Record:
        """Return a record with the id of another one."""
        return _replaced(record, other, self.id_field)

    def json(self, value: Any, status: int = 200) -> Served:
        """Return a JSON answer."""
        # Escaped, as far as the charset is right, so that half a surrogate pair can be sent too.
        is_escaped = self.fault is not PublisherFault.CHARSET
        return Served(self._encoded(json.dumps(value, ensure_ascii=is_escaped)), status=status)

    def csv(self, rows: Iterable[Record], header: Sequence[str], *, delimiter: str = ",", bom: bool = False) -> Served:
        """Return a CSV answer; a row's own names stand in the header where they are no longer the usual ones."""
        rows = list(rows)
        lines = io.StringIO()
        names = list(dict.fromkeys(name for row in rows for name in row)) if rows else list(header)
        writer = csv.DictWriter(lines, names, delimiter=delimiter, lineterminator="\r\n")
        writer.writeheader()
        writer.writerows(rows)
        return Served(self._encoded(("\ufeff" if bom else "") + lines.getvalue()), "text/csv")

    def xml(self, text: str) -> Served:
        """Return an XML answer."""
        return Served(self._encoded(text), "text/xml")

    def zip(self, files: Mapping[str, str | bytes]) -> Served:
        """Return a ZIP archive as an answer."""
        return Served(zipped(self._members(files)), "application/zip")

    def tar_gz(self, files: Mapping[str, str | bytes]) -> Served:
        """Return a gzipped TAR archive as an answer, always the same for the same files."""
        return Served(tarred(self._members(files)), "application/gzip")

    def file(self, served: Served, request: web.Request, modified: datetime | None = None) -> Served:
        """Return an answer as a server of files gives it: with an ETag, conditional, and in parts (RFC 9110).

        The ETag is that of the bytes; `modified` is an aware moment and adds a Last-Modified.
        """
        headers = dict(served.headers)
        if self.has_validators:
            headers |= validators_of(served.body, modified)
        part = part_of(served.body, request, headers, has_ranges=self.has_ranges)
        return replace(served, body=part.body, status=part.status, headers=part.headers)

    def not_found(self) -> Served:
        """Return the answer for a path that the publisher does not have."""
        return self.json({"message": "Unknown resource"}, status=404)

    async def _nothing_there(self, request: web.Request) -> web.StreamResponse:
        await self._note(request)
        return _response(self.not_found())

    async def _note(self, request: web.Request) -> None:
        body = await request.read()
        async with self._asked:
            self.requests.append(
                RecordedQuery(request.path, dict(request.query), dict(request.headers), request.method, body)
            )
            self._asked.notify_all()

    async def _handle(self, handler: Handler, request: web.Request) -> web.StreamResponse:
        await self._note(request)
        planned = self._plan.take()
        self._planned.set(planned)
        try:
            served = await handler(request)
        except Refusal as refusal:
            return _response(refusal.served)
        self.answered.append(time.monotonic())
        if planned is None:
            return _response(served)
        return await self._faulty(request, planned, served)

    async def _faulty(self, request: web.Request, planned: Planned, served: Served) -> web.StreamResponse:
        match planned.fault:
            case PublisherFault.HANG:
                await self._stopping.wait()
                return web.Response(status=503)
            case PublisherFault.BOMB:
                packed = await bomb(planned.bomb_bytes)
                return _response(Served(packed, served.content_type, headers={"Content-Encoding": "gzip"}))
            case PublisherFault.CUT_BODY:
                return _response(replace(served, body=served.body[: len(served.body) // 2]))
            case PublisherFault.CUT | PublisherFault.DRIP:
                return await self._slowly(request, planned, served)
        return _response(_instead(planned, served) or served)

    async def _slowly(self, request: web.Request, planned: Planned, served: Served) -> web.StreamResponse:
        response = web.StreamResponse(status=served.status, headers=dict(served.headers))
        response.content_type = served.content_type
        response.content_length = len(served.body)
        await response.prepare(request)
        if planned.fault is PublisherFault.CUT:
            await response.write(served.body[: len(served.body) // 2])
            if request.transport is not None:
                request.transport.close()
            return response
        for piece in pieces(served.body):
            try:
                await response.write(piece)
                await asyncio.wait_for(self._stopping.wait(), planned.delay_s)
            except TimeoutError:
                continue
            except ConnectionError:
                return response
            break
        return response

    def _encoded(self, text: str) -> bytes:
        if self.fault is PublisherFault.CHARSET:
            return text.encode("latin-1", "replace")
        return text.encode()

    def _members(self, files: Mapping[str, str | bytes]) -> dict[str, bytes]:
        return {name: self._encoded(text) if isinstance(text, str) else text for name, text in files.items()}


def _instead(planned: Planned, served: Served) -> Served | None:
    """Return the answer of a fault that says nothing of what was asked."""
    match planned.fault:
        case PublisherFault.ERROR | PublisherFault.FORBIDDEN:
            return Served(b"<h1>Sorry</h1>", "text/html", _STATUS[planned.fault])
        case PublisherFault.TOO_MANY | PublisherFault.UNAVAILABLE:
            said = json.dumps({"message": "Quota of requests exceeded"}).encode()
            headers = {"Retry-After": planned.retry_after}
            return Served(said, status=_STATUS[planned.fault], headers=headers)
        case PublisherFault.REDIRECT:
            return Served(b"", status=302, headers={"Location": planned.location})
        case PublisherFault.EMPTY:
            return Served(b"", served.content_type)
        case PublisherFault.HTML:
            return Served(b"<!DOCTYPE html><p>Site en maintenance", "text/html")
    return None


def _response(served: Served) -> web.Response:
    response = web.Response(body=served.body, status=served.status, headers=dict(served.headers))
    response.content_type = served.content_type
    return response


def _within(value: Any, change: Callable[[Record], Record]) -> Any:
    if isinstance(value, list):
        return [change(part) if isinstance(part, dict) else part for part in value]
    return change(value) if isinstance(value, dict) else value


def _replaced(record: Record, other: Record, path: str) -> Record:
    name, _, rest = path.partition(".")
    return record | {name: _replaced(record[name], other[name], rest) if rest else other[name]}
