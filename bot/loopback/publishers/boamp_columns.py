"""The 41 flat columns of a BOAMP record, filled in around the `donnees` that a form needs."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any

from bot.loopback.publishers.boamp_eforms import CONTACT_EMAIL, CONTACT_NAME, CONTACT_PHONE

Record = dict[str, Any]

NATURES = {
    "APPEL_OFFRE": "Avis de marché",
    "PRE-INFORMATION": "Avis de pré-information",
    "ATTRIBUTION": "Résultat de marché",
    "INTENTION_CONCLURE": "Intention de conclure",
    "RECTIFICATIF": "Rectificatif",
    "MODIFICATION": "Modification",
    "ANNULATION": "Annulation",
}
FAMILIES = {
    "JOUE": "Marchés européens",
    "FNS": "Marchés publics à formulaire national simplifié",
    "MAPA": "Marchés de 90 k€ aux seuils européens",
    "DSP": "Délégations de service public",
    "DIVERS": "Divers",
}


def record(  # noqa: PLR0913  # one keyword per part of the form
    *,
    idweb: str,
    objet: str,
    buyer: str | None,
    published: date,
    nature: str,
    famille: str,
    donnees: dict[str, Any] | str | None,
    deadline: datetime | str | None = None,
    winners: Sequence[str] = (),
    perimetre: str | None = None,
    folder: str | None = None,
    linked: Sequence[str] = (),
    descriptors: Sequence[str] = (),
    url: str | None = None,
) -> Record:
    """Return one record as the interface sends it: all 41 columns, null where empty, nested parts as JSON strings."""
    when = deadline.astimezone(UTC).isoformat() if isinstance(deadline, datetime) else deadline
    contacts = {"correspondant": CONTACT_NAME, "mel": CONTACT_EMAIL, "tel": CONTACT_PHONE}
    return {
        "idweb": idweb,
        "id": idweb.replace("-", "_"),
        "contractfolderid": folder,
        "objet": objet,
        "filename": f"/{idweb}.xml",
        "famille": famille,
        "code_departement": ["75"],
        "code_departement_prestation": "75",
        "famille_libelle": FAMILIES.get(famille, famille),
        "dateparution": published.isoformat(),
        "datefindiffusion": when[:10] if when else None,
        "datelimitereponse": when,
        "nomacheteur": buyer,
        "titulaire": list(winners) or None,
        "perimetre": perimetre,
        "type_procedure": "OUVERT",
        "soustype_procedure": None,
        "procedure_libelle": "Procédure ouverte",
        "procedure_categorise": "OUVERT",
        "nature": nature,
        "sousnature": None,
        "nature_libelle": NATURES.get(nature, nature),
        "sousnature_libelle": None,
        "nature_categorise": nature,
        "nature_categorise_libelle": NATURES.get(nature, nature),
        "criteres": None,
        "marche_public_simplifie": "0",
        "marche_public_simplifie_label": "Non",
        "etat": "INITIAL",
        "descripteur_code": [str(100 + place) for place, _ in enumerate(descriptors)] or None,
        "dc": [str(100 + place) for place, _ in enumerate(descriptors)] or None,
        "descripteur_libelle": list(descriptors) or None,
        "type_marche": ["FOURNITURES"],
        "type_marche_facette": "Fournitures",
        "type_avis": ["5"],
        "annonce_lie": list(linked) or None,
        "annonces_anterieures": None,
        "source_schema": "3.2.5" if famille == "JOUE" else "1.0",
        "gestion": json.dumps({"REFERENCE": {"IDWEB": idweb}, "INDEXATION": {"CONTACT": contacts}}),
        "donnees": donnees if isinstance(donnees, str | None) else json.dumps(donnees, ensure_ascii=False),
        "url_avis": url,
    }
