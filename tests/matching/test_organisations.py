"""In whose name an item's words stand: whole fields, and the capitalised words round a match."""

from __future__ import annotations

from html import unescape
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.matching import Found, Matcher
from bot.matching.companies import organisations
from bot.matching.companies.organisations import MOST_PLACES, MOST_WORDS, name_round, organisation_key
from bot.models import ItemKind, Notice, WatchItem


def found(name: str, kind: ItemKind = ItemKind.COMPANY, **said: Any) -> Found:
    matcher = Matcher([WatchItem(kind=kind, name=name, id=1)])
    [one] = matcher.find_apart(Notice(id="26-1", source="gazette", **said))
    return one


def names(name: str, kind: ItemKind = ItemKind.COMPANY, **said: Any) -> list[str]:
    """Return the other names in which an item stands, best first; empty for its own."""
    return [standing.name for standing in found(name, kind, **said).standings]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("la société Atlas Copco France a remporté le marché", "Atlas Copco France"),
        ("Entreprise Atlas Copco, 30 Rue de la Paix", "Atlas Copco"),
        ("Titulaire : Société d'Atlas Maritime. Montant", "Atlas Maritime"),
        ("attribué à ATLAS COPCO FRANCE pour trois ans", "ATLAS COPCO FRANCE"),
        ("le Cabinet Durand & Atlas est retenu", "Cabinet Durand & Atlas"),
        ("avec Atlas de la Loire, à Nantes", "Atlas de la Loire"),
        ("avec J. Atlas Durand", "J. Atlas Durand"),
        ("avec l'Imprimerie Atlas-Dupont", "Imprimerie Atlas-Dupont"),
        ("Les Ateliers Atlas\u00a0Sud répondent", "Ateliers Atlas Sud"),
    ],
)
def test_in_running_text_a_name_is_the_capitalised_words_round_the_match(text: str, name: str) -> None:
    assert names("Atlas", text=text) == [name]


@pytest.mark.parametrize(
    "text",
    [
        "la société Atlas a remporté le marché",
        "Entreprise Atlas, 30 Rue de la Paix",
        "Entreprise Atlas SAS. Montant",
        "avec Atlas et Dupont",
        "avec Atlas, Dupont et fils",
        "avec Atlas (Copco)",
        "avec Atlas\nCopco",
        "Le Groupe Atlas répond",
        "MARCHE ATTRIBUE A ATLAS COPCO FRANCE POUR TROIS ANS",
        "avec Paris Lyon Nice Lille Brest Rouen Metz Nantes Atlas",
    ],
)
def test_where_no_other_name_is_sure_only_the_item_stands_there(text: str) -> None:
    assert names("Atlas", text=text) == [""]


def test_in_a_field_of_names_it_is_the_whole_field() -> None:
    one = found("Atlas", buyer="Ville d'Atlas", suppliers=("Atlas SAS", "Atlas &amp; Cie Sanitaire"))
    assert {standing.key for standing in one.standings} == {"ville d atlas", "", "atlas cie sanitaire"}


def test_a_person_is_told_from_a_longer_name_and_not_from_its_own_in_another_order() -> None:
    people = ("M. MARTIN Paul", "Paul Martin-Dubois")
    assert names("Paul Martin", ItemKind.OFFICIAL, people=people) == ["", "Paul Martin-Dubois"]


def test_a_number_stands_in_no_name() -> None:
    item = WatchItem(kind=ItemKind.COMPANY, name="Valmarin", id=1, identifiers=("siren:404833048",))
    [one] = Matcher([item]).find_apart(Notice(id="26-1", buyer="Autre (404 833 048)"))
    assert [standing.key for standing in one.standings] == [""]


@pytest.mark.parametrize(
    "spelling", ["Atlas Copco France", "ATLAS COPCO FRANCE SAS", "S.A.S. Atlas Copco France", "Atlas-Copco, France"]
)
def test_the_key_of_a_name_knows_no_case_and_no_legal_form(spelling: str) -> None:
    assert organisation_key(spelling) == "atlas copco france"


def test_each_standing_is_a_hit_of_its_own_places() -> None:
    one = found("Atlas", text="Atlas Copco répond. Puis Atlas, puis Atlas Copco.")
    assert [(standing.name, standing.hit.count) for standing in one.standings] == [("Atlas Copco", 2), ("", 1)]
    assert one.hit.count == 3
    left = one.without(frozenset({"atlas copco"}))
    assert left is not None
    assert (left.start, left.matched) == (25, "Atlas")
    assert one.without(frozenset({"atlas copco", ""})) is None


def test_what_is_too_much_to_look_at_stands_nowhere() -> None:
    one = found("Atlas", text="avec Atlas Copco. " * (MOST_PLACES + 1))
    assert [(standing.name, standing.hit.count) for standing in one.standings] == [
        ("Atlas Copco", MOST_PLACES),
        ("", 1),
    ]


def test_a_notice_of_many_organisations_keeps_the_hit() -> None:
    one = found("Atlas", suppliers=tuple(f"Atlas {chr(65 + n // 26)}{chr(65 + n % 26)}x" for n in range(60)))
    assert "" in {standing.key for standing in one.standings}
    assert len(one.standings) <= 21


@given(
    text=st.text(st.sampled_from("Aa Éd'-&.,;\n\u00a0<b>&amp;1İßﬁ\u0301"), min_size=1, max_size=80),
    start=st.integers(0, 79),
    length=st.integers(1, 5),
    field=st.sampled_from(("title", "text", "buyer", "suppliers[0]", "cpv[0]")),
)
def test_whatever_is_written_a_name_holds_the_words_that_matched(
    text: str, start: int, length: int, field: str
) -> None:
    start = min(start, len(text) - 1)
    matched = text[start : start + length]
    name = name_round(field, text, start, start + len(matched))
    assert name is None or " ".join(unescape(matched).split()) in name or "&" in text


def test_of_a_text_of_capitals_only_the_words_near_each_place_are_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    joined = 0
    joins = organisations._joins  # the work is counted

    def counted(gap: str, before: str) -> bool:
        nonlocal joined
        joined += 1
        return joins(gap, before)

    monkeypatch.setattr(organisations, "_joins", counted)
    [standing] = found("Valmarin", text="Valmarin " * 2_000).standings
    assert (standing.name, joined <= 4 * MOST_PLACES * MOST_WORDS) == ("", True)


def test_a_name_longer_than_any_is_none_however_few_its_words() -> None:
    assert names("Atlas", text=f"avec Atlas {'Copco' * 60}") == [""]
