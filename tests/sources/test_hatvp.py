from __future__ import annotations

import copy
import io
import json
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

import pytest

from bot.errors import SourceError, SourceFault
from bot.loopback.publishers.hatvp_records import (
    SPENDS,
    TURNOVERS,
    action,
    client,
    organisation,
    party,
    person,
    sheet,
    year,
    year_of,
)
from bot.loopback.publishers.numbers import siren
from bot.models import Notice, NoticeKind
from bot.pipeline.revision import material_changes
from bot.sources import Entity, Parsed
from bot.sources.hatvp import Hatvp

FIRM, MAKER, OTHER = siren("98110041"), siren("99810047"), siren("98220033")
SHEET_DAY = date(2026, 3, 28)


def firm(**said: Any) -> dict[str, Any]:
    return organisation("VIGIER CONSEIL", FIRM, **said)


def parsed(*records: dict[str, Any], lenient: bool = False) -> Parsed:
    return Hatvp().parse(json.dumps({"publications": records}).encode(), lenient=lenient)


def notices(*records: dict[str, Any]) -> dict[str, Notice]:
    return {notice.id: notice for notice in parsed(*records).notices}


def changed(before: dict[str, Any], after: dict[str, Any]) -> set[str]:
    """Return the ids that are new or of another hash in a second dump."""
    old = parsed(before).revision_hashes
    return {id_ for id_, hashed in parsed(after).revision_hashes.items() if old.get(id_) != hashed}


def said(notice: Notice, code: str) -> list[str]:
    return [value for name, value in notice.particulars if name == code]


def declared(**more: Any) -> dict[str, Any]:
    return year(12, 2025, declared=date(2026, 3, 26), **more)


def test_an_organisation_is_told_by_its_own_entry_its_clients_its_years_and_its_sheets_in_this_order() -> None:
    record = firm(
        clients=[client("VALMARIN SYSTEMES", MAKER)],
        years=[declared(sheets=[sheet("9SVQXNN3", "Équiper les agents", published=date(2026, 3, 28))])],
    )

    assert [(id_, notice.kind) for id_, notice in notices(record).items()] == [
        (FIRM, NoticeKind.REGISTRATION),
        (f"{FIRM}:client:{MAKER}", NoticeKind.REGISTER_CHANGE),
        (f"{FIRM}:exercice:12", NoticeKind.REGISTER_CHANGE),
        ("fiche:9SVQXNN3", NoticeKind.REGISTER_CHANGE),
    ]


@pytest.mark.parametrize(
    ("name", "of", "title"),
    [
        ("VIGIER CONSEIL", FIRM, "VALMARIN, client de VIGIER CONSEIL"),
        ("Écluse & Associés", FIRM, "VALMARIN, client d'Écluse & Associés"),
        ("VALMARIN", MAKER, "VALMARIN, son propre client"),
    ],
)
def test_a_client_is_named_with_its_firm_and_by_both_numbers(name: str, of: str, title: str) -> None:
    notice = notices(organisation(name, of, clients=[client("VALMARIN", MAKER)]))[f"{of}:client:{MAKER}"]

    assert notice.title == title
    assert (notice.buyer, notice.suppliers) == ("VALMARIN", (name,))
    assert notice.identifiers == tuple(dict.fromkeys((f"siren:{MAKER}", f"siren:{of}")))


def test_a_mandate_that_ends_and_is_taken_up_again_is_one_entry_with_two_revisions() -> None:
    current, ended = (firm(clients=[client("VALMARIN", MAKER, until=until)]) for until in (None, date(2025, 9, 9)))
    entry = f"{FIRM}:client:{MAKER}"

    assert changed(current, ended) == changed(ended, current) == {entry}
    assert said(notices(ended)[entry], "mandate_ended") == ["2025-09-09"]
    assert said(notices(current)[entry], "mandate_ended") == []


def test_a_client_with_an_ended_and_a_current_mandate_is_a_client_in_any_order() -> None:
    twice = [client("VALMARIN", MAKER, until=date(2024, 1, 2)), client("VALMARIN", MAKER)]

    for clients in (twice, twice[::-1]):
        assert said(notices(firm(clients=clients))[f"{FIRM}:client:{MAKER}"], "mandate_ended") == []


def test_a_client_without_a_number_is_known_by_its_folded_name() -> None:
    nameless = party("Comité des riverains, Étang", "", "") | {"ancienClient": False}

    assert f"{FIRM}:client:comite-des-riverains-etang" in notices(firm(clients=[nameless]))


def test_numbers_are_identifiers_only_when_their_kind_and_check_hold() -> None:
    clients = [
        client("A", "W9C1002003", "RNA"),
        client("B", "H100000007", "HATVP"),
        client("C", "123456789"),
        client("D", MAKER, "RNA"),
    ]
    found = [notice for id_, notice in notices(firm(clients=clients)).items() if ":client:" in id_]

    assert [notice.identifiers[:-1] for notice in found] == [("rna:W9C1002003",), ("hatvp:H100000007",), (), ()]
    assert "123456789" in found[2].text


def test_dates_are_read_in_the_three_forms_of_the_register_and_in_iso() -> None:
    record = firm(clients=[client("A", MAKER, since=date(2018, 4, 26))])
    iso = firm() | {"datePremierePublication": "2017-11-10T09:30:00"}

    assert notices(record)[f"{FIRM}:client:{MAKER}"].published == datetime.fromisoformat("2018-04-26T11:26:00+02:00")
    assert notices(record)[FIRM].published == datetime.fromisoformat("2019-03-04T09:33:14+01:00")
    assert notices(iso)[FIRM].published == datetime.fromisoformat("2017-11-10T09:30:00+01:00")


def test_a_card_saved_again_and_lists_in_another_order_change_nothing() -> None:
    before = firm(
        lobbyists=[person("Maud", "LAURIER"), person("Anselme", "LECLUSE")],
        clients=[client("A", MAKER), client("B", OTHER)],
        affiliations=[party("X", MAKER), party("Y", OTHER)],
        years=[
            declared(
                sheets=[
                    sheet(
                        "9S",
                        "Objet",
                        published=date(2026, 3, 28),
                        domains=["b", "a"],
                        actions=[action(for_=["Y", "X"])],
                    )
                ]
            )
        ],
    )
    after = copy.deepcopy(before)
    after["dateCreation"] = "05/11/2026 10:00:00"
    for places in (
        after["collaborateurs"],
        after["clients"],
        after["affiliations"],
        _sheet(after)["domainesIntervention"],
    ):
        places.reverse()
    _sheet(after)["actionsRepresentationInteret"][0]["tiers"].reverse()
    _sheet(after)["publicationDate"] = "29/03/2026 00:00:00"

    assert changed(before, after) == set()


def test_a_label_that_is_worded_anew_under_its_code_changes_nothing() -> None:
    reworded = firm()
    reworded["categorieOrganisation"] = reworded["categorieOrganisation"] | {"label": "Cabinet de conseils"}
    for sector in reworded["activites"]["listSecteursActivites"]:
        sector["label"] += " (2023)"

    assert changed(firm(), reworded) == set()


def test_people_who_come_and_go_are_told_by_name() -> None:
    before, after = firm(lobbyists=[person("Maud", "LAURIER")]), firm(lobbyists=[person("Anselme", "LECLUSE")])

    assert changed(before, after) == {FIRM}
    assert said(notices(after)[FIRM], "lobbyist") == ["Anselme LECLUSE"]
    assert "Anselme LECLUSE" in notices(after)[FIRM].people


def test_a_year_is_an_entry_once_it_is_declared_or_overdue() -> None:
    waiting, late, done = (
        firm(years=[year(12, 2025, **how)]) for how in ({}, {"late": True}, {"declared": date(2026, 5, 4)})
    )
    entry = f"{FIRM}:exercice:12"

    assert entry not in notices(waiting)
    assert notices(late)[entry].title == "VIGIER CONSEIL : en défaut de déclaration pour 2025"
    assert [said(notices(late)[entry], code) for code in ("declared", "late", "year")] == [["no"], ["yes"], ["2025"]]
    assert changed(late, done) == {entry}
    assert notices(done)[entry].title == "VIGIER CONSEIL : déclaration d'activités pour 2025"


@pytest.mark.parametrize(
    ("label", "code", "words"),
    [
        (SPENDS[0], "0-10000", "moins de 10 000 euros"),
        (SPENDS[5], "100000-200000", "de 100 000 à 200 000 euros"),
        ("> = 10 000 000 euros", "10000000-", "10 000 000 euros ou plus"),
        (">= 25\u00a0000 euros et < 50\u202f000 euros", "25000-50000", "de 25 000 à 50 000 euros"),
        ("Non communiqué", "Non communiqué", "Non communiqué"),
    ],
)
def test_a_bracket_is_told_by_its_bounds(label: str, code: str, words: str) -> None:
    notice = notices(firm(years=[declared(spend=label)]))[f"{FIRM}:exercice:12"]

    assert said(notice, "spend") == [code]
    assert f"Dépenses de représentation d'intérêts : {words}" in notice.text.splitlines()


def test_the_number_of_sheets_and_the_day_of_publication_make_no_revision_of_a_year() -> None:
    before, after = firm(years=[declared()]), firm(years=[declared()])
    year_of(after, 2025).update(nombreActivite=7, publicationDate="01/06/2026 10:00:00")

    assert changed(before, after) == set()
    assert changed(before, firm(years=[declared(turnover=TURNOVERS[3])])) == {f"{FIRM}:exercice:12"}


@pytest.mark.parametrize(
    ("parties", "buyer"),
    [(["VALMARIN"], "VALMARIN"), (["VALMARIN", "VIGIER CONSEIL (en propre)"], "VALMARIN"), (["A", "B"], None)],
)
def test_a_sheet_is_for_the_one_party_that_is_not_the_organisation_itself(
    parties: list[str], buyer: str | None
) -> None:
    one = sheet("9S", "Objet", published=date(2026, 3, 28), actions=[action(for_=parties)])
    notice = notices(firm(years=[declared(sheets=[one])]))["fiche:9S"]

    assert notice.buyer == buyer
    assert notice.url == f"https://www.hatvp.fr/fiche-organisation/?organisation={FIRM}&fiche=9S"


def test_the_spellings_of_the_official_dictionary_are_read_too() -> None:
    one = sheet("9S", "Objet", published=date(2026, 3, 28), actions=[action(for_=["A"])])
    record = firm(years=[year(12, 2025, late=True, sheets=[one])])
    current = year_of(record, 2025)
    current["defaut_declaration"] = current.pop("defautDeclaration")
    _sheet(record)["actionsRepresentationInteret"][0]["observations"] = "vu au salon"
    record["activites"]["listeSecteurActivites"] = record["activites"].pop("listSecteursActivites")
    read = parsed(record)

    assert (read.losses, read.unknown_fields) == ((), frozenset())
    texts = {notice.id: notice.text for notice in read.notices}
    assert "vu au salon" in texts["fiche:9S"]
    assert "Défense, sécurité" in texts[FIRM]
    assert f"{FIRM}:exercice:12" in texts


def test_a_nested_field_missing_here_and_there_is_a_loss_and_missing_mostly_an_error() -> None:
    sheets = [
        sheet(f"S{place}", "Objet", published=date(2026, 3, 28), actions=[action(for_=["A"])]) for place in range(4)
    ]
    for one in sheets[:1]:
        del one["publicationCourante"]["actionsRepresentationInteret"][0]["tiers"]
    path = "exercices.publicationCourante.activites.publicationCourante.actionsRepresentationInteret.tiers"

    assert [(loss.notice, loss.field) for loss in parsed(firm(years=[declared(sheets=sheets)])).losses] == [
        ("fiche:S0", path)
    ]
    for one in sheets[1:3]:
        del one["publicationCourante"]["actionsRepresentationInteret"][0]["tiers"]
    with pytest.raises(SourceError) as caught:
        parsed(firm(years=[declared(sheets=sheets)]))
    assert (caught.value.field, caught.value.entry) == (path, "fiche:S0")


@pytest.mark.parametrize(
    ("spoil", "field"),
    [
        (lambda record: record.pop("clients"), "clients"),
        (lambda record: record["clients"][0].pop("denomination"), "clients.denomination"),
        (lambda record: year_of(record, 2025).pop("exerciceId"), "exercices.publicationCourante.exerciceId"),
        (
            lambda record: _sheet(record).pop("objet"),
            "exercices.publicationCourante.activites.publicationCourante.objet",
        ),
    ],
)
def test_an_entry_without_what_it_is_made_of_is_refused_by_its_field(spoil: Any, field: str) -> None:
    one = sheet("9S", "Objet", published=date(2026, 3, 28), actions=[action(for_=["A"])])
    record = firm(clients=[client("A", MAKER)], years=[declared(sheets=[one])])
    spoil(record)

    with pytest.raises(SourceError) as caught:
        parsed(record)
    assert (caught.value.fault, caught.value.field) == (SourceFault.MISSING, field)


def test_a_nested_field_that_nobody_knows_is_noted_with_its_path() -> None:
    record = firm(years=[declared()])
    year_of(record, 2025)["montantNouveau"] = 1

    assert parsed(record).unknown_fields == {"exercices.publicationCourante.montantNouveau"}


def test_an_organisation_that_leaves_the_register_says_when_and_why() -> None:
    left = firm() | {"dateCessation": "31/12/2025", "motifDesinscription": "Cessation"}
    notice = notices(left)[FIRM]

    assert changed(firm(), left) == {FIRM}
    assert (said(notice, "removed"), said(notice, "removed_reason")) == (["2025-12-31"], ["Cessation"])
    assert "Désinscription : le 31/12/2025 (Cessation)" in notice.text.splitlines()
    assert Hatvp().removed(notice) is None


def test_a_declaration_of_no_activity_says_so_and_is_news_against_one_of_some() -> None:
    some, none = firm(years=[declared()]), firm(years=[declared()])
    year_of(none, 2025)["noActivite"] = True
    entry = f"{FIRM}:exercice:12"

    assert [said(notices(record)[entry], "idle") for record in (some, none)] == [["no"], ["yes"]]
    assert notices(none)[entry].title == "VIGIER CONSEIL : aucune activité déclarée pour 2025"
    assert changed(some, none) == {entry}
    assert [
        change.field for change in material_changes(notices(some)[entry], notices(none)[entry], Hatvp.material)
    ] == ["particular:idle"]


def test_a_year_that_is_no_longer_overdue_was_not_removed() -> None:
    late = notices(firm(years=[year(12, 2025, late=True)]))[f"{FIRM}:exercice:12"]
    lifted = Hatvp().removed(late)

    assert lifted is not None
    assert lifted.title == "VIGIER CONSEIL : n'est plus en défaut de déclaration pour 2025"
    assert [said(lifted, code) for code in ("declared", "late", "removed")] == [["no"], ["no"], []]
    assert Hatvp().removed(lifted) is None


def test_an_entry_that_the_register_no_longer_holds_says_so() -> None:
    notice = notices(firm(clients=[client("A", MAKER)]))[f"{FIRM}:client:{MAKER}"]
    removed = Hatvp().removed(notice)

    assert removed is not None
    assert said(removed, "removed") == ["absent"]
    assert removed.text.splitlines() == [*notice.text.splitlines(), "Répertoire : n'y figure plus"]
    assert (removed.id, removed.title) == (notice.id, notice.title)


def test_a_large_register_is_given_in_parts_that_never_split_an_organisation() -> None:
    records = [
        organisation(f"ORGANISATION {place}", f"H{place:09d}", kind="HATVP", clients=[client("A", MAKER)])
        for place in range(250)
    ]
    payload = json.dumps({"publications": records}).encode()
    parts = list(Hatvp().parse_stream(io.BytesIO(payload)))

    assert len(parts) > 1
    for part in parts:
        assert [entry for entity in part.entities for entry in entity.entries or ()] == [one.id for one in part.notices]
    assert sum(len(part.notices) for part in parts) == 500


def test_an_organisation_that_stands_there_twice_is_one_entity() -> None:
    records = [organisation(f"ORGANISATION {place}", f"H{place:09d}", kind="HATVP") for place in range(3)]

    assert [entity.id for entity in parsed(*records, records[0]).entities] == ["H000000000", "H000000001", "H000000002"]


FULLER = firm(
    clients=[client("VALMARIN", MAKER)], years=[declared(sheets=[sheet("9S", "Fiche longue", published=SHEET_DAY)])]
)
OLDER = firm(
    usual_name="VIGIER",
    clients=[client("CORVOY", OTHER)],
    years=[declared(spend=SPENDS[0], sheets=[sheet("9S", "Fiche", published=SHEET_DAY)])],
)
PADDING = [organisation(f"ORGANISATION {place}", f"H{place:09d}", kind="HATVP") for place in range(3)]


@pytest.mark.parametrize("known", [[], [OLDER], [FULLER], [OLDER, FULLER]])
@pytest.mark.parametrize("copies", [[OLDER, FULLER], [FULLER, OLDER], [OLDER, FULLER, OLDER]])
@pytest.mark.parametrize("part", [1, 200])
def test_copies_of_an_organisation_that_differ_are_one_and_the_same_in_every_dump(
    known: list[dict[str, Any]], copies: list[dict[str, Any]], part: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.sources.hatvp.PART_NOTICES", part)
    prints = {entity.id: entity.fingerprint for entity in parsed(*PADDING, *known).entities}
    found = stored(prints, *PADDING, *copies)

    assert found == stored({}, *PADDING, OLDER, FULLER)
    titles, hashes, entities = found
    alone = parsed(FULLER).revision_hashes
    assert {id_: hashes[id_] for id_ in alone} == alone
    assert set(entities[FIRM].entries or ()) == {*alone, f"{FIRM}:client:{OTHER}"}
    assert titles[FIRM] == "VIGIER CONSEIL"


def stored(
    known: Mapping[str, str], *records: dict[str, Any]
) -> tuple[dict[str, str], dict[str, str], dict[str, Entity]]:
    """Return what is stored of the firm after a dump: titles, hashes, and its entity; of what came twice the last."""
    payload = io.BytesIO(json.dumps({"publications": records}).encode())
    parts = list(Hatvp().parse_stream(payload, known=known))
    ours = [notice for part in parts for notice in part.notices if notice.procedure == f"hatvp:{FIRM}"]
    hashes = {id_: hashed for part in parts for id_, hashed in part.revision_hashes.items()}
    entities = {entity.id: entity for part in parts for entity in part.entities if entity.id == FIRM}
    assert any(loss.notice == FIRM and loss.field == "identifiantNational" for part in parts for loss in part.losses)
    return {one.id: one.title for one in ours}, {one.id: hashes[one.id] for one in ours}, entities


def test_a_register_in_which_many_organisations_differ_from_their_copies_is_refused() -> None:
    records = [organisation(f"ORGANISATION {place}", f"H{place:09d}", kind="HATVP") for place in range(51)]

    with pytest.raises(SourceError) as caught:
        parsed(*records, *(record | {"nomUsage": "AUTRE"} for record in records))

    assert (caught.value.fault, caught.value.values["count"]) == (SourceFault.ONE_ID, "51")


def test_a_register_in_which_most_organisations_have_one_number_is_refused() -> None:
    with pytest.raises(SourceError) as caught:
        parsed(*(organisation(f"ORGANISATION {place}", FIRM) for place in range(5)))

    assert caught.value.fault is SourceFault.ONE_ID


def _sheet(record: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = year_of(record, 2025)["activites"][0]["publicationCourante"]
    return found
