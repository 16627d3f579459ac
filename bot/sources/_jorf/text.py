"""One text of the Journal officiel as JORFSIMPLE holds it, and the contents page that files it under a heading."""

from __future__ import annotations

import hashlib
import html
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from xml.etree.ElementTree import Element

from bot.models import Notice, NoticeKind
from bot.sources._base import Layout, Loss
from bot.sources._jorf.people import people_of
from bot.sources._reading.entry import Entry
from bot.sources._reading.parts import short_lines
from bot.sources._reading.personal import without_contacts
from bot.sources._reading.tree import lines_of, one_line
from bot.sources._reading.xml import local_name

UNKNOWN_YEAR = 2999
"""The year of the date that the register writes where it knows none."""

PERSONNEL = "mesures nominatives"
"""The heading under which the contents page files appointments and other acts on one person."""

_NOTICE_TEXT = "NOTICE"
_VISAS = "VISAS"
_BODY = frozenset({"BLOC_TEXTUEL", "RECT"})
_CONTENT = "CONTENU"
_CONTAINERS = frozenset({"META", "META_COMMUN", "META_SPEC", "META_TEXTE_CHRONICLE", "META_TEXTE_VERSION"})
_LINES = frozenset(
    {"p", "br", "div", "li", "tr", "table", "ul", "ol", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote"}
)
_TITLES = frozenset({"TITRE", "TITREFULL", "MINISTERE"})
_CELLS = frozenset({"td", "th"})
_MARKUP = re.compile(r"<(?:br|/?p|/?div|/?tr|/?li|/?table)\b[^<>]{0,200}>", re.IGNORECASE)
_TAG = re.compile(r"</?[a-zA-Z][^<>]{0,200}>")

_APPOINTMENT = re.compile(
    r"\bportant\b[^;:()]{0,80}?\b(?:nominations?|cessations? de(?:s)? fonctions?|fin de(?:s)? fonctions?|promotions?"
    r"|titularisations?|détachements?|affectations?|admission à la retraite|attribution de fonctions"
    r"|délégation dans les fonctions|intégration \(|réintégration \(|radiation des cadres)"
    r"|\b(?:re)?nommée?s?\b|\bmettant fin aux fonctions\b|\brelatif à la composition du Gouvernement\b",
    re.IGNORECASE,
)
_CIVIL_STATUS = re.compile(
    r"\bportant (?:\w+ ){0,2}?(?:acquisition de la nationalité|naturalisations?|réintégrations? dans la nationalité"
    r"|perte de la nationalité|déchéance de la nationalité|libération (?:de l.|des liens d.)allégeance"
    r"|changements? de noms?|francisations?)\b"
    r"|\bdemandes? de changements? de noms?\b",
    re.IGNORECASE,
)
_CIVIL_STATUS_HEADING = re.compile(r"naturalisation|changements? de noms?|nationalité française", re.IGNORECASE)


@dataclass(slots=True)
class Contents:
    """Hold what contents pages say of texts, by their id: the headings they stand under, the day of the issue."""

    headings: dict[str, tuple[str, ...]] = field(default_factory=dict)
    days: dict[str, date] = field(default_factory=dict)

    def add(self, root: Element) -> None:
        """Take up a contents page (root JO): nested TM with TITRE_TM, LIEN_TXT naming the texts."""
        day = _day(next((node.text for node in root.iter() if local_name(node.tag) == "DATE_PUBLI"), None))
        self._walk(root, (), day)

    def _walk(self, node: Element, above: tuple[str, ...], day: date | None) -> None:
        for child in node:
            name = local_name(child.tag)
            if name == "LIEN_TXT" and (text := child.get("idtxt")):
                self.headings[text] = above
                if day is not None:
                    self.days[text] = day
            elif name == "TM":
                title = one_line(next((part.text or "" for part in child if local_name(part.tag) == "TITRE_TM"), ""))
                # The first level is the issue itself.
                self._walk(child, (*above, title) if title and child.get("niv") != "1" else above, day)
            elif len(child):
                self._walk(child, above, day)


def fields_of(root: Element) -> dict[str, Any]:
    """Return the simple fields of a text by name: its own elements, and those that stand in a META tree."""
    found: dict[str, Any] = {}
    for child in root:
        name = local_name(child.tag)
        if name in _CONTAINERS:
            found = {**fields_of(child), **found}
        elif name not in found:
            text = "".join(child.itertext()) if name in _TITLES or not len(child) else None
            found[name] = {} if text is None else text.strip() or None
    return found


class Reading:
    """Read one text; `losses` names what could not be read, `fields` the simple ones that stand there.

    Raises SourceError as `Entry` does where it has no id.
    """

    def __init__(self, xml: bytes, root: Element, place: int, layout: Layout, *, lenient: bool) -> None:
        self.fields: Mapping[str, Any] = fields_of(root)
        self._entry = Entry(self.fields, place, layout, lenient=lenient)
        self._root = root
        self._raw_sha256 = hashlib.sha256(xml).hexdigest()
        self.id = self._entry.id(layout.id)
        self.title = self._entry.text("TITREFULL") or self._entry.text("TITRE")
        self.published = self._published()
        self._body: tuple[str, ...] = ()

    @property
    def losses(self) -> list[Loss]:
        """Return what could not be read."""
        return self._entry.losses

    def is_of_civil_status(self, contents: Contents) -> bool:
        """Return whether the text gives a nationality or a name: its re-publication is restricted (CRPA, R. 221-15)."""
        headings = " ".join(contents.headings.get(self.id, ()))
        return bool(_CIVIL_STATUS.search(self.title or "") or _CIVIL_STATUS_HEADING.search(headings))

    def notice(self, source: str, language: str, contents: Contents) -> Notice:
        """Return the text as a notice; it has a title."""
        headings = contents.headings.get(self.id, ())
        title = self.title or ""
        self._body = tuple(self._lines(self._root, _BODY))
        nor = self._entry.text("NOR")
        return Notice(
            id=self.id,
            source=source,
            kind=_kind(title, headings),
            title=without_contacts(title),
            text="\n".join(without_contacts(line) for line in self._text(headings, nor)),
            people=people_of([title, *self._body]),
            published=self.published or contents.days.get(self.id),
            url=f"https://www.legifrance.gouv.fr/jorf/id/{self.id}",
            language=language,
            procedure=f"{source}:{nor or self.id}",
            raw_sha256=self._raw_sha256,
        )

    def revision_hash(self, version: int) -> str:
        """Return the SHA-256 of what makes a revision: title, nature and body."""
        hashed = hashlib.sha256()
        for part in (str(version), self.title or "", self._entry.text("NATURE") or "", *self._body):
            hashed.update(part.encode("utf-8", "replace") + b"\n")
        return hashed.hexdigest()

    def _published(self) -> date | None:
        day = self._entry.day("DATE_PUBLI")
        return None if day is None or day.year >= UNKNOWN_YEAR else day

    def _text(self, headings: tuple[str, ...], nor: str | None) -> Iterator[str]:
        """Yield the lines of the text in their fixed order."""
        if ministry := self._entry.text("MINISTERE"):
            yield ministry
        if headings:
            yield " > ".join(headings)
        if nor:
            yield f"NOR : {nor}"
        if eli := self._entry.text("ID_ELI"):
            yield f"ELI : {eli}"
        yield from self._lines(self._root, frozenset({_NOTICE_TEXT}))
        yield from self._lines(self._root, frozenset({_VISAS}))
        yield from self._body

    def _lines(self, node: Element, parts: frozenset[str]) -> Iterator[str]:
        """Yield the lines of the parts of a text, at whatever depth they stand."""
        for child in node:
            if local_name(child.tag) in parts:
                for content in child.iter():
                    if local_name(content.tag) == _CONTENT:
                        yield from _plain_lines(content)
            else:
                yield from self._lines(child, parts)


def _kind(title: str, headings: tuple[str, ...]) -> NoticeKind:
    is_personnel = any(heading.casefold() == PERSONNEL for heading in headings)
    return NoticeKind.APPOINTMENT if is_personnel or _APPOINTMENT.search(title) else NoticeKind.ARTICLE


def _plain_lines(content: Element) -> Iterator[str]:
    """Yield the lines that markup shows; escaped markup is read as markup.

    Line by line, because an annex of some megabytes must not hold up other threads.
    """
    for line in "".join(_pieces(content)).split("\n"):
        parts = [line]
        if "<" in line:
            parts = [html.unescape(_TAG.sub("", part)) for part in _MARKUP.sub("\n", line).split("\n")]
        for part in parts:
            for whole in lines_of(part):
                yield from short_lines(whole)


def _pieces(node: Element) -> Iterator[str]:
    yield (node.text or "").replace("\n", " ")
    for child in node:
        name = local_name(child.tag).lower()
        if name in _LINES:
            yield "\n"
        yield from _pieces(child)
        if name in _LINES:
            yield "\n"
        elif name in _CELLS:
            yield " "
        yield (child.tail or "").replace("\n", " ")


def _day(text: str | None) -> date | None:
    try:
        day = date.fromisoformat((text or "").strip()[:10])
    except ValueError:
        return None
    return day if day.year < UNKNOWN_YEAR else None
