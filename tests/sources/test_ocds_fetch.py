"""Reading publishers of Open Contracting data that the configuration names: the real client against a loopback one."""

from __future__ import annotations

import json
import tomllib
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot import config
from bot.app import source_defaults
from bot.errors import ConfigError, SourceError, SourceFault
from bot.loopback.publishers import _ocds_releases as made_up
from bot.loopback.publishers.ocds import LoopbackOcds
from bot.sources import Asked, PoliteClient, Window
from bot.sources.ocds import EXAMPLES, Ocds
from tests.sources.releases import release

NOW = datetime(2026, 11, 18, 9, tzinfo=UTC)


@pytest.fixture
async def publisher() -> AsyncIterator[LoopbackOcds]:
    async with LoopbackOcds() as publisher:
        yield publisher


def tenders(count: int, first: datetime = NOW) -> list[dict[str, Any]]:
    return [
        made_up.tender(
            ocid=f"ocds-xy12ab-{place}", number="01", title="Radars", published=first - timedelta(hours=place)
        )
        for place in range(count)
    ]


async def ids(source: Ocds, client: PoliteClient, since: date = date(2026, 11, 11)) -> set[str]:
    asked = Asked(Window(since), NOW)
    return {notice.id async for page in source.fetch(asked, client) for notice in source.parse(page.body).notices}


async def test_a_publisher_is_read_by_days_as_its_table_says(publisher: LoopbackOcds, client: PoliteClient) -> None:
    publisher.records = tenders(230)

    found = await ids(Ocds(publisher.address, member="essai", options={"step": ("5d",)}), client)

    assert len(found) == 178
    assert [
        (query.params["dateFrom"], query.params["dateTo"])
        for query in publisher.requests
        if "cursor" not in query.params
    ] == [("2026-11-11", "2026-11-16"), ("2026-11-16", "2026-11-19")]


async def test_without_bounds_pages_are_read_as_far_as_the_first_that_is_older(
    publisher: LoopbackOcds, client: PoliteClient
) -> None:
    publisher.records = tenders(400)

    source = Ocds(f"{publisher.url}/api/releases?limit=50", member="essai")
    found = await ids(source, client, date(2026, 11, 17))

    assert len(publisher.requests) == 2
    assert len(found) == 100
    assert (source.step, Ocds(publisher.address, member="essai").step) == (None, 7)


@pytest.mark.parametrize(
    ("link", "fault"),
    [
        ("https://ailleurs.example/2", SourceFault.REDIRECT_ELSEWHERE),
        ("{own}", SourceFault.SAME_PAGES),
        (7, SourceFault.TEXT_EXPECTED),
    ],
)
async def test_a_link_that_leads_elsewhere_or_back_is_refused(
    link: Any, fault: SourceFault, publisher: LoopbackOcds, client: PoliteClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = publisher.package

    def package(request: Any, page: list[Any]) -> dict[str, Any]:
        own = str(request.url) if link == "{own}" else link
        return whole(request, page) | {"links": {"next": own}}

    monkeypatch.setattr(publisher, "package", package)
    publisher.records = tenders(3)

    with pytest.raises(SourceError) as caught:
        await ids(Ocds(publisher.address, member="essai"), client)
    assert caught.value.fault is fault


async def test_links_that_never_end_are_followed_no_further_than_two_empty_pages(
    publisher: LoopbackOcds, client: PoliteClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = publisher.package

    def package(request: Any, _page: list[Any]) -> dict[str, Any]:
        following = f"{publisher.url}{publisher.path}?limit={100 - len(publisher.requests)}"
        return whole(request, []) | {"links": {"next": following}}

    monkeypatch.setattr(publisher, "package", package)

    assert await ids(Ocds(f"{publisher.url}{publisher.path}", member="essai"), client) == set()
    assert len(publisher.requests) == 2


@pytest.mark.parametrize("table", tomllib.loads(EXAMPLES)["ocds"], ids=lambda table: table["name"])
async def test_the_example_tables_ask_for_bounded_windows(
    table: dict[str, str], publisher: LoopbackOcds, client: PoliteClient
) -> None:
    rest = table["url"].partition("//")[2].partition("/")[2]
    options = {key: (table[key],) for key in ("format", "step", "language")}
    source = Ocds(f"{publisher.url}/{rest}", member=table["name"], options=options)

    with pytest.raises(SourceError, match=r"404|400"):
        await ids(source, client)

    asked = publisher.requests[0]
    assert "2026-11-11" in json.dumps([asked.path, asked.params])
    assert "2026-11-18" in json.dumps([asked.path, asked.params])


KEYS = [("step", "a week"), ("step", "0d"), ("format", "YYYY"), ("language", "english")]
"""Keys of a table with a value that cannot be read."""


@pytest.mark.parametrize(("key", "value"), KEYS)
def test_a_key_of_the_table_that_cannot_be_read_is_named(key: str, value: str) -> None:
    source = Ocds("https://compras.example/{from}", member="essai", options={key: (value,)})

    with pytest.raises(SourceError) as caught:
        source.parse(json.dumps({"releases": [release()]}).encode())
    assert caught.value.values == {"key": key, "value": value}


@pytest.mark.parametrize(("key", "value"), KEYS)
def test_a_key_of_the_table_that_cannot_be_read_is_refused_with_the_configuration(
    key: str, value: str, tmp_path: Path
) -> None:
    path = tmp_path / "config.toml"
    table = f'[[ocds]]\nname = "essai"\nurl = "https://compras.example/{{from}}"\n{key} = "{value}"\n'
    path.write_text(f'[http]\ncontact = "desk@journal.example"\n{table}')

    with pytest.raises(ConfigError) as caught:
        config.load(path, source_defaults())
    assert f'[[ocds]] "essai", {key}' in [fault.key for fault in caught.value.faults]


def test_the_example_tables_are_a_configuration(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text(f'[http]\ncontact = "desk@journal.example"\n{EXAMPLES}')

    assert {name for name in config.load(path, source_defaults()).sources if name.startswith("ocds:")} == {
        f"ocds:{table['name']}" for table in tomllib.loads(EXAMPLES)["ocds"]
    }


async def test_history_by_days_leaves_the_day_at_which_it_ends_to_the_polls(
    publisher: LoopbackOcds, client: PoliteClient
) -> None:
    source = Ocds(publisher.address, member="essai", options={"step": ("5d",)})
    asked = Asked(Window(date(2026, 11, 1), date(2026, 11, 8)), NOW, NOW, is_backfill=True)

    assert [page async for page in source.fetch(asked, client)]

    assert [(query.params["dateFrom"], query.params["dateTo"]) for query in publisher.requests] == [
        ("2026-10-31", "2026-11-05"),
        ("2026-11-05", "2026-11-07"),
    ]


@pytest.mark.parametrize("order", [1, -1], ids=["newest first", "oldest first"])
async def test_the_newest_copy_of_a_release_comes_last_in_whatever_order_pages_do(
    order: int, publisher: LoopbackOcds, client: PoliteClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    pages = [
        [release(id=str(number)), release(date=f"2026-11-1{day}T09:00:00Z", tender={"title": title})]
        for number, (day, title) in enumerate([(8, "New"), (7, "Old"), (6, "Oldest")], start=2)
    ]
    for number, page in enumerate(pages[1:], start=3):
        page[0] = release(id=str(number), date=page[1]["date"])
    pages = pages[::order]

    def package(_request: Any, _page: list[Any]) -> dict[str, Any]:
        number = len(publisher.requests)
        following = {"links": {"next": f"{publisher.url}{publisher.path}?limit={number}"}}
        return {"releases": pages[number - 1], **(following if number < len(pages) else {})}

    monkeypatch.setattr(publisher, "package", package)
    source = Ocds(publisher.address, member="essai", options={"step": ("30d",)})

    found: dict[str, str] = {}
    async for page in source.fetch(Asked(Window(date(2026, 11, 11)), NOW), client):
        found |= {notice.id: notice.title for notice in source.parse(page.body).notices}

    assert len(publisher.requests) == 3
    assert found["ocds-xy12ab-1/01"] == "New"
    assert len(found) == 4
