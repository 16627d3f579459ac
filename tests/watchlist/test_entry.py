from __future__ import annotations

from typing import Any

import pytest

from bot.errors import QueryError, UserError
from bot.models import ItemKind, WatchItem
from bot.watchlist.entry import Typed, name_key, read_entry, read_query, split_list, split_queries


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
    [("", ()), (" ; ;", ()), ("a;b", ("a", "b")), (" a  b ; a b;c", ("a b", "c")), ("a\u200b;a", ("a",))],
)
def test_a_list_has_neither_empty_elements_nor_repetitions(text: str, elements: tuple[str, ...]) -> None:
    assert split_list(text) == elements


@pytest.mark.parametrize(
    ("text", "queries"),
    [
        ("a; b OU c", ("a", "b OU c")),
        ('"a; b"; c', ('"a; b"', "c")),
        ("«a ; b» ET c;d", ("«a ; b» ET c", "d")),
        ("re:/a;b/;c", ("re:/a;b/", "c")),
        ('"a; b', ("b",)),
    ],
)
def test_a_separator_inside_quotes_separates_nothing(text: str, queries: tuple[str, ...]) -> None:
    assert split_queries(text)[-len(queries) :] == queries


def test_nothing_of_an_unclosed_quote_is_lost() -> None:
    assert "".join(split_queries('"caméra; drone')).replace(" ", "") == '"caméradrone'


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
