"""What the tests of the search start from: things of the log with their words, and notices that are indexed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from bot.access import Viewer
from bot.indexing import Indexer
from bot.models import Citation, CitationKind, Claim, Notice, TipWords
from bot.search import FoundFact, FoundNotice, FoundTip, Question, Results, read_query, search
from bot.storage.database import Database
from bot.storage.log import facts, tips
from tests.factories import GUILD, START, add_notice

PARIS = ZoneInfo("Europe/Paris")
AUTHOR, OWNER, EDITOR, OTHER = 7, 8, 9, 10
THERE = 3001
"""Another newsroom."""


def eyes_of(user_id: int = OTHER, guild_id: int = GUILD, *, sees_all: bool = False) -> Viewer:
    """Return through whose eyes is searched; by default those of a reporter who logged nothing."""
    return Viewer(guild_id=guild_id, user_id=user_id, sees_all=sees_all)


async def log_tip(  # noqa: PLR0913  # the parts of a tip
    database: Database,
    text: str,
    *,
    guild_id: int = GUILD,
    by: int = AUTHOR,
    owner: int | None = None,
    origin: str | None = None,
    notes: Sequence[str] = (),
    is_sensitive: bool = False,
    now: datetime = START,
) -> int:
    """Log a tip and return its id."""
    async with database.tx("test.tip") as connection:
        words = TipWords(text=text, origin=origin, is_sensitive=is_sensitive)
        tip = await tips.add(connection, guild_id, words, by, now)
        for note in notes:
            tip = await tips.note(connection, tip, note, by, now)
        if owner is not None:
            tip = await tips.assign(connection, tip, owner, by, now)
        return tip.id


async def log_fact(
    database: Database,
    claim: str,
    *,
    guild_id: int = GUILD,
    source: str = "Journal officiel",
    quote: str | None = None,
    now: datetime = START,
) -> int:
    """Log a fact with one citation and return its id."""
    async with database.tx("test.fact") as connection:
        cited = Citation(kind=CitationKind.WORDS, title=source, quote=quote)
        return (await facts.add(connection, guild_id, Claim(text=claim), [cited], AUTHOR, now)).id


async def publish(database: Database, *notices: Notice, now: datetime = START) -> list[int]:
    """Store notices, index them, and return our ids of them."""
    async with database.tx("test.notices") as connection:
        rows = [await add_notice(connection, notice, now) for notice in notices]
    await Indexer(database).catch_up()
    return rows


async def find(
    database: Database,
    query: str,
    viewer: Viewer | None = None,
    *,
    page: int = 0,
    **asked: Any,
) -> Results:
    """Search on the day of `START`; `asked` are the fields of the question."""
    question = Question(query=read_query(query), **{"zone": PARIS, **asked})
    return await search(database, viewer or eyes_of(), question, page, START)


def ids(results: Results) -> list[str | int]:
    """Return what the sources, or we, call the finds of a page."""
    named: list[str | int] = []
    for found in results.finds:
        match found:
            case FoundNotice():
                named.append(found.notice.id)
            case FoundFact():
                named.append(found.fact.id)
            case FoundTip():
                named.append(found.tip.id)
    return named
