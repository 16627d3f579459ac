"""The edge at which sources are read: what breaks inside one is an error of ours, told like any other of the source.

`Source.fetch`, `parse_stream` and `probe` are called here and nowhere else, so that a poll, a history, a saved answer
and a check all tell it.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator, Iterator, Mapping
from contextlib import contextmanager
from typing import BinaryIO

from bot.errors import SourceError, log_reference
from bot.sources._base import NOTHING, Asked, Parsed, Payload, Source
from bot.sources._http.client import PoliteClient

log = logging.getLogger(__name__)


async def payloads_of(source: Source, asked: Asked, client: PoliteClient) -> AsyncGenerator[Payload, None]:
    """Yield what `Source.fetch` yields; whatever goes wrong in it is a SourceError.

    Who may stop before the end closes it (`contextlib.aclosing`), and with it what the source holds open.
    """
    with _errors_of_ours(source):
        payloads = source.fetch(asked, client)
    try:
        while True:
            with _errors_of_ours(source):
                payload = await anext(payloads, None)
            if payload is None:
                return
            yield payload
    finally:
        if isinstance(payloads, AsyncGenerator):
            await payloads.aclose()


def parts_of(
    source: Source, stream: BinaryIO, *, known: Mapping[str, str] = NOTHING, lenient: bool = False
) -> Iterator[Parsed]:
    """Yield what `Source.parse_stream` yields; whatever goes wrong in it is a SourceError."""
    with _errors_of_ours(source):
        parts = source.parse_stream(stream, known=known, lenient=lenient)
    while True:
        with _errors_of_ours(source):
            part = next(parts, None)
        if part is None:
            return
        yield part


async def probed(source: Source, asked: Asked, client: PoliteClient) -> int:
    """Return what `Source.probe` returns; whatever goes wrong in it is a SourceError."""
    with _errors_of_ours(source):
        return await source.probe(asked, client)


@contextmanager
def _errors_of_ours(source: Source) -> Iterator[None]:
    try:
        yield
    except SourceError:
        raise
    except Exception as error:
        raise SourceError.of_ours(source.name, log_reference(log, error)) from error
