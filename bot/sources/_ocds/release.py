"""One release of the Open Contracting Data Standard (OCDS 1.1), read as a notice.

Paths follow https://standard.open-contracting.org/latest/en/schema/reference/. Only named fields are read: contact
points stand beside them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import MAXYEAR, date, datetime
from typing import Any
from urllib.parse import quote

from bot.errors import SourceFault
from bot.models import Notice, NoticeKind
from bot.sources._base import Layout, Loss
from bot.sources._ocds import money as ocds_money
from bot.sources._ocds import outcome as ocds_outcome
from bot.sources._ocds import parties as ocds_parties
from bot.sources._ocds.codes import CANCELLED_TENDERS, COMPILED, ENDED_TENDERS, KINDS, NOTICE_DOCUMENTS, VOID
from bot.sources._ocds.outcome import Part
from bot.sources._ocds.package import universal_time
from bot.sources._ocds.profile import Profile
from bot.sources._reading import strict_json
from bot.sources._reading.body import cpv_codes
from bot.sources._reading.entry import ID_CHARS, Entry, record_sha256
from bot.sources._reading.parts import FIRST_YEAR, believable, tender_hash, text_of
from bot.sources._reading.parts import names as without_repeats
from bot.sources._reading.personal import without_contacts
from bot.sources._reading.tree import Tree, one_line

TITLE_CHARS = 120
HASH_CHARS = 32

_UNSAFE = re.compile(r"[\s\x00-\x1f\x7f]")
_LANGUAGE = re.compile(r"([a-z]{2})(?:[-_].*)?")
_LANGUAGES = {"eng": "en", "fra": "fr", "spa": "es", "por": "pt", "deu": "de", "ita": "it", "cym": "cy"}
_SECTIONS = {
    "planning": ("planning", "tender", "awards", "contracts"),
    "tender": ("tender", "planning", "awards", "contracts"),
    "award": ("awards", "contracts", "tender", "planning"),
    "contract": ("contracts", "awards", "tender", "planning"),
    "implementation": ("contracts", "awards", "tender", "planning"),
}
_STAGE = re.compile(r"[a-z]+")
_ANY_SECTION = ("awards", "contracts", "tender", "planning")
_TITLES = ("tender/title", "awards/title", "contracts/title", "title")
_DESCRIPTIONS = (
    "tender/description",
    "description",
    "planning/rationale",
    "awards/description",
    "contracts/description",
    "planning/budget/description",
)
_LINES = (
    "tender/description",
    "description",
    "planning/rationale",
    "planning/budget/description",
    "tender/title",
    "awards/title",
    "awards/description",
    "contracts/title",
    "contracts/description",
    *(f"{place}/{field}" for place in ("tender", "awards", "contracts") for field in ("items/description",)),
    *(
        f"{place}/{name}/{field}"
        for place in ("tender", "awards", "contracts")
        for name in ("amendments", "amendment")
        for field in ("description", "rationale")
    ),
)
_CLASSIFICATIONS = (
    "tender/classification",
    "tender/additionalClassifications",
    *(
        f"{place}/items/{name}"
        for place in ("tender", "awards", "contracts")
        for name in ("classification", "additionalClassifications")
    ),
)


class Reading:
    """Read one release strictly, or leniently; `losses` names what could not be read of a notice that was kept."""

    def __init__(
        self, record: Mapping[str, Any], place: int, layout: Layout, profile: Profile, *, lenient: bool
    ) -> None:
        self.record = record
        self.profile = profile
        self.tree = Tree()
        self.entry = Entry(record, place, layout, lenient=lenient)
        self.tags = self.entry.texts("tag")
        self.release_id = self._key("id")
        self.entry.identify(self._identity(), "ocid")
        self.outcome = ocds_outcome.read(record, self.tree)

    @property
    def losses(self) -> list[Loss]:
        """Return what could not be read."""
        name = self.entry.entry
        inside = (Loss(name, path.replace("/", "."), problem) for path, problem in self.tree.problems.items())
        return list(dict.fromkeys([*self.entry.losses, *inside]))

    def notice(self, source: str, language: str | None) -> Notice:
        """Return the release as a notice of a source; raises SourceError naming the field and the entry."""
        published = self._published()
        kind = self._kind()
        parties = ocds_parties.read(self.record, self.tree, self.outcome, kind)
        if parties.has_nameless:
            self._lose("awards.suppliers.name", "a supplier has no name")
        settled = self.outcome.levels(is_cancelled=kind is NoticeKind.CANCELLATION)
        money = ocds_money.read(settled, self._estimates(), self.tree)
        for field, problem in money.problems.items():
            self._lose(field, problem)
        cpv, wrong = cpv_codes(list(self._cpv()))
        if wrong is not None:
            self._lose("classification.id", f"{wrong[:40]!r} is not a CPV code")
        title = without_contacts(self._title())
        lines = [*self._lines(kind), *money.lines, *parties.lines]
        return Notice(
            id=self.entry.entry,
            source=source,
            kind=kind,
            title=title,
            text=text_of(lines, title),
            buyer=without_contacts(parties.buyer) if parties.buyer else None,
            suppliers=without_repeats(parties.suppliers),
            identifiers=parties.identifiers,
            amount=money.stated.amount if money.stated else None,
            currency=money.stated.currency if money.stated else None,
            cpv=cpv,
            published=published,
            deadline=self._deadline(kind, published),
            url=self._url(),
            language=self._language(language),
            procedure=f"ocds:{one_line(self.record['ocid'])}",
            raw_sha256=self._sha256(),
        )

    def revision_hash(self, notice: Notice, version: int) -> str:
        """Return the SHA-256 of what makes a revision when it changes, whatever the order in which it is published."""
        return tender_hash(version, notice, [sorted(notice.identifiers), sorted(notice.text.split("\n"))])

    def _key(self, field: str) -> str | None:
        """Return a text or a whole number that names something, None where there is none."""
        value = self.record.get(field)
        if isinstance(value, int) and not isinstance(value, bool):
            return str(value)
        if isinstance(value, str) and one_line(value):
            return one_line(value)
        if value is not None or (field in self.entry.layout.mandatory and field in self.record):
            self.entry.wrong(field, "an id was expected", SourceFault.ID_EXPECTED)
        return None

    def _identity(self) -> str | None:
        """Return `ocid/id`, without an id `ocid/date/tag`, else the ocid with a hash of the release."""
        ocid = self.record.get("ocid")
        if not isinstance(ocid, str) or not one_line(ocid):
            return None
        if self.release_id is not None:
            rest = self.release_id
        elif self.tags and (published := self._published()) is not None:
            rest = f"{universal_time(published)}/{','.join(sorted(self.tags))}"
        else:
            rest = self._sha256()[:HASH_CHARS]
        name = _UNSAFE.sub(lambda sign: quote(sign[0]), f"{one_line(ocid)}/{rest}")
        return name if len(name) <= ID_CHARS else f"{name[:100]}/{strict_json.sha256(name)[:HASH_CHARS]}"

    def _published(self) -> date | datetime | None:
        published = self.entry.moment("date")
        if published is not None and not FIRST_YEAR <= published.year < MAXYEAR:
            self._lose("date", f"the year {published.year} is not believed")
            return None
        return published

    def _kind(self) -> NoticeKind:
        """Return the kind by the tag; by what the release holds for several, for `compiled` and for an unknown one."""
        if "tag" in self.record and not self.tags:
            self.entry.refuse("tag", "missing", SourceFault.MISSING)
        unknown = [tag for tag in self.tags if tag not in KINDS and tag != COMPILED]
        for tag in unknown:
            code = repr(tag[:40])
            if self.profile.is_exact:
                self.entry.refuse("tag", f"the code {code} is not known", SourceFault.UNKNOWN_CODE, code=code)
            else:
                self._lose("tag", f"the code {code} is not known")
        said = {KINDS[tag] for tag in self.tags if tag in KINDS}
        if len(said) == 1 and not unknown and COMPILED not in self.tags:
            kind = said.pop()
        elif self.outcome.parts:
            kind = NoticeKind.AWARD
        elif NoticeKind.CANCELLATION in said or self._has_ended():
            kind = NoticeKind.CANCELLATION
        else:
            kind = NoticeKind.TENDER
        # Nobody won, or the buyer gave up: that is what is published, whatever the tag.
        nobody_won = kind is NoticeKind.AWARD and self.outcome.is_void
        is_about_tender = bool(self.tags) and all(tag.startswith(("planning", "tender")) for tag in self.tags)
        gave_up = is_about_tender and self.tree.text(self.record, "tender/status") in CANCELLED_TENDERS
        return NoticeKind.CANCELLATION if nobody_won or gave_up else kind

    def _has_ended(self) -> bool:
        return self.tree.text(self.record, "tender/status") in ENDED_TENDERS

    def _title(self) -> str:
        for path in _TITLES:
            if (title := self.tree.text(self.record, path)) is not None:
                return title
        # A publisher whose every notice has a title has renamed it where there is none.
        for path in () if self.profile.is_exact else _DESCRIPTIONS:
            if (text := self.tree.text(self.record, path)) is not None:
                return text if len(text) <= TITLE_CHARS else f"{text[: TITLE_CHARS - 1].rstrip()}…"
        if self.profile.is_exact:
            self.entry.refuse("tender.title", "missing", SourceFault.MISSING)
        else:
            self._lose("tender.title", "missing")
        return one_line(self.record["ocid"])

    def _lines(self, kind: NoticeKind) -> Iterator[str]:
        """Yield the lines of the text in their fixed order."""
        for path in _LINES[:2]:
            yield from self.tree.texts(self.record, path)
        for lot in self.tree.elements(self.record, "tender/lots"):
            for field in ("title", "description"):
                yield from self.tree.texts(lot, field)
        for path in _LINES[2:]:
            yield from self.tree.texts(self.record, path)
        if kind is not NoticeKind.AWARD and self._has_ended():
            yield f"Tender: {self.tree.text(self.record, 'tender/status')}"
        for part in self.outcome.parts:
            if part.status in VOID:
                name = self.tree.text(part.node, "title") or self.tree.text(part.node, "id") or ""
                yield f"{part.word} {part.status}: {name}".rstrip()

    def _estimates(self) -> Iterator[list[Part]]:
        """Yield where an estimate may stand."""
        for word, path in (("Tender", "tender"), ("Lot", "tender/lots")):
            yield [Part(word, node) for node in self.tree.elements(self.record, path)]

    def _cpv(self) -> Iterator[str]:
        for path in _CLASSIFICATIONS:
            for one in self.tree.elements(self.record, path):
                if (self.tree.text(one, "scheme") or "").upper() == "CPV":
                    yield from self.tree.texts(one, "id")

    def _deadline(self, kind: NoticeKind, published: date | datetime | None) -> date | datetime | None:
        if kind not in {NoticeKind.TENDER, NoticeKind.CHANGE}:
            return None
        day = published.date() if isinstance(published, datetime) else published
        return believable(self.entry.moment("tender.tenderPeriod.endDate"), day)

    def _url(self) -> str | None:
        """Return the notice's page: the document that is the notice, else the publisher's page for such an id.

        Documents of another format lead to other portals, and serve where there is nothing better.
        """
        documents = [
            (self.tree.text(document, "format"), url)
            for section in self._sections()
            for document in self.tree.elements(self.record, f"{section}/documents")
            if self.tree.text(document, "documentType") in NOTICE_DOCUMENTS
            and (url := _address(self.tree.text(document, "url"))) is not None
        ]
        pages = [url for form, url in documents if form == "text/html"]
        own = self.profile.page_of(self.release_id) if self.release_id else None
        elsewhere = [url for _, url in documents]
        own_links = (_address(self.tree.text(self.record, f"{section}/url")) for section in self._sections())
        return next(iter([*pages, *([own] if own else []), *elsewhere, *filter(None, own_links)]), None)

    def _sections(self) -> tuple[str, ...]:
        stage = _STAGE.match(self.tags[0]) if self.tags else None
        return _SECTIONS.get(stage[0], _ANY_SECTION) if stage else _ANY_SECTION

    def _language(self, usual: str | None) -> str | None:
        said = (self.entry.text("language") or "").casefold()
        found = _LANGUAGE.fullmatch(said)
        return found[1] if found else _LANGUAGES.get(said, usual)

    def _lose(self, field: str, problem: str) -> None:
        self.entry.losses.append(Loss(self.entry.entry, field, problem))

    def _sha256(self) -> str:
        return record_sha256(self.record, self.entry.entry)


def _address(url: str | None) -> str | None:
    """Return an address that a browser opens, None for anything else."""
    if url is None or " " in url or not url.startswith(("https://", "http://")):
        return None
    return url
