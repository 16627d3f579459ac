"""What every source offers: its name and habits, the window it reads, the I/O and the reading of what came."""

from __future__ import annotations

import inspect
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import ClassVar
from zoneinfo import ZoneInfo

from bot.models import Notice
from bot.sources._http import PoliteClient

DESCRIPTION_HEADINGS = ("Publisher", "Documentation", "Licence", "Identity", "Caveats")
"""The headings that the docstring of every source fills, in their order."""


@dataclass(frozen=True, slots=True)
class Window:
    """Hold the publication dates that a read covers, in the publisher's zone: start included, end excluded.

    `until` None leaves the window open at its upper end.
    """

    since: date
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Loss:
    """Name a part of a notice that could not be read; the notice itself was kept.

    `notice` is empty where the whole payload lacks the field.
    """

    notice: str
    field: str
    problem: str


@dataclass(frozen=True, slots=True)
class Parsed:
    """Hold what one payload said.

    `notices` carry distinct ids, in the order of the payload. `losses` are the parts that could not be read;
    `unknown_fields` the columns that this version does not know; `total` how many notices the publisher announced for
    the whole query, None where it says nothing. `revision_hashes` gives by notice id the SHA-256 of the notice's
    meaningful fields: another hash is a new revision, unless the source's `revision_hash_version` changed meanwhile.
    """

    notices: tuple[Notice, ...]
    losses: tuple[Loss, ...] = ()
    unknown_fields: frozenset[str] = frozenset()
    total: int | None = None
    revision_hashes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Description:
    """Hold what the docstring of a source says: a summary, and a text for each of `DESCRIPTION_HEADINGS`."""

    summary: str
    publisher: str
    documentation: str
    licence: str
    identity: str
    caveats: str


class Source(ABC):
    """Read one publisher: `fetch` does all the I/O, `parse` is pure and strict.

    A subclass sets the class attributes below and structures its docstring by `DESCRIPTION_HEADINGS`; the texts
    `source-about-<name>` and `source-caveats-<name>` tell people the same in their language. `label` is the name that
    people read, `overlap` how far a read reaches back before the last success, `baseline` how far the first one does,
    `quiet_limit` the longest usual silence, `max_bytes` the cap on the decoded bytes of one answer, `zone` the
    publisher's time zone.
    """

    name: ClassVar[str]
    label: ClassVar[str]
    default_base_url: ClassVar[str]
    default_every: ClassVar[timedelta]
    default_pace: ClassVar[timedelta]
    overlap: ClassVar[timedelta]
    baseline: ClassVar[timedelta]
    quiet_limit: ClassVar[timedelta]
    max_bytes: ClassVar[int] = 20_000_000
    language: ClassVar[str]
    zone: ClassVar[str]
    revision_hash_version: ClassVar[int] = 1

    def __init__(self, base_url: str | None = None) -> None:
        self.base_url = (base_url or self.default_base_url).rstrip("/")

    def window(self, last_ok: datetime | None, now: datetime) -> Window:
        """Choose the dates that a poll reads: an overlap with the last success, open at the upper end.

        `last_ok` and `now` are aware; `last_ok` None means that no read ever succeeded, which gives the baseline.
        """
        since = now - self.baseline if last_ok is None else last_ok - self.overlap
        return Window(since.astimezone(ZoneInfo(self.zone)).date())

    @abstractmethod
    def fetch(self, window: Window, client: PoliteClient) -> AsyncIterator[bytes]:
        """Yield the payloads of a window in order, each one that `parse` reads.

        Raises SourceError where an answer cannot be had or is not what was announced; what was yielded before is then
        not the whole window and must not be used.
        """

    @abstractmethod
    def parse(self, payload: bytes, *, lenient: bool = False) -> Parsed:
        """Read one payload; the same bytes always give the same notices.

        Raises SourceError, naming the field and the entry, where a mandatory field is missing or of another type, or
        where a code is unknown. `lenient` turns what is missing in an entry into losses; an entry always needs its id.
        May take longer than the event loop can wait: call it in a thread.
        """


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
