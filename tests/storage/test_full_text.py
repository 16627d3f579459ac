"""The index of words: it holds what stands and nothing of what is gone, and names things by beginnings of words."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.matching import spellings
from bot.models import Claim, Notice, TipWords
from bot.storage.archive import full_text, notices
from bot.storage.archive.full_text import NOTICE_CHARS, Wanted
from bot.storage.database import Connection, Database
from bot.storage.log import facts, tips
from tests.factories import GUILD, START, add_newsroom, add_notice, make_notice
from tests.searching import AUTHOR, EDITOR, OTHER, eyes_of, log_fact, log_tip


@pytest.fixture(autouse=True)
async def newsroom(database: Database) -> None:
    await add_newsroom(database)


async def store(database: Database, *published: Notice) -> list[int]:
    async with database.tx("test.store") as connection:
        return [await add_notice(connection, notice) for notice in published]


async def index(connection: Connection) -> int:
    """Index every notice that is not, in one batch; return how many."""
    batch = [full_text.fold_notice(notice) for notice in await full_text.unindexed(connection, 100)]
    await full_text.index_notices(connection, batch)
    return len(batch)


async def rows_with(database: Database, *typed: str) -> list[int]:
    """Return our ids of the notices that hold every one of these words and phrases."""
    wanted = Wanted(terms=[spellings(term) for term in typed], today=START.date())
    async with database.read() as connection:
        return [ranked.id for ranked in (await full_text.notices_with(connection, wanted, 100)).best]


async def test_a_notice_is_not_found_before_it_is_indexed(database: Database) -> None:
    (row,) = await store(database, make_notice())
    assert await rows_with(database, "caméra") == []
    async with database.tx("test.index") as connection:
        assert await full_text.count_unindexed(connection) == 1
        assert await index(connection) == 1
        assert await full_text.count_unindexed(connection) == 0
    assert await rows_with(database, "caméra") == [row]


@pytest.mark.parametrize(
    "typed", ["acquisition", "fourniture", "lyon", "Axon", "Corvoy", "404833048", "35100000", "26-1"]
)
async def test_a_notice_is_found_by_every_part_of_it(database: Database, typed: str) -> None:
    notice = make_notice(suppliers=("Axon",), people=("Paul Corvoy",), identifiers=("404833048",), cpv=("35100000",))
    (row,) = await store(database, notice)
    async with database.tx("test.index") as connection:
        await index(connection)
    assert await rows_with(database, typed) == [row]


@pytest.mark.parametrize("typed", ["municipale ville", "lyon axon", "axon corvoy", "piétons fourniture"])
async def test_no_phrase_reaches_from_one_part_of_a_notice_into_another(database: Database, typed: str) -> None:
    await store(database, make_notice(suppliers=("Axon", "Corvoy")))
    async with database.tx("test.index") as connection:
        await index(connection)
    assert await rows_with(database, typed) == []
    assert await rows_with(database, *typed.split())


async def test_a_revised_notice_is_found_by_its_latest_revision_only(database: Database) -> None:
    notice = make_notice()
    (row,) = await store(database, notice)
    async with database.tx("test.index") as connection:
        await index(connection)
        revised = replace(notice, revision=2, title="Drones", text="Achat de drones")
        await notices.revise(connection, row, revised, "1" * 64, 1, now=START)
        assert await full_text.count_unindexed(connection) == 1
        assert await index(connection) == 1
    assert await rows_with(database, "caméra") == []
    assert await rows_with(database, "drone") == [row]


async def test_a_notice_revised_since_its_words_were_read_waits_for_the_next_time(database: Database) -> None:
    notice = make_notice()
    (row,) = await store(database, notice)
    async with database.tx("test.index") as connection:
        read = [full_text.fold_notice(one) for one in await full_text.unindexed(connection, 10)]
        revised = replace(notice, revision=2, title="Drones", text="Achat de drones")
        await notices.revise(connection, row, revised, "1" * 64, 1, now=START)
        await full_text.index_notices(connection, read)
        assert await full_text.count_unindexed(connection) == 1
    assert await rows_with(database, "caméra") == []


async def test_indexing_the_same_words_twice_changes_nothing(database: Database) -> None:
    (row,) = await store(database, make_notice())
    async with database.tx("test.index") as connection:
        read = [full_text.fold_notice(one) for one in await full_text.unindexed(connection, 10)]
        await full_text.index_notices(connection, read)
        await full_text.index_notices(connection, read)
        await connection.run("INSERT INTO notice_words (notice_words) VALUES ('integrity-check')")
    assert await rows_with(database, "caméra") == [row]


async def test_only_so_much_of_a_text_is_indexed(database: Database) -> None:
    await store(database, make_notice(text="a " * (NOTICE_CHARS // 2) + "drone"))
    async with database.tx("test.index") as connection:
        (read,) = await full_text.unindexed(connection, 10)
        assert read.chars < NOTICE_CHARS + 200
        await index(connection)
    assert await rows_with(database, "drone") == []


async def test_notices_are_given_out_in_order_and_after_a_row(database: Database) -> None:
    rows = await store(database, *(make_notice(str(number)) for number in range(5)))
    async with database.read() as connection:
        first = await full_text.unindexed(connection, 2)
        assert [notice.row for notice in first] == rows[:2]
        rest = await full_text.unindexed(connection, 9, after_row=rows[1])
        assert [notice.row for notice in rest] == rows[2:]


async def test_forgetting_a_tip_leaves_none_of_its_words_in_the_index(database: Database) -> None:
    kept = await log_tip(database, "un autre tuyau")
    tip = await log_tip(database, "xylophone volé", origin="une contrebassiste")
    async with database.tx("test.forget") as connection:
        await full_text.index_tip(connection, tip, "xylophone rendu", "une contrebassiste")
        await full_text.forget_tip(connection, tip)
    async with database.read() as connection:
        stored = b"".join(
            bytes(row[0]) for row in await connection.all("SELECT block FROM tip_words_data WHERE block IS NOT NULL")
        )
        contents = str([tuple(row) for row in await connection.all("SELECT * FROM tip_words_content")])
    for word in ("xyloph", "contrebass", "vole", "rendu"):
        assert word.encode() not in stored
        assert word not in contents
    assert b"tuyau" in stored
    async with database.read() as connection:
        assert await full_text.tips_named(connection, eyes_of(AUTHOR), "autre", 5) == [kept]


@pytest.mark.parametrize(
    ("typed", "is_named"),
    [
        ("le vir", True),
        ("vir ma", True),
        ("VIREMENTS", True),
        ("l\u2019état", True),
        ("l'", True),
        ("", True),
        ("\U0001f642", True),
        ("irement", False),
        ("vir drone", False),
        ("registre", False),
        ('mai" OR claim:"le', False),
        ("NEAR(le, mai)", False),
        ("\x00", True),
    ],
)
async def test_a_fact_is_named_by_beginnings_of_words_of_its_claim(
    database: Database, typed: str, *, is_named: bool
) -> None:
    fact = await log_fact(database, "Le virement de l'État date de mai", source="Registre")
    async with database.read() as connection:
        assert await full_text.facts_named(connection, eyes_of(AUTHOR), typed, 25) == ([fact] if is_named else [])


async def test_the_newest_facts_and_tips_are_named_first_and_no_more_than_asked(database: Database) -> None:
    made = [await log_fact(database, f"virement {number}") for number in range(4)]
    logged = [await log_tip(database, f"virement {number}") for number in range(4)]
    async with database.read() as connection:
        for typed in ("", "vire"):
            assert await full_text.facts_named(connection, eyes_of(AUTHOR), typed, 2) == made[:1:-1]
            assert await full_text.tips_named(connection, eyes_of(OTHER), typed, 2) == logged[:1:-1]


async def test_what_somebody_may_not_see_takes_no_place_among_the_named(database: Database) -> None:
    seen = await log_tip(database, "virement connu")
    hidden = await log_tip(database, "virement caché", is_sensitive=True)
    async with database.read() as connection:
        for typed in ("", "vire"):
            assert await full_text.tips_named(connection, eyes_of(OTHER), typed, 1) == [seen]
            assert await full_text.tips_named(connection, eyes_of(EDITOR, sees_all=True), typed, 1) == [hidden]


async def test_a_pasted_page_names_nothing_and_raises_nothing(database: Database) -> None:
    await log_fact(database, "virement")
    async with database.read() as connection:
        assert await full_text.facts_named(connection, eyes_of(AUTHOR), "mot-à-mot " * 600, 25) == []


@pytest.mark.parametrize("limit", [2, 5])
async def test_of_very_many_finds_all_are_counted_and_the_newest_ranked(
    database: Database, monkeypatch: pytest.MonkeyPatch, limit: int
) -> None:
    monkeypatch.setattr(full_text, "RANKED", limit)
    await add_newsroom(database)
    async with database.tx("test.many") as connection:
        made = [(await facts.add(connection, GUILD, Claim(text="Un virement"), [], AUTHOR, START)).id for _ in range(5)]
        for number in range(5):
            await tips.add(connection, GUILD, TipWords(text=f"Un virement {number}"), AUTHOR, START)
        wanted = Wanted(terms=[spellings("virement")], today=START.date())
        found = await full_text.facts_with(connection, eyes_of(AUTHOR), wanted, 6)
        heard = await full_text.tips_with(connection, eyes_of(AUTHOR), wanted, 6)
    assert (found.total, [one.id for one in found.best]) == (5, made[::-1][:limit])
    assert (heard.total, len(heard.best)) == (5, limit)


async def test_searching_goes_from_the_words_to_the_rows(database: Database) -> None:
    """The other way round SQLite asks the index once for every fact, which takes minutes for many."""
    seen: list[str] = []

    async def all_and_plan(self: Connection, sql: str, *values: object) -> list[object]:
        rows = await plain(self, f"EXPLAIN QUERY PLAN {sql}", *values)
        seen.append(next(row["detail"] for row in rows if row["detail"].startswith(("SCAN", "SEARCH"))))
        return []

    plain = Connection.all
    wanted = Wanted(terms=[spellings("virement")], today=START.date(), since=START, until=START)
    with pytest.MonkeyPatch.context() as patch:
        async with database.read() as connection:
            patch.setattr(Connection, "all", all_and_plan)
            await full_text.notices_with(connection, wanted, 6)
            await full_text.facts_with(connection, eyes_of(AUTHOR), wanted, 6)
            await full_text.tips_with(connection, eyes_of(), wanted, 6)
            await full_text.facts_named(connection, eyes_of(AUTHOR), "vir", 6)
            await full_text.tips_named(connection, eyes_of(), "vir", 6)
    assert [plan.split()[1] for plan in seen] == ["notice_words", "fact_words", "tip_words", "fact_words", "tip_words"]


async def test_what_is_not_ones_own_takes_no_place_among_ones_own_tips(database: Database) -> None:
    mine = await log_tip(database, "virement à moi")
    given = await log_tip(database, "virement confié", by=OTHER)
    async with database.tx("test.assign") as connection:
        tip = await tips.get(connection, GUILD, given)
        await tips.assign(connection, tip, AUTHOR, OTHER, START)
    await log_tip(database, "virement d\u2019un autre", by=OTHER)
    async with database.read() as connection:
        for typed in ("", "vire"):
            named = await full_text.tips_named(connection, eyes_of(AUTHOR), typed, 2, own_of=AUTHOR)
            assert named == [given, mine]


async def test_what_is_not_ones_own_takes_no_place_among_ones_own_facts(database: Database) -> None:
    mine = await log_fact(database, "virement à moi")
    verified = await log_fact(database, "virement vérifié")
    async with database.tx("test.verify") as connection:
        await facts.verify(connection, await facts.get(connection, GUILD, verified), EDITOR, START)
    async with database.read() as connection:
        for typed in ("", "vire"):
            assert await full_text.facts_named(connection, eyes_of(AUTHOR), typed, 1, own_of=AUTHOR) == [mine]
            assert await full_text.facts_named(connection, eyes_of(OTHER), typed, 1, own_of=OTHER) == []
