"""`vigie run` and `vigie check` against a loopback Discord."""

from __future__ import annotations

import asyncio
import logging
import re
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.access import Viewer
from bot.cli._run import DiscreetFormatter
from bot.clock import SystemClock
from bot.config import NewsroomSettings
from bot.digest import remove, schedule
from bot.loopback import Channel, Guild, Platform
from bot.loopback.publishers import PublisherFault
from bot.loopback.publishers.boamp import LoopbackBoamp
from bot.loopback.publishers.boamp_records import fns_notice
from bot.models import Every
from bot.setting_up import Changes, set_up
from bot.storage.database import Database
from tests.command_line import (
    BAD_DATA,
    DONE,
    PATIENCE_S,
    USED_WRONGLY,
    Ended,
    configured,
    environment,
    vigie,
    vigie_beside,
    vigie_from_cold,
    write,
)

LAUNCHER = "bot.loopback.launcher"


@dataclass
class Desk:
    """A server on the loopback Discord, a loopback BOAMP, and a config.toml that names it."""

    folder: Path
    platform: Platform
    boamp: LoopbackBoamp
    guild: Guild
    announcements: Channel
    operations: Channel
    bots: list[asyncio.subprocess.Process]

    @property
    def config(self) -> Path:
        return self.folder / "config.toml"

    @property
    def log(self) -> str:
        return (self.folder / "bot.log").read_text(encoding="utf-8")

    async def start(self, **variables: str) -> asyncio.subprocess.Process:
        """Start `vigie run` against the loopback."""
        with (self.folder / "bot.log").open("wb") as log:
            bot = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", LAUNCHER, "run", "--config", str(self.config)),
                env=environment(**{**self.platform.environment(), **variables}),
                stdout=log,
                stderr=log,
            )
        self.bots.append(bot)
        return bot

    async def set_up(self) -> None:
        """Choose the newsroom's channels, as `/setup` does."""
        database = await Database.open(self.folder / "vigie.sqlite3", SystemClock())
        try:
            changes = Changes(announcements_channel=self.announcements.id, operations_channel=self.operations.id)
            now = SystemClock().now()
            await set_up(database, self.guild.id, changes, NewsroomSettings(), floor_id=0, by=7, now=now)
        finally:
            await database.close()


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    async with Platform() as platform, LoopbackBoamp() as boamp:
        guild = platform.add_guild("Newsroom", locale="en")
        configured(tmp_path, boamp.url)
        channels = guild.add_channel("leads"), guild.add_channel("operations")
        made = Desk(tmp_path, platform, boamp, guild, *channels, bots=[])
        yield made
        for bot in made.bots:
            if bot.returncode is None:
                bot.kill()
            await bot.wait()
    platform.check()


async def checked(desk: Desk, **variables: str) -> Ended:
    return await vigie_beside(
        "check", "--config", desk.config, module=LAUNCHER, variables=desk.platform.environment() | variables
    )


def line_of(ended: Ended, what: str) -> str:
    return next(line for line in ended.stdout.splitlines() if what in line)


def test_run_without_a_token_says_where_it_comes_from(tmp_path: Path) -> None:
    ended = vigie("run", "--config", configured(tmp_path))
    assert ended.returncode == USED_WRONGLY
    assert "VIGIE_DISCORD_TOKEN" in ended.stderr
    assert not (tmp_path / "vigie.sqlite3").exists()


@pytest.mark.parametrize("has_configuration", [False, True])
def test_run_or_demo_shows_the_demo_until_there_is_a_configuration_and_a_token(
    tmp_path: Path,
    has_configuration: bool,  # noqa: FBT001  # a parameter of the test
) -> None:
    if has_configuration:
        configured(tmp_path)
    ended = vigie_from_cold("run", "--or-demo", installed=True, folder=tmp_path)
    assert ended.returncode == DONE, ended.stderr
    assert ended.stdout.splitlines()[-3:][0].startswith("1. discord.com/developers")
    assert "config.toml" in ended.stdout.splitlines()[-2]
    assert "make run" in ended.stdout.splitlines()[-1]


def test_a_configuration_that_was_named_and_is_not_there_is_no_reason_for_a_demo(tmp_path: Path) -> None:
    ended = vigie("run", "--or-demo", variables={"VIGIE_CONFIG": str(tmp_path / "mine.toml")})
    assert ended.returncode == USED_WRONGLY
    assert "mine.toml" in ended.stderr


async def test_a_running_bot_keeps_a_second_one_out_and_stops_when_told(desk: Desk) -> None:
    bot = await desk.start()
    await desk.platform.wait_ready()
    config = desk.config
    second = await vigie_beside("run", "--config", config, module=LAUNCHER, variables=desk.platform.environment())
    beside = await vigie_beside("status", "--config", config)
    check = await checked(desk)
    assert second.returncode == USED_WRONGLY
    assert f"pid {bot.pid} " in second.stderr
    assert beside.returncode == DONE
    assert f"pid {bot.pid} " in beside.stdout
    assert "known to Discord" in line_of(check, "Commands")
    assert check.returncode == DONE, check.stdout
    bot.terminate()
    assert await asyncio.wait_for(bot.wait(), PATIENCE_S) == DONE
    assert desk.platform.token not in desk.log


async def test_a_refused_token_ends_the_bot_with_a_sentence(desk: Desk) -> None:
    bot = await desk.start(VIGIE_DISCORD_TOKEN="made.up.token")
    assert await asyncio.wait_for(bot.wait(), PATIENCE_S) == USED_WRONGLY
    assert "Discord refuses the token" in desk.log
    assert "Traceback" not in desk.log
    assert "made.up.token" not in desk.log


def test_the_log_hides_tokens_even_in_tracebacks() -> None:
    formatter = DiscreetFormatter("the.bots.token")
    error = RuntimeError("POST /webhooks/123/aW50ZXJhY3Rpb24/messages with the.bots.token")
    raised = (RuntimeError, error, None)
    shown = formatter.format(
        logging.LogRecord("x", logging.ERROR, "", 0, "/interactions/9/aW50/callback", None, raised)
    )
    assert not re.search("aW50|the.bots.token", shown)
    assert "RuntimeError" in shown


async def test_check_says_ok_to_everything_that_is_ready(desk: Desk) -> None:
    await desk.set_up()
    ended = await checked(desk)
    assert ended.returncode == DONE, ended.stdout
    assert not re.search(r"^to do", ended.stdout, re.MULTILINE)
    for what in ("Configuration", "Database", "Discord token", "#leads", "#operations", "Source boamp"):
        assert line_of(ended, what).startswith("ok")


async def test_check_names_the_permissions_that_a_channel_lacks(desk: Desk) -> None:
    await desk.set_up()
    desk.announcements.deny_bot("embed_links", "read_message_history")
    ended = await checked(desk)
    line = line_of(ended, "#leads")
    assert ended.returncode == BAD_DATA
    assert line.startswith("to do")
    assert "Embed Links" in line
    assert "Read Message History" in line
    assert "Send Messages" not in line
    assert line_of(ended, "#operations").startswith("ok")


async def test_check_names_what_a_channel_with_threads_lacks_and_what_a_forum_does(desk: Desk) -> None:
    await desk.set_up()
    forum = desk.guild.add_channel("investigations", kind=15)
    for channel in (desk.announcements, forum):
        channel.deny_bot("create_public_threads", "send_messages_in_threads")
    database = await Database.open(desk.folder / "vigie.sqlite3", SystemClock())
    async with database.tx("test.threads") as connection:
        await connection.run("UPDATE newsroom SET threads = 1, log_channel = ?", forum.id)
    await database.close()
    ended = await checked(desk)
    assert "Create Public Threads" in line_of(ended, "#leads")
    assert "Send Messages in Threads" in line_of(ended, "#leads")
    assert "Create Public Threads" not in line_of(ended, "#investigations")
    assert "Send Messages in Threads" in line_of(ended, "#investigations")


async def test_check_names_the_permissions_that_the_channel_of_a_digest_lacks(desk: Desk) -> None:
    await desk.set_up()
    morning, former = desk.guild.add_channel("morning"), desk.guild.add_channel("former")
    morning.deny_bot("send_messages")
    database = await Database.open(desk.folder / "vigie.sqlite3", SystemClock())
    viewer, now = Viewer(guild_id=desk.guild.id, user_id=1, sees_all=True), datetime.now(UTC)
    await schedule(database, viewer, morning.id, Every.DAILY, time(8, 30), None, 0, now)
    old = await schedule(database, viewer, former.id, Every.DAILY, time(8, 30), None, 0, now)
    await remove(database, viewer, old.id, now)
    await database.close()
    ended = await checked(desk)
    line = line_of(ended, "#morning")
    assert ended.returncode == BAD_DATA
    assert line.startswith("to do")
    assert "Send Messages" in line
    assert "#former" not in ended.stdout


async def test_check_names_a_channel_that_is_gone(desk: Desk) -> None:
    await desk.set_up()
    desk.operations.delete()
    ended = await checked(desk)
    assert ended.returncode == BAD_DATA
    assert line_of(ended, f"#{desk.operations.id}").startswith("to do")


async def test_check_tells_that_the_bot_is_not_in_a_server_and_how_to_invite_it(desk: Desk) -> None:
    configured(desk.folder, desk.boamp.url, extra="[discord]\nguilds = [4242]")
    ended = await checked(desk)
    line = line_of(ended, "Server 4242")
    assert ended.returncode == BAD_DATA
    assert line.startswith("to do")
    assert f"client_id={desk.platform.application_id}" in line
    assert "applications.commands" in line


async def test_check_tells_of_a_token_that_discord_refuses(desk: Desk) -> None:
    ended = await checked(desk, VIGIE_DISCORD_TOKEN="made.up.token")
    assert ended.returncode == BAD_DATA
    assert line_of(ended, "Discord token").startswith("to do")
    assert "made.up.token" not in ended.stdout + ended.stderr


async def test_check_tells_of_a_source_that_cannot_be_read(desk: Desk) -> None:
    today = datetime.now(ZoneInfo("Europe/Paris")).date()
    desk.boamp.records.append(fns_notice(idweb="26-1", objet="Parcs", published=today))
    desk.boamp.fail_next(PublisherFault.RENAMED)
    desk.boamp.fail_next(PublisherFault.ERROR)
    for said in ("objet", "status 500"):
        ended = await checked(desk)
        line = line_of(ended, "Source boamp")
        assert ended.returncode == BAD_DATA
        assert line.startswith("to do")
        assert said in line
    assert len(desk.boamp.requests) == 2


def test_check_changes_nothing_and_lists_what_is_missing(tmp_path: Path) -> None:
    ended = vigie("check", "--config", configured(tmp_path))
    assert ended.returncode == BAD_DATA
    assert line_of(ended, "Database").startswith("ok")
    assert line_of(ended, "Discord token").startswith("to do")
    assert line_of(ended, "Source boamp").startswith("to do")
    assert [path.name for path in tmp_path.iterdir()] == ["config.toml"]


def test_check_lists_every_fault_of_a_configuration(tmp_path: Path) -> None:
    config = write(tmp_path, "config.toml", '[newsroom]\nlanguage = "de"\nstorm = 0\n')
    ended = vigie("check", "--config", config)
    assert ended.returncode == BAD_DATA
    assert [line[:5] for line in ended.stdout.splitlines()] == ["to do", "to do"]
    assert '"de" (expected: "fr" or "en")' in ended.stdout


def test_check_lists_the_faults_of_a_configuration_in_french(tmp_path: Path) -> None:
    config = write(tmp_path, "config.toml", "[newsroom]\nstorm = 0\n")
    ended = vigie("check", "--config", config, variables={"LC_ALL": "fr_FR.UTF-8"})
    assert ended.returncode == BAD_DATA
    assert "newsroom.storm\u00a0: 0 (attendu\u00a0: un nombre entier, de 1 à 1000)" in ended.stdout


async def test_check_finds_a_damaged_database(tmp_path: Path) -> None:
    async with LoopbackBoamp() as boamp, Platform() as platform:
        config = configured(tmp_path, boamp.url)
        vigie("migrate", "--config", config)
        database = tmp_path / "vigie.sqlite3"
        content = bytearray(database.read_bytes())
        content[8192:12288] = b"\xff" * 4096
        database.write_bytes(content)
        ended = await vigie_beside("check", "--config", config, module=LAUNCHER, variables=platform.environment())
    assert ended.returncode == BAD_DATA
    assert line_of(ended, "Database").startswith("to do")
    assert "Traceback" not in ended.stderr
