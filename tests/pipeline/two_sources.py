"""A procedure in two sources that are made of pages: the gazette and the journal."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from bot.models import Notice
from tests.factories import PagesSource, make_notice
from tests.pipeline.wire import Wire

UUID = "4f0c2d9e-6f0a-4c1e-9d3b-5a1b2c3d4e5f"
NOBODYS: dict[str, Any] = {"title": "Travaux de voirie", "text": "Réfection d'une chaussée."}
"""What nobody watches."""
EARLIER = datetime(2026, 12, 10, 12, 0, tzinfo=UTC)
LATER = datetime(2026, 12, 20, 12, 0, tzinfo=UTC)


class Journal(PagesSource):
    """Be the second source."""

    name = "journal"
    label = "Journal"


def gazette(number: int = 1, **said: Any) -> Notice:
    return make_notice(f"26-{number}", **{"procedure": UUID, **said})


def journal(number: int = 1, **said: Any) -> Notice:
    values = {"procedure": UUID, "url": f"https://journal.example/{number}", **said}
    return make_notice(f"7{number}-2026", source="journal", **values)


async def read_journal(wire: Wire, *notices: Notice) -> None:
    await wire.poll(source=Journal(notices))
