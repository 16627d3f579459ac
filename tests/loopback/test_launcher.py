"""The launcher sends discord.py to the loopback and nowhere else."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from discord.gateway import DiscordWebSocket
from discord.http import Route

from bot.loopback.launcher import SteppedClock, is_loopback, redirected

if TYPE_CHECKING:
    from pathlib import Path

    from bot.loopback import Platform

PROGRAM = """
import asyncio, json, os, socket, sys, traceback
import aiohttp, discord
from bot import clock

async def main():
    tried = {}
    for host in ("discord.com", "8.8.8.8", "example.org"):
        try:
            socket.getaddrinfo(host, 443)
            tried[host] = "looked up"
        except socket.gaierror as error:
            tried[host] = error.errno == socket.EAI_FAIL
    async with aiohttp.ClientSession() as session:
        for url in ("https://discord.com/api/v10", "http://192.0.2.1/", "http://[2001:db8::1]/"):
            try:
                await session.get(url)
                tried[url] = "reached"
            except aiohttp.ClientConnectorError as error:
                tried[url] = "launcher refuses" in "".join(traceback.format_exception(error))
    client = discord.Client(intents=discord.Intents(guilds=True))
    @client.event
    async def on_guild_available(guild):
        tried["guild"] = guild.name
        await client.close()
    await client.start(os.environ["VIGIE_DISCORD_TOKEN"])
    ahead = clock.system().now() - clock.SystemClock().now()
    tried |= {"arguments": sys.argv[1:], "name": __name__, "hours": round(ahead.total_seconds() / 3600)}
    print(json.dumps(tried))

asyncio.run(main())
"""

START = """
import sys, bot
bot.__path__.insert(0, sys.argv.pop(1))
from bot.loopback.launcher import main
main(sys.argv[1:])
"""


async def launch(program: Path, environment: dict[str, str], *arguments: str) -> tuple[int | None, str, str]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-W",
        "ignore",
        "-c",
        START,
        str(program),
        *arguments,
        env=os.environ | environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await asyncio.wait_for(process.communicate(), 30)
    return process.returncode, out.decode(), err.decode()


async def test_a_launched_process_runs_the_bot_and_reaches_only_the_loopback(
    platform: Platform, tmp_path: Path
) -> None:
    guild = platform.add_guild("Rédaction")
    (tmp_path / "__main__.py").write_text(PROGRAM, "utf-8")
    offset = {"VIGIE_LOOPBACK_CLOCK_OFFSET_S": "-7200"}
    code, out, err = await launch(tmp_path, platform.environment() | offset, "run", "--config", "c.toml")
    assert (code, err.count("Traceback")) == (0, 0), err
    assert json.loads(out) == {
        "discord.com": True,
        "8.8.8.8": True,
        "example.org": True,
        "https://discord.com/api/v10": True,
        "http://192.0.2.1/": True,
        "http://[2001:db8::1]/": True,
        "guild": guild.name,
        "arguments": ["run", "--config", "c.toml"],
        "name": "__main__",
        "hours": -2,
    }
    assert len(platform.gateway.identifies) == 1


@pytest.mark.parametrize(
    "changes", [{"VIGIE_LOOPBACK_API": ""}, {"VIGIE_LOOPBACK_GATEWAY": "wss://gateway.discord.gg"}]
)
async def test_a_launcher_without_a_loopback_does_not_start(platform: Platform, tmp_path: Path, changes: Any) -> None:
    (tmp_path / "__main__.py").write_text("print('started')", "utf-8")
    code, out, err = await launch(tmp_path, platform.environment() | changes)
    assert (code, out) == (1, "")
    assert "VIGIE_LOOPBACK" in err


async def test_redirecting_ends_with_its_block(platform: Platform) -> None:
    with redirected(platform):
        assert (Route.BASE, str(DiscordWebSocket.DEFAULT_GATEWAY)) == (platform.api, platform.gateway_url)
    assert Route.BASE == "https://discord.com/api/v10"
    assert DiscordWebSocket.DEFAULT_GATEWAY.host == "gateway.discord.gg"


@pytest.mark.parametrize(
    ("host", "inside"),
    [
        ("127.0.0.1", True),
        ("localhost", True),
        (b"::1", True),
        ("localhost.example.org", False),
        ("10.0.0.1", False),
        ("", False),
    ],
)
def test_only_this_machine_is_loopback(host: Any, inside: bool) -> None:  # noqa: FBT001  # a parameter of the test
    assert is_loopback(host) is inside


def test_a_stepped_clock_follows_its_file(tmp_path: Path) -> None:
    offset = tmp_path / "offset"
    offset.write_text("0", "ascii")
    stepped = SteppedClock(offset)
    before = stepped.now()
    offset.write_text("86400.5", "ascii")
    assert timedelta(days=1) <= stepped.now() - before < timedelta(days=1, minutes=1)


async def test_a_launched_process_takes_its_clock_from_the_file_that_the_environment_names(
    platform: Platform, tmp_path: Path
) -> None:
    program = "import json; from bot import clock; print(json.dumps(type(clock.system()).__name__))"
    (tmp_path / "__main__.py").write_text(program, "utf-8")
    offset = {"VIGIE_LOOPBACK_CLOCK_OFFSET_FILE": str(tmp_path / "offset")}
    code, out, err = await launch(tmp_path, platform.environment() | offset)
    assert (code, json.loads(out)) == (0, "SteppedClock"), err
