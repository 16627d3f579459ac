"""One request and what came back, read without trust: a body up to a cap, validators, refusals in plain words."""

from __future__ import annotations

import asyncio
import json
import re
import zlib
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any, Self
from urllib.parse import quote, quote_plus

import aiohttp
from yarl import URL

from bot.errors import SourceError, SourceFault, system_reason
from bot.sources._reading.personal import without_contacts
from bot.sources._reading.tree import one_line

MAX_PAUSE_S = 24 * 3600.0
CHUNK_BYTES = 65_536
PIECE_BYTES = 1_000_000
GZIP_BITS = 31
EXCERPT_BYTES = 4_096
EXCERPT_CHARS = 200
VALIDATOR_CHARS = 500
SECRET_CHARS = 6
HIDDEN = "…"

REDIRECTS = frozenset({301, 302, 303, 307, 308})
PLAIN = frozenset({"identity", ""})

_KEEPS_METHOD = frozenset({307, 308})
_GZIP = frozenset({"gzip", "x-gzip"})
_PAUSING = frozenset({HTTPStatus.FORBIDDEN, HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE})
_SECRET_NAME = re.compile(r"key|token|secret|passw|auth", re.IGNORECASE)
_HARMLESS = frozenset({"Accept", "Content-Type", "If-None-Match", "If-Modified-Since", "Range", "If-Range"})
_USER = re.compile(r"(\w://)[^\s/?#'\"]*@")
_QUERY = re.compile(r"(https?://[^\s?'\"]*)\?[^\s'\"]*")


@dataclass(frozen=True, slots=True)
class Validators:
    """Hold what a publisher knows one version of an address by: its ETag and its Last-Modified (RFC 9110, 8.8)."""

    etag: str | None = None
    last_modified: str | None = None

    def __bool__(self) -> bool:
        return self.etag is not None or self.last_modified is not None

    def to_json(self) -> dict[str, str]:
        """Return them as a cursor keeps them; what is absent is left out."""
        kept = {"etag": self.etag, "last_modified": self.last_modified}
        return {name: value for name, value in kept.items() if value is not None}

    @classmethod
    def from_json(cls, kept: object) -> Self:
        """Return what `to_json` gave; anything else holds nothing."""
        if not isinstance(kept, Mapping):
            return cls()
        return cls(_header_value(kept.get("etag")), _header_value(kept.get("last_modified")))

    @classmethod
    def of(cls, response: aiohttp.ClientResponse) -> Self:
        """Return those of an answer."""
        headers = response.headers
        return cls(_header_value(headers.get("ETag")), _header_value(headers.get("Last-Modified")))

    def conditions(self) -> dict[str, str]:
        """Return the headers that ask for a newer version only."""
        asked = {"If-None-Match": self.etag, "If-Modified-Since": self.last_modified}
        return {name: value for name, value in asked.items() if value is not None}

    def of_range(self) -> str | None:
        """Return what `If-Range` may carry, None where no part of this version can be told from another's."""
        if self.etag is not None:
            return None if self.etag.startswith("W/") else self.etag
        return self.last_modified


@dataclass(frozen=True, slots=True)
class Answer:
    """Hold an answer with status 200: its decoded body, its content type and the address that gave it.

    `validators` go into the next request for the address; with `is_unchanged` the publisher said (304) that there is
    nothing newer than those that were sent, and the body is empty.
    """

    status: int
    body: bytes
    content_type: str
    url: str
    validators: Validators = Validators()
    is_unchanged: bool = False


@dataclass(frozen=True, slots=True)
class Request:
    """Hold a request: GET, or POST where there is a `body`.

    `headers` and the query may carry keys, which no error tells. `sent` are the validators that make it conditional.
    """

    target: URL
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None
    sent: Validators = Validators()
    pause_on: Mapping[int, timedelta] = field(default_factory=dict)

    @property
    def method(self) -> str:
        """Return the method."""
        return "GET" if self.body is None else "POST"

    @property
    def host(self) -> str:
        """Return the host that is asked."""
        return self.target.host or ""

    def reason(self, error: Exception) -> str:
        """Return in short what an error says, without addresses' queries and without keys."""
        if plain := system_reason(error):
            return self.without_secrets(plain)[:EXCERPT_CHARS]
        said = error.message if isinstance(error, aiohttp.ClientResponseError) else str(error)
        kind = type(error).__name__
        return self.without_secrets(f"{kind}: {said}")[:EXCERPT_CHARS] if said else kind

    def without_secrets(self, text: str) -> str:
        """Return a text without the user and the query of any address, and without the keys of this request."""
        text = _QUERY.sub(rf"\1?{HIDDEN}", _USER.sub(rf"\1{HIDDEN}@", text))
        for secret in self._secrets():
            text = text.replace(secret, HIDDEN)
        return text

    def _secrets(self) -> list[str]:
        values = [value for name, value in self.target.query.items() if _SECRET_NAME.search(name)]
        told = [value for name, value in self.headers.items() if name not in _HARMLESS]
        values += [word for value in told for word in (value, *value.split())]
        forms = {form for value in values for form in (value, quote(value, safe=""), quote_plus(value))}
        whole = {self.target.raw_query_string, self.target.query_string}
        return sorted((text for text in forms | whole if len(text) >= SECRET_CHARS), key=len, reverse=True)


def next_link(link: str, asked: str) -> str:
    """Return the absolute address of a page that a publisher links to, seen from the address that was `asked`.

    Raises SourceError where it leaves that origin: a key must not travel elsewhere. An http link of a host that was
    asked over https is followed over https.
    """
    origin = URL(asked).origin()
    try:
        target = URL(asked).join(URL(link))
        if origin.scheme == "https" and target.scheme == "http" and target.host == origin.host:
            target = target.with_scheme("https").with_port(origin.explicit_port)
        leaves = target.origin() != origin or target.user is not None
    except ValueError:
        target, leaves = URL(), True
    if leaves:
        raise elsewhere(origin, target)
    return str(target)


def elsewhere(origin: URL, target: URL) -> SourceError:
    """Return the error of an answer that leads away from the origin that was asked."""
    aim = f"{target.scheme}://{target.host or ''}"
    return SourceError(
        f"{origin.host} redirects to another origin ({aim}), which is not followed",
        SourceFault.REDIRECT_ELSEWHERE,
        host=origin.host,
        aim=aim,
    )


def moved_to(response: aiohttp.ClientResponse, request: Request) -> URL | None:
    """Return where an answer redirects to; None where it does not, or where following would turn a POST into a GET."""
    if response.status not in REDIRECTS or "Location" not in response.headers:
        return None
    if request.body is not None and response.status not in _KEEPS_METHOD:
        return None
    return response.url.join(URL(response.headers["Location"]))


async def receive(response: aiohttp.ClientResponse, request: Request, max_bytes: int) -> Answer:
    """Return the answer with its body; raises SourceError for another status and for a body longer than allowed."""
    if is_unchanged(response, request):
        validators = Validators.of(response) or request.sent
        return Answer(response.status, b"", response.content_type, str(response.url), validators, is_unchanged=True)
    if response.status != HTTPStatus.OK:
        raise await refusal(response, request)
    body = bytearray()
    async for piece in _decoded(response, max_bytes):
        body += piece
    return Answer(response.status, bytes(body), response.content_type, str(response.url), Validators.of(response))


def is_unchanged(response: aiohttp.ClientResponse, request: Request) -> bool:
    """Return whether the publisher said that nothing is newer; without a condition that would be no answer."""
    return response.status == HTTPStatus.NOT_MODIFIED and bool(request.sent)


async def refusal(response: aiohttp.ClientResponse, request: Request) -> SourceError:
    """Return the error of another status than was hoped for, with the pause that the publisher asks for."""
    said = without_contacts(request.without_secrets(await _excerpt(response)))[:EXCERPT_CHARS]
    pause_s = _pause_s(response, request.pause_on)
    fault = SourceFault.STATUS_SAID if said else SourceFault.STATUS
    return SourceError(
        f"{request.host} answered with status {response.status}" + (f": {said}" if said else ""),
        SourceFault.ASKS_TO_WAIT if pause_s else fault,
        pause_s=pause_s,
        host=request.host,
        status=response.status,
        said=said,
    )


def too_large(host: str, max_bytes: int) -> SourceError:
    """Return the error of an answer that is longer than it may be."""
    message = f"the answer of {host} is longer than {max_bytes} bytes"
    return SourceError(message, SourceFault.TOO_LARGE, host=host, limit=max_bytes)


def coding_of(response: aiohttp.ClientResponse) -> str:
    """Return how a body is encoded, `gzip` or `identity`; raises SourceError for a coding that was not asked for."""
    coding = response.headers.get("Content-Encoding", "identity").strip().lower()
    if coding in PLAIN:
        return "identity"
    if coding in _GZIP:
        return "gzip"
    host = response.url.host
    message = f"the answer of {host} is encoded as {coding[:20]}, which was not asked for"
    raise SourceError(message, SourceFault.CODING, host=host, coding=coding[:20])


class Unpacking:
    """Decode the gzip body of a host piece by piece, its members in a row; no piece is larger than a megabyte.

    Done here, because aiohttp takes a gzip body that ends too early for a whole one.
    """

    def __init__(self, host: str) -> None:
        self._host = host
        self._member = zlib.decompressobj(GZIP_BITS)
        self._rest = b""

    def feed(self, chunk: bytes) -> None:
        """Take the next bytes; what was taken before must have been asked out whole."""
        self._rest = chunk

    def piece(self) -> bytes | None:
        """Return the next piece, None where more bytes are needed; raises SourceError where it is no gzip."""
        if not self._rest:
            return None
        if self._member.eof:
            self._member = zlib.decompressobj(GZIP_BITS)
        try:
            piece = self._member.decompress(self._rest, PIECE_BYTES)
        except zlib.error:
            message = f"the answer of {self._host} cannot be decoded as gzip"
            raise SourceError(message, SourceFault.NO_GZIP, host=self._host) from None
        self._rest = self._member.unconsumed_tail or self._member.unused_data
        return piece

    def end(self) -> None:
        """Raise SourceError where the body ends inside a member."""
        if not self._member.eof:
            message = f"the answer of {self._host} is cut off inside its gzip body"
            raise SourceError(message, SourceFault.CUT_GZIP, host=self._host)


async def _decoded(response: aiohttp.ClientResponse, max_bytes: int) -> AsyncIterator[bytes]:
    """Yield the decoded body in pieces of at most a megabyte.

    Raises SourceError where it is cut or not gzip, and where it is longer than `max_bytes` as it came or decoded.
    """
    host = response.url.host or ""
    unpacking = Unpacking(host) if coding_of(response) == "gzip" else None
    encoded = decoded = 0
    async for chunk in response.content.iter_chunked(CHUNK_BYTES):
        # Empty gzip members in a row decode to nothing, without end.
        encoded += len(chunk)
        if encoded > max_bytes:
            raise too_large(host, max_bytes)
        if unpacking is None:
            yield chunk
            continue
        unpacking.feed(chunk)
        while (piece := unpacking.piece()) is not None:
            decoded += len(piece)
            if decoded > max_bytes:
                raise too_large(host, max_bytes)
            yield piece
            await asyncio.sleep(0)
    if unpacking is not None:
        unpacking.end()


async def _excerpt(response: aiohttp.ClientResponse) -> str:
    """Return the publisher's own message out of a JSON error, on one line, or nothing."""
    try:
        said = json.loads(b"".join([piece async for piece in _decoded(response, EXCERPT_BYTES)]))
    except (aiohttp.ClientError, SourceError, TimeoutError, ValueError, RecursionError):
        return ""
    message = said.get("message") if isinstance(said, dict) else None
    return one_line(message) if isinstance(message, str) else ""


def _pause_s(response: aiohttp.ClientResponse, pause_on: Mapping[int, timedelta]) -> float | None:
    """Return the pause that Retry-After asks for, at most a day, else the one that this status is known to mean.

    A date counts from the answer's own Date.
    """
    if response.status not in _PAUSING | pause_on.keys():
        return None
    usual = pause_on.get(response.status)
    usual_s = usual.total_seconds() if usual is not None else None
    asked = response.headers.get("Retry-After", "").strip()
    if not asked:
        return usual_s
    if asked.isdecimal():
        pause_s = float(asked[:10])
    else:
        try:
            until = parsedate_to_datetime(asked)
            sent = parsedate_to_datetime(response.headers.get("Date", ""))
            pause_s = (until - sent).total_seconds()
        except (TypeError, ValueError, OverflowError):
            return usual_s
    # A slip or a hostile value must not silence a source for good.
    return min(max(pause_s, 0.0), MAX_PAUSE_S)


def _header_value(value: Any) -> str | None:
    if not isinstance(value, str) or not value.isprintable() or len(value) > VALIDATOR_CHARS:
        return None
    return value.strip() or None
