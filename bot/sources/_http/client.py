"""The one client that sources read with: polite to publishers, and never fooled by what they send."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import Any, Self, TypeVar

import aiohttp
from yarl import URL

from bot import crash
from bot.errors import SourceError, SourceFault
from bot.sources._http.answer import Answer, Request, Validators, elsewhere, moved_to, next_link, receive
from bot.sources._http.download import RESUMES, Download, Folder, Transfer, tidy

__all__ = ["Answer", "Download", "PoliteClient", "Progress", "Timeouts", "Validators", "next_link"]

MAX_REDIRECTS = 3
CONNECT_TIMEOUT_S = 10.0
READ_TIMEOUT_S = 30.0
TOTAL_TIMEOUT_S = 120.0
DOWNLOAD_TIMEOUT_S = 6 * 3600.0
FIRST_WAIT_S = 2.0
MEGABYTE = 1_000_000

NO_HEADERS: Mapping[str, str] = MappingProxyType({})
NO_PAUSES: Mapping[int, timedelta] = MappingProxyType({})

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Hold how long to wait, in seconds: for the connection, for the next bytes, and for an answer as a whole.

    A download has its own `download` for the whole; `wait` is the first wait before it is gone on with, each one after
    that is twice as long.
    """

    connect: float = CONNECT_TIMEOUT_S
    read: float = READ_TIMEOUT_S
    total: float = TOTAL_TIMEOUT_S
    download: float = DOWNLOAD_TIMEOUT_S
    wait: float = FIRST_WAIT_S


@dataclass(frozen=True, slots=True)
class Progress:
    """Hold how far a client has come: the answers it had, and of a download the bytes so far and in all.

    Both are None outside a download, `expected` also where the publisher does not say.
    """

    answers: int
    received: int | None = None
    expected: int | None = None


class Turns:
    """Let one request at a time go to a host; shared by the clients that may ask the same one."""

    def __init__(self) -> None:
        self._locks: dict[str, asyncio.Lock] = {}
        self._last_start: dict[str, float] = {}

    @asynccontextmanager
    async def taken(self, host: str, pace_s: float) -> AsyncIterator[None]:
        """Wait for a host's turn, and at least so many seconds since the last one began; hold it for the block."""
        loop = asyncio.get_running_loop()
        async with self._locks.setdefault(host, asyncio.Lock()):
            earliest = self._last_start.get(host, loop.time() - pace_s) + pace_s
            if (wait_s := earliest - loop.time()) > 0:
                await asyncio.sleep(wait_s)
            self._last_start[host] = loop.time()
            yield


class PoliteClient:
    """Read addresses that the operator's configuration trusts, one request at a time per host.

    An async context manager. `contact` goes into the user agent, `pace` is the least time between the starts of two
    requests to one host. `pause_on` says how long a status (403 of a publisher whose rate limit answers so) asks us to
    wait where it comes without Retry-After. `folder` is this client's own, where what came of a broken download is kept
    for the next one; without it, or while another client has it, nothing outlives the client. `turns` are shared with
    clients that may ask the same hosts. `on_progress` is called after every answer, and within a download about every
    megabyte. Redirects stay on the origin that was asked (DESIGN.md section 5, `base_url`); no proxy or credential is
    taken from the environment. No error tells a query or a header.
    """

    def __init__(
        self,
        contact: str,
        *,
        version: str,
        pace: timedelta = timedelta(),
        timeouts: Timeouts | None = None,
        pause_on: Mapping[int, timedelta] = NO_PAUSES,
        folder: Path | None = None,
        turns: Turns | None = None,
        on_progress: Callable[[Progress], None] | None = None,
    ) -> None:
        reach = " ".join("".join(character for character in contact if character.isprintable()).split())
        self.user_agent = f"Vigie/{version} (+{reach})" if reach else f"Vigie/{version}"
        self._pace_s = pace.total_seconds()
        self._timeouts = timeouts or Timeouts()
        self._pause_on = pause_on
        self._folder = folder
        self._on_progress = on_progress
        self._answers = 0
        self._session: aiohttp.ClientSession | None = None
        self._own: Folder | None = None
        self._claiming = asyncio.Lock()
        self._transfers: set[str] = set()
        self._saved: dict[str, Download] = {}
        self._turns = turns or Turns()

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession(
            headers={"User-Agent": self.user_agent, "Accept-Encoding": "gzip"},
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
        saved, self._saved = list(self._saved.values()), {}
        own, self._own = self._own, None
        for download in saved:
            await asyncio.to_thread(download.remove)
        if own is not None:
            await asyncio.to_thread(own.release)

    async def get(
        self,
        url: str,
        params: Mapping[str, str] | None = None,
        *,
        max_bytes: int,
        headers: Mapping[str, str] = NO_HEADERS,
        validators: Validators | None = None,
        accept: str = "*/*",
    ) -> Answer:
        """Return the answer with status 200 to a GET, its body decoded and no longer than `max_bytes`.

        With `validators` of an earlier answer only a newer version is asked for: `is_unchanged` says that there is
        none. Raises SourceError for anything else: another status (with the pause that the publisher asks for, in
        seconds), a body that is cut or too long, a redirect that leaves the origin, a network error, a timeout.
        """
        request = self._request(url, params, {"Accept": accept, **headers}, validators)
        return await self._answer(request, max_bytes)

    async def post_json(
        self, url: str, body: Any, *, max_bytes: int, headers: Mapping[str, str] = NO_HEADERS
    ) -> Answer:
        """Return the answer with status 200 to a POST of `body` as JSON; raises SourceError as `get` does."""
        said = {"Accept": "application/json", "Content-Type": "application/json", **headers}
        request = self._request(url, None, said, None)
        return await self._answer(replace(request, body=json.dumps(body).encode()), max_bytes)

    async def download(
        self,
        url: str,
        params: Mapping[str, str] | None = None,
        *,
        max_bytes: int,
        headers: Mapping[str, str] = NO_HEADERS,
        validators: Validators | None = None,
        accept: str = "*/*",
    ) -> Download:
        """Save what an address holds in a file, decoded and no longer than `max_bytes`, whatever time it takes.

        A transfer that breaks off is gone on with from there (RFC 9110, 14), up to `RESUMES` times with growing waits,
        and from what an earlier call left in the client's folder, as long as the publisher says that it is the same
        version; else from the beginning. `validators` as for `get`. Raises SourceError as `get` does.
        """
        request = self._request(url, params, {"Accept": accept, **headers}, validators)
        async with self._claiming:
            if self._own is None:
                self._own = await asyncio.to_thread(Folder.of, self._folder, request.host)
        transfer = Transfer(self._own.path, str(request.target), max_bytes, self._told)
        if transfer.key in self._transfers:
            raise RuntimeError("this address is being downloaded already")
        self._transfers.add(transfer.key)
        try:
            await transfer.on_disk(request.host, tidy, transfer.folder, {*self._transfers, *self._saved})
            await transfer.on_disk(request.host, transfer.load)
            if not await self._transfer(transfer, request):
                return Download(transfer.path, request.sent, is_unchanged=True)
            download = await asyncio.to_thread(transfer.finish, request.host)
        finally:
            self._transfers.discard(transfer.key)
        self._saved[transfer.key] = download
        return download

    async def _transfer(self, transfer: Transfer, request: Request) -> bool:
        """Ask for a file until all of it came; returns whether there is one (False: nothing newer)."""
        try:
            async with asyncio.timeout(self._timeouts.download):
                return await self._persist(transfer, request)
        except TimeoutError:
            raise _timeout(request.host) from None

    async def _persist(self, transfer: Transfer, request: Request) -> bool:
        for failures in range(1, RESUMES + 2):
            asked = replace(request, headers={**request.headers, **transfer.conditions()})
            try:
                return await self._follow(asked, transfer.receive, total=None)
            except SourceError as error:
                if not transfer.is_broken_off(error):
                    raise
                if failures > RESUMES:
                    raise (self._broken_off(transfer, request.host, failures) or error) from None
                await asyncio.sleep(self._timeouts.wait * 2 ** (failures - 1))
        raise RuntimeError("unreachable")

    def _broken_off(self, transfer: Transfer, host: str, times: int) -> SourceError | None:
        """Return what to tell of a download that the next call goes on with, None where it cannot."""
        if self._own is None or not self._own.is_kept or not transfer.can_go_on:
            return None
        megabytes = round(transfer.size / MEGABYTE, 1)
        return SourceError(
            f"the download from {host} broke off {times} times, the last time at {megabytes} MB, and is gone on with",
            SourceFault.BROKE_OFF,
            host=host,
            times=times,
            megabytes=megabytes,
        )

    def _request(
        self,
        url: str,
        params: Mapping[str, str] | None,
        headers: Mapping[str, str],
        validators: Validators | None,
    ) -> Request:
        sent = validators or Validators()
        target = URL(url).update_query(params or {})
        return Request(target, {**headers, **sent.conditions()}, sent=sent, pause_on=self._pause_on)

    async def _answer(self, request: Request, max_bytes: int) -> Answer:
        async def whole(response: aiohttp.ClientResponse, asked: Request) -> Answer:
            return await receive(response, asked, max_bytes)

        return await self._follow(request, whole, total=self._timeouts.total)

    async def _follow(
        self,
        request: Request,
        take: Callable[[aiohttp.ClientResponse, Request], Awaitable[T]],
        *,
        total: float | None,
    ) -> T:
        """Return what `take` makes of the answer, redirects within the origin followed."""
        origin = request.target.origin()
        for _ in range(MAX_REDIRECTS + 1):
            came = await self._exchange(request, take, total)
            if not isinstance(came, _Moved):
                return came
            if not came.target.host or came.target.origin() != origin:
                raise elsewhere(origin, came.target)
            request = replace(request, target=came.target)
        raise SourceError(
            f"{origin.host} redirects more than {MAX_REDIRECTS} times",
            SourceFault.REDIRECTS,
            host=origin.host,
            most=MAX_REDIRECTS,
        )

    async def _exchange(
        self,
        request: Request,
        take: Callable[[aiohttp.ClientResponse, Request], Awaitable[T]],
        total: float | None,
    ) -> T | _Moved:
        if self._session is None:
            raise RuntimeError("PoliteClient is used outside `async with`")
        timeout = aiohttp.ClientTimeout(total=total, sock_connect=self._timeouts.connect, sock_read=self._timeouts.read)
        host, origin = request.host, f"{request.host}:{request.target.port}"
        async with self._turns.taken(origin, self._pace_s):
            crash.point("source.get: before")
            try:
                async with self._session.request(
                    request.method,
                    request.target,
                    headers=request.headers,
                    data=request.body,
                    allow_redirects=False,
                    timeout=timeout,
                ) as response:
                    target = moved_to(response, request)
                    came = _Moved(target) if target is not None else await take(response, request)
            except TimeoutError:
                raise _timeout(host) from None
            except aiohttp.ClientPayloadError as error:
                reason = request.reason(error)
                raise SourceError(
                    f"the answer of {host} is cut off or cannot be decoded ({reason})",
                    SourceFault.CUT_OFF,
                    host=host,
                    reason=reason,
                ) from None
            except (aiohttp.ClientError, OSError) as error:
                reason = request.reason(error)
                raise SourceError(
                    f"{host} cannot be reached ({reason})", SourceFault.UNREACHABLE, host=host, reason=reason
                ) from None
            except ValueError as error:
                reason = request.reason(error)
                raise SourceError(
                    f"the answer of {host} breaks HTTP ({reason})", SourceFault.NO_HTTP, host=host, reason=reason
                ) from None
            crash.point("source.get: after")
            self._answers += 1
            self._told()
            return came

    def _told(self, received: int | None = None, expected: int | None = None) -> None:
        if self._on_progress is not None:
            self._on_progress(Progress(self._answers, received, expected))


@dataclass(frozen=True, slots=True)
class _Moved:
    target: URL


def _timeout(host: str) -> SourceError:
    return SourceError(f"{host} did not answer in time", SourceFault.TIMEOUT, host=host)
