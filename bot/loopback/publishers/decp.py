"""A loopback of the consolidated table of France's public contracts, as data.gouv.fr serves it row by row."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

from aiohttp import web

from bot.loopback.publishers._publisher import Handler, Publisher, Record, Refusal, Served

RESOURCE = "22847056-61df-452d-837d-8b8ceadbfc52"
PATH = f"/api/resources/{RESOURCE}/data/"
MAX_PAGE_ROWS = 50

_OPERATORS: Mapping[str, Callable[[str, str], bool]] = {
    "exact": lambda value, wanted: value == wanted,
    "in": lambda value, wanted: value in _listed(wanted),
    "contains": lambda value, wanted: wanted.casefold() in value.casefold(),
    "greater": lambda value, wanted: value >= wanted,
    "less": lambda value, wanted: value <= wanted,
    "strictly_greater": lambda value, wanted: value > wanted,
    "strictly_less": lambda value, wanted: value < wanted,
}


class LoopbackDecp(Publisher):
    """Serve rows, each a contract or amendment with one of its suppliers, in pages of at most 50.

    A filter on a column in `unfiltered`, or on one that no row has, is refused with status 400.
    """

    id_field = "uid"
    renamed_field = "objet"

    def __init__(self, records: Sequence[Record] = ()) -> None:
        super().__init__(records)
        self.unfiltered: set[str] = set()

    @property
    def routes(self) -> Mapping[str, Handler]:
        """Return the documented path."""
        return {PATH: self._rows}

    def load(self, payload: bytes) -> None:
        """Serve the rows of a page."""
        self.records = json.loads(payload)["data"]

    async def _rows(self, request: web.Request) -> Served:
        params = dict(request.query)
        page, size = _number(params, "page", 1), _number(params, "page_size", 20)
        if size > MAX_PAGE_ROWS:
            raise _refused(f"Page size exceeds allowed maximum: {MAX_PAGE_ROWS}")
        chosen = [{"__id": place, **row} for place, row in enumerate(self.records, start=1)]
        for name, wanted in params.items():
            if name not in {"page", "page_size"}:
                chosen = self._filtered(chosen, name, wanted)
        start = self.shifted((page - 1) * size)
        has_next = start + size < len(chosen)
        return self.json(
            {
                "data": self.spoilt(chosen[start : start + size]),
                "links": {"next": f"{self.url}{PATH}?page={page + 1}&page_size={size}" if has_next else None},
                "meta": {"page": page, "page_size": size, "total": len(chosen)},
            }
        )

    def _filtered(self, rows: list[Record], name: str, wanted: str) -> list[Record]:
        column, _, operator = name.rpartition("__")
        known = {column for row in rows for column in row} or set(COLUMNS)
        if column not in known or column in self.unfiltered:
            raise _refused(f"column {column!r} does not exist")
        if operator == "sort":
            return sorted(rows, key=lambda row: str(row[column]), reverse=wanted == "desc")
        if operator not in _OPERATORS:
            raise _refused(f"argument '{name}={wanted}' could not be parsed")
        fits = _OPERATORS[operator]
        return [row for row in rows if row.get(column) is not None and fits(str(row[column]), wanted)]


def contract(
    *,
    number: str,
    objet: str,
    published: date,
    suppliers: Sequence[tuple[str, str]],
    buyer: tuple[str, str] = ("COMMUNE DE CORVOY", "21640004600012"),
    amount: float | None = 84_500,
    modification: int = 0,
    **columns: Any,
) -> list[Record]:
    """Return the rows of a made-up contract or amendment, one for each supplier (name and SIRET).

    `number` is the buyer's own, `columns` are more columns of the table.
    """
    return [
        {
            **COLUMNS,
            "uid": buyer[1] + number,
            "id": number,
            "acheteur_id": int(buyer[1]),
            "acheteur_nom": buyer[0],
            "titulaire_id": int(siret) if siret.isdecimal() else siret,
            "titulaire_nom": name,
            "titulaire_typeIdentifiant": "SIRET",
            "objet": objet,
            "montant": amount,
            "montant_rationalise": amount,
            "codeCPV": "35125300",
            "dateNotification": published.isoformat(),
            "datePublicationDonnees": published.isoformat(),
            "modification_id": modification,
            **columns,
        }
        for name, siret in suppliers
    ]


COLUMNS: Mapping[str, Any] = {
    "uid": None,
    "id": None,
    "nature": "Marché",
    "acheteur_id": None,
    "acheteur_nom": None,
    "titulaire_id": None,
    "titulaire_typeIdentifiant": None,
    "titulaire_nom": None,
    "objet": None,
    "montant": None,
    "montant_rationalise": None,
    "montant_anomalie": None,
    "type": "Fournitures",
    "codeCPV": None,
    "procedure": "Procédure non négociée ouverte",
    "techniques": None,
    "dureeMois": 24,
    "dureeRestanteMois": 23.5,
    "offresRecues": 3,
    "dateNotification": None,
    "datePublicationDonnees": None,
    "formePrix": "Unitaire",
    "typesPrix": "Définitif révisable",
    "attributionAvance": False,
    "tauxAvance": None,
    "marcheInnovant": False,
    "modalitesExecution": None,
    "considerationsSociales": None,
    "considerationsEnvironnementales": None,
    "ccag": "Fournitures courantes et services",
    "sousTraitanceDeclaree": False,
    "typeGroupementOperateurs": None,
    "origineUE": None,
    "origineFrance": None,
    "lieuExecution_code": 64,
    "lieuExecution_typeCode": "Code département",
    "idAccordCadre": None,
    "titulaire_distance": 42,
    "acheteur_categorie": "Commune",
    "acheteur_commune_code": "64400",
    "acheteur_commune_nom": "Corvoy",
    "acheteur_departement_code": "64",
    "acheteur_departement_nom": "Pyrénées-Atlantiques",
    "acheteur_region_code": "75",
    "acheteur_region_nom": "Nouvelle-Aquitaine",
    "acheteur_latitude": 43.31,
    "acheteur_longitude": -0.36,
    "titulaire_categorie": "PME",
    "titulaire_commune_code": "33063",
    "titulaire_commune_nom": "Bordeaux",
    "titulaire_departement_code": "33",
    "titulaire_departement_nom": "Gironde",
    "titulaire_region_code": "75",
    "titulaire_region_nom": "Nouvelle-Aquitaine",
    "titulaire_latitude": 44.84,
    "titulaire_longitude": -0.58,
    "modification_id": 0,
    "donneesActuelles": True,
    "sourceDataset": "aife_dume",
    "sourceFile": "https://www.data.gouv.fr/",
}
"""The columns of the table, with what is usual in those that matter little."""


def _listed(wanted: str) -> list[str]:
    """Return the values of a list with commas, in quotation marks where they hold a comma themselves."""
    return next(csv.reader([wanted]), [])


def _number(params: Mapping[str, str], name: str, default: int) -> int:
    raw = params.get(name, str(default))
    if not raw.isdecimal() or not int(raw):
        raise _refused(f"{name} must be a positive number")
    return int(raw)


def _refused(detail: str) -> Refusal:
    return Refusal.of_json(400, {"errors": [{"code": None, "title": "Invalid query string", "detail": detail}]})
