"""Lists inside one text: what separates, what does not, and that writing is the inverse of reading."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.matching.query import tokens as query_tokens
from bot.watchlist import lists
from bot.watchlist.lists import join_list, join_queries, split_list, split_queries

HOSTILE = r"""ab;|\/"'“”«»:re() *=-@""" + "\u00a0\u200b\n\té"
NAMES = st.text(alphabet=HOSTILE, min_size=1, max_size=12)
QUERIES = st.lists(
    st.sampled_from(
        [
            *("drone", "xre:", " ", "\\", "\\\\", ";", "|", "(", ")", "ET", "5"),
            *('"a;b"', "«a ; b»", "“a|b”", '„a;b"', " re:/a;b/", r"(re:/a\/;|b/", ' re:/"/'),
        ]
    ),
    min_size=1,
    max_size=8,
).map("".join)
"""Queries whose quotation marks and regular expressions are closed, as the query language wants them."""


@pytest.mark.parametrize(
    ("text", "elements"),
    [
        ("", [""]),
        ("a;b", ["a", "b"]),
        (" a ; b;", [" a ", " b", ""]),
        (r"a\;b;c", ["a;b", "c"]),
        (r"a\\;b", ["a\\", "b"]),
        (r"a\\\;b", ["a\\;b"]),
        (r"a\b;\c\\d", [r"a\b", r"\c\\d"]),
        ('"a; b"', ['"a', ' b"']),
        ("a|b", ["a|b"]),
    ],
)
def test_names_are_separated_by_every_semicolon_without_a_backslash(text: str, elements: list[str]) -> None:
    assert split_list(text) == elements


@pytest.mark.parametrize("quoted", ['"a; b"', "«a ; b»", "“a;b”", "„a;b“", '«a;b"', "re:/a;b/", r"re:/a\/;b/"])
def test_a_separator_inside_quotes_or_a_regular_expression_separates_nothing(quoted: str) -> None:
    assert split_queries(f"{quoted};c") == [quoted, "c"]
    assert split_queries(f"drone ET {quoted} ;c") == [f"drone ET {quoted} ", "c"]


@pytest.mark.parametrize(
    ("text", "elements"),
    [
        ('5" pipe;drone', ['5" pipe', "drone"]),
        ("xre:/a;b/", ["xre:/a", "b/"]),
        ("(re:/a;b/);c", ["(re:/a;b/)", "c"]),
        (r"a\;b", ["a;b"]),
        (r'"a\;b"', [r'"a\;b"']),
        (r"re:/a\;b/", [r"re:/a\;b/"]),
    ],
)
def test_queries_are_separated_as_the_query_language_reads_them(text: str, elements: list[str]) -> None:
    assert split_queries(text) == elements


def test_a_bar_separates_where_it_is_the_separator() -> None:
    assert split_list(r"a;b|c\|d", "|") == ["a;b", "c|d"]
    assert split_queries('"a|b"|c', "|") == ['"a|b"', "c"]


def test_the_quotation_marks_are_those_of_the_query_language() -> None:
    assert set(lists.QUOTES) == set(query_tokens.QUOTES)


@pytest.mark.parametrize("separator", [";", "|"])
@given(elements=st.lists(NAMES, min_size=1, max_size=5))
def test_names_that_were_joined_are_split_into_the_same(separator: str, elements: list[str]) -> None:
    assert split_list(join_list(elements, separator), separator) == elements


@pytest.mark.parametrize("separator", [";", "|"])
@given(elements=st.lists(QUERIES, min_size=1, max_size=5))
@example(elements=["a\\", '"b;c"', "d;e", "re:/x;y/"])
def test_queries_that_were_joined_are_split_into_the_same(separator: str, elements: list[str]) -> None:
    assert split_queries(join_queries(elements, separator), separator) == elements


@given(st.text(alphabet=HOSTILE, max_size=40))
def test_nothing_of_a_list_is_lost(text: str) -> None:
    for split in (split_list, split_queries):
        kept = "".join(split(text)).replace(";", "").replace("\\", "")
        assert kept == text.replace(";", "").replace("\\", "")


def test_names_that_hold_no_separator_are_written_as_they_are() -> None:
    assert join_list(["Acme", "A.C.M.E.", 'dit "le Grand"', r"a\b"]) == r'Acme;A.C.M.E.;dit "le Grand";a\b'


@pytest.mark.parametrize("signs", ["\\" * 50_000, '"' * 50_001, "re:/" * 20_000, "re:/" + "\\" * 50_000, ";" * 50_000])
def test_no_text_takes_long_to_split(signs: str) -> None:
    assert split_queries(signs)
