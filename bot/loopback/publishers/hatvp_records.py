"""Made-up organisations of the HATVP's register, in the shape of its dump.

Every organisation holds contact details where the register publishes them, so that a test can prove that they are left
out. Days are dates of Paris, written in the register's three forms.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from bot.loopback.publishers._publisher import Record

CONTACT_EMAIL = "contact@valmarin.example"
CONTACT_PHONE = "01 99 00 12 34"
SPENDS = (
    "< 10 000 euros",
    "> = 10 000 euros et < 25 000 euros",
    "> = 25 000 euros et < 50 000 euros",
    "> = 50 000 euros et < 75 000 euros",
    "> = 75 000 euros et < 100 000 euros",
    "> = 100 000 euros et < 200 000 euros",
)
"""The first brackets of spending, as the register writes them."""

TURNOVERS = (
    "< 100 000 euros",
    "> = 100 000 euros et < 500 000 euros",
    "> = 500 000 euros et < 1 000 000 euros",
    "> = 1 000 000 euros",
)
CATEGORIES = {
    "SOCOM": ("SOCIETE", "Société commerciale"),
    "COCAB": ("AVO_CONS", "Cabinet de conseil"),
    "ASSOC": ("ORGA_NON_GOUV", "Association"),
}
REGISTERED = date(2019, 3, 4)


def person(given: str, family: str, function: str = "Directeur général") -> Record:
    """Return someone who leads an organisation or lobbies for it."""
    return {"civilite": "M", "nom": family, "prenom": given, "fonction": function}


def party(name: str, number: str, kind: str = "SIREN") -> Record:
    """Return an organisation as another one names it."""
    return {"denomination": name, "identifiantNational": number, "typeIdentifiantNational": kind}


def client(
    name: str, number: str, kind: str = "SIREN", *, since: date | None = None, until: date | None = None
) -> Record:
    """Return a client; `until` is the day on which the mandate ended."""
    said = party(name, number, kind) | {"ancienClient": until is not None}
    if since is not None:
        said["dateAjout"] = f"{since:%d-%m-%Y} 11:26"
    if until is not None:
        said["dateDesactivation"] = f"{until:%d-%m-%Y} 16:07"
    return said


def action(*, for_: Sequence[str], observation: str | None = None, officials: Sequence[str] = ()) -> Record:
    """Return what was done before public officials; `for_` are the parties, `X (en propre)` the organisation itself."""
    said: Record = {
        "actionsMenees": ["Organiser des discussions informelles ou des réunions en tête-à-tête"],
        "decisionsConcernees": ["Actes réglementaires"],
        "reponsablesPublics": list(officials)
        or ["Membre du Gouvernement ou membre de cabinet ministériel - Intérieur"],
        "tiers": list(for_),
    }
    return said | ({"observation": observation} if observation is not None else {})


def sheet(
    fiche: str,
    subject: str,
    *,
    published: date,
    actions: Iterable[Record] = (),
    domains: Sequence[str] = ("Défense, sécurité",),
) -> Record:
    """Return an activity sheet."""
    return {
        "publicationCourante": {
            "actionsRepresentationInteret": list(actions),
            "domainesIntervention": list(domains),
            "identifiantFiche": fiche,
            "objet": subject,
            "publicationDate": f"{published:%d/%m/%Y} 15:42:51",
        }
    }


def year(
    number: int,
    of: int,
    *,
    declared: date | None = None,
    late: bool = False,
    spend: str | None = SPENDS[1],
    turnover: str | None = TURNOVERS[1],
    employees: int | None = 2,
    sheets: Iterable[Record] = (),
) -> Record:
    """Return the year `of` of an organisation; without `declared` it is not declared yet, and `late` says overdue."""
    said: Record = {
        "dateDebut": f"01-01-{of}",
        "dateFin": f"31-12-{of}",
        "defautDeclaration": late,
        "exerciceId": number,
        "noActivite": False,
        "nombreActivite": 0,
    }
    if declared is not None:
        said |= {
            "publicationDate": f"{declared:%d/%m/%Y} 15:36:38",
            "hasNotChiffreAffaire": turnover is None,
            "nombreSalaries": employees,
        }
        said |= {"montantDepense": spend} if spend is not None else {}
        said |= {"chiffreAffaire": turnover} if turnover is not None else {}
    if found := list(sheets):
        said |= {"activites": found, "nombreActivite": len(found)}
    return {"publicationCourante": said}


def organisation(  # noqa: PLR0913  # one keyword per part of a card
    name: str,
    number: str,
    *,
    kind: str = "SIREN",
    category: str = "COCAB",
    usual_name: str | None = None,
    leaders: Iterable[Record] = (),
    lobbyists: Iterable[Record] = (),
    clients: Iterable[Record] = (),
    affiliations: Iterable[Record] = (),
    years: Iterable[Record] = (),
    registered: date = REGISTERED,
) -> Record:
    """Return an organisation with all its entries."""
    family, label = CATEGORIES[category]
    mandates = list(clients)
    said: Record = {
        "activites": {
            "listNiveauIntervention": [{"categorie": None, "code": "NATIONAL", "label": "National", "ordre": 2}],
            "listSecteursActivites": [
                {"categorie": None, "code": "DEFENSE", "label": "Défense, sécurité", "ordre": 7},
                {"categorie": None, "code": "NUMERIQUE", "label": "Numérique", "ordre": 19},
            ],
        },
        "adresse": f"{name}\r\n12 RUE DES ESSAIS",
        "affiliations": list(affiliations),
        "categorieOrganisation": {"categorie": family, "code": category, "label": label},
        "clients": mandates,
        "codePostal": "75007",
        "collaborateurs": list(lobbyists) or [person("Maud", "LAURIER", "Consultante")],
        "dateCreation": f"{registered:%d/%m/%Y} 09:33:14",
        "datePremierePublication": f"{registered:%d/%m/%Y} 09:33:14",
        "declarationOrgaAppartenance": bool(affiliations),
        "declarationTiers": bool(mandates),
        "denomination": name,
        "dirigeants": list(leaders) or [person("Basile", "TREMBLET")],
        "emailDeContact": CONTACT_EMAIL,
        "exercices": list(years),
        "identifiantNational": number,
        "isActivitesPubliees": True,
        "lienSiteWeb": "https://organisation.example",
        "pays": "FRANCE",
        "publierMonAdresseEmail": True,
        "publierMonAdressePhysique": True,
        "publierMonTelephoneDeContact": True,
        "telephoneDeContact": CONTACT_PHONE,
        "typeIdentifiantNational": kind,
        "ville": "PARIS",
    }
    return said | ({"nomUsage": usual_name} if usual_name is not None else {})


def year_of(record: Record, of: int) -> dict[str, Any]:
    """Return what is published of a year of an organisation; raises LookupError where there is none."""
    for exercise in record["exercices"]:
        current: dict[str, Any] = exercise["publicationCourante"]
        if current["dateFin"].endswith(str(of)):
            return current
    raise LookupError(of)
