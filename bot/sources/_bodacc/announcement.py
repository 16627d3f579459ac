"""One announcement of BODACC: flat columns and the JSON texts nested in them, as a notice about companies."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any
from urllib.parse import quote

from bot.models import Notice, NoticeKind
from bot.sources._base import Form, Layout, Loss
from bot.sources._reading import strict_json
from bot.sources._reading.body import Party
from bot.sources._reading.entry import Entry, record_sha256
from bot.sources._reading.parts import names, numbers, text_of
from bot.sources._reading.personal import without_contacts
from bot.sources._reading.tree import Tree, one_line

PAGE_URL = "https://www.bodacc.fr/pages/annonces-commerciales-detail/?q.id=id:"

LAYOUT = Layout(
    form=Form.JSON,
    entries="results",
    id="id",
    mandatory=("dateparution", "familleavis", "commercant", "registre"),
    expected=(
        "familleavis_lib",
        "typeavis_lib",
        "ville",
        "tribunal",
        "url_complete",
        "listepersonnes",
        "listeetablissements",
        "listeprecedentproprietaire",
        "listeprecedentexploitant",
        "jugement",
        "acte",
        "modificationsgenerales",
        "radiationaurcs",
        "depot",
    ),
    ignored=(
        "publicationavis",
        "publicationavis_facette",
        "parution",
        "numeroannonce",
        "typeavis",
        "numerodepartement",
        "departement_nom_officiel",
        "region_code",
        "region_nom_officiel",
        "cp",
        "divers",
        "parutionavisprecedent",
        "pdf_parution_subfolder",
        "ispdf_unitaire",
    ),
)

FAMILIES = {
    "creation": "Créations",
    "immatriculation": "Immatriculations",
    "vente": "Ventes et cessions",
    "modification": "Modifications diverses",
    "radiation": "Radiations",
    "dpc": "Dépôts des comptes",
    "collective": "Procédures collectives",
    "conciliation": "Procédures de conciliation",
    "retablissement_professionnel": "Procédures de rétablissement professionnel",
    "divers": "Annonces diverses",
}
"""What the families are called where `familleavis_lib` does not say."""

_FIRST_NOTICE = "Avis initial"
_LEGAL_PERSON = "pm"
_NATURAL_PERSON = "pp"
_ACTS = (
    "descriptif",
    "vente/categorieVente",
    "creation/categorieCreation",
    "immatriculation/categorieImmatriculation",
)
_DATES = (("dateCommencementActivite", "Début d'activité"), ("dateEffet", "Date d'effet"))


class Announcement(Entry):
    """Read one record; `is_about_company` is False where every person it names is a natural one: it is then left out.

    Of natural persons nothing is read, not even the number. Where `listepersonnes` cannot be read nobody can tell, and
    the notice goes without the name of its trader. Town and establishments are the trader's: they are told of companies
    alone, and no act that names a natural person is.
    """

    may_be_null = True

    def __init__(self, record: Mapping[str, Any], place: int, *, lenient: bool) -> None:
        super().__init__(record, place, LAYOUT, lenient=lenient)
        self.id_read = self.id(LAYOUT.id)
        self.sha256 = record_sha256(record, self.id_read)
        people = self._elements("listepersonnes", "personne")
        sellers = [
            *self._elements("listeprecedentproprietaire", "personne"),
            *self._elements("listeprecedentexploitant", "personne"),
        ]
        self._companies = [person for person in people if _is_company(person)]
        self._sellers = [person for person in sellers if _is_company(person)]
        self._natural = [person for person in (*people, *sellers) if not _is_company(person)]
        self._is_trader_company = bool(people) and len(self._companies) == len(people)
        self._private_names = [
            re.compile(rf"\b{re.escape(name)}\b", re.IGNORECASE)
            for person in self._natural
            for field in ("nom", "nomUsage")
            if (name := _text(person, field))
        ]
        self.is_about_company = not people or bool(self._companies or self._sellers)

    def notice(self, source: str, language: str) -> Notice:
        """Return the announcement as a notice; raises SourceError naming the field and the entry."""
        traders = _named(self._companies)
        trader = self.text("commercant")
        if trader and self._is_trader_company:
            traders = (trader, *traders)
        suppliers = names(traders) or names(_named(self._sellers))
        identified, doubtful = numbers(Party(None, (number,), "FR") for number in self._numbers())
        siren = next((value for value in identified if value.startswith("siren:")), "")
        title = without_contacts(self._title(next(iter(suppliers), None)))
        return Notice(
            id=self.id_read,
            source=source,
            kind=NoticeKind.COMPANY,
            title=title,
            text=text_of(self._lines(doubtful), title),
            suppliers=suppliers,
            identifiers=identified,
            published=self.day("dateparution"),
            url=self._url(),
            language=language,
            procedure=f"{source}:{siren.partition(':')[2] or self.id_read}",
            raw_sha256=self.sha256,
        )

    def revision_hash(self, notice: Notice, version: int) -> str:
        """Return the SHA-256 of what makes a revision: an announcement may be published again under its id."""
        return strict_json.sha256(
            [version, notice.title, notice.text, sorted(notice.suppliers), sorted(notice.identifiers)]
        )

    def _title(self, name: str | None) -> str:
        code = self.text("familleavis")
        family = self.text("familleavis_lib") or FAMILIES.get(code or "") or code or "Annonce"
        town = self.text("ville") if self._is_trader_company else None
        about = f"{name} ({town})" if name and town else name
        return f"{family} : {about}" if about else family

    def _numbers(self) -> Iterator[str]:
        """Yield the register numbers of companies; the same one comes with and without blanks."""
        private = {_digits(number) for person in self._natural for number in _registered(person)}
        for number in (*self.texts("registre"), *(one for company in self._companies for one in _registered(company))):
            if _digits(number) not in private:
                yield _digits(number)

    def _lines(self, doubtful: list[str]) -> Iterator[str]:
        """Yield the lines of the text in their fixed order."""
        if (said := self.text("typeavis_lib")) and said != _FIRST_NOTICE:
            yield said
        yield from self._judgements()
        if court := self.text("tribunal"):
            yield court
        yield from (line for line in self._acts() if not any(name.search(line) for name in self._private_names))
        for place in self._elements("listeetablissements", "etablissement") if self._is_trader_company else ():
            yield from (said for name in ("origineFonds", "activite", "enseigne") if (said := _text(place, name)))
        yield from (f"Vendeur : {name}" for name in _named(self._sellers))
        for company in self._companies:
            if form := _text(company, "formeJuridique"):
                yield form
            if capital := _text(company, "capital/montantCapital"):
                yield f"Capital : {capital} {_text(company, 'capital/devise') or ''}".rstrip()
        yield from (f"Identifiant non vérifié : {number}" for number in doubtful)

    def _judgements(self) -> Iterator[str]:
        for judgement in self._elements("jugement"):
            nature, on = _text(judgement, "nature"), _day(judgement, "date")
            yield f"{nature or 'Jugement'} du {on:%d/%m/%Y}" if on else nature or ""

    def _acts(self) -> Iterator[str]:
        for act in self._elements("acte"):
            yield from (said for path in _ACTS if (said := _text(act, path)))
            yield from (f"{label} : {on:%d/%m/%Y}" for name, label in _DATES if (on := _day(act, name)))
        for field in ("modificationsgenerales", "radiationaurcs"):
            for act in self._elements(field):
                yield _text(act, "descriptif") or _text(act, "commentaire") or ""
        for accounts in self._elements("depot"):
            kind, on = _text(accounts, "typeDepot") or "Comptes", _day(accounts, "dateCloture")
            yield f"{kind}, exercice clos le {on:%d/%m/%Y}" if on else kind

    def _url(self) -> str:
        url = self.text("url_complete")
        if url and url.startswith(("https://", "http://")) and " " not in url:
            return url
        return f"{PAGE_URL}{quote(self.id_read, safe='')}"

    def _elements(self, field: str, name: str = "") -> list[dict[str, Any]]:
        """Return the objects of a column that holds JSON as text, those under `name` in it; a failure is a loss."""
        value = self.value(field)
        if value is None or value == "":
            return []
        tree = Tree()
        try:
            node = strict_json.loads(value) if isinstance(value, str) else value
        except ValueError as error:
            self._lose(field, f"the JSON in it cannot be read ({error})")
            return []
        found = tree.elements({"": node}, f"/{name}" if name else "")
        for problem in tree.problems.values():
            self._lose(field, problem)
        return found

    def _lose(self, field: str, problem: str) -> None:
        loss = Loss(self.entry, field, problem)
        if loss not in self.losses:
            self.losses.append(loss)


def _is_company(person: Mapping[str, Any]) -> bool:
    kind = str(person.get("typePersonne") or "").strip().casefold()
    is_called_so = bool(_text(person, "denomination"))
    # Sole traders have a legal form too.
    if kind == _NATURAL_PERSON or (not is_called_so and any(_text(person, name) for name in ("nom", "prenom"))):
        return False
    return kind == _LEGAL_PERSON or is_called_so or bool(_text(person, "formeJuridique"))


def _named(companies: list[dict[str, Any]]) -> tuple[str, ...]:
    """Return the names of companies, each with its short and its trading name."""
    fields = ("denomination", "sigle", "nomCommercial")
    return tuple(name for company in companies for field in fields if (name := _text(company, field)))


def _registered(person: Mapping[str, Any]) -> list[str]:
    return Tree().texts(person, "numeroImmatriculation/numeroIdentification")


def _digits(number: str) -> str:
    return "".join(number.split())


def _text(node: Any, path: str) -> str | None:
    """Return the first text at a path on one line; what is no text there is none."""
    for said in Tree().texts(node, path):
        return one_line(said)
    return None


def _day(node: Any, name: str) -> date | None:
    try:
        return date.fromisoformat((_text(node, name) or "")[:10])
    except ValueError:
        return None
