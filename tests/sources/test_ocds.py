"""Releases of Open Contracting data: how they are named, what kind they are of, and what a page of them holds."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from bot.errors import SourceError, SourceFault
from bot.models import NoticeKind
from bot.sources.ocds import Ocds
from bot.sources.uk_contracts_finder import UkContractsFinder
from bot.sources.uk_find_a_tender import UkFindATender
from tests.sources.releases import award, read, read_one, release


@pytest.mark.parametrize(
    ("more", "name"),
    [
        ({}, "ocds-xy12ab-1/01"),
        ({"id": 7}, "ocds-xy12ab-1/7"),
        ({"id": "a b"}, "ocds-xy12ab-1/a%20b"),
        ({"id": None}, "ocds-xy12ab-1/2026-11-18T09:00:00Z/award"),
        ({"id": None, "tag": ["contract", "award"]}, "ocds-xy12ab-1/2026-11-18T09:00:00Z/award,contract"),
    ],
)
def test_a_release_is_named_by_its_ocid_and_what_tells_it_apart(more: dict[str, Any], name: str) -> None:
    assert read_one(**more).id == name


@pytest.mark.parametrize(
    ("tags", "more", "kind"),
    [
        (["planning"], {}, NoticeKind.TENDER),
        (["award"], {}, NoticeKind.AWARD),
        (["tenderUpdate"], {}, NoticeKind.CHANGE),
        (["implementation"], {"awards": [award()]}, NoticeKind.CHANGE),
        (["awardCancellation"], {"awards": [award(status="cancelled")]}, NoticeKind.CANCELLATION),
        (["award", "contract"], {"awards": [award(status="pending")]}, NoticeKind.AWARD),
        (["compiled"], {"contracts": [{"id": "1"}]}, NoticeKind.AWARD),
        (["compiled"], {}, NoticeKind.TENDER),
        (["tender", "tenderCancellation"], {}, NoticeKind.CANCELLATION),
        (["tender"], {"tender": {"title": "Cameras", "status": "withdrawn"}}, NoticeKind.CANCELLATION),
        (["award"], {"awards": [award(status="unsuccessful")]}, NoticeKind.CANCELLATION),
        (
            ["contract"],
            {"awards": [award()], "contracts": [{"id": "1", "status": "cancelled"}]},
            NoticeKind.CANCELLATION,
        ),
        (["contract"], {"contracts": [{"id": "1", "status": "cancelled"}, {"id": "2"}]}, NoticeKind.AWARD),
        (
            ["award", "contract"],
            {"awards": [award(), award(id="2")], "contracts": [{"id": "1", "awardID": "2", "status": "cancelled"}]},
            NoticeKind.AWARD,
        ),
    ],
)
def test_the_kind_follows_the_tag_and_what_the_release_holds(
    tags: list[str], more: dict[str, Any], kind: NoticeKind
) -> None:
    assert read_one(tag=tags, **more).kind is kind


def test_codes_are_those_of_cpv_and_a_deadline_is_none_of_an_award() -> None:
    codes = [
        {"scheme": "CPV", "id": "45233130.0"},
        {"scheme": "UNSPSC", "id": "43191500"},
        {"scheme": "CPV", "id": "x"},
    ]
    part = {"title": "Cameras", "additionalClassifications": codes, "tenderPeriod": {"endDate": "2026-12-01T00:00:00Z"}}

    parsed = read(release(tender=part), release(id="02", tag=["tender"], tender=part))

    assert [notice.cpv for notice in parsed.notices] == [("45233130",), ("45233130",)]
    assert [notice.deadline for notice in parsed.notices] == [None, datetime(2026, 12, 1, tzinfo=UTC)]
    assert {loss.problem for loss in parsed.losses} == {"'x' is not a CPV code"}


def test_another_charset_is_read_and_a_damaged_byte_is_not() -> None:
    page = json.dumps({"releases": [release(tender={"title": "Caméras à l'épaule"})]}, ensure_ascii=False)

    assert Ocds(member="essai").parse(page.encode("latin-1")).notices[0].title == "Caméras à l'épaule"
    with pytest.raises(SourceError) as caught:
        Ocds(member="essai").parse(page.encode().replace("Caméras".encode(), b"Cam\xe9ras"))
    assert caught.value.fault is SourceFault.CHARSET


def test_of_releases_with_one_id_the_latest_counts_and_an_address_is_no_revision() -> None:
    buyer = {"id": "B", "name": "Harwell Bay Council", "roles": ["buyer"], "address": {"locality": "Harwell"}}
    old = release(parties=[buyer], date="2026-11-17T09:00:00Z")
    new = release(parties=[buyer | {"address": {"locality": "HARWELL"}}])

    one, other = read(old, new, release(id="02")), read(release(id="02"), new, old)

    assert one.notices[0].published == datetime(2026, 11, 18, 9, tzinfo=UTC)
    assert set(one.notices) == set(other.notices)
    assert (
        read(old).revision_hashes
        == read(new).revision_hashes
        == {"ocds-xy12ab-1/01": one.revision_hashes["ocds-xy12ab-1/01"]}
    )


def test_a_page_whose_releases_share_one_id_is_refused() -> None:
    with pytest.raises(SourceError) as caught:
        read(*(release(tender={"title": f"Lot {number}"}) for number in range(5)))
    assert (caught.value.fault, caught.value.entry) == (SourceFault.ONE_ID, "ocds-xy12ab-1/01")


def test_a_short_page_that_holds_a_release_and_its_older_copy_is_read() -> None:
    parsed = read(release(tender={"title": "Cameras"}), release(tender={"title": "Radios"}, date="2026-11-17"))

    assert [notice.title for notice in parsed.notices] == ["Cameras"]


@pytest.mark.parametrize(
    "form", ["2026-11-18T09:00:00.000+00:00", "2026-11-18T10:00:00+01:00", "20261118T090000Z", "2026-11-18T09:00"]
)
def test_a_release_without_an_id_keeps_its_name_in_whatever_form_its_date_is_written(form: str) -> None:
    assert read_one(id=None, date=form).id == read_one(id=None).id


@pytest.mark.parametrize("more", [{}, {"id": None}])
@pytest.mark.parametrize("end", ["9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00+14:00"])
def test_a_date_at_the_end_of_the_calendar_is_a_loss(end: str, more: dict[str, Any]) -> None:
    odd = release(date=end, tag=["tender"], tender={"title": "Cameras", "tenderPeriod": {"endDate": end}}, **more)

    parsed = read(odd, release(id="02"))

    assert [(notice.published, notice.deadline) for notice in parsed.notices] == [
        (None, None),
        (datetime(2026, 11, 18, 9, tzinfo=UTC), None),
    ]
    assert {loss.field for loss in parsed.losses} == {"date"}


def test_a_full_page_that_links_to_no_other_is_told_as_a_loss() -> None:
    page: dict[str, Any] = {"releases": [release(id=str(number)) for number in range(100)]}

    alone = UkContractsFinder().parse(json.dumps(page).encode())
    linked = UkContractsFinder().parse(json.dumps(page | {"links": {"next": "https://register.example/2"}}).encode())

    assert {loss.field for loss in alone.losses} - {loss.field for loss in linked.losses} == {"links.next"}


def test_linked_releases_are_read_by_their_compiled_one_else_told_as_a_loss() -> None:
    link = {"url": "https://compras.example/1", "date": "2026-11-18T09:00:00Z", "tag": ["planning"]}
    records = [
        {"ocid": "a", "releases": [link], "compiledRelease": release(ocid="a", tag=["compiled"])},
        {"ocid": "b", "releases": [link]},
        {"ocid": "d", "releases": [release(ocid="d"), link], "compiledRelease": release(ocid="d", id="all")},
        {
            "ocid": "c",
            "releases": [release(ocid="c"), release(ocid="c", id="02")],
            "compiledRelease": release(ocid="c"),
        },
    ]

    parsed = Ocds(member="essai").parse(json.dumps({"records": records}).encode())

    assert [notice.id for notice in parsed.notices] == ["a/01", "d/all", "c/01", "c/02"]
    assert [loss.notice for loss in parsed.losses] == ["b"]


def test_the_page_of_a_notice_is_its_own_document_before_those_of_other_portals() -> None:
    documents = [
        {"documentType": "tenderNotice", "url": "https://portal.example/1"},
        {"documentType": "contractNotice", "format": "text/html"},
        {"documentType": "awardNotice", "url": "https://register.example/1", "format": "text/html"},
    ]

    assert read_one(awards=[award(documents=documents)]).url == "https://register.example/1"
    assert read_one(awards=[award(documents=documents[:2])]).url == "https://portal.example/1"


def test_what_a_publisher_makes_up_is_a_loss_and_what_one_is_known_to_send_an_error() -> None:
    odd = release(tag=["bidOpening"], tender={"name": "Cameras", "description": "Supply"})

    parsed = read(odd)
    assert (parsed.notices[0].kind, parsed.notices[0].title) == (NoticeKind.TENDER, "Supply")
    assert [(loss.field, loss.problem) for loss in parsed.losses] == [("tag", "the code 'bidOpening' is not known")]
    for field, more in (("tag", {"tag": ["bidOpening"]}), ("tender.title", {"tender": {"description": "Supply"}})):
        with pytest.raises(SourceError) as caught:
            UkFindATender().parse(json.dumps({"releases": [release(**more)]}).encode())
        assert (caught.value.field, caught.value.entry) == (field, "ocds-xy12ab-1/01")
