from __future__ import annotations

import datetime as dt
import subprocess
import sys
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.dates import MAX_CHARS, Precision, Prefers, TypedDate, echo, load, read_date, stored
from bot.dates.words import DAYS, MONTHS, SHORT_MONTHS, UNITS, WEEKDAYS
from bot.errors import UserError
from bot.locales import Language, Texts

PARIS = ZoneInfo("Europe/Paris")
SATURDAY = dt.datetime(2026, 11, 21, 14, 30, 15, tzinfo=dt.UTC)
FR, EN = Language.FR, Language.EN
FRENCH, ENGLISH = Texts(FR, PARIS), Texts(EN, PARIS)
PAST, FUTURE = Prefers.PAST, Prefers.FUTURE


def read(
    typed: str, language: Language = FR, prefers: Prefers = PAST, now: dt.datetime = SATURDAY, zone: dt.tzinfo = PARIS
) -> TypedDate:
    return read_date(typed, language=language, zone=zone, now=now, prefers=prefers)


def refusal(typed: str, language: Language = FR, prefers: Prefers = PAST) -> str:
    with pytest.raises(UserError) as refused:
        read(typed, language, prefers)
    for texts in (FRENCH, ENGLISH):
        assert "{" not in texts.error(refused.value)
    return refused.value.text


def noon(year: int, month: int, day: int) -> dt.datetime:
    return dt.datetime(year, month, day, 12, tzinfo=dt.UTC)


# --- ISO ---


@pytest.mark.parametrize(
    ("typed", "precision", "first", "last"),
    [
        ("2025-03-04", Precision.DAY, "2025-03-04", "2025-03-04"),
        ("2025-06-22", Precision.DAY, "2025-06-22", "2025-06-22"),
        ("2024-02-29", Precision.DAY, "2024-02-29", "2024-02-29"),
        ("2024-02", Precision.MONTH, "2024-02-01", "2024-02-29"),
        ("2025", Precision.YEAR, "2025-01-01", "2025-12-31"),
        ("1990", Precision.YEAR, "1990-01-01", "1990-12-31"),
        ("\u3000\uff12\uff10\uff12\uff15-03-04 ", Precision.DAY, "2025-03-04", "2025-03-04"),
    ],
)
@pytest.mark.parametrize("language", Language)
def test_an_iso_form_is_read_by_its_pattern(
    typed: str, precision: Precision, first: str, last: str, language: Language
) -> None:
    date = read(typed, language)
    assert (date.precision, str(date.first_day), str(date.last_day)) == (precision, first, last)
    assert not date.needs_confirmation


@given(st.dates(dt.date(1990, 1, 1), dt.date(2036, 11, 21)), st.sampled_from(Language), st.sampled_from(Prefers))
def test_an_iso_day_reads_as_itself(day: dt.date, language: Language, prefers: Prefers) -> None:
    date = read(day.isoformat(), language, prefers)
    assert date == TypedDate(day, Precision.DAY, None, day.isoformat(), needs_confirmation=False)


@pytest.mark.parametrize(
    "typed", ["2025-13-01", "2025-02-29", "2025-00", "2025-04-31", "2025-01-00", "2025-03-04 24:10"]
)
@pytest.mark.parametrize("language", Language)
def test_an_iso_shape_that_is_no_date_is_refused_and_not_passed_on(typed: str, language: Language) -> None:
    assert refusal(typed, language) == "date-not-in-the-calendar"


# --- Day, month and year in figures ---


@pytest.mark.parametrize(
    "typed", ["03/04/2025", "3/4/2025", "03-04-2025", "03.04.2025", "3/4/25", "2025/04/03", "2025-4-3"]
)
def test_a_french_newsroom_writes_the_day_before_the_month(typed: str) -> None:
    assert read(typed).text == "2025-04-03"


@pytest.mark.parametrize("typed", ["03/04/2025", "3-4-2025", "3.4.25"])
def test_an_english_newsroom_is_told_both_readings_of_such_a_date(typed: str) -> None:
    with pytest.raises(UserError) as refused:
        read(typed, EN)
    for text in (ENGLISH.error(refused.value), FRENCH.error(refused.value)):
        assert "2025-04-03" in text
        assert "2025-03-04" in text
    assert "3 April 2025" in ENGLISH.error(refused.value)
    assert "4 mars 2025" in FRENCH.error(refused.value)


@pytest.mark.parametrize(
    ("typed", "text"), [("13/04/2025", "2025-04-13"), ("04/13/2025", "2025-04-13"), ("5/5/2025", "2025-05-05")]
)
def test_an_english_newsroom_may_type_figures_with_one_reading(typed: str, text: str) -> None:
    assert read(typed, EN).text == text


@pytest.mark.parametrize("typed", ["04/13/2025", "31/04/2025", "29/02/2025", "00/01/2025", "13/2025", "31/02"])
def test_figures_that_are_no_date_are_refused(typed: str) -> None:
    assert refusal(typed) == "date-not-in-the-calendar"


def test_figures_without_a_year_take_the_nearest_on_the_preferred_side() -> None:
    assert read("12/05").text == "2026-05-12"
    assert read("12/05", prefers=FUTURE).text == "2027-05-12"
    assert read("21/11").text == read("21/11", prefers=FUTURE).text == "2026-11-21"
    assert read("29/02").text == "2024-02-29"
    assert read("29/02", prefers=FUTURE).text == "2028-02-29"


# --- What people say ---


@pytest.mark.parametrize(
    ("typed", "text"),
    [
        ("aujourd'hui", "2026-11-21"),
        ("Aujourd\u2019hui", "2026-11-21"),
        ("hier", "2026-11-20"),
        ("avant-hier", "2026-11-19"),
        ("hier soir", "2026-11-20"),
        ("ce matin", "2026-11-21"),
        ("demain", "2026-11-22"),
        ("après-demain", "2026-11-23"),
        ("today", "2026-11-21"),
        ("yesterday", "2026-11-20"),
        ("the day before yesterday", "2026-11-19"),
        ("TOMORROW", "2026-11-22"),
        ("mardi dernier", "2026-11-17"),
        ("mardi prochain", "2026-11-24"),
        ("last tuesday", "2026-11-17"),
        ("next Tuesday", "2026-11-24"),
        ("mai 2025", "2025-05"),
        ("mai", "2026-05"),
        ("en décembre", "2025-12"),
        ("sept. 2025", "2025-09"),
        ("in May 2025", "2025-05"),
        ("12/2025", "2025-12"),
        ("début mars 2025", "2025-03-early"),
        ("mi-novembre 2020", "2020-11-mid"),
        ("à la mi-mars", "2026-03-mid"),
        ("fin mai", "2026-05-late"),
        ("fin décembre", "2025-12-late"),
        ("late May", "2026-05-late"),
        ("mid-November 2020", "2020-11-mid"),
        ("early March 2025", "2025-03-early"),
        ("fin 2024", "2024-late"),
        ("mid-2024", "2024-mid"),
        ("T1 2025", "2025-Q1"),
        ("Q1 2025", "2025-Q1"),
        ("2025-T4", "2025-Q4"),
        ("1er trimestre 2025", "2025-Q1"),
        ("third quarter of 2025", "2025-Q3"),
        ("il y a 3 jours", "2026-11-18"),
        ("il y a deux semaines", "2026-W45"),
        ("il y a 3 mois", "2026-08"),
        ("il y a 2 ans", "2024"),
        ("il y a 15 heures", "2026-11-21"),
        ("il y a 16 heures", "2026-11-20"),
        ("3 days ago", "2026-11-18"),
        ("a week ago", "2026-W46"),
        ("two months ago", "2026-09"),
        ("in 10 days", "2026-12-01"),
        ("la semaine dernière", "2026-W46"),
        ("ce mois-ci", "2026-11"),
        ("le trimestre dernier", "2026-Q3"),
        ("l'an dernier", "2025"),
        ("last month", "2026-10"),
        ("this week", "2026-W47"),
    ],
)
@pytest.mark.parametrize("language", Language)
def test_what_people_say_is_read_in_either_language(typed: str, text: str, language: Language) -> None:
    date = read(typed, language)
    assert date.text == text
    assert date.needs_confirmation


@pytest.mark.parametrize(
    ("typed", "text"),
    [
        ("demain 18h", "2026-11-22T18:00+01:00"),
        ("demain à 18 h 30", "2026-11-22T18:30+01:00"),
        ("vendredi 18:30", "2026-11-27T18:30+01:00"),
        ("tomorrow at 6pm", "2026-11-22T18:00+01:00"),
        ("tomorrow 12:05 am", "2026-11-22T00:05+01:00"),
        ("demain midi", "2026-11-22T12:00+01:00"),
        ("2027-07-01 10:30", "2027-07-01T10:30+02:00"),
        ("2027-07-01 10h", "2027-07-01T10:00+02:00"),
        ("dans 2 heures", "2026-11-21T17:30+01:00"),
        ("in 30 minutes", "2026-11-21T16:00+01:00"),
        ("dans 3 jours", "2026-11-24"),
        ("dans deux semaines", "2026-12-05"),
        ("in 3 months", "2027-02-21"),
        ("dans un an", "2027-11-21"),
        ("fin mai", "2027-05-late"),
        ("fin novembre", "2026-11-late"),
        ("décembre", "2026-12"),
        ("la semaine prochaine", "2026-W48"),
        ("next month", "2026-12"),
    ],
)
def test_a_deadline_is_read_to_the_day_or_minute_that_was_counted(typed: str, text: str) -> None:
    assert read(typed, prefers=FUTURE).text == text


@pytest.mark.parametrize("days_on", range(7))
@pytest.mark.parametrize("name", WEEKDAYS)
def test_a_weekday_is_the_nearest_of_that_name_but_never_today(name: str, days_on: int) -> None:
    now = SATURDAY + dt.timedelta(days=days_on)
    today = now.date()
    last, following = read(name, now=now).first_day, read(name, prefers=FUTURE, now=now).first_day
    assert last.weekday() == following.weekday() == WEEKDAYS[name]
    assert 1 <= (today - last).days <= 7
    assert 1 <= (following - today).days <= 7
    assert read(f"{name} dernier", prefers=FUTURE, now=now).first_day == last
    assert read(f"next {name}", now=now).first_day == following


@pytest.mark.parametrize(
    ("typed", "today", "text"),
    [
        ("il y a 1 mois", noon(2026, 3, 31), "2026-02"),
        ("il y a 13 mois", noon(2026, 1, 31), "2024-12"),
        ("last month", noon(2026, 3, 31), "2026-02"),
        ("hier", noon(2024, 3, 1), "2024-02-29"),
        ("il y a 1 an", noon(2024, 2, 29), "2023"),
    ],
)
def test_the_ends_of_months_do_not_spill_over(typed: str, today: dt.datetime, text: str) -> None:
    assert read(typed, now=today).text == text


@pytest.mark.parametrize(
    ("typed", "today", "text"),
    [
        ("dans 1 mois", noon(2026, 1, 31), "2026-02-28"),
        ("dans un an", noon(2024, 2, 29), "2025-02-28"),
        ("dans 1 mois", noon(2026, 12, 31), "2027-01-31"),
    ],
)
def test_a_month_counted_on_ends_with_a_shorter_month(typed: str, today: dt.datetime, text: str) -> None:
    assert read(typed, prefers=FUTURE, now=today).text == text


def test_today_is_the_newsrooms() -> None:
    late = dt.datetime(2026, 11, 21, 23, 30, tzinfo=dt.UTC)
    assert read("hier", now=late).text == "2026-11-21"
    assert read("hier", now=late, zone=dt.UTC).text == "2026-11-20"


@pytest.mark.parametrize("month", MONTHS)
def test_a_month_stays_a_month(month: str) -> None:
    date = read(f"{month} 2025", now=noon(2026, 5, 31))
    assert (date.precision, date.first_day) == (Precision.MONTH, dt.date(2025, MONTHS[month], 1))


# --- Days with a month in letters (dateparser) ---


@pytest.mark.parametrize(
    ("typed", "language", "text"),
    [
        ("4 mars 2025", FR, "2025-03-04"),
        ("1er mars 2025", FR, "2025-03-01"),
        ("le 3 avr. 2025", FR, "2025-04-03"),
        ("3 avril 25", FR, "2025-04-03"),
        ("15 AOÛT 2026", FR, "2026-08-15"),
        ("29 février", FR, "2024-02-29"),
        ("mardi 25 novembre 2025", FR, "2025-11-25"),
        ("mar. 25 novembre 2025", FR, "2025-11-25"),
        ("3 avril 18h", FR, "2026-04-03T18:00+02:00"),
        ("Le jeudi 3 avril 2025 à 10:30", FR, "2025-04-03T10:30+02:00"),
        ("4 March 2025", EN, "2025-03-04"),
        ("March 4th, 2025", EN, "2025-03-04"),
        ("Mar 4 2025", EN, "2025-03-04"),
        ("Tue 4 March 2025", EN, "2025-03-04"),
        ("Tuesday, 4 March 2025", EN, "2025-03-04"),
        ("4 March 2025 6:30 pm", EN, "2025-03-04T18:30+01:00"),
        ("May 25", EN, "2026-05-25"),
    ],
)
def test_a_day_with_its_month_in_letters_is_read_in_the_newsrooms_language(
    typed: str, language: Language, text: str
) -> None:
    assert read(typed, language).text == text


@pytest.mark.parametrize(("typed", "language"), [("4 March 2025", FR), ("3 avril 2025", EN), ("15 M EUR", FR)])
def test_another_languages_month_is_refused(typed: str, language: Language) -> None:
    assert refusal(typed, language) == "date-unread"


@pytest.mark.parametrize(("typed", "language"), [("12 mai", FR), ("12 May", EN)])
def test_a_day_without_a_year_lies_on_the_side_that_the_field_prefers(typed: str, language: Language) -> None:
    assert read(typed, language).text == "2026-05-12"
    assert read(typed, language, FUTURE).text == "2027-05-12"


def test_a_year_of_two_digits_is_the_same_on_either_side() -> None:
    assert read("3 avril 25").text == read("3 avril 25", prefers=FUTURE).text == "2025-04-03"


@pytest.mark.parametrize(
    "typed", ["lundi 25 novembre 2025", "lun. 25 novembre 2025", "lundi 25/11/2025", "mardi 3 mars 2025"]
)
def test_a_weekday_that_does_not_agree_is_refused(typed: str) -> None:
    assert refusal(typed) == "date-weekday"


@pytest.mark.parametrize(
    "typed",
    [
        "31 juin 2025", "30 février", "29 février 2025", "hier 25:00", "demain 10:75",
    ],
)  # fmt: skip
def test_a_day_or_hour_that_does_not_exist_is_refused(typed: str) -> None:
    assert refusal(typed) == "date-not-in-the-calendar"


# --- What is refused ---


@pytest.mark.parametrize(
    "typed",
    [
        "42", "7", "20250304", "1679900000", "-1", "+2", "1.5", "5m", "sa", "di", "ma", "me", "mar", "sept", "janv.",
        "sun", "a1", "2025-W10", "12 5", "1 2 3",
    ],
)  # fmt: skip
@pytest.mark.parametrize("language", Language)
def test_a_bare_number_or_a_lone_abbreviation_is_refused(typed: str, language: Language) -> None:
    assert refusal(typed, language) == "date-number"


@pytest.mark.parametrize("typed", ["10h", "10h30", "18:30", "6pm", "midi", "à 10h"])
@pytest.mark.parametrize("language", Language)
def test_a_time_without_a_day_is_refused(typed: str, language: Language) -> None:
    assert refusal(typed, language) == "date-no-day"


@pytest.mark.parametrize(
    "typed",
    [
        "2025-03-04 10:30 Europe/Paris", "3 avril 2025 CET", "3 avril 2025 EST", "3 avril 2025 10:30 UTC",
        "2025-03-04T10:30Z", "2025-03-04T10:30+01:00",
    ],
)  # fmt: skip
def test_another_time_zone_is_refused(typed: str) -> None:
    assert refusal(typed) == "date-time-zone"


@pytest.mark.parametrize(
    "typed",
    [
        "minuit", "foo", "depuis mars 2025", "avant le 3 avril 2025", "3 mai ou 4 juin 2025", "entre 3 et 4 avril 2025",
        "mars-avril 2025", "-1 mai 2025", "mai -2025", "100 avril 2025", "mai 25", "mai 2025 10h", "T1 2025 18:30",
        "\u0663 avril 2025", "3 avril\x002025", "year", "last tuesday next", "12 mai 12 mai 12 mai",
    ],
)  # fmt: skip
def test_other_words_are_refused(typed: str) -> None:
    assert refusal(typed) == "date-unread"


@pytest.mark.parametrize("typed", ["03-04-2025 the", "3/4 the", "21st day"])
def test_figures_beside_a_stray_word_do_not_slip_past_the_two_readings(typed: str) -> None:
    assert refusal(typed, EN) == "date-unread"


@pytest.mark.parametrize("typed", ["", "   ", "\u3000"])
def test_nothing_is_refused_with_examples(typed: str) -> None:
    assert refusal(typed) == "date-empty"


@pytest.mark.parametrize("typed", ["4" * 20_000, "\ufdfa" * 10, "4 mars 2025" + " x" * 30])
def test_a_long_text_is_refused_before_it_is_read(typed: str) -> None:
    assert refusal(typed) == "date-too-long"
    assert read("2025" + " " * MAX_CHARS).text == "2025"


@pytest.mark.parametrize(
    "typed",
    [
        "1985", "1989-12-31", "2036-11-22", "2077", "12/05/0001", "12/05/95", "dans 9999 jours", "0001-01-01 00:00",
        "9999-12-31 23:59", "mai 1989",
    ],
)  # fmt: skip
@pytest.mark.parametrize("language", Language)
def test_a_date_outside_1990_to_ten_years_on_is_refused(typed: str, language: Language) -> None:
    assert refusal(typed, language) == "date-bounds"


def test_the_bounds_themselves_are_dates() -> None:
    assert read("1990-01-01").text == "1990-01-01"
    assert read("2036-11-21").text == "2036-11-21"


# --- The clock changes ---


@pytest.mark.parametrize("typed", ["2026-03-29 02:30", "29 mars 2026 2h30", "29/03/2026 02:00"])
def test_a_time_that_the_clocks_skip_is_refused(typed: str) -> None:
    assert refusal(typed) == "date-no-such-time"


@pytest.mark.parametrize("typed", ["2026-10-25 02:30", "25 octobre 2026 2h30"])
def test_a_time_that_comes_twice_is_the_first(typed: str) -> None:
    date = read(typed)
    assert date.value == dt.datetime(2026, 10, 25, 0, 30, tzinfo=dt.UTC)
    assert date.text == "2026-10-25T02:30+02:00"


# --- What is kept and shown ---


@pytest.mark.parametrize(
    ("typed", "french", "english"),
    [
        ("2025-04-03", "jeudi 3 avril 2025", "Thursday 3 April 2025"),
        ("mi-novembre 2020", "novembre 2020 (vers le milieu)", "November 2020 (around the middle)"),
        ("fin 2024", "2024 (vers la fin)", "2024 (around the end)"),
        ("début 2024", "2024 (vers le début)", "2024 (around the beginning)"),
        ("mai 2025", "mai 2025", "May 2025"),
        ("T1 2025", "1er trimestre 2025", "1st quarter 2025"),
        ("2025", "2025", "2025"),
        (
            "semaine dernière",
            "semaine du 9 novembre 2026 au 15 novembre 2026",
            "week of 9 November 2026 to 15 November 2026",
        ),
        ("2025-04-03 00:30", "jeudi 3 avril 2025 à 00:30", "Thursday 3 April 2025 at 00:30"),
    ],
)
def test_what_was_understood_is_shown_in_long_form(typed: str, french: str, english: str) -> None:
    date = read(typed)
    assert (echo(FRENCH, date), echo(ENGLISH, date)) == (french, english)


MONTH = st.sampled_from(sorted(MONTHS))
YEAR = st.integers(1990, 2036).map(str)
SAID = st.one_of(
    st.sampled_from(sorted(DAYS)),
    st.builds("{} {}".format, MONTH, YEAR),
    st.builds("{}-{} {}".format, st.sampled_from(["début", "mi", "fin", "late"]), MONTH, YEAR),
    st.builds("{} {}".format, st.sampled_from(["début", "mi", "fin"]), YEAR),
    st.builds("T{} {}".format, st.integers(1, 4), YEAR),
    st.builds("il y a {} {}s".format, st.integers(0, 40), st.sampled_from(sorted(UNITS))),
    st.builds("in {} {}s".format, st.integers(0, 200), st.sampled_from(sorted(UNITS))),
    st.builds("{:%Y-%m-%d} {:02}:{:02}".format, st.dates(), st.integers(0, 24), st.integers(0, 60)),
    st.builds("{} {} {}".format, st.integers(0, 32), MONTH, YEAR),
    st.builds("{}/{}/{}".format, st.integers(0, 32), st.integers(0, 13), YEAR),
)
PIECES = st.lists(
    st.one_of(
        st.sampled_from(sorted({*MONTHS, *SHORT_MONTHS, *DAYS, *WEEKDAYS, *UNITS})),
        st.sampled_from(
            ["il y a", "dans", "in", "ago", "à", "h", ":", "/", "-", "+", ".", "fin", "T", "1er", "UTC", "pm"]
        ),
        st.integers(0, 100_000).map(str),
        st.text(max_size=3),
    ),
    max_size=8,
).flatmap(lambda pieces: st.sampled_from([" ".join(pieces), "".join(pieces)]))


@settings(max_examples=200)
@given(
    st.one_of(st.text(max_size=200), PIECES, SAID),
    st.sampled_from(Language),
    st.sampled_from(Prefers),
    st.sampled_from([SATURDAY, noon(2024, 2, 29), noon(2026, 3, 31), noon(2026, 1, 1)]),
)
def test_any_text_is_a_date_within_bounds_or_refused(
    typed: str, language: Language, prefers: Prefers, now: dt.datetime
) -> None:
    try:
        date = read(typed, language, prefers, now)
    except UserError:
        return
    assert (
        dt.date(1990, 1, 1) <= date.first_day <= dt.date(now.year + 10, now.month, min(now.day, 28)) + dt.timedelta(3)
    )
    assert date.first_day <= date.last_day
    assert echo(FRENCH, date)
    kept = stored(date.text, date.typed)
    assert (kept.value, kept.precision, kept.end, kept.text) == (date.value, date.precision, date.end, date.text)
    assert not kept.needs_confirmation


@pytest.mark.parametrize("text", ["", "x", "2025-13", "2025-Q5", "2025-W54", "2025-03-04T10:30", "2025-middle", "٢٠٢٥"])
def test_what_was_never_kept_is_not_read_back(text: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        stored(text, "")


def test_dateparser_is_not_imported_before_it_is_needed() -> None:
    program = "import sys, bot.dates; sys.exit('dateparser' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def test_a_language_can_be_loaded_beforehand() -> None:
    for language in Language:
        load(language)
    assert "dateparser" in sys.modules
