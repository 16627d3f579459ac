"""Reading Find a Tender: the real client against the loopback one."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from bot.errors import SourceError
from bot.loopback.publishers import PublisherFault
from bot.loopback.publishers._ocds_releases import tender
from bot.loopback.publishers.uk_find_a_tender import LoopbackUkFindATender
from bot.sources import Asked, PoliteClient, Window
from bot.sources.uk_find_a_tender import UkFindATender

NOW = datetime(2026, 11, 18, 9, tzinfo=UTC)
JUST_READ = {"again": NOW.isoformat()}


@pytest.fixture
async def platform() -> AsyncIterator[LoopbackUkFindATender]:
    async with LoopbackUkFindATender() as platform:
        yield platform


def notices(*published: datetime) -> list[dict[str, Any]]:
    return [
        tender(ocid=f"ocds-h6vhtk-{place:06x}", number=f"{place:06}-2026", title="Cameras", published=moment)
        for place, moment in enumerate(published)
    ]


async def read(source: UkFindATender, client: PoliteClient, asked: Asked) -> tuple[set[str], Mapping[str, Any] | None]:
    found: set[str] = set()
    cursor = None
    async for payload in source.fetch(asked, client):
        cursor = payload.cursor
        found |= {notice.id.partition("/")[2] for notice in source.parse(payload.body).notices}
    return found, cursor


def usual(source: UkFindATender, last_ok: datetime, cursor: Mapping[str, str], now: datetime = NOW) -> Asked:
    return Asked(source.window(last_ok, now), now, last_ok, cursor)


def bounds(platform: LoopbackUkFindATender) -> list[tuple[str, str]]:
    return [
        (query.params["updatedFrom"], query.params["updatedTo"])
        for query in platform.requests
        if "cursor" not in query.params
    ]


async def test_a_long_window_is_read_six_hours_at_a_time(platform: LoopbackUkFindATender, client: PoliteClient) -> None:
    platform.records = notices(*(NOW - timedelta(hours=3 * place) for place in range(24)))

    found, cursor = await read(UkFindATender(platform.url), client, Asked(Window(date(2026, 11, 16)), NOW))

    assert len(found) == 20
    assert cursor == {"again": "2026-11-18T09:00:00+00:00"}
    assert bounds(platform)[0] == ("2026-11-16T00:00:00", "2026-11-16T06:00:00")
    assert bounds(platform)[-1] == ("2026-11-18T06:00:00", "2026-11-18T10:00:00")


async def test_a_usual_poll_reaches_two_hours_back_and_leaves_the_cursor(
    platform: LoopbackUkFindATender, client: PoliteClient
) -> None:
    source = UkFindATender(platform.url)
    asked = usual(source, NOW - timedelta(minutes=30), {"again": (NOW - timedelta(hours=23)).isoformat()})

    _, cursor = await read(source, client, asked)

    assert bounds(platform) == [("2026-11-18T06:30:00", "2026-11-18T10:00:00")]
    assert cursor is None


@pytest.mark.parametrize("last", [{}, {"again": "2026-11-17T09:00:00+00:00"}, {"again": "nonsense"}])
async def test_once_a_day_a_poll_finds_what_came_late(
    last: dict[str, str], platform: LoopbackUkFindATender, client: PoliteClient
) -> None:
    source = UkFindATender(platform.url)
    platform.records = notices(NOW - timedelta(hours=47))

    found, cursor = await read(source, client, usual(source, NOW - timedelta(minutes=30), last))

    assert found == {"000000-2026"}
    assert cursor == {"again": "2026-11-18T09:00:00+00:00"}


async def test_history_is_read_whole_and_leaves_no_cursor(
    platform: LoopbackUkFindATender, client: PoliteClient
) -> None:
    asked = Asked(Window(date(2026, 11, 1), date(2026, 11, 2)), NOW, NOW, is_backfill=True)

    _, cursor = await read(UkFindATender(platform.url), client, asked)

    assert len(bounds(platform)) == 4
    assert bounds(platform)[-1] == ("2026-11-01T18:00:00", "2026-11-02T00:00:00")
    assert cursor is None


async def test_the_bounds_are_british_time_and_no_window_runs_backwards(
    platform: LoopbackUkFindATender, client: PoliteClient
) -> None:
    source = UkFindATender(platform.url)
    summer, autumn = datetime(2026, 7, 1, 12, tzinfo=UTC), datetime(2026, 10, 25, 1, tzinfo=UTC)

    await read(source, client, usual(source, summer, {"again": summer.isoformat()}, summer))
    await read(source, client, usual(source, autumn, {"again": autumn.isoformat()}, autumn))

    assert bounds(platform) == [
        ("2026-07-01T11:00:00", "2026-07-01T14:00:00"),
        ("2026-10-25T00:00:00", "2026-10-25T02:00:00"),
    ]


async def test_pages_are_followed_by_their_links(platform: LoopbackUkFindATender, client: PoliteClient) -> None:
    source = UkFindATender(platform.url)
    platform.records = notices(*(NOW - timedelta(seconds=place) for place in range(250)))

    found, _ = await read(source, client, usual(source, NOW, JUST_READ))

    assert len(found) == 250
    assert len(platform.requests) == 3


async def test_a_full_page_that_links_to_none_is_cut_in_two(
    platform: LoopbackUkFindATender, client: PoliteClient
) -> None:
    source = UkFindATender(platform.url)
    platform.has_links = False
    platform.records = notices(*(NOW - timedelta(seconds=30 * place) for place in range(150)))

    found, _ = await read(source, client, usual(source, NOW, JUST_READ))

    assert len(found) == 150


@pytest.mark.parametrize("count", [100, 101])
async def test_more_notices_than_a_quarter_of_an_hour_may_hold_are_a_loss_not_a_silence(
    count: int, platform: LoopbackUkFindATender, client: PoliteClient
) -> None:
    source = UkFindATender(platform.url)
    platform.has_links = False
    platform.records = notices(*([NOW] * count))

    pages = [page async for page in source.fetch(usual(source, NOW, JUST_READ), client)]

    parsed = [source.parse(page.body) for page in pages]
    assert len({notice.id for part in parsed for notice in part.notices}) == 100
    assert {loss.field for part in parsed for loss in part.losses} == {"links.next"}


async def test_a_full_page_that_was_cut_in_two_is_no_loss(
    platform: LoopbackUkFindATender, client: PoliteClient
) -> None:
    source = UkFindATender(platform.url)
    platform.records = notices(*(NOW - timedelta(seconds=60 * place) for place in range(100)))

    pages = [page async for page in source.fetch(usual(source, NOW, JUST_READ), client)]

    parsed = [source.parse(page.body) for page in pages]
    assert len({notice.id for part in parsed for notice in part.notices}) == 100
    assert [loss for part in parsed for loss in part.losses] == []


async def test_the_first_poll_reads_the_baseline(platform: LoopbackUkFindATender, client: PoliteClient) -> None:
    source = UkFindATender(platform.url)

    await read(source, client, Asked(source.window(None, NOW), NOW))

    assert bounds(platform)[0] == ("2026-11-15T00:00:00", "2026-11-15T06:00:00")


async def test_a_poll_that_is_asked_for_more_than_usual_reads_all_of_it(
    platform: LoopbackUkFindATender, client: PoliteClient
) -> None:
    source = UkFindATender(platform.url)
    asked = Asked(Window(date(2026, 11, 1)), NOW, NOW - timedelta(minutes=30), JUST_READ)

    _, cursor = await read(source, client, asked)

    assert bounds(platform)[0] == ("2026-11-01T00:00:00", "2026-11-01T06:00:00")
    assert cursor == {"again": "2026-11-18T09:00:00+00:00"}


async def test_a_rate_limit_says_how_long_to_wait(platform: LoopbackUkFindATender, client: PoliteClient) -> None:
    platform.allowance = 1

    with pytest.raises(SourceError) as caught:
        await read(UkFindATender(platform.url), client, Asked(Window(date(2026, 11, 17)), NOW))
    assert caught.value.pause_s == 60


@pytest.mark.parametrize("fault", [PublisherFault.CUT_BODY, PublisherFault.RENAMED, PublisherFault.ONE_ID])
async def test_a_window_with_a_faulty_page_is_an_error(
    fault: PublisherFault, platform: LoopbackUkFindATender, client: PoliteClient
) -> None:
    source = UkFindATender(platform.url)
    platform.records = [
        record | {"buyer": {"name": f"Council {place}"}}
        for place, record in enumerate(notices(*(NOW - timedelta(seconds=place) for place in range(150))))
    ]
    platform.fail_next(fault, after=1)

    with pytest.raises(SourceError):
        await read(source, client, usual(source, NOW, JUST_READ))
