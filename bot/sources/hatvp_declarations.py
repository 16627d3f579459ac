"""HATVP's list of the declarations of interests and assets that French public officials filed."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import AsyncIterator, Iterable, Mapping
from datetime import timedelta
from hashlib import sha256

from bot.models import Notice, NoticeKind
from bot.sources._base import Asked, Form, Layout, Loss, Parsed, Payload, Source, Told
from bot.sources._http.client import PoliteClient, Validators
from bot.sources._reading import csv_rows as csv
from bot.sources._reading import strict_json
from bot.sources._reading.entry import Entry, missing_fields, refuse_one_id, unknown_fields
from bot.sources._reading.parts import text_of
from bot.sources._reading.personal import without_contacts

LIST_PATH = "/livraison/opendata/liste.csv"
PAGES = "https://www.hatvp.fr"

LAYOUT = Layout(
    form=Form.CSV,
    entries=";",
    id="classement",
    mandatory=(
        "prenom",
        "nom",
        "qualite",
        "type_document",
        "date_publication",
        "date_depot",
        "nom_fichier",
        "url_dossier",
        "statut_publication",
    ),
    expected=("type_mandat", "departement", "open_data"),
    ignored=("civilite", "id_origine", "url_photo"),
)
"""The columns of the list; dates and files of a declaration stay empty until it is published."""

DECLARATIONS = {
    "di": "déclaration d'intérêts",
    "dim": "déclaration d'intérêts modificative",
    "dia": "déclaration d'intérêts et d'activités",
    "diam": "déclaration d'intérêts et d'activités modificative",
    "dsp": "déclaration de situation patrimoniale",
    "dspm": "déclaration de situation patrimoniale modificative",
    "dspfm": "déclaration de situation patrimoniale de fin de mandat",
}
"""What the codes of documents stand for; another one is told as a loss."""

PUBLISHED, PENDING = "published", "pending"

_TO_COME = re.compile(r"\b[aà] venir\b", re.IGNORECASE)
_BLANKS = re.compile(r"\s+")
_NUMBER = re.compile(r"\d+")


class HatvpDeclarations(Source):
    """Read when ministers, members of parliament, mayors and other officials filed or published a declaration.

    Publisher: Haute Autorité pour la transparence de la vie publique (HATVP).
    Documentation: https://www.hatvp.fr/open-data/
    Licence: Licence Ouverte / Open Licence 2.0 (Etalab).
    Delay: the list is made anew once a week, on Thursday or Friday; a declaration is listed when it is filed, and
        published months later.
    Identity: the official's `classement` with the kind and the day of filing of the document; several of one day are
        numbered by office and file. Its publication is a revision, and announced as one.
    Caveats: only that there is a declaration, and the link to it; what it declares is not read. Some declarations of
        assets can only be consulted at the prefecture. A declaration that leaves the list is kept.
    """

    name = "hatvp_declarations"
    label = "HATVP (déclarations)"
    layout = LAYOUT
    french = Told(
        about="Les déclarations d'intérêts et de patrimoine des responsables publics (ministres, parlementaires, élus "
        "locaux et autres), à leur dépôt puis à leur publication.",
        delay="La liste est refaite chaque semaine, le jeudi ou le vendredi ; une déclaration y entre dès son dépôt, "
        "mais n'est publiée que des mois plus tard.",
        caveats="Vigie apprend qu'une déclaration existe et où la lire, mais n'en lit pas le contenu. Certaines "
        "déclarations de patrimoine ne se consultent qu'en préfecture. Une déclaration retirée de la liste reste dans "
        "Vigie.",
    )
    default_base_url = "https://www.hatvp.fr"
    default_every = timedelta(hours=12)
    default_pace = timedelta(seconds=1)
    overlap = timedelta(days=7)
    baseline = timedelta(days=7)
    usual_delay = None
    quiet_limit = timedelta(days=15)
    max_bytes = 40_000_000
    language = "fr"
    zone = "Europe/Paris"
    step = None
    particulars = frozenset({"publication"})
    material = particulars

    async def fetch(self, asked: Asked, client: PoliteClient) -> AsyncIterator[Payload]:
        """Yield the whole list; nothing to read where it is the one that was stored last."""
        answer = await client.get(
            f"{self.base_url}{LIST_PATH}",
            max_bytes=self.max_bytes,
            validators=Validators.from_json(asked.cursor.get("validators")),
            accept="text/csv, */*",
        )
        if answer.is_unchanged:
            yield Payload(is_unchanged=True)
            return
        digest = sha256(answer.body).hexdigest()
        cursor = {"validators": answer.validators.to_json(), "sha256": digest}
        # Not every server answers 304: the same bytes are the same list.
        yield Payload(answer.body, cursor=cursor, is_unchanged=digest == asked.cursor.get("sha256"))

    def parse(self, payload: bytes, *, lenient: bool = False) -> Parsed:
        """Read the list; rows that are the same to the last cell are one.

        Raises SourceError as `Source.parse` says, and where more than half of the rows share their key.
        """
        records = list({tuple(row.items()): row for row in csv.rows(payload, LAYOUT, lenient=lenient)}.values())
        declarations = [Declaration(row, place, lenient=lenient) for place, row in enumerate(records, start=1)]
        # No two rows are the same: their place stands for their content.
        refuse_one_id(((declaration.entry, str(place)) for place, declaration in enumerate(declarations)), LAYOUT.id)
        _number(declarations)
        losses: list[Loss] = [] if lenient else missing_fields(records, LAYOUT)
        notices: list[Notice] = []
        hashes: dict[str, str] = {}
        for declaration in declarations:
            notice = declaration.notice(self.name, self.language)
            notices.append(notice)
            hashes[notice.id] = declaration.revision_hash(self.revision_hash_version)
            losses += declaration.losses
        return Parsed(tuple(notices), tuple(losses), unknown_fields(records, LAYOUT), None, hashes)


class Declaration(Entry):
    """Read one row of the list: a document that an official filed."""

    def __init__(self, record: Mapping[str, str], place: int, *, lenient: bool) -> None:
        super().__init__(record, place, LAYOUT, lenient=lenient)
        self.official = _BLANKS.sub("_", self.text(LAYOUT.id) or "")
        # Its fields are read once it has its id, so that every loss names it.
        kind, filed = (_BLANKS.sub("", str(record.get(field) or "")) for field in ("type_document", "date_depot"))
        self.identify(f"{self.official}:{kind}:{filed}" if self.official else None, LAYOUT.id)

    @property
    def rank(self) -> tuple[str | bool | int, ...]:
        """Return the order among those of one official, kind and day: by office, then as they were published.

        What a publication brings comes last, so that it gives no other declaration a new number.
        """
        record = {name: str(value or "").strip() for name, value in self.record.items()}
        offices = [record.get(name, "") for name in ("type_mandat", "departement", "qualite")]
        file = record.get("nom_fichier", "")
        numbers = [int(found[:18]) for found in _NUMBER.findall(file)]
        return *offices, not file, record.get("date_publication", ""), max(numbers, default=0), file

    def notice(self, source: str, language: str) -> Notice:
        """Return the declaration as a notice; raises SourceError naming the field and the entry."""
        name = " ".join(part for part in (self.text("prenom"), self.text("nom")) if part)
        office, status = self.text("qualite"), self.text("statut_publication")
        published, filed = (
            self.day("date_publication") if self.value("date_publication") else None,
            self.day("date_depot"),
        )
        document = self._document()
        standing = self._standing(status or "")
        told = {PUBLISHED: "", PENDING: " déposée, pas encore publiée"}.get(
            standing, f" ({standing})" if standing else ""
        )
        who = ", ".join(part for part in (name, office) if part)
        lines = [
            f"Qualité : {office}" if office else "",
            f"Mandat : {mandate}" if (mandate := self.text("type_mandat")) else "",
            f"Département : {department}" if (department := self.text("departement")) else "",
            f"Document : {document}",
            f"Dépôt : {filed:%d/%m/%Y}" if filed else "",
            f"Publication : {published:%d/%m/%Y}" if published else "",
            f"Statut : {status}" if status else "",
        ]
        title = without_contacts(f"{who} : {document}{told}" if who else f"{document}{told}")
        return Notice(
            id=self.entry,
            source=source,
            kind=NoticeKind.REGISTER_CHANGE,
            title=title,
            text=text_of(lines, title),
            people=(without_contacts(name),) if name else (),
            published=published or filed,
            url=self._url(),
            language=language,
            procedure=f"{source}:{self.official}",
            raw_sha256=strict_json.sha256(self.record),
            particulars=(("publication", standing),) if standing else (),
        )

    def _standing(self, status: str) -> str:
        """Return how far the document is: a code where it is published or will be, else the words of its status."""
        if any(str(self.record.get(field) or "").strip() for field in ("date_publication", "nom_fichier")):
            return PUBLISHED
        return PENDING if _TO_COME.search(status) else without_contacts(status)

    def revision_hash(self, version: int) -> str:
        """Return the SHA-256 of what makes a revision when it changes."""
        meaningful = ("statut_publication", "date_publication", "nom_fichier", "open_data", "qualite")
        return strict_json.sha256([version, *(self.text(field) for field in meaningful)])

    def _document(self) -> str:
        code = (self.text("type_document") or "").casefold()
        if code not in DECLARATIONS:
            self.losses.append(Loss(self.entry, "type_document", f"the code {code[:20]!r} is unknown"))
            return f"déclaration ({code[:20]})" if code else "déclaration"
        return DECLARATIONS[code]

    def _url(self) -> str | None:
        path = self.text("url_dossier")
        if path is None or not path.startswith("/") or path.startswith("//"):
            self.losses.append(Loss(self.entry, "url_dossier", "a path was expected"))
            return None
        return f"{PAGES}{path}"


def _number(declarations: Iterable[Declaration]) -> None:
    """Give the documents of one official, kind and day each an id of its own, whatever the order of the list."""
    same: defaultdict[str, list[Declaration]] = defaultdict(list)
    for declaration in declarations:
        same[declaration.entry].append(declaration)
    for key, several in same.items():
        for place, declaration in enumerate(sorted(several, key=lambda one: one.rank)):
            if place:
                declaration.identify(f"{key}:{place + 1}", LAYOUT.id)
