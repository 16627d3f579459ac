"""Who stands in a release of Open Contracting data, and by which numbers."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from bot.loopback.publishers import _ocds_releases as made_up
from bot.models import NoticeKind
from tests.sources.releases import CORVOY, award, money, read, read_one, release

VALMARIN = {"id": "V", "name": "Valmarin", "identifier": {"scheme": "GB-COH", "id": "02222222"}}


def test_an_award_that_was_not_made_is_in_the_text_only() -> None:
    lost = award(
        id="2", title="Lot 2", status="unsuccessful", value=money(9), suppliers=[{"id": "V", "name": "Valmarin"}]
    )
    parties = [{"id": "V", "name": "Valmarin", "roles": ["supplier"]}]

    notice = read_one(awards=[award(value=money(5)), lost], parties=parties)

    assert (notice.suppliers, notice.amount) == (("Corvoy Imaging Ltd",), Decimal(5))
    assert "Award unsuccessful: Lot 2\nAward not made: Valmarin" in notice.text


def test_who_only_bid_is_no_supplier_beside_the_winner() -> None:
    bidder = {"id": "V", "name": "Valmarin", "roles": ["tenderer"]}

    notice = read_one(awards=[award()], parties=[bidder])

    assert notice.suppliers == ("Corvoy Imaging Ltd",)
    assert "Tenderer: Valmarin" in notice.text
    assert read_one(awards=[award(status="unsuccessful", suppliers=[])], parties=[bidder]).suppliers == ()


@pytest.mark.parametrize(
    ("more", "suppliers"),
    [
        ({"tag": ["tender"]}, ("Valmarin",)),
        ({"tag": ["award"]}, ()),
        ({"tag": ["contract"], "contracts": [{"id": "1", "value": money(1)}]}, ()),
        ({"tag": ["tender"], "contracts": [{"id": "1"}]}, ()),
        ({"tag": ["tenderUpdate"]}, ()),
    ],
)
def test_bidders_are_suppliers_of_a_tender_that_decides_nothing_only(
    more: dict[str, Any], suppliers: tuple[str, ...]
) -> None:
    notice = read_one(parties=[VALMARIN | {"roles": ["tenderer"]}], **more)

    assert notice.suppliers == suppliers
    assert ("Tenderer: Valmarin" in notice.text) == (not suppliers)


@pytest.mark.parametrize("named", [{"id": "V", "name": "Valmarin Group"}, {"name": "VALMARIN"}], ids=["id", "name"])
def test_who_lost_an_award_is_known_again_among_the_parties(named: dict[str, str]) -> None:
    lost = award(id="2", title="Lot 2", status="unsuccessful", suppliers=[named])

    notice = read_one(awards=[award(), lost], parties=[VALMARIN | {"roles": ["supplier"]}])

    assert notice.suppliers == ("Corvoy Imaging Ltd",)
    assert f"Award not made: {named['name']}" in notice.text


def test_who_lost_one_award_and_won_another_is_a_supplier() -> None:
    lost = award(id="2", title="Lot 2", status="unsuccessful")

    assert read_one(awards=[award(suppliers=[{"name": "Corvoy Imaging Ltd"}]), lost]).suppliers == (
        "Corvoy Imaging Ltd",
    )


def test_where_every_award_failed_nobody_is_a_supplier() -> None:
    notice = read_one(awards=[award(status="unsuccessful", suppliers=[])], parties=[VALMARIN | {"roles": ["supplier"]}])

    assert (notice.suppliers, notice.identifiers) == ((), ())
    assert "Award not made: Valmarin" in notice.text


def test_a_cancellation_names_whose_award_it_takes_back_and_nobody_who_never_had_one() -> None:
    lost = award(id="2", title="Lot 2", status="unsuccessful", suppliers=[VALMARIN])

    notice = read_one(tag=["awardCancellation"], awards=[award(status="cancelled"), lost])

    assert (notice.kind, notice.suppliers) == (NoticeKind.CANCELLATION, ("Corvoy Imaging Ltd",))
    assert "Award not made: Valmarin" in notice.text


def test_a_supplier_whose_contract_was_cancelled_is_none_beside_one_whose_contract_stands() -> None:
    awards = [award(), award(id="2", title="Lot 2", suppliers=[VALMARIN])]
    contracts = [{"id": "c1", "awardID": "1"}, {"id": "c2", "awardID": "2", "status": "cancelled"}]

    notice = read_one(tag=["contract"], awards=awards, contracts=contracts)

    assert (notice.kind, notice.suppliers) == (NoticeKind.AWARD, ("Corvoy Imaging Ltd",))
    assert "Contract cancelled: c2\nAward not made: Valmarin" in notice.text


def test_identifiers_are_those_of_buyers_and_suppliers_and_other_numbers_are_in_the_text() -> None:
    def party(name: str, number: str, role: str) -> dict[str, Any]:
        return {"id": name, "name": name, "roles": [role], "identifier": {"scheme": "GB-COH", "id": number}}

    notice = read_one(
        awards=[award(suppliers=[{"name": "Corvoy Imaging Ltd"}])],
        parties=[
            party("Corvoy Imaging Ltd", "01111111", "payee"),
            party("Harwell Bay Council", "05555555", "buyer"),
            party("Valmarin", "02222222", "tenderer"),
            party("Funds of Harwell", "03333333", "funder"),
            party("Oddly Numbered", "4", "payer") | {"identifier": {"scheme": "GB-COH", "id": "none"}},
        ],
    )

    assert notice.identifiers == ("gb-coh:05555555", "gb-coh:01111111")
    assert notice.text.endswith(
        "Identifier of Valmarin: gb-coh:02222222\n"
        "Identifier of Funds of Harwell: gb-coh:03333333\n"
        "Unverified identifier of Oddly Numbered: GB-COH none"
    )


def test_the_buyer_of_a_release_that_names_none_is_the_same_in_whatever_order_parties_come() -> None:
    parties = [{"id": str(place), "name": name, "roles": ["buyer"]} for place, name in enumerate(("B", "A", "C"))]

    one, other = read_one(buyer=None, parties=parties), read_one(buyer=None, parties=parties[::-1])

    assert one.buyer == other.buyer == "A"
    assert one.text == other.text == "Buyer: B\nBuyer: C"


def test_a_supplier_is_named_by_the_parties_and_told_as_a_loss_without_a_name() -> None:
    parties = [CORVOY | {"identifier": {"scheme": "GB-COH", "id": "4013122"}}, {"id": "N"}]

    parsed = read(release(awards=[award(suppliers=[{"id": "C", "name": None}, {"id": "N"}])], parties=parties))

    assert parsed.notices[0].suppliers == ("Corvoy Imaging Ltd",)
    assert parsed.notices[0].identifiers == ("gb-coh:04013122",)
    assert [loss.field for loss in parsed.losses] == ["awards.suppliers.name"]


def test_a_court_that_is_nothing_else_stands_nowhere_in_the_notice() -> None:
    court = {"id": "R", "name": "High Court", "roles": ["reviewBody"], "identifier": {"scheme": "GB-COH", "id": "1"}}
    town = {"id": "T", "name": "Tamworth Vale", "roles": ["mediationBody", "buyer"]}

    notice = read_one(buyer=None, parties=[court, town])

    assert notice.buyer == "Tamworth Vale"
    assert (notice.text, notice.identifiers) == ("", ())


@pytest.mark.parametrize(
    ("scheme", "number", "found"),
    [
        ("GB-COH", "158718", "gb-coh:00158718"),
        ("GB-COH", "11111111.0", "gb-coh:11111111"),
        ("GB-COH", "sc024322", "gb-coh:SC024322"),
        ("GB-COH", "IP12345R", "gb-coh:IP12345R"),
        ("GB-COH", "R0000001", "gb-coh:R0000001"),
        ("GB-PPON", "PVHJ-9851-QPYJ", "gb-ppon:PVHJ-9851-QPYJ"),
        ("GB-COH", "458577871", None),
        ("GB-COH", "not available", None),
        ("Registro Único", "80007525-0", None),
    ],
)
def test_a_number_that_fails_its_check_is_in_the_text_only(scheme: str, number: str, found: str | None) -> None:
    party = {
        "id": "B",
        "name": "Harwell Bay Council",
        "roles": ["buyer"],
        "identifier": {"scheme": scheme, "id": number},
    }

    notice = read_one(parties=[party])

    assert notice.identifiers == ((found,) if found else ())
    assert (f"Unverified identifier: {scheme} {number}" in notice.text) == (found is None)


def test_a_number_that_means_nothing_outside_its_publisher_is_left_out() -> None:
    party = {"id": "B", "name": "Harwell Bay Council", "identifier": {"scheme": "GB-SRS", "id": "sid.example/Ab1"}}

    notice = read_one(parties=[party])

    assert (notice.identifiers, notice.text) == ((), "")


def test_contacts_under_a_damaged_key_stay_out() -> None:
    party = {
        "id": "B",
        "name": "Harwell Bay Council",
        "    roles": ["buyer"],
        "contactP    oint": made_up.CONTACT_POINT,
    }

    said = json.dumps(read_one(parties=[party]).to_json())

    assert not [value for value in made_up.CONTACT_POINT.values() if value in said]
