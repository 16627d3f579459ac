"""What is suggested for a noisy item keeps what is meant and drops what is not, on the notices that it hit."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import pytest

from bot.matching import Matcher
from bot.models import ItemKind, Notice, WatchItem
from bot.watchlist.narrowing import Narrowing, Suggestion, still_hit, suggest
from tests.factories import make_item, make_notice

AXIS = make_item("Axis", kind=ItemKind.COMPANY)
GOOD = (
    "Maintenance de caméras Axis Communications",
    "Fourniture de caméras réseau AXIS COMMUNICATIONS P3265",
    "Axis Communications SAS retenue pour la vidéoprotection de la gare",
    "Extension du parc Axis Communications France",
)
HOMONYMS = (
    "Axis Conseil Rhône : étude de sol du collège",
    "Requalification de la zone Axis Parc, lot voirie",
    "Travaux sur l'Axis Nord : reprise des enrobés",
    "Axis Immobilier : vente de bureaux",
    "Nettoyage des locaux de la résidence Axis",
)
COMMUNICATIONS, OTHER = "409353539", "552032534"


def some(titles: Iterable[str], times: int = 4, **said: object) -> list[Notice]:
    return [
        make_notice(f"26-{title[:9]}-{number}", title=title, text=f"Avis {number}.", **said)
        for number in range(times)
        for title in titles
    ]


def suggested(
    item: WatchItem, good: Iterable[Notice], wrong: Iterable[Notice], sources: Iterable[str] = ()
) -> Suggestion | None:
    return suggest(item, still_hit(item, good), still_hit(item, wrong), sources)


def test_the_longer_name_of_what_nobody_dismissed_is_suggested() -> None:
    found = suggested(AXIS, some(GOOD), some(HOMONYMS))
    assert found == Suggestion(
        way=Narrowing.NAME, value="Axis Communications", kept=16, of_kept=16, dropped=20, of_dropped=20
    )


def test_what_is_suggested_was_tried_and_does_what_is_said() -> None:
    """The numbers are what the matcher finds with the item so changed, homonyms of a longer name among them."""
    wrong = [*some(HOMONYMS), *some(["Axis Communications Événementiel : location de salles"], 2)]
    found = suggested(AXIS, some(GOOD), wrong)
    assert found is not None
    matcher = Matcher([replace(AXIS, id=1, name=found.value)])
    assert found.kept == sum(bool(matcher.find(notice)) for notice in some(GOOD))
    assert found.of_dropped - found.dropped == sum(bool(matcher.find(notice)) for notice in wrong) == 2


def test_what_would_lose_more_than_a_few_of_the_good_ones_is_not_suggested() -> None:
    good = [*some(GOOD), *some(["Axis, fabricant de caméras, retenu"], 3)]
    found = suggested(AXIS, good, some(HOMONYMS))
    assert found is None or found.way is not Narrowing.NAME


def test_the_alias_that_brings_the_noise_is_the_one_that_is_made_longer() -> None:
    item = make_item("Communications Suède", kind=ItemKind.COMPANY, aliases=("Axis", "AxisCom"))
    found = suggested(item, some(GOOD), some(HOMONYMS))
    assert found is not None
    assert (found.way, found.value) == (Narrowing.NAME, "Axis Communications")


def test_a_keyword_is_made_a_longer_phrase_by_the_words_beside_it_in_the_text() -> None:
    item = make_item("drone")
    good = some(["acquisition de drones de surveillance", "marché de drones de surveillance pour la côte"])
    wrong = some(["spectacle de drones lumineux", "achat de drones agricoles pour les vignes", "course de drones"])
    found = suggested(item, good, wrong)
    assert found is not None
    assert (found.way, found.kept, found.dropped) == (Narrowing.NAME, 8, 12)
    assert "surveillance" in found.value


MANDARINE = make_item("mandarine")
FRUITS = some(["Denrées : mandarine et clémentine", "Fruits, mandarine, clémentine", "Clémentine ou mandarine"], 3)


def mandarines(number: int) -> list[Notice]:
    """Return notices on another mandarine, which share no word with each other."""
    beside = "rouge bleu vert noir jaune blanc gris rose brun mauve".split()  # noqa: SIM905  # reads best as a text
    return [
        make_notice(f"26-{first}", title=f"{first.capitalize()} mandarine {last}", text=f"Avis {first}.")
        for first, last in list(zip(beside, reversed([f"{word}s" for word in beside]), strict=True))[:number]
    ]


def test_a_word_of_what_was_dismissed_is_suggested_where_no_longer_name_is_found() -> None:
    found = suggested(MANDARINE, mandarines(10), FRUITS)
    assert found == Suggestion(way=Narrowing.WITHOUT, value="clémentine", kept=10, of_kept=10, dropped=9, of_dropped=9)


def test_no_word_is_suggested_to_be_left_out_that_any_notice_may_use() -> None:
    """All that was dismissed is of one month: nothing says that what is meant will not be of it too."""
    good, wrong = still_hit(MANDARINE, mandarines(10)), still_hit(MANDARINE, FRUITS)
    assert suggest(MANDARINE, good, wrong, is_common=lambda word: word == "clementine") is None


def test_no_word_is_suggested_to_be_left_out_where_too_little_is_known_of_what_is_meant() -> None:
    assert suggested(MANDARINE, mandarines(9), FRUITS) is None


def test_the_number_that_the_good_ones_carry_is_suggested() -> None:
    good = [
        make_notice(f"26-{n}", title="Valmarin dépose ses comptes", text="", buyer=None, identifiers=(COMMUNICATIONS,))
        for n in range(4)
    ]
    wrong = [
        make_notice(f"26-9{n}", title="Valmarin dépose ses comptes", text="", buyer=None, identifiers=(OTHER,))
        for n in range(9)
    ]
    found = suggested(make_item("Valmarin", kind=ItemKind.COMPANY), good, wrong)
    assert found is not None
    assert (found.way, found.number, found.kept, found.dropped) == (Narrowing.NUMBER, COMMUNICATIONS, 4, 9)


def test_the_one_source_that_is_all_wrong_is_suggested_to_be_left_out() -> None:
    good = some(["Axis retenu"], 5, source="boamp")
    wrong = some(["Axis retenu"], 9, source="bodacc")
    found = suggested(AXIS, good, wrong, ["boamp", "bodacc", "ted"])
    assert found is not None
    assert (found.way, found.value, found.kept, found.dropped) == (Narrowing.SOURCE, "bodacc", 5, 9)


def test_the_exact_form_of_a_keyword_is_suggested_where_only_its_other_forms_are_wrong() -> None:
    item = make_item("Marches")
    good = some(["Les Marches réélit son maire", "Comité des Marches"])
    wrong = some(["Marché de travaux", "Un marché public", "Le marché de Noël"])
    found = suggested(item, good, wrong)
    assert found is not None
    assert found.kept * 100 >= 95 * found.of_kept


@pytest.mark.parametrize(("good", "wrong"), [(2, 20), (20, 4), (0, 20)])
def test_from_few_notices_nothing_is_learnt(good: int, wrong: int) -> None:
    assert suggested(AXIS, some(GOOD[:1], good), some(HOMONYMS[:1], wrong)) is None


def test_where_nothing_tells_them_apart_nothing_is_suggested() -> None:
    same = some(["Axis retenu"], 9)
    assert suggested(AXIS, same, same) is None
