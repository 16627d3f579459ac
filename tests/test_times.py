from __future__ import annotations

from datetime import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.dates.times import MOST_TYPED, PROPOSALS, proposed_times, read_time
from bot.errors import UserError


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("08:30", time(8, 30)),
        ("8:30", time(8, 30)),
        ("8h30", time(8, 30)),
        ("8 h 30", time(8, 30)),
        ("8\u202fh\u00a030", time(8, 30)),
        ("8H30", time(8, 30)),
        ("\uff18\uff1a\uff13\uff10", time(8, 30)),
        ("8 heures 30", time(8, 30)),
        ("8.30", time(8, 30)),
        ("  8:30  ", time(8, 30)),
        ("18h", time(18)),
        ("18 heures", time(18)),
        ("8", time(8)),
        ("0", time(0)),
        ("23h59", time(23, 59)),
        ("8:30 am", time(8, 30)),
        ("8:30 pm", time(20, 30)),
        ("8 pm", time(20)),
        ("8PM", time(20)),
        ("8 p.m.", time(20)),
        ("12 am", time(0)),
        ("12:30 am", time(0, 30)),
        ("12 pm", time(12)),
        ("midi", time(12)),
        ("Minuit", time(0)),
        ("noon", time(12)),
        ("midnight", time(0)),
    ],
)
def test_a_time_is_read_as_people_type_it(typed: str, expected: time) -> None:
    assert read_time(typed) == expected


@pytest.mark.parametrize(
    "typed",
    ["", "  ", "x", "8:3", "8:", ":30", "24:00", "8:60", "-1", "0830", "8:30:00", "13 pm", "0 am", "8 30", "٨:٣٠", "8½",
     "demain", "8h30 ou 9h", "\u200b"],
)  # fmt: skip
def test_what_is_no_time_is_refused(typed: str) -> None:
    with pytest.raises(UserError) as refused:
        read_time(typed)
    assert refused.value.text == "digest-at"


def test_what_is_too_long_is_refused_whatever_it_says() -> None:
    long = "8" + " " * (MOST_TYPED - 1) + "h"
    assert read_time(long.replace(" ", "", 1).replace("  ", "")) == time(8)
    with pytest.raises(UserError):
        read_time(long)


@given(st.times())
def test_what_vigie_writes_is_read_again(at: time) -> None:
    at = at.replace(second=0, microsecond=0)
    assert read_time(at.isoformat("minutes")) == at
    assert read_time(f"{at.hour} h {at:%M}") == at


@given(st.text(max_size=40))
def test_any_text_is_read_or_refused_and_proposals_are_few(typed: str) -> None:
    try:
        read = read_time(typed)
    except UserError:
        pass
    else:
        assert proposed_times(typed)[0] == read
    assert len(proposed_times(typed)) <= PROPOSALS


def shown(typed: str) -> list[str]:
    return [half.isoformat("minutes") for half in proposed_times(typed)]


def test_the_half_hours_of_the_day_are_proposed_while_nothing_is_typed() -> None:
    proposed = shown("")
    assert (proposed[0], proposed[-1], len(proposed)) == ("06:00", "18:00", 25)


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("8", ["08:00", "08:30"]),
        ("08", ["08:00", "08:30"]),
        ("8h", ["08:00", "08:30"]),
        ("8 h 3", ["08:30"]),
        ("08:3", ["08:30"]),
        ("8:15", ["08:15"]),
        ("23", ["23:00", "23:30"]),
        ("8 pm", ["20:00", "20:30"]),
        ("midi", ["12:00", "12:30"]),
        ("x", []),
        ("8" * 30, []),
    ],
)
def test_the_half_hours_that_match_are_proposed(typed: str, expected: list[str]) -> None:
    assert shown(typed) == expected
