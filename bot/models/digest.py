"""A scheduled announcement, when it falls due, and what happened since the last one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum

from bot.models.audit import AuditHead
from bot.models.fact import FactChange, FactChangeKind, FactStatus
from bot.models.notice import NoticeKind
from bot.models.tip import TipStatus
from bot.models.watching import Held, ItemKind, Tier


class Every(StrEnum):
    """On which days a digest is made, in its newsroom's zone."""

    DAILY = "daily"
    WEEKDAYS = "weekdays"
    MONDAY = "monday"
    TUESDAY = "tuesday"
    WEDNESDAY = "wednesday"
    THURSDAY = "thursday"
    FRIDAY = "friday"
    SATURDAY = "saturday"
    SUNDAY = "sunday"


class QuietDays(StrEnum):
    """What a digest does when there is nothing to tell: says so in one line, or stays silent."""

    SAY = "say"
    SILENT = "silent"


@dataclass(frozen=True, slots=True)
class Watermark:
    """Hold how far a digest has told: our ids of the newest hit, change of a fact and notice there then were."""

    hit: int
    fact_change: int
    notice: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    """Hold a digest of a channel, or of a dossier in a channel, `at` a time of the newsroom's zone.

    `first_hit` is our id of the newest hit when it was scheduled, `seen` what it told last, at `told_at`.
    """

    id: int
    guild_id: int
    channel_id: int
    dossier_id: int | None
    every: Every
    at: time
    added_by: int
    added_at: datetime
    removed_at: datetime | None
    first_hit: int
    seen: Watermark
    told_at: datetime | None


@dataclass(frozen=True, slots=True)
class Slot:
    """Name one time at which a digest falls due: the day in the newsroom's zone, and the moment."""

    local_date: date
    due_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestHit:
    """Hold a notice that hit an item since the last digest, as its newest revision that did says it.

    `rows` are our ids of the hits that this tells, of several revisions where it changed meanwhile. `held` is None
    once it was announced, at `message_url` where Discord has that message. `is_change` tells a notice that was there
    before and changed. `taken_by` has the notice, or another one of its series, for the item. `names_suppliers` tells
    a change of a contract from a corrigendum.
    """

    rows: tuple[int, ...]
    item_id: int
    item: str
    item_kind: ItemKind
    item_ref: str | None
    notice_id: int
    source: str
    source_id: str
    kind: NoticeKind | None
    title: str
    buyer: str | None
    url: str | None
    published: date | datetime | None
    tier: Tier
    rule: str
    matched: str
    held: Held | None
    is_change: bool
    message_url: str | None
    taken_by: int | None = None
    names_suppliers: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestDeadline:
    """Hold a notice whose deadline is near, with the names of the items that it hit, and our ids of them."""

    notice_id: int
    source: str
    source_id: str
    title: str
    buyer: str | None
    url: str | None
    deadline: date | datetime
    items: tuple[str, ...]
    item_ids: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestFact:
    """Hold a fact with which something was done since the last digest: `changes`, numbered above `after` to `upto`.

    `claim` is None where it may no longer be shown. `message_url` leads to the message that shows it.
    """

    fact_id: int
    claim: str | None
    status: FactStatus
    after: int
    upto: int
    changes: tuple[FactChange, ...]
    message_url: str | None

    @property
    def is_withdrawn(self) -> bool:
        """Return whether nothing of it is to be printed any more."""
        return self.claim is not None and self.status is FactStatus.RETRACTED

    @property
    def is_corrected(self) -> bool:
        """Return whether what it said before is not to be printed any more."""
        return any(change.kind is FactChangeKind.CORRECTED for change in self.changes)


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestTip:
    """Hold a tip that nobody owns; `text` is None where it may no longer be shown."""

    tip_id: int
    text: str | None
    status: TipStatus
    logged_at: datetime
    message_url: str | None


class SourceTrouble(StrEnum):
    """Why a source is not to be trusted to have told everything.

    It never answered, fails, brings nothing new, or loses far more than usual.
    """

    WAITING = "waiting"
    FAILING = "failing"
    SILENT = "silent"
    DEGRADED = "degraded"


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceNews:
    """Hold when a source was read last, how many notices never seen it brought since the last digest, and its trouble.

    `since` is when the trouble began: of a failing source its last answer, of a silent one its last new notice, of a
    degraded one the first poll that lost too much.
    """

    source: str
    read_at: datetime | None
    notices: int
    trouble: SourceTrouble | None = None
    since: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestCounts:
    """Count what all parts of a digest tell together."""

    hits: int
    deadlines: int
    facts: int
    tips: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestNews:
    """Hold what a digest tells, as of `made_at`, or the part of it that one of its messages shows.

    `since` is when the last one was made, None for the first. `dossier` is the name of the dossier that it is of.
    `hits` are in the order in which they are told: by item, strongest first; `sources` are told by the last part.
    `tips_left` counts the tips without an owner that are not listed; with `audit_head` the last part names the last
    entry of the audit log. Of several parts the first has `counts`, and
    `is_continued` tells that what a part begins with began in the part before.
    """

    made_at: datetime
    since: datetime | None = None
    dossier: str | None = None
    hits: tuple[DigestHit, ...] = ()
    deadlines: tuple[DigestDeadline, ...] = ()
    facts: tuple[DigestFact, ...] = ()
    tips: tuple[DigestTip, ...] = ()
    tips_left: int = 0
    sources: tuple[SourceNews, ...] = ()
    audit_head: AuditHead | None = None
    part: int = 1
    parts: int = 1
    counts: DigestCounts | None = None
    is_continued: bool = False

    @property
    def is_empty(self) -> bool:
        """Return whether there is nothing to tell but how the sources are."""
        return not (self.hits or self.deadlines or self.facts or self.tips)
