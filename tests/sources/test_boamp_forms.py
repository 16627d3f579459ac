"""What each form of `donnees` gives, and the traps that the forms set."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from bot.loopback.publishers import boamp_records as boamp
from bot.loopback.publishers.boamp_eforms import Firm, Lot
from bot.loopback.publishers.numbers import siren, siret
from bot.models import NOT_AWARDED, Notice, NoticeKind
from bot.sources import Parsed

ReadOne = Callable[[dict[str, Any]], Notice]
Read = Callable[..., Parsed]

DAY = date(2026, 11, 18)
DEADLINE = datetime(2026, 12, 20, 22, 30, tzinfo=UTC)
SIREN = siren("99810047")
VALMARIN = Firm("Valmarin Systèmes", SIREN)
CORVOY = Firm("Corvoy", siret(siren("99820051")))


def with_donnees(donnees: Any, **columns: Any) -> dict[str, Any]:
    plain = boamp.divers(idweb="26-1", objet="Objet", published=DAY)
    return plain | {"donnees": donnees if isinstance(donnees, str) else json.dumps(donnees)} | columns


def test_an_eforms_tender_is_read_whole(read_one: ReadOne) -> None:
    notice = read_one(
        boamp.eforms_notice(
            idweb="26-1",
            objet="Caméras-piétons",
            published=DAY,
            deadline=DEADLINE,
            description="Trente mille caméras",
            estimate="54000000.50",
            lots=(Lot("Caméras", "Individuelles", "32333200-8"), Lot("Stations", "", "32352200")),
            folder="4805C409-5939-4be9-8abd-837f7a5fee23",
            descriptors=("Vidéo", "Police"),
        )
    )

    assert notice.kind is NoticeKind.TENDER
    assert notice.buyer == "Ville de Lyon"
    assert notice.identifiers == ("siret:21690123100011", "siren:216901231")
    assert (notice.amount, notice.currency) == (Decimal("54000000.50"), "EUR")
    assert notice.cpv == ("32333200", "32352200")
    assert (notice.published, notice.deadline) == (DAY, DEADLINE)
    assert notice.procedure == "4805c409-5939-4be9-8abd-837f7a5fee23"
    assert notice.text.split("\n") == [
        "Police",
        "Vidéo",
        "Trente mille caméras",
        "Caméras",
        "Individuelles",
        "Stations",
    ]
    assert notice.url == "https://www.boamp.fr/pages/avis/?q=idweb:26-1"


def test_an_eforms_award_names_winners_and_value(read_one: ReadOne) -> None:
    notice = read_one(
        boamp.eforms_award(
            idweb="26-1",
            objet="Radars",
            published=DAY,
            winners=(VALMARIN,),
            amount="390697.84",
            names_winners_flat=False,
        )
    )

    assert notice.kind is NoticeKind.AWARD
    assert notice.suppliers == ("Valmarin Systèmes",)
    assert f"siren:{SIREN}" in notice.identifiers
    assert (notice.amount, notice.currency) == (Decimal("390697.84"), "EUR")


def test_an_fnsimple_tender_is_read(read_one: ReadOne) -> None:
    notice = read_one(
        boamp.fns_notice(
            idweb="26-1", objet="Toiture", published=DAY, deadline=DEADLINE, description="Tuiles", ceiling="90 000,50"
        )
    )

    assert notice.identifiers == ("siret:21690123100011", "siren:216901231")
    assert notice.cpv == ("35125300",)
    assert (notice.amount, notice.currency) == (Decimal("90000.50"), "EUR")
    assert notice.text == "Tuiles"
    assert notice.procedure == "boamp:26-1"


def test_the_winner_of_an_fnsimple_award_stays_prose(read_one: ReadOne) -> None:
    prose = "Entreprise Valmarin, 30 rue Neuve\nMontant Ht min : 935 220,00 Euros"
    notice = read_one(
        boamp.fns_award(idweb="26-2", objet="T", published=DAY, prose=prose, of="26-1", names_buyer=False)
    )

    assert notice.text == prose
    assert (notice.suppliers, notice.amount) == ((), None)
    assert notice.buyer == "Ville de Lyon"
    assert notice.procedure == "boamp:26-1"


def test_a_mapa_award_gives_winner_and_amount(read_one: ReadOne) -> None:
    record = boamp.mapa_award(idweb="26-2", objet="T", published=DAY, winner="Corvoy SAS", amount="50044", of="26-1")
    notice = read_one(record | {"titulaire": None, "annonce_lie": ["26-999"]})

    assert notice.suppliers == ("Corvoy SAS",)
    assert (notice.amount, notice.currency) == (Decimal(50044), "EUR")
    assert notice.procedure == "boamp:26-1"


def test_several_amounts_are_never_added_up(read_one: ReadOne) -> None:
    awarded = [
        {"titulaire": {"PersonneMorale": name}, "montant": {"@devise": "EUR", "valeur": "10"}} for name in ("A", "B")
    ]
    body = {"MAPA": {"attribution": {"attribution": {"resultat": {"attribue": awarded}}}}}
    notice = read_one(with_donnees(body, nature="ATTRIBUTION"))

    assert notice.suppliers == ("A", "B")
    assert notice.amount is None


@pytest.mark.parametrize("make", [boamp.dsp, boamp.divers])
def test_delegations_and_other_notices_give_buyer_and_text(make: Any, read_one: ReadOne) -> None:
    notice = read_one(
        make(idweb="26-1", objet="Parcs", published=DAY, description="Cinq parcs") | {"nomacheteur": None}
    )

    assert notice.buyer == "Ville de Lyon"
    assert notice.identifiers == ("siret:21690123100011", "siren:216901231")
    assert notice.text == "Cinq parcs"


def test_an_award_of_the_old_form_is_read(read_one: ReadOne) -> None:
    record = boamp.legacy_award(
        idweb="16-1", objet="Données", published=DAY, winner=VALMARIN, amount="96000", cpv="72000000"
    )
    notice = read_one(record | {"titulaire": None})

    assert notice.suppliers == ("Valmarin Systèmes",)
    assert notice.identifiers == ("siret:21690123100011", "siren:216901231", f"siren:{SIREN}")
    assert (notice.amount, notice.currency) == (Decimal(96000), "EUR")
    assert notice.cpv == ("72000000",)


def test_a_corrigendum_is_a_change_of_the_same_procedure(read_one: ReadOne) -> None:
    later = DEADLINE + timedelta(days=14)
    for tender in (
        boamp.eforms_notice(idweb="26-1", objet="Radars", published=DAY, deadline=DEADLINE),
        boamp.fns_notice(idweb="26-1", objet="Radars", published=DAY, deadline=DEADLINE),
        boamp.mapa_notice(idweb="26-1", objet="Radars", published=DAY, deadline=DEADLINE),
    ):
        change = read_one(boamp.corrigendum(of=tender, idweb="26-2", published=DAY, deadline=later, what="Report"))

        assert change.kind is NoticeKind.CHANGE
        assert change.procedure == read_one(tender).procedure
        assert change.deadline == later
        assert "Report" in change.text


def test_a_cancellation_keeps_the_procedure(read_one: ReadOne) -> None:
    tender = boamp.eforms_notice(idweb="26-1", objet="Radars", published=DAY, deadline=DEADLINE)
    notice = read_one(boamp.cancellation(of=tender, idweb="26-2", published=DAY))

    assert notice.kind is NoticeKind.CANCELLATION
    assert notice.procedure == read_one(tender).procedure
    assert notice.deadline is None, "the body still says the old one"


def test_a_modification_names_the_contractor_though_no_lot_states_a_result(read_one: ReadOne) -> None:
    award = boamp.eforms_award(idweb="26-1", objet="Radars", published=DAY, winners=(VALMARIN,), amount="10")
    notice = read_one(boamp.modification(of=award, idweb="26-2", published=DAY, winner=VALMARIN, amount="4500000"))

    assert notice.kind is NoticeKind.CHANGE
    assert notice.suppliers == ("Valmarin Systèmes",)
    assert notice.amount == 4500000
    assert notice.procedure == read_one(award).procedure


@pytest.mark.parametrize(
    ("nature", "kind"),
    [
        ("APPEL_OFFRE", NoticeKind.TENDER),
        ("PRE-INFORMATION", NoticeKind.TENDER),
        ("ATTRIBUTION", NoticeKind.AWARD),
        ("INTENTION_CONCLURE", NoticeKind.AWARD),
        ("RECTIFICATIF", NoticeKind.CHANGE),
        ("MODIFICATION", NoticeKind.CHANGE),
        ("ANNULATION", NoticeKind.CANCELLATION),
    ],
)
def test_the_nature_gives_the_kind(nature: str, kind: NoticeKind, read_one: ReadOne) -> None:
    assert read_one(with_donnees({"DIVERS": {}}, nature=nature)).kind is kind


def test_a_change_stated_by_the_body_makes_a_change(read_one: ReadOne) -> None:
    tender = boamp.eforms_notice(idweb="26-1", objet="Radars", published=DAY, deadline=DEADLINE)
    change = boamp.corrigendum(of=tender, idweb="26-2", published=DAY, deadline=DEADLINE)

    assert read_one(change | {"nature": "APPEL_OFFRE"}).kind is NoticeKind.CHANGE


def test_the_first_organisation_is_not_taken_for_the_buyer(read_one: ReadOne) -> None:
    record = boamp.eforms_notice(idweb="26-1", objet="Radars", published=DAY)

    assert read_one(record | {"nomacheteur": None}).buyer == "Ville de Lyon"


def test_every_member_of_a_consortium_is_a_supplier(read_one: ReadOne) -> None:
    record = boamp.eforms_award(idweb="26-1", objet="R", published=DAY, winners=(VALMARIN, CORVOY), amount="1")

    assert read_one(record | {"titulaire": ["VALMARIN SYSTEMES.", "Valmarin Systèmes"]}).suppliers == (
        "VALMARIN SYSTEMES.",
        "Valmarin Systèmes",
        "Corvoy",
    )


def test_a_lot_without_winner_names_nobody(read_one: ReadOne) -> None:
    lots = (Lot("A", winners=(VALMARIN,), amount="5", result="clos-nw"), Lot("B", winners=(CORVOY,), amount="7"))
    notice = read_one(boamp.eforms_award(idweb="26-1", objet="R", published=DAY, lots=lots, names_winners_flat=False))

    assert notice.suppliers == ("Corvoy",)
    assert notice.amount == 7, "the only winning tender"
    assert notice.particulars == ()


@pytest.mark.parametrize(("results", "is_unawarded"), [(("clos-nw",) * 2, True), (("clos-nw", "open-nw"), False)])
def test_an_award_of_which_every_lot_is_closed_without_a_winner_says_so(
    read_one: ReadOne, results: tuple[str, ...], *, is_unawarded: bool
) -> None:
    lots = [Lot(result, result=result) for result in results]
    notice = read_one(boamp.eforms_award(idweb="26-1", objet="R", published=DAY, lots=lots, names_winners_flat=False))

    assert notice.suppliers == ()
    assert (NOT_AWARDED in notice.particulars) == is_unawarded


def test_tenders_of_several_lots_are_not_added_up(read_one: ReadOne) -> None:
    lots = (Lot("A", winners=(VALMARIN,), amount="5"), Lot("B", winners=(CORVOY,), amount="7", currency="GBP"))
    notice = read_one(boamp.eforms_award(idweb="26-1", objet="R", published=DAY, lots=lots))

    assert (notice.amount, notice.currency) == (None, None)


def test_a_withheld_value_is_null_and_said(read_one: ReadOne) -> None:
    notice = read_one(
        boamp.eforms_award(idweb="26-1", objet="R", published=DAY, winners=(VALMARIN,), amount="5", is_withheld=True)
    )

    assert (notice.amount, notice.currency) == (None, None)
    assert "Montant non publié avant le 2027-12-31" in notice.text


@pytest.mark.parametrize("amount", ["0", "0.00", "-1"])
def test_an_amount_that_stands_for_unknown_is_null(amount: str, read: Read) -> None:
    lots = (Lot("A", winners=(VALMARIN,)), Lot("B", winners=(CORVOY,)))
    parsed = read(boamp.eforms_award(idweb="26-1", objet="R", published=DAY, lots=lots, amount=amount))

    assert parsed.notices[0].amount is None
    assert parsed.losses == ()


@pytest.mark.parametrize("amount", ["beaucoup", "1e17", "9" * 16, "NaN", "1.2.3"])
def test_an_amount_that_cannot_be_believed_is_a_loss(amount: str, read: Read) -> None:
    parsed = read(boamp.mapa_award(idweb="26-1", objet="R", published=DAY, winner="A", amount=amount))

    assert parsed.notices[0].amount is None
    assert [loss.notice for loss in parsed.losses] == ["26-1"]


def test_defence_procurement_is_said_in_the_text(read_one: ReadOne) -> None:
    flat = with_donnees({"DIVERS": {}}, perimetre="DIRECTIVE-81")
    in_body = boamp.eforms_notice(idweb="26-1", objet="R", published=DAY, is_defence=True) | {"perimetre": None}

    assert "directive 2009/81/CE" in read_one(flat).text
    assert "directive 2009/81/CE" in read_one(in_body).text


def test_a_number_that_fails_its_check_goes_into_the_text(read_one: ReadOne) -> None:
    notice = read_one(boamp.eforms_notice(idweb="26-1", objet="R", published=DAY, buyer=Firm("Ville", "123 456 789")))

    assert notice.identifiers == ()
    assert "Identifiant non vérifié : 123 456 789" in notice.text


def test_the_notice_language_leads_and_french_and_english_follow(read_one: ReadOne) -> None:
    record = boamp.eforms_notice(idweb="26-1", objet="Objet", published=DAY)
    body = json.loads(record["donnees"])
    root = body["EFORMS"]["ContractNotice"]
    root["cbc:NoticeLanguageCode"] = "DEU"
    root["cac:ProcurementProject"]["cbc:Name"] = [
        {"@languageID": code, "#text": text}
        for code, text in (("BUL", "Камери"), ("ENG", "Cameras"), ("FRA", "Caméras"), ("DEU", "Kameras"))
    ]

    assert read_one(record | {"donnees": json.dumps(body)}).text.split("\n")[:3] == ["Kameras", "Caméras", "Cameras"]


def test_lots_are_read_in_the_order_of_their_numbers(read_one: ReadOne) -> None:
    lots = [Lot(f"Lot {place}") for place in range(1, 12)]
    record = boamp.eforms_notice(idweb="26-1", objet="Objet", published=DAY, lots=lots)
    body = json.loads(record["donnees"])
    shown = body["EFORMS"]["ContractNotice"]["cac:ProcurementProjectLot"]
    for place, lot in enumerate(shown, 1):
        lot["cbc:ID"]["#text"] = f"LOT-{place}"
    shown.reverse()

    assert read_one(record | {"donnees": json.dumps(body)}).text == read_one(record).text


def test_the_deadline_of_the_lots_stands_in_for_an_empty_column(read_one: ReadOne) -> None:
    record = boamp.eforms_notice(idweb="26-1", objet="Objet", published=DAY, deadline=DEADLINE)

    assert read_one(record | {"datelimitereponse": None}).deadline == DEADLINE


@pytest.mark.parametrize(
    "deadline", ["7017-07-24T10:00:00+00:00", "1970-01-01T00:00:00+00:00", "2026-06-31", "20260-01-01"]
)
def test_a_deadline_that_is_a_slip_is_null(deadline: str, read_one: ReadOne) -> None:
    assert read_one(with_donnees({"DIVERS": {}}, datelimitereponse=deadline)).deadline is None


def test_a_deadline_keeps_what_was_published(read_one: ReadOne) -> None:
    before_publication = with_donnees({"DIVERS": {}}, datelimitereponse="2026-11-01T22:30:00+00:00")
    only_a_day = with_donnees({"DIVERS": {}}, datelimitereponse="2026-12-24")

    assert read_one(before_publication).deadline == datetime(2026, 11, 1, 22, 30, tzinfo=UTC)
    assert read_one(only_a_day).deadline == date(2026, 12, 24)


def test_the_procedure_falls_back_to_the_linked_notice_and_then_to_its_own_id(read_one: ReadOne) -> None:
    assert read_one(with_donnees({"DIVERS": {}}, annonce_lie=["26-7", "26-8"])).procedure == "boamp:26-7"
    assert read_one(with_donnees({"DIVERS": {}})).procedure == "boamp:26-1"


def test_a_published_address_is_kept_and_a_doubtful_one_is_not(read_one: ReadOne) -> None:
    assert read_one(with_donnees({"DIVERS": {}}, url_avis="https://boamp.example/1")).url == "https://boamp.example/1"
    assert read_one(with_donnees({"DIVERS": {}}, url_avis="javascript:alert(1)")).url == (
        "https://www.boamp.fr/pages/avis/?q=idweb:26-1"
    )
