"""The body of an eForms notice (UBL), as the tree that xmltodict makes of it: BOAMP's `donnees` hold it so.

Paths follow the eForms SDK, documentation at https://docs.ted.europa.eu/eforms/latest/. Contacts, touch points and
beneficial owners are never read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any, Final
from zoneinfo import ZoneInfo

from bot.models import NoticeKind
from bot.sources._reading.body import Body, Party, Withheld, cpv_codes, currency_code, moment, money
from bot.sources._reading.tree import Tree, lines_of, one_line

ROOTS: Final = ("ContractNotice", "ContractAwardNotice", "PriorInformationNotice")
DEFENCE_DOMAIN: Final = "32009L0081"

_EXTENSION = "ext:UBLExtensions/ext:UBLExtension/ext:ExtensionContent/efext:EformsExtension"
_PARTY_ID = "cac:PartyIdentification/cbc:ID"
_CPV_OF_PROJECT = tuple(
    f"cac:{place}CommodityClassification/cbc:ItemClassificationCode" for place in ("Main", "Additional")
)
_ESTIMATE = "cac:RequestedTenderTotal/cbc:EstimatedOverallContractAmount"
_DEADLINES = tuple(
    f"cac:TenderingProcess/cac:{period}"
    for period in ("TenderSubmissionDeadlinePeriod", "ParticipationRequestReceptionPeriod")
)
_KINDS = {
    "planning": NoticeKind.TENDER,
    "competition": NoticeKind.TENDER,
    "result": NoticeKind.AWARD,
    "dir-awa-pre": NoticeKind.AWARD,
    "cont-modif": NoticeKind.CHANGE,
    "change": NoticeKind.CHANGE,
}
_LANGUAGES = {"FRA": "fr", "ENG": "en", "DEU": "de", "SPA": "es", "ITA": "it", "NLD": "nl", "POR": "pt"}
_WINNER_CHOSEN = "selec-w"
_CLOSED_WITHOUT = "clos-nw"
_WITHHELD_VALUE = frozenset({"not-val", "not-max-val", "win-ten-val"})
_WITHHELD_WINNER = "win-cho"
_UNPUBLISHED = "unpublished"
_NUMBER = re.compile(r"(\d+)")
_PARIS = ZoneInfo("Europe/Paris")


def read(root: dict[str, Any]) -> Body:
    """Return what an eForms notice says; `root` is the element that one of `ROOTS` names."""
    return _Notice(root).body()


class _Notice:
    """Walk one notice; every method reads one part of it."""

    def __init__(self, root: dict[str, Any]) -> None:
        self.tree = Tree()
        self.root = root
        self.extension = self.tree.element(root, _EXTENSION)
        self.result = self.tree.element(self.extension, "efac:NoticeResult")
        self.project = self.tree.element(root, "cac:ProcurementProject")
        self.lots = sorted(self.tree.elements(root, "cac:ProcurementProjectLot"), key=self._lot_order)
        language = (self.tree.text(root, "cbc:NoticeLanguageCode") or "").upper()
        self.language = language
        self.languages = tuple(dict.fromkeys(code for code in (language, "FRA", "ENG") if code))
        self.parties = self._parties()

    def body(self) -> Body:
        titles = self._said(self.project, "cbc:Name")
        lot_titles = tuple(
            one_line(text) for lot in self.lots for text in self._said(lot, "cac:ProcurementProject/cbc:Name")
        )
        amount, currency = self._award() if self.result else self._estimate()
        cpv, wrong_cpv = cpv_codes(self._cpv())
        if wrong_cpv is not None:
            self.tree.problems["cbc:ItemClassificationCode"] = f"{wrong_cpv[:40]!r} is not a CPV code"
        return Body(
            form="EFORMS",
            title=one_line(titles[0]) if titles else None,
            lines=tuple(self._lines(titles[1:])),
            lot_titles=lot_titles,
            buyers=self._organisations(
                self.tree.texts(self.root, f"cac:ContractingParty/cac:Party/{_PARTY_ID}"), "cac:ContractingParty"
            ),
            winners=self._organisations(self._winning_ids(), "efac:TenderingParty"),
            is_unawarded=self._is_unawarded(),
            amount=amount,
            currency=currency,
            cpv=cpv,
            deadline=self._deadline(),
            language=_LANGUAGES.get(self.language),
            procedure=(self.tree.text(self.root, "cbc:ContractFolderID") or "").lower() or None,
            kind=self._kind(),
            is_defence=self.tree.text(self.root, "cbc:RegulatoryDomain") == DEFENCE_DOMAIN,
            withheld=tuple(self._withheld()),
            problems=self.tree.problems,
        )

    def _said(self, node: Any, path: str) -> list[str]:
        return self.tree.in_languages(node, path, self.languages)

    def _lot_order(self, lot: dict[str, Any]) -> tuple[tuple[bool, int, str], ...]:
        """Order lots as people count: LOT-2 before LOT-10."""
        parts = _NUMBER.split(self.tree.text(lot, "cbc:ID") or "")
        return tuple((part.isdecimal(), int(part) if part.isdecimal() else 0, part) for part in parts)

    def _lines(self, other_titles: list[str]) -> Iterator[str]:
        for text in other_titles:
            yield one_line(text)
        for name in ("cbc:Description", "cbc:Note"):
            for text in self._said(self.project, name):
                yield from lines_of(text)
        for lot in self.lots:
            for name in ("cbc:Name", "cbc:Description"):
                for text in self._said(lot, f"cac:ProcurementProject/{name}"):
                    yield from lines_of(text)
        for part in ("efac:Changes", "efac:ContractModification"):
            for text in self._said(self.extension, f"{part}/efac:Change/efbc:ChangeDescription"):
                yield from lines_of(text)

    def _parties(self) -> dict[str, Party]:
        parties: dict[str, Party] = {}
        for company in self.tree.elements(self.extension, "efac:Organizations/efac:Organization/efac:Company"):
            key = self.tree.text(company, _PARTY_ID)
            names = self._said(company, "cac:PartyName/cbc:Name")
            if key is None:
                continue
            name = one_line(names[0]) if names else None
            parties[key] = Party(
                name if name and name.casefold() != _UNPUBLISHED else None,
                tuple(one_line(text) for text in self.tree.texts(company, "cac:PartyLegalEntity/cbc:CompanyID")),
                self.tree.text(company, "cac:PostalAddress/cac:Country/cbc:IdentificationCode"),
            )
        return parties

    def _organisations(self, ids: list[str], place: str) -> tuple[Party, ...]:
        found: dict[str, Party] = {}
        for key in dict.fromkeys(one_line(entry) for entry in ids):
            if key in self.parties:
                found[key] = self.parties[key]
            else:
                self.tree.problems[place] = f"the organisation {key[:40]} is not described"
        return tuple(found.values())

    def _winning_ids(self) -> list[str]:
        """Follow LotResult, LotTender and TenderingParty to the winners' organisations.

        Where no lot states a result (contract modifications do not), every tendering party counts: only contractors
        are listed there.
        """
        tree = self.tree
        parties = {
            tree.text(party, "cbc:ID"): tree.texts(party, "efac:Tenderer/cbc:ID")
            for party in tree.elements(self.result, "efac:TenderingParty")
        }
        results = tree.elements(self.result, "efac:LotResult")
        if not any(tree.text(result, "cbc:TenderResultCode") for result in results):
            return [key for keys in parties.values() for key in keys]
        return [
            key
            for tender in self._winning_tenders()
            for party in tree.texts(tender, "efac:TenderingParty/cbc:ID")
            for key in parties.get(one_line(party), [])
        ]

    def _is_unawarded(self) -> bool:
        """Return whether every lot is closed without a winner (BT-142), as far as the notice tells of lots."""
        results = self.tree.elements(self.result, "efac:LotResult")
        return {self.tree.text(result, "cbc:TenderResultCode") for result in results} == {_CLOSED_WITHOUT}

    def _winning_tenders(self) -> list[dict[str, Any]]:
        tree = self.tree
        tenders = {tree.text(tender, "cbc:ID"): tender for tender in tree.elements(self.result, "efac:LotTender")}
        results = tree.elements(self.result, "efac:LotResult")
        stated = any(tree.text(result, "cbc:TenderResultCode") for result in results)
        if not stated:
            return list(tenders.values())
        chosen = [
            one_line(key)
            for result in results
            if tree.text(result, "cbc:TenderResultCode") == _WINNER_CHOSEN
            and not self._holds_back(result, {_WITHHELD_WINNER})
            for key in tree.texts(result, "efac:LotTender/cbc:ID")
        ]
        return [tenders[key] for key in dict.fromkeys(chosen) if key in tenders]

    def _award(self) -> tuple[Decimal | None, str | None]:
        """Return the value of the whole result, else of the only winning tender, else the ceiling of the framework.

        Values are never added up, as they may overlap or differ in currency, and a value that is withheld is not
        replaced by another one.
        """
        tenders = self._winning_tenders()
        if self._holds_back(self.result, _WITHHELD_VALUE) or any(
            self._holds_back(tender, _WITHHELD_VALUE) for tender in tenders
        ):
            return None, None
        for node, path in (
            (self.result, "cbc:TotalAmount"),
            (tenders[0] if len(tenders) == 1 else {}, "cac:LegalMonetaryTotal/cbc:PayableAmount"),
            (self.result, "efbc:OverallMaximumFrameworkContractsAmount"),
        ):
            amount, currency = self._money(node, path)
            if amount is not None:
                return amount, currency
        return None, None

    def _estimate(self) -> tuple[Decimal | None, str | None]:
        """Return the estimate of the procedure, else that of its only lot."""
        amount, currency = self._money(self.project, _ESTIMATE)
        if amount is None and len(self.lots) == 1:
            return self._money(self.lots[0], f"cac:ProcurementProject/{_ESTIMATE}")
        return amount, currency

    def _money(self, node: dict[str, Any], path: str) -> tuple[Decimal | None, str | None]:
        raw = self.tree.text(node, path)
        if raw is None:
            return None, None
        try:
            amount = money(raw)
        except ValueError as error:
            self.tree.problems[path] = str(error)
            return None, None
        parent, _, leaf = path.rpartition("/")
        holder = self.tree.element(node, parent) if parent else node
        currency = self.tree.text(holder, f"{leaf}/@currencyID") if isinstance(holder.get(leaf), dict | list) else None
        return (amount, currency_code(currency)) if amount is not None else (None, None)

    def _cpv(self) -> list[str]:
        projects = [self.project, *(self.tree.element(lot, "cac:ProcurementProject") for lot in self.lots)]
        codes: list[str] = []
        for project in projects:
            for path in _CPV_OF_PROJECT:
                holder, _, leaf = path.rpartition("/")
                for classification in self.tree.elements(project, holder):
                    listed = classification.get(leaf)
                    if isinstance(listed, dict) and listed.get("@listName", "cpv") != "cpv":
                        continue
                    codes += self.tree.texts(classification, leaf)
        return codes

    def _deadline(self) -> date | datetime | None:
        """Return the earliest deadline of the lots, for tenders before that for requests to participate."""
        for path in _DEADLINES:
            found = [moment_ for lot in self.lots for moment_ in self._period_ends(lot, path)]
            if found:
                return min(found, key=_instant)
        return None

    def _period_ends(self, lot: dict[str, Any], path: str) -> Iterator[date | datetime]:
        for period in self.tree.elements(lot, path):
            day = self.tree.text(period, "cbc:EndDate")
            if day is None:
                continue
            try:
                yield moment(day, self.tree.text(period, "cbc:EndTime"))
            except ValueError as error:
                self.tree.problems[path] = str(error)

    def _kind(self) -> NoticeKind | None:
        if self.extension.get("efac:Changes") or self.extension.get("efac:ContractModification"):
            return NoticeKind.CHANGE
        listed = (
            self.tree.element(self.root, "cbc:NoticeTypeCode")
            if isinstance(self.root.get("cbc:NoticeTypeCode"), dict)
            else {}
        )
        return _KINDS.get(str(listed.get("@listName")))

    def _holds_back(self, node: dict[str, Any], codes: frozenset[str] | set[str]) -> bool:
        return any(entry.code in codes for entry in self._privacy(node))

    def _privacy(self, node: dict[str, Any]) -> Iterator[Withheld]:
        for privacy in self.tree.elements(node, "efac:FieldsPrivacy"):
            code = self.tree.text(privacy, "efbc:FieldIdentifierCode")
            until = self.tree.text(privacy, "efbc:PublicationDate")
            if code is not None:
                yield Withheld(code, until[:10] if until else None)

    def _withheld(self) -> Iterator[Withheld]:
        """Yield once what is kept back about values and winners."""
        places = [
            self.result,
            *self.tree.elements(self.result, "efac:LotTender"),
            *self.tree.elements(self.result, "efac:LotResult"),
        ]
        entries = (entry for place in places for entry in self._privacy(place))
        yield from dict.fromkeys(entry for entry in entries if entry.code in _WITHHELD_VALUE | {_WITHHELD_WINNER})


def _instant(value: date | datetime) -> datetime:
    """Return a moment to compare by: a date without a time ends with its day."""
    return value if isinstance(value, datetime) else datetime.combine(value, time.max, _PARIS)
