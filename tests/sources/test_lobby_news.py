"""Two editions of a lobby register, in its own form: each kind of change is one sentence, in both languages."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import pytest

from bot.cards import PARTICULAR, AnnouncementContent, Card, Change, Event, announcement_card
from bot.cards._lobby import news_of
from bot.locales import Texts
from bot.loopback.publishers import eu_transparency as eu
from bot.loopback.publishers.hatvp_records import (
    SPENDS,
    TURNOVERS,
    action,
    client,
    organisation,
    person,
    sheet,
    year,
)
from bot.loopback.publishers.numbers import siren
from bot.loopback.publishers.us_lda_filings import Issue, Lobbyist, filing
from bot.models import Notice
from bot.pipeline.revision import material_changes
from bot.sources import Parsed
from bot.sources._hatvp.wording import decision_makers, says_held_office
from bot.sources.eu_transparency import EuTransparency
from bot.sources.hatvp import Hatvp
from bot.sources.us_lda import UsLda
from tests.cards.faces import CODE, ENGLISH, FRENCH, NOW

Record = dict[str, Any]
Edit = Callable[[Record], object]

FIRM, MAKER, OTHER = siren("98110041"), siren("99810047"), siren("98220033")
EU_CODE = "880143435799-46"
MINISTRY = "Membre du Gouvernement ou membre de cabinet ministériel"
PARIS, CABINET = "Environnement, énergie et mer", "Collaborateur du Président de la République"
FIRST_SHEET = sheet("AAAA1111", "Équiper les agents", published=date(2025, 3, 1), actions=[action(for_=["VALMARIN"])])


def the_firm() -> Record:
    return organisation(
        "VIGIER CONSEIL",
        FIRM,
        leaders=[person("Paul", "BRANDLOW", "Gérant")],
        lobbyists=[person("Zoé", "CORVOY", "Consultante"), person("Mina", "OSARTH", "Consultante")],
        clients=[client("VALMARIN", MAKER), client("ORVALIS", OTHER)],
        years=[year(10, 2024, declared=date(2025, 3, 26), sheets=[FIRST_SHEET])],
    )


def hatvp(record: Record) -> Parsed:
    return Hatvp().parse(json.dumps({"publications": [record]}).encode())


def eu_firm() -> Record:
    return eu.organisation(code=EU_CODE, name="Valmarin Affairs", clients=("Corvoy Énergies",))


def eu_register(record: Record) -> Parsed:
    return EuTransparency().parse(eu.dump([record]).encode())


def year_2025(**said: Any) -> Edit:
    return lambda one: one["exercices"].append(year(11, 2025, **{"declared": date(2026, 3, 26), **said}))


def the_year(**said: Any) -> Edit:
    return lambda one: one["exercices"].__setitem__(
        0, year(10, 2024, **{"declared": date(2025, 3, 26), "sheets": [FIRST_SHEET], **said})
    )


def another_sheet(**said: Any) -> Edit:
    def change(one: Record) -> None:
        made = sheet("BBBB2222", "Taxer les drones", published=date(2025, 6, 1), **said)
        one["exercices"][0] = year(10, 2024, declared=date(2025, 3, 26), sheets=[FIRST_SHEET, made])

    return change


def the_sheet(**said: Any) -> Edit:
    def change(one: Record) -> None:
        made = sheet("AAAA1111", "Équiper les agents", published=date(2025, 3, 1), **said)
        one["exercices"][0] = year(10, 2024, declared=date(2025, 3, 26), sheets=[made])

    return change


def people(field: str, *found: Record) -> Edit:
    return lambda one: one.__setitem__(field, list(found))


def eu_closed(change: Callable[[Record], object]) -> Edit:
    return lambda one: change(one["financialData"]["closedYear"])


@dataclass(frozen=True)
class Register:
    """Hold how a register is read, and the entry that a test changes."""

    source: type[Hatvp | EuTransparency]
    read: Callable[[Record], Parsed]
    before: Callable[[], Record]


FRENCH_REGISTER = Register(Hatvp, hatvp, the_firm)
EU_REGISTER = Register(EuTransparency, eu_register, eu_firm)

HELD, ABSENT = "Lobbyiste ayant exercé une charge publique :", " (avant : n'y figurait pas)"
FILED = ", selon la déclaration du 20 octobre 2026"
HELD_EN, ABSENT_EN = "Lobbyist who held public office:", " (before: not listed)"

HATVP_CHANGES: Sequence[tuple[str, Edit, str, str]] = [
    ("client gained", lambda one: one["clients"].append(client("AXIDOR", siren("99810055"), since=date(2026, 1, 5))),
     "Nouveau client : AXIDOR, depuis le 5 janvier 2026 (avant : n'était pas parmi les clients déclarés)",
     "New client: AXIDOR, since 5 January 2026 (before: not among the declared clients)"),
    ("client lost",
     lambda one: one["clients"].__setitem__(0, client("VALMARIN", MAKER, until=date(2026, 2, 3))),
     "Mandat de VALMARIN terminé le 3 février 2026 (avant : en cours)",
     "Mandate from VALMARIN ended on 3 February 2026 (before: running)"),
    ("client taken out", lambda one: one["clients"].pop(0),
     "VALMARIN ne figure plus parmi les clients déclarés (avant : y figurait)",
     "VALMARIN is no longer among the declared clients (before: listed)"),
    ("spending up between years", year_2025(spend=SPENDS[3]),
     "Dépenses de lobbying 2025 en hausse : de 50 000 à 75 000 € (avant : de 10 000 à 25 000 € en 2024)",
     "Spending on lobbying 2025 up: €50,000 to €75,000 (before: €10,000 to €25,000 in 2024)"),
    ("spending down between years", year_2025(spend=SPENDS[0]),
     "Dépenses de lobbying 2025 en baisse : moins de 10 000 € (avant : de 10 000 à 25 000 € en 2024)",
     "Spending on lobbying 2025 down: less than €10,000 (before: €10,000 to €25,000 in 2024)"),
    ("spending corrected", the_year(spend=SPENDS[2]),
     "Dépenses de lobbying 2024 en hausse : de 25 000 à 50 000 € (avant : de 10 000 à 25 000 €)",
     "Spending on lobbying 2024 up: €25,000 to €50,000 (before: €10,000 to €25,000)"),
    ("turnover up", the_year(turnover=TURNOVERS[3]),
     "Chiffre d'affaires 2024 en hausse : 1 000 000 € ou plus (avant : de 100 000 à 500 000 €)",
     "Turnover 2024 up: €1,000,000 or more (before: €100,000 to €500,000)"),
    ("employees down", the_year(employees=1),
     "Salariés chargés de la représentation d'intérêts 2024 en baisse : 1 (avant : 2)",
     "Employees who lobby 2024 down: 1 (before: 2)"),
    ("lobbyist who says that he held public office",
     lambda one: one["collaborateurs"].append(person("Arthur", "PELLWORTH", "ancien sénateur")),
     f"{HELD} Arthur PELLWORTH (ancien sénateur), chez VIGIER CONSEIL{ABSENT}",
     "Lobbyist who held public office: Arthur PELLWORTH (ancien sénateur), at VIGIER CONSEIL (before: not listed)"),
    ("lobbyist without one", lambda one: one["collaborateurs"].append(person("Ana", "DELMAS", "Consultante")),
     "Nouveau nom parmi les lobbyistes : Ana DELMAS (Consultante) (avant : n'y figurait pas)",
     "New name among the lobbyists: Ana DELMAS (Consultante) (before: not listed)"),
    ("lobbyists left", people("collaborateurs"),
     "Ne sont plus parmi les lobbyistes : Mina OSARTH et Zoé CORVOY (avant : y figuraient)",
     "No longer among the lobbyists: Mina OSARTH and Zoé CORVOY (before: listed)"),
    ("leader gained", lambda one: one["dirigeants"].append(person("Ana", "DELMAS", "Présidente")),
     "Nouveau nom à la direction : Ana DELMAS (Présidente) (avant : n'y figurait pas)",
     "New name among the leaders: Ana DELMAS (Présidente) (before: not listed)"),
    ("activity added", another_sheet(actions=[action(for_=["ORVALIS"])]),
     "Nouvelle activité déclarée pour ORVALIS : « Taxer les drones » (avant : non déclarée)",
     "New activity declared for ORVALIS: “Taxer les drones” (before: not declared)"),
    ("topic new", another_sheet(actions=[action(for_=["ORVALIS"])], domains=["Défense, sécurité", "Fiscalité"]),
     "Nouveau sujet : Fiscalité (avant : jamais déclaré)", "New topic: Fiscalité (before: never declared)"),
    ("ministries new",
     another_sheet(actions=[action(for_=["ORVALIS"], officials=[f"{MINISTRY} - Intérieur, {PARIS}", CABINET])]),
     f"Nouveaux décideurs visés : {CABINET} et {PARIS} (avant : jamais déclarés)",
     f"New decision makers targeted: {CABINET} and {PARIS} (before: never declared)"),
    ("ministry added to an activity",
     the_sheet(actions=[action(for_=["VALMARIN"], officials=[f"{MINISTRY} - Intérieur, Justice"])]),
     "Nouveau décideur visé : Justice (avant : n'y figurait pas)",
     "New decision maker targeted: Justice (before: not listed)"),
    ("topic added to an activity", the_sheet(actions=[action(for_=["VALMARIN"])], domains=["Défense, sécurité", "Eau"]),
     "Nouveau sujet : Eau (avant : n'y figurait pas)", "New topic: Eau (before: not listed)"),
    ("declaration filed", year_2025(), "Déclaration 2025 déposée (avant : non déposée)",
     "Declaration 2025 filed (before: not filed)"),
    ("declaration late", year_2025(declared=None, late=True, spend=None, turnover=None, employees=None),
     "Déclaration 2025 en retard (avant : pas en retard)", "Declaration 2025 late (before: not late)"),
    ("declaration found wanting", the_year(late=True), "Déclaration 2024 en retard (avant : pas en retard)",
     "Declaration 2024 late (before: not late)"),
    ("struck off", lambda one: one.update(dateCessation="12/03/2026 09:00:00", motifDesinscription="Cessation"),
     "Organisation désinscrite du registre le 12 mars 2026, motif : Cessation (avant : inscrite)",
     "Organisation removed from the register on 12 March 2026, reason: Cessation (before: registered)"),
    ("renamed", lambda one: one.update(denomination="VIGIER"),
     "Nouveau nom de l'organisation : VIGIER (avant : VIGIER CONSEIL)",
     "New name of the organisation: VIGIER (before: VIGIER CONSEIL)"),
]  # fmt: skip

EU_CHANGES: Sequence[tuple[str, Edit, str, str]] = [
    ("client gained", lambda one: one["financialData"]["currentYear"]["clients"].append({"name": "Axidor"}),
     "Nouveau client : Axidor (avant : n'était pas parmi les clients déclarés)",
     "New client: Axidor (before: not among the declared clients)"),
    ("client of the closed year gone", eu_closed(lambda closed: closed["clients"].pop(0)),
     "Corvoy Énergies ne figure plus parmi les clients déclarés (avant : y figurait)",
     "Corvoy Énergies is no longer among the declared clients (before: listed)"),
    ("client lost", lambda one: one["financialData"]["currentYear"]["clients"].clear(),
     "Mandat d'Orvalis terminé (avant : en cours)", "Mandate from Orvalis ended (before: running)"),
    ("fees up", eu_closed(lambda closed: closed["clients"][0].update(revenue=eu.costs(25_000, 49_999))),
     "Honoraires 2025 en hausse : de 25 000 à 49 999 € (avant : de 10 000 à 24 999 €)",
     "Fees 2025 up: €25,000 to €49,999 (before: €10,000 to €24,999)"),
    ("turnover down", eu_closed(lambda closed: closed.update(totalAnnualRevenue=eu.costs(0, 99_999))),
     "Chiffre d'affaires 2025 en baisse : moins de 99 999 € (avant : de 100 000 à 499 999 €)",
     "Turnover 2025 down: less than €99,999 (before: €100,000 to €499,999)"),
    ("spending declared", eu_closed(lambda closed: closed.update(costs=eu.costs(1_000_000, None))),
     "Dépenses de lobbying 2025 : 1 000 000 € ou plus (avant : non précisé)",
     "Spending on lobbying 2025: €1,000,000 or more (before: not stated)"),
    ("people up", lambda one: one["members"].update(membersFTE="3"),
     "Équivalents temps plein 2025 en hausse : 3 (avant : 1,5)", "Full-time equivalents 2025 up: 3 (before: 1.5)"),
    ("topic new", lambda one: one["interests"].append({"name": "Taxation"}),
     "Nouveau centre d'intérêt : Taxation (avant : n'y figurait pas)",
     "New field of interest: Taxation (before: not listed)"),
    ("category", lambda one: one.update(registrationCategory="Law firms"),
     "Catégorie 2025 : Law firms (avant : Companies & groups)",
     "Category 2025: Law firms (before: Companies & groups)"),
]  # fmt: skip

CHIEF = "Chief of Staff (2019-2022)"
LDA_CHANGES: Sequence[tuple[str, Mapping[str, Any], str, str]] = [
    ("client gained", {"kind": "RR", "income": None},
     "Nouveau client : VALMARIN INC. (avant : n'était pas parmi les clients déclarés)",
     "New client: VALMARIN INC. (before: not among the declared clients)"),
    ("client lost", {"kind": "4T"}, "Mandat de VALMARIN INC. terminé (avant : en cours)",
     "Mandate from VALMARIN INC. ended (before: running)"),
    ("fees up", {"income": "50000.00"},
     "Honoraires (4e trimestre 2026) en hausse : 50 000 $US (avant : 30 000 $US)",
     "Fees (4th quarter of 2026) up: US$50,000 (before: US$30,000)"),
    ("fees down", {"income": "20000.00"},
     "Honoraires (4e trimestre 2026) en baisse : 20 000 $US (avant : 30 000 $US)",
     "Fees (4th quarter of 2026) down: US$20,000 (before: US$30,000)"),
    ("topic new", {"areas": ("Taxation", "Defense")}, "Nouveau sujet : Defense (avant : n'y figurait pas)",
     "New issue: Defense (before: not listed)"),
    ("lobbyist who held public office", {"lobbyists": [Lobbyist("Mina", "Osarth"), Lobbyist("Arthur", "Pell", CHIEF)]},
     f"{HELD} Arthur PELL ({CHIEF}), chez PELLWORTH pour VALMARIN INC.{FILED}{ABSENT}",
     f"{HELD_EN} Arthur PELL ({CHIEF}), at PELLWORTH for VALMARIN INC., says the filing of 20 October 2026{ABSENT_EN}"),
    ("lobbyist without one", {"lobbyists": [Lobbyist("Mina", "Osarth"), Lobbyist("Ana", "Delmas", "N/A")]},
     "Nouveau nom parmi les lobbyistes : Ana DELMAS (avant : n'y figurait pas)",
     "New name among the lobbyists: Ana DELMAS (before: not listed)"),
    ("lobbyist left", {"lobbyists": []}, "N'est plus parmi les lobbyistes : Mina OSARTH (avant : y figurait)",
     "No longer among the lobbyists: Mina OSARTH (before: listed)"),
]  # fmt: skip


def a_filing(
    *, areas: Sequence[str] = ("Taxation",), lobbyists: Sequence[Lobbyist] = (Lobbyist("Mina", "Osarth"),), **said: Any
) -> Notice:
    """Return a report of a firm on a client, otherwise as a test says."""
    values = {"key": "1", "kind": "Q4", "posted": datetime(2026, 10, 20, 15, tzinfo=UTC), "income": "30000.00", **said}
    issues = [Issue(area, "H.R. 1234", lobbyists) for area in areas]
    record = filing(registrant="PELLWORTH", client="VALMARIN INC.", issues=issues, **values)
    page = {"count": 1, "next": None, "previous": None, "results": [record]}
    return UsLda().parse(json.dumps(page).encode()).notices[0]


def lines_of(card: Card) -> list[str]:
    """Return the sentences of a card, with ordinary spaces and apostrophes."""
    told = [line for field in card.fields for line in field.lines]
    shown = ["".join(span.text for span in line) for line in told]
    plain = (line.translate({0x202F: " ", 0xA0: " ", 0x2019: "'"}) for line in shown)
    return [line.removeprefix("\N{BULLET} ") for line in plain]


def card_of(texts: Texts, notice: Notice, changes: Sequence[Change]) -> Card:
    event = Event.REVISED if changes else Event.NEW
    content = AnnouncementContent(
        notice=notice,
        code=CODE,
        source_label="-",
        event=event,
        changes=tuple(changes),
        is_first=True,
    )
    return announcement_card(texts, content, NOW)


def between(register: Register, before: Record, after: Record) -> dict[str, tuple[Notice, tuple[Change, ...]]]:
    """Return what a second edition makes of the first: what is new, changed or gone, with what changed."""
    source = register.source()
    old, new = ({one.id: one for one in register.read(copy.deepcopy(record)).notices} for record in (before, after))
    hashes = [register.read(copy.deepcopy(record)).revision_hashes for record in (before, after)]
    found: dict[str, tuple[Notice, tuple[Change, ...]]] = {}
    for name, notice in new.items():
        if name not in old:
            found[name] = notice, ()
        elif hashes[0][name] != hashes[1][name]:
            found[name] = notice, material_changes(old[name], notice, source.material)
    for name in old.keys() - new.keys():
        if (gone := source.removed(old[name])) is not None:
            found[name] = gone, material_changes(old[name], gone, source.material)
    return found


def told(register: Register, change: Edit, texts: Texts, before: Record | None = None) -> list[str]:
    """Return the sentences on all that a change of a register makes."""
    first = before or register.before()
    after = copy.deepcopy(first)
    change(after)
    found = between(register, first, after).values()
    return [line for notice, changes in found for line in lines_of(card_of(texts, notice, changes))]


def named(table: Sequence[tuple[Any, ...]]) -> list[Any]:
    return [pytest.param(*row[1:], id=row[0]) for row in table]


@pytest.mark.parametrize(("change", "french", "english"), named(HATVP_CHANGES))
def test_a_change_of_the_french_register_is_a_sentence(change: Edit, french: str, english: str) -> None:
    assert french in told(FRENCH_REGISTER, change, FRENCH)
    assert english in told(FRENCH_REGISTER, change, ENGLISH)


@pytest.mark.parametrize(("change", "french", "english"), named(EU_CHANGES))
def test_a_change_of_the_european_register_is_a_sentence(change: Edit, french: str, english: str) -> None:
    before = eu_firm()
    before["financialData"]["currentYear"] = {"clients": [{"name": "Orvalis"}]}
    assert french in told(EU_REGISTER, change, FRENCH, before)
    assert english in told(EU_REGISTER, change, ENGLISH, before)


@pytest.mark.parametrize(("said", "french", "english"), named(LDA_CHANGES))
def test_what_an_american_filing_says_otherwise_than_the_last_is_a_sentence(
    said: Mapping[str, Any], french: str, english: str
) -> None:
    notice = a_filing(**said)
    changes = [] if "kind" in said else material_changes(a_filing(), notice, UsLda.material)
    particulars = [one for one in changes if one.field.startswith(PARTICULAR)]
    for texts, sentence in ((FRENCH, french), (ENGLISH, english)):
        assert sentence in lines_of(card_of(texts, notice, particulars))


@pytest.mark.parametrize(
    ("words", "is_told"), [(("Mina OSARTH",), False), (("Arthur PELL",), True), (("PELL Arthur",), True)]
)
def test_an_official_who_lobbies_is_told_with_the_office_held_though_the_name_is_not_new(
    words: Sequence[str], *, is_told: bool
) -> None:
    notice = a_filing(lobbyists=[Lobbyist("Arthur", "Pell", CHIEF)])
    shown = [line.told for line in news_of(FRENCH, notice, (), is_new=True, named=words)]
    assert any(f"charge publique : Arthur PELL ({CHIEF})" in line.replace("\xa0", " ") for line in shown) is is_told


def reordered(one: Record) -> None:
    for field in ("clients", "collaborateurs", "dirigeants", "exercices"):
        one[field].reverse()


def respelled(one: Record) -> None:
    year_ = one["exercices"][0]["publicationCourante"]
    year_["defaut_declaration"] = year_.pop("defautDeclaration")
    one["clients"][0]["denomination"] = " VALMARIN "


def redated(one: Record) -> None:
    one["dateCreation"] = "01/02/2026 10:00:00"
    one["exercices"][0]["publicationCourante"]["publicationDate"] = "01/02/2026 10:00:00"
    one["dateDernierePublicationActivite"] = "01/02/2026 10:00:00"


def otherwise_spaced(one: Record) -> None:
    year_ = one["exercices"][0]["publicationCourante"]
    year_["montantDepense"] = ">= 10\N{NARROW NO-BREAK SPACE}000 euros et <25\N{NO-BREAK SPACE}000 euros"


@pytest.mark.parametrize("change", [reordered, respelled, redated, otherwise_spaced])
def test_what_stands_there_otherwise_and_says_the_same_is_no_news(change: Edit) -> None:
    after = the_firm()
    change(after)
    assert between(FRENCH_REGISTER, the_firm(), after) == {}


@pytest.mark.parametrize(("words", "is_told"), [((), False), (("PELLWORTH Arthur",), True)])
def test_an_official_who_lobbies_is_told_whatever_changed_of_the_entry(words: Sequence[str], *, is_told: bool) -> None:
    record = the_firm() | {"collaborateurs": [person("Arthur", "PELLWORTH", "ancien sénateur")]}
    [notice, *_] = hatvp(record).notices
    shown = news_of(FRENCH, notice, [Change(f"{PARTICULAR}leader", "A", "B")], is_new=False, named=words)
    assert any("Arthur PELLWORTH" in line.told for line in shown) is is_told


def test_the_office_of_a_lobbyist_is_no_news_when_the_organisation_leaves() -> None:
    record = the_firm() | {"collaborateurs": [person("Arthur", "PELLWORTH", "ancien sénateur")]}
    [notice, *_] = hatvp(record).notices
    change = Change(f"{PARTICULAR}removed", None, "2026-11-22")
    shown = news_of(FRENCH, notice, [change], is_new=False, named=("Arthur PELLWORTH",))
    assert len(shown) == 1
    assert "PELLWORTH" not in shown[0].told


def test_the_first_activity_of_an_organisation_has_no_topic_that_is_new() -> None:
    told_first = {code for notice in hatvp(the_firm()).notices for code, _ in notice.particulars}
    assert {"domain", "target"} <= told_first
    assert not {"first_domain", "first_target"} & told_first


def test_ministries_are_told_one_by_one_though_a_name_has_a_comma() -> None:
    assert decision_makers(f"{MINISTRY} - Premier ministre, {PARIS}, Autres : à préciser") == (
        "Premier ministre",
        PARIS,
    )
    assert decision_makers(CABINET) == (CABINET,)


@pytest.mark.parametrize(
    ("function", "is_held"),
    [
        ("Ancienne députée", True), ("Associé, ex-ministre", True), ("ANCIEN CONSEILLER D'ÉTAT", True),
        ("Ancien directeur de cabinet du ministre", True), ("Ancienne directrice commerciale", False),
        ("Députée", False), ("Directeur des affaires publiques", False), ("Ancien élu consulaire", True),
        ("Anciens élèves", False),
    ],
)  # fmt: skip
def test_only_a_function_that_says_so_is_a_public_office_held(function: str, *, is_held: bool) -> None:
    assert says_held_office(function) is is_held
