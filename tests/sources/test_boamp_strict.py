"""What BOAMP's flat columns may hold, and what is refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from bot.errors import SourceError
from bot.loopback.publishers import boamp_records as boamp
from bot.loopback.publishers.boamp_eforms import Firm
from bot.sources import Parsed
from bot.sources.boamp import Boamp

Read = Callable[..., Parsed]
Page = Callable[..., bytes]

DAY = date(2026, 11, 18)


def tender(idweb: str = "26-1", **columns: Any) -> dict[str, Any]:
    return boamp.fns_notice(idweb=idweb, objet="Toiture", published=DAY) | columns


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("objet", None),
        ("objet", 7),
        ("nomacheteur", ["Ville"]),
        ("nature", None),
        ("nature", "NOUVELLE_NATURE"),
        ("nature", ["ATTRIBUTION"]),
        ("dateparution", None),
        ("dateparution", "18/11/2026"),
        ("dateparution", 1607900400000),
        ("datelimitereponse", 1607900400000),
        ("datelimitereponse", "18/11/2026"),
        ("titulaire", {"nom": "A"}),
        ("titulaire", [1]),
        ("contractfolderid", 5),
    ],
)
def test_a_column_of_another_type_is_refused_by_its_name(column: str, value: Any, read: Read) -> None:
    with pytest.raises(SourceError) as caught:
        read(tender("26-1"), tender("26-2", **{column: value}))

    assert (caught.value.field, caught.value.entry) == (column, "26-2")


@pytest.mark.parametrize("idweb", [None, "", " ", 26, "26 1", "2\n6", "9" * 61])
def test_an_entry_without_an_id_is_refused_by_its_place(idweb: Any, read: Read) -> None:
    for lenient in (False, True):
        with pytest.raises(SourceError) as caught:
            read(tender("26-1"), tender() | {"idweb": idweb}, lenient=lenient)

        assert (caught.value.field, caught.value.entry) == ("idweb", "#2")


def test_an_award_without_the_column_of_winners_is_refused(read: Read) -> None:
    award = boamp.mapa_award(idweb="26-1", objet="Vélos", published=DAY, winner="A")
    del award["titulaire"]

    with pytest.raises(SourceError, match=r"missing \(field titulaire, entry 26-1\)"):
        read(award)


def test_a_secondary_column_that_goes_missing_is_said_and_stops_nothing(read: Read) -> None:
    record = tender()
    del record["annonce_lie"]
    parsed = read(record, tender("26-2"))

    assert len(parsed.notices) == 2
    assert [(loss.notice, loss.field) for loss in parsed.losses] == [("", "annonce_lie")]


def test_an_ignored_column_may_go_missing(read: Read) -> None:
    record = tender()
    del record["criteres"]

    assert read(record).losses == ()


def test_one_id_for_more_than_half_of_a_page_is_refused(read: Read) -> None:
    shared = [tender("26-1", objet=f"Toiture {place}") for place in range(3)]

    with pytest.raises(SourceError, match="3 of 5 records share one id"):
        read(*shared, tender("26-2"), tender("26-3"))


def test_a_record_that_stands_twice_gives_one_notice(read: Read) -> None:
    parsed = read(tender("26-1"), tender("26-2"), tender("26-1", objet="Toiture refaite"), tender("26-3"))

    assert [(notice.id, notice.title) for notice in parsed.notices] == [
        ("26-1", "Toiture refaite"),
        ("26-2", "Toiture"),
        ("26-3", "Toiture"),
    ]


@pytest.mark.parametrize(
    "payload",
    [
        b"{}",
        b'{"results": []}',
        b'{"total_count": "3", "results": []}',
        b'{"total_count": true, "results": []}',
        b'{"total_count": -1, "results": []}',
        b'{"total_count": 1, "results": {}}',
        b'{"total_count": 1, "results": [7]}',
        b'{"error_code": "ODSQLError", "message": "malformed"}',
    ],
)
def test_an_answer_of_another_shape_is_refused(payload: bytes) -> None:
    with pytest.raises(SourceError):
        Boamp().parse(payload)


def test_an_answer_of_the_retired_interface_is_told_apart() -> None:
    payload = json.dumps({"gestion": {"reference": {"idweb": "20-1"}}, "donnees": {"identite": {}}}).encode()

    for lenient in (False, True):
        with pytest.raises(SourceError, match="retired interface"):
            Boamp().parse(payload, lenient=lenient)


def test_a_saved_list_is_read_leniently_only() -> None:
    saved = json.dumps([tender()]).encode()

    assert len(Boamp().parse(saved, lenient=True).notices) == 1
    with pytest.raises(SourceError):
        Boamp().parse(saved)


def test_a_partial_entry_is_read_leniently_with_its_losses(page: Page) -> None:
    parsed = Boamp().parse(page({"idweb": "26-1", "objet": "Toiture", "_note": "x"}), lenient=True)

    assert [(notice.id, notice.title, notice.kind) for notice in parsed.notices] == [("26-1", "Toiture", None)]
    assert {loss.field for loss in parsed.losses} >= {"nature", "dateparution", "donnees", "titulaire"}
    assert parsed.unknown_fields == {"_note"}


def test_an_empty_page_is_no_error(page: Page) -> None:
    parsed = Boamp().parse(page())

    assert (parsed.notices, parsed.total) == ((), 0)


def test_the_announced_total_is_handed_on(page: Page) -> None:
    assert Boamp().parse(page(tender(), total=250)).total == 250


@pytest.mark.parametrize("column", ["etat", "gestion", "criteres", "url_avis", "datefindiffusion"])
def test_the_revision_hash_ignores_what_says_nothing_new(column: str, read: Read) -> None:
    again = tender() | {column: "https://boamp.example/1"}

    assert read(tender()).revision_hashes == read(again).revision_hashes
    assert read(tender()).notices[0].raw_sha256 != read(again).notices[0].raw_sha256


@pytest.mark.parametrize(
    "columns",
    [
        {"objet": "Charpente"},
        {"nature": "ANNULATION"},
        {"nomacheteur": "Ville de Brest"},
        {"datelimitereponse": "2026-12-01T10:00:00+00:00"},
        {"titulaire": ["Corvoy"]},
    ],
)
def test_the_revision_hash_moves_with_what_matters(columns: dict[str, Any], read: Read) -> None:
    assert read(tender()).revision_hashes != read(tender() | columns).revision_hashes


def test_the_revision_hash_moves_with_amount_cpv_winners_and_lots(read: Read) -> None:
    def award(**parts: Any) -> dict[str, Any]:
        firm = Firm(parts.pop("winner", "Corvoy"))
        cpv = parts.pop("cpv", "35125300")
        return boamp.eforms_award(
            idweb="26-1",
            objet="Radars",
            published=DAY,
            winners=(firm,),
            amount=parts.pop("amount", "5"),
            cpv=cpv,
            **parts,
        )

    hashes = {
        read(record).revision_hashes["26-1"]
        for record in (
            award(),
            award(amount="6"),
            award(cpv="35125301"),
            award(winner="Valmarin"),
            award(currency="GBP"),
        )
    }

    assert len(hashes) == 5


def test_the_revision_hash_ignores_the_order_of_winners(read: Read) -> None:
    award = boamp.mapa_award(idweb="26-1", objet="Vélos", published=DAY, winner="A")

    assert (
        read(award | {"titulaire": ["A", "B"]}).revision_hashes
        == read(award | {"titulaire": ["B", "A"]}).revision_hashes
    )
