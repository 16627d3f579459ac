"""TED: the European Union's tenders and awards above its thresholds, through the Search API v3."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus
from typing import Any, ClassVar, Final

from bot.errors import Expected, SourceError, SourceFault
from bot.models import Notice
from bot.sources._base import NOTHING, Asked, Loss, Parsed, Payload, Source, Told, Window
from bot.sources._http.client import PoliteClient
from bot.sources._reading import strict_json
from bot.sources._reading.entry import missing_fields, records_of, refuse_one_id, unknown_fields
from bot.sources._ted.fields import CORE_FIELDS, DOCUMENTED_FIELDS, FIELDS, LAYOUT
from bot.sources._ted.record import ZONE, Reading, number_of

SEARCH_PATH: Final = "/v3/notices/search"
PAGE_NOTICES: Final = 250
PAGE_CELLS: Final = 10_000
"""Notices times fields of one page; `links` counts as one more field."""

MAX_PAGES: Final = 1_000

_COUNTRY = re.compile(r"[A-Z]{3}")


class Ted(Source):
    """Read the European Union's tenders, awards and changes above its thresholds, of the countries that are chosen.

    Publisher: Publications Office of the European Union, Tenders Electronic Daily (Official Journal, series S).
    Documentation: https://docs.ted.europa.eu/api/latest/search.html
    Licence: free reuse with the source named (Commission Decision 2011/833/EU).
    Delay: issued in the morning of working days; France alone has some 250 notices a day.
    Identity: the publication number without zeros in front (479730-2026). A new version of a notice is a notice of its
        own; all of a procedure share its UUID, which BOAMP gives too.
    Caveats: the search answer lists names, numbers and values of all lots without saying which belong together: an
        amount is told only where there is but one, an identifier only where its country is sure. `countries` chooses
        whose buyers are read, as codes of three letters (FRA, DEU); French buyers where it says nothing.
    """

    name = "ted"
    label = "TED"
    layout = LAYOUT
    french = Told(
        about="Les marchés publics au-dessus des seuils européens, au Journal officiel de l'Union européenne (TED) : "
        "appels d'offres, attributions, rectificatifs et modifications, pour les pays choisis.",
        delay="Les avis paraissent le matin des jours ouvrés ; la France compte à elle seule environ 250 avis par "
        "jour.",
        caveats="La réponse énumère les noms, les numéros et les valeurs de tous les lots sans dire lesquels vont "
        "ensemble : un montant n'est donné que s'il est seul, un numéro d'entreprise que si son pays est sûr. "
        "`countries` choisit les pays des acheteurs, en codes de trois lettres (FRA, DEU) ; sans ce réglage, seuls "
        "les acheteurs français sont lus.",
        publisher="Office des publications de l'Union européenne, Tenders Electronic Daily (série S du Journal "
        "officiel).",
        licence="Réutilisation libre, en citant la source (décision 2011/833/UE de la Commission).",
    )
    default_base_url = "https://api.ted.europa.eu"
    default_every = timedelta(hours=1)
    default_pace = timedelta(seconds=2)
    overlap = timedelta(days=4)
    baseline = timedelta(days=7)
    quiet_limit = timedelta(days=5)
    max_bytes = 60_000_000
    language = None
    zone = ZONE
    # Its front server refuses too many requests without saying for how long.
    pause_on: ClassVar[Mapping[int, timedelta]] = {HTTPStatus.TOO_MANY_REQUESTS: timedelta(minutes=5)}
    # A bridge of holidays leaves four days without an issue.
    may_be_empty = True
    options: ClassVar[Mapping[str, tuple[str, ...]]] = {"countries": ("FRA",)}
    option_forms: ClassVar[Mapping[str, tuple[str, Expected]]] = {"countries": (r"[A-Za-z]{3}", Expected.COUNTRIES)}

    def __init__(
        self,
        base_url: str | None = None,
        *,
        member: str | None = None,
        options: Mapping[str, Any] = NOTHING,
        secret: str | None = None,
    ) -> None:
        """Make the source; raises ValueError where `countries` holds anything but codes of three letters."""
        super().__init__(base_url, member=member, options=options, secret=secret)
        self.countries = tuple(dict.fromkeys(str(code).upper() for code in self.chosen["countries"]))
        if not self.countries or not all(_COUNTRY.fullmatch(code) for code in self.countries):
            raise ValueError(f"country codes of three letters were expected, not {self.countries}")

    async def fetch(self, asked: Asked, client: PoliteClient) -> AsyncIterator[Payload]:
        """Yield the pages of a window, until as many notices came as were announced.

        Raises SourceError where fewer come, where pages go round in circles, and where the publisher says that its
        answer is incomplete. Where it refuses fields, fewer are asked for: the payloads are then reduced, and `parse`
        tells which fields are missing.
        """
        numbers: set[str] = set()
        total = 0
        async for payload, page in self._pages(client, self._query(asked.window)):
            yield payload
            numbers.update(page.numbers)
            total = page.total
        if len(numbers) < total:
            message = f"{len(numbers)} notices came of the {total} announced"
            field = "totalNoticeCount"
            raise SourceError(message, SourceFault.SHORT_READ, field=field, count=len(numbers), total=total)

    def _query(self, window: Window) -> str:
        """Return a window in the expert syntax, unordered: an ordered iteration is said to end early."""
        conditions = [f"publication-date >= {window.since:%Y%m%d}"]
        if window.until is not None:
            conditions.append(f"publication-date <= {window.until - timedelta(days=1):%Y%m%d}")
        conditions.append(f"buyer-country IN ({' '.join(self.countries)})")
        return " AND ".join(conditions)

    async def _pages(self, client: PoliteClient, query: str) -> AsyncIterator[tuple[Payload, _Page]]:
        fields, body = await self._first(client, query)
        numbers: set[str] = set()
        for place in range(1, MAX_PAGES + 1):
            page = await asyncio.to_thread(_page, body)
            yield Payload(body, is_reduced=fields is not FIELDS), page
            fresh = set(page.numbers) - numbers
            numbers |= fresh
            if not page.numbers or len(numbers) >= page.total or page.token is None:
                return
            if not fresh:
                message = f"the pages go round in circles: page {place} brings nothing new"
                raise SourceError(message, SourceFault.SAME_PAGES, page=place)
            body = await self._page(client, query, fields, page.token)
        raise SourceError(f"the answer has more than {MAX_PAGES} pages", SourceFault.TOO_MANY_PAGES, most=MAX_PAGES)

    async def _first(self, client: PoliteClient, query: str) -> tuple[Sequence[str], bytes]:
        """Return the first page with the fields that it was had with: one unknown name refuses the whole request."""
        for fields in (FIELDS, DOCUMENTED_FIELDS):
            try:
                return fields, await self._page(client, query, fields)
            except SourceError as error:
                if error.values.get("status") != str(int(HTTPStatus.BAD_REQUEST)):
                    raise
        return CORE_FIELDS, await self._page(client, query, CORE_FIELDS)

    async def _page(self, client: PoliteClient, query: str, fields: Sequence[str], token: str | None = None) -> bytes:
        asked: dict[str, Any] = {
            "query": query,
            "fields": list(fields),
            "page": 1,
            "limit": min(PAGE_NOTICES, PAGE_CELLS // (len(fields) + 1)),
            "scope": "ALL",
            "checkQuerySyntax": False,
            "paginationMode": "ITERATION",
            "onlyLatestVersions": False,
        }
        if token is not None:
            asked["iterationNextToken"] = token
        return (await client.post_json(f"{self.base_url}{SEARCH_PATH}", asked, max_bytes=self.max_bytes)).body

    def parse(self, payload: bytes, *, lenient: bool = False) -> Parsed:
        """Read a page of notices, or in lenient reading also a saved notice or a list of them.

        Raises SourceError as `Source.parse` says, where the publisher says that its answer is incomplete, and where
        more than half of the notices share one number.
        """
        records, total = _envelope(strict_json.load(payload), lenient=lenient)
        losses: list[Loss] = [] if total is not None else [Loss("", "totalNoticeCount", "missing")]
        notices: dict[str, Notice] = {}
        hashes: dict[str, str] = {}
        seen: list[tuple[str, str]] = []
        for place, record in enumerate(records, start=1):
            reading = Reading(record, place, lenient=lenient)
            notice = reading.notice(self.name)
            notices[notice.id] = notice
            hashes[notice.id] = reading.revision_hash(notice, self.revision_hash_version)
            seen.append((notice.id, hashes[notice.id]))
            losses += reading.losses
        refuse_one_id(seen, LAYOUT.id)
        losses += missing_fields(records, self.layout)
        return Parsed(tuple(notices.values()), tuple(losses), unknown_fields(records, self.layout), total, hashes)


@dataclass(frozen=True, slots=True)
class _Page:
    """Hold what a page says of itself: the numbers of its notices, the announced total, the token of the next."""

    numbers: tuple[str, ...]
    total: int
    token: str | None


def _page(body: bytes) -> _Page:
    answer = strict_json.load(body)
    records, total = _envelope(answer)
    token = answer.get("iterationNextToken")
    numbers = tuple(
        number_of(record.get(LAYOUT.id)) or str(record.get(LAYOUT.id) or f"#{place}")
        for place, record in enumerate(records, start=1)
    )
    return _Page(numbers, total or 0, token if isinstance(token, str) and token else None)


def _envelope(answer: Any, *, lenient: bool = False) -> tuple[list[dict[str, Any]], int | None]:
    """Return the notices of an answer and the total that it announces (None only in lenient reading)."""
    if lenient and isinstance(answer, dict) and LAYOUT.id in answer:
        answer = [answer]
    if lenient and isinstance(answer, list):
        answer = {LAYOUT.entries: answer}
    if not isinstance(answer, dict):
        message = f"an object with {LAYOUT.entries} and totalNoticeCount was expected"
        raise SourceError(message, SourceFault.RECORDS_EXPECTED, field=LAYOUT.entries)
    if answer.get("timedOut"):
        message = "TED says itself that its answer is incomplete: its search was broken off"
        raise SourceError(message, SourceFault.INCOMPLETE, field="timedOut", host="TED")
    total = answer.get("totalNoticeCount")
    is_number = isinstance(total, int) and not isinstance(total, bool) and total >= 0
    if not is_number and not (lenient and total is None):
        raise SourceError("a number of notices was expected", SourceFault.COUNT_EXPECTED, field="totalNoticeCount")
    return records_of(answer, LAYOUT), total if is_number else None
