"""Companies: how many patterns a name costs, which words are ordinary ones, and what is said of a name when typed."""

from __future__ import annotations

from importlib.resources import files
from typing import Any

import pytest

from bot.matching import Caution, Matcher, understood
from bot.matching.companies.company import company
from bot.matching.words.ordinary_words import ordinary_words
from bot.models import ItemKind, Notice, Tier, WatchItem


def cautions(name: str, **options: Any) -> list[tuple[Caution, str | None]]:
    read = understood(WatchItem(kind=ItemKind.COMPANY, name=name, **options))
    return [(warned.caution, warned.expected) for warned in read.warnings]


def tiers(name: str, notice: Notice, **options: Any) -> list[Tier]:
    return [hit.tier for hit in Matcher([WatchItem(kind=ItemKind.COMPANY, name=name, **options)]).find(notice)]


@pytest.mark.parametrize(
    ("name", "most"),
    [
        ("Halvoris", 2),
        ("Halvoris SAS", 3),
        ("Halvoris Défense", 4),
        ("Halvoris Défense France SAS", 5),
        ("Action Sociale", 8),
        ("Halvoris Public Safety Systems France", 4),
        ("Corvoy & Lanthier", 8),
        ("Corvoy, Lanthier & Tourvel & Corvane SAS", 14),
        ("L'Orvane Défense", 6),
        ("SA Horizon", 8),
        ("SCI du Moulin Brûlé", 6),
        ("GIE Horizon", 10),
        ("Saint-Brévin Énergie", 9),
        ("Hydro Mécanique Savoyarde", 6),
    ],
)
def test_a_name_costs_few_patterns(name: str, most: int) -> None:
    assert len(company(name).patterns) <= most


def test_a_long_name_costs_no_more_patterns_than_a_short_one() -> None:
    assert len(company(" ".join(f"Corvane{number}" for number in range(60))).patterns) <= 3
    assert len(company(" & ".join(f"Corvane{number}" for number in range(60))).patterns) <= 16


@pytest.mark.parametrize(
    "word",
    """
    total one vision capital action rapport carrefour ring phare alliance horizon horizons sage nice equinox orange axis
    milestone atlas mine arme safran etoiles securite public online
    """.split(),  # noqa: SIM905  # many words read best as a text
)
def test_a_word_of_french_or_english_is_an_ordinary_one(word: str) -> None:
    assert word in ordinary_words()


@pytest.mark.parametrize(
    "word",
    ["atos", "avon", "axon", "thales", "engie", "vinci", "sii", "halvoris", "to", "", "totall", "totalem", "halle5"],
)
def test_a_brand_and_a_part_of_a_word_are_no_ordinary_words(word: str) -> None:
    assert word not in ordinary_words()


@pytest.mark.parametrize("name", ["words_fr.txt", "words_en.txt"])
def test_the_lists_of_ordinary_words_are_folded_and_say_where_they_come_from(name: str) -> None:
    lines = files("bot.matching.words").joinpath(name).read_text("utf-8").splitlines()
    header = [line for line in lines if line.startswith("#")]
    groups = [line.split(" ") for line in lines if line and not line.startswith("#")]
    assert any("Derived from" in line for line in header)
    assert any("Copyright" in line for line in header)
    assert [beginning for beginning, *rest in groups if rest != sorted(set(rest))] == []
    assert "".join(rest for _, *rests in groups for rest in rests if rest != ".").isalpha()
    assert [beginning for beginning, *_ in groups] == sorted({beginning for beginning, *_ in groups})
    assert "".join(beginning for beginning, *_ in groups).isascii()


@pytest.mark.parametrize(
    ("name", "brand"),
    [
        ("Halvoris Public Safety Systems", "Halvoris"),
        ("Halvoris Défense et Sécurité SAS", "Halvoris"),
        ("Halvoris Holding", "Halvoris"),
        ("Groupe Halvoris International", "Halvoris"),
        ("Halvoris", None),
        ("Halvoris SAS", None),
        ("Halvoris Défense", None),
        ("Compagnie des Alpes", None),
        ("Action Logement Services", None),
        ("Corvoy & Lanthier", None),
        ("Halvoris & Conseil International", None),
        ("Corvoy Lanthier Tourvel", None),
        ("Paul Corvoy Conseil", None),
        ("Corvane County Council", None),
        ("3M France Services", None),
        ("SA Horizon", None),
    ],
)
def test_the_bare_brand_of_a_long_name_is_proposed_as_an_alias(name: str, brand: str | None) -> None:
    assert cautions(name) == ([(Caution.BARE_BRAND, brand)] if brand else [])


def test_a_brand_that_is_an_alias_already_is_not_proposed() -> None:
    assert cautions("Halvoris Public Safety Systems", aliases=("HALVORIS SA",)) == []


@pytest.mark.parametrize(
    ("name", "options", "told"),
    [
        ("La Poste", {}, [Caution.ORDINARY_WORD]),
        ("Total SA", {}, [Caution.ORDINARY_WORD]),
        ("One", {}, [Caution.SHORT_NAME, Caution.ORDINARY_WORD]),
        ("One", {"identifiers": ("552081317",)}, []),
        ("H&M", {}, [Caution.SHORT_NAME]),
        ("Action Logement", {}, []),
        ("SA Horizon", {}, []),
    ],
)
def test_a_short_or_ordinary_name_is_warned_about(name: str, options: dict[str, Any], told: list[Caution]) -> None:
    assert [caution for caution, _ in cautions(name, **options)] == told


def test_context_makes_a_doubtful_capital_count_but_not_small_letters() -> None:
    assert tiers("Total", Notice(id="n", text="Total : le pétrole"), any_of=("pétrole",)) == [Tier.EXACT]
    assert tiers("Total", Notice(id="n", text="le total du pétrole"), any_of=("pétrole",)) == []


def test_a_name_field_proves_only_the_name_that_it_begins_with() -> None:
    assert tiers("Action", Notice(id="n", suppliers=("ACTION SECURITE CORVANE",))) == [Tier.EXACT]
    assert tiers("Action", Notice(id="n", suppliers=("Corvane SAS", "ACTION SECURITE"))) == [Tier.EXACT]
    assert tiers("Action", Notice(id="n", buyer="COMITE D'ACTION SOCIALE")) == [Tier.WEAK]
    assert tiers("Action", Notice(id="n", title="ACTION SECURITE CORVANE")) == [Tier.WEAK]


def test_the_same_text_gives_the_same_term() -> None:
    assert company("Groupe Halvoris & Fils SAS") == company("Groupe Halvoris & Fils SAS")
