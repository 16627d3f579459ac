from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import UserError
from bot.locales import Language, Texts
from bot.markup import clean

PARIS = ZoneInfo("Europe/Paris")
FRENCH = Texts(Language.FR, PARIS)
ENGLISH = Texts(Language.EN, PARIS)


def test_half_past_ten_at_night_in_utc_is_the_next_day_in_paris() -> None:
    moment = datetime(2025, 4, 2, 22, 30, tzinfo=UTC)
    assert FRENCH.moment(moment) == "3 avril 2025 à 00:30"
    assert ENGLISH.moment(moment) == "3 April 2025 at 00:30"


def test_a_day_has_its_weekday_where_asked() -> None:
    assert FRENCH.day_long(date(2025, 4, 3)) == "jeudi 3 avril 2025"
    assert ENGLISH.day_long(date(2025, 4, 3)) == "Thursday 3 April 2025"


def test_the_first_of_a_month_is_an_ordinal_in_french() -> None:
    assert FRENCH.date(date(2025, 4, 1)) == "1er avril 2025"
    assert ENGLISH.date(date(2025, 4, 1)) == "1 April 2025"


@pytest.mark.parametrize(
    ("amount", "currency", "french", "english"),
    [
        ("1234567.89", "EUR", "1\u202f234\u202f567,89\u00a0€", "€1,234,567.89"),
        ("1200000.00", "EUR", "1\u202f200\u202f000\u00a0€", "€1,200,000"),
        ("1200000.5", "EUR", "1\u202f200\u202f000,50\u00a0€", "€1,200,000.50"),
        ("0.005", "EUR", "0,005\u00a0€", "€0.005"),
        ("-12", "eur", "-12\u00a0€", "-€12"),
        ("1500", "écus", "1\u202f500\u00a0écus", "1,500\u00a0écus"),
        ("1500", None, "1\u202f500", "1,500"),
        ("1E+400", "EUR", "1E+400\u00a0EUR", "1E+400\u00a0EUR"),
    ],
)
def test_an_amount_is_written_as_its_language_does(
    amount: str, currency: str | None, french: str, english: str
) -> None:
    assert FRENCH.amount(Decimal(amount), currency) == french
    assert ENGLISH.amount(Decimal(amount), currency) == english


@given(st.decimals(allow_nan=False, allow_infinity=False), st.sampled_from(["EUR", "XXX", "?", None]))
def test_no_amount_loses_a_digit(amount: Decimal, currency: str | None) -> None:
    shown = "".join(character for character in FRENCH.amount(amount, currency) if character.isdigit())
    written = "".join(str(digit) for digit in amount.as_tuple().digits).strip("0")
    assert written in shown


@pytest.mark.parametrize(
    ("deadline", "french", "english"),
    [
        (date(2025, 4, 14), "dans 12 jours", "in 12 days"),
        (date(2025, 4, 3), "demain", "tomorrow"),
        (date(2025, 4, 2), "aujourd\u2019hui", "today"),
        (date(2025, 4, 1), "clos depuis hier", "closed yesterday"),
        (date(2025, 3, 30), "clos depuis 3 jours", "closed 3 days ago"),
        (datetime(2025, 4, 2, 9, 59, tzinfo=UTC), "clos aujourd\u2019hui", "closed today"),
        (datetime(2025, 4, 2, 10, 1, tzinfo=UTC), "aujourd\u2019hui", "today"),
        (datetime(2025, 4, 2, 22, 30, tzinfo=UTC), "demain", "tomorrow"),
    ],
)
def test_a_deadline_is_counted_in_days_of_the_newsroom(deadline: date | datetime, french: str, english: str) -> None:
    now = datetime(2025, 4, 2, 10, tzinfo=UTC)
    assert FRENCH.days_left(deadline, now) == french
    assert ENGLISH.days_left(deadline, now) == english


def test_a_length_of_time_is_told_in_two_units() -> None:
    assert FRENCH.duration(timedelta(hours=3, minutes=20, seconds=5)) == "3\u00a0heures et 20\u00a0minutes"
    assert ENGLISH.duration(timedelta(days=1, minutes=3)) == "1\u00a0day"
    assert ENGLISH.duration(timedelta(0)) == "0\u00a0seconds"


def test_things_are_listed_as_in_a_sentence() -> None:
    assert FRENCH.list_of(["a", "b", "c"]) == "a, b et c"
    assert ENGLISH.list_of(["a", "b", "c"]) == "a, b and c"


def test_a_plural_follows_its_language() -> None:
    assert FRENCH.plural("card-hit-count", 0) == "0 passage"
    assert ENGLISH.plural("card-hit-count", 0) == "0 passages"
    assert FRENCH.plural("card-hit-count", 12_345) == "12\u202f345 passages"


def test_a_whole_number_in_a_place_is_left_as_it_is_so_that_ids_can_be_typed() -> None:
    assert FRENCH("card-untitled", id=12345) == "Avis 12345, sans titre"


@pytest.mark.parametrize("hostile", ["{id}", "{0}", "{id.__class__}", "%s", "{{", "\\1", "\\g<0>"])
def test_a_value_is_never_read_as_a_format(hostile: str) -> None:
    assert FRENCH("card-untitled", id=hostile) == f"Avis {hostile}, sans titre"


def test_a_place_without_a_value_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        FRENCH("card-untitled")


def test_a_code_without_text_is_shown_as_it_is() -> None:
    assert FRENCH.word("tier", "from-a-newer-version") == "from-a-newer-version"


def test_an_error_is_told_in_the_language_of_the_person() -> None:
    error = UserError("query-too-short", word="a", least=2)
    said = "«\u00a0a\u00a0» est trop court\u00a0: tapez au moins 2 caractères, ou un sigle en capitales."
    assert FRENCH.error(error) == said


def test_the_counts_of_an_error_are_written_as_numbers_are_and_its_ids_are_not() -> None:
    too_long = FRENCH.error(UserError("too-long-tip", most=4_000, found=4_001))
    assert ("4\u202f000 caractères" in too_long, "4\u202f001" in too_long) == (True, True)
    assert "1234" in FRENCH.error(UserError("tip-erased", id=1234, person=7, at=datetime(2026, 11, 16, tzinfo=UTC)))


def test_values_are_cleaned_where_the_texts_are_bound_to_do_so_and_only_once() -> None:
    texts = FRENCH.through(clean)
    assert texts("card-untitled", id="*a*") == "Avis \\*a\\*, sans titre"
    assert texts("card-untitled", id=texts("card-untitled", id="*")) == "Avis Avis \\*, sans titre, sans titre"
    assert texts("card-untitled", id=texts.list_of(["*", "_"])) == "Avis \\* et \\_, sans titre"
    assert texts("card-untitled", id=["*", "_"]) == "Avis \\* et \\_, sans titre"
    assert texts.amount(Decimal(1), "*") == "1\u00a0\\*"
