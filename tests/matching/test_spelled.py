from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.matching import Spelling, beginnings, folded_words, number_spellings, spellings, stands

WORDS = st.sampled_from(["caméra", "caméras", "piéton", "l'état", "œuvre", "a", "I.A.", "vidéo", "vidéosurveillance"])
TEXTS = st.lists(st.one_of(WORDS, st.text(max_size=6)), max_size=8).map(" ".join)


def written(found: tuple[Spelling, ...]) -> set[str]:
    return {" ".join(spelling.words) for spelling in found}


@pytest.mark.parametrize(
    ("typed", "text"),
    [
        ("caméra-piéton", "ACHAT DE CAMERAS PIETONS"),
        ("CAMERAS PIETONS", "une caméra-piéton"),
        ("télépilotage", "télé-pilotage"),
        ("télé-pilotage", "télépilotage"),
        ("état", "L\u2019État"),
        ("l'état", "état"),
        ("œuvre", "des oeuvres"),
        ("travaux", "un travail"),
        ("I.A.", "l'IA"),
        ("SAS", "Valmarin S.A.S."),
        ("strasse", "Hauptstraße strasse"),
    ],
)
def test_a_word_is_found_however_it_is_spelled(typed: str, text: str) -> None:
    assert stands(text, [spellings(typed)])


@pytest.mark.parametrize(
    ("typed", "text"),
    [("axon", "Saxon"), ("marché public", "public marché"), ("avis", "avi"), ("corps", "un cor")],
)
def test_what_only_looks_alike_is_not_found(typed: str, text: str) -> None:
    assert stands(text, [spellings(typed)]) == []


def test_an_acronym_is_looked_for_with_dots_but_a_word_is_not() -> None:
    assert "s a s" in written(spellings("SAS"))
    assert "r a t" not in written(spellings("rat"))


def test_what_holds_no_word_has_no_spelling() -> None:
    assert spellings("\U0001f642 ***") == beginnings("*") == ()


def test_a_beginning_goes_on() -> None:
    assert stands("La biométrie", [beginnings("biométri")])
    assert stands("des caméras piétonnes", [beginnings("caméra piét")])
    assert not stands("La biométrie", [spellings("biométri")])


def test_a_siren_is_found_in_groups_in_its_siret_and_in_its_vat_number() -> None:
    siren = number_spellings("404833048")
    for text in ("404 833 048", "404833048", "40483304800022", "FR83404833048", "404 833 048 00022"):
        assert stands(f"RCS {text}.", [siren]), text
    assert stands("1404833048", [siren]) == []


def test_a_siret_is_found_in_groups() -> None:
    siret = number_spellings("40483304800022")
    for text in ("40483304800022", "404 833 048 00022", "404833048 00022"):
        assert stands(text, [siret]), text


def test_a_place_is_a_slice_of_the_original_text() -> None:
    text = "L\u2019achat de CAMÉRAS\u2011PIÉTONS et de <b>cam&eacute;ra</b>\u00a0piéton"
    found = [text[stand.start : stand.end] for stand in stands(text, [spellings("caméra-piéton")])]
    assert found == ["CAMÉRAS\u2011PIÉTONS", "cam&eacute;ra</b>\u00a0piéton"]


def test_an_elided_article_is_no_part_of_the_place() -> None:
    text = "L\u2019État"
    (stand,) = stands(text, [spellings("état")])
    assert text[stand.start : stand.end] == "État"


def test_the_longer_of_two_terms_takes_the_place() -> None:
    found = stands("une caméra piéton", [spellings("caméra"), spellings("caméra-piéton")])
    assert [stand.term for stand in found] == [1]


@given(TEXTS, TEXTS)
@example("\u00bc", "1 4")
@example("\u00bc\u00bd", "1")
def test_every_place_folds_to_a_spelling_of_its_term(text: str, typed: str) -> None:
    terms = [found for found in (spellings(typed), *map(spellings, typed.split())) if found]
    end = 0
    for stand in stands(text, terms):
        assert end <= stand.start < stand.end <= len(text)
        end = stand.end
        # One sign may be more words than were found, as a fraction is.
        shown = f" {' '.join(folded_words(text[stand.start : stand.end]))} "
        assert any(f" {spelling} " in shown for spelling in written(terms[stand.term]))


@given(st.text(max_size=40))
def test_a_text_is_found_by_its_own_words(text: str) -> None:
    for word in folded_words(text):
        assert stands(text, [(Spelling((word,)),)])
