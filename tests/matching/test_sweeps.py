"""Words with a star in front and regular expressions: what they find, and that they stay linear and never raise."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import QueryError
from bot.matching import Matcher, check
from bot.matching.query import regular
from bot.matching.query.regular import MOST_FOUND, Searched, read_expression
from bot.models import Hit, ItemKind, Notice, WatchItem


def hits(query: str, text: str, **fields: object) -> list[Hit]:
    found = Matcher([WatchItem(kind=ItemKind.KEYWORD, name=query)]).find(Notice(id="n", text=text, **fields))  # type: ignore[arg-type]
    assert all(hit.matched == text[hit.start : hit.end] for hit in found if hit.field == "text")
    return found


def matched(query: str, text: str) -> str | None:
    return next((hit.matched for hit in hits(query, text)), None)


@pytest.mark.parametrize(
    ("query", "text", "found"),
    [
        ("*surveillance", "des VIDÉOSURVEILLANCES", "VIDÉOSURVEILLANCES"),
        ("*surveillance", "la surveillance", "surveillance"),
        ("*surveillance", "la vidéo-surveil-\nlance", "vidéo-surveil-\nlance"),
        ("*surveillance", "un surveillant", None),
        ("*journal", "des vidéojournaux", "vidéojournaux"),
        ("*veillan*", "un télésurveillant", "télésurveillant"),
        ("*veillan*", "je veille, l'an dernier", None),
        ("*ville de Valmar*", "la Grandville de Valmarin", "Grandville de Valmarin"),
        ("caméra* piéton*", "des CAMÉRAS-PIÉTONNES", "CAMÉRAS-PIÉTONNES"),
        ("caméra* piéton*", "des caméras pour piétons", None),
        ("caméra *surveillance", "caméras de vidéosurveillance", None),
        ("caméra *surveillance", "caméras télésurveillance", "caméras télésurveillance"),
        ('"l\'*offres public*"', "l'appeloffres publics", "appeloffres publics"),
        ('"du *surveillance"', "le plan du vidéosurveillance", "du vidéosurveillance"),
    ],
)
def test_a_star_lets_a_word_begin_or_go_on(query: str, text: str, found: str | None) -> None:
    assert matched(query, text) == found


@pytest.mark.parametrize(
    ("query", "text", "found"),
    [
        (r"re:/dr[oô]nes?/", "un DRONE, des drônes", "drônes"),
        (r"re:/dr[oô]nes?/i", "un DRONE, des drônes", "DRONE"),
        (r"re:/(?i)drone/", "un DRONE", "DRONE"),
        (r"re:/\bété\b/", "l'été2, un été.", "été"),
        (r"re:/\bété\b/", "étés", None),
        (r"re:/\bavion\b|\béolien/", "l\u2019éolien", "éolien"),
        (r"re:/\b(\bété)\b\b/", "un été", "été"),
        (r"re:/^\bUn.*\bété$/", "  Un bel\n été ", "Un bel\n été"),
        (r"re:/\Bolien/", "éolien", "olien"),
        (r"re:/\Béolien/", "éolien", None),
        (r"re:/\w+-\d{2}/", "modèle Évian-12", "Évian-12"),
        (r"re:/[\w']+ \W/", "l'État & Cie", "l'État &"),
        (r"re:/[^\W\d]{5}\d/", "abé1 etété2", "etété2"),
        (r"re:/\b[^a-z ]+\b/", "abc ÉTÉ def", "ÉTÉ"),
        (r"re:/\b[[:upper:]][[:alpha:]]+/", "le Évêque", "Évêque"),
        (r"re:/\b\PL+\d\b/", "abc 12-3 d", "12-3"),
        (r"re:/\D\S\d/", "ab é2", "é2"),
        (r"re:/\Qa.b\E/", "axb a.b", "a.b"),
        (r"re:/caméra piéton/", "une caméra\u00a0\n piéton", "caméra\u00a0\n piéton"),
        (r"re:/l'État - nation/", "l\u2019État \u2013 nation", "l\u2019État \u2013 nation"),
        ("re:/l\u2019État/", "l'État", "l'État"),
        (r"re:/œuvre|[æœ]ther/", "mise en œuvre", "œuvre"),
        (r"re:/[æœ]ther/", "un &aelig;ther", "&aelig;ther"),
        (r"re:/été/", "un e\u0301te\u0301", "e\u0301te\u0301"),
        ("re:/e\u0301té/", "un été", "été"),
        (r"re:/surveillance/", "la surveil-\nlance", "surveil-\nlance"),
        (r"re:/surveil-lance/", "la surveil-\nlance", "surveil-\nlance"),
        (r"re:/a\/b/", "ou a/b", "a/b"),
        (r"re:/a\.b{2}/", "a.bb", "a.bb"),
        (r"re:/R&D/", "<p>R&amp;D</p>", "R&amp;D"),
    ],
)
def test_an_expression_reads_the_cleaned_text_and_knows_every_letter(query: str, text: str, found: str | None) -> None:
    assert matched(query, text) == found


def test_an_expression_never_crosses_two_fields() -> None:
    notice = {"title": "Un drone", "suppliers": ("pour la police", "de Valmar")}
    assert not hits("re:/drone.*police/", "la mairie", **notice)
    assert not hits("re:/police.*Valmar/", "la mairie", **notice)
    assert [hit.field for hit in hits("re:/police$/", "la mairie", **notice)] == ["suppliers[0]"]


@pytest.mark.parametrize("query", ["caméra* piéton*", "*surveillance urbain*", '"de *surveillance"'])
def test_words_with_stars_never_cross_two_fields(query: str) -> None:
    assert not hits(query, "piétons urbains", title="vidéosurveillance de caméras")
    assert not hits(query, "", suppliers=("achat de", "vidéosurveillance", "urbaine", "caméras", "piétonnes"))


def test_codes_are_no_text_for_an_expression() -> None:
    assert not hits(r"re:/\d{8}/", "la mairie", cpv=("35100000",), identifiers=("552081317",))


@pytest.mark.parametrize(
    ("query", "text", "found"),
    [
        ("*surveillance ET drone", "un drone de vidéosurveillance", True),
        ("*surveillance ET drone", "la vidéosurveillance", False),
        ("drone SAUF *surveillance", "un drone de vidéosurveillance", False),
        ("drone SAUF re:/T-\\d+/", "un drone T-200", False),
        ("re:/T-\\d+/ OU ballon", "un T-200", True),
        ("re:/T-\\d+/ NEAR/1 drone", "un drone T-200", True),
        ("re:/T-\\d+/ NEAR/1 drone", "un drone de T-200", False),
        ("re:/llance/ NEAR/1 drone", "surveillance drone", True),
        ("drone NEAR/1 re:/llance/", "drone surveillance", True),
        ("drone NEAR/1 re:/llance/", "drone de surveillance", False),
        ("re:/rone/ NEAR/2 *surveillance", "surveillance de drones", True),
        ("re:/rone/ NEAR/2 *surveillance", "surveillance de grands drones", False),
    ],
)
def test_a_sweep_is_an_operand_as_any_other(query: str, text: str, found: bool) -> None:  # noqa: FBT001  # a parameter
    assert bool(hits(query, text)) is found


def test_a_sweep_is_also_a_condition() -> None:
    item = WatchItem(
        kind=ItemKind.KEYWORD, name="drone", any_of=("*surveillance", r"re:/\bLBD\b/"), none_of=("re:/T-2/",)
    )
    matcher = Matcher([item])
    texts = ["un drone", "un drone, la vidéosurveillance", "un drone et un LBD", "un drone et un LBD T-2"]
    assert [bool(matcher.find(Notice(id="n", text=text))) for text in texts] == [False, True, True, False]


@pytest.mark.parametrize(
    ("query", "text", "count"),
    [
        (r"re:/(a+)+$/", "a" * 200_000 + "b", 0),
        (r"re:/a.*z|a/", "a" * 300_000, MOST_FOUND),
        (r"re:/\ba\b/", "a " * 100_000, MOST_FOUND),
        (r"re:/é{3}/", "é" * 500_000, MOST_FOUND),
        (r"re:/.+/", "é" * 50_000, 13),
        ("*aaaa", "a" * 500_000, 1),
        ("*aaaaa*", "aaaaaa " * 20_000, 20_000),
        ("re:/x\ufffd/", "x\ud800 \0\U0010ffff\U0010fffe" * 1000, 0),
        (r"re:/\b.\b/", "\U0010ffff\U0010fffe\ud800 é" * 1000, MOST_FOUND),
    ],
)
def test_odd_texts_stay_linear(query: str, text: str, count: int) -> None:
    assert sum(hit.count for hit in hits(query, text)) == count


ATOMS = [
    "a",
    "é",
    "[aé]",
    "[^a]",
    r"\w",
    r"\W",
    r"\d",
    ".",
    r"\b",
    r"\B",
    "(?:",
    "(",
    ")",
    "|",
    "*",
    "+",
    "?",
    "{2}",
    "^",
    "$",
]


@given(st.lists(st.sampled_from(ATOMS), min_size=1, max_size=8).map("".join), st.text("aé1 -'\u0301\n", max_size=30))
def test_every_place_of_an_expression_is_a_slice_of_the_text(body: str, text: str) -> None:
    item = WatchItem(kind=ItemKind.KEYWORD, name=f"re:/{body}/")
    try:
        check(item)
    except QueryError:
        return
    for hit in Matcher([item]).find(Notice(id="n", text=text)):
        assert text[hit.start : hit.end] == hit.matched
        assert hit.matched.strip()


@given(st.text("aé1_ -", max_size=20))
def test_the_edges_of_words_are_those_of_every_alphabet(text: str) -> None:
    edges = {
        place for low, top in read_expression(r"\w+", ignore_case=False).find(Searched(text)) for place in (low, top)
    }
    for place, sign in enumerate(text):
        for pattern, edge in ((rf"\b(?:{sign})", place), (rf"(?:{sign})\b", place + 1)):
            found = place in {low for low, _ in read_expression(pattern, ignore_case=False).find(Searched(text))}
            assert found is (edge in edges)
        inner = read_expression(rf"\B(?:{sign})", ignore_case=False).find(Searched(text))
        assert (place in {low for low, _ in inner}) is (place not in edges)


def test_more_items_tried_on_every_notice_than_stay_compiled_are_compiled_once(monkeypatch: pytest.MonkeyPatch) -> None:
    matcher = Matcher([WatchItem(kind=ItemKind.KEYWORD, name=f"*{n}ville", id=n) for n in range(100, 700)])
    monkeypatch.setattr("bot.matching.segment.compile_item", None)
    hits = [hit.item for _ in range(2) for hit in matcher.find(Notice(id="n", text="une x123ville, une x678ville"))]
    assert hits == [123, 678, 123, 678]


def test_of_items_compiled_on_demand_the_newest_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.matching.segment._MOST_COMPILED", 4)
    matcher = Matcher([WatchItem(kind=ItemKind.KEYWORD, name=f"mot{n}", id=n) for n in range(5)])
    for n in range(5):
        matcher.find(Notice(id="n", text=f"mot{n}"))
    monkeypatch.setattr("bot.matching.segment.compile_item", None)
    assert [hit.item for hit in matcher.find(Notice(id="n", text="mot2 mot3 mot4"))] == [2, 3, 4]


def test_a_notice_of_many_fields_is_marked_once_for_all_expressions(monkeypatch: pytest.MonkeyPatch) -> None:
    marked: list[str] = []
    mark = regular._mark  # the work is counted

    def counted(text: str, *, inner: bool) -> tuple[str, list[int]]:
        marked.append(text)
        return mark(text, inner=inner)

    monkeypatch.setattr(regular, "_mark", counted)
    matcher = Matcher([WatchItem(kind=ItemKind.KEYWORD, name=rf"re:/\bnom{n}/", id=n) for n in range(6)])
    names = tuple(f"nom{n}" for n in range(6))
    assert [hit.item for hit in matcher.find(Notice(id="n", suppliers=names))] == [*range(6)]
    assert sorted(marked) == sorted(names)
