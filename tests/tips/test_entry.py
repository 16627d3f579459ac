from __future__ import annotations

from datetime import timedelta

import pytest

from bot.entering import MOST_CHARS, TooLong, read_reason
from bot.errors import UserError
from bot.tips.entry import TypedTip, read_note, read_tip
from tests.factories import START
from tests.log_world import DATES


def refusal(**typed: str) -> str:
    with pytest.raises(UserError) as refused:
        read_tip(TypedTip(**{"text": "Un dîner", **typed}), DATES, START)  # type: ignore[arg-type]
    return refused.value.text


def test_a_tip_keeps_its_date_with_the_words() -> None:
    entry = read_tip(TypedTip(text=" Un dîner\u200b ", origin="un appel", heard="mardi dernier"), DATES, START)
    assert (entry.words.text, entry.words.origin) == ("Un dîner", "un appel")
    assert (entry.words.heard, entry.words.heard_typed) == ("2026-11-10", "mardi dernier")
    assert entry.heard is not None
    assert entry.heard.needs_confirmation


def test_a_tip_without_a_date_has_none() -> None:
    entry = read_tip(TypedTip(text="Un dîner"), DATES, START)
    assert (entry.words.heard, entry.words.heard_typed, entry.heard) == (None, None, None)


@pytest.mark.parametrize("typed", ["", " \n ", "\u200b"])
def test_a_tip_says_something(typed: str) -> None:
    assert refusal(text=typed) == "tip-empty"


def test_nothing_was_heard_on_a_day_to_come() -> None:
    ahead = (START + timedelta(days=3)).date().isoformat()
    assert refusal(heard=ahead) == "tip-heard-ahead"


def test_a_date_that_cannot_be_is_refused() -> None:
    assert refusal(heard="31 février").startswith("date-")


@pytest.mark.parametrize(("field", "kind"), [("text", TooLong.TIP), ("origin", TooLong.ORIGIN)])
def test_a_tip_may_be_as_long_as_stated_and_no_longer(field: str, kind: TooLong) -> None:
    most = MOST_CHARS[kind]
    read_tip(TypedTip(**{"text": "Un dîner", field: "a" * most}), DATES, START)  # type: ignore[arg-type]
    assert refusal(**{field: "a" * (most + 1)}) == kind


@pytest.mark.parametrize(
    ("read", "empty", "kind"),
    [(read_note, "note-empty", TooLong.NOTE), (read_reason, "reason-empty", TooLong.REASON)],
)
def test_notes_and_reasons_say_something_within_their_length(read: object, empty: str, kind: TooLong) -> None:
    assert callable(read)
    assert read("a" * MOST_CHARS[kind]) == "a" * MOST_CHARS[kind]
    for typed, text in ((" ", empty), ("a" * (MOST_CHARS[kind] + 1), kind)):
        with pytest.raises(UserError) as refused:
            read(typed)
        assert refused.value.text == text
