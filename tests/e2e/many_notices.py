"""One notice for each source, as its publisher shows it, with what the announcement of it must say."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from email.utils import format_datetime
from typing import Any

from bot.loopback.publishers import (
    Record,
    _ocds_releases,
    boamp_records,
    bodacc,
    decp,
    eu_transparency,
    feed,
    hatvp_declarations,
    hatvp_records,
    jorf,
    ted_notices,
    us_lda_filings,
)
from bot.loopback.publishers.numbers import siren, siret
from tests.e2e.world import in_days, today

FIRM = "Orvalis SAS"
FIRM_NUMBER = siren("83274910")
OFFICIAL = "Hélène Corvoy"
CAMERA = "caméra-piéton"
BODY_WORN = "body-worn camera"
ITEMS = (
    {"kind": "company", "name": FIRM, "identifiers": f"siren:{FIRM_NUMBER}"},
    {"kind": "keyword", "name": CAMERA},
    {"kind": "keyword", "name": BODY_WORN},
    {"kind": "official", "name": OFFICIAL},
)
"""What the desk follows."""

LOBBIES = "Registre des lobbys"
"""What stands before the news of a lobby register."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Hold what the announcement of a notice must show: its title, whom it concerns, and its number in the link."""

    title: str
    item: str
    number: str


@dataclass(frozen=True, slots=True)
class Story:
    """Hold what all notices of one number tell of; only a watched one names what the desk follows."""

    number: int
    is_watched: bool
    day: date = field(default_factory=today)
    moment: datetime = field(default_factory=lambda: datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=5))

    @property
    def cameras(self) -> str:
        return "Caméras-piétons" if self.is_watched else "Chaises"

    @property
    def body_worn(self) -> str:
        return "Body-worn cameras" if self.is_watched else "Chairs"

    @property
    def firm(self) -> str:
        return "ORVALIS" if self.is_watched else "MOBILIER CENTRAL"

    @property
    def siren(self) -> str:
        return FIRM_NUMBER if self.is_watched else siren("11223344")

    @property
    def person(self) -> tuple[str, str]:
        return ("Hélène", "CORVOY") if self.is_watched else ("Jeanne", "DUPONT")


Made = tuple[list[Record], Wanted]


def _boamp(story: Story) -> Made:
    title = f"{story.cameras} pour la police"
    told = boamp_records.fns_notice(idweb=f"26-{story.number}", objet=title, published=story.day, deadline=in_days(12))
    return [told], Wanted(f"Avis de marché : {title}", CAMERA, f"26-{story.number}")


def _bodacc(story: Story) -> Made:
    told = bodacc.announcement(
        number=story.number, family="vente", published=story.day, people=[bodacc.company(story.firm, story.siren)]
    )
    return [told], Wanted(f"Ventes et cessions : {story.firm} (Pau)", FIRM, told["id"])


def _decp(story: Story) -> Made:
    number = f"M{story.number}"
    suppliers = [(story.firm, siret(story.siren)), ("UN AUTRE", siret(siren("22334455")))]
    rows = decp.contract(number=number, objet="Gardiennage", published=story.day, suppliers=suppliers)
    return rows, Wanted("Attribution : Gardiennage", FIRM, number)


def _eu_transparency(story: Story) -> Made:
    code = f"{story.number:012}-42"
    title = f"{LOBBIES} : OFFICE {story.number} déclare le client {story.firm} (dernier exercice clos)"
    told = eu_transparency.organisation(
        code=code, name=f"OFFICE {story.number}", registered=story.moment, clients=[story.firm]
    )
    return [told], Wanted(title, FIRM, code)


def _hatvp(story: Story) -> Made:
    number = siren(f"9000{story.number:04}")
    client = hatvp_records.client(story.firm, story.siren)
    told = hatvp_records.organisation(f"CABINET {story.number}", number, clients=[client], registered=story.day)
    return [told], Wanted(f"{LOBBIES} : CABINET {story.number} gagne le client {story.firm}", FIRM, number)


def _hatvp_declarations(story: Story) -> Made:
    given, family = story.person
    official = f"{family.casefold()}{story.number}"
    told = hatvp_declarations.declaration(official, story.day, given=given, family=family, office="Maire de Lices")
    said = "déclaration d'intérêts déposée, pas encore publiée"
    return [told], Wanted(f"{given} {family}, Maire de Lices : {said}", OFFICIAL, official)


def _jorf(story: Story) -> Made:
    number, office = f"JORFTEXT{story.number:012}", f"inspectrice {story.number}"
    told = jorf.appointment(
        id=number, person=" ".join(story.person), office=office, published=story.day, civility="Mme"
    )
    given, family = story.person
    title = f"Nomination : {given} {family.upper()} · {told['TITREFULL']}"
    return [told], Wanted(title, OFFICIAL, number)


def _ted(story: Story) -> Made:
    number, title = f"{100_000 + story.number}-2026", f"{story.cameras} de la ville"
    told = ted_notices.tender(number=number, published=story.day, title=title)
    return [told], Wanted(f"Avis de marché : France - {title}", CAMERA, number)


def _uk_contracts_finder(story: Story) -> Made:
    key, title = f"{story.number:08x}-0000-4000-8000-000000000000", f"{story.body_worn} for wardens"
    told = _ocds_releases.tender(
        ocid=f"ocds-b5fd17-{key}",
        number=f"{key}-1",
        title=title,
        published=story.moment,
        page="https://www.contractsfinder.service.gov.uk/Notice/{}",
    )
    return [told], Wanted(f"Avis de marché : {title}", BODY_WORN, key)


def _uk_find_a_tender(story: Story) -> Made:
    number, title = f"{story.number:06}-2026", f"{story.body_worn} for police"
    ocid = f"ocds-h6vhtk-{story.number:06x}"
    told = _ocds_releases.tender(ocid=ocid, number=number, title=title, published=story.moment)
    return [told], Wanted(f"Avis de marché : {title}", BODY_WORN, number)


def _us_lda(story: Story) -> Made:
    told = us_lda_filings.filing(
        key=f"{story.number}", kind="RR", posted=story.moment, registrant="Doe and Partners", client=story.firm
    )
    title = f"{LOBBIES} : Doe and Partners gagne le client {story.firm}"
    return [told], Wanted(title, FIRM, told["filing_uuid"])


def _ministry(story: Story) -> Made:
    title = f"{story.cameras} : un nouveau plan"
    told = feed.entry(story.number, title, published=story.moment, link=f"http://ministere.example/{story.number}")
    return [told], Wanted(title, CAMERA, f"ministere.example/{story.number}")


def _paper(story: Story) -> Made:
    title = f"{story.cameras} : une enquête"
    told = feed.entry(story.number, title, published=story.moment, link=f"http://journal.example/{story.number}")
    return [told], Wanted(title, CAMERA, f"journal.example/{story.number}")


def _abroad(story: Story) -> Made:
    number, title = f"r{story.number}", f"{story.body_worn} for the metro"
    told = _ocds_releases.tender(
        ocid=f"ocds-abc-{story.number}",
        number=number,
        title=title,
        published=story.moment,
        page="http://marches.example/{}",
    )
    return [told], Wanted(f"Avis de marché : {title}", BODY_WORN, f"marches.example/{number}")


NOTICES: Mapping[str, Callable[[Story], Made]] = {
    "boamp": _boamp,
    "bodacc": _bodacc,
    "decp": _decp,
    "eu_transparency": _eu_transparency,
    "hatvp": _hatvp,
    "hatvp_declarations": _hatvp_declarations,
    "jorf": _jorf,
    "ted": _ted,
    "uk_contracts_finder": _uk_contracts_finder,
    "uk_find_a_tender": _uk_find_a_tender,
    "us_lda": _us_lda,
    "feed:ministere": _ministry,
    "feed:journal": _paper,
    "ocds:ailleurs": _abroad,
}
"""By source what makes the records of one notice."""


def save_again(source: str, record: Record) -> None:
    """Change of a record what publishers change without news: when it was saved, how its links are written."""
    day = f"{today() - timedelta(days=1)}"
    if "ocid" in record:
        record["date"] = (datetime.fromisoformat(record["date"]) - timedelta(hours=1)).isoformat()
    if "pubDate" in record:
        record["pubDate"] = format_datetime(datetime.now(UTC) - timedelta(days=1), usegmt=True)
    if source == "us_lda":
        record["registrant"]["dt_updated"] = f"{day}T10:00:00-05:00"
    record |= _other_schemes(record)
    record |= {
        "boamp": {"dateparution": day, "datefindiffusion": day, "etat": "ENCORE"},
        "bodacc": {"dateparution": day},
        "decp": {"datePublicationDonnees": day, "dureeRestanteMois": 22.5, "titulaire_distance": 43},
        "eu_transparency": {"lastUpdateDate": f"{day}T10:00:00.000+00:00"},
        "hatvp": {"dateCreation": f"{today():%d/%m/%Y} 23:59:59"},
        "hatvp_declarations": {"id_origine": "7"},
        "jorf": {"NUM_PARUTION": "0271"},
    }.get(source, {})


def _other_schemes(value: Any) -> Any:
    """Return a part of a record with the other scheme in all its links."""
    if isinstance(value, dict):
        return {name: _other_schemes(part) for name, part in value.items()}
    if isinstance(value, list):
        return [_other_schemes(part) for part in value]
    if not isinstance(value, str) or not value.startswith(("http:", "https:")):
        return value
    scheme, rest = value.split(":", 1)
    return f"{'http' if scheme == 'https' else 'https'}:{rest}"
