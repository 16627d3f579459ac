"""Made-up eForms bodies in the shape that BOAMP publishes: the tree that xmltodict makes of the XML."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

CONTACT_NAME = "Ondine Marchevelle"
CONTACT_EMAIL = "ondine.marchevelle@acheteur.example"
CONTACT_PHONE = "01 99 00 12 34"
OWNER_NAME = "Anselme Brisevent"

_DUMMY_DAY = "2000-01-01Z"


@dataclass(frozen=True, slots=True)
class Firm:
    """Hold a made-up company: its name and the number that the register or the tax office gave it."""

    name: str
    number: str | None = None
    country: str = "FRA"


@dataclass(frozen=True, slots=True)
class Lot:
    """Hold a lot of a procedure; `winners` of one lot are a consortium, `result` is the code of winner selection."""

    title: str
    description: str = ""
    cpv: str = "35125300"
    winners: tuple[Firm, ...] = ()
    amount: str | None = None
    currency: str = "EUR"
    result: str | None = "selec-w"


def folder_of(idweb: str) -> str:
    """Return the procedure UUID of the procedure that a notice opened, always the same for the same notice."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"loopback:boamp:{idweb}"))


def contract_notice(  # noqa: PLR0913  # one keyword per part of the form
    *,
    title: str,
    description: str,
    buyer: Firm,
    published: date,
    folder: str,
    lots: Sequence[Lot],
    deadline: datetime | None = None,
    estimate: str | None = None,
    is_defence: bool = False,
) -> dict[str, Any]:
    """Return a tender: `EFORMS` with a ContractNotice."""
    orgs = _Organisations(buyer)
    root = _head("competition", "cn-standard", folder, published, is_defence=is_defence)
    root |= (
        _extension({"efac:Organizations": orgs.element()}) | _buyer_party() | _project(title, description, lots[0].cpv)
    )
    if estimate is not None:
        root["cac:ProcurementProject"]["cac:RequestedTenderTotal"] = {
            "cbc:EstimatedOverallContractAmount": _money(estimate, "EUR")
        }
    root["cac:ProcurementProjectLot"] = _one_or_list([_lot(place, lot, deadline) for place, lot in enumerate(lots, 1)])
    return {"EFORMS": {"ContractNotice": root}}


def award_notice(  # noqa: PLR0913  # one keyword per part of the form
    *,
    title: str,
    description: str,
    buyer: Firm,
    published: date,
    folder: str,
    lots: Sequence[Lot],
    total: str | None = None,
    currency: str = "EUR",
    is_withheld: bool = False,
    is_modification: bool = False,
    is_defence: bool = False,
) -> dict[str, Any]:
    """Return an award, or a change to a running contract: `EFORMS` with a ContractAwardNotice.

    `is_withheld` keeps the value back until a later day and puts the placeholder 9.99 in its place.
    """
    orgs = _Organisations(buyer)
    result = _result(lots, orgs, states_result=not is_modification)
    if is_withheld:
        result["efac:FieldsPrivacy"] = {
            "efbc:FieldIdentifierCode": _code("non-publication-identifier", "not-val"),
            "efbc:PublicationDate": f"{published.year + 1}-12-31Z",
        }
        result["cbc:TotalAmount"] = _money("9.99", currency)
    elif total is not None:
        result["cbc:TotalAmount"] = _money(total, currency)
    kind = ("cont-modif", "can-modif") if is_modification else ("result", "can-standard")
    root = _head(*kind, folder, published, is_defence=is_defence)
    extension = {"efac:NoticeResult": result, "efac:Organizations": orgs.element()}
    if is_modification:
        extension["efac:ContractModification"] = _change("Augmentation du montant du marché", "000001-2026")
    root |= _extension(extension) | _buyer_party() | _project(title, description, lots[0].cpv)
    root["cac:ProcurementProjectLot"] = _one_or_list([_lot(place, lot, None) for place, lot in enumerate(lots, 1)])
    root["cac:TenderResult"] = {"cbc:AwardDate": _DUMMY_DAY}
    return {"EFORMS": {"ContractAwardNotice": root}}


def with_changes(donnees: dict[str, Any], what: str, changed: str) -> dict[str, Any]:
    """Return the body of a corrigendum: the notice as corrected, with the block that says what changed."""
    ((name, root),) = donnees["EFORMS"].items()
    extension = root["ext:UBLExtensions"]["ext:UBLExtension"]["ext:ExtensionContent"]["efext:EformsExtension"]
    return {"EFORMS": {name: root | _extension(extension | {"efac:Changes": _change(what, f"{changed}-01")})}}


class _Organisations:
    """Number the organisations of a notice; the platform comes first, as it does in the bulletin."""

    def __init__(self, buyer: Firm) -> None:
        self.firms = [
            Firm("Plateforme des achats en ligne", None),
            buyer,
            Firm("Tribunal administratif de Paris", None),
        ]

    def key(self, firm: Firm) -> str:
        if firm not in self.firms:
            self.firms.append(firm)
        return f"ORG-{self.firms.index(firm) + 1:04d}"

    def element(self) -> dict[str, Any]:
        return {
            "efac:Organization": [self._organisation(firm) for firm in self.firms],
            "efac:UltimateBeneficialOwner": {
                "cbc:ID": _code("ubo", "UBO-0001"),
                "cbc:FamilyName": OWNER_NAME,
                "cac:Contact": {"cbc:ElectronicMail": CONTACT_EMAIL},
            },
        }

    def _organisation(self, firm: Firm) -> dict[str, Any]:
        company: dict[str, Any] = {
            "cac:PartyIdentification": {"cbc:ID": {"@schemeName": "organization", "#text": self.key(firm)}},
            "cac:PartyName": {"cbc:Name": _french(firm.name)},
            "cac:PostalAddress": {
                "cbc:CityName": "Paris",
                "cac:Country": {"cbc:IdentificationCode": _code("country", firm.country)},
            },
            "cac:Contact": {
                "cbc:Name": CONTACT_NAME,
                "cbc:Telephone": CONTACT_PHONE,
                "cbc:ElectronicMail": CONTACT_EMAIL,
            },
        }
        if firm.number is not None:
            company["cac:PartyLegalEntity"] = {"cbc:CompanyID": firm.number}
        return {
            "efac:Company": company,
            "efac:TouchPoint": {
                "cac:PartyIdentification": {"cbc:ID": {"@schemeName": "touchpoint", "#text": "TPO-0001"}},
                "cac:PartyName": {"cbc:Name": _french(f"Bureau de {CONTACT_NAME}")},
            },
        }


def _head(form: str, notice_type: str, folder: str, published: date, *, is_defence: bool) -> dict[str, Any]:
    return {
        "cbc:UBLVersionID": "2.3",
        "cbc:CustomizationID": "eforms-sdk-1.13",
        "cbc:ID": {"@schemeName": "notice-id", "#text": folder_of(f"{folder}/{form}")},
        "cbc:ContractFolderID": folder,
        "cbc:IssueDate": f"{published}+02:00",
        "cbc:VersionID": "01",
        "cbc:RegulatoryDomain": "32009L0081" if is_defence else "32014L0024",
        "cbc:NoticeTypeCode": _code(form, notice_type),
        "cbc:NoticeLanguageCode": "FRA",
    }


def _extension(content: dict[str, Any]) -> dict[str, Any]:
    return {"ext:UBLExtensions": {"ext:UBLExtension": {"ext:ExtensionContent": {"efext:EformsExtension": content}}}}


def _buyer_party() -> dict[str, Any]:
    party = {"cac:PartyIdentification": {"cbc:ID": {"@schemeName": "organization", "#text": "ORG-0002"}}}
    return {"cac:ContractingParty": {"cac:Party": party}}


def _project(title: str, description: str, cpv: str) -> dict[str, Any]:
    return {
        "cac:ProcurementProject": {
            "cbc:Name": _french(title),
            "cbc:Description": _french(description),
            "cbc:ProcurementTypeCode": _code("contract-nature", "supplies"),
            "cac:MainCommodityClassification": {"cbc:ItemClassificationCode": _code("cpv", cpv)},
        }
    }


def _lot(place: int, lot: Lot, deadline: datetime | None) -> dict[str, Any]:
    process: dict[str, Any] = {"cbc:SubmissionMethodCode": _code("esubmission", "required")}
    if deadline is not None:
        zone = deadline.strftime("%z")
        offset = f"{zone[:3]}:{zone[3:]}"
        process["cac:TenderSubmissionDeadlinePeriod"] = {
            "cbc:EndDate": f"{deadline:%Y-%m-%d}{offset}",
            "cbc:EndTime": f"{deadline:%H:%M:%S}{offset}",
        }
    return {
        "cbc:ID": {"@schemeName": "Lot", "#text": f"LOT-{place:04d}"},
        "cac:TenderingProcess": process,
        **_project(lot.title, lot.description, lot.cpv),
    }


def _result(lots: Sequence[Lot], orgs: _Organisations, *, states_result: bool) -> dict[str, Any]:
    results: list[dict[str, Any]] = []
    tenders: list[dict[str, Any]] = []
    parties: list[dict[str, Any]] = []
    for place, lot in enumerate(lots, 1):
        tender = {"cbc:ID": {"@schemeName": "tender", "#text": f"TEN-{place:04d}"}}
        result: dict[str, Any] = {"cbc:ID": {"@schemeName": "result", "#text": f"RES-{place:04d}"}}
        if states_result and lot.result is not None:
            result["cbc:TenderResultCode"] = _code("winner-selection-status", lot.result)
        if lot.winners:
            result["efac:LotTender"] = tender
            party = {"cbc:ID": {"@schemeName": "tendering-party", "#text": f"TPA-{place:04d}"}}
            value = {} if lot.amount is None else {"cbc:PayableAmount": _money(lot.amount, lot.currency)}
            tenders.append(tender | {"cac:LegalMonetaryTotal": value, "efac:TenderingParty": party})
            members = [{"cbc:ID": {"@schemeName": "organization", "#text": orgs.key(firm)}} for firm in lot.winners]
            parties.append(party | {"efac:Tenderer": _one_or_list(members)})
        results.append(result)
    return {
        "efac:LotResult": _one_or_list(results),
        "efac:LotTender": _one_or_list(tenders),
        "efac:TenderingParty": _one_or_list(parties),
    }


def _change(what: str, changed: str) -> dict[str, Any]:
    return {
        "efbc:ChangedNoticeIdentifier": changed,
        "efac:Change": {"efbc:ChangeDescription": _french(what)},
        "efac:ChangeReason": {"cbc:ReasonCode": _code("change-corrig-justification", "update-add")},
    }


def _french(text: str) -> dict[str, str]:
    return {"@languageID": "FRA", "#text": text}


def _code(listed: str, code: str) -> dict[str, str]:
    return {"@listName": listed, "#text": code}


def _money(amount: str, currency: str) -> dict[str, str]:
    return {"@currencyID": currency, "#text": amount}


def _one_or_list(entries: list[dict[str, Any]]) -> Any:
    """Return what xmltodict makes of repeated elements: one is an object, several are a list, none is nothing."""
    return entries[0] if len(entries) == 1 else (entries or None)
