"""US LDA: who pays whom to lobby the Congress and the administration of the United States, through lda.gov."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from http import HTTPStatus
from typing import Final
from zoneinfo import ZoneInfo

from bot.errors import SourceError, SourceFault
from bot.models import Notice
from bot.sources._base import Asked, Loss, Parsed, Payload, Source, Told, Window
from bot.sources._http.client import PoliteClient
from bot.sources._reading import strict_json
from bot.sources._reading.entry import missing_fields, refuse_one_id, unknown_fields
from bot.sources._us_lda.filing import LAYOUT, Filing
from bot.sources._us_lda.pages import PAGE_FILINGS, Page, Place, Reading, envelope, page_of

FILINGS_PATH: Final = "/api/v1/filings/"
POLL_PAGES: Final = 150
"""Pages of one poll: ten minutes without a key; a peak day goes on with the next poll."""

MAX_PAGES: Final = 4_000
MAX_READS: Final = 3
PEAK_PAGES: Final = POLL_PAGES // 2
"""A window of more pages is not read again by every poll: those after it go on from its end."""

LONGEST: Final = timedelta(days=5)
"""How long polls go on from page to page before one begins with a window of its own."""

SEAM: Final = timedelta(days=1)
"""How far before the cut a read goes back whose pages no longer stand where they stood."""


class UsLda(Source):
    """Read the lobbying disclosures of the United States: registrations, quarterly reports, amendments, terminations.

    Publisher: Secretary of the Senate, Office of Public Records, and Clerk of the House, under the Lobbying Disclosure
        Act (LDA).
    Documentation: https://lda.gov/api/redoc/v1/
    Licence: public data; state the date of access, and that the Senate Office of Public Records cannot vouch for the
        data or analyses derived from them after they were retrieved.
    Delay: a filing is there once posted; reports are due on 20 January, April, July and October, and pile up then.
    Identity: `filing_uuid`, as published. Amendments and terminations are filings of their own; what one registrant
        files for one client shares one procedure.
    Caveats: without a key the publisher allows 15 requests a minute, each of 25 filings: a peak day takes hours, poll
        by poll. With one in the environment (LDA_API_KEY) it allows 120, and `pace` may be "0.5s". An amount is what
        the firm was paid, or what an organisation spent on its own lobbying. A report is compared with the one before
        it of the same firm for the same client, as far as Vigie has read that one. The register marks none as late.
        Contact persons and convictions are left out.
    """

    name = "us_lda"
    label = "US LDA"
    layout = LAYOUT
    french = Told(
        about="Le registre du lobbying des États-Unis (Lobbying Disclosure Act) : inscriptions, rapports "
        "trimestriels, modifications et fins de mission ; qui paie qui pour influencer le Congrès et l'administration.",
        delay="Une déclaration est en ligne dès son dépôt ; les rapports trimestriels sont dus les 20 janvier, avril, "
        "juillet et octobre, et affluent alors.",
        caveats="Sans clé, l'éditeur accepte 15 requêtes par minute, de 25 déclarations chacune : un jour d'affluence "
        "prend des heures, lecture après lecture. Avec une clé (LDA_API_KEY), il en accepte 120, et `pace` (l'attente "
        'entre deux requêtes) peut valoir "0.5s". Le montant est ce que le cabinet a reçu ou, pour une organisation '
        "qui défend ses propres intérêts, ce qu'elle a dépensé. Un rapport est comparé au précédent du même cabinet "
        "pour le même client, si Vigie l'a lu. Le registre n'en signale aucun comme tardif. Les personnes à contacter "
        "et les condamnations sont laissées de côté.",
        publisher="Secrétariat du Sénat des États-Unis (Office of Public Records) et greffe de la Chambre des "
        "représentants, en application du Lobbying Disclosure Act (LDA).",
        licence="Données publiques ; citez la date de consultation, et précisez que le Sénat ne répond ni des "
        "données, ni des analyses qui en sont tirées, une fois qu'elles ont été téléchargées.",
    )
    default_base_url = "https://lda.gov"
    default_every = timedelta(hours=3)
    default_pace = timedelta(seconds=4)
    overlap = timedelta(days=2)
    baseline = timedelta(days=3)
    quiet_limit = timedelta(days=15)
    language = "en"
    zone = "America/New_York"
    # Nobody files over a long weekend.
    may_be_empty = True
    step = 1
    is_series = True
    particulars = frozenset(
        {
            "filing",
            "year",
            "period",
            "mandate_ended",
            "lobbyist",
            "office",
            "newcomer",
            "issue",
            "target",
            "fees",
            "spend",
        }
    )
    material = frozenset({"lobbyist", "issue", "target", "fees", "spend"})
    revision_hash_version = 2
    secret = "LDA_API_KEY"  # noqa: S105  # the name of a variable, not a key

    async def fetch(self, asked: Asked, client: PoliteClient) -> AsyncIterator[Payload]:
        """Yield the pages of a window, at most 25 filings each: the first one, then from the last one back to it.

        A poll after the first one reads at most 150 pages: its cursor says where the next one goes on: two pages
        earlier, or a day earlier where the pages have shifted. At the end of a peak it says so, too. What is posted
        meanwhile is left to the next poll. A read to which something is missing is repeated, up to three times; raises
        SourceError where it still is, where pages go round in circles, and where a read that must be cut does not come
        in order.
        """
        is_poll = asked.last_ok is not None and not asked.is_backfill
        start = await self._start(asked, client) if is_poll else Place(asked.window.since)
        window = Window(start.since, asked.window.until)
        for _ in range(MAX_READS):
            page = await self._page(client, window, start.page)
            reading = Reading(start, page)
            is_cut = reading.last - start.page >= (POLL_PAGES if is_poll else MAX_PAGES)
            if is_cut and not is_poll:
                message = f"the answer has more than {MAX_PAGES} pages"
                raise SourceError(message, SourceFault.TOO_MANY_PAGES, most=MAX_PAGES)
            if is_cut:
                reading.last = start.page + POLL_PAGES - 1
            if reading.last > start.page:
                yield Payload(page.body)
                async for behind in self._back(client, window, start.page, reading):
                    yield Payload(behind.body)
                page = await self._page(client, window, start.page)
            reading.add(page, start.page)
            if reading.is_whole:
                is_peak = is_cut or (reading.last >= PEAK_PAGES and reading.can_go_on)
                yield Payload(page.body, cursor=reading.to_cursor() if is_peak else {})
                return
        if len(reading.ids) >= reading.announced:
            message = f"the total of the window changed {MAX_READS} times while it was read"
            raise SourceError(message, SourceFault.MOVING_TOTAL, field="count", times=MAX_READS)
        message = f"{len(reading.ids)} notices came of the {reading.announced} announced"
        count, total = len(reading.ids), reading.announced
        raise SourceError(message, SourceFault.SHORT_READ, field="count", count=count, total=total)

    async def _start(self, asked: Asked, client: PoliteClient) -> Place:
        """Return where a poll begins: where the last one was cut, else at the beginning of its window."""
        cut, since = Place.of(asked.cursor), asked.window.since
        if cut is None or cut.posted is None or cut.since > since:
            return Place(since)
        until = cut.posted.astimezone(ZoneInfo(self.zone)).date()
        if until >= since > cut.since + LONGEST:
            return Place(since)
        page = await self._page_or_none(client, Window(cut.since), cut.page)
        if page is not None and page.posted and min(page.posted) < cut.posted:
            return cut
        # Filings were taken out: what stood here stands on earlier pages now.
        return Place(until - SEAM)

    async def _back(self, client: PoliteClient, window: Window, start: int, reading: Reading) -> AsyncIterator[Page]:
        """Yield the pages of a read from its last one back to the one behind its first, taken in."""
        for number in range(reading.last, start, -1):
            page = await self._page_or_none(client, window, number)
            if page is None:
                continue
            if page.ids and reading.ids.issuperset(page.ids):
                message = f"the pages go round in circles: page {number} brings nothing new"
                raise SourceError(message, SourceFault.SAME_PAGES, page=number)
            reading.add(page, number)
            yield page

    async def _page_or_none(self, client: PoliteClient, window: Window, number: int) -> Page | None:
        """Return a page, None where the window has become shorter and it is there no more."""
        try:
            return await self._page(client, window, number)
        except SourceError as error:
            if error.values.get("status") != str(int(HTTPStatus.NOT_FOUND)):
                raise
        return None

    async def _page(self, client: PoliteClient, window: Window, number: int) -> Page:
        asked = {"filing_dt_posted_after": window.since.isoformat()}
        if window.until is not None:
            asked["filing_dt_posted_before"] = window.until.isoformat()
        asked |= {"ordering": "dt_posted", "page_size": str(PAGE_FILINGS), "page": str(number)}
        headers = {"Authorization": f"Token {self._secret}"} if self._secret else {}
        url = f"{self.base_url}{FILINGS_PATH}"
        answer = await client.get(url, asked, max_bytes=self.max_bytes, headers=headers)
        return await asyncio.to_thread(page_of, answer.body)

    def parse(self, payload: bytes, *, lenient: bool = False) -> Parsed:
        """Read a page of filings, or in lenient reading also a saved filing or a list of them.

        Raises SourceError as `Source.parse` says, and where more than half of the filings share one id.
        """
        records, total = envelope(strict_json.load(payload), lenient=lenient)
        losses: list[Loss] = [] if total is not None else [Loss("", "count", "missing")]
        notices: dict[str, Notice] = {}
        hashes: dict[str, str] = {}
        seen: list[tuple[str, str]] = []
        for place, record in enumerate(records, start=1):
            filing = Filing(record, place, lenient=lenient)
            notice = filing.notice(self.name, self.language)
            notices[notice.id] = notice
            hashes[notice.id] = filing.revision_hash(notice, self.revision_hash_version)
            seen.append((notice.id, hashes[notice.id]))
            losses += filing.losses
        refuse_one_id(seen, LAYOUT.id)
        losses += missing_fields(records, self.layout)
        return Parsed(tuple(notices.values()), tuple(losses), unknown_fields(records, self.layout), total, hashes)
