"""BOAMP: France's official bulletin of public tenders, through the Explore v2.1 interface of Opendatasoft."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from datetime import date, timedelta
from typing import Any

from bot.errors import SourceError, SourceFault
from bot.models import Notice
from bot.sources import _json
from bot.sources._base import Loss, Parsed, Source, Window
from bot.sources._boamp_record import COLUMNS, READ_COLUMNS, Reading
from bot.sources._http import PoliteClient

RECORDS_PATH = "/api/explore/v2.1/catalog/datasets/boamp/records"
PAGE_RECORDS = 100
REACHABLE_RECORDS = 10_000
LONG_WINDOW = timedelta(days=7)
LONG_WINDOW_RECORDS = 5_000
MAX_DAYS = 4_000
MAX_READS = 3


class Boamp(Source):
    """Read France's official bulletin of public tenders: tenders, awards, corrigenda and cancellations.

    Publisher: Direction de l'information légale et administrative (DILA), Bulletin officiel des annonces des marchés
        publics.
    Documentation: https://boamp-datadila.opendatasoft.com/explore/dataset/boamp/api/
    Licence: Licence Ouverte / Open Licence 2.0 (Etalab).
    Identity: `idweb`, as published (26-95337). Corrigenda and cancellations are notices of their own, tied to the
        first notice by their procedure.
    Caveats: amounts, CPV codes and identifiers stand only in `donnees`, whose form changes with the procedure; the
        winner of a simplified notice (FNSimple) is prose and is searched in the text. Large notices are in TED too.
        A day's notices are there in its morning, and a few arrive days later.
    """

    name = "boamp"
    label = "BOAMP"
    default_base_url = "https://boamp-datadila.opendatasoft.com"
    default_every = timedelta(minutes=30)
    default_pace = timedelta(milliseconds=500)
    overlap = timedelta(days=3)
    baseline = timedelta(days=7)
    quiet_limit = timedelta(days=2)
    max_bytes = 40_000_000
    language = "fr"
    zone = "Europe/Paris"

    async def fetch(self, window: Window, client: PoliteClient) -> AsyncIterator[bytes]:
        """Yield the pages of a window, at most 100 records each, ordered by `idweb`.

        Long windows are read day by day, because offset + limit may not pass 10 000. A window whose total changes
        while it is read is read again, up to three times, so that no shift hides a record: pages may repeat records.
        Raises SourceError where the publisher sends fewer records than it announced.
        """
        day = window.since
        left = 0
        for _ in range(MAX_DAYS):
            if window.until is not None and day >= window.until:
                return
            if window.until is None and left <= LONG_WINDOW_RECORDS:
                first = await self._page(client, _since(day), 0)
                left = first[1]
                if left <= LONG_WINDOW_RECORDS:
                    async for payload, _total in self._pages(client, _since(day), first):
                        yield payload
                    return
            if window.until is not None and window.until - window.since <= LONG_WINDOW:
                where = f"{_since(day)} and dateparution < date'{window.until}'"
                async for payload, _total in self._pages(client, where):
                    yield payload
                return
            total = 0
            async for payload, total in self._pages(client, f"dateparution = date'{day}'"):  # noqa: B007  # the last counts
                yield payload
            left -= total
            day += timedelta(days=1)
        raise SourceError(f"more than {MAX_DAYS} days cannot be read at once", SourceFault.TOO_MANY_DAYS, most=MAX_DAYS)

    async def _pages(
        self, client: PoliteClient, where: str, first: tuple[bytes, int] | None = None
    ) -> AsyncIterator[tuple[bytes, int]]:
        """Yield the pages of a query, each with the total that it announces."""
        for _ in range(MAX_READS):
            page = first or await self._page(client, where, 0)
            first = None
            yield page
            totals = {page[1]}
            offset = PAGE_RECORDS
            while offset < page[1]:
                page = await self._page(client, where, offset)
                yield page
                totals.add(page[1])
                offset += PAGE_RECORDS
            if len(totals) == 1:
                return
        raise SourceError(
            f"the total of the window changed {MAX_READS} times while it was read",
            SourceFault.MOVING_TOTAL,
            field="total_count",
            times=MAX_READS,
        )

    async def _page(self, client: PoliteClient, where: str, offset: int) -> tuple[bytes, int]:
        """Return a page that is as full as announced, and the total that it announces."""
        answer = await client.get(
            f"{self.base_url}{RECORDS_PATH}",
            {"where": where, "order_by": "idweb", "limit": str(PAGE_RECORDS), "offset": str(offset)},
            max_bytes=self.max_bytes,
        )
        records, total = await asyncio.to_thread(_envelope, answer.body)
        if total is None:
            raise SourceError("a number of notices was expected", SourceFault.COUNT_EXPECTED, field="total_count")
        if total > REACHABLE_RECORDS and offset == 0 and " = " in where:
            message = f"one day announces {total} notices, more than can be read"
            raise SourceError(message, SourceFault.TOO_FULL_A_DAY, field="total_count", total=total)
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
        return answer.body, total

    def parse(self, payload: bytes, *, lenient: bool = False) -> Parsed:
        """Read a page of records, or in lenient reading also a saved list of them.

        Raises SourceError as `Source.parse` says, and where more than half of the records share one id.
        """
        records, total = _envelope(payload, lenient=lenient)
        losses: list[Loss] = []
        if total is None:
            losses.append(Loss("", "total_count", "missing"))
        notices: dict[str, Notice] = {}
        hashes: dict[str, str] = {}
        unknown: set[str] = set()
        gone: set[str] = set()
        ids: Counter[str] = Counter()
        for place, record in enumerate(records, start=1):
            reading = Reading(record, place, lenient=lenient)
            notice = reading.notice(self.name, self.language)
            ids[notice.id] += 1
            notices[notice.id] = notice
            hashes[notice.id] = reading.revision_hash(notice, self.revision_hash_version)
            losses += reading.losses
            unknown |= record.keys() - COLUMNS
            gone |= READ_COLUMNS - record.keys()
        _refuse_one_id_for_all(ids)
        if not lenient:
            losses += [Loss("", column, "the column is missing") for column in sorted(gone)]
        return Parsed(tuple(notices.values()), tuple(losses), frozenset(unknown), total, hashes)


def _since(day: date) -> str:
    return f"dateparution >= date'{day}'"


def _envelope(payload: bytes, *, lenient: bool = False) -> tuple[list[dict[str, Any]], int | None]:
    """Return the records of an answer and the total that it announces (None only in lenient reading)."""
    answer = _json.load(payload)
    if lenient and isinstance(answer, list):
        answer = {"results": answer}
    if not isinstance(answer, dict):
        raise SourceError("an object with total_count and results was expected", SourceFault.ENVELOPE_EXPECTED)
    if "results" not in answer and "gestion" in answer and "donnees" in answer:
        raise SourceError(
            "this is an answer of the DILA's retired interface, which Vigie does not read",
            SourceFault.RETIRED,
            field="results",
        )
    total = answer.get("total_count")
    is_number = isinstance(total, int) and not isinstance(total, bool) and total >= 0
    if not is_number and not (lenient and total is None):
        raise SourceError("a number of notices was expected", SourceFault.COUNT_EXPECTED, field="total_count")
    records = answer.get("results")
    if not isinstance(records, list):
        raise SourceError("a list of records was expected", SourceFault.RECORDS_EXPECTED, field="results")
    for place, record in enumerate(records, start=1):
        if not isinstance(record, dict):
            raise SourceError("a record was expected", SourceFault.RECORD_EXPECTED, field="results", entry=f"#{place}")
    return records, total if is_number else None


def _refuse_one_id_for_all(ids: Counter[str]) -> None:
    for shared, count in ids.most_common(1):
        if count > 1 and count * 2 > ids.total():
            raise SourceError(
                f"{count} of {ids.total()} records share one id",
                SourceFault.ONE_ID,
                field="idweb",
                entry=shared,
                count=count,
                total=ids.total(),
            )
