"""Journal officiel: the laws, decrees, orders and appointments of the day, out of the DILA's JORFSIMPLE archives."""

from __future__ import annotations

import io
import re
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, BinaryIO, ClassVar

from bot.errors import SourceError, SourceFault
from bot.models import Notice
from bot.sources._base import NOTHING, Asked, Form, Layout, Loss, Parsed, Payload, Source, Told
from bot.sources._http.client import PoliteClient, Validators
from bot.sources._jorf.text import Contents, Reading
from bot.sources._reading import archive, xml

INDEX_PATH = "/OPENDATA/JORFSIMPLE/"
INDEX_BYTES = 5_000_000
READ_AGAIN = 2
"""How many archives that were read already are asked for again: the publisher may replace or rename the last ones."""

REISSUED_AFTER = timedelta(days=30)
"""A text that is so much older than its archive is history that the publisher saved again, and no news."""

PART_TEXTS = 40
HALF = 2

_LISTED = re.compile(rb"""href\s*=\s*["']?(?:[^"'\s>]*/)?([^"'\s>/]*\.tar\.gz)["'\s>]""", re.IGNORECASE)
_OURS = re.compile(r"jorfsimple", re.IGNORECASE)
_ARCHIVE = re.compile(r"JORFSIMPLE_(\d{4})(\d{2})(\d{2})-(\d{6})\.tar\.gz")
_STAMP = re.compile(r"(\d{4})(\d{2})(\d{2})-\d{6}/")
_CONTENTS = re.compile(r"(?:.*/)?JORFCONT\w*\.xml")
_TEXT = re.compile(r"(?:.*/)?JORFTEXT\w*\.xml")


class Jorf(Source):
    """Read the Journal officiel: appointments, decrees, orders, laws and notices of the French state.

    Publisher: Direction de l'information légale et administrative (DILA), Journal officiel, édition « Lois et
        décrets ».
    Documentation: https://www.data.gouv.fr/fr/datasets/jorf-les-donnees-de-l-edition-lois-et-decrets-du-journal-officiel/
    Licence: Licence Ouverte / Open Licence 2.0 (Etalab).
    Delay: the issue of the day is there in the night, about half past midnight; no issue appears on most Mondays.
    Identity: the id of the text (JORFTEXT…). An erratum is a text of its own, tied to the first one by its NOR.
    Caveats: names are read where they are printed as usual (civility, given name, family name in capitals), and only
        so; naturalisations and changes of name are left out, because their re-publication is restricted. Texts that
        the publisher saves again more than 30 days after their publication are no news and are passed over. History
        goes back as far as the daily archives do.
    """

    name = "jorf"
    label = "Journal officiel"
    french = Told(
        about="Le Journal officiel : nominations, décrets, arrêtés, lois et avis de l'État.",
        delay="Le numéro du jour paraît dans la nuit, vers minuit et demi ; la plupart des lundis, il n'y en a pas.",
        caveats="Les noms ne sont lus que là où ils sont imprimés comme d'habitude (civilité, prénom, nom en "
        "capitales). Les naturalisations et les changements de nom sont laissés de côté, parce que leur republication "
        "est encadrée. Les textes que l'éditeur réenregistre plus de 30 jours après leur publication ne sont pas des "
        "nouvelles : ils sont ignorés. L'historique remonte aussi loin que les archives quotidiennes.",
    )
    layout: ClassVar[Layout] = Layout(
        form=Form.ARCHIVE,
        entries="TEXTE",
        id="ID",
        mandatory=("DATE_PUBLI",),
        expected=("TITRE", "TITREFULL", "NATURE"),
        optional=("NOR", "ID_ELI", "MINISTERE", "NOTICE", "VISAS", "STRUCT", "BLOC_TEXTUEL", "RECT"),
        ignored=(
            "ANCIEN_ID",
            "ORIGINE",
            "URL",
            "CID",
            "NUM",
            "NUM_SEQUENCE",
            "NUM_PARUTION",
            "DATE_TEXTE",
            "DERNIERE_MODIFICATION",
            "VERSIONS_A_VENIR",
            "ORIGINE_PUBLI",
            "PAGE_DEB_PUBLI",
            "PAGE_FIN_PUBLI",
            "AUTORITE",
            "ETAT",
            "DATE_DEBUT",
            "DATE_FIN",
            "MCS_TXT",
            "LIENS",
            "ENTREPRISE",
            "SIGNATAIRES",
            "ABRO",
            "NOTA",
            "SM",
            "TP",
        ),
    )
    default_base_url = "https://echanges.dila.gouv.fr"
    default_every = timedelta(hours=1)
    default_pace = timedelta(seconds=1)
    overlap = timedelta(days=3)
    baseline = timedelta(days=7)
    quiet_limit = timedelta(days=3)
    max_bytes = 100_000_000
    language = "fr"
    zone = "Europe/Paris"
    may_be_empty = True
    step = 7

    async def fetch(self, asked: Asked, client: PoliteClient) -> AsyncIterator[Payload]:
        """Yield the archives that the index lists and that were not read yet, oldest first, and the last two again.

        The first read begins with the window, a backfill reads the archives of the window's days. The cursor holds the
        name of the last archive, and by name the validators of those that are asked for again. Raises SourceError where
        the index lists no archive, one under another form of name, or none as new as the last one read.
        """
        names = await self._index(client)
        cursor = NOTHING if asked.is_backfill else asked.cursor
        last = str(cursor.get("last") or "")
        chosen = _chosen(names, asked, last)
        kept = cursor.get("validators")
        known: dict[str, Any] = dict(kept) if isinstance(kept, Mapping) else {}
        has_new = False
        for name in chosen:
            download = await client.download(
                f"{self.base_url}{INDEX_PATH}{name}",
                max_bytes=self.max_bytes,
                validators=Validators.from_json(known.get(name)),
            )
            if download.is_unchanged:
                continue
            has_new = True
            known[name] = download.validators.to_json()
            with download:
                yield Payload(file=download.path, cursor=None if asked.is_backfill else _cursor(name, last, known))
        if not has_new and not asked.is_backfill:
            yield Payload(is_unchanged=True, cursor=_cursor(last, last, known))

    async def _index(self, client: PoliteClient) -> list[str]:
        """Return the names of the archives in their order."""
        answer = await client.get(f"{self.base_url}{INDEX_PATH}", max_bytes=INDEX_BYTES)
        listed = [name.decode("latin-1") for name in _LISTED.findall(answer.body)]
        ours = sorted({name for name in listed if _OURS.match(name)})
        for name in ours:
            if _day_of(name) is None:
                message = f"the list of archives holds a name of another form ({name[:80]})"
                raise SourceError(message, SourceFault.STRANGE_ARCHIVE_NAME, name=name[:80])
        if not ours:
            raise SourceError("the list of archives holds none", SourceFault.NO_ARCHIVES)
        return ours

    def parse(self, payload: bytes, *, lenient: bool = False) -> Parsed:
        """Read an archive whole; raises SourceError as `parse_stream` does."""
        parts = list(self.parse_stream(io.BytesIO(payload), lenient=lenient))
        return Parsed(
            tuple(notice for part in parts for notice in part.notices),
            tuple(loss for part in parts for loss in part.losses),
            frozenset(name for part in parts for name in part.unknown_fields),
            revision_hashes={key: value for part in parts for key, value in part.revision_hashes.items()},
        )

    def parse_stream(
        self, stream: BinaryIO, *, known: Mapping[str, str] = NOTHING, lenient: bool = False
    ) -> Iterator[Parsed]:
        """Read an archive (tar.gz, or tar) twice: its contents pages, the whole of it checked, then its texts.

        A text without a title, or whose XML is broken, is a loss, as is a broken contents page. Raises SourceError
        where more than half of the texts are, where there is none, where one lacks its date, and for an archive that
        cannot be trusted.
        """
        del known
        contents = Contents()
        stamps: set[date] = set()

        def is_contents(name: str) -> bool:
            if (stamp := _STAMP.match(name)) and (day := _date(*stamp.groups())):
                stamps.add(day)
            return bool(_CONTENTS.fullmatch(name))

        losses: list[Loss] = []
        for member in archive.members(stream, is_contents):
            try:
                contents.add(xml.parse(member.body))
            except SourceError as error:
                losses.append(_loss_of(member, error))
        stream.seek(0)
        reader = _Texts(self, contents, max(stamps, default=None), losses, lenient=lenient)
        for member in archive.members(stream, lambda name: bool(_TEXT.fullmatch(name))):
            reader.add(member)
            if len(reader.notices) >= PART_TEXTS:
                yield reader.part()
        reader.check()
        yield reader.part()


_KNOWN_FIELDS = frozenset(
    (Jorf.layout.id, *Jorf.layout.mandatory, *Jorf.layout.expected, *Jorf.layout.optional, *Jorf.layout.ignored)
)


@dataclass(slots=True)
class _Texts:
    """Read the texts of an archive one by one; `part` returns those since the last one."""

    source: Jorf
    contents: Contents
    stamp: date | None
    _losses: list[Loss]
    lenient: bool = field(kw_only=True)
    notices: list[Notice] = field(default_factory=list)
    _hashes: dict[str, str] = field(default_factory=dict)
    _unknown: set[str] = field(default_factory=set)
    _seen: dict[str, int] = field(default_factory=dict)
    _fields: set[str] = field(default_factory=set)
    _found: int = 0
    _untitled: list[str] = field(default_factory=list)
    _broken: list[SourceError] = field(default_factory=list)

    def add(self, member: archive.Member) -> None:
        """Read a text; one that stood there already, is history or of civil status is passed over."""
        self._found += 1
        try:
            root = xml.parse(member.body)
        except SourceError as error:
            self._losses.append(_loss_of(member, error))
            self._broken.append(error)
            return
        reading = Reading(member.body, root, self._found, self.source.layout, lenient=self.lenient)
        self._fields |= reading.fields.keys()
        self._unknown |= reading.fields.keys() - _KNOWN_FIELDS
        self._seen[reading.id] = self._seen.get(reading.id, 0) + 1
        if self._seen[reading.id] > 1:
            return
        if not reading.title:
            self._untitled.append(reading.id)
            self._losses += [*reading.losses, Loss(reading.id, "TITREFULL", "missing")]
            return
        if self._is_history(reading.published) or reading.is_of_civil_status(self.contents):
            return
        notice = reading.notice(self.source.name, self.source.language, self.contents)
        self._losses += reading.losses
        if notice.published is None and not any(loss.field == "DATE_PUBLI" for loss in reading.losses):
            self._losses.append(Loss(reading.id, "DATE_PUBLI", "the publisher knows no date"))
        self._hashes[notice.id] = reading.revision_hash(self.source.revision_hash_version)
        self.notices.append(notice)

    def part(self) -> Parsed:
        """Return what was read since the last part."""
        part = Parsed(
            tuple(self.notices), tuple(self._losses), frozenset(self._unknown), revision_hashes=dict(self._hashes)
        )
        self.notices.clear()
        self._losses.clear()
        self._unknown.clear()
        self._hashes.clear()
        return part

    def check(self) -> None:
        """Raise SourceError where the archive as a whole cannot be right; note the fields that it lacks."""
        if not self._found:
            raise SourceError("the archive holds no text that can be read", SourceFault.NO_TEXTS)
        if len(self._broken) * HALF > self._found:
            raise self._broken[0]
        if len(self._untitled) * HALF > self._found:
            raise SourceError("missing", SourceFault.MISSING, field="TITREFULL", entry=self._untitled[0])
        shared, count = max(self._seen.items(), key=lambda one: one[1])
        if count > 1 and count * HALF > self._found:
            raise SourceError(
                f"{count} of {self._found} texts share one id",
                SourceFault.ONE_ID,
                field=self.source.layout.id,
                entry=shared,
                count=count,
                total=self._found,
            )
        gone = [name for name in self.source.layout.expected if name not in self._fields]
        self._losses += [Loss("", name, "the column is missing") for name in gone]

    def _is_history(self, published: date | None) -> bool:
        return self.stamp is not None and published is not None and published < self.stamp - REISSUED_AFTER


def _loss_of(member: archive.Member, error: SourceError) -> Loss:
    """Return a file whose XML is broken as a loss; raises the error again where the XML is hostile."""
    if error.fault is not SourceFault.BAD_XML:
        raise error
    return Loss(member.name.rpartition("/")[2], "XML", error.message)


def _chosen(names: Sequence[str], asked: Asked, last: str) -> list[str]:
    """Return the archives to read."""
    since, until = asked.window.since, asked.window.until
    days = {name: day for name in names if (day := _day_of(name)) is not None}
    if asked.is_backfill:
        return [name for name, day in days.items() if since <= day and (until is None or day < until)]
    if not last:
        return [name for name, day in days.items() if since <= day] or list(names[-1:])
    if names[-1] < last:
        raise SourceError(
            f"the list of archives ends at {names[-1]}, before the last one read ({last})",
            SourceFault.INDEX_SHRANK,
            found=names[-1],
            last=last,
        )
    return [*[name for name in names if name <= last][-READ_AGAIN:], *[name for name in names if name > last]]


def _cursor(name: str, last: str, known: Mapping[str, Any]) -> dict[str, Any]:
    last = max(name, last)
    again = sorted(one for one in known if one <= last)[-READ_AGAIN:]
    return {"last": last, "validators": {one: known[one] for one in again if known[one]}}


def _day_of(name: str) -> date | None:
    found = _ARCHIVE.fullmatch(name)
    return _date(*found.groups()[:3]) if found else None


def _date(year: str, month: str, day: str) -> date | None:
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None
