"""One contract of the consolidated DECP table, or one of its amendments: the rows of its suppliers as a notice."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any
from urllib.parse import quote

from bot.errors import SourceError, SourceFault
from bot.models import Notice, NoticeKind
from bot.sources._base import Form, Layout, Loss
from bot.sources._reading import strict_json
from bot.sources._reading.body import Party, cpv_codes, money
from bot.sources._reading.entry import Entry, record_sha256
from bot.sources._reading.parts import names, numbers, plain_amount, text_of
from bot.sources._reading.personal import without_contacts

RESOURCE = "22847056-61df-452d-837d-8b8ceadbfc52"
TABLE_URL = "https://tabular-api.data.gouv.fr"
TABLE_PATH = f"/api/resources/{RESOURCE}/data/"

LEAST_BELIEVED = Decimal(100)
MOST_BELIEVED = Decimal(10_000_000_000)
"""Amounts beyond are shown as doubtful: placeholders (1 €) and slips of the keyboard (1e17 €) stand in the table."""

LAYOUT = Layout(
    form=Form.JSON,
    entries="data",
    id="uid",
    mandatory=(
        "modification_id",
        "objet",
        "acheteur_id",
        "acheteur_nom",
        "titulaire_id",
        "titulaire_typeIdentifiant",
        "titulaire_nom",
        "montant",
        "codeCPV",
        "dateNotification",
        "datePublicationDonnees",
    ),
    expected=("nature", "procedure", "techniques", "dureeMois", "offresRecues", "idAccordCadre"),
    optional=("montant_anomalie",),
    ignored=(
        "__id",
        "id",
        "montant_rationalise",
        "type",
        "dureeRestanteMois",
        "formePrix",
        "typesPrix",
        "attributionAvance",
        "tauxAvance",
        "marcheInnovant",
        "modalitesExecution",
        "considerationsSociales",
        "considerationsEnvironnementales",
        "ccag",
        "sousTraitanceDeclaree",
        "typeGroupementOperateurs",
        "origineUE",
        "origineFrance",
        "lieuExecution_code",
        "lieuExecution_typeCode",
        "titulaire_distance",
        "acheteur_categorie",
        "acheteur_commune_code",
        "acheteur_commune_nom",
        "acheteur_departement_code",
        "acheteur_departement_nom",
        "acheteur_region_code",
        "acheteur_region_nom",
        "acheteur_latitude",
        "acheteur_longitude",
        "titulaire_categorie",
        "titulaire_commune_code",
        "titulaire_commune_nom",
        "titulaire_departement_code",
        "titulaire_departement_nom",
        "titulaire_region_code",
        "titulaire_region_nom",
        "titulaire_latitude",
        "titulaire_longitude",
        "donneesActuelles",
        "sourceDataset",
        "sourceFile",
    ),
)

_READ = frozenset({LAYOUT.id, *LAYOUT.mandatory, *LAYOUT.expected, *LAYOUT.optional})
_ROW_NUMBER = "__id"
_FILLERS = frozenset({"", "nan", "none", "null", "nc", "n/a", "cdl", "[nd]"})
_MODIFICATION = re.compile(r"(\d{1,6})(?:\.0*)?")
_BLANKS = re.compile(r"[\s\x00-\x1f\x7f]+")
_FRAMEWORK = "accord-cadre"
_CHECKED = frozenset({None, "SIRET", "TVA"})
"""The schemes of suppliers' numbers that can be checked; the other ones are told in the text."""
_SIREN_DIGITS = 9
_SIRET_DIGITS = 14


class Row(Entry):
    """Read one row: a contract or amendment with one of its suppliers; what producers write for nothing is null.

    `is_known` is False where its `uid` is null or no id: such a row is a loss.
    """

    may_be_null = True

    def __init__(self, record: Mapping[str, Any], place: int, *, lenient: bool) -> None:
        told = {name: None if _is_filler(value) else value for name, value in record.items() if name in _READ}
        super().__init__(told, place, LAYOUT, lenient=lenient)
        self.uid = uid_of(record)
        self.modification = self._modification()
        self.is_known = self._is_identified()
        self.raw_sha256 = record_sha256(
            {name: value for name, value in record.items() if name != _ROW_NUMBER}, self.entry
        )
        self.order = (self.number, self.told("titulaire_nom") or "", record_sha256(told, self.entry))
        """Places the rows of a contract, whatever order they came in."""

    @property
    def number(self) -> str:
        """The supplier's number as text, "" where there is none."""
        return self.told("titulaire_id") or ""

    def told(self, field: str) -> str | None:
        """Return a text or a number as text on one line, None where it is absent."""
        value = self.value(field)
        if isinstance(value, int | Decimal) and not isinstance(value, bool):
            return plain_amount(Decimal(value))
        return self.text(field)

    def published_amount(self) -> Decimal | None:
        """Return the amount as published, None where it is absent, zero or below; what is no amount is a loss."""
        value = self.value("montant")
        if value is None:
            return None
        told = format(value, "f") if isinstance(value, Decimal) else str(value)
        try:
            # More than 15 digits are no amount for `money`, and here a doubt to be shown.
            published = strict_json.decimal_of(told)
            return published if published >= MOST_BELIEVED else money(told)
        except ValueError:
            self.losses.append(Loss(self.entry, "montant", f"{told[:40]!r} is not an amount"))
            return None

    def _is_identified(self) -> bool:
        try:
            self.identify(self.uid and f"{self.uid}/{self.modification}", LAYOUT.id)
        except SourceError as error:
            if not self._has(LAYOUT.id):
                raise
            self.losses.append(Loss(self.entry, LAYOUT.id, error.message))
            return False
        return True

    def _modification(self) -> int:
        """Return the number of the amendment, 0 for the contract as it was awarded."""
        number = modification_of(self.record)
        if number is None:
            self.refuse("modification_id", "a number was expected", SourceFault.NUMBER_EXPECTED)
        return number or 0


def uid_of(record: Mapping[str, Any]) -> str | None:
    """Return what names the contract of a row, with no blanks in it; None where nothing does."""
    uid = record.get(LAYOUT.id)
    if isinstance(uid, int) and not isinstance(uid, bool):
        uid = str(uid)
    if not isinstance(uid, str) or _is_filler(uid):
        return None
    return _BLANKS.sub(lambda blanks: quote(blanks[0]), uid.strip())


def modification_of(record: Mapping[str, Any]) -> int | None:
    """Return the number of a row's amendment, 0 for the award, None where it is no number."""
    said = record.get("modification_id")
    if said is None or _is_filler(said):
        return 0
    found = _MODIFICATION.fullmatch(str(said).strip())
    return int(found[1]) if found else None


class Contract:
    """Read the rows of one contract or amendment, one for each supplier, as a notice; `losses` is what was lost."""

    def __init__(self, rows: Sequence[Row]) -> None:
        self.rows = sorted(rows, key=lambda row: row.order)
        self.head = self.rows[0]
        self.id = self.head.entry

    @property
    def losses(self) -> list[Loss]:
        """What could not be read, said once."""
        return list(dict.fromkeys(loss for row in self.rows for loss in row.losses))

    def notice(self, source: str, language: str) -> Notice:
        """Return the notice; raises SourceError naming the field and the entry."""
        row = self.head
        buyer = row.text("acheteur_nom")
        title = row.text("objet") or f"{self._what()} sans objet publié{f' : {buyer}' if buyer else ''}"
        identified, doubtful = numbers(self._parties())
        amount, doubt = self._amount()
        notified = row.day("dateNotification")
        published = row.day("datePublicationDonnees") or notified
        return Notice(
            id=self.id,
            source=source,
            kind=NoticeKind.CHANGE if row.modification else NoticeKind.AWARD,
            title=without_contacts(title),
            text=text_of(self._lines(notified, doubt, doubtful), title),
            buyer=without_contacts(buyer) if buyer else None,
            suppliers=names(name for row in self.rows if (name := row.text("titulaire_nom"))),
            identifiers=identified,
            amount=amount,
            currency="EUR" if amount is not None else None,
            cpv=self._cpv(),
            published=published,
            url=f"{TABLE_URL}{TABLE_PATH}?uid__exact={quote(str(row.value('uid')).strip(), safe='')}",
            language=language,
            procedure=f"{source}:{row.uid}",
            raw_sha256=strict_json.sha256(sorted({row.raw_sha256 for row in self.rows})),
        )

    def revision_hash(self, version: int) -> str:
        """Return the SHA-256 of what makes a revision when it changes (object, amount, suppliers, date, CPV, buyer)."""
        row = self.head
        notified = row.day("dateNotification")
        return strict_json.sha256(
            [
                version,
                row.text("objet"),
                sorted({amount for row in self.rows if (amount := row.told("montant"))}),
                sorted({(row.number, row.told("titulaire_nom") or "") for row in self.rows}),
                notified.isoformat() if notified else None,
                sorted(self._cpv()),
                _padded(row.told("acheteur_id") or ""),
            ]
        )

    def _what(self) -> str:
        row = self.head
        return f"Modification n° {row.modification}" if row.modification else row.text("nature") or "Marché"

    def _parties(self) -> Iterator[Party]:
        """Yield the buyer and the suppliers with the numbers that can be checked."""
        yield Party(None, (_padded(self.head.told("acheteur_id") or (self.head.uid or "")[:_SIRET_DIGITS]),))
        for row in self.rows:
            if row.text("titulaire_typeIdentifiant") in _CHECKED:
                yield Party(None, (_padded(row.number),))

    def _amount(self) -> tuple[Decimal | None, str | None]:
        """Return the amount, or what to say of one that cannot be believed, or of several of which none is the one."""
        amounts = sorted({amount for row in self.rows if (amount := row.published_amount()) is not None})
        if not amounts:
            return None, None
        anomalies = [anomaly for row in self.rows if (anomaly := row.value("montant_anomalie")) not in (None, False, 0)]
        if len(amounts) == 1 and LEAST_BELIEVED <= amounts[0] < MOST_BELIEVED and not anomalies:
            return amounts[0], None
        shown = " ou ".join(f"{amount.normalize():,f} €".replace(",", " ").replace(".", ",") for amount in amounts)
        reasons = ", ".join(sorted({anomaly for anomaly in anomalies if isinstance(anomaly, str)}))
        return None, f"Montant publié, douteux : {shown}{f' ({reasons})' if reasons else ''}"

    def _cpv(self) -> tuple[str, ...]:
        said = self.head.told("codeCPV")
        codes, wrong = cpv_codes([said] if said else [])
        if wrong:
            self.head.losses.append(Loss(self.id, "codeCPV", f"{wrong[:40]!r} is not a CPV code"))
        return codes

    def _lines(self, notified: date | None, doubt: str | None, doubtful: Iterable[str]) -> Iterator[str]:
        """Yield the lines of the text in their fixed order."""
        row = self.head
        what = self._what()
        yield f"{what}, notification du {notified:%d/%m/%Y}" if notified else what
        if procedure := row.text("procedure"):
            yield procedure
        if techniques := row.text("techniques"):
            is_framework = _FRAMEWORK in techniques.casefold()
            yield f"{techniques} (le montant est un maximum)" if is_framework else techniques
        if framework := row.told("idAccordCadre"):
            yield f"Passé dans l'accord-cadre {framework}"
        if months := row.told("dureeMois"):
            yield f"Durée : {months} mois"
        if offers := row.told("offresRecues"):
            yield f"Offres reçues : {offers}"
        if doubt:
            yield doubt
        for supplier in self.rows:
            if supplier.number and not supplier.text("titulaire_nom"):
                yield f"Titulaire sans nom : {_padded(supplier.number)}"
            if (scheme := supplier.text("titulaire_typeIdentifiant")) not in _CHECKED:
                yield f"Identifiant {scheme} : {supplier.number}"
        yield from (f"Identifiant non vérifié : {number}" for number in doubtful)


def _is_filler(value: Any) -> bool:
    return isinstance(value, str) and value.strip().casefold() in _FILLERS


def _padded(number: str) -> str:
    """Return a SIRET or SIREN with the zeros that a column of integers loses."""
    if not number.isdecimal():
        return number
    return number.zfill(_SIREN_DIGITS if len(number) <= _SIREN_DIGITS else _SIRET_DIGITS)
