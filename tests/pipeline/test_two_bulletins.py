"""A procedure in the French bulletin and the European journal, read by the real sources: told once, with two links."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta

import pytest

from bot.cards import Rendered, render
from bot.composing import compose
from bot.loopback.publishers import boamp_records, ted_notices
from bot.loopback.publishers.boamp import LoopbackBoamp
from bot.loopback.publishers.boamp_eforms import Firm
from bot.loopback.publishers.ted import LoopbackTed
from bot.sources import PoliteClient, Timeouts
from bot.sources.boamp import Boamp
from bot.sources.ted import Ted
from tests.factories import START
from tests.pipeline.wire import Wire

TODAY = START.date()
DAY = timedelta(days=1)
CLOSES, LATER = START + 30 * DAY, START + 40 * DAY
FOLDER = "4f0c2d9e-6f0a-4c1e-9d3b-5a1b2c3d4e5f"
OTHER = boamp_records.mapa_notice(idweb="26-99", objet="Fourniture de mobilier", published=TODAY)
FOREIGN = ted_notices.tender(number="1-2026", published=TODAY, title="Fourniture de mobilier")
FRENCH = boamp_records.eforms_notice(
    idweb="26-100", objet="Acquisition de caméras-piétons", published=TODAY, deadline=CLOSES, folder=FOLDER
)
EUROPEAN = ted_notices.tender(
    number="2-2026", published=TODAY + DAY, title="Acquisition de caméras-piétons", deadline=CLOSES, procedure=FOLDER
)


@dataclass
class Bulletins:
    wire: Wire
    boamp: LoopbackBoamp
    ted: LoopbackTed
    sources: tuple[Boamp, Ted]
    client: PoliteClient

    async def poll(self) -> None:
        """Read both, the French one first."""
        self.wire.clock.advance(DAY / 4)
        for source in self.sources:
            report = await self.wire.pipeline.poll(source, self.client)
            assert report.error is None

    async def told(self) -> list[tuple[str, int | None]]:
        """Return what the messages are about and which they follow."""
        return [(row.subject, row.follows) for row in await self.wire.owed()]

    async def shown(self, number: int) -> Rendered:
        """Return what a message shows."""
        row = (await self.wire.owed())[number]
        async with self.wire.database.read() as connection:
            return render((await compose(connection, row, self.wire.clock.now())).card)

    async def links(self, number: int) -> list[str]:
        """Return the addresses of publishers that a message shows, as often as it does."""
        shown = await self.shown(number)
        return sorted([*re.findall(r"\]\(((?!https://discord\.com/)\S+?)\)", shown.description), shown.url or ""])


@pytest.fixture
async def bulletins(fresh: Wire) -> AsyncIterator[Bulletins]:
    async with (
        LoopbackBoamp([OTHER]) as boamp,
        LoopbackTed([FOREIGN]) as ted,
        PoliteClient("redaction@journal.example", version="1", timeouts=Timeouts(2, 2, 10)) as client,
    ):
        made = Bulletins(fresh, boamp, ted, (Boamp(boamp.url), Ted(ted.url)), client)
        await made.poll()
        yield made


async def test_the_tender_its_corrigendum_and_its_award_are_each_told_once(bulletins: Bulletins) -> None:
    bulletins.boamp.records.append(FRENCH)
    bulletins.ted.records.append(EUROPEAN)
    await bulletins.poll()
    await bulletins.wire.send_all()
    assert await bulletins.told() == [("boamp:26-100", None)]
    assert await bulletins.links(0) == [
        "https://ted.europa.eu/fr/notice/-/detail/2-2026",
        "https://www.boamp.fr/pages/avis/?q=idweb:26-100",
    ]
    bulletins.ted.records.append(
        ted_notices.corrigendum(of=EUROPEAN, number="3-2026", published=TODAY + 2 * DAY, deadline=LATER)
    )
    await bulletins.poll()
    bulletins.boamp.records.append(
        boamp_records.corrigendum(of=FRENCH, idweb="26-101", published=TODAY + DAY, deadline=LATER)
    )
    await bulletins.poll()
    winner = Firm("Corvoy Technologies")
    bulletins.boamp.records.append(
        boamp_records.eforms_award(
            idweb="26-102", objet="Avis d'attribution", published=TODAY, winners=[winner], folder=FOLDER
        )
    )
    bulletins.ted.records.append(
        ted_notices.award(of=EUROPEAN, number="4-2026", published=TODAY + DAY, winners=[winner.name])
    )
    await bulletins.poll()
    assert await bulletins.told() == [("boamp:26-100", None), ("ted:3-2026", 1), ("boamp:26-102", 1)]
    assert await bulletins.links(1) == [
        "https://ted.europa.eu/fr/notice/-/detail/3-2026",
        "https://www.boamp.fr/pages/avis/?q=idweb:26-101",
    ]
    assert await bulletins.links(2) == [
        "https://ted.europa.eu/fr/notice/-/detail/4-2026",
        "https://www.boamp.fr/pages/avis/?q=idweb:26-102",
    ]
    corrigendum, award = await bulletins.shown(1), await bulletins.shown(2)
    assert "(before: " in corrigendum.description
    assert award.description.index("Corvoy Technologies") < award.description.index("Ville de Lyon")
