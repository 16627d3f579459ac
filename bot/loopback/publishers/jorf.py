"""A loopback Journal officiel: the index of JORFSIMPLE and its archives, with made-up texts and hostile archives."""

from __future__ import annotations

import gzip
import io
import tarfile
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from enum import StrEnum
from typing import Any
from xml.sax.saxutils import escape, quoteattr  # only writes XML

from aiohttp import web
from defusedxml.ElementTree import fromstring

from bot.loopback.publishers._publisher import Handler, Publisher, Record, Served

INDEX_PATH = "/OPENDATA/JORFSIMPLE/"
NIGHT = "003035"
EVENING = "223511"
GENERAL = ("Décrets, arrêtés, circulaires", "Textes généraux", "Premier ministre")
PERSONNEL = ("Décrets, arrêtés, circulaires", "Mesures nominatives", "Premier ministre")
HEADINGS = "HEADINGS"
"""The key of a record that goes to the contents page, not into the text."""

_MARKUP = frozenset({"VISAS", "NOTICE"})
_STRUCT = "STRUCT"
_OTHER_FILES = ("Freemium_jorf_simple_20250713-140000.tar.gz", "Description_des_donnees.pdf")


class Hostile(StrEnum):
    """What an archive may hold that no bulletin holds."""

    BOMB = "bomb"
    """A small archive that becomes a gigabyte."""
    CLIMBING = "climbing"
    """A file that would be unpacked above the folder."""
    ABSOLUTE = "absolute"
    """A file with an absolute path."""
    LINK = "link"
    """A symbolic link."""
    DEVICE = "device"
    """A device."""
    CUT = "cut"
    """An archive that ends in the middle."""
    DOCTYPE = "doctype"
    """A text whose entities grow."""
    EMPTY = "empty"
    """An archive without any text."""


class LoopbackJorf(Publisher):
    """Serve the texts of each day as one archive of the night, listed in an index as a web server writes it.

    `archives` holds further ones by name, as bytes; `hidden` names those that the index does not list. Faults that
    change records change the names of an index in the same way.
    """

    id_field = "ID"
    renamed_field = "DATE_PUBLI"

    def __init__(self, records: Iterable[Record] = ()) -> None:
        super().__init__(records)
        self.archives: dict[str, bytes] = {}
        self.hidden: set[str] = set()

    @property
    def routes(self) -> Mapping[str, Handler]:
        """Return the index and the archives."""
        return {INDEX_PATH: self._index, INDEX_PATH + "{name}": self._archive}

    @property
    def names(self) -> list[str]:
        """Return the names of the archives in their order."""
        days = {archive_name(record["DATE_PUBLI"]) for record in self.records}
        return sorted((days | self.archives.keys()) - self.hidden)

    def load(self, payload: bytes) -> None:
        """Serve the texts of one archive."""
        headings: dict[str, list[str]] = {}
        records: list[Record] = []
        with tarfile.open(fileobj=io.BytesIO(payload)) as archive:
            for member in archive:
                body = archive.extractfile(member)
                name = member.name.rpartition("/")[2]
                if body is not None and name.startswith("JORFCONT"):
                    headings |= _headings(fromstring(body.read()))
                elif body is not None and name.startswith("JORFTEXT"):
                    records.append(_record(fromstring(body.read())))
        self.records = [record | {HEADINGS: headings.get(record["ID"], [])} for record in records]

    async def _index(self, _request: web.Request) -> Served:
        listed = self.spoilt([{"ID": name, "DATE_PUBLI": name} for name in self.names])
        names = [
            str(entry["DATE_PUBLI"])
            if "DATE_PUBLI" in entry
            else f"{str(entry['ID']).removesuffix('.tar.gz')}_v2.tar.gz"
            for entry in listed
        ]
        rows = "".join(
            f'<tr><td><a href="{name}">{name}</a></td><td align="right">2026-11-18 00:30</td></tr>\n'
            for name in [*_OTHER_FILES, *names]
        )
        page = f'<html><head><title>Index of {INDEX_PATH}</title></head><body><table>\n<tr><td><a href="/OPENDATA/">'
        return Served(f"{page}Parent Directory</a></td></tr>\n{rows}</table></body></html>".encode(), "text/html")

    async def _archive(self, request: web.Request) -> Served:
        name = request.match_info["name"]
        if name not in self.names:
            return self.not_found()
        if name in self.archives:
            return self.file(Served(self.archives[name], "application/x-gzip"), request)
        records = [record for record in self.records if archive_name(record["DATE_PUBLI"]) == name]
        files = files_of(self.spoilt(records), records, name)
        return self.file(self.tar_gz(files), request)


def archive_name(day: str | date, clock: str = NIGHT) -> str:
    """Return the name of the archive of a day."""
    return f"JORFSIMPLE_{str(day).replace('-', '')}-{clock}.tar.gz"


def files_of(records: Sequence[Record], listed: Sequence[Record], name: str) -> dict[str, str | bytes]:
    """Return the files of an archive: the contents page of what is listed, and the texts as they now stand."""
    stamp = name.removeprefix("JORFSIMPLE_").removesuffix(".tar.gz")
    folder = f"{stamp}/jorf/simple/JORF/CONT/00/00/54/70/68/JORFCONT000054706874"
    files: dict[str, str | bytes] = {f"{folder}/JORFCONT000054706874.xml": contents_page(listed)}
    for place, record in enumerate(records):
        # A text that is there twice stands in two issues.
        files[f"{folder}{place or ''}/{record.get('ID', 'JORFTEXT')}.xml"] = text_xml(record)
    return files


def archive(records: Sequence[Record], name: str) -> bytes:
    """Return an archive with texts, always the same for the same ones."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as whole:
        for path, content in files_of(records, records, name).items():
            _add(whole, tarfile.TarInfo(path), content.encode() if isinstance(content, str) else content)
    return gzip.compress(packed.getvalue(), mtime=0)


def hostile(kind: Hostile, size: int = 1_000_000_000) -> bytes:
    """Return an archive that must not be read; `size` is what a bomb becomes."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz", compresslevel=1) as whole:
        for name, body in _good_files().items():
            _add(whole, tarfile.TarInfo(name), body)
        match kind:
            case Hostile.BOMB:
                for place in range(size // 10_000_000):
                    _add(whole, tarfile.TarInfo(f"a/JORFTEXT{place}.xml"), bytes(10_000_000))
            case Hostile.CLIMBING:
                _add(whole, tarfile.TarInfo("a/../../JORFTEXT1.xml"), b"<TEXTE/>")
            case Hostile.ABSOLUTE:
                _add(whole, tarfile.TarInfo("/etc/JORFTEXT1.xml"), b"<TEXTE/>")
            case Hostile.LINK:
                link = tarfile.TarInfo("a/JORFTEXT1.xml")
                link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
                whole.addfile(link)
            case Hostile.DEVICE:
                device = tarfile.TarInfo("a/JORFTEXT1.xml")
                device.type = tarfile.CHRTYPE
                whole.addfile(device)
            case Hostile.DOCTYPE:
                bomb = b'<!DOCTYPE TEXTE [<!ENTITY a "aaaaaaaaaa">]><TEXTE><ID>JORFTEXT1</ID><TITRE>&a;</TITRE></TEXTE>'
                _add(whole, tarfile.TarInfo("a/JORFTEXT1.xml"), bomb)
    if kind is Hostile.EMPTY:
        with tarfile.open(fileobj=(packed := io.BytesIO()), mode="w:gz") as whole:
            _add(whole, tarfile.TarInfo("a/JORFCONT1.xml"), b"<JO/>")
    whole_archive = packed.getvalue()
    return whole_archive[: len(whole_archive) * 2 // 3] if kind is Hostile.CUT else whole_archive


def text(
    *,
    id: str,  # noqa: A002  # the name of the field
    title: str,
    published: date,
    body: Sequence[str] = (),
    nature: str = "ARRETE",
    nor: str | None = None,
    headings: Sequence[str] = GENERAL,
    ministry: str = "Premier ministre",
) -> Record:
    """Return a text; each of the `body` is a paragraph, in an article of its own."""
    nor = nor or f"PRMX26{int(id[-5:]):05}A"
    return {
        "ID": id,
        "ID_ELI": f"https://www.legifrance.gouv.fr/eli/arrete/2026/11/18/{nor}/jo/texte",
        "NATURE": nature,
        "NOR": nor,
        "NUM_PARUTION": "0270",
        "DATE_PUBLI": published.isoformat(),
        "DATE_TEXTE": published.isoformat(),
        "TITRE": title[:60],
        "TITREFULL": title,
        "MINISTERE": ministry,
        "VISAS": "<p>Vu la Constitution ;</p>",
        "STRUCT": [f"<p>{escape(paragraph)}</p>" for paragraph in body],
        HEADINGS: list(headings),
    }


def appointment(*, id: str, person: str, office: str, published: date, civility: str = "M.") -> Record:  # noqa: A002
    """Return the appointment of a person (`Given FAMILY`) to an office."""
    return text(
        id=id,
        title=f"Décret du 17 novembre 2026 portant nomination ({office})",
        published=published,
        body=[f"{civility} {person} est nommé {office}, à compter du 1er décembre 2026."],
        nature="DECRET",
        headings=PERSONNEL,
    )


def decree(*, id: str, title: str, published: date, body: Sequence[str] = ()) -> Record:  # noqa: A002
    """Return a general text."""
    return text(id=id, title=title, published=published, body=body, nature="DECRET")


def naturalisation(*, id: str, person: str, published: date) -> Record:  # noqa: A002
    """Return a decree that gives a nationality."""
    return text(
        id=id,
        title="Décret du 17 novembre 2026 portant naturalisation, réintégration et mention d'enfants mineurs",
        published=published,
        body=[f"Est naturalisé Français : M. {person}, né le 1er janvier 1990."],
        nature="DECRET",
        headings=("Décrets, arrêtés, circulaires", "Mesures nominatives", "Ministère de l'intérieur"),
    )


def erratum(*, of: Record, id: str, published: date) -> Record:  # noqa: A002
    """Return the corrigendum of a text: a text of its own under the same NOR."""
    return text(
        id=id, title=f"{of['TITREFULL']} (rectificatif)", published=published, body=["Au lieu de."], nor=of["NOR"]
    )


def contents_page(records: Sequence[Record]) -> str:
    """Return the contents page that files texts under their headings."""
    links = "".join(
        "".join(
            f'<TM niv="{level}"><TITRE_TM>{escape(title)}</TITRE_TM>' for level, title in enumerate(titles, start=2)
        )
        + f"<LIEN_TXT idtxt={quoteattr(str(record['ID']))} titretxt={quoteattr(str(record['TITREFULL']))}/>"
        + "</TM>" * len(titles)
        for record in records
        for titles in [record.get(HEADINGS, ())]
    )
    day = records[0]["DATE_PUBLI"] if records else ""
    meta = f"<META><META_SPEC><META_CONTENEUR><DATE_PUBLI>{day}</DATE_PUBLI></META_CONTENEUR></META_SPEC></META>"
    whole = f'<STRUCTURE_TXT><TM niv="1"><TITRE_TM>Journal officiel</TITRE_TM>{links}</TM></STRUCTURE_TXT>'
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<JO>{meta}{whole}</JO>\n'


def text_xml(record: Record) -> str:
    """Return a text as its own file."""
    parts = [f"{_element(name, value)}\n" for name, value in record.items() if name != HEADINGS]
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<TEXTE>\n{"".join(parts)}</TEXTE>\n'


def _element(name: str, value: Any) -> str:
    if isinstance(value, list):
        articles = "".join(
            f"<ARTICLE><NUM>{number}</NUM><BLOC_TEXTUEL><CONTENU>{paragraph}</CONTENU></BLOC_TEXTUEL></ARTICLE>"
            for number, paragraph in enumerate(value, start=1)
        )
        return f"<{name}>{articles}</{name}>"
    if name in _MARKUP:
        return f"<{name}><CONTENU>{value}</CONTENU></{name}>"
    return f"<{name}>{escape(str(value))}</{name}>"


def _record(root: Any) -> Record:
    record: Record = {}
    for child in root:
        if child.tag == _STRUCT:
            record[child.tag] = [_inner(content) for content in child.iter("CONTENU")]
        elif child.tag in _MARKUP:
            record[child.tag] = "".join(_inner(content) for content in child.iter("CONTENU"))
        else:
            record[child.tag] = child.text or ""
    return record


def _inner(content: Any) -> str:
    return f"<p>{escape(' '.join(''.join(content.itertext()).split()))}</p>"


def _headings(root: Any) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}

    def walk(node: Any, above: list[str]) -> None:
        for child in node:
            if child.tag == "LIEN_TXT":
                found[child.get("idtxt")] = above
            elif child.tag == "TM" and child.get("niv") != "1":
                walk(child, [*above, child.findtext("TITRE_TM", "")])
            else:
                walk(child, above)

    walk(root, [])
    return found


def _good_files() -> dict[str, bytes]:
    good = decree(id="JORFTEXT000054700001", title="Décret relatif aux abeilles", published=date(2026, 11, 18))
    files = files_of([good], [good], archive_name("2026-11-18"))
    return {name: content.encode() if isinstance(content, str) else content for name, content in files.items()}


def _add(whole: tarfile.TarFile, member: tarfile.TarInfo, body: bytes) -> None:
    member.size = len(body)
    whole.addfile(member, io.BytesIO(body))
