"""The hard cases of cases.tsv, one line a case: kind, name, options, text, tier, rule, what it shows.

Options are `any=`, `none=`, `alias=`, `ids=`, separated by semicolons; `-` as tier means no hit; `\\n` and
`\\uXXXX` in the text are escapes.
"""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest

from bot.matching import Matcher, Rule
from bot.models import ItemKind, Notice, WatchItem

OPTIONS = {"any": "any_of", "none": "none_of", "alias": "aliases", "ids": "identifiers"}
ESCAPE = re.compile(r"\\u([0-9a-f]{4})|\\n")


def read_cases() -> list[dict[str, str]]:
    with Path(__file__).with_name("cases.tsv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))


def watch_item(case: dict[str, str]) -> WatchItem:
    options: dict[str, tuple[str, ...]] = {}
    for option in filter(None, case["options"].split(";")):
        name, value = option.split("=", 1)
        options[OPTIONS[name]] = (*options.get(OPTIONS[name], ()), value)
    return WatchItem(kind=ItemKind(case["kind"]), name=case["name"], **options)  # type: ignore[arg-type]


def text_of(case: dict[str, str]) -> str:
    return ESCAPE.sub(lambda match: chr(int(match[1], 16)) if match[1] else "\n", case["text"])


CASES = read_cases()


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['name']} / {case['shows']}")
def test_a_hard_case_is_found_or_left_by_its_rule(case: dict[str, str]) -> None:
    hits = Matcher([watch_item(case)]).find(Notice(id="n", text=text_of(case)))
    found = [(hit.tier.value, hit.rule) for hit in hits]
    assert found == ([] if case["tier"] == "-" else [(case["tier"], case["rule"])])


@pytest.mark.parametrize("field", ["title", "text", "buyer"])
def test_the_matched_words_are_the_slice_of_the_original_field_whatever_surrounds_them(field: str) -> None:
    matcher = Matcher([watch_item(case) for case in CASES])
    for case in CASES:
        for before, after in (("", ""), ("Œuvre &eacute;tablie <b>½</b>\u00ad : ", " \u2028 fin&nbsp;! e\u0301")):
            text = before + text_of(case) + after
            for hit in matcher.find(Notice(id="n", **{field: text})):  # type: ignore[arg-type]
                assert hit.field == field
                assert text[hit.start : hit.end] == hit.matched
                assert hit.matched.strip()


def test_all_cases_together_give_each_item_what_it_gets_alone() -> None:
    items = [watch_item(case) for case in CASES]
    together = Matcher(items)
    for case in CASES[::7]:
        notice = Notice(id="n", text=text_of(case))
        alone = [hit for item in items for hit in Matcher([item]).find(notice)]
        assert together.find(notice) == alone


def test_the_cases_use_only_known_rules_and_are_many() -> None:
    assert {case["rule"] for case in CASES} - {""} <= {rule.value for rule in Rule}
    assert len(CASES) >= 150
