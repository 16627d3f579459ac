"""Parsed notices kept aside until a whole poll has been read, on disk when they are many."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from bot.models import Notice
from bot.sources import Parsed

MEMORY_BYTES = 4_000_000


@dataclass(frozen=True, slots=True)
class Entry:
    """Hold a parsed notice with the checksum of its meaningful fields."""

    notice: Notice
    content_sha256: str


class Spool:
    """Keep notices in the order they came; each source id once, the last copy wins.

    Its methods do file work: call them from a thread.
    """

    def __init__(self) -> None:
        self._file = tempfile.SpooledTemporaryFile(  # noqa: SIM115  # closed by __exit__
            max_size=MEMORY_BYTES, mode="w+", encoding="utf-8", newline="\n"
        )
        self._written = 0
        self._last: dict[str, int] = {}
        self.losses = 0
        self.unknown_fields: set[str] = set()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def __len__(self) -> int:
        return len(self._last)

    def add(self, parsed: Parsed) -> None:
        """Append what a payload said; a notice that is there already is read back as it now stands."""
        for notice in parsed.notices:
            line = {"notice": notice.to_json(), "sha256": parsed.revision_hashes[notice.id]}
            self._file.write(json.dumps(line) + "\n")
            self._last[notice.id] = self._written
            self._written += 1
        self.losses += len(parsed.losses)
        self.unknown_fields |= parsed.unknown_fields

    def batches(self, size: int) -> Iterator[tuple[Entry, ...]]:
        """Read everything back, `size` entries at a time; nothing may be added meanwhile."""
        self._file.seek(0)
        batch: list[Entry] = []
        for place, text in enumerate(self._file):
            line = json.loads(text)
            notice = Notice.from_json(line["notice"])
            if self._last[notice.id] != place:
                continue
            batch.append(Entry(notice, line["sha256"]))
            if len(batch) == size:
                yield tuple(batch)
                batch.clear()
        if batch:
            yield tuple(batch)
