"""Datasets behind the Explore v2.1 interface of Opendatasoft, read page by page until nothing is missing."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

from bot.errors import SourceError, SourceFault
from bot.sources._http.client import PoliteClient
from bot.sources._reading import strict_json
from bot.sources._reading.entry import records_at

PAGE_RECORDS = 100
REACHABLE_RECORDS = 10_000
MAX_READS = 3


@dataclass(frozen=True, slots=True)
class Page:
    """Hold an answer as it came, and the number of records that it announces for the whole query."""

    body: bytes
    total: int


@dataclass(frozen=True, slots=True)
class Dataset:
    """Read the records of one dataset, ordered by its unique field `key`; `base_url` stands before the path."""

    base_url: str
    name: str
    key: str
    max_bytes: int

    async def pages(self, client: PoliteClient, where: str, first: Page | None = None) -> AsyncIterator[Page]:
        """Yield the pages of an ODSQL query, at most 100 records each; `first` is the first one where it is there.

        A query whose total changes while it is read is read again, up to three times, so that no shift hides a record:
        pages may repeat records. Raises SourceError where the publisher sends fewer records than it announced, and
        where it announces more than offset + limit can reach.
        """
        for _ in range(MAX_READS):
            page = first or await self.page(client, where, 0)
            first = None
            if page.total > REACHABLE_RECORDS:
                message = f"one day announces {page.total} notices, more than can be read"
                raise SourceError(message, SourceFault.TOO_FULL_A_DAY, field="total_count", total=page.total)
            yield page
            totals = {page.total}
            offset = PAGE_RECORDS
            while offset < page.total:
                page = await self.page(client, where, offset)
                yield page
                totals.add(page.total)
                offset += PAGE_RECORDS
            if len(totals) == 1:
                return
        raise SourceError(
            f"the total of the window changed {MAX_READS} times while it was read",
            SourceFault.MOVING_TOTAL,
            field="total_count",
            times=MAX_READS,
        )

    async def page(self, client: PoliteClient, where: str, offset: int) -> Page:
        """Return the page at an offset; raises SourceError where it is not as full as announced."""
        answer = await client.get(
            f"{self.base_url}/api/explore/v2.1/catalog/datasets/{self.name}/records",
            {"where": where, "order_by": self.key, "limit": str(PAGE_RECORDS), "offset": str(offset)},
            max_bytes=self.max_bytes,
        )
        records, total = envelope(await asyncio.to_thread(strict_json.load, answer.body))
        if total is None:
            raise SourceError("a number of notices was expected", SourceFault.COUNT_EXPECTED, field="total_count")
        expected = max(0, min(PAGE_RECORDS, total - offset))
        if len(records) < expected:
            raise SourceError(
                f"a page holds {len(records)} notices where {expected} were announced (offset {offset} of {total})",
                SourceFault.SHORT_PAGE,
                field="results",
                count=len(records),
                expected=expected,
                offset=offset,
                total=total,
            )
        return Page(answer.body, total)


def envelope(answer: Any, *, lenient: bool = False) -> tuple[list[dict[str, Any]], int | None]:
    """Return the records of an answer and the total that it announces (None only in lenient reading).

    Lenient reading also takes a saved list of records. Raises SourceError where the answer is anything else.
    """
    if lenient and isinstance(answer, list):
        answer = {"results": answer}
    if not isinstance(answer, dict):
        raise SourceError("an object with total_count and results was expected", SourceFault.ENVELOPE_EXPECTED)
    total = answer.get("total_count")
    is_number = isinstance(total, int) and not isinstance(total, bool) and total >= 0
    if not is_number and not (lenient and total is None):
        raise SourceError("a number of notices was expected", SourceFault.COUNT_EXPECTED, field="total_count")
    return records_at(answer, "results"), total if is_number else None
