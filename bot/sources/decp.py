"""DECP: the essential data of France's public contracts, out of the table that data.gouv.fr serves consolidated."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

from bot.errors import SourceError, SourceFault
from bot.sources._base import Asked, Loss, Parsed, Payload, Source, Told, Window
from bot.sources._decp.contract import LAYOUT, TABLE_PATH, TABLE_URL, Contract, Row
from bot.sources._decp.rows import GATHERED, PARTIAL, Rows, rows_of
from bot.sources._http.client import PoliteClient
from bot.sources._reading import strict_json
from bot.sources._reading.entry import missing_fields, refuse_one_id, unknown_fields

PAGE_ROWS = 50
MAX_PAGES = 10_000
MAX_READS = 3
BETWEEN_SIGNING_AND_PUBLICATION = timedelta(days=83)
"""What a poll reaches further back by the date of notification: buyers have two months, and take longer."""

_PUBLISHED = "datePublicationDonnees"
_NOTIFIED = "dateNotification"
_BAD_REQUEST = "400"


class Decp(Source):
    """Read the contracts that French public bodies awarded, far below the European thresholds, and their amendments.

    Publisher: the buyers themselves, as the law has them; gathered and consolidated every day by decp.info, and served
        by data.gouv.fr (Direction interministérielle du numérique).
    Documentation: https://www.data.gouv.fr/datasets/donnees-essentielles-de-la-commande-publique-consolidees-format-tabulaire
    Licence: Licence Ouverte / Open Licence 2.0 (Etalab).
    Delay: the law gives the buyer up to two months after the contract was notified; the table is rebuilt every day.
    Identity: `uid` (the buyer's SIRET and its own number) and the number of the amendment, 0 for the award. A contract
        has one row for each supplier: they make one notice. Amendments are tied to the award by their procedure.
    Caveats: an amount is before tax, for a framework agreement it is the maximum; amounts that cannot be true, or that
        differ between the rows of one contract, are shown as doubtful in the text and nowhere else. Many buyers publish
        late or not at all; objects may be cut at 256 characters or missing; contracts without a date of publication are
        not seen.
    """

    name = "decp"
    label = "DECP"
    layout = LAYOUT
    french = Told(
        about="Les données essentielles de la commande publique : les marchés attribués en France, même bien en "
        "dessous des seuils européens, avec leurs titulaires, leurs montants et leurs modifications.",
        delay="L'acheteur a deux mois pour publier après la notification du marché ; les données sont refaites chaque "
        "jour.",
        caveats="Les montants sont hors taxes ; pour un accord-cadre, c'est un maximum. Un montant invraisemblable, "
        "ou qui varie d'une ligne à l'autre du même marché, n'est donné que dans le texte de l'avis, comme douteux. "
        "Beaucoup d'acheteurs publient tard, ou pas du tout. L'objet peut manquer, ou être coupé à 256 signes. Un "
        "marché sans date de publication échappe à la lecture.",
        publisher="Les acheteurs publics eux-mêmes, comme la loi les y oblige ; leurs données sont rassemblées chaque "
        "jour par decp.info et diffusées par data.gouv.fr (Direction interministérielle du numérique).",
    )
    default_base_url = TABLE_URL
    default_every = timedelta(hours=12)
    default_pace = timedelta(milliseconds=100)
    overlap = timedelta(days=7)
    baseline = timedelta(days=7)
    quiet_limit = timedelta(days=7)
    language = "fr"
    zone = "Europe/Paris"

    async def fetch(self, asked: Asked, client: PoliteClient) -> AsyncIterator[Payload]:
        """Yield the contracts of a window whole, in payloads that never split one.

        The window is that of the publication of the data. Where the publisher refuses that filter (status 400), the
        date of notification is asked for instead, from 83 days earlier: what was published late is then found too. The
        rows of a contract may carry several dates: of those found in the window, what lies outside is asked for by
        `uid`, so that no supplier comes and goes as the window moves; where that is refused it is told as a loss.
        Everything is read before the first payload, pages in the table's own order, which does not change between two
        of its daily rebuildings; a total that changes meanwhile has all read again, up to three times.
        """
        window = asked.window
        with Rows() as rows:
            try:
                await self._gather(client, rows, _PUBLISHED, window)
            except SourceError as error:
                if not _is_refused(error):
                    raise
                # A backfill goes through the whole history in its own steps: no date need be reached twice.
                reach = timedelta(0) if asked.is_backfill else BETWEEN_SIGNING_AND_PUBLICATION
                await self._gather(client, rows, _NOTIFIED, replace(window, since=window.since - reach))
            payloads = rows.payloads()
            while (body := await asyncio.to_thread(next, payloads, None)) is not None:
                yield Payload(body)

    async def _gather(self, client: PoliteClient, rows: Rows, column: str, window: Window) -> None:
        """Read a window of a column into `rows`, and what lies outside it of the same contracts."""
        for _ in range(MAX_READS):
            await asyncio.to_thread(rows.clear)
            within = {f"{column}__greater": window.since.isoformat()}
            outside = [{f"{column}__strictly_less": window.since.isoformat()}]
            if window.until is not None:
                within[f"{column}__strictly_less"] = window.until.isoformat()
                outside.append({f"{column}__greater": window.until.isoformat()})
            if await self._read(client, rows.add, within) and await self._complete(client, rows, outside):
                return
        raise SourceError(
            f"the total of the window changed {MAX_READS} times while it was read",
            SourceFault.MOVING_TOTAL,
            field="meta.total",
            times=MAX_READS,
        )

    async def _complete(self, client: PoliteClient, rows: Rows, outside: Sequence[Mapping[str, str]]) -> bool:
        """Read what lies outside a window of the contracts found in it; return as `_read`."""
        try:
            for uids in await asyncio.to_thread(rows.uids):
                for filters in outside:
                    if not await self._read(client, rows.add_more, {"uid__in": uids, **filters}):
                        return False
        except SourceError as error:
            if not _is_refused(error):
                raise
            rows.is_partial = True
        return True

    async def _read(
        self, client: PoliteClient, add: Callable[[bytes], tuple[int, int]], filters: Mapping[str, str]
    ) -> bool:
        """Read every page of a query; return whether the total stood still, and everything came.

        Raises SourceError where fewer rows come than were announced.
        """
        url = f"{self.base_url}{TABLE_PATH}"
        totals: set[int] = set()
        had = 0
        for page in range(1, MAX_PAGES + 1):
            asked = {**filters, "page": str(page), "page_size": str(PAGE_ROWS)}
            answer = await client.get(url, asked, max_bytes=self.max_bytes, accept="application/json")
            count, total = await asyncio.to_thread(add, answer.body)
            had += count
            totals.add(total)
            if not count or had >= total:
                break
        else:
            message = f"the answer has more than {MAX_PAGES} pages"
            raise SourceError(message, SourceFault.TOO_MANY_PAGES, field="meta.total", most=MAX_PAGES)
        if len(totals) > 1:
            return False
        if had < total:
            message = f"{had} notices came where {total} were announced"
            raise SourceError(message, SourceFault.SHORT_READ, field="data", count=had, total=total)
        return True

    def parse(self, payload: bytes, *, lenient: bool = False) -> Parsed:
        """Read rows of the table as contracts and amendments, those of one key as one notice.

        Lenient reading also takes a saved row, and what the official table answers. Raises SourceError as
        `Source.parse` says, and where more than half of the contracts share one key.
        """
        answer = strict_json.load(payload)
        records = rows_of(answer, lenient=lenient)
        gathered = answer.get(GATHERED) if isinstance(answer, dict) else None
        losses: list[Loss] = []
        grouped: defaultdict[str, list[Row]] = defaultdict(list)
        for place, record in enumerate(records, start=1):
            row = Row(record, place, lenient=lenient)
            if row.is_known:
                grouped[row.entry].append(row)
            else:
                losses += row.losses
        if gathered is None:
            # Of what `fetch` gathered the whole read was judged.
            contents = {(key, row.text("objet") or "") for key, rows in grouped.items() for row in rows}
            refuse_one_id(contents, LAYOUT.id)
        if gathered == PARTIAL:
            losses.append(Loss("", LAYOUT.id, "rows outside the window could not be asked for"))
        contracts = [Contract(rows) for rows in grouped.values()]
        notices = tuple(contract.notice(self.name, self.language) for contract in contracts)
        losses += [loss for contract in contracts for loss in contract.losses]
        if not lenient:
            losses += missing_fields(records, LAYOUT)
        hashes = {contract.id: contract.revision_hash(self.revision_hash_version) for contract in contracts}
        return Parsed(notices, tuple(losses), unknown_fields(records, LAYOUT), None, hashes)


def _is_refused(error: SourceError) -> bool:
    return error.values.get("status") == _BAD_REQUEST
