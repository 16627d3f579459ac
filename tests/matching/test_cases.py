"""The labelled set of cases/: each case, what it shows of the evidence, and how good the engine is on all of them."""

from __future__ import annotations

import pytest

from bot.matching import Matcher, Rule
from bot.models import Notice, Tier
from tests.matching.labelled import Case, read_cases
from tests.matching.score import Score, scored

CASES = read_cases()
CATEGORIES = sorted({case.category for case in CASES})


def seen(case: Case) -> dict[str, str]:
    """Return what the engine finds of a case, in the words of the case: its tier and rule, and what else it names."""
    hit = case.found()
    if hit is None:
        return {"tier": "", "rule": ""}
    told = {"matched": hit.matched, "field": hit.field, "count": str(hit.count)}
    return {"tier": hit.tier.value, "rule": hit.rule, **{name: told[name] for name, _ in case.options if name in told}}


def due(case: Case) -> dict[str, str]:
    more = {name: value for name, value in case.options if case.tier and name in {"matched", "field", "count"}}
    return {"tier": case.tier, "rule": case.rule, **more}


@pytest.mark.parametrize("category", CATEGORIES)
def test_the_hard_cases_of_a_category_are_found_or_left_by_their_rules(category: str) -> None:
    cases = [case for case in CASES if case.category == category]
    assert {str(case): seen(case) for case in cases if seen(case) != due(case)} == {}


def test_the_matched_words_are_the_slice_of_the_original_field_whatever_surrounds_them() -> None:
    matcher = Matcher([case.item() for case in CASES])
    for number, case in enumerate(CASES[::5]):
        field = ("title", "text", "buyer")[number % 3]
        text = f"Œuvre &eacute;tablie <b>½</b>\u00ad : {case.text} \u2028 fin&nbsp;! e\u0301"
        for hit in matcher.find(Notice(id="n", **{field: text})):  # type: ignore[arg-type]
            assert hit.field == field
            assert text[hit.start : hit.end] == hit.matched
            assert hit.matched.strip()


def test_all_cases_together_give_each_item_what_it_gets_alone() -> None:
    items = [case.item() for case in CASES]
    together = Matcher(items)
    alone = [Matcher([item]) for item in items]
    for case in CASES[::199]:
        notice = case.notice()
        # a word of one item misspells no other: that is the one thing that other items change
        found = [hit for hit in together.find(notice) if hit.rule != Rule.ONE_EDIT]
        own = [hit for matcher in alone for hit in matcher.find(notice) if hit.rule != Rule.ONE_EDIT]
        assert found == own


def test_the_cases_use_only_known_rules_are_many_and_say_no_as_well_as_yes() -> None:
    assert {case.rule for case in CASES} - {""} <= {rule.value for rule in Rule}
    assert len(CASES) >= 500
    for category in CATEGORIES:
        cases = [case for case in CASES if case.category == category]
        assert len(cases) >= 12, category
        assert sum(not case.tier for case in cases) >= len(cases) / 6, category


def test_every_category_and_the_whole_set_are_found_with_precision() -> None:
    scores = scored(CASES)
    assert scores.total.f1 >= 0.97
    assert {name: score.f1 for name, score in scores.categories.items() if score.f1 < 0.90} == {}


@pytest.mark.parametrize(
    ("wanted", "found", "counted"),
    [
        (Tier.EXACT, Tier.VARIANT, "found"),
        (Tier.WEAK, Tier.WEAK, "found"),
        (Tier.EXACT, Tier.WEAK, "missed"),
        (Tier.EXACT, "", "missed"),
        (Tier.WEAK, "", "missed"),
        (Tier.WEAK, Tier.EXACT, "alarms"),
        ("", Tier.WEAK, "alarms"),
        ("", "", "left"),
    ],
)
def test_a_hit_that_pings_where_it_should_wait_is_a_false_alarm(wanted: str, found: str, counted: str) -> None:
    score = Score()
    score.count(wanted, found)
    assert getattr(score, counted) == score.cases == 1
