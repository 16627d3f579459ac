"""One organisation of the HATVP's register with its clients, as notices."""

from __future__ import annotations

import functools
import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from urllib.parse import quote

from bot.errors import SourceFault
from bot.models import Notice, NoticeKind
from bot.sources._base import Form, Layout
from bot.sources._hatvp.reading import PAGE, Reading
from bot.sources._hatvp.wording import CACHED, day, folded, french, label, of, says_held_office
from bot.sources._reading.entry import Entry
from bot.sources._reading.identifiers import identifiers
from bot.sources._reading.parts import name_key, names

LAYOUT = Layout(
    form=Form.JSON,
    entries="publications",
    id="identifiantNational",
    mandatory=(
        "typeIdentifiantNational",
        "denomination",
        "categorieOrganisation",
        "activites",
        "dirigeants",
        "collaborateurs",
        "datePremierePublication",
        "dateCreation",
    ),
    expected=("affiliations", "declarationTiers"),
    optional=(
        "clients",
        "exercices",
        "isActivitesPubliees",
        "nomUsage",
        "sigleHatvp",
        "nomUsageHatvp",
        "ancienNomHatvp",
        "dateCessation",
        "motifDesinscription",
        "motivationDesinscription",
    ),
    ignored=(
        "adresse",
        "codePostal",
        "ville",
        "pays",
        "emailDeContact",
        "telephoneDeContact",
        "publierMonAdresseEmail",
        "publierMonAdressePhysique",
        "publierMonTelephoneDeContact",
        "lienSiteWeb",
        "lienPageTwitter",
        "lienPageFacebook",
        "lienPageLinkedin",
        "lienListeTiers",
        "declarationOrgaAppartenance",
        "dateDernierePublicationActivite",
    ),
)
"""What an organisation of the register has; addresses and contacts are left out, and so are its pages on the web."""

OTHER_NAMES = ("nomUsage", "nomUsageHatvp", "sigleHatvp", "ancienNomHatvp")
ID_CHARS = 150

_HATVP = re.compile(r"H[0-9]{9}")
_PARTY = frozenset(
    {"denomination", "identifiantNational", "typeIdentifiantNational", "dateCessation", "dateAjout", *OTHER_NAMES}
)
_CLIENT = _PARTY | {"ancienClient", "dateDesactivation"}
_PERSON = frozenset({"civilite", "nom", "prenom", "fonction"})
_SECTORS = ("listSecteursActivites", "listeSecteurActivites")
_LEVELS = ("listNiveauIntervention",)


@dataclass(frozen=True, slots=True)
class Organisation:
    """Hold what all entries of an organisation share; `names` are its others."""

    source: str
    id: str
    name: str
    names: tuple[str, ...]
    identifiers: tuple[str, ...]
    url: str
    procedure: str
    raw_sha256: str

    @property
    def shared(self) -> Mapping[str, Any]:
        """Return what all its notices have in common."""
        return {
            "source": self.source,
            "suppliers": (self.name,),
            "language": "fr",
            "procedure": self.procedure,
            "raw_sha256": self.raw_sha256,
        }

    def text(self, lines: Iterable[str]) -> str:
        """Return lines as the text of one of its notices, without empty ones."""
        said = [line for line in lines if line]
        if self.names:
            said.append(f"Autres noms {of(self.name)} : {' ; '.join(self.names)}")
        return "\n".join(said)


class OrganisationEntry(Entry):
    """Read an organisation's own fields: identity, category, people, affiliations, removal, and its clients."""

    def __init__(self, record: Mapping[str, Any], place: int, reading: Reading) -> None:
        super().__init__(record, place, LAYOUT, lenient=reading.lenient)
        self.reading = reading
        self.id(LAYOUT.id)
        if not self.value("clients") and self.value("declarationTiers") is True:
            # It says that it has clients: they stand under another name.
            self.refuse("clients", "missing", SourceFault.MISSING)

    def organisation(self, raw: bytes) -> Organisation:
        """Return what all its entries share, out of its bytes too."""
        name = label(self.text("denomination") or "")
        others = {name_key(other): label(other) for field in OTHER_NAMES for other in self.texts(field)}
        others.pop(name_key(name), None)
        number = self.entry
        return Organisation(
            source=self.reading.source,
            id=number,
            name=name or number,
            names=tuple(others.values()),
            identifiers=identifiers_of(number, self.text("typeIdentifiantNational")),
            url=f"{PAGE}{quote(number, safe='')}",
            procedure=f"{self.reading.source}:{number}",
            raw_sha256=hashlib.sha256(raw).hexdigest(),
        )

    def keep(self, organisation: Organisation) -> None:
        """Keep the organisation's own entry."""
        leaders, lobbyists = self._people("dirigeants"), self._people("collaborateurs")
        affiliations = self._affiliations()
        category = label(self._inner("categorieOrganisation", "label"))
        sectors, levels = self._coded(_SECTORS), self._coded(_LEVELS)
        removed = self._moment("dateCessation")
        reason, why = (label(self.text(field) or "") for field in ("motifDesinscription", "motivationDesinscription"))
        is_removed = removed is not None or bool(reason)
        lines = [
            f"Catégorie : {category}" if category else "",
            f"Secteurs : {' ; '.join(sectors.values())}" if sectors else "",
            f"Niveaux d'intervention : {' ; '.join(levels.values())}" if levels else "",
            f"Dirigeants : {_told(leaders)}" if leaders else "",
            f"Chargés de la représentation d'intérêts : {_told(lobbyists)}" if lobbyists else "",
            f"Affiliations : {' ; '.join(affiliations)}" if affiliations else "",
            f"Désinscription : {_removal(removed, reason)}" if is_removed else "",
            f"Motif de la désinscription : {why}" if why else "",
            f"Numéro : {organisation.id}" if not organisation.identifiers else "",
        ]
        shown = f" ({', '.join(organisation.names)})" if organisation.names else ""
        notice = Notice(
            id=organisation.id,
            kind=NoticeKind.REGISTRATION,
            title=f"{organisation.name}{shown}",
            text=organisation.text(lines),
            identifiers=organisation.identifiers,
            url=organisation.url,
            people=names(person for person, _ in (*leaders, *lobbyists)),
            published=self._moment("datePremierePublication"),
            particulars=(
                ("name", organisation.name),
                *((("category", category),) if category else ()),
                *(("leader", name) for name in _sorted_names(leaders)),
                *(("lobbyist", name) for name in _sorted_names(lobbyists)),
                *(("role", f"{name}, {role}") for name, role in sorted({*leaders, *lobbyists}) if role),
                *(("office", f"{name}, {role}") for name, role in sorted({*lobbyists}) if says_held_office(role)),
                *(("affiliation", name) for name in sorted(affiliations)),
                *((("removed", day(removed).isoformat() if removed else "yes"),) if is_removed else ()),
                *((("removed_reason", reason),) if reason else ()),
            ),
            **organisation.shared,
        )
        self.reading.keep(
            notice,
            "organisation",
            organisation.name,
            sorted(organisation.names),
            self._inner("categorieOrganisation", "code") or category,
            sorted(leaders),
            sorted(lobbyists),
            sorted(affiliations),
            sorted(sectors),
            sorted(levels),
            day(removed).isoformat() if removed else None,
            reason,
        )

    def keep_clients(self, organisation: Organisation) -> None:
        """Keep an entry for each client; of a client that stands there twice the mandate that goes on counts."""
        since = self._moment("dateCreation")
        found: dict[str, Client] = {}
        for node in self.records("clients"):
            client = self._client(node, organisation, since)
            twin = found.get(client.entry)
            if twin is None or client.rank > twin.rank:
                found[client.entry] = client
        for client in found.values():
            client.keep(self.reading, organisation)

    def _client(self, node: Mapping[str, Any], organisation: Organisation, since: date | datetime | None) -> Client:
        reading, entry = self.reading, organisation.id
        reading.know(node, _CLIENT, "clients")
        name = reading.mandatory(node, "denomination", "clients", entry)
        number = reading.number(node, "identifiantNational", "clients", entry)
        key = number or folded(name)[:ID_CHARS]
        entry = f"{organisation.id}:client:{key}"
        reading.require(node, ("identifiantNational", "typeIdentifiantNational"), "clients", entry)
        others = (reading.text(node, field, "clients", entry) for field in OTHER_NAMES if field in node)
        started, ended, removed = (
            reading.moment(node, field, "clients", entry)
            for field in ("dateAjout", "dateDesactivation", "dateCessation")
        )
        return Client(
            entry=entry,
            name=name or number,
            names=tuple(other for other in others if other and other != name),
            number=number,
            identifiers=identifiers_of(number, node.get("typeIdentifiantNational")),
            is_former=reading.flag(node, "ancienClient", "clients", entry) or ended is not None,
            started=started,
            published=started or since,
            ended=ended,
            removed=removed,
        )

    def _people(self, field: str) -> list[tuple[str, str]]:
        """Return the people of a list by name and function, in the register's order."""
        people: list[tuple[str, str]] = []
        for node in self.records(field):
            self.reading.know(node, _PERSON, field)
            self.reading.require(node, ("nom", "prenom"), field, self.entry)
            parts = [self.reading.text(node, part, field, self.entry) for part in ("prenom", "nom", "fonction")]
            if name := " ".join(part for part in parts[:2] if part):
                people.append((name, parts[2]))
        return people

    def _affiliations(self) -> list[str]:
        found: list[str] = []
        for node in self.records("affiliations"):
            self.reading.know(node, _PARTY, "affiliations")
            if name := self.reading.mandatory(node, "denomination", "affiliations", self.entry):
                found.append(name)
        return found

    def _coded(self, fields: tuple[str, ...]) -> dict[str, str]:
        """Return labels by their code: the wording of a label changes with the guidelines, its code does not."""
        found: dict[str, str] = {}
        for node in (node for field in fields for node in self.records(f"activites.{field}")):
            name = node.get("label")
            code = node.get("code")
            if isinstance(name, str) and name.strip():
                found[code if isinstance(code, str) and code else name] = label(name)
        return found

    def _inner(self, field: str, name: str) -> str:
        return self.text(f"{field}.{name}") or ""

    def _moment(self, field: str) -> date | datetime | None:
        return self.reading.moment(self.record, field, "", self.entry)


@dataclass(frozen=True, slots=True)
class Client:
    """Hold a client of an organisation, or a mandate that ended."""

    entry: str
    name: str
    names: tuple[str, ...]
    number: str
    identifiers: tuple[str, ...]
    is_former: bool
    started: date | datetime | None
    published: date | datetime | None
    ended: date | datetime | None
    removed: date | datetime | None

    @property
    def rank(self) -> tuple[bool, str, str]:
        """Return what decides between two entries for one client: a mandate that goes on, then the last that ended."""
        return not self.is_former, self.ended.isoformat() if self.ended else "", self.name

    def keep(self, reading: Reading, organisation: Organisation) -> None:
        """Keep the client's entry."""
        if self.number == organisation.id:
            role = "auparavant son propre client" if self.is_former else "son propre client"
        else:
            role = f"{'ancien ' if self.is_former else ''}client {of(organisation.name)}"
        ended = f"terminé le {french(self.ended)}" if self.ended else "terminé"
        lines = [
            f"Mandat : {ended if self.is_former else 'en cours'}",
            f"Début du mandat : {french(self.started)}" if self.started else "",
            f"Client désinscrit du répertoire : {french(self.removed)}" if self.removed else "",
            f"Autres noms du client : {' ; '.join(self.names)}" if self.names else "",
            f"Numéro du client : {self.number}" if self.number and not self.identifiers else "",
        ]
        ended_on = day(self.ended).isoformat() if self.ended else None
        notice = Notice(
            id=self.entry,
            kind=NoticeKind.REGISTER_CHANGE,
            title=f"{self.name}, {role}",
            text=organisation.text(lines),
            buyer=self.name,
            identifiers=tuple(dict.fromkeys((*self.identifiers, *organisation.identifiers))),
            url=organisation.url,
            published=self.published,
            particulars=(
                *((("since", day(self.started).isoformat()),) if self.started else ()),
                *((("mandate_ended", ended_on or "yes"),) if self.is_former else ()),
            ),
            **organisation.shared,
        )
        reading.keep(notice, "client", self.name, sorted(self.names), self.is_former, ended_on)


@functools.lru_cache(CACHED)
def identifiers_of(number: str, kind: object) -> tuple[str, ...]:
    """Return a number of the register as an identifier; () where its kind is unknown or its check fails."""
    wanted = kind.strip().casefold() if isinstance(kind, str) else ""
    if wanted == "hatvp":
        return (f"hatvp:{number}",) if _HATVP.fullmatch(number) else ()
    return tuple(found for found in identifiers(number, "FR") if found.partition(":")[0] == wanted)


def _sorted_names(people: list[tuple[str, str]]) -> list[str]:
    return sorted({name for name, _ in people})


def _told(people: list[tuple[str, str]]) -> str:
    return " ; ".join(f"{name}, {function}" if function else name for name, function in people)


def _removal(removed: date | datetime | None, reason: str) -> str:
    told = f"le {french(removed)}" if removed else ""
    return f"{told} ({reason})" if told and reason else told or reason
