"""The consolidated table of public contracts: rows gathered to contracts, amounts that are doubted, filters refused."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import quote

import pytest
from aiohttp import web

from bot.errors import SourceError
from bot.loopback.publishers import PublisherFault, RecordedQuery, Served
from bot.loopback.publishers.decp import LoopbackDecp, contract
from bot.loopback.publishers.numbers import siren, siret
from bot.models import Notice, NoticeKind
from bot.sources import Asked, Parsed, PoliteClient, Window
from bot.sources.decp import Decp

TODAY = date(2026, 11, 18)
SINCE = TODAY - timedelta(days=7)
NOW = datetime(2026, 11, 18, 8, tzinfo=UTC)
VALMARIN = ("VALMARIN SYSTEMES", siret(siren("99810047")))
CORVOY = ("CORVOY ÉNERGIE", siret(siren("05650171")))


@pytest.fixture
async def table() -> AsyncIterator[LoopbackDecp]:
    async with LoopbackDecp() as table:
        yield table


def one(number: str = "1", **told: Any) -> list[dict[str, Any]]:
    told = {"objet": "Caméras", "published": TODAY, "suppliers": [VALMARIN], **told}
    return contract(number=number, **told)


def many(count: int, published: date = TODAY) -> list[dict[str, Any]]:
    return [row for place in range(count) for row in one(f"26-{place:04}", objet=f"Lot {place}", published=published)]


def parse(*rows: dict[str, Any], lenient: bool = False) -> Parsed:
    return Decp().parse(json.dumps({"data": rows}).encode(), lenient=lenient)


async def read(table: LoopbackDecp, client: PoliteClient, asked: Asked | None = None) -> list[Notice]:
    source = Decp(table.url)
    asked = asked or Asked(Window(SINCE), now=NOW)
    payloads = [payload.body async for payload in source.fetch(asked, client)]
    return [notice for payload in payloads for notice in source.parse(payload).notices]


def is_window(query: RecordedQuery) -> bool:
    return "uid__in" not in query.params


async def test_the_suppliers_of_a_contract_are_gathered_from_all_pages(
    table: LoopbackDecp, client: PoliteClient
) -> None:
    first, last = one("2026-CAM", suppliers=[VALMARIN, CORVOY])
    table.records = [first, *many(70), last]

    notices = {notice.id: notice for notice in await read(table, client)}

    assert len(notices) == 71
    assert notices[f"{first['uid']}/0"].suppliers == ("CORVOY ÉNERGIE", "VALMARIN SYSTEMES")
    pages = [(query.params["page"], query.params["page_size"]) for query in table.requests if is_window(query)]
    assert pages == [("1", "50"), ("2", "50")]


async def test_no_payload_splits_a_contract(
    table: LoopbackDecp, client: PoliteClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.sources._decp.rows.PAYLOAD_ROWS", 2)
    three = [VALMARIN, CORVOY, ("ADUR TRAVAUX", siret(siren("98120034")))]
    rows = [row for place in range(4) for row in one(f"{place}", suppliers=three)]
    table.records = sorted(rows, key=lambda row: str(row["titulaire_nom"]))

    assert [len(notice.suppliers) for notice in await read(table, client)] == [3, 3, 3, 3]


async def test_what_is_gathered_is_read_like_what_was_sent(table: LoopbackDecp, client: PoliteClient) -> None:
    table.records = one("a", amount=84500.5, dureeMois=24.0) + one("b", amount=1e17)

    assert tuple(await read(table, client)) == parse(*table.records).notices


async def test_a_window_is_that_of_the_publication_of_the_data(table: LoopbackDecp, client: PoliteClient) -> None:
    table.records = many(1, SINCE - timedelta(days=1)) + one("a", published=SINCE) + one("b", published=TODAY)
    closed = Asked(Window(SINCE, TODAY), now=NOW, is_backfill=True)

    assert [notice.id[14:] for notice in await read(table, client)] == ["a/0", "b/0"]
    assert [notice.id[14:] for notice in await read(table, client, closed)] == ["a/0"]


def of_two_days(number: str = "1", **told: Any) -> list[dict[str, Any]]:
    """Return the rows of a contract of which one lies before the window."""
    rows = one(number, suppliers=[VALMARIN, CORVOY], **told)
    rows[1]["datePublicationDonnees"] = (SINCE - timedelta(days=1)).isoformat()
    return rows


@pytest.mark.parametrize("number", ["1", "2026 017", "26,S(1)"])
async def test_no_supplier_goes_because_the_window_moved(
    number: str, table: LoopbackDecp, client: PoliteClient
) -> None:
    table.records = of_two_days(number)
    wider = Asked(Window(SINCE - timedelta(days=1)), now=NOW)

    (now,), (before,) = await read(table, client), await read(table, client, wider)
    assert now == before
    assert now.suppliers == ("CORVOY ÉNERGIE", "VALMARIN SYSTEMES")


async def test_a_window_of_history_holds_its_contracts_whole(table: LoopbackDecp, client: PoliteClient) -> None:
    table.records = of_two_days()
    windows = [Window(SINCE - timedelta(days=7), SINCE), Window(SINCE, TODAY + timedelta(days=1))]

    (first,), (then,) = [await read(table, client, Asked(window, now=NOW, is_backfill=True)) for window in windows]
    assert first == then


async def test_of_an_amendment_in_the_window_the_award_is_not_read_again(
    table: LoopbackDecp, client: PoliteClient
) -> None:
    table.records = one(published=SINCE - timedelta(days=90)) + one(modification=1)

    assert [notice.kind for notice in await read(table, client)] == [NoticeKind.CHANGE]


async def test_many_contracts_are_asked_for_in_lists_that_an_address_can_hold(
    table: LoopbackDecp, client: PoliteClient
) -> None:
    table.records = many(300)
    await read(table, client)

    lists = [query.params["uid__in"] for query in table.requests if not is_window(query)]
    assert sorted(uid for one in lists for uid in one.split(",")) == sorted(f'"{row["uid"]}"' for row in table.records)
    assert max(len(quote(one)) for one in lists) < 4_000


async def test_where_contracts_cannot_be_asked_for_that_is_told(table: LoopbackDecp, client: PoliteClient) -> None:
    table.unfiltered = {"uid"}
    table.records = of_two_days()
    source = Decp(table.url)
    (payload,) = [payload.body async for payload in source.fetch(Asked(Window(SINCE), now=NOW), client)]
    parsed = source.parse(payload)

    assert parsed.notices[0].suppliers == ("VALMARIN SYSTEMES",)
    assert [(loss.notice, loss.field) for loss in parsed.losses] == [("", "uid")]


async def test_a_read_is_judged_as_a_whole_and_not_by_its_payloads(
    table: LoopbackDecp, client: PoliteClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.sources._decp.rows.PAYLOAD_ROWS", 8)
    odd = [row | {"objet": f"Lot {place}"} for place in range(6) for row in one("odd")]
    table.records = [*many(8), *odd]

    assert len(await read(table, client)) == 9
    table.records = [row | {"uid": "x"} for row in many(60)]
    with pytest.raises(SourceError, match="share one id"):
        await read(table, client)


async def test_where_the_filter_is_refused_the_date_of_notification_is_asked_for(
    table: LoopbackDecp, client: PoliteClient
) -> None:
    table.unfiltered = {"datePublicationDonnees"}
    table.records = one(published=TODAY, dateNotification="2026-09-01")

    assert len(await read(table, client)) == 1
    assert table.requests[1].params["dateNotification__greater"] == "2026-08-20"


async def test_a_backfill_reaches_no_date_twice_where_the_filter_is_refused(
    table: LoopbackDecp, client: PoliteClient
) -> None:
    table.unfiltered = {"datePublicationDonnees"}
    await read(table, client, Asked(Window(SINCE, TODAY), now=NOW, is_backfill=True))

    assert table.requests[1].params["dateNotification__greater"] == "2026-11-11"
    assert table.requests[1].params["dateNotification__strictly_less"] == "2026-11-18"


async def test_only_a_refused_filter_makes_another_one_be_tried(table: LoopbackDecp, client: PoliteClient) -> None:
    table.fail_next(PublisherFault.ERROR)

    with pytest.raises(SourceError, match="status 500"):
        await read(table, client)
    assert len(table.requests) == 1


async def test_fewer_rows_than_announced_are_refused(table: LoopbackDecp, client: PoliteClient) -> None:
    table.records = many(60)
    table.fail_next(PublisherFault.NO_RECORDS, after=1)

    with pytest.raises(SourceError, match="50 notices came where 60 were announced"):
        await read(table, client)


class Rebuilt(LoopbackDecp):
    """Lose a row and add two while the first pages are read."""

    times = 1

    async def _rows(self, request: web.Request) -> Served:
        if request.query["page"] == "2" and self.times:
            self.times -= 1
            self.records = [*self.records[1:], *one(f"a{self.times}"), *one(f"b{self.times}")]
        return await super()._rows(request)


async def test_a_table_that_is_rebuilt_meanwhile_is_read_again(client: PoliteClient) -> None:
    async with Rebuilt(many(60)) as table:
        assert sorted(notice.id[14:] for notice in await read(table, client)) == [
            *(f"26-{place:04}/0" for place in range(1, 60)),
            "a0/0",
            "b0/0",
        ]
        assert [query.params["page"] for query in table.requests if is_window(query)] == ["1", "2", "1", "2"]


async def test_a_table_that_never_stands_still_is_refused(client: PoliteClient) -> None:
    async with Rebuilt(many(60)) as table:
        table.times = 9
        with pytest.raises(SourceError, match="changed 3 times"):
            await read(table, client)


def test_numbers_that_a_column_of_integers_shortened_are_made_whole() -> None:
    (notice,) = parse(*one(suppliers=[CORVOY])).notices

    assert f"siret:{CORVOY[1]}" in notice.identifiers
    assert CORVOY[1].startswith("0")


def test_a_supplier_from_abroad_is_told_in_the_text() -> None:
    (notice,) = parse(*one(suppliers=[("ADUR GMBH", "ATU12345675")], titulaire_typeIdentifiant="HORS-UE")).notices

    assert "Identifiant HORS-UE : ATU12345675" in notice.text
    assert not [number for number in notice.identifiers if "ATU" in number]


def test_a_name_that_the_company_register_withholds_is_no_name() -> None:
    (notice,) = parse(*one(suppliers=[("[ND]", VALMARIN[1])])).notices

    assert notice.suppliers == ()
    assert f"Titulaire sans nom : {VALMARIN[1]}" in notice.text


@pytest.mark.parametrize(
    ("amount", "anomaly", "told"),
    [
        (1e17, None, "100 000 000 000 000 000 €"),
        (1, None, "1 €"),
        (84500.5, "montant aberrant", "84 500,5 € (montant aberrant)"),
    ],
)
def test_an_amount_that_cannot_be_believed_is_told_as_doubtful(amount: float, anomaly: str | None, told: str) -> None:
    parsed = parse(*one(amount=amount, montant_anomalie=anomaly))

    assert (parsed.notices[0].amount, parsed.notices[0].currency) == (None, None)
    assert f"Montant publié, douteux : {told}" in parsed.notices[0].text.split("\n")


def test_a_usual_amount_is_no_doubt() -> None:
    (notice,) = parse(*one(amount=84500.5, montant_anomalie=False)).notices

    assert (notice.amount, notice.currency) == (Decimal("84500.5"), "EUR")
    assert "douteux" not in notice.text


def test_of_rows_with_several_amounts_none_is_the_amount_whatever_their_order() -> None:
    rows = one(amount=50_000) + one(amount=60_000.5)
    parsed, turned = parse(*rows), parse(*rows[::-1])

    assert parsed.notices == turned.notices
    assert parsed.revision_hashes == turned.revision_hashes
    assert (parsed.notices[0].amount, parsed.notices[0].currency) == (None, None)
    assert "Montant publié, douteux : 50 000 € ou 60 000,5 €" in parsed.notices[0].text.split("\n")


def test_the_order_of_rows_decides_nothing() -> None:
    rows = [row for told in ({"objet": "Radars"}, {"dateNotification": "2026-10-01"}) for row in one(**told)]

    assert parse(*rows).notices == parse(*rows[::-1]).notices
    assert parse(*rows).revision_hashes == parse(*rows[::-1]).revision_hashes


def test_a_row_that_stands_there_twice_changes_nothing() -> None:
    assert parse(*one(), *one()) == parse(*one())


@pytest.mark.parametrize("filler", [None, "", "NC"])
def test_a_contract_without_an_object_says_so_in_its_title(filler: str | None) -> None:
    award, amendment = parse(*one(objet=filler), *one(modification=1, objet=filler)).notices

    assert award.title == "Marché sans objet publié : COMMUNE DE CORVOY"
    assert amendment.title == "Modification n° 1 sans objet publié : COMMUNE DE CORVOY"


@pytest.mark.parametrize("uid", [None, "", "nan", "2" * 201, True])
def test_a_row_without_a_usable_key_is_a_loss_and_not_the_end(uid: Any) -> None:
    parsed = parse(*(row | {"uid": uid} for row in one()), *one("2"))

    assert [notice.id for notice in parsed.notices] == [notice.id for notice in parse(*one("2")).notices]
    assert [(loss.notice, loss.field) for loss in parsed.losses] == [("#1", "uid")]


@pytest.mark.parametrize("number", ["1e5000", "1e150", "sNaN", "-1", "0.5", True, [1]])
def test_a_number_of_amendment_that_is_none_is_refused(number: Any) -> None:
    with pytest.raises(SourceError, match="modification_id"):
        parse(*one(modification=number))


@pytest.mark.parametrize("amount", ["1e9999999", "1e400", "sNaN", "Infinity", "NC 2"])
def test_an_amount_that_is_none_is_a_loss(amount: Any) -> None:
    parsed = parse(*one(amount=amount))

    assert parsed.notices[0].amount is None
    assert [loss.field for loss in parsed.losses] == ["montant"]


def test_a_number_beyond_all_measure_is_refused() -> None:
    payload = json.dumps({"data": one(dureeMois=123454321)}).replace("123454321", "1e99999999")

    with pytest.raises(SourceError, match="beyond all measure"):
        Decp().parse(payload.encode())


def test_a_row_that_is_nested_too_deeply_is_refused() -> None:
    refused = 0
    for depth in range(850, 1000):
        deep = json.dumps({"data": one(sourceFile="deep")}).replace('"deep"', "[" * depth + "]" * depth)
        try:
            Decp().parse(deep.encode())
        except SourceError:
            refused += 1

    assert refused


def test_an_amendment_is_a_change_tied_to_its_award() -> None:
    award, amendment = parse(*one(), *one(modification=1)).notices

    assert (award.kind, amendment.kind) == (NoticeKind.AWARD, NoticeKind.CHANGE)
    assert award.procedure == amendment.procedure
    assert amendment.text.startswith("Modification n° 1, notification du 18/11/2026")


def test_a_framework_says_that_its_amount_is_a_maximum() -> None:
    (notice,) = parse(*one(techniques="Accord-cadre, Catalogue électronique")).notices

    assert "Accord-cadre, Catalogue électronique (le montant est un maximum)" in notice.text


@pytest.mark.parametrize("filler", [None, "", "nan", "NC"])
def test_a_contract_without_a_date_of_publication_has_that_of_its_notification(filler: str | None) -> None:
    (notice,) = parse(*one(datePublicationDonnees=filler, dateNotification="2026-10-01")).notices

    assert notice.published == date(2026, 10, 1)


def test_blanks_in_a_buyers_own_number_are_written_so_that_an_id_has_none() -> None:
    assert parse(*one("2026 017")).notices[0].id.endswith("2026%20017/0")


def test_what_a_rebuilding_of_the_table_changes_is_no_revision() -> None:
    rows = one(suppliers=[VALMARIN, CORVOY])
    again = [row | {"__id": 9, "donneesActuelles": False, "dureeRestanteMois": 1} for row in rows[::-1]]
    (before,), (after,) = parse(*rows).revision_hashes.values(), parse(*again).revision_hashes.values()

    assert before == after


@pytest.mark.parametrize("change", [{"amount": 90_000}, {"suppliers": [VALMARIN, CORVOY]}, {"objet": "Radars"}])
def test_another_amount_supplier_or_object_is_a_revision(change: dict[str, Any]) -> None:
    assert parse(*one()).revision_hashes != parse(*one(**change)).revision_hashes


def test_one_contract_with_many_suppliers_is_no_broken_table() -> None:
    firms = [(f"FIRME {place}", siret(siren(f"998{place:05}"))) for place in range(30)]

    assert len(parse(*one(suppliers=firms)).notices[0].suppliers) == 30


def test_a_contract_whose_rows_have_two_objects_is_no_broken_table() -> None:
    firms = [(f"FIRME {place}", siret(siren(f"998{place:05}"))) for place in range(30)]
    rows = one(objet="x" * 256, suppliers=firms[1:]) + one(objet="x" * 300, suppliers=firms[:1])

    assert len(parse(*rows).notices[0].suppliers) == 30


def test_one_key_for_all_contracts_is_a_broken_table() -> None:
    with pytest.raises(SourceError, match="share one id"):
        parse(*(row | {"uid": "x"} for row in many(5)))


@pytest.mark.parametrize("raw", [{"marches": {"marche": []}}, {"marches": []}])
def test_the_raw_file_of_a_buyer_is_refused_in_plain_words(raw: dict[str, Any]) -> None:
    with pytest.raises(SourceError, match="raw file"):
        Decp().parse(json.dumps(raw).encode(), lenient=True)


def test_lenient_reading_takes_a_saved_row_and_says_what_it_lacks() -> None:
    row = {name: value for name, value in one()[0].items() if name in {"uid", "titulaire_nom", "montant"}}
    parsed = Decp().parse(json.dumps(row).encode(), lenient=True)

    assert parsed.notices[0].suppliers == ("VALMARIN SYSTEMES",)
    assert {"objet", "modification_id"} <= {loss.field for loss in parsed.losses}


def test_lenient_reading_takes_an_answer_of_the_official_table() -> None:
    record = {
        "id": "2026T1",
        "acheteur_id": one()[0]["uid"][:14],
        "objet": "Plomberie",
        "montant": 57988.0,
        "codecpv": "CDL",
        "titulaire_id_1": VALMARIN[1],
        "titulaire_typeidentifiant_1": "SIRET",
        "titulaire_id_2": CORVOY[1],
        "titulaire_typeidentifiant_2": "SIRET",
    }
    (notice,) = Decp().parse(json.dumps({"total_count": 1, "results": [record]}).encode(), lenient=True).notices

    assert notice.id == f"{record['acheteur_id']}2026T1/0"
    assert {f"siret:{VALMARIN[1]}", f"siret:{CORVOY[1]}"} <= set(notice.identifiers)
    assert notice.cpv == ()
