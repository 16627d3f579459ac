"""Why an item that was expected does not match: the reason, proven, with its place; nothing rather than a guess."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.errors import QueryError
from bot.matching import Matcher, Missed, codes
from bot.matching.codes import Doubt, Obstacle, Rule
from bot.matching.explaining.why_not import MOST_TOLD, doubt_of, why_not
from bot.models import ItemKind, Notice, WatchItem

COMPANY, OFFICIAL, KEYWORD = ItemKind.COMPANY, ItemKind.OFFICIAL, ItemKind.KEYWORD


def item(kind: ItemKind, name: str, **said: tuple[str, ...]) -> WatchItem:
    return WatchItem(guild_id=1, kind=kind, name=name, **said)  # type: ignore[arg-type]  # lists only


def reasons(kind: ItemKind, name: str, text: str, **said: tuple[str, ...]) -> list[tuple[Obstacle, str]]:
    return [(one.obstacle, one.matched) for one in why_not(item(kind, name, **said), Notice(id="-", text=text))]


@pytest.mark.parametrize(
    ("kind", "name", "text", "obstacle", "matched"),
    [
        (COMPANY, "Orange", "il a acheté une orange hier", Obstacle.SMALL_LETTERS, "orange"),
        (COMPANY, "OVL", "les ovl du service", Obstacle.NOT_CAPITALS, "ovl"),
        (KEYWORD, "IA", "une ia générative", Obstacle.NOT_CAPITALS, "ia"),
        (COMPANY, "Axon", "la taxonomie des sols", Obstacle.INSIDE_WORD, "taxonomie"),
        (COMPANY, "Valmarin Public Safety", "marché attribué à Valmarin hier", Obstacle.BRAND_ALONE, "Valmarin"),
        (COMPANY, "Valmarin Public Safety", "une école de public safety", Obstacle.WORDS_MISSING, "public safety"),
        (COMPANY, "La Poste", "un poste de police", Obstacle.WORDS_MISSING, "poste"),
        (KEYWORD, "plan de relance", "le plan relance du pays", Obstacle.PHRASE_INCOMPLETE, "plan relance"),
        (KEYWORD, "plan de relance", "la relance de ce plan", Obstacle.OTHER_ORDER, "relance de ce plan"),
        (COMPANY, "Valmarin Défense", "Valmarin pour la Défense", Obstacle.APART, "Valmarin pour la Défense"),
        (COMPANY, "Valmarin Défense", "Défense Valmarin", Obstacle.OTHER_ORDER, "Défense Valmarin"),
        (COMPANY, "Orvel", "la société Orvil a gagné", Obstacle.LETTER_OF_SHORT_NAME, "Orvil"),
        (OFFICIAL, "Paul Corvoy", "Paul Martin et Anne Corvoy", Obstacle.NOT_ONE_NAME, "Paul Martin et Anne Corvoy"),
        (OFFICIAL, "Paul Corvoy", "le maire Jean Corvoy", Obstacle.OTHER_GIVEN_NAME, "Jean Corvoy"),
        (OFFICIAL, "Paul Corvoy", "Jean-Paul Corvoy est nommé", Obstacle.OTHER_GIVEN_NAME, "Jean-Paul Corvoy"),
        (OFFICIAL, "Paul Corvoy", "la rue corvoy", Obstacle.FAMILY_NAME_ALONE, "corvoy"),
        (KEYWORD, "caméra piéton", "une caméra pour le piéton", Obstacle.APART, "caméra pour le piéton"),
        (KEYWORD, "caméra piéton", "des caméras pour les piétons", Obstacle.APART, "caméras pour les piétons"),
        (KEYWORD, "=Ville", "les villes de Tarvel", Obstacle.OTHER_FORM, "villes"),
        (KEYWORD, "caméra thermique", "une caméra de rue", Obstacle.PHRASE_INCOMPLETE, "caméra"),
        (KEYWORD, "surveillance", "il surveillait", Obstacle.OTHER_ENDING, "surveillait"),
        (KEYWORD, "préfecture", "la préfectire du Nord", Obstacle.LETTER_OF_KEYWORD, "préfectire"),
        (KEYWORD, "=Ville", "la VILLE de Tarvel", Obstacle.OTHER_FORM, "VILLE"),
    ],
)
def test_the_reason_is_named_with_its_place(
    kind: ItemKind, name: str, text: str, obstacle: Obstacle, matched: str
) -> None:
    assert reasons(kind, name, text)[0] == (obstacle, matched)


@pytest.mark.parametrize(
    ("kind", "name", "text"),
    [
        (COMPANY, "Valmarin", "Valmarin a gagné"),
        (COMPANY, "Valmarin", "la société Orvelin a gagné"),
        (OFFICIAL, "Paul Corvoy", "Paul est venu"),
        (KEYWORD, "drone ET préfecture", "un avion"),
        (COMPANY, "Valmarin Défense", "une défence du littoral"),
        (OFFICIAL, "Paul Corvoy", "la rue Corvoi"),
        (KEYWORD, "drone", ""),
    ],
)
def test_nothing_is_said_of_a_hit_nor_where_nothing_of_the_item_stands(kind: ItemKind, name: str, text: str) -> None:
    assert reasons(kind, name, text) == []


def test_conditions_of_the_item_are_left_to_its_near_miss() -> None:
    held = item(COMPANY, "Valmarin", any_of=("drone",))
    assert why_not(held, Notice(id="-", text="Valmarin a gagné")) == []


def test_a_missing_operand_is_named_and_why_it_is_missing() -> None:
    notice = Notice(id="-", text="des drones et des surveillants")
    first, second = why_not(item(KEYWORD, "drone ET surveillance"), notice)
    assert (first.obstacle, first.matched, first.asked) == (Obstacle.OPERAND_MISSING, "drones", "surveillance")
    assert (second.obstacle, second.matched) == (Obstacle.OTHER_ENDING, "surveillants")


@pytest.mark.parametrize(
    ("text", "distance"),
    [("des drones survolent la préfecture", 3), ("drones" + " bleus" * 50 + " préfecture", 51)],
)
def test_how_far_apart_the_sides_of_near_stand_is_measured_as_the_matcher_does(text: str, distance: int) -> None:
    (missed,) = why_not(item(KEYWORD, "drone NEAR/2 préfecture"), Notice(id="-", text=text))
    assert (missed.obstacle, missed.distance) == (Obstacle.TOO_FAR, distance)
    assert Matcher([item(KEYWORD, f"drone NEAR/{distance} préfecture")]).find(Notice(id="-", text=text))
    assert not Matcher([item(KEYWORD, f"drone NEAR/{distance - 1} préfecture")]).find(Notice(id="-", text=text))


def test_a_small_word_that_is_missing_is_named() -> None:
    (missed,) = why_not(item(KEYWORD, "plan de relance"), Notice(id="-", text="le plan relance du pays"))
    assert missed.asked == "de"


def test_of_a_query_of_which_nothing_stands_each_part_says_what_comes_near() -> None:
    text = "des surveillants à la préfectire"
    assert reasons(KEYWORD, "surveillance ET préfecture", text) == [
        (Obstacle.OTHER_ENDING, "surveillants"),
        (Obstacle.LETTER_OF_KEYWORD, "préfectire"),
    ]


def test_a_part_that_an_alternative_excludes_is_named() -> None:
    (missed,) = why_not(item(KEYWORD, "(drone SAUF police) OU robot"), Notice(id="-", text="un drone de la police"))
    assert (missed.obstacle, missed.matched, missed.asked) == (Obstacle.OPERAND_EXCLUDED, "drone", "police")


def test_beside_words_too_far_apart_another_missing_one_is_named() -> None:
    notice = Notice(id="-", text="un drone de la grosse police")
    first, second = why_not(item(KEYWORD, "drone NEAR/2 police ET préfecture"), notice)
    assert (first.obstacle, first.distance) == (Obstacle.TOO_FAR, 4)
    assert (second.obstacle, second.asked) == (Obstacle.OPERAND_MISSING, "préfecture")


WEAK_RULES = {
    Rule[name]
    for path in Path(codes.__file__).parent.rglob("*.py")
    for name in re.findall(r"Tier\.WEAK, (?:rule=)?Rule\.([A-Z_]+)", path.read_text(encoding="utf-8"))
}


def test_every_rule_that_makes_a_hit_weak_has_its_own_sentence() -> None:
    assert len(WEAK_RULES) >= 7
    doubts = [doubt_of(rule) for rule in WEAK_RULES]
    assert len({*doubts, Doubt.UNSURE}) == len(doubts) + 1
    assert {*doubts, Doubt.UNSURE} == set(Doubt)


def test_sides_of_near_in_two_fields_are_out_of_reach() -> None:
    (missed,) = why_not(item(KEYWORD, "drone NEAR/9 préfecture"), Notice(id="-", title="drone", text="préfecture"))
    assert (missed.obstacle, missed.distance) == (Obstacle.OUT_OF_REACH, 99)


@pytest.mark.parametrize(
    ("text", "obstacle", "matched"),
    [
        ("facture n° 45520813179", Obstacle.PART_OF_NUMBER, "45520813179"),
        ("soit 1 552 081 317,00 € HT", Obstacle.AMOUNT, "1 552 081 317,00 € HT"),
    ],
)
def test_a_number_inside_another_one_or_an_amount_is_told(text: str, obstacle: Obstacle, matched: str) -> None:
    assert reasons(COMPANY, "Valmarin", text, identifiers=("552081317",)) == [(obstacle, matched)]


def test_each_alias_is_judged_by_itself() -> None:
    assert reasons(COMPANY, "Valmarin", "la taxonomie", aliases=("Axon",)) == [(Obstacle.INSIDE_WORD, "taxonomie")]


def test_the_place_is_a_slice_of_the_original_field_in_whatever_field() -> None:
    notice = Notice(id="-", title="Rien", suppliers=("Corvoy", "la soci\u00e9t\u00e9 &amp; Jean\u00a0Corvoy\u00ad"))
    for missed in why_not(item(OFFICIAL, "Paul Corvoy"), notice):
        assert field_of(notice, missed)[missed.start : missed.end] == missed.matched
    assert [one.field for one in why_not(item(OFFICIAL, "Paul Corvoy"), notice)] == ["suppliers[0]", "suppliers[1]"]


def field_of(notice: Notice, missed: Missed) -> str:
    return notice.suppliers[int(missed.field[10])]


def test_it_never_tells_more_than_a_person_reads() -> None:
    text = " ".join(f"Jean{number} Corvoy." for number in range(500))
    assert len(reasons(OFFICIAL, "Paul Corvoy", text)) <= MOST_TOLD


@pytest.mark.parametrize("odd", ["\ud800", "\0", "A" * 20_000, "(" * 300, "V A L M A R I N " * 300, "½ " * 500])
def test_no_text_makes_it_fail(odd: str) -> None:
    for kind, name in (
        (COMPANY, "Valmarin Défense"),
        (OFFICIAL, "Paul Corvoy"),
        (KEYWORD, "drone NEAR/3 (a1b OU cde)"),
    ):
        why_not(item(kind, name, identifiers=("552081317",)), Notice(id="-", text=odd))


WORDS = st.sampled_from(
    (
        "Paul", "Anne", "Corvoy", "CORVOY", "Jean-Paul", "Valmarin", "valmarin", "Défense", "Orange", "orange", "drone",
        "drones", "préfecture", ",", ".", "et", "de", "M.", "552",
    )
)  # fmt: skip


@given(st.lists(WORDS, max_size=12).map(" ".join), st.lists(WORDS, min_size=1, max_size=3).map(" ".join))
@settings(max_examples=30)
def test_of_any_words_a_reason_is_given_only_without_a_hit_and_with_its_place(text: str, name: str) -> None:
    notice = Notice(id="-", text=text)
    for kind in ItemKind:
        try:
            asked = item(kind, name)
            found = Matcher([asked]).find(notice)
        except QueryError:
            continue
        told = why_not(asked, notice)
        assert not (found and told)
        assert all(text[one.start : one.end] == one.matched for one in told)


def test_of_a_table_of_numbers_only_what_stands_round_the_digits_is_told() -> None:
    wanted = item(COMPANY, "Valmarin", identifiers=("552081317",))
    table = "1 234,56 " * 2_000
    [missed] = why_not(wanted, Notice(id="n", text=f"{table}4552081317{table}"))
    assert (missed.obstacle, "4552081317" in missed.matched, len(missed.matched) < 200) == (
        Obstacle.PART_OF_NUMBER,
        True,
        True,
    )
