from __future__ import annotations

import pytest

from bot.errors import UserError
from bot.lookup import Named, propose, resolve


def things(*names: str) -> list[Named]:
    return [Named(str(place), name, "company") for place, name in enumerate(names, 1)]


def found(names: tuple[str, ...], typed: str) -> str | None:
    thing = resolve(things(*names), typed)
    return thing.name if thing else None


def test_an_id_comes_before_a_name() -> None:
    assert found(("2", "Axon"), "2") == "Axon"


def test_a_number_that_is_no_id_is_read_as_a_name() -> None:
    assert found(("Axon", "2024"), "2024") == "2024"


def test_a_whole_name_comes_before_longer_ones() -> None:
    assert found(("Axon Public Safety", "Axon"), "axon") == "Axon"


@pytest.mark.parametrize("typed", ["ÉOLE", "eole", " Éole "])
def test_a_name_is_found_whatever_its_case_and_accents(typed: str) -> None:
    assert found(("Éole",), typed) == "Éole"


def test_the_beginning_that_only_one_name_has_is_enough() -> None:
    assert found(("Axon", "Axis"), "axi") == "Axis"


@pytest.mark.parametrize("typed", ["", "  ", "son", "Taser"])
def test_nothing_is_found_by_what_names_nothing(typed: str) -> None:
    assert found(("Axon", "Axis"), typed) is None


@pytest.mark.parametrize("typed", ["Kervarrec", "kerv"])
def test_a_later_word_of_a_name_names_it_where_that_is_asked_for(typed: str) -> None:
    named = things("Maëlle Kervarrec", "Axon")
    assert resolve(named, typed) is None
    assert resolve(named, typed, by_word=True) == named[0]


def test_a_beginning_comes_before_a_later_word() -> None:
    named = things("Groupe Axon", "Axon Enterprise")
    assert resolve(named, "axon", by_word=True) == named[1]


def test_two_things_of_one_name_are_ambiguous_and_five_are_named() -> None:
    with pytest.raises(UserError) as refused:
        resolve(things(*["Axon"] * 7), "axon")
    assert refused.value.values["found"] == 7
    assert refused.value.values["candidates"] == [f"Axon · company · {place}" for place in range(1, 6)]


def test_names_without_letters_or_digits_are_still_told_apart() -> None:
    assert found(("★", "☆"), "☆") == "☆"


def test_without_anything_typed_the_first_ones_are_proposed() -> None:
    assert len(propose(things(*(f"n{n}" for n in range(40))), "")) == 25


def test_proposals_come_likeliest_first() -> None:
    names = ("Daxon", "Groupe Axon", "Axon SA", "Axon", "Autre")
    assert [thing.name for thing in propose(things(*names), "axon")] == ["Axon", "Axon SA", "Groupe Axon", "Daxon"]


def test_a_typed_id_is_proposed_first() -> None:
    assert propose(things("A2", "Axon"), "2")[0].name == "Axon"
