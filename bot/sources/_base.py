"""What every source offers: its name and habits, what a read is asked for, the I/O and the reading of what came."""

from __future__ import annotations

import asyncio
import inspect
import io
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import Any, BinaryIO, ClassVar
from zoneinfo import ZoneInfo

from bot.errors import Expected
from bot.models import Notice
from bot.sources._http.client import PoliteClient

DESCRIPTION_HEADINGS = ("Publisher", "Documentation", "Licence", "Delay", "Identity", "Caveats")
"""The headings that the docstring of every source fills, in their order."""

NOTHING: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Window:
    """Hold the publication dates that a read covers, in the publisher's zone: start included, end excluded.

    `until` None leaves the window open at its upper end.
    """

    since: date
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """Hold what a read is asked for.

    `now` is aware; `last_ok` the last success, None before the first. `cursor` is what the last stored read left, {}
    before the first: only a whole, stored read moves it. `watched` are the identifiers (`scheme:value`) that live watch
    items carry, for sources that are read company by company. `is_backfill` says that history is read, in silence.
    """

    window: Window
    now: datetime
    last_ok: datetime | None = None
    cursor: Mapping[str, Any] = field(default_factory=dict)
    watched: frozenset[str] = frozenset()
    is_backfill: bool = False


@dataclass(frozen=True, slots=True)
class Payload:
    """Hold one answer as `parse` reads it: bytes, or the `file` that a large register was saved to.

    `cursor`, where it is not None, is what `Asked.cursor` will hold once everything of this read is stored.
    `is_unchanged` says that the publisher answered and has nothing newer: there is then nothing to parse. `is_reduced`
    says that it gave fewer fields than it is known to have: what is new counts, but a notice that is known whole stays
    as it is, and one that is known by such an answer only becomes whole in silence. `is_silent` says that it is about
    what was not asked for before: what is new in it is stored as a first read is, and announced to nobody, unless
    another payload of the read holds it too; what is known stays as it is.
    """

    body: bytes = b""
    file: Path | None = None
    cursor: Mapping[str, Any] | None = None
    is_unchanged: bool = False
    is_reduced: bool = False
    is_silent: bool = False

    def opened(self) -> BinaryIO:
        """Return the payload as a binary stream; the caller closes it."""
        return self.file.open("rb") if self.file is not None else io.BytesIO(self.body)


@dataclass(frozen=True, slots=True)
class Loss:
    """Name a part of a notice that could not be read; the notice itself was kept.

    `notice` is empty where the whole payload lacks the field.
    """

    notice: str
    field: str
    problem: str


@dataclass(frozen=True, slots=True)
class Entity:
    """Hold one entity of a full register (an organisation with all its entries) as one dump shows it.

    `fingerprint` changes when anything of the entity's bytes does; `entries` are the ids of its notices, or None where
    the fingerprint was known and nothing was read again.
    """

    id: str
    fingerprint: str
    entries: tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class Parsed:
    """Hold what one payload, or one part of a large one, said.

    `notices` carry distinct ids, in the order of the payload. `losses` are the parts that could not be read;
    `unknown_fields` the columns that this version does not know; `total` how many notices the publisher announced for
    the whole query, None where it says nothing. `revision_hashes` gives by notice id the SHA-256 of the notice's
    meaningful fields: another hash is a new revision, unless the source's `revision_hash_version` changed meanwhile.
    `entities` are those of a full register, in its order.
    """

    notices: tuple[Notice, ...]
    losses: tuple[Loss, ...] = ()
    unknown_fields: frozenset[str] = frozenset()
    total: int | None = None
    revision_hashes: Mapping[str, str] = field(default_factory=dict)
    entities: tuple[Entity, ...] = ()


class Form(StrEnum):
    """In which form a payload comes."""

    JSON = "json"
    CSV = "csv"
    XML = "xml"
    ARCHIVE = "archive"


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """Say in one place which fields an entry of a payload has, so that every source reads and is tested alike.

    `entries` is where they stand: the dotted path of the list in JSON ("" the payload itself), the local name of the
    element in XML and in the files of an archive, the delimiter in CSV. Fields are dotted paths in an entry: `id` names
    it ("" where it may be known by several); `mandatory` ones always stand there (null only where `parse` allows it);
    an `expected` one that a whole payload lacks is told as a loss; `optional` ones come and go; `ignored` ones are
    known and left out.
    """

    form: Form
    entries: str
    id: str
    mandatory: tuple[str, ...] = ()
    expected: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()

    def knows(self, field_name: str) -> bool:
        """Return whether a field of an entry is known, by the first part of its path."""
        known = (self.id, *self.mandatory, *self.expected, *self.optional, *self.ignored)
        return field_name in {path.partition(".")[0] for path in known}


@dataclass(frozen=True, slots=True)
class Told:
    """Hold what a newsroom is told of a source, in one language: what it brings, with which delay, what it lacks.

    `publisher` and `licence` may be left out where those of the docstring read well in this language too.
    """

    about: str
    delay: str
    caveats: str
    publisher: str = ""
    licence: str = ""


@dataclass(frozen=True, slots=True)
class Description:
    """Hold what the docstring of a source says: a summary, and a text for each of `DESCRIPTION_HEADINGS`."""

    summary: str
    publisher: str
    documentation: str
    licence: str
    delay: str
    identity: str
    caveats: str


class Source(ABC):
    """Read one publisher: `fetch` does all the I/O, `parse` is pure and strict.

    A subclass sets the class attributes below and structures its docstring by `DESCRIPTION_HEADINGS`; `french` tells
    French readers what the docstring tells English ones. `label` is the name that people read, `overlap` how far a read
    reaches back before the last success, `baseline` how far the first one does, `usual_delay` how long after its
    publication a notice may come and still be news (None: a comparison of registers finds what is new, whatever its
    date), `quiet_limit` the longest usual silence, `max_bytes` the cap on the decoded bytes of one answer, `zone` the
    publisher's time zone, `language` that of its notices (None where they are mixed).

    `is_family` marks a source of which the configuration names the members, in the array of tables `table`: one
    instance each, `name:member`, whose base URL is the whole address. `is_register` marks one that publishes full
    dumps, to be compared with the last one. `is_series` marks one of which each notice of a procedure says how that
    stands: it is compared with the one before. `may_be_empty` says that an answer without a single notice is usual,
    `by_identifier` that only what watch items name by number is read. `step` is how many days of history one window of
    a backfill holds, None where the publisher has no history to read. `options` are the source's own keys in the
    configuration, with their defaults; `option_forms` gives for some the regular expression that each text must match
    whole, with what that means to people, `single_options` are those that take one text only; `address_form` is such a
    form for the address of a family's members. `secret` is the environment variable of its key, where it has one.
    `pause_on` are the statuses by which the publisher asks for a pause without saying how long, with its length.

    `particulars` are the codes that its notices may carry in `Notice.particulars`, each with a text of the family
    `particular`; a code that stands there several times is a list. `material` are those of which a change is announced
    again, the others come to stand on the card in silence.
    """

    name: str
    label: str
    layout: ClassVar[Layout]
    french: ClassVar[Told]
    default_base_url: ClassVar[str]
    default_every: ClassVar[timedelta]
    default_pace: ClassVar[timedelta]
    overlap: ClassVar[timedelta]
    baseline: ClassVar[timedelta]
    usual_delay: ClassVar[timedelta | None] = timedelta(days=7)
    quiet_limit: ClassVar[timedelta]
    max_bytes: ClassVar[int] = 20_000_000
    language: ClassVar[str | None]
    zone: ClassVar[str]
    revision_hash_version: ClassVar[int] = 1
    is_family: ClassVar[bool] = False
    table: ClassVar[str | None] = None
    is_register: ClassVar[bool] = False
    is_series: ClassVar[bool] = False
    may_be_empty: ClassVar[bool] = False
    by_identifier: ClassVar[bool] = False
    step: int | None = 7
    options: ClassVar[Mapping[str, tuple[str, ...]]] = NOTHING
    option_forms: ClassVar[Mapping[str, tuple[str, Expected]]] = MappingProxyType({})
    single_options: ClassVar[frozenset[str]] = frozenset()
    address_form: ClassVar[tuple[str, Expected] | None] = None
    secret: ClassVar[str | None] = None
    pause_on: ClassVar[Mapping[int, timedelta]] = MappingProxyType({})
    particulars: ClassVar[frozenset[str]] = frozenset()
    material: ClassVar[frozenset[str]] = frozenset()

    def __init__(
        self,
        base_url: str | None = None,
        *,
        member: str | None = None,
        options: Mapping[str, Any] = NOTHING,
        secret: str | None = None,
    ) -> None:
        """Make a source; `member` names one of a family, `options` are the source's own keys of the configuration."""
        self.base_url = (base_url or self.default_base_url).rstrip("/")
        if member is not None:
            self.name = f"{type(self).name}:{member}"
            self.label = member
        self.chosen: Mapping[str, Any] = {**type(self).options, **options}
        self._secret = secret

    def window(self, last_ok: datetime | None, now: datetime) -> Window:
        """Choose the dates that a poll reads: an overlap with the last success, open at the upper end.

        `last_ok` and `now` are aware; `last_ok` None means that no read ever succeeded, which gives the baseline.
        """
        since = now - self.baseline if last_ok is None else last_ok - self.overlap
        return Window(since.astimezone(ZoneInfo(self.zone)).date())

    @abstractmethod
    def fetch(self, asked: Asked, client: PoliteClient) -> AsyncIterator[Payload]:
        """Yield the payloads of what is asked in order, each one that `parse` reads.

        Raises SourceError where an answer cannot be had or is not what was announced; what was yielded before is then
        not the whole window and must not be used.
        """

    async def probe(self, asked: Asked, client: PoliteClient) -> int:
        """Return how many notices the first answer to what is asked tells of, to see that the source can be read.

        Raises SourceError as `fetch` and `parse` do. A register, too large to be read for that, only says that it is
        there: 0.
        """
        payloads = self.fetch(asked, client)
        payload = await anext(payloads, None)
        if payload is None or payload.is_unchanged:
            return 0
        parsed = await asyncio.to_thread(self._parse_whole, payload)
        return parsed.total if parsed.total is not None else len(parsed.notices)

    def _parse_whole(self, payload: Payload) -> Parsed:
        with payload.opened() as stream:
            return self.parse(stream.read())

    @abstractmethod
    def parse(self, payload: bytes, *, lenient: bool = False) -> Parsed:
        """Read one payload; the same bytes always give the same notices.

        Raises SourceError, naming the field and the entry, where a mandatory field is missing or of another type, or
        where a code is unknown. `lenient` turns what is missing in an entry into losses; an entry always needs its id.
        May take longer than the event loop can wait: call it in a thread.
        """

    def parse_stream(
        self, stream: BinaryIO, *, known: Mapping[str, str] = NOTHING, lenient: bool = False
    ) -> Iterator[Parsed]:
        """Read one payload part by part with bounded memory; raises SourceError as `parse` does, at any part.

        `known` holds the fingerprints of a register's entities as they were last stored: an entity of which nothing
        changed need not be read again. A payload is whole only once the iterator ends.
        """
        del known
        yield self.parse(stream.read(), lenient=lenient)

    def removed(self, notice: Notice) -> Notice | None:
        """Return the revision of a register's notice that two dumps in a row no longer hold; None where none is made.

        `notice` is its latest stored revision.
        """
        del notice
        return None


def describe(source: type[Source]) -> Description:
    """Return what the docstring of a source says, for `/source show` and the documentation.

    Raises LookupError naming the heading that is missing or empty.
    """
    lines = inspect.cleandoc(source.__doc__ or "").splitlines()
    texts: dict[str, str] = {"": ""}
    heading = ""
    for line in lines:
        before, colon, after = line.partition(":")
        if colon and before in DESCRIPTION_HEADINGS:
            heading, line = before, after  # noqa: PLW2901  # the rest of the line belongs to the heading
        texts[heading] = f"{texts.get(heading, '')} {line.strip()}".strip()
    for wanted in DESCRIPTION_HEADINGS:
        if not texts.get(wanted):
            raise LookupError(f"the docstring of the source {source.__name__} says nothing under {wanted!r}")
    return Description(texts[""], *(texts[wanted] for wanted in DESCRIPTION_HEADINGS))


def told(source: type[Source], *, french: bool) -> Told:
    """Return what a newsroom is told of a source: its docstring, or the same in French; LookupError as `describe`."""
    said = describe(source)
    if french:
        one = source.french
        return replace(one, publisher=one.publisher or said.publisher, licence=one.licence or said.licence)
    about = said.summary.removeprefix("Read ")
    return Told(about[:1].upper() + about[1:], said.delay, said.caveats, said.publisher, said.licence)
