"""The rate limits of a platform with Discord's real ones: of a bot, of routes, and of refused requests."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from bot.loopback import Platform
from tests.loopback.conftest import Bare

MESSAGE = {"content": "x", "allowed_mentions": {"parse": []}}


@pytest.fixture
async def platform() -> AsyncIterator[Platform]:
    async with Platform(real_buckets=True) as made:
        # Windows that no test outlives.
        for limit in (made.global_limit, *made.rate_limits.values()):
            assert limit is not None
            limit.per_s = 600
        yield made


async def asked(bare: Bare, times: int, method: str = "GET", path: str = "/users/@me", body: Any = None) -> list[int]:
    return [(await bare.ask(method, path, body))[0] for _ in range(times)]


async def test_a_bot_may_ask_fifty_times_a_second_and_no_more(bare: Bare) -> None:
    assert await asked(bare, 50) == [200] * 50
    status, said = await bare.ask("GET", "/users/@me")
    assert (status, said["global"], said["retry_after"] > 0) == (429, True, True)
    told = ("X-RateLimit-Global", "X-RateLimit-Scope", "Via")
    assert [bare.headers[name] for name in told] == ["true", "global", "1.1 loopback"]


async def test_answers_to_interactions_are_not_counted_in_that(platform: Platform, bare: Bare) -> None:
    await bare.put_commands({"name": "go", "description": "d"})
    await asked(bare, 50)
    status, _ = await bare.ask("POST", "/interactions/1/none/callback?with_response=1", {"type": 4})
    assert status == 404
    assert platform.requests[-1].status == 404


async def test_a_channel_takes_five_messages_in_five_seconds_and_another_one_its_own(
    platform: Platform, bare: Bare
) -> None:
    guild = platform.add_guild()
    one, other = guild.add_channel("un"), guild.add_channel("deux")
    assert await asked(bare, 6, "POST", f"/channels/{one.id}/messages", MESSAGE) == [200] * 5 + [429]
    assert (bare.headers["X-RateLimit-Scope"], bare.headers["X-RateLimit-Remaining"]) == ("user", "0")
    assert await asked(bare, 1, "POST", f"/channels/{other.id}/messages", MESSAGE) == [200]


async def test_threads_and_posts_share_a_bucket_whose_refusals_are_not_held_against_the_bot(
    platform: Platform, bare: Bare
) -> None:
    channel = platform.add_guild().add_channel("un")
    for limit in platform.rate_limits.values():
        limit.limit = min(limit.limit, 2)
    _, message = await bare.ask("POST", f"/channels/{channel.id}/messages", MESSAGE)
    thread = {"name": "fil", "type": 11}
    first = await asked(bare, 1, "POST", f"/channels/{channel.id}/messages/{message['id']}/threads", {"name": "fil"})
    assert first + await asked(bare, 2, "POST", f"/channels/{channel.id}/threads", thread) == [201, 201, 429]
    assert (bare.headers["X-RateLimit-Scope"], platform.invalid_requests) == ("shared", 0)


async def test_too_many_refused_requests_ban_the_address_at_the_front_end(platform: Platform, bare: Bare) -> None:
    assert platform.invalid_limit is not None
    assert (platform.invalid_limit.limit, platform.invalid_limit.per_s) == (10_000, 600)
    platform.invalid_limit.limit = 3
    assert [(await bare.ask("GET", "/users/@me", token="wrong"))[0] for _ in range(3)] == [401] * 3
    headers = {"Authorization": f"Bot {platform.token}"}
    async with aiohttp.ClientSession() as session, session.get(f"{platform.api}/users/@me", headers=headers) as answer:
        assert (answer.status, answer.content_type, "Via" in answer.headers) == (429, "text/html", False)


async def test_a_platform_has_no_limits_unless_it_is_asked_for_them() -> None:
    async with Platform() as platform:
        assert (platform.rate_limits, platform.global_limit, platform.invalid_limit) == ({}, None, None)
