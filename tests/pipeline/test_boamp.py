"""The real source and a loopback bulletin behind the pipeline."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from bot.loopback.publishers import PublisherFault
from bot.loopback.publishers.boamp import LoopbackBoamp
from bot.loopback.publishers.boamp_records import corrigendum, fns_notice, mapa_award, mapa_notice
from bot.pipeline import PollReport
from bot.sources import PoliteClient, Timeouts
from bot.sources.boamp import Boamp
from tests.factories import START
from tests.pipeline.wire import Wire

TODAY = START.date()
TENDER = fns_notice(
    idweb="26-100", objet="Acquisition de caméras-piétons", published=TODAY, deadline=START + timedelta(days=30)
)
OTHER = mapa_notice(idweb="26-99", objet="Fourniture de mobilier", published=TODAY)


@dataclass
class Bulletin:
    wire: Wire
    boamp: LoopbackBoamp
    source: Boamp
    client: PoliteClient

    async def poll(self) -> PollReport:
        self.wire.clock.advance(timedelta(minutes=30))
        return await self.wire.pipeline.poll(self.source, self.client)


@pytest.fixture
async def bulletin(fresh: Wire) -> AsyncIterator[Bulletin]:
    async with (
        LoopbackBoamp([OTHER]) as boamp,
        PoliteClient("redaction@journal.example", version="1", timeouts=Timeouts(2, 2, 10)) as client,
    ):
        made = Bulletin(fresh, boamp, Boamp(boamp.url), client)
        await made.poll()
        yield made


async def test_a_tender_of_the_bulletin_is_announced(bulletin: Bulletin) -> None:
    bulletin.boamp.records.append(TENDER)
    await bulletin.poll()
    assert [row.subject for row in await bulletin.wire.owed()] == ["boamp:26-100"]


async def test_the_corrigendum_of_an_announced_tender_is_announced_where_it_was(bulletin: Bulletin) -> None:
    bulletin.boamp.records.append(TENDER)
    await bulletin.poll()
    bulletin.boamp.records.append(
        corrigendum(of=TENDER, idweb="26-101", published=TODAY, deadline=datetime(2027, 1, 5, 12, 0, tzinfo=UTC))
    )
    await bulletin.poll()
    first, then = await bulletin.wire.owed()
    assert (then.subject, then.follows) == ("boamp:26-101", first.id)


async def test_an_award_that_names_only_the_tenders_id_is_announced_where_it_was(bulletin: Bulletin) -> None:
    tender = mapa_notice(idweb="26-200", objet="Location de caméras-piétons", published=TODAY)
    bulletin.boamp.records.append(tender)
    await bulletin.poll()
    bulletin.boamp.records.append(
        mapa_award(idweb="26-201", objet="Lot 1", published=TODAY, winner="Corvoy", of="26-200")
    )
    await bulletin.poll()
    assert [row.subject for row in await bulletin.wire.owed()] == ["boamp:26-200", "boamp:26-201"]


async def test_a_bulletin_that_saves_everything_again_announces_nothing(bulletin: Bulletin) -> None:
    bulletin.boamp.records.append(TENDER)
    await bulletin.poll()
    bulletin.boamp.resave_all()
    await bulletin.poll()
    assert len(await bulletin.wire.owed()) == 1


@pytest.mark.parametrize(
    "fault",
    [PublisherFault.ERROR, PublisherFault.CUT_BODY, PublisherFault.EMPTY, PublisherFault.HTML, PublisherFault.RENAMED],
)
async def test_a_bulletin_that_fails_leaves_the_database_as_it_was(bulletin: Bulletin, fault: PublisherFault) -> None:
    bulletin.boamp.records.append(TENDER)
    before = await bulletin.wire.dump("source_state")
    bulletin.boamp.fail_next(fault, times=9)
    report = await bulletin.poll()
    assert report.error is not None
    assert await bulletin.wire.dump("source_state") == before


async def test_the_pause_that_the_bulletin_asks_for_is_noted(bulletin: Bulletin) -> None:
    bulletin.boamp.fail_next(PublisherFault.TOO_MANY, retry_after="120")
    await bulletin.poll()
    async with bulletin.wire.database.read() as connection:
        row = await connection.one("SELECT not_before FROM source_state WHERE source = 'boamp'")
    assert row is not None
    assert row["not_before"] > START.isoformat()


async def test_a_lone_surrogate_in_the_bulletin_does_not_stop_the_poll(bulletin: Bulletin) -> None:
    broken = fns_notice(idweb="26-300", objet="Caméras-piétons \ud83d", published=TODAY)
    bulletin.boamp.records.append(broken)
    report = await bulletin.poll()
    assert (report.error, report.tally.new) == (None, 1)
