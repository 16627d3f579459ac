"""Folding: aligned layers, one fold by both paths, offsets that lead back."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.matching import Matcher, folded_words
from bot.matching.folding import fold, fold_character
from bot.models import ItemKind, Notice, WatchItem

any_text = st.text(st.characters(exclude_categories=()), max_size=60)
tricky = st.lists(
    st.sampled_from(
        [
            "<b>", "</b>", "<p>", "&eacute;", "&amp;", "&#x1F600;", "&", "<", "\u00ad", "-\n", "-", "\u0301", "œ", "ﬁ",
            "½", "™", "é", "a", "Z", " ", "\n", "'", "l\u2019", "\ud800", "\U0001d54d", "\x1f", "|", "İ", "ß", "한",
            "中", "&lt;b&gt;",
        ]
    ),
    max_size=30,
).map("".join)  # fmt: skip
INVISIBLE = [
    "\u00ad",
    "\u200b",
    "\u200d",
    "\ufeff",
    "\u2060",
    "\u202e",
    "\u2066",
    "®",
    "™",
    "©",
    "\u0301",
    "<b>",
    "</i>",
]


@given(st.one_of(any_text, tricky))
def test_the_two_layers_are_aligned(text: str) -> None:
    folded = fold(text)
    assert len(folded.clean) == len(folded.flat) == len(folded.blanked())


@given(st.one_of(any_text, tricky))
def test_every_span_of_the_layers_leads_back_inside_the_source(text: str) -> None:
    folded = fold(text)
    last = 0
    for position in range(len(folded.flat)):
        start, end = folded.start(position), folded.end(position + 1)
        assert last <= start < end <= len(text)
        last = start


@given(st.text(st.characters(codec="cp1252"), max_size=60))
def test_the_code_page_path_and_the_table_path_fold_alike(text: str) -> None:
    # a Greek letter forces the table
    assert [*folded_words(text), "ω"] == folded_words(f"{text} ω")


@pytest.mark.parametrize("code", [code for code in range(256) if bytes([code]).decode("cp1252", "ignore")])
def test_every_sign_of_the_code_page_folds_to_plain_letters(code: int) -> None:
    assert fold_character(bytes([code]).decode("cp1252")).replace("|", "").isascii()


@given(any_text)
def test_folding_a_second_time_changes_nothing(text: str) -> None:
    words = folded_words(text)
    assert folded_words(" ".join(words)) == words


@given(any_text)
def test_case_and_composition_do_not_count(text: str) -> None:
    plain = "".join(sign for sign in text if sign not in "&<")
    decomposed = folded_words(unicodedata.normalize("NFD", plain))
    if not any("\u1100" <= sign <= "\u11ff" for sign in unicodedata.normalize("NFD", plain)):
        assert decomposed == folded_words(unicodedata.normalize("NFC", plain))


@given(st.lists(st.sampled_from(INVISIBLE), min_size=7, max_size=7), st.booleans())
def test_a_word_sown_with_invisible_signs_is_found_whole(signs: list[str], upper: bool) -> None:  # noqa: FBT001
    word = "Valmarin".upper() if upper else "Valmarin"
    sown = "".join(letter + sign for letter, sign in zip(word, [*signs, ""], strict=True))
    text = f"La société {sown} a signé"
    [hit] = Matcher([WatchItem(kind=ItemKind.COMPANY, name="Valmarin")]).find(Notice(id="n", text=text))
    assert text[hit.start : hit.end] == hit.matched == sown


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("L\u2019État d'œuvre", ["etat", "oeuvre"]),
        ("AXON™ Łódź Ørsted ß", ["axon", "lodz", "orsted", "ss"]),
        ("aujourd'hui, l'été", ["aujourd", "hui", "ete"]),
        ("jusqu'à Qu'il", ["a", "il"]),
        ("½ m² ①", ["1", "2", "m2", "1"]),
        ("<p class='x'>un</p><p>deux</p>", ["un", "deux"]),
        ("un<br/>deux m<sup>2</sup>", ["un", "deux", "m2"]),
        ("&lt;b&gt;dro&lt;/b&gt;ne", ["drone"]),
        ("2 < 3 et 5 > 4 & R&D", ["2", "3", "et", "5", "4", "r", "d"]),
        ("a\x00b\ud800c|d\x1fe", ["a", "b", "c", "d", "e"]),
        ("\u1fb3 \u03b1\u0345", ["\u03b1", "\u03b1"]),
    ],
)
def test_a_text_is_cleaned_and_split_into_words(text: str, words: list[str]) -> None:
    assert folded_words(text) == words


def test_a_match_through_an_entity_covers_the_entity() -> None:
    text = "une cam&eacute;ra&nbsp;pi&#233;ton"
    [hit] = Matcher([WatchItem(kind=ItemKind.KEYWORD, name="caméra piéton")]).find(Notice(id="n", text=text))
    assert hit.matched == "cam&eacute;ra&nbsp;pi&#233;ton"
