"""What is special to TED: maps of languages, lists that do not align, tokens, and fields that it no longer knows."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest

from bot.errors import SourceError, SourceFault
from bot.loopback.publishers import PublisherFault, boamp_records
from bot.loopback.publishers.numbers import siren
from bot.loopback.publishers.ted import LoopbackTed
from bot.loopback.publishers.ted_notices import award, corrigendum, modification, procedure_of, tender
from bot.models import Notice, NoticeKind
from bot.sources import Asked, Parsed, Payload, PoliteClient, Window
from bot.sources.boamp import Boamp
from bot.sources.ted import Ted

DAY = date(2026, 11, 18)
NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
PARIS = timezone(timedelta(hours=1))
DEADLINE = datetime(2026, 12, 20, 12, tzinfo=PARIS)
FIRM = siren("99810047")


def a_tender(number: str = "479801-2026", **parts: Any) -> dict[str, Any]:
    return tender(number=number, published=DAY, title="Caméras-piétons", deadline=DEADLINE, **parts)


def an_award(**parts: Any) -> dict[str, Any]:
    return award(of=a_tender(), number="479803-2026", published=DAY, **{"winners": ["Valmarin"], **parts})


def parsed(*records: dict[str, Any], **envelope: Any) -> Parsed:
    page = {"notices": list(records), "totalNoticeCount": len(records), "iterationNextToken": None, "timedOut": False}
    return Ted().parse(json.dumps(page | envelope).encode())


def read_one(record: dict[str, Any]) -> Notice:
    return parsed(record).notices[0]


async def payloads(source: Ted, client: PoliteClient, window: Window | None = None) -> list[Payload]:
    asked = Asked(window or Window(DAY - timedelta(days=2)), NOW)
    return [payload async for payload in source.fetch(asked, client)]


async def fetched(
    publisher: LoopbackTed, client: PoliteClient, source: Ted | None = None, window: Window | None = None
) -> list[Parsed]:
    source = source or Ted(publisher.url)
    return [source.parse(payload.body) for payload in await payloads(source, client, window)]


@pytest.mark.parametrize(
    ("titles", "expected"),
    [
        ({"deu": "Wache", "eng": "Guard", "fra": "Garde"}, "Garde"),
        ({"deu": ["Wache"], "eng": ["Guard"]}, "Guard"),
        ({"nld": "Bewaking", "deu": "Wache"}, "Wache"),
        ("Garde", "Garde"),
    ],
    ids=["french", "english, in lists", "the notice's own", "no map"],
)
def test_a_title_is_french_then_english_then_the_notices_own(titles: object, expected: str) -> None:
    assert read_one(a_tender(language="deu") | {"notice-title": titles}).title == expected


def test_the_text_holds_french_and_english_and_no_third_language() -> None:
    said = {"fra": "Achat de caméras", "eng": "Purchase of cameras", "deu": "Kauf von Kameras"}

    lines = read_one(a_tender() | {"title-proc": said, "title-lot": {"deu": ["Los eins"]}}).text.splitlines()

    assert lines == ["Achat de caméras", "Purchase of cameras", "Los eins"]


def test_winners_of_every_language_are_suppliers_once() -> None:
    record = an_award() | {"winner-name": {"fra": ["Valmarin", "VALMARIN"], "nld": ["Corvoy Optiek"]}}

    assert read_one(record).suppliers == ("Valmarin", "Corvoy Optiek")


def test_a_country_code_is_no_winner_but_a_short_name_is_one() -> None:
    assert read_one(an_award(winners=["FRA", "DE", "Unpublished", "EDF"])).suppliers == ("EDF",)


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ({"values": ["10.50", "20", "30"]}, (None, None)),
        ({"values": ["10.50"]}, (Decimal("10.50"), "EUR")),
        ({"values": ["10.50"], "winners": ["Valmarin", "Corvoy"]}, (None, None)),
        ({"values": ["10.50"], "winners": ["Valmarin", "Valmarin"]}, (None, None)),
        ({"values": ["10.50"], "winners": []}, (None, None)),
        ({"values": ["10.50"], "total": "44"}, (Decimal(44), "EUR")),
        ({"total": "-1"}, (None, None)),
    ],
    ids=["values", "one lot", "two winners", "one winner of two lots", "no winner", "a total", "withheld"],
)
def test_values_of_lots_are_never_added_up(parts: dict[str, Any], expected: tuple[Decimal | None, str | None]) -> None:
    notice = read_one(an_award(**parts))

    assert (notice.amount, notice.currency) == expected


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"identifier-lot": ["LOT-0001"]}, Decimal(120_000)),
        ({"identifier-lot": ["LOT-0001", "LOT-0002"]}, None),
        ({"identifier-lot": [], "title-lot": {"fra": ["Lot 1", "Lot 2"]}}, None),
        ({"identifier-lot": [], "title-lot": {"fra": ["Lot 1"], "eng": ["Lot 1"]}}, Decimal(120_000)),
        ({"identifier-lot": [], "title-lot": {}}, None),
        ({"identifier-lot": ["LOT-0001", "LOT-0002"], "estimated-value-proc": "300000"}, Decimal(300_000)),
    ],
    ids=["one lot", "two lots", "two titles", "one title", "nobody knows", "the procedure's"],
)
def test_the_estimate_of_a_lot_is_the_notices_only_where_there_is_no_other(
    fields: dict[str, Any], expected: Decimal | None
) -> None:
    assert read_one(a_tender() | {"estimated-value-lot": ["120000"]} | fields).amount == expected


def test_the_order_in_which_organisations_are_listed_chooses_neither_buyer_nor_spelling() -> None:
    listed = ["Ville de Sarth", "VILLE DE CORVOY", "Ville de Corvoy"]
    read = [read_one(a_tender() | {"buyer-name": {"fra": names}}) for names in (listed, listed[::-1])]

    assert [notice.buyer for notice in read] == ["Ville de Corvoy", "Ville de Corvoy"]


@pytest.mark.parametrize(("codes", "expected"), [([], None), (["", "DEU"], "de")], ids=["none", "a blank one"])
def test_a_text_without_a_language_is_in_none(codes: list[str], expected: str | None) -> None:
    read = parsed(a_tender() | {"official-language": codes, "title-proc": ["Garde"], "notice-title": "Garde"})

    assert (read.notices[0].language, read.losses) == (expected, ())


@pytest.mark.parametrize(
    "markers",
    [
        {"change-description": {"fra": []}, "change-reason-code": [""]},
        {"change-description": {}, "change-notice-version-identifier": ["", None]},
        {"modification-previous-notice-identifier": [" "]},
    ],
    ids=["empty lists", "blank texts", "no earlier notice"],
)
def test_an_empty_marker_makes_no_change_of_a_tender(markers: dict[str, Any]) -> None:
    assert read_one(a_tender() | markers).kind is NoticeKind.TENDER


def test_an_amount_in_one_of_two_currencies_is_a_loss() -> None:
    read = parsed(an_award(total="4500000") | {"total-value-cur": ["EUR", "GBP"]})

    assert read.notices[0].amount is None
    assert [loss.field for loss in read.losses] == ["total-value-cur"]


def test_a_number_counts_only_where_its_country_is_sure() -> None:
    french = an_award(numbers=[FIRM], countries=["FRA", "FRA"])
    mixed = an_award(numbers=[FIRM, "DE 423 962 710"], countries=["FRA", "DEU"])

    assert read_one(french).identifiers == (f"siren:{FIRM}",)
    assert read_one(mixed).identifiers == ("vat:DE423962710",)
    assert FIRM in read_one(mixed).text


@pytest.mark.parametrize(
    ("days", "times", "expected"),
    [
        (["2026-12-12+01:00", "2026-12-10+01:00"], [], date(2026, 12, 10)),
        (
            ["2026-12-12+01:00", "2026-12-10+01:00"],
            ["12:00:00+01:00", "12:00:00+01:00"],
            datetime(2026, 12, 10, 12, tzinfo=PARIS),
        ),
        (["2026-12-12+01:00", "2026-12-10+01:00"], ["12:00:00+01:00", "17:00:00+01:00"], date(2026, 12, 10)),
        (["2026-12-12+01:00", "2026-12-10+01:00"], ["12:00:00+01:00"], date(2026, 12, 10)),
    ],
    ids=["no time", "one time", "two times", "a time of one of them"],
)
def test_the_earliest_deadline_has_a_time_only_where_it_can_be_no_others(
    days: list[str], times: list[str], expected: date | datetime
) -> None:
    record = a_tender() | {"deadline-receipt-tender-date-lot": days, "deadline-receipt-tender-time-lot": times}

    assert read_one(record).deadline == expected


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        (a_tender(), NoticeKind.TENDER),
        (a_tender() | {"form-type": "planning", "notice-type": "pin-only"}, NoticeKind.TENDER),
        ({**an_award(), "form-type": "dir-awa-pre", "notice-type": "veat"}, NoticeKind.AWARD),
        (corrigendum(of=a_tender(), number="1-2026", published=DAY, deadline=DEADLINE), NoticeKind.CHANGE),
        (a_tender() | {"modification-previous-notice-identifier": ["1-2026"]}, NoticeKind.CHANGE),
        (modification(of=an_award(), number="1-2026", published=DAY, winner="A", total="1"), NoticeKind.CHANGE),
        (
            corrigendum(of=a_tender(), number="1-2026", published=DAY, deadline=DEADLINE, reason="cancel-intent"),
            NoticeKind.CANCELLATION,
        ),
    ],
    ids=["competition", "planning", "direct award", "corrigendum", "earlier notice", "contract change", "cancellation"],
)
def test_a_kind_comes_from_the_form_and_from_what_a_notice_changes(
    record: dict[str, Any], expected: NoticeKind
) -> None:
    assert read_one(record).kind is expected


def test_an_unknown_code_is_refused_with_its_field_and_entry() -> None:
    with pytest.raises(SourceError) as caught:
        parsed(a_tender() | {"form-type": "novelty", "notice-type": "new-1"})

    assert (caught.value.fault, caught.value.field, caught.value.entry) == (
        SourceFault.UNKNOWN_CODE,
        "notice-type",
        "479801-2026",
    )


def test_an_unknown_form_of_a_known_type_is_a_loss() -> None:
    read = parsed(a_tender() | {"form-type": "novelty"})

    assert read.notices[0].kind is NoticeKind.TENDER
    assert [loss.field for loss in read.losses] == ["form-type"]


def test_zeros_in_front_of_a_number_make_no_other_notice() -> None:
    assert read_one(a_tender(number="00479801-2026")).id == "479801-2026"


def test_a_procedure_is_the_one_that_boamp_gives() -> None:
    french = boamp_records.eforms_notice(idweb="26-1", objet="Caméras", published=DAY, deadline=DEADLINE)
    page = json.dumps({"total_count": 1, "results": [french]}).encode()
    procedure = Boamp().parse(page).notices[0].procedure

    assert read_one(a_tender(procedure=str(procedure).upper())).procedure == procedure


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, "ted:479801-2026"),
        ({"modification-previous-notice-identifier": ["00362098-2020"]}, "ted:362098-2020"),
        ({"procedure-identifier": "no uuid"}, "ted:479801-2026"),
    ],
    ids=["own", "of an earlier notice", "no uuid"],
)
def test_without_a_uuid_a_procedure_is_the_first_notice(fields: dict[str, Any], expected: str) -> None:
    record = a_tender()
    del record["procedure-identifier"]

    assert read_one(record | fields).procedure == expected


def test_an_answer_that_says_it_is_incomplete_is_refused() -> None:
    with pytest.raises(SourceError) as caught:
        parsed(a_tender(), timedOut=True)

    assert caught.value.fault is SourceFault.INCOMPLETE


def test_a_revision_is_no_matter_of_links_and_orders_but_of_deadlines() -> None:
    record = an_award(winners=["Valmarin", "Corvoy"])
    same = record | {"links": {}, "winner-name": {"fra": ["Corvoy", "Valmarin"]}}
    other = record | {"deadline-receipt-tender-date-lot": ["2027-01-10+01:00"]}
    hashes = [next(iter(parsed(one).revision_hashes.values())) for one in (record, same, other)]

    assert hashes[0] == hashes[1] != hashes[2]


async def test_a_window_is_read_page_by_page_until_the_total_has_come(client: PoliteClient) -> None:
    records = [a_tender(f"{number}-2026") for number in range(1, 602)]
    async with LoopbackTed(records) as ted:
        pages = await fetched(ted, client)

        asked = ted.asked

    assert [len(page.notices) for page in pages] == [250, 250, 101]
    assert {len(body["fields"]) <= 39 and body["limit"] for body in asked} == {250}
    assert ["iterationNextToken" in body for body in asked] == [False, True, True]


async def test_only_the_days_and_countries_that_are_chosen_are_asked_for(client: PoliteClient) -> None:
    records = [
        a_tender("1-2026"),
        a_tender("2-2026", country="DEU"),
        a_tender("3-2026", country="BEL"),
        tender(number="4-2026", published=DAY + timedelta(days=1), title="Trop tard"),
    ]
    async with LoopbackTed(records) as ted:
        source = Ted(ted.url, options={"countries": ("fra", "DEU")})
        (page,) = await fetched(ted, client, source, Window(DAY, DAY + timedelta(days=1)))

    assert [notice.id for notice in page.notices] == ["1-2026", "2-2026"]


@pytest.mark.parametrize("codes", [("FR",), ("FRA) OR (DEU",), ()], ids=["two letters", "a query", "none"])
def test_countries_are_codes_of_three_letters(codes: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="three letters"):
        Ted(options={"countries": codes})


@pytest.mark.parametrize(
    ("unknown", "missing"),
    [
        ({"procedure-identifier"}, {"procedure-identifier"}),
        (
            {"procedure-identifier", "title-lot"},
            {"procedure-identifier", "form-type", "notice-identifier", "official-language"},
        ),
    ],
    ids=["a field known from clients", "a documented field"],
)
async def test_where_a_field_is_refused_fewer_are_asked_for_and_told_as_missing(
    unknown: set[str], missing: set[str], client: PoliteClient
) -> None:
    async with LoopbackTed([a_tender()]) as ted:
        ted.fields -= unknown
        source = Ted(ted.url)
        (payload,) = await payloads(source, client)

    page = source.parse(payload.body)
    assert {loss.field for loss in page.losses} == missing
    assert page.notices[0].kind is NoticeKind.TENDER
    assert payload.is_reduced


async def test_fields_that_a_small_answer_lacks_do_not_reduce_it(client: PoliteClient) -> None:
    async with LoopbackTed([{name: value for name, value in a_tender().items() if name != "official-language"}]) as ted:
        (payload,) = await payloads(Ted(ted.url), client)

    assert not payload.is_reduced


async def test_every_version_of_a_notice_is_read(client: PoliteClient) -> None:
    newer = a_tender("2-2026") | {"notice-identifier": a_tender("1-2026")["notice-identifier"], "notice-version": 2}
    async with LoopbackTed([a_tender("1-2026"), newer]) as ted:
        (page,) = await fetched(ted, client)

    assert [notice.id for notice in page.notices] == ["1-2026", "2-2026"]


async def test_pages_that_go_round_in_circles_are_refused(client: PoliteClient) -> None:
    async with LoopbackTed([a_tender(f"{number}-2026") for number in range(1, 302)]) as ted:
        ted.circles = True
        with pytest.raises(SourceError) as caught:
            await fetched(ted, client)

    assert caught.value.fault is SourceFault.SAME_PAGES


@pytest.mark.parametrize("pages", [1, 2])
async def test_fewer_notices_than_announced_are_refused(pages: int, client: PoliteClient) -> None:
    async with LoopbackTed([a_tender(f"{number}-2026") for number in range(1, 302)]) as ted:
        ted.fail_next(PublisherFault.NO_RECORDS, after=pages - 1)
        with pytest.raises(SourceError) as caught:
            await fetched(ted, client)

    assert caught.value.fault is SourceFault.SHORT_READ


async def test_an_answer_that_timed_out_is_refused_while_it_is_read(client: PoliteClient) -> None:
    async with LoopbackTed([a_tender(), a_tender("2-2026")]) as ted:
        ted.times_out = 1
        with pytest.raises(SourceError) as caught:
            await fetched(ted, client)

    assert caught.value.fault is SourceFault.INCOMPLETE


async def test_a_wrong_token_is_an_error_of_the_publisher(client: PoliteClient) -> None:
    async with LoopbackTed() as ted:
        asked = {"query": "publication-date >= 20261101", "fields": ["links"], "iterationNextToken": "wrong"}
        with pytest.raises(SourceError) as caught:
            await client.post_json(f"{ted.url}/v3/notices/search", asked, max_bytes=1000)

    assert caught.value.values["status"] == "500"


def test_the_notices_that_follow_a_made_up_tender_share_its_procedure() -> None:
    procedures = {
        read_one(record).procedure
        for record in (
            a_tender(),
            an_award(),
            corrigendum(of=a_tender(), number="1-2026", published=DAY, deadline=DEADLINE),
        )
    }

    assert procedures == {procedure_of("479801-2026")}
