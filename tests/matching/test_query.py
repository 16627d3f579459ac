"""The query language: what is refused and where, what is understood, and that nothing else is ever raised."""

from __future__ import annotations

from datetime import UTC

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import QueryError
from bot.locales import Language, Texts
from bot.matching import Caution, Matcher, QueryFault, check, understood
from bot.matching.query.expressions import canonical, parse, triggers
from bot.models import ItemKind, Notice, WatchItem

PIECES = [
    "(", ")", '"', "«", "AND", "ET", "OU", "OR", "NOT", "SAUF", "NEAR/3", "NEAR/0", "NEAR", "*", "=", "re:/a/", " ",
    "\n", "drone", "caméra", "ab", "IA", "l'", "-", "\u0301", "\ud800", "x|y", "~2", "été*", "=Ville", "*veillance",
    "*surveil*", "(?i)", "re:/", "/", "/i", "\\b", "\\w+", "[é-", "]", "{2,", "}", "?", "^", "$", '="', "caméra*",
    "abc",
]  # fmt: skip


@pytest.mark.parametrize(
    ("query", "position", "fault"),
    [
        ("", 0, QueryFault.EMPTY),
        ("   ", 0, QueryFault.EMPTY),
        ("drone OU", 8, QueryFault.MISSING_AFTER),
        ("OU drone", 0, QueryFault.MISSING_BEFORE),
        ("drone ET (OU police)", 10, QueryFault.MISSING_BEFORE),
        ("(drone OU) ET police", 9, QueryFault.MISSING_AFTER),
        ("drone NEAR/3", 12, QueryFault.MISSING_AFTER),
        ("drone ET ET caméra", 9, QueryFault.OPERATORS),
        ("drone SAUF OU caméra", 11, QueryFault.OPERATORS),
        ("drone ET ()", 10, QueryFault.EMPTY_PARENTHESES),
        ("(drone", 0, QueryFault.UNBALANCED_PARENTHESIS),
        ("drone ET (", 9, QueryFault.UNBALANCED_PARENTHESIS),
        ("drone)", 5, QueryFault.UNBALANCED_PARENTHESIS),
        ("drone (caméra)", 6, QueryFault.MISSING_OPERATOR),
        ('"caméra piéton" police', 16, QueryFault.MISSING_OPERATOR),
        ('drone ET "caméra', 9, QueryFault.UNBALANCED_QUOTE),
        ('="caméra', 1, QueryFault.UNBALANCED_QUOTE),
        ('drone ET ""', 9, QueryFault.EMPTY_PHRASE),
        ('drone ET "?!"', 9, QueryFault.EMPTY_PHRASE),
        ('=""', 0, QueryFault.EMPTY_PHRASE),
        ("SAUF drone", 0, QueryFault.ONLY_NEGATIVE),
        ("drone OU SAUF caméra", 9, QueryFault.ONLY_NEGATIVE),
        ("drone ET SAUF (SAUF police)", None, None),
        ("ia", 0, QueryFault.TOO_SHORT),
        ("drone OU a", 9, QueryFault.TOO_SHORT),
        ("12", 0, QueryFault.TOO_SHORT),
        ("ab*", 0, QueryFault.PREFIX_TOO_SHORT),
        ("drone OU *ab", 9, QueryFault.PREFIX_TOO_SHORT),
        ('"caméra ab*"', 8, QueryFault.PREFIX_TOO_SHORT),
        ("*veil*", 0, QueryFault.INSIDE_TOO_SHORT),
        ("drone OU *surveillance", None, None),
        ("*", 0, QueryFault.LONE_STAR),
        ("drone * police", 6, QueryFault.LONE_STAR),
        ("drone**", 6, QueryFault.LONE_STAR),
        ("vidéo*surveillance", 5, QueryFault.STAR_INSIDE),
        ("drone ET =Vil*", 13, QueryFault.STAR_EXACT),
        ("drone ET =", 9, QueryFault.LONE_EQUALS),
        ("=Ville de Valmar", 0, QueryFault.EQUALS_PHRASE),
        ("mairie de =Valmar", 10, QueryFault.EQUALS_PHRASE),
        ('"mairie de =Valmar"', 11, QueryFault.EQUALS_PHRASE),
        ("drone ET re:/a+/", None, None),
        ("drone ET re:/a+", 9, QueryFault.EXPRESSION_OPEN),
        ("drone ET re://", 13, QueryFault.EXPRESSION_EMPTY),
        ("re:/dr(one/", 6, QueryFault.EXPRESSION_PARENTHESIS),
        ("re:/drone)/", 9, QueryFault.EXPRESSION_PARENTHESIS),
        ("re:/dr[oô/", 6, QueryFault.EXPRESSION_BRACKET),
        ("re:/drone|*/", 10, QueryFault.EXPRESSION_REPEAT),
        ("re:/\\*a**/", 7, QueryFault.EXPRESSION_REPEAT),
        ("re:/a{3,2}/", 5, QueryFault.EXPRESSION_REPEAT_SIZE),
        ("re:/a(?=b)/", 5, QueryFault.EXPRESSION_GROUP),
        ("re:/(a)\\1/", 7, QueryFault.EXPRESSION_GROUP),
        ("re:/caf\\é/", 7, QueryFault.EXPRESSION_ESCAPE),
        ("re:/a\\C/", 5, QueryFault.EXPRESSION_ESCAPE),
        ("re:/[z-a]/", 5, QueryFault.EXPRESSION_RANGE),
        ("re:/a/g", 6, QueryFault.EXPRESSION_FLAG),
        ("re:/a/ie", 7, QueryFault.EXPRESSION_FLAG),
        ("drone OU re:/a*/", 13, QueryFault.EXPRESSION_FINDS_NOTHING),
        ("re:/\\b/", 4, QueryFault.EXPRESSION_FINDS_NOTHING),
        ("re:/^(\\bdrone)?$/", 4, QueryFault.EXPRESSION_FINDS_NOTHING),
        ("re:/\\w{1,1000}/", 4, QueryFault.EXPRESSION_TOO_LARGE),
        ("re:/a\ud800/", 5, QueryFault.EXPRESSION),
        ("drone -agricole", 6, QueryFault.NOT_SUPPORTED),
        ("drone || caméra", 6, QueryFault.NOT_SUPPORTED),
        ("dronne~1", 6, QueryFault.NOT_SUPPORTED),
        ("organi?ation", 6, QueryFault.NOT_SUPPORTED),
        ("drone NEAR/0 police", 6, QueryFault.NEAR_DISTANCE),
        ("drone NEAR/x police", 6, QueryFault.NEAR_DISTANCE),
        ("drone NEAR police", 6, QueryFault.NEAR_DISTANCE),
        ("drone NEAR/100 police", 6, QueryFault.NEAR_DISTANCE),
        ("drone NEAR/" + "9" * 5000 + " police", 6, QueryFault.NEAR_DISTANCE),
        ("drone near/5 police", 6, QueryFault.NEAR_SMALL),
        ("drone NEAR/3 (a1b ET police)", 13, QueryFault.NEAR_OPERAND),
        (" NEAR/1 ".join(["drone"] * 11), 123, QueryFault.NEAR_CHAIN),
        ("(" * 51 + "drone" + ")" * 51, 50, QueryFault.TOO_DEEP),
        ("abc OU abd ET (" * 30 + "abe" + ")" * 30, 449, QueryFault.TOO_DEEP),
        ("(" * 10_000 + "drone" + ")" * 10_000, 8000, QueryFault.TOO_LONG),
        ("x" * 8001, 8000, QueryFault.TOO_LONG),
        ("police OU " + "drone " * 31, 10, QueryFault.TOO_MANY_WORDS),
        ('="' + "drone " * 31 + '"', 0, QueryFault.TOO_MANY_WORDS),
        ('"' + "drone " * 30 + 'polic*"', 0, QueryFault.TOO_MANY_WORDS),
        ("drone " * 30, None, None),
        ("drone OU C++", 10, QueryFault.NOT_SUPPORTED),
        ('"F#"', 2, QueryFault.NOT_SUPPORTED),
        ("C", None, None),
        ("C.", None, None),
    ],
)
def test_a_wrong_query_is_refused_with_its_place(query: str, position: int | None, fault: QueryFault | None) -> None:
    item = WatchItem(kind=ItemKind.KEYWORD, name=query)
    if fault is None:
        check(item)
        return
    with pytest.raises(QueryError) as refused:
        check(item)
    assert (refused.value.position, refused.value.text, refused.value.query) == (position, fault, query)


@pytest.mark.parametrize("language", list(Language))
def test_every_refusal_is_a_whole_sentence_in_both_languages(language: Language) -> None:
    texts = Texts(language, UTC)
    for fault in QueryFault:
        values = {"word": "ab", "sign": "{2}", "operator": "ET", "first": "ET", "second": "OU", "least": 3, "most": 9}
        said = texts.error(QueryError("drone", 0, fault, **values))
        assert said[0].isupper() or said[0] in "«“"
        assert said[-1] in ".`*"
        assert len(said) > 30


@pytest.mark.parametrize(
    ("query", "understood"),
    [
        ("caméra  piéton OU drone", '"caméra piéton" OU drone'),
        ("drone AND NOT agricole", "drone SAUF agricole"),
        ("drone OU ballon ET caméra", "drone OU (ballon ET caméra)"),
        ("«caméra piéton»", '"caméra piéton"'),
        ("((drone))", "drone"),
        ('"drone"', "drone"),
        ('"OU"  OU "NEAR/3"', '"OU" OU "NEAR/3"'),
        ("SAUF SAUF drone", "drone"),
        ("drone et caméra", '"drone et caméra"'),
        ("biométri* ET =Ville", "biométri* ET =Ville"),
        ("*surveillance OU *biométri*", "*surveillance OU *biométri*"),
        ("caméra*  piéton*", '"caméra* piéton*"'),
        ('="Ville  de Valmar" OU ="Ville"', '="Ville de Valmar" OU =Ville'),
        ("re:/a (b|c) \\/ ;d/i ET drone", "re:/a (b|c) \\/ ;d/i ET drone"),
        ("drone NEAR/5 (police OU gendarmerie) ET mairie", "(drone NEAR/5 (police OU gendarmerie)) ET mairie"),
        ("drone NEAR/5 police NEAR/2 mairie", "drone NEAR/5 police NEAR/2 mairie"),
        ("drone NEAR/5 (police NEAR/2 mairie)", "drone NEAR/5 (police NEAR/2 mairie)"),
    ],
)
def test_a_query_is_shown_as_understood(query: str, understood: str) -> None:
    assert canonical(parse(query)) == understood


@pytest.mark.parametrize("query", ["caméra piéton OU drone", "a1b SAUF (IA OU drone) ET =Ville", "drone NEAR/5 police"])
def test_the_query_as_understood_in_english_means_the_same_in_french(query: str) -> None:
    assert parse(canonical(parse(query), "en")) == parse(query)


@pytest.mark.parametrize(
    ("query", "terms"),
    [
        ("drone", {"drone"}),
        ("drone ET reconnaissance", {"reconnaissance"}),
        ("drone OU caméra", {"drone", "caméra"}),
        ("(drone OU caméra) ET police municipale", {'"police municipale"'}),
        ("drone SAUF reconnaissance", {"drone"}),
        ("drone NEAR/3 reconnaissance", {"reconnaissance"}),
        ("re:/a+/ ET drone", {"drone"}),
        ("*surveillance NEAR/3 drone", {"drone"}),
        ("caméra* piéton*", {'"caméra* piéton*"'}),
        ("re:/a+/ OU drone", None),
        ("*surveillance", None),
        ("*veillan*", None),
        ("drone OU *surveillance ET re:/a+/", None),
    ],
)
def test_a_query_names_the_fewest_terms_that_must_stand(query: str, terms: set[str] | None) -> None:
    found = triggers(parse(query))
    assert (found if found is None else {term.text for term in found}) == terms


@pytest.mark.parametrize(
    ("query", "quoted"),
    [
        ("CAMERAS OU DRONES", '"CAMERAS OU DRONES"'),
        ("MARCHE PUBLIC ET (DRONE)", '"MARCHE PUBLIC ET DRONE"'),
        ("MARCHE PUBLIC", None),
        ("CAMERAS OU drones", None),
        ("2024 OU 2025", None),
        ("DRONE* OU CAMERA", None),
    ],
)
def test_a_query_wholly_in_capitals_is_offered_as_a_phrase(query: str, quoted: str | None) -> None:
    reply = understood(WatchItem(kind=ItemKind.KEYWORD, name="police", any_of=(query,)))
    assert [warned.expected for warned in reply.warnings] == ([quoted] if quoted else [])
    if quoted:
        check(WatchItem(kind=ItemKind.KEYWORD, name=quoted))


def test_letters_in_the_middle_of_words_are_warned_about() -> None:
    reply = understood(WatchItem(kind=ItemKind.KEYWORD, name="drone OU *veillan*"))
    assert [(warned.caution, warned.text) for warned in reply.warnings] == [(Caution.SUBSTRING, "*veillan*")]


def test_how_many_spaces_stand_between_words_changes_nothing() -> None:
    assert parse("plan A    N  \n U") == parse("plan A N U")
    assert parse('"caméra   *surveillance"') == parse('"caméra *surveillance"')
    assert parse('="Ville   de  Valmar"') == parse('="Ville de Valmar"')


def refusal(item: WatchItem) -> QueryError | None:
    try:
        check(item)
    except QueryError as error:
        return error
    return None


def accepted(query: str) -> bool:
    error = refusal(WatchItem(kind=ItemKind.KEYWORD, name=query))
    assert error is None or (0 <= error.position <= len(query) and error.text in set(QueryFault))
    return error is None


@given(
    st.one_of(
        st.text(st.characters(exclude_categories=()), max_size=40),
        st.lists(st.sampled_from(PIECES)).map(" ".join),
        st.lists(st.sampled_from(PIECES)).map("".join),
    )
)
def test_any_text_is_a_query_or_is_refused_as_one(query: str) -> None:
    if accepted(query):
        expression = parse(query)
        for language in ("fr", "en"):
            assert parse(canonical(expression, language)) == expression
        Matcher([WatchItem(kind=ItemKind.KEYWORD, name=query)]).find(Notice(id="n", text=query))


@given(
    st.text(st.characters(exclude_categories=()), max_size=40), st.sampled_from([ItemKind.COMPANY, ItemKind.OFFICIAL])
)
def test_any_name_is_found_in_itself_or_refused(name: str, kind: ItemKind) -> None:
    item = WatchItem(kind=kind, name=name)
    error = refusal(item)
    if error:
        assert error.query == name
        return
    Matcher([item]).find(Notice(id="n", text=name, people=(name,)))


@pytest.mark.parametrize(
    "query",
    [
        "(" * 7999,
        "NOT " * 1999 + "drone",
        "a-" * 3999,
        "drone OU " * 800 + "drone",
        '"' * 7999,
        "re:/" + "(" * 3000 + ")" * 3000 + "/",
        "abc* " * 1500,
    ],
)
def test_a_long_odd_query_is_read_or_refused(query: str) -> None:
    accepted(query)
