"""BOAMP: France's official bulletin of public tenders, through the Explore v2.1 interface of Opendatasoft."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date, timedelta
from typing import Any

from bot.errors import SourceError, SourceFault
from bot.models import NOT_AWARDED, Notice
from bot.sources._base import Asked, Form, Layout, Loss, Parsed, Payload, Source, Told
from bot.sources._boamp.record import (
    COLUMNS,
    IGNORED_COLUMNS,
    MANDATORY_COLUMNS,
    READ_COLUMNS,
    SECONDARY_COLUMNS,
    Reading,
)
from bot.sources._http.client import PoliteClient
from bot.sources._opendatasoft import Dataset, envelope
from bot.sources._reading import strict_json
from bot.sources._reading.entry import refuse_one_id

LONG_WINDOW = timedelta(days=7)
LONG_WINDOW_RECORDS = 5_000
MAX_DAYS = 4_000


class Boamp(Source):
    """Read France's official bulletin of public tenders: tenders, awards, corrigenda and cancellations.

    Publisher: Direction de l'information légale et administrative (DILA), Bulletin officiel des annonces des marchés
        publics.
    Documentation: https://boamp-datadila.opendatasoft.com/explore/dataset/boamp/api/
    Licence: Licence Ouverte / Open Licence 2.0 (Etalab).
    Delay: a day's notices are there in its morning; a few arrive days later.
    Identity: `idweb`, as published (26-95337). Corrigenda and cancellations are notices of their own, tied to the
        first notice by their procedure.
    Caveats: amounts, CPV codes and identifiers stand only in `donnees`, whose form changes with the procedure; the
        winner of a simplified notice (FNSimple) is prose and is searched in the text. Large notices are in TED too.
    """

    name = "boamp"
    label = "BOAMP"
    layout = Layout(
        form=Form.JSON,
        entries="results",
        id="idweb",
        mandatory=tuple(sorted(MANDATORY_COLUMNS)),
        expected=tuple(sorted(SECONDARY_COLUMNS)),
        optional=("titulaire",),
        ignored=tuple(sorted(IGNORED_COLUMNS)),
    )
    french = Told(
        about="Le Bulletin officiel des annonces des marchés publics, en France : appels d'offres, attributions, "
        "rectificatifs et annulations.",
        delay="Les avis du jour sont en ligne dès le matin ; quelques-uns arrivent plusieurs jours plus tard.",
        caveats="Les montants, les codes CPV (la nomenclature européenne des achats) et les numéros d'entreprise ne "
        "figurent que dans le détail de l'avis, dont la forme varie selon la procédure : ils peuvent manquer. Dans un "
        "avis simplifié (FNSimple), le titulaire n'est nommé que dans le corps du texte : c'est là que Vigie le "
        "cherche. Les gros marchés paraissent aussi au TED.",
    )
    default_base_url = "https://boamp-datadila.opendatasoft.com"
    default_every = timedelta(minutes=30)
    default_pace = timedelta(milliseconds=500)
    overlap = timedelta(days=3)
    baseline = timedelta(days=7)
    quiet_limit = timedelta(days=2)
    max_bytes = 40_000_000
    language = "fr"
    zone = "Europe/Paris"
    particulars = frozenset({NOT_AWARDED[0]})

    async def fetch(self, asked: Asked, client: PoliteClient) -> AsyncIterator[Payload]:
        """Yield the pages of a window, at most 100 records each, ordered by `idweb`.

        Long windows are read day by day, because offset + limit may not pass 10 000. A window whose total changes
        while it is read is read again, so that no shift hides a record: pages may repeat records. Raises SourceError
        where the publisher sends fewer records than it announced.
        """
        dataset = Dataset(self.base_url, self.name, self.layout.id, self.max_bytes)
        window = asked.window
        day = window.since
        left = 0
        for _ in range(MAX_DAYS):
            if window.until is not None and day >= window.until:
                return
            if window.until is None and left <= LONG_WINDOW_RECORDS:
                first = await dataset.page(client, _since(day), 0)
                left = first.total
                if left <= LONG_WINDOW_RECORDS:
                    async for page in dataset.pages(client, _since(day), first):
                        yield Payload(page.body)
                    return
            if window.until is not None and window.until - window.since <= LONG_WINDOW:
                where = f"{_since(day)} and dateparution < date'{window.until}'"
                async for page in dataset.pages(client, where):
                    yield Payload(page.body)
                return
            total = 0
            async for page in dataset.pages(client, f"dateparution = date'{day}'"):
                yield Payload(page.body)
                total = page.total
            left -= total
            day += timedelta(days=1)
        raise SourceError(f"more than {MAX_DAYS} days cannot be read at once", SourceFault.TOO_MANY_DAYS, most=MAX_DAYS)

    def parse(self, payload: bytes, *, lenient: bool = False) -> Parsed:
        """Read a page of records, or in lenient reading also a saved list of them.

        Raises SourceError as `Source.parse` says, and where more than half of the records share one id.
        """
        answer = strict_json.load(payload)
        _refuse_retired(answer)
        records, total = envelope(answer, lenient=lenient)
        losses: list[Loss] = []
        if total is None:
            losses.append(Loss("", "total_count", "missing"))
        notices: dict[str, Notice] = {}
        hashes: dict[str, str] = {}
        unknown: set[str] = set()
        gone: set[str] = set()
        seen: list[tuple[str, str]] = []
        for place, record in enumerate(records, start=1):
            reading = Reading(record, place, lenient=lenient)
            notice = reading.notice(self.name, self.language)
            notices[notice.id] = notice
            hashes[notice.id] = reading.revision_hash(notice, self.revision_hash_version)
            seen.append((notice.id, hashes[notice.id]))
            losses += reading.losses
            unknown |= record.keys() - COLUMNS
            gone |= READ_COLUMNS - record.keys()
        refuse_one_id(seen, self.layout.id)
        if not lenient:
            losses += [Loss("", column, "the column is missing") for column in sorted(gone)]
        return Parsed(tuple(notices.values()), tuple(losses), frozenset(unknown), total, hashes)


def _since(day: date) -> str:
    return f"dateparution >= date'{day}'"


def _refuse_retired(answer: Any) -> None:
    if isinstance(answer, dict) and "results" not in answer and "gestion" in answer and "donnees" in answer:
        raise SourceError(
            "this is an answer of the DILA's retired interface, which Vigie does not read",
            SourceFault.RETIRED,
            field="results",
        )
