from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest
from aiohttp import web

from bot.models import Notice
from bot.sources import Parsed, PoliteClient, Timeouts
from bot.sources.boamp import Boamp

Page = Callable[..., bytes]
ReadOne = Callable[[dict[str, Any]], Notice]
Read = Callable[..., Parsed]
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Serve = Callable[[Handler], Awaitable[str]]


def _page(*records: dict[str, Any], total: int | None = None) -> bytes:
    return json.dumps({"total_count": len(records) if total is None else total, "results": list(records)}).encode()


@pytest.fixture
def page() -> Page:
    return _page


@pytest.fixture
def read() -> Read:
    return lambda *records, lenient=False: Boamp().parse(_page(*records), lenient=lenient)


@pytest.fixture
def read_one() -> ReadOne:
    return lambda record: Boamp().parse(_page(record)).notices[0]


@pytest.fixture
async def client() -> AsyncIterator[PoliteClient]:
    async with PoliteClient(
        "redaction@journal.example", version="1.2", pace=timedelta(), timeouts=Timeouts(1, 0.5, 5, wait=0)
    ) as client:
        yield client


@pytest.fixture
async def serve() -> AsyncIterator[Serve]:
    runners: list[web.AppRunner] = []

    async def start(handler: Handler) -> str:
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", handler)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        runners.append(runner)
        host, port = runner.addresses[0][:2]
        return f"http://{host}:{port}"

    yield start
    for runner in runners:
        await runner.cleanup()
