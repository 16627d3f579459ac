"""What each query shows of sensitive tips, and of tips and facts under embargo, is what the table of access says."""

from __future__ import annotations

import sqlite3
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime, timedelta

import pytest

from bot.access import Viewer, sees
from bot.matching import spellings
from bot.models import Citation, CitationKind, Claim, Fact, FactFilter, ThingKind, Tip, TipFilter, TipWords
from bot.storage.archive import full_text
from bot.storage.archive.full_text import Wanted
from bot.storage.custody import exporting
from bot.storage.custody.exporting import Stretch
from bot.storage.database import Connection, Database
from bot.storage.log import dossiers, embargoes, facts, tips
from tests.factories import GUILD, START, add_newsroom

THERE = 3001
AUTHOR, OWNER, OTHER = 7, 8, 9
LATER = START + timedelta(days=1)
WORD = "virement"

VIEWERS = {
    f"{name}{' who sees all' if sees_all else ''} {place}": Viewer(guild_id=guild_id, user_id=user, sees_all=sees_all)
    for name, user in (("author", AUTHOR), ("owner", OWNER), ("other", OTHER))
    for sees_all in (False, True)
    for place, guild_id in (("here", GUILD), ("there", THERE))
}
WANTED = Wanted(terms=[spellings(WORD)], today=datetime(2026, 11, 16, tzinfo=UTC).date())

Query = Callable[[Connection, Viewer], Awaitable[set[int]]]


@pytest.fixture
async def logged(database: Database) -> list[Tip | Fact]:
    """Store tips and facts of two newsrooms, sensitive or not, under embargo or not, assigned or not, in a dossier."""
    stored: list[Tip | Fact] = []
    for guild_id in (GUILD, THERE):
        await add_newsroom(database, guild_id, channel=guild_id + 1, operations=None)
    async with database.tx("test.things") as connection:
        for guild_id in (GUILD, THERE):
            dossier = await dossiers.add(connection, guild_id, "Ville", "ville", None, AUTHOR, START)
            for until in (None, LATER):
                for is_sensitive in (False, True):
                    for owner in (None, OWNER):
                        words = TipWords(text=f"Un {WORD}", is_sensitive=is_sensitive)
                        tip = await tips.add(connection, guild_id, words, AUTHOR, START)
                        if owner is not None:
                            tip = await tips.assign(connection, tip, owner, AUTHOR, START)
                        stored.append(
                            await embargoes.put_until(connection, tip, until, AUTHOR, START) if until else tip
                        )
                cited = [Citation(kind=CitationKind.WORDS, title="le registre")]
                fact = await facts.add(connection, guild_id, Claim(text=f"Un {WORD}"), cited, AUTHOR, START)
                fact = await facts.correct(connection, fact, Claim(text=f"Le {WORD}"), [], "précisé", AUTHOR, START)
                stored.append(await embargoes.put_until(connection, fact, until, AUTHOR, START) if until else fact)
            for thing in stored:
                if thing.guild_id == guild_id:
                    kind = embargoes.kind_of(thing)
                    await dossiers.put(connection, guild_id, dossier.id, kind, thing.id, AUTHOR, START)
    return stored


async def found_tips(connection: Connection, viewer: Viewer) -> set[int]:
    return {one for one in range(1, 40) if await tips.find(connection, viewer, one) is not None}


async def found_facts(connection: Connection, viewer: Viewer) -> set[int]:
    return {one for one in range(1, 40) if await facts.find(connection, viewer, one) is not None}


async def listed_tips(connection: Connection, viewer: Viewer) -> set[int]:
    listed = {tip.id for tip in await tips.listed(connection, viewer, TipFilter())}
    assert await tips.count(connection, viewer, TipFilter()) == len(listed)
    return listed


async def listed_facts(connection: Connection, viewer: Viewer) -> set[int]:
    listed = {fact.id for fact in await facts.listed(connection, viewer, FactFilter())}
    assert await facts.count(connection, viewer, FactFilter()) == len(listed)
    return listed


async def searched_tips(connection: Connection, viewer: Viewer) -> set[int]:
    ranking = await full_text.tips_with(connection, viewer, WANTED, 50)
    assert ranking.total == len(ranking.best)
    return {one.id for one in ranking.best}


async def searched_facts(connection: Connection, viewer: Viewer) -> set[int]:
    ranking = await full_text.facts_with(connection, viewer, WANTED, 50)
    assert ranking.total == len(ranking.best)
    return {one.id for one in ranking.best}


async def named_tips(connection: Connection, viewer: Viewer) -> set[int]:
    by_words, newest = [set(await full_text.tips_named(connection, viewer, typed, 50)) for typed in ("vir", "")]
    assert by_words == newest
    return newest


async def named_facts(connection: Connection, viewer: Viewer) -> set[int]:
    by_words, newest = [set(await full_text.facts_named(connection, viewer, typed, 50)) for typed in ("vir", "")]
    assert by_words == newest
    return newest


QUERIES: Mapping[str, tuple[ThingKind, Query]] = {
    "tips found": (ThingKind.TIP, found_tips),
    "tips listed": (ThingKind.TIP, listed_tips),
    "tips searched": (ThingKind.TIP, searched_tips),
    "tips named": (ThingKind.TIP, named_tips),
    "facts found": (ThingKind.FACT, found_facts),
    "facts listed": (ThingKind.FACT, listed_facts),
    "facts searched": (ThingKind.FACT, searched_facts),
    "facts named": (ThingKind.FACT, named_facts),
}


def seen(logged: list[Tip | Fact], kind: ThingKind, viewer: Viewer) -> set[int]:
    return {thing.id for thing in logged if embargoes.kind_of(thing) is kind and sees(viewer, thing)}


async def test_every_query_shows_to_each_what_they_may_know_of(database: Database, logged: list[Tip | Fact]) -> None:
    async with database.read() as connection:
        for name, (kind, query) in QUERIES.items():
            shown = {who: await query(connection, viewer) for who, viewer in VIEWERS.items()}
            assert shown == {who: seen(logged, kind, viewer) for who, viewer in VIEWERS.items()}, name


async def test_dossiers_count_to_each_what_they_may_know_of(database: Database, logged: list[Tip | Fact]) -> None:
    async with database.read() as connection:
        for who, viewer in VIEWERS.items():
            [numbers] = (await dossiers.numbers(connection, viewer)).values()
            told = (len(seen(logged, ThingKind.TIP, viewer)), len(seen(logged, ThingKind.FACT, viewer)))
            assert (numbers.tip, numbers.fact) == told, who


async def test_exports_hold_for_each_what_they_may_know_of(database: Database, logged: list[Tip | Fact]) -> None:
    stretch = Stretch(1, 100)
    with exporting.reading(database.path) as connection:
        for who, viewer in VIEWERS.items():
            assert of_tips(connection, viewer, stretch) == [seen(logged, ThingKind.TIP, viewer)] * 2, who
            assert of_facts(connection, viewer, stretch) == [seen(logged, ThingKind.FACT, viewer)] * 3, who


def of_tips(connection: sqlite3.Connection, viewer: Viewer, stretch: Stretch) -> list[set[int]]:
    """Return of which tips an export tells in each of its files that may tell of all."""
    reads = (exporting.tips, exporting.tip_changes)
    return [{row[0] for row in read(connection, viewer, TipFilter(), stretch)} for read in reads]


def of_facts(connection: sqlite3.Connection, viewer: Viewer, stretch: Stretch) -> list[set[int]]:
    reads = (exporting.facts, exporting.citations, exporting.fact_versions)
    return [{row[0] for row in read(connection, viewer, FactFilter(), stretch)} for read in reads]


@pytest.mark.parametrize(
    ("who", "told"),
    [
        ("other here", ("status", None)),
        ("owner here", ("status", None)),
        ("author here", ("promoted", "1")),
        ("other who sees all here", ("promoted", "1")),
    ],
)
async def test_no_export_tells_others_that_an_open_tip_became_a_hidden_fact(
    database: Database, who: str, told: tuple[str, str | None]
) -> None:
    await add_newsroom(database)
    async with database.tx("test.promoted") as connection:
        tip = await tips.add(connection, GUILD, TipWords(text="Un dîner"), AUTHOR, START)
        cited = [Citation(kind=CitationKind.WORDS, title="le registre")]
        fact = await facts.add(connection, GUILD, Claim(text="Un dîner"), cited, AUTHOR, START, tip_id=tip.id)
        await embargoes.put_until(connection, fact, LATER, AUTHOR, START)
        await connection.run(
            "INSERT INTO tip_change (guild_id, tip_id, number, kind, text, before, after, made_by, made_at)"
            " VALUES (?, ?, 2, 'promoted', ?, 'new', 'confirmed', ?, '2026-11-16T08:00:00.000000+00:00')",
            GUILD,
            tip.id,
            str(fact.id),
            AUTHOR,
        )
    with exporting.reading(database.path) as reader:
        *_, change = exporting.tip_changes(reader, VIEWERS[who], TipFilter(), Stretch(1, 9))
    assert change[2:6] == (*told, "new", "confirmed")
