"""What a search finds: notices, facts and tips that a person may know of, newest and best first, page by page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

from bot.access import Viewer
from bot.models import (
    AnnouncementKind,
    AnnouncementState,
    Citation,
    Fact,
    Notice,
    ThingKind,
    Tip,
    TipChangeKind,
)
from bot.search.query import Query
from bot.storage.archive import full_text, notices
from bot.storage.archive.full_text import Ranked, Ranking, Wanted
from bot.storage.database import Connection, Database
from bot.storage.log import citations, facts, tips
from bot.storage.outbox import shown

FINDS_A_PAGE: Final = 6
MOST_PAGES: Final = 100
"""How many pages can be turned; who finds more has to ask more closely."""


class FindKind(StrEnum):
    """What can be found, in the order in which equally good finds are shown."""

    FACT = "fact"
    TIP = "tip"
    NOTICE = "notice"


class Scope(StrEnum):
    """In what is searched."""

    ALL = "all"
    NOTICES = "notices"
    FACTS = "facts"
    TIPS = "tips"


_KINDS: Final = {
    Scope.ALL: tuple(FindKind),
    Scope.NOTICES: (FindKind.NOTICE,),
    Scope.FACTS: (FindKind.FACT,),
    Scope.TIPS: (FindKind.TIP,),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Hold a search: what for, in what, and between which days, both included, in the newsroom's zone."""

    query: Query
    zone: ZoneInfo
    scope: Scope = Scope.ALL
    first_day: date | None = None
    last_day: date | None = None

    def wanted(self, now: datetime) -> Wanted:
        """Return it as the database is asked."""
        midnight = datetime.min.time()
        return Wanted(
            terms=self.query.terms,
            today=now.astimezone(self.zone).date(),
            since=datetime.combine(self.first_day, midnight, self.zone) if self.first_day else None,
            until=datetime.combine(self.last_day + timedelta(days=1), midnight, self.zone) if self.last_day else None,
        )


@dataclass(frozen=True, slots=True)
class FoundNotice:
    """Hold a notice that was found, in its latest revision, and our row of it."""

    notice: Notice
    row: int = 0


@dataclass(frozen=True, slots=True)
class FoundFact:
    """Hold a fact that was found, what it cites, and where its card was posted, if it was."""

    fact: Fact
    citations: Sequence[Citation]
    message_url: str | None


@dataclass(frozen=True, slots=True)
class FoundTip:
    """Hold a tip that was found, its notes, and where its card was posted, if it was."""

    tip: Tip
    notes: Sequence[str]
    message_url: str | None


Find = FoundNotice | FoundFact | FoundTip


@dataclass(frozen=True, slots=True, kw_only=True)
class Results:
    """Hold one page of what was found.

    `counts` are those of all pages, for each kind that was searched. `page` counts from 0, `pages` is at least 1.
    `unindexed` is how many stored notices cannot be found yet, 0 where notices were not searched.
    """

    asked: Question
    counts: Mapping[FindKind, int]
    finds: Sequence[Find] = field(repr=False)
    page: int
    pages: int
    unindexed: int = 0

    @property
    def total(self) -> int:
        """Return how many there are on all pages."""
        return sum(self.counts.values())

    @property
    def is_too_much(self) -> bool:
        """Return whether there is more than the pages show."""
        return self.total > MOST_PAGES * FINDS_A_PAGE


async def search(database: Database, viewer: Viewer, asked: Question, page: int, now: datetime) -> Results:
    """Return a page of what was found of what somebody may know of, the last page where there are fewer.

    Finds of different kinds are compared by how good they are among their own (`bot.storage.archive.full_text`).
    """
    page = min(page, MOST_PAGES - 1)
    wanted = asked.wanted(now)
    limit = (page + 1) * FINDS_A_PAGE
    async with database.read() as connection:
        rankings = {kind: await _rank(connection, viewer, kind, wanted, limit) for kind in _KINDS[asked.scope]}
        counts = {kind: ranking.total for kind, ranking in rankings.items()}
        pages = min(max(-(-sum(counts.values()) // FINDS_A_PAGE), 1), MOST_PAGES)
        page = min(page, pages - 1)
        chosen = _merged(rankings)[page * FINDS_A_PAGE : (page + 1) * FINDS_A_PAGE]
        finds = [find for kind, row in chosen if (find := await _find(connection, viewer, kind, row)) is not None]
        unindexed = await full_text.count_unindexed(connection) if FindKind.NOTICE in counts else 0
    return Results(asked=asked, counts=counts, finds=finds, page=page, pages=pages, unindexed=unindexed)


async def _rank(connection: Connection, viewer: Viewer, kind: FindKind, wanted: Wanted, limit: int) -> Ranking:
    match kind:
        case FindKind.NOTICE:
            return await full_text.notices_with(connection, wanted, limit)
        case FindKind.FACT:
            return await full_text.facts_with(connection, viewer, wanted, limit)
        case FindKind.TIP:
            return await full_text.tips_with(connection, viewer, wanted, limit)


def _merged(rankings: Mapping[FindKind, Ranking]) -> list[tuple[FindKind, int]]:
    """Return the best of all kinds, best first; equally good ones in the order of kinds, then newest first."""
    order = list(FindKind)
    every: list[tuple[FindKind, Ranked]] = [
        (kind, ranked) for kind, ranking in rankings.items() for ranked in ranking.best
    ]
    every.sort(key=lambda entry: (-entry[1].score, order.index(entry[0]), -entry[1].id))
    return [(kind, ranked.id) for kind, ranked in every]


async def _find(connection: Connection, viewer: Viewer, kind: FindKind, row: int) -> Find | None:
    match kind:
        case FindKind.NOTICE:
            notice = (await notices.latest(connection, [row])).get(row)
            return FoundNotice(notice, row) if notice is not None else None
        case FindKind.FACT:
            fact = await facts.find(connection, viewer, row)
            if fact is None:
                return None
            cited = await citations.standing(connection, viewer.guild_id, row)
            url = await _message_url(connection, viewer.guild_id, ThingKind.FACT, row)
            return FoundFact(fact, cited, None if fact.is_hidden else url)
        case FindKind.TIP:
            tip = await tips.find(connection, viewer, row)
            if tip is None:
                return None
            changes = await tips.changes(connection, viewer.guild_id, row)
            notes = [change.text for change in changes if change.kind is TipChangeKind.NOTED and change.text]
            url = await _message_url(connection, viewer.guild_id, ThingKind.TIP, row)
            return FoundTip(tip, notes, None if tip.is_hidden else url)


async def _message_url(connection: Connection, guild_id: int, kind: ThingKind, row: int) -> str | None:
    """Return the address of the latest message that shows a thing."""
    for announcement in reversed(await shown.of_thing(connection, guild_id, kind, row)):
        is_card = announcement.kind is not AnnouncementKind.CORRECTION
        if is_card and announcement.state is AnnouncementState.SENT and announcement.url is not None:
            return announcement.url
    return None
