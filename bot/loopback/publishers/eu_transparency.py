"""A loopback EU Transparency Register: the dump of the register, with made-up organisations."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from xml.sax.saxutils import escape, quoteattr  # only writes XML

from aiohttp import web
from defusedxml.ElementTree import fromstring

from bot.loopback.publishers._publisher import Handler, Publisher, Record, Served

DUMP_PATH = "/odplastorganisationxml_en"
EXPORTED = datetime(2026, 11, 18, 20, tzinfo=UTC)
NAMESPACE = "http://intragate.ec.europa.eu/transparencyregister/odp"
CONTROL = "\x02"
"""A character that XML 1.1 lets stand as a reference, as the real register holds some."""

_PLURALS = {"interests": "interest", "levelsOfInterest": "levelOfInterest", "clients": "client"} | {
    "intermediaries": "intermediary",
    "grants": "grant",
    "fundingSources": "fundingSource",
    "contributions": "contributor",
}
_CONTROLS = re.compile("[\x01-\x08\x0b\x0c\x0e-\x1f]")
_CONTROL_REFERENCE = re.compile(rb"&#(?:x[0-8bceBCE]|x1[0-9a-fA-F]|[1-8]|1[1245678]|2\d|3[01]);")


class LoopbackEuTransparency(Publisher):
    """Serve organisations as the EU register does: one dump in XML 1.1, which announces how many it holds.

    As the real one it honours no ranges, and gives no validators unless `has_validators` is set. `exported` is when the
    dump says that it was made: every save of it has another one.
    """

    id_field = "identificationCode"
    renamed_field = "registrationDate"

    def __init__(self, records: Iterable[Record] = ()) -> None:
        super().__init__(records)
        self.has_ranges = False
        self.has_validators = False
        self.exported = EXPORTED
        self.announced: int | None = None

    @property
    def routes(self) -> Mapping[str, Handler]:
        """Return the dump."""
        return {DUMP_PATH: self._dump}

    def load(self, payload: bytes) -> None:
        """Serve the organisations of a dump."""
        readable = _CONTROL_REFERENCE.sub(b" ", payload).replace(b"version='1.1'", b"version='1.0'", 1)
        root = fromstring(readable)
        self.records = [_record(node) for node in root.iter("interestRepresentative")]

    async def _dump(self, request: web.Request) -> Served:
        count = len(self.records) if self.announced is None else self.announced
        return self.file(self.xml(dump(self.spoilt(self.records), count=count, exported=self.exported)), request)

    def organisation(self, code: str) -> Record:
        """Return the organisation with a code."""
        return next(record for record in self.records if record[self.id_field] == code)

    def gain_client(self, code: str, name: str) -> None:
        """Let an organisation declare one more client for the current year."""
        self._current(code).setdefault("clients", []).append({"name": name})

    def lose_client(self, code: str, name: str) -> None:
        """Let an organisation declare a client no longer, for neither year."""
        finances = self.organisation(code)["financialData"]
        for year in (finances["closedYear"], finances["currentYear"]):
            year["clients"] = [client for client in year.get("clients", []) if client["name"] != name]

    def spend(self, code: str, low: int | None, high: int | None) -> None:
        """Let an organisation declare other costs."""
        self.organisation(code)["financialData"]["closedYear"]["costs"] = costs(low, high)

    def _current(self, code: str) -> Record:
        current: Record = self.organisation(code)["financialData"]["currentYear"]
        return current


def organisation(  # noqa: PLR0913  # keyword-only, one for each field that a test may need
    *,
    code: str,
    name: str,
    registered: datetime = datetime(2019, 8, 28, 9, 51, 42, tzinfo=UTC),
    category: str = "Companies & groups",
    goals: str = "",
    interests: Sequence[str] = ("Digital economy and society",),
    clients: Sequence[str] = (),
    spends: tuple[int | None, int | None] | None = (10_000, 24_999),
    employs: str = "1.5",
    passes: int = 2,
    **more: Any,
) -> Record:
    """Return an organisation; with `clients` it is a consultancy, whose revenue takes the place of costs."""
    closed: Record = {"startDate": "2025-01-01", "endDate": "2025-12-31"}
    if clients:
        closed["clients"] = [{"name": client, "revenue": costs(10_000, 24_999)} for client in clients]
        closed["totalAnnualRevenue"] = costs(100_000, 499_999)
    elif spends is not None:
        closed["costs"] = costs(*spends)
    return {
        "identificationCode": code,
        "registrationDate": registered.isoformat().replace("+00:00", "Z"),
        "lastUpdateDate": "2026-09-10T11:41:14.144+00:00",
        "name": {"originalName": name},
        "entityForm": "AISBL",
        "webSiteURL": "https://valmarin.example/",
        "registrationCategory": category,
        "headOffice": {"address": "Rue des Essais 1", "postCode": "1000", "city": "Brussels", "country": "BELGIUM"},
        "EUOffice": {"city": "Brussels", "country": "BELGIUM"},
        "goals": goals or f"{name} follows European policy.",
        "levelsOfInterest": [{"levelOfInterest": "EU"}],
        "interests": [{"name": interest} for interest in interests],
        "members": {"members": "3", "membersFTE": employs},
        "EPAccreditedNumber": str(passes),
        "interestRepresented": "Advances interests of their clients" if clients else "Promotes their own interests",
        "financialData": {"newOrganisation": "false", "closedYear": closed, "currentYear": {}},
        **more,
    }


def costs(low: int | None, high: int | None) -> Record:
    """Return a bracket of euros; an end that is None is not declared."""
    bounds = {name: str(bound) for name, bound in (("min", low), ("max", high)) if bound is not None}
    return {"@type": "CostRange", "@currency": "€", "range": bounds}


def dump(records: Sequence[Record], *, count: int | None = None, exported: datetime = EXPORTED) -> str:
    """Return a dump of the register; `count` is the number that it announces, by default the right one."""
    entries = "".join(f"    {_element('interestRepresentative', record)}\n" for record in records)
    announced = len(records) if count is None else count
    meta = f"<exportDate>{exported.isoformat()}</exportDate><numberOfIR>{announced}</numberOfIR>"
    return (
        "<?xml version='1.1' encoding='UTF-8'?>\n"
        f'<ListOfIRPublicDetail xmlns="{NAMESPACE}">\n'
        f'  <metaData xmlns="">{meta}</metaData>\n'
        f'  <resultList xmlns="">\n{entries}  </resultList>\n</ListOfIRPublicDetail>\n'
    )


def _element(name: str, value: Any) -> str:
    if isinstance(value, list):
        if name in _PLURALS:
            inner = "".join(_element(_PLURALS[name], part) for part in value)
            return f"<{name}>{inner}</{name}>"
        return "".join(_element(name, part) for part in value)
    if isinstance(value, dict):
        attributes = "".join(f" {key[1:]}={quoteattr(str(part))}" for key, part in value.items() if key[0] == "@")
        inner = "".join(_element(key, part) for key, part in value.items() if key[0] != "@")
        return f"<{name}{attributes}>{inner}</{name}>"
    text = "" if value is None else escape(str(value))
    return f"<{name}>{_CONTROLS.sub(lambda found: f'&#x{ord(found[0]):x};', text)}</{name}>"


def _record(node: Any) -> Any:
    if node.tag in _PLURALS and all(child.tag == _PLURALS[node.tag] for child in node):
        return [_record(child) for child in node]
    if not len(node) and not node.attrib:
        return (node.text or "").strip()
    attributes = {f"@{name}": value for name, value in node.attrib.items()}
    return attributes | {child.tag: _record(child) for child in node}
