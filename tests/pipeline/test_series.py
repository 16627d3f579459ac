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
    particulars: ClassVar[frozenset[str]] = frozenset({"filing", "issue", "fees", "lobbyist"})
    material: ClassVar[frozenset[str]] = particulars - {"filing"}


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
