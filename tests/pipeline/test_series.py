"""A filing is compared with the one before it of the same firm for the same client."""

from __future__ import annotations

from datetime import timedelta
from typing import ClassVar

import pytest

from bot.models import ItemKind, Notice
from tests.factories import START, add_item, make_item
from tests.pipeline.fates import faults
from tests.pipeline.test_companions import Register, about, card_of, entry, page
from tests.pipeline.wire import Wire

DAY = timedelta(days=1)


class Filings(Register):
    """Be a register of filings."""

    is_register = False
    is_series = True
    particulars: ClassVar[frozenset[str]] = frozenset({"filing", "year", "period", "issue", "fees", "lobbyist"})
    material: ClassVar[frozenset[str]] = particulars - {"filing", "year", "period"}


def filing(key: str, day: int, *particulars: tuple[str, str], client: str = "Safrane", kind: str = "report") -> Notice:
    return entry(
        key,
        f"Report {key}",
        buyer=client,
        published=START.date() + day * DAY,
        procedure=f"register:1:{client}",
        particulars=(("filing", kind), *particulars),
    )


FIRST = filing("a", 0, ("issue", "Taxation"), ("fees", "30000 USD"), ("lobbyist", "Mina OSARTH"))
UP = (("issue", "Taxation"), ("fees", "50000 USD"), ("lobbyist", "Mina OSARTH"))


@pytest.fixture
async def filings(wire: Wire) -> Wire:
    """Hold a register of filings of which one was read in silence, and a newsroom that watches its client."""
    await wire.remove(wire.item)
    await add_item(wire.database, make_item("Safrane", kind=ItemKind.COMPANY))
    await wire.poll(source=Filings(page(FIRST)))
    return wire


async def told_of(wire: Wire, *read: Notice) -> list[str]:
    """Return what the message on the last of these filings tells."""
    await wire.poll(source=Filings(page(*read)))
    assert await faults(wire.database) == []
    return (await card_of(wire, len(await about(wire)) - 1)).get("What changed", [])


async def test_a_report_is_compared_with_the_one_before_it(filings: Wire) -> None:
    assert await told_of(filings, filing("b", 90, *UP)) == ["Fees up: US$50,000 (before: US$30,000)"]


async def test_a_report_that_says_the_same_has_nothing_to_tell(filings: Wire) -> None:
    assert await told_of(filings, filing("b", 90, *FIRST.particulars[1:])) == []


async def test_the_last_report_by_its_day_is_the_one_before(filings: Wire) -> None:
    reports = filing("c", 180, *UP), filing("b", 90, ("issue", "Taxation"), ("fees", "90000 USD"))
    assert (await told_of(filings, *reports[::-1]))[0] == "• Fees down: US$50,000 (before: US$90,000)"


@pytest.mark.parametrize(
    "other",
    [
        filing("b", 90, ("fees", "50000 USD")),
        filing("b", 90, *UP, client="Safrane Est"),
        filing("b", -90, *UP),
        filing("b", 90, ("issue", "Taxation"), ("lobbyist", "Mina OSARTH")),
    ],
    ids=["without activity", "another client", "an older one", "without a sum"],
)
async def test_what_cannot_be_compared_is_not(filings: Wire, other: Notice) -> None:
    assert await told_of(filings, other) == []


async def test_what_ends_a_mandate_is_told_as_that_and_compared_with_nothing(filings: Wire) -> None:
    assert await told_of(filings, filing("b", 90, *UP, kind="termination")) == [
        "Mandate from Safrane ended (before: running)"
    ]


def quarter(key: str, day: int, period: str, fees: int, year: int = 2026) -> Notice:
    about = (("year", str(year)), ("period", period), ("issue", "Taxation"))
    return filing(key, day, *about, ("fees", f"{fees} USD"), client="Amarante")


@pytest.mark.parametrize(
    ("read", "amended", "told"),
    [
        (
            [quarter("b", 0, "first_quarter", 20_000), quarter("c", 180, "third_quarter", 50_000)],
            quarter("d", 190, "first_quarter", 30_000),
            ["Fees (1st quarter of 2026) up: US$30,000 (before: US$20,000)"],
        ),
        ([quarter("c", 180, "third_quarter", 50_000)], quarter("d", 190, "first_quarter", 30_000), []),
        (
            [quarter("b", 0, "fourth_quarter", 20_000, 2025), quarter("c", 180, "third_quarter", 50_000)],
            quarter("d", 190, "first_quarter", 30_000),
            ["Fees (1st quarter of 2026) up: US$30,000 (before: US$20,000)"],
        ),
        (
            [quarter("b", 0, "first_quarter", 20_000), quarter("c", 9, "first_quarter", 30_000)],
            quarter("d", 90, "second_quarter", 30_000),
            [],
        ),
    ],
    ids=["its own period", "nothing before it", "the period before it", "as it was amended"],
)
async def test_a_report_of_an_older_period_is_compared_with_nothing_newer(
    filings: Wire, read: list[Notice], amended: Notice, told: list[str]
) -> None:
    await add_item(filings.database, make_item("Amarante", kind=ItemKind.COMPANY))
    await filings.poll(source=Filings(page(*read)))
    assert await told_of(filings, amended) == told
