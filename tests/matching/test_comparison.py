"""Names compared with names: what is shown to a person as perhaps the same, and what is not."""

from __future__ import annotations

import pytest

from bot.matching.explaining.comparison import alike, alike_pairs, holds, likeness
from bot.models import ItemKind
from tests.matching.name_figures import figures, own_pairs


def test_the_comparison_is_right_about_the_pairs_of_names() -> None:
    found = figures(own_pairs())
    assert found.precision >= 0.95
    assert found.recall >= 0.95


@pytest.mark.parametrize("kind", list(ItemKind))
def test_it_is_right_about_each_kind(kind: ItemKind) -> None:
    found = figures(pair for pair in own_pairs() if pair.kind is kind)
    assert min(found.precision, found.recall) >= 0.9


def test_it_does_not_matter_which_of_two_names_comes_first() -> None:
    for pair in own_pairs():
        one, other = likeness(pair.kind, pair.first, pair.second), likeness(pair.kind, pair.second, pair.first)
        assert one == pytest.approx(other), pair


def test_a_likeness_lies_between_0_and_1_and_a_name_is_like_itself() -> None:
    for pair in own_pairs():
        assert 0 <= likeness(pair.kind, pair.first, pair.second) <= 1
        assert likeness(pair.kind, pair.first, pair.first) == 1


@pytest.mark.parametrize("odd", ["", " ", "...", "&", "\ud800", "'", "l'", "-", "\0" * 3, "🙂", "a" * 5_000])
def test_nothing_that_can_be_typed_makes_it_fail(odd: str) -> None:
    for kind in ItemKind:
        assert 0 <= likeness(kind, odd, "Valmarin") <= 1
        alike(kind, odd, ["Valmarin", odd])


def test_the_most_alike_names_are_found_among_many_best_first() -> None:
    others = [f"Orvelin {number}" for number in range(3_000)]
    others[1_500], others[2_500] = "Valmarine Défense", "Valmarin Défense SAS"
    found = alike(ItemKind.COMPANY, "Valmarin Défense", others)
    assert [one.index for one in found] == [2_500, 1_500]


def test_a_name_that_another_one_holds_as_whole_words_is_told() -> None:
    assert holds(ItemKind.COMPANY, "Axon Public Safety France SAS", "AXON")
    assert not holds(ItemKind.COMPANY, "Axonia Public Safety", "Axon")
    assert not holds(ItemKind.COMPANY, "Axon SAS", "Axon")
    assert not holds(ItemKind.COMPANY, "Public Safety Axon", "Safety Public")


def test_the_pairs_that_are_alike_are_found_among_many_where_one_is_fresh() -> None:
    names = [*(f"Orvelin {number}" for number in range(300)), "Valmarin Défense", "Défense Valmarin SAS", "Valmarin D"]
    assert [pair[:2] for pair in alike_pairs(ItemKind.COMPANY, names, {301})] == [(300, 301)]
    assert alike_pairs(ItemKind.COMPANY, names, {302}) == []
    assert alike_pairs(ItemKind.COMPANY, names, set()) == []
