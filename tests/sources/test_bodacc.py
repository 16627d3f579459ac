"""Announcements about companies: asked for by number, natural persons left out, nested texts that cannot be read."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from bot.loopback.publishers import PublisherFault
from bot.loopback.publishers.bodacc import LoopbackBodacc, announcement, company, private_person, spaced
from bot.loopback.publishers.numbers import siren, siret
from bot.sources import Asked, Parsed, PoliteClient, Window
from bot.sources.bodacc import Bodacc, sirens

TODAY = date(2026, 11, 18)
NOW = datetime(2026, 11, 18, 8, tzinfo=UTC)
VALMARIN, CORVOY, PRIVATE = siren("99810047"), siren("05650171"), siren("97330021")
OMER = private_person("PROPRIETAIRE", "Omer", PRIVATE)


@pytest.fixture
async def bulletin() -> AsyncIterator[LoopbackBodacc]:
    async with LoopbackBodacc() as bulletin:
        yield bulletin


def one(**told: Any) -> dict[str, Any]:
    usual: dict[str, Any] = {
        "number": 1,
        "family": "dpc",
        "published": TODAY,
        "people": [company("VALMARIN", VALMARIN)],
    }
    return announcement(**(usual | told))


def parse(*records: dict[str, Any]) -> Parsed:
    return Bodacc().parse(json.dumps({"total_count": len(records), "results": records}).encode())


async def fetch(
    bulletin: LoopbackBodacc, client: PoliteClient, watched: set[str], **asked: Any
) -> tuple[list[str], Any]:
    """Return the ids that were read, and the cursor that was left; the companies were asked for before."""
    source = Bodacc(bulletin.url)
    usual: dict[str, Any] = {
        "window": Window(TODAY - timedelta(days=7)),
        "cursor": {"companies": sorted(sirens(watched))},
    }
    asked_for = Asked(now=NOW, watched=frozenset(watched), **(usual | asked))
    payloads = [payload async for payload in source.fetch(asked_for, client)]
    read = [payload.body for payload in payloads if not payload.is_unchanged]
    return [notice.id for body in read for notice in source.parse(body).notices], payloads[-1].cursor


async def read(bulletin: LoopbackBodacc, client: PoliteClient, watched: set[str], **asked: Any) -> list[str]:
    return (await fetch(bulletin, client, watched, **asked))[0]


async def test_nothing_is_asked_where_no_company_is_watched(bulletin: LoopbackBodacc, client: PoliteClient) -> None:
    bulletin.records = [one()]

    assert await read(bulletin, client, {"rna:W123456789", "gb-coh:00445790"}) == []
    assert bulletin.requests == []


async def test_only_the_watched_companies_are_read(bulletin: LoopbackBodacc, client: PoliteClient) -> None:
    other = one(number=2, people=[company("CORVOY", CORVOY)])
    bulletin.records = [one(), other]

    assert await read(bulletin, client, {f"siret:{siret(CORVOY)}"}) == [other["id"]]


@pytest.mark.parametrize("spelled", [spaced(VALMARIN), VALMARIN])
async def test_a_number_is_found_in_either_spelling(
    spelled: str, bulletin: LoopbackBodacc, client: PoliteClient
) -> None:
    bulletin.records = [one() | {"registre": [spelled]}]

    assert len(await read(bulletin, client, {f"siren:{VALMARIN}"})) == 1


async def test_many_companies_are_asked_for_in_small_groups(bulletin: LoopbackBodacc, client: PoliteClient) -> None:
    many = [siren(f"{place:08}") for place in range(1, 46)]
    bulletin.records = [one(number=int(number), people=[company("X", number)]) for number in many]

    assert len(await read(bulletin, client, {f"siren:{number}" for number in many})) == 45
    assert len(bulletin.requests) == 3


async def test_a_window_is_that_of_the_bulletin(bulletin: LoopbackBodacc, client: PoliteClient) -> None:
    bulletin.records = [one(number=age, published=TODAY - timedelta(days=age)) for age in (0, 7, 8)]
    watched, closed = {f"siren:{VALMARIN}"}, Window(TODAY - timedelta(days=8), TODAY)

    assert await read(bulletin, client, watched) == ["C202600000000", "C202600000007"]
    assert await read(bulletin, client, watched, window=closed, is_backfill=True) == ["C202600000007", "C202600000008"]


async def test_a_company_newly_watched_is_read_further_back_once(
    bulletin: LoopbackBodacc, client: PoliteClient
) -> None:
    for number, name in ((VALMARIN, "VALMARIN"), (CORVOY, "CORVOY")):
        old = TODAY - timedelta(days=89)
        bulletin.records.append(one(number=int(number[:8]), published=old, people=[company(name, number)]))
    both = {f"siren:{VALMARIN}", f"siren:{CORVOY}"}

    ids, cursor = await fetch(bulletin, client, both, cursor={"companies": [VALMARIN]})
    assert ids == [bulletin.records[1]["id"]]
    assert await read(bulletin, client, both, cursor=cursor) == []


async def test_only_what_is_told_of_a_company_newly_watched_is_silent(
    bulletin: LoopbackBodacc, client: PoliteClient
) -> None:
    both = one(number=2, people=[company("VALMARIN", VALMARIN), company("CORVOY", CORVOY)])
    bulletin.records = [one(), both, one(number=3, people=[company("CORVOY", CORVOY)])]
    asked = Asked(
        Window(TODAY - timedelta(days=7)),
        NOW,
        cursor={"companies": [VALMARIN]},
        watched=frozenset({f"siren:{VALMARIN}", f"siren:{CORVOY}"}),
    )
    payloads = [payload async for payload in Bodacc(bulletin.url).fetch(asked, client)]

    assert [(payload.is_silent, len(Bodacc().parse(payload.body).notices)) for payload in payloads] == [
        (False, 2),
        (True, 2),
    ]


async def test_a_company_no_longer_watched_is_new_when_it_comes_back(
    bulletin: LoopbackBodacc, client: PoliteClient
) -> None:
    assert await fetch(bulletin, client, set(), cursor={"companies": [VALMARIN]}) == ([], {"companies": []})


async def test_a_backfill_leaves_it_to_the_polls_whom_they_asked_for(
    bulletin: LoopbackBodacc, client: PoliteClient
) -> None:
    window = Window(TODAY - timedelta(days=30), TODAY - timedelta(days=20))
    _, cursor = await fetch(bulletin, client, {f"siren:{VALMARIN}"}, window=window, cursor={}, is_backfill=True)

    assert cursor is None
    assert [query.params["where"].partition(" and ")[2] for query in bulletin.requests] == [
        "dateparution >= date'2026-10-19' and dateparution < date'2026-10-29'"
    ]


async def test_companies_of_whom_nothing_is_announced_are_no_failure(
    bulletin: LoopbackBodacc, client: PoliteClient
) -> None:
    assert await read(bulletin, client, {f"siren:{VALMARIN}"}) == []
    assert len(bulletin.requests) == 1


async def test_the_pages_of_a_group_are_all_read(bulletin: LoopbackBodacc, client: PoliteClient) -> None:
    bulletin.records = [one(number=place) for place in range(130)]
    bulletin.fail_next(PublisherFault.REORDERED)

    assert len(await read(bulletin, client, {f"siren:{VALMARIN}"})) == 130


def test_a_siren_is_taken_out_of_the_numbers_of_companies_and_establishments() -> None:
    assert sirens({f"siren:{VALMARIN}", f"siret:{siret(CORVOY)}", "vat:DE123456789"}) == {VALMARIN, CORVOY}


@pytest.mark.parametrize("more", [{}, {"formeJuridique": "Entrepreneur individuel", "denomination": "CHEZ OMER"}])
def test_an_announcement_about_natural_persons_alone_is_left_out(more: dict[str, str]) -> None:
    assert parse(one(people=[OMER | more]), one(number=2)).notices == parse(one(number=2)).notices


def test_a_natural_person_beside_a_company_leaves_no_trace() -> None:
    (notice,) = parse(one(people=[OMER, company("VALMARIN", VALMARIN)], trader="PROPRIETAIRE, Omer")).notices

    assert notice.suppliers == ("VALMARIN",)
    assert notice.identifiers == (f"siren:{VALMARIN}",)
    assert "PROPRIETAIRE" not in json.dumps(notice.to_json())


def test_a_company_that_sells_is_named_in_the_text() -> None:
    (notice,) = parse(one(family="vente", sellers=[company("CORVOY ÉNERGIE", CORVOY)])).notices

    assert notice.suppliers == ("VALMARIN",)
    assert "Vendeur : CORVOY ÉNERGIE" in notice.text
    assert notice.identifiers == (f"siren:{VALMARIN}", f"siren:{CORVOY}")


def test_a_company_that_sells_to_a_natural_person_is_what_the_announcement_is_about() -> None:
    (notice,) = parse(one(family="vente", people=[OMER], sellers=[company("CORVOY ÉNERGIE", CORVOY)])).notices

    assert notice.title == "Ventes et cessions : CORVOY ÉNERGIE"
    assert notice.procedure == f"bodacc:{CORVOY}"


def test_of_a_natural_person_who_buys_from_a_company_nothing_is_told() -> None:
    buyer = OMER | {"capital": {"montantCapital": "500", "devise": "EUR"}, "formeJuridique": "Entrepreneur individuel"}
    place = {"enseigne": "CHEZ OMER", "activite": "bar", "origineFonds": "acquis par achat"}
    record = one(
        family="vente",
        people=[buyer],
        sellers=[company("CORVOY ÉNERGIE", CORVOY)],
        town="Trouville",
        listeetablissements={"etablissement": place},
        acte={"descriptif": "Acquis par M. Proprietaire", "vente": {"categorieVente": "Achat d'un fonds"}},
    )
    (notice,) = parse(record).notices

    assert notice.text.split("\n") == [
        "Greffe du Tribunal de Commerce de Pau",
        "Achat d'un fonds",
        "Vendeur : CORVOY ÉNERGIE",
    ]
    assert notice.title == "Ventes et cessions : CORVOY ÉNERGIE"
    assert notice.identifiers == (f"siren:{CORVOY}",)


@pytest.mark.parametrize("kind", [{}, {"typePersonne": "pm"}, {"typePersonne": "pp"}])
def test_whoever_has_a_given_name_and_no_company_name_is_a_natural_person(kind: dict[str, str]) -> None:
    person = {**OMER, "formeJuridique": "Entrepreneur individuel"}
    del person["typePersonne"]

    assert parse(one(people=[person | kind]), one(number=2)).notices == parse(one(number=2)).notices


def test_a_company_is_known_by_its_legal_form_where_the_code_is_missing() -> None:
    people = json.dumps({"personne": {"formeJuridique": "Société anonyme"}})
    (notice,) = parse(one() | {"listepersonnes": people, "commercant": "DANUBE"}).notices

    assert notice.suppliers == ("DANUBE",)


def test_where_nobody_is_told_to_be_a_company_the_trader_s_places_are_not_told() -> None:
    place = {"etablissement": {"enseigne": "CHEZ OMER"}}
    (notice,) = parse(one(listeetablissements=place) | {"listepersonnes": None}).notices

    assert notice.title == "Dépôts des comptes"
    assert "OMER" not in notice.text


@pytest.mark.parametrize("broken", ['{"personne": {', '"texte"', "[1]"])
def test_people_that_cannot_be_read_are_a_loss_and_nobody_is_named(broken: str) -> None:
    parsed = parse(one() | {"listepersonnes": broken})

    assert [(loss.notice, loss.field) for loss in parsed.losses] == [(one()["id"], "listepersonnes")]
    assert parsed.notices[0].title == "Dépôts des comptes"
    assert parsed.notices[0].identifiers == (f"siren:{VALMARIN}",)


def test_a_judgement_that_cannot_be_read_is_a_loss_and_keeps_the_rest() -> None:
    parsed = parse(one(family="collective") | {"jugement": "{"})

    assert [loss.field for loss in parsed.losses] == ["jugement"]
    assert parsed.notices[0].suppliers == ("VALMARIN",)


def test_a_corrected_announcement_says_so() -> None:
    (notice,) = parse(one() | {"typeavis_lib": "Avis rectificatif"}).notices

    assert notice.text.startswith("Avis rectificatif\n")


def test_publishing_an_announcement_again_is_no_revision_and_another_text_is() -> None:
    def hashes(record: dict[str, Any]) -> dict[str, str]:
        return dict(parse(record).revision_hashes)

    first = one(depot={"typeDepot": "Comptes annuels", "dateCloture": "2025-12-31"})
    assert hashes(first) == hashes(first | {"dateparution": "2026-11-20", "registre": [VALMARIN]})
    assert hashes(first) != hashes(one(depot={"typeDepot": "Comptes consolidés", "dateCloture": "2025-12-31"}))
