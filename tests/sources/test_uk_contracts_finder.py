"""Reading Contracts Finder: its rate limit, its windows, and what its releases lack."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta

import pytest

from bot.errors import SourceError
from bot.loopback.publishers._ocds_releases import award
from bot.loopback.publishers.uk_contracts_finder import LoopbackUkContractsFinder
from bot.sources import Asked, PoliteClient, Timeouts, Window
from bot.sources.uk_contracts_finder import UkContractsFinder

NOW = datetime(2026, 11, 18, 9, tzinfo=UTC)
GUID = "0f1e2d3c-0000-4000-8000-000000000001"


@pytest.fixture
async def register() -> AsyncIterator[LoopbackUkContractsFinder]:
    async with LoopbackUkContractsFinder() as register:
        yield register


async def test_a_refusal_is_a_rate_limit_and_asks_for_five_minutes(register: LoopbackUkContractsFinder) -> None:
    register.allowance = 0
    source = UkContractsFinder(register.url)

    async with PoliteClient(
        "redaction@journal.example", version="1", timeouts=Timeouts(1, 1, 5), pause_on=source.pause_on
    ) as client:
        with pytest.raises(SourceError) as caught:
            await anext(source.fetch(Asked(Window(date(2026, 11, 17)), NOW), client))

    assert caught.value.pause_s == 300


async def test_a_window_is_never_longer_than_fifteen_days(
    register: LoopbackUkContractsFinder, client: PoliteClient
) -> None:
    source = UkContractsFinder(register.url)
    register.records = [
        award(
            ocid=f"ocds-b5fd17-{place}", number=f"{GUID}-{place}", title="Radios", published=NOW - timedelta(days=place)
        )
        for place in range(40)
    ]

    pages = [page async for page in source.fetch(Asked(Window(date(2026, 10, 19)), NOW), client)]

    assert len({notice.id for page in pages for notice in source.parse(page.body).notices}) == 31
    assert [query.params["publishedTo"] for query in register.requests] == [
        "2026-11-03T00:00:00",
        "2026-11-18T00:00:00",
        "2026-11-18T10:00:00",
    ]


def test_a_notice_without_its_document_links_to_the_page_of_its_guid() -> None:
    bare = award(ocid="ocds-b5fd17-1", number=f"{GUID}-8001", title="Radios", published=NOW)
    del bare["awards"][0]["documents"]

    (notice,) = UkContractsFinder().parse(json.dumps({"releases": [bare]}).encode()).notices

    assert notice.url == f"https://www.contractsfinder.service.gov.uk/Notice/{GUID}"


def test_a_page_in_latin_1_is_read() -> None:
    record = award(ocid="ocds-b5fd17-1", number="1", title="Café équipement à Genève", published=NOW)
    page = json.dumps({"releases": [record]}, ensure_ascii=False).encode("latin-1")

    assert UkContractsFinder().parse(page).notices[0].title == "Café équipement à Genève"
