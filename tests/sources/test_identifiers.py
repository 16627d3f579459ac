from __future__ import annotations

import pytest

from bot.sources._reading.identifiers import identifiers


@pytest.mark.parametrize("written", ["404833048", "404 833 048", "404.833.048", "404\u00a0833\u202f048"])
def test_a_siren_is_known_however_it_is_grouped(written: str) -> None:
    assert identifiers(written) == ("siren:404833048",)


def test_a_siret_gives_its_siren_too() -> None:
    assert identifiers("216 901 231 00011") == ("siret:21690123100011", "siren:216901231")


def test_a_french_vat_number_gives_its_siren_too() -> None:
    assert identifiers("FR 83 404 833 048") == ("vat:FR83404833048", "siren:404833048")


def test_a_siret_of_la_poste_passes_by_the_sum_of_its_digits() -> None:
    assert identifiers("35600000000001") == ("siret:35600000000001", "siren:356000000")


@pytest.mark.parametrize(
    "wrong",
    [
        "404833049",
        "21690123100012",
        "FR84404833048",
        "000000000",
        "1",
        "",
        "not available",
        "EU-PO",
        "GCEU",
        "④⓪④⑧③③⓪④⑧",
    ],
)
def test_a_number_that_fails_its_check_is_none(wrong: str) -> None:
    assert identifiers(wrong) == ()


def test_a_french_number_is_not_seen_in_one_from_elsewhere() -> None:
    assert identifiers("404833048", "PRT") == ()
    assert identifiers("404833048", "FRA") == ("siren:404833048",)


def test_other_registers_have_their_scheme() -> None:
    assert identifiers("DE 423 962 710") == ("vat:DE423962710",)
    assert identifiers("W751000001") == ("rna:W751000001",)
    assert identifiers("529900T8BM49AURSDO55") == ("lei:529900T8BM49AURSDO55",)
    assert identifiers("529900T8BM49AURSDO56") == ()
