"""Folding: aligned layers, one fold by both paths, offsets that lead back."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.matching import Matcher, folded_words
from bot.matching.text.characters import expand_character, transliterated
from bot.matching.text.document import Document
from bot.matching.text.folding import fold, fold_character
from bot.matching.text.scanning import Scan
from bot.matching.text.scripts import ScriptScan, scan_character, scan_text
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
of_a_code_page = st.builds(
    lambda signs, codec: signs.decode(codec, "ignore"),
    st.binary(max_size=60),
    st.sampled_from(["latin-1", "cp1252", "cp1250", "iso8859-16", "cp1257"]),
)
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


@given(st.one_of(any_text, tricky, of_a_code_page))
@example("ą\u02c7")
def test_the_layers_are_what_each_character_becomes(text: str) -> None:
    folded = fold(text, text)
    folds = map(fold_character, folded.clean)
    assert folded.clean == "".join(map(expand_character, text))
    assert folded.flat == "".join(one if len(one) == 1 else " " for one in folds)


def test_any_text_is_scanned_as_each_of_its_characters_is() -> None:
    for low in (*range(0, 0x40000, 0x800), 0xE0000, 0x10F800):
        text = "".join(map(chr, range(low, low + 0x800)))
        assert scan_text(text) == "".join(map(scan_character, text)), hex(low)


def test_a_long_piece_of_few_letters_is_scanned_as_each_of_them_is() -> None:
    for low in (*range(0, 0x3400, 200), *range(0xA000, 0xA800, 200), *range(0xF900, 0x12000, 200), 0x1D400, 0x20000):
        piece = "".join(map(chr, range(low, low + 200))) * 12
        assert ScriptScan().scanned(piece) == scan_text(piece).encode("utf-8", "replace"), hex(low)


def test_a_piece_with_a_letter_more_than_those_met_last_is_scanned_whole() -> None:
    script = ScriptScan()
    first = "жзщ中한 \U0001d400" * 500
    for piece in (first, "жзщ", "жзщя", f"{first}я", "中\U0001d401", "\ufffe\ue000" * 1_500, first):
        assert script.scanned(piece) == scan_text(piece).encode("utf-8", "replace")


@given(st.text(" a.,'-l", max_size=40))
def test_what_parts_words_is_one_space_however_much_of_it(text: str) -> None:
    assert Scan(f" {text} ", 8).words() == (folded_words(text) or [""])


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


SIGNS = [
    "a", "é", "œ", "Œ", "ß", "½", "l'", "d\u2019", "qu'", "-", " - ", "--", "\u2010", "\n", "-\n",
    "\xad\n", "<b>", "-<br>", "&amp;", "&eacute;", "|", "\x1f", "'", " ", "\u00a0", "e\u0301", "ﬁ", "™",
    "№", "Ж", "й", "и\u0306", "ь", "л'", "λ", "Σ", "ł", "ș", "İ", "中", "国", "ไ", "ำ", "ｶ", "が", "㍿", "⑴",
    "9-3", "\ud800", "\U0001d400", "😀", "…", "€", "한", "कि", "\x00",
]  # fmt: skip


@settings(max_examples=150)
@given(st.lists(st.sampled_from(SIGNS) | st.characters(exclude_categories=()), max_size=30).map("".join))
def test_the_automaton_reads_the_words_of_the_layers_in_their_order(text: str) -> None:
    document = Document(Notice(id="n", title="titre", text=text), 20)
    flat = document.folded.flat
    for reading, scanned in (
        (document.main, document.main_transliterated.words),
        (document.joined, document.joined_transliterated.words),
    ):
        spans = zip(reading.starts, reading.ends, strict=True)
        assert [flat[start:end].replace("-", "") for start, end in spans] == reading.words
        assert len(scanned) == len(reading.words)
        assert not document.scan.is_plain or scanned == reading.words
    spaces = [place for place, sign in enumerate(document.scan.main[:-1]) if sign == ord(" ")]
    assert [document.scan.word_at(place) for place in spaces] == list(range(len(spaces)))


def test_words_in_a_hundred_thousand_lines_keep_their_places() -> None:
    text = "".join(f"mot{number}, ou bien œuvre-{number}\n" for number in range(5_000))
    document = Document(Notice(id="n", text=text), 20)
    reading = document.main
    index = reading.words.index("mot4321")
    low, top = document.span(reading.starts[index], reading.ends[index])[1:]
    assert text[low:top] == "mot4321"
    assert reading.index(reading.starts[index]) == index


@pytest.mark.parametrize(
    ("text", "letters"),
    [("Хорошій", "Khoroshiy"), ("Тверь", "Tver"), ("Σταμάτης", "Stamatis"), ("Щукин", "Shchukin"), ("Val", "Val")],
)  # fmt: skip  # Greek and Cyrillic
def test_greek_and_cyrillic_have_plain_letters(text: str, letters: str) -> None:
    assert transliterated(text) == letters


def test_a_short_i_in_two_characters_is_the_letter() -> None:
    assert folded_words("Сергеи\u0306 Корвои\u0306") == folded_words("Сергей Корвой")  # Cyrillic


def test_each_letter_of_a_script_without_spaces_is_a_word() -> None:
    assert folded_words("中标Valmarin公司") == ["中", "标", "valmarin", "公", "司"]
