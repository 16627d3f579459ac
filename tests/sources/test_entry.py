"""What entries of every source are read with: moments, amounts, and whether an answer can be believed at all."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from bot.errors import SourceError, SourceFault
from bot.sources import Form, Layout
from bot.sources._reading.entry import Entry, record_sha256, refuse_one_id

LAYOUT = Layout(form=Form.JSON, entries="notices", id="id", optional=("when", "amount"))


def entry(**fields: object) -> Entry:
    return Entry({"id": "26-1", **fields}, 1, LAYOUT, lenient=False)


@pytest.mark.parametrize("text", ["2026-11-20", "20261120", " 2026-11-20 "])
def test_a_moment_without_a_time_is_a_date(text: str) -> None:
    moment = entry(when=text).moment("when")

    assert (type(moment), moment) == (date, date(2026, 11, 20))


@pytest.mark.parametrize("text", ["2026-11-20T10:15:00Z", "20261120T101500", "2026-11-20T11:15:00+01:00"])
def test_a_moment_with_a_time_is_aware(text: str) -> None:
    assert entry(when=text).moment("when") == datetime(2026, 11, 20, 10, 15, tzinfo=UTC)


@pytest.mark.parametrize("amount", [Decimal("1e100000000"), "1e100000000", "0," + "0" * 200 + "1"])
def test_an_amount_beyond_all_measure_is_a_loss(amount: object) -> None:
    read = entry(amount=amount)

    assert (read.amount("amount"), [loss.field for loss in read.losses]) == (None, ["amount"])


def test_one_id_on_most_contents_is_refused() -> None:
    with pytest.raises(SourceError) as caught:
        refuse_one_id([("26-1", "a"), ("26-1", "b"), ("26-1", "c"), ("26-2", "d"), ("26-3", "e")], "id")

    assert (caught.value.fault, caught.value.entry, caught.value.values) == (
        SourceFault.ONE_ID,
        "26-1",
        {"count": "3", "total": "5"},
    )


@pytest.mark.parametrize(
    "seen",
    [
        [("26-1", "a")] * 50,
        [*[("26-1", "a")] * 50, ("26-2", "b")],
        [("26-1", "a"), ("26-1", "b"), ("26-1", "c"), ("26-1", "d")],
        [("26-1", "a"), ("26-1", "b"), ("26-1", "c"), ("26-2", "d"), ("26-3", "e"), ("26-4", "f")],
        [],
    ],
    ids=["one repeated", "two, one repeated", "few revisions", "half", "nothing"],
)
def test_repeats_short_answers_and_a_half_are_believed(seen: list[tuple[str, str]]) -> None:
    refuse_one_id(seen, "id")


def test_a_record_that_is_nested_too_deeply_is_refused_by_its_name() -> None:
    deep: list[object] = []
    for _ in range(100_000):
        deep = [deep]

    with pytest.raises(SourceError) as caught:
        record_sha256({"id": "26-1", "deep": deep}, "26-1")
    assert (caught.value.fault, caught.value.entry) == (SourceFault.UNREADABLE_RECORD, "26-1")
