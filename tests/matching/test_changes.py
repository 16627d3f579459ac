"""A matcher that follows its watchlist: whatever changed, it finds what one compiled anew would."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.errors import QueryError
from bot.matching import Matcher, portions
from bot.matching.segment import Segment
from bot.models import ItemKind, Notice, WatchItem

NAMES = ("Valmarin SAS", "Corvoy Conseil", "Axovial", "Halvoris", "Total", "Valmarin", "Валмарин")
PEOPLE = ("Paul Corvoy", "Anne de Lanthier", "Paul Martin")
KEYWORDS = ("drone", "caméra-piéton", "drone ET police", "*surveillance", "re:/lot [0-9]+/", "police SAUF stage")
TEXTS = (
    "La Valmarin SAS et Corvoy Conseil, lot 12, un drone de la police",
    "CORVOY Paul, stage de vidéosurveillance ; HALVORIS et Halvorys",
    "Paul Martin, Total SA, caméras piétons de M. de Lanthier (Anne) chez Валмарин",
)
NOTICES = [Notice(id=str(place), text=text, suppliers=("Axovial", "552081317")) for place, text in enumerate(TEXTS)]

kinds = st.one_of(
    st.tuples(st.just(ItemKind.COMPANY), st.sampled_from(NAMES)),
    st.tuples(st.just(ItemKind.OFFICIAL), st.sampled_from(PEOPLE)),
    st.tuples(st.just(ItemKind.KEYWORD), st.sampled_from(KEYWORDS)),
)
items = st.builds(
    lambda pair, any_of, identifiers, guild: WatchItem(
        kind=pair[0], name=pair[1], any_of=any_of, identifiers=identifiers, guild_id=guild
    ),
    kinds,
    st.sampled_from(((), ("police",), ("lot",))),
    st.sampled_from(((), ("552081317",))),
    st.integers(1, 2),
)
watchlists = st.lists(st.lists(items, max_size=12), min_size=2, max_size=5)


def found(matcher: Matcher) -> list[object]:
    return [(matcher.find(notice), matcher.near_misses(notice)) for notice in NOTICES]


@settings(max_examples=25)
@given(lists=watchlists, chance=st.randoms(use_true_random=False), small=st.booleans())
def test_a_changed_matcher_finds_what_one_compiled_anew_finds(
    lists: list[list[WatchItem]], chance: random.Random, *, small: bool
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        if small:
            patch.setattr(portions, "YOUNG", 3)
            patch.setattr(portions, "MOST_TOGETHER", 4)
            patch.setattr(portions, "MOST_PORTIONS", 3)
        matcher = Matcher(lists[0])
        for added in lists[1:]:
            kept = [item for item in lists[0] if chance.random() < 0.7]
            lists[0] = [*kept, *(replace(item) for item in added)]
            chance.shuffle(lists[0])
            matcher = matcher.changed(lists[0])
            assert found(matcher) == found(Matcher(lists[0]))


def test_an_item_added_to_many_leaves_the_others_compiled(monkeypatch: pytest.MonkeyPatch) -> None:
    many = [WatchItem(kind=ItemKind.COMPANY, name=f"Valmarin {number}") for number in range(600)]
    matcher = Matcher(many)
    compiled: list[int] = []

    def counted(items: Sequence[WatchItem]) -> Segment:
        compiled.append(len(items))
        return Segment(items)

    monkeypatch.setattr(portions, "Segment", counted)
    new = WatchItem(kind=ItemKind.COMPANY, name="Axovial", ref="new")
    changed = matcher.changed([*map(replace, many), new])
    assert compiled == [1]
    assert [hit.ref for hit in changed.find(Notice(id="n", text="chez Axovial"))] == ["new"]


def test_a_removed_item_is_no_longer_found_and_the_old_matcher_still_finds_it() -> None:
    gone, stays = (WatchItem(kind=ItemKind.COMPANY, name=name, ref=name) for name in ("Axovial", "Halvoris"))
    matcher = Matcher([gone, stays])
    changed = matcher.changed([stays])
    notice = Notice(id="n", text="Axovial et Halvoris")
    assert [hit.ref for hit in changed.find(notice)] == ["Halvoris"]
    assert [hit.ref for hit in matcher.find(notice)] == ["Axovial", "Halvoris"]


def test_a_wrong_query_among_the_changes_is_refused_and_changes_nothing() -> None:
    item = WatchItem(kind=ItemKind.COMPANY, name="Axovial")
    matcher = Matcher([item])
    with pytest.raises(QueryError):
        matcher.changed([item, WatchItem(kind=ItemKind.KEYWORD, name="drone OU")])
    assert len(matcher.find(Notice(id="n", text="Axovial"))) == 1
