"""The polite client against a loopback server."""

from __future__ import annotations

import asyncio
import gzip
import zlib
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import timedelta

import pytest
from aiohttp import web

from bot.errors import SourceError
from bot.sources import PoliteClient, Timeouts
from bot.sources._reading.personal import MARK

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Serve = Callable[[Handler], Awaitable[str]]


async def text(_request: web.Request) -> web.Response:
    return web.json_response({"a": 1})


async def test_an_answer_carries_body_type_and_address(serve: Serve, client: PoliteClient) -> None:
    url = await serve(text)
    answer = await client.get(f"{url}/a", {"where": "d >= date'2026-11-18'"}, max_bytes=100)

    assert (answer.status, answer.body, answer.content_type) == (200, b'{"a": 1}', "application/json")
    assert answer.url.startswith(f"{url}/a?where=")


async def test_the_publisher_sees_who_asks_and_how_to_reach_them(serve: Serve) -> None:
    seen: list[str] = []

    async def handler(request: web.Request) -> web.Response:
        seen.append(request.headers["User-Agent"])
        return web.Response()

    url = await serve(handler)
    async with PoliteClient("https://journal.example\r\nX-Evil: 1", version="1.2") as client:
        await client.get(url, max_bytes=100)

    assert seen == ["Vigie/1.2 (+https://journal.exampleX-Evil: 1)"]


async def test_parameters_arrive_as_they_were_given(serve: Serve, client: PoliteClient) -> None:
    seen: list[dict[str, str]] = []

    async def handler(request: web.Request) -> web.Response:
        seen.append(dict(request.query))
        return web.Response()

    params = {"where": "dateparution >= date'2026-11-18' and objet like \"50 % & é+\"", "limit": "100"}
    await client.get(await serve(handler), params, max_bytes=100)

    assert seen == [params]


@pytest.mark.parametrize(
    ("status", "headers", "pause_s"),
    [
        (429, {"Retry-After": "120"}, 120),
        (503, {"Retry-After": " 7 "}, 7),
        (403, {"Retry-After": "300"}, 300),
        (429, {"Retry-After": "999999999999"}, 86_400),
        (429, {"Retry-After": "Wed, 18 Nov 2026 10:05:00 GMT", "Date": "Wed, 18 Nov 2026 10:00:00 GMT"}, 300),
        (429, {"Retry-After": "Wed, 18 Nov 2026 09:00:00 GMT", "Date": "Wed, 18 Nov 2026 10:00:00 GMT"}, 0),
        (429, {"Retry-After": "soon"}, None),
        (429, {}, None),
        (500, {"Retry-After": "120"}, None),
        (404, {}, None),
        (204, {}, None),
        (304, {}, None),
    ],
)
async def test_another_status_is_an_error_with_the_pause_asked_for(
    status: int, headers: dict[str, str], pause_s: float | None, serve: Serve, client: PoliteClient
) -> None:
    async def handler(_request: web.Request) -> web.Response:
        return web.Response(status=status, headers=headers)

    with pytest.raises(SourceError, match=f"status {status}") as caught:
        await client.get(await serve(handler), max_bytes=100)
    assert caught.value.pause_s == pause_s


async def test_the_publishers_own_message_is_quoted_short(serve: Serve, client: PoliteClient) -> None:
    async def handler(_request: web.Request) -> web.Response:
        return web.json_response({"error_code": "E", "message": "Unknown\nfield " + "x" * 500}, status=400)

    with pytest.raises(SourceError, match="status 400: Unknown field x") as caught:
        await client.get(await serve(handler), max_bytes=100)
    assert len(caught.value.message) < 300


async def test_no_contact_and_no_control_stands_in_the_message_that_is_quoted(
    serve: Serve, client: PoliteClient
) -> None:
    async def handler(_request: web.Request) -> web.Response:
        said = "Write to odile@valmarin.example\nor\x1b[2J call 01 99 00 12 34"
        return web.json_response({"message": said}, status=400)

    with pytest.raises(SourceError) as caught:
        await client.get(await serve(handler), max_bytes=1000)
    assert caught.value.values["said"] == f"Write to {MARK} or [2J call {MARK}"


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_within_the_origin_is_followed(status: int, serve: Serve, client: PoliteClient) -> None:
    async def handler(request: web.Request) -> web.Response:
        if request.path == "/old":
            return web.Response(status=status, headers={"Location": "/new?a=1"})
        return web.Response(text=request.path_qs)

    assert (await client.get(f"{await serve(handler)}/old", max_bytes=100)).body == b"/new?a=1"


async def test_a_redirect_to_another_origin_is_not_followed(serve: Serve, client: PoliteClient) -> None:
    reached: list[str] = []

    async def elsewhere(request: web.Request) -> web.Response:
        reached.append(request.path)
        return web.Response(text="secret")

    target = await serve(elsewhere)

    async def handler(_request: web.Request) -> web.Response:
        return web.Response(status=302, headers={"Location": f"{target}/internal"})

    with pytest.raises(SourceError, match="another origin"):
        await client.get(await serve(handler), max_bytes=100)
    assert reached == []


@pytest.mark.parametrize(
    "location", ["file:///etc/passwd", "//other.example/x", "https://127.0.0.1/x", "http://u:p@h/", "http://["]
)
async def test_a_strange_redirect_is_an_error(location: str, serve: Serve, client: PoliteClient) -> None:
    async def handler(_request: web.Request) -> web.Response:
        return web.Response(status=302, headers={"Location": location})

    with pytest.raises(SourceError):
        await client.get(await serve(handler), max_bytes=100)


async def test_redirects_without_end_are_an_error(serve: Serve, client: PoliteClient) -> None:
    asked: list[str] = []

    async def handler(request: web.Request) -> web.Response:
        asked.append(request.path)
        return web.Response(status=302, headers={"Location": f"/{len(asked)}"})

    with pytest.raises(SourceError, match="more than 3 times"):
        await client.get(await serve(handler), max_bytes=100)
    assert len(asked) == 4


@pytest.mark.parametrize("coding", ["identity", "gzip"])
async def test_a_body_is_cut_at_the_cap_on_its_decoded_bytes(coding: str, serve: Serve, client: PoliteClient) -> None:
    async def handler(_request: web.Request) -> web.Response:
        response = web.Response(body=b" " * 2_000_000)
        if coding == "gzip":
            response.enable_compression(web.ContentCoding.gzip)
        return response

    url = await serve(handler)

    assert len((await client.get(url, max_bytes=2_000_000)).body) == 2_000_000
    with pytest.raises(SourceError, match="longer than 1999999 bytes"):
        await client.get(url, max_bytes=1_999_999)


@pytest.mark.parametrize(("status", "said"), [(200, "longer than 200000 bytes"), (400, "status 400$")])
async def test_empty_gzip_members_without_end_are_cut_at_the_cap(
    status: int, said: str, serve: Serve, client: PoliteClient
) -> None:
    async def handler(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(status=status, headers={"Content-Encoding": "gzip"})
        await response.prepare(request)
        with suppress(ConnectionError):
            while True:
                await response.write(gzip.compress(b"") * 3_000)
        return response

    with pytest.raises(SourceError, match=said):
        await client.get(await serve(handler), max_bytes=200_000)


async def test_a_body_that_ends_too_early_is_an_error(serve: Serve, client: PoliteClient) -> None:
    async def handler(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        response.content_length = 100
        await response.prepare(request)
        await response.write(b"half")
        assert request.transport is not None
        request.transport.close()
        return response

    with pytest.raises(SourceError, match="cut off"):
        await client.get(await serve(handler), max_bytes=1000)


async def test_a_gzip_body_that_ends_too_early_is_an_error(serve: Serve, client: PoliteClient) -> None:
    async def handler(_request: web.Request) -> web.Response:
        packer = zlib.compressobj(wbits=31)
        whole = packer.compress(bytes(range(256)) * 500) + packer.flush()
        return web.Response(body=whole[: len(whole) // 2], headers={"Content-Encoding": "gzip"})

    with pytest.raises(SourceError, match="cut off inside its gzip body"):
        await client.get(await serve(handler), max_bytes=1_000_000)


async def test_a_body_that_is_no_gzip_is_an_error(serve: Serve, client: PoliteClient) -> None:
    async def handler(_request: web.Request) -> web.Response:
        return web.Response(body=b"not gzip at all", headers={"Content-Encoding": "gzip"})

    with pytest.raises(SourceError, match="decoded as gzip"):
        await client.get(await serve(handler), max_bytes=1000)


async def test_a_gzip_body_in_two_members_is_read_whole(serve: Serve, client: PoliteClient) -> None:
    async def handler(_request: web.Request) -> web.Response:
        return web.Response(body=gzip.compress(b"one ") + gzip.compress(b"two"), headers={"Content-Encoding": "gzip"})

    assert (await client.get(await serve(handler), max_bytes=1000)).body == b"one two"


async def test_a_coding_that_was_not_asked_for_is_an_error(serve: Serve, client: PoliteClient) -> None:
    async def handler(_request: web.Request) -> web.Response:
        return web.Response(body=b"x", headers={"Content-Encoding": "br"})

    with pytest.raises(SourceError, match="encoded as br"):
        await client.get(await serve(handler), max_bytes=1000)


async def test_silence_is_an_error(serve: Serve) -> None:
    released = asyncio.Event()

    async def handler(_request: web.Request) -> web.Response:
        await released.wait()
        return web.Response()

    url = await serve(handler)
    async with PoliteClient("c", version="1", timeouts=Timeouts(1, 0.05, 5)) as client:
        with pytest.raises(SourceError, match="did not answer in time"):
            await client.get(url, max_bytes=100)
    released.set()


async def test_an_answer_that_drips_is_an_error_in_the_end(serve: Serve) -> None:
    async def handler(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        try:
            for _ in range(1000):
                await response.write(b".")
                await asyncio.sleep(0.01)
        except ConnectionError:
            return response
        return response

    url = await serve(handler)
    async with PoliteClient("c", version="1", timeouts=Timeouts(1, 1, 0.2)) as client:
        with pytest.raises(SourceError, match="did not answer in time"):
            await client.get(url, max_bytes=1000)


async def test_a_closed_port_is_an_error(client: PoliteClient) -> None:
    with pytest.raises(SourceError, match="cannot be reached"):
        await client.get("http://127.0.0.1:1", max_bytes=100)


async def test_an_answer_that_is_no_http_is_an_error(client: PoliteClient) -> None:
    async def talk(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"SSH-2.0-OpenSSH\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server:
        with pytest.raises(SourceError):
            await client.get(f"http://127.0.0.1:{port}", max_bytes=100)


async def test_two_requests_to_one_host_keep_their_distance_and_their_order(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits: list[float] = []
    at_once = 0

    async def sleep(delay_s: float) -> None:
        waits.append(delay_s)

    async def handler(_request: web.Request) -> web.Response:
        nonlocal at_once
        at_once += 1
        assert at_once == 1
        await asyncio.get_running_loop().run_in_executor(None, bool)
        at_once -= 1
        return web.Response()

    url = await serve(handler)
    async with PoliteClient("c", version="1", pace=timedelta(seconds=40)) as client:
        monkeypatch.setattr("bot.sources._http.client.asyncio.sleep", sleep)
        await asyncio.gather(*(client.get(url, max_bytes=100) for _ in range(3)))

    assert [30 < wait_s <= 40 for wait_s in waits] == [True, True]


async def test_no_proxy_is_taken_from_the_environment(
    serve: Serve, client: PoliteClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")

    assert (await client.get(await serve(text), max_bytes=100)).status == 200


async def test_a_cookie_is_not_sent_back(serve: Serve, client: PoliteClient) -> None:
    seen: list[str | None] = []

    async def handler(request: web.Request) -> web.Response:
        seen.append(request.headers.get("Cookie"))
        response = web.Response()
        response.set_cookie("id", "1")
        return response

    url = (await serve(handler)).replace("127.0.0.1", "localhost")
    for _ in range(2):
        await client.get(url, max_bytes=100)

    assert seen == [None, None]


async def test_the_client_is_used_inside_its_context_only() -> None:
    with pytest.raises(RuntimeError):
        await PoliteClient("c", version="1").get("http://127.0.0.1:1", max_bytes=1)
