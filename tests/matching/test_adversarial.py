"""Hostile inputs: nothing is raised, offsets hold, and nothing is found that is not there."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.matching import Matcher
from bot.models import ItemKind, Notice, WatchItem

MATCHER = Matcher(
    [
        WatchItem(kind=ItemKind.COMPANY, name="Valmarin", identifiers=("552081317", "W751234567", "xyz:1"), ref="v"),
        WatchItem(kind=ItemKind.COMPANY, name="AAA", ref="a"),
        WatchItem(kind=ItemKind.COMPANY, name="Total", any_of=("drone",), ref="t"),
        WatchItem(kind=ItemKind.OFFICIAL, name="Paul Corvoy", ref="p"),
        WatchItem(kind=ItemKind.KEYWORD, name="drone NEAR/5 police OU caméra*", ref="d"),
    ]
)
SIZE = 100_000


@pytest.mark.parametrize(
    "piece",
    [
        "x", "a ", "A.", "\x00", "\ud800", "<", "<a ", "&", "&amp;", "&lt;a ", "<!--", "1", "1 ", "552 ", "-\n", "a-",
        "552.081.317.", "l'", "\u0301", "\U0001f600", "œ", "Ωμ ", "Total ", "Corvoy-", "Paul Henri ", "\x1f", "\n",
        "fr03552081317 ", "w1 ", "de la ",
    ],
)  # fmt: skip
def test_a_hostile_text_of_a_hundred_thousand_signs_is_read(piece: str) -> None:
    text = piece * (SIZE // len(piece)) + " Valmarin"
    hits = {hit.ref: hit for hit in MATCHER.find(Notice(id="n", text=text))}
    assert all(text[hit.start : hit.end] == hit.matched for hit in hits.values())
    assert "v" in hits


def test_ten_thousand_hits_are_one_hit_with_their_count() -> None:
    [hit] = MATCHER.find(Notice(id="n", text="la Valmarin et " * 10_000))
    assert (hit.count, hit.start, hit.matched) == (10_000, 3, "Valmarin")


def test_one_line_of_a_million_signs_is_read() -> None:
    assert MATCHER.find(Notice(id="n", text="x" * 1_000_000)) == []


def test_a_million_single_letters_hide_no_short_name() -> None:
    assert MATCHER.find(Notice(id="n", text="b " * 500_000)) == []


@settings(max_examples=60)
@given(st.text(st.characters(exclude_categories=()), max_size=80), st.text(max_size=20), st.text(max_size=20))
def test_any_notice_is_read(text: str, name: str, identifier: str) -> None:
    notice = Notice(
        id="n",
        title=text,
        text=text,
        buyer=name,
        suppliers=(name, text),
        people=(name,),
        identifiers=(identifier, text),
        cpv=(identifier,),
    )
    MATCHER.find(notice)
    MATCHER.near_misses(notice)


def test_an_empty_notice_and_an_empty_watchlist_match_nothing() -> None:
    assert MATCHER.find(Notice(id="n")) == []
    assert Matcher([]).find(Notice(id="n", text="Valmarin")) == []
