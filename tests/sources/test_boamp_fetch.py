"""Reading a window of BOAMP: the real client against the loopback bulletin."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from bot.errors import SourceError
from bot.loopback.publishers import PublisherFault
from bot.loopback.publishers.boamp import LoopbackBoamp
from bot.loopback.publishers.boamp_columns import record
from bot.sources import Asked, PoliteClient, Window
from bot.sources.boamp import Boamp

TODAY = date(2026, 11, 18)
NOW = datetime(2026, 11, 18, 12, tzinfo=UTC)


@pytest.fixture
async def bulletin() -> AsyncIterator[LoopbackBoamp]:
    async with LoopbackBoamp() as bulletin:
        yield bulletin


def tenders(count: int, published: date = TODAY, first: int = 1000) -> list[dict[str, Any]]:
    return [
        record(
            idweb=f"26-{first + place}",
            objet="Toiture",
            buyer="Ville",
            published=published,
            nature="APPEL_OFFRE",
            famille="DIVERS",
            donnees={"DIVERS": {}},
        )
        for place in range(count)
    ]


def asked(window: Window) -> Asked:
    return Asked(window, NOW)


async def read(bulletin: LoopbackBoamp, client: PoliteClient, window: Window | None = None) -> list[str]:
    source = Boamp(bulletin.url)
    pages = [page async for page in source.fetch(asked(window or Window(TODAY - timedelta(days=3))), client)]
    return [notice.id for page in pages for notice in source.parse(page.body).notices]


async def test_every_page_up_to_the_announced_total_is_read_in_order(
    bulletin: LoopbackBoamp, client: PoliteClient
) -> None:
    bulletin.records = tenders(250)[::-1]

    assert await read(bulletin, client) == [entry["idweb"] for entry in tenders(250)]
    assert [
        (query.params["where"], query.params["order_by"], query.params["limit"], query.params["offset"])
        for query in bulletin.requests
    ] == [("dateparution >= date'2026-11-15'", "idweb", "100", offset) for offset in ("0", "100", "200")]


@pytest.mark.parametrize("count", [0, 1, 100, 200])
async def test_no_page_is_asked_for_beyond_the_last(count: int, bulletin: LoopbackBoamp, client: PoliteClient) -> None:
    bulletin.records = tenders(count)

    assert len(await read(bulletin, client)) == count
    assert len(bulletin.requests) == max(1, count // 100)


async def test_only_the_window_is_read(bulletin: LoopbackBoamp, client: PoliteClient) -> None:
    days = [TODAY + timedelta(days=shift) for shift in (-4, -3, 0, 1)]
    bulletin.records = [entry for place, day in enumerate(days) for entry in tenders(1, day, 10 * place)]

    assert await read(bulletin, client) == ["26-10", "26-20", "26-30"]
    assert await read(bulletin, client, Window(days[1], TODAY)) == ["26-10"]


async def test_a_long_closed_window_is_read_day_by_day(bulletin: LoopbackBoamp, client: PoliteClient) -> None:
    bulletin.records = tenders(120, TODAY) + tenders(2, TODAY - timedelta(days=5), 10)

    ids = await read(bulletin, client, Window(TODAY - timedelta(days=8), TODAY + timedelta(days=1)))

    assert len(ids) == 122
    assert [query.params["where"] for query in bulletin.requests][:2] == [
        "dateparution = date'2026-11-10'",
        "dateparution = date'2026-11-11'",
    ]
    assert len(bulletin.requests) == 10


async def test_an_open_window_with_many_notices_is_read_day_by_day_until_few_are_left(
    bulletin: LoopbackBoamp, client: PoliteClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.sources.boamp.LONG_WINDOW_RECORDS", 150)
    for age in range(4):
        bulletin.records += tenders(60, TODAY - timedelta(days=age), 1000 * (4 - age))

    ids = await read(bulletin, client)

    assert sorted(set(ids)) == sorted(entry["idweb"] for entry in bulletin.records)
    assert {query.params["where"] for query in bulletin.requests} == {
        "dateparution >= date'2026-11-15'",
        "dateparution = date'2026-11-15'",
        "dateparution = date'2026-11-16'",
        "dateparution >= date'2026-11-17'",
    }


async def test_a_page_emptier_than_announced_is_refused(bulletin: LoopbackBoamp, client: PoliteClient) -> None:
    bulletin.records = tenders(150)
    bulletin.fail_next(PublisherFault.REORDERED)
    bulletin.fail_next(PublisherFault.NO_RECORDS)

    with pytest.raises(SourceError, match="holds 0 notices where 50 were announced"):
        await read(bulletin, client)


async def test_a_window_that_loses_a_record_while_it_is_read_is_read_again(
    bulletin: LoopbackBoamp, client: PoliteClient
) -> None:
    bulletin.records = tenders(250)
    source = Boamp(bulletin.url)
    ids: set[str] = set()
    async for page in source.fetch(asked(Window(TODAY)), client):
        ids |= {notice.id for notice in source.parse(page.body).notices}
        if len(bulletin.requests) == 1:
            bulletin.vanish("26-1005")  # 26-1100 slides to the page that was already read

    assert ids == {entry["idweb"] for entry in tenders(250)}


async def test_a_window_that_never_stands_still_is_refused(bulletin: LoopbackBoamp, client: PoliteClient) -> None:
    bulletin.records = tenders(150)
    source = Boamp(bulletin.url)

    async def read_while_it_grows() -> None:
        async for _ in source.fetch(asked(Window(TODAY)), client):
            bulletin.records += tenders(1, TODAY, 5000 + len(bulletin.records))

    with pytest.raises(SourceError, match="changed 3 times"):
        await read_while_it_grows()


async def test_a_record_repeated_by_a_shifted_page_is_one_notice(bulletin: LoopbackBoamp, client: PoliteClient) -> None:
    bulletin.records = tenders(150)
    bulletin.fail_next(PublisherFault.REORDERED)
    bulletin.fail_next(PublisherFault.SHIFTED)

    ids = await read(bulletin, client)

    assert len(ids) == 151
    assert len(set(ids)) == 150


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (PublisherFault.ERROR, "status 500"),
        (PublisherFault.TOO_MANY, "status 429: Quota of requests exceeded"),
        (PublisherFault.HANG, "in time"),
        (PublisherFault.CUT, "cut off"),
        (PublisherFault.CUT_BODY, "cut off"),
        (PublisherFault.EMPTY, "empty"),
        (PublisherFault.NO_RECORDS, "0 notices where 5 were announced"),
        (PublisherFault.HTML, "HTML"),
        (PublisherFault.CHARSET, "not UTF-8"),
        (PublisherFault.REDIRECT, "another origin"),
        (PublisherFault.RENAMED, "missing"),
        (PublisherFault.ONE_ID, "share one id"),
    ],
)
async def test_a_fault_of_the_publisher_is_said_plainly(
    fault: PublisherFault, said: str, bulletin: LoopbackBoamp, client: PoliteClient
) -> None:
    bulletin.records = [entry | {"objet": f"Réfection {place}"} for place, entry in enumerate(tenders(5))]
    bulletin.fail_next(fault)

    with pytest.raises(SourceError, match=said):
        await read(bulletin, client)
    assert len(await read(bulletin, client)) == 5, "and it is over with the fault"


async def test_the_pause_that_the_publisher_asks_for_is_handed_on(
    bulletin: LoopbackBoamp, client: PoliteClient
) -> None:
    bulletin.fail_next(PublisherFault.TOO_MANY, retry_after="90")

    with pytest.raises(SourceError) as caught:
        await read(bulletin, client)
    assert caught.value.pause_s == 90


async def test_a_bomb_stops_at_the_cap(
    bulletin: LoopbackBoamp, client: PoliteClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Boamp, "max_bytes", 1_000_000)
    bulletin.fail_next(PublisherFault.BOMB, bomb_bytes=40_000_000)

    with pytest.raises(SourceError, match="longer than 1000000 bytes"):
        await read(bulletin, client)


async def test_a_day_beyond_the_reach_of_the_interface_is_refused(
    bulletin: LoopbackBoamp, client: PoliteClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.sources._opendatasoft.REACHABLE_RECORDS", 3)
    monkeypatch.setattr("bot.sources.boamp.LONG_WINDOW_RECORDS", 3)
    bulletin.records = tenders(4)

    with pytest.raises(SourceError, match="one day announces 4 notices"):
        await read(bulletin, client, Window(TODAY))


async def test_reading_a_window_can_be_given_up(bulletin: LoopbackBoamp, client: PoliteClient) -> None:
    bulletin.fail_next(PublisherFault.HANG)
    reading = asyncio.create_task(read(bulletin, client))
    await bulletin.wait_for_request(1)
    reading.cancel()

    with pytest.raises(asyncio.CancelledError):
        await reading
