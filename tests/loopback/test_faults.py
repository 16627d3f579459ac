"""Each fault as a client meets it, and whether the message was made."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from typing import Any

import aiohttp
import discord
import pytest

from bot.loopback import FaultKind, FaultPlan, Platform

POST = ("POST", "/channels/{channel_id}/messages")
REFUSED = discord.HTTPException
LOST = aiohttp.ServerDisconnectedError


@pytest.fixture(autouse=True)
def _no_backoff(monkeypatch: pytest.MonkeyPatch) -> None:
    sleep = asyncio.sleep

    async def short(seconds: float, result: Any = None) -> Any:
        return await sleep(min(seconds, 0.01), result)

    monkeypatch.setattr(discord.http.asyncio, "sleep", short)  # type: ignore[attr-defined]  # the same asyncio for all


@pytest.mark.parametrize(
    ("kind", "raised", "made", "tries"),
    [
        ("500_before", None, 1, 2),
        ("500_after", None, 1, 2),
        ("502_html_before", None, 1, 2),
        ("502_html_after", None, 1, 2),
        ("504_after", None, 1, 2),
        ("524_before", None, 1, 2),
        ("503_before", discord.DiscordServerError, 0, 1),
        ("503_after", discord.DiscordServerError, 1, 1),
        ("520_before", discord.DiscordServerError, 0, 1),
        ("520_after", discord.DiscordServerError, 1, 1),
        ("429_user", None, 1, 2),
        ("429_global", None, 1, 2),
        ("429_front", REFUSED, 0, 1),
        ("close_before", LOST, 0, 1),
        ("close_after", LOST, 1, 1),
        ("reset_after", aiohttp.ClientOSError, 1, 1),
        ("cut_after", aiohttp.ClientPayloadError, 1, 1),
        ("bad_json_after", json.JSONDecodeError, 1, 1),
        ("slow", None, 1, 1),
        ("400", REFUSED, 0, 1),
        ("403", discord.Forbidden, 0, 1),
        ("404", discord.NotFound, 0, 1),
    ],
)
async def test_a_client_meets_each_fault_as_in_the_field(
    platform: Platform, run_bot: Any, kind: str, raised: Any, made: int, tries: int
) -> None:
    channel = platform.add_guild().add_channel("general")
    async with run_bot() as bot:
        fault = platform.faults.once(kind=kind, method=POST[0], path=POST[1], seconds=0.02)
        sending = bot.get_channel(channel.id).send("x")
        if raised is None:
            await sending
        else:
            with pytest.raises(raised):
                await sending
    assert fault.hit.is_set()
    assert (len(channel.messages), len(platform.requests_to(*POST))) == (made, tries)
    assert platform.requests_to(*POST)[0].fault == kind


async def test_a_reset_is_errno_104(platform: Platform, run_bot: Any) -> None:
    channel = platform.add_guild().add_channel("general")
    async with run_bot() as bot:
        platform.faults.once(kind="reset_after", method=POST[0], path=POST[1])
        with pytest.raises(aiohttp.ClientOSError) as caught:
            await bot.get_channel(channel.id).send("x")
    assert caught.value.errno == 104


@pytest.mark.parametrize(("kind", "made"), [("hang_before", 0), ("hang_after", 1)])
async def test_a_hanging_answer_hangs_until_the_client_gives_up(
    platform: Platform, run_bot: Any, kind: str, made: int
) -> None:
    channel = platform.add_guild().add_channel("general")
    async with run_bot() as bot:
        fault = platform.faults.once(kind=kind, method=POST[0], path=POST[1])
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(bot.get_channel(channel.id).send("x"), 0.1)
    assert fault.hit.is_set()
    assert len(channel.messages) == made


@pytest.mark.parametrize("kind", ["gateway_dropped", "gateway_reconnect", "gateway_refused"])
async def test_a_gateway_fault_lets_the_request_pass_and_the_client_return(
    platform: Platform, run_bot: Any, kind: str
) -> None:
    channel = platform.add_guild().add_channel("general")
    async with run_bot() as bot:
        platform.faults.once(kind=kind, method=POST[0], path=POST[1])
        await bot.get_channel(channel.id).send("x")
        await platform.gateway.wait_resumed()
    assert platform.gateway.refused == (1 if kind == "gateway_refused" else 0)
    assert len(channel.messages) == 1


async def test_a_login_refused_with_503_is_not_retried(platform: Platform, run_bot: Any) -> None:
    platform.faults.once(kind="503_before", method="GET", path="/users/@me")
    with pytest.raises(discord.DiscordServerError):
        async with run_bot():
            pass
    assert len(platform.requests) == 1


async def test_a_fault_strikes_as_often_as_asked_and_only_where_asked(platform: Platform, bare: Any) -> None:
    channel = platform.add_guild().add_channel("general")
    fault = platform.faults.once(kind="503_before", method="GET", path="/channels/{channel_id}", times=2)
    statuses = [(await bare.ask("GET", "/users/@me"))[0]]
    statuses += [(await bare.ask("GET", f"/channels/{channel.id}"))[0] for _ in range(3)]
    assert (statuses, fault.struck, platform.faults.pending) == ([200, 503, 503, 200], 2, [])


def test_the_same_seed_gives_the_same_faults() -> None:
    def drawn(seed: int) -> list[FaultKind | None]:
        plan = FaultPlan(seed, 0.3, ["500_after", "slow", "close_before"])
        faults = [plan.draw(*POST) for _ in range(400)]
        return [fault.kind if fault else None for fault in faults]

    counts = Counter(drawn(7))
    assert drawn(7) == drawn(7) != drawn(8)
    assert 80 < 400 - counts[None] < 160
    assert set(counts) == {None, FaultKind.E500_AFTER, FaultKind.SLOW, FaultKind.CLOSE_BEFORE}
    assert FaultPlan(7, 1.0).draw("GET", "/users/@me") is None


async def test_a_plan_of_faults_loses_and_doubles_nothing_for_a_client_with_stable_nonces(
    platform: Platform, run_bot: Any
) -> None:
    channel = platform.add_guild().add_channel("general")
    kinds = [kind for kind in FaultKind if not kind.gateway and not kind.value.startswith(("hang", "4"))]
    async with run_bot() as bot:
        platform.faults.plan = FaultPlan(11, 0.5, kinds, seconds=0.01)
        for number in range(60):
            for _ in range(20):
                try:
                    await bot.get_channel(channel.id).send(str(number), nonce=f"n{number}")
                except (discord.HTTPException, aiohttp.ClientError, OSError, ValueError):
                    continue
                break
    assert [item.content for item in channel.messages] == [str(number) for number in range(60)]
    assert sum(platform.faults.struck.values()) > 20


async def test_a_hook_runs_when_a_request_arrives_and_when_it_took_effect(platform: Platform, bare: Any) -> None:
    channel = platform.add_guild().add_channel("general")
    seen: list[tuple[str, int]] = []
    gate = asyncio.Event()

    async def held(_: Any) -> None:
        seen.append(("before", len(channel.messages)))
        await gate.wait()

    platform.on_request(held, method=POST[0], path=POST[1])
    after = platform.on_request(lambda _: seen.append(("after", len(channel.messages))), path=POST[1], moment="after")
    body = {"content": "x", "allowed_mentions": {"parse": []}}
    asking = asyncio.create_task(bare.ask("POST", f"/channels/{channel.id}/messages", body))
    arrived = await platform.wait_for_request(*POST)
    assert (arrived.status, arrived.body["content"]) == (None, "x")
    gate.set()
    assert (await asking)[0] == 200
    platform.remove_hook(after)
    await bare.ask("POST", f"/channels/{channel.id}/messages", body)
    assert seen == [("before", 0), ("after", 1), ("before", 1)]
    assert (await platform.wait_for_request(*POST, count=2, answered=True)).status == 200
