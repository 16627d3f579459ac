"""The gateway: its first frames, what it closes for, events kept and replayed, and how a real client comes back."""

from __future__ import annotations

import asyncio
import json
import zlib
from typing import Any

import aiohttp
import discord
import pytest
from discord.ext import commands

from bot.loopback import Platform


class Socket:
    """Speak the gateway's frames over a bare websocket."""

    def __init__(self, platform: Platform, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.platform = platform
        self.socket = socket

    async def send(self, operation: int, data: Any) -> None:
        await self.socket.send_str(json.dumps({"op": operation, "d": data}))

    async def receive(self) -> Any:
        return json.loads(await self.socket.receive_str(timeout=2))

    async def identify(self, **more: Any) -> None:
        await self.send(2, {"token": self.platform.token, "properties": {}, "intents": 1} | more)

    async def resume(self, session: str, sequence: int) -> None:
        await self.send(6, {"token": self.platform.token, "session_id": session, "seq": sequence})

    async def closed_with(self) -> int | None:
        message = await self.socket.receive(timeout=2)
        assert message.type is aiohttp.WSMsgType.CLOSE
        return self.socket.close_code


async def connect(platform: Platform, session: aiohttp.ClientSession, query: str = "") -> Socket:
    socket = Socket(platform, await session.ws_connect(f"{platform.gateway_url}?v=10&encoding=json{query}"))
    if not query:
        assert (await socket.receive())["op"] == 10
    return socket


async def test_hello_identify_ready_and_the_guilds(platform: Platform) -> None:
    guild = platform.add_guild()
    async with aiohttp.ClientSession() as session:
        socket = await connect(platform, session)
        await socket.identify()
        ready, created = await socket.receive(), await socket.receive()
        await socket.send(1, 2)
        beat = await socket.receive()
        await socket.socket.close()
    assert (ready["t"], ready["s"], ready["d"]["resume_gateway_url"]) == ("READY", 1, platform.gateway_url)
    assert ready["d"]["guilds"] == [{"id": str(guild.id), "unavailable": True}]
    assert (created["t"], created["d"]["members"][0]["user"]["bot"]) == ("GUILD_CREATE", True)
    assert beat["op"] == 11


async def test_frames_are_one_zlib_stream_when_asked(platform: Platform) -> None:
    async with aiohttp.ClientSession() as session:
        socket = await connect(platform, session, "&compress=zlib-stream")
        context = zlib.decompressobj()
        first = await socket.socket.receive_bytes(timeout=2)
        await socket.identify()
        second = await socket.socket.receive_bytes(timeout=2)
        await socket.socket.close()
    assert first.endswith(b"\x00\x00\xff\xff")
    assert [json.loads(context.decompress(data)).get("t") for data in (first, second)] == [None, "READY"]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"token": "other"}, 4004),
        ({"intents": 1 | 1 << 15}, 4014),
        ({"intents": 1 << 1}, 4014),
        ({"properties": {"os": "x" * 4100}}, 4002),
    ],
)
async def test_a_wrong_identify_closes_the_socket(platform: Platform, changes: Any, code: int) -> None:
    async with aiohttp.ClientSession() as session:
        socket = await connect(platform, session)
        await socket.identify(**changes)
        assert await socket.closed_with() == code


@pytest.mark.parametrize(("frame", "code"), [("nonsense", 4002), ('{"op": 3}', 4003), ('{"op": 99}', 4003)])
async def test_a_wrong_frame_closes_the_socket(platform: Platform, frame: str, code: int) -> None:
    async with aiohttp.ClientSession() as session:
        socket = await connect(platform, session)
        await socket.socket.send_str(frame)
        assert await socket.closed_with() == code


async def test_more_than_120_payloads_a_minute_close_the_socket(platform: Platform) -> None:
    platform.gateway.acknowledges = False
    async with aiohttp.ClientSession() as session:
        socket = await connect(platform, session)
        for _ in range(121):
            await socket.send(1, None)
        assert await socket.closed_with() == 4008


async def test_resume_replays_what_was_missed_in_order(platform: Platform) -> None:
    guild = platform.add_guild()
    async with aiohttp.ClientSession() as session:
        socket = await connect(platform, session)
        await socket.identify()
        ready = await socket.receive()
        await socket.receive()
        platform.gateway.drop()
        guild.add_channel("one")
        guild.add_channel("two")
        again = await connect(platform, session)
        await again.resume(ready["d"]["session_id"], 2)
        replayed = [await again.receive() for _ in range(3)]
        await again.socket.close()
    assert [(event["t"], event["s"]) for event in replayed] == [
        ("CHANNEL_CREATE", 3),
        ("CHANNEL_CREATE", 4),
        ("RESUMED", 5),
    ]
    assert [event["d"].get("name") for event in replayed[:2]] == ["one", "two"]


async def test_an_unknown_session_is_invalid(platform: Platform) -> None:
    async with aiohttp.ClientSession() as session:
        socket = await connect(platform, session)
        await socket.resume("unknown", 1)
        assert await socket.receive() == {"op": 9, "d": False}
        await socket.socket.close()


async def test_messages_reach_only_those_who_asked_and_their_text_only_with_the_right(platform: Platform) -> None:
    guild = platform.add_guild()
    channel, ana = guild.add_channel("general"), guild.add_member("Ana")
    async with aiohttp.ClientSession() as session:
        plain, curious = await connect(platform, session), await connect(platform, session)
        await plain.identify()
        await curious.identify(intents=1 | 1 << 9)
        for socket in (plain, curious):
            assert [(await socket.receive())["t"] for _ in range(2)] == ["READY", "GUILD_CREATE"]
        ana.post(channel, "secret")
        created = await curious.receive()
        assert (created["t"], created["d"]["content"]) == ("MESSAGE_CREATE", "")
        ana.delete(channel.last())
        deleted = await curious.receive()
        assert (deleted["t"], deleted["d"]["id"]) == ("MESSAGE_DELETE", created["d"]["id"])
        guild.add_channel("next")
        assert (await plain.receive())["t"] == "CHANNEL_CREATE"
        await plain.socket.close()
        await curious.socket.close()


def hello(bot: commands.Bot) -> None:
    @bot.tree.command(name="hello", description="d")
    async def say(interaction: discord.Interaction[Any]) -> None:
        await interaction.response.send_message("hello")


@pytest.mark.parametrize("how", ["drop", "ask_reconnect"])
async def test_a_client_resumes_and_answers_what_it_missed(platform: Platform, run_bot: Any, how: str) -> None:
    guild = platform.add_guild()
    channel, ana = guild.add_channel("general"), guild.add_member("Ana")
    async with run_bot(hello):
        getattr(platform.gateway, how)()
        if how == "drop":
            assert not platform.gateway.connected
        assert (await ana.slash("hello", channel)).content == "hello"
        await platform.gateway.wait_resumed()
    assert (platform.gateway.resumes, len(platform.gateway.identifies)) == (1, 1)


async def test_a_client_identifies_anew_when_its_session_is_invalid(
    platform: Platform, run_bot: Any, monkeypatch: Any
) -> None:
    async def at_once(*_: Any, **__: Any) -> None: ...

    monkeypatch.setattr(discord.Client, "before_identify_hook", at_once)
    async with run_bot(hello):
        platform.gateway.invalidate()
        await platform.gateway.wait_identified(2)
    assert platform.gateway.resumes == 0


async def test_a_refused_gateway_stops_the_first_connect(platform: Platform, run_bot: Any) -> None:
    platform.gateway.refuse()
    with pytest.raises(AttributeError, match="sequence"):
        async with run_bot(hello):
            pass
    assert platform.gateway.refused == 1


async def test_a_privileged_intent_is_refused_to_a_client_unless_granted(platform: Platform, run_bot: Any) -> None:
    intents = discord.Intents(guilds=True, message_content=True)
    with pytest.raises(discord.PrivilegedIntentsRequired):
        async with run_bot(hello, intents=intents):
            pass
    platform.privileged_intents = intents.value
    async with run_bot(hello, intents=intents):
        assert platform.gateway.connected


async def test_a_client_notices_a_channel_denied_and_deleted_and_a_guild_left_or_joined(
    platform: Platform, run_bot: Any
) -> None:
    guild, other = platform.add_guild(), platform.add_guild(installed=False)
    channel = guild.add_channel("general")
    events: asyncio.Queue[str] = asyncio.Queue()

    def setup(bot: commands.Bot) -> None:
        for name in ("guild_channel_update", "guild_channel_delete", "guild_join", "guild_remove"):

            async def noted(*_: Any, name: str = name) -> None:
                events.put_nowait(name)

            bot.add_listener(noted, f"on_{name}")

    async with run_bot(setup, guild_ready_timeout=0.0) as bot:
        await asyncio.wait_for(bot.wait_until_ready(), 2)
        found = bot.get_channel(channel.id)
        channel.deny_bot("send_messages")
        assert await asyncio.wait_for(events.get(), 2) == "guild_channel_update"
        assert not found.permissions_for(found.guild.me).send_messages
        channel.delete()
        assert await asyncio.wait_for(events.get(), 2) == "guild_channel_delete"
        platform.uninstall(guild)
        assert await asyncio.wait_for(events.get(), 2) == "guild_remove"
        platform.install(other)
        assert await asyncio.wait_for(events.get(), 2) == "guild_join"


async def test_an_outage_refuses_connections_and_ends_with_everything_as_it_was(platform: Platform, bare: Any) -> None:
    channel = platform.add_guild().add_channel("general")
    path = f"/channels/{channel.id}/messages"
    await bare.ask("POST", path, {"content": "one", "allowed_mentions": {"parse": []}})
    port = platform.port
    await platform.stop()
    with pytest.raises(aiohttp.ClientConnectorError):
        await bare.ask("GET", path)
    await platform.start()
    assert platform.port == port
    assert [item["content"] for item in (await bare.ask("GET", path))[1]] == ["one"]
