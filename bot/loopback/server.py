"""The way of a REST request: recorded, hooked, struck by faults, paced, handled, answered as Discord answers."""

from __future__ import annotations

import asyncio
import json
import re
import socket
import struct
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn

from aiohttp import web

from bot.loopback import schema
from bot.loopback.errors import ApiError, Faulty
from bot.loopback.faults import Fault, FaultKind
from bot.loopback.routes import Route, table

if TYPE_CHECKING:
    from bot.loopback.platform import Platform

Answer = tuple[int, Any]

HTTP_NO_CONTENT, HTTP_UNAUTHORIZED, HTTP_FORBIDDEN, HTTP_TOO_MANY = 204, 401, 403, 429
GATEWAY_KINDS = {
    FaultKind.GATEWAY_DROPPED: "drop",
    FaultKind.GATEWAY_RECONNECT: "ask_reconnect",
    FaultKind.GATEWAY_INVALID: "invalidate",
}


class File(NamedTuple):
    """One uploaded part `files[n]`."""

    filename: str
    data: bytes


@dataclass(slots=True, eq=False)
class RecordedRequest:
    """One request of the bot: what it asked (`route` is the templated path) and the status it was answered with.

    `status` is None until answered and 0 when the connection was cut instead; `fault` is what struck it.
    """

    method: str
    path: str
    route: str | None
    query: dict[str, str]
    body: Any
    files: dict[int, File]
    at: float
    status: int | None = None
    fault: FaultKind | None = None


@dataclass(slots=True)
class Call:
    """What a handler gets: the request, matched and parsed."""

    platform: Platform
    method: str
    path: str
    route: str
    params: dict[str, str]
    query: dict[str, str]
    body: Any
    files: dict[int, File]
    arrived: float

    def check_schema(self) -> Faulty:
        """Return what Discord's specification refuses in the body."""
        faulty = Faulty()
        schema.check(self.method, self.route, self.body, faulty)
        if not faulty.found and not isinstance(self.body, (dict, list)):
            raise ApiError(400, 50109)
        return faulty

    def refuse(self, place: tuple[str | int, ...], code: str, message: str) -> NoReturn:
        """Raise the 400 / 50035 for one fault."""
        faulty = Faulty()
        faulty.add(place, code, message)
        faulty.raise_if_any()
        raise AssertionError("unreachable")


class Server:
    """The REST half of a platform."""

    def __init__(self, platform: Platform) -> None:
        self.platform = platform
        self.routes = table(platform)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answer one request below `/api/v10`."""
        platform = self.platform
        arrived = time.monotonic()
        path = "/" + request.match_info["tail"]
        body, files, readable = await _read(request)
        route, params = self._match(request.method, path)
        record = RecordedRequest(
            request.method, path, route.path if route else None, dict(request.query), body, files, arrived
        )
        platform.requests.append(record)
        platform.pulse.beat()
        if route is None:
            platform.violations.append(f"{request.method} {path}: unknown path")
            return self._respond(record, 501, {"message": "not served by the loopback", "code": 0})
        banned = self._banned(record)
        if banned is not None:
            return banned
        await platform.run_hooks("before", record)
        fault = platform.faults.draw(route.method, route.path)
        if fault is not None:
            record.fault = fault.kind
            struck = await self._strike_before(request, record, fault)
            if struck is not None:
                return struck
        refused, headers = self._paced(route, params)
        if refused is not None:
            return self._respond(record, HTTP_TOO_MANY, refused, headers)
        call = Call(platform, route.method, path, route.path, params, dict(request.query), body, files, arrived)
        if not readable:
            status, payload = 400, ApiError(400, 50109).payload()
        else:
            status, payload = await self._run(route, call, request.headers.get("Authorization"))
        await platform.run_hooks("after", record)
        if fault is not None:
            struck = await self._strike_after(request, record, fault, status, payload)
            if struck is not None:
                return struck
        return self._respond(record, status, payload, headers)

    def _match(self, method: str, path: str) -> tuple[Route | None, dict[str, str]]:
        for route in self.routes:
            if route.method == method:
                found = route.pattern.fullmatch(path)
                if found:
                    return route, found.groupdict()
        return None, {}

    async def _run(self, route: Route, call: Call, authorization: str | None) -> Answer:
        if route.token and authorization != f"Bot {self.platform.token}":
            return HTTP_UNAUTHORIZED, ApiError(HTTP_UNAUTHORIZED, 0).payload()
        try:
            return await route.handler(call)
        except ApiError as error:
            if error.errors or error.code in {50006, 50035}:
                self.platform.refusals.append(f"{call.method} {call.path}: {error.code} {_flat(error.errors)}")
            return error.status, error.payload()
        except Exception as error:  # noqa: BLE001  # a fault of the loopback itself must fail the test, not hang the bot
            self.platform.violations.append(f"{call.method} {call.path}: the loopback failed with {error!r}")
            return 501, {"message": "the loopback failed", "code": 0}

    def _banned(self, record: RecordedRequest) -> web.Response | None:
        """Return what the front end answers an address that made too many invalid requests."""
        limit = self.platform.invalid_limit
        return self._ban_page(record, limit.left("")) if limit is not None and limit.is_used_up("") else None

    def _paced(self, route: Route, params: dict[str, str]) -> tuple[Any, dict[str, str]]:
        whole = self.platform.global_limit
        if whole is not None and route.token:
            passes, _, wait = whole.take("")
            if not passes:
                headers = {"X-RateLimit-Global": "true", "X-RateLimit-Scope": "global", "Retry-After": f"{wait:.3f}"}
                return _too_many(wait, whole=True), headers
        limit = self.platform.rate_limits.get((route.method, route.path))
        if limit is None:
            return None, {}
        major = next((params[name] for name in ("channel_id", "guild_id", "webhook_token") if name in params), "")
        passes, left, wait = limit.take(major)
        headers = {
            "X-RateLimit-Limit": str(limit.limit),
            "X-RateLimit-Remaining": str(left),
            "X-RateLimit-Reset": f"{time.time() + wait:.3f}",
            "X-RateLimit-Reset-After": f"{wait:.3f}",
            "X-RateLimit-Bucket": limit.bucket or re.sub(r"\W+", "", f"{route.method}{route.path}").lower(),
        }
        if passes:
            return None, headers
        return _too_many(wait), headers | {"X-RateLimit-Scope": limit.scope, "Retry-After": f"{wait:.3f}"}

    def _respond(
        self,
        record: RecordedRequest,
        status: int,
        payload: Any,
        headers: dict[str, str] | None = None,
        *,
        raw: bytes | None = None,
        kind: str = "application/json",
        via: bool = True,
    ) -> web.Response:
        record.status = status
        self._count_invalid(status, headers or {})
        self.platform.pulse.beat()
        sent = dict(headers or {})
        if via:
            sent["Via"] = "1.1 loopback"
        if status == HTTP_NO_CONTENT:
            return web.Response(status=status, headers=sent)
        data = json.dumps(payload).encode() if raw is None else raw
        # aiohttp's json_response would add a charset, and discord.py then takes the body for a text.
        return web.Response(status=status, body=data, headers=sent | {"Content-Type": kind})

    def _count_invalid(self, status: int, headers: dict[str, str]) -> None:
        is_invalid = status in {HTTP_UNAUTHORIZED, HTTP_FORBIDDEN, HTTP_TOO_MANY}
        if is_invalid and headers.get("X-RateLimit-Scope") != "shared":
            self.platform.invalid_requests += 1
            if self.platform.invalid_limit is not None:
                self.platform.invalid_limit.take("")

    def _ban_page(self, record: RecordedRequest, wait: float) -> web.Response:
        """Answer as the front end does, before Discord itself hears of the request."""
        page = b"<html><title>Access denied | error 1015</title></html>"
        headers = {"Retry-After": f"{wait:g}"}
        return self._respond(record, HTTP_TOO_MANY, None, headers, raw=page, kind="text/html", via=False)

    async def _strike_before(  # noqa: PLR0911  # one a kind of fault
        self, request: web.Request, record: RecordedRequest, fault: Fault
    ) -> web.StreamResponse | None:
        kind = fault.kind
        if kind.gateway:
            gateway = self.platform.gateway
            if kind is FaultKind.GATEWAY_REFUSED:
                gateway.refuse()
                gateway.drop()
            else:
                getattr(gateway, GATEWAY_KINDS[kind])()
            return None
        if kind is FaultKind.SLOW:
            await asyncio.sleep(fault.seconds)
            return None
        if kind is FaultKind.HANG_BEFORE:
            await self.platform.faults.released.wait()
            return self._cut(request, record)
        if kind is FaultKind.CLOSE_BEFORE:
            return self._cut(request, record)
        if kind.value.startswith("429"):
            return self._strike_429(record, fault)
        client_errors = {
            FaultKind.E400: ApiError(400, 50035, {"_errors": [{"code": "FAULT", "message": "Injected fault."}]}),
            FaultKind.E401: ApiError(401, 0),
            FaultKind.E403: ApiError(403, 50013),
            FaultKind.E404: ApiError(404, 10003),
        }
        if kind in client_errors:
            error = client_errors[kind]
            return self._respond(record, error.status, error.payload())
        return None if kind.after else self._server_error(record, kind)

    def _strike_429(self, record: RecordedRequest, fault: Fault) -> web.Response:
        wait = fault.seconds
        if fault.kind is FaultKind.E429_FRONT:
            return self._ban_page(record, wait)
        whole = fault.kind is FaultKind.E429_GLOBAL
        headers = {"Retry-After": f"{wait:.3f}", "X-RateLimit-Scope": "global" if whole else "user"}
        if whole:
            headers["X-RateLimit-Global"] = "true"
        return self._respond(record, HTTP_TOO_MANY, _too_many(wait, whole=whole), headers)

    def _server_error(self, record: RecordedRequest, kind: FaultKind) -> web.Response:
        status = int(kind.value[:3])
        if "html" in kind.value:
            page = b"<html><head><title>502 Bad Gateway</title></head></html>"
            return self._respond(record, status, None, raw=page, kind="text/html")
        return self._respond(record, status, {"message": f"{status}: injected fault", "code": 0})

    async def _strike_after(  # noqa: PLR0911  # one a kind of fault
        self, request: web.Request, record: RecordedRequest, fault: Fault, status: int, payload: Any
    ) -> web.StreamResponse | None:
        kind = fault.kind
        if not kind.after:
            return None
        if kind is FaultKind.HANG_AFTER:
            await self.platform.faults.released.wait()
            return self._cut(request, record)
        if kind is FaultKind.CLOSE_AFTER:
            return self._cut(request, record)
        if kind is FaultKind.RESET_AFTER:
            return self._cut(request, record, reset=True)
        if kind is FaultKind.BAD_JSON_AFTER:
            return self._respond(record, status, None, raw=json.dumps(payload).encode()[:-7] + b",")
        if kind is FaultKind.CUT_AFTER:
            data = json.dumps(payload).encode() + b" " * 64
            headers = {"Content-Type": "application/json", "Content-Length": str(len(data)), "Via": "1.1 loopback"}
            response = web.StreamResponse(status=status, headers=headers)
            await response.prepare(request)
            await response.write(data[: len(data) // 2])
            self._cut(request, record)
            return response
        return self._server_error(record, kind)

    def _cut(self, request: web.Request, record: RecordedRequest, *, reset: bool = False) -> web.Response:
        record.status = 0
        self.platform.pulse.beat()
        transport = request.transport
        if transport is not None:
            if reset:
                handle: socket.socket = transport.get_extra_info("socket")
                handle.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                transport.abort()
            else:
                transport.close()
        return web.Response(status=500)


def _too_many(wait: float, *, whole: bool = False) -> dict[str, Any]:
    return {"message": "You are being rate limited.", "retry_after": round(wait, 3), "global": whole, "code": 0}


def _flat(errors: Any, place: str = "") -> str:
    if not isinstance(errors, dict):
        return "empty message"
    here = [f"{place or 'body'}: {error['message']}" for error in errors.get("_errors", [])]
    deeper = [_flat(errors[key], f"{place}.{key}" if place else key) for key in errors if key != "_errors"]
    return "; ".join(here + deeper)


async def _read(request: web.Request) -> tuple[Any, dict[int, File], bool]:
    """Return the body as JSON values, the files, and whether the JSON could be read."""
    files: dict[int, File] = {}
    text: str | bytes = b""
    if request.content_type == "multipart/form-data":
        for name, value in (await request.post()).items():
            numbered = re.fullmatch(r"files\[(\d+)\]", name)
            if isinstance(value, web.FileField) and numbered:
                files[int(numbered[1])] = File(value.filename, value.file.read())
                value.file.close()
            elif name == "payload_json" and isinstance(value, str):
                text = value
    else:
        text = await request.read()
    if not text:
        return {} if files else None, files, True
    try:
        return json.loads(text), files, True
    except ValueError:
        return None, files, False
