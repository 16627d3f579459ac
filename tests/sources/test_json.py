from __future__ import annotations

from decimal import Decimal

import pytest

from bot.errors import SourceError
from bot.sources._reading import strict_json


def test_fractions_stay_decimal() -> None:
    assert strict_json.loads('{"a": 0.1, "b": 1e17}') == {"a": Decimal("0.1"), "b": Decimal("1e17")}


@pytest.mark.parametrize("text", ["NaN", "Infinity", "-Infinity", "1e99999999999999999999"])
def test_what_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"not a number|represented"):
        strict_json.loads(text)


@pytest.mark.parametrize("text", ["1e100000000", "-2.5E-100000000", "0e100000000", "9" * 5000])
def test_a_number_that_would_fill_the_memory_when_written_out_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="beyond all measure"):
        strict_json.loads(f'{{"montant": {text}}}')


def test_a_whole_number_of_100_digits_is_read() -> None:
    assert strict_json.loads("9" * 101) == Decimal("9" * 101)


def test_a_key_that_stands_twice_is_refused_by_its_name() -> None:
    with pytest.raises(ValueError, match="'idweb' stands twice"):
        strict_json.loads('[{"idweb": 1, "objet": 2, "idweb": 3}]')


def test_json_nested_too_deeply_is_refused() -> None:
    with pytest.raises(ValueError, match="nested too deeply"):
        strict_json.loads("[" * 100_000 + "]" * 100_000)


@pytest.mark.parametrize(
    ("payload", "said"),
    [
        (b"", "empty"),
        (b"\n <html>", "HTML"),
        ("<p>é".encode("latin-1"), "HTML"),
        ('"été"'.encode("latin-1"), "not UTF-8"),
        (b'{"a": [1, 2', "cut off"),
    ],
)
def test_an_answer_that_is_no_json_is_refused_in_plain_words(payload: bytes, said: str) -> None:
    with pytest.raises(SourceError, match=said):
        strict_json.load(payload)


def test_a_byte_order_mark_is_passed_over() -> None:
    assert strict_json.load(b"\xef\xbb\xbf[1]") == [1]


def test_the_hash_ignores_the_order_of_keys_and_nothing_else() -> None:
    assert strict_json.sha256({"a": 1, "b": Decimal("1.0")}) == strict_json.sha256({"b": Decimal("1.0"), "a": 1})
    assert strict_json.sha256({"a": [1, 2]}) != strict_json.sha256({"a": [2, 1]})
