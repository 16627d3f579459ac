"""What was taken out of a newsroom: by whom, when, with which filters, and which facts and tips were in it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any

from bot.storage._values import to_text
from bot.storage.database import Connection

Ranges = Sequence[tuple[int, int]]
"""Ids in order, each run of consecutive ones by its first and its last."""


class ExportKind(StrEnum):
    """What can be exported."""

    FACTS = "facts"
    TIPS = "tips"
    HITS = "hits"
    WATCHLIST = "watchlist"
    NOTICES = "notices"


async def record(  # noqa: PLR0913  # an export is who took what, when and where to
    connection: Connection,
    guild_id: int,
    kind: ExportKind,
    by: int | str,
    now: datetime,
    *,
    filters: Mapping[str, Any],
    facts: Ranges = (),
    tips: Ranges = (),
    last_change: int = 0,
    folder: str | None = None,
) -> int:
    """Note an export, in the transaction of its entry in the audit log, and return our id of it.

    `by` is a Discord user id, or `cli:name`; `folder` is where the command line wrote it; `last_change` is the last
    change of any fact that was read.
    """
    rows = await connection.all(
        """
        INSERT INTO export (guild_id, kind, made_by, made_at, folder, filters, facts, tips, last_change)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id
        """,
        guild_id,
        kind,
        str(by),
        to_text(now),
        folder,
        json.dumps(filters, ensure_ascii=False),
        _kept(facts),
        _kept(tips),
        last_change,
    )
    return int(rows[0]["id"])


class RangesOfIds:
    """Gather ids that come in order into ranges."""

    def __init__(self) -> None:
        self._ranges: list[tuple[int, int]] = []

    def add(self, ids: Iterable[int]) -> None:
        """Take ids that follow those that came before."""
        for one in ids:
            if self._ranges and one == self._ranges[-1][1] + 1:
                self._ranges[-1] = self._ranges[-1][0], one
            else:
                self._ranges.append((one, one))

    @property
    def found(self) -> tuple[tuple[int, int], ...]:
        """Return the ranges so far."""
        return tuple(self._ranges)


def _kept(ranges: Ranges) -> str:
    return json.dumps([list(one) for one in ranges], separators=(",", ":"))
