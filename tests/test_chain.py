"""The hashes of the audit log: the same for the same, another for anything else, whatever the text."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import chain

LINK = chain.Link(
    guild_id=1001, number=1, made_at="2026-11-16T08:00:00.000000+00:00", made_by="7", action="tip add",
    subject="tip:1", commitment="0" * 64,
)  # fmt: skip
SALT = "0" * chain.SALT_BYTES * 2
VALUES = st.integers(-(2**63), 2**63 - 1) | st.text(st.characters())
"""What SQLite holds, and lone surrogates, which altered bytes are read as."""


@pytest.mark.parametrize(
    "change",
    [
        {"guild_id": 1002}, {"number": 2}, {"made_at": "x"}, {"made_by": "8"}, {"action": "x"}, {"subject": None},
        {"subject": "None"}, {"commitment": "1" * 64},
    ],
    ids=str,
)  # fmt: skip
def test_the_hash_of_an_entry_is_over_each_of_its_fields(change: dict[str, Any]) -> None:
    assert chain.hash_of(chain.START, replace(LINK, **change)) != chain.hash_of(chain.START, LINK)


def test_the_hash_of_an_entry_is_over_the_one_before() -> None:
    assert chain.hash_of("1" * 64, LINK) != chain.hash_of(chain.START, LINK)


def test_the_hashes_are_those_of_the_first_version() -> None:
    """Logs that were written are verified by every later version."""
    seal = chain.seal(SALT, "tip_revision", {"tip_id": 1, "text": "é"})
    assert (chain.hash_of(chain.START, LINK)[:16], seal[:16], chain.commitment(SALT, {}, [])[:16]) == (
        "2d284db0d76236c2", "8be29212970ed4cb", "e0bc5119e627c198",
    )  # fmt: skip


def test_a_column_that_a_later_schema_adds_leaves_the_seals_as_they_are() -> None:
    assert chain.seal(SALT, "fact", {"a": 1, "b": None}) == chain.seal(SALT, "fact", {"a": 1})


@given(st.dictionaries(st.text(), VALUES), st.dictionaries(st.text(), VALUES))
def test_rows_have_one_seal_where_they_are_the_same_only(one: dict[str, Any], other: dict[str, Any]) -> None:
    seals = [chain.seal(SALT, "fact", columns) for columns in (one, other)]
    assert (seals[0] == seals[1]) == (one == other)


def test_a_row_cannot_be_guessed_without_the_salt() -> None:
    columns = {"text": "Un dîner"}
    assert chain.seal(SALT, "tip_revision", columns) != chain.seal("1" * 32, "tip_revision", columns)
    assert chain.salted() != chain.salted()


@given(st.dictionaries(st.text(st.characters()), st.none() | VALUES))
def test_what_is_read_again_has_the_same_text(value: dict[str, Any]) -> None:
    text = chain.canonical(value)
    assert text.isascii()
    assert chain.canonical(json.loads(text)) == text


def test_what_json_does_not_have_is_refused() -> None:
    with pytest.raises(ValueError, match="JSON"):
        chain.canonical(float("nan"))
