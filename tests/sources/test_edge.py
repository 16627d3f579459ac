"""What breaks inside a source is told as its error, and stands whole in the log."""

from __future__ import annotations

import io
import logging
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import aclosing
from typing import Any, BinaryIO

import pytest

from bot.errors import SourceError, SourceFault
from bot.sources import Asked, Parsed, Payload, PoliteClient, parts_of, payloads_of, probed
from tests.factories import START, PagesSource, make_notice, page_of
from tests.pipeline.wire import NO_CLIENT


def _deeper(depth: int) -> int:
    return _deeper(depth + 1)


BREAKS: dict[str, Callable[[], object]] = {
    "ValueError": lambda: int("seven"),
    "OverflowError": lambda: float(10**400),
    "AttributeError": lambda: getattr(None, "get"),  # noqa: B009  # a type checker would not let it pass
    "RecursionError": lambda: _deeper(0),
    "MemoryError": lambda: bytearray(1 << 62),
}
EVERY = pytest.mark.parametrize("kind", BREAKS)


class Breaking(PagesSource):
    """Break at every payload but the first one, in its own way."""

    def __init__(self, kind: str) -> None:
        super().__init__([make_notice("26-1")], [make_notice("26-2")])
        self.kind = kind

    def parse(self, payload: bytes, *, lenient: bool = False) -> Parsed:
        BREAKS[self.kind]()
        return super().parse(payload, lenient=lenient)

    def parse_stream(self, stream: BinaryIO, **how: Any) -> Iterator[Parsed]:
        yield super().parse(stream.read())
        yield from super().parse_stream(stream, **how)


class BreakingOff(PagesSource):
    """Break in fetching, after the first payload."""

    async def fetch(self, asked: Asked, client: PoliteClient) -> AsyncIterator[Payload]:
        async for payload in super().fetch(asked, client):
            yield payload
        int("seven")


def asked() -> Asked:
    return Asked(PagesSource().window(None, START), START)


def is_told(error: SourceError, caplog: pytest.LogCaptureFixture, kind: str) -> bool:
    (record,) = (record for record in caplog.records if record.levelno == logging.ERROR)
    assert record.exc_info is not None
    assert (record.exc_info[0] or object).__name__ == kind
    assert error.values["reference"] in record.getMessage()
    return error.fault is SourceFault.OURS and "gazette" in error.message


@EVERY
def test_what_breaks_in_reading_is_an_error_of_ours_and_what_came_before_is_handed_on(
    kind: str, caplog: pytest.LogCaptureFixture
) -> None:
    parts = parts_of(Breaking(kind), io.BytesIO(page_of(make_notice("26-1"))))

    assert len(next(parts).notices) == 1
    with pytest.raises(SourceError) as caught:
        next(parts)
    assert is_told(caught.value, caplog, kind)


async def test_what_breaks_in_probing_is_an_error_of_ours(caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(SourceError) as caught:
        await probed(Breaking("ValueError"), asked(), NO_CLIENT)
    assert is_told(caught.value, caplog, "ValueError")


async def test_what_breaks_in_fetching_is_an_error_of_ours(caplog: pytest.LogCaptureFixture) -> None:
    payloads = payloads_of(BreakingOff([make_notice("26-1")]), asked(), NO_CLIENT)

    assert (await anext(payloads)).body
    with pytest.raises(SourceError) as caught:
        await anext(payloads)
    assert is_told(caught.value, caplog, "ValueError")


async def test_an_error_of_the_source_stays_as_it_is(caplog: pytest.LogCaptureFixture) -> None:
    said = SourceError("status 500", SourceFault.STATUS)

    with pytest.raises(SourceError) as caught:
        await anext(payloads_of(PagesSource(said), asked(), NO_CLIENT))
    assert caught.value is said
    assert not caplog.records


class Holding(PagesSource):
    """Hold something open for as long as it is read."""

    is_closed = False

    async def fetch(self, asked: Asked, client: PoliteClient) -> AsyncIterator[Payload]:
        try:
            async for payload in super().fetch(asked, client):
                yield payload
        finally:
            self.is_closed = True


async def test_who_stops_reading_closes_what_the_source_holds_open() -> None:
    source = Holding([make_notice("26-1")], [make_notice("26-2")])
    asked = Asked(source.window(None, START), START)
    async with aclosing(payloads_of(source, asked, NO_CLIENT)) as payloads:
        assert await anext(payloads)
        assert not source.is_closed

    assert source.is_closed
