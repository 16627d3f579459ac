"""What a source reads in its sample, whole, in part or part by part."""

from __future__ import annotations

import functools
import io
from collections.abc import Mapping
from typing import Any

from bot.sources import Parsed
from tests.sources.layouts import sample_of, source_of


@functools.cache
def whole(name: str) -> Parsed:
    """Return what a source reads in its sample, put together again as the tests do."""
    sample = sample_of(name)
    return source_of(name).parse(sample.payload(sample.entries))


def read(name: str, entries: list[Any], *, lenient: bool = False) -> Parsed:
    """Return what a source reads in a payload of these entries."""
    return source_of(name).parse(sample_of(name).payload(entries), lenient=lenient)


def streamed(name: str, payload: bytes, known: Mapping[str, str] | None = None) -> Parsed:
    """Return the parts of a payload as one."""
    parts = list(source_of(name).parse_stream(io.BytesIO(payload), known=known or {}))
    return Parsed(
        tuple(notice for part in parts for notice in part.notices),
        tuple(loss for part in parts for loss in part.losses),
        frozenset(unknown for part in parts for unknown in part.unknown_fields),
        next((part.total for part in parts if part.total is not None), None),
        {key: value for part in parts for key, value in part.revision_hashes.items()},
        tuple(entity for part in parts for entity in part.entities),
    )


def said(parsed: Parsed) -> str:
    """Return everything that comes out of a payload as one text."""
    return repr([(notice.to_json(), notice.particulars) for notice in parsed.notices])


def texts(parsed: Parsed) -> dict[str, tuple[str, str]]:
    """Return by notice what people read of it."""
    return {notice.id: (notice.title, notice.text) for notice in parsed.notices}


def hashes(parsed: Parsed) -> dict[str, str]:
    """Return by notice what tells one revision of it from another."""
    return dict(parsed.revision_hashes)
