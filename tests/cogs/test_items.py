from __future__ import annotations

from datetime import UTC
from typing import Any

import pytest

from bot.locales import Language, Texts
from bot.markup import clean
from bot.models import Hit, ItemKind, NoticeKind, Tier
from cogs._items import joined, marked, place_words

TEXTS = Texts(Language.FR, UTC).through(clean)


def hit(**changes: Any) -> Hit:
    values: dict[str, Any] = {
        "notice": "26-1",
        "item": 1,
        "ref": None,
        "kind": ItemKind.KEYWORD,
        "tier": Tier.EXACT,
        "term": "x",
        "rule": "same_words",
        "field": "text",
        "start": 0,
        "end": 1,
        "matched": "drone",
        "snippet": "un drone ici",
    }
    return Hit(**{**values, **changes})


@pytest.mark.parametrize(
    ("snippet", "matched", "shown"),
    [
        ("un drone ici", "drone", "un **drone** ici"),
        ("drone", "drone", "**drone**"),
        ("hydrone, drone", "drone", "hydrone, **drone**"),
        ("hydrones", "drone", "hy**drone**s"),
        ("a *b* un d_r_one", "d_r_one", "a \\*b\\* un **d\\_r\\_one**"),
        ("un autre extrait", "drone", "**drone**"),
        ("x <@1> drone", "drone", "x <\u200b@1> **drone**"),
    ],
)
def test_the_words_that_matched_stand_out_and_the_rest_is_cleaned(snippet: str, matched: str, shown: str) -> None:
    said = marked(TEXTS, hit(snippet=snippet, matched=matched))
    if "<@1>" in snippet:
        assert "<@1>" not in said
        assert said.endswith("**drone**")
    else:
        assert said == shown


def test_what_makes_a_list_too_long_is_counted() -> None:
    said = joined(TEXTS, [f"{n:03} {'x' * 90}" for n in range(20)])
    assert said.startswith("000 ")
    assert said.endswith("15 autres")


@pytest.mark.parametrize(
    ("field", "kind", "words"),
    [
        ("title", None, "titre"),
        ("suppliers[1]", NoticeKind.AWARD, "titulaire n°\u00a02"),
        ("suppliers[0]", NoticeKind.TENDER, "fournisseur n°\u00a01"),
        ("<odd>", None, "<odd>"),
    ],
)
def test_a_place_is_said_in_words(field: str, kind: NoticeKind | None, words: str) -> None:
    assert words in place_words(TEXTS, field, kind)
