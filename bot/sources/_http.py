"""The one client that sources read with: polite to publishers, and never fooled by what they send."""

from __future__ import annotations

import asyncio
import json
import zlib
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from types import TracebackType
from typing import Self

import aiohttp
from yarl import URL

from bot import crash
from bot.errors import SourceError, SourceFault

MAX_REDIRECTS = 3
MAX_PAUSE_S = 24 * 3600.0
CHUNK_BYTES = 65_536
PIECE_BYTES = 1_000_000
GZIP_BITS = 31
EXCERPT_BYTES = 4_096
EXCERPT_CHARS = 200
CONNECT_TIMEOUT_S = 10.0
READ_TIMEOUT_S = 30.0
TOTAL_TIMEOUT_S = 120.0

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_PAUSING = frozenset({HTTPStatus.FORBIDDEN, HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE})


@dataclass(frozen=True, slots=True)
class Answer:
    """Hold an answer with status 200: its decoded body, its content type and the address that gave it."""

    status: int
    body: bytes
    content_type: str
    url: str


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Hold how long to wait, in seconds: for the connection, for the next bytes, and for an answer as a whole."""

    connect: float = CONNECT_TIMEOUT_S
    read: float = READ_TIMEOUT_S
    total: float = TOTAL_TIMEOUT_S


class PoliteClient:
    """Read addresses that the operator's configuration trusts, one request at a time per host.

    An async context manager. `contact` goes into the user agent, `pace` is the least time between the starts of two
    requests to one host. Redirects stay on the origin that was asked (DESIGN.md section 5, `base_url`); no proxy or
    credential is taken from the environment.
    """

    def __init__(
        self,
        contact: str,
        *,
        version: str,
        pace: timedelta = timedelta(),
        timeouts: Timeouts | None = None,
    ) -> None:
        reach = " ".join("".join(character for character in contact if character.isprintable()).split())
        self.user_agent = f"Vigie/{version} (+{reach})" if reach else f"Vigie/{version}"
        self._pace_s = pace.total_seconds()
        self._timeouts = timeouts or Timeouts()
        self._session: aiohttp.ClientSession | None = None
        self._turns: dict[str, asyncio.Lock] = {}
        self._last_start: dict[str, float] = {}

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession(
            headers={"User-Agent": self.user_agent, "Accept-Encoding": "gzip"},
            timeout=aiohttp.ClientTimeout(
                total=self._timeouts.total, sock_connect=self._timeouts.connect, sock_read=self._timeouts.read
            ),
            cookie_jar=aiohttp.DummyCookieJar(),
            trust_env=False,
            auto_decompress=False,
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def get(self, url: str, params: Mapping[str, str] | None = None, *, max_bytes: int) -> Answer:
        """Return the answer with status 200 to a GET, its body decoded and no longer than `max_bytes`.

        Raises SourceError for anything else: another status (with the pause that the publisher asks for, in seconds),
        a body that is cut or too long, a redirect that leaves the origin, a network error, a timeout.
        """
        origin = URL(url).origin()
        target = URL(url).update_query(params or {})
        for _ in range(MAX_REDIRECTS + 1):
            answer = await self._request(target, max_bytes)
            if isinstance(answer, Answer):
                return answer
            if not answer.host or answer.origin() != origin:
                aim = f"{answer.scheme}://{answer.host or ''}"
                raise SourceError(
                    f"{origin.host} redirects to another origin ({aim}), which is not followed",
                    SourceFault.REDIRECT_ELSEWHERE,
                    host=origin.host,
                    aim=aim,
                )
            target = answer
        raise SourceError(
            f"{origin.host} redirects more than {MAX_REDIRECTS} times",
            SourceFault.REDIRECTS,
            host=origin.host,
            most=MAX_REDIRECTS,
        )

    async def _request(self, target: URL, max_bytes: int) -> Answer | URL:
        if self._session is None:
            raise RuntimeError("PoliteClient is used outside `async with`")
        host = target.host or ""
        async with self._turns.setdefault(f"{host}:{target.port}", asyncio.Lock()):
            await self._wait_for_turn(f"{host}:{target.port}")
            crash.point("source.get: before")
            try:
                async with self._session.get(target, allow_redirects=False) as response:
                    answer = await _receive(response, max_bytes)
            except TimeoutError:
                raise SourceError(f"{host} did not answer in time", SourceFault.TIMEOUT, host=host) from None
            except aiohttp.ClientPayloadError as error:
                reason = _reason(error)
                raise SourceError(
                    f"the answer of {host} is cut off or cannot be decoded ({reason})",
                    SourceFault.CUT_OFF,
                    host=host,
                    reason=reason,
                ) from None
            except (aiohttp.ClientError, OSError) as error:
                reason = _reason(error)
                raise SourceError(
                    f"{host} cannot be reached ({reason})", SourceFault.UNREACHABLE, host=host, reason=reason
                ) from None
            except ValueError as error:
                reason = _reason(error)
                raise SourceError(
                    f"the answer of {host} breaks HTTP ({reason})", SourceFault.NO_HTTP, host=host, reason=reason
                ) from None
            crash.point("source.get: after")
            return answer

    async def _wait_for_turn(self, host: str) -> None:
        loop = asyncio.get_running_loop()
        earliest = self._last_start.get(host, loop.time() - self._pace_s) + self._pace_s
        if (wait_s := earliest - loop.time()) > 0:
            await asyncio.sleep(wait_s)
        self._last_start[host] = loop.time()


async def _receive(response: aiohttp.ClientResponse, max_bytes: int) -> Answer | URL:
    host = response.url.host
    if response.status in _REDIRECTS and "Location" in response.headers:
        return response.url.join(URL(response.headers["Location"]))
    if response.status != HTTPStatus.OK:
        said, pause_s = await _excerpt(response), _pause_s(response)
        fault = SourceFault.STATUS_SAID if said else SourceFault.STATUS
        raise SourceError(
            f"{host} answered with status {response.status}" + (f": {said}" if said else ""),
            SourceFault.ASKS_TO_WAIT if pause_s else fault,
            pause_s=pause_s,
            host=host,
            status=response.status,
            said=said,
        )
    body = bytearray()
    async for piece in _decoded(response):
        body += piece
        if len(body) > max_bytes:
            message = f"the answer of {host} is longer than {max_bytes} bytes"
            raise SourceError(message, SourceFault.TOO_LARGE, host=host, limit=max_bytes)
    return Answer(response.status, bytes(body), response.content_type, str(response.url))


async def _decoded(response: aiohttp.ClientResponse) -> AsyncIterator[bytes]:
    """Yield the decoded body in pieces of at most a megabyte; raises SourceError where it is cut or not gzip.

    Decoded here, because aiohttp takes a gzip body that ends too early for a whole one.
    """
    host = response.url.host
    coding = response.headers.get("Content-Encoding", "identity").strip().lower()
    if coding not in {"identity", "", "gzip", "x-gzip"}:
        message = f"the answer of {host} is encoded as {coding[:20]}, which was not asked for"
        raise SourceError(message, SourceFault.CODING, host=host, coding=coding[:20])
    if coding in {"identity", ""}:
        async for chunk in response.content.iter_chunked(CHUNK_BYTES):
            yield chunk
        return
    member = zlib.decompressobj(GZIP_BITS)
    async for chunk in response.content.iter_chunked(CHUNK_BYTES):
        rest = chunk
        while rest:
            if member.eof:
                member = zlib.decompressobj(GZIP_BITS)
            try:
                yield member.decompress(rest, PIECE_BYTES)
            except zlib.error:
                message = f"the answer of {host} cannot be decoded as gzip"
                raise SourceError(message, SourceFault.NO_GZIP, host=host) from None
            rest = member.unconsumed_tail or member.unused_data
            await asyncio.sleep(0)
    if not member.eof:
        message = f"the answer of {host} is cut off inside its gzip body"
        raise SourceError(message, SourceFault.CUT_GZIP, host=host)


async def _excerpt(response: aiohttp.ClientResponse) -> str:
    """Return the publisher's own message out of a JSON error, shortened, or nothing."""
    try:
        start = b""
        async for piece in _decoded(response):
            start += piece
            if len(start) > EXCERPT_BYTES:
                return ""
        said = json.loads(start)
    except (aiohttp.ClientError, SourceError, TimeoutError, ValueError, RecursionError):
        return ""
    message = said.get("message") if isinstance(said, dict) else None
    return " ".join(message.split())[:EXCERPT_CHARS] if isinstance(message, str) else ""


def _pause_s(response: aiohttp.ClientResponse) -> float | None:
    """Return the pause that Retry-After asks for, at most a day; a date counts from the answer's own Date."""
    asked = response.headers.get("Retry-After", "").strip()
    if not asked or response.status not in _PAUSING:
        return None
    if asked.isdecimal():
        pause_s = float(asked[:10])
    else:
        try:
            until = parsedate_to_datetime(asked)
            sent = parsedate_to_datetime(response.headers.get("Date", ""))
            pause_s = (until - sent).total_seconds()
        except (TypeError, ValueError, OverflowError):
            return None
    # A slip or a hostile value must not silence a source for good.
    return min(max(pause_s, 0.0), MAX_PAUSE_S)


def _reason(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"[:EXCERPT_CHARS] if str(error) else type(error).__name__
