"""A loopback HATVP: the list of officials' declarations as one table."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta

from aiohttp import web

from bot.loopback.publishers._publisher import Handler, Publisher, Record, Served

LIST_PATH = "/livraison/opendata/liste.csv"
FIRST_LIST = datetime(2026, 11, 19, 10, 30, tzinfo=UTC)
KEY = ("classement", "type_document", "date_depot")
COLUMNS = (
    "civilite",
    "prenom",
    "nom",
    "classement",
    "type_mandat",
    "qualite",
    "type_document",
    "departement",
    "date_publication",
    "date_depot",
    "nom_fichier",
    "url_dossier",
    "open_data",
    "statut_publication",
    "id_origine",
    "url_photo",
)
FILED = "Déclaration déposée - publication à venir"


def declaration(
    official: str,
    filed: date,
    *,
    given: str = "Hélène",
    family: str = "CORVOY",
    document: str = "di",
    office: str = "Maire de Port-Valmarin",
    mandate: str = "commune",
    department: str = "29",
) -> Record:
    """Return a declaration of an official (its `classement`), filed and not yet published."""
    return {
        "civilite": "Mme",
        "prenom": given,
        "nom": family,
        "classement": official,
        "type_mandat": mandate,
        "qualite": office,
        "type_document": document,
        "departement": department,
        "date_publication": "",
        "date_depot": filed.isoformat(),
        "nom_fichier": "",
        "url_dossier": f"/pages_nominatives/{'-'.join(official.casefold().split())}",
        "open_data": "",
        "statut_publication": FILED,
        "id_origine": "",
        "url_photo": "https://photos.example/contact@valmarin.example.jpg",
    }


def published(record: Record, day: date, number: int) -> Record:
    """Return a declaration as the list tells it once it is published; `number` is the document's own."""
    file = f"{'-'.join(record['nom'].casefold().split())}-{record['type_document']}{number}-{record['type_mandat']}"
    return record | {
        "date_publication": day.isoformat(),
        "nom_fichier": f"{file}.pdf",
        "open_data": f"{file}.xml",
        "statut_publication": "Livrée",
    }


class LoopbackHatvpDeclarations(Publisher):
    """Serve declarations as the HATVP lists them: all of them in one table, made anew every week.

    `modified` is when the table was made; it moves by a week whenever its content does.
    """

    id_field = "classement"
    renamed_field = "statut_publication"

    def __init__(self, records: Iterable[Record] = ()) -> None:
        super().__init__(records)
        self.modified = FIRST_LIST
        self._last = b""

    @property
    def routes(self) -> Mapping[str, Handler]:
        """Return the path of the list."""
        return {LIST_PATH: self._list}

    def load(self, payload: bytes) -> None:
        """Serve the rows of a list."""
        self.records = list(csv.DictReader(io.StringIO(payload.decode("utf-8-sig"), newline=""), delimiter=";"))

    def with_id(self, record: Record, other: Record) -> Record:
        """Return a row with what names another one."""
        return record | {name: other[name] for name in KEY}

    def publish(self, official: str, day: date, number: int) -> None:
        """Publish the oldest declaration of an official that is not published; LookupError where there is none."""
        for place, record in enumerate(self.records):
            if record["classement"] == official and not record["nom_fichier"]:
                self.records[place] = published(record, day, number)
                return
        raise LookupError(official)

    async def _list(self, request: web.Request) -> Served:
        served = self.csv(self.spoilt(self.records), COLUMNS, delimiter=";", bom=True)
        if self._last and served.body != self._last:
            self.modified += timedelta(days=7)
        self._last = served.body
        return self.file(served, request, self.modified)
