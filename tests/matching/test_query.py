"""The query language: what is refused and where, what is understood, and that nothing else is ever raised."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import QueryError
from bot.matching import Matcher, QueryFault, check
from bot.matching.query import canonical, parse
from bot.models import ItemKind, Notice, WatchItem

PIECES = [
    "(", ")", '"', "«", "AND", "ET", "OU", "OR", "NOT", "SAUF", "NEAR/3", "NEAR/0", "NEAR", "*", "=", "re:/a/", " ",
    "\n", "drone", "caméra", "ab", "IA", "l'", "-", "\u0301", "\ud800", "x|y", "~2", "été*", "=Ville",
]  # fmt: skip


@pytest.mark.parametrize(
    ("query", "position", "fault"),
    [
        ("", 0, QueryFault.EMPTY),
        ("   ", 0, QueryFault.EMPTY),
        ("drone OU", 8, QueryFault.MISSING_OPERAND),
        ("OU drone", 0, QueryFault.MISSING_OPERAND),
        ("drone ET ET caméra", 9, QueryFault.MISSING_OPERAND),
        ("drone ET ()", 10, QueryFault.MISSING_OPERAND),
        ("(drone", 0, QueryFault.UNBALANCED_PARENTHESIS),
        ("drone)", 5, QueryFault.UNBALANCED_PARENTHESIS),
        ("drone (caméra)", 6, QueryFault.MISSING_OPERATOR),
        ('"caméra piéton" police', 16, QueryFault.MISSING_OPERATOR),
        ('drone ET "caméra', 9, QueryFault.UNBALANCED_QUOTE),
        ('drone ET ""', 9, QueryFault.EMPTY_PHRASE),
        ('drone ET "?!"', 9, QueryFault.EMPTY_PHRASE),
        ("SAUF drone", 0, QueryFault.ONLY_NEGATIVE),
        ("drone OU SAUF caméra", 9, QueryFault.ONLY_NEGATIVE),
        ("drone ET SAUF (SAUF police)", None, None),
        ("ia", 0, QueryFault.TOO_SHORT),
        ("drone OU a", 9, QueryFault.TOO_SHORT),
        ("12", 0, QueryFault.TOO_SHORT),
        ("ab*", 0, QueryFault.PREFIX_TOO_SHORT),
        ("drone OU *surveillance", 9, QueryFault.NOT_SUPPORTED),
        ("vidéo*surveillance", 5, QueryFault.NOT_SUPPORTED),
        ("drone ET re:/a+/", 9, QueryFault.NOT_SUPPORTED),
        ("drone -agricole", 6, QueryFault.NOT_SUPPORTED),
        ("drone || caméra", 6, QueryFault.NOT_SUPPORTED),
        ("dronne~1", 6, QueryFault.NOT_SUPPORTED),
        ("organi?ation", 6, QueryFault.NOT_SUPPORTED),
        ("drone NEAR/0 police", 6, QueryFault.NEAR_DISTANCE),
        ("drone NEAR/x police", 6, QueryFault.NEAR_DISTANCE),
        ("drone NEAR police", 6, QueryFault.NEAR_DISTANCE),
        ("drone NEAR/3 (a1b ET police)", 13, QueryFault.NEAR_OPERAND),
        ("(" * 51 + "drone" + ")" * 51, 50, QueryFault.TOO_DEEP),
        ("x" * 8001, 8000, QueryFault.TOO_LONG),
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
        ("drone NEAR/5 (police OU gendarmerie) ET mairie", "(drone NEAR/5 (police OU gendarmerie)) ET mairie"),
    ],
)
def test_a_query_is_shown_as_understood(query: str, understood: str) -> None:
    assert canonical(parse(query)) == understood


@pytest.mark.parametrize("query", ["caméra piéton OU drone", "a1b SAUF (IA OU drone) ET =Ville", "drone NEAR/5 police"])
def test_the_query_as_understood_means_the_same(query: str) -> None:
    assert canonical(parse(canonical(parse(query), "en")), "fr") == canonical(parse(query), "fr")


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
        st.text(st.characters(exclude_categories=()), max_size=40), st.lists(st.sampled_from(PIECES)).map(" ".join)
    )
)
def test_any_text_is_a_query_or_is_refused_as_one(query: str) -> None:
    if accepted(query):
        assert accepted(canonical(parse(query)))
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
    "query", ["(" * 7999, "NOT " * 1999 + "drone", "a-" * 3999, "drone OU " * 800 + "drone", '"' * 7999]
)
def test_a_long_odd_query_is_read_or_refused(query: str) -> None:
    accepted(query)
