"""One record of BOAMP: 41 flat columns and the form in `donnees`, brought together as a notice."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import quote

from bot.errors import SourceError, SourceFault
from bot.models import NOT_AWARDED, Notice, NoticeKind
from bot.sources._base import Loss
from bot.sources._boamp import donnees as boamp_donnees
from bot.sources._reading.body import Body, Withheld
from bot.sources._reading.entry import record_sha256
from bot.sources._reading.parts import believable, name_key, names, numbers, tender_hash, text_of
from bot.sources._reading.personal import without_contacts
from bot.sources._reading.tree import one_line

MANDATORY_COLUMNS = frozenset(
    {"idweb", "objet", "nature", "nomacheteur", "dateparution", "datelimitereponse", "donnees"}
)
"""The columns without which a notice is not worth announcing; the interface always sends them, null where empty."""

AWARD_COLUMNS = frozenset({"titulaire"})
"""The columns that are mandatory in awards."""

SECONDARY_COLUMNS = frozenset({"descripteur_libelle", "perimetre", "contractfolderid", "annonce_lie", "url_avis"})
"""The columns that a notice is also made of: when one goes missing the poll goes on, and the loss is said."""

READ_COLUMNS = MANDATORY_COLUMNS | AWARD_COLUMNS | SECONDARY_COLUMNS

IGNORED_COLUMNS = frozenset(
    {
        "id",
        "filename",
        "famille",
        "famille_libelle",
        "code_departement",
        "code_departement_prestation",
        "datefindiffusion",
        "type_procedure",
        "soustype_procedure",
        "procedure_libelle",
        "procedure_categorise",
        "sousnature",
        "nature_libelle",
        "sousnature_libelle",
        "nature_categorise",
        "nature_categorise_libelle",
        "criteres",
        "marche_public_simplifie",
        "marche_public_simplifie_label",
        "etat",
        "descripteur_code",
        "dc",
        "type_marche",
        "type_marche_facette",
        "type_avis",
        "annonces_anterieures",
        "source_schema",
        "gestion",
    }
)
"""The columns that are known and left out, `gestion` because it holds contacts."""

COLUMNS = READ_COLUMNS | IGNORED_COLUMNS

KINDS = {
    "APPEL_OFFRE": NoticeKind.TENDER,
    "PRE-INFORMATION": NoticeKind.TENDER,
    "ATTRIBUTION": NoticeKind.AWARD,
    "INTENTION_CONCLURE": NoticeKind.AWARD,
    "RECTIFICATIF": NoticeKind.CHANGE,
    "MODIFICATION": NoticeKind.CHANGE,
    "ANNULATION": NoticeKind.CANCELLATION,
}

ID_CHARS = 60

_DEFENCE = "Défense et sécurité : directive 2009/81/CE"
_WITHHELD = {"win-cho": "Titulaire non publié"}
_WITHHELD_VALUE = "Montant non publié"
_MOMENT = re.compile(r"\d{4,}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?)?")
_ID = re.compile(r"[^\s\x00-\x1f\x7f]+")


class Reading:
    """Read one record strictly, or leniently; `losses` names what could not be read of a notice that was kept."""

    def __init__(self, record: dict[str, Any], place: int, *, lenient: bool) -> None:
        self.record = record
        self.lenient = lenient
        self.losses: list[Loss] = []
        self.entry = f"#{place}"
        self.entry = self._id()
        self._lot_titles: tuple[str, ...] = ()

    def notice(self, source: str, language: str) -> Notice:
        """Return the record as a notice; raises SourceError naming the field and the entry."""
        for column in sorted(self._required() - self.record.keys()):
            self._refuse(column, "missing", SourceFault.MISSING)
        published = self._published()
        body = self._body()
        self._lot_titles = body.lot_titles
        title = self._one_line("objet", is_mandatory=True)
        buyer = self._one_line("nomacheteur") or next((party.name for party in body.buyers if party.name), None)
        identified, doubtful = numbers([*body.buyers, *body.winners])
        text = text_of(self._lines(body, buyer, doubtful), title or body.title or "")
        kind = self._kind(body)
        deadline = self._deadline(published)
        if deadline is None and kind is not NoticeKind.CANCELLATION:
            deadline = believable(body.deadline, published)
        return Notice(
            id=self.entry,
            source=source,
            kind=kind,
            title=without_contacts(title or body.title or ""),
            text=text,
            buyer=without_contacts(buyer) if buyer else None,
            suppliers=names([*self._texts("titulaire"), *(party.name or "" for party in body.winners)]),
            identifiers=identified,
            amount=body.amount,
            currency=body.currency,
            cpv=body.cpv,
            published=published,
            deadline=deadline,
            url=self._url(),
            language=language,
            procedure=self._procedure(source, body),
            raw_sha256=record_sha256(self.record, self.entry),
            particulars=(NOT_AWARDED,) if body.is_unawarded else (),
        )

    def revision_hash(self, notice: Notice, version: int) -> str:
        """Return the SHA-256 of what makes a revision when it changes; what the publisher does not order is sorted."""
        return tender_hash(version, notice, [sorted(self._lot_titles)])

    def _required(self) -> frozenset[str]:
        if self.lenient:
            return READ_COLUMNS
        is_award = KINDS.get(str(self.record.get("nature"))) is NoticeKind.AWARD
        return MANDATORY_COLUMNS | AWARD_COLUMNS if is_award else MANDATORY_COLUMNS

    def _refuse(self, field: str, problem: str, fault: SourceFault, **values: Any) -> None:
        if not self.lenient:
            raise SourceError(problem, fault, field=field, entry=self.entry, **values)
        self.losses.append(Loss(self.entry, field, problem))

    def _id(self) -> str:
        value = self.record.get("idweb")
        if not isinstance(value, str) or not _ID.fullmatch(value) or len(value) > ID_CHARS:
            if value is None:
                raise SourceError("missing", SourceFault.MISSING, field="idweb", entry=self.entry)
            problem = "an id without blanks was expected"
            raise SourceError(problem, SourceFault.ID_EXPECTED, field="idweb", entry=self.entry)
        return value

    def _one_line(self, column: str, *, is_mandatory: bool = False) -> str | None:
        value = self.record.get(column)
        if isinstance(value, str):
            return one_line(value) or None
        if value is not None or (is_mandatory and column in self.record):
            self._refuse(column, "text was expected", SourceFault.TEXT_EXPECTED)
        return None

    def _texts(self, column: str) -> list[str]:
        value = self.record.get(column)
        values = value if isinstance(value, list) else [value]
        texts: list[str] = []
        for entry in values:
            if isinstance(entry, str):
                texts += [one_line(entry)] if entry.strip() else []
            elif entry is not None:
                self._refuse(column, "a list of texts was expected", SourceFault.TEXTS_EXPECTED)
        return texts

    def _kind(self, body: Body) -> NoticeKind | None:
        nature = self.record.get("nature")
        kind = KINDS.get(nature) if isinstance(nature, str) else None
        if kind is None and "nature" in self.record:
            code = repr(str(nature)[:40])
            self._refuse("nature", f"the code {code} is not known", SourceFault.UNKNOWN_CODE, code=code)
        # A corrigendum of an eForms notice keeps the type of the notice that it corrects.
        if body.kind is NoticeKind.CHANGE and kind is not NoticeKind.CANCELLATION:
            return body.kind
        return kind or body.kind

    def _published(self) -> date | None:
        value = self.record.get("dateparution")
        if "dateparution" not in self.record:
            return None
        try:
            return date.fromisoformat(value[:10] if isinstance(value, str) else "")
        except ValueError:
            self._refuse("dateparution", "a date was expected", SourceFault.DATE_EXPECTED)
            return None

    def _deadline(self, published: date | None) -> date | datetime | None:
        value = self.record.get("datelimitereponse")
        if value is None or value == "":
            return None
        if not isinstance(value, str) or not _MOMENT.fullmatch(value):
            self._refuse("datelimitereponse", "a date with its time was expected", SourceFault.MOMENT_EXPECTED)
            return None
        try:
            moment = date.fromisoformat(value) if len(value) == len("2026-01-01") else datetime.fromisoformat(value)
        except ValueError:
            return None  # A slip of the keyboard (7017-07-24, 31 June): known to happen, and no deadline.
        if isinstance(moment, datetime) and moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        return believable(moment, published)

    def _body(self) -> Body:
        if "donnees" not in self.record:
            return Body(form="")
        try:
            body = boamp_donnees.read(self.record["donnees"])
        except ValueError as error:
            self.losses.append(Loss(self.entry, "donnees", str(error)))
            return Body(form="")
        self.losses += [Loss(self.entry, f"donnees {path}", problem) for path, problem in body.problems.items()]
        return body

    def _lines(self, body: Body, buyer: str | None, doubtful: list[str]) -> Iterable[str]:
        """Yield the lines of the text in their fixed order."""
        yield from sorted(set(self._texts("descripteur_libelle")))
        if body.title:
            yield body.title
        yield from body.lines
        if self._one_line("perimetre") == "DIRECTIVE-81" or body.is_defence:
            yield _DEFENCE
        yield from (_withheld_line(entry) for entry in body.withheld)
        for party in body.buyers:
            if party.name and name_key(party.name) != name_key(buyer or ""):
                yield f"Acheteur : {party.name}"
        yield from (f"Identifiant non vérifié : {number}" for number in doubtful)

    def _url(self) -> str:
        url = self._one_line("url_avis")
        if url and url.startswith(("https://", "http://")) and " " not in url:
            return url
        return f"https://www.boamp.fr/pages/avis/?q=idweb:{quote(self.entry, safe='')}"

    def _procedure(self, source: str, body: Body) -> str:
        folder = (self._one_line("contractfolderid") or "").lower() or body.procedure
        parents = self._texts("annonce_lie")
        return folder or f"{source}:{body.parent or next(iter(parents), None) or self.entry}"


def _withheld_line(entry: Withheld) -> str:
    said = _WITHHELD.get(entry.code, _WITHHELD_VALUE)
    return f"{said} avant le {entry.until}" if entry.until else said
