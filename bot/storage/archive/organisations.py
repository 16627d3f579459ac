"""What stored notices print of organisations: their names, and the numbers beside them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.matching import Spelling
from bot.storage._values import from_list
from bot.storage.archive.full_text import expression_of
from bot.storage.database import Connection

_MOST_WITHOUT = 10
"""How many notices are looked at for each one that is wanted: a common word stands in very many without a number."""


@dataclass(frozen=True, slots=True)
class Printed:
    """Hold the organisations that the latest revision of a notice names, and its numbers (`scheme:value`)."""

    source: str
    source_id: str
    buyer: str | None
    suppliers: tuple[str, ...]
    identifiers: tuple[str, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Return all organisations named, the buyer first."""
        return (self.buyer, *self.suppliers) if self.buyer else self.suppliers


async def printed_with(connection: Connection, spellings: Sequence[Spelling], limit: int) -> list[Printed]:
    """Return what the newest notices print that hold a term in any of these spellings and have numbers.

    By full text, among the newest that hold it: a notice stored a moment ago may not be found yet.
    """
    if not spellings:
        return []
    rows = await connection.all(
        """
        SELECT notice.source, notice.source_id, buyer, suppliers, identifiers
        FROM (SELECT rowid AS id FROM notice_words WHERE notice_words MATCH ? ORDER BY rowid DESC LIMIT ?) AS found
        CROSS JOIN notice ON notice.id = found.id
        CROSS JOIN notice_revision ON notice_revision.notice_id = notice.id
            AND notice_revision.revision = notice.revision
        WHERE identifiers <> '[]' ORDER BY notice.id DESC LIMIT ?
        """,
        expression_of([spellings]),
        limit * _MOST_WITHOUT,
        limit,
    )
    return [
        Printed(
            row["source"], row["source_id"], row["buyer"], from_list(row["suppliers"]), from_list(row["identifiers"])
        )
        for row in rows
    ]


async def count_with(connection: Connection, spellings: Sequence[Spelling]) -> int:
    """Return how many notices hold a term in any of these spellings, by full text."""
    row = await connection.one(
        "SELECT count(*) FROM notice_words WHERE notice_words MATCH ?", expression_of([spellings])
    )
    return int(row[0]) if row else 0
