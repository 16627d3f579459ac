"""What may be typed into a search, and what it finds: never the syntax of a database, never an error of it."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.errors import UserError
from bot.locales import Language, Texts
from bot.markup import inert, utf16_len
from bot.matching import folded_words, stands
from bot.search import MOST_UNITS, read_query, results_card
from bot.storage.archive.full_text import expression_of
from bot.storage.database import Database
from tests.factories import make_notice
from tests.searching import PARIS, find, ids, publish

HOSTILE = [
    '"' * 200,
    "NEAR(drone, 5)",
    "NEAR/5",
    "drone AND",
    "title:drone",
    "{title} : drone",
    "^drone",
    "drone*",
    '"drone" *',
    "*",
    '"',
    "''''",
    "'; DROP TABLE notice; --",
    "drone\x00police",
    "\x00",
    "\ud800",
    "\U0001f642 \U0001f468\u200d\U0001f469",
    "\ue000",
    "( ( ( (",
    "-drone",
    "+drone",
    "drone\\",
    "\u202edrone",
    "<@123> @everyone",
    "https://discord.gg/abc",
    "ab" * 100,
    "a-" * 100,
    "a " * 100,
    "\u0301" * 50,
    "\uff02drone\uff02",
    "%_?9",
]
LETTERS = st.text(alphabet="abcéœ' -.*\"1\n", max_size=25)


@pytest.mark.parametrize(
    "typed",
    [
        "caméra-piéton",
        "CAMERAS PIETONS",
        "camera",
        '"caméras piétons"',
        "« caméra piéton »",
        "“caméras-piétons”",
        "„caméras-piétons“",
        "piéton caméra",
        "camér*",
        '"caméra piét*"',
        "lyon caméra",
        "l'acquisition",
        "l\u2019acquisition",
        "acquisition ET caméra",
        "acquisition AND caméra",
        "(caméra), «lyon»; fourniture!",
        'caméra "lyon',
        "26-1",
    ],
)
async def test_a_notice_is_found_by(database: Database, typed: str) -> None:
    await publish(database, make_notice())
    assert ids(await find(database, typed)) == ["26-1"]


@pytest.mark.parametrize(
    "typed",
    [
        "camé",
        "caméra drone",
        '"piéton caméra"',
        "caméra-acquisition",
        '"police lyon"',
        "caméra et lyon",
        "caméra OU drone",
    ],
)
async def test_a_notice_is_not_found_by(database: Database, typed: str) -> None:
    await publish(database, make_notice())
    assert ids(await find(database, typed)) == []


@pytest.mark.parametrize("typed", ["404 833 048", "404833048", "404.833.048", "siren 404833048"])
async def test_a_company_is_found_by_its_number_however_it_is_written(database: Database, typed: str) -> None:
    text = "Siren de l'attributaire"
    await publish(
        database,
        make_notice("grouped", text=f"{text} : 404 833 048"),
        make_notice("siret", text=text, identifiers=("siret:40483304800022",)),
        make_notice("vat", text=f"{text} : TVA FR83404833048"),
        make_notice("other", text=f"{text} : 1404833048"),
    )
    assert sorted(map(str, ids(await find(database, typed)))) == ["grouped", "siret", "vat"]


@pytest.mark.parametrize("typed", ["", "   ", "\U0001f642", "***", '""', "« »", "\x00", "- ! ?", "ET", "\u0301"])
def test_what_holds_no_word_is_refused(typed: str) -> None:
    with pytest.raises(UserError) as refused:
        read_query(typed)
    assert refused.value.text == "search-empty"


def test_a_query_that_is_too_long_is_refused_with_both_lengths() -> None:
    with pytest.raises(UserError) as refused:
        read_query("x" * (MOST_UNITS + 1))
    assert refused.value.text == "search-too-long"
    assert refused.value.values == {"most": 200, "found": 201}
    assert read_query("x" * MOST_UNITS)


def test_the_beginning_of_a_word_has_at_least_three_letters() -> None:
    with pytest.raises(UserError) as refused:
        read_query("drone bi*")
    assert refused.value.text == "search-beginning-short"
    assert read_query("bio*")


@pytest.mark.parametrize("typed", HOSTILE)
async def test_hostile_queries_find_nothing_or_are_refused_in_words(database: Database, typed: str) -> None:
    await publish(database, make_notice(title="Nothing", text="of it", buyer=None))
    try:
        read_query(typed)
    except UserError:
        return
    results = await find(database, typed)
    assert results.total == 0
    assert results_card(Texts(Language.FR, PARIS), results).title == "Rien trouvé"


@given(st.one_of(st.text(max_size=210), st.text(alphabet="ab*\"'«»“”„-&.() \x00é0 ", max_size=60)))
@example('a" b "c')
@example("„a“ “b”")
def test_any_text_is_refused_in_words_or_is_a_query_that_sqlite_reads(typed: str) -> None:
    try:
        query = read_query(typed)
    except UserError:
        return
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute("CREATE VIRTUAL TABLE words USING fts5 (title, text)")
        connection.execute("SELECT * FROM words WHERE words MATCH ?", (expression_of(query.terms),)).fetchall()


@given(st.one_of(st.text(max_size=210), st.sampled_from(HOSTILE)))
def test_a_query_read_again_from_where_it_is_shown_is_the_same(typed: str) -> None:
    try:
        query = read_query(typed)
    except UserError:
        return
    assert utf16_len(query.text) <= MOST_UNITS
    assert inert(query.text) == query.text
    assert read_query(query.text) == query


@settings(max_examples=300)
@given(LETTERS, LETTERS)
def test_the_index_finds_exactly_the_texts_in_which_every_term_stands(typed: str, text: str) -> None:
    try:
        query = read_query(typed)
    except UserError:
        return
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute("CREATE VIRTUAL TABLE words USING fts5 (text, tokenize='unicode61 remove_diacritics 0')")
        connection.execute("INSERT INTO words VALUES (?)", (" ".join(folded_words(text)),))
        found = connection.execute("SELECT 1 FROM words WHERE words MATCH ?", (expression_of(query.terms),)).fetchall()
    assert bool(found) == all(stands(text, [term]) for term in query.terms)
