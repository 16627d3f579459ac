from __future__ import annotations

import pytest

from bot.sources._personal import MARK, without_contacts


@pytest.mark.parametrize(
    "contact",
    [
        "marches@ville.example",
        "Jean-Marc.d'Arvor+achats@sous.domaine.example",
        "prénom.nom@société.fr",
        "achats (at) ville.example",
        "achats[at]ville.example",
        "01 99 00 12 34",
        "01.99.00.12.34",
        "0199001234",
        "06-39-98-12-34",
        "+33 1 99 00 12 34",
        "+33 (0)1 99 00 12 34",
        "0033 1 99 00 12 34",
        "+33199001234",
        "+352 292944331",
        "+44 20 7946 0958",
        "01\u00a099\u00a000\u00a012\u00a034",
    ],
)
def test_a_contact_is_taken_out_of_its_sentence(contact: str) -> None:
    assert without_contacts(f"Écrire ou appeler : {contact}, merci") == f"Écrire ou appeler : {MARK}, merci"


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("Tél. 590 99 14 14", "Tél. […]"),
        ("tel : (33) 199 001 234", "tel : […]"),
        ("Fax 3812345678 poste", "Fax […] poste"),
    ],
)
def test_an_announced_number_is_taken_out_whatever_its_form(text: str, left: str) -> None:
    assert without_contacts(text) == left


@pytest.mark.parametrize(
    "text",
    [
        "Montant Ht min : 935 220,00 Euros",
        "SIRET 056 501 711 00115",
        "SIRET 05650171100115",
        "SIREN 404 833 048, CPV 35125300-6",
        "le 01/02/2026 12h30, puis le 01.02.2026 à 12 h",
        "une hausse de +33 000 000 €",
        "30 000 caméras et 150 000 téléphones 12 000",
        "ordinateur portable 150 000 unités",
        "Prix 0,12 EUR, 01 000 000 EUR",
        "@everyone et @Mairie",
        "4805c409-5939-4be9-8abd-837f7a5fee23",
    ],
)
def test_other_numbers_and_words_stay(text: str) -> None:
    assert without_contacts(text) == text


@pytest.mark.parametrize(
    "text", ["a" * 200_000, "0" * 200_000, "a." * 100_000, "01 " * 70_000, "+1" * 100_000, "tel " * 50_000]
)
@pytest.mark.timeout(10)
def test_a_hostile_text_is_done_in_a_moment(text: str) -> None:
    without_contacts(text)
