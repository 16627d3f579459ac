"""Newsrooms, people and readers of dates that the tests of tips, facts and dossiers start from."""

from __future__ import annotations

import functools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from bot.access import Viewer
from bot.dates import Prefers, read_date
from bot.entering import DateReader
from bot.facts import changes
from bot.facts.citing import read_citation
from bot.facts.entry import TypedFact, read_fact, with_origin
from bot.locales import Language
from bot.models import Announcement, Fact, Newsroom, ThingKind, Tip, TipWords
from bot.storage import newsrooms
from bot.storage.database import Database
from bot.storage.outbox import shown
from bot.tips import changes as tip_changes
from tests.empty_database import place_empty_database
from tests.factories import FLOOR, GUILD, START, SettableClock

THERE = 3001
LOG, DOSSIER_CHANNEL = 2003, 2004
PARIS = ZoneInfo("Europe/Paris")

REPORTER = Viewer(guild_id=GUILD, user_id=7, sees_all=False)
COLLEAGUE = Viewer(guild_id=GUILD, user_id=8, sees_all=False)
EDITOR = Viewer(guild_id=GUILD, user_id=9, sees_all=True)
ELSEWHERE = Viewer(guild_id=THERE, user_id=9, sees_all=True)

DATES: DateReader = functools.partial(read_date, language=Language.FR, zone=PARIS, now=START, prefers=Prefers.PAST)


@asynccontextmanager
async def log_database(folder: Path, *, log: int | None = LOG) -> AsyncIterator[Database]:
    """Hold a database with two newsrooms, the first with a log channel where one is given."""
    database = await Database.open(place_empty_database(folder / "vigie.sqlite3"), SettableClock())
    try:
        async with database.tx("test.newsrooms") as connection:
            for guild_id in (GUILD, THERE):
                channel = log if guild_id == GUILD else None
                newsroom = Newsroom(guild_id=guild_id, language="fr", timezone="Europe/Paris", log_channel=channel)
                await newsrooms.save(connection, newsroom)
                for used in (LOG, DOSSIER_CHANNEL):
                    await newsrooms.use_channel(connection, guild_id, used, FLOOR)
        yield database
    finally:
        await database.close()


async def log_tip(database: Database, viewer: Viewer = REPORTER, text: str = "Un dîner", **words: object) -> Tip:
    """Log a tip and return it."""
    changed = await tip_changes.add(database, viewer, TipWords(text=text, **words), START)  # type: ignore[arg-type]
    return changed.tip


async def log_fact(
    database: Database,
    viewer: Viewer = REPORTER,
    claim: str = "Axon a rencontré le cabinet.",
    source: str = "https://agenda.example/mai",
    minutes: int = 0,
    **typed: str,
) -> Fact:
    """Log a fact and return it."""
    now = START + timedelta(minutes=minutes)
    entry = read_fact(TypedFact(claim=claim, source=source, **typed), DATES, guild_id=viewer.guild_id, now=now)
    return (await changes.add(database, viewer, entry, now)).fact


async def cite(database: Database, fact: Fact, source: str = "Le registre du cabinet", **typed: str) -> Fact:
    """Add a source to a fact, of another origin than the first where nothing else is said, and return the fact."""
    cited = read_citation(source, typed.get("quote", ""), guild_id=fact.guild_id, now=START)
    cited = with_origin(cited, typed.get("origin", ""))
    return (await changes.cite(database, COLLEAGUE, fact.id, [cited], START)).fact


async def sourced_fact(database: Database, **typed: str) -> Fact:
    """Log a fact on two sources of different origin, and return it."""
    return await cite(database, await log_fact(database, **typed))


async def cards_of(database: Database, thing: Tip | Fact) -> list[Announcement]:
    """Return the announcements that show a thing."""
    kind = ThingKind.TIP if isinstance(thing, Tip) else ThingKind.FACT
    async with database.read() as connection:
        return await shown.of_thing(connection, thing.guild_id, kind, thing.id)
