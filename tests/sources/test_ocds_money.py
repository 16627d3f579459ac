"""The amount of a release of Open Contracting data."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from bot.sources.ocds import Ocds
from tests.sources.releases import award, money, read, read_one, release

VALMARIN = [{"id": "V", "name": "Valmarin"}]


def given(awards: list[dict[str, Any]], *contracts: dict[str, Any]) -> dict[str, Any]:
    """Return the parts of a release that decides something, of which the estimate was 99."""
    return {"awards": awards, "contracts": [*contracts], "tender": {"title": "T", "value": money(99)}}


def contract(of: str, value: dict[str, Any] | None, status: str = "active") -> dict[str, Any]:
    return {"id": f"c{of}", "awardID": of, "status": status, "value": value}


@pytest.mark.parametrize(
    ("parts", "amount", "said"),
    [
        ({"awards": [award(value=money(0))], "tender": {"title": "T", "value": money(9)}}, None, ""),
        ({"awards": [award(value={"amountGross": 12.5, "currency": "GBP"})]}, Decimal("12.5"), "12.5 GBP including"),
        ({"tender": {"title": "T", "value": money(9), "lots": [{"value": money(9, "AED")}]}}, Decimal(9), ""),
        ({"awards": [award(value=money(1)), award(id="2", title="Lot 2", value=money(2))]}, None, "Award Lot 2: 2 GBP"),
        ({"awards": [award(value=money(3)), award(id="2", value=money(3))]}, Decimal(3), ""),
        ({"awards": [award(value=money("True"))]}, None, ""),
    ],
)  # fmt: skip
def test_an_amount_is_one_that_is_stated_never_a_sum_or_a_guess(
    parts: dict[str, Any], amount: Decimal | None, said: str
) -> None:
    notice = read_one(**parts)

    assert (notice.amount, notice.currency) == (amount, "GBP" if amount else None)
    assert said in notice.text


@pytest.mark.parametrize(
    ("parts", "amount", "said"),
    [
        (given([award(value=money(3)), award(id="2", title="Lot 2", value=money(3), suppliers=VALMARIN)]),
         None, "Award Cameras: 3 GBP\nAward Lot 2: 3 GBP"),
        (given([award(value=money(3)), award(id="2")]), None, "Award Cameras: 3 GBP"),
        (given([award(), award(id="2", value=money(9))], contract("1", money(3))),
         None, "Contract c1: 3 GBP\nAward Cameras: 9 GBP"),
        (given([award(value=money(5))], contract("1", money(3)), contract("2", None)), Decimal(5), "Contract c1: 3"),
        (given([award(), award(id="2", suppliers=VALMARIN)], contract("1", money(3)), contract("2", money(3))),
         None, "Contract c1: 3 GBP\nContract c2: 3 GBP"),
        (given([award(value=money(5))], contract("1", money(0))), Decimal(5), ""),
        (given([award(value=money(8)), award(id="2")], contract("1", money(3)), contract("2", money(4), "cancelled")),
         Decimal(3), ""),
        ({"tender": {"title": "T", "lots": [{"id": "1", "value": money(3)}, {"id": "2"}]}}, None, "Lot 1: 3 GBP"),
    ],
)  # fmt: skip
def test_one_amount_among_many_is_a_line(parts: dict[str, Any], amount: Decimal | None, said: str) -> None:
    notice = read_one(**parts)

    assert notice.amount == amount
    assert said in notice.text


def test_numbers_that_are_none_cost_the_amount_or_nothing_but_never_the_page() -> None:
    page = json.dumps({"releases": [release(awards=[award(value=money(-1))])]})

    beyond = Ocds(member="essai").parse(page.replace('"amount": -1', '"amount": 1e99').encode())
    zeros = Ocds(member="essai").parse(page.replace('"amount": -1,', '"amount": 000,').encode())

    assert [(loss.field, notice.amount) for loss, notice in zip(beyond.losses, beyond.notices, strict=True)] == [
        ("award.value.amount", None)
    ]
    assert (zeros.notices[0].amount, zeros.losses) == (None, ())


def test_a_title_that_is_no_text_is_no_part_of_what_is_said_of_an_amount() -> None:
    odd = award(id="2", title={"name": "Odile Contact"}, value=money(2))

    (notice,) = (parsed := read(release(awards=[award(value=money(1)), odd]))).notices

    assert notice.text == "Cameras\nAward Cameras: 1 GBP\nAward 2: 2 GBP"
    assert "awards.title" in {loss.field for loss in parsed.losses}
