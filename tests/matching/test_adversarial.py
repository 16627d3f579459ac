"""Hostile inputs: nothing is raised, offsets hold, and nothing is found that is not there."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.matching import Matcher
from bot.matching.terms import Pattern, Place, Reading
from bot.matching.text.document import Document
from bot.matching.words.phrases import Phrase
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


def test_places_that_are_not_looked_at_are_counted_once_whatever_patterns_find_them() -> None:
    matcher = Matcher([WatchItem(kind=ItemKind.COMPANY, name="Valmarin SAS", aliases=("Axovial",))])
    [hit] = matcher.find(Notice(id="n", text="la Valmarin SAS et " * 1_000 + "Axovial " * 500))
    assert (hit.count, hit.tier, hit.matched) == (1_500, "exact", "Valmarin SAS")


def test_a_proven_capital_is_found_after_many_that_prove_nothing() -> None:
    text = "Total. " * 500 + "chez Total hier"
    [hit] = Matcher([WatchItem(kind=ItemKind.COMPANY, name="Total")]).find(Notice(id="n", text=text))
    assert (hit.tier, hit.start) == ("exact", text.index("chez") + 5)


def test_two_words_near_each_other_are_found_behind_a_thousand_of_the_first() -> None:
    matcher = Matcher([WatchItem(kind=ItemKind.KEYWORD, name="drone NEAR/2 police")])
    text = "drone volant, ligne. " * 1_000 + "fin fin drone de police"
    [hit] = matcher.find(Notice(id="n", text=text))
    assert (hit.count, hit.start) == (1, text.rindex("drone"))


@pytest.mark.parametrize(
    "piece", ["\U000e0041", "\U0010fffd", "й", "中", "ไ", "\udfff\ud800", "-a-", "a.b,", "x\u0306"]
)
def test_a_name_is_found_behind_signs_of_any_plane(piece: str) -> None:
    text = piece * 2_000 + " Valmarin " + piece * 2_000
    hits = [hit for hit in MATCHER.find(Notice(id="n", text=text)) if hit.ref == "v"]
    assert [(text[hit.start : hit.end], hit.count) for hit in hits] == [("Valmarin", 1)]


def test_a_pattern_whose_first_place_loses_to_a_longer_one_still_counts_the_rest() -> None:
    matcher = Matcher([WatchItem(kind=ItemKind.KEYWORD, name="drone OU drone volant*")])
    [hit] = matcher.find(Notice(id="n", text="drone volant, " + "drone lourd, " * 1_000))
    assert hit.count == 1_001


def test_pairs_near_each_other_are_counted_without_each_being_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    looked_at = 0
    verify = Phrase.verify

    def counted(self: Phrase, reading: Reading, first: int, count: int, pattern: Pattern) -> Place | None:
        nonlocal looked_at
        looked_at += 1
        return verify(self, reading, first, count, pattern)

    monkeypatch.setattr(Phrase, "verify", counted)
    matcher = Matcher([WatchItem(kind=ItemKind.KEYWORD, name="drone NEAR/3 police")])
    text = "drone police. " * 2_000 + "drone a b c d e f g h. " * 2_000 + "police de drone"
    [hit] = matcher.find(Notice(id="n", text=text))
    assert (hit.count, looked_at <= 1_000) == (2_002, True)


def test_a_long_text_of_a_script_without_spaces_is_read_a_stretch_at_a_time() -> None:
    reading = Document(Notice(id="n", text="中" * 20_000 + "华为"), 10).main
    assert reading.written(20_000) == "华"
    kept = reading.starts._stretches._spans  # type: ignore[attr-defined]  # what is kept
    assert max(map(len, kept.values())) < 1_000


@pytest.mark.parametrize(
    "text",
    [
        "rien <!-- <b>drone</b> caméra --> ici",
        "<script type='x'>if (a < drone) police()</script>",
        "<STYLE>\n.drone {}</style >",
    ],
)
def test_what_nobody_reads_of_a_page_is_no_text(text: str) -> None:
    matcher = Matcher([WatchItem(kind=ItemKind.KEYWORD, name="drone OU police")])
    hits = [matcher.find(Notice(id="n", text=one)) for one in (text, text + " drone <!-- ouvert")]
    assert [[hit.start for hit in found] for found in hits] == [[], [len(text) + 1]]
