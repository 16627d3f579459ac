"""A claim with its citations, in versions that nothing overwrites."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class FactStatus(StrEnum):
    """What the newsroom says of a fact; a correction makes a verified one `logged` again."""

    LOGGED = "logged"
    VERIFIED = "verified"
    DISPUTED = "disputed"
    RETRACTED = "retracted"


class FactChangeKind(StrEnum):
    """What a person did with a fact."""

    LOGGED = "logged"
    CITED = "cited"
    CORRECTED = "corrected"
    VERIFIED = "verified"
    DISPUTED = "disputed"
    RETRACTED = "retracted"
    EMBARGOED = "embargoed"
    RELEASED = "released"


class CitationKind(StrEnum):
    """What a citation refers to: a link, a message of the guild, a stored notice, a file, or something in words."""

    LINK = "link"
    MESSAGE = "message"
    NOTICE = "notice"
    FILE = "file"
    WORDS = "words"


@dataclass(frozen=True, slots=True, kw_only=True)
class Citation:
    """Hold what a fact rests on; `url` or `title` says what, `quote` the words that matter.

    `origin` says whose words they are and when as far as Vigie knows (a file's size and checksum), `said_origin` whose
    they are as a person said it, `retrieved_at` when the person had it before them. `notice_id` is our row of the
    notice, `party` who bought or declared what it publishes, else its publisher. `n` numbers the citations of a fact
    from 1; a correction replaces one under the same number.
    """

    kind: CitationKind
    url: str | None = None
    title: str | None = None
    origin: str | None = None
    said_origin: str | None = None
    party: str | None = None
    quote: str | None = None
    retrieved_at: datetime | None = None
    notice_id: int | None = None
    n: int = 0
    added_by: int = 0
    added_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Origin:
    """Hold whose words a citation is: two of one `key` are one origin; messages of nobody known have no `name`."""

    key: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """Hold what can be corrected of a fact: the claim, and the date of what it tells.

    `event_date` is a date as `bot.dates.stored` reads it, `event_date_typed` the words.
    """

    text: str
    event_date: str | None = None
    event_date_typed: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """Hold a fact as it now stands.

    `revision` counts its versions, `changes` everything that was done with it. `verified_by` and `verified_at` are of
    this version. `tip_id` is the tip that it was promoted from. `corrected_by` made this version, for `reason`, where
    it is not the first. Until `embargo_until` it is seen by its author and editors only.
    """

    id: int
    guild_id: int
    revision: int
    changes: int
    claim: Claim
    status: FactStatus
    logged_by: int
    logged_at: datetime
    verified_by: int | None
    verified_at: datetime | None
    tip_id: int | None
    corrected_by: int | None
    corrected_at: datetime | None
    reason: str | None
    embargo_until: datetime | None = None

    @property
    def is_hidden(self) -> bool:
        """Return whether others than its author and editors may not know of it."""
        return self.embargo_until is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class FactVersion:
    """Hold one version of a fact: its words, its citations then, by whom, when, and from the second on why.

    `status`, `verified_by` and `verified_at` are as they were when the next version took its place.
    """

    revision: int
    claim: Claim
    status: FactStatus
    verified_by: int | None
    verified_at: datetime | None
    reason: str | None
    made_by: int
    made_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class FactChange:
    """Hold one thing that was done with a fact; `number` is what the fact's `changes` was then.

    `made_by` is `VIGIE_ITSELF` where an embargo ended by itself.
    """

    number: int
    kind: FactChangeKind
    text: str | None
    made_by: int
    made_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class FactFilter:
    """Hold which facts are asked for, None for any: logged from `since` on and before `until`."""

    status: FactStatus | None = None
    item_id: int | None = None
    dossier_id: int | None = None
    since: datetime | None = None
    until: datetime | None = None
