"""A loopback BODACC: announcements about companies of all families, with their nested JSON texts."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from datetime import date
from typing import Any

from bot.loopback.publishers._explore import ExplorePublisher
from bot.loopback.publishers._publisher import Record

_FORM = r"registre\s*=\s*\"[0-9 ]+\""
_ANY_OF = re.compile(rf"\s*\(?\s*{_FORM}(?:\s+or\s+{_FORM})*\s*\)?\s*", re.IGNORECASE)
_QUOTED = re.compile(r"\"([0-9 ]+)\"")

FAMILIES = {
    "creation": "Créations",
    "immatriculation": "Immatriculations",
    "vente": "Ventes et cessions",
    "modification": "Modifications diverses",
    "collective": "Procédures collectives",
    "radiation": "Radiations",
    "dpc": "Dépôts des comptes",
}
_BULLETINS = {"modification": "B", "radiation": "B", "dpc": "C"}
_COLUMNS = (
    *("listepersonnes", "listeetablissements", "jugement", "acte", "modificationsgenerales", "radiationaurcs"),
    *("depot", "listeprecedentproprietaire", "listeprecedentexploitant", "divers", "parutionavisprecedent"),
)


class LoopbackBodacc(ExplorePublisher):
    """Serve announcements as the official bulletin does; `where` may also name register numbers."""

    dataset = "annonces-commerciales"
    id_field = "id"
    renamed_field = "commercant"

    def chooses(self, record: Record, condition: str) -> bool:
        """Return whether a record meets one condition of `where`: a date, or one of several register numbers."""
        if _ANY_OF.fullmatch(condition):
            return bool(set(_QUOTED.findall(condition)) & set(record.get("registre") or ()))
        return super().chooses(record, condition)


def company(name: str, siren: str, **more: Any) -> Record:
    """Return a legal person as `listepersonnes` holds it."""
    return {
        "typePersonne": "pm",
        "numeroImmatriculation": {
            "numeroIdentification": spaced(siren),
            "codeRCS": "RCS",
            "nomGreffeImmat": "Pau",
        },
        "denomination": name,
        "formeJuridique": "Société par actions simplifiée",
        **more,
    }


def private_person(family: str, given: str, siren: str) -> Record:
    """Return a natural person as `listepersonnes` holds it: what nobody may keep."""
    return {
        "typePersonne": "pp",
        "numeroImmatriculation": {"numeroIdentification": spaced(siren), "codeRCS": "RCS", "nomGreffeImmat": "Pau"},
        "nom": family,
        "prenom": given,
        "nationalite": "Française",
    }


def announcement(
    *,
    number: int,
    family: str,
    published: date,
    people: Sequence[Record],
    town: str = "Pau",
    trader: str | None = None,
    sellers: Sequence[Record] = (),
    **nested: Any,
) -> Record:
    """Return a made-up announcement about people (companies and others); `nested` are the columns that hold JSON."""
    bulletin = _BULLETINS.get(family, "A")
    told = {**nested, "listepersonnes": {"personne": _one_or_many(people)}}
    if sellers:
        told["listeprecedentproprietaire"] = {"personne": _one_or_many(sellers)}
    first = people[0]
    numbers = [person["numeroImmatriculation"]["numeroIdentification"] for person in (*people, *sellers)]
    name = f"{bulletin}{published:%Y}{number:08d}"
    return {
        "id": name,
        "publicationavis": bulletin,
        "publicationavis_facette": f"Bodacc {bulletin}",
        "parution": f"{published:%Y}0220",
        "dateparution": published.isoformat(),
        "numeroannonce": number,
        "typeavis": "annonce",
        "typeavis_lib": "Avis initial",
        "familleavis": family,
        "familleavis_lib": FAMILIES[family],
        "numerodepartement": "64",
        "departement_nom_officiel": "Pyrénées-Atlantiques",
        "region_code": 75,
        "region_nom_officiel": "Nouvelle-Aquitaine",
        "tribunal": "Greffe du Tribunal de Commerce de Pau",
        "commercant": trader or first.get("denomination") or f"{first['nom']}, {first['prenom']}",
        "ville": town,
        "cp": "64000",
        "registre": [form for one in numbers for form in (one, one.replace(" ", ""))],
        "url_complete": f"https://www.bodacc.fr/pages/annonces-commerciales-detail/?q.id=id:{name}",
        "ispdf_unitaire": "OUI",
        **{column: json.dumps(told[column], ensure_ascii=False) if column in told else None for column in _COLUMNS},
    }


def spaced(siren: str) -> str:
    """Return a SIREN as the register prints it, in groups of three."""
    return f"{siren[:3]} {siren[3:6]} {siren[6:]}"


def _one_or_many(people: Sequence[Record]) -> Any:
    return people[0] if len(people) == 1 else list(people)
