"""A loopback Recherche d'entreprises: the French register of companies, searched by name or number."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

from aiohttp import web

from bot.loopback.publishers._publisher import Handler, Publisher, Record, Refusal, Served

MOST_A_PAGE = 25


def company(  # one keyword per part of an entry
    siren: str,
    name: str,
    *,
    sigle: str | None = None,
    signs: Sequence[str] = (),
    town: str = "ORLEANS",
    is_active: bool = True,
    legal_form: str = "5710",
) -> Record:
    """Return a company as the register describes it; a legal form that begins with 1 is a natural person."""
    return {
        "siren": siren,
        "nom_complet": name if sigle is None else f"{name} ({sigle})",
        "nom_raison_sociale": name,
        "sigle": sigle,
        "nature_juridique": legal_form,
        "etat_administratif": "A" if is_active else "C",
        "activite_principale": "80.10Z",
        "date_creation": "2009-05-04",
        "siege": {
            "siret": f"{siren}00017",
            "code_postal": "45000",
            "libelle_commune": town,
            "adresse": f"1 RUE DES LICES 45000 {town}",
            "nom_commercial": None,
            "liste_enseignes": list(signs) or None,
        },
        "dirigeants": [{"nom": "PROPRIETAIRE", "prenoms": "OMER", "qualite": "Président"}],
    }


class LoopbackCompanyRegister(Publisher):
    """Serve companies, found by words of their names or by their SIREN."""

    id_field = "siren"
    renamed_field = "siren"

    @property
    def routes(self) -> Mapping[str, Handler]:
        """Return the one path of the search."""
        return {"/search": self._search}

    def load(self, payload: bytes) -> None:
        """Refuse: the register is no source, and has no payloads of its own."""
        raise NotImplementedError

    async def _search(self, request: web.Request) -> Served:
        query, page = request.query.get("q", "").casefold(), int(request.query.get("per_page", "10"))
        if not query.strip():
            raise Refusal.of_json(400, {"erreur": "Veuillez indiquer au moins un paramètre de recherche."})
        if page > MOST_A_PAGE:
            raise Refusal.of_json(400, {"erreur": f"Veuillez indiquer un nombre entre 1 et {MOST_A_PAGE}."})
        found = [record for record in self.records if _means(record, query)]
        answer: dict[str, Any] = {"results": self.spoilt(found[:page]), "total_results": len(found), "page": 1}
        return self.json({**answer, "per_page": page, "total_pages": 1})


def _means(record: Record, query: str) -> bool:
    return record["siren"] == query or all(word in _plain(record["nom_complet"]) for word in _plain(query).split())


def _plain(text: str) -> str:
    return "".join(sign for sign in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(sign))
