"""What the polite client asks with: conditions, bodies, keys and links."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest
from aiohttp import web

from bot.errors import SourceError
from bot.sources import PoliteClient, Validators
from bot.sources._http.client import next_link

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Serve = Callable[[Handler], Awaitable[str]]


async def test_a_publisher_with_nothing_newer_is_taken_at_its_word(serve: Serve, client: PoliteClient) -> None:
    seen: list[tuple[str | None, str | None]] = []

    async def handler(request: web.Request) -> web.Response:
        seen.append((request.headers.get("If-None-Match"), request.headers.get("If-Modified-Since")))
        headers = {"ETag": 'W/"7"', "Last-Modified": "Wed, 18 Nov 2026 00:04:00 GMT"}
        return web.Response(status=304 if len(seen) > 1 else 200, headers=headers)

    url = await serve(handler)
    first = await client.get(url, max_bytes=100)
    second = await client.get(url, max_bytes=100, validators=Validators.from_json(first.validators.to_json()))

    assert seen == [(None, None), ('W/"7"', "Wed, 18 Nov 2026 00:04:00 GMT")]
    assert (second.is_unchanged, second.body, second.validators) == (True, b"", first.validators)


@pytest.mark.parametrize("kept", [None, [], "x", {"etag": 3}, {"etag": "a\r\nX: 1"}, {"etag": "x" * 501}])
def test_a_spoilt_cursor_holds_no_validators(kept: object) -> None:
    assert not Validators.from_json(kept)


async def test_a_body_is_posted_as_json(serve: Serve, client: PoliteClient) -> None:
    async def handler(request: web.Request) -> web.Response:
        return web.json_response([request.method, request.content_type, await request.json()])

    answer = await client.post_json(await serve(handler), {"query": "é"}, max_bytes=100)

    assert json.loads(answer.body) == ["POST", "application/json", {"query": "é"}]


@pytest.mark.parametrize(("status", "said"), [(307, "POST /b"), (302, None)])
async def test_a_post_is_posted_again_or_not_at_all(
    status: int, said: str | None, serve: Serve, client: PoliteClient
) -> None:
    async def handler(request: web.Request) -> web.Response:
        if request.path == "/a":
            return web.Response(status=status, headers={"Location": "/b"})
        return web.Response(text=f"{request.method} {request.path}")

    url = await serve(handler)
    if said is None:
        with pytest.raises(SourceError, match="status 302"):
            await client.post_json(f"{url}/a", {}, max_bytes=100)
    else:
        assert (await client.post_json(f"{url}/a", {}, max_bytes=100)).body == said.encode()


@pytest.mark.parametrize(("headers", "pause_s"), [({}, 300), ({"Retry-After": "7"}, 7), ({"Retry-After": "soon"}, 300)])
async def test_a_status_that_means_wait_pauses_without_being_told_how_long(
    headers: dict[str, str], pause_s: float, serve: Serve
) -> None:
    async def handler(_request: web.Request) -> web.Response:
        return web.Response(status=403, headers=headers)

    async with PoliteClient("c", version="1", pause_on={403: timedelta(minutes=5)}) as client:
        with pytest.raises(SourceError) as caught:
            await client.get(await serve(handler), max_bytes=100)
    assert caught.value.pause_s == pause_s


@pytest.mark.parametrize("status", [200, 302, 400])
async def test_no_error_tells_a_key(status: int, serve: Serve, client: PoliteClient) -> None:
    async def handler(request: web.Request) -> web.Response:
        told = f"bad key {request.headers['Authorization']} at http://x{request.path_qs} ({request.query['api_key']})"
        told += " or https://y.example/?key=elsewhere"
        headers = {"Location": f"http://x{request.path_qs}"} if status == 302 else {}
        headers |= {"Content-Encoding": "gzip"} if status == 200 else {}
        return web.json_response({"message": told}, status=status, headers=headers)

    with pytest.raises(SourceError) as caught:
        await client.get(
            await serve(handler),
            {"api_key": "SAM-4 7/é", "since": "2026"},
            max_bytes=100,
            headers={"Authorization": "Token canary99"},
        )
    said = f"{caught.value.message} {caught.value.values}"
    assert not [secret for secret in ("SAM-4", "canary99", "since=2026", "elsewhere") if secret in said]


async def test_no_error_tells_the_query_of_an_address_that_is_none(client: PoliteClient) -> None:
    async def talk(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 abc OK\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    async with server:
        with pytest.raises(SourceError) as caught:
            await client.get(
                f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/a?api_key=SAM-secret", max_bytes=100
            )
    assert "SAM-secret" not in f"{caught.value.message} {caught.value.values}"


async def test_no_error_tells_who_asks(client: PoliteClient) -> None:
    with pytest.raises(SourceError) as caught:
        await client.get("ftp://odile:canary99@registry.example/a", max_bytes=100)
    assert "registry.example" in caught.value.message
    assert "canary99" not in f"{caught.value.message} {caught.value.values}"


@pytest.mark.parametrize(
    ("link", "address"),
    [
        ("https://a.example/x?page=2&c=a%2Bb", "https://a.example/x?page=2&c=a%2Bb"),
        ("?page=2", "https://a.example/list?page=2"),
        ("http://a.example/x?page=2", "https://a.example/x?page=2"),
    ],
)
def test_a_link_within_the_origin_is_an_address(link: str, address: str) -> None:
    assert next_link(link, "https://a.example/list?page=1") == address


@pytest.mark.parametrize(
    "link",
    [
        "https://b.example/x",
        "//b.example/x",
        "https://a.example:8443/x",
        "https://u:p@a.example/x",
        "file:///x",
        "http://[",
    ],
)
def test_a_link_that_leaves_the_origin_is_refused(link: str) -> None:
    with pytest.raises(SourceError, match="another origin"):
        next_link(link, "https://a.example/list?page=1")
