"""The notices that hold what an item needs: by full text those that the matcher finds, the newest first."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from bot.indexing import Indexer
from bot.matching import Rule, sought
from bot.models import Notice
from bot.storage.archive import full_text, trial
from bot.storage.archive.trial import Stored
from bot.storage.database import Database
from tests.factories import START, add_notice, make_item
from tests.matching.labelled import Case, read_cases

NOT_SOUGHT = {Rule.ONE_EDIT, Rule.TRANSLITERATION}
TOO_MANY_CUTS = {"codice fiscale in groups", "Dutch VAT number with dots", "two cuts in a phrase"}
"""What cases show where a name or a number stands in more pieces than are looked for."""


def is_sought(case: Case) -> bool:
    hit = case.found()
    return hit is not None and hit.rule not in NOT_SOUGHT and case.shows not in TOO_MANY_CUTS


async def store(database: Database, *published: Notice, days: int = 0) -> list[int]:
    """Store notices that were first seen so many days after the start."""
    async with database.tx("test.store") as connection:
        return [await add_notice(connection, notice, START + timedelta(days)) for notice in published]


async def test_every_hit_of_the_labelled_cases_is_among_what_full_text_finds(database: Database) -> None:
    cases = [case for case in read_cases() if is_sought(case)]
    published = [replace(case.notice(), id=f"26-{number}", source="boamp") for number, case in enumerate(cases)]
    rows = await store(database, *published)
    async with database.tx("test.index") as connection:
        words = [full_text.fold_notice(notice) for notice in await full_text.unindexed(connection, len(rows))]
        await full_text.index_notices(connection, words)
    missed = []
    async with database.read() as connection:
        for row, case in zip(rows, cases, strict=True):
            needed = sought([case.item()])
            if needed is not None and row not in await trial.holding(connection, START, needed, len(rows)):
                missed.append(str(case))
    assert missed == []


async def test_those_that_hold_what_is_needed_are_the_newest_first_and_no_more_than_asked(database: Database) -> None:
    titles = ("Drone", "Ascenseur", "Drones", "Drone", "Cheval")
    rows = await store(database, *(Notice(id=f"{n}", source="x", title=title) for n, title in enumerate(titles)))
    await Indexer(database).catch_up()
    needed = sought([make_item("drone"), make_item("cheval")])
    assert needed is not None
    async with database.read() as connection:
        assert await trial.holding(connection, START, needed, 3) == [rows[4], rows[3], rows[2]]


async def test_a_text_that_lacks_one_of_two_words_asked_together_is_no_candidate(database: Database) -> None:
    rows = await store(database, *(Notice(id=t, source="x", title=t) for t in ("Drone et cheval", "Drone", "Cheval")))
    await Indexer(database).catch_up()
    needed = sought([make_item("drone ET cheval")])
    assert needed is not None
    async with database.read() as connection:
        assert await trial.holding(connection, START, needed, 9) == [rows[0]]


def test_what_has_no_words_to_look_for_is_sought_everywhere() -> None:
    assert sought([make_item("drone"), make_item("re:/drone/")]) is None
    assert sought([make_item("*surveillance")]) is None
    assert sought([make_item("re:/drone/ ET police")]) is not None


async def test_what_was_seen_before_is_not_counted(database: Database) -> None:
    await store(database, Notice(id="1", source="x"))
    rows = await store(database, Notice(id="2", source="x"), Notice(id="3", source="x"), days=1)
    async with database.read() as connection:
        assert await trial.stored_since(connection, START + timedelta(1)) == Stored(2, rows[0], rows[1])
        assert await trial.stored_since(connection, START, rows[1]) == Stored(1, rows[1], rows[1])
        assert await trial.stored_since(connection, START + timedelta(2)) == Stored(0, 0, 0)
        assert await trial.newest(connection, START, 2) == [rows[1], rows[0]]


async def test_the_days_of_publication_are_those_of_the_rows_asked(database: Database) -> None:
    days = (date(2026, 3, 1), date(2026, 3, 1), date(2026, 3, 4), date(2026, 3, 5), None)
    rows = await store(database, *(Notice(id=f"{n}", source="x", published=day) for n, day in enumerate(days)))
    async with database.read() as connection:
        found = await trial.days_of(connection, START, [*rows[:3], rows[4], 999])
    assert found == {date(2026, 3, 1), date(2026, 3, 4)}
