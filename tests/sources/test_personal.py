from __future__ import annotations

import pytest

from bot.sources._reading.personal import MARK, without_contacts

QUARTER = 250_000


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
        "06 39 981 234",
        "0 825 123 456",
        "0825 12 34 56",
        "0825.123.456",
        "(202) 555-0143",
        "1 (202) 555-0143",
        "202-555-0143",
        "202.555.0143",
        "202 555-0143",
        "001 202 555 0143",
        "0049 30 1234567",
        "00 32 2 123 45 67",
        "0044 (0)20 7946 0018",
        "00352292944331",
        "07700900123",
        "08003684852",
        "03450103503",
        "020-7946-0018",
        "0161-496-0123",
        "01632-960123",
        "odile.contact (at) valmarin (dot) example",
        "odile [dot] contact[at]valmarin[dot]example",
        "odile at valmarin dot co dot example",
        "odile arobase valmarin point example",
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
        ("Phone 202 555 0143", "Phone […]"),
        ("Phone number 202 555 0143", "Phone number […]"),
        ("Mobile 7700 900 123", "Mobile […]"),
        ("Marché n° 12, tél. 020-7946-0018", "Marché n° 12, tél. […]"),
        ("Avis : contact 202-555-0143", "Avis : contact […]"),
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
        "avis 26-95337, 479730-2026, 2026/S 226-479730 et 2026/S 000-012345, ocds-h6vhtk-012345",
        "marché n° 215-425-2026, réf. 202-555-0143, contract number 0161-496-0123, AO 023-2024-0001, 2024-123-4567",
        "solicitation W912-23-R-0043 and FA8650-23-C-1234",
        "SIREN 005 580 501, SIRET 005 580 501 00015 et 404.833.048.00015, puis 00552013500020",
        "P.IVA 07700900123, IT07700900123, Identifiant non vérifié : 07700900123",
        "CPV 09100000, 35125300-6 ; le 20.11.2026, 2026-11-20, 11-20-2026",
        "de 01 000 000 à 02 000 000 € ; 202 555 000 € ; 825 123 456,00 HT",
        "IBAN FR76 3000 6000 0112 3456 7890 189",
        "mobile 1 500 000 000 euros, portable 150 000 000 unités, call 2026",
        "at some point in time, tables at which dots are seen",
    ],
)
def test_other_numbers_and_words_stay(text: str) -> None:
    assert without_contacts(text) == text


@pytest.mark.parametrize(
    "text",
    [
        sign * (QUARTER // len(sign))
        for sign in (
            *("a", "0", "  ", "a.", "01 ", "+1", "tel ", "0 8 ", "00 1 ", "0044", "(202) ", "202-", "phone 1"),
            *("202-555-0143 ", "n° 202-555-0143 ", "a (dot) ", "a(at)", "a at b dot ", "x@a-", "a" * 64 + "(dot)"),
        )
    ],
    ids=lambda text: text[:16],
)
@pytest.mark.timeout(10)
def test_a_hostile_text_is_done_in_a_moment(text: str) -> None:
    without_contacts(text)
