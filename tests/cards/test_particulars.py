"""What a change of a register's particular is told as, in the words of a reporter."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.cards import (
    PARTICULAR,
    AnnouncementContent,
    Change,
    CompanionNotice,
    Particular,
    TwinNotice,
    announcement_card,
    render,
)
from bot.cards.announcement import Event
from bot.locales import Texts
from bot.models import Notice, NoticeKind
from bot.sources import sources
from tests.cards.faces import (
    CODE,
    ENGLISH,
    FRENCH,
    HOSTILE_PIECES,
    NOW,
    as_read,
    assert_drawn_harmlessly,
    assert_nothing_live,
    assert_within_limits,
)

SAID = [
    ("mandate_ended", None, "2026-03-12", "Mandat de SAFRAN terminé le 12 mars 2026 (avant : en cours)"),
    ("mandate_ended", None, "yes", "Mandat de SAFRAN terminé (avant : en cours)"),
    ("mandate_ended", "2026-03-12", None, "Mandat de SAFRAN de nouveau en cours (avant : terminé le 12 mars 2026)"),
    ("mandate_ended", "yes", None, "Mandat de SAFRAN de nouveau en cours (avant : terminé)"),
    ("mandate_ended", "2026-03-12", "2026-04-01",
     "Mandat de SAFRAN terminé le 1er avril 2026 (avant : terminé le 12 mars 2026)"),
    ("spend", "10000-25000", "50000-100000",
     "Dépenses de lobbying 2025 en hausse : de 50 000 à 100 000 € (avant : de 10 000 à 25 000 €)"),
    ("spend", "900000-1000000", "1000000-",
     "Dépenses de lobbying 2025 en hausse : 1 000 000 € ou plus (avant : de 900 000 à 1 000 000 €)"),
    ("spend", "10000-25000", "0-10000",
     "Dépenses de lobbying 2025 en baisse : moins de 10 000 € (avant : de 10 000 à 25 000 €)"),
    ("spend", "9000", "10000", "Dépenses de lobbying 2025 en hausse : 10 000 € (avant : 9 000 €)"),
    ("spend", "10000-100000", "25000-50000",
     "Dépenses de lobbying 2025 : de 25 000 à 50 000 € (avant : de 10 000 à 100 000 €)"),
    ("spend", None, "0-10000", "Dépenses de lobbying 2025 : moins de 10 000 € (avant : non précisé)"),
    ("turnover", "1000000-", "650000 USD", "Chiffre d'affaires 2025 : 650 000 $US (avant : 1 000 000 € ou plus)"),
    ("employees", "2", "10", "Salariés chargés de la représentation d'intérêts 2025 en hausse : 10 (avant : 2)"),
    ("late", "no", "yes", "Déclaration 2025 en retard (avant : pas en retard)"),
    ("late", "yes", "no", "Déclaration 2025 : n'est plus signalée en retard (avant : signalée en retard)"),
    ("declared", "no", "yes", "Déclaration 2025 déposée (avant : non déposée)"),
    ("declared", "yes", "no", "Déclaration 2025 non déposée (avant : déposée)"),
    ("idle", "no", "yes", "Déclaration 2025 : aucune activité déclarée (avant : des activités déclarées)"),
    ("leader", ["Paul Valmarin", "Zoé Corvoy"], ["Jeanne Corvoy", "Zoé Corvoy"],
     "• Nouveau nom à la direction : Jeanne Corvoy (avant : n'y figurait pas)"),
    ("leader", ["Paul Valmarin", "Zoé Corvoy"], ["Jeanne Corvoy", "Zoé Corvoy"],
     "• N'est plus à la direction : Paul Valmarin (avant : y figurait)"),
    ("lobbyist", ["A", "B"], None, "Ne sont plus parmi les lobbyistes : A et B (avant : y figuraient)"),
    ("leader", None, "Jeanne Corvoy", "Nouveau nom à la direction : Jeanne Corvoy (avant : n'y figurait pas)"),
    ("removed", None, "absent", "SAFRAN ne figure plus parmi les clients déclarés (avant : y figurait)"),
    ("removed", "absent", None, "SAFRAN figure de nouveau parmi les clients déclarés (avant : n'y figurait plus)"),
    ("removed", None, "2026-03-12", "Organisation désinscrite du registre le 12 mars 2026 (avant : inscrite)"),
    ("removed", "absent", "yes", "Organisation désinscrite du registre (avant : absente du registre)"),
    ("removed", "2026-03-12", None,
     "Organisation de nouveau inscrite au registre (avant : désinscrite du registre le 12 mars 2026)"),
    ("publication", "pending", "published", "Publication 2025 : publiée (avant : à venir)"),
    ("publication", "pending", "Consultable en préfecture",
     "Publication 2025 : Consultable en préfecture (avant : à venir)"),
    ("category", "Cabinet", "**Avocats**", r"Catégorie 2025 : \*\*Avocats\*\* (avant : Cabinet)"),
]  # fmt: skip

GONE = [
    ({"kind": NoticeKind.REGISTRATION, "suppliers": ("VALMARIN",)}, (), "VALMARIN ne figure plus au registre"),
    ({}, (), "SAFRAN ne figure plus parmi les clients déclarés"),
    ({}, (("mandate_ended", "2026-03-12"),), "SAFRAN ne figure plus parmi les anciens clients déclarés"),
    ({}, (("subject", "Drones"),), "Cette fiche d'activité ne figure plus au registre"),
    ({}, (("declared", "yes"),), "Cette déclaration ne figure plus au registre"),
    ({"buyer": None}, (), "Cette entrée ne figure plus au registre"),
]
"""Notices that a register no longer holds, with their particulars, and how that is told."""

ENGLISH_SAID = [
    ("spend", "10000-25000", "50000-100000 USD",
     "Spending on lobbying 2025: US$50,000 to US$100,000 (before: €10,000 to €25,000)"),
    ("spend", "50000-100000", "10000-25000",
     "Spending on lobbying 2025 down: €10,000 to €25,000 (before: €50,000 to €100,000)"),
    ("mandate_ended", None, "2026-03-12", "Mandate from SAFRAN ended on 12 March 2026 (before: running)"),
    ("declared", "no", "yes", "Declaration 2025 filed (before: not filed)"),
    ("late", "yes", "no", "Declaration 2025: no longer reported as late (before: reported as late)"),
    ("removed", None, "absent", "SAFRAN is no longer among the declared clients (before: listed)"),
    ("removed", None, "2026-03-12", "Organisation removed from the register on 12 March 2026 (before: registered)"),
]  # fmt: skip


TYPED = {0x2019: "'", 0x2212: "-"}


def card_text(notice: Notice, *changes: Change, texts: Texts = FRENCH, **said: object) -> str:
    content = AnnouncementContent(
        notice=notice,
        code=CODE,
        source_label="HATVP",
        event=Event.REVISED,
        changes=changes,
        **said,  # type: ignore[arg-type]  # what a test says
    )
    shown = as_read(render(announcement_card(texts, content, NOW)))
    return shown.translate(TYPED).replace("\\+", "+")


def notice(*particulars: tuple[str, str], **said: object) -> Notice:
    values = {"id": "1", "kind": NoticeKind.REGISTER_CHANGE, "title": "SAFRAN, client", "buyer": "SAFRAN", **said}
    return Notice(particulars=(("year", "2025"), *particulars), **values)  # type: ignore[arg-type]  # what a test says


def turned(code: str, before: object, after: object) -> Change:
    return Change(f"{PARTICULAR}{code}", before, after)


@pytest.mark.parametrize(("code", "before", "after", "sentence"), SAID)
def test_a_change_is_a_sentence_with_before_and_after(code: str, before: object, after: object, sentence: str) -> None:
    assert sentence in card_text(notice(), turned(code, before, after)).splitlines()


@pytest.mark.parametrize(("code", "before", "after", "sentence"), ENGLISH_SAID)
def test_a_change_is_a_sentence_in_english_too(code: str, before: object, after: object, sentence: str) -> None:
    assert sentence in card_text(notice(), turned(code, before, after), texts=ENGLISH).splitlines()


@pytest.mark.parametrize(("said", "particulars", "sentence"), GONE)
def test_what_a_register_no_longer_holds_is_told_by_what_it_was(
    said: dict[str, object], particulars: tuple[tuple[str, str], ...], sentence: str
) -> None:
    gone = notice(*particulars, **said)
    assert f"{sentence} (avant : y figurait)" in card_text(gone, turned("removed", None, "absent")).splitlines()


@pytest.mark.parametrize(
    ("idle", "sentence"),
    [
        ("yes", "Déclaration 2025 déposée : aucune activité (avant : en retard)"),
        ("no", "Déclaration 2025 déposée (avant : en retard)"),
    ],
)
def test_a_declaration_that_was_late_is_told_as_filed_and_nothing_else(idle: str, sentence: str) -> None:
    changes = turned("declared", "no", "yes"), turned("late", "yes", "no"), turned("idle", None, idle)
    told = card_text(notice(("declared", "yes"), ("idle", idle)), *changes)
    assert [line for line in told.splitlines() if "Déclaration" in line] == [sentence]


def test_why_an_organisation_left_is_told_with_the_day() -> None:
    left = notice(("removed", "2026-03-12"), ("removed_reason", "Cessation"), kind=NoticeKind.REGISTRATION)
    sentence = "Organisation désinscrite du registre le 12 mars 2026, motif : Cessation (avant : inscrite)"
    assert sentence in card_text(left, turned("removed", None, "2026-03-12")).splitlines()


def test_a_client_that_only_the_closed_year_names_has_no_mandate_that_runs_again() -> None:
    told = card_text(notice(("mandate", "closed")), turned("mandate_ended", "yes", None))
    assert "SAFRAN figure parmi les clients du dernier exercice clos (avant : mandat terminé)" in told.splitlines()


def test_an_organisation_that_has_another_name_is_told_once() -> None:
    renamed = notice(kind=NoticeKind.REGISTRATION, title="B", suppliers=("B",))
    told = card_text(renamed, Change("suppliers", ["A"], ["B"]), turned("name", "A", "B"))
    assert [line for line in told.splitlines() if "avant" in line] == ["Nouveau nom de l'organisation : B (avant : A)"]
    assert told.splitlines()[0].endswith(" : nouveau nom de l'organisation : B")
    assert told.splitlines()[0].count("B") == 1


@pytest.mark.parametrize(
    ("change", "title"),
    [
        (turned("removed", None, "absent"), "VALMARIN quitte le registre"),
        (turned("removed", None, "2026-03-12"), "VALMARIN quitte le registre"),
        (turned("removed", "absent", None), "VALMARIN revient au registre"),
        (turned("leader", None, "Zoé Corvoy"), "VALMARIN, nouveau nom à la direction : Zoé Corvoy"),
        (turned("spend", "0-10000", "10000-25000"),
         "VALMARIN, dépenses de lobbying 2025 en hausse : de 10 000 à 25 000 €"),
    ],
)  # fmt: skip
def test_what_happened_to_an_organisation_is_the_title_of_its_card(change: Change, title: str) -> None:
    told = card_text(notice(kind=NoticeKind.REGISTRATION, buyer=None, suppliers=("VALMARIN",)), change)
    assert told.splitlines()[0] == f"Registre des lobbys : {title}"


@pytest.mark.parametrize(
    ("said", "title"),
    [
        ({}, "VALMARIN gagne le client SAFRAN"),
        ({"particulars": (("mandate", "closed"),)},
         "VALMARIN déclare le client SAFRAN (dernier exercice clos)"),
        ({"kind": NoticeKind.REGISTRATION}, "VALMARIN s'inscrit"),
        ({"particulars": (("year", "2025"), ("declared", "no"), ("late", "yes")), "buyer": None},
         "VALMARIN, déclaration 2025 en retard"),
    ],
)  # fmt: skip
def test_what_is_new_in_a_register_is_the_title_of_its_card(said: dict[str, Any], title: str) -> None:
    values = {"id": "1", "kind": NoticeKind.REGISTER_CHANGE, "title": "-", "buyer": "SAFRAN", **said}
    content = AnnouncementContent(notice=Notice(suppliers=("VALMARIN",), **values), code=CODE, source_label="HATVP")
    shown = as_read(render(announcement_card(FRENCH, content, NOW))).translate(TYPED)
    assert shown.splitlines()[0] == f"Registre des lobbys : {title}"


def test_sentences_on_one_client_or_year_stand_together_and_those_that_do_not_fit_are_counted() -> None:
    beside = [
        CompanionNotice(
            str(number),
            "-",
            None,
            Notice(id=str(number), kind=NoticeKind.REGISTER_CHANGE, buyer=f"Client {number}", suppliers=("VALMARIN",)),
            (turned("mandate_ended", None, "2026-03-12"), turned("fees", "0-10000", "10000-25000")),
        )
        for number in range(9)
    ]
    head = notice(buyer=None, suppliers=("VALMARIN",))
    shown = card_text(head, turned("category", "A", "B"), companions=tuple(beside)).splitlines()
    sentences = [line for line in shown if line.startswith("•")]
    assert [line.split()[1] for line in sentences] == ["Mandat", "Honoraires"] * 4
    assert "et 11 autres changements" in shown


@pytest.mark.parametrize(("client", "of"), [("AIRBUS", "d'AIRBUS"), ("YAHOO", "de YAHOO"), ("HERMES", "de HERMES")])
def test_a_client_whose_name_begins_with_a_vowel_elides(client: str, of: str) -> None:
    told = card_text(notice(buyer=client), turned("mandate_ended", None, "yes"))
    assert f"Mandat {of} terminé (avant : en cours)" in told


def test_every_particular_of_every_source_has_its_label() -> None:
    codes = {code for kind in sources().values() for code in kind.particulars}
    assert codes - {*Particular} == set()
    assert all(kind.material <= kind.particulars for kind in sources().values())


def test_companions_whose_links_are_long_are_named_without_them() -> None:
    long = tuple(
        CompanionNotice(str(number), f"Client {number} " + "*" * 90, f"https://a.example/{'x' * 250}")
        for number in range(8)
    )
    said = card_text(notice(published=date(2026, 1, 1)), companions=long)
    assert ("Client 4" in said, "3 autres" in said, "a.example" in said) == (True, True, False)


def test_a_twin_is_named_with_its_link_and_number() -> None:
    twin = TwinNotice("TED", "479730-2026", "https://ted.europa.eu/fr/notice/-/detail/479730-2026")
    link = "[TED](https://ted.europa.eu/fr/notice/-/detail/479730-2026) (ted.europa.eu)"
    assert f"**Publié aussi par :** {link} · avis 479730-2026" in card_text(notice(), twins=(twin,))


URLS = st.one_of(HOSTILE_PIECES, HOSTILE_PIECES.map("https://ville.example/".__add__))
VALUES = st.one_of(st.none(), HOSTILE_PIECES, st.lists(HOSTILE_PIECES, min_size=2, max_size=9))


@settings(max_examples=25)
@given(
    twins=st.lists(st.builds(TwinNotice, HOSTILE_PIECES, HOSTILE_PIECES, URLS), max_size=2).map(tuple),
    companions=st.lists(st.builds(CompanionNotice, HOSTILE_PIECES, HOSTILE_PIECES, URLS), max_size=9).map(tuple),
    changes=st.lists(
        st.builds(Change, st.sampled_from([*Particular, "other"]).map(PARTICULAR.__add__), VALUES, VALUES), max_size=3
    ).map(tuple),
    buyer=HOSTILE_PIECES,
)
def test_a_hostile_register_gives_a_card_within_limits_and_nothing_live(
    twins: tuple[TwinNotice, ...],
    companions: tuple[CompanionNotice, ...],
    changes: tuple[Change, ...],
    buyer: str,
) -> None:
    content = AnnouncementContent(
        notice=notice(buyer=buyer), code=CODE, source_label="HATVP", changes=changes, twins=twins, companions=companions
    )
    card = announcement_card(FRENCH, content, NOW)
    assert_within_limits(render(card))
    assert_nothing_live(render(card), links=7)
    assert_drawn_harmlessly(card)
