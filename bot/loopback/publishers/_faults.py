"""What may happen to the answer of a publisher, and to the records in it."""

from __future__ import annotations

import asyncio
import zlib
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

BOMB_BYTES = 300_000_000
RETRY_AFTER = "120"


class PublisherFault(StrEnum):
    """What may happen to one answer instead of, or besides, what was asked."""

    ERROR = "error"
    """Status 500 with an HTML page."""
    TOO_MANY = "too_many"
    """Status 429 with Retry-After."""
    UNAVAILABLE = "unavailable"
    """Status 503 with Retry-After."""
    FORBIDDEN = "forbidden"
    """Status 403 with an HTML page and no Retry-After, as some rate limits answer."""
    HANG = "hang"
    """No answer until the server stops."""
    DRIP = "drip"
    """The right answer, a few bytes at a time."""
    CUT = "cut"
    """The connection ends in the middle of the body."""
    CUT_BODY = "cut_body"
    """A whole HTTP answer whose body ends in the middle."""
    EMPTY = "empty"
    """Status 200 without a body."""
    NO_RECORDS = "no_records"
    """Status 200, whatever total was announced, and not one record."""
    HTML = "html"
    """A maintenance page with status 200."""
    RENAMED = "renamed"
    """One field of every record has another name (`field`, by default the publisher's `renamed_field`)."""
    CHARSET = "charset"
    """The right answer in ISO 8859-1."""
    BOMB = "bomb"
    """A small gzip that becomes 300 MB."""
    REDIRECT = "redirect"
    """A redirect to `location`."""
    REORDERED = "reordered"
    """The records of the answer in another order."""
    REPEATED = "repeated"
    """The first record of the answer a second time at its end."""
    SHIFTED = "shifted"
    """A record was added before the page: its first record already stood at the end of the one before."""
    ONE_ID = "one_id"
    """All records of the answer have one id."""


@dataclass(frozen=True, slots=True)
class Planned:
    """Hold a fault with its settings."""

    fault: PublisherFault
    retry_after: str = RETRY_AFTER
    location: str = "https://ailleurs.example/"
    field: str | None = None
    delay_s: float = 0.05
    bomb_bytes: int = BOMB_BYTES


class Plan:
    """Say what happens to the next answers, in order; right ones where nothing is planned."""

    def __init__(self) -> None:
        self._next: deque[Planned | None] = deque()

    def add(self, planned: Planned, times: int, after: int) -> None:
        """Plan a fault for `times` answers, after those already planned and `after` right ones."""
        self._next.extend([None] * after + [planned] * times)

    def take(self) -> Planned | None:
        """Return what happens to the next answer, None for nothing."""
        return self._next.popleft() if self._next else None

    def clear(self) -> None:
        """Forget everything planned."""
        self._next.clear()


async def bomb(size: int) -> bytes:
    """Return a small gzip that becomes `size` bytes of blanks."""
    return await asyncio.to_thread(_bomb, size)


def _bomb(size: int) -> bytes:
    packer = zlib.compressobj(1, wbits=31)
    blank = b" " * 1_000_000
    return b"".join([*(packer.compress(blank) for _ in range(size // len(blank))), packer.flush()])


def pieces(body: bytes, count: int = 64, least: int = 16) -> Iterable[bytes]:
    """Yield a body in about `count` pieces, none shorter than `least` bytes but the last."""
    size = max(least, -(-len(body) // count))
    return (body[start : start + size] for start in range(0, len(body), size))
