"""How items are read: legal forms, people, identifiers, plurals, and what `understood` says of them."""

from __future__ import annotations

from typing import Any

import pytest

from bot.errors import QueryError
from bot.matching import Caution, QueryFault, Understanding, check, read_identifier, understood
from bot.matching.identifiers.check_digits import luhn, siret_is_valid, vat_key
from bot.matching.officials.person_names import read_person
from bot.matching.words.inflection import forms
from bot.models import ItemKind, WatchItem


def read(kind: ItemKind, name: str, **options: Any) -> Understanding:
    return understood(WatchItem(kind=kind, name=name, **options))


@pytest.mark.parametrize(
    ("name", "given", "family", "particles"),
    [
        ("Paul Corvoy", ("paul",), ("corvoy",), ()),
        ("CORVOY Paul", ("paul",), ("corvoy",), ()),
        ("Corvoy, Paul Henri", ("paul", "henri"), ("corvoy",), ()),
        ("M. Paul DE CORVOY", ("paul",), ("corvoy",), ("de",)),
        ("Anne de la Tourvane", ("anne",), ("tourvane",), ("de", "la")),
        ("Marie-Anne Corvoy-Lanthier", ("marie", "anne"), ("corvoy", "lanthier"), ()),
        ("Paul H. Corvoy", ("paul",), ("corvoy",), ()),
        ("Paul d'Arvoy", ("paul",), ("arvoy",), ("d",)),
        ("Dr Paul van den Corvoy", ("paul",), ("corvoy",), ("van", "den")),
        ("Corvoy", (), ("corvoy",), ()),
    ],
)
def test_a_person_is_read_as_given_and_family_name(
    name: str, given: tuple[str, ...], family: tuple[str, ...], particles: tuple[str, ...]
) -> None:
    person = read_person(name)[0]
    assert (person.given, person.family, person.particles) == (given, family, particles)


@pytest.mark.parametrize(
    ("typed", "scheme", "value", "valid", "expected"),
    [
        ("552 081 317", "siren", "552081317", True, None),
        ("552081318", "siren", "552081318", False, "7"),
        ("siren:552.081.317", "siren", "552081317", True, None),
        ("35600000000048", "siret", "35600000000048", True, None),
        ("FR 83 404 833 048", "vat_fr", "FR83404833048", True, None),
        ("FR84404833048", "vat_fr", "FR84404833048", False, "83"),
        ("W751234567", "rna", "W751234567", None, None),
        ("35125300-2", "cpv", "351253002", None, None),
        ("UK-COH:SC123456", "gb-coh", "SC123456", None, None),
        ("12345", "", "12345", None, None),
    ],
)
def test_an_identifier_is_read_with_its_check_digit(
    typed: str,
    scheme: str,
    value: str,
    valid: bool | None,  # noqa: FBT001  # a parameter of the table above
    expected: str | None,
) -> None:
    found = read_identifier(typed)
    assert (found.scheme, found.value, found.valid, found.expected) == (scheme, value, valid, expected)


def test_a_lei_is_checked_modulo_97() -> None:
    wrong = read_identifier("LEI:96950000000000000A00")
    assert wrong.valid is False
    assert wrong.expected is not None
    assert read_identifier(f"96950000000000000A{wrong.expected}").valid is True


def test_the_vat_key_is_that_of_the_siren() -> None:
    assert vat_key("404833048") == "83"


def test_la_poste_has_its_own_check() -> None:
    # 3+5+6+1 is a multiple of five, and no Luhn number
    assert not luhn("35600000000010")
    assert siret_is_valid("35600000000010")
    assert not siret_is_valid("35600000000011")
    assert not siret_is_valid("55208131700010")


@pytest.mark.parametrize(
    ("word", "others"),
    [
        ("camera", {"cameras"}),
        ("cameras", {"camera"}),
        ("travaux", {"travail"}),
        ("bureau", {"bureaux"}),
        ("enjeux", {"enjeu"}),
        ("policies", {"policy"}),
        ("boxes", {"box"}),
        ("temps", set()),
        ("gaz", set()),
        ("campus", set()),
        ("permis", set()),
        ("access", set()),
        ("b2b4", set()),
    ],
)
def test_a_word_has_the_forms_somebody_would_write(word: str, others: set[str]) -> None:
    found = set(forms(word))
    assert word in found
    assert others <= found
    assert others or found == {word}


def test_a_company_is_told_without_its_form() -> None:
    [reading] = read(ItemKind.COMPANY, "Groupe Valmarin S.A.S.").readings
    assert (reading.canonical, set(reading.legal_forms), reading.case_sensitive) == ("Valmarin", {"Groupe", "SAS"}, ())


def test_a_form_kept_before_an_ordinary_word_is_told() -> None:
    [reading] = read(ItemKind.COMPANY, "SA Horizon").readings
    assert (reading.canonical, reading.legal_forms, reading.kept_form) == ("SA Horizon", (), "SA")


def test_an_official_is_told_in_two_parts() -> None:
    [reading] = read(ItemKind.OFFICIAL, "DE CORVOY Paul").readings
    assert (reading.given, reading.family, reading.canonical) == ("Paul", "DE CORVOY", "Paul DE CORVOY")


def test_an_official_of_one_word_is_told_as_a_keyword() -> None:
    reply = read(ItemKind.OFFICIAL, "Corvoy")
    assert reply.readings[0].read_as is ItemKind.KEYWORD
    assert [warned.caution for warned in reply.warnings] == [Caution.ONE_WORD_OFFICIAL]


def test_a_query_is_told_in_the_language_of_the_newsroom() -> None:
    item = WatchItem(kind=ItemKind.KEYWORD, name="caméra piéton OR IA", any_of=("a1b NOT drone",))
    french, english = understood(item), understood(item, "en")
    assert french.readings[0].canonical == '"caméra piéton" OU IA'
    assert english.readings[0].canonical == '"caméra piéton" OR IA'
    assert french.readings[0].case_sensitive == ("IA",)
    assert french.any_of == ("a1b SAUF drone",)


@pytest.mark.parametrize(
    ("kind", "name", "options", "cautions"),
    [
        (ItemKind.COMPANY, "Atos", {}, [Caution.SHORT_NAME]),
        (ItemKind.COMPANY, "Horizon", {}, [Caution.ORDINARY_WORD]),
        (ItemKind.COMPANY, "Horizon", {"any_of": ("drone",)}, []),
        (ItemKind.COMPANY, "Valmarin", {"identifiers": ("552081318",)}, [Caution.BAD_CHECK_DIGIT]),
        (ItemKind.COMPANY, "Valmarin", {"identifiers": ("123",)}, [Caution.UNKNOWN_IDENTIFIER]),
        (ItemKind.KEYWORD, "DRONE ET POLICE", {}, [Caution.ALL_CAPITALS]),
        (ItemKind.KEYWORD, "DRONE", {}, []),
    ],
)
def test_a_doubtful_item_is_warned_about(
    kind: ItemKind, name: str, options: dict[str, Any], cautions: list[Caution]
) -> None:
    assert [warned.caution for warned in read(kind, name, **options).warnings] == cautions


@pytest.mark.parametrize("kind", [ItemKind.COMPANY, ItemKind.OFFICIAL])
def test_a_name_of_more_than_sixty_words_is_refused(kind: ItemKind) -> None:
    check(WatchItem(kind=kind, name="Corvoy " * 60))
    with pytest.raises(QueryError) as refused:
        check(WatchItem(kind=kind, name="Corvoy " * 61))
    assert refused.value.text == QueryFault.TOO_MANY_WORDS
