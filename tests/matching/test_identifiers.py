"""Legal numbers: how they are read, what their check digits say, and that they are found as what they are."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.matching import Matcher, Rule, read_identifier
from bot.matching.identifiers.check_digits import luhn, siret_is_valid, vat_key
from bot.matching.identifiers.identifier import Fault
from bot.matching.identifiers.schemes import KINDS, Found
from bot.models import Hit, ItemKind, Notice, Tier, WatchItem

SIREN = "552081317"
GAPS = [" ", "\u00a0", "\u202f", "\u2009", ".", "-"]


def find(identifier: str, text: str = "", **fields: object) -> Hit | None:
    item = WatchItem(kind=ItemKind.COMPANY, name="Axovial", identifiers=(identifier,))
    hits = Matcher([item]).find(Notice(id="n", text=text, **fields))  # type: ignore[arg-type]
    return hits[0] if hits else None


def grouped(digits: str, cuts: set[int], gap: str) -> str:
    if gap in ".-" and cuts:
        cuts = {4, 7, 10} if digits.startswith("FR") else {3, 6, 9}
    return "".join(f"{gap if place in cuts else ''}{sign}" for place, sign in enumerate(digits))


@pytest.mark.parametrize(
    ("typed", "scheme", "value", "written"),
    [
        ("SIREN 552 081 317", "siren", SIREN, "552 081 317"),
        ("N° SIREN : 552081317", "siren", SIREN, "552 081 317"),
        ("552-081-317", "siren", SIREN, "552 081 317"),
        ("RCS Paris B 552 081 317", "siren", SIREN, "552 081 317"),
        ("552 081 317 RCS Paris", "siren", SIREN, "552 081 317"),
        ("55208131766522", "siret", "55208131766522", "552 081 317 66522"),
        ("TVA FR03552081317", "vat_fr", "FR03552081317", "FR 03 552081317"),
        ("BE 0403.227.515", "vat", "BE0403227515", "BE 0403.227.515"),
        ("0403.227.515", "vat", "BE0403227515", "BE 0403.227.515"),
        ("kbo:403.227.515", "vat", "BE0403227515", "BE 0403.227.515"),
        ("vat:BE0403227515", "vat", "BE0403227515", "BE 0403.227.515"),
        ("DE136695976", "vat", "DE136695976", "DE136695976"),
        ("che:123.456.788 TVA", "vat", "CHE123456788", "CHE-123.456.788"),
        ("CVR 13585628", "vat", "DK13585628", "DK13585628"),
        ("556012-5790", "vat", "SE5560125790", "SE5560125790"),
        ("SE556012579001", "vat", "SE5560125790", "SE5560125790"),
        ("P.IVA 00743110157", "vat", "IT00743110157", "IT00743110157"),
        ("B-58378431", "vat", "ESB58378431", "ESB58378431"),
        ("nif:501964843", "vat", "PT501964843", "PT501964843"),
        ("12892312-2-41", "vat", "HU12892312", "HU12892312"),
        ("gb-coh:1234567", "gb-coh", "01234567", "01234567"),
        ("SC123456", "gb-coh", "SC123456", "SC123456"),
        ("HRB 12345", "hrb", "HRB12345", "HRB 12345"),
        ("hra:77", "hrb", "HRA77", "HRA 77"),
        ("RCCMNL83S18D969H", "cf", "RCCMNL83S18D969H", "RCCMNL83S18D969H"),
        ("880143435725-46", "eutr", "88014343572546", "880143435725-46"),
        ("hatvp:H000000001", "hatvp", "H000000001", "H000000001"),
        ("12-345-6789", "duns", "123456789", "12-345-6789"),
        ("91-1144442", "ein", "911144442", "91-1144442"),
        ("J4ZBQ1E7KP52", "uei", "J4ZBQ1E7KP52", "J4ZBQ1E7KP52"),
        ("35125300-2", "cpv", "351253002", "35125300-2"),
        ("XYZ: 12 34", "xyz", "1234", "1234"),
        ("pappers", "", "PAPPERS", "PAPPERS"),
    ],
)
def test_a_number_is_read_whatever_its_spelling(typed: str, scheme: str, value: str, written: str) -> None:
    number = read_identifier(typed)
    assert (number.scheme, number.value, number.written) == (scheme, value, written)


def test_the_court_of_a_german_number_is_read() -> None:
    assert read_identifier("Amtsgericht München HRB 12345 B").court == ("munchen",)
    assert read_identifier("HRB 12345, Köln").court == ("koln",)


@pytest.mark.parametrize(
    ("typed", "expected", "corrected"),
    [
        ("552081318", "7", "552 081 317"),
        ("siren:552 081 310", "7", "552 081 317"),
        ("FR84404833048", "83", "FR 83 404833048"),
        ("BE0403227514", "15", "BE 0403.227.515"),
        ("CHE-123.456.789", "8", "CHE-123.456.788"),
        ("B58378430", "1", "ESB58378431"),
        ("IT00743110158", "7", "IT00743110157"),
        ("RCCMNL83S18D969A", "H", "RCCMNL83S18D969H"),
        ("35600000000041", None, None),
    ],
)
def test_a_wrong_check_digit_is_named_with_the_right_one(
    typed: str, expected: str | None, corrected: str | None
) -> None:
    number = read_identifier(typed)
    assert (number.valid, number.fault) == (False, Fault.CHECK_DIGITS)
    assert (number.expected, number.corrected_written) == (expected, corrected)


def test_nothing_is_corrected_where_the_check_digit_is_not_all_that_is_wrong() -> None:
    # the first nine digits are no SIREN, whatever the last five are
    assert (read_identifier("55208131800022").valid, read_identifier("55208131800022").corrected) == (False, None)


@pytest.mark.parametrize("typed", ["siren:55208131", "siret:552081317", "lei:ABC", "gb-coh:123456789"])
def test_a_number_that_has_not_the_form_of_its_scheme_is_wrong(typed: str) -> None:
    assert read_identifier(typed).fault is Fault.FORM


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        (SIREN, Found.WITHIN),
        ("FR03552081317", Found.ALONE),
        ("kvk:12345678", Found.NAMED),
        ("xyz:1234567", Found.NAMED),
        ("xyz:1", Found.LISTED),
        ("12345678", Found.LISTED),
        ("cpv:35100000", Found.BRANCH),
    ],
)
def test_where_a_number_is_looked_for_is_told(typed: str, found: Found) -> None:
    assert read_identifier(typed).found is found


def test_the_check_digits_in_a_text_are_those_of_the_registers() -> None:
    assert vat_key("404833048") == "83"
    assert luhn("404833048")
    assert not luhn("404833049")
    # 3+5+6+1 is a multiple of five, and no Luhn number: La Poste
    assert siret_is_valid("35600000000010")
    assert not siret_is_valid("35600000000011")


@pytest.mark.parametrize(
    ("typed", "carried", "rule"),
    [
        ("kbo:0403.227.515", "vat:BE0403227515", Rule.VAT),
        ("BE0403227515", "BE 0403 227 515", Rule.VAT),
        ("DE136695976", "DE 136 695 976", Rule.VAT),
        ("eutr:880143435725-46", "eutr:880143435725-46", Rule.IDENTIFIER),
        ("SC123456", "GB-COH:SC123456", Rule.REGISTER_NUMBER),
        (SIREN, "siret:55208131766522", Rule.SIREN_IN_SIRET),
        (SIREN, "vat:FR03552081317", Rule.SIREN_IN_VAT),
        (SIREN, "duns:552081317", None),
        ("xyz:1", "XYZ:1", Rule.IDENTIFIER),
        ("xyz:1", "abc:1", None),
        ("HRB 12345", "HRB 12345 München", Rule.REGISTER_NUMBER),
        ("HRB 12345 München", "Amtsgericht München HRB 12345", Rule.REGISTER_NUMBER),
        ("HRB 12345 München", "HRB 12345 Köln", None),
    ],
)
def test_the_numbers_that_a_notice_carries_are_compared_as_what_they_are(
    typed: str, carried: str, rule: Rule | None
) -> None:
    hit = find(typed, identifiers=(carried,))
    assert (hit and hit.rule) == rule


@pytest.mark.parametrize(
    ("fields", "tier"),
    [
        ({"identifiers": ("siren:404833048",)}, Tier.WEAK),
        ({"identifiers": ("siren:404833048",), "suppliers": ("Axovial",)}, Tier.WEAK),
        ({"identifiers": ("siren:404833048", "siren:552081317")}, Tier.IDENTIFIER),
        ({"identifiers": ("siren:404833048", "siren:356000000")}, Tier.EXACT),
        ({"identifiers": ("siren:404833048",), "buyer": "Ville de Lyon"}, Tier.EXACT),
        ({"identifiers": ("duns:404833048",)}, Tier.EXACT),
        ({"identifiers": ("siren:404833048",), "suppliers": ("Axovial", "Valmarin")}, Tier.EXACT),
        ({}, Tier.EXACT),
    ],
)
def test_a_name_is_weak_in_a_notice_about_one_company_that_has_another_siren(
    fields: dict[str, object], tier: Tier
) -> None:
    hit = find(SIREN, "Axovial a déménagé", **fields)
    assert hit is not None
    assert hit.tier is tier


@settings(max_examples=60)
@given(
    st.sets(st.integers(1, 8)),
    st.sampled_from(GAPS),
    st.sampled_from(["", "SIREN ", "n°", "(", "Axovial, ", "RCS Paris B ", "\n", "\u0153uvre &eacute; "]),
    st.sampled_from(["", ".", ")", ", Paris", " RCS Paris", "\n000", "\u00a0;", " 75008 Paris"]),
)
@example({3, 6}, "\u202f", "", "")
def test_a_siren_is_found_in_any_grouping(cuts: set[int], gap: str, before: str, after: str) -> None:
    written = grouped(SIREN, cuts, gap)
    text = f"{before}{written}{after}"
    hit = find(SIREN, text)
    assert hit is not None
    assert (hit.matched, hit.tier) == (written, Tier.IDENTIFIER)
    assert text[hit.start : hit.end] == written


@settings(max_examples=40)
@given(st.sets(st.integers(2, 13)), st.sampled_from(GAPS), st.sampled_from(["55208131766522", "FR03552081317"]))
def test_a_siren_is_found_inside_its_siret_and_its_vat_number_in_any_grouping(
    cuts: set[int], gap: str, number: str
) -> None:
    written = grouped(number, {cut for cut in cuts if cut < len(number)}, gap)
    hit = find(SIREN, f"voir {written}, merci")
    assert hit is not None
    assert (hit.rule, hit.matched) == ("siren_in_siret" if number[0] == "5" else "siren_in_vat", written)


@settings(max_examples=60)
@given(
    st.text("0123456789", max_size=6),
    st.text("0123456789", max_size=6),
    st.sampled_from([*(kind for kind in (SIREN, "DK13585628", "W751234567", "969500T7W5ZJ8C3KQX47"))]),
)
def test_a_number_is_never_found_inside_a_longer_run(before: str, after: str, number: str) -> None:
    if not before + after:
        before = "1"
    digits = number.removeprefix("DK")
    hit = find(number, f"CVR x{before}{digits}{after}" if digits[0] == "W" else f"CVR {before}{digits}{after}")
    if hit is not None:  # its own SIRET
        assert (hit.rule, before, len(after)) == ("siren_in_siret", "", 5)


@settings(max_examples=80)
@given(
    st.text(st.characters(exclude_categories=()), max_size=40),
    st.lists(
        st.sampled_from([SIREN, "552", " 081 ", "FR03", "W", "HRB ", "12345", ".", "-", "\x1f", "|", "€", "\ud800"])
    ),
)
def test_any_text_and_any_number_are_read(typed: str, parts: list[str]) -> None:
    number = read_identifier(typed)
    assert number.typed == typed
    text = "".join(parts) + typed
    items = [
        WatchItem(kind=ItemKind.COMPANY, name="Axovial", identifiers=(one,))
        for one in (typed, SIREN, "HRB 12345", "W751234567")
    ]
    for hit in Matcher(items).find(Notice(id="n", text=text, identifiers=(typed,), cpv=(typed,))):
        if hit.field == "text":
            assert text[hit.start : hit.end] == hit.matched


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: f"{kind.scheme}-{kind.prefix}")
def test_every_kind_of_number_has_a_check_that_can_be_asked(kind: object) -> None:
    from bot.matching.identifiers.check_digits import judged  # noqa: PLC0415  # what the table names is imported only here

    assert judged(kind, "0").valid in {False, None}  # type: ignore[arg-type]


def test_a_number_that_stands_ten_thousand_times_is_counted_up_to_a_thousand() -> None:
    hit = find(SIREN, "SIREN 552 081 317 ; " * 10_000)
    assert hit is not None
    assert (hit.count, hit.start) == (1_000, 6)


def test_a_number_is_found_behind_ten_thousand_others() -> None:
    text = "".join(f"RCS {number:09} ; " for number in range(10_000)) + "1234567890 " * 10_000 + "552 081 317"
    hit = find(SIREN, text)
    assert hit is not None
    assert hit.start == text.rindex("552 081 317")


def test_two_items_with_one_number_in_two_courts_are_told_apart() -> None:
    items = [
        WatchItem(kind=ItemKind.COMPANY, name="Axovial", identifiers=(f"HRB 12345{court}",), ref=court)
        for court in ("", " München", " Köln")
    ]
    hits = Matcher(items).find(Notice(id="n", text="Handelsregister: Amtsgericht Köln, HRB Nr. 12345"))
    assert [hit.ref for hit in hits] == ["", " Köln"]


@pytest.mark.parametrize("number", [f"{country}136695976" for country in ("DE", "GB", "PT", "LT", "EE", "EL", "BG")])
@pytest.mark.parametrize("typed", ["vat:{}", "TVA {}", "VAT No: {}", "n° TVA : {}"])
def test_nine_digits_after_the_letters_of_another_country_are_no_french_vat_number(number: str, typed: str) -> None:
    read = read_identifier(typed.format(number))
    assert (read.scheme, read.value) == ("vat", number)


@pytest.mark.parametrize("country", ["DE", "GB", "PT", "LT", "EE", "EL", "BG", "GR"])
def test_a_foreign_vat_number_is_no_siren_and_lowers_no_french_company(country: str) -> None:
    foreign = (f"vat:{country}136695976",)
    assert find("136695976", identifiers=foreign) is None
    hit = find(SIREN, identifiers=foreign, suppliers=("Axovial",))
    assert hit is not None
    assert (hit.tier, hit.rule) == (Tier.EXACT, Rule.SAME_WORDS)


def test_a_vat_number_of_another_country_is_found_among_those_a_notice_carries() -> None:
    hit = find("DE136695976", identifiers=("vat:DE136695976",))
    assert hit is not None
    assert (hit.tier, hit.rule) == (Tier.IDENTIFIER, Rule.VAT)


@pytest.mark.parametrize("typed", ["n° TVA : BE 0403.227.515", "VAT No: BE0403227515"])
def test_a_country_apart_from_its_vat_number_is_read_after_words_and_a_colon(typed: str) -> None:
    assert read_identifier(typed).value == "BE0403227515"


CURRENCIES = """
AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CLP CNY COP
CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR IQD
IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR
MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP
SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VED VES VND VUV WST XAF XCD XCG
XOF XPF YER ZAR ZMW ZWG
""".split()  # noqa: SIM905  # many codes read best as a text
"""The currencies of ISO 4217 that people pay with."""


def test_a_number_beside_the_code_of_any_currency_is_an_amount() -> None:
    item = WatchItem(kind=ItemKind.COMPANY, name="Halvoris", identifiers=("552081317",))
    matcher = Matcher([item])
    texts = [text for code in CURRENCIES for text in (f"soit {code} 552 081 317 HT", f"soit 552 081 317 {code}.")]
    assert [text for text in texts if matcher.find(Notice(id="n", text=text))] == []
    assert matcher.find(Notice(id="n", text="soit XYZ 552 081 317 XYZ."))


@pytest.mark.parametrize("typed", ["siren:", "siren: -", "siren: ;", "xyz:", "—"])
def test_what_has_no_letter_or_digit_behind_its_scheme_is_no_number(typed: str) -> None:
    assert (read_identifier(typed).value, read_identifier(typed).scheme) == ("", "")
    assert find(typed, identifiers=(typed,)) is None
