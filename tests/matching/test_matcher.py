"""The matcher: fields, counts, tiers, conditions, sources and near misses."""

from __future__ import annotations

from typing import Any

import pytest

from bot.errors import QueryError
from bot.matching import Matcher, NearMiss, Reason, Rule
from bot.models import Hit, ItemKind, Notice, Tier, WatchItem


def company(name: str = "Valmarin", **options: Any) -> WatchItem:
    return WatchItem(kind=ItemKind.COMPANY, name=name, **options)


def keyword(name: str, **options: Any) -> WatchItem:
    return WatchItem(kind=ItemKind.KEYWORD, name=name, **options)


def find(item: WatchItem, **fields: Any) -> Hit | None:
    hits = Matcher([item]).find(Notice(id="n", **fields))
    assert len(hits) <= 1
    return hits[0] if hits else None


def miss(item: WatchItem, **fields: Any) -> NearMiss | None:
    misses = Matcher([item]).near_misses(Notice(id="n", **fields))
    return misses[0] if misses else None


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"title": "Valmarin", "text": "rien"}, "title"),
        ({"title": "rien", "text": "chez Valmarin"}, "text"),
        ({"buyer": "Ville de Valmarin"}, "buyer"),
        ({"suppliers": ("Autre", "", "VALMARIN SAS")}, "suppliers[2]"),
        ({"people": ("Anne Lanthier", "Luc Valmarin")}, "people[1]"),
    ],
)
def test_a_hit_names_its_field_and_element(fields: dict[str, Any], field: str) -> None:
    hit = find(company(), **fields)
    assert hit is not None
    assert hit.field == field


def test_words_are_not_looked_for_among_identifiers() -> None:
    assert find(keyword("siren"), identifiers=("siren:552081317",), cpv=("35125300",)) is None


def test_a_match_never_straddles_two_fields() -> None:
    assert find(keyword("caméra piéton"), title="caméra", text="piéton", suppliers=("caméra", "piéton")) is None


def test_a_hit_says_what_it_found() -> None:
    item = company("Valmarin SAS", id=7, ref="A1")
    assert find(item, title="Un avis", text="Attribué à VALMARIN Défense.") == Hit(
        notice="n",
        item=7,
        ref="A1",
        kind=ItemKind.COMPANY,
        tier=Tier.VARIANT,
        term="Valmarin SAS",
        rule=Rule.LEGAL_FORM,
        field="text",
        start=11,
        end=19,
        matched="VALMARIN",
        snippet="Attribué à VALMARIN Défense.",
    )


def test_the_first_place_of_the_best_tier_is_kept_and_all_are_counted() -> None:
    hit = find(keyword("drone"), title="des drones", text="un drone, deux drones, un drone")
    assert hit is not None
    assert (hit.field, hit.start, hit.tier, hit.count) == ("text", 3, Tier.EXACT, 4)


def test_overlapping_names_of_one_item_count_once() -> None:
    hit = find(company(aliases=("Valmarin Défense",)), text="Valmarin Défense")
    assert hit is not None
    assert (hit.count, hit.tier, hit.matched) == (1, Tier.EXACT, "Valmarin")


def test_a_name_outranks_an_alias() -> None:
    hit = find(company(aliases=("Axovial",)), text="Axovial, filiale de Valmarin SAS")
    assert hit is not None
    assert (hit.tier, hit.matched, hit.term, hit.count) == (Tier.EXACT, "Valmarin", "Valmarin", 2)


def test_an_alias_is_named_as_the_term() -> None:
    hit = find(company(aliases=("Axovial",)), text="chez AXOVIAL")
    assert hit is not None
    assert (hit.tier, hit.term) == (Tier.ALIAS, "Axovial")


def test_the_term_of_a_query_is_its_first_positive_operand() -> None:
    hit = find(keyword("(drone OU ballon) ET police"), text="police : un ballon")
    assert hit is not None
    assert (hit.term, hit.matched) == ("ballon", "ballon")


def test_the_snippet_is_cut_at_words_and_its_spaces_are_single() -> None:
    text = "mot " * 40 + "\n\n la\tValmarin   &amp; fils " + "fin " * 40
    hit = find(company(), text=text)
    assert hit is not None
    assert hit.snippet.startswith("mot mot")
    assert " la Valmarin &amp; fils fin" in hit.snippet
    assert hit.snippet.endswith("fin fin")
    assert len(hit.snippet) <= 60 + len("Valmarin") + 60


def test_hits_come_in_the_order_of_the_items() -> None:
    items = [company("Corvoy", id=3), company("Valmarin", id=1), company("Valmarin", id=2, guild_id=9)]
    assert [hit.item for hit in Matcher(items).find(Notice(id="n", text="Valmarin, Corvoy"))] == [3, 1, 2]


def test_a_condition_is_looked_for_in_every_field() -> None:
    item = company(any_of=("drone",), none_of=("formation OU stage",))
    assert find(item, text="Valmarin") is None
    assert find(item, text="Valmarin", suppliers=("Société des drones",)) is not None
    assert find(item, text="Valmarin drone", buyer="Centre de formation") is None


def test_an_identifier_needs_no_context_and_obeys_exclusions() -> None:
    item = company(identifiers=("552081317",), any_of=("drone",), none_of=("formation",))
    hit = find(item, text="Valmarin", identifiers=("siren:552081317",))
    assert hit is not None
    assert (hit.tier, hit.field, hit.matched, hit.count) == (Tier.IDENTIFIER, "identifiers[0]", "552081317", 1)
    assert find(item, text="formation", identifiers=("siren:552081317",)) is None


@pytest.mark.parametrize(
    ("typed", "carried", "rule"),
    [
        ("552 081 317", "552081317", Rule.SIREN),
        ("552081317", "SIREN: 552 081 317", Rule.SIREN),
        ("siren:552081317", "siret:55208131700012", Rule.SIREN_IN_SIRET),
        ("552081317", "FR03552081317", Rule.SIREN_IN_VAT),
        ("hatvp:H12", "HATVP:h12", Rule.IDENTIFIER),
        ("SC123456", "uk-coh:SC123456", Rule.REGISTER_NUMBER),
        ("552081317", "uk-coh:552081317", None),
        ("hatvp:12345", "lda:12345", None),
        ("55208131700012", "552081317", None),
    ],
)
def test_an_identifier_is_compared_with_those_of_the_notice(typed: str, carried: str, rule: Rule | None) -> None:
    hit = find(company("Axovial", identifiers=(typed,)), identifiers=(carried,))
    assert (hit.rule if hit else None) == rule
    if hit:
        assert carried[hit.start : hit.end] == hit.matched


def test_the_identifiers_of_a_notice_come_before_its_text() -> None:
    hit = find(company(identifiers=("552081317",)), text="SIREN 552 081 317", identifiers=("552081317",))
    assert hit is not None
    assert (hit.field, hit.count) == ("identifiers[0]", 2)


def test_a_cpv_code_finds_its_branch() -> None:
    item = company("Axovial", identifiers=("cpv:35100000",))
    assert find(item, cpv=("45000000", "35125300-2")) is not None
    assert find(item, cpv=("35200000",)) is None


def test_an_item_is_looked_for_in_its_sources_only() -> None:
    item = company(sources=("boamp", "feed:valmar"))
    assert find(item, text="Valmarin", source="boamp") is not None
    assert find(item, text="Valmarin", source="ted") is None
    assert find(item, text="Valmarin") is None


def test_an_ordinary_name_is_proven_by_a_field_of_names() -> None:
    hit = find(company("Horizon"), suppliers=("HORIZON",))
    assert hit is not None
    assert hit.tier is Tier.EXACT
    in_text = find(company("Horizon"), text="HORIZON")
    assert in_text is not None
    assert in_text.tier is Tier.WEAK


@pytest.mark.parametrize(
    ("item", "reason", "operand"),
    [
        (company(any_of=("drone", "caméra")), Reason.ANY_OF_MISSING, "drone; caméra"),
        (company(none_of=("stage", "formation")), Reason.NONE_OF_PRESENT, "formation"),
        (company(sources=("ted",)), Reason.SOURCE_EXCLUDED, "ted"),
        (keyword("valmarin SAUF formation"), Reason.NONE_OF_PRESENT, "formation"),
    ],
)
def test_an_item_held_back_says_why_and_where(item: WatchItem, reason: Reason, operand: str) -> None:
    near = miss(item, text="La Valmarin en formation", source="boamp")
    assert near is not None
    assert (near.reason, near.operand, near.field, near.start, near.end) == (reason, operand, "text", 3, 11)
    assert near.matched == "Valmarin"
    assert find(item, text="La Valmarin en formation", source="boamp") is None


def test_what_is_a_hit_or_is_absent_is_no_near_miss() -> None:
    assert miss(company(), text="Valmarin") is None
    assert miss(company(any_of=("drone",), identifiers=("552081317",)), text="Valmarin 552081317") is None
    assert miss(company(any_of=("drone",)), text="Corvoy") is None


@pytest.mark.parametrize(
    "item",
    [
        company(any_of=("drone OU",)),
        company(none_of=("(drone",)),
        company(""),
        keyword("a OU"),
        company(aliases=("&",)),
    ],
)
def test_a_matcher_refuses_an_item_with_a_wrong_query(item: WatchItem) -> None:
    with pytest.raises(QueryError):
        Matcher([company(), item])
