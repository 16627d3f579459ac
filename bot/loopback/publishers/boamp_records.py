"""Made-up BOAMP records in the shapes of the interface, with `donnees` in each of its forms.

Every record holds contact details where the bulletin publishes them, so that a test can prove that they are left out.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any

from bot.loopback.publishers.boamp_columns import NATURES, Record, record
from bot.loopback.publishers.boamp_eforms import (
    CONTACT_EMAIL,
    CONTACT_NAME,
    CONTACT_PHONE,
    Firm,
    Lot,
    award_notice,
    contract_notice,
    folder_of,
    with_changes,
)

CITY = Firm("Ville de Lyon", "21690123100011")


def eforms_notice(  # noqa: PLR0913  # one keyword per part of the form
    *,
    idweb: str,
    objet: str,
    published: date,
    buyer: Firm = CITY,
    deadline: datetime | None = None,
    description: str = "",
    cpv: str = "35125300",
    lots: Sequence[Lot] = (),
    estimate: str | None = None,
    folder: str | None = None,
    is_defence: bool = False,
    descriptors: Sequence[str] = (),
) -> Record:
    """Return a tender in the European form."""
    folder = folder or folder_of(idweb)
    body = contract_notice(
        title=objet,
        description=description or objet,
        buyer=buyer,
        published=published,
        folder=folder,
        lots=lots or (Lot(objet, description, cpv),),
        deadline=deadline,
        estimate=estimate,
        is_defence=is_defence,
    )
    return record(
        idweb=idweb,
        objet=objet,
        buyer=buyer.name,
        published=published,
        nature="APPEL_OFFRE",
        famille="JOUE",
        donnees=body,
        deadline=deadline,
        perimetre="DIRECTIVE-81" if is_defence else "DIRECTIVE-24",
        folder=folder,
        descriptors=descriptors,
    )


def eforms_award(  # noqa: PLR0913  # one keyword per part of the form
    *,
    idweb: str,
    objet: str,
    published: date,
    winners: Sequence[Firm] = (),
    amount: str | None = None,
    currency: str = "EUR",
    buyer: Firm = CITY,
    description: str = "",
    cpv: str = "35125300",
    lots: Sequence[Lot] = (),
    folder: str | None = None,
    is_withheld: bool = False,
    names_winners_flat: bool = True,
) -> Record:
    """Return an award in the European form; `winners` share its only lot, unless `lots` say more.

    `names_winners_flat` False leaves the flat column `titulaire` null, as it is on some awards.
    """
    folder = folder or folder_of(idweb)
    lots = lots or (Lot(objet, description, cpv, tuple(winners), amount, currency),)
    body = award_notice(
        title=objet,
        description=description or objet,
        buyer=buyer,
        published=published,
        folder=folder,
        lots=lots,
        total=amount,
        currency=currency,
        is_withheld=is_withheld,
    )
    names = dict.fromkeys(firm.name for lot in lots for firm in lot.winners if lot.result == "selec-w")
    return record(
        idweb=idweb,
        objet=objet,
        buyer=buyer.name,
        published=published,
        nature="ATTRIBUTION",
        famille="JOUE",
        donnees=body,
        winners=list(names) if names_winners_flat else (),
        perimetre="DIRECTIVE-24",
        folder=folder,
    )


def fns_notice(  # noqa: PLR0913  # one keyword per part of the form
    *,
    idweb: str,
    objet: str,
    published: date,
    buyer: Firm = CITY,
    deadline: datetime | None = None,
    description: str = "",
    cpv: str = "35125300",
    ceiling: str | None = None,
    descriptors: Sequence[str] = (),
) -> Record:
    """Return a tender in the simplified national form."""
    market: dict[str, Any] = {
        "intitule": objet,
        "description": description or objet,
        "codeCPV": {"objetPrincipal": {"classPrincipale": cpv}},
        "dureeMois": "24",
    }
    if ceiling is not None:
        market["valeurEstimee"] = {
            "fourchette": {"valeurBasse": "1", "valeurHaute": {"@devise": "EUR", "#text": ceiling}}
        }
    initial = {"natureMarche": market, "communication": _contacts()}
    return record(
        idweb=idweb,
        objet=objet,
        buyer=buyer.name,
        published=published,
        nature="APPEL_OFFRE",
        famille="FNS",
        donnees={"FNSimple": {"organisme": _fns_buyer(buyer), "initial": initial}},
        deadline=deadline,
        perimetre="FNSimple",
        descriptors=descriptors,
    )


def fns_award(
    *,
    idweb: str,
    objet: str,
    published: date,
    prose: str,
    of: str | None = None,
    buyer: Firm = CITY,
    cpv: str = "35125300",
    names_buyer: bool = True,
) -> Record:
    """Return an award in the simplified national form: who won, and for how much, stands in prose only."""
    award: dict[str, Any] = {
        "natureMarche": {"codeCPV": {"objetPrincipal": {"classPrincipale": cpv}}},
        "attributionMarche": prose,
        "renseignementsComplementaires": _contacts(),
    }
    if of is not None:
        award["avisInitial"] = {"idWeb": of}
    body: dict[str, Any] = {"attribution": award}
    if names_buyer:
        body["organisme"] = _fns_buyer(buyer)
    return record(
        idweb=idweb,
        objet=objet,
        buyer=buyer.name,
        published=published,
        nature="ATTRIBUTION",
        famille="FNS",
        donnees={"FNSimple": body},
        perimetre="FNSimple",
        linked=(of,) if of else (),
    )


def mapa_notice(
    *,
    idweb: str,
    objet: str,
    published: date,
    buyer: Firm = CITY,
    deadline: datetime | None = None,
    description: str = "",
) -> Record:
    """Return a tender in the form of the adapted procedure."""
    initial = {"description": description or objet, "renseignements": _contacts()}
    return record(
        idweb=idweb,
        objet=objet,
        buyer=buyer.name,
        published=published,
        nature="APPEL_OFFRE",
        famille="MAPA",
        donnees={"MAPA": {"organisme": _mapa_buyer(buyer), "initial": initial}},
        deadline=deadline,
    )


def mapa_award(
    *,
    idweb: str,
    objet: str,
    published: date,
    winner: str,
    amount: str | None = None,
    of: str | None = None,
    buyer: Firm = CITY,
) -> Record:
    """Return an award in the form of the adapted procedure; the winner's name ends with a blank, as it often does."""
    awarded: dict[str, Any] = {"titulaire": {"PersonneMorale": f"{winner} "}}
    if amount is not None:
        awarded["montant"] = {"@devise": "EUR", "valeur": amount}
    award: dict[str, Any] = {
        "attribution": {"resultat": {"attribue": awarded}},
        "autresInformations": {"nbOffresRecues": "5"},
    }
    if of is not None:
        award["avisInitial"] = {"idWeb": of}
    return record(
        idweb=idweb,
        objet=objet,
        buyer=buyer.name,
        published=published,
        nature="ATTRIBUTION",
        famille="MAPA",
        donnees={"MAPA": {"organisme": _mapa_buyer(buyer), "attribution": award}},
        winners=(winner,),
        linked=(of,) if of else (),
    )


def dsp(
    *,
    idweb: str,
    objet: str,
    published: date,
    buyer: Firm = CITY,
    deadline: datetime | None = None,
    description: str = "",
) -> Record:
    """Return a call for a delegation of public service."""
    return _plain_form("DSP", "descriptionMarche", idweb, objet, published, buyer, deadline, description)


def divers(
    *,
    idweb: str,
    objet: str,
    published: date,
    buyer: Firm = CITY,
    deadline: datetime | None = None,
    description: str = "",
) -> Record:
    """Return a notice in the form for everything else."""
    return _plain_form("DIVERS", "description", idweb, objet, published, buyer, deadline, description)


def legacy_award(
    *,
    idweb: str,
    objet: str,
    published: date,
    winner: Firm,
    amount: str | None = None,
    buyer: Firm = CITY,
    cpv: str = "35125300",
) -> Record:
    """Return an award in the form that came before eForms, with upper-case elements."""
    decision: dict[str, Any] = {"TITULAIRE": {"DENOMINATION": winner.name, "VILLE": "Dijon"}}
    if winner.number is not None:
        decision["TITULAIRE"]["CODE_IDENT_NATIONAL"] = winner.number
    if amount is not None:
        decision["RENSEIGNEMENT"] = {"MONTANT": {"@DEVISE": "EUR", "#text": amount}}
    body = {
        "IDENTITE": {
            "DENOMINATION": buyer.name,
            "CODE_IDENT_NATIONAL": buyer.number,
            "CORRESPONDANT": CONTACT_NAME,
            "MEL": CONTACT_EMAIL,
            "TEL": CONTACT_PHONE,
        },
        "OBJET": {"TITRE_MARCHE": objet, "OBJET_COMPLET": objet, "CPV": {"PRINCIPAL": cpv}},
        "ATTRIBUTION": {"DECISION": decision},
    }
    return record(
        idweb=idweb,
        objet=objet,
        buyer=buyer.name,
        published=published,
        nature="ATTRIBUTION",
        famille="JOUE",
        donnees=body,
        winners=(winner.name,),
    )


def corrigendum(*, of: Record, idweb: str, published: date, deadline: datetime, what: str = "") -> Record:
    """Return the corrigendum that moves the deadline of a tender, in the tender's own form."""
    what = what or f"La date limite de réception des offres est reportée au {deadline:%d/%m/%Y}."
    body = json.loads(of["donnees"])
    ((form, content),) = body.items()
    if form == "EFORMS":
        body = with_changes(body, what, folder_of(of["idweb"]))
    else:
        rubric = {"rubrique": what, "supprimer": of["datelimitereponse"], "lire": deadline.isoformat()}
        body = {
            form: {
                "organisme": content.get("organisme"),
                "rectificatif": {"avisInitial": {"idWeb": of["idweb"]}, "infosRectif": rubric},
            }
        }
    return _following(of, idweb, published, "RECTIFICATIF", body) | {
        "datelimitereponse": deadline.astimezone(UTC).isoformat()
    }


def cancellation(*, of: Record, idweb: str, published: date) -> Record:
    """Return the notice that cancels a tender."""
    return _following(of, idweb, published, "ANNULATION", json.loads(of["donnees"])) | {"datelimitereponse": None}


def modification(
    *,
    of: Record,
    idweb: str,
    published: date,
    winner: Firm,
    amount: str,
    buyer: Firm = CITY,
) -> Record:
    """Return the notice that changes a running contract; its lots state no result, as in the European form."""
    body = award_notice(
        title=of["objet"],
        description=of["objet"],
        buyer=buyer,
        published=published,
        folder=of["contractfolderid"] or folder_of(of["idweb"]),
        lots=(Lot(of["objet"], winners=(winner,), amount=amount),),
        total=amount,
        is_modification=True,
    )
    return _following(of, idweb, published, "MODIFICATION", body) | {"datelimitereponse": None, "titulaire": None}


def broken(*, idweb: str, objet: str, published: date, buyer: Firm = CITY, deadline: datetime | None = None) -> Record:
    """Return a tender whose `donnees` is cut off in the middle."""
    whole = fns_notice(idweb=idweb, objet=objet, published=published, buyer=buyer, deadline=deadline)
    return whole | {"donnees": whole["donnees"][: len(whole["donnees"]) // 2]}


def _plain_form(
    form: str,
    described: str,
    idweb: str,
    objet: str,
    published: date,
    buyer: Firm,
    deadline: datetime | None,
    description: str,
) -> Record:
    organisation = {"nom": buyer.name, "codeIdentificationNational": buyer.number, "correspondant": _contacts()}
    return record(
        idweb=idweb,
        objet=objet,
        buyer=buyer.name,
        published=published,
        nature="APPEL_OFFRE",
        famille=form,
        donnees={form: {"organisme": organisation, "initial": {described: description or objet}}},
        deadline=deadline,
    )


def _following(of: Record, idweb: str, published: date, nature: str, body: dict[str, Any]) -> Record:
    return of | {
        "idweb": idweb,
        "id": idweb.replace("-", "_"),
        "filename": f"/{idweb}.xml",
        "dateparution": published.isoformat(),
        "nature": nature,
        "nature_libelle": NATURES[nature],
        "nature_categorise": nature,
        "nature_categorise_libelle": NATURES[nature],
        "etat": nature,
        "annonce_lie": [of["idweb"]],
        "donnees": json.dumps(body, ensure_ascii=False),
    }


def _contacts() -> dict[str, Any]:
    return {"nom": CONTACT_NAME, "coord": {"tel": CONTACT_PHONE, "mel": CONTACT_EMAIL}}


def _fns_buyer(buyer: Firm) -> dict[str, Any]:
    return {
        "nomOfficiel": buyer.name,
        "typeIdentificationNational": {"siret": ""},
        "codeIdentificationNational": _grouped(buyer.number),
        "cp": "69000",
        "correspondantPRM": _contacts(),
    }


def _mapa_buyer(buyer: Firm) -> dict[str, Any]:
    return {"acheteurPublic": buyer.name, "adr": {"cp": "69000"}, "correspondantPRM": _contacts()}


def _grouped(number: str | None) -> str | None:
    """Return a SIRET as people write it, in groups."""
    return None if number is None else f"{number[:3]} {number[3:6]} {number[6:9]} {number[9:]}".strip()
