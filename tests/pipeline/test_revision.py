from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest

from bot.cards import Change
from bot.models import NoticeKind
from bot.pipeline.revision import material_changes
from tests.factories import make_notice

PARIS = timezone(timedelta(hours=1))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"title": "A"}, {"title": "B"}),
        ({"suppliers": ("A", "B")}, {"suppliers": ("B", "A")}),
        ({"amount": Decimal("10.0"), "currency": "EUR"}, {"amount": Decimal("10.00"), "currency": "EUR"}),
        ({"deadline": datetime(2026, 12, 1, 11, tzinfo=UTC)}, {"deadline": datetime(2026, 12, 1, 12, tzinfo=PARIS)}),
        ({"kind": NoticeKind.CANCELLATION}, {"kind": NoticeKind.CANCELLATION}),
        ({"kind": NoticeKind.CANCELLATION}, {"kind": NoticeKind.TENDER}),
        ({"currency": "EUR"}, {"currency": "USD"}),
    ],
)  # fmt: skip
def test_what_is_written_otherwise_is_no_change(before: dict[str, Any], after: dict[str, Any]) -> None:
    assert material_changes(make_notice(**before), make_notice(**after)) == ()


@pytest.mark.parametrize(
    ("before", "after", "change"),
    [
        ({"buyer": "A"}, {"buyer": None}, Change("buyer", "A", None)),
        ({"suppliers": ()}, {"suppliers": ("A",)}, Change("suppliers", [], ["A"])),
        (
            {"deadline": date(2026, 12, 1)},
            {"deadline": date(2026, 12, 2)},
            Change("deadline", "2026-12-01", "2026-12-02"),
        ),
        (
            {"deadline": date(2026, 12, 1)},
            {"deadline": datetime(2026, 12, 1, 0, 0, tzinfo=UTC)},
            Change("deadline", "2026-12-01", "2026-12-01T00:00:00+00:00"),
        ),
        (
            {"amount": Decimal(5), "currency": "EUR"},
            {"amount": Decimal(6), "currency": "EUR"},
            Change("amount", "5", "6"),
        ),
        (
            {"amount": Decimal(5), "currency": "EUR"},
            {"amount": Decimal(5), "currency": "USD"},
            Change("amount", "5 EUR", "5 USD"),
        ),
        ({"amount": None}, {"amount": Decimal(5), "currency": "EUR"}, Change("amount", None, "5 EUR")),
        ({"kind": NoticeKind.TENDER}, {"kind": NoticeKind.CANCELLATION}, Change("kind", "tender", "cancellation")),
    ],
)
def test_a_material_change_names_the_field_before_and_after(
    before: dict[str, Any], after: dict[str, Any], change: Change
) -> None:
    assert material_changes(make_notice(**before), make_notice(**after)) == (change,)


def test_several_changes_are_all_named() -> None:
    before, after = make_notice(buyer="A", suppliers=()), make_notice(buyer="B", suppliers=("C",))
    assert [change.field for change in material_changes(before, after)] == ["buyer", "suppliers"]


MATERIAL = frozenset({"spend", "leader"})


@pytest.mark.parametrize(
    ("before", "after", "changes"),
    [
        ((("spend", "0-10000"),), (("spend", "0-10000"),), ()),
        ((("comment", "A"),), (("comment", "B"),), ()),
        ((("leader", "A"), ("leader", "B")), (("leader", "B"), ("leader", "A")), ()),
        (
            (("spend", "0-10000"),),
            (("spend", "10000-25000"),),
            (Change("particular:spend", "0-10000", "10000-25000"),),
        ),
        ((), (("spend", "0-10000"),), (Change("particular:spend", None, "0-10000"),)),
        (
            (("leader", "A"), ("leader", "B")),
            (("leader", "B"),),
            (Change("particular:leader", ["A", "B"], "B"),),
        ),
    ],
)
def test_particulars_change_where_their_source_calls_them_material(
    before: tuple[tuple[str, str], ...], after: tuple[tuple[str, str], ...], changes: tuple[Change, ...]
) -> None:
    said = material_changes(make_notice(particulars=before), make_notice(particulars=after), MATERIAL)
    assert said == changes
