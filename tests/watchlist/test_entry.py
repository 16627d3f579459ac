from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import QueryError, UserError
from bot.models import ItemKind, WatchItem
from bot.watchlist.entry import Typed, cleaned, name_key, read_entry, read_query

HOSTILE = "aé\u0301İ;=+-@'\"« \u00a0\u200b\ufeff\u2028\x85\x1f\t\r\n\0\ud800\U0001f600"


def read(kind: ItemKind = ItemKind.COMPANY, name: str = "Axon", **more: Any) -> WatchItem:
    typed = Typed(kind=kind, name=name, **more)
    return read_entry(typed, guild_id=1, added_by=2, known_sources={"boamp", "ted"})


def key(kind: ItemKind, name: str) -> str:
    return name_key(WatchItem(kind=kind, name=name))


def test_an_item_carries_its_newsroom_and_who_entered_it() -> None:
    item = read()
    assert (item.guild_id, item.added_by, item.id) == (1, 2, None)


@pytest.mark.parametrize(
    ("text", "elements"),
    [("", ()), (" ; ;", ()), ("a1;b2", ("a1", "b2")), (" a  b ; a b;c3", ("a b", "c3")), ("a1\u200b;a1", ("a1",))],
)
def test_a_list_has_neither_empty_elements_nor_repetitions(text: str, elements: tuple[str, ...]) -> None:
    assert read(identifiers=text).identifiers == elements


def test_a_separator_with_a_backslash_belongs_to_its_name() -> None:
    assert read(aliases=r"Dupont\; et fils; Acme").aliases == ("Dupont; et fils", "Acme")


@pytest.mark.parametrize(
    ("text", "queries"),
    [
        ("drone; caméra OU radar", ("drone", "caméra OU radar")),
        ('"drone; radar"; sonar', ('"drone; radar"', "sonar")),
        ("«drone ; radar» ET caméra;sonar", ("«drone ; radar» ET caméra", "sonar")),
    ],
)
def test_a_separator_inside_quotes_separates_nothing(text: str, queries: tuple[str, ...]) -> None:
    assert read(any_of=text).any_of == queries


def test_the_aliases_of_a_keyword_are_queries() -> None:
    assert read(ItemKind.KEYWORD, "drone", aliases='"a1; b2"; radar').aliases == ('"a1; b2"', "radar")


@pytest.mark.parametrize("ruined", ["1,23457E+13", "1.23457E+13", "7,32829e+08"])
def test_an_identifier_that_a_spreadsheet_rounded_is_refused_by_its_own_words(ruined: str) -> None:
    with pytest.raises(UserError) as refused:
        read(identifiers=f"732829320; {ruined}")
    assert refused.value.text == "watch-identifier-ruined"
    assert refused.value.values["identifier"] == ruined


@given(
    st.sampled_from(ItemKind),
    st.text(alphabet=HOSTILE, max_size=10),
    st.lists(st.text(alphabet=HOSTILE, max_size=8), max_size=3),
    st.text(alphabet=HOSTILE, max_size=20),
)
def test_what_is_cleaned_once_is_clean(kind: ItemKind, name: str, elements: list[str], note: str) -> None:
    more = tuple(elements)
    item = WatchItem(
        kind=kind, name=name, aliases=more, identifiers=more, any_of=more, none_of=more, ref=note, note=note
    )
    once = cleaned(item)
    assert cleaned(once) == once
    assert "\0" not in repr(once)
    assert not re.search("[\ud800-\udfff]", once.name + "".join(once.any_of))


def test_sources_are_read_whatever_their_case() -> None:
    assert read(sources="BOAMP; ted; boamp").sources == ("boamp", "ted")


def test_an_unknown_source_is_refused_and_the_known_ones_are_named() -> None:
    with pytest.raises(UserError) as refused:
        read(sources="boamp; nowhere")
    assert refused.value.text == "watch-source-unknown"
    assert refused.value.values["known"] == "boamp, ted"


def test_a_wrong_condition_is_refused_at_its_place_in_its_own_query() -> None:
    with pytest.raises(QueryError) as refused:
        read(any_of="drone; caméra (")
    assert (refused.value.query, refused.value.position) == ("caméra (", 7)


def test_a_keywords_query_keeps_its_quotes_and_signs() -> None:
    assert read(ItemKind.KEYWORD, '"caméra-piéton" OU drone*').name == '"caméra-piéton" OU drone*'


def test_a_query_to_try_is_a_keyword_that_is_followed_nowhere() -> None:
    item = read_query("drone", guild_id=1)
    assert (item.kind, item.id, item.guild_id) == (ItemKind.KEYWORD, None, 1)


@pytest.mark.parametrize(("one", "other"), [("Axon", "AXON"), ("Éole", "eole"), ("Caméra-piéton", "camera pieton")])
@pytest.mark.parametrize("kind", [ItemKind.COMPANY, ItemKind.OFFICIAL])
def test_names_that_differ_by_case_accents_or_hyphens_are_one(kind: ItemKind, one: str, other: str) -> None:
    assert key(kind, one) == key(kind, other)


def test_the_key_of_a_full_item_is_read_from_its_name_alone() -> None:
    many = tuple(f"(drone{number} NEAR/2 police) OU robot{number}" for number in range(30))
    full = WatchItem(kind=ItemKind.KEYWORD, name="drone", aliases=many, any_of=("(",), none_of=many)
    assert name_key(full) == name_key(WatchItem(kind=ItemKind.KEYWORD, name="drone"))


@pytest.mark.parametrize(
    ("one", "other"), [("drone", "Drone"), ("drone OU caméra", "drone  OR camera"), ('"a b c"', "a b c")]
)
def test_queries_that_are_read_alike_are_one(one: str, other: str) -> None:
    assert key(ItemKind.KEYWORD, one) == key(ItemKind.KEYWORD, other)


@pytest.mark.parametrize(
    ("one", "other"), [("drone", "drone*"), ("drone", "=drone"), ("police ET drone", "police OU drone")]
)
def test_queries_that_are_read_otherwise_are_two(one: str, other: str) -> None:
    assert key(ItemKind.KEYWORD, one) != key(ItemKind.KEYWORD, other)


def test_a_keyword_typed_without_its_hyphens_and_accents_is_the_same_keyword() -> None:
    assert key(ItemKind.KEYWORD, "CAMERA PIETON") == key(ItemKind.KEYWORD, "caméra-piéton")
