"""A loopback HATVP: the register of interest representatives as one dump."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta

from aiohttp import web

from bot.loopback.publishers._publisher import Handler, Publisher, Record, Served
from bot.loopback.publishers.hatvp_records import SPENDS, client, year, year_of

DUMP_PATH = "/agora/opendata/agora_repertoire_opendata.json"
FIRST_DUMP = datetime(2026, 11, 18, 0, 4, tzinfo=UTC)


class LoopbackHatvp(Publisher):
    """Serve organisations as the lobby register does: all of them in one file, made anew every night.

    `modified` is when the file was made; it moves by a day whenever its content does. Organisations are named by their
    number.
    """

    id_field = "identifiantNational"
    renamed_field = "denomination"

    def __init__(self, records: Iterable[Record] = ()) -> None:
        super().__init__(records)
        self.modified = FIRST_DUMP
        self._last = b""

    @property
    def routes(self) -> Mapping[str, Handler]:
        """Return the path of the dump."""
        return {DUMP_PATH: self._dump}

    def load(self, payload: bytes) -> None:
        """Serve the organisations of a dump."""
        self.records = json.loads(payload)["publications"]

    def organisation(self, number: str) -> Record:
        """Return an organisation; raises LookupError where there is none."""
        for record in self.records:
            if self.id_of(record) == number:
                return record
        raise LookupError(number)

    def gain_client(self, number: str, name: str, of: str, kind: str = "SIREN") -> None:
        """Give an organisation a client, whose number is `of`."""
        record = self._saved_again(number)
        record["clients"].append(client(name, of, kind))
        record["declarationTiers"] = True

    def end_client(self, number: str, of: str, day: date) -> None:
        """End the mandate of a client on a day."""
        self._client(number, of).update(ancienClient=True, dateDesactivation=f"{day:%d-%m-%Y} 16:07")

    def renew_client(self, number: str, of: str) -> None:
        """Take back the end of a mandate."""
        renewed = self._client(number, of)
        renewed["ancienClient"] = False
        renewed.pop("dateDesactivation", None)

    def publish_sheet(self, number: str, of: int, sheet: Record) -> None:
        """Add an activity sheet to a year."""
        current = year_of(self.organisation(number), of)
        current.setdefault("activites", []).append(sheet)
        current["nombreActivite"] = len(current["activites"])

    def declare_year(self, number: str, of: int, day: date, spend: str = SPENDS[1]) -> None:
        """Declare a year that was not declared, overdue or not."""
        current = year_of(self.organisation(number), of)
        declared = year(current["exerciceId"], of, declared=day, spend=spend)["publicationCourante"]
        kept = {key: current[key] for key in ("activites", "nombreActivite") if key in current}
        current.update(declared | kept)

    def change_spend(self, number: str, of: int, spend: str) -> None:
        """Put the spending of a year into another bracket."""
        year_of(self.organisation(number), of)["montantDepense"] = spend

    def declare_late(self, number: str, of: int) -> None:
        """Put an organisation on the list of those that did not declare a year."""
        year_of(self.organisation(number), of)["defautDeclaration"] = True

    def remove_organisation(self, number: str, day: date, reason: str = "Cessation") -> None:
        """Take an organisation off the register; its card stays."""
        self._saved_again(number).update(dateCessation=f"{day:%d/%m/%Y}", motifDesinscription=reason)

    def save_again(self, number: str) -> None:
        """Save a card again without a change: only its date of creation moves."""
        self._saved_again(number)

    def _saved_again(self, number: str) -> Record:
        record = self.organisation(number)
        saved = datetime.strptime(record["dateCreation"], "%d/%m/%Y %H:%M:%S").replace(tzinfo=UTC)
        record["dateCreation"] = f"{saved + timedelta(days=1):%d/%m/%Y %H:%M:%S}"
        return record

    def _client(self, number: str, of: str) -> Record:
        for found in self._saved_again(number)["clients"]:
            if found["identifiantNational"] == of:
                gained: Record = found
                return gained
        raise LookupError(of)

    async def _dump(self, request: web.Request) -> Served:
        served = self.json({"publications": self.spoilt(self.records)})
        if self._last and served.body != self._last:
            self.modified += timedelta(days=1)
        self._last = served.body
        return self.file(served, request, self.modified)
